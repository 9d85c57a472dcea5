import { defineSchema, Machine } from "@asyncmachine/asyncmachine";
import { assertEquals, assertNotStrictEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { readShared, tableFor } from "../../machine/_handler_class.ts";
import { compilePlan } from "../../machine/_plan.ts";
import { test } from "../_harness.ts";

const schema = defineSchema({ A: {}, B: {} });

class Recorder {
  readonly calls: string[];

  constructor() {
    this.calls = [];
  }

  AState() {
    this.calls.push("AState");
  }
}

test("readShared() reads the handlers of a class once for each plan", () => {
  const plan = compilePlan(schema);
  const functions = readShared(plan, new Recorder(), {});
  assertStrictEquals(readShared(plan, new Recorder(), {}), functions);
  assertNotStrictEquals(readShared(compilePlan(schema), new Recorder(), {}), functions);
});

test("tableFor() shares the table of a class among its instances, as long as each is bound alone and to the same plan", () => {
  const plan = compilePlan(schema);
  const bindings = [new Recorder(), new Recorder()].map((target) => ({
    id: "x",
    target,
    functions: readShared(plan, target, {}),
  }));
  const [first, second] = bindings.map((binding) => tableFor(plan, [binding]));
  assertStrictEquals(first, second);
  assertNotStrictEquals(tableFor(plan, bindings), first);
  assertNotStrictEquals(tableFor(compilePlan(schema), bindings.slice(0, 1)), first);
});

test("readShared() shares nothing of objects that have handlers of their own, nor of prefixes", () => {
  const plan = compilePlan({ ...schema, PA: {} });
  const own = Object.assign(new Recorder(), { BState() {} });
  assertEquals([...readShared(plan, own, {}).keys()], ["BState", "AState"]);
  assertEquals([...readShared(plan, new Recorder(), {}).keys()], ["AState"]);
  assertEquals([...readShared(plan, new Recorder(), { statePrefix: "P" }).keys()], ["PAState"]);
  assertEquals([...readShared(plan, { AState() {} }, {}).keys()], ["AState"]);
  assertThrows(() => readShared(plan, Object.assign(new Recorder(), { Nothing() {} }), {}), TypeError);
});

test("readShared() lets no class pass with unknown keys because it was allowed to once", () => {
  class Early {
    AState() {}
    LateState() {}
  }
  const plan = compilePlan(schema);
  readShared(plan, new Early(), { allowUnknown: true });
  assertThrows(() => readShared(plan, new Early(), {}), TypeError, "LateState");
});

test("readShared() shares nothing of objects that have a handler of a state in lower case of their own", () => {
  const plan = compilePlan({ ...schema, low: {} });
  const own = Object.assign(new Recorder(), { lowState() {} });
  assertEquals([...readShared(plan, own, {}).keys()].sort(), ["AState", "lowState"]);
  assertEquals([...readShared(plan, new Recorder(), {}).keys()], ["AState"]);
});

test("readShared() notices that a class was changed", () => {
  class Changing {
    AState() {}
  }
  const plan = compilePlan(schema);
  const before = readShared(plan, new Changing(), {});
  Object.assign(Changing.prototype, { BState() {} });
  assertEquals([...readShared(plan, new Changing(), {}).keys()], ["AState", "BState"]);
  Object.defineProperty(Changing.prototype, "AState", { value() {} });
  assertNotStrictEquals(readShared(plan, new Changing(), {}).get("AState"), before.get("AState"));
});

test("Machine calls shared handlers on the object that was bound to it", () => {
  const recorders = [new Recorder(), new Recorder()];
  const machines = recorders.map((recorder) => {
    const machine = new Machine(schema);
    machine.bindHandlers(recorder);
    return machine;
  });
  machines[1]!.add("A");
  assertEquals(recorders.map(({ calls }) => calls), [[], ["AState"]]);
});
