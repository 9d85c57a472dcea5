import {
  Canceled,
  type Event,
  Executed,
  type FinalEvent,
  Machine,
  type Schema,
  UnknownStateError,
} from "@asyncmachine/asyncmachine";
import { assert, assertEquals, assertInstanceOf, assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import { test } from "../_harness.ts";
import { recordHandlers, words } from "./_recorder.ts";

const refuse = () => false;

function fail(): never {
  throw new Error("handler fails");
}

/** A machine with some active states: they are added one by one, so the last one is first. */
function machineIn(active: string, schema: Schema = { A: {}, B: {}, C: {}, M: { multi: true } }): Machine {
  const machine = new Machine<Schema>(schema);
  for (const state of words(active).reverse()) machine.add(state);
  assertEquals(machine.activeStates(), words(active));
  return machine;
}

// The order of handlers

const ORDERS: [
  active: string,
  type: "add" | "set" | "remove" | "canAdd" | "canRemove",
  states: string,
  calls: string,
][] = [
  ["", "add", "A", "AEnter AnyEnter AState AnyState"],
  ["A", "add", "B", "BEnter AA AB AnyEnter BState AnyState"],
  ["B A", "add", "B", "BB AA BA AB AnyEnter AnyState"],
  ["B A", "set", "C", "BExit AExit CEnter BC AC AnyEnter BEnd AEnd CState AnyState"],
  ["M C", "add", "M", "MEnter MM CC MC CM AnyEnter MState AnyState"],
  ["A M C", "remove", "C", "CExit AM MA CA CM AnyEnter CEnd AnyState"],
  ["A M", "remove", "C", "AM MA AnyEnter AnyState"],
  ["A M", "canAdd", "B", "BEnter AA MM AB AM MB MA AnyEnter"],
  ["A M", "canRemove", "M", "MExit MA AnyEnter"],
  ["", "add", "", "AnyEnter AnyState"],
  ["B A", "set", "", "BExit AExit AnyEnter BEnd AEnd AnyState"],
  ["A", "set", "A B", "BEnter AA AB AnyEnter BState AnyState"],
  ["", "add", "C A B", "CEnter AEnter BEnter AnyEnter CState AState BState AnyState"],
];

for (const [active, type, states, calls] of ORDERS) {
  test(`Machine.${type}() of [${states}] in [${active}] calls ${calls}`, () => {
    const machine = machineIn(active);
    const called = recordHandlers(machine);
    assertEquals(machine[type](words(states)), Executed);
    assertEquals(called.join(" "), calls);
  });
}

test("Machine calls handlers of entering states in the order of Require, of exiting ones too", () => {
  const machine = new Machine<Schema>({ A: { require: ["B"] }, B: { require: ["C"] }, C: {} });
  const calls = recordHandlers(machine);
  machine.add(["A", "B", "C"]);
  assertEquals(calls, words("CEnter BEnter AEnter AnyEnter CState BState AState AnyState"));
  calls.length = 0;
  machine.remove("C");
  assertEquals(calls, words("CExit BExit AExit AnyEnter CEnd BEnd AEnd AnyState"));
});

test("Machine calls handlers of neighbours in the order of After, exiting ones too", () => {
  const machine = new Machine<Schema>({ A: { after: ["B"] }, B: {} });
  const calls = recordHandlers(machine);
  machine.add(["A", "B"]);
  machine.add("A"); // puts A in front
  calls.length = 0;
  machine.set([]);
  assertEquals(calls, words("BExit AExit AnyEnter BEnd AEnd AnyState"));
});

test("Machine sorts exiting states by After anew, as the states between them may stay", () => {
  const machine = new Machine<Schema>({ A: { after: ["C"] }, B: {}, C: {} });
  machine.add(["A", "B", "C"]);
  assertEquals(machine.activeStates(), ["A", "B", "C"]);
  const calls = recordHandlers(machine);
  machine.remove(["A", "C"]);
  assertEquals(calls.filter((name) => /Exit$|End$/.test(name)), words("CExit AExit CEnd AEnd"));
});

test("Machine calls the handlers of implied states", () => {
  const machine = new Machine<Schema>({ A: { add: ["B"] }, B: { add: ["C"] }, C: {} });
  const calls = recordHandlers(machine);
  machine.add("A");
  assertEquals(calls, words("CEnter AEnter BEnter AnyEnter CState AState BState AnyState"));
});

test("Machine calls nothing when relations refuse", () => {
  const machine = new Machine<Schema>({ A: { require: ["B"] }, B: {} });
  const calls = recordHandlers(machine);
  machine.add("A");
  assertEquals(calls, []);
});

test("Machine shows handlers the old states in negotiation and the new ones after it", () => {
  const machine = machineIn("A", { A: {}, B: { remove: ["A"] } });
  const seen: string[] = [];
  const note = ({ name, machine }: Event) => void seen.push(`${name} ${machine.activeStates()} ${machine.time()}`);
  machine.bindHandlers({ AExit: note, BEnter: note, AnyEnter: note, AEnd: note, BState: note, AnyState: note });
  machine.add("B");
  assertEquals(seen, [
    "AExit A 1,0,0",
    "BEnter A 1,0,0",
    "AnyEnter A 1,0,0",
    "AEnd B 2,1,0",
    "BState B 2,1,0",
    "AnyState B 2,1,0",
  ]);
});

// Refusals

const REFUSALS: [handler: string, active: string, type: "add" | "set" | "remove", states: string, calls: string][] = [
  ["AExit", "A", "set", "B", "AExit"],
  ["BEnter", "A", "set", "B", "AExit BEnter"],
  ["AA", "A", "add", "B", "BEnter AA"],
  ["AB", "A", "add", "B", "BEnter AA AB"],
  ["AnyEnter", "A", "add", "B", "BEnter AA AB AnyEnter"],
  ["BA", "B A", "remove", "B", "BExit BA"],
  ["AC", "A B C", "remove", "B", "BExit AC"],
  ["AnyEnter", "A", "remove", "A", "AExit AnyEnter"],
  ["MM", "M", "add", "M", "MEnter MM"],
];

for (const [handler, active, type, states, calls] of REFUSALS) {
  test(`Machine.${type}() of [${states}] in [${active}] stops when ${handler} refuses`, () => {
    const machine = machineIn(active);
    const before = [machine.time(), machine.activeStates()];
    const called = recordHandlers(machine, { [handler]: refuse });
    assertEquals(machine[type](words(states)), Canceled);
    assertEquals(called.join(" "), calls);
    assertEquals([machine.time(), machine.activeStates()], before);
  });
}

test("Machine.remove() asks no handler of two equal states", () => {
  const machine = machineIn("A B");
  recordHandlers(machine, { AA: refuse });
  assertEquals(machine.remove("B"), Executed);
});

test("Machine lets a negotiation handler accept by true, null or nothing, and by nothing else", () => {
  const answers = [true, undefined, null, false, 0, 1, "", "true", [], {}, NaN, Symbol("true"), () => true];
  const results = answers.map((answer) => {
    const machine = new Machine<Schema>({ A: {} });
    machine.bindHandlers({ AEnter: () => answer });
    return machine.add("A");
  });
  const expected = answers.map((_, index) => index < 3 ? Executed : Canceled);
  assertEquals(results, expected);
});

test("Machine ignores what final handlers return", () => {
  const machine = machineIn("A", { A: {}, B: { remove: ["A"] }, C: {} });
  machine.bindHandlers({ AEnd: refuse, BState: refuse, AnyState: () => 0, CState: () => new Error("returned") });
  assertEquals([machine.add("B"), machine.add("C"), machine.isErr()], [Executed, Executed, false]);
});

test("Machine ignores what a handler returns whose name ends in State or End, in negotiation too", () => {
  const machine = machineIn("A", { A: {}, BState: {}, BEnd: {}, CExit: {} });
  const calls = recordHandlers(machine, { ABState: refuse, ABEnd: refuse });
  assertEquals([machine.add("BState"), machine.add("BEnd")], [Executed, Executed]);
  assertEquals(calls.filter((name) => name === "ABState" || name === "ABEnd"), ["ABState", "ABEnd", "ABState"]);
  recordHandlers(machine, { ACExit: refuse });
  assertEquals(machine.add("CExit"), Canceled);
});

test("Machine lets handlers of an auto state cancel a mutation that calls it", () => {
  for (const handler of ["BEnter", "AB", "AA"]) {
    const machine = machineIn("A", { A: { auto: true }, B: { auto: true, require: ["C"] }, C: {} });
    machine.bindHandlers({ [handler]: refuse });
    assertEquals([machine.add(["B", "C"]), machine.activeStates()], [Canceled, ["A"]], handler);
  }
});

test("Machine tries a state and itself as one pair only", () => {
  const lines: string[] = [];
  const logger = (_level: string, line: string) => void lines.push(line);
  const machine = new Machine<Schema>({ A: {} }, { logLevel: "everything", logId: false, logger });
  machine.bindHandlers({}, { id: "x" });
  machine.add("A");
  lines.length = 0;
  machine.add("A");
  assertEquals(
    lines.filter((line) => line.startsWith("[handle:x]")),
    ["AA", "AnyEnter", "AnyState"].map((name) => `[handle:x] ${name}`),
  );
});

test("Machine keeps what a refusing handler queued", () => {
  const machine = new Machine<Schema>({ A: {}, B: {} });
  machine.bindHandlers({
    AEnter({ machine }: Event) {
      machine.add("B");
      return false;
    },
  });
  assertEquals([machine.add("A"), machine.activeStates()], [Canceled, ["B"]]);
});

// Multi states

test("Machine runs the handlers of a multi state anew each time it is called, and ticks it by two", () => {
  const machine = new Machine<Schema>({ M: { multi: true } });
  const calls = recordHandlers(machine);
  machine.add("M");
  machine.add("M");
  machine.set("M");
  assertEquals(calls.filter((name) => name === "MState").length, 3);
  assertEquals(machine.tick("M"), 5);
});

test("Machine does not run a multi state anew that is implied, or stays", () => {
  const machine = machineIn("M", { A: { add: ["M"] }, B: {}, M: { multi: true } });
  const calls = recordHandlers(machine);
  machine.add("A");
  machine.add("B");
  machine.remove("A");
  assertEquals([machine.tick("M"), calls.includes("MEnter"), calls.includes("MState")], [1, false, false]);
});

test("Machine does not run an active plain state anew", () => {
  const machine = machineIn("A");
  const calls = recordHandlers(machine);
  machine.add("A");
  assertEquals([calls, machine.tick("A")], [words("AA AnyEnter AnyState"), 1]);
});

// Auto states

test("Machine adds auto states after a transition that moved the clock, in the order of names", () => {
  const machine = new Machine<Schema>({ C: { auto: true }, A: { auto: true }, X: {} });
  machine.add("X");
  assertEquals(machine.activeStates(), ["C", "A", "X"]);
});

test("Machine lets the first of two auto states win that remove each other", () => {
  const machine = new Machine<Schema>({ B: { auto: true, remove: ["A"] }, A: { auto: true, remove: ["B"] }, X: {} });
  machine.add("X");
  assertEquals(machine.activeStates(), ["B", "X"]);
});

test("Machine does not try auto states that an active one removes, and tries those that lack a requirement", () => {
  const machine = new Machine<Schema>({
    A: { auto: true },
    B: { auto: true, require: ["Y"] },
    X: { remove: ["A"] },
    Y: {},
  });
  const called: string[][] = [];
  machine.bindTracer({ transitionInit: ({ mutation }) => void (mutation.isAuto && called.push([...mutation.states])) });
  machine.add("X");
  assertEquals([called, machine.activeStates()], [[["B"]], ["X"]]);
});

test("Machine tries auto states before anything else that waits", () => {
  const machine = new Machine<Schema>({ A: { auto: true }, B: {}, X: {} });
  const order: string[] = [];
  machine.bindHandlers({
    XState: ({ machine }: Event) => void machine.add("B"),
    AState: () => void order.push("A"),
    BState: () => void order.push("B"),
  });
  machine.add("X");
  assertEquals(order, ["A", "B"]);
});

test("Machine tries auto states after a multi state was called again", () => {
  const machine = new Machine<Schema>({ A: { auto: true }, M: { multi: true } });
  const binding = machine.bindHandlers({ AEnter: refuse });
  machine.add("M");
  binding.detach();
  machine.add("M");
  assertEquals(machine.is("A"), true);
});

for (
  const [why, mutate] of [
    ["that changes nothing", (machine) => machine.add("X")],
    ["that a handler cancels", (machine) => machine.add("Refused")],
    ["that relations cancel", (machine) => machine.add("Unmet")],
    ["that is a check", (machine) => machine.canRemove("X")],
    ["that adds Healthcheck alone", (machine) => machine.add("Healthcheck")],
    ["that adds Heartbeat alone", (machine) => machine.add("Heartbeat")],
  ] as [string, (machine: Machine) => void][]
) {
  test(`Machine does not try auto states after a transition ${why}`, () => {
    const machine = machineIn("X", {
      A: { auto: true, require: ["Y"] },
      X: {},
      Y: {},
      Refused: {},
      Unmet: { require: ["Y"] },
      Healthcheck: {},
      Heartbeat: {},
    });
    machine.bindHandlers({ RefusedEnter: refuse });
    const called: string[] = [];
    machine.bindTracer({ transitionInit: ({ mutation }) => void called.push(mutation.isAuto ? "auto" : "called") });
    mutate(machine);
    assertEquals(called, ["called"]);
  });
}

for (
  const [type, states] of [["add", ["Heartbeat", "X"]], ["remove", ["Heartbeat"]], ["set", ["Heartbeat"]]] as const
) {
  test(`Machine tries auto states after ${type} of ${states.join(" and ")}`, () => {
    const machine = new Machine<Schema>({ A: { auto: true, require: ["Y"] }, Y: {}, X: {}, Heartbeat: {} });
    if (type === "remove") machine.add("Heartbeat");
    const called: string[] = [];
    machine.bindTracer({ transitionInit: ({ mutation }) => void called.push(mutation.isAuto ? "auto" : "called") });
    machine[type](states);
    assertEquals(called, ["called", "auto"]);
  });
}

test("Machine does not try auto states after an auto transition", () => {
  const machine = new Machine<Schema>({
    A: { auto: true, remove: ["X"] },
    B: { auto: true },
    X: { remove: ["B"] },
    Y: {},
  });
  machine.add("X");
  assertEquals(machine.activeStates(), ["A"]);
  machine.add("Y");
  assertEquals(machine.is("B"), true);
});

test("Machine drops an auto state that its Enter refuses, with what only it implies, and takes the rest", () => {
  const machine = new Machine<Schema>({
    A: { auto: true, add: ["C"] },
    B: { auto: true, add: ["D"] },
    C: {},
    D: {},
    X: {},
  });
  const calls = recordHandlers(machine, { AEnter: refuse });
  machine.add("X");
  assertEquals(machine.activeStates(), ["B", "X", "D"]);
  assertEquals(calls.slice(calls.indexOf("AEnter")).filter((name) => /Enter$|State$/.test(name)), [
    ...words("AEnter BEnter CEnter DEnter AnyEnter"),
    ...words("BState DState AnyState"),
  ]);
});

test("Machine asks no pair handlers for an auto state that its Enter refused", () => {
  const machine = new Machine<Schema>({ A: { auto: true }, B: { auto: true }, X: {} });
  const calls = recordHandlers(machine, { AEnter: refuse });
  machine.add("X");
  assertEquals([calls.includes("XA"), calls.includes("XB")], [false, true]);
});

test("Machine drops an auto state that a pair handler refuses", () => {
  const machine = new Machine<Schema>({ A: { auto: true }, B: { auto: true }, X: {} });
  const calls = recordHandlers(machine, { XA: refuse });
  machine.add("X");
  assertEquals(machine.activeStates(), ["B", "X"]);
  assert(calls.includes("XB") && !calls.includes("AState"));
});

test("Machine cancels an auto transition that the handler of a state refuses which is not auto", () => {
  for (const handler of ["CEnter", "XC", "XX", "AnyEnter"]) {
    const machine = new Machine<Schema>({ A: { auto: true, add: ["C"] }, B: { auto: true }, C: {}, X: {} });
    const calls = recordHandlers(machine, { [handler]: ({ mutation }) => !mutation.isAuto });
    machine.add("X");
    assertEquals([machine.activeStates(), calls.includes("BState")], [["X"], false], handler);
  }
});

test("Machine cancels an auto transition when the Exit of an auto state refuses", () => {
  const machine = machineIn("B", { A: { auto: true, remove: ["B"], require: ["X"] }, B: { auto: true }, X: {} });
  machine.bindHandlers({ BExit: refuse });
  machine.add("X");
  assertEquals(machine.activeStates(), ["B", "X"]);
});

test("Machine keeps an active auto state whose own pair refuses in an auto transition, and passes over the next one", () => {
  const machine = machineIn("A B", { A: { auto: true }, B: {}, C: { auto: true, require: ["X"] }, X: {} });
  const calls = recordHandlers(machine, { AA: ({ mutation }) => !mutation.isAuto });
  machine.add("X");
  assertEquals(calls.slice(calls.indexOf("CEnter"), calls.indexOf("CEnter") + 4), ["CEnter", "AA", "XX", "AB"]);
  assertEquals(machine.is(["A", "B", "C", "X"]), true);
});

test("Machine takes an auto transition in which all are refused for accepted while others are active", () => {
  const machine = new Machine<Schema>({ A: { auto: true }, X: {} });
  const calls = recordHandlers(machine, { AEnter: refuse });
  machine.add("X");
  assertEquals(calls.slice(calls.lastIndexOf("AEnter")), words("AEnter XX AnyEnter AnyState"));
  assertEquals(machine.time(), [0, 1, 0]);
});

test("Machine cancels an auto transition in which all are refused when nothing else is active", () => {
  const machine = machineIn("X", { A: { auto: true }, X: { remove: ["A"] } });
  const calls = recordHandlers(machine, { AEnter: refuse });
  machine.remove("X");
  assertEquals(calls.slice(calls.lastIndexOf("AEnter")), ["AEnter"]);
});

test("Machine drops an auto state that throws, asks no handler after it, and takes what has none all the same", () => {
  const machine = new Machine<Schema>({
    A: { auto: true },
    B: { auto: true },
    C: { auto: true },
    D: { auto: true },
    X: {},
  });
  const calls: string[] = [];
  const note = ({ name }: Event) => void calls.push(name);
  machine.bindHandlers({ AEnter: note, BEnter: (event: Event) => (note(event), fail()), CEnter: note, DState: note });
  const ends: [boolean, string[]][] = [];
  machine.bindTracer({
    transitionEnd: ({ accepted, mutation }) => void (mutation.isAuto && ends.push([accepted, machine.activeStates()])),
  });
  machine.add("X");
  assertEquals(ends[0], [false, ["A", "D", "X"]]);
  assertEquals(calls.slice(0, 3), ["AEnter", "BEnter", "BEnter"]); // the second one in the retry after Exception
});

// Recovery

const THROWS_IN_NEGOTIATION: [handler: string, active: string, type: "add" | "set" | "remove", states: string][] = [
  ["AExit", "A", "remove", "A"],
  ["BEnter", "A", "add", "B"],
  ["AA", "A", "add", "B"],
  ["AB", "A", "add", "B"],
  ["AnyEnter", "A", "add", "B"],
];

for (const [handler, active, type, states] of THROWS_IN_NEGOTIATION) {
  test(`Machine.${type}() is canceled and leads to Exception when ${handler} throws`, () => {
    const machine = machineIn(active);
    const calls = recordHandlers(machine, { [handler]: () => machine.err === null ? fail() : true });
    assertEquals(machine[type](states), Canceled);
    assertEquals(machine.activeStates(), ["Exception", ...words(active)]);
    assertEquals([machine.time(), machine.err?.message], [[1, 0, 0, 0, 1], "handler fails"]);
    assertEquals(calls[calls.indexOf(handler) + 1], "ExceptionEnter");
  });
}

const THROWS_IN_FINALS: [handler: string, calls: string, active: string, time: number[]][] = [
  ["XEnd", "XEnd", "A B C", [1, 1, 1, 2, 1]],
  ["AState", "XEnd AState", "", [2, 2, 2, 2, 1]],
  ["BState", "XEnd AState BState", "A", [1, 2, 2, 2, 1]],
  ["CState", "XEnd AState BState CState", "A B", [1, 1, 2, 2, 1]],
  ["AnyState", "XEnd AState BState CState AnyState", "A B C", [1, 1, 1, 2, 1]],
];

for (const [handler, calls, active, time] of THROWS_IN_FINALS) {
  test(`Machine takes out what was not handled when ${handler} throws: [${active}] stays`, () => {
    const machine = machineIn("X", { A: {}, B: {}, C: {}, X: {} });
    const called = recordHandlers(machine, { [handler]: () => machine.err === null ? fail() : true });
    assertEquals(machine.set(["A", "B", "C"]), Canceled);
    assertEquals(machine.activeStates(), words(`Exception ${active}`));
    assertEquals(machine.time(), time);
    const finals = called.slice(0, called.indexOf("ExceptionEnter")).filter((name) => /State$|End$/.test(name));
    assertEquals(finals.join(" "), calls);
  });
}

test("Machine takes out a multi state that was active when its State throws", () => {
  const machine = machineIn("M");
  machine.bindHandlers({ MState: fail });
  machine.add("M");
  assertEquals([machine.tick("M"), machine.is("M")], [4, false]);
});

test("Machine leaves a called multi state alone when another's handler throws before", () => {
  const machine = machineIn("M A", { A: {}, B: { remove: ["A"] }, M: { multi: true } });
  machine.bindHandlers({ AEnd: fail });
  machine.add(["B", "M"]);
  assertEquals([machine.tick("M"), machine.is(["B", "M"])], [3, true]);
});

test("Machine has recovered, and the transition is over, when tracers hear that a throwing handler ended", () => {
  const machine = new Machine<Schema>({ A: {}, B: {} });
  machine.bindHandlers({ AState: fail, BEnter: fail });
  const seen: unknown[] = [];
  machine.bindTracer({
    handlerEnd: ({ accepted, completed }, _, name) =>
      void seen.push([name, accepted, completed, machine.activeStates()]),
  });
  machine.add("A");
  machine.add("B");
  assertEquals(seen, [["AState", false, true, []], ["BEnter", false, true, ["Exception"]]]);
});

test("Machine.err is the very error that was thrown", () => {
  const machine = new Machine<Schema>({ A: {} });
  const error = new RangeError("out");
  machine.bindHandlers({
    AState() {
      throw error;
    },
  });
  machine.add("A");
  assertStrictEquals(machine.err, error);
});

test("Machine.err wraps what is thrown and is no Error", () => {
  for (const thrown of ["text", null, undefined, 7, Symbol("s"), { message: "like one" }, Object.create(null)]) {
    const machine = new Machine<Schema>({ A: {} });
    machine.bindHandlers({
      AEnter() {
        throw thrown;
      },
    });
    assertEquals(machine.add("A"), Canceled);
    assertInstanceOf(machine.err, Error);
    assertStrictEquals(machine.err.cause, thrown);
    assert(machine.isErr());
  }
});

test("Machine survives thrown values that do not let themselves be looked at", () => {
  const hostile = new Proxy({}, {
    getPrototypeOf: fail,
    get: fail,
  });
  class Hostile extends Error {
    override get message(): string {
      return fail();
    }
    override get name(): string {
      return fail();
    }
  }
  for (const thrown of [hostile, new Hostile()]) {
    const machine = new Machine<Schema>({ A: {}, B: {} });
    const throwIt = () => {
      throw thrown;
    };
    machine.bindHandlers({ AState: throwIt, ExceptionState: throwIt, AnyEnter: () => {} });
    assertEquals([machine.add("A"), machine.add("B")], [Canceled, Executed]);
    assertEquals(machine.activeStates(), ["B"]);
  }
});

test("Machine hands Exception the error and where it was thrown", () => {
  const machine = machineIn("B");
  const seen: unknown[] = [];
  machine.bindHandlers({
    AState: fail,
    ExceptionState({ args, mutation }: FinalEvent) {
      seen.push(args, mutation.source, mutation.states, mutation.type);
    },
  });
  let id = "";
  machine.bindTracer({ transitionFinals: (transition) => void (id ||= transition.id) });
  machine.add(["C", "A"], { id: 7 });
  const panic = { type: "add", calledStates: ["C", "A"], statesBefore: ["B"], handler: "AState" };
  assertEquals(seen, [
    { error: machine.err, panic },
    { machineId: machine.id, transitionId: id, machineTime: 1 },
    ["Exception"],
    "add",
  ]);
});

test("Machine runs Exception before anything else that waits", () => {
  const machine = new Machine<Schema>({ A: {}, B: {} });
  const order: string[] = [];
  machine.bindHandlers({
    AState({ machine }: FinalEvent) {
      machine.add("B");
      fail();
    },
    BState: () => void order.push("B"),
    ExceptionState: () => void order.push("Exception"),
  });
  machine.add("A");
  assertEquals(order, ["Exception", "B"]);
});

test("Machine lets a thrown error into Exception although the queue is full", () => {
  const machine = new Machine<Schema>({ A: {}, B: {} }, { queueLimit: 1 });
  machine.bindHandlers({
    AState({ machine }: FinalEvent) {
      machine.add("B");
      fail();
    },
  });
  machine.add("A");
  assertEquals(machine.activeStates(), ["B", "Exception"]);
});

test("Machine takes Exception out again when ExceptionState throws, keeps the first error, and goes on", () => {
  const machine = new Machine<Schema>({ A: {} });
  const reported: string[] = [];
  machine.onInternalError(({ message }) => void reported.push(message));
  machine.bindHandlers({ ExceptionState: fail });
  assertEquals(machine.addErr(new Error("first")), Canceled);
  assertEquals([machine.tick("Exception"), machine.err?.message], [2, "first"]);
  assertEquals(reported, ["handler fails"]);
  assertEquals(machine.add("A"), Executed);
});

for (const handler of ["ExceptionEnter", "AnyEnter"]) {
  test(`Machine cancels Exception when ${handler} throws on the way into it, and keeps the error`, () => {
    const machine = new Machine<Schema>({ A: {} });
    machine.bindHandlers({ [handler]: fail });
    assertEquals(machine.addErr(new Error("first")), Canceled);
    assertEquals([machine.time(), machine.err?.message], [[0, 0], "first"]);
  });
}

test("Machine does not nest when a handler throws that removes Exception", () => {
  const machine = machineIn("Exception", { A: {} });
  machine.bindHandlers({ ExceptionExit: fail });
  assertEquals(machine.remove("Exception"), Canceled);
  assertEquals([machine.tick("Exception"), machine.err], [1, null]);
});

test("Machine calls other bindings' State of Exception although one threw", () => {
  const machine = new Machine<Schema>({ A: {} });
  const calls: string[] = [];
  machine.bindHandlers({ ExceptionState: fail });
  machine.bindHandlers({ ExceptionState: () => void calls.push("second") });
  machine.addErr(new Error("first"));
  assertEquals(calls, ["second"]);
});

// Promises

test("Machine cancels a negotiation whose handler returns a promise, and adds a TypeError", () => {
  const machine = new Machine<Schema>({ A: {}, B: {} });
  const errors: Error[] = [];
  machine.onError((_, error) => void errors.push(error));
  machine.bindHandlers({ AEnter: () => Promise.resolve(true) });
  assertEquals([machine.add("A"), machine.activeStates()], [Canceled, ["Exception"]]);
  assertInstanceOf(machine.err, TypeError);
  assertMatch(machine.err.message, /"AEnter".*promise/);
  assertEquals(errors, [machine.err]);
});

test("Machine takes whatever has a method then for a promise", () => {
  const machine = new Machine<Schema>({ A: {} });
  machine.bindHandlers({ AEnter: () => ({ then() {} }) });
  machine.add("A");
  assertInstanceOf(machine.err, TypeError);
});

test("Machine leaves no unhandled rejection of a negotiation handler", async () => {
  const machine = new Machine<Schema>({ A: {} });
  machine.bindHandlers({ AEnter: () => Promise.reject(new Error("rejected")) });
  machine.add("A");
  await new Promise((resolve) => setTimeout(resolve, 0)); // rejections are told of after this turn
  assertInstanceOf(machine.err, TypeError);
});

test("Machine does not go round in circles when a handler on the way into Exception returns a promise", () => {
  for (const handler of ["ExceptionEnter", "AnyEnter"]) {
    const machine = new Machine<Schema>({ A: {} }, { maxDrain: 1_000 });
    const reported: string[] = [];
    let count = 0;
    machine.onInternalError(({ message }) => void reported.push(message));
    machine.bindHandlers({ [handler]: () => Promise.resolve(++count) });
    machine.addErr(new Error("first"));
    assertEquals([count, machine.err?.message, machine.isErr()], [1, "first", false]);
    assertEquals(reported.length, 1);
  }
});

test("Machine leaves an auto state out whose Enter returns a promise each time", () => {
  const machine = new Machine<Schema>({ A: { auto: true }, B: {} }, { maxDrain: 1_000 });
  let count = 0;
  machine.bindHandlers({ AEnter: () => Promise.resolve(++count) });
  machine.add("B");
  assertEquals([count, machine.err?.name], [100, "AutoLoopError"]);
});

// Bindings

test("Machine calls all bindings' handlers of one event before those of the next", () => {
  const machine = new Machine<Schema>({ A: {}, B: {} });
  const calls: string[] = [];
  for (const id of ["1", "2"]) {
    const note = ({ name }: Event) => void calls.push(name + id);
    machine.bindHandlers({ AEnter: note, BEnter: note, AState: note, BState: note });
  }
  machine.add(["A", "B"]);
  assertEquals(calls, words("AEnter1 AEnter2 BEnter1 BEnter2 AState1 AState2 BState1 BState2"));
});

test("Machine calls no later binding once one refused", () => {
  const machine = new Machine<Schema>({ A: {} });
  const calls: string[] = [];
  machine.bindHandlers({ AEnter: () => void calls.push("1") });
  machine.bindHandlers({ AEnter: refuse });
  machine.bindHandlers({ AEnter: () => void calls.push("3") });
  assertEquals([machine.add("A"), calls], [Canceled, ["1"]]);
});

test("Machine calls no later binding's final handler once one threw, but tells tracers of it", () => {
  const machine = new Machine<Schema>({ A: {} });
  const calls: string[] = [], traced: string[] = [];
  machine.bindHandlers({ AState: fail }, { id: "first" });
  machine.bindHandlers({ AState: () => void calls.push("second") }, { id: "second" });
  machine.bindTracer({
    handlerStart: (_, binding, name) => void traced.push(`start ${binding} ${name}`),
    handlerEnd: (_, binding, name) => void traced.push(`end ${binding} ${name}`),
  });
  machine.add("A");
  assertEquals(calls, []);
  assertEquals(traced, ["start first AState", "end first AState", "start second AState", "end second AState"]);
});

test("Machine calls no later binding's negotiation handler once one threw", () => {
  const machine = new Machine<Schema>({ A: {} });
  const calls: string[] = [];
  machine.bindHandlers({ AEnter: fail });
  machine.bindHandlers({ AEnter: () => void calls.push("second") });
  assertEquals([machine.add("A"), calls], [Canceled, []]);
});

test("Machine.bindHandlers() takes the methods of a class, and calls them on its instance", () => {
  class Counter {
    count = 0;
    AState() {
      this.count++;
    }
    helper() {}
  }
  const machine = new Machine({ A: {} });
  const counter = new Counter();
  machine.bindHandlers(counter);
  machine.add("A");
  assertEquals(counter.count, 1);
});

test("Machine.bindHandlers() with statePrefix puts it before all names, and tells handlers the whole name", () => {
  const machine = new Machine<Schema>({ FooA: {}, FooB: {}, A: {} });
  const calls: string[] = [];
  const note = ({ name }: Event) => void calls.push(name);
  machine.bindHandlers({ AEnter: note, BState: note, AFooB: note, AA: note }, {
    statePrefix: "Foo",
    allowUnknown: true,
  });
  machine.add(["A", "FooA"]);
  machine.add("FooB");
  assertEquals(calls, ["FooAEnter", "FooAFooB", "FooAA", "FooBState"]);
});

test("Machine.bindHandlers() makes an id of four hex digits, or cleans the one it is given", () => {
  const machine = new Machine<Schema>({ A: {} });
  assertMatch(machine.bindHandlers({}).id, /^anon-[0-9a-f]{4}$/);
  assertEquals(machine.bindHandlers({}, { id: "my id: Ü_1.a-b" }).id, "myid_1.a-b");
});

test("Machine.bindHandlers() throws for a key with an upper-case letter that is no handler, and names the nearest", () => {
  const machine = new Machine<Schema>({ Open: {} });
  const error = assertThrows(() => machine.bindHandlers({ OpenEntr: () => {} }), TypeError);
  assertMatch(error.message, /^Cannot bind handler "OpenEntr".*the nearest is "OpenEnter"$/);
  const prefixed = assertThrows(
    () => machine.bindHandlers({ enEntr() {}, EnEntr() {} }, { statePrefix: "Op" }),
    TypeError,
  );
  assertMatch(prefixed.message, /the nearest is "enEnter"$/);
  assertThrows(() => machine.bindHandlers({ Completely: 1 }), TypeError, "of that name");
  machine.add("Open"); // nothing was bound
});

test("Machine.bindHandlers() throws for a handler that is no function", () => {
  const machine = new Machine<Schema>({ A: {} });
  assertThrows(() => machine.bindHandlers({ AEnter: true }), TypeError, 'Cannot bind handler "AEnter"');
});

test("Machine.bindHandlers() throws for what is no object", () => {
  const machine = new Machine<Schema>({ A: {} });
  for (const bad of [null, undefined, 7, "AEnter"]) {
    assertThrows(() => machine.bindHandlers(bad as unknown as object), TypeError, "Cannot bind handlers");
  }
});

test("Machine.bindHandlers() leaves other keys alone, and with allowUnknown all of them", () => {
  const machine = new Machine<Schema>({ A: {} });
  const calls: string[] = [];
  machine.bindHandlers({ helper: 1, _private: {}, $: null, AState: () => void calls.push("AState") });
  machine.bindHandlers({ BState: () => {}, Constant: 7 }, { allowUnknown: true });
  machine.add("A");
  assertEquals(calls, ["AState"]);
});

test("Binding.detach() takes handlers off, once", () => {
  const machine = new Machine<Schema>({ A: {} });
  const first = machine.bindHandlers({ AEnter: refuse });
  const calls: string[] = [];
  machine.bindHandlers({ AEnter: () => void calls.push("second") });
  first.detach();
  first.detach();
  first[Symbol.dispose]();
  assertEquals([machine.add("A"), calls], [Executed, ["second"]]);
});

for (
  const [kind, schema, handlers] of [
    ["Exit", { A: {}, B: {} }, ["AExit", "BExit"]],
    ["Enter", { C: {}, D: {}, A: {}, B: {} }, ["CEnter", "DEnter"]],
    ["self", { A: {}, B: {} }, ["AA", "BB"]],
    ["pair", { A: {}, B: {}, C: {}, D: {} }, ["AC", "BC"]],
    ["pair of the same state", { A: {}, B: {}, C: {}, D: {} }, ["AC", "AD"]],
    ["AnyEnter", { A: {}, B: {}, C: {} }, ["CEnter", "AnyEnter"]],
    ["End", { A: {}, B: {} }, ["AEnd", "BEnd"]],
    ["State", { C: {}, D: {}, A: {}, B: {} }, ["CState", "DState"]],
    ["State after End", { C: {}, A: {}, B: {} }, ["AEnd", "CState"]],
    ["AnyState", { C: {}, A: {}, B: {} }, ["CState", "AnyState"]],
  ] as [string, Schema, [string, string]][]
) {
  test(`Binding.detach() and bindHandlers() in ${handlers[0]} are in force from the next event on: ${kind}`, () => {
    const machine = new Machine<Schema>(schema);
    machine.add(["A", "B"]);
    const calls: string[] = [];
    const binding = machine.bindHandlers({
      [handlers[0]]({ machine, name }: Event) {
        calls.push(name);
        binding.detach();
        (machine as unknown as Machine).bindHandlers({
          [handlers[1]]: ({ name }: Event) => void calls.push(`new ${name}`),
        });
      },
      [handlers[1]]: ({ name }: Event) => void calls.push(name),
    });
    if (kind === "Exit" || kind === "End") machine.set([]);
    else if (kind === "State after End") machine.set("C");
    else machine.add(["C", "D"].filter((name) => machine.has(name)));
    assertEquals(calls, [handlers[0], `new ${handlers[1]}`]);
  });
}

for (const handler of ["AExit", "CEnter", "AEnd", "CState"]) {
  test(`Machine.bindHandlers() in ${handler} makes no handler run twice, and none be left out`, () => {
    const machine = new Machine<Schema>({ A: {}, B: {}, C: {}, D: {} });
    const calls: string[] = [];
    const names = words("AExit BExit CEnter DEnter AEnd BEnd CState DState");
    machine.add(["A", "B"]);
    machine.bindHandlers(Object.fromEntries(names.map((name) => [name, () => {
      calls.push(name);
      if (name === handler) machine.bindHandlers({});
    }])));
    machine.set(["C", "D"]);
    assertEquals(calls, names);
  });
}

test("Machine.whenArgs() made by a State handler hears of its own state, and of those whose handlers follow", async () => {
  const machine = new Machine<Schema>({ A: {}, B: {}, C: {} });
  const heard: string[] = [];
  machine.bindHandlers({
    AState() {
      for (const name of ["A", "B", "C"]) machine.whenArgs(name).then(() => heard.push(name));
    },
    BState() {},
    CState() {},
  });
  machine.add(["A", "B", "C"]);
  await Promise.resolve();
  assertEquals(heard, ["A", "B", "C"]);
});

for (
  const [handler, what, act] of [
    ["AEnter", "accepts", () => true],
    ["AEnter", "refuses", () => false],
    ["AEnter", "throws", fail],
    ["AState", "throws", fail],
    ["ExceptionState", "throws", fail],
  ] as [string, string, () => unknown][]
) {
  test(`Tracer bound by ${handler}, which ${what}, hears the same lines whether or not others were there`, () => {
    const lines = [false, true].map((hasOther) => {
      const machine = new Machine<Schema>({ A: {}, B: {} }, { id: "main" });
      const heard: string[] = [];
      if (hasOther) machine.bindTracer({ wants: { logLevel: "everything" } });
      machine.bindHandlers({
        [handler]() {
          machine.bindTracer({
            wants: { logLevel: "everything" },
            log: (_machine, _level, text) => void heard.push(text),
          });
          return act();
        },
        BEnter() {},
        BState() {},
      }, { id: "handlers" });
      machine.add([handler.replace(/Enter|State/, ""), "B"]);
      return heard.slice(1); // the first one says that it was bound, and its number
    });
    assertEquals(lines[0], lines[1]);
    assertEquals(lines[0]!.includes(`[handler:end] ${handler} from handlers`), true);
    assertEquals(lines[0]!.includes(`[cancel] (A B) by ${handler}`), what === "refuses");
  });
}

test("Binding.detach() in a handler leaves the rest of the same event its bindings", () => {
  const machine = new Machine<Schema>({ A: {} });
  const calls: string[] = [];
  machine.bindHandlers({ AEnter: () => second.detach() });
  const second = machine.bindHandlers({ AEnter: () => void calls.push("second") });
  machine.add("A");
  assertEquals(calls, ["second"]);
});

test("Machine.bindHandlers() shows the first handlers of a machine in Exception its error", () => {
  const machine = new Machine<Schema>({ A: {} });
  const error = new Error("early");
  machine.addErr(error);
  const seen: unknown[] = [];
  const handlers = { ExceptionState: ({ args }: FinalEvent) => void seen.push(args.error) };
  const binding = machine.bindHandlers(handlers);
  assertEquals([seen, machine.tick("Exception")], [[error], 3]);
  machine.bindHandlers(handlers);
  binding.detach();
  machine.bindHandlers(handlers);
  assertEquals([seen.length, machine.tick("Exception")], [1, 3]);
});

test("Machine.bindHandlers() shows no error when the machine is not in Exception, or has none", () => {
  const left = new Machine<Schema>({ A: {} });
  left.addErr(new Error("early"));
  left.remove("Exception");
  const without = new Machine<Schema>({ A: {} });
  without.add("Exception");
  for (const machine of [left, without]) {
    const tick = machine.tick("Exception");
    machine.bindHandlers({});
    assertEquals(machine.tick("Exception"), tick);
  }
});

// Events

test("Event tells what it is about", () => {
  const machine = new Machine<Schema>({ A: {} });
  const seen: unknown[] = [];
  machine.bindHandlers({
    AEnter: (event: Event) => {
      seen.push(event.name, event.machine === machine as unknown, event.args, event.isCheck, event.isValid());
      assertStrictEquals(event.mutation, event.transition.mutation);
    },
  });
  machine.add("A", { id: 7 });
  machine.remove("A");
  machine.canAdd("A");
  assertEquals(seen, ["AEnter", true, { id: 7 }, false, true, "AEnter", true, {}, true, true]);
});

test("Event.isValid() ends with its transition", () => {
  const machine = new Machine<Schema>({ A: {}, B: {} });
  const events: Event[] = [];
  const valid: boolean[] = [];
  machine.bindHandlers({
    AState: (event: FinalEvent) => [events.push(event), event.machine.add("B")],
    AnyState: () => void valid.push(...events.map((event) => event.isValid())),
  });
  machine.add("A");
  assertEquals([valid, events.map((event) => event.isValid())], [[true, false], [false]]);
});

test("Machine throws for unknown names in a handler like anywhere, and the handler fails by it", () => {
  const machine = new Machine<Schema>({ A: {} });
  machine.bindHandlers({ AState: ({ machine }: FinalEvent) => void machine.add("Unknown") });
  assertEquals(machine.add("A"), Canceled);
  assertInstanceOf(machine.err, UnknownStateError);
});
