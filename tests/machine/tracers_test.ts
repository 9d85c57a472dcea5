import { Canceled, Executed, Machine, NoOpTracer, type Tracer, type Transition } from "@asyncmachine/asyncmachine";
import { assert, assertEquals, assertInstanceOf, assertStrictEquals, assertThrows } from "@std/assert";
import { TracerList } from "../../machine/_tracers.ts";
import { test } from "../_harness.ts";
import { TRACER_HOOKS, TRANSITION_HOOKS } from "./_fakes.ts";

/** A tracer that notes its calls. */
function noting(calls: string[], prefix = ""): Tracer {
  const told = ({ mutation, accepted }: Transition) =>
    `${mutation.isAuto ? "auto " : ""}${
      mutation.isCheck ? "check " : ""
    }${mutation.type} ${mutation.states} ${accepted}`;
  const note = (text: string) => void calls.push(prefix + text);
  return {
    machineInit: () => note("machineInit"),
    verifyStates: () => note("verifyStates"),
    mutationQueued: (_, { type, states }) => note(`queued ${type} ${states}`),
    transitionInit: (tx) => note(`init ${told(tx)}`),
    transitionStart: (tx) => note(`start ${told(tx)}`),
    handlerStart: (_, binding, name) => note(`handlerStart ${binding} ${name}`),
    handlerEnd: (_, binding, name) => note(`handlerEnd ${binding} ${name}`),
    transitionFinals: (tx) => note(`finals ${told(tx)}`),
    transitionEnd: (tx) => note(`end ${told(tx)}`),
    queueEnd: () => note("queueEnd"),
    machineDispose: () => note("machineDispose"),
  };
}

// The order of calls

test("Tracer hears of an accepted mutation in order", () => {
  const machine = new Machine({ A: {} });
  const calls: string[] = [];
  machine.bindHandlers({ AEnter() {}, AState() {}, AnyState() {} }, { id: "h" });
  machine.bindTracer(noting(calls));

  machine.add("A");

  assertEquals(calls, [
    "queued add A",
    "init add A true",
    "start add A true",
    ...["handlerStart h AEnter", "handlerEnd h AEnter"],
    "finals add A true",
    ...["handlerStart h AState", "handlerEnd h AState", "handlerStart h AnyState", "handlerEnd h AnyState"],
    "end add A true",
    "queueEnd",
  ]);
});

test("Tracer hears of a mutation that relations refused: no handlers, no finals", () => {
  const machine = new Machine({ A: { require: ["B"] }, B: {} });
  const calls: string[] = [];
  machine.bindHandlers({ AEnter() {}, AnyEnter() {}, AnyState() {} });
  machine.bindTracer(noting(calls));

  machine.add("A");

  assertEquals(calls, ["queued add A", "init add A false", "start add A false", "end add A false", "queueEnd"]);
});

test("Tracer hears of a mutation that a handler refused: no finals", () => {
  const machine = new Machine({ A: {} });
  const calls: string[] = [];
  machine.bindHandlers({ AEnter: () => false, AnyEnter() {}, AnyState() {} }, { id: "h" });
  machine.bindTracer(noting(calls));

  machine.add("A");

  assertEquals(calls, [
    "queued add A",
    "init add A true",
    "start add A true",
    ...["handlerStart h AEnter", "handlerEnd h AEnter"],
    "end add A false",
    "queueEnd",
  ]);
});

test("Tracer hears of a check: no finals", () => {
  const machine = new Machine({ A: {} });
  const calls: string[] = [];
  machine.bindHandlers({ AEnter() {}, AState() {} }, { id: "h" });
  machine.bindTracer(noting(calls));

  machine.canAdd("A");

  assertEquals(calls, [
    "queued add A",
    "init check add A true",
    "start check add A true",
    ...["handlerStart h AEnter", "handlerEnd h AEnter"],
    "end check add A true",
    "queueEnd",
  ]);
});

test("Tracer hears of an auto mutation before the end of the transition that led to it", () => {
  const machine = new Machine({ A: {}, Auto: { auto: true } });
  const calls: string[] = [];
  machine.bindTracer(noting(calls));

  machine.add("A");

  assertEquals(calls, [
    ...["queued add A", "init add A true", "start add A true", "finals add A true"],
    ...["queued add Auto", "end add A true"],
    ...["init auto add Auto true", "start auto add Auto true", "finals auto add Auto true", "end auto add Auto true"],
    "queueEnd",
  ]);
});

test("Tracer hears of a throwing handler: its Exception before its end, later bindings too", () => {
  const machine = new Machine({ A: {}, B: {} });
  const calls: string[] = [];
  machine.bindHandlers({
    AState() {
      throw new Error("thrown");
    },
  }, { id: "one" });
  machine.bindHandlers({ AState() {}, BState() {}, AnyState() {} }, { id: "two" });
  machine.bindTracer(noting(calls));

  machine.add(["A", "B"]);

  assertEquals(calls.slice(3, 10), [
    "finals add A,B true",
    ...["handlerStart one AState", "queued add Exception", "handlerEnd one AState"],
    ...["handlerStart two AState", "handlerEnd two AState"],
    "end add A,B false",
  ]);
});

test("Tracer hears of mutations of handlers when they are queued, and of one queueEnd() for all", () => {
  const machine = new Machine({ A: {}, B: {} });
  const calls: string[] = [];
  machine.bindHandlers({ AState: () => void machine.add("B") }, { id: "h" });
  machine.bindTracer(noting(calls));

  machine.add("A");

  assertEquals(calls.filter((call) => /^(queued|end|queueEnd)/.test(call)), [
    ...["queued add A", "queued add B", "end add A true", "end add B true", "queueEnd"],
  ]);
});

test("Tracer hears nothing of a duplicate that was dropped", () => {
  const machine = new Machine({ A: {}, B: {} });
  const calls: string[] = [];
  machine.bindHandlers({ AState: () => void (machine.add("B"), machine.add("B")) });
  machine.bindTracer(noting(calls));

  machine.add("A");

  assertEquals(calls.filter((call) => call === "queued add B").length, 1);
});

test("Tracer among the options hears machineInit(), one that is bound later does not", () => {
  const calls: string[] = [];

  const machine = new Machine({ A: {} }, { tracers: [noting(calls, "1 "), noting(calls, "2 ")] });
  machine.bindTracer(noting(calls, "3 "));

  assertEquals(calls, ["1 machineInit", "2 machineInit"]);
});

test("Tracer hears of verifyStates() and of a disposal", async () => {
  const machine = new Machine({ A: {} });
  const calls: string[] = [];
  machine.bindTracer(noting(calls));

  machine.verifyStates(["Exception", "A"]);
  await machine.dispose();
  await machine.dispose();

  assertEquals(calls, ["verifyStates", "machineDispose"]);
});

// What a transition tells

test("Transition tells at transitionInit() what it will lead to", () => {
  const machine = new Machine({ A: {}, B: { remove: ["A"], add: ["C"] }, C: {} });
  machine.add("A");
  const seen: unknown[] = [];
  machine.bindTracer({
    transitionInit(tx) {
      seen.push(tx.statesBefore, tx.targetStates, tx.enters, tx.exits, tx.timeBefore, tx.timeAfter, tx.completed);
    },
  });

  machine.add("B");

  assertEquals(seen, [["A"], ["B", "C"], ["B", "C"], ["A"], [1, 0, 0, 0], [2, 1, 1, 0], false]);
});

test("Transition tells no enters and exits when relations refused it", () => {
  const machine = new Machine({ A: {}, B: { remove: ["A"] }, C: { require: ["A"] } });
  machine.add("A");
  const seen: unknown[] = [];
  machine.bindTracer({ transitionInit: (tx) => void seen.push(tx.accepted, tx.enters, tx.exits) });

  machine.add(["B", "C"]);

  assertEquals(seen, [false, [], []]);
});

test("Transition is the machine's current one from transitionInit() to transitionEnd(), and over at the latter", () => {
  const machine = new Machine({ A: {} });
  const seen: unknown[] = [];
  machine.bindTracer({
    mutationQueued: () => void seen.push(machine.transition),
    transitionInit: (tx) => void seen.push(machine.transition === tx, tx.completed),
    transitionEnd: (tx) => void seen.push(machine.transition === tx, tx.completed),
    queueEnd: () => void seen.push(machine.transition),
  });

  machine.add("A");

  assertEquals(seen, [null, true, false, true, true, null]);
});

test("Transition.queueLength is what waits at its end", () => {
  const machine = new Machine({ A: {}, B: {}, C: {} });
  const lengths: number[] = [];
  machine.bindHandlers({ AState: () => void (machine.add("B"), machine.add("C")) });
  machine.bindTracer({
    transitionInit: (tx) => void lengths.push(tx.queueLength),
    transitionEnd: (tx) => void lengths.push(tx.queueLength),
  });

  machine.add("A");

  assertEquals(lengths, [0, 2, 0, 1, 0, 0]);
});

test("Transition that a tracer keeps is right after 1,000 more mutations", () => {
  const machine = new Machine({ A: {}, B: {} });
  const kept: Transition[] = [];
  const binding = machine.bindTracer({ transitionEnd: (tx) => void kept.push(tx) });
  machine.add("A");
  binding.detach();

  for (let i = 0; i < 1000; i++) machine.toggle(["A", "B"]);

  const [tx] = kept;
  assertEquals([tx!.timeBefore, tx!.timeAfter, tx!.enters, tx!.targetStates], [[0, 0, 0], [1, 0, 0], ["A"], ["A"]]);
});

// Binding

test("Machine.bindTracer() calls several tracers in the order of binding", () => {
  const machine = new Machine({ A: {} });
  const calls: string[] = [];
  for (const prefix of ["1 ", "2 ", "3 "]) machine.bindTracer(noting(calls, prefix));

  machine.add("A");

  assertEquals(calls.slice(0, 6), [
    ...["1 queued add A", "2 queued add A", "3 queued add A"],
    ...["1 init add A true", "2 init add A true", "3 init add A true"],
  ]);
});

test("Machine.bindTracer() returns a binding that takes just this one off, once", () => {
  const machine = new Machine({ A: { multi: true } });
  const calls: string[] = [];
  const tracer: Tracer = { queueEnd: () => void calls.push("one") };
  const first = machine.bindTracer(tracer);
  const second = machine.bindTracer(tracer);

  first.detach();
  first.detach();
  machine.add("A");
  assertEquals(calls, ["one"]);
  second[Symbol.dispose]();
  machine.add("A");

  assertEquals(calls, ["one"]);
  assert(first.id !== second.id);
});

test("Machine.bindTracer() in a tracer's method counts from the next call on", () => {
  const machine = new Machine({ A: {} });
  const calls: string[] = [];
  machine.bindTracer({ mutationQueued: () => void machine.bindTracer(noting(calls)) });

  machine.add("A");

  assertEquals(calls[0], "init add A true");
});

test("Machine.bindTracer() hands a method its tracer as this", () => {
  class Counter extends NoOpTracer {
    count = 0;
    override transitionEnd() {
      this.count++;
    }
  }
  const machine = new Machine({ A: {} });
  const counter = new Counter();
  machine.bindTracer(counter);

  machine.add("A");

  assertEquals(counter.count, 1);
});

test("Machine.bindTracer() reads methods when the tracer is bound, and not again", () => {
  const machine = new Machine({ A: {} });
  const calls: string[] = [];
  const tracer: Tracer & { transitionEnd?: () => void; queueEnd: () => void } = {
    queueEnd: () => void calls.push("first"),
  };
  machine.bindTracer(tracer);
  tracer.queueEnd = () => void calls.push("second");
  tracer.transitionEnd = () => void calls.push("late");

  machine.add("A");
  machine.bindTracer(tracer);
  machine.remove("A");

  assertEquals(calls, ["first", "late", "first", "second"]);
});

test("Tracer gets its methods called on itself, also those that it inherits", () => {
  const machine = new Machine({ A: {} });
  class Base extends NoOpTracer {
    calls = 0;
    override queueEnd() {
      this.calls++;
    }
  }
  class Derived extends Base {}
  const tracer = new Derived();
  machine.bindTracer(tracer);

  machine.add("A");

  assertEquals(tracer.calls, 1);
});

test("Tracer that extends NoOpTracer and overrides nothing leaves transitions as they are without it", () => {
  const machine = new Machine({ A: { remove: ["B"] }, B: { auto: true } }, { tracers: [new NoOpTracer()] });
  const calls: string[] = [];
  machine.bindTracer({ transitionEnd: ({ id, mutation }) => void calls.push(`${mutation.states} ${id.split("-")[1]}`) })
    .detach();
  machine.add("A");
  machine.bindTracer({
    transitionEnd: ({ id, mutation }) => void calls.push(`${mutation.states} ${id.split("-")[1]}`),
  });

  machine.remove("A");

  assertEquals(calls, ["A 2", "B 3"]);
  assertEquals(machine.queueTick, 3);
});

test("Machine.bindTracer() wants an object", () => {
  const machine = new Machine({ A: {} });

  for (const tracer of [null, undefined, 7, "tracer"]) {
    assertThrows(() => machine.bindTracer(tracer as unknown as Tracer), TypeError, "Cannot bind tracer");
  }
});

test("NoOpTracer has a method for everything, and does nothing", async () => {
  const tracer = new NoOpTracer();
  for (const hook of TRACER_HOOKS) {
    assertEquals((tracer as unknown as Record<string, () => unknown>)[hook]!(), undefined, hook);
  }
  const machine = new Machine({ A: {} }, { logLevel: "everything", logger() {}, tracers: [tracer] });
  machine.bindHandlers({ AState() {} });

  assertEquals(machine.add("A"), Executed);
  machine.verifyStates(["Exception", "A"]);
  await machine.dispose();
});

// Errors

for (const hook of TRANSITION_HOOKS) {
  test(`Tracer whose ${hook}() throws changes neither results nor what others hear, and goes after ten errors`, () => {
    const machine = new Machine({ A: { multi: true } });
    const told: Error[] = [];
    let calls = 0, others = 0;
    machine.onInternalError((error) => void told.push(error));
    machine.bindHandlers({ AState() {} });
    const { id } = machine.bindTracer({
      [hook]() {
        calls++;
        throw new Error("thrown");
      },
    });
    machine.bindTracer({ [hook]: () => void others++ });

    const results = Array.from({ length: 15 }, () => machine.add("A"));

    assertEquals([results.every((result) => result === Executed), calls, others], [true, 10, 15]);
    assertEquals(told.map(({ message }) => message), [`Cannot use tracer "${id}": it threw 10 times`]);
    assertInstanceOf(told[0]!.cause, Error);
    assertEquals(machine.err, null);
  });
}

test("Tracer whose machineInit(), verifyStates() and machineDispose() throw disturbs nothing", async () => {
  const throws = () => {
    throw new Error("thrown");
  };
  const machine = new Machine({ A: {} }, {
    tracers: [{ machineInit: throws, verifyStates: throws, machineDispose: throws }],
  });

  machine.verifyStates(["Exception", "A"]);
  await machine.dispose();

  assertEquals(machine.disposed, true);
});

test("Tracer that throws in different methods goes after ten errors altogether", () => {
  const machine = new Machine({ A: { multi: true } });
  let calls = 0;
  const throws = () => {
    calls++;
    throw new Error("thrown");
  };
  machine.bindTracer({ transitionInit: throws, transitionStart: throws, transitionEnd: throws });

  for (let i = 0; i < 10; i++) machine.add("A");

  assertEquals(calls, 10);
});

test("Tracer whose methods cannot be called goes after ten errors, and one that cannot be read is not called", () => {
  for (const queueEnd of [7, {}, "text"]) {
    const machine = new Machine({ A: { multi: true } });
    const told: Error[] = [];
    machine.onInternalError((error) => void told.push(error));
    machine.bindTracer({ queueEnd } as unknown as Tracer);
    let starts = 0;
    machine.bindTracer({
      transitionStart: () => void starts++,
      get queueEnd(): () => void {
        throw new Error("refused");
      },
    });

    for (let i = 0; i < 12; i++) assertEquals(machine.add("A"), Executed);

    assertEquals(told.length, 1);
    assertEquals(starts, 12);
  }
});

test("Tracer that is detached while it throws is not told about", () => {
  const machine = new Machine({ A: { multi: true } });
  const told: Error[] = [];
  let calls = 0;
  machine.onInternalError((error) => void told.push(error));
  const binding = machine.bindTracer({
    queueEnd() {
      if (++calls === 10) binding.detach();
      throw new Error("thrown");
    },
  });

  for (let i = 0; i < 12; i++) machine.add("A");

  assertEquals([calls, told], [10, []]);
});

test("Tracer whose wants cannot be read wants nothing", () => {
  const machine = new Machine({ A: {} });
  let entries = -1;
  machine.bindTracer({
    get wants(): never {
      throw new Error("refused");
    },
    transitionEnd: (tx) => void (entries = tx.logEntries.length),
  });

  assertEquals(machine.add("A"), Executed);
  assertEquals(entries, 0);
});

test("Tracer's wants are read when it is bound", () => {
  const machine = new Machine({ A: {} });
  const tracer = {
    wants: { steps: false },
    count: -1,
    transitionEnd: (tx: Transition) => tracer.count = tx.steps.length,
  };
  machine.bindTracer(tracer);
  tracer.wants = { steps: true };

  machine.add("A");

  assertEquals(tracer.count, 0);
});

test("Tracer that refuses nothing sees a canceled mutation as canceled", () => {
  const machine = new Machine({ A: { require: ["B"] }, B: {} });
  const accepted: boolean[] = [];
  machine.bindTracer({ transitionEnd: (tx) => void accepted.push(tx.accepted) });

  assertEquals(machine.add("A"), Canceled);
  assertEquals(accepted, [false]);
});

// The list

test("TracerList tells what its tracers want together, whenever that changes", () => {
  const wants: unknown[] = [];
  const list = new TracerList({
    tracersWant: (want) => void wants.push(want),
    tracerDetached() {},
    reportInternalError() {},
  });
  assertEquals(list.isEmpty, true);

  const first = list.bind({ wants: { checkSteps: true, logLevel: "ops" } });
  list.bind({ wants: { args: true, logLevel: "external" } });
  first.detach();
  first.detach();

  assertEquals(wants, [
    { steps: true, checkSteps: true, args: false, logLevels: ["ops"] },
    { steps: true, checkSteps: true, args: true, logLevels: ["ops", "external"] },
    { steps: false, checkSteps: false, args: true, logLevels: ["external"] },
  ]);
  assertStrictEquals(list.wants, wants.at(-1));
  assertEquals(list.isEmpty, false);
});

test("TracerList.inheritable has the tracers that say so", () => {
  const list = new TracerList({ tracersWant() {}, tracerDetached() {}, reportInternalError() {} });
  const heir: Tracer = { inheritable: true };
  list.bind(heir);
  list.bind({ inheritable: false });
  list.bind({});
  list.bind({
    get inheritable(): boolean {
      throw new Error("refused");
    },
  });

  assertEquals(list.inheritable.length, 1);
  assertStrictEquals(list.inheritable[0], heir);
});
