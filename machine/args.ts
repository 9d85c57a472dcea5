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
 */
export type KnownName<S extends Schema, Name extends string> = IsLoose<S> extends true ? string : Name;

/**
 * The arguments that a mutation of states takes: those of each of them. Any object, when names are known at run time only.
 *
 * @typeParam S The machine's schema.
 * @typeParam Name The called states.
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
 */
export type ArgsAndOptions<S extends Schema, Name extends string, Options> = true extends
  IsOptional<CalledArgs<S, Name>> | IsAny<S, Name>
  ? [args?: CalledArgs<S, Name> | null | undefined, options?: Options | undefined]
  : [args: CalledArgs<S, Name>, options?: Options | undefined];

/** Whether no argument is required. */
export type IsOptional<Args extends object> = Record<never, never> extends Args ? true : false;

/** Whether it may be any state: also what the compiler takes a wrong name for, of which it is to complain then. */
export type IsAny<S extends Schema, Name extends string> = [StateName<S>] extends [Name] ? true : false;

/**
 * The arguments that a check takes of those of a mutation, and a wait of those that it looks for: any of them.
 *
 * @typeParam S The machine's schema.
 * @typeParam Name The states.
 */
export type SomeArgs<S extends Schema, Name extends string> = IsLoose<S> extends true ? object
  : { readonly [Key in keyof CalledArgs<S, Name>]?: CalledArgs<S, Name>[Key] | undefined };

/**
 * The arguments that `addErr` takes beside the error itself.
 *
 * @typeParam S The machine's schema.
 * @typeParam Name The error state.
 */
export type ErrorArgs<S extends Schema, Name extends string> = IsLoose<S> extends true ? object
  : Omit<ArgsOf<S, Name>, keyof ExceptionArgs>;
