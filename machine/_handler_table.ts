import type { Plan } from "./_plan.ts";
import type { BindOptions } from "./handlers.ts";

/** Handlers bound together: their functions by full name, `FooState`, prefix included. */
export interface HandlerBinding {
  readonly id: string;
  /** What `this` is in the handlers. */
  readonly target: object;
  readonly functions: ReadonlyMap<string, HandlerFunction>;
}

// deno-lint-ignore no-explicit-any -- what a handler takes and returns is checked where it is bound and where it is called
export type HandlerFunction = (event: any) => unknown;

/** What an event is about: `FooExit`, `FooEnter`, `FooFoo`, `FooBar`, `FooEnd`, `FooState`, or no single state. */
export type HandlerKind = "Exit" | "Enter" | "Self" | "Pair" | "AnyEnter" | "End" | "State" | "AnyState";

/** One handler of one binding. */
export interface BoundHandler {
  /** The place of its binding among all: tables are shared, bindings are not. */
  readonly place: number;
  readonly fn: HandlerFunction;
}

/** All handlers of one event, in the order of their bindings. */
export interface HandlerSlot {
  readonly name: string;
  /** Names that end in State or End are final by name: what they return is not looked at, even in the place of a pair. */
  readonly ignoresResult: boolean;
  readonly handlers: BoundHandler[];
}

export type SlotsByState = (HandlerSlot | undefined)[];

/** Handlers by state index; a kind that nobody handles is null. No name is built while running. */
export interface HandlerTable extends HandlerSlots {
  /** Tells it from all others, from 1. */
  readonly number: number;
}

interface HandlerSlots {
  exit: SlotsByState | null;
  enter: SlotsByState | null;
  self: SlotsByState | null;
  /** `FooBar` as pairs[Foo][Bar]. */
  pairs: (SlotsByState | undefined)[] | null;
  anyEnter: HandlerSlot | null;
  end: SlotsByState | null;
  state: SlotsByState | null;
  anyState: HandlerSlot | null;
}

const SUFFIXES = [["Exit", "exit"], ["Enter", "enter"], ["End", "end"], ["State", "state"]] as const;

let tableCount = 0;

/** Put the functions of all bindings into their places. */
export function buildTable(plan: Plan, bindings: readonly Pick<HandlerBinding, "functions">[]): HandlerTable {
  const table: HandlerTable = {
    number: ++tableCount,
    exit: null,
    enter: null,
    self: null,
    pairs: null,
    anyEnter: null,
    end: null,
    state: null,
    anyState: null,
  };
  for (const [place, { functions }] of bindings.entries()) {
    for (const [name, fn] of functions) {
      for (const slot of placesOf(plan, name)) slotAt(table, slot, name).handlers.push({ place, fn });
    }
  }
  return table;
}

/** Tell whether a name stands for a handler of this schema. */
export function isHandlerName(plan: Plan, name: string): boolean {
  return placesOf(plan, name).length > 0;
}

/**
 * Read the handlers of an object that somebody wants to bind.
 *
 * @returns Functions by full name, prefix included.
 *
 * @throws {TypeError} when a handler is no function, or a key that starts with an upper-case letter is no handler.
 */
export function readHandlers(
  plan: Plan,
  handlers: object,
  { statePrefix = "", allowUnknown }: BindOptions,
): Map<string, HandlerFunction> {
  if (typeof handlers !== "object" || handlers === null) {
    throw new TypeError("Cannot bind handlers: they are no object");
  }
  const functions = new Map<string, HandlerFunction>();
  for (const [key, value] of collectHandlers(handlers)) {
    const name = statePrefix + key;
    const isKnown = isHandlerName(plan, name), isFunction = typeof value === "function";
    if (isKnown && !isFunction) throw new TypeError(`Cannot bind handler "${key}": it is no function`);
    if (isFunction && (isKnown || allowUnknown)) functions.set(name, value as HandlerFunction);
    else if (!allowUnknown && /^\p{Lu}/u.test(key)) throw unknownHandler(plan, key, statePrefix);
  }
  return functions;
}

/**
 * Collect the handlers of an object: its own function-valued fields and the methods of its prototypes.
 *
 * @param handlers The object.
 * @returns Functions by key, the most derived one for each key, in a stable order; other values by key as they are.
 */
export function collectHandlers(handlers: object): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (let holder = handlers; holder !== null && holder !== Object.prototype; holder = Object.getPrototypeOf(holder)) {
    for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(holder))) {
      if (found.has(key) || (key === "constructor" && holder !== handlers)) continue;
      if ("value" in descriptor) found.set(key, descriptor.value);
    }
  }
  return found;
}

/**
 * Find the handler name that is most like an unknown key, for an error that helps.
 *
 * @param plan The compiled schema.
 * @param key The unknown key.
 * @returns A name that differs in few letters, or null.
 */
export function nearestHandlerName(plan: Plan, key: string): string | null {
  if (key.length > 100) return null; // comparing long names costs more than it helps
  let nearest: string | null = null;
  let distance = Math.max(2, Math.floor(key.length / 3)) + 1;
  const consider = (name: string) => {
    if (Math.abs(name.length - key.length) >= distance) return;
    const other = editDistance(key, name);
    if (other < distance) [nearest, distance] = [name, other];
  };
  for (const name of ["AnyEnter", "AnyState"]) consider(name);
  for (const state of plan.names) {
    for (const [suffix] of SUFFIXES) consider(state + suffix);
    consider(state + state);
    if (!key.startsWith(state)) continue;
    for (const other of plan.names) consider(state + other);
  }
  return nearest;
}

function unknownHandler(plan: Plan, key: string, prefix: string): TypeError {
  const nearest = nearestHandlerName(plan, prefix + key);
  const hint = nearest === null ? "" : `, the nearest is "${nearest.slice(prefix.length)}"`;
  return new TypeError(`Cannot bind handler "${key}": the schema has no state or pair of states of that name${hint}`);
}

/** Where in the table a slot is: the kind, and the index of one state, or of both. */
type Place = readonly [kind: keyof HandlerSlots, ...states: number[]];

/**
 * All places of one name. Names are plain strings, so one may have several: with the states A, B and AB, `ABState` belongs
 * to AB, and with a state BState to the pair of A and BState too.
 */
function placesOf(plan: Plan, name: string): Place[] {
  const places: Place[] = [];
  if (name === "AnyEnter") places.push(["anyEnter"]);
  if (name === "AnyState") places.push(["anyState"]);
  for (let state = 0; state < plan.size; state++) {
    const stateName = plan.names[state]!;
    if (!name.startsWith(stateName)) continue;
    const rest = name.slice(stateName.length);
    for (const [suffix, kind] of SUFFIXES) {
      if (rest === suffix) places.push([kind, state]);
    }
    const other = plan.indexByName.get(rest);
    if (other !== undefined) places.push(other === state ? ["self", state] : ["pairs", state, other]);
  }
  return places;
}

/** The slot at a place, made with the lists that lead to it when nobody was there. */
function slotAt(table: HandlerTable, place: Place, name: string): HandlerSlot {
  // deno-lint-ignore no-explicit-any -- how deep a slot is hangs on its kind
  let holder: any = table;
  for (const key of place.slice(0, -1)) holder = holder[key] ??= [];
  return holder[place.at(-1)!] ??= { name, ignoresResult: /(?:State|End)$/.test(name), handlers: [] };
}

/** How many letters have to be put in, taken out or changed to make one word of another. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const current = [i];
    for (let j = 1; j <= to.length; j++) {
      const change = previous[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      current.push(Math.min(change, previous[j]! + 1, current[j - 1]! + 1));
    }
    previous = current;
  }
  return previous[to.length]!;
}
