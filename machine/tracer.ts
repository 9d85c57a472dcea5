import type { MachineApi } from "./api.ts";
import type { Mutation } from "./mutation.ts";
import type { Schema } from "./schema.ts";
import type { LogLevel, Transition } from "./transition.ts";

/**
 * What a tracer asks the machine to build. A machine builds what one of its tracers wants, and nothing else; all methods of a
 * tracer are called whatever it wants.
 */
export interface TracerWants {
  /** `transition.steps`. `false` by default. */
  readonly steps?: boolean | undefined;
  /** `transition.steps` of checks too. `false` by default. */
  readonly checkSteps?: boolean | undefined;
  /** Log lines up to this level, for `log`, `transition.logEntries` and `preLogEntries`. `"nothing"` by default. */
  readonly logLevel?: LogLevel | undefined;
  /** `mutation.loggedArgs`. `false` by default. */
  readonly args?: boolean | undefined;
}

/** Names of a tracer's methods. */
export type TracerHook = Exclude<keyof Tracer, "wants" | "inheritable">;

/**
 * Sees everything that a machine does. An object with any of these methods; {@linkcode NoOpTracer} to extend.
 *
 * They are called in the order: `mutationQueued`, `transitionInit`, `transitionStart`, `handlerStart` and `handlerEnd` of
 * the negotiation, `transitionFinals` when it was accepted, `handlerStart` and `handlerEnd` of the final handlers,
 * `transitionEnd`, and `queueEnd` when nothing waits any more. A mutation that a tracer makes is queued. A tracer that
 * throws never disturbs the machine: after ten errors it is detached.
 */
export interface Tracer {
  /** What the machine is to build for this tracer. Read when the tracer is bound. */
  readonly wants?: TracerWants | undefined;
  /** Whether machines that are made with this one as their parent get the tracer too. `false` by default. */
  readonly inheritable?: boolean | undefined;
  /** The machine was made with this tracer among its options. */
  machineInit?(machine: MachineApi): void;
  /** The order of the machine's states was set. */
  verifyStates?(machine: MachineApi): void;
  /** The machine has a new schema. */
  schemaChange?(machine: MachineApi, old: Schema): void;
  /** A mutation went into the queue. */
  mutationQueued?(machine: MachineApi, mutation: Mutation): void;
  /** Relations are resolved, no handler ran. */
  transitionInit?(transition: Transition<MachineApi>): void;
  /** Negotiation begins, unless relations refused the transition. */
  transitionStart?(transition: Transition<MachineApi>): void;
  /** A handler is about to be called. */
  handlerStart?(transition: Transition<MachineApi>, binding: string, name: string): void;
  /** A handler returned or threw. */
  handlerEnd?(transition: Transition<MachineApi>, binding: string, name: string): void;
  /** The transition was accepted and the clock moved; final handlers begin. */
  transitionFinals?(transition: Transition<MachineApi>): void;
  /** The transition is over. */
  transitionEnd?(transition: Transition<MachineApi>): void;
  /** Nothing waits in the queue any more. */
  queueEnd?(machine: MachineApi): void;
  /** A machine was made with this one as its parent. */
  newSubmachine?(parent: MachineApi, machine: MachineApi): void;
  /** The machine is disposed. */
  machineDispose?(machine: MachineApi): void;
  /** A line of the text log, without the machine's id. */
  log?(machine: MachineApi, level: LogLevel, text: string): void;
}

/**
 * A tracer whose methods do nothing, to extend.
 *
 * @example Usage
 * ```ts
 * import { Machine, NoOpTracer, type Transition } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * class Counter extends NoOpTracer {
 *   canceled = 0;
 *   override transitionEnd(transition: Transition) {
 *     if (!transition.accepted) this.canceled++;
 *   }
 * }
 *
 * const counter = new Counter();
 * const machine = new Machine({ Start: {}, Ready: { require: ["Start"] } }, { tracers: [counter] });
 * machine.add("Ready");
 * assertEquals(counter.canceled, 1);
 * ```
 */
export class NoOpTracer implements Required<Pick<Tracer, TracerHook>> {
  /** The machine was made with this tracer among its options. */
  machineInit(_machine: MachineApi): void {}
  /** The order of the machine's states was set. */
  verifyStates(_machine: MachineApi): void {}
  /** The machine has a new schema. */
  schemaChange(_machine: MachineApi, _old: Schema): void {}
  /** A mutation went into the queue. */
  mutationQueued(_machine: MachineApi, _mutation: Mutation): void {}
  /** Relations are resolved, no handler ran. */
  transitionInit(_transition: Transition<MachineApi>): void {}
  /** Negotiation begins, unless relations refused the transition. */
  transitionStart(_transition: Transition<MachineApi>): void {}
  /** A handler is about to be called. */
  handlerStart(_transition: Transition<MachineApi>, _binding: string, _name: string): void {}
  /** A handler returned or threw. */
  handlerEnd(_transition: Transition<MachineApi>, _binding: string, _name: string): void {}
  /** The transition was accepted and the clock moved; final handlers begin. */
  transitionFinals(_transition: Transition<MachineApi>): void {}
  /** The transition is over. */
  transitionEnd(_transition: Transition<MachineApi>): void {}
  /** Nothing waits in the queue any more. */
  queueEnd(_machine: MachineApi): void {}
  /** A machine was made with this one as its parent. */
  newSubmachine(_parent: MachineApi, _machine: MachineApi): void {}
  /** The machine is disposed. */
  machineDispose(_machine: MachineApi): void {}
  /** A line of the text log, without the machine's id. */
  log(_machine: MachineApi, _level: LogLevel, _text: string): void {}
}
