/**
 * Groups of `deno bench`: one question each, asked twice, since the order of the entries alone moves figures.
 *
 * @module
 */

import type { Cell } from "./_cells.ts";

/** What one iteration makes at least, so that reading the clock does not count. */
const PER_ITERATION = 56;

/**
 * Register the two groups of a question: with the entries in their order, and in the opposite one.
 *
 * @param question The name of the groups.
 * @param cells The entries.
 * @param baseline Which of them the others are compared with.
 */
export function ask(question: string, cells: readonly Cell[], baseline: (cell: Cell) => boolean): void {
  const isColumn = new Set(cells.map(({ column }) => column)).size > 1;
  for (const [order, entries] of [["", cells], [" (other order)", cells.toReversed()]] as const) {
    for (const cell of entries) {
      const count = Math.ceil(PER_ITERATION / cell.perRun);
      const name = `${isColumn ? cell.column : cell.row}, ${count * cell.perRun} times`;
      Deno.bench({ name, group: question + order, baseline: baseline(cell), fn: iterate(cell, count) });
    }
  }
}

/** Only what has to get ready stops the clock: the runner drops the results of those that do it for less than 10 µs. */
function iterate(cell: Cell, count: number): (bench: Deno.BenchContext) => void | Promise<void> {
  if (cell.prepare === undefined) return () => cell.run(count);
  return (bench) => {
    cell.prepare!(count);
    bench.start();
    cell.run(count);
    bench.end();
  };
}

/** The cells of one row. */
export function rowOf(cells: readonly Cell[], row: string): Cell[] {
  return cells.filter((cell) => cell.row === row);
}

/** A baseline: the cells of one system or variant. */
export function column(name: string): (cell: Cell) => boolean {
  return (cell) => cell.column === name;
}
