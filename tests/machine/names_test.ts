import {
  Canceled,
  defineSchema,
  type Event,
  Executed,
  Machine,
  type Schema,
  type State,
  UnknownStateError,
} from "@asyncmachine/asyncmachine";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { test } from "../_harness.ts";
import { recordHandlers } from "./_recorder.ts";

/** Names that objects have already, that make handlers' names ambiguous, that are long, or that are no text. */
const NAMES = [
  "__proto__",
  "constructor",
  "toString",
  "then",
  "hasOwnProperty",
  "valueOf",
  "prototype",
  "",
  " ",
  "🦊",
  "\0",
  "\ud800",
  "\udc00",
  "a\nb",
  "é",
  "e\u0301",
  "n".repeat(10_000),
  "Any",
  "State",
  "Enter",
  "End",
  "Exit",
  "undefined",
  "null",
  "NaN",
  "-1",
];

/** A schema of all names; `__proto__` must be a key, so no literal makes it. */
function schemaOf(state: (name: string, index: number) => State = () => ({})): Schema {
  return Object.fromEntries(NAMES.map((name, index) => [name, state(name, index)]));
}

/** What Object.prototype has on every platform, and what tests may not add to it. */
const OBJECT_KEYS = Object.getOwnPropertyNames(Object.prototype).join();

for (const name of NAMES) {
  const shown = JSON.stringify(name.slice(0, 20));

  test(`Machine adds and removes a state named ${shown}`, () => {
    const machine = new Machine<Schema>(schemaOf());
    assertEquals(machine.add(name), Executed);
    assertEquals([machine.is(name), machine.not(name), machine.tick(name)], [true, false, 1]);
    assertEquals(machine.activeStates(), [name]);
    assertEquals(machine.remove([name]), Executed);
    assertEquals([machine.is(name), machine.tick(name)], [false, 2]);
  });

  test(`Machine reads a state named ${shown}`, () => {
    const machine = new Machine<Schema>(schemaOf());
    machine.toggle(name);
    const index = NAMES.indexOf(name);
    assertEquals([machine.index(name), machine.index([name]), machine.has(name)], [index, [index], true]);
    assertEquals(machine.toString(), `(${name}:1)`);
    assertEquals(machine.inspect([name]), `1 ${name}\n    |Tick     1\n`);
    assertEquals([machine.switch([name]), machine.any(name)], [name, true]);
    assertEquals(machine.clock([name]), Object.fromEntries([[name, 1]]));
    assertEquals(Object.keys(machine.clock([name])), [name]);
  });

  test(`Machine does not know a state named ${shown} that is not in the schema`, () => {
    const machine = new Machine<Schema>({ Known: {} });
    assertEquals([machine.is(name), machine.has(name), machine.index(name), machine.tick(name)], [false, false, -1, 0]);
    assertEquals([machine.switch([name]), machine.any([name]), machine.willBe(name)], ["", false, false]);
    assertEquals([machine.time([name]), machine.clock([name])], [[0], Object.fromEntries([[name, 0]])]);
    const error = assertThrows(() => machine.add(["Known", name]), UnknownStateError);
    assertEquals(error.states, [name]);
    assertThrows(() => machine.relationsOf(name), UnknownStateError);
  });

  test(`Machine calls the handlers of a state named ${shown}`, () => {
    const machine = new Machine<Schema>(schemaOf());
    const calls: string[] = [];
    const note = ({ name }: Event) => void calls.push(name);
    machine.bindHandlers(Object.fromEntries(["Exit", "Enter", "End", "State"].map((suffix) => [name + suffix, note])));
    machine.add(name);
    machine.remove(name);
    // Names that are parts of other handlers' names share them, so these are called more often.
    const expected = ["Enter", "State", "Exit", "End"].map((suffix) => name + suffix);
    if (["", "Any", "State", "Enter", "End", "Exit"].includes(name)) {
      assertEquals([...new Set(calls)].sort(), expected.sort());
    } else assertEquals(calls, expected);
  });

  test(`Machine follows relations of a state named ${shown}`, () => {
    const entries: [string, State][] = [
      ["Requiring", { require: [name] }],
      ["Adding", { add: [name] }],
      ["Removing", { remove: [name] }],
      [name, { after: ["Adding"] }],
    ];
    const machine = new Machine<Schema>(Object.fromEntries(entries));
    assertEquals(machine.add("Requiring"), Canceled);
    assertEquals(machine.add("Adding"), Executed);
    assertEquals([machine.is(name), machine.add("Requiring")], [true, Executed]);
    machine.add("Removing");
    assertEquals(machine.activeStates(), ["Removing", "Adding"]);
    assertEquals(
      machine.inboundRelationsOf(name),
      ["Requiring", "Adding", "Removing"].filter((other) => other !== name),
    );
    assertEquals(machine.relationsBetween(name, "Adding"), ["after"]);
    assertEquals(machine.relationsOf(name), ["after"]);
  });
}

test("Machine runs all awkward names at once, with every handler bound", () => {
  const machine = new Machine<Schema>(schemaOf());
  const calls = recordHandlers(machine);
  assertEquals(machine.add(NAMES), Executed);
  assertEquals(machine.activeStates(), NAMES);
  assertEquals(machine.add(NAMES), Executed); // asks for each pair, as all of them are active
  assertEquals(machine.set([]), Executed);
  assertEquals(machine.clock(), Object.fromEntries([...NAMES.map((name) => [name, 2]), ["Exception", 0]]));
  assert(calls.includes("__proto__constructor") && calls.includes("constructorconstructor"));
});

test("Machine.clock() goes into isClock() and wasClock() and comes back, whatever the names", () => {
  const machine = new Machine<Schema>(schemaOf());
  machine.add(NAMES.slice(0, 5));
  const clock = machine.clock();
  assertEquals([machine.isClock(clock), machine.wasClock(clock)], [true, true]);
  machine.remove("__proto__");
  assertEquals([machine.isClock(clock), machine.wasClock(clock)], [false, true]);
  assertEquals(Object.getPrototypeOf(clock), Object.prototype);
});

test("Machine.schema has awkward names as keys of its own, and can be used again", () => {
  const related = (name: string, index: number): State => ({ add: [NAMES[(index + 1) % NAMES.length]!], tags: [name] });
  const first = new Machine<Schema>(schemaOf(related));
  assertEquals(Object.keys(first.schema), [...NAMES, "Exception"]);
  const second = new Machine<Schema>(first.schema);
  assertEquals(second.schema, first.schema);
  assertEquals(second.schema["constructor"], { add: ["toString"], tags: ["constructor"] });
});

test("Machine takes a schema from JSON, __proto__ included", () => {
  const json = '{ "__proto__": { "multi": true }, "constructor": { "require": ["__proto__"] } }';
  const machine = new Machine<Schema>(JSON.parse(json));
  assertEquals(machine.stateNames, ["__proto__", "constructor", "Exception"]);
  assertEquals(machine.add("constructor"), Canceled);
  assertEquals(machine.add(["constructor", "__proto__"]), Executed);
  assertEquals(new Machine<Schema>(JSON.parse(JSON.stringify(machine.schema))).schema, machine.schema);
});

test("Machine takes a defined schema of awkward names", () => {
  const schema: Schema = defineSchema(schemaOf());
  const machine = new Machine<Schema>(schema);
  machine.verifyStates(["Exception", ...[...NAMES].reverse()]);
  machine.add("__proto__");
  assertEquals([machine.index("__proto__"), machine.activeStates()], [NAMES.length, ["__proto__"]]);
});

test("Machine does not take names for the same that only look alike", () => {
  const machine = new Machine<Schema>(
    Object.fromEntries(["é", "e\u0301", "\ud83e\udd8a", "\ud83e", "\udd8a"].map((name) => [name, {}])),
  );
  machine.add("é");
  machine.add("\ud83e");
  assertEquals(machine.time(), [1, 0, 0, 1, 0, 0]);
});

test("Machine names the unknown states of a call, shortened in the message only", () => {
  const machine = new Machine<Schema>({ A: {} }, { id: "test" });
  const long = "n".repeat(10_000);
  const error = assertThrows(() => machine.add([long, "A", "", long]), UnknownStateError);
  assertEquals([error.states, error.machineId], [[long, ""], "test"]);
  assert(error.message.length < 1_000);
});

test("Machine leaves Object.prototype as it was", () => {
  const machine = new Machine<Schema>(JSON.parse('{ "__proto__": { "auto": true }, "A": { "add": ["__proto__"] } }'));
  machine.bindHandlers(JSON.parse('{ "__proto__": { "polluted": true } }'), { allowUnknown: true });
  machine.add("A", JSON.parse('{ "__proto__": { "polluted": true } }'));
  machine.addErr(new Error("test"), JSON.parse('{ "__proto__": { "polluted": true } }'));
  assertEquals(Object.getOwnPropertyNames(Object.prototype).join(), OBJECT_KEYS);
  assertEquals(({} as Record<string, unknown>).polluted, undefined);
});

test("Machine hands arguments named __proto__ and constructor on as they are", () => {
  const machine = new Machine<Schema>({ A: {} });
  const seen: string[][] = [];
  machine.bindHandlers({
    AState: ({ args }: Event) => void seen.push(Object.keys(args)),
    ExceptionState: ({ args }: Event) => void seen.push(Object.keys(args)),
  });
  const args = JSON.parse('{ "__proto__": 1, "constructor": 2 }');
  machine.add("A", args);
  machine.addErr(new Error("test"), args);
  assertEquals(seen, [["__proto__", "constructor"], ["__proto__", "constructor", "error"]]);
});

test("Machine is no thenable because of a state named then", async () => {
  const machine = new Machine<Schema>({ then: {} });
  assertEquals(await Promise.resolve(machine), machine);
});
