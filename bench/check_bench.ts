/**
 * What it costs to check a schema whose states can be active in any combination: all its sets are visited.
 *
 * @module
 */

import { checkSchema } from "../cli/check/check_schema.ts";

for (const count of [10, 15, 20]) {
  const sets = 2 ** count;
  Deno.bench({
    name: `${count} states, ${sets.toLocaleString("en-US")} sets visited`,
    group: "am check: what do more states cost?",
    baseline: count === 10,
    n: 3,
    warmup: 1,
    fn: () => {
      const visited = countVisited(count);
      if (visited !== sets) throw new Error(`Cannot measure: ${visited} sets were visited, not ${sets}`);
    },
  });
}

/** Check a schema of states that add each other in a ring, so that all are searched, and none keeps another out. */
function countVisited(count: number): number {
  const names = Array.from({ length: count }, (_, i) => `S${i}`);
  const states = new Map(names.map((name, i) => [name, { add: [names[(i + 1) % count]!] }]));
  const steps = checkSchema({ name: "Ring", states, groups: new Map() });
  while (true) {
    const { done, value } = steps.next();
    if (done) return value.searched.sets;
  }
}
