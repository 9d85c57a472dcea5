/** One state of a schema, as a user writes it. */
export interface ModelState {
  /** Tried by the machine itself after a clock change. */
  readonly auto?: boolean;
  /** May be called again while it is active. */
  readonly multi?: boolean;
  readonly require?: readonly string[];
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
  readonly after?: readonly string[];
}

/** State definitions by state name. */
export type ModelSchema = Readonly<Record<string, ModelState>>;

/** What a schema comes to once it is cleaned up. */
export interface Rules {
  /** All states, `Exception` included, in index order. */
  readonly names: readonly string[];
  /** The cleaned-up definitions, by state name. */
  readonly states: ReadonlyMap<string, Required<ModelState>>;
  /** States that have to do with Require, required ones first; empty when Require goes round in a circle. */
  readonly topology: readonly string[];
  /** One sentence for each state that both requires and removes another. */
  readonly problems: readonly string[];
}

/** The three ways to change states. */
export type ModelMutationType = "add" | "remove" | "set";

/** What the resolver has to know of a transition. */
export interface Resolving {
  readonly type: ModelMutationType;
  /** The called states, without repeats. */
  readonly called: readonly string[];
  /** The active states when the transition began, in their order. */
  readonly before: readonly string[];
}

/**
 * Clean up a schema, and order its states by Require.
 *
 * @param schema State definitions by name.
 * @param names Index order; the order of the schema's keys, `Exception` last unless it is one of them, by default.
 * @returns The rules that the other functions of this file go by.
 */
export function compileRules(schema: ModelSchema, names?: readonly string[]): Rules {
  const problems: string[] = [];
  const known = Object.keys(schema);
  const states = new Map<string, Required<ModelState>>();
  for (const name of known) states.set(name, cleanState(name, schema[name]!, known, problems));
  // Only now, so that nothing above could name it: relations to an Exception that is not in the schema are dropped.
  if (!states.has("Exception")) {
    states.set("Exception", { auto: false, multi: true, require: [], add: [], remove: [], after: [] });
  }
  const order = names ?? [...states.keys()];
  return { names: order, states, topology: sortByRequire(order, states), problems };
}

function cleanState(name: string, state: ModelState, known: string[], problems: string[]): Required<ModelState> {
  const require = uniq(state.require ?? []);
  let add = uniq(state.add ?? []);
  let remove = without(state.remove ?? [], [name]);
  let after = without(state.after ?? [], [name]);
  remove = without(remove, add);
  add = add.filter((other) => known.includes(other));
  for (const other of require) {
    if (remove.includes(other)) problems.push(`State "${name}" both requires and removes "${other}"`);
  }
  remove = remove.filter((other) => known.includes(other));
  after = after.filter((other) => known.includes(other));
  return { auto: state.auto ?? false, multi: state.multi ?? false, require, add, remove, after };
}

/** Depth first along Require, from each state in turn; a state is listed once all it requires is. */
function sortByRequire(names: readonly string[], states: ReadonlyMap<string, Required<ModelState>>): string[] {
  const done: string[] = [];
  const open = new Set<string>();
  let circular = false;
  const visit = (name: string) => {
    if (done.includes(name)) return;
    if (open.has(name)) {
      circular = true;
      return;
    }
    open.add(name);
    for (const required of states.get(name)?.require ?? []) visit(required);
    open.delete(name);
    done.push(name);
  };
  for (const name of names) {
    if (states.get(name)!.require.length > 0) visit(name);
  }
  return circular ? [] : done;
}

/**
 * Work out the target states of a transition.
 *
 * @param rules Rules of the machine.
 * @param transition Type, called states and states before.
 * @param wanted The states to begin with: what the mutation alone would lead to.
 * @returns The target states, in handler order.
 */
export function resolveTargets(rules: Rules, transition: Resolving, wanted: readonly string[]): string[] {
  const removedBy = (name: string) => rules.states.get(name)!.remove;
  let states = uniq(wanted);
  states = uniq(addImplied(rules, transition, states));
  states = dropUnmet(rules, states);

  // From the end: whoever comes first in the list is the last to be looked at, and wins a mutual Remove.
  const blocked = new Set<string>();
  const left: string[] = [];
  for (const name of states.toReversed()) {
    const blockers = states.filter((other) => removedBy(other).includes(name) && !blocked.has(other));
    if (blockers.length === 0) left.push(name);
    else blocked.add(name);
  }

  // Collected before the second round of Add: a state implied by an implied one removes nothing.
  const toRemove = left.flatMap(removedBy);
  const kept = uniq(without(addImplied(rules, transition, left), toRemove));
  return sortStates(rules, dropUnmet(rules, kept.toReversed()));
}

/** Append the Add of each listed state that activates, or is multi; one level only. */
function addImplied(rules: Rules, transition: Resolving, states: readonly string[]): string[] {
  const implied = [...states];
  for (const name of states) {
    const state = rules.states.get(name)!;
    if (transition.before.includes(name) && !state.multi) continue;
    implied.push(...(transition.type === "remove" ? without(state.add, transition.called) : state.add));
  }
  return implied;
}

/** Drop states whose Require is not met in the list, until none is left to drop. */
function dropUnmet(rules: Rules, states: readonly string[]): string[] {
  let list = [...states];
  while (true) {
    const met = list.filter((name) => rules.states.get(name)!.require.every((required) => list.includes(required)));
    if (met.length === list.length) return list;
    list = met;
  }
}

/**
 * Tell whether the relations let a transition pass.
 *
 * @param rules Rules of the machine.
 * @param mutation Type, called states, and whether it is automatic or a check.
 * @param target The target states.
 * @returns `true` when it is accepted so far.
 */
export function isAcceptable(
  rules: Rules,
  mutation: { type: ModelMutationType; states: readonly string[]; isAuto: boolean; isCheck: boolean },
  target: readonly string[],
): boolean {
  if (mutation.type === "remove") return true;
  const missing = without(mutation.states, target);
  if (mutation.isAuto) return missing.length < mutation.states.length;
  if (mutation.isCheck && mutation.states.some((name) => rules.states.get(name)!.multi)) return true;
  return missing.length === 0;
}

/**
 * Sort states into handler order: required states first, then by After.
 *
 * @param rules Rules of the machine.
 * @param states Any states of it.
 * @returns A sorted copy.
 */
export function sortStates(rules: Rules, states: readonly string[]): string[] {
  const rank = (name: string) => rules.topology.indexOf(name);
  const sorted = states.toSorted((a, b) => rank(a) - rank(b));
  const isAfter = (a: string, b: string) => rules.states.get(a)!.after.includes(b);
  stableSort(sorted, (a, b) => isAfter(a, b) ? false : isAfter(b, a));
  return sorted;
}

/**
 * Sort in place, step for step as Go's library does it.
 *
 * "Comes after" is not transitive, so the result hangs on which items are compared: blocks of 20 are sorted by insertion,
 * then neighbouring blocks are merged in place (SymMerge, by Kim and Kutzner).
 *
 * @param list The items.
 * @param isLess Tells whether its first argument has to come before its second.
 */
export function stableSort<Item>(list: Item[], isLess: (a: Item, b: Item) => boolean): void {
  const less = (i: number, j: number) => isLess(list[i]!, list[j]!);
  const swap = (i: number, j: number) => {
    [list[i], list[j]] = [list[j]!, list[i]!];
  };
  let size = 20;
  for (let from = 0; from < list.length; from += size) {
    insertionSort(from, Math.min(from + size, list.length), less, swap);
  }
  for (; size < list.length; size *= 2) {
    for (let from = 0; from + size < list.length; from += 2 * size) {
      symMerge(list, from, from + size, Math.min(from + 2 * size, list.length), less, swap);
    }
  }
}

type Less = (i: number, j: number) => boolean;
type Swap = (i: number, j: number) => void;

function insertionSort(from: number, to: number, less: Less, swap: Swap): void {
  for (let i = from + 1; i < to; i++) {
    for (let j = i; j > from && less(j, j - 1); j--) swap(j, j - 1);
  }
}

/** Merge the sorted blocks [from, middle) and [middle, to). */
function symMerge(list: unknown[], from: number, middle: number, to: number, less: Less, swap: Swap): void {
  if (middle - from === 1) {
    const end = search(middle, to, (h) => less(h, from));
    for (let k = from; k < end - 1; k++) swap(k, k + 1);
    return;
  }
  if (to - middle === 1) {
    const end = search(from, middle, (h) => !less(middle, h));
    for (let k = middle; k > end; k--) swap(k, k - 1);
    return;
  }
  const half = Math.floor((from + to) / 2);
  const sum = half + middle;
  const low = middle > half ? sum - to : from;
  const high = middle > half ? half : middle;
  const start = search(low, high, (c) => !less(sum - 1 - c, c));
  const end = sum - start;
  if (start < middle && middle < end) {
    // Swap the neighbouring blocks [start, middle) and [middle, end).
    list.splice(start, end - start, ...list.slice(middle, end), ...list.slice(start, middle));
  }
  if (from < start && start < half) symMerge(list, from, start, half, less, swap);
  if (half < end && end < to) symMerge(list, half, end, to, less, swap);
}

/** The first index of [low, high) that is no longer before the place looked for; `high` if there is none. */
function search(low: number, high: number, isBefore: (index: number) => boolean): number {
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first occurrence of each item. */
export function uniq(list: readonly string[]): string[] {
  return [...new Set(list)];
}

/** The items of one list that are not in another. */
export function without(list: readonly string[], others: readonly string[]): string[] {
  return list.filter((item) => !others.includes(item));
}
