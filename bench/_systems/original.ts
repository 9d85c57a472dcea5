/**
 * The TypeScript original of 2018: its factory makes the machines, and its handlers are methods of a target object.
 * `createChild()`, which its documentation calls efficient, is not used: the children count no ticks.
 *
 * @module
 */

import { type AsyncMachine, type IBind, type IEmit, machine } from "asyncmachine";
import type { Run, System, WaitRun } from "../_system.ts";
import { CREATED, makeCounter, type States, type Step, type Workload } from "../_workload.ts";

type Original = AsyncMachine<string, IBind, IEmit>;

/** The system. */
export const ORIGINAL: System = {
  name: "TS original",
  source: "`npm:asyncmachine@3.4.1`",
  build,
  buildWait,
  creation: {
    copy: () => toStates(CREATED.states),
    first: (states) => create(states as OriginalStates),
    prepare: () => {
      const states = toStates(CREATED.states);
      return () => create(states);
    },
  },
};

function build(workload: Workload): Run {
  const original = create(toStates(workload.states));
  const calls: number[] = [];
  const target = makeTarget(workload, calls, original);
  if (target !== undefined) original.setTarget(target);
  if (workload.setup !== undefined && workload.setup.length > 0) original.add([...workload.setup]);
  const steps = workload.steps.map(prepareStep);
  return {
    calls,
    step: (index) => void mutate(original, steps[index]!),
    run: (cycles) => {
      let accepted = 0;
      for (let cycle = 0; cycle < cycles; cycle++) {
        for (let i = 0; i < steps.length; i++) if (mutate(original, steps[i]!) === true) accepted++;
      }
      if (accepted !== cycles * steps.length) throw new Error("Cannot measure: the TS original refused a mutation");
    },
    states: () => [...original.is()],
  };
}

function makeTarget({ states, counted, queue }: Workload, calls: number[], original: Original): object | undefined {
  if (counted) {
    const target: Record<string, unknown> = {};
    for (const state of Object.keys(states)) {
      for (const suffix of ["_enter", "_state", "_exit", "_end"]) {
        target[state + suffix] = makeCounter(calls, calls.length);
      }
    }
    return target;
  }
  if (queue === undefined) return undefined;
  const { by, adds } = queue;
  return {
    [`${by}_state`]: () => {
      for (let i = 0; i < adds.length; i++) original.add(adds[i]!);
    },
  };
}

type OriginalStates = Record<string, object>;

/** Its remove relation is called drop. */
function toStates(states: States): OriginalStates {
  const entries = Object.entries(structuredClone(states));
  return Object.fromEntries(
    entries.map(([name, { remove, ...rest }]) => [name, remove ? { ...rest, drop: remove } : rest]),
  );
}

function create(states: OriginalStates): Original {
  return machine<string>(states);
}

interface PreparedStep {
  readonly isAdd: boolean;
  readonly states: string | string[];
}

function prepareStep({ op, states }: Step): PreparedStep {
  return { isAdd: op === "add", states: states.length === 1 ? states[0]! : [...states] };
}

function mutate(original: Original, { isAdd, states }: PreparedStep): boolean | null {
  return isAdd ? original.add(states) : original.drop(states);
}

function buildWait(pending: number): WaitRun {
  const original = create({ A: { drop: ["B"] }, B: { drop: ["A"] }, C: {} });
  original.add("A");
  for (let i = 0; i < pending; i++) void original.when("C");
  return {
    run: async (count) => {
      for (let i = 0; i < count; i++) {
        const wait = original.when("B");
        original.add("B");
        await wait;
        original.add("A");
      }
    },
    states: () => [...original.is()],
  };
}
