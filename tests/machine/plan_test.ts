import { defineSchema, type Schema, type State } from "@asyncmachine/asyncmachine";
import { assert, assertEquals, assertNotStrictEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { compilePlan, namesOf, type Plan, planFor } from "../../machine/_plan.ts";
import { test } from "../_harness.ts";

/** One relation of a compiled state, by name; `?` stands for a name that the schema lacks. */
function related(plan: Plan, relation: "add" | "remove" | "require" | "after" | "removedBy", state: string): string[] {
  return plan[relation][plan.indexByName.get(state)!]!.map((index) => plan.names[index] ?? "?");
}

/** The states that the Require order ranks, in its order. */
function ranked(plan: Plan): string[] | null {
  if (plan.requireRank === null) return null;
  const rank = (name: string) => plan.requireRank![plan.indexByName.get(name)!]!;
  return plan.names.filter((name) => rank(name) >= 0).sort((a, b) => rank(a) - rank(b));
}

test("compilePlan() takes the order of the schema's keys, Exception last", () => {
  const plan = compilePlan({ B: {}, A: {} });
  assertEquals(plan.names, ["B", "A", "Exception"]);
  assertEquals([...plan.indexByName], [["B", 0], ["A", 1], ["Exception", 2]]);
  assertEquals([plan.size, plan.exception, plan.zeros], [3, 2, [0, 0, 0]]);
});

test("compilePlan() has names that look like integers first, as JavaScript has them", () => {
  assertEquals(compilePlan({ B: {}, 10: {}, 9: {} }).names, ["9", "10", "B", "Exception"]);
});

test("compilePlan() leaves Exception where the schema lists it", () => {
  const plan = compilePlan({ Exception: {}, A: {} });
  assertEquals([plan.names, plan.exception], [["Exception", "A"], 0]);
});

test("compilePlan() makes an implied Exception multi, and takes a defined one as it is", () => {
  assertEquals(compilePlan({ A: {} }).isMulti, [false, true]);
  assertEquals(compilePlan({ Exception: {} }).isMulti, [false]);
});

test("compilePlan() follows an order that it is given", () => {
  const plan = compilePlan({ A: { add: ["B"] }, B: { auto: true } }, ["Exception", "B", "A"]);
  assertEquals(plan.names, ["Exception", "B", "A"]);
  assertEquals([plan.add, plan.auto, plan.exception], [[[], [], [1]], [1], 0]);
});

test("compilePlan() drops a state's own name from remove and after, not from require and add", () => {
  const plan = compilePlan({ A: { remove: ["A", "B"], after: ["B", "A"], require: ["A"], add: ["A"] }, B: {} });
  assertEquals([related(plan, "remove", "A"), related(plan, "after", "A")], [["B"], ["B"]]);
  assertEquals([related(plan, "require", "A"), related(plan, "add", "A")], [["A"], ["A"]]);
});

test("compilePlan() lets add win over remove in the same state", () => {
  const plan = compilePlan({ A: { add: ["B"], remove: ["B", "C"] }, B: {}, C: {} });
  assertEquals([related(plan, "add", "A"), related(plan, "remove", "A")], [["B"], ["C"]]);
});

test("compilePlan() drops unknown names from add, remove and after, also when add and remove share one", () => {
  const plan = compilePlan({ A: { add: ["X", "Y"], remove: ["X", "Z"], after: ["X"] } });
  assertEquals([plan.hasAdd, plan.hasAfter, related(plan, "remove", "A")], [false, false, []]);
});

test("compilePlan() keeps unknown names in require", () => {
  const plan = compilePlan({ A: { require: ["X", "B", "Y"] }, B: {} });
  assertEquals(related(plan, "require", "A"), ["?", "B"]);
  assertEquals(plan.schema.A, { require: ["X", "B", "Y"] });
});

test("compilePlan() counts an Exception that the schema does not define as unknown, but in require", () => {
  const state: State = { add: ["Exception"], remove: ["Exception"], after: ["Exception"], require: ["Exception"] };
  assertEquals(compilePlan({ A: state }).schema.A, { require: ["Exception"] });
  assertEquals(related(compilePlan({ A: state }), "require", "A"), ["Exception"]);
});

test("compilePlan() keeps relations to an Exception that the schema defines", () => {
  const plan = compilePlan({ A: { remove: ["Exception"], after: ["Exception"] }, Exception: {} });
  assertEquals([related(plan, "remove", "A"), related(plan, "after", "A")], [["Exception"], ["Exception"]]);
});

test("compilePlan() drops repeats in relations", () => {
  const plan = compilePlan({ A: { add: ["B", "B"], require: ["C", "C"], after: ["B", "B"] }, B: {}, C: {} });
  assertEquals([plan.add[0], plan.require[0], plan.after[0]], [[1], [2], [1]]);
  assertEquals(compilePlan({ A: { remove: ["B", "B"] }, B: {} }).removedBy[1], [0]);
});

test("compilePlan() collects all conflicts of require and remove, each once", () => {
  const { conflicts } = compilePlan({
    A: { require: ["B", "B", "C", "X"], remove: ["X", "B", "C"] },
    B: { require: ["A"], remove: ["A"] },
    C: {},
  });
  assertEquals(conflicts, [
    'Cannot use schema: state "A" both requires and removes "B"',
    'Cannot use schema: state "A" both requires and removes "C"',
    'Cannot use schema: state "A" both requires and removes "X"',
    'Cannot use schema: state "B" both requires and removes "A"',
  ]);
});

test("compilePlan() sees no conflict where add took the name out of remove", () => {
  assertEquals(compilePlan({ A: { require: ["B"], remove: ["B"], add: ["B"] }, B: {} }).conflicts, []);
});

test("compilePlan() knows who removes a state", () => {
  const plan = compilePlan({ A: { remove: ["C"] }, B: { remove: ["A", "C"] }, C: {} });
  assertEquals(["A", "B", "C"].map((name) => related(plan, "removedBy", name)), [["B"], [], ["A", "B"]]);
});

test("compilePlan() tells which kinds of relations and states there are", () => {
  const plain = compilePlan({ A: { remove: ["B"] }, B: {} });
  assertEquals([plain.hasAdd, plain.hasRequire, plain.hasAfter, plain.auto], [false, false, false, []]);
  const full = compilePlan({ A: { add: ["B"], auto: true }, B: { require: ["A"], multi: true }, C: { after: ["A"] } });
  assertEquals([full.hasAdd, full.hasRequire, full.hasAfter], [true, true, true]);
  assertEquals([full.auto, full.isAuto, full.isMulti], [[0], [true, false, false, false], [false, true, false, true]]);
});

test("compilePlan() knows the health states that are there", () => {
  assertEquals(compilePlan({ A: {} }).health, []);
  assertEquals(compilePlan({ Heartbeat: {}, A: {}, Healthcheck: {} }).health, [2, 0]);
  assertEquals(compilePlan({ Heartbeat: {} }).health, [0]);
});

test("compilePlan() ranks required states first, from each requiring state in the order of names", () => {
  const plan = compilePlan({ C: { require: ["B", "A"] }, X: {}, A: { require: ["R"] }, B: {}, R: {}, S: {} });
  assertEquals(ranked(plan), ["B", "R", "A", "C"]);
  assertEquals(plan.requireRank, [3, -1, 2, 0, 1, -1, -1]);
});

test("compilePlan() starts the ranks at states that require something, not at those that are only required", () => {
  assertEquals(ranked(compilePlan({ A: {}, P: { require: ["Q"] }, Q: {}, B: { require: ["A"] } })), [
    "Q",
    "P",
    "A",
    "B",
  ]);
});

test("compilePlan() ranks a state that several others require once", () => {
  const plan = compilePlan({ A: { require: ["C", "D"] }, B: { require: ["D"] }, C: { require: ["D"] }, D: {} });
  assertEquals(ranked(plan), ["D", "C", "A", "B"]);
  assertEquals(plan.requireCycle, null);
});

test("compilePlan() ranks states anew for another order of names", () => {
  const schema: Schema = { A: { require: ["C"] }, B: { require: ["D"] }, C: {}, D: {} };
  assertEquals(ranked(compilePlan(schema, ["B", "A", "D", "C", "Exception"])), ["D", "B", "C", "A"]);
});

test("compilePlan() ranks nothing without Require, and passes over unknown names", () => {
  assertEquals(ranked(compilePlan({ A: {}, B: {} })), null);
  assertEquals(ranked(compilePlan({ A: { require: ["X", "B"] }, B: {} })), ["B", "A"]);
});

test("compilePlan() has no ranks when Require goes in a circle anywhere, and says where", () => {
  const plan = compilePlan({
    X: { require: ["Y"] },
    Y: {},
    A: { require: ["B"] },
    B: { require: ["C"] },
    C: { require: ["A"] },
  });
  assertEquals([plan.requireRank, plan.requireCycle], [null, '"A" requires itself by way of "C"']);
});

test("compilePlan() takes a state that requires itself for a circle", () => {
  assertEquals(compilePlan({ A: { require: ["A"] } }).requireCycle, '"A" requires itself by way of "A"');
});

test("compilePlan() ranks a chain of 20,000 states", () => {
  const last = 19_999;
  const schema = Object.fromEntries(
    Array.from({ length: last + 1 }, (_, i): [string, State] => [`S${i}`, i < last ? { require: [`S${i + 1}`] } : {}]),
  );
  const { requireRank } = compilePlan(schema);
  assertEquals([requireRank?.[0], requireRank?.[last]], [last, 0]);
});

test("compilePlan() has a frozen schema without fields that say nothing", () => {
  const { schema } = compilePlan({
    A: { auto: false, multi: false, add: [], require: [], remove: ["A"], tags: [] },
    B: {},
  });
  assertEquals(schema, { A: {}, B: {}, Exception: { multi: true } });
  assert(Object.isFrozen(schema) && Object.isFrozen(schema.A));
});

test("compilePlan() keeps the fields that say something", () => {
  const args = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } } as const;
  const state: State = { auto: true, multi: true, require: ["B"], add: ["C"], remove: ["D"], after: ["B"] };
  const { schema } = compilePlan({ A: { ...state, tags: ["ui"], timeoutMs: 0, args }, B: {}, C: {}, D: {} });
  assertEquals(schema.A, { ...state, tags: ["ui"], timeoutMs: 0, args });
  for (const list of ["require", "add", "remove", "after", "tags"] as const) assert(Object.isFrozen(schema.A?.[list]));
});

test("compilePlan() leaves the caller's schema as it is", () => {
  const schema: Schema = { A: { add: ["B", "X"], remove: ["A", "B"], after: ["A"] }, B: {} };
  compilePlan(schema);
  assertEquals(schema, { A: { add: ["B", "X"], remove: ["A", "B"], after: ["A"] }, B: {} });
  assert(!Object.isFrozen(schema) && !Object.isFrozen(schema.A));
});

test("compilePlan() throws TypeError for what is no schema", () => {
  for (const bad of [null, undefined, 7, "A", [], { A: null }, { A: { add: "B" } }, { A: { auto: "yes" } }]) {
    assertThrows(() => compilePlan(bad as unknown as Schema), TypeError, "Cannot read");
  }
});

test("planFor() makes one plan of a defined schema and an order of names", () => {
  const schema = defineSchema({ A: {}, B: {} });
  assertStrictEquals(planFor(schema), planFor(schema));
  const order = ["B", "A", "Exception"];
  assertStrictEquals(planFor(schema, order), planFor(schema, [...order]));
  assertEquals(planFor(schema, order).names, order);
  assertEquals(planFor(schema).names, ["A", "B", "Exception"]);
});

test("planFor() tells orders apart in whatever way the names could be joined", () => {
  const commas = defineSchema({ "a,b": {}, "a": {}, "b": {} } as Schema);
  assertEquals(planFor(commas, ["a,b", "a", "b", "Exception"]).names[0], "a,b");
  assertEquals(planFor(commas, ["a", "b", "a,b", "Exception"]).names[0], "a");
  const schema = defineSchema({ 'a","b': {}, "a": {}, "b": {}, 'b","a': {} } as Schema);
  const first = planFor(schema, ['a","b', "a", "b", 'b","a', "Exception"]);
  const second = planFor(schema, ["a", "b", 'a","b', 'b","a', "Exception"]);
  assertNotStrictEquals(first, second);
  assertEquals(second.names[0], "a");
});

test("planFor() compiles a schema that may change each time", () => {
  const schema: Record<string, State> = { A: {} };
  const before = planFor(schema);
  schema.B = {};
  assertEquals([before.names, planFor(schema).names], [["A", "Exception"], ["A", "B", "Exception"]]);
});

test("namesOf() adds Exception unless it is listed", () => {
  assertEquals(namesOf({ A: {} }), ["A", "Exception"]);
  assertEquals(namesOf({ Exception: {}, A: {} }), ["Exception", "A"]);
});
