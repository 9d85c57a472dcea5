/**
 * The picture of a schema in the language of Mermaid.
 *
 * @module
 */
import type { Relation } from "../../mod.ts";
import { isActive, labelOf, marksOf, noteOf, RELATION_TEXTS } from "./label.ts";
import { LIGHT } from "./page.ts";
import { RELATIONS } from "../schema/model.ts";
import { type Arrow, type End, looseEnds, type Picture } from "./picture.ts";

/** Lines with what they end in; when a relation goes both ways, the other end has the same. */
const LINES: Readonly<Record<Relation, readonly [there: string, mutual: string]>> = {
  require: ["-->", "<-->"],
  add: ["-.->", "<-.->"],
  remove: ["--x", "x--x"],
  after: ["-.-o", "o-.-o"],
};

/**
 * Write the picture of a schema for Mermaid.
 *
 * @param picture The picture.
 * @returns A flowchart; equal pictures give equal texts.
 */
export function drawMermaid(picture: Picture): string {
  return [
    "flowchart LR",
    `  accTitle: ${toMermaidTitle(picture.title)}`,
    ...drawNotes(picture),
    ...picture.frames.flatMap(({ title, members }, index) => [
      `  subgraph g${index}[${quoteMermaid(labelOf(title))}]`,
      ...members.flatMap((end) => drawEnd(end, picture).map((line) => `  ${line}`)),
      "  end",
    ]),
    ...looseEnds(picture).flatMap((end) => drawEnd(end, picture)),
    ...picture.arrows.map(drawArrow),
    ...drawStyles(picture),
    "",
  ].join("\n");
}

/** Groups that have no frame go into the description, as Mermaid draws no text outside of boxes. */
function drawNotes({ otherGroups }: Picture): string[] {
  if (otherGroups.length === 0) return [];
  const notes = otherGroups.map((group) => noteOf(group).replace(/[^\p{L}\p{N},:]+/gu, " ").trim());
  return [`  accDescr: ${notes.join("; ")}`];
}

/** A name for what is drawn, made of nothing that came from elsewhere. */
function idOf({ kind, index }: End): string {
  return `${kind === "state" ? "s" : "b"}${index}`;
}

function drawEnd({ kind, index }: End, picture: Picture): string[] {
  if (kind === "state") {
    const state = picture.states[index]!;
    return [`  s${index}[${quoteMermaid([labelOf(state.name), ...marksOf(state)].join(" · "))}]`];
  }
  const { title, members } = picture.boxes[index]!;
  return [
    `  subgraph b${index}[${quoteMermaid(labelOf(title))}]`,
    ...members.flatMap((member) => drawEnd({ kind: "state", index: member }, picture).map((line) => `  ${line}`)),
    "  end",
  ];
}

function drawArrow({ relation, from, to, isMutual }: Arrow): string {
  return `  ${idOf(from)} ${LINES[relation][isMutual ? 1 : 0]}|${RELATION_TEXTS[relation]}| ${idOf(to)}`;
}

/** The colours that can be read on white and on black. */
function drawStyles({ states, arrows }: Picture): string[] {
  const pick = (is: (index: number) => boolean) => [...states.keys().filter(is).map((index) => `s${index}`)].join(",");
  const active = pick((index) => isActive(states[index]!));
  const missing = pick((index) => states[index]!.isMissing);
  return [
    ...RELATIONS.flatMap((relation) => {
      const indexes = [...arrows.keys().filter((index) => arrows[index]!.relation === relation)];
      return indexes.length === 0 ? [] : [`  linkStyle ${indexes.join(",")} stroke:${LIGHT[relation]}`];
    }),
    ...(active === "" ? [] : [
      `  classDef active fill:${LIGHT.active},stroke:${LIGHT.active},color:${LIGHT["on-active"]}`,
      `  class ${active} active`,
    ]),
    ...(missing === "" ? [] : [
      `  classDef missing stroke:${LIGHT.remove},stroke-dasharray:4 3`,
      `  class ${missing} missing`,
    ]),
  ];
}

/** Write any text as a label. All but letters, digits and a few marks goes by number, so that nothing is read as syntax. */
function quoteMermaid(text: string): string {
  return `"${escapeMermaid(text)}"`;
}

/** Write any text where Mermaid takes one without quotes. */
export function escapeMermaid(text: string): string {
  return text.replace(/[^\p{L}\p{N} _.,()+→·-]/gu, (character) => `#${character.codePointAt(0)};`);
}

/** Write any text as a title, which takes no numbers for letters: all but letters and digits is left out. */
export function toMermaidTitle(text: string): string {
  return text.replace(/[^\p{L}\p{N}]+/gu, " ").trim() || "no name";
}
