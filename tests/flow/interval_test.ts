import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { interval } from "../../flow/interval.ts";
import { MachineDisposedError, UnknownStateError } from "../../machine/errors.ts";
import { Machine } from "../../machine/machine.ts";
import { VirtualClock } from "../../machine/testing.ts";
import { test } from "../_harness.ts";
import { CountingController, outcomeOf, SCHEMA, settle } from "./_support.ts";

function setup(options: { throwErrors?: boolean } = {}) {
  const clock = new VirtualClock();
  const times: number[] = [];
  return {
    clock,
    times,
    note: () => void times.push(clock.now()),
    machine: new Machine(SCHEMA, { clock, ...options }),
  };
}

test("interval() calls a function after each interval, until it returns false", async () => {
  const { clock, machine, times } = setup();
  const wait = interval(machine, 10, () => {
    times.push(clock.now());
    return times.length < 3;
  });
  clock.advanceSync(100);
  assertEquals(times, [10, 20, 30]);
  assertEquals(await outcomeOf(wait), { value: undefined });
  assertEquals(clock.pending, 0);
});

test("interval() goes on for anything but false", () => {
  const { clock, machine, times, note } = setup();
  const values = [undefined, null, 0, "", true];
  interval(machine, 10, () => (note(), values[times.length - 1]));
  clock.advanceSync(60);
  assertEquals(times.length, 6);
});

test("interval() waits for an async function before the next interval begins", async () => {
  const { clock, machine, times, note } = setup();
  const wait = interval(machine, 10, async () => {
    note();
    await new Promise<void>((resolve) => clock.setTimeout(resolve, 25));
    return times.length < 3;
  });
  await clock.advance(200);
  assertEquals(times, [10, 45, 80]);
  assertEquals(await outcomeOf(wait), { value: undefined });
});

test("interval() rejects with the signal's reason at once, and leaves nothing behind", async () => {
  const { clock, machine, times, note } = setup();
  const controller = new CountingController();
  const wait = interval(machine, 10, note, { signal: controller.signal });
  clock.advanceSync(15);
  assertEquals([controller.count, clock.pending], [1, 1]);
  controller.abort("stop");
  assertEquals([controller.count, clock.pending], [0, 0]);
  clock.advanceSync(100);
  assertEquals(times, [10]);
  assertEquals(await outcomeOf(wait), { reason: "stop" });
});

test("interval() sets no further timer when it is aborted by its function, synchronous or not", async () => {
  const { clock, machine } = setup();
  for (const isAsync of [false, true]) {
    const controller = new AbortController();
    const wait = interval(machine, 10, () => {
      controller.abort("stop");
      return isAsync ? Promise.resolve() : undefined;
    }, { signal: controller.signal });
    await clock.advance(10);
    assertEquals(await outcomeOf(wait), { reason: "stop" });
    assertEquals(clock.pending, 0);
  }
});

test("interval() ends with the state whose signal it has", () => {
  const { clock, machine, times, note } = setup();
  machine.bindHandlers({ AState: (event) => void interval(machine, 10, note, { signal: event.signal }) });
  machine.add("A");
  clock.advanceSync(25);
  machine.remove("A");
  clock.advanceSync(100);
  assertEquals([times, clock.pending], [[10, 20], 0]);
});

test("interval() adds errors to the machine, with the error state of the options, and goes on", async () => {
  const { clock, machine, times, note } = setup();
  interval(machine, 10, () => {
    note();
    if (times.length === 1) throw new Error("first");
    return times.length === 2 ? Promise.reject(new Error("second")) : undefined;
  }, { state: "ErrC" });
  await clock.advance(10);
  assertEquals([machine.err?.message, machine.is(["ErrC", "Exception"])], ["first", true]);
  await clock.advance(10);
  assertEquals(machine.err?.message, "second");
  await clock.advance(10);
  assertEquals([times, machine.tick("Exception")], [[10, 20, 30], 3]);
});

test("interval() drops errors of a function that was stopped", async () => {
  const { clock, machine } = setup();
  const controller = new AbortController();
  interval(machine, 10, async () => {
    await new Promise<void>((resolve) => clock.setTimeout(resolve, 5));
    throw new Error("late");
  }, { signal: controller.signal });
  await clock.advance(12);
  controller.abort();
  await clock.advance(100);
  assertEquals([machine.err, clock.pending], [null, 0]);
});

test("interval() gives its function a signal that is aborted when it ends", async () => {
  const { clock, machine } = setup();
  const signals: AbortSignal[] = [];
  interval(machine, 10, (signal) => {
    signals.push(signal);
    return false;
  });
  interval(machine, 10, (signal) => void signals.push(signal), { timeoutMs: 15 });
  await clock.advance(15);
  assertEquals(signals.map(({ aborted }) => aborted), [true, true]);
  assertEquals(signals[1]!.reason.name, "TimeoutError");
});

test("interval() rejects with a TimeoutError when all calls take longer than timeoutMs", async () => {
  const { clock, machine, times, note } = setup();
  const wait = interval(machine, 10, note, { timeoutMs: 25 });
  await clock.advance(100);
  assertEquals([await outcomeOf(wait), times, clock.pending], [{ reason: "TimeoutError" }, [10, 20], 0]);
});

test("interval() rejects when the machine is disposed, before or meanwhile", async () => {
  const { clock, machine, times, note } = setup();
  const wait = interval(machine, 10, note);
  await machine.dispose();
  await assertRejects(() => wait, MachineDisposedError);
  await assertRejects(() => interval(machine, 10, note), MachineDisposedError);
  await clock.advance(100);
  assertEquals([times, clock.pending], [[], 0]);
});

test("interval() starts nothing when the signal is aborted already", async () => {
  const { clock, machine, note } = setup();
  const wait = interval(machine, 10, note, { signal: AbortSignal.abort("stop") });
  assertEquals([await outcomeOf(wait), clock.pending], [{ reason: "stop" }, 0]);
});

test("interval() follows the clock it is given", () => {
  const { machine, times } = setup();
  const clock = new VirtualClock();
  interval(machine, 10, () => void times.push(clock.now()), { clock });
  clock.advanceSync(20);
  assertEquals(times, [10, 20]);
});

test("interval() goes on when handlers throw and throwErrors would throw it to a caller", async () => {
  const { clock, machine, times, note } = setup({ throwErrors: true });
  machine.bindHandlers({
    ExceptionState: () => {
      throw new Error("worse");
    },
  });
  interval(machine, 10, () => {
    note();
    throw new Error("boom");
  });
  clock.advanceSync(20);
  assertEquals(times, [10, 20]);
  await settle();
});

test("interval() refuses what is no interval, no time-out and no state", () => {
  const { machine, note } = setup();
  for (const everyMs of [0, -1, NaN, Infinity, "5"]) {
    assertThrows(() => interval(machine, everyMs as number, note), RangeError, "Cannot start interval");
  }
  assertThrows(() => interval(machine, 10, note, { timeoutMs: -1 }), RangeError, "timeoutMs");
  assertThrows(() => interval(machine, 10, note, { state: "ErrX" as "ErrC" }), UnknownStateError);
});
