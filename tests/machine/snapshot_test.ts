import {
  defineSchema,
  Machine,
  type Schema,
  type Snapshot,
  SnapshotError,
  StateExpiredError,
} from "@asyncmachine/asyncmachine";
import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { readSnapshot } from "../../machine/snapshot.ts";
import { test } from "../_harness.ts";
import { FakeClock, settlementOf } from "./_fakes.ts";
import { recordHandlers } from "./_recorder.ts";

const SCHEMA = defineSchema({ A: {}, B: { remove: ["A"] }, M: { multi: true }, C: { auto: true, require: ["B"] } });

/** A snapshot of a machine "m" of this schema: A left, B and M active, M called twice, C as B leads to it. */
const SNAPSHOT: Snapshot = {
  version: 1,
  id: "m",
  stateNames: ["A", "B", "M", "C", "Exception"],
  time: [2, 1, 3, 1, 0],
  machineTick: 4,
  queueTick: 9,
};

test("Machine.export() is all of a machine as plain data", () => {
  const machine = new Machine(SCHEMA, { id: "m" });
  machine.add("A");
  machine.add("B");
  machine.add("M");
  machine.add("M");
  assertEquals(machine.export(), { ...SNAPSHOT, machineTick: 0, queueTick: 5 });
});

test("Machine.export() is not touched by later mutations, nor the machine by writing to it", () => {
  const machine = new Machine(SCHEMA, { id: "m" });
  machine.add("A");
  const snapshot = machine.export() as unknown as { time: number[]; stateNames: string[] };
  machine.add("M");
  assertEquals(snapshot.time, [1, 0, 0, 0, 0]);

  snapshot.time[0] = 7;
  snapshot.stateNames[0] = "Other";
  assertEquals([machine.tick("A"), machine.stateNames[0]], [1, "A"]);
});

test("Machine.export() has the order of verifyStates()", () => {
  const machine = new Machine({ A: {}, B: {} }, { id: "m" });
  machine.verifyStates(["Exception", "B", "A"]);
  machine.add("A");
  const { stateNames, time } = machine.export();
  assertEquals([stateNames, time], [["Exception", "B", "A"], [0, 0, 1]]);
});

test("Machine.import() takes over what went through JSON", () => {
  const before = new Machine(SCHEMA, { id: "m" });
  before.add(["B", "M"]);
  const json = JSON.stringify(before.export());

  const after = new Machine(SCHEMA, { id: "m" });
  after.import(JSON.parse(json) as Snapshot);

  assertEquals(after.stringAll(), before.stringAll());
  assertEquals(after.is(["B", "M", "C"]), true);
});

test("Machine.import() is where the machine goes on from", () => {
  const machine = new Machine(SCHEMA, { id: "m" });
  machine.import(SNAPSHOT);
  const calls = recordHandlers(machine);

  machine.remove("B");

  assertEquals(machine.toString(), "(M:3)");
  assertEquals(calls.slice(0, 2), ["BExit", "CExit"]);
});

test("Machine.import() takes names in any order", () => {
  const machine = new Machine(SCHEMA, { id: "m" });
  machine.import({ ...SNAPSHOT, stateNames: ["Exception", "C", "M", "B", "A"], time: [0, 1, 3, 1, 2] });
  assertEquals(machine.time(), SNAPSHOT.time);
});

test("Machine.import() takes a name like __proto__", () => {
  const schema = JSON.parse(`{ "__proto__": {}, "constructor": {} }`) as Schema;
  const before = new Machine(schema, { id: "m" });
  before.add("__proto__");
  const after = new Machine(schema, { id: "m" });
  after.import(JSON.parse(JSON.stringify(before.export())) as Snapshot);
  assertEquals(after.toString(), "(__proto__:1)");
});

test("Machine.import() puts active states into index order", () => {
  const machine = new Machine({ A: {}, B: {} }, { id: "m" });
  machine.add("A");
  machine.add("B");
  assertEquals(machine.activeStates(), ["B", "A"]);

  machine.import(machine.export());

  assertEquals(machine.activeStates(), ["A", "B"]);
});

test("Machine.import() deactivates what the snapshot has inactive", () => {
  const machine = new Machine(SCHEMA, { id: "m" });
  machine.add("A");
  machine.import(SNAPSHOT);
  assertEquals(machine.activeStates(), ["B", "M", "C"]);
});

test("Machine.import() counts machineTick on from the snapshot's, not from the machine's own", () => {
  const machine = new Machine(SCHEMA, { id: "m" });
  assertEquals(machine.machineTick, 0);
  machine.import(SNAPSHOT);
  machine.import(SNAPSHOT);
  assertEquals(machine.machineTick, 5);
  machine.import(machine.export());
  assertEquals(machine.machineTick, 6);
});

test("Machine.import() keeps the machine's own queueTick", () => {
  const machine = new Machine(SCHEMA, { id: "m" });
  machine.add("A");
  machine.import(SNAPSHOT);
  assertEquals(machine.queueTick, 2);
});

test("Machine.import() calls no handler, no tracer of transitions and no onChange, and tries no auto state", async () => {
  const calls: string[] = [];
  const machine = new Machine(SCHEMA, { id: "m", tracers: [{ transitionInit: () => void calls.push("transition") }] });
  const handlers = recordHandlers(machine);
  machine.onChange(() => void calls.push("onChange"));
  const items = machine.transitions();

  machine.import({ ...SNAPSHOT, time: [0, 1, 0, 0, 0] });
  machine.disposeForce();

  assertEquals([...calls, ...handlers], []);
  assertEquals((await items.next()).done, true);
});

test("Machine.import() logs what is active then", () => {
  const lines: string[] = [];
  const machine = new Machine(SCHEMA, {
    id: "m",
    logLevel: "changes",
    logger: (_level, line) => void lines.push(line),
  });
  machine.import(SNAPSHOT);
  assertEquals(lines, ["[m] [import] (B:1 M:3 C:1)"]);
});

test("Machine.import() adds MachineRestored when all is taken over", () => {
  const machine = new Machine({ A: {}, MachineRestored: {} }, { id: "m" });
  const seen: unknown[] = [];
  machine.bindHandlers({ MachineRestoredState: () => void seen.push(machine.is("A"), machine.machineTick) });

  machine.import({ ...machine.export(), time: [1, 0, 0] });

  assertEquals(seen, [true, 1]);
  assertEquals(machine.toString(), "(A:1 MachineRestored:1)");
  assertEquals(machine.queueTick, 2);
});

test("Machine.import() calls MachineRestored again when it is multi and was active", () => {
  const machine = new Machine({ MachineRestored: { multi: true } }, { id: "m" });
  machine.import(machine.export());
  machine.import(machine.export());
  assertEquals(machine.tick("MachineRestored"), 3);
});

test("Machine.import() aborts signals of states whose ticks differ, with the tick before", () => {
  const machine = new Machine(SCHEMA, { id: "m" });
  machine.add(["A", "M"]);
  const left = machine.stateSignal("A"), again = machine.stateSignal("M"), entered = machine.stateSignal("B");

  machine.import(SNAPSHOT);

  for (const [signal, tick] of [[left, 1], [again, 1], [entered, 0]] as const) {
    assertInstanceOf(signal.reason, StateExpiredError);
    assertEquals(signal.reason.tick, tick);
  }
  assertEquals(machine.stateSignal("A").aborted, false);
});

test("Machine.import() leaves signals of states alone whose ticks are the same", () => {
  const machine = new Machine(SCHEMA, { id: "m" });
  machine.add("B");
  const active = machine.stateSignal("B"), inactive = machine.stateSignal("Exception");
  machine.import(SNAPSHOT);
  assertEquals([active.aborted, inactive.aborted], [false, false]);
});

test("Machine.import() settles waits for what it makes so", async () => {
  const machine = new Machine(SCHEMA, { id: "m" });
  machine.add("A");
  const settled = [
    machine.when(["B", "M"]),
    machine.whenNot("A"),
    machine.whenTime(["A", "M"], [2, 3]),
    machine.whenTicks("M", 3),
    machine.whenQuery((clock) => clock.M === 3),
  ];
  const pending = [
    machine.when(["A", "B"]),
    machine.whenNot("B").then(() => machine.whenNot("M")),
    machine.whenTick("M", 4),
    machine.whenErr(),
    machine.whenQuery((clock) => clock.M === 4),
    machine.whenArgs("B"),
  ];

  machine.import(SNAPSHOT);

  assertEquals(await Promise.all(settled.map(settlementOf)), settled.map(() => "resolved"));
  assertEquals(await Promise.all(pending.map(settlementOf)), pending.map(() => "pending"));
});

test("Machine.import() runs what listeners of signals do once all is taken over, before MachineRestored", () => {
  const machine = new Machine({ A: {}, B: {}, C: {}, MachineRestored: {} }, { id: "m" });
  const seen: unknown[] = [];
  machine.bindHandlers({
    CState: () => void seen.push("C", machine.machineTick),
    MachineRestoredState: () => void seen.push("MachineRestored"),
  });
  machine.stateSignal("A").addEventListener("abort", () => {
    seen.push(machine.is(["A", "B"]), machine.add("C"));
  });

  machine.import({ ...machine.export(), time: [1, 1, 0, 0, 0] });

  assertEquals(seen, [true, 2, "C", 1, "MachineRestored"]);
  assertEquals(machine.activeStates(), ["MachineRestored", "C", "A", "B"]);
});

test("Machine.import() runs what functions that wait do once all is taken over", () => {
  const machine = new Machine({ A: {}, B: {} }, { id: "m" });
  let ticks: unknown;
  machine.bindHandlers({ BState: () => void (ticks = machine.machineTick) });
  machine.whenQuery(() => machine.add("B") > 0);
  machine.import({ ...machine.export(), time: [1, 0, 0] });
  assertEquals(ticks, 1);
});

test("Machine.import() is the end of the queue for who waits for it meanwhile", async () => {
  const machine = new Machine({ A: {} }, { id: "m" });
  let wait: Promise<void> | undefined;
  machine.stateSignal("A").addEventListener("abort", () => wait = machine.whenQueueEnds());
  machine.import({ ...machine.export(), time: [1, 0] });
  assertEquals(await settlementOf(wait!), "resolved");
});

test("Machine.import() runs what waits with the loudest log", () => {
  const machine = new Machine({ A: {} }, { id: "m", logLevel: "everything", logger: () => {} });
  machine.import({ ...machine.export(), time: [1, 0] });
  assertEquals(machine.queueLength, 0);
  assertEquals(machine.add("A"), 0);
});

test("Machine.import() starts the timers of active states anew, and stops those of others", () => {
  const clock = new FakeClock();
  const schema = { A: { timeoutMs: 100 }, B: { timeoutMs: 100 }, C: { timeoutMs: 100 } };
  const machine = new Machine(schema, { id: "m", clock });
  machine.add(["A", "B"]);
  clock.advance(60);

  machine.import({ ...machine.export(), time: [1, 2, 1, 0] });
  assertEquals(clock.pending, 2); // of A, whose tick is the same, and of C
  clock.advance(60);
  assertEquals(machine.err, null);
  clock.advance(40);

  assertEquals(machine.err?.message, `State "C" is active for more than 100 ms`);
  assertEquals(machine.tick("Exception"), 3);
});

test("Machine.import() refuses in a transition, and the transition goes on", () => {
  const machine = new Machine({ A: {}, B: {} }, { id: "m" });
  const snapshot = { ...machine.export(), time: [0, 1, 0] };
  let error: unknown;
  machine.bindHandlers({
    AState() {
      error = assertThrows(() => machine.import(snapshot), SnapshotError);
    },
  });
  machine.add("A");
  assertInstanceOf(error, SnapshotError);
  assertEquals(error.field, "snapshot");
  assertEquals([machine.toString(), machine.machineTick], ["(A:1)", 0]);
});

test("Machine.import() refuses in an eval and in what a tracer does", () => {
  const machine = new Machine({ A: {} }, { id: "m" });
  const snapshot = { ...machine.export(), time: [7, 0] };
  let refused = 0;
  const tryIt = () => {
    assertThrows(() => machine.import(snapshot), SnapshotError);
    refused++;
  };
  machine.eval("test", tryIt);
  machine.bindTracer({ mutationQueued: tryIt, queueEnd: tryIt });
  machine.add("A");
  assertEquals([refused, machine.tick("A")], [3, 1]);
});

test("Machine.import() does nothing on a disposed machine", async () => {
  const machine = new Machine(SCHEMA, { id: "m" });
  const snapshot = { ...SNAPSHOT };
  await machine.dispose();
  machine.import(snapshot);
  machine.import({ ...snapshot, id: "other" });
  assertEquals(machine.machineTick, 0);
});

test("Machine.import() takes ticks up to 2^53 - 1, and machineTick and queueTick too", () => {
  const machine = new Machine({ A: {}, B: {}, C: {} }, { id: "m" });
  const time = [2 ** 53 - 1, 2 ** 53 - 2, 2 ** 32 + 1, 0];
  machine.import({ ...machine.export(), time, machineTick: 2 ** 53 - 2, queueTick: 2 ** 53 - 1 });
  assertEquals(machine.activeStates(), ["A", "C"]);
  assertEquals([machine.time(), machine.machineTick], [time, 2 ** 53 - 1]);
});

const HOLE: number[] = [2, 1, 3, 1];
HOLE.length = 5;

const NO_COUNTS = [-1, 0.5, NaN, Infinity, 2 ** 53, "1", null, undefined, [1], true];

/** By field, what it must not be. */
const BAD_FIELDS: Readonly<Record<string, readonly unknown[]>> = {
  version: [0, 2, "1", null, undefined],
  id: ["other", "", null, undefined, 7, ["m"]],
  stateNames: [
    undefined,
    null,
    "A B M C Exception",
    { length: 5 },
    [],
    ["A", "B", "M", "C"],
    ["A", "B", "M", "C", "Exception", "D"],
    ["A", "B", "M", "C", "Other"],
    ["A", "B", "M", "C", "Exception", "A"],
    ["A", "B", "M", "C", 4],
    ["A", "B", "M", "C", undefined],
  ],
  time: [
    undefined,
    null,
    "2 1 3 1 0",
    { length: 5, 0: 2, 1: 1, 2: 3, 3: 1, 4: 0 },
    [2, 1, 3, 1],
    [2, 1, 3, 1, 0, 0],
    HOLE,
    ...NO_COUNTS.map((tick) => [tick, 1, 3, 1, 0]),
    ...NO_COUNTS.map((tick) => [2, 1, 3, 1, tick]),
  ],
  machineTick: NO_COUNTS,
  queueTick: NO_COUNTS,
};

for (const [field, values] of Object.entries(BAD_FIELDS)) {
  test(`Machine.import() refuses a bad ${field}, and leaves the machine as it is`, async () => {
    for (const value of values) {
      const clock = new FakeClock();
      const machine = new Machine({ ...SCHEMA, A: { timeoutMs: 10 } }, { id: "m", clock });
      machine.add("A");
      machine.add("M");
      const signals = [machine.stateSignal("A"), machine.stateSignal("B")];
      const wait = machine.when("B");

      const error = assertThrows(() => machine.import({ ...SNAPSHOT, [field]: value } as Snapshot), SnapshotError);

      assertEquals(error.field, field);
      assertEquals(machine.time(), [1, 0, 1, 0, 0]);
      assertEquals(machine.activeStates(), ["M", "A"]);
      assertEquals([machine.machineTick, machine.queueTick, clock.pending], [0, 3, 1]);
      assertEquals(signals.map(({ aborted }) => aborted), [false, false]);
      assertEquals(await settlementOf(wait), "pending");
    }
  });
}

test("Machine.import() refuses what is no object at all", () => {
  const machine = new Machine(SCHEMA, { id: "m" });
  for (const value of [null, undefined, 7, "text", true]) {
    const error = assertThrows(() => machine.import(value as unknown as Snapshot), SnapshotError);
    assertEquals(error.field, "snapshot");
  }
});

test("Machine.import() refuses a snapshot of a machine without an id of its own: ids are random", () => {
  const snapshot = new Machine({ A: {} }).export();
  assertEquals(assertThrows(() => new Machine({ A: {} }).import(snapshot), SnapshotError).field, "id");
});

test("Machine.import() takes a snapshot from before the states' order changed", () => {
  const machine = new Machine({ A: {}, B: {} }, { id: "m" });
  machine.add("A");
  const snapshot = machine.export();
  machine.verifyStates(["Exception", "B", "A"]);
  machine.import(snapshot);
  assertEquals(machine.clock(), { Exception: 0, B: 0, A: 1 });
});

test("readSnapshot() names what is missing, unknown, or there twice", () => {
  const messageOf = (stateNames: string[]) =>
    assertThrows(() => readSnapshot({ ...SNAPSHOT, stateNames, time: [] }, "m", ["A", "B"]), SnapshotError).message;
  assertEquals(messageOf(["A"]), `Cannot import snapshot: stateNames lacks "B"`);
  assertEquals(messageOf(["A", "B", "C", "D"]), `Cannot import snapshot: stateNames has the unknown "C", "D"`);
  assertEquals(messageOf(["A", "B", "B"]), `Cannot import snapshot: stateNames names a state twice`);
});
