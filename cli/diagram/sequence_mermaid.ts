/**
 * The sequence of a transition in the language of Mermaid.
 *
 * @module
 */
import { labelOf } from "./label.ts";
import { escapeMermaid, toMermaidTitle } from "./mermaid.ts";
import type { Sequence, SequenceLine } from "./sequence.ts";

/**
 * Write a sequence for Mermaid.
 *
 * @param sequence The sequence.
 * @returns A sequence diagram; equal sequences give equal texts.
 */
export function drawSequenceMermaid({ title, actors, lines }: Sequence): string {
  const all = actors.length === 1 ? "a0" : `a0,a${actors.length - 1}`;
  return [
    "sequenceDiagram",
    `  accTitle: ${toMermaidTitle(title)}`,
    ...actors.map((name, index) => `  participant a${index} as ${escapeMermaid(labelOf(name))}`),
    ...lines.map((line) => `  ${drawLine(line, all)}`),
    "",
  ].join("\n");
}

function drawLine(line: SequenceLine, all: string): string {
  if (line.kind === "phase") return `Note over ${all}: ${escapeMermaid(line.text)}`;
  if (line.kind === "note") {
    return `Note over a${line.at}: ${line.texts.map((text) => escapeMermaid(labelOf(text))).join("<br/>")}`;
  }
  const { from, to, text, isReply, isBad } = line;
  const arrow = isReply ? (isBad ? "--x" : "-->>") : "->>";
  return `a${from}${arrow}a${to}: ${escapeMermaid(labelOf(text))}`;
}
