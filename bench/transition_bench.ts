/**
 * What one mutation costs, beside other libraries, where they can express the workload.
 *
 * @module
 */

import { ask, column, rowOf } from "./_ask.ts";
import { makeTransitionCells } from "./_cells.ts";

const cells = makeTransitionCells();

ask("W1: what does a toggle of two states cost?", rowOf(cells, "W1"), column("XState"));
ask("W2: what do relations cost?", rowOf(cells, "W2"), column("XState"));
ask("W2a: what do auto states cost?", rowOf(cells, "W2a"), column("XState"));
ask("W3: what do 48 handlers cost?", rowOf(cells, "W3"), column("XState"));
ask("W4: what do queued mutations cost?", rowOf(cells, "W4"), column("XState"));
