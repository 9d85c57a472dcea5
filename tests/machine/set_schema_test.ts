import {
  defineSchema,
  type FinalEvent,
  Machine,
  type MachineOptions,
  pipe,
  type Schema,
  SchemaError,
  UnknownStateError,
} from "@asyncmachine/asyncmachine";
import { assert, assertEquals, assertInstanceOf, assertStrictEquals, assertThrows } from "@std/assert";
import { test } from "../_harness.ts";
import { FakeClock, settlementOf } from "./_fakes.ts";

const OLD: Schema = { A: {}, B: {}, M: { multi: true }, Exception: { multi: true } };
const NEW: Schema = { ...OLD, C: { require: ["A"] } };
/** Every state has another place than before. */
const NAMES = ["C", "M", "B", "A", "Exception"];

function oldMachine(options?: MachineOptions): Machine {
  return new Machine(OLD, options);
}

test("Machine.setSchema() adds states, which are inactive", () => {
  const machine = oldMachine();
  machine.setSchema(NEW, NAMES);
  assertEquals(machine.stateNames, NAMES);
  assertEquals(machine.time(), [0, 0, 0, 0, 0]);
  assertEquals(machine.schemaVersion, 5);
});

test("Machine.setSchema() keeps ticks and the order of active states, by name", () => {
  const machine = oldMachine();
  machine.add("A");
  machine.add("B");
  machine.add("M");
  machine.add("M");
  machine.remove("B");
  machine.add("A");
  const active = machine.activeStates();
  assertEquals(active, ["A", "M"]);

  machine.setSchema(NEW, NAMES);

  assertEquals(machine.clock(), { C: 0, M: 3, B: 2, A: 1, Exception: 0 });
  assertEquals(machine.activeStates(), active);
  assertEquals(machine.queueTick, 7);
});

test("Machine.setSchema() replaces relations and flags", () => {
  const machine = oldMachine();
  machine.add(["A", "M"]);
  machine.setSchema({ ...NEW, M: {}, B: { remove: ["A"], add: ["C"] }, C: {}, Auto: { auto: true, require: ["C"] } }, [
    ...NAMES,
    "Auto",
  ]);

  machine.add("B");
  machine.add("M");

  assertEquals(machine.clock(["A", "B", "C", "Auto", "M"]), { A: 2, B: 1, C: 1, Auto: 1, M: 1 });
});

test("Machine.setSchema() sorts by the new Require and After", () => {
  const machine = oldMachine();
  machine.setSchema({ ...NEW, B: { require: ["C"] }, C: {} }, NAMES);
  machine.add(["B", "C"]);
  assertEquals(machine.activeStates(), ["C", "B"]);
});

test("Machine.setSchema() may add several states, several times", () => {
  const machine = oldMachine();
  machine.setSchema({ ...NEW, D: {} }, [...NAMES, "D"]);
  machine.add("D");
  machine.setSchema({ ...NEW, D: {}, E: {} }, ["E", "D", ...NAMES]);
  assertEquals([machine.tick("D"), machine.schemaVersion], [1, 7]);
});

test("Machine.setSchema() counts as an order that was set", () => {
  const machine = oldMachine();
  assertEquals(machine.statesVerified, false);
  machine.setSchema(NEW, NAMES);
  assertEquals(machine.statesVerified, true);
});

test("Machine.setSchema() is what verifyStates() knows afterwards", () => {
  const machine = oldMachine();
  machine.setSchema(NEW, NAMES);
  machine.verifyStates(["A", "B", "C", "M", "Exception"]);
  machine.add(["A", "C"]);
  assertEquals(machine.time(), [1, 0, 1, 0, 0]);
  assertThrows(() => machine.verifyStates(["A", "B", "M", "Exception"]), SchemaError);
});

test("Machine.setSchema() tells tracers verifyStates, then schemaChange with the old schema, when all is in place", () => {
  const calls: unknown[] = [];
  const machine = oldMachine({
    tracers: [{
      verifyStates: ({ stateNames }) => void calls.push("verifyStates", stateNames),
      schemaChange: (changed, old) => void calls.push("schemaChange", changed.schema, old),
    }],
  });
  const old = machine.schema;
  machine.setSchema(NEW, NAMES);
  assertEquals(calls, ["verifyStates", NAMES, "schemaChange", NEW, old]);
  assertStrictEquals(calls[4], old);
});

test("Machine.setSchema() logs a cycle of Require, as the constructor does", () => {
  const lines: string[] = [];
  const machine = oldMachine({ logLevel: "changes", logId: false, logger: (_level, line) => void lines.push(line) });
  machine.setSchema({ ...NEW, B: { require: ["C"] }, C: { require: ["B"] } }, NAMES);
  assertEquals(lines.map((line) => line.split(":")[0]), ["[resolver] relation error"]);
});

test("Machine.setSchema() leaves the caller's schema alone, and is not touched by writing to it", () => {
  const schema = structuredClone({ ...NEW, B: { remove: ["B", "Unknown"] } }) as Record<string, { auto?: boolean }>;
  const machine = oldMachine();
  machine.setSchema(schema as Schema, NAMES);
  assertEquals(schema["B"], { remove: ["B", "Unknown"] } as object);

  schema["C"]!.auto = true;
  machine.verifyStates([...NAMES].reverse());
  machine.add("A");

  assertEquals(machine.toString(), "(A:1)");
});

test("Machine.setSchema() takes schemas of defineSchema(), which other machines share", () => {
  const defined = defineSchema({ Exception: { multi: true }, A: {}, B: {} });
  const machine = new Machine<Schema>(defineSchema({ Exception: { multi: true }, A: {} }));
  machine.add("A");
  machine.setSchema(defined, ["B", "A", "Exception"]);
  machine.add("B");

  assertEquals(machine.time(), [1, 1, 0]);
  assertEquals(new Machine(defined).time(), [0, 0, 0]);
  assertEquals(new Machine(defined).stateNames, ["Exception", "A", "B"]);
});

test("Machine.setSchema() of a frozen schema without Exception spoils it for no other machine", () => {
  const defined = defineSchema({ A: {}, B: {}, C: {}, D: {}, M: {} });
  const machine = oldMachine();
  assertThrows(() => machine.setSchema(defined, ["A", "B", "C", "D", "M"]), SchemaError);

  const other = new Machine(defined);
  other.verifyStates(["M", "D", "C", "B", "A", "Exception"]);
  other.addErr(new Error("boom"));
  assertEquals(other.toString(), "(Exception:1)");
});

/** By what is wrong: the schema, its names, and the errors. */
const FAILURES: Readonly<Record<string, readonly [schema: Schema, names: readonly string[], problems: string[]]>> = {
  "as many states": [OLD, ["M", "B", "A", "Exception"], [
    "Cannot set the schema: it has 4 states, and more than 4 are needed",
  ]],
  "fewer states": [
    { A: {}, Exception: {} },
    ["A", "Exception"],
    ['Cannot set the schema: it lacks the state "B"', 'Cannot set the schema: it lacks the state "M"'],
  ],
  "more states, but not all of the old ones": [
    { A: {}, B: {}, C: {}, D: {}, Exception: {} },
    ["A", "B", "C", "D", "Exception"],
    ['Cannot set the schema: it lacks the state "M"'],
  ],
  "no Exception in the schema": [
    { A: {}, B: {}, C: {}, D: {}, M: {} },
    ["A", "B", "C", "D", "M"],
    ['Cannot set the schema: it lacks the state "Exception"'],
  ],
  "Exception only among the names": [
    { A: {}, B: {}, C: {}, M: {} },
    NAMES,
    ['Cannot verify state "Exception": it is not in the schema'],
  ],
  "no Exception among the names": [NEW, ["A", "B", "C", "M"], ['Cannot verify states: missing "Exception"']],
  "a name too few": [NEW, ["A", "B", "M", "Exception"], ['Cannot verify states: missing "C"']],
  "an unknown name": [NEW, [...NAMES, "D"], ['Cannot verify state "D": it is not in the schema']],
  "a name twice": [NEW, [...NAMES, "A"], ["Cannot set the schema: there are 6 names for 5 states"]],
  "a name twice, another not at all": [
    NEW,
    ["A", "A", "B", "M", "Exception"],
    ['Cannot verify states: missing "C"'],
  ],
  "relations that contradict each other": [
    { ...NEW, C: { require: ["A"], remove: ["A"] } },
    NAMES,
    ['Cannot use schema: state "C" both requires and removes "A"'],
  ],
};

for (const [what, [schema, names, problems]] of Object.entries(FAILURES)) {
  test(`Machine.setSchema() refuses ${what}, and leaves the machine as it is`, async () => {
    const calls: string[] = [];
    const clock = new FakeClock();
    const machine = oldMachine({
      clock,
      tracers: [{ verifyStates: () => void calls.push("verify"), schemaChange: () => void calls.push("change") }],
    });
    machine.bindHandlers({ AState: () => void calls.push("AState"), CState: () => {} }, { allowUnknown: true });
    machine.add(["A", "M"]);
    const before = machine.schema, wait = machine.when("B"), signal = machine.stateSignal("A");

    const error = assertThrows(() => machine.setSchema(schema, names), SchemaError);

    assertEquals(error.problems, problems);
    assertStrictEquals(machine.schema, before);
    assertEquals([machine.stateNames, machine.time()], [Object.keys(OLD), [1, 0, 1, 0]]);
    assertEquals([machine.schemaVersion, machine.statesVerified, machine.err], [4, false, null]);
    assertEquals(signal.aborted, false);
    assertEquals(await settlementOf(wait), "pending");
    machine.add("B");
    assertEquals(await settlementOf(wait), "resolved");
    assertEquals(calls, ["AState"]);
    machine.verifyStates(Object.keys(OLD)); // what it was made of is still the old schema
  });
}

for (const bad of [null, undefined, "A", { A: null }, { A: { auto: "yes" } }]) {
  test(`Machine.setSchema() refuses ${JSON.stringify(bad)} as a schema`, () => {
    const machine = oldMachine();
    assertThrows(() => machine.setSchema(bad as unknown as Schema, ["A"]), Error);
    assertEquals(machine.stateNames, Object.keys(OLD));
  });
}

test("Machine.setSchema() refuses in a transition, and the transition goes on", () => {
  const machine = oldMachine();
  let error: unknown;
  machine.bindHandlers({
    AState() {
      error = assertThrows(() => machine.setSchema(NEW, NAMES), SchemaError);
    },
  });
  machine.add("A");
  assertInstanceOf(error, SchemaError);
  assertEquals([machine.toString(), machine.schemaVersion], ["(A:1)", 4]);
});

test("Machine.setSchema() refuses in a tracer's method, in onChange and in an eval", () => {
  const machine = oldMachine();
  let refused = 0;
  const tryIt = () => {
    assertThrows(() => machine.setSchema(NEW, NAMES), SchemaError);
    refused++;
  };
  machine.bindTracer({ mutationQueued: tryIt, transitionEnd: tryIt, queueEnd: tryIt });
  machine.onChange(tryIt);
  machine.add("A");
  machine.eval("test", tryIt);
  assertEquals(refused, 6);
});

test("Machine.setSchema() does nothing on a disposed machine, whatever it is given", async () => {
  const machine = oldMachine();
  await machine.dispose();
  machine.setSchema(NEW, NAMES);
  machine.setSchema({}, []);
  assertEquals(machine.stateNames, Object.keys(OLD));
});

test("Machine.setSchema() keeps waits for states, which settle as before", async () => {
  const machine = oldMachine();
  machine.add("B");
  const waits = [
    machine.when("A"),
    machine.whenNot("B"),
    machine.when(["A", "M"]),
    machine.whenArgs("M", { id: 7 }),
    machine.whenQuery(({ A }) => A === 1),
    machine.whenErr(),
  ];
  machine.setSchema(NEW, NAMES);
  assertEquals(await Promise.all(waits.map(settlementOf)), waits.map(() => "pending"));

  const settlements = async () => (await Promise.all(waits.map(settlementOf))).map((word) => word[0]).join("");
  machine.add("A");
  assertEquals(await settlements(), "rppprp");
  machine.remove("B");
  assertEquals(await settlements(), "rrpprp");
  machine.add("M", { id: 7 });
  assertEquals(await settlements(), "rrrrrp");
  machine.addErr(new Error("boom"));
  assertEquals(await settlements(), "rrrrrr");
});

test("Machine.setSchema() keeps waits for ticks, made before and after", async () => {
  const machine = oldMachine();
  machine.add("A");
  const before = machine.whenTime(["A", "B"], [2, 1]);
  machine.setSchema(NEW, NAMES);
  const after = machine.whenTime(["C", "B"], [1, 2]);

  machine.add("B");
  assertEquals(await settlementOf(before), "pending");
  machine.add("C");
  machine.remove("A");
  assertEquals(await settlementOf(before), "resolved");
  assertEquals(await settlementOf(after), "pending");
  machine.remove("B");
  assertEquals(await settlementOf(after), "resolved");
});

test("Machine.setSchema() keeps waits for ticks in which there is a state that the schema lacks", async () => {
  const lines: string[] = [];
  const machine = oldMachine({ logLevel: "ops", logId: false, logger: (_level, line) => void lines.push(line) });
  const met = machine.whenTime(["A", "Unknown"], [1, 0]), unmet = machine.whenTime(["Unknown", "A"], [1, 1]);
  machine.setSchema(NEW, NAMES);
  machine.add("A");
  assertEquals([await settlementOf(met), await settlementOf(unmet)], ["resolved", "pending"]);
  assertEquals(lines.at(-1), "[whenTime:match] A ? [1 0]");
});

test("Machine.setSchema() leaves nothing behind of a wait that is aborted afterwards", async () => {
  const machine = oldMachine();
  const controller = new AbortController();
  const aborted = machine.when(["A", "B"], { signal: controller.signal }), other = machine.when(["A", "B"]);
  machine.setSchema(NEW, NAMES);
  controller.abort();
  machine.add(["A", "B"]);
  assertEquals(await settlementOf(aborted), "rejected");
  assertEquals(await settlementOf(other), "resolved");
});

test("Machine.setSchema() keeps state signals: live ones stay, and end with their state", () => {
  const machine = oldMachine();
  machine.add("A");
  const active = machine.stateSignal("A"), inactive = machine.stateSignal("B");
  machine.setSchema(NEW, NAMES);
  assertEquals([active.aborted, inactive.aborted], [false, false]);
  assertStrictEquals(machine.stateSignal("A"), active);

  machine.remove("A");
  assertEquals([active.aborted, inactive.aborted], [true, false]);
  machine.add("B");
  assertEquals(inactive.reason.state, "B");
});

test("Machine.setSchema() keeps the signal of an event whose handler is still at work", () => {
  const machine = oldMachine();
  let readSignal: (() => AbortSignal) | undefined;
  machine.bindHandlers({ AState: (e: FinalEvent) => void (readSignal = () => e.signal) });
  machine.add("A");
  machine.setSchema(NEW, NAMES);
  assertEquals(readSignal!().aborted, false);
  machine.add("B");
  assertEquals(readSignal!().aborted, false);
  machine.remove("A");
  assertEquals(readSignal!().aborted, true);
});

test("Machine.setSchema() keeps handlers, which are called for their states at the new places", () => {
  const machine = oldMachine();
  const calls: string[] = [];
  const note = (e: { name: string }) => void calls.push(e.name);
  const names = ["AEnter", "AState", "AExit", "AEnd", "AA", "AB", "AnyEnter", "AnyState"];
  machine.bindHandlers(Object.fromEntries(names.map((name) => [name, note])));
  machine.setSchema(NEW, NAMES);

  machine.add("A");
  machine.add("B");
  machine.remove("A");

  assertEquals(
    calls.join(" "),
    "AEnter AnyEnter AState AnyState AA AB AnyEnter AnyState AExit AB AnyEnter AEnd AnyState",
  );
});

test("Machine.setSchema() makes handlers of keys that were bound with allowUnknown", () => {
  const machine = oldMachine();
  const calls: string[] = [];
  const note = (e: { name: string }) => void calls.push(e.name);
  machine.bindHandlers({ CEnter: note, CState: note, AC: note, CC: note, CEnd: note }, { allowUnknown: true });
  machine.add("A");
  assertEquals(calls, []);

  machine.setSchema(NEW, NAMES);
  machine.add("C");
  machine.add("C");
  machine.remove("C");

  assertEquals(calls.join(" "), "CEnter AC CState CC AC CEnd");
});

test("Machine.setSchema() makes no handlers of a binding that was taken off before", () => {
  const machine = oldMachine();
  const calls: string[] = [];
  machine.bindHandlers({ CState: () => void calls.push("CState") }, { allowUnknown: true }).detach();
  machine.setSchema(NEW, NAMES);
  machine.add(["A", "C"]);
  assertEquals(calls, []);
});

test("Machine.setSchema() lets handlers of new states be bound, which were refused before", () => {
  const machine = oldMachine();
  assertThrows(() => machine.bindHandlers({ CState: () => {} }), TypeError);
  machine.setSchema(NEW, NAMES);
  machine.bindHandlers({ CState: () => {} });
});

test("Machine.setSchema() makes new states known, which were unknown before", () => {
  const machine = oldMachine();
  assertThrows(() => machine.add("C"), UnknownStateError);
  assertEquals([machine.has("C"), machine.index("C"), machine.tick("C")], [false, -1, 0]);
  machine.setSchema(NEW, NAMES);
  assertEquals([machine.has("C"), machine.index("C"), machine.tick("C")], [true, 0, 0]);
  assertEquals(machine.relationsBetween("C", "A"), ["require"]);
});

test("Machine.setSchema() keeps pipes", async () => {
  const source = oldMachine({ id: "source" }), target = oldMachine({ id: "target" });
  pipe(source, "A", target, { added: "B", flat: true });
  const ends = [source.pipes, target.pipes];

  source.setSchema(NEW, NAMES);
  target.setSchema(NEW, NAMES);
  assertEquals([source.pipes, target.pipes], ends);
  source.add("A");
  assertEquals(target.toString(), "(B:1)");
  source.remove("A");
  assertEquals(target.toString(), "()");
  await Promise.all([source.dispose(), target.dispose()]);
});

test("Machine.setSchema() keeps breakpoints", () => {
  const lines: string[] = [];
  const machine = oldMachine({ logLevel: "changes", logId: false, logger: (_level, line) => void lines.push(line) });
  machine.addBreakpoint("A", []);
  machine.setSchema(NEW, NAMES);
  machine.add("B");
  assertEquals(lines, ["[state] +B"]);
  machine.add("A");
  assert(lines.includes("[breakpoint] Machine.breakpoint"));
});

test("Machine.setSchema() keeps the timers of states, which run on and end with their state", () => {
  const clock = new FakeClock();
  const timed: Schema = { ...OLD, A: { timeoutMs: 100 }, B: { timeoutMs: 100 } };
  const machine = new Machine(timed, { clock });
  machine.add(["A", "B"]);
  clock.advance(60);
  machine.setSchema({ ...timed, C: {} }, NAMES);
  assertEquals(clock.pending, 2);
  machine.remove("B");
  assertEquals(clock.pending, 1);
  clock.advance(40);
  assertEquals(machine.err?.message, `State "A" is active for more than 100 ms`);
});

test("Machine.setSchema() stops the timer of a state that has no limit any more", () => {
  const clock = new FakeClock();
  const machine = new Machine<Schema>({ ...OLD, A: { timeoutMs: 100 }, B: { timeoutMs: 100 } }, { clock });
  machine.add(["A", "B"]);
  machine.setSchema({ ...NEW, B: { timeoutMs: 100 } }, NAMES);
  assertEquals(clock.pending, 1);
  machine.setSchema({ ...NEW, D: {} }, ["D", ...NAMES]);
  assertEquals(clock.pending, 0);
});

test("Machine.setSchema() starts the timer of an active state that gets a limit, or another one", () => {
  const clock = new FakeClock();
  const machine = new Machine<Schema>({ ...OLD, A: { timeoutMs: 100 } }, { clock });
  machine.add(["A", "B"]);
  clock.advance(60);
  machine.setSchema({ ...NEW, A: { timeoutMs: 70 }, B: { timeoutMs: 80 }, M: { timeoutMs: 10 } }, NAMES);
  assertEquals(clock.pending, 2);
  clock.advance(69);
  assertEquals(machine.err, null);
  clock.advance(1);
  assertEquals(machine.err?.message, `State "A" is active for more than 70 ms`);
});

test("Machine.setSchema() keeps groups, which name states as before", () => {
  const machine = oldMachine({ groups: { main: ["A", "B"] } });
  machine.setSchema(NEW, NAMES);
  assertEquals(machine.groups, { main: ["A", "B"] });
});

test("Machine.setSchema() makes the schema frozen all the way down", () => {
  const machine = oldMachine();
  machine.setSchema(NEW, NAMES);
  assert(Object.isFrozen(machine.schema) && Object.isFrozen(machine.schema["C"]));
  assert(Object.isFrozen(machine.schema["C"]!.require) && Object.isFrozen(machine.stateNames));
});
