import {
  Canceled,
  type Event,
  Executed,
  type FinalEvent,
  isQueued,
  Machine,
  type MachineApi,
  type Mutation,
  type MutationSource,
  type QueueQuery,
  type Result,
  type Schema,
  SchemaError,
  type State,
  StateExpiredError,
  UnknownStateError,
} from "@asyncmachine/asyncmachine";
import { assertEquals, assertInstanceOf, assertStrictEquals, assertThrows } from "@std/assert";
import { test } from "../_harness.ts";
import { words } from "./_recorder.ts";

/** Run something in `InState`, in the middle of a transition, and tell what it returned. */
function inside<Value>(machine: Machine, fn: (event: FinalEvent) => Value): Value {
  const values: Value[] = [];
  const binding = machine.bindHandlers({ InState: (event: FinalEvent) => void values.push(fn(event)) });
  machine.add("In");
  binding.detach();
  assertEquals(values.length, 1, "the function ran once, and did not throw");
  return values[0]!;
}

/** The called states of all mutations that a machine runs from now on. */
function recordMutations(machine: Machine): string[] {
  const mutations: string[] = [];
  machine.bindTracer({
    transitionInit: ({ mutation: { type, states } }) => void mutations.push([type, ...states].join(" ")),
  });
  return mutations;
}

/** A schema of states S0, S1…, each made from its number. */
function numbered(count: number, state: (number: number) => State = () => ({})): Record<string, State> {
  return Object.fromEntries(Array.from({ length: count }, (_, number) => [`S${number}`, state(number)]));
}

const schema = { A: {}, B: {}, C: {}, M: { multi: true }, In: {}, R: { require: ["A"] } } satisfies Schema;

// Results

test("Machine.add() is executed when all states are active after it", () => {
  const machine = new Machine(schema);
  assertEquals([machine.add("A"), machine.add(["A", "B"]), machine.add("A")], [Executed, Executed, Executed]);
  assertEquals(machine.time(["A", "B"]), [1, 1]);
});

test("Machine.add() cancels when a required state is inactive, for all of its states", () => {
  const machine = new Machine(schema);
  assertEquals([machine.add("R"), machine.add(["B", "R"]), machine.activeStates()], [Canceled, Canceled, []]);
});

test("Machine.add() cancels when an active state removes a called one", () => {
  const machine = new Machine<Schema>({ A: { remove: ["B"] }, B: {} });
  machine.add("A");
  assertEquals(machine.add("B"), Canceled);
});

test("Machine.add() cancels when one of its states removes another", () => {
  const machine = new Machine<Schema>({ A: { remove: ["B"] }, B: {} });
  assertEquals([machine.add(["A", "B"]), machine.add(["B", "A"])], [Canceled, Canceled]);
});

test("Machine.add() is executed although implied states are refused", () => {
  const machine = new Machine<Schema>({ A: { add: ["B"] }, B: { require: ["C"] }, C: {} });
  assertEquals([machine.add("A"), machine.activeStates()], [Executed, ["A"]]);
});

test("Machine.remove() is executed when no state is active after it", () => {
  const machine = new Machine(schema);
  machine.add(["A", "B", "R"]);
  assertEquals([machine.remove("A"), machine.activeStates(), machine.remove("A")], [Executed, ["B"], Executed]);
});

test("Machine.set() activates its states and deactivates all others", () => {
  const machine = new Machine(schema);
  machine.add(["A", "B"]);
  assertEquals([machine.set(["C", "B"]), machine.activeStates()], [Executed, ["C", "B"]]);
});

test("Machine.set() cancels when a state cannot be, and leaves all as it was", () => {
  const machine = new Machine(schema);
  machine.add("B");
  assertEquals([machine.set("R"), machine.activeStates()], [Canceled, ["B"]]);
});

test("Machine.set() of no states deactivates everything", () => {
  const machine = new Machine(schema);
  machine.add(["A", "M"]);
  assertEquals([machine.set([]), machine.activeStates()], [Executed, []]);
});

test("Machine.add() and remove() of no states run a transition that changes nothing", () => {
  const machine = new Machine(schema);
  machine.add("A");
  const mutations = recordMutations(machine);
  assertEquals([machine.add([]), machine.remove([]), mutations], [Executed, Executed, ["add", "remove"]]);
  assertEquals([machine.activeStates(), machine.queueTick], [["A"], 4]);
});

test("Machine.toggle() removes states that are all active, else adds them", () => {
  const machine = new Machine(schema);
  machine.toggle(["C", "B"]);
  assertEquals(machine.activeStates(), ["C", "B"]);
  machine.remove("B");
  machine.toggle(["C", "B"]);
  assertEquals(machine.activeStates(), ["C", "B"]);
  machine.toggle(["C", "B"]);
  assertEquals(machine.activeStates(), []);
});

test("Machine.toggle() of no states removes none", () => {
  const machine = new Machine(schema);
  const mutations = recordMutations(machine);
  assertEquals([machine.toggle([]), mutations], [Executed, ["remove"]]);
});

test("Machine.toggle() decides when it is called, not when it runs", () => {
  const machine = new Machine(schema);
  inside(machine, () => {
    machine.add("A");
    machine.toggle("A");
  });
  assertEquals([machine.is("A"), machine.tick("A")], [true, 1]);
});

test("Machine takes states that are named twice once", () => {
  const machine = new Machine(schema);
  const mutations = recordMutations(machine);
  machine.add(["B", "A", "B", "A"]);
  assertEquals([mutations, machine.activeStates()], [["add B A"], ["B", "A"]]);
});

// The queue

test("Machine queues what is called in a handler, and runs it in order after the transition", () => {
  const machine = new Machine(schema);
  const mutations = recordMutations(machine);
  const results = inside(machine, () => {
    const results = [machine.add("A"), machine.set("C"), machine.remove("B"), machine.toggle("M")];
    assertEquals(machine.activeStates(), ["In"]);
    return results;
  });
  assertEquals(results, [3, 4, 5, 6]);
  assertEquals(mutations, ["add In", "add A", "set C", "remove B", "add M"]);
});

test("Machine counts queue ticks from 2 on, one for each mutation, canceled ones too", () => {
  const machine = new Machine(schema);
  const ticks: number[] = [];
  machine.bindTracer({ transitionInit: ({ mutation }) => void ticks.push(mutation.queueTick, machine.queueTick) });
  machine.add("A");
  machine.add("R");
  machine.add("R");
  assertEquals(ticks, [2, 2, 3, 3, 4, 4]);
});

test("Machine moves the queue tick before a mutation runs, and never by auto mutations or checks", () => {
  const machine = new Machine<Schema>({ A: { auto: true }, B: {} });
  const ticks: string[] = [];
  machine.bindTracer({
    transitionInit: ({ mutation }) => void ticks.push(`${mutation.states} ${mutation.queueTick} ${machine.queueTick}`),
  });
  machine.canAdd("A");
  machine.add("B");
  assertEquals(ticks, ["A 0 1", "B 2 2", "A 0 2"]);
});

test("Machine gives the result of a call its own transition's, whatever runs after it", () => {
  const machine = new Machine(schema);
  machine.bindHandlers({ AState: ({ machine }: MachineEvent) => machine.add("R") && machine.remove("A") });
  assertEquals([machine.add("A"), machine.activeStates()], [Executed, []]);
});

type MachineEvent = { machine: MachineApi };

test("Machine tells tracers of a queued mutation where it stands", () => {
  const machine = new Machine(schema);
  const queued: [string, number, number, number][] = [];
  machine.bindTracer({
    mutationQueued: (_, { states, queueTick, queueTickNow, queueLength }) =>
      void queued.push([states.join(), queueTick, queueTickNow, queueLength]),
  });
  inside(machine, () => [machine.add("A"), machine.add("B")]);
  assertEquals(queued, [["In", 2, 1, 1], ["A", 3, 2, 1], ["B", 4, 2, 2]]);
});

test("Machine.queue is a copy of what waits", () => {
  const machine = new Machine(schema);
  const queue = inside(machine, () => {
    machine.add("A", { id: 1 });
    machine.canRemove("B");
    machine.eval("test", () => {});
    (machine.queue as Mutation[]).length = 0;
    return [
      machine.queue.map(({ type, states, args, isCheck }) => ({ type, states, args, isCheck })),
      machine.queueLength,
    ];
  });
  assertEquals(queue, [[
    { type: "remove", states: ["B"], args: {}, isCheck: true },
    { type: "add", states: ["A"], args: { id: 1 }, isCheck: false },
  ], 3]);
  assertEquals([machine.queue, machine.queueLength], [[], 0]);
});

// Duplicates

const DUPLICATES: [why: string, isDropped: boolean, calls: (machine: Machine) => Result[]][] = [
  ["the same states wait", true, (m) => [m.add(["A", "B"]), m.add(["A", "B"])]],
  ["the same states wait in another order", true, (m) => [m.add(["A", "B"]), m.add(["B", "A", "B"])]],
  ["the opposite was called in between", true, (m) => [m.add(["A", "B"]), m.remove("A"), m.add(["B", "A"])]],
  ["empty arguments are given", true, (m) => [m.add("A", {}), m.add("A", {})]],
  ["a remove waits twice", true, (m) => [m.add("A"), m.remove("A"), m.remove("A")]],
  ["a set waits twice", true, (m) => [m.set([]), m.set([])]],
  ["more states wait", false, (m) => [m.add(["A", "B"]), m.add("A")]],
  ["fewer states wait", false, (m) => [m.add("A"), m.add(["A", "B"])]],
  ["another type waits", false, (m) => [m.add("A"), m.set("A")]],
  ["the waiting one has arguments", false, (m) => [m.add("A", { id: 1 }), m.add("A")]],
  ["the new one has arguments", false, (m) => [m.add("A"), m.add("A", { id: 1 })]],
  ["both have arguments", false, (m) => [m.add("A", { id: 1 }), m.add("A", { id: 1 })]],
  ["one of the states is multi", false, (m) => [m.add(["A", "M"]), m.add(["A", "M"])]],
  ["a check of them waits", false, (m) => [m.canAdd("A"), m.add("A")]],
];

for (const [why, isDropped, calls] of DUPLICATES) {
  test(`Machine ${isDropped ? "drops" : "queues"} a mutation when ${why}`, () => {
    const machine = new Machine<Schema>(schema);
    const results = inside(machine, () => calls(machine));
    assertEquals(isQueued(results.at(-1)!), !isDropped);
    if (isDropped) assertEquals(results.at(-1), Executed);
  });
}

test("Machine does not compare with the running mutation", () => {
  const machine = new Machine(schema);
  assertEquals(inside(machine, () => machine.add("In")), 3);
});

test("Machine drops what an auto mutation waits for", () => {
  const machine = new Machine<Schema>({ A: { auto: true }, X: {} });
  const results: Result[] = [];
  machine.bindTracer({
    mutationQueued: (machine, { isAuto }) => void (isAuto && results.push(machine.add("A"))),
  });
  machine.add("X");
  assertEquals([results, machine.tick("A")], [[Executed], 1]);
});

// The early end of remove

test("Machine.remove() of inactive states in a transition is executed at once, when nothing waits", () => {
  const machine = new Machine(schema);
  const mutations = recordMutations(machine);
  assertEquals(inside(machine, () => [machine.remove("A"), machine.remove(["A", "B"]), machine.remove([])]), [
    Executed,
    Executed,
    Executed,
  ]);
  assertEquals(mutations, ["add In"]);
});

test("Machine.remove() of unknown states in a transition is executed at once, when nothing waits", () => {
  const machine = new Machine<Schema>(schema);
  assertEquals(inside(machine, () => machine.remove("Unknown")), Executed);
});

test("Machine.remove() is queued in a transition when something waits, or one of the states is active", () => {
  const machine = new Machine(schema);
  assertEquals(inside(machine, () => [machine.remove(["A", "In"]), machine.remove("A")]), [3, 4]);
});

test("Machine.remove() of inactive states outside of a transition is a transition", () => {
  const machine = new Machine(schema);
  const mutations = recordMutations(machine);
  assertEquals([machine.remove("A"), mutations], [Executed, ["remove A"]]);
  let result = -1;
  machine.eval("test", () => void (result = machine.remove("A")));
  assertEquals([result, mutations.length], [3, 2]);
});

// The limit

/** Fill a queue of one place, and tell what else gets in. */
function whenFull(active: string, call: (machine: Machine, event: FinalEvent) => Result): Result {
  const machine = new Machine<Schema>(schema, { queueLimit: 1 });
  machine.add(words(active));
  return inside(machine, (event) => {
    assertEquals(isQueued(machine.add("B")), true);
    return call(machine, event);
  });
}

const LIMITED: [what: string, active: string, result: Result, call: (machine: Machine, event: FinalEvent) => Result][] =
  [
    ["add()", "", Canceled, (m) => m.add("A")],
    ["add() of Exception", "", 5, (m) => m.add(["A", "Exception"])],
    ["add() of an active Exception", "Exception", Canceled, (m) => m.add("Exception")],
    ["add() of Exception with from", "", Canceled, (m, from) => m.add("Exception", null, { from })],
    ["remove()", "A", Canceled, (m) => m.remove("A")],
    ["remove() of Exception", "Exception", 5, (m) => m.remove(["Exception", "A"])],
    ["remove() of an inactive Exception", "", Canceled, (m) => m.remove("Exception")],
    ["remove() of Exception with from", "Exception", Canceled, (m, from) => m.remove("Exception", null, { from })],
    ["set()", "", Canceled, (m) => m.set("A")],
    ["set() of Exception", "", Canceled, (m) => m.set("Exception")],
    ["toggle()", "", Canceled, (m) => m.toggle("A")],
    ["toggle() of Exception", "", 5, (m) => m.toggle("Exception")],
    ["addErr()", "", Canceled, (m) => m.addErr(new Error("late"))],
    ["canAdd()", "", 2, (m) => m.canAdd("A")],
    ["canRemove()", "", 2, (m) => m.canRemove("A")],
    ["a duplicate", "", Canceled, (m) => m.add("B")],
  ];

for (const [what, active, result, call] of LIMITED) {
  test(`Machine ${result === Canceled ? "cancels" : "queues"} ${what} when the queue is full${active && `, in ${active}`}`, () => {
    assertEquals(whenFull(active, call), result);
  });
}

test("Machine.addErr() on a full queue keeps no error and tells nobody", () => {
  const machine = new Machine<Schema>(schema, { queueLimit: 0 });
  const errors: Error[] = [];
  machine.onError((_, error) => void errors.push(error));
  assertEquals([machine.addErr(new Error("late")), machine.err, errors], [Canceled, null, []]);
});

test("Machine takes 1,000 waiting mutations by default", () => {
  const machine = new Machine(schema);
  const results = inside(machine, () => Array.from({ length: 1_001 }, () => machine.add("M")));
  assertEquals([results[999], results[1_000], machine.tick("M")], [1_002, Canceled, 1_999]);
});

test("Machine runs auto mutations although the queue is full", () => {
  const machine = new Machine<Schema>({ ...schema, Auto: { auto: true } }, { queueLimit: 1 });
  inside(machine, () => machine.add("A"));
  assertEquals(machine.is(["Auto", "A"]), true);
});

test("Machine keeps 1,000,000 mutations of one handler out of memory, and lets its error in", () => {
  const machine = new Machine(schema);
  let length = 0, queued = 0;
  machine.bindHandlers({
    AState() {
      for (let i = 0; i < 1_000_000; i++) if (machine.add("M", { i }) !== Canceled) queued++;
      length = machine.queueLength;
      throw new Error("at last");
    },
  });
  assertEquals(machine.add("A"), Canceled);
  assertEquals([length, queued, machine.err?.message, machine.isErr()], [1_000, 1_000, "at last", true]);
});

// Unknown names

const UNKNOWN: [call: string, (machine: Machine) => unknown, message: string][] = [
  ["add", (m) => m.add("X"), 'Cannot add state "X": it is not in the schema'],
  ["remove", (m) => m.remove(["X", "A"]), 'Cannot remove state "X": it is not in the schema'],
  ["set", (m) => m.set(["Y", "A", "X", "Y"]), 'Cannot set states "Y", "X": they are not in the schema'],
  ["toggle", (m) => m.toggle("X"), 'Cannot toggle state "X": it is not in the schema'],
  ["canAdd", (m) => m.canAdd("X"), 'Cannot check adding state "X": it is not in the schema'],
  ["canRemove", (m) => m.canRemove("X"), 'Cannot check removing state "X": it is not in the schema'],
  [
    "addErr",
    (m) => m.addErr(new Error("e"), null, { state: "X" }),
    'Cannot add error state "X": it is not in the schema',
  ],
];

for (const [call, fn, message] of UNKNOWN) {
  test(`Machine.${call}() throws for unknown names, and changes nothing`, () => {
    const machine = new Machine<Schema>(schema, { id: "test" });
    const error = assertThrows(() => fn(machine), UnknownStateError);
    assertEquals([error.message, error.machineId, error.name], [message, "test", "UnknownStateError"]);
    assertEquals([machine.queueTick, machine.err, machine.add("A")], [1, null, Executed]);
  });

  test(`Machine.${call}() on a disposed machine is canceled, whatever the names`, () => {
    const machine = new Machine<Schema>(schema);
    machine.dispose();
    assertEquals(fn(machine), Canceled);
  });
}

test("UnknownStateError.states has the unknown names, each once, in the order given", () => {
  const machine = new Machine<Schema>(schema);
  const error = assertThrows(() => machine.add(["Y", "A", "X", "Y"]), UnknownStateError);
  assertEquals(error.states, ["Y", "X"]);
});

// Bad input

for (const call of ["add", "remove", "set", "toggle", "canAdd", "canRemove"] as const) {
  test(`Machine.${call}() throws one clear TypeError for bad input, and the machine works on`, () => {
    const machine = new Machine<Schema>(schema);
    const run = (...args: unknown[]) => (machine[call] as (...args: unknown[]) => Result).apply(machine, args);
    for (const states of [null, undefined, 7, true, {}, new Set(["A"]), new String("A"), Symbol("A"), () => "A"]) {
      assertThrows(() => run(states), TypeError, "expected a name or a list of names");
    }
    for (const state of [null, undefined, 7, {}, ["A"], Symbol("A"), Object.create(null)]) {
      assertThrows(() => run([state]), TypeError, "expected a list of names");
    }
    assertThrows(() => run(new Array(1)), TypeError, "expected a list of names, it has undefined");
    for (const args of [7, "text", true, Symbol("args"), () => {}]) {
      assertThrows(() => run("A", args), TypeError, "Cannot use arguments: expected an object");
    }
    assertEquals([machine.queueLength, machine.queueTick, machine.add("A")], [0, 1, Executed]);
  });
}

test("Machine.addErr() throws one clear TypeError for bad input, and keeps no error", () => {
  const machine = new Machine<Schema>(schema);
  const addErr = (args: unknown, state?: unknown) =>
    machine.addErr(new Error("e"), args as object, { state: state as string });
  assertThrows(() => addErr(7), TypeError, "Cannot use arguments");
  for (const state of [null, 7, [], ["A"], {}]) {
    assertThrows(() => addErr(null, state), TypeError, "expected a list of names");
  }
  assertEquals([machine.err, machine.isErr(), machine.add("A")], [null, false, Executed]);
});

test("Machine.addErr() whose arguments throw keeps no error and tells nobody", () => {
  const machine = new Machine<Schema>(schema);
  const errors: Error[] = [];
  machine.onError((_, error) => void errors.push(error));
  const args = {
    get id() {
      throw new Error("getter");
    },
  };
  assertThrows(() => machine.addErr(new Error("e"), args), Error, "getter");
  assertEquals([machine.err, errors, machine.isErr()], [null, [], false]);
});

test("Machine passes on what a list of states throws, and works on", () => {
  const machine = new Machine<Schema>(schema);
  const list = new Proxy(["A"], {
    get() {
      throw new Error("trap");
    },
  });
  for (const call of ["add", "remove", "set", "toggle", "canAdd"] as const) {
    assertThrows(() => machine[call](list), Error, "trap");
  }
  assertEquals(machine.add("A"), Executed);
});

test("Machine runs a mutation that a list of states makes while it is read before the list's own", () => {
  const machine = new Machine<Schema>(schema);
  const mutations = recordMutations(machine);
  const list = ["A"];
  Object.defineProperty(list, 0, { get: () => (machine.is("B") || machine.add("B"), "A") });
  machine.add(list);
  assertEquals(mutations, ["add B", "add A"]);
});

test("Machine runs mutations whose arguments throw at whoever looks, at every log level", () => {
  const throwing = (): never => {
    throw new Error("looked at");
  };
  const hostile = new Proxy({}, {
    get: throwing,
    has: throwing,
    ownKeys: throwing,
    getOwnPropertyDescriptor: throwing,
  });
  const getter = {
    get id() {
      return throwing();
    },
  };
  for (const logLevel of ["nothing", "changes", "ops", "everything"] as const) {
    const machine = new Machine<Schema>(schema, { logLevel, logger: () => {} });
    const results = inside(machine, () => [machine.add("A", hostile), machine.add("B", getter), machine.add("C")]);
    assertEquals([results, machine.is(["A", "B", "C"]), machine.err], [[3, 4, 5], true, null]);
  }
});

test("Machine takes frozen arguments, and leaves all arguments as they are", () => {
  const machine = new Machine<Schema>(schema);
  const args = Object.freeze({ id: 7 });
  const seen: unknown[] = [];
  machine.bindHandlers({ AState: ({ args }: Event) => void seen.push(args) });
  machine.add("A", args);
  assertEquals(machine.addErr(new Error("e"), args), Executed);
  assertStrictEquals(seen[0], args);
});

test("Machine gives handlers the arguments of a mutation, an empty object for none", () => {
  const machine = new Machine<Schema>(schema);
  const seen: unknown[] = [];
  machine.bindHandlers({ MState: ({ args }: Event) => void seen.push(args) });
  for (const args of [{ id: 1 }, {}, null, undefined]) machine.add("M", args);
  assertEquals(seen, [{ id: 1 }, {}, {}, {}]);
});

// from

test("Machine tells where a mutation comes from: machine, transition, and time before it", () => {
  const machine = new Machine<Schema>(schema, { id: "from" });
  machine.add(["A", "B"]);
  const target = new Machine<Schema>(schema);
  const sources: (MutationSource | null)[] = [];
  target.bindTracer({ transitionInit: ({ mutation }) => void sources.push(mutation.source) });
  const id = inside(machine, (from) => {
    target.add("A", null, { from });
    target.remove("A", null, { from });
    target.set("A", null, { from });
    target.toggle("A", null, { from });
    target.addErr(new Error("e"), null, { from });
    return from.transition.id;
  });
  const source = { machineId: "from", transitionId: id, machineTime: 2 };
  assertEquals(sources, [source, source, source, source, source]);
});

test("Machine tells no transition of an event that is over, and nothing without an event", () => {
  const machine = new Machine<Schema>(schema, { id: "from" });
  const sources: (MutationSource | null)[] = [];
  const from = inside(machine, (event) => event);
  machine.bindTracer({ transitionInit: ({ mutation }) => void sources.push(mutation.source) });
  machine.add("A", null, { from });
  machine.add("A", null, { from: null });
  machine.add("A");
  assertEquals(sources, [{ machineId: "from", transitionId: "", machineTime: 0 }, null, null]);
});

// Checks

test("Machine.canAdd() and canRemove() ask relations and handlers, and change nothing", () => {
  const machine = new Machine<Schema>(schema);
  machine.bindHandlers({ BEnter: () => false, AExit: () => false });
  machine.add("A");
  assertEquals([machine.canAdd("R"), machine.canAdd("B"), machine.canAdd("C")], [Executed, Canceled, Executed]);
  assertEquals([machine.canRemove("A"), machine.canRemove("C")], [Canceled, Executed]);
  machine.set("C");
  assertEquals([machine.canAdd("R"), machine.time(["A", "B", "C", "R"])], [Executed, [1, 0, 0, 0]]);
});

test("Machine.canAdd() cancels when relations refuse, unless a called state is multi", () => {
  const machine = new Machine<Schema>(schema);
  assertEquals([machine.canAdd("R"), machine.canAdd(["R", "M"])], [Canceled, Executed]);
  assertEquals([machine.add(["R", "M"]), machine.activeStates()], [Canceled, []]);
});

test("Machine.canAdd() calls no final handler, no onChange, and no auto states", () => {
  const machine = new Machine<Schema>({ ...schema, Auto: { auto: true } });
  const calls: string[] = [];
  const note = ({ name }: Event) => void calls.push(name);
  machine.onChange(() => void calls.push("onChange"));
  machine.bindHandlers({ AEnter: note, AState: note, AnyEnter: note, AnyState: note });
  assertEquals([machine.canAdd("A"), calls, machine.is("Auto")], [Executed, ["AEnter", "AnyEnter"], false]);
});

test("Machine.canAdd() in a transition returns 2, and runs before what waits", () => {
  const machine = new Machine<Schema>(schema);
  const mutations = recordMutations(machine);
  assertEquals(inside(machine, () => [machine.add("A"), machine.canAdd("B"), machine.canRemove("C")]), [3, 2, 2]);
  assertEquals(mutations, ["add In", "remove C", "add B", "add A"]);
});

test("Machine.canAdd() gives the handlers its arguments", () => {
  const machine = new Machine<Schema>(schema);
  machine.bindHandlers({ AEnter: ({ args }: Event) => args.id === 7 });
  assertEquals([machine.canAdd("A", { id: 7 }), machine.canAdd("A")], [Executed, Canceled]);
});

test("Machine.canAdd() has a token and no queue tick", () => {
  const machine = new Machine<Schema>(schema);
  const seen: [number, number][] = [];
  machine.bindTracer({ mutationQueued: (_, { queueToken, queueTick }) => void seen.push([queueToken, queueTick]) });
  machine.canAdd("A");
  machine.canRemove("A");
  assertEquals([seen, machine.queueTick], [[[1, 0], [2, 0]], 1]);
});

// What waits

test("Machine.willBe() and willBeRemoved() find waiting mutations with at least these states", () => {
  const machine = new Machine<Schema>(schema);
  machine.add("C");
  const found = inside(machine, () => {
    machine.add(["A", "B"], { id: 1 });
    machine.remove(["C", "In"]);
    machine.canAdd("M");
    machine.set("R");
    return {
      willBe: ["A", ["B", "A"], [], "C", ["A", "C"], "M", "R", "Unknown"].map((states) => machine.willBe(states)),
      removed: ["C", ["In", "C"], [], "A"].map((states) => machine.willBeRemoved(states)),
    };
  });
  assertEquals(found.willBe, [true, true, true, false, false, false, false, false]);
  assertEquals(found.removed, [true, true, true, false]);
  assertEquals([machine.willBe("A"), machine.willBe([]), machine.willBeRemoved([])], [false, false, false]);
});

test("Machine.willBe() finds auto mutations", () => {
  const machine = new Machine<Schema>({ A: { auto: true }, X: {} });
  const found: boolean[] = [];
  machine.bindTracer({ transitionEnd: (transition) => void found.push(transition.machine.willBe("A")) });
  machine.add("X");
  assertEquals(found, [true, false]);
});

const QUERIES: [QueueQuery, { index: number; queueTick: number } | null][] = [
  [{ type: "add", states: "A" }, { index: 2, queueTick: 3 }],
  [{ type: "add", states: "A", withoutArgs: true }, { index: 3, queueTick: 4 }],
  [{ type: "add", states: ["B", "A"] }, { index: 3, queueTick: 4 }],
  [{ type: "add", states: ["A"], exact: true }, { index: 2, queueTick: 3 }],
  [{ type: "add", states: ["B", "A", "B"], exact: true }, { index: 3, queueTick: 4 }],
  [{ type: "add", states: "B", exact: true }, null],
  [{ type: "add", states: "A", minTick: 4 }, { index: 3, queueTick: 4 }],
  [{ type: "add", states: "A", minTick: 5 }, null],
  [{ type: "remove", states: "A" }, null],
  [{ type: "remove", states: [] }, { index: 4, queueTick: 5 }],
  [{ type: "set", states: "A" }, null],
  [{ type: "add", states: "C" }, null],
  [{ type: "add", states: "C", isCheck: true }, { index: 1, queueTick: 0 }],
  [{ type: "add", states: "A", isCheck: true }, null],
  [{ type: "add", states: "A", position: "first" }, null],
  [{ type: "remove", states: "In", position: "last" }, { index: 4, queueTick: 5 }],
  [{ type: "add", states: "A", position: "last" }, null],
  [{ type: "add", states: "Unknown" }, null],
];

for (const [query, position] of QUERIES) {
  test(`Machine.findQueued() of ${JSON.stringify(query)} is ${JSON.stringify(position)}`, () => {
    const machine = new Machine<Schema>(schema);
    const found = inside(machine, () => {
      machine.add("A", { id: 1 });
      machine.add(["A", "B"]);
      machine.remove("In");
      machine.canAdd("C");
      machine.eval("test", () => {}); // in front, and never found
      return machine.findQueued(query);
    });
    assertEquals(found, position);
  });
}

test("Machine.findQueued() finds nothing in an empty queue", () => {
  const machine = new Machine<Schema>(schema);
  for (const position of ["first", "last", undefined] as const) {
    assertEquals(machine.findQueued({ type: "add", states: [], position }), null);
  }
});

test("Machine.findQueued() finds the first one at position first", () => {
  const machine = new Machine<Schema>(schema);
  const found = inside(machine, () => {
    machine.add("A");
    machine.add("A", { id: 1 });
    const query = { type: "add", states: "A" } as const;
    return [machine.findQueued({ ...query, position: "first" }), machine.findQueued({ ...query, position: "last" })];
  });
  assertEquals(found, [{ index: 0, queueTick: 3 }, { index: 1, queueTick: 4 }]);
});

// Errors

test("Machine.addErr() activates Exception with the error and the caller's arguments", () => {
  const machine = new Machine<Schema>(schema);
  const seen: unknown[] = [];
  machine.bindHandlers({ ExceptionState: ({ args }: FinalEvent) => void seen.push(args) });
  const error = new Error("e");
  assertEquals(machine.addErr(error, { id: 7, error: "mine" }), Executed);
  assertEquals([seen, machine.activeStates()], [[{ id: 7, error }], ["Exception"]]);
  assertStrictEquals(machine.err, error);
});

test("Machine.addErr() activates an error state in front of Exception", () => {
  const machine = new Machine<Schema>({ ErrFoo: { require: ["Exception"] } });
  const mutations = recordMutations(machine);
  machine.addErr(new Error("e"), null, { state: "ErrFoo" });
  machine.addErr(new Error("e"), null, { state: "Exception" });
  assertEquals(mutations, ["add ErrFoo Exception", "add Exception"]);
  machine.remove("Exception");
  assertEquals(machine.activeStates(), []);
});

test("Machine.addErr() tells onError before anything is queued, and is never a duplicate", () => {
  const machine = new Machine<Schema>(schema);
  const seen: unknown[] = [];
  machine.onError((machine, error) => void seen.push([error.message, machine.err === error, machine.queueLength]));
  assertEquals(inside(machine, () => [machine.addErr("one"), machine.addErr("one")]), [3, 4]);
  assertEquals([seen, machine.tick("Exception")], [[["one", true, 0], ["one", true, 1]], 3]);
});

test("Machine.addErr() cancels what stands for no error", () => {
  const machine = new Machine<Schema>(schema);
  const aborts = [null, undefined, new DOMException("a", "AbortError"), new StateExpiredError("m", "A", 1)];
  for (const error of aborts) assertEquals(machine.addErr(error), Canceled);
  assertEquals([machine.err, machine.isErr()], [null, false]);
});

test("Machine.addErr() wraps what is no Error", () => {
  for (const value of ["text", 0, false, Symbol("s"), { message: "m" }, Object.create(null)]) {
    const machine = new Machine<Schema>(schema);
    assertEquals(machine.addErr(value), Executed);
    assertInstanceOf(machine.err, Error);
    assertStrictEquals(machine.err.cause, value);
  }
});

test("Machine.addErr() keeps the error although the transition is canceled", () => {
  const machine = new Machine<Schema>(schema);
  machine.bindHandlers({ ExceptionEnter: () => false });
  assertEquals([machine.addErr("refused"), machine.err?.message, machine.isErr()], [Canceled, "refused", false]);
});

test("Machine with a schema that contradicts itself begins in Exception, and works", () => {
  const machine = new Machine<Schema>({
    A: { require: ["B"], remove: ["B"] },
    B: { require: ["A"], remove: ["A"] },
    C: {},
  });
  assertInstanceOf(machine.err, SchemaError);
  assertEquals([machine.err.problems.length, machine.activeStates()], [2, ["Exception"]]);
  assertEquals([machine.add("A"), machine.add("C")], [Canceled, Executed]);
});

// Large and contradictory relations

test("Machine adds 5,000 states that require one another in a chain, and drops them with the last", () => {
  const machine = new Machine<Schema>(numbered(5_000, (i) => i < 4_999 ? { require: [`S${i + 1}`] } : {}));
  const names = machine.stateNames.slice(0, -1);
  assertEquals([machine.add("S0"), machine.add(names), machine.is(names)], [Canceled, Executed, true]);
  assertEquals([machine.remove("S4999"), machine.activeStates()], [Executed, []]);
});

test("Machine adds 5,000 states that require one another in a circle together only", () => {
  const machine = new Machine<Schema>(numbered(5_000, (i) => ({ require: [`S${(i + 1) % 5_000}`] })));
  const names = machine.stateNames.slice(0, -1);
  assertEquals([machine.add(names.slice(1)), machine.add(names)], [Canceled, Executed]);
});

test("Machine adds what one state adds 5,000 of, each with handlers, and takes all out again", () => {
  const fan = numbered(5_000, () => ({ require: ["Hub"] }));
  const machine = new Machine<Schema>({ Hub: { add: Object.keys(fan) }, ...fan });
  let count = 0;
  const handlers = Object.keys(fan).map((name) => [`${name}State`, () => void count++]);
  machine.bindHandlers(Object.fromEntries(handlers));
  assertEquals([machine.add("Hub"), count, machine.activeStates().length], [Executed, 5_000, 5_001]);
  assertEquals([machine.remove("Hub"), machine.activeStates()], [Executed, []]);
});

test("Machine recovers when the first of 5,000 State handlers throws", () => {
  const machine = new Machine<Schema>(numbered(5_000));
  machine.bindHandlers({
    S0State() {
      throw new Error("first");
    },
  });
  assertEquals(machine.add(machine.stateNames.slice(0, -1)), Canceled);
  assertEquals([machine.activeStates(), machine.tick("S4999")], [["Exception"], 2]);
});

test("Machine keeps one of 300 states that all remove one another", () => {
  const names = Object.keys(numbered(300));
  const machine = new Machine<Schema>(numbered(300, () => ({ remove: names })));
  for (const name of names) assertEquals(machine.add(name), Executed);
  assertEquals(machine.activeStates(), ["S299"]);
  assertEquals([machine.add(names), machine.set(["S1", "S0"])], [Canceled, Canceled]);
});

test("Machine settles 300 auto states that all remove one another", () => {
  const names = Object.keys(numbered(300));
  const machine = new Machine<Schema>({ X: {}, ...numbered(300, () => ({ auto: true, remove: names })) });
  machine.add("X");
  assertEquals(machine.activeStates(), ["S0", "X"]);
});

test("Machine takes relations of a state to itself", () => {
  const itself = ["A"];
  const machine = new Machine<Schema>({
    A: { require: itself, add: itself, remove: itself, after: itself, auto: true, multi: true },
  });
  assertEquals([machine.add("A"), machine.add("A"), machine.tick("A")], [Executed, Executed, 3]);
  assertEquals([machine.remove("A"), machine.is("A")], [Executed, true]); // auto: it is back
});

test("Machine takes a schema in which everything is related to everything", () => {
  const names = Object.keys(numbered(60));
  for (
    const relations of [["add", "after"], ["require", "add", "after"], ["remove", "after"], [
      "require",
      "remove",
    ]] as const
  ) {
    const machine = new Machine<Schema>(
      numbered(60, () => ({
        auto: true,
        multi: true,
        ...Object.fromEntries(relations.map((relation) => [relation, names])),
      })),
    );
    for (const call of ["add", "set", "toggle", "remove"] as const) {
      machine[call](names);
      machine[call]("S7");
    }
    assertEquals(machine.queueLength, 0);
  }
});

test("Machine throws RangeError for a queueLimit that is no number of 0 or more", () => {
  for (const queueLimit of [-1, NaN, "10", null, {}]) {
    const options = { queueLimit: queueLimit as number };
    if (queueLimit === null) assertEquals(new Machine<Schema>(schema, options).add("A"), Executed); // the default
    else assertThrows(() => new Machine<Schema>(schema, options), RangeError, 'option "queueLimit"');
  }
});
