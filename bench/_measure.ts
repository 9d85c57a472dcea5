/**
 * Times cells in interleaved rounds, so that what slows the machine for a while slows all of them.
 *
 * @module
 */

import type { Cell } from "./_cells.ts";

/** How to measure. */
export interface MeasureOptions {
  /** How many samples each cell gets. */
  readonly rounds: number;
  /** How long one of them takes, roughly, in milliseconds. */
  readonly sampleMs: number;
  /** How long each cell runs before, in milliseconds, at least. */
  readonly warmUpMs: number;
  /** Called when a round is done. Nothing by default. */
  readonly onRound?: (round: number) => void;
}

/** Nanoseconds, one figure a round, in the order of the rounds. */
export class Samples {
  readonly #figures: Map<string, number[]> = new Map();

  /** Add the figure of the next round. */
  push(row: string, column: string, nanoseconds: number): void {
    const key = `${row}/${column}`;
    const figures = this.#figures.get(key);
    if (figures === undefined) this.#figures.set(key, [nanoseconds]);
    else figures.push(nanoseconds);
  }

  /** The figures of a cell; empty if it was not measured. */
  of(row: string, column: string): readonly number[] {
    return this.#figures.get(`${row}/${column}`) ?? [];
  }

  /** The median of a cell; undefined if it was not measured. */
  median(row: string, column: string): number | undefined {
    const figures = this.of(row, column);
    return figures.length === 0 ? undefined : median(figures);
  }

  /** How many times the first cell costs what the second does: each round compared with itself. */
  ratio(
    above: readonly [row: string, column: string],
    below: readonly [row: string, column: string],
  ): Ratio | undefined {
    const [high, low] = [this.of(...above), this.of(...below)];
    if (high.length === 0 || low.length === 0) return undefined;
    const ratios = high.map((figure, round) => figure / low[round]!);
    return { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) };
  }
}

/** Ratios of rounds. */
export interface Ratio {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Time cells. Those of odd rounds are taken from the first to the last, those of even rounds the other way. */
export async function measure(cells: readonly Cell[], options: MeasureOptions): Promise<Samples> {
  const counts = new Map<Cell, number>();
  for (const cell of cells) counts.set(cell, await warmUp(cell, options));
  const samples = new Samples();
  for (let round = 1; round <= options.rounds; round++) {
    for (const cell of round % 2 === 1 ? cells : cells.toReversed()) {
      const count = counts.get(cell)!;
      samples.push(cell.row, cell.column, await time(cell, count) * 1e6 / (count * cell.perRun));
    }
    options.onRound?.(round);
  }
  for (const cell of cells) cell.check();
  return samples;
}

/** The middle of some numbers; of an even count, the mean of the two in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

/** Runs a cell until it is fast, and returns how many runs fill a sample. */
async function warmUp(cell: Cell, { warmUpMs, sampleMs }: MeasureOptions): Promise<number> {
  let count = 1;
  let fastest = Infinity;
  const end = performance.now() + warmUpMs;
  do {
    const took = await time(cell, count);
    fastest = Math.min(fastest, Math.max(took, 0.001) / count); // a clock may stand still for a microsecond
    if (took < sampleMs / 2) count *= 2;
  } while (performance.now() < end);
  return Math.max(1, Math.round(sampleMs / fastest));
}

/** Milliseconds. The cell runs a little before: other cells had the caches since its last turn. */
async function time(cell: Cell, count: number): Promise<number> {
  await run(cell, Math.ceil(count / 20));
  return await run(cell, count);
}

/** What others left behind is collected first, and only that: a full collection throws away compiled code, too. */
async function run(cell: Cell, count: number): Promise<number> {
  cell.prepare?.(count);
  (globalThis as { gc?: (options: { type: "minor" }) => void }).gc?.({ type: "minor" });
  const begin = performance.now();
  const done = cell.run(count);
  if (done !== undefined) await done;
  return performance.now() - begin;
}
