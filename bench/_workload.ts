/**
 * What is measured: schemas, and mutations that lead in a cycle, with the states that have to be active after each.
 *
 * @module
 */

import workloads from "./workloads.json" with { type: "json" };

/** A schema, and mutations that lead from no active state back to where their cycle began. */
export interface Workload {
  readonly states: States;
  readonly steps: readonly Step[];
  /** Added once, before the first cycle. None by default. */
  readonly setup?: readonly string[];
  /** Whether each state has Enter, State, Exit and End handlers that count. `false` by default. */
  readonly counted?: boolean;
  /** What the State handler of one state adds, one mutation each. */
  readonly queue?: { readonly by: string; readonly adds: readonly string[] };
}

/** A schema in the words that all systems here have in common. */
export type States = Readonly<Record<string, Relations>>;

/** The relations of one state. */
export interface Relations {
  readonly auto?: boolean;
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
  readonly require?: readonly string[];
  readonly after?: readonly string[];
}

/** One mutation. */
export interface Step {
  readonly op: string;
  readonly states: readonly string[];
  /** All states that are active then, in no order. */
  readonly expect: readonly string[];
}

/** W1: two states that exclude each other. */
export const TOGGLE: Workload = workloads.toggle;

/** W2: twelve states with all four relations. */
export const RELATIONS: Workload = workloads.relations;

/** W2a: the same with auto states. */
export const AUTO: Workload = workloads.auto;

/** W3: W2 with 48 handlers. */
export const HANDLERS: Workload = { ...RELATIONS, counted: true };

/** W4: a handler queues ten mutations, then all is removed: twelve mutations in a cycle of two steps. */
export const QUEUE: Workload = makeQueue(10);

/** How many mutations one cycle of W4 does. */
export const QUEUE_MUTATIONS = 12;

/** W7: the twelve states of W2, and eight without relations. */
export const CREATED: Workload = {
  ...RELATIONS,
  states: { ...RELATIONS.states, ...Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`Other${i}`, {}])) },
};

/** W6: W1 among others, which have no relations. */
export function makeScale(states: number, others: "inactive" | "half active"): Workload {
  const names = Array.from({ length: states - 2 }, (_, i) => `Other${i}`);
  const setup = others === "inactive" ? [] : names.slice(0, states / 2 - 1); // one of the two is active as well
  return {
    states: { ...TOGGLE.states, ...Object.fromEntries(names.map((name) => [name, {}])) },
    steps: TOGGLE.steps.map((step) => ({ ...step, expect: [...step.expect, ...setup] })),
    setup,
  };
}

/**
 * Make one of the counting handlers of a workload: a function with code of its own, as those of a real program have.
 * Closures of one literal would share their code, and be inlined.
 *
 * @param calls What it counts in.
 * @param index Where; every handler of a machine has another.
 */
export function makeCounter(calls: number[], index: number): () => void {
  calls[index] = 0;
  return new Function("calls", `return () => { calls[${index}]++; };`)(calls);
}

/** How often counting handlers are called in one cycle: two of a state when it comes, and two when it goes. */
export function countCalls({ steps }: Workload): number {
  let calls = 0;
  steps.forEach(({ expect }, i) => {
    const before = steps.at(i - 1)!.expect; // the last step leads to where the first begins
    const stayed = expect.filter((name) => before.includes(name)).length;
    calls += 2 * (expect.length - stayed) + 2 * (before.length - stayed);
  });
  return calls;
}

function makeQueue(length: number): Workload {
  const adds = Array.from({ length }, (_, i) => `Work${i}`);
  const all = ["Start", ...adds];
  return {
    states: Object.fromEntries(all.map((name) => [name, {}])),
    steps: [{ op: "add", states: ["Start"], expect: all }, { op: "remove", states: all, expect: [] }],
    queue: { by: "Start", adds },
  };
}
