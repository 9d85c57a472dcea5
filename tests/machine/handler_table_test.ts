import type { Schema } from "@asyncmachine/asyncmachine";
import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  buildTable,
  collectHandlers,
  type HandlerBinding,
  type HandlerSlot,
  type HandlerTable,
  isHandlerName,
  nearestHandlerName,
} from "../../machine/_handler_table.ts";
import { compilePlan } from "../../machine/_plan.ts";
import { test } from "../_harness.ts";

function binding(id: string, ...names: string[]): HandlerBinding {
  return { id, target: {}, functions: new Map(names.map((name) => [name, () => name])) };
}

/** What stands in a table, a line a slot: `exit A: AExit first second`. */
function describeTable(schema: Schema, ...bindings: HandlerBinding[]): string[] {
  const { names } = compilePlan(schema);
  const lines: string[] = [];
  const describe = (place: string, slot: HandlerSlot | undefined | null) => {
    if (slot) lines.push(`${place}: ${slot.name} ${slot.handlers.map(({ place }) => bindings[place]!.id).join(" ")}`);
  };
  const table: HandlerTable = buildTable(compilePlan(schema), bindings);
  for (const kind of ["exit", "enter", "self", "end", "state"] as const) {
    names.forEach((name, index) => describe(`${kind} ${name}`, table[kind]?.[index]));
  }
  names.forEach((from, i) => names.forEach((to, j) => describe(`pair ${from} ${to}`, table.pairs?.[i]?.[j])));
  for (const kind of ["anyEnter", "anyState"] as const) describe(kind, table[kind]);
  return lines;
}

test("buildTable() puts each kind of handler into its place", () => {
  const names = ["AExit", "AEnter", "AA", "AB", "AnyEnter", "BEnd", "BState", "AnyState"];
  assertEquals(describeTable({ A: {}, B: {} }, binding("x", ...names)), [
    "exit A: AExit x",
    "enter A: AEnter x",
    "self A: AA x",
    "end B: BEnd x",
    "state B: BState x",
    "pair A B: AB x",
    "anyEnter: AnyEnter x",
    "anyState: AnyState x",
  ]);
});

test("buildTable() leaves kinds null that nobody handles", () => {
  const table = buildTable(compilePlan({ A: {} }), [binding("x", "AEnter")]);
  const { number: _, enter, ...others } = table;
  assertEquals(Object.values(others), [null, null, null, null, null, null, null]);
  assertEquals(enter?.length, 1);
});

test("buildTable() lists the handlers of one event in the order of their bindings", () => {
  const bindings = [binding("second", "AState"), binding("first", "AState"), binding("third", "AEnd")];
  assertEquals(describeTable({ A: {} }, ...bindings), ["end A: AEnd third", "state A: AState second first"]);
});

test("buildTable() keeps the functions and the places of their bindings", () => {
  const bound = binding("x", "AState");
  const slot = buildTable(compilePlan({ A: {} }), [bound]).state![0]!;
  assertStrictEquals(slot.handlers[0]!.fn, bound.functions.get("AState"));
  assertEquals(slot.handlers[0]!.place, 0);
});

test("buildTable() puts a name into all the places that it can mean", () => {
  const schema = { A: {}, AB: {}, B: {}, BState: {}, State: {} };
  assertEquals(describeTable(schema, binding("x", "ABState", "AState")), [
    "state A: AState x",
    "state AB: ABState x",
    "pair A BState: ABState x",
    "pair A State: AState x",
    "pair AB State: ABState x",
  ]);
});

test("buildTable() shares handlers among states named like parts of handlers", () => {
  const schema = { Any: {}, Enter: {}, State: {}, End: {}, Exit: {} };
  assertEquals(describeTable(schema, binding("x", "AnyEnter")), [
    "enter Any: AnyEnter x",
    "pair Any Enter: AnyEnter x",
    "anyEnter: AnyEnter x",
  ]);
  assertEquals(describeTable(schema, binding("x", "StateState")), [
    "self State: StateState x",
    "state State: StateState x",
  ]);
  assertEquals(describeTable(schema, binding("x", "AnyExit")), ["exit Any: AnyExit x", "pair Any Exit: AnyExit x"]);
});

test("buildTable() takes the empty string for a name like any other", () => {
  assertEquals(describeTable({ "": {}, A: {} }, binding("x", "", "State", "A")), [
    "self :  x",
    "state : State x",
    "pair  A: A x",
    "pair A : A x",
  ]);
});

test("buildTable() ignores results by the end of the name, whatever place it has", () => {
  const schema = { A: {}, BState: {}, BEnd: {}, State: {} };
  const table = buildTable(compilePlan(schema), [binding("x", "ABState", "ABEnd", "AEnter", "AState", "StateEnter")]);
  assertEquals([...table.pairs![0]!].map((slot) => slot?.ignoresResult), [undefined, true, true, true]);
  assertEquals([...table.enter!].map((slot) => slot?.ignoresResult), [false, undefined, undefined, false]);
  assertEquals(table.state![0]!.ignoresResult, true);
});

test("isHandlerName() knows the names that the schema makes, and no others", () => {
  const plan = compilePlan({ Foo: {}, Bar: {} });
  const yes = [
    "FooEnter",
    "FooExit",
    "FooState",
    "FooEnd",
    "FooBar",
    "BarFoo",
    "FooFoo",
    "AnyEnter",
    "AnyState",
    "ExceptionState",
  ];
  const no = [
    "Foo",
    "FooAny",
    "AnyFoo",
    "AnyAny",
    "AnyExit",
    "AnyEnd",
    "Enter",
    "fooEnter",
    "FooEnters",
    "BazState",
    "",
  ];
  assertEquals(yes.filter((name) => !isHandlerName(plan, name)), []);
  assertEquals(no.filter((name) => isHandlerName(plan, name)), []);
});

test("collectHandlers() finds fields and the methods of all classes that an object comes from", () => {
  class Base {
    AEnter() {}
    BEnter() {}
  }
  class Derived extends Base {
    CState = () => {};
    override BEnter() {}
  }
  const found = collectHandlers(new Derived());
  assertEquals([...found.keys()].sort(), ["AEnter", "BEnter", "CState"]);
  assertStrictEquals(found.get("BEnter"), Derived.prototype.BEnter);
  assertStrictEquals(found.get("AEnter"), Base.prototype.AEnter);
});

test("collectHandlers() leaves the constructors of classes out, and keeps a field of that name", () => {
  assertEquals(collectHandlers(new (class {})()).has("constructor"), false);
  assertEquals(collectHandlers({ constructor: 7 }).get("constructor"), 7);
});

test("collectHandlers() takes objects without a prototype, and nothing from Object.prototype", () => {
  const bare = Object.assign(Object.create(null), { AState: 1 });
  assertEquals([...collectHandlers(bare)], [["AState", 1]]);
  assertEquals([...collectHandlers({})], []);
});

test("collectHandlers() never calls a getter", () => {
  const handlers = {
    get AState(): never {
      throw new Error("read");
    },
  };
  assertEquals(collectHandlers(handlers).size, 0);
});

test("nearestHandlerName() finds what differs in few letters", () => {
  const plan = compilePlan({ Foo: {}, Barring: {} });
  assertEquals(nearestHandlerName(plan, "FooEntr"), "FooEnter");
  assertEquals(nearestHandlerName(plan, "Foostate"), "FooState");
  assertEquals(nearestHandlerName(plan, "BaringEnd"), "BarringEnd");
  assertEquals(nearestHandlerName(plan, "FooFop"), "FooFoo");
  assertEquals(nearestHandlerName(plan, "FooBaring"), "FooBarring");
  assertEquals(nearestHandlerName(plan, "AnyEnte"), "AnyEnter");
  assertEquals(nearestHandlerName(plan, "AnyStat"), "AnyState");
});

test("nearestHandlerName() prefers the nearest of several", () => {
  const plan = compilePlan({ Aaaaaa: {}, Aaaaab: {} });
  assertEquals(nearestHandlerName(plan, "AaaaabExi"), "AaaaabExit");
  assertEquals(nearestHandlerName(plan, "AaaaaaExi"), "AaaaaaExit");
  assertEquals(nearestHandlerName(plan, "AaaaacExit"), "AaaaaaExit"); // the first of two that are as near
});

test("nearestHandlerName() finds nothing for what is like no handler, or too long to compare", () => {
  const plan = compilePlan({ Foo: {}, ["Long".repeat(30)]: {} });
  assertEquals(nearestHandlerName(plan, "Completely"), null);
  assertEquals(nearestHandlerName(plan, "Long".repeat(30) + "Stat"), null);
});
