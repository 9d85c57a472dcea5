import type { MutationType, Schema, State } from "@asyncmachine/asyncmachine";
import { assert, assertEquals } from "@std/assert";
import { compilePlan } from "../../machine/_plan.ts";
import { type ResolveNote, resolveTargets, sortStates } from "../../machine/_resolver.ts";
import { ADD, MutationRecord, REMOVE, SET } from "../../machine/mutation.ts";
import { compileRules, sortStates as sortByModel } from "../model/resolver.ts";
import { test } from "../_harness.ts";
import { words } from "./_recorder.ts";

const CODES = { add: ADD, remove: REMOVE, set: SET } as const;

/** Resolve a mutation, `"add A B"`, of a machine with some active states. */
function resolve(schema: Schema, active: string, mutation: string, notes: ResolveNote[] | null = null): string {
  const plan = compilePlan(schema);
  const indexes = (names: readonly string[]) => names.map((name) => plan.indexByName.get(name)!);
  const [type, ...called] = words(mutation);
  const record = new MutationRecord(plan.names, CODES[type as MutationType], indexes(called));
  const before = indexes(words(active));
  const clock = plan.zeros.map((_, index) => before.includes(index) ? 3 : 2);
  const target = resolveTargets(plan, before, clock, record, record.called, notes);
  return target.map((index) => plan.names[index]).join(" ");
}

/** A schema of states S0, S1…, each made from its number. */
function numbered(count: number, state: (number: number) => State): Schema {
  return Object.fromEntries(Array.from({ length: count }, (_, number) => [`S${number}`, state(number)]));
}

test("resolveTargets() puts called states of an add before the active ones", () => {
  assertEquals(resolve({ A: {}, B: {}, C: {} }, "A", "add C B"), "C B A");
});

test("resolveTargets() moves an active state that is called again to the front", () => {
  assertEquals(resolve({ A: {}, B: {} }, "B A", "add A"), "A B");
});

test("resolveTargets() keeps the order of what a remove leaves", () => {
  assertEquals(resolve({ A: {}, B: {}, C: {} }, "C B A", "remove B"), "C A");
});

test("resolveTargets() leaves nothing but the called states after a set", () => {
  assertEquals(resolve({ A: {}, B: {}, C: {} }, "A B", "set C B"), "C B");
  assertEquals(resolve({ A: {}, B: {} }, "A B", "set"), "");
});

test("resolveTargets() appends first-level implied states, and puts second-level ones in front, reversed", () => {
  const schema = {
    A: { add: ["B", "C", "D"] },
    B: { add: ["E", "F"] },
    C: {},
    D: { add: ["G"] },
    E: {},
    F: {},
    G: {},
    X: {},
  };
  assertEquals(resolve(schema, "X", "add A"), "F E G A X B C D");
});

test("resolveTargets() follows add two levels deep and no further", () => {
  assertEquals(resolve({ A: { add: ["B"] }, B: { add: ["C"] }, C: { add: ["D"] }, D: {} }, "", "add A"), "C A B");
});

test("resolveTargets() implies for states that activate, not for those that are active", () => {
  assertEquals(resolve({ A: { add: ["B"] }, B: {}, C: {} }, "A", "add C"), "C A");
  assertEquals(resolve({ A: { add: ["B"] }, B: {} }, "A", "add A"), "A");
});

test("resolveTargets() implies for an active multi state each time", () => {
  const schema = { A: { multi: true, add: ["B"] }, B: {}, C: {} };
  assertEquals(resolve(schema, "A", "add C"), "C A B");
  assertEquals(resolve(schema, "A C", "remove C"), "A B");
});

test("resolveTargets() does not imply what a remove takes away", () => {
  const schema = { A: { multi: true, add: ["B", "C"] }, B: {}, C: {} };
  assertEquals(resolve(schema, "A B", "remove B"), "A C");
});

test("resolveTargets() implies nothing for states that a set leaves out", () => {
  assertEquals(resolve({ A: { multi: true, add: ["B"] }, B: {}, C: {} }, "A", "set C"), "C");
});

test("resolveTargets() implies a state once, however many add it", () => {
  assertEquals(resolve({ A: { add: ["C"] }, B: { add: ["C", "A"] }, C: { add: ["A"] } }, "", "add A B"), "A B C");
});

test("resolveTargets() drops a called state whose requirement is inactive", () => {
  assertEquals(resolve({ A: { require: ["B"] }, B: {}, C: {} }, "C", "add A"), "C");
});

test("resolveTargets() takes a requirement that is called with the state, implied by it, or active", () => {
  assertEquals(resolve({ A: { require: ["B"] }, B: {} }, "", "add A B"), "B A");
  assertEquals(resolve({ A: { require: ["B"], add: ["B"] }, B: {} }, "", "add A"), "B A");
  assertEquals(resolve({ A: { require: ["B"] }, B: {} }, "B", "add A"), "B A");
});

test("resolveTargets() takes a requirement that comes in the second level too late", () => {
  const schema = { A: { require: ["C"], add: ["B"] }, B: { add: ["C"] }, C: {} };
  assertEquals(resolve(schema, "", "add A"), "B C");
});

test("resolveTargets() drops the whole chain of dependants", () => {
  const schema = { A: { require: ["B"] }, B: { require: ["C"] }, C: {}, D: {} };
  assertEquals(resolve(schema, "A B C D", "remove C"), "D");
});

test("resolveTargets() lets states that require one another enter together only", () => {
  const schema = { A: { require: ["B"] }, B: { require: ["A"] } };
  assertEquals(resolve(schema, "", "add A"), "");
  assertEquals(resolve(schema, "", "add A B"), "A B");
});

test("resolveTargets() never activates a state that requires an unknown one", () => {
  assertEquals(resolve({ A: { require: ["X"] }, B: {} }, "", "add A B"), "B");
});

test("resolveTargets() lets a state that requires itself enter", () => {
  assertEquals(resolve({ A: { require: ["A"] } }, "", "add A"), "A");
});

test("resolveTargets() drops an active state that a called one removes", () => {
  assertEquals(resolve({ A: { remove: ["B"] }, B: {} }, "B", "add A"), "A");
});

test("resolveTargets() refuses a called state that an active one removes", () => {
  assertEquals(resolve({ A: {}, B: { remove: ["A"] } }, "B", "add A"), "B");
});

test("resolveTargets() lets the called state win when it and an active one remove each other", () => {
  assertEquals(resolve({ A: { remove: ["B"] }, B: { remove: ["A"] } }, "B", "add A"), "A");
});

test("resolveTargets() drops the later of two called states that remove each other", () => {
  const schema = { A: { remove: ["B"] }, B: { remove: ["A"] } };
  assertEquals(resolve(schema, "", "add A B"), "A");
  assertEquals(resolve(schema, "", "add B A"), "B");
});

test("resolveTargets() drops a called state that an earlier or later called one removes", () => {
  const schema = { A: { remove: ["B"] }, B: {} };
  assertEquals(resolve(schema, "", "add A B"), "A");
  assertEquals(resolve(schema, "", "add B A"), "A");
});

test("resolveTargets() lets an active state win over an implied one when they remove each other", () => {
  const schema = { A: { add: ["B"] }, B: { remove: ["C"] }, C: { remove: ["B"] } };
  assertEquals(resolve(schema, "C", "add A"), "A C");
});

test("resolveTargets() breaks a circle of three removing states at the end of the list: the first one is left", () => {
  const schema = { A: { remove: ["B"] }, B: { remove: ["C"] }, C: { remove: ["A"] } };
  assertEquals(resolve(schema, "", "add A B C"), "A");
});

test("resolveTargets() lets a state that fell remove nothing more", () => {
  const schema = { A: { remove: ["C"] }, B: {}, C: { remove: ["B"] } };
  assertEquals(resolve(schema, "", "add A B C"), "A B");
});

test("resolveTargets() lets active states block nothing in a set", () => {
  assertEquals(resolve({ A: {}, B: { remove: ["A"] } }, "B", "set A"), "A");
});

test("resolveTargets() lets a second-level implied state remove nothing, but be removed", () => {
  const schema = { A: { add: ["B"] }, B: { add: ["C"] }, C: { remove: ["X"] }, X: {} };
  assertEquals(resolve(schema, "X", "add A"), "C A X B");
  assertEquals(resolve({ ...schema, X: { remove: ["C"] } }, "X", "add A"), "A X B");
});

test("resolveTargets() does not bring a removed state back by implying it", () => {
  const schema = { A: { remove: ["B"] }, B: {}, C: { add: ["B"] } };
  assertEquals(resolve(schema, "", "add A C"), "A C");
});

test("resolveTargets() brings a blocked state back that only a blocked one removed", () => {
  // From the end: C falls to B, B falls to A; then D adds C again, and nothing that is left removes it.
  const schema = { A: { remove: ["B"] }, B: { remove: ["C"] }, C: {}, D: { add: ["C"] } };
  assertEquals(resolve(schema, "", "add D A B C"), "C D A");
});

test("resolveTargets() drops states whose requirement lost a conflict", () => {
  const schema = { A: { remove: ["B"] }, B: {}, C: { require: ["B"] }, D: { require: ["C"] } };
  assertEquals(resolve(schema, "D C B", "add A"), "A");
});

test("resolveTargets() sorts required states first, and moves those apart from Require to the front", () => {
  const schema = { A: { require: ["B"] }, B: { require: ["C"] }, C: {}, D: {} };
  assertEquals(resolve(schema, "", "add A B C D"), "D C B A");
});

test("resolveTargets() does not sort by Require when it goes in a circle somewhere", () => {
  const schema = { A: { require: ["B"] }, B: {}, X: { require: ["Y"] }, Y: { require: ["X"] } };
  assertEquals(resolve(schema, "", "add A B"), "A B");
});

test("resolveTargets() sorts neighbours by After, and no others", () => {
  const schema = { A: { after: ["B"] }, B: {}, C: { after: ["A"] } };
  assertEquals(resolve(schema, "", "add A B C"), "B A C");
  assertEquals(resolve({ A: { after: ["C"] }, B: {}, C: {} }, "", "add A B C"), "A B C");
});

test("resolveTargets() leaves states alone that are each after the other", () => {
  assertEquals(resolve({ A: { after: ["B"] }, B: { after: ["A"] } }, "", "add A B"), "A B");
});

test("resolveTargets() sorts by After what Require has sorted", () => {
  const schema = { A: { require: ["B"] }, B: { after: ["A"] } };
  assertEquals(resolve(schema, "", "add A B"), "A B");
});

test("resolveTargets() goes from the called states that an auto mutation has left", () => {
  const plan = compilePlan({ A: { auto: true }, B: { auto: true, add: ["C"] }, C: {} });
  const mutation = new MutationRecord(plan.names, ADD, [0, 1], undefined, undefined, "auto");
  assertEquals(resolveTargets(plan, [], plan.zeros, mutation, [0], null), [0]);
});

test("resolveTargets() returns a new list and leaves the active one as it is", () => {
  const plan = compilePlan({ A: {}, B: {} });
  const active = Object.freeze([0]);
  const mutation = new MutationRecord(plan.names, REMOVE, [1]);
  const target = resolveTargets(plan, active, [1, 0, 0], mutation, mutation.called, null);
  target.push(1);
  assertEquals(active, [0]);
});

test("resolveTargets() remembers nothing of other schemas and mutations", () => {
  const small = { A: { add: ["B"] }, B: {} };
  resolve({ A: {}, B: { remove: ["A"] } }, "B", "add A");
  resolve(numbered(300, () => ({})), "S0 S1", "remove S1");
  assertEquals(resolve(small, "", "add A"), "A B");
  assertEquals(resolve({ A: {}, B: {} }, "B", "remove A"), "B");
});

test("resolveTargets() notes who was removed by whom, in the order of the list", () => {
  const notes: ResolveNote[] = [];
  const schema = { A: { remove: ["C"] }, B: { remove: ["C"] }, C: {}, D: { remove: ["C"] } };
  resolve(schema, "C", "add B A", notes);
  assertEquals(notes, [{ kind: "removed", state: 2, by: [1, 0] }]);
});

test("resolveTargets() notes nobody as a remover who was removed before", () => {
  const notes: ResolveNote[] = [];
  resolve({ V: {}, X: { remove: ["Y", "V"] }, Y: { remove: ["V"] } }, "", "add V X Y", notes);
  assertEquals(notes, [{ kind: "removed", state: 2, by: [1] }, { kind: "removed", state: 0, by: [1] }]);
});

test("resolveTargets() notes unmet requirements, pass after pass", () => {
  const notes: ResolveNote[] = [];
  resolve({ A: { require: ["B"] }, B: { require: ["C", "X"] }, C: {} }, "", "add A B", notes);
  assertEquals(notes.filter(({ kind }) => kind === "unmet"), [{
    kind: "unmet",
    states: [{ state: 1, missing: [2, -1] }, { state: 0, missing: [1] }],
  }]);
});

test("resolveTargets() notes each requirement that it looks at, in each pass", () => {
  const notes: ResolveNote[] = [];
  resolve({ A: { require: ["B"], remove: ["C"] }, B: {}, C: {} }, "B", "add A", notes);
  const met: ResolveNote = { kind: "required", state: 0, other: 1, isMet: true };
  assertEquals(notes, [met, met]);
});

test("resolveTargets() notes what a state adds, in both passes", () => {
  const notes: ResolveNote[] = [];
  resolve({ A: { add: ["B"] }, B: { add: ["C"] }, C: { add: ["D"] }, D: {} }, "", "add A", notes);
  assertEquals(notes, [
    { kind: "added", by: 0, states: [1] },
    { kind: "added", by: 1, states: [2] },
    { kind: "added", by: 0, states: [1] },
  ]);
});

test("resolveTargets() notes neighbours that After puts in order", () => {
  const notes: ResolveNote[] = [];
  resolve({ A: { after: ["B"] }, B: {} }, "", "add A B", notes);
  assertEquals(notes, [{ kind: "sorted", earlier: 1, later: 0 }]);
});

test("resolveTargets() activates a chain of 5,000 states that require one another, and drops all of it", () => {
  const schema = numbered(5_000, (number) => number < 4_999 ? { require: [`S${number + 1}`] } : {});
  const all = Object.keys(schema).join(" ");
  assertEquals(words(resolve(schema, "", `add ${all}`)).slice(0, 2), ["S4999", "S4998"]);
  assertEquals(resolve(schema, all, "remove S4999"), "");
});

test("resolveTargets() activates a circle of 5,000 states that require one another", () => {
  const schema = numbered(5_000, (number) => ({ require: [`S${(number + 1) % 5_000}`] }));
  const all = Object.keys(schema).join(" ");
  assertEquals(resolve(schema, "", `add ${all}`), all);
  assertEquals(resolve(schema, "", "add S0 S1"), "");
});

test("resolveTargets() activates what one state adds 5,000 of", () => {
  const schema = { A: { add: Object.keys(numbered(5_000, () => ({}))) }, ...numbered(5_000, () => ({})) };
  assertEquals(words(resolve(schema, "", "add A")).length, 5_001);
});

test("resolveTargets() leaves the first of 300 states that all remove one another", () => {
  const names = Object.keys(numbered(300, () => ({})));
  const schema = numbered(300, () => ({ remove: names }));
  assertEquals(resolve(schema, "", `add ${names.join(" ")}`), "S0");
  assertEquals(resolve(schema, "S0", "add S299"), "S299");
});

test("sortStates() leaves a list of one state or none alone", () => {
  const plan = compilePlan({ A: { require: ["B"], after: ["B"] }, B: {} });
  for (const list of [[], [0]]) {
    const sorted = [...list];
    sortStates(plan, sorted);
    assertEquals(sorted, list);
  }
});

test("sortStates() keeps the order of equals in long lists", () => {
  const schema = { ...numbered(100, () => ({})), A: { require: ["B"] }, B: {} };
  const plan = compilePlan(schema);
  const list = Array.from({ length: 102 }, (_, index) => 101 - index);
  sortStates(plan, list);
  assertEquals(list.slice(0, 3), [99, 98, 97]);
  assertEquals(list.slice(-2), [101, 100]);
});

test("sortStates() sorts by After like the original, for lists of all lengths up to 130", () => {
  // The original's algorithm is written down a second time in the model; no seed is special.
  const random = randomNumbers(20_240_607);
  for (let count = 2; count <= 130; count++) {
    const density = random(4) + 1;
    const schema = numbered(count, (number) => ({
      after: Object.keys(numbered(count, () => ({}))).filter((_, other) => other !== number && random(count) < density),
      ...(random(5) === 0 && number > 0 && { require: [`S${random(number)}`] }),
    }));
    const plan = compilePlan(schema);
    const rules = compileRules(schema, plan.names);
    for (let round = 0; round < 5; round++) {
      const names = Object.keys(schema).map((name) => ({ name, key: random(1_000_000) })).sort((a, b) => a.key - b.key)
        .map(({ name }) => name);
      const list = names.map((name) => plan.indexByName.get(name)!);
      sortStates(plan, list);
      assertEquals(list.map((index) => plan.names[index]), sortByModel(rules, names), `${count} states`);
    }
  }
});

test("sortStates() sorts 5,000 states that are each after the next", () => {
  const plan = compilePlan(numbered(5_000, (number) => number < 4_999 ? { after: [`S${number + 1}`] } : {}));
  const list = Array.from({ length: 5_000 }, (_, index) => index);
  sortStates(plan, list);
  assertEquals(new Set(list).size, 5_000);
  assert(list.indexOf(1) < list.indexOf(0));
});

/** Numbers that are the same on every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}
