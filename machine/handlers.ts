import type { Binding, MachineApi } from "./api.ts";
import type { Event, ExceptionArgs, FinalEvent } from "./event.ts";
import type { ArgsOf, Schema, StateName } from "./schema.ts";

/** A handler that may cancel its transition by returning `false`; it must be synchronous. */
export type NegotiationHandler<S extends Schema = Schema, Args = Record<string, unknown>> = (
  event: Event<S, Args>,
) => boolean | void;

/** A handler that runs once the clock moved, and may not cancel; it may be async, and nothing waits for it. */
export type FinalHandler<S extends Schema = Schema, Args = Record<string, unknown>> = (
  event: FinalEvent<S, Args>,
) => unknown;

/** The arguments that the State and Enter handlers of a state see. */
export type HandlerArgs<S extends Schema, Name extends string> = Name extends "Exception" ? ExceptionArgs
  : ArgsOf<S, Name>;

/**
 * The handler that a key stands for: `FooState`, `FooEnd`, `AnyState` are final; `FooEnter`, `FooExit`, `FooFoo`, `FooBar`
 * and `AnyEnter` negotiate.
 *
 * @typeParam S The machine's schema.
 * @typeParam Key The key in the object of handlers.
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

/** `FooBar` negotiates; any other key is free. */
export type OtherHandler<S extends Schema, Key extends string> = {
  [Name in StateName<S>]: Key extends `${Name}${infer Other}` ? Other extends StateName<S> ? true : never : never;
}[StateName<S>] extends never ? unknown
  : NegotiationHandler<S>;

/**
 * An object of handlers, its keys checked one by one.
 *
 * @typeParam S The machine's schema.
 * @typeParam Key The keys that are there.
 */
export type Handlers<S extends Schema, Key extends string> = { readonly [K in Key]: HandlerFor<S, K> };

/** Options of `bindHandlers`. */
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
 */
export interface HandlerMachine<S extends Schema = Schema> extends MachineApi<S> {
  /** Bind handlers. */
  bindHandlers<Key extends string>(handlers: Handlers<S, Key>, options?: BindOptions): Binding;
}
