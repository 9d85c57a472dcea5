// Types only: `deno check` is the test. Each `@ts-expect-error` is a mistake that the compiler has to find.
import {
  adjacentStates,
  type ArgsOf,
  type ArgsSchema,
  argsType,
  cloneSchema,
  defineSchema,
  extendState,
  type filterByTag,
  mergeSchemas,
  overrideState,
  prefixSchema,
  type Schema,
  schemaNames,
  type State,
  type StateName,
} from "../../machine/schema.ts";

/** Compiles for equal types only: `any` is equal to nothing else. */
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;

function expectType<_T extends true>(): void {}

const schema = defineSchema({
  Start: {},
  Ready: { auto: true, require: ["Start", "Exception"], args: argsType<{ path: string }>(), tags: ["ui", "x:1"] },
  Busy: { add: ["Ready"], remove: ["Start"], after: ["Ready"], tags: ["x:1"] },
});

// StateName: the schema's names and Exception, once
expectType<Equal<StateName<typeof schema>, "Start" | "Ready" | "Busy" | "Exception">>();
expectType<Equal<StateName<Schema>, string>>();
expectType<Equal<StateName<Schema<"A">>, "A" | "Exception">>();

// defineSchema() keeps literal types
expectType<Equal<typeof schema.Busy.add, readonly ["Ready"]>>();
expectType<Equal<typeof schema.Ready.auto, true>>();

// a relation to an unknown state
// @ts-expect-error "Redy" is not in the schema
defineSchema({ Ready: {}, Busy: { add: ["Redy"] } });
// @ts-expect-error "Redy" is not in the schema
defineSchema({ Ready: {}, Busy: { require: ["Redy"] } });
// @ts-expect-error "Redy" is not in the schema
defineSchema({ Ready: {}, Busy: { remove: ["Ready", "Redy"] } });
// @ts-expect-error "Redy" is not in the schema
defineSchema({ Ready: {}, Busy: { after: ["Redy"] } });

// Exception can be required, and stand elsewhere only when it is defined
defineSchema({ A: { require: ["Exception"] } });
// @ts-expect-error it would be dropped
defineSchema({ A: { add: ["Exception"] } });
// @ts-expect-error it would be dropped
defineSchema({ A: { remove: ["Exception"] } });
// @ts-expect-error it would be dropped
defineSchema({ A: { after: ["Exception"] } });
defineSchema({ A: { add: ["Exception"], remove: ["Exception"], after: ["Exception"] }, Exception: { multi: true } });

// fields
// @ts-expect-error a field that states do not have
defineSchema({ A: { auto: true, required: ["B"] }, B: {} });
// @ts-expect-error a field that states do not have, and no other
defineSchema({ A: { required: ["B"] }, B: {} });
// @ts-expect-error auto is a boolean
defineSchema({ A: { auto: 1 } });
// @ts-expect-error relations are lists
defineSchema({ A: { add: "A" } });
// @ts-expect-error timeoutMs is a number
defineSchema({ A: { timeoutMs: "1s" } });
// @ts-expect-error args is a Standard Schema
defineSchema({ A: { args: { path: "string" } } });
// @ts-expect-error a state is an object
defineSchema({ A: true });

// a defined schema cannot be changed
// @ts-expect-error read-only
schema.Ready.auto = false;
// @ts-expect-error read-only
schema.Busy.add.push("Start");

// any source of a schema
defineSchema({});
defineSchema(JSON.parse("{}") as Schema);
defineSchema({ A: { remove: ["B"] }, B: {} } as const satisfies Schema);
defineSchema({ ["__proto__"]: {}, constructor: { add: ["__proto__"] } });
const groups = { playing: ["Playing", "Paused"] } as const;
defineSchema({ Playing: { remove: groups.playing }, Paused: { remove: [...groups.playing] } });
const typed: Schema<"A" | "B"> = { A: {}, B: {} };
// @ts-expect-error relations of any string are not known to be right
defineSchema(typed);
// @ts-expect-error "C" is not one of its names
export const wrongName: Schema<"A"> = { A: {}, C: {} };
// @ts-expect-error "C" is not one of the names
export const wrongRelation: State<"A"> = { add: ["C"] };

// ArgsOf
expectType<Equal<ArgsOf<typeof schema, "Ready">, { path: string }>>();
expectType<Equal<ArgsOf<typeof schema, "Start">, Record<string, unknown>>>();
expectType<Equal<ArgsOf<typeof schema, "Exception">, Record<string, unknown>>>();
expectType<Equal<ArgsOf<Schema, string>, Record<string, unknown>>>();

// a Standard Schema as its specification writes it, with an input of another type than its output
interface StandardSchema<Input, Output> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown, options?: { readonly libraryOptions?: Record<string, unknown> | undefined }) =>
      | { readonly value: Output; readonly issues?: undefined }
      | { readonly issues: ReadonlyArray<Issue> }
      | Promise<{ readonly value: Output; readonly issues?: undefined } | { readonly issues: ReadonlyArray<Issue> }>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}
interface Issue {
  readonly message: string;
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined;
}
declare const fromString: StandardSchema<{ count: string }, { count: number }>;
declare const anything: StandardSchema<unknown, unknown>;
export function takeStandardSchemas(): void {
  const parsed = defineSchema({ A: { args: fromString }, B: { args: anything } });
  expectType<Equal<ArgsOf<typeof parsed, "A">, { count: number }>>();
  expectType<Equal<ArgsOf<typeof parsed, "B">, Record<string, unknown>>>();
  const plain: ArgsSchema<{ count: number }> = fromString;
  const standard: StandardSchema<unknown, { count: number }> = plain;
  void standard;
}

// mergeSchemas(): the last definition of each name
const merged = mergeSchemas(schema, { Busy: { require: ["Start"] }, Done: {} }, { Done: { auto: true } });
expectType<Equal<keyof typeof merged, "Start" | "Ready" | "Busy" | "Done">>();
expectType<Equal<typeof merged.Busy, { readonly require: readonly ["Start"] }>>();
expectType<Equal<typeof merged.Done, { readonly auto: true }>>();
expectType<Equal<ArgsOf<typeof merged, "Ready">, { path: string }>>();
defineSchema(merged);
// @ts-expect-error a relation of one schema to a state that none of them has
defineSchema(mergeSchemas({ A: {} }, { B: { add: ["C"] } }));
const lists: Schema[] = [schema, { Done: {} }];
expectType<Equal<ReturnType<typeof mergeSchemas<typeof lists>>, Schema>>();

// extendState() and overrideState(): relations are checked by the schema that they end up in
const extended = defineSchema({
  ...schema,
  Busy: extendState(schema.Busy, { add: ["Done"], args: argsType<{ job: number }>() }),
  Done: extendState(schema.Ready, { multi: true }),
});
expectType<Equal<ArgsOf<typeof extended, "Busy">, { job: number }>>();
expectType<Equal<ArgsOf<typeof extended, "Done">, { path: string }>>();
// @ts-expect-error "Nowhere" is not in the schema
defineSchema({ ...schema, Busy: extendState(schema.Busy, { add: ["Nowhere"] }) });
// @ts-expect-error a field that states do not have
extendState(schema.Busy, { required: ["Start"] });

const overridden = defineSchema({
  Ready: overrideState(schema.Ready, { require: [], auto: false }),
});
expectType<Equal<ArgsOf<typeof overridden, "Ready">, { path: string }>>();
expectType<Equal<typeof overridden.Ready.auto, false>>();
// @ts-expect-error "Start" is still required, and not in the schema
defineSchema({ Ready: overrideState(schema.Ready, { auto: false }) });

// prefixSchema()
const prefixed = prefixSchema(schema, "My");
expectType<Equal<keyof typeof prefixed, "MyStart" | "MyReady" | "MyBusy">>();
expectType<Equal<typeof prefixed.MyBusy.add, readonly ["MyReady"]>>();
expectType<Equal<ArgsOf<typeof prefixed, "MyReady">, { path: string }>>();
const kept = prefixSchema({ MyA: { add: ["B"] }, B: { add: ["MyA"] } }, "My", { removeDuplicates: true });
expectType<Equal<keyof typeof kept, "MyA" | "MyB">>();
expectType<Equal<typeof kept.MyA.add, readonly ["B"]>>();
expectType<Equal<typeof kept.MyB.add, readonly ["MyMyA"]>>();
const some = prefixSchema(schema, "My", { allow: ["Start", "Busy"], skip: ["Busy"] });
expectType<Equal<keyof typeof some, "MyStart">>();
// @ts-expect-error "Bussy" is not in the schema
prefixSchema(schema, "My", { skip: ["Bussy"] });
expectType<Equal<StateName<ReturnType<typeof prefixSchema<Schema, "My">>>, `My${string}` | "Exception">>();

// filterByTag(), schemaNames(), cloneSchema(), adjacentStates()
expectType<Equal<keyof ReturnType<typeof filterByTag<typeof schema, "ui">>, "Ready">>();
expectType<Equal<keyof ReturnType<typeof filterByTag<typeof schema, "x:1">>, "Ready" | "Busy">>();
expectType<Equal<keyof ReturnType<typeof filterByTag<typeof schema, string>>, "Ready" | "Busy">>();
expectType<Equal<keyof ReturnType<typeof filterByTag<Schema, "ui">> & string, string>>();
const names = schemaNames(schema);
expectType<Equal<typeof names, ("Start" | "Ready" | "Busy")[]>>();
const clone = cloneSchema(schema);
expectType<Equal<typeof clone, typeof schema>>();
const adjacent = adjacentStates(schema.Busy);
expectType<Equal<typeof adjacent, ("Ready" | "Start")[]>>();
const none = adjacentStates(schema.Start);
expectType<Equal<typeof none, never[]>>();
