/**
 * jssm, a flat machine: W1 alone, or among states that are never active. `transition()` is what its own benchmarks call.
 *
 * @module
 */

import { from } from "jssm";
import { flatEdges, isFlat, NONE } from "../_flat.ts";
import type { Run, System } from "../_system.ts";
import type { Workload } from "../_workload.ts";

/** The system. */
export const JSSM: System = { name: "jssm", source: "`npm:jssm@5.164.0`", build };

function build(workload: Workload): Run | undefined {
  if (!isFlat(workload)) return undefined;
  const edges = Object.entries(flatEdges(workload)).map(([name, targets]) => `${name} -> [${targets.join(" ")}];`);
  const machine = from(edges.join("\n")); // it starts in the state that is named first
  const targets = workload.steps.map((step) => step.states[0]!);
  return {
    calls: [],
    step: (index) => void machine.transition(targets[index]!),
    run: (cycles) => {
      let refused = 0;
      for (let cycle = 0; cycle < cycles; cycle++) {
        for (let i = 0; i < targets.length; i++) if (!machine.transition(targets[i]!)) refused++;
      }
      if (refused > 0) throw new Error("Cannot measure: jssm refused a transition");
    },
    states: () => [machine.state()].filter((name) => name !== NONE),
  };
}
