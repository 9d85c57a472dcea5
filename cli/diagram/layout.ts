/**
 * Gives everything of a picture its place. Graphviz does it, which comes as WebAssembly: the same on every machine.
 *
 * @module
 */
import type { Viz } from "@viz-js/viz";
import { makeCard } from "./card.ts";
import type { Point, Rect, Size } from "./geometry.ts";
import { frameId, idOf, isBackward, isInBox, nodeFor, type Scene, type Sides, type Sizes, toGraph } from "./graph.ts";
import { type End, indexBoxes, type Picture } from "./picture.ts";

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
  const scene = makeScene(picture, sizes);
  const plan = (sides: Sides) => engine.renderJSON(toGraph(scene, sides), { engine: "dot", yInvert: true }) as Plan;
  const opposed = findOpposed(scene);
  const first = plan({ opposed, turned: opposed });
  const turned = findTurned(first);
  const isRight = picture.arrows.every(({ from, to }, index) =>
    opposed.has(index) === turned.has(index) || !(isInBox(from, scene) || isInBox(to, scene))
  );
  return readPlan(isRight ? first : plan({ opposed, turned }), scene);
}

function makeScene(picture: Picture, sizes: Sizes): Scene {
  const ends = picture.arrows.flatMap(({ from, to }) => [from, to]);
  const reached = new Set(ends.filter(({ kind }) => kind === "state").map(({ index }) => index));
  const cards = picture.boxes.map((box, index) =>
    makeCard(box, sizes.states, sizes.boxTitles[index]!, box.members.some((member) => reached.has(member)))
  );
  return { picture, sizes, cards, boxOf: indexBoxes(picture.boxes) };
}

/** Arrows that add or remove, against one between the same two that requires or goes after: that one says what is left. */
function findOpposed(scene: Scene): Set<number> {
  const { arrows } = scene.picture;
  const keyFor = (from: End, to: End) => `${idOf(nodeFor(from, scene))} ${idOf(nodeFor(to, scene))}`;
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
  const xOf = (index: number) => toPoint(objects[index]!.pos!).x;
  return new Set(edges.filter(({ tail, head }) => xOf(tail) > xOf(head)).map(({ id }) => Number(id)));
}

function readPlan({ bb, objects = [], edges = [] }: Plan, scene: Scene): Layout {
  const { picture, sizes, cards, boxOf } = scene;
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
    const points = isBackward(arrow) ? curves.get(index)!.toReversed() : curves.get(index)!;
    const [from, to] = [arrow.from, arrow.to].map((end) => isInBox(end, scene) ? states[end.index] : undefined);
    return reach(points, from, to);
  });
  const frames = picture.frames.map((_, index) => toRect(found.get(frameId(index))!.bb!));
  const { width, height } = toRect(bb);
  return { width, height, states, boxes, frames, arrows };
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
