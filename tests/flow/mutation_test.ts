import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { addAndWait, addAndWaitFor, askAdd, askRemove, removeAndWait } from "../../flow/mutation.ts";
import { MachineDisposedError, UnknownStateError } from "../../machine/errors.ts";
import { Machine } from "../../machine/machine.ts";
import { Canceled, Executed } from "../../machine/mutation.ts";
import { VirtualClock } from "../../machine/testing.ts";
import { test } from "../_harness.ts";
import { CountingController, outcomeOf, SCHEMA, settle } from "./_support.ts";

/** Run a function in a final handler of a machine, while other mutations wait. */
function inHandler<Value>(machine: Machine<typeof SCHEMA>, fn: () => Value): Value {
  let value: Value | undefined;
  const binding = machine.bindHandlers({ CState: () => void (value = fn()) });
  machine.add("C");
  binding.detach();
  return value!;
}

test("askAdd() adds what would be accepted, with its arguments and source, and else makes no transition", () => {
  const machine = new Machine(SCHEMA);
  const calls: unknown[] = [];
  machine.bindTracer({
    transitionEnd: ({ mutation }) => void calls.push([mutation.type, mutation.isCheck, mutation.args, mutation.source]),
  });
  assertEquals(askAdd(machine, "B"), Canceled);
  assertEquals(askAdd(machine, ["A", "B"], { x: 1 }), Executed);
  assertEquals(machine.is(["A", "B"]), true);

  assertEquals(calls.filter((call) => !(call as unknown[])[1]), [["add", false, { x: 1 }, null]]);
});

test("askRemove() removes what would be accepted, and else makes no transition", () => {
  const machine = new Machine(SCHEMA);
  machine.add(["A", "C"]);
  machine.bindHandlers({ AExit: (event) => event.args.force === true });
  const before = machine.queueTick;
  assertEquals(askRemove(machine, "A"), Canceled);
  assertEquals(machine.queueTick, before);
  assertEquals(askRemove(machine, "A", { force: true }), Executed);
  assertEquals(askRemove(machine, ["C"]), Executed);
  assertEquals(machine.activeStates(), []);
});

test("askAdd() and askRemove() queue the mutation in a handler, where nobody can know", () => {
  const machine = new Machine(SCHEMA);
  machine.add("On");
  const results = inHandler(machine, () => [askAdd(machine, "A"), askRemove(machine, "On")]);
  assertEquals(results.every((result) => result > 1), true);
  assertEquals(machine.is("A") && machine.not("On"), true);
});

test("addAndWait() tells at once whether the add was executed", async () => {
  const machine = new Machine(SCHEMA);
  assertEquals(await addAndWait(machine, "B"), false);
  assertEquals(await addAndWait(machine, ["A", "B"], { x: 1 }), true);
});

test("addAndWait() adds before it returns, and passes arguments and source on", () => {
  const machine = new Machine(SCHEMA);
  const seen: unknown[] = [];
  machine.bindHandlers({
    AState: (event) => void seen.push(event.args),
    CState: (event) => void addAndWait(machine, "A", { x: 1 }, { from: event }),
  });
  machine.bindTracer({ transitionEnd: ({ mutation }) => void seen.push(mutation.source?.machineId ?? null) });
  machine.add("C");
  assertEquals(seen, [null, { x: 1 }, machine.id]);
});

test("addAndWait() waits for a queued add, and tells whether the states are active then", async () => {
  const machine = new Machine(SCHEMA);
  const [accepted, refused, undone] = inHandler(machine, () => {
    const undone = addAndWait(machine, "On");
    const waits = [addAndWait(machine, "A"), addAndWait(machine, "B"), undone] as const;
    machine.remove("A");
    machine.add("Off");
    return [addAndWait(machine, "A", { x: 1 }), waits[1], undone] as const;
  });
  assertEquals(await Promise.all([accepted, refused, undone]), [true, false, false]);
});

test("addAndWait() waits for the queued mutation that it would repeat", async () => {
  const machine = new Machine(SCHEMA);
  const waits = inHandler(machine, () => {
    machine.add("B"); // is refused
    machine.add("On");
    return [addAndWait(machine, "B"), addAndWait(machine, "On")];
  });
  assertEquals(await Promise.all(waits), [false, true]);
});

test("removeAndWait() tells whether the states are inactive, at once or after the queue", async () => {
  const machine = new Machine(SCHEMA);
  machine.add(["A", "On"]);
  machine.bindHandlers({ OnExit: () => false });
  assertEquals(await removeAndWait(machine, "On"), false);
  assertEquals(await removeAndWait(machine, "A"), true);
  machine.add("A");
  const waits = inHandler(machine, () => [
    removeAndWait(machine, "Off"), // inactive, and nothing is queued
    removeAndWait(machine, "On"),
    removeAndWait(machine, "A"),
    removeAndWait(machine, "A"), // repeats the one before
  ]);
  assertEquals(await Promise.all(waits), [true, false, true, true]);
});

test("addAndWaitFor() resolves when the state is entered that the add leads to", async () => {
  const clock = new VirtualClock();
  const machine = new Machine(SCHEMA, { clock });
  machine.bindHandlers({ OffState: () => void clock.setTimeout(() => machine.add("On"), 10) });
  const wait = addAndWaitFor(machine, "Off", "On", null, { timeoutMs: 100 });
  await clock.advance(9);
  assertEquals(await outcomeOf(wait), "pending");
  await clock.advance(1);
  assertEquals(await outcomeOf(wait), { value: true });
  assertEquals(clock.pending, 0);
});

test("addAndWaitFor() wants an active state to be entered anew", async () => {
  const machine = new Machine(SCHEMA);
  machine.add("On");
  const wait = addAndWaitFor(machine, "A", "On");
  assertEquals(await outcomeOf(wait), "pending");
  machine.add("Off");
  machine.add("On");
  assertEquals(await outcomeOf(wait), { value: true });
});

test("addAndWaitFor() resolves with true when the state comes and goes in the add itself", async () => {
  const machine = new Machine(SCHEMA);
  machine.bindHandlers({
    OffState: () => {
      machine.add("On");
      machine.remove("On");
    },
  });
  assertEquals(await addAndWaitFor(machine, ["Off"], "On"), true);
});

test("addAndWaitFor() resolves with false when the add is canceled, at once or from the queue", async () => {
  const machine = new Machine(SCHEMA);
  assertEquals(await addAndWaitFor(machine, "B", "On"), false);
  const [queued, repeated] = inHandler(machine, () => [
    addAndWaitFor(machine, "B", "On"),
    addAndWaitFor(machine, ["B"], "On"),
  ]);
  assertEquals(await Promise.all([queued, repeated]), [false, false]);
});

test("addAndWaitFor() waits on when a queued add was accepted, even if its states are gone already", async () => {
  const machine = new Machine(SCHEMA);
  const wait = inHandler(machine, () => {
    const wait = addAndWaitFor(machine, "A", "On");
    machine.remove("A");
    return wait;
  });
  assertEquals([await outcomeOf(wait), machine.is("A")], ["pending", false]);
  machine.add("On");
  assertEquals(await outcomeOf(wait), { value: true });
});

const STARTS = [
  ["addAndWait", (machine: Machine<typeof SCHEMA>, options: object) => addAndWait(machine, "A", null, options)],
  ["removeAndWait", (machine: Machine<typeof SCHEMA>, options: object) => removeAndWait(machine, "A", null, options)],
  [
    "addAndWaitFor",
    (machine: Machine<typeof SCHEMA>, options: object) => addAndWaitFor(machine, "A", "On", null, options),
  ],
] as const;

for (const [name, start] of STARTS) {
  test(`${name}() changes nothing when the signal is aborted already`, async () => {
    const machine = new Machine(SCHEMA);
    machine.add("C");
    const before = machine.queueTick;
    assertEquals(await outcomeOf(start(machine, { signal: AbortSignal.abort("stop") })), { reason: "stop" });
    assertEquals(machine.queueTick, before);
  });

  test(`${name}() rejects when it is aborted while the mutation is queued, and leaves nothing behind`, async () => {
    const clock = new VirtualClock();
    const machine = new Machine(SCHEMA, { clock });
    const controller = new CountingController();
    machine.add("A");
    const wait = inHandler(machine, () => {
      machine.add("Off");
      const wait = start(machine, { signal: controller.signal, timeoutMs: 10 });
      assertEquals([controller.count, clock.pending], [1, 1]);
      controller.abort("stop");
      return wait;
    });
    assertEquals(await outcomeOf(wait), { reason: "stop" });
    assertEquals([controller.count, clock.pending], [0, 0]);
  });

  test(`${name}() rejects when the machine is disposed while the mutation is queued`, async () => {
    const clock = new VirtualClock();
    const machine = new Machine(SCHEMA, { clock });
    machine.add("A");
    const wait = inHandler(machine, () => {
      machine.add("Off");
      const wait = start(machine, { timeoutMs: 10 });
      machine.dispose();
      return wait;
    });
    await assertRejects(() => wait, MachineDisposedError);
    assertEquals(clock.pending, 0);
    assertEquals(await outcomeOf(start(machine, {})), { value: false });
  });

  test(`${name}() throws for unknown states, and leaves nothing behind`, async () => {
    const clock = new VirtualClock();
    const machine = new Machine({ Z: {} }, { clock }) as unknown as Machine<typeof SCHEMA>;
    const controller = new CountingController();
    assertThrows(() => start(machine, { signal: controller.signal, timeoutMs: 10 }), UnknownStateError);
    assertEquals([controller.count, clock.pending], [0, 0]);
    await settle();
  });
}

test("addAndWaitFor() times out on the machine's clock, or the one it is given", async () => {
  const [clock, other] = [new VirtualClock(), new VirtualClock()];
  const machine = new Machine(SCHEMA, { clock });
  const first = addAndWaitFor(machine, "A", "On", null, { timeoutMs: 5 });
  const second = addAndWaitFor(machine, "A", "On", null, { timeoutMs: 5, clock: other });
  await clock.advance(5);
  assertEquals(await outcomeOf(first), { reason: "TimeoutError" });
  await other.advance(5);
  assertEquals(await outcomeOf(second), { reason: "TimeoutError" });
});

test("addAndWait() throws what a handler threw to its caller with throwErrors, and leaves nothing behind", async () => {
  const clock = new VirtualClock();
  const machine = new Machine(SCHEMA, { clock, throwErrors: true });
  machine.bindHandlers({
    AState: () => {
      throw new Error("boom");
    },
  });
  assertThrows(() => addAndWait(machine, "A", null, { timeoutMs: 10 }), Error, "boom");
  assertThrows(() => addAndWaitFor(machine, "A", "On", null, { timeoutMs: 10 }), Error, "boom");
  assertEquals(clock.pending, 0);
  await settle();
});
