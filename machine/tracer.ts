import type { MachineApi } from "./api.ts";
import type { Mutation } from "./mutation.ts";
import type { Schema } from "./schema.ts";
import type { LogLevel, Transition } from "./transition.ts";

/**
 * What a tracer asks the machine to build. A machine builds what one of its tracers wants, and nothing else; all methods of a
 * tracer are called whatever it wants.
 *
 * @example Usage
 * ```ts
 * import { Machine, type Tracer, type TracerWants } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const types: string[] = [];
 * const wants: TracerWants = { steps: true };
 * const tracer: Tracer = { wants, transitionEnd: ({ steps }) => void types.push(...steps.map(({ type }) => type)) };
 * const machine = new Machine({ Foo: {} }, { tracers: [tracer] });
 * machine.bindHandlers({ FooState: () => {} });
 * machine.add("Foo");
 * assertEquals(types, ["called", "activate", "handler"]);
 * ```
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

/**
 * Names of a tracer's methods.
 *
 * @example Usage
 * ```ts
 * import { Machine, type Tracer, type TracerHook } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const hooks: TracerHook[] = ["mutationQueued", "transitionEnd"];
 * const calls: string[] = [];
 * const tracer: Tracer = Object.fromEntries(hooks.map((hook) => [hook, () => calls.push(hook)]));
 * const machine = new Machine({ Foo: {} }, { tracers: [tracer] });
 * machine.add("Foo");
 * assertEquals(calls, hooks);
 * ```
 */
export type TracerHook = Exclude<keyof Tracer, "wants" | "inheritable">;

/**
 * Sees everything that a machine does. An object with any of these methods; {@linkcode NoOpTracer} to extend.
 *
 * They are called in the order: `mutationQueued`, `transitionInit`, `transitionStart`, `handlerStart` and `handlerEnd` of
 * the negotiation, `transitionFinals` when it was accepted, `handlerStart` and `handlerEnd` of the final handlers,
 * `transitionEnd`, and `queueEnd` when nothing waits any more. A mutation that a tracer makes is queued. A tracer that
 * throws never disturbs the machine: after ten errors it is detached.
 *
 * Methods are read when the tracer is bound: one that it gets later is not called. One that it lacks, or has from
 * {@linkcode NoOpTracer}, costs nothing, as nothing is made for a method that isn't there.
 *
 * @example Usage
 * ```ts
 * import { Machine, type Tracer } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const lines: string[] = [];
 * const tracer: Tracer = {
 *   mutationQueued: (_machine, { type, states }) => void lines.push(`${type} ${states.join(" ")}`),
 *   transitionEnd: ({ accepted }) => void lines.push(accepted ? "accepted" : "refused"),
 *   queueEnd: () => void lines.push("idle"),
 * };
 * const machine = new Machine({ Start: {}, Ready: { require: ["Start"] } }, { tracers: [tracer] });
 * machine.add("Ready");
 * machine.add(["Start", "Ready"]);
 * assertEquals(lines, ["add Ready", "refused", "idle", "add Start Ready", "accepted", "idle"]);
 * ```
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
  /** Negotiation begins; there is none when relations refused the transition, which `accepted` tells. */
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
  /**
   * The machine was made with this tracer among its options.
   *
   * @param _machine The new machine.
   *
   * @example Usage
   * ```ts
   * import { Machine, type MachineApi, NoOpTracer } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * class Seen extends NoOpTracer {
   *   readonly seen: string[] = [];
   *   override machineInit(machine: MachineApi): void {
   *     this.seen.push(machine.id);
   *   }
   * }
   *
   * const tracer = new Seen();
   * new Machine({ Foo: {} }, { id: "foo", tracers: [tracer] });
   * assertEquals(tracer.seen, ["foo"]);
   * ```
   */
  machineInit(_machine: MachineApi): void {}
  /**
   * The order of the machine's states was set.
   *
   * @param _machine The machine; its `stateNames` are in the new order.
   *
   * @example Usage
   * ```ts
   * import { Machine, type MachineApi, NoOpTracer } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * class Seen extends NoOpTracer {
   *   readonly seen: string[] = [];
   *   override verifyStates(machine: MachineApi): void {
   *     this.seen.push(...machine.stateNames);
   *   }
   * }
   *
   * const tracer = new Seen();
   * const machine = new Machine({ Foo: {}, Bar: {} }, { tracers: [tracer] });
   * machine.verifyStates(["Exception", "Bar", "Foo"]);
   * assertEquals(tracer.seen, ["Exception", "Bar", "Foo"]);
   * ```
   */
  verifyStates(_machine: MachineApi): void {}
  /**
   * The machine has a new schema.
   *
   * @param _machine The machine, with its new schema.
   * @param _old The schema that it had.
   *
   * @example Usage
   * ```ts
   * import { Machine, type MachineApi, NoOpTracer, type Schema } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * class Seen extends NoOpTracer {
   *   readonly seen: number[] = [];
   *   override schemaChange(machine: MachineApi, old: Schema): void {
   *     this.seen.push(Object.keys(old).length, machine.stateNames.length);
   *   }
   * }
   *
   * const tracer = new Seen();
   * const machine: Machine = new Machine<Schema>({ Foo: {} }, { tracers: [tracer] });
   * machine.setSchema({ Foo: {}, Bar: {}, Exception: {} }, ["Foo", "Exception", "Bar"]);
   * assertEquals(tracer.seen, [2, 3]);
   * ```
   */
  schemaChange(_machine: MachineApi, _old: Schema): void {}
  /**
   * A mutation went into the queue.
   *
   * @param _machine The machine.
   * @param _mutation The mutation.
   *
   * @example Usage
   * ```ts
   * import { Machine, type MachineApi, type Mutation, NoOpTracer } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * class Seen extends NoOpTracer {
   *   readonly seen: string[] = [];
   *   override mutationQueued(_machine: MachineApi, { type, states }: Mutation): void {
   *     this.seen.push(`${type} ${states.join(" ")}`);
   *   }
   * }
   *
   * const tracer = new Seen();
   * const machine = new Machine({ Foo: {}, Bar: {} }, { tracers: [tracer] });
   * machine.set(["Foo", "Bar"]);
   * assertEquals(tracer.seen, ["set Foo Bar"]);
   * ```
   */
  mutationQueued(_machine: MachineApi, _mutation: Mutation): void {}
  /**
   * Relations are resolved, no handler ran.
   *
   * @param _transition The transition, with its target states.
   *
   * @example Usage
   * ```ts
   * import { Machine, NoOpTracer, type Transition } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * class Seen extends NoOpTracer {
   *   readonly seen: string[] = [];
   *   override transitionInit({ targetStates }: Transition): void {
   *     this.seen.push(...targetStates);
   *   }
   * }
   *
   * const tracer = new Seen();
   * const machine = new Machine({ Foo: { add: ["Bar"] }, Bar: {} }, { tracers: [tracer] });
   * machine.add("Foo");
   * assertEquals(tracer.seen, ["Foo", "Bar"]);
   * ```
   */
  transitionInit(_transition: Transition<MachineApi>): void {}
  /**
   * Negotiation begins; there is none when relations refused the transition, which `accepted` tells.
   *
   * @param _transition The transition.
   *
   * @example Usage
   * ```ts
   * import { Machine, NoOpTracer, type Transition } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * class Seen extends NoOpTracer {
   *   readonly seen: string[] = [];
   *   override transitionStart({ mutation, accepted }: Transition): void {
   *     this.seen.push(`${mutation.states.join(" ")}: ${accepted}`);
   *   }
   * }
   *
   * const tracer = new Seen();
   * const machine = new Machine({ Foo: { require: ["Bar"] }, Bar: {} }, { tracers: [tracer] });
   * machine.add("Foo");
   * machine.add("Bar");
   * assertEquals(tracer.seen, ["Foo: false", "Bar: true"]);
   * ```
   */
  transitionStart(_transition: Transition<MachineApi>): void {}
  /**
   * A handler is about to be called.
   *
   * @param _transition The transition.
   * @param _binding Id of the binding that the handler belongs to.
   * @param _name Name of the handler, `FooEnter`.
   *
   * @example Usage
   * ```ts
   * import { Machine, NoOpTracer, type Transition } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * class Seen extends NoOpTracer {
   *   readonly seen: string[] = [];
   *   override handlerStart(_transition: Transition, binding: string, name: string): void {
   *     this.seen.push(`${binding}: ${name}`);
   *   }
   * }
   *
   * const tracer = new Seen();
   * const machine = new Machine({ Foo: {} }, { tracers: [tracer] });
   * machine.bindHandlers({ FooEnter: () => true, FooState: () => {} }, { id: "main" });
   * machine.add("Foo");
   * assertEquals(tracer.seen, ["main: FooEnter", "main: FooState"]);
   * ```
   */
  handlerStart(_transition: Transition<MachineApi>, _binding: string, _name: string): void {}
  /**
   * A handler returned or threw.
   *
   * @param _transition The transition.
   * @param _binding Id of the binding that the handler belongs to.
   * @param _name Name of the handler, `FooEnter`.
   *
   * @example Usage
   * ```ts
   * import { Machine, type MachineApi, NoOpTracer, type Transition } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * class Seen extends NoOpTracer {
   *   readonly seen: string[] = [];
   *   override handlerEnd({ machine }: Transition<MachineApi>, _binding: string, name: string): void {
   *     this.seen.push(`${name} ${machine}`);
   *   }
   * }
   *
   * const tracer = new Seen();
   * const machine = new Machine({ Foo: {} }, { tracers: [tracer] });
   * machine.bindHandlers({ FooEnter: () => true, FooState: () => {} });
   * machine.add("Foo");
   * assertEquals(tracer.seen, ["FooEnter ()", "FooState (Foo:1)"]);
   * ```
   */
  handlerEnd(_transition: Transition<MachineApi>, _binding: string, _name: string): void {}
  /**
   * The transition was accepted and the clock moved; final handlers begin.
   *
   * @param _transition The transition; it is accepted.
   *
   * @example Usage
   * ```ts
   * import { Machine, type MachineApi, NoOpTracer, type Transition } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * class Seen extends NoOpTracer {
   *   readonly seen: string[] = [];
   *   override transitionFinals({ machine }: Transition<MachineApi>): void {
   *     this.seen.push(machine.toString());
   *   }
   * }
   *
   * const tracer = new Seen();
   * const machine = new Machine({ Foo: {} }, { tracers: [tracer] });
   * machine.add("Foo");
   * assertEquals(tracer.seen, ["(Foo:1)"]);
   * ```
   */
  transitionFinals(_transition: Transition<MachineApi>): void {}
  /**
   * The transition is over.
   *
   * @param _transition The transition; it is completed.
   *
   * @example Usage
   * ```ts
   * import { Machine, NoOpTracer, type Transition } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * class Seen extends NoOpTracer {
   *   readonly seen: boolean[] = [];
   *   override transitionEnd({ accepted }: Transition): void {
   *     this.seen.push(accepted);
   *   }
   * }
   *
   * const tracer = new Seen();
   * const machine = new Machine({ Start: {}, Ready: { require: ["Start"] } }, { tracers: [tracer] });
   * machine.add("Ready");
   * machine.add("Start");
   * assertEquals(tracer.seen, [false, true]);
   * ```
   */
  transitionEnd(_transition: Transition<MachineApi>): void {}
  /**
   * Nothing waits in the queue any more.
   *
   * @param _machine The machine.
   *
   * @example Usage
   * ```ts
   * import { Machine, type MachineApi, NoOpTracer } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * class Seen extends NoOpTracer {
   *   readonly seen: string[] = [];
   *   override queueEnd(machine: MachineApi): void {
   *     this.seen.push(machine.toString());
   *   }
   * }
   *
   * const tracer = new Seen();
   * const machine = new Machine({ Foo: {}, Bar: {} }, { tracers: [tracer] });
   * machine.bindHandlers({ FooState: (event) => void event.machine.add("Bar") });
   * machine.add("Foo");
   * assertEquals(tracer.seen, ["(Foo:1 Bar:1)"]);
   * ```
   */
  queueEnd(_machine: MachineApi): void {}
  /**
   * A machine was made with this one as its parent.
   *
   * @param _parent The machine that the tracer is bound to.
   * @param _machine The new machine.
   *
   * @example Usage
   * ```ts
   * import { Machine, type MachineApi, NoOpTracer } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * class Seen extends NoOpTracer {
   *   readonly seen: string[] = [];
   *   override newSubmachine(parent: MachineApi, machine: MachineApi): void {
   *     this.seen.push(`${parent.id} > ${machine.id}`);
   *   }
   * }
   *
   * const tracer = new Seen();
   * const parent = new Machine({ Foo: {} }, { id: "parent", tracers: [tracer] });
   * new Machine({ Foo: {} }, { id: "child", parent });
   * assertEquals(tracer.seen, ["parent > child"]);
   * ```
   */
  newSubmachine(_parent: MachineApi, _machine: MachineApi): void {}
  /**
   * The machine is disposed.
   *
   * @param _machine The machine.
   *
   * @example Usage
   * ```ts
   * import { Machine, type MachineApi, NoOpTracer } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * class Seen extends NoOpTracer {
   *   readonly seen: string[] = [];
   *   override machineDispose(machine: MachineApi): void {
   *     this.seen.push(machine.id);
   *   }
   * }
   *
   * const tracer = new Seen();
   * const machine = new Machine({ Foo: {} }, { id: "foo", tracers: [tracer] });
   * await machine.dispose();
   * assertEquals(tracer.seen, ["foo"]);
   * ```
   */
  machineDispose(_machine: MachineApi): void {}
  /**
   * A line of the text log, without the machine's id.
   *
   * @param _machine The machine.
   * @param _level The level that the line belongs to.
   * @param _text The line, `[state] +Foo`.
   *
   * @example Usage
   * ```ts
   * import { type LogLevel, Machine, type MachineApi, NoOpTracer, type TracerWants } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * class Seen extends NoOpTracer {
   *   readonly wants: TracerWants = { logLevel: "changes" };
   *   readonly seen: string[] = [];
   *   override log(_machine: MachineApi, _level: LogLevel, text: string): void {
   *     this.seen.push(text);
   *   }
   * }
   *
   * const tracer = new Seen();
   * const machine = new Machine({ Foo: {} }, { tracers: [tracer] });
   * machine.add("Foo");
   * assertEquals(tracer.seen, ["[state] +Foo"]);
   * ```
   */
  log(_machine: MachineApi, _level: LogLevel, _text: string): void {}
}
