import { Machine, MachineDisposedError, StateExpiredError, UnknownStateError } from "@asyncmachine/asyncmachine";
import { assertEquals, assertInstanceOf, assertNotStrictEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { StateSignals } from "../../machine/_state_signals.ts";
import { test } from "../_harness.ts";

test("Machine.stateSignal() of an active state is live until the state is left", () => {
  const machine = new Machine({ A: {} }, { id: "m" });
  machine.add("A");
  const signal = machine.stateSignal("A");
  assertEquals(signal.aborted, false);

  machine.remove("A");

  const { reason } = signal;
  assertInstanceOf(reason, StateExpiredError);
  assertEquals([reason.machineId, reason.state, reason.tick], ["m", "A", 1]);
});

test("Machine.stateSignal() of an inactive state is live until the state is entered", () => {
  const machine = new Machine({ A: {} });
  const signal = machine.stateSignal("A");
  assertEquals(signal.aborted, false);

  machine.add("A");

  assertInstanceOf(signal.reason, StateExpiredError);
  assertEquals(signal.reason.tick, 0);
});

test("Machine.stateSignal() is one signal for all who ask during a tick, and another one at the next", () => {
  const machine = new Machine({ A: {} });
  const before = machine.stateSignal("A");
  assertStrictEquals(machine.stateSignal("A"), before);

  machine.add("A");

  assertNotStrictEquals(machine.stateSignal("A"), before);
  assertEquals(machine.stateSignal("A").aborted, false);
});

test("Machine.stateSignal() is another one for each state", () => {
  const machine = new Machine({ A: {}, B: {} });
  const signal = machine.stateSignal("B");

  assertNotStrictEquals(machine.stateSignal("A"), signal);
  machine.add("A");

  assertEquals(signal.aborted, false);
});

test("Machine.stateSignal() is aborted when a multi state is called again, with the tick before", () => {
  const machine = new Machine({ A: { multi: true } });
  machine.add("A");
  const signal = machine.stateSignal("A");

  machine.add("A");

  assertInstanceOf(signal.reason, StateExpiredError);
  assertEquals(signal.reason.tick, 1);
});

for (
  const [what, act] of [
    ["an active state is added again", (machine) => machine.add("A")],
    ["another state comes", (machine) => machine.add("B")],
    ["a check asks for its end", (machine) => machine.canRemove("A")],
    ["its remove is refused", (machine) => {
      machine.bindHandlers({ AExit: () => false });
      machine.remove("A");
    }],
    ["a negotiation handler of its remove throws", (machine) => {
      machine.bindHandlers({
        AExit() {
          throw new Error("thrown");
        },
      });
      machine.remove("A");
    }],
  ] as [string, (machine: Machine<{ A: object; B: object }>) => void][]
) {
  test(`Machine.stateSignal() stays live when ${what}`, () => {
    const machine = new Machine({ A: {}, B: {} });
    machine.add("A");
    const signal = machine.stateSignal("A");

    act(machine);

    assertEquals(signal.aborted, false);
  });
}

test("Machine.stateSignal() is aborted before the first final handler and transitionFinals(), after the clock moved", () => {
  const machine = new Machine({ A: {}, B: { remove: ["A"] } });
  machine.add("A");
  const seen: unknown[] = [];
  const signals = [machine.stateSignal("A"), machine.stateSignal("B")];
  const note = (where: string) => void seen.push(where, ...signals.map(({ aborted }) => aborted));
  signals[0]!.addEventListener("abort", () => void seen.push("abort", machine.activeStates()));
  machine.bindTracer({ transitionFinals: () => note("finals") });
  machine.bindHandlers({ AExit: () => note("AExit"), AnyEnter: () => note("AnyEnter"), AEnd: () => note("AEnd") });

  machine.add("B");

  assertEquals(seen, [
    ...["AExit", false, false],
    ...["AnyEnter", false, false],
    ...["abort", ["B"]],
    ...["finals", true, true],
    ...["AEnd", true, true],
  ]);
});

test("Machine.stateSignal() taken in FooEnter belongs to the old tick", () => {
  const machine = new Machine({ A: {} });
  const signals: AbortSignal[] = [];
  machine.bindHandlers({
    AEnter: () => void signals.push(machine.stateSignal("A")),
    AState: () => void signals.push(machine.stateSignal("A")),
  });

  machine.add("A");

  assertEquals(signals.map(({ aborted }) => aborted), [true, false]);
});

test("Machine.stateSignal() is aborted for states that recovery takes out again, and for no others", () => {
  const machine = new Machine({ A: {}, B: {}, C: {} });
  const signals: AbortSignal[] = [];
  machine.bindHandlers({
    AState: () => void signals.push(...(["A", "B", "C"] as const).map((name) => machine.stateSignal(name))),
    BState() {
      throw new Error("thrown");
    },
  });

  machine.add(["A", "B", "C"]);

  assertEquals(signals.map(({ aborted }) => aborted), [false, true, true]);
  assertEquals(signals.slice(1).map(({ reason }) => reason.tick), [1, 1]);
});

test("Machine.add() in a listener of a state's signal is queued", () => {
  const machine = new Machine({ A: {}, B: {} });
  let result = 0;
  machine.add("A");
  machine.stateSignal("A").addEventListener("abort", () => result = machine.add("B"));

  machine.remove("A");

  assertEquals([result, machine.activeStates()], [4, ["B"]]);
});

test("Machine.stateSignal() is aborted by a disposal", async () => {
  const machine = new Machine({ A: {} }, { id: "m" });
  const signal = machine.stateSignal("A");

  await machine.dispose();

  assertInstanceOf(signal.reason, MachineDisposedError);
  assertEquals(signal.reason.machineId, "m");
});

test("Machine.stateSignal() on a machine that is being disposed is aborted, for unknown names too", async () => {
  const machine = new Machine({ A: {} });
  const disposal = machine.dispose();

  assertInstanceOf(machine.stateSignal("A").reason, MachineDisposedError);
  assertInstanceOf(machine.stateSignal("Foo" as "A").reason, MachineDisposedError);
  await disposal;
  assertEquals(machine.stateSignal("A").aborted, true);
});

test("Machine.stateSignal() of an unknown state throws", () => {
  const machine = new Machine({ A: {} });

  assertThrows(
    () => machine.stateSignal("Foo" as "A"),
    UnknownStateError,
    'Cannot make a signal of state "Foo": it is not in the schema',
  );
});

test("StateSignals makes and keeps a signal only when it is asked for one", () => {
  const signals = new StateSignals();

  const before = signals.take([0, 1]);
  const signal = signals.get(1);
  const taken = signals.take([0, 1]);
  const after = signals.take([0, 1]);

  assertEquals([before.length, taken.length, after.length], [0, 1, 0]);
  assertEquals([taken[0]!.state, taken[0]!.controller.signal === signal, signal.aborted], [1, true, false]);
});

test("StateSignals.reorder() moves signals along with their states", () => {
  const signals = new StateSignals();
  const [zero, one] = [signals.get(0), signals.get(1)];

  signals.reorder((state) => 1 - state);

  assertStrictEquals(signals.get(0), one);
  assertStrictEquals(signals.get(1), zero);
});

test("StateSignals.disposed() aborts all, and keeps none", () => {
  const signals = new StateSignals();
  const before = [signals.get(0), signals.get(1)];
  const reason = new Error("disposed");

  signals.disposed(reason);

  assertEquals(before.map((signal) => signal.reason === reason), [true, true]);
  assertEquals(signals.get(0).aborted, false);
});
