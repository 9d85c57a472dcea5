import { defineSchema, type Event, Machine, type Schema } from "@asyncmachine/asyncmachine";
import { assert, assertEquals, assertNotStrictEquals, assertStrictEquals } from "@std/assert";
import { type Configuration, type KnownStep, Memo } from "../../machine/_memo.ts";
import { changeTo } from "../../machine/_move.ts";
import { type Plan, planFor } from "../../machine/_plan.ts";
import { ADD, REMOVE } from "../../machine/mutation.ts";
import { test } from "../_harness.ts";

function stepTo(target: Configuration, called: readonly number[]): KnownStep {
  const change = { ...changeTo(target.active, called, []), configuration: target };
  return { code: ADD, called, missing: 0, change, target, tableNumber: 0, isHandled: false };
}

test("Memo.at() knows a configuration by its states and their order", () => {
  const memo = new Memo(3);
  const found = memo.at([0, 1]);
  assertStrictEquals(memo.at([0, 1]), found);
  assertNotStrictEquals(memo.at([1, 0]), found);
  assertNotStrictEquals(memo.at([0]), found);
  assertNotStrictEquals(memo.at([0, 11]), memo.at([0, 1, 1]));
});

test("Memo.at() makes no new configurations when there is no room, and finds the old ones", () => {
  const memo = new Memo(10_000);
  const first = memo.at([0])!;
  let made = 1;
  while (memo.at(Array.from({ length: 50 }, (_, i) => made + i)) !== null) made++;
  assert(made > 100 && made < 1000, `${made} configurations`);
  assertEquals(memo.at([1, 0]), null);
  assertStrictEquals(memo.at([0]), first);
});

test("Memo.isTimeToLook() says so once in an interval", () => {
  const memo = new Memo(3, 100, 4);
  assertEquals(Array.from({ length: 9 }, () => memo.isTimeToLook()).map(Number), [0, 0, 0, 1, 0, 0, 0, 1, 0]);
});

test("Memo.isTimeToLook() says so less often once there was no room", () => {
  const memo = new Memo(3, 100, 2);
  const looks = () => Array.from({ length: 64 }, () => memo.isTimeToLook()).filter(Boolean).length;
  assertEquals(looks(), 32);
  for (let i = 0; memo.at([i]) !== null;) i++;
  memo.at([-1]);
  assertEquals(looks(), 2);
});

test("Configuration.stepOf() tells mutations by type and called states, in their order", () => {
  const memo = new Memo(3);
  const from = memo.at([])!;
  const step = stepTo(memo.at([0, 1])!, [0, 1]);
  memo.learn(from, step);
  assertStrictEquals(from.stepOf(ADD, [0, 1]), step);
  for (const called of [[1, 0], [0], [0, 1, 2], []]) assertEquals(from.stepOf(ADD, called), null);
  assertEquals(from.stepOf(REMOVE, [0, 1]), null);
});

test("Memo.learn() remembers no step when there is no room", () => {
  const memo = new Memo(3, 40);
  const from = memo.at([])!;
  memo.learn(from, stepTo(from, [0]));
  memo.learn(from, stepTo(from, [1]));
  assertEquals([0, 1].map((state) => from.stepOf(ADD, [state]) !== null), [true, false]);
});

test("Memo.learn() counts the lists of a step: there may be many called states that change nothing", () => {
  const many = Array.from({ length: 1000 }, (_, state) => state);
  const hasRoomAfter = (lists: { called?: number[]; entering?: number[]; exiting?: number[] }) => {
    const memo = new Memo(1000, 1000);
    const from = memo.at([])!;
    const step = stepTo(from, lists.called ?? [0]);
    memo.learn(from, { ...step, change: { ...step.change, entering: [], exiting: [], ...lists } });
    return memo.hasRoom;
  };
  const kinds = [{}, { called: many }, { entering: many }, { exiting: many }];
  assertEquals(kinds.map(hasRoomAfter), [true, false, false, false]);
});

test("Machine remembers less of a schema that is its own than of one that machines share", () => {
  const countOf = ({ memo }: Plan) => {
    let count = 0;
    while (memo.at([count]) !== null) count++;
    return count;
  };
  const shared = countOf(planFor(defineSchema({ A: {} }))), own = countOf(planFor({ A: {} }));
  assert(own > 20 && shared > 10 * own, `${own} and ${shared}`);
});

test("Configuration.hasRoom ends with the steps that are looked through one by one", () => {
  const memo = new Memo(3);
  const from = memo.at([])!;
  let learned = 0;
  for (; from.hasRoom; learned++) memo.learn(from, stepTo(from, [learned]));
  assertEquals(learned, 8);
});

test("Machine goes along known steps after the first mutations of its schema, and further when it comes to a new one", () => {
  const schema: Schema = defineSchema({ A: { remove: ["B"] }, B: { remove: ["A"] }, C: {} });
  const plan = planFor(schema);
  const machine = new Machine(schema);
  const isKnown = () => plan.memo.at(machine.activeStates().map((name) => plan.indexByName.get(name)!));
  for (let i = 0; i < 100; i++) machine.add(i % 2 === 0 ? "A" : "B");
  assert(isKnown()?.stepOf(ADD, [0]));
  assertEquals(isKnown()?.stepOf(ADD, [2]), null);
  machine.add("C");
  machine.remove("C");
  assert(isKnown()?.stepOf(ADD, [2]));
  assertEquals(machine.clock(), { A: 100, B: 99, C: 2, Exception: 0 });
});

test("Machine follows the handlers that are bound, not those of another machine that took the same step", () => {
  const schema: Schema = defineSchema({ A: {} });
  const seen: string[] = [];
  const machines = ["first", "second", "third"].map((id) => new Machine(schema, { id }));
  const cycle = () => {
    for (const machine of machines) for (let i = 0; i < 100; i++) i % 2 === 0 ? machine.add("A") : machine.remove("A");
  };
  cycle();
  machines[0]!.bindHandlers({ AState: () => void seen.push("first") });
  const binding = machines[2]!.bindHandlers({ AEnd: () => void seen.push("third") });
  cycle();
  assertEquals(seen, [...Array(50).fill("first"), ...Array(50).fill("third")]);
  binding.detach();
  cycle();
  assertEquals(seen.length, 150);
});

test("Machines of a schema that mutate one another in handlers do the same whatever is remembered", () => {
  const schema: Schema = defineSchema({
    A: { remove: ["B"], add: ["C"] },
    B: { remove: ["A"] },
    C: { require: ["A"] },
    D: { auto: true, require: ["B"] },
    M: { multi: true },
  });
  const plan = planFor(schema) as { memo: Memo };
  const run = () => {
    const seen: unknown[] = [];
    const machines = ["first", "second", "third"].map((id) => new Machine(schema, { id }));
    let random = 1, depth = 0;
    const below = (limit: number) => (random = Math.imul(random, 48271) >>> 1 || 1) % limit;
    const mutate = () => {
      const machine = machines[below(3)]!, states = [machine.stateNames[below(5)]!, machine.stateNames[below(5)]!];
      seen.push(below(3) === 0 ? machine.remove(states) : machine.add(states), machine.activeStates(), machine.time());
    };
    const onCall = ({ transition: { statesBefore, targetStates, enters, exits } }: Event) => {
      seen.push([statesBefore, targetStates, enters, exits]);
      if (depth++ < 3) mutate();
      depth--;
      if (below(9) === 0) throw new Error("thrown");
      return below(9) > 0;
    };
    machines[0]!.bindHandlers({ AEnter: onCall, BState: onCall, MState: onCall });
    machines[1]!.bindHandlers({ BExit: onCall, AState: onCall, AnyEnter: onCall });
    for (let i = 0; i < 300; i++) mutate();
    return seen;
  };
  plan.memo = new Memo(6, 0, 1_000_000);
  const expected = run();
  for (const room of [200, 100_000]) {
    plan.memo = new Memo(6, room, 1);
    assertEquals(run(), expected);
    assertEquals(run(), expected); // now all is known that there was room for
  }
});
