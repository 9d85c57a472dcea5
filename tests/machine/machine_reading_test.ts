import { Executed, Machine, type Schema, UnknownStateError } from "@asyncmachine/asyncmachine";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { test } from "../_harness.ts";

/** A machine with `A` at tick 3, `B` at 2 and `C` at 1, in the order C A. */
function machineAt312(): Machine {
  const machine = new Machine<Schema>({ A: {}, B: {}, C: {} });
  for (const state of ["A", "B", "A", "B", "A", "C"]) machine.toggle(state);
  assertEquals(machine.time(), [3, 2, 1, 0]);
  return machine;
}

const disposed = new Machine<Schema>({ A: {} });
disposed.add("A");
disposed.dispose();

test("Machine.is() asks for all of the states, and no unknown one is active", () => {
  const machine = machineAt312();
  assertEquals([machine.is("A"), machine.is("B"), machine.is(["A", "C"]), machine.is(["A", "B"])], [
    true,
    false,
    true,
    false,
  ]);
  assertEquals([machine.is([]), machine.is("Unknown"), machine.is(["A", "Unknown"])], [true, false, false]);
});

test("Machine.not() asks for none of the states, and throws for unknown ones", () => {
  const machine = machineAt312();
  assertEquals([machine.not("B"), machine.not("A"), machine.not(["A", "B"]), machine.not([])], [
    true,
    false,
    false,
    true,
  ]);
  const error = assertThrows(() => machine.not(["Unknown", "A"]), UnknownStateError);
  assertEquals(error.message, 'Cannot read state "Unknown": it is not in the schema');
});

test("Machine.any() asks for all states of one of the lists", () => {
  const machine = machineAt312();
  assertEquals([machine.any(["A", "B"], ["A", "C"]), machine.any("B", "C"), machine.any("B")], [true, true, false]);
  assertEquals([machine.any(), machine.any([]), machine.any("Unknown")], [false, true, false]);
});

test("Machine.has() asks for names in the schema, active or not", () => {
  const machine = machineAt312();
  assertEquals([machine.has("B"), machine.has(["A", "Exception"]), machine.has([])], [true, true, true]);
  assertEquals([machine.has("Unknown"), machine.has(["A", "Unknown"])], [false, false]);
});

test("Machine.switch() finds the first active state, group by group", () => {
  const machine = machineAt312();
  assertEquals(machine.switch(["B"], ["C", "A"], ["A"]), "C");
  assertEquals([machine.switch(["B", "Unknown"], []), machine.switch()], ["", ""]);
});

test("Machine.tick(), time() and clock() read ticks, 0 for unknown names", () => {
  const machine = machineAt312();
  assertEquals([machine.tick("A"), machine.tick("Unknown")], [3, 0]);
  assertEquals([machine.time(), machine.time(["C", "Unknown", "C"]), machine.time([])], [[3, 2, 1, 0], [1, 0, 1], []]);
  assertEquals(machine.clock(), { A: 3, B: 2, C: 1, Exception: 0 });
  assertEquals([machine.clock(["B", "Unknown"]), machine.clock([])], [{ B: 2, Unknown: 0 }, {}]);
});

test("Machine.time() and activeStates() give out lists that are safe to change", () => {
  const machine = machineAt312();
  machine.time().length = 0;
  machine.activeStates().length = 0;
  assertEquals([machine.time(), machine.activeStates()], [[3, 2, 1, 0], ["C", "A"]]);
});

test("Machine.pipes gives out a list that is safe to change, for other machines too", () => {
  const [machine, other] = [machineAt312(), machineAt312()];
  (machine.pipes as unknown[]).push("junk");
  assertEquals([machine.pipes, other.pipes], [[], []]);
  assertEquals(machine.add("B"), Executed); // the list of none is one for breakpoints and callbacks, too
});

test("Machine.activeStates() has called states first, and lists those of a list in the list's order", () => {
  const machine = machineAt312();
  assertEquals(machine.activeStates(), ["C", "A"]);
  assertEquals(machine.activeStates(["A", "B", "Unknown", "C", "A"]), ["A", "C", "A"]);
  machine.add("A");
  assertEquals([machine.activeStates(), machine.activeStates([])], [["A", "C"], []]);
});

test("Machine.isTime() wants every given tick to be the current one", () => {
  const machine = machineAt312();
  assertEquals([machine.isTime([3, 2, 1, 0]), machine.isTime([3, 2]), machine.isTime([])], [true, true, true]);
  assertEquals([machine.isTime([3, 1]), machine.isTime([2, 2]), machine.isTime([4])], [false, false, false]);
  assertEquals([machine.isTime([1, 3], ["C", "A"]), machine.isTime([1], ["C", "A"])], [true, true]);
  assertEquals([machine.isTime([3], ["C"]), machine.isTime([0], ["Unknown"])], [false, true]);
  assertEquals(machine.isTime([NaN]), false);
});

test("Machine.wasTime() wants no current tick to be less than the given one", () => {
  const machine = machineAt312();
  assertEquals([machine.wasTime([3, 2, 1, 0]), machine.wasTime([1, 1]), machine.wasTime([])], [true, true, true]);
  assertEquals([machine.wasTime([4]), machine.wasTime([3, 2, 2])], [false, false]);
  assertEquals([machine.wasTime([1, 2], ["C", "A"]), machine.wasTime([2], ["C"]), machine.wasTime([1], ["Unknown"])], [
    true,
    false,
    false,
  ]);
});

test("Machine.isTime() and wasTime() throw RangeError for more ticks than states", () => {
  const machine = machineAt312();
  assertThrows(() => machine.isTime([3, 2, 1, 0, 0]), RangeError, "there are 5 ticks for 4 states");
  assertThrows(() => machine.wasTime([1, 1], ["A"]), RangeError, "there are 2 ticks for 1 states");
  assertThrows(() => machine.isTime([0], []), RangeError);
});

test("Machine.isClock() and wasClock() compare ticks by name", () => {
  const machine = machineAt312();
  assertEquals([machine.isClock({ C: 1, A: 3 }), machine.isClock({ A: 2 }), machine.isClock({})], [true, false, true]);
  assertEquals([machine.wasClock({ A: 2, B: 2 }), machine.wasClock({ C: 2 }), machine.wasClock({})], [
    true,
    false,
    true,
  ]);
  assertEquals([machine.isClock({ Unknown: 0 }), machine.wasClock({ Unknown: 1 })], [true, false]);
});

test("Machine.index() finds places, -1 for unknown names", () => {
  const machine = machineAt312();
  assertEquals([machine.index("C"), machine.index("Unknown")], [2, -1]);
  assertEquals([machine.index(["B", "Unknown", "Exception"]), machine.index([])], [[1, -1, 3], []]);
});

test("Machine.stateNames is the order of the schema, and cannot be changed", () => {
  const machine = machineAt312();
  assertEquals(machine.stateNames, ["A", "B", "C", "Exception"]);
  assert(Object.isFrozen(machine.stateNames));
});

test("Machine.toString() has the active states in index order", () => {
  const machine = machineAt312();
  assertEquals([String(machine), `${new Machine({ A: {} })}`], ["(A:3 C:1)", "()"]);
});

test("Machine.stringAll() has the active states, then the inactive ones", () => {
  assertEquals(machineAt312().stringAll(), "(A:3 C:1) [B:2 Exception:0]");
  assertEquals(new Machine({ A: {} }).stringAll(), "() [A:0 Exception:0]");
  const all = new Machine<Schema>({ A: {}, Exception: {} });
  all.add(["A", "Exception"]);
  assertEquals(all.stringAll(), "(A:1 Exception:1) []");
});

test("Machine.inspect() shows what a state has, in a fixed order", () => {
  const machine = new Machine<Schema>({
    A: { after: ["B"], remove: ["C"], require: ["D"], add: ["B", "E"], multi: true, auto: true },
    B: {},
    C: {},
    D: {},
    E: {},
  });
  assertEquals(
    machine.inspect(["A"]),
    [
      "0 A",
      "    |Tick     0",
      "    |Auto     true",
      "    |Multi    true",
      "    |Add      B E",
      "    |Require  D",
      "    |Remove   C",
      "    |After    B",
      "",
    ].join("\n"),
  );
});

test("Machine.inspect() shows all states in index order, or those of a list, without unknown ones", () => {
  const machine = new Machine<Schema>({ A: {}, B: {} });
  machine.add("B");
  const text = "0 A\n    |Tick     0\n1 B\n    |Tick     1\n0 Exception\n    |Tick     0\n    |Multi    true\n";
  assertEquals(machine.inspect(), text);
  assertEquals(machine.inspect(["B", "Unknown"]), "1 B\n    |Tick     1\n");
  assertEquals(machine.inspect([]), "");
});

const related = new Machine<Schema>({
  A: { after: ["B"], remove: ["C", "B"], require: ["B"], add: ["D"] },
  B: { require: ["B"] },
  C: { after: ["B"], add: ["A"] },
  D: {},
});

test("Machine.relationsOf() lists kinds in the order add, require, remove, after", () => {
  assertEquals(related.relationsOf("A"), ["add", "require", "remove", "after"]);
  assertEquals([related.relationsOf("C"), related.relationsOf("D")], [["add", "after"], []]);
});

test("Machine.relationsBetween() lists the kinds from one state to another, and not back", () => {
  assertEquals(related.relationsBetween("A", "B"), ["require", "remove", "after"]);
  assertEquals([related.relationsBetween("B", "A"), related.relationsBetween("B", "B")], [[], ["require"]]);
});

test("Machine.inboundRelationsOf() lists states that name another, each once, without itself", () => {
  assertEquals([related.inboundRelationsOf("B"), related.inboundRelationsOf("A")], [["A", "C"], ["C"]]);
  assertEquals(related.inboundRelationsOf("Exception"), []);
});

test("Machine.relationsOf(), relationsBetween() and inboundRelationsOf() throw for unknown names", () => {
  assertThrows(() => related.relationsOf("X"), UnknownStateError, 'Cannot read relations of state "X"');
  assertThrows(() => related.relationsBetween("A", "X"), UnknownStateError);
  assertThrows(() => related.relationsBetween("X", "A"), UnknownStateError);
  assertThrows(() => related.inboundRelationsOf("X"), UnknownStateError);
});

test("Machine.isErr() tells whether Exception is active, and err stays when it is not any more", () => {
  const machine = new Machine<Schema>({ A: {} });
  assertEquals([machine.isErr(), machine.err], [false, null]);
  machine.addErr(new Error("first"));
  assertEquals([machine.isErr(), machine.err?.message], [true, "first"]);
  machine.remove("Exception");
  assertEquals([machine.isErr(), machine.err?.message], [false, "first"]);
});

test("Machine that is disposed reads as if nothing were active or known", () => {
  assertEquals([disposed.is("A"), disposed.is([]), disposed.not("A"), disposed.not("Unknown")], Array(4).fill(false));
  assertEquals([disposed.any("A"), disposed.has("A"), disposed.isErr()], [false, false, false]);
  assertEquals([disposed.tick("A"), disposed.time(), disposed.time(["A"]), disposed.clock()], [0, [], [], {}]);
  assertEquals([disposed.index("A"), disposed.index(["A"]), disposed.switch(["A"])], [-1, [], ""]);
  assertEquals([disposed.activeStates(), disposed.activeStates(["A"])], [[], []]);
  assertEquals([disposed.toString(), disposed.stringAll(), disposed.inspect()], ["", "", ""]);
  assertEquals([disposed.stateNames, Object.keys(disposed.schema), disposed.queueTick], [
    ["A", "Exception"],
    ["A", "Exception"],
    2,
  ]);
});

const READERS = [
  "is",
  "any",
  "has",
  "switch",
  "index",
  "time",
  "clock",
  "activeStates",
  "willBe",
  "inspect",
  "not",
] as const;

test("Machine throws one clear TypeError for what is neither a name nor a list, wherever it reads", () => {
  const machine = machineAt312();
  for (const reader of READERS) {
    for (const bad of [null, 7, {}, new Set(["A"]), Symbol("A"), () => "A"]) {
      const read = () => (machine[reader] as (states: unknown) => unknown).call(machine, bad);
      assertThrows(read, TypeError, "expected a name or a list of names", reader);
    }
  }
});

test("Machine takes names that are no strings for unknown ones where unknown names are no error", () => {
  const machine = machineAt312();
  for (const bad of [null, undefined, 7, {}, ["A"], Symbol("A"), Object.create(null)]) {
    const names = [bad] as unknown as string[];
    assertEquals([machine.is(names), machine.has(names), machine.switch(names)], [false, false, ""]);
    assertEquals([machine.index(names), machine.time(names), machine.activeStates(names)], [[-1], [0], []]);
  }
});
