import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Machine } from "../../machine/machine.ts";
import { VirtualClock } from "../../machine/testing.ts";
import { test } from "../_harness.ts";

test("VirtualClock.now() starts at 0, or where it is told to, and stands still", async () => {
  assertEquals(new VirtualClock().now(), 0);
  const clock = new VirtualClock(1_000);
  await null;
  assertEquals(clock.now(), 1_000);
});

test("VirtualClock.advanceSync() fires timers in the order of their time, then of setting", () => {
  const clock = new VirtualClock();
  const calls: string[] = [];
  for (const [name, ms] of [["c", 20], ["a", 10], ["d", 20], ["b", 10], ["first", 0], ["late", 21]] as const) {
    clock.setTimeout(() => calls.push(`${name}:${clock.now()}`), ms);
  }

  clock.advanceSync(20);
  assertEquals(calls, ["first:0", "a:10", "b:10", "c:20", "d:20"]);
  assertEquals(clock.now(), 20);
  assertEquals(clock.pending, 1);
});

test("VirtualClock.advanceSync() fires what timers set within the time, and nothing beyond it", () => {
  const clock = new VirtualClock();
  const times: number[] = [];
  const again = () => {
    times.push(clock.now());
    clock.setTimeout(again, 30);
  };
  clock.setTimeout(again, 30);

  clock.advanceSync(100);
  assertEquals(times, [30, 60, 90]);
  clock.advanceSync(19);
  assertEquals(times.length, 3);
  clock.advanceSync(1);
  assertEquals(times.at(-1), 120);
});

test("VirtualClock.advanceSync() lets nothing that awaits go on before it returns", async () => {
  const clock = new VirtualClock();
  const calls: string[] = [];
  new Promise<void>((resolve) => clock.setTimeout(resolve, 1)).then(() => calls.push("then"));

  clock.advanceSync(10);
  assertEquals(calls, []);
  await null;
  assertEquals(calls, ["then"]);
});

test("VirtualClock.advance() lets code that awaits go on between timers, and fires what it sets", async () => {
  const clock = new VirtualClock();
  const sleep = (ms: number) => new Promise<void>((resolve) => clock.setTimeout(resolve, ms));
  const log: string[] = [];
  const walk = async (name: string, ms: number) => {
    await null; // sets its first timer late
    for (let i = 0; i < 2; i++) {
      await sleep(ms);
      for (let step = 0; step < 20; step++) await null;
      log.push(`${name}:${clock.now()}`);
    }
  };
  const walks = [walk("a", 10), walk("b", 15)];

  await clock.advance(30);
  assertEquals(log, ["a:10", "b:15", "a:20", "b:30"]);
  assertEquals(clock.pending, 0);
  await Promise.all(walks);
});

test("VirtualClock.advance() without timers moves the time", async () => {
  const clock = new VirtualClock();
  await clock.advance(5);
  await clock.advance(0);
  assertEquals(clock.now(), 5);
});

test("VirtualClock.advance() waits its turn when the one before is not awaited", async () => {
  const clock = new VirtualClock();
  const times: number[] = [];
  clock.setTimeout(() => times.push(clock.now()), 10);
  clock.setTimeout(() => times.push(clock.now()), 25);

  const first = clock.advance(20);
  const second = clock.advance(20);
  assertEquals(clock.now(), 0);
  await first;
  assertEquals([clock.now(), ...times], [20, 10]);
  await second;
  assertEquals([clock.now(), ...times], [40, 10, 25]);
});

test("VirtualClock.runAll() fires until nothing is set but what never fires", async () => {
  const clock = new VirtualClock();
  const times: number[] = [];
  clock.setTimeout(() => times.push(clock.now()), Infinity);
  clock.setTimeout(() => {
    times.push(clock.now());
    clock.setTimeout(() => times.push(clock.now()), 1e12);
  }, 5);

  await clock.runAll();
  assertEquals(times, [5, 1e12 + 5]);
  assertEquals(clock.now(), 1e12 + 5);
  assertEquals(clock.pending, 1);
});

test("VirtualClock.runAll() rejects when more timers fire than the limit, and goes on when asked again", async () => {
  const clock = new VirtualClock();
  let count = 0;
  const again = () => {
    count++;
    clock.setTimeout(again, 1);
  };
  again();

  await assertRejects(() => clock.runAll(), RangeError, "the limit is 10000 timers: 1 are still set");
  assertEquals(count, 10_001);
  await assertRejects(() => clock.runAll({ limit: 0 }), RangeError);
  assertEquals(count, 10_001);
  await clock.advance(1);
  assertEquals(count, 10_002);
});

test("VirtualClock.advance() and advanceSync() end timers that set each other for the same time, for ever", async () => {
  const clock = new VirtualClock();
  const again = () => void clock.setTimeout(again, 0);
  again();

  assertThrows(() => clock.advanceSync(1, { limit: 50 }), RangeError, "the limit is 50 timers");
  await assertRejects(() => clock.advance(1, { limit: 50 }), RangeError, "the limit is 50 timers");
  assertEquals(clock.now(), 0);
});

test("VirtualClock.clearTimeout() takes timers off, also in a timer of the same time, and ignores what is no timer", () => {
  const clock = new VirtualClock();
  const calls: string[] = [];
  clock.setTimeout(() => {
    calls.push("a");
    clock.clearTimeout(second);
  }, 10);
  const second = clock.setTimeout(() => calls.push("b"), 10);
  const third = clock.setTimeout(() => calls.push("c"), 10);
  clock.clearTimeout(third);
  for (const timer of [third, undefined, null, "x", {}]) clock.clearTimeout(timer);

  assertEquals(clock.pending, 2);
  clock.advanceSync(10);
  assertEquals(calls, ["a"]);
  assertEquals(clock.pending, 0);
});

test("VirtualClock stands still where a timer throws, and goes on from there", async () => {
  const clock = new VirtualClock();
  const calls: number[] = [];
  const fail = () => {
    throw new Error("boom");
  };
  clock.setTimeout(fail, 10);
  clock.setTimeout(() => calls.push(clock.now()), 20);
  clock.setTimeout(fail, 30);

  assertThrows(() => clock.advanceSync(100), Error, "boom");
  assertEquals([clock.now(), clock.pending], [10, 2]);
  await assertRejects(() => clock.advance(100), Error, "boom");
  assertEquals([clock.now(), ...calls], [30, 20]);
  await clock.advance(100);
  assertEquals(clock.now(), 130);
});

test("VirtualClock never goes back when a timer advances it", () => {
  const clock = new VirtualClock();
  const times: number[] = [];
  clock.setTimeout(() => clock.advanceSync(50), 10);
  clock.setTimeout(() => times.push(clock.now()), 20);
  clock.setTimeout(() => times.push(clock.now()), 60);
  clock.setTimeout(() => times.push(clock.now()), 61);

  clock.advanceSync(30);
  assertEquals(times, [20, 60]);
  assertEquals([clock.now(), clock.pending], [60, 1]);
});

test("VirtualClock sets timers of any length", async () => {
  const clock = new VirtualClock();
  const times: number[] = [];
  clock.setTimeout(() => times.push(clock.now()), 2 ** 31);
  clock.setTimeout(() => times.push(clock.now()), 2 ** 40);

  await clock.advance(2 ** 31 - 1);
  assertEquals(times, []);
  await clock.advance(2 ** 41);
  assertEquals(times, [2 ** 31, 2 ** 40]);
});

test("VirtualClock refuses what is no time, no limit and no function", () => {
  const clock = new VirtualClock();
  for (const ms of [-1, NaN, "5", undefined, null]) {
    assertThrows(() => clock.setTimeout(() => {}, ms as number), RangeError, "Cannot set timer");
    assertThrows(() => clock.advance(ms as number), RangeError, "Cannot advance clock");
    assertThrows(() => clock.advanceSync(ms as number), RangeError, "Cannot advance clock");
  }
  for (const limit of [-1, 0.5, NaN, Infinity]) {
    assertThrows(() => clock.runAll({ limit }), RangeError, 'option "limit"');
    assertThrows(() => clock.advance(1, { limit }), RangeError, 'option "limit"');
  }
  assertThrows(() => clock.advance(Infinity), RangeError, "not finite");
  assertThrows(() => clock.advanceSync(Infinity), RangeError, "not finite");
  assertThrows(() => new VirtualClock(NaN), RangeError, "Cannot start clock");
  assertThrows(() => clock.setTimeout("x" as unknown as () => void, 1), TypeError, "expected a function, got string");
  assertEquals(clock.pending, 0);
});

test("VirtualClock fires 20,000 timers, set in any order and half of them cleared, in order", () => {
  const clock = new VirtualClock();
  let lastAt = -1, count = 0, isOrdered = true;
  for (let i = 0; i < 20_000; i++) {
    const timer = clock.setTimeout(() => {
      isOrdered &&= clock.now() >= lastAt;
      lastAt = clock.now();
      count++;
    }, (i * 7919) % 10_007);
    if (i % 2 === 1) clock.clearTimeout(timer);
  }
  assertEquals(clock.pending, 10_000);

  clock.advanceSync(20_000);
  assertEquals({ count, isOrdered, pending: clock.pending }, { count: 10_000, isOrdered: true, pending: 0 });
});

test("VirtualClock drives the time-outs of a machine's waits and states", async () => {
  const clock = new VirtualClock();
  const machine = new Machine({ Ready: {}, Busy: { timeoutMs: 2 ** 33 } }, { clock });
  assertEquals(machine.timers, clock);
  machine.add("Busy");
  const wait = machine.when("Ready", { timeoutMs: 2 ** 32 });
  assertEquals(clock.pending, 2);

  await clock.advance(2 ** 32 - 1);
  assertEquals(clock.pending, 2);
  await clock.advance(1);
  const error = await assertRejects(() => wait, DOMException);
  assertEquals(error.name, "TimeoutError");
  await clock.runAll();
  assertEquals(machine.err?.name, "StateTimeoutError");
  assertEquals(clock.pending, 0);
});

test("VirtualClock is left without timers by waits that settle, are aborted, or end with their machine", async () => {
  const clock = new VirtualClock();
  const machine = new Machine({ A: {}, B: { timeoutMs: 1_000 } }, { clock });
  const controller = new AbortController();
  machine.when("A", { timeoutMs: 1_000 });
  machine.whenTick("B", 9, { timeoutMs: 1_000, signal: controller.signal });
  machine.whenTick("B", 11, { timeoutMs: 1_000 });
  machine.add(["A", "B"]);
  assertEquals(clock.pending, 3);
  controller.abort();
  assertEquals(clock.pending, 2);
  await machine.dispose();
  assertEquals(clock.pending, 0);
});
