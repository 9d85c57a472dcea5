import {
  type ExceptionArgs,
  Machine,
  type MachineClock,
  type Schema,
  StateTimeoutError,
} from "@asyncmachine/asyncmachine";
import { assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { VirtualClock } from "../../machine/testing.ts";
import { test } from "../_harness.ts";
import { FakeClock } from "./_fakes.ts";

/** A machine whose state A may last 100 ms, among other states, and its clock. */
function timedMachine(schema: Schema = {}): { machine: Machine; clock: FakeClock } {
  const clock = new FakeClock();
  return { machine: new Machine<Schema>({ A: { timeoutMs: 100 }, B: {}, ...schema }, { clock }), clock };
}

test("State.timeoutMs adds a StateTimeoutError when an activation lasts as long, not before; the state stays", () => {
  const { machine, clock } = timedMachine();
  machine.add("A");
  clock.advance(99);
  assertEquals([machine.err, machine.isErr()], [null, false]);

  clock.advance(1);

  const { err } = machine;
  assertInstanceOf(err, StateTimeoutError);
  assertEquals([err.state, err.timeoutMs], ["A", 100]);
  assertEquals(machine.activeStates(), ["Exception", "A"]);
});

test("State.timeoutMs adds the error state ErrA of a state A together with Exception", () => {
  const { machine, clock } = timedMachine({ ErrA: { require: ["Exception"] }, ErrB: {} });
  let args: ExceptionArgs | undefined;
  machine.bindHandlers({ ErrAState: (e: { args: unknown }) => void (args = e.args as ExceptionArgs) });
  machine.add("A");

  clock.advance(100);

  assertEquals(machine.is(["ErrA", "Exception", "A"]), true);
  assertEquals(machine.is("ErrB"), false);
  assertStrictEquals(args!.error, machine.err);
  assertEquals(machine.queueTick, 3); // one mutation for both
});

test("State.timeoutMs tells onError", () => {
  const { machine, clock } = timedMachine();
  const errors: Error[] = [];
  machine.onError((_machine, error) => void errors.push(error));
  machine.add("A");
  clock.advance(100);
  assertEquals(errors.map(({ name }) => name), ["StateTimeoutError"]);
});

test("State.timeoutMs fires once for an activation, and again for the next one", () => {
  const { machine, clock } = timedMachine();
  machine.add("A");
  clock.advance(1_000);
  assertEquals([machine.tick("Exception"), clock.pending], [1, 0]);

  machine.remove(["A", "Exception"]);
  machine.add("A");
  assertEquals(clock.pending, 1);
  clock.advance(100);
  assertEquals(machine.tick("Exception"), 3);
});

test("State.timeoutMs ends when the state is left, in whatever way", () => {
  const leave: ((machine: Machine) => unknown)[] = [
    (machine) => machine.remove("A"),
    (machine) => machine.set("B"),
    (machine) => machine.add("Rival"),
    (machine) => machine.remove("Base"),
    (machine) => machine.toggle("A"),
  ];
  for (const leaveIt of leave) {
    const { machine, clock } = timedMachine({
      A: { timeoutMs: 100, require: ["Base"] },
      Base: {},
      Rival: { remove: ["A"] },
    });
    machine.add(["A", "Base"]);
    assertEquals(clock.pending, 1);
    leaveIt(machine);
    assertEquals(clock.pending, 0);
    clock.advance(100);
    assertEquals(machine.err, null);
  }
});

test("State.timeoutMs starts for each way into the state", () => {
  const enter: ((machine: Machine) => unknown)[] = [
    (machine) => machine.add("A"),
    (machine) => machine.set(["A", "B"]),
    (machine) => machine.toggle("A"),
    (machine) => machine.add("Implying"),
    (machine) => machine.add("Base"), // an auto state follows
  ];
  for (const enterIt of enter) {
    const { machine, clock } = timedMachine({
      Implying: { add: ["A"] },
      Base: {},
      Auto: { auto: true, require: ["Base"], add: ["A"] },
    });
    enterIt(machine);
    clock.advance(100);
    assertInstanceOf(machine.err, StateTimeoutError);
  }
});

test("State.timeoutMs starts anew when a multi state is called again", () => {
  const { machine, clock } = timedMachine({ A: { timeoutMs: 100, multi: true } });
  machine.add("A");
  clock.advance(60);
  machine.add("A");
  assertEquals(clock.pending, 1);

  clock.advance(60);
  assertEquals(machine.err, null);
  clock.advance(40);
  assertInstanceOf(machine.err, StateTimeoutError);
});

test("State.timeoutMs goes on when an active state is called again that is not multi, or other states change", () => {
  const { machine, clock } = timedMachine();
  machine.add("A");
  clock.advance(60);
  machine.add("A");
  machine.add("B");
  machine.canRemove("A");
  clock.advance(40);
  assertInstanceOf(machine.err, StateTimeoutError);
});

test("State.timeoutMs goes on when leaving the state is refused, and does not start when entering it is", () => {
  const { machine, clock } = timedMachine();
  let isRefused = true;
  machine.bindHandlers({ AEnter: () => !isRefused, AExit: () => !isRefused });
  machine.add("A");
  machine.canAdd("A");
  assertEquals(clock.pending, 0);

  isRefused = false;
  machine.add("A");
  isRefused = true;
  machine.remove("A");
  assertEquals(clock.pending, 1);
  clock.advance(100);
  assertInstanceOf(machine.err, StateTimeoutError);
});

test("State.timeoutMs does not start when a negotiation handler threw", () => {
  const { machine, clock } = timedMachine();
  machine.bindHandlers({
    AEnter() {
      throw new Error("boom");
    },
  });
  machine.add("A");
  assertEquals([machine.err?.message, clock.pending], ["boom", 0]);
});

test("State.timeoutMs ends for the states that a throwing final handler takes out again, not for those before", () => {
  const limit = { timeoutMs: 100 };
  const { machine, clock } = timedMachine({ A: limit, B: limit, C: limit });
  machine.bindHandlers({
    BState() {
      assertEquals(clock.pending, 3);
      throw new Error("boom");
    },
  });

  machine.add(["A", "B", "C"]);

  assertEquals(machine.activeStates(), ["Exception", "A"]);
  assertEquals(clock.pending, 1);
  clock.advance(100);
  assertEquals(machine.err?.message, 'State "A" is active for more than 100 ms');
});

test("State.timeoutMs ends when the handler of a multi state throws that was called again", () => {
  const { machine, clock } = timedMachine({ A: { timeoutMs: 100, multi: true } });
  machine.add("A");
  machine.bindHandlers({
    AState() {
      throw new Error("boom");
    },
  });
  machine.add("A");
  assertEquals([machine.is("A"), clock.pending], [false, 0]);
});

test("State.timeoutMs runs before the final handlers, and ends before them when the state is left", () => {
  const { machine, clock } = timedMachine();
  const pending: number[] = [];
  const note = () => void pending.push(clock.pending);
  machine.bindHandlers({ AEnter: note, AState: note, AExit: note, AEnd: note });
  machine.add("A");
  machine.remove("A");
  assertEquals(pending, [0, 1, 1, 0]);
});

test("State.timeoutMs of several states run beside each other", () => {
  const { machine, clock } = timedMachine({ B: { timeoutMs: 50 }, ErrA: {}, ErrB: {} });
  machine.add(["A", "B"]);
  clock.advance(50);
  assertEquals(machine.is(["ErrB"]) && !machine.is("ErrA"), true);
  clock.advance(50);
  assertEquals(machine.is(["ErrA", "ErrB"]), true);
});

test("State.timeoutMs of 0 is a limit, too", () => {
  const { machine, clock } = timedMachine({ A: { timeoutMs: 0 } });
  machine.add("A");
  assertEquals(machine.err, null);
  clock.advance(0);
  assertInstanceOf(machine.err, StateTimeoutError);
});

test("State.timeoutMs of Exception adds another error each time", () => {
  const { machine, clock } = timedMachine({ Exception: { multi: true, timeoutMs: 10 } });
  machine.addErr(new Error("boom"));
  clock.advance(10);
  clock.advance(10);
  assertInstanceOf(machine.err, StateTimeoutError);
  assertEquals([machine.tick("Exception"), clock.pending], [5, 1]);
  machine.remove("Exception");
  assertEquals(clock.pending, 0);
});

test("State.timeoutMs that ends in a transition is queued, and runs even if the state is left meanwhile", () => {
  const { machine, clock } = timedMachine();
  let isErr: boolean | undefined;
  machine.bindHandlers({
    BState() {
      clock.advance(100);
      isErr = machine.isErr();
      machine.remove("A");
    },
  });
  machine.add("A");
  machine.add("B");
  assertEquals([isErr, machine.activeStates()], [false, ["Exception", "B"]]);
});

test("State.timeoutMs goes on when states are put into another order", () => {
  const { machine, clock } = timedMachine({ ErrB: {}, ErrA: {} });
  machine.add("A");
  machine.verifyStates(["Exception", "ErrA", "ErrB", "B", "A"]);
  assertEquals(clock.pending, 1);
  clock.advance(100);
  assertEquals(machine.is("ErrA"), true);
  assertEquals(machine.is("ErrB"), false);
});

test("State.timeoutMs of a state that changed its place ends when the state is left", () => {
  const { machine, clock } = timedMachine({ B: { timeoutMs: 100 } });
  machine.add("A");
  machine.verifyStates(["B", "A", "Exception"]);
  machine.add("B");
  machine.remove("B");
  assertEquals(clock.pending, 1);
  machine.remove("A");
  assertEquals(clock.pending, 0);
});

test("State.timeoutMs does not hang on handlers: taking them off changes nothing", () => {
  const { machine, clock } = timedMachine();
  const binding = machine.bindHandlers({ AState: () => {} });
  machine.add("A");
  binding.detach();
  clock.advance(100);
  assertInstanceOf(machine.err, StateTimeoutError);
});

test("State.timeoutMs aborts nothing: the activation goes on", () => {
  const { machine, clock } = timedMachine();
  machine.add("A");
  const signal = machine.stateSignal("A");
  clock.advance(100);
  assertEquals(signal.aborted, false);
});

test("State.timeoutMs ends with the machine, and no timer is left", async () => {
  const { machine, clock } = timedMachine({ B: { timeoutMs: 100 } });
  machine.add(["A", "B"]);
  const disposal = machine.dispose();
  clock.advance(100); // disposing: an error has no effect any more
  await disposal;
  assertEquals([machine.err, clock.pending], [null, 0]);

  const other = timedMachine();
  other.machine.add("A");
  other.machine.disposeForce();
  assertEquals(other.clock.pending, 0);
});

test("State.timeoutMs that runs into a full queue is told to onInternalError", () => {
  const clock = new FakeClock();
  const machine = new Machine({ A: { timeoutMs: 10 }, B: {}, C: {} }, { clock, queueLimit: 1 });
  const told: Error[] = [];
  machine.onInternalError((error) => void told.push(error));
  machine.bindHandlers({
    BState() {
      machine.add("C");
      clock.advance(10);
    },
  });
  machine.add("A");
  machine.add("B");
  assertEquals(told.map(({ name }) => name), ["StateTimeoutError"]);
  assertEquals(machine.isErr(), false);
});

test("State.timeoutMs throws nothing into the clock, with throwErrors either", () => {
  const clock = new FakeClock();
  const machine = new Machine({ A: { timeoutMs: 10 } }, { clock, throwErrors: true });
  const told: string[] = [];
  machine.onInternalError(({ message }) => void told.push(message));
  machine.bindHandlers({
    ExceptionState() {
      throw new Error("boom");
    },
  });
  machine.add("A");
  clock.advance(10);
  assertEquals(told.at(-1), "boom");
  assertInstanceOf(machine.err, StateTimeoutError);
});

test("State.timeoutMs is the only reason why a machine looks at its clock", () => {
  const refuse = (): never => {
    throw new Error("the clock was asked");
  };
  const clock: MachineClock = { now: refuse, setTimeout: refuse, clearTimeout: refuse };
  const machine = new Machine({ A: {}, B: {} }, { clock });
  machine.bindHandlers({ AState: () => {} });
  machine.add("A");
  machine.set("B");
  machine.import(machine.export());
  machine.disposeForce();
  assertEquals(machine.err, null);
});

test("State.timeoutMs stops no timer of somebody else whom the clock gave the same number later", () => {
  const timers = new Map<number, () => void>();
  const clock: MachineClock = {
    now: () => 0,
    setTimeout(fn) {
      const timer = [0, 1, 2].find((number) => !timers.has(number))!;
      timers.set(timer, fn);
      return timer;
    },
    clearTimeout: (timer) => void timers.delete(timer as number),
  };
  const machine = new Machine({ A: { timeoutMs: 10 }, B: { timeoutMs: 10 } }, { clock });
  machine.add("A");
  const fire = timers.get(0)!;
  timers.delete(0);
  fire();
  machine.add("B");
  machine.remove("A");
  assertEquals([...timers.keys()], [0]);
});

test("State.timeoutMs runs on a VirtualClock", async () => {
  const clock = new VirtualClock();
  const machine = new Machine({ A: { timeoutMs: 3_600_000 } }, { clock });
  machine.add("A");
  const error = machine.whenErr();
  await clock.advance(3_600_000);
  assertInstanceOf(await error, StateTimeoutError);
});

test("State.timeoutMs of 1,000 activations leaves no timer behind", () => {
  const { machine, clock } = timedMachine({ A: { timeoutMs: 100, multi: true } });
  for (let i = 0; i < 1_000; i++) {
    machine.add("A");
    if (i % 3 === 0) machine.remove("A");
  }
  machine.remove("A");
  assertEquals(clock.pending, 0);
});
