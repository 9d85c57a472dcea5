/**
 * What a tracer costs whose methods do nothing.
 *
 * @module
 */

import { ask, column, rowOf } from "./_ask.ts";
import { makeTracerCells, TRACED, tracerRow } from "./_cells.ts";

const cells = makeTracerCells();

for (const name of TRACED) {
  ask(`What does a tracer cost on ${name}?`, rowOf(cells, tracerRow(name)), column("no tracer"));
}
