import type { HandlerSuffix, IsPair, NearestHandler } from "./_handler_names.ts";
import type { Binding, MachineApi } from "./api.ts";
import type { HandlerArgs } from "./args.ts";
import type { Event, FinalEvent } from "./event.ts";
import type { IsLoose, Schema, StateName } from "./schema.ts";

/**
 * A handler that may cancel its transition by returning `false`; it must be synchronous.
 *
 * @example Usage
 * ```ts
 * import { Canceled, defineSchema, Machine, type NegotiationHandler } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const schema = defineSchema({ Foo: {} });
 * const refuse: NegotiationHandler<typeof schema> = () => false;
 * const machine = new Machine(schema);
 * machine.bindHandlers({ FooEnter: refuse });
 * assertEquals(machine.add("Foo"), Canceled);
 * ```
 */
export type NegotiationHandler<S extends Schema = Schema, Args = Record<string, unknown>> = (
  event: Event<S, Args>,
) => boolean | void;

/**
 * A handler that runs once the clock moved, and may not cancel; it may be async, and nothing waits for it.
 *
 * @example Usage
 * ```ts
 * import { defineSchema, type FinalHandler, Machine } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const schema = defineSchema({ Foo: {}, Bar: {} });
 * const addBar: FinalHandler<typeof schema> = ({ machine }) => machine.add("Bar");
 * const machine = new Machine(schema);
 * machine.bindHandlers({ FooState: addBar });
 * machine.add("Foo");
 * assertEquals(machine.is("Bar"), true);
 * ```
 */
export type FinalHandler<S extends Schema = Schema, Args = Record<string, unknown>> = (
  event: FinalEvent<S, Args>,
) => unknown;

/**
 * The handler that a key stands for: `FooState`, `FooEnd`, `AnyState` are final; `FooEnter`, `FooExit`, `FooFoo`, `FooBar`
 * and `AnyEnter` negotiate. A key that starts with a lower-case letter is free. Another key is a mistake, and its type says
 * which keys are like it.
 *
 * @typeParam S The machine's schema.
 * @typeParam Key The key in the object of handlers.
 * @typeParam Prefix What the handler's name starts with, before the key.
 * @typeParam AllowUnknown Whether keys that are no handler are let through.
 *
 * @example Usage
 * ```ts
 * import { Canceled, defineSchema, Executed, type HandlerFor, Machine } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const schema = defineSchema({ Foo: {} });
 * const refuse: HandlerFor<typeof schema, "FooEnter"> = ({ isCheck }) => isCheck; // may cancel
 * const machine = new Machine(schema);
 * machine.bindHandlers({ FooEnter: refuse });
 * assertEquals([machine.canAdd("Foo"), machine.add("Foo")], [Executed, Canceled]);
 * ```
 */
export type HandlerFor<
  S extends Schema,
  Key extends string,
  Prefix extends string = "",
  AllowUnknown extends boolean = false,
> = string extends Key | Prefix ? unknown
  : HandlerNamed<S, `${Prefix}${Key}`> extends infer Handler
    ? [Handler] extends [never] ? true extends AllowUnknown ? unknown
      : Key extends Uncapitalize<Key> ? unknown
      : `${Key} is no handler` & DidYouMean<Unprefixed<NearestHandler<StateName<S>, `${Prefix}${Key}`>, Prefix>>
    : Handler
  : never;

/**
 * The handler of a name, or never.
 *
 * @typeParam S The machine's schema.
 * @typeParam Name The name.
 * @internal
 */
type HandlerNamed<S extends Schema, Name extends string> = IsLoose<S> extends true ? unknown
  : Name extends "AnyEnter" ? NegotiationHandler<S>
  : Name extends "AnyState" ? FinalHandler<S>
  : Name extends `${infer State extends StateName<S>}State` ? FinalHandler<S, HandlerArgs<S, State>>
  : Name extends `${infer State extends StateName<S>}Enter` ? NegotiationHandler<S, HandlerArgs<S, State>>
  // not `${StateName<S>}End`: that would make as many strings as there are states, for each name
  : Name extends `${infer _State extends StateName<S>}End` ? FinalHandler<S>
  : Name extends `${infer _State extends StateName<S>}Exit` ? NegotiationHandler<S>
  : IsPair<StateName<S>, Name> extends true ? NegotiationHandler<S>
  : never;

/**
 * Part of the type of a wrong key, to be read in the compiler's message: the handlers that are like it.
 *
 * @typeParam Key The keys to choose from.
 * @internal
 */
interface DidYouMean<Key extends string> {
  // deno-lint-ignore no-explicit-any -- so that the compiler complains of the key, and not of the event too
  (event: any): Key;
}

/**
 * Names without a prefix; none for those that have another.
 *
 * @typeParam Name The names.
 * @typeParam Prefix The prefix.
 * @internal
 */
type Unprefixed<Name extends string, Prefix extends string> = Prefix extends "" ? Name
  : Name extends `${Prefix}${infer Key}` ? Key
  : never;

/**
 * The keys that an editor offers: all handlers but those of pairs, which are too many.
 *
 * @typeParam S The machine's schema.
 * @typeParam Prefix What the handlers' names start with, before the key.
 * @internal
 */
type ListedHandler<S extends Schema, Prefix extends string> = IsLoose<S> extends true ? never
  : string extends Prefix ? never
  : Unprefixed<`${StateName<S>}${HandlerSuffix}` | "AnyEnter" | "AnyState", Prefix>;

/**
 * An object of handlers, its keys checked one by one.
 *
 * @typeParam S The machine's schema.
 * @typeParam Key The keys that it may have, beside the handlers of each state.
 * @typeParam Prefix What the handlers' names start with, before the key.
 * @typeParam AllowUnknown Whether keys that are no handler are let through.
 *
 * @example Usage
 * ```ts
 * import { defineSchema, type Handlers, Machine } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const schema = defineSchema({ Foo: {} });
 * const calls: string[] = [];
 * const handlers: Handlers<typeof schema, "FooEnter" | "FooState"> = {
 *   FooEnter: ({ name }) => void calls.push(name),
 *   FooState: ({ name }) => void calls.push(name),
 * };
 * const machine = new Machine(schema);
 * machine.bindHandlers(handlers);
 * machine.add("Foo");
 * assertEquals(calls, ["FooEnter", "FooState"]);
 * ```
 */
export type Handlers<
  S extends Schema,
  Key extends string,
  Prefix extends string = "",
  AllowUnknown extends boolean = false,
> = IsLoose<S> extends true ? object
  :
    & { readonly [K in Key]?: HandlerFor<S, K, Prefix, AllowUnknown> }
    & { readonly [K in ListedHandler<S, Prefix>]?: HandlerFor<S, K, Prefix, AllowUnknown> };

/**
 * Options of `bindHandlers`.
 *
 * @typeParam Prefix The prefix, inferred.
 * @typeParam AllowUnknown Whether keys that are no handler are let through, inferred.
 *
 * @example Usage
 * ```ts
 * import { type BindOptions, Machine } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ ClientReady: {} });
 * const calls: string[] = [];
 * const options: BindOptions = { id: "client", statePrefix: "Client" };
 * machine.bindHandlers({ ReadyState: () => void calls.push("ready") }, options);
 * machine.add("ClientReady");
 * assertEquals(calls, ["ready"]);
 * ```
 */
export interface BindOptions<Prefix extends string = string, AllowUnknown extends boolean = boolean> {
  /** Id of the binding; characters other than `a-z A-Z 0-9 - _ .` are left out. `anon-` and four hex digits by default. */
  readonly id?: string | undefined;
  /** The handlers see only states whose names start with this, and are named without it. */
  readonly statePrefix?: Prefix | undefined;
  /**
   * Whether keys that start with an upper-case letter and are no handler are let through, by the compiler too: for states that
   * `setSchema` will add. `false` by default.
   */
  readonly allowUnknown?: AllowUnknown | undefined;
}

/**
 * A machine that handlers can be bound to, as pipes need it.
 *
 * @typeParam S The machine's schema.
 *
 * @example Usage
 * ```ts
 * import { defineSchema, type HandlerMachine, Machine } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const schema = defineSchema({ Foo: {} });
 * function count(machine: HandlerMachine<typeof schema>): () => number {
 *   let entered = 0;
 *   machine.bindHandlers({ FooState: () => void entered++ });
 *   return () => entered;
 * }
 *
 * const machine = new Machine(schema);
 * const entered = count(machine);
 * machine.add("Foo");
 * assertEquals(entered(), 1);
 * ```
 */
export interface HandlerMachine<S extends Schema = Schema> extends MachineApi<S> {
  /** Bind handlers. */
  bindHandlers<Key extends string = never, Prefix extends string = "", AllowUnknown extends boolean = false>(
    handlers: Handlers<S, Key, Prefix, AllowUnknown>,
    options?: BindOptions<Prefix, AllowUnknown>,
  ): Binding;
}
