import { Machine, type Schema } from "@asyncmachine/asyncmachine";
import { assertEquals } from "@std/assert";
import { test } from "../_harness.ts";
import { FakeClock } from "./_fakes.ts";

/** Machines that run mutations quietly, and with somebody who reads a log of them. */
function quietAndLogged(schema: Schema): Machine<Schema>[] {
  return [new Machine(schema), new Machine(schema, { logLevel: "ops", logger() {} })];
}

test("Machine that nobody watches tries no auto states after a Healthcheck", () => {
  for (const machine of quietAndLogged({ Healthcheck: { multi: true }, A: { auto: true } })) {
    machine.add("Healthcheck");
    assertEquals(machine.activeStates(), ["Healthcheck"]);
  }
});

test("Machine that nobody watches lets a refused auto state take part by what it adds", () => {
  const schema = {
    Go: {},
    Never: {},
    X: { auto: true, require: ["Never"], add: ["B"] },
    Y: { auto: true },
    B: { remove: ["Y"] },
  };
  for (const machine of quietAndLogged(schema)) {
    machine.add("Go");
    assertEquals(machine.activeStates(), ["Go"]);
  }
});

test("Machine tries its auto states even if what ends a wait begins to watch", () => {
  const clock = new FakeClock();
  const machine = new Machine({ A: {}, B: { auto: true, require: ["A"] } }, { clock });
  const { clearTimeout } = clock;
  let changes = 0;
  clock.clearTimeout = (timer) => {
    machine.onChange(() => changes++);
    clearTimeout.call(clock, timer);
  };
  machine.when("A", { timeoutMs: 10 });
  machine.add("A");
  assertEquals([machine.is("B"), changes], [true, 1]);
});

test("Mutation.queueToken counts auto mutations that nobody saw", () => {
  for (const machine of quietAndLogged({ A: {}, B: { auto: true, require: ["Exception"] } })) {
    machine.add("A");
    const tokens: number[] = [];
    machine.bindTracer({ mutationQueued: (_machine, { queueToken }) => void tokens.push(queueToken) });
    machine.canAdd("A");
    assertEquals(tokens, [2]);
  }
});

test("Machine with a tracer removes in the next transition what a late state could not", () => {
  const schema: Schema = { A: { add: ["B"] }, B: { add: ["C"] }, C: { remove: ["X"] }, X: {} };
  const machine = new Machine(schema, { tracers: [{}] });
  machine.add("X");
  machine.add("A");
  assertEquals(machine.activeStates(), ["C", "A", "X", "B"]);
  machine.add([]);
  assertEquals(machine.activeStates().includes("X"), false);
});
