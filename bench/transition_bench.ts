/**
 * What one mutation costs, by what a schema makes of it. Every run does 56 mutations (`MUTATIONS`): divide by that.
 *
 * Each question is asked twice, its entries in either order, since the order alone moves figures.
 *
 * @module
 */

import { AUTO, makeHandlers, makeRun, RELATIONS, TOGGLE } from "./_workload.ts";

const ENTRIES = {
  "W1 toggle": () => makeRun(TOGGLE),
  "W2 relations": () => makeRun(RELATIONS),
  "W2a auto states": () => makeRun(AUTO),
  "W3 handlers": () => makeRun(RELATIONS, makeHandlers(RELATIONS)),
};

compare("What do relations cost?", "W1 toggle", "W2 relations");
compare("What do auto states cost?", "W2 relations", "W2a auto states");
compare("What do handlers cost?", "W2 relations", "W3 handlers");

function compare(question: string, baseline: keyof typeof ENTRIES, other: keyof typeof ENTRIES): void {
  for (const [order, names] of [["", [baseline, other]], [" (other order)", [other, baseline]]] as const) {
    for (const name of names) {
      Deno.bench({ name, group: question + order, baseline: name === baseline, fn: ENTRIES[name]() });
    }
  }
}
