import { Machine, type MachineOptions, type Schema, type Tracer } from "@asyncmachine/asyncmachine";
import { assert, fail } from "@std/assert";
import * as fc from "fast-check";
import { readEnv } from "../../machine/_env.ts";
import { test } from "../_harness.ts";
import { scripts } from "../model/arbitrary.ts";
import { Model } from "../model/model.ts";
import { runScript, type Script, type SeenTransition, type StepRecord, type Subject } from "../model/script.ts";

// A nightly run takes more: PROPERTY_STEPS=2000000 deno test -A tests/machine/property_test.ts
// A failure says how to run it again: PROPERTY_SEED=… begins with the scripts that failed.
const STEPS = readSetting("PROPERTY_STEPS") ?? 100_000;
const SEED = readSetting("PROPERTY_SEED") ?? Date.now() % 2 ** 31;
const SCRIPTS_PER_ROUND = 100;
/** Steps that are not counted. */
const NO_MUTATIONS = ["bind", "detach", "eval"];

test("Machine does what the model does, step by step", () => {
  const counts = { transitions: 0, accepted: 0, moved: 0, canceled: 0, auto: 0, check: 0, threw: 0 };
  checkScripts(STEPS, (script) => {
    const expected = runScript(script, createModel, { isDetailed: true });
    const actual = runScript(script, traced, { isDetailed: true });
    count(expected, counts);
    return describeDifference("model", expected, actual);
  });
  console.log(`of the model's transitions: ${JSON.stringify(counts)}`);
  if (counts.transitions < 10_000) return;
  // Scripts that never get anywhere would agree too.
  for (const kind of ["accepted", "moved", "canceled", "auto", "check", "threw"] as const) {
    assert(counts[kind] > counts.transitions / 100, `Less than 1 % of the transitions are of the kind "${kind}"`);
  }
});

test("Machine does the same whether it is traced, logged or not watched at all", () => {
  checkScripts(STEPS / 4, (script) => {
    const expected = runScript(script, traced, { isDetailed: true }).map(withoutTraced);
    const unwatched = runScript(script, () => createMachine(script), { isDetailed: true }).map(withoutTraced);
    const logged = runScript(script, () => createMachine(script, { logLevel: "everything", logger() {} }), {
      isDetailed: true,
    }).map(withoutTraced);
    return describeDifference("traced one", expected, unwatched) ?? describeDifference("traced one", expected, logged);
  });
});

test("Machine.time() only grows", () => {
  checkInvariant(({ timeBefore, timeAfter }, before, after) => {
    const shrinks = (from: readonly number[], to: readonly number[]) => from.some((tick, index) => tick > to[index]!);
    if (shrinks(timeBefore, timeAfter)) return `ticks ${timeBefore} became ${timeAfter} in the transition`;
    if (shrinks(before.time, after.time)) return `ticks ${before.time} became ${after.time} in the machine`;
    return null;
  });
});

test("Machine.activeStates() are those with an odd tick", () => {
  checkInvariant((_transition, _before, { names, active, time }) => {
    const odd = names.filter((_, index) => time[index]! % 2 === 1);
    const isSame = odd.length === active.length && odd.every((name) => active.includes(name));
    return isSame ? null : `active are ${JSON.stringify(active)}, odd are ${JSON.stringify(odd)}`;
  });
});

test("Machine.activeStates() have all they require after an accepted transition", () => {
  checkInvariant((transition, _before, { active }, { schema }) => {
    if (!transition.accepted || transition.mutation.isCheck) return null;
    const unmet = active.filter((name) => schema[name]?.require?.some((required) => !active.includes(required)));
    return unmet.length === 0 ? null : `active are ${JSON.stringify(active)}, unmet are ${JSON.stringify(unmet)}`;
  });
});

test("Machine is as it was after a check, and after a canceled transition in which no handler threw", () => {
  checkInvariant(({ accepted, mutation, timeBefore, timeAfter }, before, after) => {
    if (accepted && !mutation.isCheck) return null;
    const isSame = JSON.stringify([before, timeBefore]) === JSON.stringify([after, timeAfter]);
    return isSame ? null : `${JSON.stringify(before)} became ${JSON.stringify(after)}, ticks are told as ${timeAfter}`;
  }, withoutThrows);
});

/** A machine at one moment. */
interface Moment {
  names: readonly string[];
  active: readonly string[];
  time: readonly number[];
}

/** Says what is wrong with a transition, if anything is. `before` is the machine when it began, `after` when it ended. */
type Invariant = (transition: SeenTransition, before: Moment, after: Moment, script: Script) => string | null;

/** Hold all transitions of random scripts to an invariant, on the engine alone. */
function checkInvariant(invariant: Invariant, prepare: (script: Script) => Script = (script) => script): void {
  checkScripts(STEPS / 10, (random) => {
    const script = prepare(random);
    const violations: string[] = []; // collected: the machine would swallow what a tracer throws
    let before: Moment | null = null;
    const watcher: Tracer = {
      transitionInit(transition) {
        before = readMoment(transition.machine);
      },
      transitionEnd(transition) {
        const violation = invariant(transition, before!, readMoment(transition.machine), script);
        if (violation !== null) {
          violations.push(`${transition.mutation.type} ${transition.mutation.states}: ${violation}`);
        }
      },
    };
    runScript(script, (_script, recorder) => createMachine(script, { tracers: [recorder, watcher] }));
    return violations[0] ?? null;
  });
}

function readMoment(machine: { stateNames: readonly string[]; activeStates(): string[]; time(): number[] }): Moment {
  return { names: machine.stateNames, active: machine.activeStates(), time: machine.time() };
}

/**
 * Judge random scripts until they have come to a number of mutations; the one that fails is shrunk, and printed.
 *
 * @param steps How many mutations to make from outside, at least; those of handlers come on top.
 * @param judge Says what is wrong, or null.
 */
function checkScripts(steps: number, judge: (script: Script) => string | null): void {
  const start = performance.now();
  let done = 0;
  for (let seed = SEED; done < steps; seed++) {
    let isShrinking = false;
    const property = fc.property(scripts(), (script) => {
      const complaint = judge(script);
      isShrinking ||= complaint !== null;
      if (complaint !== null) throw new Error(complaint);
      if (!isShrinking) done += script.steps.filter(({ op }) => !NO_MUTATIONS.includes(op)).length;
    });
    const run = fc.check(property, { seed, numRuns: SCRIPTS_PER_ROUND });
    if (!run.failed) continue;
    const [script] = run.counterexample ?? [];
    fail([
      `Failed after ${done} steps, shrunk ${run.numShrinks} times; again with PROPERTY_SEED=${seed}`,
      run.errorInstance instanceof Error ? run.errorInstance.stack : String(run.errorInstance),
      `Script, for JSON.parse: ${JSON.stringify(script)}`,
    ].join("\n"));
  }
  assert(done >= steps);
  console.log(`${done} steps, PROPERTY_SEED=${SEED}, ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

function createModel({ schema, queueLimit }: Script, tracer: object): Subject {
  return new Model(schema, { queueLimit: queueLimit ?? 1000, tracers: [tracer] });
}

function createMachine({ schema, queueLimit }: Script, options: MachineOptions = {}): Subject {
  return new Machine<Schema>(schema, { queueLimit, logLevel: "nothing", ...options });
}

function traced(script: Script, tracer: Tracer): Subject {
  return createMachine(script, { tracers: [tracer] });
}

/** What handlers and callers see, when no tracer tells of transitions. */
function withoutTraced(record: StepRecord): StepRecord {
  return { ...record, transitions: [], trace: record.trace.filter((line) => /^[hr]:/.test(line)) };
}

/** Describe the first step after which two runs of a script differ. */
function describeDifference(
  model: string,
  expected: readonly StepRecord[],
  actual: readonly StepRecord[],
): string | null {
  for (const [index, record] of expected.entries()) {
    const other = actual[index]!;
    if (JSON.stringify(record) === JSON.stringify(other)) continue;
    const fields = (Object.keys(record) as (keyof StepRecord)[]).flatMap((field) => {
      const [left, right] = [JSON.stringify(record[field]), JSON.stringify(other[field])];
      return left === right ? [] : [`  ${field}\n    ${model}: ${left}\n    machine: ${right}`];
    });
    const place = index === 0 ? "when it was made" : `at step ${index - 1}`;
    return `The machine differs from the ${model} ${place}:\n${fields.join("\n")}`;
  }
  return null;
}

function count(records: readonly StepRecord[], counts: Record<string, number>): void {
  const add = (kind: string, isOne: boolean) => counts[kind] = (counts[kind] ?? 0) + Number(isOne);
  for (const { transitions, trace } of records) {
    for (const line of trace) add("threw", line.startsWith("q:add:Exception:0 "));
    for (const { accepted, check, auto, before, after } of transitions) {
      add("transitions", true);
      add("accepted", accepted);
      add("moved", accepted && before.some((tick, index) => tick !== after[index]));
      add("canceled", !accepted);
      add("auto", auto);
      add("check", check);
    }
  }
}

/** The same script with handlers that agree where they would throw. */
function withoutThrows(script: Script): Script {
  const bindings = script.bindings.map((binding) => ({
    ...binding,
    handlers: binding.handlers.map((handler) => ({
      ...handler,
      calls: handler.calls.map(({ throws: _, ...call }) => call),
    })),
  }));
  return { ...script, bindings };
}

function readSetting(name: string): number | undefined {
  const text = readEnv(name);
  if (text === undefined || text === "") return undefined;
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new RangeError(`Cannot use ${name} as it is ${text}`);
  return number;
}
