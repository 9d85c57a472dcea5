import { quote } from "./errors.ts";
import { concatStates, prefixStates, sharedStates, subtractStates } from "./state_list.ts";

/**
 * One of the ways in which a state depends on other states.
 *
 * @example Usage
 * ```ts
 * import { Machine, type Relation } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Foo: { add: ["Bar"], remove: ["Baz"] }, Bar: {}, Baz: {} });
 * const kinds: Relation[] = machine.relationsOf("Foo");
 * assertEquals(kinds, ["add", "remove"]);
 * ```
 */
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
 * It is a conditional type, as the compiler keeps what it made of one: it lists the names once, and shows them in messages.
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
export type StateName<S extends Schema> = [S] extends [Schema] ? (keyof S & string) | "Exception" : never;

/**
 * Whether the names of a schema are known at run time only: it came as JSON, or is typed as `Schema`.
 *
 * @typeParam S The schema.
 * @internal
 */
export type IsLoose<S extends Schema> = string extends keyof S ? true : false;

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
 *
 * @example Usage
 * ```ts
 * import { type ArgsResult } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const results: ArgsResult<{ id: number }>[] = [{ value: { id: 1 } }, { issues: [{ message: "id is no number" }] }];
 * assertEquals(results.map(({ issues = [] }) => issues.length), [0, 1]);
 * ```
 */
export type ArgsResult<Args> = { readonly value: Args; readonly issues?: undefined } | {
  readonly issues: readonly ArgsIssue[];
};

/**
 * One reason why an {@linkcode ArgsSchema} refuses a value.
 *
 * @example Usage
 * ```ts
 * import { type ArgsIssue } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const issue: ArgsIssue = { message: "is no number", path: ["user", "id"] };
 * assertEquals(`${issue.path?.join(".")} ${issue.message}`, "user.id is no number");
 * ```
 */
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
export type ArgsOf<S extends Schema, N> = N extends string
  // not S[N]: to list the keys of S anew for each N takes time
  ? S extends { readonly [Name in N]: { readonly args: ArgsSchema<infer Args extends object> } } ? Args
  : Record<string, unknown>
  : Record<string, unknown>;

/**
 * What {@linkcode defineSchema} asks of a schema: relations list its own states, and states have known fields.
 *
 * `Exception` may be required always, and listed elsewhere if the schema defines it: other relations to it are dropped.
 *
 * @typeParam S The schema.
 *
 * @example Usage
 * ```ts
 * import { type CheckedSchema } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const own = { Foo: { add: ["Bar"] }, Bar: {} } as const;
 * const checked: CheckedSchema<typeof own> = own; // an error of types if Foo added a state that is not there
 * assertEquals(checked.Foo.add, ["Bar"]);
 * ```
 */
export type CheckedSchema<S extends Schema> = {
  readonly [Name in keyof S]:
    & Omit<State<keyof S & string>, "require">
    & Pick<State<StateName<S>>, "require">
    & { readonly [Field in Exclude<keyof S[Name], keyof State>]: `A state has no field ${Field & string}` }
    & object;
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

// marked, as a bundler that does not know freeze() keeps it for programs without argsType()
const ANY_ARGS: ArgsSchema = /* @__PURE__ */ Object.freeze({
  "~standard": /* @__PURE__ */ Object.freeze({
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
export function defineSchema<const S extends Schema & CheckedSchema<S>>(schema: S): S {
  // S & CheckedSchema<S> as the parameter's type costs the compiler 10 s for 500 states; as a constraint 2 s
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

/**
 * Names that relations of a state list.
 *
 * @typeParam S The state.
 * @typeParam R Which relations; all by default.
 *
 * @example Usage
 * ```ts
 * import { type RelatedName } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const state = { require: ["Start"], remove: ["Stop"] } as const;
 * const names: RelatedName<typeof state>[] = ["Start", "Stop"];
 * const required: RelatedName<typeof state, "require"> = "Start";
 * assertEquals(names.includes(required), true);
 * ```
 */
export type RelatedName<S extends State, R extends Relation = Relation> = R extends keyof S
  ? S[R] extends readonly (infer Name extends string)[] | undefined ? Name : never
  : never;

/**
 * What {@linkcode mergeSchemas} returns: the states of all schemas, each as the last schema has it.
 *
 * @typeParam Schemas The schemas.
 * @typeParam Merged What is merged so far.
 *
 * @example Usage
 * ```ts
 * import { type MergedSchema, mergeSchemas } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const one = { Foo: {}, Bar: { auto: true } } as const;
 * const two = { Bar: { multi: true } } as const;
 * const merged: MergedSchema<[typeof one, typeof two]> = mergeSchemas(one, two);
 * assertEquals(merged.Bar.multi, true);
 * ```
 */
export type MergedSchema<Schemas extends readonly Schema[], Merged extends Schema = Record<never, State>> =
  Schemas extends readonly [infer First extends Schema, ...infer Rest extends readonly Schema[]] ? MergedSchema<
      Rest,
      {
        readonly [Name in keyof Merged | keyof First]: Name extends keyof First ? First[Name]
          : Name extends keyof Merged ? Merged[Name]
          : never;
      }
    >
    : Schemas extends readonly [] ? Merged
    : Schema;

/**
 * Merge schemas. A state that several of them define is as the last one has it: relations are not merged.
 *
 * @typeParam Schemas The schemas, inferred.
 * @param schemas The schemas; later ones win.
 * @returns A new schema of copies; a state stands where the first schema with its name has it.
 * @throws {TypeError} when a schema, a state or a field has the wrong shape.
 * @throws {RangeError} when a `timeoutMs` is negative or not finite.
 *
 * @example Usage
 * ```ts
 * import { defineSchema, mergeSchemas } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const network = defineSchema({ Online: {}, Offline: {} });
 * const schema = defineSchema(
 *   mergeSchemas(network, { Offline: { remove: ["Online"] }, Ready: { require: ["Online"] } }),
 * );
 * assertEquals(Object.keys(schema), ["Online", "Offline", "Ready"]);
 * assertEquals(schema.Offline.remove, ["Online"]);
 * ```
 */
export function mergeSchemas<const Schemas extends readonly Schema[]>(...schemas: Schemas): MergedSchema<Schemas> {
  const entries = schemas.flatMap((schema) => Object.entries(cloneSchema(schema)));
  return Object.fromEntries(entries) as MergedSchema<Schemas>;
}

/**
 * Copy a schema, its states and lists; objects in `args` stay the same.
 *
 * @typeParam S The schema, inferred.
 * @param schema The schema.
 * @returns A new schema, not frozen, with the known fields of each state.
 * @throws {TypeError} when the schema, a state or a field has the wrong shape.
 * @throws {RangeError} when a `timeoutMs` is negative or not finite.
 *
 * @example Usage
 * ```ts
 * import { cloneSchema, defineSchema } from "@asyncmachine/asyncmachine";
 * import { assertEquals, assertNotStrictEquals } from "@std/assert";
 *
 * const schema = defineSchema({ Ready: { tags: ["ui"] } });
 * const copy = cloneSchema(schema);
 * assertEquals(copy, schema);
 * assertNotStrictEquals(copy.Ready, schema.Ready);
 * ```
 */
export function cloneSchema<S extends Schema>(schema: S): S {
  assertSchema(schema);
  return mapStates(schema, (name, state) => [name, copyState(state)]) as S;
}

/**
 * What {@linkcode extendState} returns.
 *
 * @typeParam S The state.
 * @typeParam Overlay What it is extended with.
 *
 * @example Usage
 * ```ts
 * import { type ExtendedState, extendState } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const state = { require: ["Start"] } as const;
 * const overlay = { require: ["Ready"] } as const;
 * const extended: ExtendedState<typeof state, typeof overlay> = extendState(state, overlay);
 * assertEquals(extended.require, ["Start", "Ready"]);
 * ```
 */
export type ExtendedState<S extends State, Overlay extends State> =
  & { readonly [R in Relation]?: readonly (RelatedName<S, R> | RelatedName<Overlay, R>)[] }
  & Omit<State, Relation | "args">
  & ("args" extends keyof Overlay ? Pick<Overlay, "args"> : Pick<S, "args" & keyof S>);

/**
 * Extend a state that was defined elsewhere, without taking anything from it.
 *
 * Relations are joined, `auto` and `multi` hold when either has them; the overlay's `timeoutMs` and `args` replace those of
 * the state, and its tags are left out. See {@linkcode overrideState} for the opposite.
 *
 * @typeParam S The state, inferred.
 * @typeParam Overlay The overlay, inferred.
 * @param state The state.
 * @param overlay What to add.
 * @returns A new state.
 *
 * @example Usage
 * ```ts
 * import { defineSchema, extendState } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const worker = defineSchema({ Start: {}, Ready: { require: ["Start"] } });
 * const schema = defineSchema({
 *   ...worker,
 *   Ready: extendState(worker.Ready, { require: ["Online"], auto: true }),
 *   Online: {},
 * });
 * assertEquals(schema.Ready, { auto: true, require: ["Start", "Online"] });
 * ```
 */
export function extendState<const S extends State, const Overlay extends State>(
  state: S,
  overlay: Overlay,
): ExtendedState<S, Overlay> {
  const { auto, multi, ...added } = copyState(overlay);
  const extended = applyOverlay(state, added);
  if (auto) extended.auto = true;
  if (multi) extended.multi = true;
  for (const relation of RELATIONS) {
    if (added[relation] !== undefined) extended[relation] = concatStates(state[relation] ?? [], added[relation]);
  }
  return extended as ExtendedState<S, Overlay>;
}

/**
 * What {@linkcode overrideState} returns.
 *
 * @typeParam S The state.
 * @typeParam Overlay What it is overridden with.
 *
 * @example Usage
 * ```ts
 * import { type OverriddenState, overrideState } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const state = { require: ["Start"], multi: true } as const;
 * const overlay = { require: ["Ready"] } as const;
 * const overridden: OverriddenState<typeof state, typeof overlay> = overrideState(state, overlay);
 * assertEquals(overridden, { require: ["Ready"], multi: true });
 * ```
 */
export type OverriddenState<S extends State, Overlay extends State> =
  & Omit<S, Exclude<keyof Overlay, "tags">>
  & Omit<Overlay, "tags">;

/**
 * Override a state that was defined elsewhere: fields of the overlay replace those of the state.
 *
 * An empty list replaces too, `undefined` does not. Tags of the overlay are left out.
 *
 * @typeParam S The state, inferred.
 * @typeParam Overlay The overlay, inferred.
 * @param state The state.
 * @param overlay What to replace.
 * @returns A new state.
 *
 * @example Usage
 * ```ts
 * import { defineSchema, overrideState } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const worker = defineSchema({ Start: {}, Ready: { auto: true, require: ["Start"] } });
 * const schema = defineSchema({ Ready: overrideState(worker.Ready, { require: [] }) });
 * assertEquals(schema.Ready, { auto: true, require: [] });
 * ```
 */
export function overrideState<const S extends State, const Overlay extends State>(
  state: S,
  overlay: Overlay,
): OverriddenState<S, Overlay> {
  return applyOverlay(state, copyState(overlay)) as unknown as OverriddenState<S, Overlay>;
}

function applyOverlay(state: State, overlay: Draft): Draft {
  const { tags: _, ...fields } = overlay;
  return Object.assign(copyState(state), fields);
}

/**
 * Options of {@linkcode prefixSchema}.
 *
 * @typeParam Name Names of the schema's states.
 *
 * @example Usage
 * ```ts
 * import { type PrefixOptions, prefixSchema } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const options: PrefixOptions<"Foo" | "Bar"> = { skip: ["Bar"] };
 * assertEquals(Object.keys(prefixSchema({ Foo: {}, Bar: {} }, "Client", options)), ["ClientFoo"]);
 * ```
 */
export interface PrefixOptions<Name extends string = string> {
  /** Leave states alone whose names start with the prefix already, and their relations too. `false` by default. */
  readonly removeDuplicates?: boolean | undefined;
  /** States to take; all by default. */
  readonly allow?: readonly Name[] | undefined;
  /** States to leave out, of those; none by default. */
  readonly skip?: readonly Name[] | undefined;
}

/**
 * What {@linkcode prefixSchema} returns.
 *
 * @typeParam S The schema.
 * @typeParam Prefix The prefix.
 * @typeParam Options The options.
 *
 * @example Usage
 * ```ts
 * import { type PrefixedSchema, prefixSchema } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const schema = { Foo: { add: ["Bar"] }, Bar: {} } as const;
 * const prefixed: PrefixedSchema<typeof schema, "Client"> = prefixSchema(schema, "Client");
 * assertEquals(prefixed.ClientFoo.add, ["ClientBar"]);
 * ```
 */
export type PrefixedSchema<
  S extends Schema,
  Prefix extends string,
  Options extends PrefixOptions = PrefixOptions<never>,
> = {
  readonly [
    Name in keyof S & string as Name extends PickedName<Options, "allow", Name>
      ? Name extends PickedName<Options, "skip", never> ? never
      : PrefixedName<Name, Prefix, Options>
      : never
  ]: Name extends PrefixedName<Name, Prefix, Options> ? S[Name] : PrefixedState<S[Name], Prefix>;
};

/**
 * Names in a list of the options, or a default.
 *
 * @typeParam Options The options.
 * @typeParam List Which list.
 * @typeParam Default The names that an absent list stands for.
 * @internal
 */
type PickedName<Options extends PrefixOptions, List extends "allow" | "skip", Default> = Options extends {
  readonly [L in List]: readonly (infer Name)[];
} ? Name
  : Default;

/**
 * Name of a state after {@linkcode prefixSchema}.
 *
 * @typeParam Name The name before.
 * @typeParam Prefix The prefix.
 * @typeParam Options The options.
 * @internal
 */
type PrefixedName<Name extends string, Prefix extends string, Options extends PrefixOptions> = Options extends {
  readonly removeDuplicates: true;
} ? Name extends `${Prefix}${string}` ? Name : `${Prefix}${Name}`
  : `${Prefix}${Name}`;

/**
 * A state whose relations have a prefix.
 *
 * @typeParam S The state.
 * @typeParam Prefix The prefix.
 * @internal
 */
type PrefixedState<S extends State, Prefix extends string> = {
  readonly [Field in keyof S]: Field extends Relation ? PrefixedList<S[Field], Prefix> : S[Field];
};

/**
 * A list of names that have a prefix.
 *
 * @typeParam List The list.
 * @typeParam Prefix The prefix.
 * @internal
 */
type PrefixedList<List, Prefix extends string> = {
  readonly [Index in keyof List]: List[Index] extends string ? `${Prefix}${List[Index]}` : never;
};

/**
 * Put a prefix in front of the names of states, and of those in their relations, so that a schema can be used twice.
 *
 * @typeParam S The schema, inferred.
 * @typeParam Prefix The prefix, inferred.
 * @typeParam Options The options, inferred.
 * @param schema The schema.
 * @param prefix The prefix.
 * @param options What to leave alone, and what to leave out.
 * @returns A new schema of copies. Relations to states that were left out, and to `Exception`, have the prefix too.
 * @throws {TypeError} when the schema, a state or a field has the wrong shape.
 * @throws {RangeError} when a `timeoutMs` is negative or not finite.
 *
 * @example Usage
 * ```ts
 * import { defineSchema, mergeSchemas, prefixSchema } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const door = defineSchema({ Open: { remove: ["Closed"] }, Closed: { remove: ["Open"] } });
 * const house = defineSchema(mergeSchemas(prefixSchema(door, "Front"), prefixSchema(door, "Back")));
 * assertEquals(Object.keys(house), ["FrontOpen", "FrontClosed", "BackOpen", "BackClosed"]);
 * assertEquals(house.BackOpen, { remove: ["BackClosed"] });
 * ```
 */
export function prefixSchema<
  const S extends Schema,
  const Prefix extends string,
  const Options extends PrefixOptions<keyof S & string> = PrefixOptions<never>,
>(schema: S, prefix: Prefix, options?: Options): PrefixedSchema<S, Prefix, Options> {
  const { removeDuplicates = false, allow, skip = [] }: PrefixOptions = options ?? {};
  const names = subtractStates(allow ? sharedStates(schemaNames(schema), allow) : schemaNames(schema), skip);
  const copy: Schema = cloneSchema(schema);
  const entries = names.map((name): [string, State] => {
    const state = copy[name]!;
    if (removeDuplicates && name.startsWith(prefix)) return [name, state];
    return [prefix + name, prefixRelations(state, prefix)];
  });
  return Object.fromEntries(entries) as PrefixedSchema<S, Prefix, Options>;
}

function prefixRelations(state: State, prefix: string): State {
  const prefixed: Draft = { ...state };
  for (const relation of RELATIONS) {
    if (state[relation] !== undefined) prefixed[relation] = prefixStates(state[relation], prefix);
  }
  return prefixed;
}

/**
 * What {@linkcode filterByTag} returns: the states that have the tag, as far as the compiler knows their tags.
 *
 * @typeParam S The schema.
 * @typeParam Tag The tag.
 *
 * @example Usage
 * ```ts
 * import { filterByTag, type TaggedSchema } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const schema = { Foo: { tags: ["ui"] }, Bar: {} } as const;
 * const tagged: TaggedSchema<typeof schema, "ui"> = filterByTag(schema, "ui");
 * assertEquals(Object.keys(tagged), ["Foo"]);
 * ```
 */
export type TaggedSchema<S extends Schema, Tag extends string> = {
  readonly [
    Name in keyof S as "tags" extends keyof S[Name]
      ? Tag extends NonNullable<S[Name]["tags"]>[number] ? Name : string extends Tag ? Name : never
      : never
  ]: S[Name];
};

/**
 * Keep the states that have a tag.
 *
 * @typeParam S The schema, inferred.
 * @typeParam Tag The tag, inferred.
 * @param schema The schema.
 * @param tag The whole tag, `key` or `key:value`.
 * @returns A new schema of copies, in the same order.
 * @throws {TypeError} when the schema, a state or a field has the wrong shape.
 * @throws {RangeError} when a `timeoutMs` is negative or not finite.
 *
 * @example Usage
 * ```ts
 * import { defineSchema, filterByTag, schemaNames } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const schema = defineSchema({ Online: {}, Visible: { tags: ["ui"] } });
 * assertEquals(schemaNames(filterByTag(schema, "ui")), ["Visible"]);
 * ```
 */
export function filterByTag<const S extends Schema, const Tag extends string>(
  schema: S,
  tag: Tag,
): TaggedSchema<S, Tag> {
  const states = Object.entries(cloneSchema<Schema>(schema));
  return Object.fromEntries(states.filter(([, state]) => state.tags?.includes(tag))) as TaggedSchema<S, Tag>;
}

/**
 * List the names of a schema's states.
 *
 * @typeParam S The schema, inferred.
 * @param schema The schema.
 * @returns The names in the order of the schema's keys; `Exception` only if the schema defines it.
 *
 * @example Usage
 * ```ts
 * import { defineSchema, schemaNames } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(schemaNames(defineSchema({ Off: {}, On: {} })), ["Off", "On"]);
 * ```
 */
export function schemaNames<S extends Schema>(schema: S): (keyof S & string)[] {
  return Object.keys(schema);
}

/**
 * List the states that a state points at.
 *
 * @typeParam S The state, inferred.
 * @param state The state.
 * @returns The names in `add`, `after`, `require` and `remove`, in this order, repeats included.
 *
 * @example Usage
 * ```ts
 * import { adjacentStates } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(adjacentStates({ require: ["Online"], add: ["Busy"] }), ["Busy", "Online"]);
 * ```
 */
export function adjacentStates<const S extends State>(state: S): RelatedName<S>[] {
  const { add = [], after = [], require = [], remove = [] } = state;
  return [...add, ...after, ...require, ...remove] as RelatedName<S>[];
}

const RELATIONS = ["require", "add", "remove", "after"] as const satisfies readonly Relation[];
/** The fields of a state that are lists of names, in their order. */
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
  for (const [field, type] of FIELD_TYPES) {
    const value = state[field];
    if (value !== undefined && typeof value !== type) throw fieldError(name, field, value, `a ${type}`);
  }
  const { timeoutMs, args } = state as State;
  if (timeoutMs !== undefined && !(timeoutMs >= 0 && timeoutMs < Infinity)) {
    throw new RangeError(
      `Cannot read "timeoutMs" of state ${quote(name)}: ${timeoutMs} is not a finite number of 0 or more`,
    );
  }
  if (args !== undefined && !isStandardSchema(args)) throw fieldError(name, "args", args, "a Standard Schema");
}

const FIELD_TYPES = [["auto", "boolean"], ["multi", "boolean"], ["timeoutMs", "number"]] as const;

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
  const { auto, multi, require, add, remove, after, tags, timeoutMs, args } = state;
  const copy: Draft = {};
  if (auto !== undefined) copy.auto = auto;
  if (multi !== undefined) copy.multi = multi;
  if (require !== undefined) copy.require = [...require];
  if (add !== undefined) copy.add = [...add];
  if (remove !== undefined) copy.remove = [...remove];
  if (after !== undefined) copy.after = [...after];
  if (tags !== undefined) copy.tags = [...tags];
  if (timeoutMs !== undefined) copy.timeoutMs = timeoutMs;
  if (args !== undefined) copy.args = args;
  return copy;
}

function freezeState(state: State): State {
  for (const field of LISTS) Object.freeze(state[field]);
  return Object.freeze(state);
}
