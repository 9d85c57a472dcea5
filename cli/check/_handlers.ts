import type { Draft } from "./_draft.ts";
import { BitMachine, type BitMove, MAX_BITS } from "./_bit_machine.ts";
import type { Call } from "./finding.ts";
import type { Plan } from "./_plan.ts";
import { chooseScope, listMoves, toCall } from "./_search.ts";

/** An event that handlers are called for. */
interface HandlerEvent {
  /** The first part of its name: a state, or -1 for `Any`. */
  readonly state: number;
  /** What stands behind: the index of another state, or a word. */
  readonly tail: number | typeof SUFFIXES[number];
}

const SUFFIXES = ["Enter", "State", "Exit", "End"] as const;

/** Stands for `Any`, of which `AnyEnter` and `AnyState` are. */
const ANY = -1;

/** How many names are reported at most: with names like `A`, `AA`, `AAA` nearly all would be. */
const MAX_NAMES = 100;

/** How many sets are visited at most for one script. */
const MAX_VISITED = 5_000;

/** Look for names of handlers that stand for several events. */
export function checkHandlerNames(plan: Plan): Draft[] {
  return [...findCollisions(plan)].map(([handler, events]) => {
    const states = events.flatMap(({ state, tail }) => typeof tail === "number" ? [state, tail] : [state]);
    return {
      rule: "handler-collision",
      severity: "warning",
      states: [...new Set(states.filter((state) => state >= 0))].map((state) => plan.names[state]!),
      message: `A handler "${handler}" is called for ${
        events.map((event) => describeEvent(plan, event)).join(" and for ")
      }`,
      calls: findEvents(plan, events.slice(0, 2)),
      fallback: "no mutations were found that lead to both",
    };
  });
}

/** What may stand behind a state or `Any` in the name of a handler, by its text. */
type Tails = ReadonlyMap<string, HandlerEvent["tail"]>;

/** What a name of a handler begins with. */
type Head = readonly [text: string, state: number];

const TAILS_OF_ANY: Tails = new Map([["Enter", "Enter"], ["State", "State"]]);

/** Find them without making all pairs of names: two are the same text only if the head of one begins with that of the other. */
function findCollisions({ names }: Plan): Map<string, HandlerEvent[]> {
  const tailsOfState: Tails = new Map<string, HandlerEvent["tail"]>([
    ...names.map((name, state) => [name, state] as const),
    ...SUFFIXES.map((it) => [it, it] as const),
  ]);
  const tailsOf = (state: number) => state === ANY ? TAILS_OF_ANY : tailsOfState;
  const found = findSuffixNames(names);
  for (const [[long, longState], [short, shortState]] of listHeads(names)) {
    for (const [text, tail] of tailsOf(longState)) {
      const other = tailsOf(shortState).get(long.slice(short.length) + text);
      if (other === undefined) continue;
      if (found.size === MAX_NAMES) return found;
      const known = found.get(long + text) ?? [];
      found.set(long + text, uniqueEvents([...known, { state: longState, tail }, { state: shortState, tail: other }]));
    }
  }
  return found;
}

/** What a state does that is named like a suffix is told of one other state only, as it is the same with all. */
function findSuffixNames(names: readonly string[]): Map<string, HandlerEvent[]> {
  return new Map(SUFFIXES.flatMap((suffix) => {
    const named = names.indexOf(suffix);
    const other = names.findIndex((_, state) => state !== named);
    return named < 0 ? [] : [[names[other]! + suffix, [{ state: other, tail: suffix }, { state: other, tail: named }]]];
  }));
}

/** All pairs of heads of which one begins with the other. */
function* listHeads(names: readonly string[]): Generator<readonly [long: Head, short: Head], void> {
  const heads: readonly Head[] = [["Any", ANY], ...names.map((name, state) => [name, state] as const)];
  for (const long of heads) {
    for (const short of heads) {
      if (long !== short && long[0].startsWith(short[0])) yield [long, short];
    }
  }
}

function uniqueEvents(events: readonly HandlerEvent[]): HandlerEvent[] {
  return [...new Map(events.map((event) => [`${event.state} ${event.tail}`, event])).values()];
}

function describeEvent({ names }: Plan, { state, tail }: HandlerEvent): string {
  if (state === ANY) return `Any + ${tail}`;
  return typeof tail === "number" ? `"${names[state]}" + "${names[tail]}"` : `"${names[state]}" + ${tail}`;
}

/** A set of active states, and which events happened on the way to it, as bits. */
interface Visited {
  readonly set: number;
  readonly happened: number;
  readonly parent: Visited | null;
  readonly move: BitMove | null;
}

/** Find the shortest script in which all of some events happen. */
function findEvents(plan: Plan, events: readonly HandlerEvent[]): readonly Call[] | undefined {
  const kept = events.flatMap(({ state, tail }) => typeof tail === "number" ? [state, tail] : [state]);
  const scope = chooseScope(plan, kept);
  if (plan.isBroken || scope.states.length > MAX_BITS) return undefined;
  const machine = new BitMachine(plan, scope.states);
  const moves = listMoves(plan, scope, "one").map((move) => machine.prepare(plan, move));
  const all = 2 ** events.length - 1;
  const visited = new Map<string, Visited>([["0 0", { set: 0, happened: 0, parent: null, move: null }]]);
  for (const from of visited.values()) { // a map's walk comes to what is put into it on the way
    for (const move of moves) {
      const set = machine.run(from.set, move);
      const happened = from.happened | listHappened(machine, events, from.set, set, move);
      if (machine.isUnsettled || visited.size > MAX_VISITED) return undefined;
      const to = { set, happened, parent: from, move };
      if (happened === all) return callsTo(plan, to);
      if (!visited.has(`${set} ${happened}`)) visited.set(`${set} ${happened}`, to);
    }
  }
  return undefined;
}

function callsTo(plan: Plan, to: Visited): Call[] {
  const calls: Call[] = [];
  for (let it: Visited | null = to; it !== null && it.move !== null; it = it.parent) calls.push(toCall(plan, it.move));
  return calls.reverse();
}

/** Which events happen in a mutation, or in the auto states' transition behind it. */
function listHappened(
  machine: BitMachine,
  events: readonly HandlerEvent[],
  before: number,
  after: number,
  move: BitMove,
): number {
  if (!machine.isAccepted) return 0;
  const { middle, states, hasAutoMoved } = machine;
  const holds = (set: number, state: number) => (set & (1 << states.indexOf(state))) !== 0;
  const happens = ({ state, tail }: HandlerEvent, from: number, to: number, isCalled: boolean) => {
    if (state === ANY) return true;
    if (tail === state) return holds(from, state) && holds(to, state) && move.type !== "remove";
    if (typeof tail === "number") return holds(from, state) && holds(to, tail);
    if (tail === "Exit" || tail === "End") return holds(from, state) && !holds(to, state);
    return holds(to, state) && (!holds(from, state) || (isCalled && machine.isMulti(state)));
  };
  let happened = 0;
  events.forEach((event, bit) => {
    const isCalled = move.type !== "remove" && move.called.includes(event.state);
    if (happens(event, before, middle, isCalled)) happened |= 1 << bit;
    if (hasAutoMoved && happens(event, middle, after, false)) happened |= 1 << bit;
  });
  return happened;
}
