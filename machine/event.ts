import type { MachineApi } from "./api.ts";
import type { HandlerArgs } from "./args.ts";
import type { Mutation } from "./mutation.ts";
import type { Schema } from "./schema.ts";
import type { Transition } from "./transition.ts";

/**
 * What a handler receives.
 *
 * @typeParam S The machine's schema.
 * @typeParam Args The mutation's arguments.
 *
 * @example Usage
 * ```ts
 * import { Canceled, defineSchema, type Event, Machine } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const schema = defineSchema({ Foo: {}, Bar: {} });
 * const machine = new Machine(schema);
 * const isFree = ({ name, machine }: Event<typeof schema>) => name === "FooEnter" && machine.not("Bar");
 * machine.bindHandlers({ FooEnter: isFree });
 * machine.add("Bar");
 * assertEquals(machine.add("Foo"), Canceled);
 * ```
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
 *
 * @example Usage
 * ```ts
 * import { defineSchema, type FinalEvent, Machine } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const schema = defineSchema({ Foo: {} });
 * const signals: AbortSignal[] = [];
 * const machine = new Machine(schema);
 * machine.bindHandlers({ FooState: ({ signal }: FinalEvent<typeof schema>) => void signals.push(signal) });
 * machine.add("Foo");
 * assertEquals(signals[0]?.aborted, false);
 * machine.remove("Foo");
 * assertEquals(signals[0]?.aborted, true);
 * ```
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
 *
 * @example Usage
 * ```ts
 * import { argsType, defineSchema, type EventOf, Machine } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const schema = defineSchema({ Loading: { args: argsType<{ path: string }>() } });
 * class Handlers {
 *   readonly paths: string[] = [];
 *   LoadingState({ args }: EventOf<typeof schema, "Loading">): void {
 *     this.paths.push(args.path);
 *   }
 * }
 *
 * const handlers = new Handlers();
 * const machine = new Machine(schema);
 * machine.bindHandlers(handlers);
 * machine.add("Loading", { path: "a.txt" });
 * assertEquals(handlers.paths, ["a.txt"]);
 * ```
 */
export type EventOf<S extends Schema, Name extends string> = FinalEvent<S, HandlerArgs<S, Name>>;
