import { Memo, ROOM, ROOM_OF_ONE } from "./_memo.ts";
import { assertSchema, isDefined, type Schema, type State } from "./schema.ts";

/**
 * A schema made ready to run: names became indexes, relations are known both ways, orders are worked out.
 *
 * Lists by state are in the order of `names`. A plan is never written to after it is made, but for what it remembers, so
 * machines share it.
 */
export interface Plan {
  /** The cleaned schema by name, `Exception` included; deeply frozen. */
  readonly schema: Schema;
  /** What to compile for another order: the schema itself, or the cleaned one if its owner may change it. */
  readonly source: Schema;
  /** All state names in index order. */
  readonly names: readonly string[];
  readonly indexByName: ReadonlyMap<string, number>;
  readonly size: number;
  readonly exception: number;
  readonly isAuto: readonly boolean[];
  readonly isMulti: readonly boolean[];
  /** The auto states. */
  readonly auto: readonly number[];
  readonly add: readonly (readonly number[])[];
  readonly remove: readonly (readonly number[])[];
  /** A required state that the schema lacks is -1: it is never active. */
  readonly require: readonly (readonly number[])[];
  readonly after: readonly (readonly number[])[];
  /** States that remove this one. */
  readonly removedBy: readonly (readonly number[])[];
  /** States that require this one. */
  readonly requiredBy: readonly (readonly number[])[];
  readonly hasAdd: boolean;
  readonly hasRequire: boolean;
  /** Whether After asks for an order that Require does not make already. */
  readonly hasAfter: boolean;
  /** Place of each state in the order in which required states come first, -1 for none; null when there is no order. */
  readonly requireRank: readonly number[] | null;
  /**
   * Which way from a mutation to its target states this schema allows; this is where it is chosen.
   *
   * - Stepwise (`_stepwise.ts`): the cost follows what changes. It rests on two facts: active states imply nothing, and the
   *   order of states is a matter of Require, or else of when they were called.
   * - Whole (`_resolver.ts`): the cost follows how many states are active. It is for the other schemas: a multi state adds
   *   states, as it does so in each transition, or After asks for an order that Require does not make already. It is also
   *   for mutations that are logged or whose steps are noted, for `set`, and for a machine whose active states contradict
   *   each other (`ActiveOrder.isSettled`).
   */
  readonly isStepwise: boolean;
  /** For each state a list of it alone, to call it by. */
  readonly alone: readonly (readonly number[])[];
  /** What each auto state requires that no auto state can bring along; `[]` for other states. */
  readonly autoNeeds: readonly (readonly number[])[];
  /** Why there is no Require order though states require one another; null for none. */
  readonly requireCycle: string | null;
  /** States whose activation alone is no reason to try auto states: `Healthcheck`, `Heartbeat`. */
  readonly health: readonly number[];
  /** Milliseconds that an activation of each state may last; null when no state has a limit. */
  readonly timeouts: readonly (number | undefined)[] | null;
  /** One zero per state, to copy. */
  readonly zeros: readonly number[];
  /** What stepwise mutations came to. */
  readonly memo: Memo;
  /** What contradicts itself in the schema; the plan works all the same. */
  readonly conflicts: readonly string[];
}

export const EXCEPTION = "Exception";

const plans = new WeakMap<Schema, Map<string, Plan>>();

/**
 * Compile a schema, or take the plan that was made of it before.
 *
 * Plans are kept by schemas made with `defineSchema`, which cannot change; other schemas are compiled each time.
 *
 * @param schema The schema as the user wrote it.
 * @param names The order of the states; a permutation of the schema's names and `Exception`. The schema's own by default.
 */
export function planFor(schema: Schema, names?: readonly string[]): Plan {
  if (!isDefined(schema)) return compilePlan(schema, names);
  let byOrder = plans.get(schema);
  if (byOrder === undefined) plans.set(schema, byOrder = new Map());
  const order = names === undefined ? "" : JSON.stringify(names);
  let plan = byOrder.get(order);
  if (plan === undefined) byOrder.set(order, plan = compilePlan(schema, names));
  return plan;
}

/** Compile a schema; see {@linkcode planFor}. */
export function compilePlan(schema: Schema, order?: readonly string[]): Plan {
  assertSchema(schema);
  const known = new Set(Object.keys(schema));
  const conflicts: string[] = [];
  const cleaned = new Map<string, State>();
  for (const name of known) cleaned.set(name, cleanState(name, schema[name]!, known, conflicts));
  // Added after the clean-up: a relation to an Exception that the schema does not define was dropped by it.
  if (!cleaned.has(EXCEPTION)) cleaned.set(EXCEPTION, Object.freeze({ multi: true }));

  const names = order ?? [...cleaned.keys()];
  const states = names.map((name) => cleaned.get(name)!);
  const indexByName = new Map(names.map((name, index) => [name, index]));
  const indexes = (list: readonly string[] = []) => {
    const places = list.map((name) => indexByName.get(name) ?? -1);
    return places.length < 2 ? places : [...new Set(places)]; // most lists are short
  };
  const remove = states.map((state) => indexes(state.remove));
  const require = states.map((state) => indexes(state.require));
  const after = states.map((state) => indexes(state.after));
  const add = states.map((state) => indexes(state.add));
  const ranked = rankByRequire(require, names);
  const hasAfter = !isSortedByRequire(after, ranked.rank);
  const isAuto = states.map(({ auto = false }) => auto);
  const isMulti = states.map(({ multi = false }) => multi);
  const auto = isAuto.flatMap((isIt, state) => isIt ? [state] : []);
  const cleanSchema = Object.freeze(Object.fromEntries(names.map((name, state) => [name, states[state]!])));
  return {
    schema: cleanSchema,
    source: isDefined(schema) ? schema : cleanSchema,
    names: Object.freeze([...names]),
    indexByName,
    size: names.length,
    exception: indexByName.get(EXCEPTION)!,
    isAuto,
    isMulti,
    auto,
    add,
    remove,
    require,
    after,
    removedBy: invert(remove),
    requiredBy: invert(require),
    isStepwise: !hasAfter && !add.some((list, state) => list.length > 0 && isMulti[state]),
    alone: names.map((_, state) => [state]),
    autoNeeds: needsOf(auto, require, add),
    hasAdd: add.some((list) => list.length > 0),
    hasRequire: require.some((list) => list.length > 0),
    hasAfter,
    requireRank: ranked.rank,
    requireCycle: ranked.cycle,
    health: indexes(["Healthcheck", "Heartbeat"]).filter((index) => index >= 0),
    timeouts: timeoutsOf(states),
    zeros: names.map(() => 0),
    memo: new Memo(names.length, isDefined(schema) ? ROOM : ROOM_OF_ONE),
    conflicts,
  };
}

/** Tell which names a schema and its implied `Exception` make up, in the order that a machine gives them. */
export function namesOf(schema: Schema): string[] {
  const names = Object.keys(schema);
  if (!Object.hasOwn(schema, EXCEPTION)) names.push(EXCEPTION);
  return names;
}

/**
 * Drop what cannot be meant: own names, unknown names (but in `require`), and in `remove` what `add` names too. Fields that say
 * nothing are left out, as in the schema's JSON form.
 */
function cleanState(name: string, state: State, known: ReadonlySet<string>, conflicts: string[]): State {
  const { auto, multi, timeoutMs, args } = state;
  const require = copyNames(state.require), tags = copyNames(state.tags);
  const added = new Set(copyNames(state.add));
  const removed = copyNames(state.remove).filter((other) => other !== name && !added.has(other));
  for (const other of new Set(require)) {
    if (removed.includes(other)) {
      conflicts.push(`Cannot use schema: state "${name}" both requires and removes "${other}"`);
    }
  }
  const add = [...added].filter((other) => known.has(other));
  const remove = removed.filter((other) => known.has(other));
  const after = copyNames(state.after).filter((other) => other !== name && known.has(other));
  const cleaned: { -readonly [Field in keyof State]: State[Field] } = {};
  // Field by field: it takes V8 half as long again to write to fields that a table names.
  if (auto) cleaned.auto = true;
  if (multi) cleaned.multi = true;
  if (require.length > 0) cleaned.require = Object.freeze(require);
  if (add.length > 0) cleaned.add = Object.freeze(add);
  if (remove.length > 0) cleaned.remove = Object.freeze(remove);
  if (after.length > 0) cleaned.after = Object.freeze(after);
  if (tags.length > 0) cleaned.tags = Object.freeze(tags);
  if (timeoutMs !== undefined) cleaned.timeoutMs = timeoutMs;
  if (args !== undefined) cleaned.args = args;
  return Object.freeze(cleaned);
}

/** Copy a list. It takes V8 four times as long to filter a frozen one, as those of defined schemas are. */
function copyNames(names: readonly string[] = []): string[] {
  return [...names];
}

function timeoutsOf(states: readonly State[]): (number | undefined)[] | null {
  const timeouts = states.map(({ timeoutMs }) => timeoutMs);
  return timeouts.some((timeoutMs) => timeoutMs !== undefined) ? timeouts : null;
}

function invert(lists: readonly (readonly number[])[]): number[][] {
  const inverted: number[][] = lists.map(() => []);
  lists.forEach((list, from) => list.forEach((to) => inverted[to]?.push(from)));
  return inverted;
}

/** Whether Require alone puts all states into the order that After asks for. */
function isSortedByRequire(after: readonly (readonly number[])[], rank: readonly number[] | null): boolean {
  const isBefore = (earlier: number, later: number) =>
    rank !== null && rank[earlier]! >= 0 && rank[earlier]! < rank[later]!;
  return after.every((list, state) => list.every((other) => isBefore(other, state)));
}

/** What each auto state requires that is no auto state, nor added by one, nor added by what one adds: Add goes no further. */
function needsOf(
  auto: readonly number[],
  require: readonly (readonly number[])[],
  add: readonly (readonly number[])[],
): number[][] {
  const added = auto.flatMap((state) => add[state]!);
  const brought = new Set([...auto, ...added, ...added.flatMap((state) => add[state]!)]);
  return require.map((list, state) => auto.includes(state) ? list.filter((other) => !brought.has(other)) : []);
}

/**
 * Rank states so that required ones come first: the place in a depth-first walk, post-order, from each state that requires
 * something. States that it doesn't reach have rank -1. The walk keeps its own stack: chains may be long.
 */
function rankByRequire(
  require: readonly (readonly number[])[],
  names: readonly string[],
): { rank: readonly number[] | null; cycle: string | null } {
  const rank: number[] = require.map(() => UNRANKED);
  const path: { state: number; child: number }[] = [];
  const enter = (state: number) => {
    rank[state] = ON_PATH;
    path.push({ state, child: 0 });
  };
  let next = 0;
  for (let start = 0; start < require.length; start++) {
    if (require[start]!.length === 0 || rank[start] !== UNRANKED) continue;
    enter(start);
    while (path.length > 0) {
      const top = path.at(-1)!;
      const child = require[top.state]![top.child++];
      if (child === undefined) {
        rank[top.state] = next++;
        path.pop();
      } else if (rank[child] === ON_PATH) {
        return { rank: null, cycle: `"${names[child]}" requires itself by way of "${names[top.state]}"` };
      } else if (rank[child] === UNRANKED) enter(child); // a name that the schema lacks has no rank at all
    }
  }
  return { rank: next > 0 ? rank : null, cycle: null };
}

/** In the place of a rank. */
const UNRANKED = -1, ON_PATH = -2;
