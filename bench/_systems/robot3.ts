/**
 * robot3, a flat machine: W1 alone, or among states that are never active. Events are strings, as its documentation has them.
 *
 * @module
 */

import { createMachine, interpret, type Machine, state, transition } from "robot3";
import { flatEdges, isFlat, NONE } from "../_flat.ts";
import type { Run, System } from "../_system.ts";
import type { Workload } from "../_workload.ts";

/** The system. */
export const ROBOT3: System = { name: "robot3", source: "`npm:robot3@1.4.0`", build };

interface StringService {
  readonly machine: { readonly current: string };
  send(event: string): void;
}

function build(workload: Workload): Run | undefined {
  if (!isFlat(workload)) return undefined;
  // An event is called like the state that it leads to.
  const states = Object.fromEntries(
    Object.entries(flatEdges(workload)).map((
      [from, targets],
    ) => [from, state(...targets.map((to) => transition(to, to)))]),
  );
  // The types of the library want states that are known when it is compiled.
  const service = interpret(createMachine(NONE, states) as unknown as Machine, () => {}) as unknown as StringService;
  const events = workload.steps.map((step) => step.states[0]!);
  return {
    calls: [],
    step: (index) => service.send(events[index]!),
    run: (cycles) => {
      for (let cycle = 0; cycle < cycles; cycle++) {
        for (let i = 0; i < events.length; i++) service.send(events[i]!);
      }
    },
    states: () => [service.machine.current].filter((name) => name !== NONE),
  };
}
