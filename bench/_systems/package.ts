/**
 * This package. A single state is named by a string, and one list per mutation is made beforehand.
 *
 * @module
 */

import { defineSchema, type Event, Executed, Machine, type Schema, type Tracer } from "@asyncmachine/asyncmachine";
import type { Run, System, WaitRun } from "../_system.ts";
import { CREATED, makeCounter, type Step, type Workload } from "../_workload.ts";

/** The system. */
export const PACKAGE: System = {
  name: "this package",
  source: "`mod.ts`",
  build: (workload) => buildRun(workload),
  buildWait,
  creation: {
    copy: () => structuredClone(CREATED.states),
    first: (states) => new Machine(defineSchema(states as Schema)),
    prepare: () => {
      const schema = defineSchema(structuredClone(CREATED.states) as Schema);
      return () => new Machine(schema);
    },
  },
};

/**
 * Make a machine for a workload.
 *
 * @param workload What to do.
 * @param tracers Tracers of the machine, none by default.
 */
export function buildRun(workload: Workload, tracers: readonly Tracer[] = []): Run {
  const machine = new Machine(defineSchema(structuredClone(workload.states) as Schema), { id: "bench", tracers });
  const calls: number[] = [];
  const handlers = makeHandlers(workload, calls);
  if (Object.keys(handlers).length > 0) machine.bindHandlers(handlers);
  if (workload.setup !== undefined) machine.add(workload.setup);
  const steps = workload.steps.map(prepareStep);
  return {
    calls,
    step: (index) => void mutate(machine, steps[index]!),
    run: (cycles) => {
      let results = 0;
      for (let cycle = 0; cycle < cycles; cycle++) {
        for (let i = 0; i < steps.length; i++) results += mutate(machine, steps[i]!);
      }
      if (results !== Executed) throw new Error(`Cannot measure: ${machine} refused a mutation`);
    },
    states: () => machine.activeStates(),
  };
}

/** Make Enter, State, Exit and End handlers for each state, or the one handler that queues. */
export function makeHandlers({ states, counted, queue }: Workload, calls: number[]): Record<string, unknown> {
  const handlers: Record<string, unknown> = {};
  if (counted) {
    for (const state of Object.keys(states)) {
      for (const suffix of ["Enter", "State", "Exit", "End"]) {
        handlers[state + suffix] = makeCounter(calls, calls.length);
      }
    }
  }
  if (queue !== undefined) {
    const { by, adds } = queue;
    handlers[`${by}State`] = ({ machine }: Event) => {
      for (let i = 0; i < adds.length; i++) machine.add(adds[i]!);
    };
  }
  return handlers;
}

interface PreparedStep {
  readonly isAdd: boolean;
  readonly states: string | readonly string[];
}

function prepareStep({ op, states }: Step): PreparedStep {
  return { isAdd: op === "add", states: states.length === 1 ? states[0]! : states };
}

function mutate(machine: Machine<Schema>, { isAdd, states }: PreparedStep): number {
  return isAdd ? machine.add(states) : machine.remove(states);
}

function buildWait(pending: number): WaitRun {
  const schema = defineSchema({ A: { remove: ["B"] }, B: { remove: ["A"] }, C: {} });
  const machine: Machine<typeof schema> = new Machine(schema, { id: "bench" });
  machine.add("A");
  for (let i = 0; i < pending; i++) void machine.when("C");
  return {
    run: async (count) => {
      for (let i = 0; i < count; i++) {
        const wait = machine.when("B");
        machine.add("B");
        await wait;
        machine.add("A");
      }
    },
    states: () => machine.activeStates(),
  };
}
