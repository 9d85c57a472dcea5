/**
 * What is timed: each cell is a row of a table, such as W1, done by one system.
 *
 * @module
 */

import { NoOpTracer, type Tracer } from "@asyncmachine/asyncmachine";
import { expectStates, type Run, type System, verify, type WaitRun } from "./_system.ts";
import { SYSTEMS } from "./_systems/mod.ts";
import { buildRun } from "./_systems/package.ts";
import { AUTO, HANDLERS, makeScale, QUEUE, QUEUE_MUTATIONS, RELATIONS, TOGGLE, type Workload } from "./_workload.ts";

/** Something to time. */
export interface Cell {
  readonly row: string;
  /** The system, or the variant of this package. */
  readonly column: string;
  /** How many mutations, waits or machines one run makes: what figures are divided by. */
  readonly perRun: number;
  /** Get ready for so many runs; this is not timed. */
  prepare?(count: number): void;
  /** Do so many runs. */
  run(count: number): void | Promise<void>;
  /** Check that it did them: throws otherwise. */
  check(): void;
}

/** W1 to W4, by the row's name. */
export const TRANSITIONS: Readonly<Record<string, Workload>> = {
  "W1": TOGGLE,
  "W2": RELATIONS,
  "W2a": AUTO,
  "W3": HANDLERS,
  "W4": QUEUE,
};

/** Waits that are pending in W5. */
export const PENDING: readonly number[] = [0, 1, 10, 100, 1000];

/** States of W6. */
export const SIZES: readonly number[] = [10, 20, 50, 100, 200, 500];

/** What the others are in W6. */
export const OTHERS = ["inactive", "half active"] as const;

/** A tracer's workloads. */
export const TRACED = ["W1", "W2", "W3"] as const;

/** Make the cells of W1 to W4. */
export function makeTransitionCells(): Cell[] {
  return Object.entries(TRANSITIONS).flatMap(([row, workload]) => SYSTEMS.flatMap((it) => makeCell(row, it, workload)));
}

/** Make the cells of W5: `W5, 10 pending`. */
export function makeWaitCells(): Cell[] {
  return PENDING.flatMap((pending) => SYSTEMS.flatMap((system) => makeWaitCell(system, pending)));
}

/** Make the cells of W6: `W6, 10 states, inactive`. */
export function makeScaleCells(sizes: readonly number[] = SIZES): Cell[] {
  return OTHERS.flatMap((others) =>
    sizes.flatMap((size) => {
      const workload = makeScale(size, others);
      return SYSTEMS.flatMap((system) => makeCell(scaleRow(size, others), system, workload));
    })
  );
}

/** The name of a row of W5. */
export function waitRow(pending: number): string {
  return `W5, ${pending} pending`;
}

/** The name of a row of W6. */
export function scaleRow(size: number, others: (typeof OTHERS)[number]): string {
  return `W6, ${size} states, ${others}`;
}

/** Make the cells of W7: `W7 first`, a machine of a schema that is new, and `W7 next`, one more of it. */
export function makeCreationCells(): Cell[] {
  return SYSTEMS.flatMap((system) => {
    const { creation, name: column } = system;
    if (creation === undefined) return [];
    let copies: unknown[] = [];
    let last: unknown;
    const check = () => {
      if (typeof last !== "object" || last === null) throw new Error(`Cannot measure ${column}: it made no machine`);
    };
    const make = creation.prepare();
    return [
      {
        row: "W7 first",
        column,
        perRun: 1,
        prepare: (count) => void (copies = Array.from({ length: count }, () => creation.copy())),
        run: (count) => {
          for (let i = 0; i < count; i++) last = creation.first(copies[i]);
        },
        check,
      },
      {
        row: "W7 next",
        column,
        perRun: 1,
        run: (count) => {
          for (let i = 0; i < count; i++) last = make();
        },
        check,
      },
    ] satisfies Cell[];
  });
}

/** A tracer that is called for all that happens in W1 to W3, which {@linkcode NoOpTracer} is not: the machine knows it. */
function makeEmptyTracer(): Tracer {
  return {
    mutationQueued() {},
    transitionInit() {},
    transitionStart() {},
    transitionFinals() {},
    transitionEnd() {},
    queueEnd() {},
  };
}

/** Make the cells of this package with and without a tracer: `W1, traced`. */
export function makeTracerCells(): Cell[] {
  return TRACED.flatMap((name) => {
    const workload = TRANSITIONS[name]!;
    return [
      wrap(tracerRow(name), "no tracer", buildRun(workload), workload),
      wrap(tracerRow(name), "no-op tracer", buildRun(workload, [new NoOpTracer()]), workload),
      wrap(tracerRow(name), "empty hooks", buildRun(workload, [makeEmptyTracer()]), workload),
    ];
  });
}

/** The name of a row about tracers. */
export function tracerRow(name: (typeof TRACED)[number]): string {
  return `${name}, traced`;
}

function makeCell(row: string, system: System, workload: Workload): Cell[] {
  const run = system.build(workload);
  return run === undefined ? [] : [wrap(row, system.name, run, workload)];
}

function wrap(row: string, column: string, run: Run, workload: Workload): Cell {
  const check = () => verify(column, run, workload);
  check();
  const perRun = workload === QUEUE ? QUEUE_MUTATIONS : workload.steps.length;
  return { row, column, perRun, run: run.run, check };
}

function makeWaitCell(system: System, pending: number): Cell[] {
  const wait: WaitRun | undefined = system.buildWait?.(pending);
  if (wait === undefined) return [];
  const check = () => expectStates("the end of W5", system.name, wait.states(), ["A"]);
  return [{ row: waitRow(pending), column: system.name, perRun: 1, run: wait.run, check }];
}
