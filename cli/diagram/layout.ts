/**
 * Gives everything of a picture its place. Graphviz does it, which comes as WebAssembly and gives the same on every machine.
 *
 * @module
 */
import type { Edge, Graph, Node, Viz } from "@viz-js/viz";
import { type Arrow, type Box, type End, indexBoxes, keyOf, type Picture } from "./picture.ts";

/** A place, in pixels: x to the right, y down. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A size, in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A rectangle by its upper left corner, in pixels. */
export interface Rect extends Point, Size {}

/** Where everything is. */
export interface Layout extends Size {
  /** Of each state. */
  readonly states: readonly Rect[];
  /** Of each box. */
  readonly boxes: readonly Rect[];
  /** Of each frame. */
  readonly frames: readonly Rect[];
  /** Of each arrow, from its begin to its end: a point, and three more for each Bézier curve. */
  readonly arrows: readonly (readonly Point[])[];
}

/** How large the parts are. */
export interface Sizes {
  /** Of each state. */
  readonly states: readonly Size[];
  /** Widths of the titles of boxes. */
  readonly boxTitles: readonly number[];
  /** Widths of the titles of frames. */
  readonly frameTitles: readonly number[];
}

/** Space between the frame of a box and its states; an arrow to one of them ends in it. */
const PADDING = 14;
/** Height of a title. */
const TITLE = 22;
/** Space between states of a box. */
const GAP = 6;
/** States of a box that stand below each other, if arrows need not reach them one by one. */
const MAX_ROWS = 8;

/** A box with the places of its states in it. */
interface Card extends Size {
  readonly box: Box;
  readonly places: readonly Rect[];
  /** Whether arrows lead to single states. */
  readonly isOpen: boolean;
}

let viz: Promise<Viz> | undefined;

/** Load what lays out; once in a process. */
export function loadLayout(): Promise<Viz> {
  // Only this command needs it, and it is large.
  return viz ??= import("@viz-js/viz").then(({ instance }) => instance());
}

/**
 * Lay out a picture.
 *
 * @param picture The picture.
 * @param sizes How large its parts are.
 * @returns Where everything is.
 */
export async function layOut(picture: Picture, sizes: Sizes): Promise<Layout> {
  const engine = await loadLayout();
  const open = new Set(
    picture.arrows.flatMap(({ from, to }) => [from, to]).filter(({ kind }) => kind === "state").map(({ index }) =>
      index
    ),
  );
  const cards = picture.boxes.map((box, index) =>
    makeCard(box, sizes.states, sizes.boxTitles[index]!, box.members.some((member) => open.has(member)))
  );
  const boxOf = indexBoxes(picture.boxes);
  const lay = (sides: Sides): Plan =>
    engine.renderJSON(toGraph(picture, sizes, cards, boxOf, sides), { engine: "dot", yInvert: true }) as Plan;
  const opposed = findOpposed(picture.arrows, boxOf);
  const plan = lay({ opposed, turned: opposed });
  const turned = findTurned(plan);
  const isRight = picture.arrows.every(({ from, to }, index) =>
    opposed.has(index) === turned.has(index) || ![from, to].some((end) => isInBox(end, boxOf))
  );
  return readPlan(isRight ? plan : lay({ opposed, turned }), picture, sizes, cards, boxOf);
}

/** Arrows by index for which the order of ranks is not the usual one. */
interface Sides {
  /** Those that have no say in the ranks. */
  readonly opposed: ReadonlySet<number>;
  /** Those that go from the right to the left. */
  readonly turned: ReadonlySet<number>;
}

function isInBox({ kind, index }: End, boxOf: ReadonlyMap<number, number>): boolean {
  return kind === "state" && boxOf.has(index);
}

/** Arrows that add or remove, against one between the same two that requires or goes after: that one says what is left. */
function findOpposed(arrows: readonly Arrow[], boxOf: ReadonlyMap<number, number>): Set<number> {
  const keyFor = (from: End, to: End) => `${idOf(nodeFor(from, boxOf))} ${idOf(nodeFor(to, boxOf))}`;
  const backward = new Set(arrows.filter(isBackward).map(({ from, to }) => keyFor(to, from)));
  return new Set(
    arrows.keys().filter((index) => {
      const { from, to } = arrows[index]!;
      return !isBackward(arrows[index]!) && backward.has(keyFor(to, from)) && !backward.has(keyFor(from, to));
    }),
  );
}

/** Arrows that go from the right to the left, which begin at the left of a box and end at the right of one. */
function findTurned({ objects = [], edges = [] }: Plan): Set<number> {
  const turned = new Set<number>();
  for (const { id, tail, head } of edges) {
    if (toPoint(objects[tail]!.pos!).x > toPoint(objects[head]!.pos!).x) turned.add(Number(id));
  }
  return turned;
}

/** One column if arrows have to reach the states, else as many as it takes. */
function makeCard(box: Box, sizes: readonly Size[], titleWidth: number, isOpen: boolean): Card {
  const { members } = box;
  const rows = isOpen
    ? members.length
    : Math.min(members.length, Math.max(MAX_ROWS, Math.ceil(Math.sqrt(members.length * 2))));
  const places: Rect[] = [];
  let x = PADDING, height = 0;
  for (let first = 0; first < members.length; first += rows) {
    const column = members.slice(first, first + rows).map((member) => sizes[member]!);
    const width = Math.max(...column.map((size) => size.width));
    let y = TITLE;
    for (const size of column) {
      places.push({ x, y, width, height: size.height });
      y += size.height + GAP;
    }
    x += width + GAP;
    height = Math.max(height, y - GAP + PADDING);
  }
  const width = Math.max(x - GAP, titleWidth + PADDING) + PADDING;
  const free = width - PADDING - (x - GAP);
  // A title that is wider than the states widens those of the only column.
  const widened = places.length <= rows ? places.map((place) => ({ ...place, width: place.width + free })) : places;
  return { box, places: widened, width, height, isOpen };
}

/** Nodes go by the keys of ends without the space, `state0`, so that no name gets near Graphviz. */
function toGraph(
  picture: Picture,
  sizes: Sizes,
  cards: readonly Card[],
  boxOf: ReadonlyMap<number, number>,
  sides: Sides,
): Graph {
  const nodes: Node[] = [
    ...cards.map((card, index): Node => ({
      name: idOf({ kind: "box", index }),
      attributes: card.isOpen ? { shape: "plain", fixedsize: false, label: { html: toTable(card) } } : toShape(card),
    })),
    ...sizes.states.flatMap((size, index): Node[] =>
      boxOf.has(index) ? [] : [{ name: idOf({ kind: "state", index }), attributes: toShape(size) }]
    ),
  ];
  return {
    directed: true,
    graphAttributes: { rankdir: "LR", nodesep: 0.22, ranksep: 0.75, compound: true, pad: 0, margin: 0 },
    nodeAttributes: { shape: "box", fixedsize: true, label: "" },
    edgeAttributes: { dir: "none" },
    nodes,
    edges: picture.arrows.map((arrow, index) => toEdge(arrow, index, boxOf, sides)),
    subgraphs: picture.frames.map(({ members }, index) => ({
      name: `cluster${index}`,
      graphAttributes: { margin: PADDING, label: { html: toSpace(sizes.frameTitles[index]!, TITLE - GAP) } },
      nodes: members.map((end) => ({ name: idOf(end) })),
    })),
  };
}

function idOf(end: End): string {
  return keyOf(end).replace(" ", "");
}

function toShape({ width, height }: Size): Node["attributes"] & object {
  return { width: width / POINTS_PER_INCH, height: height / POINTS_PER_INCH };
}

/** Sizes of nodes are in inches, all else in points, which stand for pixels here. */
const POINTS_PER_INCH = 72;

/** Rows of nothing around those of the states, each of which has a port for each kind of arrow. */
function toTable({ box, places, width, height }: Card): string {
  const rows = box.members.flatMap((member) =>
    PORTS.map((name, i) => toRow(width, PORT_HEIGHTS[i]!, `${name}${member}`))
  );
  const last = places.at(-1)!;
  const rest = height - last.y - last.height - GAP / 2;
  return `${TABLE}${toRow(width, TITLE - GAP / 2)}${rows.join("")}${toRow(width, rest)}</TABLE>`;
}

const TABLE = `<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">`;

/** Arrows of different kinds end at different heights of a state; half the gap is above and below the ports. */
const PORTS = ["over", "add", "between", "require", "below", "remove", "under"] as const;
const PORT_HEIGHTS = [6, 6, 1, 6, 1, 6, 6] as const;

function toRow(width: number, height: number, port?: string): string {
  const attribute = port === undefined ? "" : ` PORT="${port}"`;
  return `<TR><TD FIXEDSIZE="TRUE" WIDTH="${width}" HEIGHT="${height}"${attribute}></TD></TR>`;
}

function toSpace(width: number, height: number): string {
  return `${TABLE}${toRow(width, height)}</TABLE>`;
}

/** What comes first in time stands to the left: the state that is required, and the one whose handlers run before. */
export function isBackward({ relation }: Arrow): boolean {
  return relation === "require" || relation === "after";
}

function toEdge(arrow: Arrow, index: number, boxOf: ReadonlyMap<number, number>, sides: Sides): Edge {
  const [tail, head] = isBackward(arrow) ? [arrow.to, arrow.from] : [arrow.from, arrow.to];
  const box = boxFor(tail, boxOf);
  const isInside = box !== undefined && box === boxFor(head, boxOf);
  const isTurned = sides.turned.has(index);
  return {
    tail: idOf(nodeFor(tail, boxOf)),
    head: idOf(nodeFor(head, boxOf)),
    attributes: {
      id: `${index}`,
      ...(sides.opposed.has(index) && { constraint: false }),
      ...portFor(tail, "tailport", arrow, isTurned ? "w" : "e", boxOf),
      ...portFor(head, "headport", arrow, isTurned || isInside ? "e" : "w", boxOf),
    },
  };
}

function boxFor({ kind, index }: End, boxOf: ReadonlyMap<number, number>): number | undefined {
  return kind === "box" ? index : boxOf.get(index);
}

function nodeFor(end: End, boxOf: ReadonlyMap<number, number>): End {
  const box = boxFor(end, boxOf);
  return box === undefined ? end : { kind: "box", index: box };
}

function portFor(
  end: End,
  key: string,
  { relation }: Arrow,
  side: string,
  boxOf: ReadonlyMap<number, number>,
): Record<string, string> {
  const port = relation === "after" ? "remove" : relation;
  return isInBox(end, boxOf) ? { [key]: `${port}${end.index}:${side}` } : {};
}

/** What Graphviz answers, of which only this is read. */
interface Plan {
  readonly bb: string;
  readonly objects?: readonly { readonly name: string; readonly pos?: string; readonly bb?: string }[];
  readonly edges?: readonly PlannedEdge[];
}

interface PlannedEdge {
  readonly id: string;
  readonly pos: string;
  /** Its nodes, by their place among the objects. */
  readonly tail: number;
  readonly head: number;
}

function readPlan(
  { bb, objects = [], edges = [] }: Plan,
  picture: Picture,
  sizes: Sizes,
  cards: readonly Card[],
  boxOf: ReadonlyMap<number, number>,
): Layout {
  const found = new Map(objects.map((object) => [object.name, object]));
  const placeAt = (end: End, { width, height }: Size): Rect => {
    const { x, y } = toPoint(found.get(idOf(end))!.pos!);
    return { x: x - width / 2, y: y - height / 2, width, height };
  };
  const boxes = cards.map((card, index) => placeAt({ kind: "box", index }, card));
  const states = sizes.states.map((size, index) => {
    const box = boxOf.get(index);
    if (box === undefined) return placeAt({ kind: "state", index }, size);
    const place = cards[box]!.places[cards[box]!.box.members.indexOf(index)]!;
    return { ...place, x: boxes[box]!.x + place.x, y: boxes[box]!.y + place.y };
  });
  const curves = new Map(edges.map(({ id, pos }) => [Number(id), pos.split(" ").map(toPoint)]));
  const arrows = picture.arrows.map((arrow, index) => {
    const points = curves.get(index)!;
    const [from, to] = [arrow.from, arrow.to].map((end) => isInBox(end, boxOf) ? states[end.index] : undefined);
    return reach(isBackward(arrow) ? points.toReversed() : points, from, to);
  });
  const { width, height } = toRect(bb);
  return {
    width,
    height,
    states,
    boxes,
    frames: picture.frames.map((_, i) => toRect(found.get(`cluster${i}`)!.bb!)),
    arrows,
  };
}

/** Two corners, of which either may be the upper one. */
function toRect(text: string): Rect {
  const [left = 0, y = 0, right = 0, otherY = 0] = text.split(",").map(Number);
  return { x: left, y: Math.min(y, otherY), width: right - left, height: Math.abs(otherY - y) };
}

function toPoint(text: string): Point {
  const [x = 0, y = 0] = text.split(",").map(Number);
  return { x, y };
}

/** An arrow to a state in a box comes to the box's side: it goes on to the state, straight. */
function reach(points: readonly Point[], from: Rect | undefined, to: Rect | undefined): Point[] {
  const start = from === undefined ? [] : toSide(points[0]!, from);
  const end = to === undefined ? [] : toSide(points.at(-1)!, to);
  return [...start.toReversed(), ...points, ...end];
}

/** The straight line from a point beside a rectangle to it, as a curve without its first point. */
function toSide({ x, y }: Point, rect: Rect): Point[] {
  const side = x < rect.x ? rect.x : rect.x + rect.width;
  return [{ x: (2 * x + side) / 3, y }, { x: (x + 2 * side) / 3, y }, { x: side, y }];
}
