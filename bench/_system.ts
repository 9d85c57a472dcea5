/**
 * What a state machine library has to do to be measured, and the check that it does it.
 *
 * Each system has its own loops: one loop for all would be the slower for each system that went through it before.
 *
 * @module
 */

import { countCalls, type Workload } from "./_workload.ts";

/** A library to measure. */
export interface System {
  readonly name: SystemName;
  /** What was measured, such as `npm:xstate@5.33.3`. */
  readonly source: string;
  /** Make a machine for a workload; undefined when the library cannot express it. */
  build(workload: Workload): Run | undefined;
  /** Make a machine for W5; undefined when the library has no promise to wait with. */
  buildWait?(pending: number): WaitRun;
  /** What W7 does; undefined when the library cannot express the schema. */
  creation?: Creation;
}

/** The systems, by the names that stand in tables. */
export type SystemName = "this package" | "TS original" | "XState" | "robot3" | "jssm";

/** A machine and the mutations of a workload. */
export interface Run {
  /** Do one step of the cycle. */
  step(index: number): void;
  /** Do whole cycles, without a check. */
  run(cycles: number): void;
  /** The names of the active states. */
  states(): string[];
  /** How often each counting handler was called. */
  readonly calls: readonly number[];
}

/** A machine on which the state `B` is waited for, while other waits, for the state `C`, never end. */
export interface WaitRun {
  /** Begin to wait for B, add B, await, and add A, so often. */
  run(count: number): Promise<void>;
  /** The names of the active states. */
  states(): string[];
}

/** W7: machines of the twenty states of `CREATED`. */
export interface Creation {
  /** Make a definition of the states in the words of the library, sharing nothing with others. */
  copy(): unknown;
  /** Do with such a copy what is done once, and make its first machine. */
  first(copy: unknown): unknown;
  /** Get ready to make more machines of one definition. */
  prepare(): () => unknown;
}

/**
 * Check that a system does what a workload expects, through two cycles: the second begins where the first ended.
 *
 * @throws {Error} when it does not.
 */
export function verify(name: string, run: Run, workload: Workload): void {
  const { steps } = workload;
  const before = sum(run.calls);
  for (let i = 0; i < 2 * steps.length; i++) {
    const step = steps[i % steps.length]!;
    run.step(i % steps.length);
    expectStates(`${step.op} ${step.states}`, name, run.states(), step.expect);
  }
  const [calls, expected] = [sum(run.calls) - before, workload.counted ? 2 * countCalls(workload) : 0];
  if (calls !== expected) {
    throw new Error(`Cannot measure ${name}: expected ${expected} calls of handlers, got ${calls}`);
  }
}

/**
 * Check what is active in a system.
 *
 * @throws {Error} when that is not what is expected.
 */
export function expectStates(what: string, name: string, states: readonly string[], expected: readonly string[]): void {
  const [actual, wanted] = [states.toSorted().join(", "), expected.toSorted().join(", ")];
  if (actual !== wanted) throw new Error(`Cannot measure ${name} at ${what}: expected (${wanted}), got (${actual})`);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
