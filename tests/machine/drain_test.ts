import {
  AutoLoopError,
  Canceled,
  DrainLimitError,
  Executed,
  isQueued,
  Machine,
  type MachineApi,
  type MachineClock,
} from "@asyncmachine/asyncmachine";
import {
  assert,
  assertEquals,
  assertGreater,
  assertInstanceOf,
  assertLess,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { test } from "../_harness.ts";
import { eventLoopTurn, revokedProxy, TRANSITION_HOOKS, unreadableError } from "./_fakes.ts";

/** How many calls lie on the stack, as far as the runtime tells; 0 where it does not. */
function stackDepth(): number {
  const Limited = Error as ErrorConstructor & { stackTraceLimit?: number };
  const { stackTraceLimit } = Limited;
  Limited.stackTraceLimit = 1000;
  const depth = new Error().stack?.split("\n").length ?? 0;
  if (stackTraceLimit !== undefined) Limited.stackTraceLimit = stackTraceLimit;
  return depth;
}

// Mutations made while the queue is worked on

test("Machine.add() runs mutations of handlers one after the other, not one in the other", () => {
  const machine = new Machine({ A: { multi: true } }, { maxDrain: 0 });
  const depths = new Set<number>();
  let rounds = 0;
  machine.bindHandlers({
    AState() {
      depths.add(stackDepth());
      if (++rounds < 20_000) machine.add("A");
    },
  });

  machine.add("A");

  assertEquals(rounds, 20_000);
  assertEquals(depths.size, 1);
});

test("Machine.add() in a handler returns its queue tick, and runs after the transition", () => {
  const machine = new Machine({ A: {}, B: {} });
  const seen: unknown[] = [];
  machine.bindHandlers({
    AState: () => void seen.push(machine.add("B"), machine.is("B")),
    BState: () => void seen.push("BState"),
  });

  seen.push(machine.add("A"));

  assertEquals(seen, [3, false, "BState", Executed]);
});

test("Machine.add() in onChange is queued", () => {
  const machine = new Machine({ A: {}, B: {} });
  const results: number[] = [];
  const binding = machine.onChange(() => {
    binding.detach();
    results.push(machine.add("B"));
  });

  machine.add("A");

  assertEquals(results, [3]);
  assertEquals(machine.activeStates(), ["B", "A"]);
});

for (
  const hook of ["mutationQueued", "transitionInit", "transitionStart", "transitionFinals", "transitionEnd"] as const
) {
  test(`Machine.add() in a tracer's ${hook}() is queued`, () => {
    const machine = new Machine({ A: {}, B: {} });
    let isFirst = true;
    let result = 0;
    machine.bindTracer({
      [hook]() {
        if (!isFirst) return;
        isFirst = false;
        result = machine.add("B");
      },
    });

    assertEquals(machine.add("A"), Executed);
    assertEquals(result, 3);
    assertEquals(machine.activeStates(), ["B", "A"]);
  });
}

test("Machine.add() in a tracer's handlerStart() and handlerEnd() is queued", () => {
  const machine = new Machine({ A: {}, B: {}, C: {} });
  const results: number[] = [];
  machine.bindHandlers({ AState() {} });
  machine.bindTracer({
    handlerStart: () => void results.push(machine.add("B")),
    handlerEnd: () => void results.push(machine.add("C")),
  });

  machine.add("A");

  assertEquals(results, [3, 4]);
  assertEquals(machine.activeStates(), ["C", "B", "A"]);
});

test("Machine.add() in queueEnd() is queued, run, and followed by another queueEnd()", () => {
  const machine = new Machine({ A: {}, B: {} });
  const seen: unknown[] = [];
  machine.bindTracer({
    queueEnd() {
      seen.push(machine.transition, machine.activeStates());
      if (!machine.is("B")) seen.push(machine.add("B"));
    },
  });

  machine.add("A");

  assertEquals(seen, [null, ["A"], 3, null, ["B", "A"]]);
});

test("Machine.add() in a logger is queued, also when the line is written before the queue is worked on", () => {
  let machine: MachineApi | undefined = undefined;
  const results: number[] = [];
  const logger = (_level: string, line: string) => {
    if (line.endsWith("[queue:add] A") || line.endsWith("[state] +A")) results.push(machine!.add("B", { n: 1 }));
  };
  machine = new Machine({ A: {}, B: { multi: true } }, { logLevel: "ops", logger }) as unknown as MachineApi;

  assertEquals(machine.add("A"), Executed);
  assertEquals(results, [3, 4]);
  assertEquals(machine.tick("B"), 3);
});

test("Machine.add() in a logger that adds at every line ends", () => {
  let lines = 0;
  const machine: Machine<{ A: { multi: true } }> = new Machine({ A: { multi: true } }, {
    maxDrain: 50,
    logLevel: "changes",
    logger() {
      if (++lines > 10_000) throw new Error("endless");
      machine.add("A");
    },
  });

  machine.add("A");

  assertLess(lines, 1000);
  assertInstanceOf(machine.err, DrainLimitError);
  assertEquals(machine.queueLength, 0);
});

test("Machine.add() returns the result of its own transition, not of those that ran before it", () => {
  const machine = new Machine({ A: {}, B: { require: ["A"] }, C: {} });
  machine.bindTracer({
    mutationQueued(_, mutation) {
      if (mutation.states[0] === "C") machine.canAdd("B");
    },
  });

  assertEquals(machine.add("C"), Executed);
});

test("Machine.add() returns the result of its own transition, not of those that ran after it", () => {
  const machine = new Machine({ A: {}, B: { require: ["C"] }, C: {} });
  machine.bindHandlers({ AState: () => void machine.add("B") });

  assertEquals(machine.add("A"), Executed);
});

test("Machine.add() of a handler that disposes the machine returns its own result, and drops what waits", () => {
  const machine = new Machine({ A: {}, B: {} });
  const entered: string[] = [];
  machine.bindHandlers({
    AState() {
      machine.add("B");
      machine.dispose();
    },
    AnyState: (e) => void entered.push(...e.transition.enters),
  });

  assertEquals(machine.add("A"), Executed);
  assertEquals(entered, ["A"]);
});

test("Machine.add() is canceled when the machine is disposed before its transition", () => {
  const machine = new Machine({ A: {} });
  machine.bindTracer({ mutationQueued: () => void machine.dispose() });

  assertEquals(machine.add("A"), Canceled);
});

// maxDrain

test("Machine ends handlers that queue one another for ever in a DrainLimitError with the last ten mutations", () => {
  const machine = new Machine({ A: {}, B: {} }, { maxDrain: 25 });
  machine.bindHandlers({
    AState: () => void machine.set("B"),
    BState: () => void machine.set("A"),
  });

  machine.set("A");

  const { err } = machine;
  assertInstanceOf(err, DrainLimitError);
  assertEquals(err.limit, 25);
  assertEquals(err.mutations, Array.from({ length: 10 }, (_, i) => i % 2 === 0 ? "set B" : "set A"));
});

test("Machine empties the queue at the limit, and runs the error in a drain of its own", () => {
  const machine = new Machine({ A: { multi: true }, B: {} }, { maxDrain: 20 });
  let calls = 0;
  machine.bindHandlers({
    AState() {
      calls++;
      machine.add("A");
      machine.add("B", { calls });
    },
  });

  machine.add("A");

  assertEquals(machine.isErr(), true);
  assertEquals(machine.queueLength, 0);
  assertEquals(machine.add("B"), Executed);
});

test("Machine counts every item of the queue: checks, evals, autos and mutations alike", () => {
  for (const [maxDrain, isErr] of [[4, false], [3, true]] as const) {
    const machine = new Machine({ A: {}, Auto: { auto: true } }, { maxDrain });
    machine.bindHandlers({
      AState() {
        machine.canAdd("A");
        void machine.eval("test", () => {});
      },
    });

    machine.add("A"); // A, Auto, the eval, the check

    assertEquals(machine.isErr(), isErr);
  }
});

test("Machine runs exactly as many items as maxDrain says", () => {
  for (const [items, isErr] of [[10, false], [11, true]] as const) {
    const machine = new Machine({ A: { multi: true } }, { maxDrain: 10 });
    let calls = 0;
    machine.bindHandlers({ AState: () => void (++calls < items && machine.add("A")) });
    machine.add("A");
    assertEquals([calls, machine.isErr()], [10, isErr]);
  }
});

test("Machine gives what handlers answer to a DrainLimitError its own time", () => {
  const machine = new Machine({ A: { multi: true }, B: {}, C: {} }, { maxDrain: 20 });
  machine.bindHandlers({
    AState: () => void machine.add("A"),
    ExceptionState: () => void machine.add("B"),
    BState: () => void machine.add("C"),
  });

  machine.add("A");

  assertEquals(machine.is(["Exception", "B", "C"]), true);
});

test("Machine ends even when ExceptionState queues for ever, and tells onInternalError about it", () => {
  const machine = new Machine({ A: { multi: true } }, { maxDrain: 30 });
  const told: Error[] = [];
  let calls = 0;
  machine.onInternalError((error) => told.push(error));
  machine.bindHandlers({
    AState: () => void machine.add("A"),
    ExceptionState() {
      if (++calls > 1000) throw new Error("endless");
      machine.addErr(new Error("again"));
    },
  });

  machine.add("A");

  assertLess(calls, 40);
  assertEquals(told.map(({ name }) => name), ["DrainLimitError"]);
  assertEquals(machine.queueLength, 0);
  machine.remove("Exception");
  assertEquals(machine.isErr(), false);
});

test("Machine ends when a tracer queues at every queueEnd()", () => {
  const machine = new Machine({ A: { multi: true } }, { maxDrain: 30 });
  let calls = 0;
  machine.bindTracer({
    queueEnd() {
      if (++calls > 1000) throw new Error("endless");
      machine.add("A");
    },
  });

  machine.add("A");

  assertLess(calls, 100);
  assertEquals(machine.queueLength, 0);
});

test("Machine ends when onInternalError answers the second DrainLimitError with a mutation", () => {
  const machine = new Machine({ A: { multi: true } }, { maxDrain: 30 });
  let told = 0;
  machine.onInternalError(() => {
    if (++told > 100) throw new Error("endless");
    machine.add("A");
  });
  machine.bindHandlers({ AState: () => void machine.add("A"), ExceptionState: () => void machine.add("A") });

  machine.add("A");

  assertEquals(told, 1);
  assertEquals(machine.queueLength, 0);
});

test("Machine ends an endless chain of evals, and names no mutations", () => {
  const machine = new Machine({ A: {} }, { maxDrain: 20 });
  const again = () => void machine.eval("again", again);

  void machine.eval("again", again);

  assertInstanceOf(machine.err, DrainLimitError);
  assertEquals(machine.err.mutations, []);
  assertEquals(machine.err.message, "Cannot drain the queue as the limit is 20 items");
});

test("Machine names ten mutations also when evals ran between them", () => {
  const machine = new Machine({ A: { multi: true } }, { maxDrain: 100 });
  machine.bindHandlers({
    AState() {
      machine.add("A");
      void machine.eval("between", () => {});
    },
  });

  machine.add("A");

  assertInstanceOf(machine.err, DrainLimitError);
  assertEquals(machine.err.mutations, Array.from({ length: 10 }, () => "add A"));
});

test("Machine names fewer than ten mutations when fewer ran", () => {
  const machine = new Machine({ A: { multi: true } }, { maxDrain: 3 });
  machine.bindHandlers({ AState: () => void machine.add("A") });

  machine.add("A");

  assertInstanceOf(machine.err, DrainLimitError);
  assertEquals(machine.err.mutations, ["add A", "add A", "add A"]);
});

test("Machine counts a mutation that nobody watches like one that a tracer hears of", () => {
  for (const tracers of [[], [{ transitionEnd() {} }]]) {
    for (const [queued, isErr] of [[29, false], [30, true]] as const) {
      const clock: MachineClock = {
        now: () => 0,
        setTimeout: () => 1,
        clearTimeout: () => { // when the wait ends, in the middle of the mutation
          for (let i = 0; i < queued; i++) machine.add("B", { i });
        },
      };
      const machine = new Machine({ A: {}, B: { multi: true } }, { maxDrain: 30, clock, tracers });
      void machine.when("A", { timeoutMs: 1_000 });
      machine.add("A");

      assertEquals([machine.tick("B"), machine.isErr()], [57, isErr]);
    }
  }
});

test("Machine has no limit with a maxDrain of 0", () => {
  const machine = new Machine({ A: { multi: true } }, { maxDrain: 0 });
  let calls = 0;
  machine.bindHandlers({ AState: () => void (++calls < 150_000 && machine.add("A")) });

  machine.add("A");

  assertEquals([calls, machine.err], [150_000, null]);
});

test("Machine has a limit of 100,000 items by default", () => {
  const machine = new Machine({ A: { multi: true } });
  machine.bindHandlers({ AState: () => void machine.add("A") });

  machine.add("A");

  assertInstanceOf(machine.err, DrainLimitError);
  assertEquals(machine.err.limit, 100_000);
});

test("Machine counts anew for each drain", () => {
  const machine = new Machine({ A: { multi: true } }, { maxDrain: 3 });

  for (let i = 0; i < 10; i++) machine.add("A");

  assertEquals(machine.err, null);
});

test("Machine.add() that the drain limit drops is canceled", () => {
  const machine = new Machine({ A: { multi: true }, B: {} }, { maxDrain: 5 });
  machine.bindTracer({
    mutationQueued(_, { states }) {
      if (states[0] === "B") { for (let i = 0; i < 5; i++) void machine.eval("first", () => {}); }
    },
  });

  assertEquals(machine.add("B"), Canceled);
  assertEquals(machine.is("B"), false);
});

test("Machine.whenQueue() of a mutation that the drain limit dropped is settled", async () => {
  const machine = new Machine({ A: { multi: true } }, { maxDrain: 20 });
  const waits: Promise<void>[] = [];
  machine.bindHandlers({
    AState: () => void waits.push(machine.whenQueue(machine.add("A")), machine.whenQueue(machine.add("A"))),
    ExceptionState: () => void waits.push(machine.whenQueue(machine.add("A"))),
  });

  machine.add("A");

  await Promise.all(waits);
});

// Auto states that always throw

test("Machine leaves an auto state out whose handler threw 100 times in a row, with an AutoLoopError", () => {
  const machine = new Machine({ A: {}, Bad: { auto: true } });
  let calls = 0;
  machine.bindHandlers({
    BadState() {
      calls++;
      throw new Error("bad");
    },
  });

  machine.add("A");

  assertEquals(calls, 100);
  const { err } = machine;
  assertInstanceOf(err, AutoLoopError);
  assertEquals([err.states, err.rounds], [["Bad"], 100]);
  assertEquals(machine.is("A"), true);
});

test("Machine leaves it out also when somebody sees the transitions of Exception in between", () => {
  const machine = new Machine({ A: {}, Bad: { auto: true } }, { tracers: [{ transitionEnd() {} }] });
  let calls = 0, exceptions = 0;
  machine.bindHandlers({
    BadState() {
      calls++;
      throw new Error("bad");
    },
    ExceptionState: () => void exceptions++,
  });

  machine.add("A");

  assertEquals([calls, exceptions], [100, 101]);
  assertInstanceOf(machine.err, AutoLoopError);
});

test("Machine counts what runs from the start in each drain", () => {
  const machine = new Machine({ A: {} }, { maxDrain: 3, tracers: [{ transitionEnd() {} }] });
  for (let i = 0; i < 10; i++) machine.toggle("A");
  assertEquals([machine.err, machine.tick("A")], [null, 10]);
});

test("Machine tries an auto state that was left out again with the next mutation from outside", () => {
  const machine = new Machine({ A: {}, Bad: { auto: true } });
  let calls = 0;
  machine.bindHandlers({
    BadEnter() {
      calls++;
      throw new Error("bad");
    },
  });

  machine.add("A");
  assertEquals(calls, 100);
  machine.remove("A");
  assertEquals(calls, 200);
});

test("Machine keeps auto states whose handlers do not throw", () => {
  const machine = new Machine({ A: {}, Good: { auto: true }, Bad: { auto: true } });
  machine.bindHandlers({
    BadState() {
      throw new Error("bad");
    },
  });

  machine.add("A");

  assertInstanceOf(machine.err, AutoLoopError);
  assertEquals(machine.err.states, ["Bad"]);
  assertEquals(machine.is("Good"), true);
});

test("Machine counts thrown auto transitions in a row: one that throws nothing starts anew", () => {
  const machine = new Machine({ A: {}, Bad: { auto: true } });
  let calls = 0;
  machine.bindHandlers({
    BadState() {
      if (++calls % 50 !== 0) throw new Error("bad");
      if (calls < 500) machine.remove("Bad");
    },
  });

  machine.add("A");

  assertEquals(calls, 500);
  assertEquals(machine.is("Bad"), true);
});

test("Machine.addErr() of an AutoLoopError goes in when the queue is full", () => {
  const machine = new Machine({ A: {}, Bad: { auto: true }, B: { multi: true } }, { queueLimit: 1 });
  machine.bindHandlers({
    BadState() {
      machine.add("B");
      throw new Error("bad");
    },
  });

  machine.add("A");

  assertInstanceOf(machine.err, AutoLoopError);
});

// The queue limit

test("Machine takes no more than queueLimit of 1,000,000 mutations of one handler, in bounded memory", () => {
  const machine = new Machine({ A: {}, B: { multi: true } });
  const memory = (performance as { memory?: { usedJSHeapSize: number } }).memory;
  const before = memory?.usedJSHeapSize ?? 0;
  let longest = 0, canceled = 0;
  machine.bindHandlers({
    AState() {
      for (let i = 0; i < 1_000_000; i++) {
        if (machine.add("B", { i }) === Canceled) canceled++;
        longest = Math.max(longest, machine.queueLength);
      }
    },
  });

  machine.add("A");

  assertEquals([longest, canceled, machine.tick("B")], [1000, 999_000, 1999]);
  if (memory !== undefined) assertLess(memory.usedJSHeapSize - before, 200e6);
});

test("Machine lets an error that a handler threw into a full queue", () => {
  const machine = new Machine({ A: {}, B: { multi: true } }, { queueLimit: 2 });
  const error = new Error("thrown");
  machine.bindHandlers({
    AState() {
      while (isQueued(machine.add("B")));
      throw error;
    },
  });

  machine.add("A");

  assertEquals(machine.isErr(), true);
  assertStrictEquals(machine.err, error);
});

test("Machine.add() of Exception passes a full queue", () => {
  const machine = new Machine({ A: {}, B: { multi: true } }, { queueLimit: 2 });
  let result = 0;
  machine.bindHandlers({
    AState() {
      while (isQueued(machine.add("B")));
      result = machine.add("Exception");
    },
  });

  machine.add("A");

  assert(isQueued(result));
  assertEquals(machine.isErr(), true);
});

test("Machine.add() of Exception is canceled by a full queue while Exception is active", () => {
  const machine = new Machine({ A: {}, B: { multi: true } }, { queueLimit: 2 });
  let result = 0;
  machine.add("Exception");
  machine.bindHandlers({
    AState() {
      while (isQueued(machine.add("B")));
      result = machine.add("Exception");
    },
  });

  machine.add("A");

  assertEquals(result, Canceled);
});

test("Machine.addErr() is canceled by a full queue, and keeps no error", () => {
  const machine = new Machine({ A: {}, B: { multi: true } }, { queueLimit: 2 });
  let result = 0;
  machine.bindHandlers({
    AState() {
      while (isQueued(machine.add("B")));
      result = machine.addErr(new Error("late"));
    },
  });

  machine.add("A");

  assertEquals([result, machine.err], [Canceled, null]);
});

test("Machine lets the remove of an active Exception pass a full queue, and no other remove", () => {
  const machine = new Machine({ A: {}, B: { multi: true } }, { queueLimit: 2 });
  const results: number[] = [];
  machine.add("Exception");
  machine.bindHandlers({
    AState() {
      while (isQueued(machine.add("B")));
      results.push(machine.remove("A"), machine.remove("Exception"));
    },
  });

  machine.add("A");

  assertEquals(results[0], Canceled);
  assert(isQueued(results[1]!));
  assertEquals(machine.isErr(), false);
});

// eval()

test("Machine.eval() runs at once on an idle machine, with no transition", async () => {
  const machine = new Machine({ A: {} });
  let seen: unknown;

  const outcome = machine.eval("test", () => void (seen = [machine.transition, machine.add("A"), machine.is("A")]));

  assertEquals(seen, [null, 2, false]);
  assertEquals([await outcome, machine.is("A")], [true, true]);
});

test("Machine.eval() in a transition runs right after it, ahead of the queue", async () => {
  const machine = new Machine({ A: {}, B: {} });
  const seen: string[] = [];
  let outcome: Promise<boolean> | undefined;
  machine.bindHandlers({
    AState() {
      machine.add("B");
      outcome = machine.eval("test", () => void seen.push(`eval ${machine} ${machine.transition}`));
      seen.push("AState");
    },
    AnyState: () => void seen.push("AnyState"),
    BState: () => void seen.push("BState"),
  });

  machine.add("A");

  assertEquals(seen, ["AState", "AnyState", "eval (A:1) null", "BState", "AnyState"]);
  assertEquals(await outcome, true);
});

test("Machine.eval() is not seen by mutationQueued(), and takes no queue tick", () => {
  const machine = new Machine({ A: {} });
  const seen: string[] = [];
  machine.bindTracer({ mutationQueued: () => void seen.push("queued"), queueEnd: () => void seen.push("end") });

  void machine.eval("test", () => {});

  assertEquals(seen, ["end"]);
  assertEquals(machine.queueTick, 1);
});

test("Machine.eval() that is aborted before it ran resolves false", async () => {
  const machine = new Machine({ A: {} });
  const controller = new AbortController();
  let hasRun = false;
  let outcome: Promise<boolean> | undefined;
  machine.bindHandlers({
    AState() {
      outcome = machine.eval("test", () => void (hasRun = true), { signal: controller.signal });
      controller.abort();
    },
  });

  machine.add("A");

  assertEquals([await outcome, hasRun], [false, false]);
});

test("Machine.eval() with an aborted signal resolves false", async () => {
  const machine = new Machine({ A: {} });
  let hasRun = false;

  const outcome = await machine.eval("test", () => void (hasRun = true), { signal: AbortSignal.abort() });

  assertEquals([outcome, hasRun], [false, false]);
});

test("Machine.eval() of a function that throws resolves false, and adds the error", async () => {
  const machine = new Machine({ A: {} });
  const error = new Error("thrown");
  const told: Error[] = [];
  machine.onError((_, error) => void told.push(error));

  const outcome = await machine.eval("test", () => {
    throw error;
  });

  assertEquals([outcome, machine.isErr()], [false, true]);
  assertStrictEquals(machine.err, error);
  assertEquals(told, [error]);
});

test("Machine.eval() of a function that throws an abort resolves false, and adds no error", async () => {
  const machine = new Machine({ A: {} });

  const outcome = await machine.eval("test", () => AbortSignal.abort().throwIfAborted());

  assertEquals([outcome, machine.isErr(), machine.err], [false, false, null]);
});

test("Machine.eval() that is dropped by a disposal resolves false", async () => {
  const machine = new Machine({ A: {} });
  let hasRun = false;
  let outcome: Promise<boolean> | undefined;
  machine.bindHandlers({
    AState() {
      outcome = machine.eval("test", () => void (hasRun = true));
      machine.dispose();
    },
  });

  machine.add("A");

  assertEquals([await outcome, hasRun], [false, false]);
});

test("Machine.eval() that is dropped by the drain limit resolves false", async () => {
  const machine = new Machine({ A: {} }, { maxDrain: 1 });
  let outcome: Promise<boolean> | undefined;
  machine.bindHandlers({ AState: () => void (outcome = machine.eval("test", () => {})) });

  machine.add("A");

  assertEquals(await outcome, false);
});

test("Machine.eval() resolves false on a disposed machine", async () => {
  const machine = new Machine({ A: {} });
  await machine.dispose();
  let hasRun = false;

  assertEquals(await machine.eval("test", () => void (hasRun = true)), false);
  assertEquals(hasRun, false);
});

test("Machine.eval() wants to know who asks", () => {
  const machine = new Machine({ A: {} });

  assertThrows(() => machine.eval("", () => {}), RangeError, "Cannot eval: the source is empty");
});

test("Machine.eval() inside of eval() runs next", () => {
  const machine = new Machine({ A: {} });
  const seen: string[] = [];

  void machine.eval("outer", () => {
    machine.add("A");
    void machine.eval("inner", () => void seen.push(`inner ${machine}`));
    seen.push("outer");
  });

  assertEquals(seen, ["outer", "inner ()"]);
  assertEquals(machine.is("A"), true);
});

// throwErrors

test("Machine throws the first error of a drain to the caller, after the drain, with throwErrors", () => {
  const machine = new Machine({ A: {}, B: {}, C: {} }, { throwErrors: true });
  const first = new Error("first");
  machine.bindHandlers({
    AState() {
      machine.add("B");
      machine.add("C");
      throw first;
    },
    BState() {
      throw new Error("second");
    },
  });

  assertStrictEquals(assertThrows(() => machine.add("A")), first);
  assertEquals([machine.is("C"), machine.isErr(), machine.queueLength], [true, true, 0]);
});

test("Machine throws the very value that a handler threw, null too, with throwErrors", () => {
  const machine = new Machine({ A: {} }, { throwErrors: true });
  machine.bindHandlers({
    AState() {
      throw null;
    },
  });
  let thrown: unknown = "nothing";
  try {
    machine.add("A");
  } catch (error) {
    thrown = error;
  }
  assertEquals(thrown, null);
});

test("Machine throws an error once, with throwErrors", () => {
  const machine = new Machine({ A: {}, B: {} }, { throwErrors: true });
  machine.bindHandlers({
    AState() {
      throw new Error("once");
    },
  });

  assertThrows(() => machine.add("A"));
  assertEquals(machine.add("B"), Executed);
});

test("Machine throws nothing to handlers, with throwErrors", () => {
  const machine = new Machine({ A: {}, B: {} }, { throwErrors: true });
  let result = 0;
  machine.bindHandlers({
    AState: () => void (result = machine.add("B")),
    BEnter() {
      throw new Error("to the outer caller");
    },
  });

  assertThrows(() => machine.add("A"), Error, "to the outer caller");
  assertEquals(result, 3);
});

test("Machine.addErr() throws nothing of its own, with throwErrors", () => {
  const machine = new Machine({ A: {} }, { throwErrors: true });

  assertEquals(machine.addErr(new Error("added")), Executed);
});

test("Machine.eval() throws what a handler threw in its drain, with throwErrors", () => {
  const machine = new Machine({ A: {} }, { throwErrors: true });
  machine.bindHandlers({
    AState() {
      throw new Error("thrown");
    },
  });

  assertThrows(() => machine.eval("test", () => void machine.add("A")), Error, "thrown");
});

test("Machine adds the error of an async handler whose Exception handler throws, with throwErrors", async () => {
  const machine = new Machine({ A: {} }, { throwErrors: true });
  const told: string[] = [];
  machine.onInternalError(({ message }) => void told.push(message));
  machine.bindHandlers({
    async AState() {
      await null;
      throw new Error("late");
    },
    ExceptionState() {
      throw new Error("worse");
    },
  });

  machine.add("A");
  await eventLoopTurn();

  assertEquals(machine.err?.message, "late");
  assertEquals(told, ["worse", "worse"]); // as an error on the way into Exception, and as one that nobody can catch
});

test("Machine throws nothing without throwErrors", () => {
  const machine = new Machine({ A: {} });
  machine.bindHandlers({
    AState() {
      throw new Error("kept");
    },
  });

  assertEquals(machine.add("A"), Canceled);
});

// Whatever throws, the machine is usable

/** Add A where something throws, then expect B to be added by a mutation that nothing disturbs. */
function assertUsableAfter(machine: Machine<{ A: object; B: object }>): void {
  machine.add("A");
  assertEquals(machine.add("B"), Executed);
  assertEquals([machine.transition, machine.queueLength], [null, 0]);
}

for (const name of ["AEnter", "AState", "AnyEnter", "AnyState"] as const) {
  for (const [what, thrown] of [["an error", new Error("thrown")], ["undefined", undefined], ["a string", "text"]]) {
    test(`Machine is usable after ${name}() threw ${what}`, () => {
      const machine = new Machine({ A: {}, B: {} });
      let calls = 0;
      machine.bindHandlers({
        [name]() {
          if (calls++ === 0) throw thrown;
        },
      });

      assertUsableAfter(machine);
      assertEquals(machine.isErr(), true);
    });
  }
}

test("Machine is usable after a handler threw what cannot be looked at", () => {
  for (const thrown of [revokedProxy(), unreadableError(), Object.create(null), Symbol("thrown")]) {
    const machine = new Machine({ A: {}, B: {} }, { logLevel: "everything", logger() {} });
    machine.bindHandlers({
      AState() {
        throw thrown;
      },
    });

    assertUsableAfter(machine);
    assertEquals(machine.isErr(), true);
  }
});

for (const hook of [...TRANSITION_HOOKS, "log"] as const) {
  test(`Machine is usable after a tracer's ${hook}() threw`, () => {
    const machine = new Machine({ A: {}, B: {} }, { logLevel: "everything", logger() {} });
    let calls = 0;
    machine.bindHandlers({ AState() {}, BState() {} });
    machine.bindTracer({
      [hook]() {
        calls++;
        throw revokedProxy();
      },
    });

    assertUsableAfter(machine);
    assertEquals(machine.activeStates(), ["B", "A"]);
    assertGreater(calls, 0);
  });
}

test("Machine is usable after its logger threw at each line", () => {
  const machine = new Machine({ A: {}, B: {} }, {
    logLevel: "everything",
    logger() {
      throw revokedProxy();
    },
  });
  machine.bindHandlers({ AState() {}, BState() {} });

  assertUsableAfter(machine);
  assertEquals(machine.activeStates(), ["B", "A"]);
});

test("Machine is usable after onChange threw, and tells onInternalError", () => {
  const machine = new Machine({ A: {}, B: {} });
  const told: string[] = [];
  machine.onInternalError(({ message }) => void told.push(message));
  machine.onChange(() => {
    throw "changed";
  });

  assertUsableAfter(machine);
  assertEquals(machine.isErr(), false);
  assertEquals(told, ["changed", "changed"]);
});

test("Machine is usable after onError threw, and tells onInternalError", () => {
  const machine = new Machine({ A: {}, B: {} });
  const told: string[] = [];
  machine.onInternalError(({ message }) => void told.push(message));
  machine.onError(() => {
    throw new Error("told");
  });

  assertEquals(machine.addErr(new Error("added")), Executed);
  assertUsableAfter(machine);
  assertEquals(told, ["told"]);
});

test("Machine is usable after onInternalError threw, and tells the others", () => {
  const machine = new Machine({ A: {}, B: {} });
  const told: string[] = [];
  machine.onInternalError(() => {
    throw new Error("nobody left to tell");
  });
  machine.onInternalError(({ message }) => void told.push(message));
  machine.onChange(() => {
    throw new Error("changed");
  });

  assertUsableAfter(machine);
  assertEquals(told, ["changed", "changed"]);
});

test("Machine is usable after arguments threw", () => {
  const machine = new Machine({ A: {}, B: {} }, { logLevel: "everything", logger() {} });
  machine.add("A", {
    get id() {
      throw new Error("id refused");
    },
  });

  assertUsableAfter(machine);
});

test("Machine is usable after its clock threw in the middle of a drain", () => {
  let isBroken = true;
  const clock = {
    now() {
      if (isBroken) throw new Error("no time");
      return 0;
    },
    setTimeout: () => 0,
    clearTimeout() {},
  };
  const machine = new Machine({ A: {}, B: {} }, { clock, handlerTimeoutMs: 10 });
  machine.bindHandlers({ AState() {} });

  assertThrows(() => machine.add("A"), Error, "no time");
  isBroken = false;

  assertEquals([machine.add("B"), machine.transition], [Executed, null]);
});

test("Machine.onInternalError() may log, also when it is the logger that threw", () => {
  let lines = 0;
  const machine = new Machine({ A: {} }, {
    logLevel: "external",
    logger() {
      lines++;
      throw new Error("no paper");
    },
  });
  machine.onInternalError(({ message }) => machine.log(message));

  machine.log("text");

  assertEquals(lines, 2);
});
