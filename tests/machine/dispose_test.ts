import {
  Canceled,
  Executed,
  Machine,
  MachineDisposedError,
  type MachineOptions,
  StateExpiredError,
} from "@asyncmachine/asyncmachine";
import { assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { test } from "../_harness.ts";
import { countedController, eventLoopTurn, FakeClock, microtasks, settlementOf, signalNoting } from "./_fakes.ts";

// The order of things

test("Machine.dispose() tells tracers, state signals, waits, onDispose, the machine's signal, whenDisposed, in order", async () => {
  const machine = new Machine({ A: {} }, { id: "m" });
  const log: string[] = [];
  machine.bindTracer({ machineDispose: (of) => void log.push(`tracer ${of.id} ${of.disposed}`) });
  machine.stateSignal("A").addEventListener("abort", () => void log.push("state signal"));
  machine.when("A").catch(() => log.push("when"));
  machine.onDispose((id, signal) => void log.push(`onDispose 1 ${id} ${signal.aborted} ${machine.disposed}`));
  machine.onDispose(() => void log.push("onDispose 2"));
  machine.signal.addEventListener("abort", () => void log.push("signal"));
  void machine.whenDisposed({ signal: signalNoting(log, "whenDisposed") });
  const disposal = machine.dispose().then(() => log.push("dispose"));
  log.push("returned");

  await disposal;

  assertEquals(log, [
    "returned",
    "tracer m true",
    "state signal",
    "onDispose 1 m false true",
    "onDispose 2",
    "signal",
    "whenDisposed",
    ...["when", "dispose"], // promises tell in a microtask
  ]);
});

test("Machine.onDispose() receives a signal that is not aborted yet, though nobody read it before", async () => {
  const machine = new Machine({ A: {} });
  let signal: AbortSignal | undefined;
  let wasAborted: boolean | undefined;
  machine.onDispose((_, given) => {
    signal = given;
    wasAborted = given.aborted;
  });

  await machine.dispose();

  assertEquals([wasAborted, signal!.aborted], [false, true]);
  assertInstanceOf(signal!.reason, MachineDisposedError);
});

test("Machine.onDispose() that throws keeps others from nothing", async () => {
  const machine = new Machine({ A: {} });
  const told: string[] = [];
  machine.onInternalError(({ message }) => void told.push(message));
  machine.onDispose(() => {
    throw new Error("kept to itself");
  });
  machine.onDispose(() => void told.push("second"));
  machine.onDispose(() => void told.push("detached")).detach();

  await machine.dispose();

  assertEquals([told, machine.disposed, machine.signal.aborted], [["kept to itself", "second"], true, true]);
});

test("Machine.dispose() is disposing at once, and disposed in a microtask", async () => {
  const machine = new Machine({ A: {} });
  machine.add("A");

  const disposal = machine.dispose();

  assertEquals([machine.is("A"), machine.disposed], [false, false]);
  await disposal;
  assertEquals(machine.disposed, true);
});

test("Machine.dispose() takes handlers off", async () => {
  const machine = new Machine({ A: {} });
  const binding = machine.bindHandlers({ AState() {} });

  await machine.dispose();
  binding.detach();
  machine.bindHandlers({ AState() {} }).detach();

  assertEquals(machine.add("A"), Canceled);
});

test("Machine.dispose() returns one promise, and disposes once", async () => {
  const machine = new Machine({ Start: {} });
  let calls = 0;
  machine.bindTracer({ machineDispose: () => void calls++ });
  machine.onDispose(() => void calls++);

  const first = machine.dispose();
  assertStrictEquals(machine.dispose(), first);
  await first;
  assertStrictEquals(machine.dispose(), first);
  await eventLoopTurn();

  assertEquals(calls, 2);
});

test("Machine is disposed at the end of an await using block", async () => {
  let kept: Machine | undefined;
  {
    await using machine = new Machine({ A: {} });
    kept = machine as unknown as Machine;
  }

  assertEquals(kept.disposed, true);
});

test("Machine is disposing at the end of a using block", async () => {
  let kept: Machine | undefined;
  {
    using machine = new Machine({ A: {} });
    kept = machine as unknown as Machine;
    kept.add("A");
  }

  assertEquals([kept.is("A"), kept.disposed], [false, false]);
  await kept.dispose();
  assertEquals(kept.disposed, true);
});

test("Machine.disposeForce() is done when it returns, and leaves Start as it is", async () => {
  const machine = new Machine({ Start: {} });
  let calls = 0;
  machine.add("Start");
  machine.bindHandlers({ StartEnd: () => void calls++ });
  machine.bindTracer({ machineDispose: () => void (calls += 10) });

  machine.disposeForce();
  machine.disposeForce();

  assertEquals([machine.disposed, machine.signal.aborted, calls], [true, true, 10]);
  await machine.dispose();
  await machine.whenDisposed();
});

test("Machine.disposeForce() after dispose() tells everybody once", async () => {
  const machine = new Machine({ A: {} });
  let calls = 0;
  machine.bindTracer({ machineDispose: () => void calls++ });
  const disposal = machine.dispose();

  machine.disposeForce();
  await disposal;

  assertEquals([machine.disposed, calls], [true, 1]);
});

test("Machine.disposeForce() in a handler lets the handler's mutation end", () => {
  const machine = new Machine({ A: {}, B: {} });
  machine.bindHandlers({
    AState() {
      machine.add("B");
      machine.disposeForce();
    },
    BState: () => {
      throw new Error("dropped");
    },
  });

  assertEquals([machine.add("A"), machine.disposed, machine.err], [Executed, true, null]);
});

// Start

test("Machine.dispose() removes Start first, and all that its handlers lead to", async () => {
  const machine = new Machine({ Start: {}, Ready: { require: ["Start"] }, Stopped: {} });
  const log: string[] = [];
  machine.add(["Start", "Ready"]);
  machine.bindHandlers({
    ReadyEnd: () => void log.push("ReadyEnd"),
    StartEnd: () => void log.push("StartEnd", `${machine.add("Stopped")}`),
    StoppedState: () => void log.push(`StoppedState ${machine}`),
  });
  machine.bindTracer({ machineDispose: () => void log.push("disposed") });

  const disposal = machine.dispose();

  assertEquals(log, ["StartEnd", "4", "ReadyEnd", "StoppedState (Stopped:1)"]);
  await disposal;
  assertEquals(log.at(-1), "disposed");
});

test("Machine.dispose() disposes though a handler refuses to let Start go", async () => {
  const machine = new Machine({ Start: {} });
  machine.add("Start");
  machine.bindHandlers({ StartExit: () => false });

  await machine.dispose();

  assertEquals(machine.disposed, true);
});

test("Machine.dispose() disposes though a handler of Start throws, with throwErrors", async () => {
  const machine = new Machine({ Start: {} }, { throwErrors: true });
  const told: string[] = [];
  machine.add("Start");
  machine.onInternalError(({ message }) => void told.push(message));
  machine.bindHandlers({
    StartEnd() {
      throw new Error("thrown");
    },
  });

  await machine.dispose();

  assertEquals([machine.disposed, told], [true, ["thrown"]]);
});

test("Machine.dispose() in a handler of Start's end disposes once", async () => {
  const machine = new Machine({ Start: {} });
  let calls = 0;
  const disposals: Promise<void>[] = [];
  machine.add("Start");
  machine.bindTracer({ machineDispose: () => void calls++ });
  machine.bindHandlers({ StartEnd: () => void disposals.push(machine.dispose()) });

  const disposal = machine.dispose();
  await disposal;

  assertStrictEquals(disposals[0], disposal);
  assertEquals(calls, 1);
});

// From inside

test("Machine.dispose() in a handler ends the transition, drops the queue, and does not remove Start", async () => {
  const machine = new Machine({ Start: {}, A: {}, B: {} });
  const log: string[] = [];
  machine.add("Start");
  machine.bindTracer({
    transitionEnd: (tx) => void log.push(`end ${tx.mutation.states} ${tx.accepted}`),
    queueEnd: () => void log.push("queueEnd"),
    mutationQueued: (_, { type }) => void (type === "remove" && log.push("queued remove")),
    machineDispose: () => void log.push("disposed"),
  });
  machine.bindHandlers({
    AState() {
      machine.add("B");
      void machine.dispose();
      log.push(`${machine.queueLength} ${machine.add("B")} ${machine.is("Start")}`);
    },
    AnyState: () => void log.push("AnyState"),
    StartEnd: () => void log.push("StartEnd"),
  });

  assertEquals(machine.add("A"), Executed);
  assertEquals(log, ["0 1 false", "AnyState", "end A true", "queueEnd"]);
  await machine.whenDisposed();
  assertEquals(log.at(-1), "disposed");
});

test("Machine.dispose() in a negotiation handler lets the transition be refused", () => {
  const machine = new Machine({ A: {} });
  machine.bindHandlers({
    AEnter() {
      void machine.dispose();
      return false;
    },
  });

  assertEquals(machine.add("A"), Canceled);
});

test("Machine.dispose() in a handler that then throws adds no Exception", async () => {
  const machine = new Machine({ A: {} });
  const states: unknown[] = [];
  machine.bindTracer({ transitionInit: (tx) => void states.push(tx.mutation.states) });
  machine.bindHandlers({
    AState() {
      void machine.dispose();
      throw new Error("thrown");
    },
  });

  assertEquals(machine.add("A"), Canceled);
  await machine.whenDisposed();
  assertEquals([states, machine.err?.message], [[["A"]], "thrown"]);
});

test("Machine.dispose() in a handler tries no auto states", () => {
  const machine = new Machine({ A: {}, Auto: { auto: true } });
  const states: unknown[] = [];
  machine.bindTracer({ transitionInit: (tx) => void states.push(tx.mutation.states) });
  machine.bindHandlers({ AState: () => void machine.dispose() });

  machine.add("A");

  assertEquals(states, [["A"]]);
});

for (const where of ["onChange", "onError", "tracer", "listener"] as const) {
  test(`Machine.dispose() in ${where} is possible`, async () => {
    const machine = new Machine({ A: {} });
    const dispose = () => void machine.dispose();
    if (where === "onChange") machine.onChange(dispose);
    if (where === "onError") machine.onError(dispose);
    if (where === "tracer") machine.bindTracer({ transitionStart: dispose });
    if (where === "listener") machine.stateSignal("A").addEventListener("abort", dispose);

    machine.add("A");
    machine.addErr(new Error("added"));
    await machine.whenDisposed();

    assertEquals(machine.disposed, true);
  });
}

// Reading and changing, meanwhile and afterwards

test("Machine that is being disposed, or is, has nothing active and takes no mutation", async () => {
  const machine = new Machine({ A: {}, B: {} }, { id: "m", tags: ["t"] });
  machine.add(["A", "Exception"]);
  machine.addErr(new Error("kept"));
  const disposal = machine.dispose();

  for (let i = 0; i < 2; i++) {
    const unknown = "Foo" as "A";
    assertEquals([machine.is("A"), machine.is([]), machine.not("A"), machine.not([])], [false, false, false, false]);
    assertEquals([machine.any("A"), machine.any(), machine.has("A"), machine.has([])], [false, false, false, false]);
    assertEquals([machine.isErr(), machine.switch(["A"])], [false, ""]);
    assertEquals([machine.tick("A"), machine.time(), machine.time(["A"]), machine.clock()], [0, [], [], {}]);
    assertEquals([machine.activeStates(), machine.activeStates(["A"])], [[], []]);
    assertEquals([machine.index("A"), machine.index(["A", "B"])], [-1, []]);
    assertEquals([machine.toString(), machine.stringAll(), machine.inspect()], ["", "", ""]);
    assertEquals([machine.add("A"), machine.remove("A"), machine.set("A"), machine.toggle("A")], [1, 1, 1, 1]);
    assertEquals([machine.canAdd("A"), machine.canRemove("A"), machine.addErr(new Error("late"))], [1, 1, 1]);
    assertEquals([machine.add(unknown), machine.not(unknown), machine.canAdd(unknown)], [1, false, 1]);
    assertEquals(machine.addErr(new Error("late"), null, { state: unknown }), Canceled);
    assertEquals([machine.relationsOf(unknown), machine.relationsBetween(unknown, "A")], [[], []]);
    assertEquals([machine.willBe("A"), machine.findQueued({ type: "add", states: "A" })], [false, null]);
    machine.verifyStates([unknown]);
    assertEquals([machine.queueLength, machine.queue, machine.transition], [0, [], null]);
    assertEquals(machine.stateNames, ["A", "B", "Exception"]);
    assertEquals([machine.id, machine.tags, machine.err?.message, machine.queueTick], ["m", ["t"], "kept", 3]);
    assertEquals(Object.keys(machine.schema), ["A", "B", "Exception"]);
    await disposal;
  }
});

test("Machine.signal is live before a disposal, and aborted after, whenever it is read first", async () => {
  const early = new Machine({ A: {} }), late = new Machine({ A: {} }, { id: "late" });
  const { signal } = early;
  assertEquals(signal.aborted, false);

  await Promise.all([early.dispose(), late.dispose()]);

  assertInstanceOf(signal.reason, MachineDisposedError);
  assertInstanceOf(late.signal.reason, MachineDisposedError);
  assertEquals(late.signal.reason.machineId, "late");
  assertStrictEquals(late.signal, late.signal);
});

test("Machine.dispose() stops the timers of states", async () => {
  const clock = new FakeClock();
  const machine = new Machine({ Foo: { timeoutMs: 50 } }, { clock });
  machine.add("Foo");
  assertEquals(clock.pending, 1);

  await machine.dispose();

  assertEquals(clock.pending, 0);
});

// The option signal

test("Machine disposes itself when its signal is aborted, handlers or not", async () => {
  const controller = new AbortController();
  const machine = new Machine({ A: {} }, { signal: controller.signal });
  machine.add("A");

  controller.abort();

  assertEquals(machine.is("A"), false);
  await machine.whenDisposed();
});

test("Machine does not remove Start when its signal is aborted", async () => {
  const controller = new AbortController();
  const machine = new Machine({ Start: {} }, { signal: controller.signal });
  let calls = 0;
  machine.add("Start");
  machine.bindHandlers({ StartEnd: () => void calls++ });

  controller.abort();
  await machine.whenDisposed();

  assertEquals(calls, 0);
});

test("Machine made with an aborted signal is being disposed", async () => {
  const machine = new Machine({ A: {} }, { signal: AbortSignal.abort() });

  assertEquals(machine.add("A"), Canceled);
  await machine.whenDisposed();
});

test("Machine lets go of its signal when it is disposed", async () => {
  const counted = countedController();
  const machine = new Machine({ A: {} }, { signal: counted.signal });
  assertEquals(counted.now, 1);

  await machine.dispose();

  assertEquals([counted.now, counted.ever], [0, 1]);
});

/** A machine that has a state for taking leave. */
function leaving(options: MachineOptions = {}): {
  machine: Machine<{ Disposing: object }>;
  controller: AbortController;
  clock: FakeClock;
} {
  const controller = new AbortController();
  const clock = new FakeClock();
  const machine = new Machine({ Disposing: {} }, { ...options, signal: controller.signal, clock });
  return { machine, controller, clock };
}

test("Machine adds Disposing when its signal is aborted, and goes on until somebody disposes it", async () => {
  const { machine, controller, clock } = leaving();

  controller.abort();
  await microtasks();

  assertEquals([machine.is("Disposing"), machine.disposed], [true, false]);
  await machine.dispose();
  assertEquals([machine.disposed, clock.pending], [true, 0]);
});

test("Machine whose handler of Disposing disposes it is disposed", async () => {
  const { machine, controller } = leaving();
  machine.bindHandlers({ DisposingState: () => void machine.dispose() });

  controller.abort();

  await machine.whenDisposed();
});

test("Machine that nobody disposes after Disposing is disposed in the end", async () => {
  const { machine, controller, clock } = leaving();
  controller.abort();

  clock.advance(1999);
  assertEquals(await settlementOf(machine.whenDisposed()), "pending");
  clock.advance(1);

  await machine.whenDisposed();
});

test("Machine queues Disposing when its signal is aborted in a handler", () => {
  const controller = new AbortController();
  const machine = new Machine({ A: {}, Disposing: {} }, { signal: controller.signal, clock: new FakeClock() });
  const seen: unknown[] = [];
  machine.bindHandlers({ AState: () => void (controller.abort(), seen.push(machine.is("Disposing"))) });

  assertEquals(machine.add("A"), Executed);
  assertEquals([seen, machine.is("Disposing")], [[false], true]);
});

test("Machine throws nothing at who aborts its signal, with throwErrors", () => {
  const { machine, controller } = leaving({ throwErrors: true });
  const told: string[] = [];
  machine.onInternalError(({ message }) => void told.push(message));
  machine.bindHandlers({
    DisposingState() {
      throw new Error("thrown");
    },
  });

  controller.abort();

  assertEquals([told, machine.err?.message], [["thrown"], "thrown"]);
});

test("Machine whose signal is aborted once it is disposed does nothing", async () => {
  const { machine, controller, clock } = leaving();
  await machine.dispose();

  controller.abort();

  assertEquals([machine.queueTick, clock.pending], [1, 0]);
});

test("Machine's state signals of before are aborted as expired, those of the end as disposed", async () => {
  const machine = new Machine({ A: {} });
  const before = machine.stateSignal("A");
  machine.add("A");
  const after = machine.stateSignal("A");

  await machine.dispose();

  assertInstanceOf(before.reason, StateExpiredError);
  assertInstanceOf(after.reason, MachineDisposedError);
});
