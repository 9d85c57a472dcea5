/**
 * Random states, and how `am gen states` is told of them.
 *
 * @module
 */
import fc from "fast-check";
import type { SchemaModel, StateModel } from "../../../cli/schema/model.ts";
import { COMMON_SCHEMAS, type CommonName } from "../../../cli/schema/write_typescript.ts";

/** Names that break out of what holds them, if something does. */
const HOSTILE: readonly string[] = [
  ...[
    "*/",
    "/**",
    "//",
    '"',
    '\\"',
    "'",
    "`",
    "${x}",
    "\\",
    "\n",
    "\r\n",
    "\u2028",
    "\u202e",
    "\0",
    "\x1b[31m",
    "\x7f",
  ],
  ...["__proto__", "constructor", "toString", "7", "-1", "1e3", "a b", " a ", "_A", "a-b", "ä", "🙂", "名前", "\ufeff"],
  ...[
    "default",
    "await",
    "schema",
    "export {}",
    "deno-fmt-ignore-file",
    "@ts-ignore",
    "</script>",
    "'\"`",
    "(A;B)",
    "HandlerArgs<",
  ],
];

/** Names of all kinds; none is empty. Made once: it takes long. */
export const NAMES: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: fc.stringMatching(/^[A-Z][A-Za-z0-9]{0,11}$/), weight: 6 },
  { arbitrary: fc.stringMatching(/^[A-Z][A-Za-z]{20,90}$/), weight: 1 },
  { arbitrary: fc.constantFrom(...HOSTILE), weight: 2 },
  { arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 12 }), weight: 1 },
  {
    arbitrary: fc.tuple(fc.constantFrom(...HOSTILE), fc.constantFrom(...HOSTILE)).map((it) => it.join("")),
    weight: 1,
  },
);

/** A model with what `am gen states` can say, and what it inherits. */
export interface RandomStates {
  readonly model: SchemaModel;
  readonly inherit: readonly CommonName[];
}

/** Models whose states relate to each other and to those that they inherit. The states of a group remove it. */
export function randomStates(maxStates = 8): fc.Arbitrary<RandomStates> {
  const inherit = fc.constantFrom<readonly CommonName[]>(
    ...[[], [], ["basic"], ["basic", "connected"], ["basic", "disposed"], ["basic", "connected", "disposed"]] as const,
  );
  const stateNames = fc.uniqueArray(NAMES, { minLength: 1, maxLength: maxStates });
  const extended = fc.uniqueArray(fc.constantFrom(...inheritedNames(["basic", "connected", "disposed"])), {
    maxLength: 3,
  });
  return fc.tuple(inherit, stateNames, extended).chain(([inherit, added, extended]) => {
    const inherited = inheritedNames(inherit);
    const own = [...new Set([...added, ...extended.filter((name) => inherited.includes(name))])];
    const all = [...new Set([...own, ...inherited])];
    const groups = fc.uniqueArray(fc.tuple(NAMES, lists(own)), { maxLength: 2, selector: ([name]) => name });
    return fc.tuple(fc.array(state(all), { minLength: own.length, maxLength: own.length }), groups)
      .map(([states, groups]) => {
        const disjoint = groups.filter(([, list], i) => {
          return groups.slice(0, i).every(([, earlier]) => !earlier.some((it) => list.includes(it)));
        });
        const model = own.map((name, i): [string, StateModel] => [name, addGroups(name, states[i]!, disjoint)]);
        return { model: { name: "Schema", states: new Map(model), groups: new Map(disjoint) }, inherit };
      });
  });
}

function inheritedNames(inherit: readonly CommonName[]): string[] {
  return inherit.flatMap((name) => Object.keys(COMMON_SCHEMAS[name].schema));
}

function lists(all: readonly string[]): fc.Arbitrary<string[]> {
  return fc.uniqueArray(fc.constantFrom(...all), { minLength: 1, maxLength: 5 });
}

function state(all: readonly string[]): fc.Arbitrary<StateModel> {
  return fc.record({
    auto: fc.constant(true),
    multi: fc.constant(true),
    require: lists(all),
    add: lists(all),
    remove: lists(all),
    after: lists(all),
    tags: fc.uniqueArray(NAMES, { minLength: 1, maxLength: 3 }),
    timeoutMs: fc.nat(100_000),
  }, { requiredKeys: [] });
}

function addGroups(name: string, state: StateModel, groups: readonly (readonly [string, string[]])[]): StateModel {
  const own = groups.filter(([, list]) => list.length > 1 && list.includes(name)).flatMap(([, list]) => list);
  if (own.length === 0) return state;
  return { ...state, remove: [...own, ...(state.remove ?? []).filter((it) => !own.includes(it))] };
}

/** Write a model as the arguments that describe it. */
export function toArguments({ model }: RandomStates): { states: string[]; groups: string[] } {
  return {
    states: [...model.states].map(([name, state]) => [word(name), ...toFlags(state)].join(":")),
    groups: [...model.groups].map(([name, list]) => `${word(name)}${toList(list)}`),
  };
}

function toFlags({ auto, multi, timeoutMs, ...lists }: StateModel): string[] {
  const flags = [...(auto ? ["auto"] : []), ...(multi ? ["multi"] : [])];
  for (const key of ["require", "add", "remove", "after", "tags"] as const) {
    if (lists[key] !== undefined) flags.push(`${key}${toList(lists[key])}`);
  }
  return timeoutMs === undefined ? flags : [...flags, `timeout(${timeoutMs})`];
}

function toList(names: readonly string[]): string {
  return `(${names.map(word).join(";")})`;
}

function word(name: string): string {
  return /^[A-Za-z][\w-]*$/.test(name) ? name : JSON.stringify(name);
}
