/**
 * What a machine of twenty states costs.
 *
 * @module
 */

import { ask, column, rowOf } from "./_ask.ts";
import { makeCreationCells } from "./_cells.ts";

const cells = makeCreationCells();

ask("W7: what does the first machine of a schema cost?", rowOf(cells, "W7 first"), column("XState"));
ask("W7: what does one more machine cost?", rowOf(cells, "W7 next"), column("XState"));
