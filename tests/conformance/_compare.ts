import type { Expect, Step, Tx, Vector } from "./vectors.ts";

/** What a replay saw in one step: the fields of `Expect`, none left out. */
export interface Observation {
  /** The result of the step, or what it threw. */
  r: number | string;
  active: string;
  clock: number[];
  sum: number;
  qtick: number;
  err: string | undefined;
  imm: string;
  fired: string;
  expiredImm: string;
  expired: string;
  checks: unknown[];
  disposed: boolean;
  txs: ObservedTx[];
  trace: string[];
}

/** One transition: the fields of `Tx`, none left out. */
export interface ObservedTx {
  m: string;
  called: string;
  auto: boolean;
  check: boolean;
  ok: boolean;
  target: string;
  enters: string;
  exits: string;
  before: readonly number[];
  after: readonly number[];
}

/**
 * One thing in which a replay differs from its vector.
 *
 * Levels: 1 what a caller of the machine sees, 2 the transitions, 3 the order of handlers and of results inside them,
 * 4 the whole trace.
 */
export interface Difference {
  level: 1 | 2 | 3 | 4;
  /** Index of the step. */
  step: number;
  /** The field, such as `active` or `txs[1].enters`. */
  field: string;
  expected: unknown;
  actual: unknown;
}

const CALLER_FIELDS = ["r", "imm", "fired", "expiredImm", "expired", "checks", "disposed"] as const;
/** Not recorded once a machine is disposed. */
const STATE_FIELDS = ["active", "clock", "sum", "qtick", "err"] as const;
const TX_FIELDS = ["m", "called", "auto", "check", "ok", "target", "enters", "exits", "before", "after"] as const;

/** List in what the observations of a replay differ from its vector, step by step, lowest level first in each. */
export function compare(vector: Vector, observed: readonly Observation[]): Difference[] {
  const differences: Difference[] = [];
  let clock = vector.states.split(" ").map(() => 0);
  for (const [step, expect] of vector.expect.entries()) {
    const expected = complete(expect, clock);
    const actual = observed[step];
    if (actual === undefined) throw new RangeError(`Cannot compare step ${step}: it was not replayed`);
    differences.push(...compareStep(expected, actual).map((difference) => ({ ...difference, step })));
    clock = expect.clock;
  }
  return differences;
}

/** Say where a vector's replay differs: the lowest level, and everything in the first step that is not as recorded. */
export function report(vector: Vector, differences: readonly Difference[]): string {
  const first = differences[0];
  if (first === undefined) return `${vector.id}: as recorded`;
  const lowest = Math.min(...differences.map(({ level }) => level));
  const step = vector.steps[first.step];
  const quirk = vector.quirk === undefined ? "" : ` (${vector.quirk})`;
  const lines = [
    `${vector.id}${quirk}: differs at level ${lowest}, first at step ${first.step}: ${
      step ? describeStep(step) : "none"
    }`,
    ...differences.filter((difference) => difference.step === first.step).map(describeDifference),
  ];
  return lines.join("\n");
}

type StepDifference = Omit<Difference, "step">;

function compareStep(expected: Observation, actual: Observation): StepDifference[] {
  const differences: StepDifference[] = [];
  const note = (level: Difference["level"], field: string, left: unknown, right: unknown) => {
    if (!same(left, right)) differences.push({ level, field, expected: left, actual: right });
  };
  for (const field of CALLER_FIELDS) note(1, field, expected[field], actual[field]);
  if (!expected.disposed) {
    for (const field of STATE_FIELDS) note(1, field, expected[field], actual[field]);
  }
  note(2, "txs.length", expected.txs.length, actual.txs.length);
  for (const [i, tx] of expected.txs.entries()) {
    const other = actual.txs[i];
    if (other === undefined) break;
    for (const field of TX_FIELDS) note(2, `txs[${i}].${field}`, tx[field], other[field]);
  }
  note(3, "calls", expected.trace.filter(isCall), actual.trace.filter(isCall));
  note(4, "trace", expected.trace, actual.trace);
  return differences;
}

/** A handler, or a result inside of one. */
function isCall(line: string): boolean {
  return line.startsWith("h:") || line.startsWith("r:");
}

/** Fill in what a vector leaves out. `clock` is the one before the step. */
function complete(expect: Expect, clock: number[]): Observation {
  let previous = clock;
  const txs = (expect.txs ?? []).map((tx) => {
    const full = completeTx(tx, previous);
    previous = full.after;
    return full;
  });
  const { r, active, sum, qtick, err, imm = "", fired = "", expiredImm = "", expired = "" } = expect;
  const { checks = [], disposed = false, trace = [] } = expect;
  return {
    r,
    active,
    clock: expect.clock,
    sum,
    qtick,
    err,
    imm,
    fired,
    expiredImm,
    expired,
    checks,
    disposed,
    txs,
    trace,
  };
}

function completeTx(tx: Tx, previous: number[]): ObservedTx & { after: number[] } {
  const { auto = false, check = false, enters = "", exits = "", before = previous, after = before } = tx;
  return { ...tx, auto, check, enters, exits, before, after };
}

function same(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function describeStep(step: Step): string {
  const { op, s, ...rest } = step;
  const details = Object.keys(rest).length === 0 ? "" : ` ${JSON.stringify(rest)}`;
  return `${op}${s === undefined ? "" : ` "${s}"`}${details}`;
}

function describeDifference({ level, field, expected, actual }: Difference): string {
  const place = Array.isArray(expected) && Array.isArray(actual)
    ? `, first at ${firstDifference(expected, actual)}`
    : "";
  return `  level ${level}, ${field}${place}\n    expected ${show(expected)}\n    actual   ${show(actual)}`;
}

function firstDifference(expected: unknown[], actual: unknown[]): number {
  const length = Math.min(expected.length, actual.length);
  for (let i = 0; i < length; i++) {
    if (!same(expected[i], actual[i])) return i;
  }
  return length;
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? "nothing";
}
