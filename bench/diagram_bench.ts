/**
 * What it takes to draw a schema, its layout included. `am diagram FILE --format svg --time` prints it for one of your own.
 *
 * @module
 */

import { drawSvg, loadLayout, makePicture, toModel } from "../cli/diagram/mod.ts";
import { makeServices } from "./_services.ts";

await loadLayout();

for (const count of [10, 40, 100]) {
  const model = toModel("Services", makeServices(count));
  Deno.bench({
    name: `${count} states`,
    group: "What does a drawing cost?",
    baseline: count === 10,
    fn: async () => void await drawSvg(makePicture(model)),
  });
}
