import type { Time } from "./clock.ts";
import type { Mutation } from "./mutation.ts";
import type { Relation } from "./schema.ts";

/** How much the text log says; each level includes those before it. */
export type LogLevel = "nothing" | "external" | "changes" | "ops" | "decisions" | "everything";

/** One line of the text log, without the machine's id. */
export interface LogEntry {
  /** The level that the line belongs to. */
  readonly level: LogLevel;
  /** The line, `[state] +Foo`. */
  readonly text: string;
}

/** What a step of a transition does. */
export type StepType =
  | "called"
  | "relation"
  | "activate"
  | "deactivate"
  | "deactivate-passive"
  | "handler"
  | "cancel";

/** One step on the way from the called states to the target states, as a debugger shows it. */
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
