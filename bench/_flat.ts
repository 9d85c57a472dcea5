/**
 * Workloads for machines that are in one state at a time: W1, and W1 among states that are never active.
 *
 * @module
 */

import type { Workload } from "./_workload.ts";

/** The state of a flat machine before its first step. */
export const NONE = "None";

/** Whether a flat machine can do a workload. */
export function isFlat({ steps, setup = [], counted, queue }: Workload): boolean {
  const isToggle = steps.every(({ op, states, expect }) => op === "add" && states.length === 1 && expect.length === 1);
  return isToggle && setup.length === 0 && !counted && queue === undefined;
}

/**
 * List the states of a flat machine with those that each leads to: from the states that the workload goes through to all
 * states, and from all others back to these. {@linkcode NONE} comes first.
 */
export function flatEdges({ states, steps }: Workload): Record<string, string[]> {
  const names = Object.keys(states);
  const used = steps.map((step) => step.states[0]!);
  return Object.fromEntries(
    [NONE, ...names].map((from) => [from, (used.includes(from) ? names : used).filter((to) => to !== from)]),
  );
}
