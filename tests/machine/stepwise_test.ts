import { defineSchema, Machine, type Schema, type State, type Transition } from "@asyncmachine/asyncmachine";
import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { Memo } from "../../machine/_memo.ts";
import { listTarget } from "../../machine/_move.ts";
import { ActiveOrder } from "../../machine/_order.ts";
import { compilePlan, type Plan, planFor } from "../../machine/_plan.ts";
import { resolveTargets, sortStates } from "../../machine/_resolver.ts";
import {
  applyStep,
  countMissing,
  enteredStates,
  exitedStates,
  isSettled,
  pickListed,
  resolveStep,
  takeStep,
} from "../../machine/_stepwise.ts";
import { ADD, type MutationCode, MutationRecord, REMOVE } from "../../machine/mutation.ts";
import { test } from "../_harness.ts";

/** A mutation of states by their numbers. */
interface Call {
  readonly code: MutationCode;
  readonly called: readonly number[];
}

const MAX_STATES = 9;

/** Schemas with few or many relations; most of them allow the stepwise path. */
const schemas: fc.Arbitrary<Schema> = fc.integer({ min: 1, max: MAX_STATES }).chain((count) => {
  const targets = (often: number) => fc.array(fc.nat(count - 1), { maxLength: often });
  const state = fc.record({
    auto: fc.integer({ min: 0, max: 3 }).map((number) => number === 0),
    multi: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
    require: targets(1),
    add: targets(2),
    remove: targets(3),
    after: targets(1),
  });
  return fc.array(state, { minLength: count, maxLength: count }).chain((states) =>
    fc.integer({ min: 0, max: 3 }).map((withAfter) =>
      Object.fromEntries(states.map(({ require, add, remove, after, ...flags }, number): [string, State] => [
        `S${number}`,
        {
          ...flags,
          require: names(require),
          add: flags.multi ? [] : names(add),
          remove: names(remove.filter((other) => !require.includes(other))),
          after: withAfter === 0 ? names(after) : names(require.filter((other) => other !== number)),
        },
      ]))
    )
  );
});

const calls: fc.Arbitrary<Call[]> = fc.array(
  fc.record({
    code: fc.constantFrom(ADD, ADD, ADD, REMOVE),
    called: fc.uniqueArray(fc.nat(MAX_STATES - 1), { maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 30 },
);

function names(states: readonly number[]): string[] {
  return [...new Set(states)].map((state) => `S${state}`);
}

/** A plan's machine without the machine: what the two paths read and write. */
class Bare {
  readonly plan: Plan;
  readonly clock: number[];
  readonly order: ActiveOrder;

  constructor(plan: Plan) {
    this.plan = plan;
    this.clock = plan.zeros.slice();
    this.order = new ActiveOrder();
  }

  get active(): readonly number[] {
    return this.order.list(this.plan, this.clock);
  }
}

/** Run a mutation by the whole path; the naive way of telling what comes of a target. */
function runWhole({ plan, clock, order, active }: Bare, { code, called }: Call): readonly number[] {
  const mutation = new MutationRecord(plan.names, code, called);
  const target = resolveTargets(plan, active, clock, mutation, called, null);
  if (code === ADD && called.some((state) => !target.includes(state))) return target;
  for (const state of target) {
    if (!active.includes(state)) clock[state]!++;
    else if (called.includes(state) && plan.isMulti[state]) clock[state]! += 2;
  }
  for (const state of active) if (!target.includes(state)) clock[state]!++;
  order.replace(target);
  return target;
}

/** What a state of no standing removes, and one that stands adds late: random schemas seldom have it. */
const FALLEN_AND_ADDED: Schema = {
  S0: { add: ["S2"] },
  S1: { multi: true, require: ["S3"], remove: ["S4", "S2"] },
  S2: { multi: true, require: ["S4"] },
  S3: { add: ["S2"] },
  S4: { multi: true },
  S5: { multi: true, remove: ["S1"] },
};
const FALLEN_AND_ADDED_BY: Call[] = [[5, 1, 3], [4], [0]].map((called) => ({ code: ADD, called }));

test("resolveStep() leads to the targets of resolveTargets(), order included, for random schemas and mutations", () => {
  const seen = { steps: 0, moved: 0, refused: 0, unsettled: 0, known: 0 };
  fc.assert(
    fc.property(schemas, calls, fc.constantFrom(1, 5, 1000), (schema, list, interval) => {
      const compiled = compilePlan(schema);
      const plan = { ...compiled, memo: new Memo(compiled.size, 10_000, interval) };
      if (!plan.isStepwise) return;
      const stepwise = new Bare(plan), whole = new Bare(plan);
      for (const { code, called: numbers } of [...list, ...list]) {
        const call = { code, called: numbers.filter((state) => state < plan.size) };
        const { clock, order } = stepwise;
        const before = clock.slice(), activeBefore = stepwise.active;
        const target = runWhole(whole, call);
        order.isSettled ||= isSettled(plan, clock, stepwise.active);
        if (!order.isSettled) { // as a machine does: this one goes the whole way
          runWhole(stepwise, call);
          seen.unsettled++;
          continue;
        }
        if (order.configuration?.stepOf(code, call.called)) seen.known++;
        resolveStep(plan, clock, order, code, call.called);
        const change = takeStep(plan, clock, order, code, call.called);
        assertEquals(change.target ?? listTarget(plan, change, activeBefore), target);
        const isRefused = code === ADD && countMissing(clock, call.called) > 0;
        if (!isRefused) {
          applyStep(plan, clock, order, code, call.called);
          const entered = target.filter((state) => clock[state] !== before[state]);
          assertEquals(enteredStates(plan, clock, order), entered);
          const exited = activeBefore.filter((state) => !target.includes(state));
          assertEquals(exitedStates(plan, order), sortStates(plan, exited));
          assertEquals([change.entering, change.exiting], [entered, sortStates(plan, exited)]);
        }
        assertEquals(clock, whole.clock);
        assertEquals(stepwise.active, whole.active);
        seen.steps++;
        if (isRefused) seen.refused++;
        else if (clock.some((tick, state) => tick !== before[state])) seen.moved++;
      }
    }),
    { numRuns: 3000, examples: [[FALLEN_AND_ADDED, FALLEN_AND_ADDED_BY, 1]] },
  );
  // Mutations that never get anywhere would agree too.
  for (const kind of ["moved", "refused", "known"] as const) assert(seen[kind] > seen.steps / 20, JSON.stringify(seen));
  assert(seen.unsettled > 10 && seen.unsettled < seen.steps / 4, JSON.stringify(seen));
});

test("Machine does the same stepwise and whole, auto states and the order of settled waits included", async () => {
  const runs: Promise<void>[] = [];
  fc.assert(
    fc.property(schemas, calls, (schema, list) => {
      const stepwise = new Machine<Schema>(schema);
      const whole = new Machine<Schema>(schema, { logLevel: "decisions", logger() {} });
      const settled: string[][] = [[], []];
      const waitOn = (machine: Machine<Schema>, order: string[]) => {
        for (const name of machine.stateNames) {
          machine.when(name).then(() => order.push(`+${name}`));
          machine.whenNot(name).then(() => order.push(`-${name}`));
          machine.whenTicks(name, 2).then(() => order.push(`2${name}`));
        }
      };
      const ends = () =>
        [stepwise, whole].map((machine) => [machine.activeStates(), machine.time(), machine.queueTick]);
      for (const [place, { code, called }] of list.entries()) {
        if (place % 4 === 3) [stepwise, whole].forEach((machine, i) => waitOn(machine, settled[i]!));
        const states = called.filter((state) => state < stepwise.stateNames.length).map((state) =>
          stepwise.stateNames[state]!
        );
        const [result, other] = [stepwise, whole].map((machine) =>
          code === ADD ? machine.add(states) : machine.remove(states)
        );
        assertEquals(result, other);
        const [actual, expected] = ends();
        assertEquals(actual, expected);
      }
      runs.push(Promise.resolve().then(() => assertEquals(settled[0], settled[1])));
    }),
    { numRuns: 1500 },
  );
  await Promise.all(runs);
});

/** What a handler of any state sees of a transition. */
function describe({ statesBefore, targetStates, enters, exits, timeBefore, timeAfter }: Transition): unknown[] {
  return [statesBefore, targetStates, enters, exits, timeBefore, timeAfter];
}

test("Machine does what other machines of its schema did before it as they did, handlers and records included", () => {
  let known = 0;
  fc.assert(
    fc.property(schemas, calls, (states, list) => {
      const schema = defineSchema(states);
      const plan = planFor(schema) as { memo: Memo };
      const runs = [1_000_000, 1, 1].map((interval, run) => { // nothing is known, then all is learned, then all is known
        if (run < 2) plan.memo = new Memo(list.length, 10_000, interval);
        const machine = new Machine<Schema>(schema);
        const kept: Transition[] = [];
        const log: unknown[] = [];
        const see = ({ transition }: { transition: Transition }) => {
          kept.push(transition);
          log.push(describe(transition));
        };
        machine.bindHandlers({ S0Enter: see, S1State: see, S2Exit: see, S3End: see }, { allowUnknown: true });
        for (const { code, called } of list) {
          const wanted = called.map((state) => machine.stateNames[state]!).filter((name) => name !== undefined);
          log.push(code === ADD ? machine.add(wanted) : machine.remove(wanted), machine.activeStates(), machine.time());
        }
        return [log, kept.map(describe)];
      });
      assertEquals(runs[1], runs[0]);
      assertEquals(runs[2], runs[0]);
      if (plan.memo.at([])?.stepOf(list[0]!.code, list[0]!.called)) known++;
    }),
    { numRuns: 500 },
  );
  assert(known > 100, `${known} first steps are known`);
});

test("Machine resolves contradictions of a snapshot with the next mutation, whatever that is", () => {
  const schema: Schema = { A: { remove: ["B"] }, B: {}, C: {}, D: { require: ["C"] } };
  const machine = new Machine(schema, { id: "m" });
  machine.add("C"); // so that it was settled before
  machine.import({ ...machine.export(), time: [1, 1, 0, 1, 0] });
  machine.add([]);
  assertEquals(machine.activeStates(), ["A"]);
});

test("Machine tries an auto state whose requirement comes as late as Add allows", () => {
  const schema: Schema = {
    Go: {},
    X: { auto: true, require: ["R"] },
    Y: { auto: true, require: ["Go"], add: ["X", "Z"] },
    Z: { add: ["R"] },
    R: {},
  };
  for (const logLevel of ["nothing", "ops"] as const) {
    const machine = new Machine(schema, { logLevel, logger() {} });
    machine.add("Go");
    assertEquals(machine.activeStates().toSorted(), ["Go", "R", "X", "Y", "Z"]);
  }
});

/** Reads of lists by place, counted. */
function counted<List extends readonly unknown[]>(list: List, counts: { reads: number }): List {
  return new Proxy(list, {
    get(target, key, receiver) {
      if (typeof key === "string" && /^\d+$/.test(key)) counts.reads++;
      return Reflect.get(target, key, receiver);
    },
  });
}

/** How many states two mutations look at, among others of which some are active. */
function visitsAmong(others: number, isActive: (number: number) => boolean): number {
  const schema: Record<string, State> = {
    A: { remove: ["B"], require: ["C"] },
    B: { remove: ["A"], add: ["D"] },
    C: {},
    D: { require: ["B"] },
  };
  for (let number = 0; number < others; number++) schema[`X${number}`] = { remove: ["Exception"] };
  const compiled = compilePlan(schema);
  const counts = { reads: 0 };
  const plan: Plan = {
    ...compiled,
    add: counted(compiled.add, counts),
    remove: counted(compiled.remove, counts),
    require: counted(compiled.require, counts),
    removedBy: counted(compiled.removedBy, counts),
    requiredBy: counted(compiled.requiredBy, counts),
  };
  const isOn = (name: string) => name === "C" || (name.startsWith("X") && isActive(Number(name.slice(1))));
  const clock = counted(compiled.names.map((name) => isOn(name) ? 1 : 0), counts);
  const order = new ActiveOrder();
  order.replace(compiled.names.map((_, state) => state).filter((state) => clock[state]! % 2 === 1));
  order.startMoving(plan); // once, as long as nobody asks for the list
  counts.reads = 0;
  for (const called of [[0], [1]]) {
    resolveStep(plan, clock, order, ADD, called);
    assertEquals(countMissing(clock, called), 0);
    applyStep(plan, clock, order, ADD, called);
  }
  return counts.reads;
}

test("resolveStep() and applyStep() look at as many states among 10,000 others as among none, active or not", () => {
  const alone = visitsAmong(0, () => false);
  assert(alone > 10 && alone < 200, `${alone} reads`);
  for (const others of [10, 100, 1000, 10_000]) {
    assertEquals(visitsAmong(others, () => false), alone);
    assertEquals(visitsAmong(others, (number) => number % 2 === 0), alone);
  }
});

test("pickListed() tells which called states are in a target that is known, too", () => {
  const plan: Plan = { ...compilePlan({ A: {}, B: { require: ["C"] }, C: {} }), memo: new Memo(4, 1_000, 1) };
  const { clock, order } = new Bare(plan);
  for (const isKnown of [false, true]) {
    assertEquals(order.configuration?.stepOf(ADD, [0, 1]) !== undefined, isKnown);
    resolveStep(plan, clock, order, ADD, [0, 1]);
    assertEquals(pickListed(clock, [0, 1]), [0]);
  }
});

test("resolveStep() goes to no configuration by a step that it cannot remember", () => {
  const states = Array.from({ length: 12 }, (_, state) => state);
  const compiled = compilePlan(Object.fromEntries(states.map((state) => [`S${state}`, {}])));
  const plan: Plan = { ...compiled, memo: new Memo(compiled.size, 10_000, 1) };
  const isKnown = states.map((state) => {
    const { clock, order } = new Bare(plan);
    resolveStep(plan, clock, order, ADD, [state]);
    applyStep(plan, clock, order, ADD, [state]);
    return order.configuration !== null;
  });
  assertEquals(isKnown, states.map((state) => state < 8)); // so many steps of a configuration are remembered
});

test("resolveStep() lists no target states that there is no room to remember", () => {
  const memo = new Memo(4, 60, 1);
  const plan: Plan = { ...compilePlan({ A: {}, B: { require: ["C"] }, C: {} }), memo };
  const { clock, order } = new Bare(plan);
  resolveStep(plan, clock, order, ADD, [0]);
  applyStep(plan, clock, order, ADD, [0]);
  assert(order.configuration !== null && !memo.hasRoom);
  const at = memo.at;
  let looks = 0;
  memo.at = (active) => (looks++, at.call(memo, active));
  for (const state of [0, 1, 2]) resolveStep(plan, clock, order, ADD, [state]);
  assertEquals(looks, 0);
});

test("Plan.isStepwise is a matter of multi states that add, and of After that asks for more than Require", () => {
  const isStepwise = (schema: Schema) => compilePlan(schema).isStepwise;
  assertEquals(isStepwise({ A: { add: ["B"], remove: ["C"] }, B: { require: ["C"] }, C: { multi: true } }), true);
  assertEquals(isStepwise({ A: { multi: true, add: ["B"] }, B: {} }), false);
  assertEquals(isStepwise({ A: { after: ["B"] }, B: {} }), false);
  assertEquals(isStepwise({ A: { after: ["B"], require: ["B"] }, B: {} }), true);
  assertEquals(isStepwise({ A: { require: ["B"] }, B: { after: ["A"] } }), false);
  assertEquals(isStepwise({ A: { after: ["C"], require: ["B"] }, B: {}, C: {} }), false);
});

test("isSettled() finds a state that lacks what it requires, and one that another removes", () => {
  const plan = compilePlan({ A: { require: ["B", "X"] }, B: {}, C: { remove: ["B"] }, D: { require: ["B"] } });
  const clock = (...active: number[]) => plan.zeros.map((_, state) => active.includes(state) ? 1 : 0);
  assertEquals(isSettled(plan, clock(1, 3), [1, 3]), true);
  assertEquals(isSettled(plan, clock(3), [3]), false);
  assertEquals(isSettled(plan, clock(1, 2), [1, 2]), false);
  assertEquals(isSettled(plan, clock(0, 1), [0, 1]), false);
});
