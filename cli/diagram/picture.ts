/**
 * What a diagram of a schema shows: states, boxes around those that go together, and as few arrows as say it all.
 *
 * @module
 */
import type { Relation } from "../../mod.ts";
import { RELATIONS, type SchemaModel, type StateModel } from "../schema/model.ts";
import { findExclusions, takeCliques } from "./cliques.ts";

/** A state as it is drawn. */
export interface DrawnState {
  /** Its name. */
  readonly name: string;
  /** What is said beside the name: `auto`, `multi`, `#tag`. */
  readonly marks: readonly string[];
  /** Its tick; missing when a schema is drawn and no machine. */
  readonly tick?: number;
  /** Whether relations name it, and the schema does not have it. */
  readonly isMissing: boolean;
}

/** States drawn as a list with a frame around it. No state is in two boxes. */
export interface Box {
  /** `one of`: each removes the others, and no arrow says so. `alike`: all have the same relations, which it is for. */
  readonly kind: "one of" | "alike";
  /** What stands above the list. */
  readonly title: string;
  /** Indexes of states, 2 or more. */
  readonly members: readonly number[];
}

/** Where an arrow begins or ends: at a state, or at a box for all that are in it; by index. */
export interface End {
  readonly kind: "state" | "box";
  readonly index: number;
}

/** A relation of each that `from` stands for to each that `to` stands for. */
export interface Arrow {
  readonly relation: Relation;
  readonly from: End;
  readonly to: End;
  /** Whether the relation holds the other way round, too. */
  readonly isMutual: boolean;
}

/** A named group that is drawn as a frame around whole boxes and states outside of boxes. */
export interface Frame {
  readonly title: string;
  readonly members: readonly End[];
}

/** All that a diagram of a schema shows. */
export interface Picture {
  readonly title: string;
  readonly states: readonly DrawnState[];
  readonly boxes: readonly Box[];
  readonly frames: readonly Frame[];
  readonly arrows: readonly Arrow[];
  /** Groups that cut through others: their names and states, to be said in words. */
  readonly otherGroups: readonly (readonly [name: string, states: readonly string[]])[];
}

/** What a picture shows, besides the schema. */
export interface PictureOptions {
  /** What stands above it. The name of the schema by default. */
  readonly title?: string | undefined;
  /** Ticks by name, when it is a machine that is drawn. */
  readonly ticks?: ReadonlyMap<string, number> | undefined;
  /** The states that are shown, with those that they have a relation with. All by default. */
  readonly states?: ReadonlySet<string> | undefined;
  /** The relations that are shown. All by default. */
  readonly relations?: ReadonlySet<Relation> | undefined;
}

/** One relation between two states, by index. */
interface Link {
  readonly relation: Relation;
  readonly from: number;
  readonly to: number;
}

/**
 * Make the picture of a schema.
 *
 * @param model The schema.
 * @param options What is shown of it.
 * @returns The picture; equal schemas give equal pictures.
 */
export function makePicture(model: SchemaModel, options: PictureOptions = {}): Picture {
  const { states, links } = choose(model, options);
  const indexes = new Map(states.map(({ name }, index) => [name, index]));
  const groups = [...model.groups].map(([name, members]) =>
    [name, [...new Set(members)].flatMap((member) => indexes.get(member) ?? [])] as const
  ).filter(([, members]) => members.length > 1);
  const oneOf = findOneOf(links, groups, states.length);
  const exclusions = new Set(oneOf.flatMap(({ members }) => pairsOf(members)));
  const rest = links.filter(({ relation, from, to }) => relation !== "remove" || !exclusions.has(`${from} ${to}`));
  const boxes = [...oneOf, ...findAlike(rest, groups, new Set(oneOf.flatMap(({ members }) => members)), states)];
  return {
    title: options.title ?? model.name,
    states,
    boxes,
    ...findFrames(groups, boxes, states),
    arrows: makeArrows(rest, boxes),
  };
}

/** The states that are wanted, and the relations between them that are wanted. */
function choose(model: SchemaModel, options: PictureOptions): { states: DrawnState[]; links: Link[] } {
  const all = [...model.states];
  const known = new Set(model.states.keys());
  const links = all.flatMap(([name, state]) => linksOf(name, state, options.relations));
  const missing = new Set(links.map(({ to }) => to).filter((name) => !known.has(name)));
  const wanted = options.states === undefined ? undefined : withNeighbours(options.states, links);
  const names = [...known, ...missing].filter((name) => wanted?.has(name) ?? true);
  const indexes = new Map(names.map((name, index) => [name, index]));
  return {
    states: names.map((name) => draw(name, model.states.get(name), options.ticks?.get(name))),
    links: links.flatMap(({ relation, from, to }) => {
      const [fromIndex, toIndex] = [indexes.get(from), indexes.get(to)];
      return fromIndex === undefined || toIndex === undefined ? [] : [{ relation, from: fromIndex, to: toIndex }];
    }),
  };
}

interface NamedLink {
  readonly relation: Relation;
  readonly from: string;
  readonly to: string;
}

/** As a machine reads them: no state removes itself, and what it adds it does not remove. */
function linksOf(from: string, state: StateModel, relations: ReadonlySet<Relation> | undefined): NamedLink[] {
  const added = new Set(state.add);
  return RELATIONS.filter((relation) => relations?.has(relation) ?? true).flatMap((relation) =>
    [...new Set(state[relation])]
      .filter((to) => relation !== "remove" || (to !== from && !added.has(to)))
      .map((to) => ({ relation, from, to }))
  );
}

function withNeighbours(states: ReadonlySet<string>, links: readonly NamedLink[]): Set<string> {
  return new Set([
    ...states,
    ...links.flatMap(({ from, to }) => states.has(from) ? [to] : states.has(to) ? [from] : []),
  ]);
}

function draw(name: string, state: StateModel | undefined, tick: number | undefined): DrawnState {
  const marks = [
    ...(state?.auto ? ["auto"] : []),
    ...(state?.multi ? ["multi"] : []),
    ...(state?.tags ?? []).map((tag) => `#${tag}`),
  ];
  return { name, marks, isMissing: state === undefined, ...(tick !== undefined && { tick }) };
}

type Groups = readonly (readonly [name: string, members: readonly number[]])[];

/** Boxes of states that remove each other: those that a group names first, then the largest that are found. */
function findOneOf(links: readonly Link[], groups: Groups, count: number): Box[] {
  const removals = links.filter(({ relation }) => relation === "remove").map(({ from, to }) => [from, to] as const);
  const exclusions = findExclusions(removals, count);
  const named = groups.filter(([, members]) =>
    members.every((a) => members.every((b) => a === b || exclusions[a]!.has(b)))
  );
  const boxes: Box[] = [];
  const taken = new Set<number>();
  for (const [name, members] of named) {
    if (members.some((member) => taken.has(member))) continue;
    for (const member of members) taken.add(member);
    boxes.push({ kind: "one of", title: `one of ${name}`, members });
  }
  const cliques = takeCliques(exclusions, taken);
  return [...boxes, ...cliques.map((members) => ({ kind: "one of", title: "one of", members } as const))];
}

function pairsOf(members: readonly number[]): string[] {
  return members.flatMap((from) => members.map((to) => `${from} ${to}`));
}

/** How many states have to be alike before a box says it with less ink. */
const MIN_ALIKE = 3;

/** Boxes of states outside of others that have the same relations, or none, and belong to the same groups. */
function findAlike(
  links: readonly Link[],
  groups: Groups,
  taken: ReadonlySet<number>,
  states: readonly DrawnState[],
): Box[] {
  const signatures = states.map((): string[] => []);
  for (const { relation, from, to } of links) {
    signatures[from]!.push(`${relation} ${to}`);
    signatures[to]!.push(`${relation} by ${from}`);
  }
  const relationless = signatures.map((signature) => signature.length === 0);
  for (const [name, members] of groups) for (const member of members) signatures[member]!.push(`group ${name}`);
  const alike = Map.groupBy(
    states.keys().filter((index) => !taken.has(index) && !states[index]!.isMissing),
    (index) => signatures[index]!.sort().join("\n"),
  );
  return [...alike.values()].filter((members) => members.length >= MIN_ALIKE).map((members) => ({
    kind: "alike",
    title: relationless[members[0]!] ? "no relations" : "each of",
    members,
  }));
}

/** Groups whose boxes and states are all theirs, and in no frame yet. */
function findFrames(
  groups: Groups,
  boxes: readonly Box[],
  states: readonly DrawnState[],
): Pick<Picture, "frames" | "otherGroups"> {
  const boxOf = indexBoxes(boxes);
  const framed = new Set<string>();
  const frames: Frame[] = [];
  const otherGroups: [string, string[]][] = [];
  for (const [title, members] of groups) {
    if (boxes.some((box) => box.kind === "one of" && isSameSet(box.members, members))) continue;
    const ends = endsOf(members, boxOf);
    const isWhole = ends.every(({ kind, index }) => kind === "state" || isWithin(boxes[index]!.members, members));
    if (!isWhole || ends.some((end) => framed.has(keyOf(end)))) {
      otherGroups.push([title, members.map((member) => states[member]!.name)]);
      continue;
    }
    for (const end of ends) framed.add(keyOf(end));
    frames.push({ title, members: ends });
  }
  return { frames, otherGroups };
}

function endsOf(members: readonly number[], boxOf: ReadonlyMap<number, number>): End[] {
  const ends = new Map<string, End>();
  for (const member of members) {
    const box = boxOf.get(member);
    const end: End = box === undefined ? { kind: "state", index: member } : { kind: "box", index: box };
    ends.set(keyOf(end), end);
  }
  return [...ends.values()];
}

/** The box of each state that is in one. */
export function indexBoxes(boxes: readonly Box[]): Map<number, number> {
  return new Map(boxes.flatMap(({ members }, box) => members.map((member) => [member, box] as const)));
}

function isSameSet(some: readonly number[], others: readonly number[]): boolean {
  return some.length === others.length && isWithin(some, others);
}

function isWithin(some: readonly number[], others: readonly number[]): boolean {
  const set = new Set(others);
  return some.every((member) => set.has(member));
}

/** What stands in no frame: boxes, and states outside of boxes. */
export function looseEnds({ states, boxes, frames }: Picture): End[] {
  const boxOf = indexBoxes(boxes);
  const framed = new Set(frames.flatMap(({ members }) => members.map(keyOf)));
  return [
    ...boxes.keys().map((index): End => ({ kind: "box", index })),
    ...states.keys().filter((index) => !boxOf.has(index)).map((index): End => ({ kind: "state", index })),
  ].filter((end) => !framed.has(keyOf(end)));
}

/** A text for an end, different for each. */
export function keyOf({ kind, index }: End): string {
  return `${kind} ${index}`;
}

/** One arrow in the place of those that all states of a box have in common, and one in the place of there and back. */
function makeArrows(links: readonly Link[], boxes: readonly Box[]): Arrow[] {
  const boxOf = indexBoxes(boxes);
  const arrows: Arrow[] = links.map(({ relation, from, to }) => ({
    relation,
    from: { kind: "state", index: from },
    to: { kind: "state", index: to },
    isMutual: false,
  }));
  return joinMutual(fold(fold(arrows, boxes, boxOf, "from", "to"), boxes, boxOf, "to", "from"));
}

/** Where all states of a box stand at one side of the same arrow, the box takes their place. */
function fold(
  arrows: readonly Arrow[],
  boxes: readonly Box[],
  boxOf: ReadonlyMap<number, number>,
  side: "from" | "to",
  other: "from" | "to",
): Arrow[] {
  const bundles = Map.groupBy(arrows, (arrow) => {
    const end = arrow[side];
    const box = end.kind === "state" ? boxOf.get(end.index) : undefined;
    const isInside = box !== undefined && isIn(arrow[other], box, boxOf);
    return box === undefined || isInside ? arrow : `${arrow.relation} ${box} ${keyOf(arrow[other])}`;
  });
  return [...bundles.values()].flatMap((bundle) => {
    const end = bundle[0]![side];
    const box = end.kind === "state" ? boxOf.get(end.index) : undefined;
    if (box === undefined || bundle.length < boxes[box]!.members.length) return bundle;
    return [{ ...bundle[0]!, [side]: { kind: "box", index: box } }];
  });
}

function isIn({ kind, index }: End, box: number, boxOf: ReadonlyMap<number, number>): boolean {
  return kind === "box" ? index === box : boxOf.get(index) === box;
}

function joinMutual(arrows: readonly Arrow[]): Arrow[] {
  const joined = new Map<string, Arrow>();
  for (const arrow of arrows) {
    const [from, to] = [keyOf(arrow.from), keyOf(arrow.to)];
    const back = joined.get(`${arrow.relation} ${to} ${from}`);
    if (back === undefined || from === to) joined.set(`${arrow.relation} ${from} ${to}`, arrow);
    else joined.set(`${arrow.relation} ${to} ${from}`, { ...back, isMutual: true });
  }
  return [...joined.values()];
}
