/**
 * What states cost that a mutation has nothing to do with.
 *
 * @module
 */

import { ask, column, rowOf } from "./_ask.ts";
import { makeScaleCells, OTHERS, scaleRow } from "./_cells.ts";

const cells = makeScaleCells();

for (const others of OTHERS) {
  ask(
    `W6: what do more states cost, others ${others}?`,
    cells.filter(({ row, column }) => column === "this package" && row.endsWith(`states, ${others}`)),
    ({ row }) => row === scaleRow(10, others),
  );
  ask(
    `W6: what does a toggle cost among 100 states, others ${others}?`,
    rowOf(cells, scaleRow(100, others)),
    column("XState"),
  );
}
