/**
 * The words by which code names schemas and groups: each kind of file writes them in its own way.
 *
 * @module
 */

/** Make of the name of a file the word for code: `file-workflow` gives `FileWorkflow`. */
export function toWord(stem: string): string {
  const words = stem.split(/[^\p{L}\p{Nd}]+/u).filter((word) => word !== "");
  const word = words.map((it) => it[0]!.toUpperCase() + it.slice(1)).join("");
  return /^\p{L}/u.test(word) ? word : `Schema${word}`;
}

/**
 * Make of the name of a constant the word that it is about: `fileSchema` and `FILE_SCHEMA` give `File`.
 *
 * @param name The name.
 * @param kind How such names end or begin, such as `schema`.
 * @returns The word; empty if the name is nothing but its kind.
 */
export function wordOf(name: string, kind: string): string {
  const stem = name.replace(new RegExp(`_?${kind}$|^${kind}_?(?=.)`, "i"), "");
  if (stem.replaceAll("_", "") === "") return "";
  return toWord(/\p{Ll}/u.test(stem) ? stem : stem.toLowerCase());
}
