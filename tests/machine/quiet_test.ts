import { Canceled, type Event, Machine, type Schema } from "@asyncmachine/asyncmachine";
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

test("Machine.when() hears nothing of what a canceled mutation would have changed", async () => {
  const schema: Schema = { A: {}, B: { remove: ["A"] }, C: { require: ["X"] }, D: {}, X: {} };
  for (const machine of quietAndLogged(schema)) {
    machine.add("A");
    let isSettled = false;
    machine.when(["A", "D"]).then(() => isSettled = true);
    assertEquals(machine.add(["B", "C"]), Canceled);
    machine.add("D");
    await Promise.resolve();
    assertEquals(isSettled, true);
  }
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
  const machine = new Machine(schema, { tracers: [{ transitionEnd() {} }] });
  machine.add("X");
  machine.add("A");
  assertEquals(machine.activeStates(), ["C", "A", "X", "B"]);
  machine.add([]);
  assertEquals(machine.activeStates().includes("X"), false);
});

test("Event.mutation of a first mutation has the queue's numbers, whether somebody watches or not", () => {
  for (const machine of quietAndLogged({ A: { remove: ["B"] }, B: { remove: ["A"] } })) {
    const numbers: number[][] = [];
    machine.bindHandlers({
      AState: ({ mutation: { queueTick, queueTickNow, queueLength, queueToken } }: Event) => {
        numbers.push([queueTick, queueTickNow, queueLength, queueToken, machine.queueTick]);
      },
    });
    for (const state of ["B", "A", "B", "A"]) machine.add(state);
    assertEquals(numbers, [[3, 2, 1, 0, 3], [5, 4, 1, 0, 5]]);
  }
});

test("Machine numbers transitions alike, whether handlers and somebody are there to see them or not", () => {
  for (const machine of quietAndLogged({ A: { remove: ["B"] }, B: { remove: ["A"] }, C: { require: ["B"] } })) {
    const seen: string[] = [];
    machine.bindHandlers({
      AState: ({ transition: { id, timeBefore, timeAfter } }: Event) => {
        seen.push(`${id.split("-")[1]} ${timeBefore} ${timeAfter}`);
        for (const state of ["B", "C"]) machine.add(state);
        machine.add(["B", "C"]);
        machine.remove("C");
      },
    });
    for (const state of ["B", "C", "A", "A", "A"]) machine.add(state);
    assertEquals(seen, ["3 0,1,1,0 1,2,2,0", "8 2,3,4,0 3,4,4,0", "d 4,5,6,0 5,6,6,0"]);
    assertEquals([...machine.time()], [6, 7, 8, 0]);
  }
});

test("Machine tries auto states after mutations that no handler is for, and calls those of the auto states", () => {
  for (const machine of quietAndLogged({ A: { multi: true }, B: { auto: true, require: ["A"] }, Go: {} })) {
    const seen: string[] = [];
    machine.bindHandlers({
      BState: ({ mutation: { isAuto, queueToken } }: Event) => void seen.push(`B ${isAuto} ${queueToken}`),
      GoState: () => void machine.add("A"),
    });
    machine.add("A");
    machine.remove(["A", "B"]);
    machine.add("Go");
    assertEquals(seen, ["B true 1", "B true 4"]);
  }
});

test("Machine calls handlers of all kinds for what changes nothing else", () => {
  for (const machine of quietAndLogged({ A: {}, B: {} })) {
    const seen: string[] = [];
    machine.bindHandlers({ AA: () => void seen.push("AA"), AB: () => void seen.push("AB") });
    machine.add("A");
    machine.add("A");
    machine.add("B");
    const binding = machine.bindHandlers({ AnyEnter: () => void seen.push("AnyEnter") });
    machine.remove("B");
    binding.detach();
    machine.bindHandlers({ AnyState: () => void seen.push("AnyState") });
    machine.remove("A");
    assertEquals(seen, ["AA", "AA", "AB", "AnyEnter", "AnyState"]);
  }
});

test("Machine settles waits by mutations that a handler queues and no handler is for", async () => {
  for (const machine of quietAndLogged({ A: {}, B: {} })) {
    let settled = 0;
    machine.bindHandlers({
      AState: () => {
        void machine.when("B").then(() => settled++);
        void machine.whenQueue(machine.add("B")).then(() => settled++);
      },
    });
    machine.add("A");
    await Promise.resolve();
    await Promise.resolve();
    assertEquals(settled, 2);
  }
});
