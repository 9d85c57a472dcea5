import { assertEquals, assertInstanceOf, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { type Wait, waitForAll, waitForAny, waitForErrAll, waitForErrAny } from "../../flow/wait.ts";
import { MachineDisposedError } from "../../machine/errors.ts";
import { Machine } from "../../machine/machine.ts";
import { VirtualClock } from "../../machine/testing.ts";
import { test } from "../_harness.ts";
import { CountingController, outcomeOf, SCHEMA, settle } from "./_support.ts";

/** A wait for a machine's state that notes how it ended. */
function whenNoted(machine: Machine<typeof SCHEMA>, state: "A" | "C", notes: string[]): Wait<string> {
  return async (signal) => {
    try {
      await machine.when(state, { signal });
      notes.push(`${state} resolved`);
      return state;
    } catch (reason) {
      notes.push(`${state} rejected`);
      throw reason;
    }
  };
}

const FOREVER = new Promise<never>(() => {});

test("waitForAll() resolves with the values of promises and functions, in their order", async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  const wait = waitForAll([promise, () => Promise.resolve("second"), Promise.resolve(true)]);
  assertEquals(await outcomeOf(wait), "pending");
  resolve(1);
  assertEquals(await wait, [1, "second", true]);
});

test("waitForAll() resolves at once when there is nothing to wait for", async () => {
  assertEquals(await waitForAll([]), []);
});

test("waitForAll() starts functions at once", () => {
  const started: string[] = [];
  waitForAll([() => Promise.resolve(started.push("a")), () => Promise.resolve(started.push("b"))]);
  assertEquals(started, ["a", "b"]);
});

test("waitForAll() rejects with the first reason, and tells the others by their signal", async () => {
  const machine = new Machine(SCHEMA);
  const notes: string[] = [];
  const error = new Error("boom");
  const wait = waitForAll([whenNoted(machine, "A", notes), () => Promise.reject(error), FOREVER]);

  assertStrictEquals(await assertRejects(() => wait), error);
  await settle();
  assertEquals(notes, ["A rejected"]);
});

test("waitForAll() counts a function that throws as one that rejects, and tells the others", async () => {
  const machine = new Machine(SCHEMA);
  const notes: string[] = [];
  const wait = waitForAll([whenNoted(machine, "A", notes), () => {
    throw new Error("boom");
  }]);

  await assertRejects(() => wait, Error, "boom");
  await settle();
  assertEquals(notes, ["A rejected"]);
});

for (const [name, waitFor] of [["waitForAll", waitForAll], ["waitForAny", waitForAny]] as const) {
  test(`${name}() rejects with the signal's reason at once, and leaves nothing behind`, async () => {
    const clock = new VirtualClock();
    const machine = new Machine(SCHEMA, { clock });
    const controller = new CountingController();
    const { signal } = controller;
    const notes: string[] = [];
    const wait = waitFor([whenNoted(machine, "A", notes), FOREVER], { signal, timeoutMs: 1_000, clock });
    assertEquals([controller.count, clock.pending], [1, 1]);

    const reason = new Error("stop");
    controller.abort(reason);
    assertEquals([controller.count, clock.pending], [0, 0]);
    assertEquals(await outcomeOf(wait), { reason });
    assertEquals(notes, ["A rejected"]);
  });

  test(`${name}() rejects with a TimeoutError on the clock it is given, and leaves nothing behind`, async () => {
    const clock = new VirtualClock();
    const controller = new CountingController();
    const wait = waitFor([FOREVER], { signal: controller.signal, timeoutMs: 2 ** 40, clock });

    await clock.advance(2 ** 40 - 1);
    assertEquals(await outcomeOf(wait), "pending");
    await clock.advance(1);
    assertEquals(await outcomeOf(wait), { reason: "TimeoutError" });
    assertEquals([controller.count, clock.pending], [0, 0]);
  });

  test(`${name}() leaves nothing behind when it resolves`, async () => {
    const clock = new VirtualClock();
    const controller = new CountingController();
    const { promise, resolve } = Promise.withResolvers<string>();
    const wait = waitFor([promise], { signal: controller.signal, timeoutMs: 1_000, clock });
    resolve("done");
    await wait;

    assertEquals([controller.count, clock.pending], [0, 0]);
  });

  test(`${name}() starts nothing when the signal is aborted already`, async () => {
    const reason = new Error("stop");
    let isStarted = false;
    const start = () => {
      isStarted = true;
      return FOREVER;
    };
    const late = Promise.withResolvers<void>();
    const wait = waitFor([start, late.promise], { signal: AbortSignal.abort(reason) });

    assertEquals(await outcomeOf(wait), { reason });
    assertEquals(isStarted, false);
    late.reject(new Error("late")); // and is no unhandled rejection
    await settle();
  });

  test(`${name}() is no unhandled rejection when nobody awaits it`, async () => {
    waitFor([Promise.reject(new Error("boom")), () => Promise.reject(new Error("boom"))]);
    waitFor([FOREVER], { signal: AbortSignal.abort() });
    await settle();
  });

  test(`${name}() refuses a time-out that is no time`, () => {
    for (const timeoutMs of [-1, NaN, "5"]) {
      assertThrows(() => waitFor([FOREVER], { timeoutMs: timeoutMs as number }), RangeError, "timeoutMs");
    }
  });
}

test("waitForAny() resolves with the first value, and tells the others by their signal", async () => {
  const machine = new Machine(SCHEMA);
  const notes: string[] = [];
  const wait = waitForAny([whenNoted(machine, "A", notes), whenNoted(machine, "C", notes)]);
  machine.add("C");

  assertEquals(await wait, "C");
  await settle();
  assertEquals(notes, ["C resolved", "A rejected"]);
});

test("waitForAny() waits on when one of several rejects, and rejects when all have", async () => {
  const first = Promise.withResolvers<string>();
  const second = Promise.withResolvers<string>();
  const wait = waitForAny([first.promise, second.promise]);
  first.reject(new Error("first"));
  assertEquals(await outcomeOf(wait), "pending");
  second.reject(new Error("second"));

  const error = await assertRejects(() => wait, AggregateError);
  assertEquals(error.errors.map(({ message }) => message), ["first", "second"]);
});

test("waitForAny() and waitForErrAny() refuse to wait for nothing", () => {
  assertThrows(() => waitForAny([]), RangeError, "nothing to wait for");
  assertThrows(() => waitForErrAny(new Machine({}), []), RangeError, "nothing to wait for");
});

for (const [name, waitFor] of [["waitForErrAll", waitForErrAll], ["waitForErrAny", waitForErrAny]] as const) {
  test(`${name}() resolves as long as the machine has no error`, async () => {
    const clock = new VirtualClock();
    const machine = new Machine(SCHEMA, { clock });
    const wait = waitFor(machine, [(signal) => machine.when("A", { signal }).then(() => "a")], { timeoutMs: 1_000 });
    assertEquals(clock.pending, 1);
    machine.add("A");

    assertEquals([await wait].flat(), ["a"]);
    assertEquals(clock.pending, 0);
    machine.addErr(new Error("later")); // nobody waits for it any more
    await settle();
  });

  test(`${name}() rejects with the machine's error, and tells the others by their signal`, async () => {
    const machine = new Machine(SCHEMA);
    const notes: string[] = [];
    const wait = waitFor(machine, [whenNoted(machine, "A", notes)]);
    const error = new Error("boom");
    machine.addErr(error);

    assertEquals(await outcomeOf(wait), { reason: error });
    assertEquals(notes, ["A rejected"]);
  });

  test(`${name}() rejects when the machine has an error already, be there something fulfilled or not`, async () => {
    const machine = new Machine(SCHEMA);
    const error = new Error("boom");
    machine.addErr(error);
    assertEquals(await outcomeOf(waitFor(machine, [FOREVER])), { reason: error });
    assertEquals(await outcomeOf(waitFor(machine, [Promise.resolve(1)])), { reason: error });
  });

  test(`${name}() rejects when the machine is disposed, before or meanwhile`, async () => {
    const machine = new Machine(SCHEMA);
    const wait = waitFor(machine, [FOREVER]);
    await machine.dispose();
    assertInstanceOf(await assertRejects(() => wait), MachineDisposedError);
    await assertRejects(() => waitFor(machine, [FOREVER]), MachineDisposedError);
  });

  test(`${name}() times out on the machine's clock, or the one it is given`, async () => {
    const clock = new VirtualClock();
    const other = new VirtualClock();
    const machine = new Machine(SCHEMA, { clock });
    const onMachine = waitFor(machine, [FOREVER], { timeoutMs: 10 });
    const onOther = waitFor(machine, [FOREVER], { timeoutMs: 10, clock: other });

    await clock.advance(10);
    assertEquals(await outcomeOf(onMachine), { reason: "TimeoutError" });
    assertEquals(await outcomeOf(onOther), "pending");
    await other.advance(10);
    assertEquals(await outcomeOf(onOther), { reason: "TimeoutError" });
  });
}

test("waitForErrAll() resolves at once for nothing to wait for, unless there is an error", async () => {
  const machine = new Machine(SCHEMA);
  assertEquals(await waitForErrAll(machine, []), []);
  machine.addErr(new Error("boom"));
  await assertRejects(() => waitForErrAll(machine, []), Error, "boom");
});

test("waitForAll() of a thousand aborted waits leaves no listener and no timer", async () => {
  const clock = new VirtualClock();
  const machine = new Machine(SCHEMA, { clock });
  const controller = new CountingController();
  const options = { signal: controller.signal, timeoutMs: 1_000 };
  for (let i = 0; i < 1_000; i++) waitForErrAll(machine, [(signal) => machine.when("A", { signal })], options);
  assertEquals(clock.pending, 1_000);
  controller.abort();
  await settle();

  assertEquals([controller.count, clock.pending], [0, 0]);
});
