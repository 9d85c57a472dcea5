import { formatCountOf } from "../_format.ts";
import { type Cell, layLine, type Style, type Surface } from "../_style.ts";
import type { Call, Finding, Report, Script, Searched } from "./finding.ts";
import type { Severity } from "./rules.ts";

const SEVERITIES: readonly Severity[] = ["error", "warning", "note"];

const STYLES: Readonly<Record<Severity, Style>> = { error: "red", warning: "yellow", note: "cyan" };

/** What of a surface matters here: lines are not cut, as the end of one may be what matters. */
type Paper = Pick<Surface, "hasColor">;

/**
 * Show what a check found: a line for each finding, one below it with what shows it, and one about all.
 *
 * @param path The file, as the user named it.
 * @param report What was found.
 * @param surface Where it is shown.
 * @param schema The schema's word, if the file has several. None by default.
 * @returns Lines without their ends.
 */
export function formatReport(
  path: string,
  { findings, searched }: Report,
  { hasColor }: Paper,
  schema = "",
): string[] {
  const lay = (cells: readonly Cell[]) => layLine(cells, { hasColor });
  return [
    ...findings.flatMap((finding) => [
      lay([
        { text: formatPlace(path, finding), style: "bold" },
        { text: finding.severity, style: STYLES[finding.severity], width: 7 },
        { text: finding.rule, style: "dim" },
        { text: finding.message },
      ]),
      lay([{ text: " ", width: 3 }, { text: formatProof(finding), style: "dim" }]),
    ]),
    lay([{ text: `${schema && `${schema}: `}${formatCounts(findings)}; ${formatSearched(searched)}` }]),
  ];
}

/** Show what shows a finding: `shown by: add A; add B → (A:1 B:1), canceled`, and why nothing does or it is always so. */
export function formatProof({ script, evidence }: Finding): string {
  if (script === undefined) return `no script: ${evidence}`;
  return `shown by: ${formatScript(script)}${evidence === undefined ? "" : `; ${evidence}`}`;
}

/** Count findings by how bad they are: `1 error, 2 notes`. */
export function formatCounts(findings: readonly Finding[]): string {
  const counts = SEVERITIES.map((severity) =>
    [findings.filter((it) => it.severity === severity).length, severity] as const
  );
  return counts.filter(([count]) => count > 0).map(([count, it]) => formatCountOf(count, it)).join(", ") ||
    "No findings";
}

function formatPlace(path: string, { position }: Finding): string {
  return position === undefined ? path : `${path}:${position.line}:${position.column}`;
}

function formatScript({ calls, shown, result }: Script): string {
  const start = calls.length === 0 ? "a new machine" : calls.map(formatCall).join("; ");
  return `${start} → ${shown}${result === "canceled" ? ", canceled" : ""}`;
}

function formatCall({ type, states }: Call): string {
  return `${type} ${states.join(" ") || "nothing"}`;
}

function formatSearched({ sets, isComplete }: Searched): string {
  const count = `${formatCountOf(sets, "set")} visited`;
  if (isComplete) return `${count}, all there are`;
  return `bounded: ${count}, and which states never come or go is not decided`;
}
