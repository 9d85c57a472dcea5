/**
 * A picture as a graph for Graphviz. Nodes go by numbers, so that no name gets near it.
 *
 * @module
 */
import type { Edge, Graph, Node } from "@viz-js/viz";
import { type Card, GAP, PADDING, portOf, TITLE, toSpace, toTable } from "./card.ts";
import type { Size } from "./geometry.ts";
import { type Arrow, type End, keyOf, type Picture } from "./picture.ts";

/** How large the parts of a picture are. */
export interface Sizes {
  /** Of each state. */
  readonly states: readonly Size[];
  /** Widths of the titles of boxes. */
  readonly boxTitles: readonly number[];
  /** Widths of the titles of frames. */
  readonly frameTitles: readonly number[];
}

/** A picture on its way to a layout. */
export interface Scene {
  readonly picture: Picture;
  readonly sizes: Sizes;
  /** The boxes. */
  readonly cards: readonly Card[];
  /** The box of each state that is in one. */
  readonly boxOf: ReadonlyMap<number, number>;
}

/** Arrows by index for which the order from left to right is not the usual one. */
export interface Sides {
  /** Those that have no say in the order. */
  readonly opposed: ReadonlySet<number>;
  /** Those that go from the right to the left. */
  readonly turned: ReadonlySet<number>;
}

/** Sizes of nodes are in inches, all else in points, which stand for pixels here. */
const POINTS_PER_INCH = 72;

/** Arrows a node from which on a picture is crowded, and to look for the best layout takes seconds to minutes. */
const CROWDED = 2;

/** Arrows of a crowded picture from which on they are straight. */
const MANY_ARROWS = 400;

/** Write a picture as a graph. */
export function toGraph(scene: Scene, sides: Sides): Graph {
  const { picture, sizes, cards, boxOf } = scene;
  const nodes: Node[] = [
    ...cards.map((card, index) => ({ name: idOf({ kind: "box", index }), attributes: shapeCard(card) })),
    ...sizes.states.flatMap((size, index) =>
      boxOf.has(index) ? [] : [{ name: idOf({ kind: "state", index }), attributes: shape(size) }]
    ),
  ];
  return {
    directed: true,
    graphAttributes: {
      rankdir: "LR",
      nodesep: 0.22,
      ranksep: 0.75,
      pad: 0,
      margin: 0,
      ...limitEffort(picture.arrows.length, nodes.length),
    },
    nodeAttributes: { shape: "box", fixedsize: true, label: "" },
    edgeAttributes: { dir: "none" },
    nodes,
    edges: picture.arrows.map((arrow, index) => toEdge(arrow, index, scene, sides)),
    subgraphs: picture.frames.map(({ members }, index) => ({
      name: frameId(index),
      graphAttributes: {
        margin: PADDING,
        label: { html: toSpace({ width: sizes.frameTitles[index]!, height: TITLE - GAP }) },
      },
      nodes: members.map((end) => ({ name: idOf(end) })),
    })),
  };
}

/** Name the node of an end that is no state in a box. */
export function idOf(end: End): string {
  return keyOf(end).replace(" ", "");
}

/** Name a frame; Graphviz wants that beginning. */
export function frameId(index: number): string {
  return `cluster${index}`;
}

/** What comes first in time stands to the left: the state that is required, and the one whose handlers run before. */
export function isBackward({ relation }: Arrow): boolean {
  return relation === "require" || relation === "after";
}

/** The node that stands for an end: its box, if it is a state in one. */
export function nodeFor(end: End, { boxOf }: Pick<Scene, "boxOf">): End {
  const box = end.kind === "state" ? boxOf.get(end.index) : undefined;
  return box === undefined ? end : { kind: "box", index: box };
}

/** Whether an end is a single state in a box. */
export function isInBox({ kind, index }: End, { boxOf }: Pick<Scene, "boxOf">): boolean {
  return kind === "state" && boxOf.has(index);
}

function shapeCard(card: Card): Node["attributes"] & object {
  return card.isOpen ? { shape: "plain", fixedsize: false, label: { html: toTable(card) } } : shape(card);
}

function shape({ width, height }: Size): Node["attributes"] & object {
  return { width: width / POINTS_PER_INCH, height: height / POINTS_PER_INCH };
}

/** A drawing of this kind is not beautiful anyway. */
function limitEffort(arrows: number, nodes: number): Graph["graphAttributes"] & object {
  if (arrows <= nodes * CROWDED) return {};
  const isStraight = arrows > MANY_ARROWS;
  return { nslimit: 0.1, nslimit1: 0.1, mclimit: isStraight ? 0.05 : 0.2, ...(isStraight && { splines: "line" }) };
}

function toEdge(arrow: Arrow, index: number, scene: Scene, { opposed, turned }: Sides): Edge {
  const [tail, head] = isBackward(arrow) ? [arrow.to, arrow.from] : [arrow.from, arrow.to];
  const [tailId, headId] = [idOf(nodeFor(tail, scene)), idOf(nodeFor(head, scene))];
  const isTurned = turned.has(index);
  const portAt = (end: End, key: string, side: string) =>
    isInBox(end, scene) ? { [key]: `${portOf(end.index, arrow.relation)}:${side}` } : {};
  return {
    tail: tailId,
    head: headId,
    attributes: {
      id: `${index}`,
      ...(opposed.has(index) && { constraint: false }),
      ...portAt(tail, "tailport", isTurned ? "w" : "e"),
      ...portAt(head, "headport", isTurned || tailId === headId ? "e" : "w"),
    },
  };
}
