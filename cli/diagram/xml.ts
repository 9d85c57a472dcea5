import { cleanText } from "../_clean.ts";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Write any text into XML, as what stands between tags or as an attribute. What XML forbids becomes a picture of it. */
export function escapeXml(text: string): string {
  return cleanText(text).replace(/[\uFFFE\uFFFF]/g, "\uFFFD").replace(/[&<>"']/g, (it) => ENTITIES[it]!);
}
