/**
 * What a run of `deno task bench:peers` measured, and how it compares with the goals.
 *
 * @module
 */

import type { BundleSize } from "./_bundle.ts";
import { OTHERS, scaleRow, TRACED, tracerRow, waitRow } from "./_cells.ts";
import { median, type Ratio, type Samples } from "./_measure.ts";

/** All figures of a run. */
export interface Results {
  /** What it ran on, in words. */
  readonly host: string;
  readonly rounds: number;
  readonly samples: Samples;
  /** Bytes per mutation of this package, by row. */
  readonly allocated: ReadonlyMap<string, number>;
  /** Bytes per live machine of W7, by system. */
  readonly retained: ReadonlyMap<string, number>;
  /** Bytes per live machine of W7 with handlers, by the count of handlers of their class. */
  readonly bound: ReadonlyMap<number, number>;
  /** By system. */
  readonly bundles: ReadonlyMap<string, BundleSize>;
}

/** One thing that was promised of this package, and what was measured. */
export interface Goal {
  readonly what: string;
  /** Whether figures above a limit are good (`at least`), or those below it (`at most`). */
  readonly limit: "at least" | "at most";
  readonly must: number;
  readonly target: number;
  readonly unit: "times" | "B" | "µs" | "KB";
  readonly measured: number;
  /** The least and the most of all rounds, where rounds were compared. */
  readonly spread?: Ratio;
}

/** What this package is called in samples. */
const OURS = "this package";

/** How much faster this package has to be than others: row, system, must, target. */
const FASTER = [
  ["W1", "XState", 12, 30],
  ["W1", "TS original", 24, 60],
  ["W1", "robot3", 3.5, 10],
  ["W2", "XState", 40, 130],
  ["W2", "TS original", 30, 100],
  ["W2a", "XState", 35, 100],
  ["W3", "XState", 30, 60],
  ["W4", "XState", 60, 160],
] as const;

/** Compare what was measured with the goals. */
export function compareWithGoals({ samples, allocated, retained, bundles }: Results): Goal[] {
  const ratio = (what: string, above: Key, below: Key, limit: Goal["limit"], must: number, target: number): Goal[] => {
    const spread = samples.ratio(above, below);
    return spread === undefined ? [] : [{ what, limit, must, target, unit: "times", measured: spread.median, spread }];
  };
  const figure = (what: string, unit: Goal["unit"], must: number, target: number, measured?: number): Goal[] =>
    measured === undefined ? [] : [{ what, limit: "at most", must, target, unit, measured }];

  const first = samples.of("W7 first", OURS);
  const next = samples.of("W7 next", OURS);
  const compile = first.length === 0 ? undefined : median(first.map((took, round) => took - next[round]!)) / 1000;
  const bundle = bundles.get(OURS);
  return [
    ...FASTER.flatMap(([row, system, must, target]) =>
      ratio(`${row}: times faster than ${system}`, [row, system], [row, OURS], "at least", must, target)
    ),
    ...ratio("W1: times slower than jssm", ["W1", OURS], ["W1", "jssm"], "at most", 8, 3),
    ...ratio("W5: 1000 pending ÷ 0", [waitRow(1000), OURS], [waitRow(0), OURS], "at most", 1.1, 1.05),
    ...OTHERS.flatMap((others) =>
      ratio(
        `W6: 500 states ÷ 10, ${others}`,
        [scaleRow(500, others), OURS],
        [scaleRow(10, others), OURS],
        "at most",
        1.5,
        1.1,
      )
    ),
    ...figure("W7: bytes per live machine", "B", 1024, 640, retained.get(OURS)),
    ...figure("W7: compile once", "µs", 150, 60, compile),
    ...["W1", "W2", "W2a"].flatMap((row) =>
      figure(`${row}: allocated per mutation`, "B", 300, 100, allocated.get(row))
    ),
    ...figure("W3: allocated per mutation", "B", 700, 400, allocated.get("W3")),
    ...TRACED.flatMap((row) =>
      ratio(
        `${row}: no-op tracer ÷ none`,
        [tracerRow(row), "no-op tracer"],
        [tracerRow(row), "no tracer"],
        "at most",
        1.5,
        1.2,
      )
    ),
    ...figure("bundle, minified, gzip", "KB", 14, 9, bundle && bundle.gzip / 1000),
  ];
}

/** Say whether a goal is met. */
export function judge({ limit, must, target, measured }: Goal): "target" | "must" | "missed" {
  const reaches = (bound: number) => limit === "at least" ? measured >= bound : measured <= bound;
  if (reaches(target)) return "target";
  return reaches(must) ? "must" : "missed";
}

type Key = readonly [row: string, column: string];
