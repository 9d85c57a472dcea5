import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { fork, ForkPool, go } from "../../flow/fork.ts";
import { UnknownStateError } from "../../machine/errors.ts";
import type { Event } from "../../machine/event.ts";
import { Machine } from "../../machine/machine.ts";
import { VirtualClock } from "../../machine/testing.ts";
import { test } from "../_harness.ts";
import { CountingController, SCHEMA, settle } from "./_support.ts";

const FOREVER = new Promise<never>(() => {});

test("go() runs a function once the running code is done", async () => {
  const machine = new Machine(SCHEMA);
  const calls: string[] = [];
  assertEquals(go(machine, () => void calls.push("run")), true);
  calls.push("go");
  await settle();
  assertEquals(calls, ["go", "run"]);
});

test("go() adds what the function throws or is rejected with, with the error state of the options", async () => {
  for (const isAsync of [false, true]) {
    const machine = new Machine(SCHEMA);
    const error = new Error("boom");
    go(machine, () => {
      if (isAsync) return Promise.reject(error);
      throw error;
    }, { state: "ErrC" });
    await settle();
    assertStrictEquals(machine.err, error);
    assertEquals(machine.is(["ErrC", "Exception"]), true);
  }
});

test("go() runs nothing when the signal is aborted, or the machine is disposed", async () => {
  const machine = new Machine(SCHEMA);
  let count = 0;
  assertEquals(go(machine, () => count++, { signal: AbortSignal.abort() }), false);
  await machine.dispose();
  assertEquals(go(machine, () => count++), false);
  await settle();
  assertEquals(count, 0);
});

test("go() runs nothing when the signal is aborted before the running code is done", async () => {
  const clock = new VirtualClock();
  const machine = new Machine(SCHEMA, { clock });
  const controller = new CountingController();
  const pool = new ForkPool();
  let count = 0;
  assertEquals(go(machine, () => count++, { signal: controller.signal, pool, timeoutMs: 10 }), true);
  controller.abort();
  await settle();
  assertEquals([count, pool.running, controller.count, clock.pending, machine.err], [0, 0, 0, 0, null]);
});

test("go() gives the function a signal that the given one aborts, and drops what it throws then", async () => {
  const machine = new Machine(SCHEMA);
  const controller = new CountingController();
  let reason: unknown;
  go(machine, (signal) =>
    new Promise((_, reject) => {
      signal.onabort = () => {
        reason = signal.reason;
        reject(new Error("late"));
      };
    }), { signal: controller.signal });
  await settle();
  assertEquals(controller.count, 1);
  controller.abort("stop");
  await settle();
  assertEquals([reason, controller.count, machine.err], ["stop", 0, null]);
});

test("go() gives the function a signal that the machine's disposal aborts", async () => {
  const machine = new Machine(SCHEMA);
  let isAborted = false;
  go(machine, (signal) => {
    signal.onabort = () => isAborted = true;
    return FOREVER;
  });
  await settle();
  await machine.dispose();
  assertEquals(isAborted, true);
});

test("go() leaves nothing behind when the function is done, and its signal alone", async () => {
  const clock = new VirtualClock();
  const machine = new Machine(SCHEMA, { clock });
  const controller = new CountingController();
  let signalOfFn: AbortSignal | undefined;
  go(machine, (signal) => void (signalOfFn = signal), { signal: controller.signal, timeoutMs: 1_000 });
  assertEquals([controller.count, clock.pending], [1, 1]);
  await settle();
  assertEquals([controller.count, clock.pending, signalOfFn?.aborted], [0, 0, false]);
});

test("go() adds a TimeoutError when the function takes too long, once, and keeps its place until it is done", async () => {
  const clock = new VirtualClock();
  const machine = new Machine(SCHEMA, { clock });
  const pool = new ForkPool({ limit: 1 });
  const { promise, reject } = Promise.withResolvers<void>();
  let isAborted = false;
  go(machine, (signal) => {
    signal.onabort = () => isAborted = true;
    return promise;
  }, { timeoutMs: 10, pool, state: "ErrC" });
  await clock.advance(9);
  assertEquals(isAborted, false);
  await clock.advance(1);
  assertEquals([isAborted, machine.err?.name, machine.is("ErrC")], [true, "TimeoutError", true]);
  assertEquals(pool.running, 1);
  reject(new Error("late"));
  await settle();
  assertEquals([pool.running, machine.tick("Exception"), clock.pending], [0, 1, 0]);
});

test("go() adds no error for a signal of the caller that ran out of time", async () => {
  const machine = new Machine(SCHEMA);
  const controller = new AbortController();
  go(machine, () => FOREVER, { signal: controller.signal });
  controller.abort(new DOMException("took too long", "TimeoutError"));
  await settle();
  assertEquals(machine.err, null);
});

test("go() refuses what is no time-out and no state", () => {
  const machine = new Machine(SCHEMA);
  assertThrows(() => go(machine, () => {}, { timeoutMs: -1 }), RangeError, "timeoutMs");
  assertThrows(() => go(machine, () => {}, { state: "ErrX" as "ErrC" }), UnknownStateError);
});

test("go() is no unhandled rejection when handlers throw, and throwErrors would throw it to a caller", async () => {
  const clock = new VirtualClock();
  const machine = new Machine(SCHEMA, { clock, throwErrors: true });
  machine.bindHandlers({
    ExceptionState: () => {
      throw new Error("worse");
    },
  });
  go(machine, () => Promise.reject(new Error("boom")));
  go(machine, () => FOREVER, { timeoutMs: 10 });
  await clock.advance(10);
  assertEquals(machine.err?.message, "Wait timed out after 10 ms");
});

test("fork() ends the function's signal with the activation of the handler's state", async () => {
  const machine = new Machine(SCHEMA);
  const reasons: string[] = [];
  machine.bindHandlers({
    AState: (event) =>
      void fork(event, (signal) => {
        signal.onabort = () => reasons.push(signal.reason.name);
        return FOREVER;
      }),
  });
  machine.add("A");
  await settle();
  assertEquals(reasons, []);
  machine.remove("A");
  assertEquals(reasons, ["StateExpiredError"]);
});

test("fork() runs nothing for a state that is left before the running code is done", async () => {
  const machine = new Machine(SCHEMA);
  let count = 0;
  machine.bindHandlers({ AState: (event) => void fork(event, () => count++) });
  machine.add("A");
  machine.remove("A");
  await settle();
  assertEquals(count, 0);
});

test("fork() runs a function for negotiation handlers too, whose events have no signal, but not for checks", async () => {
  const machine = new Machine(SCHEMA);
  const results: boolean[] = [];
  let count = 0;
  machine.bindHandlers({ AEnter: (event) => void results.push(fork(event, () => count++)) });
  machine.canAdd("A");
  machine.add("A");
  await settle();
  assertEquals([results, count], [[false, true], 1]);
});

test("fork() runs nothing once the transition is over", async () => {
  const machine = new Machine(SCHEMA);
  let kept: Event<typeof SCHEMA> | undefined;
  machine.bindHandlers({ AState: (event) => void (kept = event) });
  machine.add("A");
  assertEquals(fork(kept!, () => {}), false);
  await settle();
});

test("fork() is aborted by the given signal as well", async () => {
  const machine = new Machine(SCHEMA);
  const controller = new CountingController();
  let isAborted = false;
  machine.bindHandlers({
    AState: (event) =>
      void fork(event, (signal) => {
        signal.onabort = () => isAborted = true;
        return FOREVER;
      }, { signal: controller.signal }),
  });
  machine.add("A");
  await settle();
  controller.abort();
  assertEquals([isAborted, controller.count], [true, 0]);
});

test("fork() adds errors with the error state of the options, and takes the clock it is given", async () => {
  const clock = new VirtualClock();
  const machine = new Machine(SCHEMA);
  machine.bindHandlers({ AState: (event) => void fork(event, () => FOREVER, { state: "ErrC", timeoutMs: 5, clock }) });
  machine.add("A");
  await clock.advance(5);
  assertEquals([machine.is("ErrC"), machine.err?.name], [true, "TimeoutError"]);
});

test('fork() takes places by the name of the handler, go() those of "", or of the key in the options', async () => {
  const machine = new Machine(SCHEMA);
  const pool = new ForkPool({ keyLimits: 1 });
  const results: boolean[] = [];
  machine.bindHandlers({
    CState: (event) => void results.push(fork(event, () => FOREVER, { pool })),
    CEnter: (event) => void results.push(fork(event, () => FOREVER, { pool, key: "x" })),
  });
  machine.add("C");
  await settle();
  machine.add("C");
  results.push(go(machine, () => FOREVER, { pool }), go(machine, () => FOREVER, { pool, key: "x" }));
  await settle();

  assertEquals(results, [true, true, false, false, true, false]);
  assertEquals(["CState", "x", "", "y"].map((key) => pool.runningOf(key)), [1, 1, 1, 0]);
});

test("ForkPool admits as many functions as its limit says, and others when they are done", async () => {
  const machine = new Machine(SCHEMA);
  const pool = new ForkPool({ limit: 2 });
  const ends = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const start = (i: number) => go(machine, () => ends[i]!.promise, { pool, key: `key ${i}` });
  assertEquals([start(0), start(1), start(2), pool.running], [true, true, false, 2]);

  ends[0]!.resolve();
  await settle();
  assertEquals([pool.running, start(2), start(0)], [1, true, false]);
  ends[1]!.reject(new Error("boom"));
  ends[2]!.resolve();
  await settle();
  assertEquals([pool.running, pool.runningOf("key 1"), machine.err?.message], [0, 0, "boom"]);
});

test("ForkPool limits each key by its own number, and others not at all", () => {
  const pool = new ForkPool({ limit: 10, keyLimits: { a: 1, b: 2 } });
  const admitted = [..."aabbbcccc"].filter((key) => pool.enter(key) !== null);
  assertEquals(admitted.join(""), "abbcccc");
  assertEquals(pool.enter("toString") !== null, true);
  assertEquals(pool.running, 8);
});

test("ForkPool.enter() gives a place back once", () => {
  const pool = new ForkPool({ limit: 2, keyLimits: 2 });
  const place = pool.enter("a")!;
  pool.enter("a");
  assertEquals(pool.enter("a"), null);
  place[Symbol.dispose]();
  place[Symbol.dispose]();
  assertEquals([pool.running, pool.runningOf("a")], [1, 1]);
});

test("ForkPool has no limit by default, and refuses what is none", () => {
  const pool = new ForkPool();
  for (let i = 0; i < 100; i++) pool.enter("");
  assertEquals(pool.running, 100);
  new ForkPool({ limit: Infinity, keyLimits: {} });
  for (const limit of [0, -1, 1.5, NaN]) {
    assertThrows(() => new ForkPool({ limit }), RangeError, '"limit"');
    assertThrows(() => new ForkPool({ keyLimits: limit }), RangeError, '"keyLimits"');
    assertThrows(() => new ForkPool({ keyLimits: { a: limit } }), RangeError, '"keyLimits.a"');
  }
});
