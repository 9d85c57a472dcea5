/**
 * What it costs to wait for a state, alone and while others wait.
 *
 * @module
 */

import { ask, column, rowOf } from "./_ask.ts";
import { makeWaitCells, waitRow } from "./_cells.ts";

const cells = makeWaitCells();

ask("W5: what does a wait cost?", rowOf(cells, waitRow(0)), column("XState"));
ask("W5: what does a wait cost while 1000 others are pending?", rowOf(cells, waitRow(1000)), column("XState"));
ask(
  "W5: what do pending waits cost?",
  cells.filter(column("this package")),
  ({ row }) => row === waitRow(0),
);
