/**
 * The workloads of `workloads.json` as functions to measure, each checked against the states that the file expects.
 *
 * @module
 */

import { Executed, Machine, type Schema } from "@asyncmachine/asyncmachine";
import workloads from "./workloads.json" with { type: "json" };

/** A schema, and mutations that lead from no active state back to where their cycle began. */
export interface Workload {
  readonly states: Schema;
  readonly steps: readonly Step[];
}

interface Step {
  readonly op: string;
  readonly states: readonly string[];
  /** All states that are active then, in no order. */
  readonly expect: readonly string[];
}

/** Mutations in one call of a measured function: whole cycles of 2, 7 and 8 steps, so that all workloads do as many. */
export const MUTATIONS = 56;

/** Two states that exclude each other. */
export const TOGGLE: Workload = workloads.toggle;
/** Twelve states with all four relations. */
export const RELATIONS: Workload = workloads.relations;
/** The same with auto states. */
export const AUTO: Workload = workloads.auto;

/**
 * Make a function that does {@linkcode MUTATIONS} mutations of a workload, on a machine of its own.
 *
 * @param workload What to do.
 * @param handlers Handlers to bind, none by default.
 * @throws {Error} when the machine does not do what the workload expects; the function throws too.
 */
export function makeRun(workload: Workload, handlers: object = {}): () => void {
  const machine = new Machine(workload.states, { id: "bench" });
  if (Object.keys(handlers).length > 0) machine.bindHandlers(handlers);
  verify(machine, workload);
  const { steps } = workload;
  const cycles = MUTATIONS / steps.length;
  return () => {
    let results = 0;
    for (let cycle = 0; cycle < cycles; cycle++) {
      for (let i = 0; i < steps.length; i++) results += mutate(machine, steps[i]!);
    }
    if (results !== Executed) throw new Error(`Cannot measure: ${machine} refused a mutation`);
  };
}

/**
 * Make Enter, State, Exit and End handlers for each state: different functions, as those of a real program are. Closures of
 * one literal would share their code, and be inlined.
 */
export function makeHandlers(workload: Workload): object {
  const handlers: Record<string, unknown> = {};
  let count = 0;
  for (const state of Object.keys(workload.states)) {
    for (const suffix of ["Enter", "State", "Exit", "End"]) {
      handlers[state + suffix] = new Function("calls", `return () => { calls[${count}]++; }`)(CALLS);
      CALLS[count++] = 0;
    }
  }
  return handlers;
}

const CALLS: number[] = [];

function mutate(machine: Machine<Schema>, { op, states }: Step): number {
  return op === "add" ? machine.add(states) : machine.remove(states);
}

/** Goes through two cycles: the second begins where the first ended. */
function verify(machine: Machine<Schema>, { steps }: Workload): void {
  for (const step of [...steps, ...steps]) {
    mutate(machine, step);
    const [active, expected] = [machine.activeStates().toSorted().join(), step.expect.toSorted().join()];
    if (active !== expected) {
      throw new Error(`Cannot measure ${step.op} ${step.states}: expected ${expected}, got ${active}`);
    }
  }
}
