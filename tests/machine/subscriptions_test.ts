import {
  Canceled,
  Executed,
  Machine,
  MachineDisposedError,
  type Schema,
  UnknownStateError,
  type WaitOptions,
} from "@asyncmachine/asyncmachine";
import { assertEquals, assertInstanceOf, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { Subscriptions } from "../../machine/subscriptions.ts";
import { test } from "../_harness.ts";
import { countedController, eventLoopTurn, FakeClock, microtasks, settlementOf, signalNoting } from "./_fakes.ts";

// when()

test("Machine.when() resolves when a state is active", async () => {
  const machine = new Machine({ A: {}, B: {} });
  const wait = machine.when("A");

  machine.add("B");
  assertEquals(await settlementOf(wait), "pending");
  machine.add("A");

  assertEquals(await wait, undefined);
});

test("Machine.when() resolves when all states are active at the same time", async () => {
  const machine = new Machine({ A: {}, B: {} });
  const wait = machine.when(["A", "B"]);

  machine.add("A");
  machine.remove("A");
  machine.add("B");
  assertEquals(await settlementOf(wait), "pending");
  machine.add("A");

  assertEquals(await settlementOf(wait), "resolved");
});

test("Machine.when() does not resolve in a transition that brings one state and takes another", async () => {
  const machine = new Machine({ A: {}, B: { remove: ["A"] } });
  machine.add("A");
  const wait = machine.when(["A", "B"]);

  machine.add("B");

  assertEquals(await settlementOf(wait), "pending");
});

test("Machine.when() resolves at once when the states are active, and for no states", async () => {
  const machine = new Machine({ A: {} });
  machine.add("A");

  for (const wait of [machine.when("A"), machine.when(["A", "A"]), machine.when([])]) {
    assertEquals(await settlementOf(wait), "resolved");
  }
});

test("Machine.when() takes a name twice", async () => {
  const machine = new Machine({ A: {}, B: {} });
  const wait = machine.when(["A", "B", "A"]);

  machine.add(["A", "B"]);

  assertEquals(await settlementOf(wait), "resolved");
});

test("Machine.when() stays resolved when the states leave in the same drain", async () => {
  const machine = new Machine({ A: {} });
  const wait = machine.when("A");
  machine.bindHandlers({ AState: () => void machine.remove("A") });

  machine.add("A");

  assertEquals([machine.is("A"), await settlementOf(wait)], [false, "resolved"]);
});

test("Machine.when() is settled after all of its transition, before the next one", () => {
  const machine = new Machine({ A: {}, B: {}, Auto: { auto: true } });
  const log: string[] = [];
  void machine.when("A", { signal: signalNoting(log, "settled") });
  machine.onChange(() => void log.push("onChange"));
  machine.bindTracer({
    transitionInit: (tx) => void log.push(`init ${tx.mutation.states}`),
    transitionEnd: () => void log.push("end"),
    queueEnd: () => void log.push("queueEnd"),
  });
  machine.bindHandlers({
    AState: () => void (log.push("AState"), machine.add("B")),
    AnyState: () => void log.push("AnyState"),
  });

  machine.add("A");

  assertEquals(log.slice(0, 7), ["init A", "AState", "AnyState", "onChange", "end", "settled", "init Auto"]);
  assertEquals(log.at(-1), "queueEnd");
});

test("Machine.when() that is made in a handler, of the states that are entered, resolves at once", async () => {
  const machine = new Machine({ A: {} });
  const waits: Promise<void>[] = [];
  machine.bindHandlers({ AState: () => void waits.push(machine.when("A")) });

  machine.add("A");

  assertEquals(await settlementOf(waits[0]!), "resolved");
});

test("Machine.when() that is made in negotiation is settled by the same transition", async () => {
  const machine = new Machine({ A: {} });
  const waits: Promise<void>[] = [];
  machine.bindHandlers({ AEnter: () => void waits.push(machine.when("A"), machine.whenNot("A")) });

  machine.add("A");

  assertEquals(await Promise.all(waits.map(settlementOf)), ["resolved", "resolved"]);
});

test("Machine.when() does not see canceled transitions and checks", async () => {
  const machine = new Machine({ A: {} });
  const wait = machine.when("A");
  const binding = machine.bindHandlers({ AEnter: () => false });

  machine.add("A");
  binding.detach();
  machine.canAdd("A");

  assertEquals(await settlementOf(wait), "pending");
});

test("Machine.when() does not see the transition of a handler that threw, though its state stays", async () => {
  const machine = new Machine({ A: {}, B: {} });
  const wait = machine.when("A");
  machine.bindHandlers({
    BState() {
      throw new Error("thrown");
    },
  });

  machine.add(["A", "B"]);

  assertEquals([machine.is("A"), await settlementOf(wait)], [true, "pending"]);
  assertEquals(await settlementOf(machine.when("A")), "resolved");
});

test("Machine.when() goes by what it was told: a state that a thrown transition left active does not count", async () => {
  const machine = new Machine({ A: {}, B: {}, C: {} });
  const wait = machine.when(["A", "C"]);
  machine.bindHandlers({
    BState() {
      throw new Error("thrown");
    },
  });
  machine.add(["A", "B"]);

  machine.add("C");

  assertEquals([machine.is(["A", "C"]), await settlementOf(wait)], [true, "pending"]);
});

test("Machine.when() sees auto transitions", async () => {
  const machine = new Machine({ A: {}, Auto: { auto: true } });
  const wait = machine.when(["A", "Auto"]);

  machine.add("A");

  assertEquals(await settlementOf(wait), "resolved");
});

test("Machine.when() of an unknown state throws", () => {
  const machine = new Machine({ A: {} });

  for (const wait of [() => machine.when("Foo" as "A"), () => machine.whenNot(["A", "Foo" as "A"])]) {
    assertThrows(wait, UnknownStateError, 'Cannot wait for state "Foo": it is not in the schema');
  }
});

test("Machine.when() settles many waits, those that came first first", async () => {
  const machine = new Machine({ A: {}, B: {} });
  const log: string[] = [];
  for (const name of ["1", "2", "3"]) void machine.when("A", { signal: signalNoting(log, name) });
  void machine.when("B", { signal: signalNoting(log, "B") });

  machine.add(["B", "A"]);
  await microtasks();

  assertEquals(log, ["B", "1", "2", "3"]);
});

test("Machine.when() follows its states to another order", async () => {
  const machine = new Machine({ A: {}, B: {}, C: {} });
  const waits = [machine.when(["A", "C"]), machine.whenTime(["A", "C"], [1, 1]), machine.whenArgs("C", { id: 1 })];
  machine.add("A");

  machine.verifyStates(["Exception", "C", "B", "A"]);
  machine.add("B");
  assertEquals(await Promise.all(waits.map(settlementOf)), ["pending", "pending", "pending"]);
  machine.add("C", { id: 1 });

  assertEquals(await Promise.all(waits.map(settlementOf)), ["resolved", "resolved", "resolved"]);
});

// whenNot()

test("Machine.whenNot() resolves when all states are inactive at the same time", async () => {
  const machine = new Machine({ A: {}, B: {} });
  machine.add(["A", "B"]);
  const wait = machine.whenNot(["A", "B"]);

  machine.remove("A");
  machine.add("A");
  machine.remove("B");
  assertEquals(await settlementOf(wait), "pending");
  machine.remove("A");

  assertEquals(await settlementOf(wait), "resolved");
});

test("Machine.whenNot() resolves at once when the states are inactive, and for no states", async () => {
  const machine = new Machine({ A: {} });

  for (const wait of [machine.whenNot("A"), machine.whenNot([])]) assertEquals(await settlementOf(wait), "resolved");
});

test("Machine.whenNot() does not take a multi state that is called again for gone", async () => {
  const machine = new Machine({ M: { multi: true } });
  machine.add("M");
  const wait = machine.whenNot("M");

  machine.add("M");

  assertEquals(await settlementOf(wait), "pending");
});

test("Machine.whenNot() does not resolve by what an earlier, thrown transition left behind", async () => {
  const machine = new Machine({ A: {}, B: {}, C: {} });
  machine.add(["A", "B"]);
  const wait = machine.whenNot(["A", "B"]);
  machine.remove("A");
  machine.bindHandlers({
    CState() {
      throw new Error("thrown");
    },
  });
  machine.add(["C", "A"]); // A is back when C throws, and nothing is told to waits
  assertEquals(machine.is("A"), false);
  machine.add("A");

  machine.remove("B");

  assertEquals(await settlementOf(wait), "pending");
});

// whenErr()

test("Machine.whenErr() resolves with the error", async () => {
  const machine = new Machine({ A: {} });
  const error = new Error("added");
  const wait = machine.whenErr();

  machine.addErr(error);

  assertStrictEquals(await wait, error);
});

test("Machine.whenErr() resolves at once, with the last error, while Exception is active", async () => {
  const machine = new Machine({ A: {} });
  machine.addErr(new Error("one"));
  machine.addErr(new Error("two"));

  assertEquals((await machine.whenErr()).message, "two");
});

test("Machine.whenErr() resolves with the error of that moment", async () => {
  const machine = new Machine({ A: {} });
  let isFirst = true;
  machine.bindHandlers({
    ExceptionState() {
      if (isFirst) machine.canAdd("A");
      isFirst = false;
    },
    AEnter: () => void machine.addErr(new Error("later")),
  });
  const wait = machine.whenErr();

  machine.addErr(new Error("first"));

  assertEquals([(await wait).message, machine.err?.message], ["first", "later"]);
});

test("Machine.whenErr() resolves with an error also when Exception was added without one", async () => {
  const machine = new Machine({ A: {} });
  machine.add("Exception");

  assertInstanceOf(await machine.whenErr(), Error);
});

test("Machine.whenErr() waits again after Exception left", async () => {
  const machine = new Machine({ A: {} });
  machine.addErr(new Error("one"));
  machine.remove("Exception");

  assertEquals(await settlementOf(machine.whenErr()), "pending");
});

// whenTime(), whenTick(), whenTicks(), whenNextActive()

test("Machine.whenTime() resolves when each state has reached its tick, at one time or another", async () => {
  const machine = new Machine({ A: {}, B: {} });
  const wait = machine.whenTime(["A", "B"], [1, 2]);

  machine.add(["A", "B"]);
  machine.remove("A");
  assertEquals(await settlementOf(wait), "pending");
  machine.remove("B");

  assertEquals(await wait, undefined);
});

test("Machine.whenTime() resolves when a tick is passed by, not only when it is met", async () => {
  const machine = new Machine({ M: { multi: true } });
  const wait = machine.whenTime("M", 2);

  machine.add("M");
  assertEquals(await settlementOf(wait), "pending");
  machine.add("M");

  assertEquals([machine.tick("M"), await settlementOf(wait)], [3, "resolved"]);
});

test("Machine.whenTime() resolves at once when all ticks are reached", async () => {
  const machine = new Machine({ A: {}, B: {} });
  machine.add("A");

  for (const wait of [machine.whenTime(["A", "B"], [1, 0]), machine.whenTime("A", 0)]) {
    assertEquals(await settlementOf(wait), "resolved");
  }
});

test("Machine.whenTime() takes a state twice, with different ticks", async () => {
  const machine = new Machine({ A: {} });
  const wait = machine.whenTime(["A", "A"], [2, 1]);

  machine.add("A");
  assertEquals(await settlementOf(wait), "pending");
  machine.remove("A");

  assertEquals(await settlementOf(wait), "resolved");
});

test("Machine.whenTime() counts an unknown state's tick as 0", async () => {
  const machine = new Machine({ A: {} });
  const wait = machine.whenTime(["A", "Foo" as "A"], [1, 1]);

  machine.add("A");
  machine.verifyStates(["Exception", "A"]);
  machine.remove("A");

  assertEquals(await settlementOf(machine.whenTime("Foo" as "A", 0)), "resolved");
  assertEquals(await settlementOf(wait), "pending");
});

test("Machine.whenTime() with as many ticks as states only", () => {
  const machine = new Machine({ A: {}, B: {} });

  for (const [states, ticks] of [[["A"], [1, 2]], [["A", "B"], [1]], [[], []], [["A", "B"], 1]] as const) {
    assertThrows(() => machine.whenTime(states, ticks), RangeError, "Cannot wait for ticks");
  }
});

test("Machine.whenTick() resolves when a tick is at least that", async () => {
  const machine = new Machine({ A: {} });
  const wait = machine.whenTick("A", 3);

  machine.add("A");
  machine.remove("A");
  assertEquals(await settlementOf(wait), "pending");
  machine.add("A");

  assertEquals(await settlementOf(wait), "resolved");
  assertEquals(await settlementOf(machine.whenTick("A", 3)), "resolved");
});

test("Machine.whenTicks() counts from now on", async () => {
  const machine = new Machine({ A: {} });
  machine.add("A");
  const wait = machine.whenTicks("A", 2);

  machine.remove("A");
  assertEquals(await settlementOf(wait), "pending");
  machine.add("A");

  assertEquals(await settlementOf(wait), "resolved");
  assertEquals(await settlementOf(machine.whenTicks("A", 0)), "resolved");
});

test("Machine.whenNextActive() resolves when an inactive state is entered", async () => {
  const machine = new Machine({ A: {} });
  const wait = machine.whenNextActive("A");
  assertEquals(await settlementOf(wait), "pending");

  machine.add("A");

  assertEquals(await settlementOf(wait), "resolved");
});

test("Machine.whenNextActive() resolves when an active state is left and entered again", async () => {
  const machine = new Machine({ A: {} });
  machine.add("A");
  const wait = machine.whenNextActive("A");

  machine.remove("A");
  assertEquals(await settlementOf(wait), "pending");
  machine.add("A");

  assertEquals(await settlementOf(wait), "resolved");
});

test("Machine.whenNextActive() resolves when a multi state is called again", async () => {
  const machine = new Machine({ M: { multi: true } });
  machine.add("M");
  const wait = machine.whenNextActive("M");

  machine.add("M");

  assertEquals(await settlementOf(wait), "resolved");
});

// whenArgs()

test("Machine.whenArgs() resolves with the arguments that hold the wanted ones", async () => {
  const machine = new Machine({ A: { multi: true } });
  const wait = machine.whenArgs("A", { id: 1, name: "n" });

  machine.add("A", { id: 1 });
  machine.add("A", { id: "1", name: "n" });
  assertEquals(await settlementOf(wait), "pending");
  machine.add("A", { id: 1, name: "n", other: true });

  assertEquals(await wait, { id: 1, name: "n", other: true });
});

test("Machine.whenArgs() resolves with any call when it wants nothing", async () => {
  const machine = new Machine({ A: {} });
  const waits = [machine.whenArgs("A"), machine.whenArgs("A", null), machine.whenArgs("A", {})];

  machine.add("A", { id: 1 });

  assertEquals(await Promise.all(waits), [{ id: 1 }, { id: 1 }, { id: 1 }]);
});

test("Machine.whenArgs() takes a missing argument for undefined, and null too", async () => {
  const machine = new Machine({ A: { multi: true } });
  const waits = [machine.whenArgs("A", { id: undefined }), machine.whenArgs("A", { id: null })];

  machine.add("A", { id: 0 });
  assertEquals(await Promise.all(waits.map(settlementOf)), ["pending", "pending"]);
  machine.add("A");

  assertEquals(await Promise.all(waits), [{}, {}]);
});

test("Machine.whenArgs() looks at own arguments only", async () => {
  const machine = new Machine({ A: {} });
  const wait = machine.whenArgs("A", { toString: Object.prototype.toString });

  machine.add("A", {});

  assertEquals(await settlementOf(wait), "pending");
});

test("Machine.whenArgs() is never fulfilled by a state that is active already", async () => {
  const machine = new Machine({ A: {} });
  machine.add("A", { id: 1 });
  const wait = machine.whenArgs("A", { id: 1 });

  machine.add("A", { id: 1 });

  assertEquals(await settlementOf(wait), "pending");
});

test("Machine.whenArgs() is fulfilled by implied and auto states, with the mutation's arguments", async () => {
  const machine = new Machine({ A: { add: ["B"] }, B: {}, Auto: { auto: true } });
  const waits = [machine.whenArgs("B", { id: 1 }), machine.whenArgs("Auto")];

  machine.add("A", { id: 1 });

  assertEquals(await Promise.all(waits), [{ id: 1 }, {}]);
});

test("Machine.whenArgs() is settled right after the state's handlers, before AnyState", () => {
  const machine = new Machine({ A: {}, B: {} });
  const log: string[] = [];
  void machine.whenArgs("A", null, { signal: signalNoting(log, "settled") });
  machine.bindHandlers({ AState: () => void log.push("AState 1"), BState: () => void log.push("BState") });
  machine.bindHandlers({ AState: () => void log.push("AState 2"), AnyState: () => void log.push("AnyState") });

  machine.add(["A", "B"]);

  assertEquals(log, ["AState 1", "AState 2", "settled", "BState", "AnyState"]);
});

test("Machine.whenArgs() is fulfilled though the state's handler throws, and not for states after it", async () => {
  const machine = new Machine({ A: {}, B: {} });
  const waits = [machine.whenArgs("A"), machine.whenArgs("B")];
  machine.bindHandlers({
    AState() {
      throw new Error("thrown");
    },
  });

  machine.add(["A", "B"]);

  assertEquals(await Promise.all(waits.map(settlementOf)), ["resolved", "pending"]);
});

test("Machine.whenArgs() is not fulfilled by refused transitions and checks", async () => {
  const machine = new Machine({ A: {} });
  const wait = machine.whenArgs("A");
  machine.canAdd("A");
  machine.bindHandlers({ AEnter: () => false });
  machine.add("A");

  assertEquals(await settlementOf(wait), "pending");
});

test("Machine.whenArgs() with fewer arguments is not that with more", async () => {
  const machine = new Machine({ A: {} });
  const more = machine.whenArgs("A", { id: 1, name: "n" });
  const fewer = machine.whenArgs("A", { id: 1 });

  machine.add("A", { id: 1 });

  assertEquals([await settlementOf(more), await settlementOf(fewer)], ["pending", "resolved"]);
});

test("Machine.whenArgs() rejects when the arguments cannot be read, and the transition stands", async () => {
  const machine = new Machine({ A: {} });
  const wait = machine.whenArgs("A", { id: 1 });

  const result = machine.add("A", {
    get id() {
      throw new Error("id refused");
    },
  });

  assertEquals([result, machine.isErr()], [Executed, false]);
  await assertRejects(() => wait, Error, "id refused");
});

test("Machine.whenArgs() of an unknown state throws", () => {
  const machine = new Machine({ A: {} });

  assertThrows(() => machine.whenArgs("Foo" as "A"), UnknownStateError, 'Cannot wait for state "Foo"');
  assertThrows(() => machine.whenArgs("A", 7 as unknown as object), TypeError);
});

// whenQuery()

test("Machine.whenQuery() asks after each accepted transition, and never at once", async () => {
  const machine = new Machine({ A: {}, B: { require: ["A"] } });
  const asked: unknown[] = [];
  machine.add("A");
  const wait = machine.whenQuery((clock) => {
    asked.push(clock);
    return clock.A === 2;
  });
  assertEquals(asked, []);

  machine.canRemove("A");
  machine.add("A");
  assertEquals(asked, [{ A: 1, B: 0, Exception: 0 }]);
  machine.remove("A");
  machine.add("B"); // canceled, and too late

  assertEquals([asked.length, await settlementOf(wait)], [2, "resolved"]);
});

test("Machine.whenQuery() does not ask after canceled transitions", () => {
  const machine = new Machine({ B: { require: ["A"] }, A: {} });
  let asked = 0;
  void machine.whenQuery(() => ++asked < 0);

  assertEquals([machine.add("B"), asked], [Canceled, 0]);
});

test("Machine.whenQuery() rejects with what its function throws, and no error is added", async () => {
  const machine = new Machine({ A: {} });
  const error = new Error("asked");
  const wait = machine.whenQuery(() => {
    throw error;
  });
  const other = machine.whenQuery(() => true);

  machine.add("A");

  assertStrictEquals(await assertRejects(() => wait), error);
  assertEquals([machine.isErr(), await settlementOf(other)], [false, "resolved"]);
});

test("Machine.whenQuery() whose function waits again is asked in the next transition", () => {
  const machine = new Machine({ A: { multi: true } });
  let asked = 0;
  const again = (): boolean => {
    if (++asked > 100) throw new Error("endless");
    void machine.whenQuery(again);
    return true;
  };
  void machine.whenQuery(again);

  machine.add("A");
  assertEquals(asked, 1);
  machine.add("A");

  assertEquals(asked, 2);
});

test("Machine.whenQuery() that another one's function aborts is not asked", () => {
  const machine = new Machine({ A: {} });
  const controller = new AbortController();
  let asked = 0;
  void machine.whenQuery(() => {
    controller.abort();
    return true;
  });
  void machine.whenQuery(() => ++asked > 0, { signal: controller.signal });

  machine.add("A");

  assertEquals(asked, 0);
});

test("Machine.whenQuery() whose function adds a state has it queued", () => {
  const machine = new Machine({ A: {}, B: {} });
  const results: number[] = [];
  void machine.whenQuery(() => {
    results.push(machine.add("B"));
    return true;
  });

  machine.add("A");

  assertEquals([results, machine.activeStates()], [[3], ["B", "A"]]);
});

test("Machine.whenQuery() asks no more once the machine is being disposed", async () => {
  const machine = new Machine({ A: {} });
  let asked = 0;
  const wait = machine.whenQuery(() => ++asked > 0);
  machine.bindHandlers({ AState: () => void machine.dispose() });

  machine.add("A");

  assertEquals(asked, 0);
  await assertRejects(() => wait, MachineDisposedError);
});

// whenQueue(), whenQueueEnds()

test("Machine.whenQueue() resolves when a queued mutation was worked on", async () => {
  const machine = new Machine({ A: {}, B: {}, C: {} });
  const log: string[] = [];
  machine.bindHandlers({
    AState() {
      void machine.whenQueue(machine.add("B"), { signal: signalNoting(log, "B settled") });
      void machine.whenQueue(machine.add("C"), { signal: signalNoting(log, "C settled") });
    },
    BState: () => void log.push("BState"),
    CState: () => void log.push("CState"),
  });

  machine.add("A");
  await microtasks();

  assertEquals(log, ["BState", "B settled", "CState", "C settled"]);
});

test("Machine.whenQueue() of a canceled mutation resolves when that was worked on", () => {
  const machine = new Machine({ A: {}, B: { require: ["Gone"] }, C: {} } as Schema);
  const log: string[] = [];
  machine.bindHandlers({
    AState() {
      void machine.whenQueue(machine.add("B"), { signal: signalNoting(log, "B settled") });
      machine.add("C");
    },
    CState: () => void log.push("CState"),
  });

  machine.add("A");

  assertEquals(log, ["B settled", "CState"]);
});

test("Machine.whenQueue() resolves at once for results that are not queued, and for ticks that are reached", async () => {
  const machine = new Machine({ A: {} });
  machine.add("A");

  for (const result of [Executed, Canceled, machine.queueTick]) {
    assertEquals(await settlementOf(machine.whenQueue(result)), "resolved");
  }
  assertEquals(await settlementOf(machine.whenQueue(machine.queueTick + 1)), "pending");
});

test("Machine.whenQueue() finds its tick when nobody had waited for a long time", async () => {
  const machine = new Machine({ A: { multi: true } });
  for (let i = 0; i < 100; i++) machine.add("A");
  const wait = machine.whenQueue(machine.queueTick + 2);

  machine.add("A");
  assertEquals(await settlementOf(wait), "pending");
  machine.add("A");

  assertEquals(await settlementOf(wait), "resolved");
});

test("Machine.whenQueueEnds() resolves at once on an idle machine", async () => {
  const machine = new Machine({ A: {} });

  assertEquals(await settlementOf(machine.whenQueueEnds()), "resolved");
});

test("Machine.whenQueueEnds() resolves after the last transition, and after queueEnd()", () => {
  const machine = new Machine({ A: {}, B: {} });
  const log: string[] = [];
  machine.bindHandlers({
    AState() {
      machine.add("B");
      void machine.whenQueueEnds({ signal: signalNoting(log, "settled") });
    },
    BState: () => void log.push("BState"),
  });
  machine.bindTracer({ queueEnd: () => void log.push("queueEnd") });

  machine.add("A");

  assertEquals(log, ["BState", "queueEnd", "settled"]);
});

test("Machine.whenQueueEnds() in queueEnd() waits for what that queues", () => {
  const machine = new Machine({ A: {}, B: {} });
  const log: string[] = [];
  machine.bindHandlers({ BState: () => void log.push("BState") });
  const binding = machine.bindTracer({
    queueEnd() {
      binding.detach();
      machine.add("B");
      void machine.whenQueueEnds({ signal: signalNoting(log, "settled") });
    },
  });

  machine.add("A");

  assertEquals(log, ["BState", "settled"]);
});

// The order of settlement

test("Machine settles when() and whenNot() first, then whenTime(), whenQueue(), whenQuery()", () => {
  const machine = new Machine({ A: {}, B: { remove: ["C"] }, C: {}, D: {} });
  const log: string[] = [];
  const noting = (name: string): WaitOptions => ({ signal: signalNoting(log, name) });
  machine.add("C");
  void machine.whenQuery((clock) => clock.B === 1, noting("whenQuery"));
  void machine.whenQueue(4, noting("whenQueue"));
  void machine.whenTime("C", 2, noting("whenTime C"));
  void machine.whenTime("B", 1, noting("whenTime B"));
  void machine.whenNot("C", noting("whenNot C"));
  void machine.when("B", noting("when B"));
  void machine.when("A", noting("when A"));
  machine.add("D"); // queue tick 3

  machine.add(["A", "B"]);

  assertEquals(log, ["when A", "when B", "whenNot C", "whenTime B", "whenTime C", "whenQueue", "whenQuery"]);
});

// whenDisposed()

test("Machine.whenDisposed() resolves at the end of a disposal", async () => {
  const machine = new Machine({ A: {} });
  const wait = machine.whenDisposed();
  assertEquals(await settlementOf(wait), "pending");

  const disposal = machine.dispose();
  const late = machine.whenDisposed();
  await disposal;

  assertEquals([await wait, await late, await machine.whenDisposed()], [undefined, undefined, undefined]);
});

// What ends a wait otherwise

type Waiting = (machine: Machine<{ A: object; B: object }>, options?: WaitOptions) => Promise<unknown>;

/** One wait of each kind that is not fulfilled on a fresh machine, nor by an add of B. */
const WAITS: [string, Waiting][] = [
  ["when", (machine, options) => machine.when("A", options)],
  ["whenNot", (machine, options) => (machine.add("A"), machine.whenNot("A", options))],
  ["whenTime", (machine, options) => machine.whenTime(["A", "B"], [1, 0], options)],
  ["whenTick", (machine, options) => machine.whenTick("A", 5, options)],
  ["whenTicks", (machine, options) => machine.whenTicks("A", 5, options)],
  ["whenNextActive", (machine, options) => machine.whenNextActive("A", options)],
  ["whenArgs", (machine, options) => machine.whenArgs("A", null, options)],
  ["whenQuery", (machine, options) => machine.whenQuery(() => false, options)],
  ["whenQueue", (machine, options) => machine.whenQueue(50, options)],
  ["whenErr", (machine, options) => machine.whenErr(options)],
  ["whenQueueEnds", (machine, options) => {
    let wait: Promise<void> | undefined;
    void machine.eval("test", () => void (wait = machine.whenQueueEnds(options)));
    return wait!;
  }],
  ["whenDisposed", (machine, options) => machine.whenDisposed(options)],
];

/** Those that go on waiting while the event loop turns. */
const LASTING = WAITS.filter(([name]) => name !== "whenQueueEnds");

for (const [name, wait] of WAITS) {
  test(`Machine.${name}() with an aborted signal rejects with its reason, and leaves no listener`, async () => {
    const counted = countedController();
    const reason = new Error("stop");
    counted.controller.abort(reason);
    const clock = new FakeClock();
    const machine = new Machine({ A: {}, B: {} }, { clock });

    const promise = wait(machine, { signal: counted.signal, timeoutMs: 10 });

    assertStrictEquals(await assertRejects(() => promise), reason);
    assertEquals([counted.ever, clock.pending], [0, 0]);
  });
}

for (const [name, wait] of LASTING) {
  test(`Machine.${name}() rejects at once when its signal is aborted, and leaves neither listener nor timer`, async () => {
    const counted = countedController();
    const clock = new FakeClock();
    const machine = new Machine({ A: {}, B: {} }, { clock });
    const promise = wait(machine, { signal: counted.signal, timeoutMs: 10 });
    machine.add("B");
    assertEquals([await settlementOf(promise), counted.now, clock.pending], ["pending", 1, 1]);
    const reason = new Error("stop");

    counted.controller.abort(reason);

    assertStrictEquals(await assertRejects(() => promise), reason);
    assertEquals([counted.now, clock.pending], [0, 0]);
  });

  test(`Machine.${name}() rejects with a TimeoutError when its time is over, and leaves no listener`, async () => {
    const counted = countedController();
    const clock = new FakeClock();
    const machine = new Machine({ A: {}, B: {} }, { clock });
    const promise = wait(machine, { signal: counted.signal, timeoutMs: 10 });

    clock.advance(9);
    assertEquals(await settlementOf(promise), "pending");
    clock.advance(1);

    const error = await assertRejects(() => promise, DOMException, "Wait timed out after 10 ms");
    assertEquals([error.name, counted.now, clock.pending], ["TimeoutError", 0, 0]);
  });

  test(`Machine.${name}() that nobody awaits becomes no unhandled rejection`, async () => {
    const controller = new AbortController();
    const clock = new FakeClock();
    const machine = new Machine({ A: {}, B: {} }, { clock });

    void wait(machine, { signal: controller.signal });
    void wait(machine, { timeoutMs: 10 });
    void wait(machine);
    void wait(machine, { signal: AbortSignal.abort() });
    controller.abort();
    clock.advance(10);
    await machine.dispose();
    void wait(machine);
    await eventLoopTurn();

    assertEquals(machine.disposed, true);
  });

  test(`Machine.${name}() leaves neither listener nor timer when the machine is disposed`, async () => {
    const counted = countedController();
    const clock = new FakeClock();
    const machine = new Machine({ A: {}, B: {} }, { clock });
    const promise = wait(machine, { signal: counted.signal, timeoutMs: 10 });

    await machine.dispose();

    assertEquals([counted.now, clock.pending], [0, 0]);
    if (name === "whenDisposed") return await promise as void;
    const error = await assertRejects(() => promise, MachineDisposedError);
    assertEquals(error.machineId, machine.id);
  });
}

test("Machine's waits on a machine that is being disposed reject, for unknown names too", async () => {
  const machine = new Machine({ A: {}, B: {} });
  const disposal = machine.dispose();

  for (const time of ["disposing", "disposed"]) {
    for (const [name, wait] of LASTING) {
      if (name === "whenDisposed" || name === "whenNot") continue;
      await assertRejects(() => wait(machine), MachineDisposedError, "", `${name} ${time}`);
    }
    await assertRejects(() => machine.whenNot("Foo" as "A"), MachineDisposedError);
    await assertRejects(() => machine.when("Foo" as "A"), MachineDisposedError);
    await assertRejects(() => machine.whenArgs("Foo" as "A"), MachineDisposedError);
    await assertRejects(() => machine.whenQueueEnds(), MachineDisposedError);
    await disposal;
  }
});

test("Machine's waits that are settled leave neither listener nor timer", async () => {
  const counted = countedController();
  const clock = new FakeClock();
  const options = { signal: counted.signal, timeoutMs: 10 };
  const machine = new Machine({ A: {}, B: {} }, { clock });
  const waits = [
    machine.when("A", options),
    machine.whenTime("A", 1, options),
    machine.whenArgs("A", null, options),
    machine.whenQuery(() => true, options),
    machine.whenQueue(2, options),
    machine.whenErr(options),
  ];
  machine.bindHandlers({
    AState: () => void waits.push(machine.whenNot("A", options), machine.whenQueueEnds(options)),
  });

  machine.add("A");
  machine.addErr(new Error("added"));
  machine.remove("A");

  assertEquals([counted.now, clock.pending], [0, 0]);
  assertEquals((await Promise.all(waits.map(settlementOf))).every((settlement) => settlement === "resolved"), true);
});

test("Machine's waits that would be fulfilled at once reject with the reason of an aborted signal", async () => {
  const machine = new Machine({ A: {} });
  const reason = new Error("stop");
  const signal = AbortSignal.abort(reason);
  const waits = () => [
    machine.when([], { signal }),
    machine.whenNot("A", { signal }),
    machine.whenTime("A", 0, { signal }),
    machine.whenQueue(0, { signal }),
    machine.whenQueueEnds({ signal }),
  ];

  for (const wait of waits()) assertStrictEquals(await assertRejects(() => wait), reason);
  waits();
  await eventLoopTurn(); // which nobody awaits, and which become no unhandled rejections
});

test("Machine's waits that are fulfilled at once add no listener and no timer", async () => {
  const counted = countedController();
  const clock = new FakeClock();
  const options = { signal: counted.signal, timeoutMs: 10 };
  const machine = new Machine({ A: {} }, { clock });

  await Promise.all([
    machine.when([], options),
    machine.whenNot("A", options),
    machine.whenTime("A", 0, options),
    machine.whenQueue(0, options),
    machine.whenQueueEnds(options),
  ]);

  assertEquals([counted.ever, clock.pending], [0, 0]);
});

test("Machine's waits on one signal share a listener, until the last is settled", () => {
  const counted = countedController();
  const { signal } = counted;
  const machine = new Machine({ A: {}, B: {} });

  for (let i = 0; i < 1000; i++) void machine.when("A", { signal });
  void machine.when("B", { signal });
  assertEquals([counted.now, counted.ever], [1, 1]);
  machine.add("A");
  assertEquals(counted.now, 1);
  machine.add("B");

  assertEquals(counted.now, 0);
});

test("Machine's waits on one signal reject all when it is aborted, in order", async () => {
  const controller = new AbortController();
  const machine = new Machine({ A: {}, B: {} });
  const seen: string[] = [];
  for (const name of ["A", "B", "A"] as const) {
    machine.when(name, { signal: controller.signal }).catch(() => seen.push(name));
  }

  controller.abort();
  await microtasks();

  assertEquals(seen, ["A", "B", "A"]);
});

test("Machine's waits of several machines on one signal have a listener each", () => {
  const counted = countedController();
  const { signal } = counted;
  const machines = [new Machine({ A: {} }), new Machine({ A: {} })];

  for (const machine of machines) void machine.when("A", { signal });
  assertEquals(counted.now, 2);
  machines[0]!.add("A");

  assertEquals(counted.now, 1);
});

test("Machine.when() that was aborted is not settled again by what it waited for", async () => {
  const controller = new AbortController();
  const machine = new Machine({ A: {} });
  const wait = machine.when("A", { signal: controller.signal });
  controller.abort();

  machine.add("A");

  assertEquals(await settlementOf(wait), "rejected");
});

test("Machine.when() whose signal is aborted in the transition that fulfils it rejects", async () => {
  const controller = new AbortController();
  const machine = new Machine({ A: {} });
  const wait = machine.when("A", { signal: controller.signal });
  machine.bindHandlers({ AState: () => controller.abort() });

  machine.add("A");

  assertEquals(await settlementOf(wait), "rejected");
});

test("Machine.when() whose signal is aborted after it was fulfilled stays resolved", async () => {
  const controller = new AbortController();
  const machine = new Machine({ A: {} });
  const wait = machine.when("A", { signal: controller.signal });
  machine.add("A");

  controller.abort();

  assertEquals(await settlementOf(wait), "resolved");
});

test("Machine.when() takes a signal and a time-out that are undefined", async () => {
  const machine = new Machine({ A: {} });
  const wait = machine.when("A", { signal: undefined, timeoutMs: undefined });

  machine.add("A");

  assertEquals(await settlementOf(wait), "resolved");
});

// Logs

test("Machine logs waits that are made and those that are fulfilled at the level ops", () => {
  const lines: string[] = [];
  const machine = new Machine({ A: {}, B: {} }, {
    logLevel: "ops",
    logId: false,
    logger: (_, line) => lines.push(line),
  });
  machine.add("B");
  lines.length = 0;

  void machine.when(["A", "B"]);
  void machine.whenNot("B");
  void machine.whenTime(["A", "B"], [1, 2]);
  void machine.whenArgs("A", { id: 1, name: "n" });
  void machine.whenQueue(4);
  void machine.whenQuery(() => machine.not("B"));
  machine.add("A", { id: 1, name: "n" });
  machine.remove("B");

  assertEquals(lines.filter((line) => line.startsWith("[when")), [
    "[when:new] A B",
    "[whenNot:new] B",
    "[whenTime:new] A,B 1 2",
    "[whenArgs:new] A (id,name)",
    "[whenQueue:new] 4",
    "[whenQuery:new] 0",
    "[whenArgs:match] A (id,name)",
    "[when:match] A B",
    "[whenNot:match] B",
    "[whenTime:match] A B [1 2]",
    "[whenQueue:match] 4",
    "[whenQuery:match] 0",
  ]);
});

// The entries

/** Subscriptions of a machine that does nothing. */
function idleSubscriptions(): { subscriptions: Subscriptions; clock: number[]; timers: FakeClock } {
  const clock = [0, 0];
  const timers = new FakeClock();
  const names = (states: readonly number[]) => states.join(" ");
  return {
    subscriptions: new Subscriptions({ clock, isProcessing: true, timers, waitLog: null, names }),
    clock,
    timers,
  };
}

/** One wait of each kind. */
function waitForAll(subscriptions: Subscriptions, options: WaitOptions): Promise<unknown>[] {
  return [
    subscriptions.whenStates([0, 1], true, options),
    subscriptions.whenTime([0, 1, -1], [1, 1, 0], options),
    subscriptions.whenArgs(0, {}, options),
    subscriptions.whenQuery(() => true, options),
    subscriptions.whenQueue(2, 1, options),
    subscriptions.whenQueueEnds(options),
    subscriptions.whenDisposed(options),
  ];
}

test("Subscriptions keeps no entry of waits that are fulfilled", async () => {
  const { subscriptions, clock, timers } = idleSubscriptions();
  const { signal } = new AbortController();
  const waits = waitForAll(subscriptions, { signal, timeoutMs: 1 });
  assertEquals([subscriptions.size, subscriptions.hasArgs], [7, true]);
  clock.fill(1);

  subscriptions.entered(0, {});
  assertEquals([subscriptions.size, subscriptions.hasArgs], [6, false]);
  subscriptions.transitioned([0, 1], []);
  assertEquals(subscriptions.size, 4);
  subscriptions.queueMoved(2);
  assertEquals(subscriptions.size, 3);
  subscriptions.askQueries();
  assertEquals(subscriptions.size, 2);
  subscriptions.queueEnded();
  assertEquals(subscriptions.size, 1);
  subscriptions.disposed();

  assertEquals([subscriptions.size, timers.pending], [0, 0]);
  await Promise.all(waits);
});

test("Subscriptions keeps no entry of waits that are aborted, timed out, or rejected", async () => {
  const { subscriptions, timers } = idleSubscriptions();
  const controller = new AbortController();
  waitForAll(subscriptions, { signal: controller.signal });
  controller.abort();
  assertEquals([subscriptions.size, subscriptions.hasArgs], [0, false]);

  waitForAll(subscriptions, { timeoutMs: 1 });
  timers.advance(1);
  assertEquals([subscriptions.size, subscriptions.hasArgs], [0, false]);

  const [...waits] = waitForAll(subscriptions, {});
  subscriptions.rejectAll(new Error("disposing"));
  assertEquals([subscriptions.size, subscriptions.hasArgs], [1, false]);
  subscriptions.disposed();

  assertEquals(await Promise.all(waits.map(settlementOf)), [...new Array(6).fill("rejected"), "resolved"]);
});

test("Subscriptions keeps no entry of a wait whose signal was aborted before", () => {
  const { subscriptions } = idleSubscriptions();

  waitForAll(subscriptions, { signal: AbortSignal.abort() });

  assertEquals([subscriptions.size, subscriptions.hasArgs], [0, false]);
});

test("Subscriptions settles 100,000 waits on one signal at once", async () => {
  const { subscriptions } = idleSubscriptions();
  const controller = new AbortController();
  let last: Promise<unknown> = Promise.resolve();
  for (let i = 0; i < 100_000; i++) last = subscriptions.whenStates([0], true, { signal: controller.signal });

  controller.abort();

  assertEquals([subscriptions.size, await settlementOf(last)], [0, "rejected"]);
});
