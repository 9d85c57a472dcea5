/**
 * What it takes to draw a schema, its layout included. `am diagram FILE --format svg --time` prints it for one of your own.
 *
 * @module
 */

import { drawSvg, loadLayout, makePicture, toModel } from "../cli/diagram/mod.ts";
import { makeServices } from "./_services.ts";

await loadLayout();

const cells = [10, 40, 100].map((count) => ({ count, model: toModel("Services", makeServices(count)) }));

for (const [order, entries] of [["", cells], [" (other order)", cells.toReversed()]] as const) {
  for (const { count, model } of entries) {
    Deno.bench({
      name: `${count} states`,
      group: `What does a drawing cost?${order}`,
      baseline: count === 10,
      fn: async () => void await drawSvg(makePicture(model)),
    });
  }
}
