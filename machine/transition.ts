import type { Time } from "./clock.ts";
import type { Mutation } from "./mutation.ts";
import type { Relation } from "./schema.ts";

/**
 * How much the text log says; each level includes those before it.
 *
 * @example Usage
 * ```ts
 * import { type LogLevel, Machine } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const lines: string[] = [];
 * const logLevel: LogLevel = "changes";
 * const machine = new Machine({ Foo: {} }, { logLevel, logId: false, logger: (_, line) => void lines.push(line) });
 * machine.add("Foo");
 * assertEquals(lines, ["[state] +Foo"]);
 * ```
 */
export type LogLevel = "nothing" | "external" | "changes" | "ops" | "decisions" | "everything";

/**
 * One line of the text log, without the machine's id.
 *
 * @example Usage
 * ```ts
 * import { type LogEntry, Machine, type Tracer } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const entries: LogEntry[] = [];
 * const tracer: Tracer = {
 *   wants: { logLevel: "changes" },
 *   transitionEnd: ({ logEntries }) => void entries.push(...logEntries),
 * };
 * const machine = new Machine({ Foo: {} }, { tracers: [tracer] });
 * machine.add("Foo");
 * assertEquals(entries, [{ level: "changes", text: "[state] +Foo" }]);
 * ```
 */
export interface LogEntry {
  /** The level that the line belongs to. */
  readonly level: LogLevel;
  /** The line, `[state] +Foo`. */
  readonly text: string;
}

/**
 * What a step of a transition does.
 *
 * @example Usage
 * ```ts
 * import { Machine, type StepType, type Tracer } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const types: StepType[] = [];
 * const tracer: Tracer = {
 *   wants: { steps: true },
 *   transitionEnd: ({ steps }) => void types.push(...steps.map(({ type }) => type)),
 * };
 * const machine = new Machine({ Foo: { require: ["Bar"] }, Bar: {} }, { tracers: [tracer] });
 * machine.add("Foo");
 * assertEquals(types, ["called", "activate", "relation", "deactivate-passive", "cancel", "cancel"]);
 * ```
 */
export type StepType =
  | "called"
  | "relation"
  | "activate"
  | "deactivate"
  | "deactivate-passive"
  | "handler"
  | "cancel";

/**
 * One step on the way from the called states to the target states, as a debugger shows it.
 *
 * @example Usage
 * ```ts
 * import { Machine, type Step, type Tracer } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const steps: Step[] = [];
 * const tracer: Tracer = { wants: { steps: true }, transitionEnd: (it) => void steps.push(...it.steps) };
 * const machine = new Machine({ Foo: {} }, { tracers: [tracer] });
 * machine.bindHandlers({ FooEnter: () => true });
 * machine.add("Foo");
 * const lines = steps.map(({ type, from, to }) => [type, from, to].filter(Boolean).join(" "));
 * assertEquals(lines, ["called Foo", "activate Foo", "handler Foo"]);
 * ```
 */
export interface Step {
  /** What it does. `deactivate-passive` keeps an inactive state out. */
  readonly type: StepType;
  /** The kind of a `relation`; null for other steps. */
  readonly relation: Relation | null;
  /** The state that it starts from, `"Any"` for `AnyEnter` and `AnyState`; null for none. */
  readonly from: string | null;
  /** The state that it leads to, `"Any"` for `AnyEnter` and `AnyState`; null for none. */
  readonly to: string | null;
  /** Whether it is a final handler. */
  readonly isFinal: boolean;
  /** Whether it is a `FooFoo` handler. */
  readonly isSelf: boolean;
  /** Whether it is a handler of entering. */
  readonly isEnter: boolean;
}

/**
 * The record of one run of a mutation: what was called, what it led to, and whether it was accepted.
 *
 * Read-only. Lists are made when they are read.
 *
 * @typeParam Machine The machine as the reader sees it.
 *
 * @example Usage
 * ```ts
 * import { Machine, type Transition } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Off: { remove: ["On"] }, On: { remove: ["Off"] } });
 * machine.add("Off");
 * const seen: Transition[] = [];
 * machine.bindTracer({ transitionEnd: (transition) => void seen.push(transition) });
 * machine.add("On");
 * const [{ accepted, enters, exits, timeBefore, timeAfter }] = seen as [Transition];
 * assertEquals({ accepted, enters, exits }, { accepted: true, enters: ["On"], exits: ["Off"] });
 * assertEquals([timeBefore, timeAfter], [[1, 0, 0], [2, 1, 0]]); // Exception is the last one
 * ```
 */
export interface Transition<Machine = { readonly id: string }> {
  /** `INSTANCE-NUMBER`, unique in this process. */
  readonly id: string;
  /** The machine that it ran on. */
  readonly machine: Machine;
  /** The mutation that it ran. */
  readonly mutation: Mutation;
  /** Whether no relation and no handler refused it, so far; a throwing handler refuses too. */
  readonly accepted: boolean;
  /** Whether it is over. */
  readonly completed: boolean;
  /** Active states before it, in the machine's order of that moment. */
  readonly statesBefore: readonly string[];
  /** The states it settled on, in order. */
  readonly targetStates: readonly string[];
  /** States that become active, or are multi and called again. Empty when relations refused it. */
  readonly enters: readonly string[];
  /** States that become inactive. Empty when relations refused it. */
  readonly exits: readonly string[];
  /** Ticks before it, one per state, in the order of `stateNames`. */
  readonly timeBefore: Time;
  /** Ticks after it, one per state, in the order of `stateNames`; during negotiation those that acceptance would lead to. */
  readonly timeAfter: Time;
  /** How it came to its target states and which handlers it called; empty unless a tracer wants steps. */
  readonly steps: readonly Step[];
  /** Lines of the text log during it; empty unless a tracer wants them. */
  readonly logEntries: readonly LogEntry[];
  /** Lines of the text log between the transition before and this one; empty unless a tracer wants them. */
  readonly preLogEntries: readonly LogEntry[];
  /** Length of the queue at its end; 0 before. */
  readonly queueLength: number;
}
