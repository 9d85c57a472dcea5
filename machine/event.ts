import type { MachineApi } from "./api.ts";
import type { Mutation, MutationType } from "./mutation.ts";
import type { ArgsOf, Schema } from "./schema.ts";
import type { Transition } from "./transition.ts";

/** The handler call in which an error was thrown. */
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

/** The arguments of `Exception` and of error states; a caller's own arguments stand beside them. */
export interface ExceptionArgs {
  /** The very error that was thrown or added, if it is an Error; else one with it as its `cause`. */
  readonly error: Error;
  /** Where it was thrown; absent when it was added with `addErr`. */
  readonly panic?: Panic;
}

/**
 * What a handler receives.
 *
 * @typeParam S The machine's schema.
 * @typeParam Args The mutation's arguments.
 */
export interface Event<S extends Schema = Schema, Args = Record<string, unknown>> {
  /** Name of the handler as it was called, `FooEnter`. */
  readonly name: string;
  /** The machine. */
  readonly machine: MachineApi<S>;
  /** The mutation's arguments; never null. */
  readonly args: Readonly<Args>;
  /** The transition that calls the handler. */
  readonly transition: Transition<MachineApi<S>>;
  /** The transition's mutation. */
  readonly mutation: Mutation;
  /** Whether the mutation only asks if it would be accepted. */
  readonly isCheck: boolean;
  /** Whether the transition is the machine's current one, and still accepted. */
  isValid(): boolean;
}

/**
 * What a final handler receives.
 *
 * @typeParam S The machine's schema.
 * @typeParam Args The mutation's arguments.
 */
export interface FinalEvent<S extends Schema = Schema, Args = Record<string, unknown>> extends Event<S, Args> {
  /**
   * In `FooState`: aborted when this activation of Foo is over. In `FooEnd` and `AnyState`: the machine's own signal.
   * Made when it is read.
   */
  readonly signal: AbortSignal;
}

/**
 * The event of a state's `FooState` handler.
 *
 * @typeParam S The machine's schema, `typeof schema`.
 * @typeParam Name The state.
 */
export type EventOf<S extends Schema, Name extends string> = FinalEvent<S, ArgsOf<S, Name>>;
