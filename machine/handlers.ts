import type { Binding, MachineApi } from "./api.ts";
import type { Event, ExceptionArgs, FinalEvent } from "./event.ts";
import type { ArgsOf, Schema, StateName } from "./schema.ts";

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
 * The arguments that the State and Enter handlers of a state see.
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
export type HandlerArgs<S extends Schema, Name extends string> = Name extends "Exception" ? ExceptionArgs
  : ArgsOf<S, Name>;

/**
 * The handler that a key stands for: `FooState`, `FooEnd`, `AnyState` are final; `FooEnter`, `FooExit`, `FooFoo`, `FooBar`
 * and `AnyEnter` negotiate.
 *
 * @typeParam S The machine's schema.
 * @typeParam Key The key in the object of handlers.
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
export type HandlerFor<S extends Schema, Key extends string> = string extends StateName<S> ? unknown
  : Key extends "AnyEnter" ? NegotiationHandler<S>
  : Key extends "AnyState" ? FinalHandler<S>
  : Key extends `${infer Name}State`
    ? Name extends StateName<S> ? FinalHandler<S, HandlerArgs<S, Name>> : OtherHandler<S, Key>
  : Key extends `${infer Name}End` ? Name extends StateName<S> ? FinalHandler<S> : OtherHandler<S, Key>
  : Key extends `${infer Name}Enter`
    ? Name extends StateName<S> ? NegotiationHandler<S, HandlerArgs<S, Name>> : OtherHandler<S, Key>
  : Key extends `${infer Name}Exit` ? Name extends StateName<S> ? NegotiationHandler<S> : OtherHandler<S, Key>
  : OtherHandler<S, Key>;

/**
 * `FooBar` negotiates; any other key is free.
 *
 * @example Usage
 * ```ts
 * import { Canceled, defineSchema, Machine, type OtherHandler } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const schema = defineSchema({ Foo: { remove: ["Bar"] }, Bar: { remove: ["Foo"] } });
 * const stay: OtherHandler<typeof schema, "FooBar"> = () => false;
 * const free: OtherHandler<typeof schema, "helper"> = 42;
 * const machine = new Machine(schema);
 * machine.bindHandlers({ FooBar: stay, helper: free });
 * machine.add("Foo");
 * assertEquals(machine.add("Bar"), Canceled);
 * ```
 */
export type OtherHandler<S extends Schema, Key extends string> = {
  [Name in StateName<S>]: Key extends `${Name}${infer Other}` ? Other extends StateName<S> ? true : never : never;
}[StateName<S>] extends never ? unknown
  : NegotiationHandler<S>;

/**
 * An object of handlers, its keys checked one by one.
 *
 * @typeParam S The machine's schema.
 * @typeParam Key The keys that are there.
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
export type Handlers<S extends Schema, Key extends string> = { readonly [K in Key]: HandlerFor<S, K> };

/**
 * Options of `bindHandlers`.
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
export interface BindOptions {
  /** Id of the binding; characters other than `a-z A-Z 0-9 - _ .` are left out. `anon-` and four hex digits by default. */
  readonly id?: string | undefined;
  /** The handlers see only states whose names start with this, and are named without it. */
  readonly statePrefix?: string | undefined;
  /** Whether keys that start with an upper-case letter and are no handler are let through. `false` by default. */
  readonly allowUnknown?: boolean | undefined;
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
  bindHandlers<Key extends string>(handlers: Handlers<S, Key>, options?: BindOptions): Binding;
}
