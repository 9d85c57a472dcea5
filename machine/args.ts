import type { MutationType } from "./mutation.ts";
import type { ArgsOf, IsLoose, Schema, StateName } from "./schema.ts";

/**
 * The handler call in which an error was thrown.
 *
 * @example Usage
 * ```ts
 * import { Machine, type Panic } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const panics: (Panic | undefined)[] = [];
 * const machine = new Machine({ Foo: {} });
 * machine.bindHandlers({
 *   FooEnter() {
 *     throw new Error("boom");
 *   },
 *   ExceptionState: ({ args }) => void panics.push(args.panic),
 * });
 * machine.add("Foo");
 * assertEquals(panics, [{ type: "add", calledStates: ["Foo"], statesBefore: [], handler: "FooEnter" }]);
 * ```
 */
export interface Panic {
  /** Type of the transition's mutation. */
  readonly type: MutationType;
  /** The called states of the transition, in the order given. */
  readonly calledStates: readonly string[];
  /** The active states before the transition, in order. */
  readonly statesBefore: readonly string[];
  /** Name of the handler that threw. */
  readonly handler: string;
}

/**
 * The arguments of `Exception` and of error states; a caller's own arguments stand beside them.
 *
 * @example Usage
 * ```ts
 * import { type ExceptionArgs, Machine } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const seen: Partial<ExceptionArgs>[] = [];
 * const machine = new Machine({ Foo: {} });
 * machine.bindHandlers({ ExceptionState: ({ args }) => void seen.push(args) });
 * machine.addErr(new Error("boom"));
 * assertEquals(seen.map(({ error, panic }) => [error?.message, panic]), [["boom", undefined]]);
 * ```
 */
export interface ExceptionArgs {
  /** The very error that was thrown or added, if it is an Error; else one with it as its `cause`. */
  readonly error: Error;
  /** Where it was thrown; absent when it was added with `addErr`. */
  readonly panic?: Panic;
}

/**
 * The arguments that the State and Enter handlers of a state see.
 *
 * @typeParam S The machine's schema.
 * @typeParam Name The state.
 *
 * @example Usage
 * ```ts
 * import { argsType, defineSchema, type HandlerArgs } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const schema = defineSchema({ Loading: { args: argsType<{ path: string }>() } });
 * const args: HandlerArgs<typeof schema, "Loading"> = { path: "a.txt" };
 * const error: HandlerArgs<typeof schema, "Exception"> = { error: new Error("boom") };
 * assertEquals([args.path, error.error.message], ["a.txt", "boom"]);
 * ```
 */
export type HandlerArgs<S extends Schema, Name extends string> = IsLoose<S> extends true ? Record<string, unknown>
  : Name extends "Exception" ? ExceptionArgs
  : ArgsOf<S, Name>;

/**
 * A name as a method takes it: any string where names are known at run time only, so that a machine of known names is a
 * machine of any names, too.
 *
 * @typeParam S The machine's schema.
 * @typeParam Name The name.
 *
 * @example Usage
 * ```ts
 * import { defineSchema, type KnownName, type Schema } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const schema = defineSchema({ Off: {}, On: {} });
 * const known: KnownName<typeof schema, "Off"> = "Off";
 * const any: KnownName<Schema, "Off"> = "Anything";
 * assertEquals([known, any], ["Off", "Anything"]);
 * ```
 */
export type KnownName<S extends Schema, Name extends string> = IsLoose<S> extends true ? string : Name;

/**
 * The arguments that a mutation of states takes: those of each of them. Any object, when names are known at run time only.
 *
 * @typeParam S The machine's schema.
 * @typeParam Name The called states.
 *
 * @example Usage
 * ```ts
 * import { argsType, type CalledArgs, defineSchema } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const schema = defineSchema({
 *   Loading: { args: argsType<{ path: string }>() },
 *   Counted: { args: argsType<{ words: number }>() },
 * });
 * const args: CalledArgs<typeof schema, "Loading" | "Counted"> = { path: "a.txt", words: 7 };
 * assertEquals(Object.keys(args), ["path", "words"]);
 * ```
 */
export type CalledArgs<S extends Schema, Name extends string> = IsLoose<S> extends true ? object
  : (Name extends unknown ? (args: ArgsOf<S, Name>) => void : never) extends (args: infer Args extends object) => void
    ? Args
  : never;

/**
 * What stands behind the states in a call of `add`, `set` and `toggle`: the arguments can be left out where none of them is
 * required, and where it may be any state.
 *
 * @typeParam S The machine's schema.
 * @typeParam Name The called states.
 * @typeParam Options Options of the call.
 *
 * @example Usage
 * ```ts
 * import { type ArgsAndOptions, argsType, defineSchema, Machine, type MutationOptions } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const schema = defineSchema({ Loading: { args: argsType<{ path: string }>() }, Idle: {} });
 * const machine = new Machine(schema);
 * // takes what add() takes behind the state
 * function load(...argsAndOptions: ArgsAndOptions<typeof schema, "Loading", MutationOptions>): boolean {
 *   machine.add("Loading", ...argsAndOptions);
 *   return machine.is("Loading");
 * }
 *
 * assertEquals(load({ path: "a.txt" }), true); // load() is an error of types
 * const none: ArgsAndOptions<typeof schema, "Idle", MutationOptions> = [];
 * machine.set("Idle", ...none);
 * assertEquals(machine.is("Loading"), false);
 * ```
 */
export type ArgsAndOptions<S extends Schema, Name extends string, Options> = true extends
  IsOptional<CalledArgs<S, Name>> | IsAny<S, Name>
  ? [args?: CalledArgs<S, Name> | null | undefined, options?: Options | undefined]
  : [args: CalledArgs<S, Name>, options?: Options | undefined];

/**
 * Whether no argument is required.
 *
 * @internal
 */
type IsOptional<Args extends object> = Record<never, never> extends Args ? true : false;

/**
 * Whether it may be any state: also what the compiler takes a wrong name for, of which it is to complain then.
 *
 * @internal
 */
type IsAny<S extends Schema, Name extends string> = [StateName<S>] extends [Name] ? true : false;

/**
 * The arguments that a check takes of those of a mutation, and a wait of those that it looks for: any of them.
 *
 * @typeParam S The machine's schema.
 * @typeParam Name The states.
 *
 * @example Usage
 * ```ts
 * import { argsType, defineSchema, Machine, type SomeArgs } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const schema = defineSchema({ Loaded: { args: argsType<{ path: string; size: number }>() } });
 * const machine = new Machine(schema);
 * const wanted: SomeArgs<typeof schema, "Loaded"> = { path: "a.txt" };
 * const loaded = machine.whenArgs("Loaded", wanted);
 * machine.add("Loaded", { path: "a.txt", size: 7 });
 * assertEquals((await loaded).size, 7);
 * ```
 */
export type SomeArgs<S extends Schema, Name extends string> = IsLoose<S> extends true ? object
  : { readonly [Key in keyof CalledArgs<S, Name>]?: CalledArgs<S, Name>[Key] | undefined };

/**
 * The arguments that `addErr` takes beside the error itself.
 *
 * @typeParam S The machine's schema.
 * @typeParam Name The error state.
 *
 * @example Usage
 * ```ts
 * import { argsType, defineSchema, type ErrorArgs, Machine } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const schema = defineSchema({ ErrDisk: { args: argsType<{ error: Error; device: string }>() } });
 * const machine = new Machine(schema);
 * const args: ErrorArgs<typeof schema, "ErrDisk"> = { device: "sda" };
 * machine.addErr(new Error("full"), args, { state: "ErrDisk" });
 * assertEquals(machine.is("ErrDisk"), true);
 * ```
 */
export type ErrorArgs<S extends Schema, Name extends string> = IsLoose<S> extends true ? object
  : Omit<ArgsOf<S, Name>, keyof ExceptionArgs>;
