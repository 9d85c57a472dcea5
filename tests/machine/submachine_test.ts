import {
  Machine,
  MachineDisposedError,
  NoOpTracer,
  type Schema,
  SchemaError,
  type Tracer,
} from "@asyncmachine/asyncmachine";
import { assertEquals, assertInstanceOf, assertStrictEquals, assertThrows } from "@std/assert";
import { test } from "../_harness.ts";
import { countedController, FakeClock, microtasks } from "./_fakes.ts";

/** A tracer that notes machines made, queued mutations and disposals, each with its own name in front. */
function notingTracer(calls: string[], name: string, inheritable?: boolean): Tracer {
  return {
    inheritable,
    machineInit: ({ id }) => void calls.push(`${name} init ${id}`),
    newSubmachine: (parent, { id }) => void calls.push(`${name} sub ${parent.id} ${id}`),
    mutationQueued: ({ id }, { states }) => void calls.push(`${name} queued ${id} ${states}`),
    machineDispose: ({ id }) => void calls.push(`${name} dispose ${id}`),
  };
}

test("Machine.parent is the machine that it was made with, null without one", () => {
  const parent = new Machine<Schema>({ A: {} });
  const child = new Machine({ B: {} }, { parent });
  assertStrictEquals(child.parent, parent);
  assertEquals(parent.parent, null);
});

test("Machine with a parent is told to all the parent's tracers, before its own tracers hear of it", () => {
  const calls: string[] = [];
  const parent = new Machine<Schema>({ A: {} }, {
    id: "p",
    tracers: [notingTracer(calls, "one"), notingTracer(calls, "two")],
  });
  calls.length = 0;

  new Machine({ A: {} }, { id: "c", parent, tracers: [notingTracer(calls, "own")] });

  assertEquals(calls, ["one sub p c", "two sub p c", "own init c"]);
});

test("Machine with a parent tells its schema's errors after its tracers were bound", () => {
  const calls: string[] = [];
  const parent = new Machine<Schema>({ A: {} }, { id: "p", tracers: [notingTracer(calls, "one")] });
  calls.length = 0;
  const schema = { A: { require: ["B"], remove: ["B"] }, B: {} };
  new Machine(schema as Schema, { id: "c", parent, tracers: [notingTracer(calls, "own")] });
  assertEquals(calls, ["one sub p c", "own init c", "own queued c Exception"]);
});

test("Tracer.newSubmachine() gets both machines, the new one ready to be read", () => {
  const seen: unknown[] = [];
  const parent = new Machine<Schema>({ A: {} }, {
    tracers: [{ newSubmachine: (_parent, child) => void seen.push(_parent, child, child.parent, child.stateNames) }],
  });
  const child = new Machine({ B: {} }, { parent });
  assertStrictEquals(seen[0], parent);
  assertStrictEquals(seen[1], child);
  assertStrictEquals(seen[2], parent);
  assertEquals(seen[3], ["B", "Exception"]);
});

test("Tracer.newSubmachine() that throws does not keep the machine from being made", () => {
  const parent = new Machine<Schema>({ A: {} }, {
    tracers: [{
      newSubmachine() {
        throw new Error("boom");
      },
    }],
  });
  const child = new Machine({ B: {} }, { parent });
  child.add("B");
  assertEquals(child.toString(), "(B:1)");
});

test("Tracer.newSubmachine() is for machines made with this one as parent, not for theirs", () => {
  const calls: string[] = [];
  const parent = new Machine<Schema>({ A: {} }, { id: "p", tracers: [notingTracer(calls, "one")] });
  const child = new Machine<Schema>({ A: {} }, { id: "c", parent });
  calls.length = 0;
  new Machine({ A: {} }, { id: "cc", parent: child });
  assertEquals(calls, []);
});

test("Tracer that is inheritable sees what submachines do, one that is not does not", () => {
  const calls: string[] = [];
  const parent = new Machine<Schema>({ A: {} }, { id: "p" });
  parent.bindTracer(notingTracer(calls, "inherited", true));
  parent.bindTracer(notingTracer(calls, "not", false));
  parent.bindTracer(notingTracer(calls, "silent"));
  const child = new Machine({ A: {} }, { id: "c", parent });
  calls.length = 0;

  child.add("A");

  assertEquals(calls, ["inherited queued c A"]);
});

test("Tracer that is inheritable goes down to submachines of submachines", () => {
  const calls: string[] = [];
  const top = new Machine<Schema>({ A: {} }, { id: "p", tracers: [notingTracer(calls, "inherited", true)] });
  const middle = new Machine<Schema>({ A: {} }, { id: "c", parent: top });
  calls.length = 0;

  const bottom = new Machine({ A: {} }, { id: "cc", parent: middle });
  bottom.add("A");

  assertEquals(calls.filter((call) => !call.includes("init")), ["inherited sub c cc", "inherited queued cc A"]);
});

test("Tracer that is inheritable is called before the submachine's own", () => {
  const calls: string[] = [];
  const parent = new Machine<Schema>({ A: {} }, { id: "p", tracers: [notingTracer(calls, "inherited", true)] });
  const child = new Machine({ A: {} }, { id: "c", parent, tracers: [notingTracer(calls, "own")] });
  calls.length = 0;
  child.add("A");
  assertEquals(calls, ["inherited queued c A", "own queued c A"]);
});

test("Tracer that is bound or taken off later changes nothing for submachines that are there", () => {
  const calls: string[] = [];
  const parent = new Machine<Schema>({ A: {} }, { id: "p" });
  const binding = parent.bindTracer(notingTracer(calls, "early", true));
  const child = new Machine({ A: {} }, { id: "c", parent });
  binding.detach();
  parent.bindTracer(notingTracer(calls, "late", true));
  calls.length = 0;

  child.add("A");

  assertEquals(calls, ["early queued c A"]);
});

test("Tracer that is inheritable has its wants in submachines too", () => {
  const steps: number[] = [];
  class Steps extends NoOpTracer implements Tracer {
    readonly inheritable = true;
    readonly wants = { steps: true };
    override transitionEnd: Required<Tracer>["transitionEnd"] = (transition) =>
      void steps.push(transition.steps.length);
  }
  const parent = new Machine<Schema>({ A: {} }, { tracers: [new Steps()] });
  new Machine({ A: {} }, { parent }).add("A");
  assertEquals(steps, [2]);
});

test("Tracer that throws in a submachine is taken off there, not at the parent", () => {
  const calls: string[] = [];
  const parent = new Machine<Schema>({ A: { multi: true } }, { id: "p" });
  parent.bindTracer({
    inheritable: true,
    transitionEnd({ machine: { id } }) {
      calls.push(id);
      if (id === "c") throw new Error("boom");
    },
  });
  const child = new Machine({ A: { multi: true } }, { id: "c", parent });
  child.onInternalError(() => {});
  for (let i = 0; i < 12; i++) child.add("A");
  assertEquals(calls.length, 10);
  parent.add("A");
  assertEquals(calls.at(-1), "p");
});

test("Machine with a parent does not change the parent, nor follow its states", () => {
  const parent = new Machine<Schema>({ A: {} });
  const child = new Machine({ A: {} }, { parent });
  child.add("A");
  assertEquals([parent.toString(), parent.queueTick], ["()", 1]);
  parent.addErr(new Error("boom"));
  assertEquals(child.isErr(), false);
});

test("Machine.dispose() of a parent disposes its submachines, and theirs, parents first", async () => {
  const calls: string[] = [];
  const top = new Machine<Schema>({ A: {} }, { id: "p", tracers: [notingTracer(calls, "t", true)] });
  const middle = new Machine<Schema>({ A: {} }, { id: "c", parent: top });
  const bottom = new Machine({ A: {} }, { id: "cc", parent: middle });
  calls.length = 0;

  await top.dispose();
  await bottom.whenDisposed();

  assertEquals(calls, ["t dispose p", "t dispose c", "t dispose cc"]);
  assertEquals([middle.disposed, bottom.disposed], [true, true]);
});

test("Machine.disposeForce() of a parent disposes its submachines", async () => {
  const parent = new Machine<Schema>({ A: {} });
  const child = new Machine({ A: {} }, { parent });
  const wait = child.when("A");
  parent.disposeForce();
  await microtasks();
  assertEquals(child.disposed, true);
  assertInstanceOf(await wait.catch((error) => error), MachineDisposedError);
});

test("Machine.dispose() of a submachine leaves its parent and its sisters alone", async () => {
  const parent = new Machine<Schema>({ A: {} });
  const child = new Machine({ A: {} }, { parent }), sister = new Machine({ A: {} }, { parent });
  await child.dispose();
  assertEquals([parent.disposed, sister.disposed], [false, false]);
  assertEquals([parent.add("A"), sister.add("A")], [0, 0]);
});

test("Machine.dispose() of a parent adds Disposing to a submachine that has it, whose end is forced after 2 s", async () => {
  const clock = new FakeClock();
  const parent = new Machine<Schema>({ A: {} });
  const child = new Machine({ Disposing: {} }, { parent, clock });

  await parent.dispose();
  assertEquals(child.toString(), "(Disposing:1)");
  clock.advance(1_999);
  await microtasks();
  assertEquals(child.disposed, false);
  clock.advance(1);
  await microtasks();

  assertEquals(child.disposed, true);
  assertEquals(clock.pending, 0);
});

test("Machine whose handler of Disposing disposes it has no end to be forced any more", async () => {
  const clock = new FakeClock();
  const controller = new AbortController();
  const machine = new Machine({ Disposing: {} }, { signal: controller.signal, clock });
  machine.bindHandlers({ DisposingState: () => void machine.dispose() });
  controller.abort();
  await machine.whenDisposed();
  assertEquals(clock.pending, 0);
});

test("Machine whose Disposing is refused is disposed by force all the same", async () => {
  const clock = new FakeClock();
  const controller = new AbortController();
  const machine = new Machine({ Disposing: {} }, { signal: controller.signal, clock });
  machine.bindHandlers({ DisposingEnter: () => false });
  controller.abort();
  clock.advance(2_000);
  await microtasks();
  assertEquals(machine.disposed, true);
});

test("Machine whose Disposing throws with throwErrors is disposed by force all the same", async () => {
  const clock = new FakeClock();
  const errors: string[] = [];
  const controller = new AbortController();
  const machine = new Machine({ Disposing: {} }, { signal: controller.signal, clock, throwErrors: true });
  machine.onInternalError(({ message }) => void errors.push(message));
  machine.bindHandlers({
    DisposingState() {
      throw new Error("boom");
    },
  });
  controller.abort();
  assertEquals(errors, ["boom"]);
  clock.advance(2_000);
  await microtasks();
  assertEquals(machine.disposed, true);
});

test("Machine.disposeForce() stops the forced end", () => {
  const clock = new FakeClock();
  const controller = new AbortController();
  const machine = new Machine({ Disposing: {} }, { signal: controller.signal, clock });
  controller.abort();
  assertEquals(clock.pending, 1);
  machine.disposeForce();
  assertEquals([machine.disposed, clock.pending], [true, 0]);
});

test("Machine that is disposed already is no reason to add Disposing when the signal aborts", async () => {
  const clock = new FakeClock();
  const controller = new AbortController();
  const machine = new Machine({ Disposing: {} }, { signal: controller.signal, clock });
  const disposal = machine.dispose();
  controller.abort(); // disposing, not disposed
  await disposal;
  assertEquals(clock.pending, 0);
});

test("Machine made with a disposed parent is disposed, too", async () => {
  const parent = new Machine<Schema>({ A: {} });
  await parent.dispose();
  const child = new Machine({ A: {} }, { parent });
  await child.whenDisposed();
  assertEquals(child.disposed, true);
});

test("Machine with a parent and a signal of its own follows that signal", async () => {
  const controller = new AbortController();
  const parent = new Machine<Schema>({ A: {} });
  const child = new Machine({ A: {} }, { parent, signal: controller.signal });
  await parent.dispose();
  assertEquals(child.disposed, false);
  controller.abort();
  await child.whenDisposed();
});

test("Machine that is disposed listens to its signal no more", async () => {
  const counted = countedController();
  const machine = new Machine({ A: {} }, { signal: counted.signal });
  assertEquals(counted.now, 1);
  await machine.dispose();
  assertEquals(counted.now, 0);

  const forced = new Machine({ A: {} }, { signal: counted.signal });
  forced.disposeForce();
  assertEquals(counted.now, 0);
});

test("Machine.disposeForce() in a handler disposes at once, and the transition goes on without harm", async () => {
  const clock = new FakeClock();
  const machine = new Machine({ A: { timeoutMs: 10 }, B: {} }, { clock });
  const seen: unknown[] = [];
  machine.bindHandlers({
    AEnter() {
      machine.disposeForce();
      seen.push(machine.disposed);
    },
    AState: () => void seen.push("AState"),
  });
  const signal = machine.stateSignal("A");

  assertEquals(machine.add("A"), 0);

  assertEquals(seen, [true]);
  assertEquals([signal.aborted, clock.pending], [true, 0]);
  assertEquals(machine.add("B"), 1);
  await machine.dispose();
});

test("Machine.disposeForce() drops what waits, without removing Start", () => {
  const machine = new Machine({ Start: {}, A: {} });
  const calls: string[] = [];
  machine.add("Start");
  machine.bindHandlers({
    StartExit: () => void calls.push("StartExit"),
    AState() {
      machine.remove("Start");
      machine.disposeForce();
    },
  });
  machine.add("A");
  assertEquals(calls, []);
  assertEquals(machine.queueLength, 0);
});

test("Machine.disposeForce() tells everybody before it returns, once", async () => {
  const calls: string[] = [];
  const machine = new Machine({ A: {} }, { id: "m", tracers: [{ machineDispose: () => void calls.push("tracer") }] });
  machine.onDispose((id, signal) => void calls.push(`onDispose ${id} ${signal.aborted}`));
  machine.signal.addEventListener("abort", () => calls.push("signal"));
  machine.disposeForce();
  assertEquals(calls, ["tracer", "onDispose m false", "signal"]);

  machine.disposeForce();
  await machine.dispose();
  assertEquals(calls.length, 3);
});

test("Machine.disposeForce() overtakes a disposal that has begun", async () => {
  const machine = new Machine({ A: {} });
  let count = 0;
  machine.onDispose(() => count++);
  const disposal = machine.dispose();
  assertEquals(machine.disposed, false);
  machine.disposeForce();
  assertEquals(machine.disposed, true);
  await disposal;
  assertEquals(count, 1);
});

test("Machine.groups are the named lists of the options, frozen copies in their order", () => {
  const playing: ("Playing" | "Paused")[] = ["Paused", "Playing"];
  const machine = new Machine({ Playing: {}, Paused: {}, Off: {} }, {
    groups: { playing, rest: ["Off", "Exception"] },
  });
  playing.push("Playing");

  assertEquals(machine.groups, { playing: ["Paused", "Playing"], rest: ["Off", "Exception"] });
  assertEquals(Object.keys(machine.groups), ["playing", "rest"]);
  assertThrows(() => (machine.groups["rest"] as string[]).push("Playing"), TypeError);
  assertThrows(() => Object.assign(machine.groups, { other: [] }), TypeError);
});

test("Machine.groups is empty by default", () => {
  assertEquals(new Machine({ A: {} }).groups, {});
});

test("Machine refuses a group of a state that the schema lacks, and leaves nothing behind", () => {
  const counted = countedController();
  const calls: string[] = [];
  const parent = new Machine<Schema>({ A: {} }, { tracers: [notingTracer(calls, "one", true)] });
  calls.length = 0;
  const error = assertThrows(
    () => new Machine({ A: {} }, { groups: { main: ["A", "Unknown"] }, parent, signal: counted.signal }),
    SchemaError,
  );
  assertEquals(error.problems, ['Cannot make group "main": the state "Unknown" is not in the schema']);
  assertEquals([counted.ever, calls], [0, []]);
});

test("Machine that a tracer disposes while it is made listens to nothing and starts no timer", () => {
  const clock = new FakeClock();
  const live = countedController(), aborted = countedController();
  aborted.controller.abort();
  const parent = new Machine<Schema>({ A: {} }, {
    tracers: [{ newSubmachine: (_parent, machine) => (machine as Machine).disposeForce() }],
  });
  for (const { signal } of [live, aborted]) new Machine({ Disposing: {} }, { parent, signal, clock });
  assertEquals([live.now, aborted.now, clock.pending], [0, 0, 0]);
});

test("Tracer.machineInit() is not called on an inherited tracer, which knows the machine from newSubmachine()", () => {
  const calls: string[] = [];
  const parent = new Machine({ A: {} }, {
    id: "p",
    tracers: [{
      inheritable: true,
      machineInit: (machine) => void calls.push(`init ${machine.id}`),
      newSubmachine: (of, machine) => void calls.push(`sub ${of.id} ${machine.id}`),
    }],
  });

  new Machine({ B: {} }, { id: "c", parent });

  assertEquals(calls, ["init p", "sub p c"]);
});
