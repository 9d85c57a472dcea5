/** One of the ways in which a state depends on other states. */
export type Relation = "add" | "require" | "remove" | "after";

/**
 * What a state is, and how it relates to other states. All fields are optional: `{}` is a state.
 *
 * @typeParam Name Names that the relations may list.
 *
 * @example Usage
 * ```ts
 * import { type Schema, type State } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const ready: State<"Start"> = { auto: true, require: ["Start"], timeoutMs: 1_000 };
 * const schema = { Start: {}, Ready: ready } satisfies Schema;
 * assertEquals(schema.Ready.require, ["Start"]);
 * ```
 */
export interface State<Name extends string = string> {
  /** Whether the machine tries to activate it after every transition that changed the clock. `false` by default. */
  readonly auto?: boolean;
  /** Whether it may be called again while active, which runs its handlers anew. `false` by default. */
  readonly multi?: boolean;
  /** States that all have to be active with it. */
  readonly require?: readonly Name[];
  /** States that it activates too, where they can be. */
  readonly add?: readonly Name[];
  /** States that it deactivates, and keeps inactive. */
  readonly remove?: readonly Name[];
  /** States whose handlers run before its own. */
  readonly after?: readonly Name[];
  /** Free text, `key` or `key:value`; no influence on behaviour. */
  readonly tags?: readonly string[];
  /** Milliseconds that one activation may last; then the machine adds an error. No limit by default. */
  readonly timeoutMs?: number;
  /** The type of its arguments. `Record<string, unknown>` by default. */
  readonly args?: ArgsSchema;
}

/**
 * The states of a machine by name. The order of its keys is the order of the machine's states.
 *
 * @typeParam Name Names of the states.
 *
 * @example Usage
 * ```ts
 * import { Machine, type Schema } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const json = '{ "Off": { "remove": ["On"] }, "On": { "remove": ["Off"] } }';
 * const machine = new Machine(JSON.parse(json) as Schema);
 * assertEquals(machine.stateNames, ["Off", "On", "Exception"]);
 * ```
 */
export type Schema<Name extends string = string> = { readonly [name in Name]: State };

/**
 * Names of a machine's states: those of its schema, and `Exception`, which every machine has.
 *
 * @typeParam S The schema.
 *
 * @example Usage
 * ```ts
 * import { defineSchema, type StateName } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const schema = defineSchema({ Off: { remove: ["On"] }, On: { remove: ["Off"] } });
 * const names: StateName<typeof schema>[] = ["Off", "On", "Exception"];
 * assertEquals(names.length, 3);
 * ```
 */
export type StateName<S extends Schema> = (keyof S & string) | "Exception";

/**
 * A Standard Schema (version 1) for the arguments of a state, as Zod, Valibot and ArkType make them.
 *
 * It is run where arguments come from outside, never in a transition.
 *
 * @typeParam Args Type of the arguments that it lets through.
 *
 * @example Usage
 * ```ts
 * import { type ArgsSchema } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const count: ArgsSchema<{ count: number }> = {
 *   "~standard": {
 *     version: 1,
 *     vendor: "example",
 *     validate(value) {
 *       const count = (value as { count?: unknown } | null)?.count;
 *       return typeof count === "number" ? { value: { count } } : { issues: [{ message: "count is no number" }] };
 *     },
 *   },
 * };
 * assertEquals(await count["~standard"].validate({ count: 1 }), { value: { count: 1 } });
 * ```
 */
export interface ArgsSchema<Args = unknown> {
  /** The properties that Standard Schema asks for. */
  readonly "~standard": {
    /** Version of the standard. */
    readonly version: 1;
    /** Name of the library that made it. */
    readonly vendor: string;
    /** Check a value: `{ value }` when it passes, else `{ issues }`. */
    readonly validate: (value: unknown) => ArgsResult<Args> | Promise<ArgsResult<Args>>;
    /** Exists in types only. */
    readonly types?: { readonly input: unknown; readonly output: Args } | undefined;
  };
}

/**
 * What an {@linkcode ArgsSchema} says about a value.
 *
 * @typeParam Args Type of the arguments that it lets through.
 */
export type ArgsResult<Args> = { readonly value: Args; readonly issues?: undefined } | {
  readonly issues: readonly ArgsIssue[];
};

/** One reason why an {@linkcode ArgsSchema} refuses a value. */
export interface ArgsIssue {
  /** What is wrong. */
  readonly message: string;
  /** Where it is, from the outside in. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/**
 * Type of the arguments of a state; `Record<string, unknown>` when it declares none.
 *
 * @typeParam S The schema.
 * @typeParam N Name of the state.
 *
 * @example Usage
 * ```ts
 * import { type ArgsOf, argsType, defineSchema } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const schema = defineSchema({ Loading: { args: argsType<{ path: string }>() } });
 * const args: ArgsOf<typeof schema, "Loading"> = { path: "a.txt" };
 * assertEquals(args.path, "a.txt");
 * ```
 */
export type ArgsOf<S extends Schema, N> = N extends keyof S
  ? S[N] extends { readonly args: ArgsSchema<infer Args> } ? Args extends object ? Args : Record<string, unknown>
  : Record<string, unknown>
  : Record<string, unknown>;

/**
 * What {@linkcode defineSchema} asks of a schema: relations list its own states, and states have known fields.
 *
 * `Exception` may be required always, and listed elsewhere if the schema defines it: other relations to it are dropped.
 *
 * @typeParam S The schema.
 */
export type CheckedSchema<S extends Schema> = {
  readonly [Name in keyof S]:
    & {
      readonly require?: readonly StateName<S>[];
      readonly add?: readonly (keyof S & string)[];
      readonly remove?: readonly (keyof S & string)[];
      readonly after?: readonly (keyof S & string)[];
    }
    & { readonly [Field in Exclude<keyof S[Name], keyof State>]: never };
};

/**
 * Declare the type of a state's arguments, without a check when running.
 *
 * @typeParam Args Type of the arguments.
 * @returns A Standard Schema that lets everything through.
 *
 * @example Usage
 * ```ts
 * import { argsType, defineSchema, Machine } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine(defineSchema({ Loading: { args: argsType<{ path: string }>() } }));
 * machine.add("Loading", { path: "a.txt" });
 * assertEquals(machine.is("Loading"), true);
 * ```
 */
export function argsType<Args extends object>(): ArgsSchema<Args> {
  return ANY_ARGS as ArgsSchema<Args>;
}

const ANY_ARGS: ArgsSchema = Object.freeze({
  "~standard": Object.freeze({
    version: 1 as const,
    vendor: "asyncmachine",
    validate: (value: unknown): ArgsResult<unknown> => ({ value }),
  }),
});

/**
 * Define the schema of machines: relations to unknown states do not compile, and the schema cannot change afterwards.
 *
 * Machines of the same defined schema share what is compiled from it.
 *
 * @typeParam S The schema, inferred.
 * @param schema States by name, in the order that machines will have them.
 * @returns A frozen copy; objects in `args` are the same.
 * @throws {TypeError} when the schema, a state or a field has the wrong shape.
 * @throws {RangeError} when a `timeoutMs` is negative or not finite.
 *
 * @example Usage
 * ```ts
 * import { defineSchema, Machine } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const schema = defineSchema({
 *   Walking: { add: ["Moving"], remove: ["Standing"] },
 *   Standing: { remove: ["Walking", "Moving"] },
 *   Moving: {},
 * });
 * const machine = new Machine(schema);
 * machine.add("Walking");
 * assertEquals(machine.activeStates(), ["Walking", "Moving"]);
 * ```
 */
export function defineSchema<const S extends Schema>(schema: S & CheckedSchema<S>): S {
  assertSchema(schema);
  if (isDefined(schema)) return schema;
  const copy = mapStates(schema, (name, state) => [name, freezeState(copyState(state))]);
  DEFINED.add(Object.freeze(copy));
  return copy as unknown as S;
}

const DEFINED = new WeakSet<object>();

/** Tell whether a schema was made by {@linkcode defineSchema}, and so never changes. */
export function isDefined(schema: Schema): boolean {
  return DEFINED.has(schema);
}

const RELATIONS = ["require", "add", "remove", "after"] as const satisfies readonly Relation[];
const LISTS = [...RELATIONS, "tags"] as const;

/**
 * Throw when a value cannot be used as a schema. Fields that a state does not know are ignored.
 *
 * @param schema Whatever came in: parsed JSON, a caller's object.
 * @throws {TypeError} when the schema, a state or a field has the wrong shape.
 * @throws {RangeError} when a `timeoutMs` is negative or not finite.
 */
export function assertSchema(schema: unknown): asserts schema is Schema {
  if (!isRecord(schema)) throw new TypeError(`Cannot read schema: ${describe(schema)} is not an object`);
  if (DEFINED.has(schema)) return;
  for (const name of Object.keys(schema)) assertState(name, schema[name]);
}

function assertState(name: string, state: unknown): void {
  if (!isRecord(state)) throw new TypeError(`Cannot read state ${quote(name)}: ${describe(state)} is not an object`);
  for (const field of LISTS) {
    if (state[field] !== undefined && !isStringList(state[field])) {
      throw new TypeError(`Cannot read "${field}" of state ${quote(name)}: it is not a list of strings`);
    }
  }
  const { auto, multi, timeoutMs, args } = state;
  if (auto !== undefined && typeof auto !== "boolean") throw fieldError(name, "auto", auto, "a boolean");
  if (multi !== undefined && typeof multi !== "boolean") throw fieldError(name, "multi", multi, "a boolean");
  if (timeoutMs !== undefined) {
    if (typeof timeoutMs !== "number") throw fieldError(name, "timeoutMs", timeoutMs, "a number");
    if (!(timeoutMs >= 0 && timeoutMs < Infinity)) {
      throw new RangeError(
        `Cannot read "timeoutMs" of state ${quote(name)}: ${timeoutMs} is not a finite number of 0 or more`,
      );
    }
  }
  if (args !== undefined && !isStandardSchema(args)) throw fieldError(name, "args", args, "a Standard Schema");
}

function fieldError(name: string, field: string, value: unknown, expected: string): TypeError {
  return new TypeError(`Cannot read "${field}" of state ${quote(name)}: ${describe(value)} is not ${expected}`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isStringList(value: unknown): value is readonly string[] {
  if (!Array.isArray(value)) return false;
  // not `every`, which passes over the holes of a list
  for (let i = 0; i < value.length; i++) {
    if (typeof value[i] !== "string") return false;
  }
  return true;
}

/** ArkType's schemas are functions. */
function isStandardSchema(value: unknown): value is ArgsSchema {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  const standard = (value as Partial<ArgsSchema>)["~standard"];
  return standard?.version === 1 && typeof standard.validate === "function";
}

/** Names of 10 KB are legal, but not readable in a message. */
function quote(name: string): string {
  return `"${name.length > 200 ? `${name.slice(0, 197)}...` : name}"`;
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "string" ? quote(value) : typeof value;
}

/** A state while it is made. */
type Draft = { -readonly [Field in keyof State]: State[Field] };

/** `Object.fromEntries` defines keys: a state named `__proto__` is a state like any other. */
function mapStates(schema: Schema, map: (name: string, state: State) => readonly [string, State]): Schema {
  return Object.fromEntries(Object.keys(schema).map((name) => map(name, schema[name]!)));
}

function copyState(state: State): Draft {
  const { auto, multi, timeoutMs, args } = state;
  const copy: Draft = {};
  if (auto !== undefined) copy.auto = auto;
  if (multi !== undefined) copy.multi = multi;
  for (const field of LISTS) {
    const list = state[field];
    if (list !== undefined) copy[field] = [...list];
  }
  if (timeoutMs !== undefined) copy.timeoutMs = timeoutMs;
  if (args !== undefined) copy.args = args;
  return copy;
}

function freezeState(state: State): State {
  for (const field of LISTS) Object.freeze(state[field]);
  return Object.freeze(state);
}
