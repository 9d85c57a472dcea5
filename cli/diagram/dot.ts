/**
 * The picture of a schema in the language of Graphviz.
 *
 * @module
 */
import type { Relation } from "../../mod.ts";
import { isActive, labelOf, marksOf, noteOf } from "./label.ts";
import { isBackward } from "./graph.ts";
import { LIGHT } from "./page.ts";
import { type Arrow, type Box, type DrawnState, type End, looseEnds, type Picture } from "./picture.ts";

/** What an arrow ends in, and its line. */
const STYLES: Readonly<Record<Relation, readonly [head: string, line: string]>> = {
  require: ["normal", "solid"],
  add: ["vee", "dashed"],
  remove: ["tee", "solid"],
  after: ["odiamond", "dotted"],
};

/**
 * Write the picture of a schema for Graphviz.
 *
 * @param picture The picture.
 * @returns A graph; equal pictures give equal texts.
 */
export function drawDot(picture: Picture): string {
  return [
    "digraph {",
    `  graph [label=${quote(titleOf(picture))}, labelloc=t, rankdir=LR, compound=true, fontname="${FONT}"]`,
    `  node [shape=box, style="rounded,filled", fillcolor="${LIGHT.state}", color="${LIGHT.edge}", fontname="${FONT}", fontsize=12, height=0.36]`,
    `  edge [fontname="${FONT}"]`,
    ...picture.frames.flatMap(({ title, members }, index) => [
      `  subgraph cluster_g${index} {`,
      `    graph [label=${quote(labelOf(title))}, labeljust=l, fontsize=10, style="rounded,dotted"]`,
      ...members.flatMap((end) => drawEnd(end, picture).map((line) => `  ${line}`)),
      "  }",
    ]),
    ...looseEnds(picture).flatMap((end) => drawEnd(end, picture)),
    ...picture.arrows.map((arrow) => drawArrow(arrow, picture.boxes)),
    "}",
    "",
  ].join("\n");
}

const FONT = "Verdana";

/** Groups that have no frame are named below the title. */
function titleOf({ title, otherGroups }: Picture): string {
  return [labelOf(title), ...otherGroups.map(noteOf)].join("\n");
}

function drawEnd({ kind, index }: End, picture: Picture): string[] {
  if (kind === "state") return [`  ${drawState(index, picture.states[index]!)}`];
  const { title, members, kind: boxKind } = picture.boxes[index]!;
  const color = boxKind === "one of" ? LIGHT.remove : LIGHT.frame;
  return [
    `  subgraph cluster_b${index} {`,
    `    graph [label=${
      quote(labelOf(title))
    }, labeljust=l, fontsize=10, style="rounded,filled", fillcolor="${LIGHT.box}", color="${color}", rank=same]`,
    ...members.map((member) => `    ${drawState(member, picture.states[member]!)}`),
    "  }",
  ];
}

function drawState(index: number, state: DrawnState): string {
  const label = [labelOf(state.name), ...marksOf(state)].join(" - ");
  const color = state.isMissing
    ? `, style="rounded,dashed", color="${LIGHT.remove}"`
    : isActive(state)
    ? `, fillcolor="${LIGHT.active}", color="${LIGHT.active}", fontcolor="${LIGHT["on-active"]}"`
    : "";
  return `s${index} [label=${quote(label)}${color}]`;
}

/** An arrow of a box begins or ends at its frame, in the direction of one of its states. */
function drawArrow(arrow: Arrow, boxes: readonly Box[]): string {
  const isBack = isBackward(arrow);
  const [tail, head] = isBack ? [arrow.to, arrow.from] : [arrow.from, arrow.to];
  const [shape, line] = STYLES[arrow.relation];
  const attributes = [
    `dir=${arrow.isMutual ? "both" : isBack ? "back" : "forward"}`,
    ...(arrow.isMutual || !isBack ? [`arrowhead=${shape}`] : []),
    ...(arrow.isMutual || isBack ? [`arrowtail=${shape}`] : []),
    `style=${line}`,
    `color="${LIGHT[arrow.relation]}"`,
    ...(tail.kind === "box" ? [`ltail=cluster_b${tail.index}`] : []),
    ...(head.kind === "box" ? [`lhead=cluster_b${head.index}`] : []),
    `tooltip="${arrow.relation}"`,
  ];
  return `  ${nodeOf(tail, boxes)} -> ${nodeOf(head, boxes)} [${attributes.join(", ")}]`;
}

function nodeOf({ kind, index }: End, boxes: readonly Box[]): string {
  if (kind === "state") return `s${index}`;
  const { members } = boxes[index]!;
  return `s${members[Math.floor(members.length / 2)]}`;
}

/** Write any text as a label, in which Graphviz reads backslashes and entities. */
function quote(text: string): string {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  return `"${escaped.replaceAll("\n", "\\n")}"`;
}
