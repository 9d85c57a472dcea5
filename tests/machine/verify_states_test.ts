import { defineSchema, Machine, SchemaError } from "@asyncmachine/asyncmachine";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { test } from "../_harness.ts";
import { FakeClock, settlementOf } from "./_fakes.ts";

test("Machine.verifyStates() sets the order of all lists of ticks", () => {
  const machine = new Machine({ A: {}, B: {}, C: {} });
  machine.add("A");
  machine.add(["C"]);
  machine.remove("C");

  machine.verifyStates(["Exception", "C", "A", "B"]);

  assertEquals(machine.stateNames, ["Exception", "C", "A", "B"]);
  assertEquals([machine.time(), machine.index("A"), machine.toString()], [[0, 2, 1, 0], 2, "(A:1)"]);
  assertEquals([machine.is("A"), machine.tick("C"), machine.activeStates()], [true, 2, ["A"]]);
});

test("Machine.verifyStates() sets statesVerified, and tells tracers", () => {
  const machine = new Machine({ A: {} });
  const seen: unknown[] = [];
  machine.bindTracer({ verifyStates: (of) => void seen.push(of.stateNames, machine.statesVerified) });
  assertEquals(machine.statesVerified, false);

  machine.verifyStates(["Exception", "A"]);

  assertEquals([machine.statesVerified, seen], [true, [["Exception", "A"], true]]);
});

test("Machine.verifyStates() keeps the order of active states", () => {
  const machine = new Machine({ A: {}, B: {}, C: {} });
  machine.add("A");
  machine.add("C");
  machine.add("B");

  machine.verifyStates(["C", "B", "A", "Exception"]);

  assertEquals(machine.activeStates(), ["B", "C", "A"]);
});

test("Machine.verifyStates() changes the order in which auto states are called", () => {
  const schema = { Go: {}, A: { auto: true, remove: ["B"] }, B: { auto: true, remove: ["A"] } };
  const before = new Machine(schema), after = new Machine(schema);
  after.verifyStates(["Go", "B", "A", "Exception"]);

  for (const machine of [before, after]) machine.add("Go");

  assertEquals([before.is("A"), after.is("A")], [true, false]);
});

test("Machine.verifyStates() changes the order of independent Require trees", () => {
  const schema = { A: { require: ["B"] }, B: {}, C: { require: ["D"] }, D: {} };
  const orders: string[][] = [];
  for (const names of [["A", "B", "C", "D", "Exception"], ["C", "D", "A", "B", "Exception"]] as const) {
    const machine = new Machine(schema);
    machine.verifyStates(names);
    machine.add(["A", "B", "C", "D"]);
    orders.push(machine.activeStates());
  }

  assertEquals(orders, [["B", "A", "D", "C"], ["D", "C", "B", "A"]]);
});

test("Machine.verifyStates() keeps handlers that were bound before at their states", () => {
  const machine = new Machine({ A: {}, B: {} });
  const calls: string[] = [];
  const note = (e: { name: string }) => void calls.push(e.name);
  machine.bindHandlers({ AEnter: note, AState: note, AB: note, BEnd: note });
  machine.verifyStates(["Exception", "B", "A"]);

  machine.add("A");
  machine.add("B");
  machine.remove("B");

  assertEquals(calls, ["AEnter", "AState", "AB", "BEnd"]);
});

test("Machine.verifyStates() keeps waits and signals that were made before at their states", async () => {
  const machine = new Machine({ A: {}, B: {}, C: {} });
  machine.add("A");
  const waits = [machine.when(["A", "B"]), machine.whenNot("A"), machine.whenTime(["C", "B"], [1, 1])];
  const signals = [machine.stateSignal("A"), machine.stateSignal("B"), machine.stateSignal("C")];
  const settled = () => Promise.all(waits.map(settlementOf));

  machine.verifyStates(["C", "Exception", "B", "A"]);
  machine.add("B");
  assertEquals(await settled(), ["resolved", "pending", "pending"]);
  assertEquals(signals.map(({ aborted }) => aborted), [false, true, false]);
  assertStrictEquals(machine.stateSignal("A"), signals[0]);
  machine.set("C");

  assertEquals(await settled(), ["resolved", "resolved", "resolved"]);
  assertEquals(signals.map(({ reason }) => reason.state), ["A", "B", "C"]);
});

test("Machine.verifyStates() keeps breakpoints that were set before at their states", () => {
  const lines: string[] = [];
  const machine = new Machine({ A: {}, B: {} }, {
    logLevel: "changes",
    logId: false,
    logger: (_, line) => void lines.push(line),
  });
  machine.addBreakpoint("A", "B");
  machine.verifyStates(["Exception", "B", "A"]);

  machine.add("B");
  machine.remove("B");
  machine.add("A");
  machine.remove("A");

  const breakpoint = "[breakpoint] Machine.breakpoint";
  assertEquals(lines, [
    "[state] +B",
    breakpoint,
    breakpoint,
    "[state] -B",
    breakpoint,
    breakpoint,
    "[state] +A",
    "[state] -A",
  ]);
});

test("Machine.verifyStates() keeps the running time of states", () => {
  const clock = new FakeClock();
  const machine = new Machine({ A: { timeoutMs: 10 }, B: { timeoutMs: 20 } }, { clock });
  machine.add(["A", "B"]);

  machine.verifyStates(["Exception", "B", "A"]);
  machine.remove("A");
  assertEquals([clock.pending, machine.err], [1, null]);
  clock.advance(20);

  assertEquals(machine.err?.message, 'State "B" is active for more than 20 ms');
});

test("Machine.verifyStates() leaves transitions that somebody keeps as they were", () => {
  const machine = new Machine({ A: {}, B: {} });
  const kept: { timeAfter: readonly number[]; enters: readonly string[] }[] = [];
  machine.bindTracer({ transitionEnd: (tx) => void kept.push(tx) });
  machine.add("B");

  machine.verifyStates(["Exception", "B", "A"]);

  assertEquals([kept[0]!.timeAfter, kept[0]!.enters], [[0, 1, 0], ["B"]]);
});

test("Machine.verifyStates() finds Exception in another place", () => {
  const machine = new Machine({ A: {} });
  machine.verifyStates(["Exception", "A"]);

  machine.addErr(new Error("added"));

  assertEquals([machine.isErr(), machine.time()], [true, [1, 0]]);
});

test("Machine.verifyStates() works on a frozen schema, and other machines of it keep their order", () => {
  const schema = defineSchema({ A: {}, B: {} });
  const machines = [new Machine(schema), new Machine(schema)];

  machines[0]!.verifyStates(["B", "Exception", "A"]);

  assertEquals(machines.map(({ stateNames }) => stateNames[0]), ["B", "A"]);
});

test("Machine.verifyStates() works after verifyStates()", () => {
  const machine = new Machine({ A: {}, B: {} });
  machine.add("B");
  machine.verifyStates(["Exception", "B", "A"]);

  machine.verifyStates(["B", "A", "Exception"]);

  assertEquals([machine.time(), machine.activeStates()], [[1, 0, 0], ["B"]]);
});

test("Machine.verifyStates() follows no change that was made to the schema's object since", () => {
  const schema: Record<string, { add?: string[] }> = { A: {}, B: {} };
  const machine = new Machine(schema);
  schema["A"]!.add = ["B"];
  schema["C"] = {};

  machine.verifyStates(["Exception", "B", "A"]);
  machine.add("A");

  assertEquals(machine.activeStates(), ["A"]);
});

test("Machine.verifyStates() takes repeats", () => {
  const machine = new Machine({ A: {}, B: {} });

  machine.verifyStates(["B", "A", "B", "Exception", "A"]);

  assertEquals(machine.stateNames, ["B", "A", "Exception"]);
});

for (
  const [what, names, problems] of [
    ["an unknown name", ["A", "B", "Foo", "Exception"], ['Cannot verify state "Foo": it is not in the schema']],
    ["several unknown names", ["A", "B", "Exception", "Foo", "Bar"], [
      'Cannot verify state "Foo": it is not in the schema',
      'Cannot verify state "Bar": it is not in the schema',
    ]],
    ["a missing name", ["A", "Exception"], ['Cannot verify states: missing "B"']],
    ["a missing Exception", ["A", "B"], ['Cannot verify states: missing "Exception"']],
    ["missing names that repeats stand in for", ["A", "A", "A"], ['Cannot verify states: missing "B", "Exception"']],
    ["unknown and missing names", ["A", "Foo", "Exception"], [
      'Cannot verify state "Foo": it is not in the schema',
      'Cannot verify states: missing "B"',
    ]],
  ] as [string, string[], string[]][]
) {
  test(`Machine.verifyStates() with ${what} throws, and changes nothing`, () => {
    const machine = new Machine({ A: {}, B: {} });
    let calls = 0;
    machine.bindTracer({ verifyStates: () => void calls++ });

    const error = assertThrows(() => machine.verifyStates(names as "A"[]), SchemaError);

    assertEquals([error.problems, error.message], [problems, problems.join("\n")]);
    assertEquals([machine.stateNames, machine.statesVerified, calls], [["A", "B", "Exception"], false, 0]);
  });
}

test("Machine.verifyStates() in a handler throws: that is an error of the handler", () => {
  const machine = new Machine({ A: {} });
  machine.bindHandlers({ AEnter: () => machine.verifyStates(["Exception", "A"]) });

  machine.add("A");

  assertEquals([machine.err?.name, machine.stateNames], ["SchemaError", ["A", "Exception"]]);
});
