import {
  AutoLoopError,
  Canceled,
  DrainLimitError,
  Executed,
  HandlerTimeoutError,
  Machine,
  MachineDisposedError,
  SchemaError,
  StateExpiredError,
  UnknownStateError,
} from "@asyncmachine/asyncmachine";
import { assert, assertEquals, assertInstanceOf, assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import { isAbort, messageOf, StateTimeoutError, toError } from "../../machine/errors.ts";
import { test } from "../_harness.ts";
import { FakeClock, revokedProxy, unreadableError } from "./_fakes.ts";

// Classes

const ERRORS = [
  new UnknownStateError(["Foo"], { action: "add", machineId: "m" }),
  new UnknownStateError(["Foo", "Bar"], { action: "wait for", machineId: "m" }),
  new SchemaError(['Cannot verify state "Foo": it is not in the schema', "Cannot verify states: missing"]),
  new MachineDisposedError("m"),
  new StateExpiredError("m", "Foo", 3),
  new StateTimeoutError("Foo", 50),
  new DrainLimitError(100, ["add Foo", "set Bar Baz"]),
  new DrainLimitError(100, []),
  new AutoLoopError(["Foo", "Bar"], 100),
  new HandlerTimeoutError("FooState", "anon-1234", 70),
];

test("Errors have a name that tells their class", () => {
  for (const error of ERRORS) {
    assertInstanceOf(error, Error);
    assertEquals(error.name, error.constructor.name);
  }
});

test("Errors have messages in the form of the project: a sentence without a period, names quoted", () => {
  for (const { message } of ERRORS) {
    assertMatch(message, /^[A-Z]/);
    assertMatch(message, /[^.\s]$/);
    assert(!/'|n't/.test(message), message);
  }
});

test("UnknownStateError tells states and machine", () => {
  const [one, two] = ERRORS as [UnknownStateError, UnknownStateError];

  assertEquals([one.states, one.machineId], [["Foo"], "m"]);
  assertEquals(one.message, 'Cannot add state "Foo": it is not in the schema');
  assertEquals(two.states, ["Foo", "Bar"]);
  assertEquals(two.message, 'Cannot wait for states "Foo", "Bar": they are not in the schema');
});

test("SchemaError tells each problem on a line of its own", () => {
  const error = new SchemaError(["One", "Two"]);

  assertEquals([error.problems, error.message], [["One", "Two"], "One\nTwo"]);
});

test("MachineDisposedError tells the machine", () => {
  const error = new MachineDisposedError("m");

  assertEquals([error.machineId, error.message], ["m", 'Cannot use machine "m": it is disposed']);
});

test("StateExpiredError tells machine, state and tick", () => {
  const error = new StateExpiredError("m", "Foo", 3);

  assertEquals([error.machineId, error.state, error.tick], ["m", "Foo", 3]);
  assertEquals(error.message, 'State "Foo" is past tick 3');
});

test("StateTimeoutError tells state and time", () => {
  const error = new StateTimeoutError("Foo", 50);

  assertEquals([error.state, error.timeoutMs], ["Foo", 50]);
  assertEquals(error.message, 'State "Foo" is active for more than 50 ms');
});

test("DrainLimitError tells the limit and the last mutations", () => {
  const error = new DrainLimitError(100, ["add Foo", "set Bar Baz"]);

  assertEquals([error.limit, error.mutations], [100, ["add Foo", "set Bar Baz"]]);
  assertEquals(
    error.message,
    "Cannot drain the queue as the limit is 100 items: the last mutations are add Foo, set Bar Baz",
  );
});

test("AutoLoopError tells states and rounds", () => {
  const error = new AutoLoopError(["Foo", "Bar"], 100);

  assertEquals([error.states, error.rounds], [["Foo", "Bar"], 100]);
  assertEquals(
    error.message,
    'Cannot retry auto states "Foo", "Bar": a handler threw in 100 auto transitions in a row',
  );
});

test("HandlerTimeoutError tells handler, binding and time", () => {
  const error = new HandlerTimeoutError("FooState", "anon-1234", 70);

  assertEquals([error.handler, error.binding, error.elapsedMs], ["FooState", "anon-1234", 70]);
  assertEquals(error.message, 'Handler "FooState" of "anon-1234" took 70 ms');
});

test("Errors cut names of 10 KB in their messages, and keep them whole in their fields", () => {
  const name = "x".repeat(10_000);
  const errors = [
    new UnknownStateError([name], { action: "add", machineId: name }),
    new UnknownStateError([name, name], { action: "add", machineId: name }),
    new MachineDisposedError(name),
    new StateExpiredError(name, name, 1),
    new StateTimeoutError(name, 1),
    new DrainLimitError(1, [`add ${name}`]),
    new AutoLoopError([name], 100),
    new HandlerTimeoutError(name, name, 1),
  ];

  for (const { message } of errors) assert(message.length < 1000, message.slice(0, 100));
  assertEquals(new StateExpiredError(name, name, 1).state, name);
});

test("Errors keep a name of 200 characters whole in their messages", () => {
  const name = "x".repeat(200);

  assertEquals(new StateExpiredError("m", name, 1).message, `State "${name}" is past tick 1`);
  assertEquals(new StateExpiredError("m", `${name}y`, 1).message, `State "${"x".repeat(197)}..." is past tick 1`);
});

// toError(), isAbort(), messageOf()

test("toError() keeps an Error as it is", () => {
  const error = new RangeError("kept");

  assertStrictEquals(toError(error), error);
});

test("toError() makes a message of a text", () => {
  const error = toError("text");

  assertEquals([error.message, error.cause], ["text", "text"]);
});

for (
  const [value, message] of [
    [null, "Not an error: null"],
    [undefined, "Not an error: undefined"],
    [7, "Not an error: 7"],
    [Symbol("s"), "Not an error: Symbol(s)"],
    [{}, "Not an error: [object Object]"],
    [Object.create(null), "Not an error: object"],
    [revokedProxy(), "Not an error: object"],
  ] as const
) {
  test(`toError() wraps ${message.slice(14)}, which becomes the cause`, () => {
    const error = toError(value);

    assertEquals(error.message, message);
    assertStrictEquals(error.cause, value);
  });
}

test("isAbort() tells an abort from an error", () => {
  const abort = AbortSignal.abort().reason;
  const named = Object.assign(new Error(), { name: "AbortError" });

  const aborts = [abort, named, new StateExpiredError("m", "A", 1), new MachineDisposedError("m")];
  const others = [
    new Error(),
    new DOMException("late", "TimeoutError"),
    { name: "AbortError" },
    null,
    "AbortError",
    revokedProxy(),
  ];

  assertEquals(aborts.map(isAbort), aborts.map(() => true));
  assertEquals(others.map(isAbort), others.map(() => false));
});

test("isAbort() says no to an error whose name cannot be read", () => {
  const error = Object.defineProperty(new Error(), "name", {
    get() {
      throw new Error("name refused");
    },
  });

  assertEquals(isAbort(error), false);
});

test("messageOf() reads a message, or stands in for one", () => {
  assertEquals(messageOf(new Error("text")), "text");
  assert(messageOf(unreadableError()).length > 0);
});

// Machine.addErr()

test("Machine.addErr() activates Exception, with the error in its arguments", () => {
  const machine = new Machine({ A: {} });
  const error = new Error("added");
  let args: unknown;
  machine.bindHandlers({ ExceptionState: (e) => void (args = e.args) });

  assertEquals(machine.addErr(error), Executed);

  assertEquals(args, { error });
  assertStrictEquals(machine.err, error);
});

test("Machine.addErr() keeps the caller's own arguments beside the error, and not one of that name", () => {
  const machine = new Machine({ A: {} });
  const error = new Error("added");
  let args: unknown;
  machine.bindHandlers({ ExceptionState: (e) => void (args = e.args) });

  machine.addErr(error, { id: 7, error: "other" });

  assertEquals(args, { id: 7, error });
});

for (
  const [what, error] of [
    ["null", null],
    ["undefined", undefined],
    ["an AbortError", new DOMException("aborted", "AbortError")],
    ["a StateExpiredError", new StateExpiredError("m", "A", 1)],
    ["a MachineDisposedError", new MachineDisposedError("m")],
  ] as const
) {
  test(`Machine.addErr() of ${what} is canceled`, () => {
    const machine = new Machine({ A: {} });
    const told: unknown[] = [];
    machine.onError((_, error) => void told.push(error));

    assertEquals(machine.addErr(error), Canceled);
    assertEquals([machine.isErr(), machine.err, told, machine.queueTick], [false, null, [], 1]);
  });
}

test("Machine.addErr() of a TimeoutError is an error", () => {
  const machine = new Machine({ A: {} });

  assertEquals(machine.addErr(new DOMException("late", "TimeoutError")), Executed);
});

test("Machine.addErr() wraps what is no error", () => {
  for (const value of [0, "", false, "text", {}, Symbol("s"), () => {}, revokedProxy()]) {
    const machine = new Machine({ A: {} });

    assertEquals(machine.addErr(value), Executed);
    assertInstanceOf(machine.err, Error);
    assertStrictEquals(machine.err.cause, value);
  }
});

test("Machine.addErr() tells onError before the transition, in the order of binding", () => {
  const machine = new Machine({ A: {} });
  const error = new Error("added");
  const told: unknown[] = [];
  machine.onError((of, given) =>
    void told.push("first", of === machine, given === error, machine.isErr(), machine.err)
  );
  machine.onError(() => void told.push("second"));

  machine.addErr(error);

  assertEquals(told, ["first", true, true, false, error, "second"]);
});

test("Machine.onError() tells nothing any more when it is detached", () => {
  const machine = new Machine({ A: {} });
  let calls = 0;
  const first = machine.onError(() => void calls++);
  const second = machine.onError(() => void (calls += 10));

  first.detach();
  first.detach();
  machine.addErr(new Error("added"));

  assertEquals(calls, 10);
  second[Symbol.dispose]();
  machine.addErr(new Error("added"));
  assertEquals(calls, 10);
});

test("Machine.onError() binds the same function twice, and takes one of them off", () => {
  const machine = new Machine({ A: {} });
  let calls = 0;
  const count = () => void calls++;
  machine.onError(count);
  machine.onError(count).detach();

  machine.addErr(new Error("added"));

  assertEquals(calls, 1);
});

test("Machine.onError() is not told of what a handler throws: that is no added error", () => {
  const machine = new Machine({ A: {} });
  let calls = 0;
  machine.onError(() => void calls++);
  machine.bindHandlers({
    AState() {
      throw new Error("thrown");
    },
  });

  machine.add("A");

  assertEquals([calls, machine.isErr()], [0, true]);
});

test("Machine.addErr() keeps the error also when the transition is canceled", () => {
  const machine = new Machine({ A: {} });
  const error = new Error("added");
  machine.bindHandlers({ ExceptionEnter: () => false });

  assertEquals(machine.addErr(error), Canceled);
  assertStrictEquals(machine.err, error);
  assertEquals(machine.isErr(), false);
});

test("Machine.addErr() ticks Exception each time", () => {
  const machine = new Machine({ A: {} });

  machine.addErr(new Error("one"));
  machine.addErr(new Error("two"));

  assertEquals([machine.tick("Exception"), machine.err?.message], [3, "two"]);
});

test("Machine.addErr() does not tick a user's Exception that is not multi again", () => {
  const machine = new Machine({ Exception: {} });

  machine.addErr(new Error("one"));
  machine.addErr(new Error("two"));

  assertEquals([machine.tick("Exception"), machine.err?.message], [1, "two"]);
});

test("Machine.addErr() inside of ExceptionState() queues another transition", () => {
  const machine = new Machine({ A: {} });
  const results: number[] = [];
  machine.bindHandlers({ ExceptionState: () => void (results.length === 0 && results.push(machine.addErr("again"))) });

  machine.addErr(new Error("first"));

  assertEquals([results, machine.tick("Exception"), machine.err?.message], [[3], 3, "again"]);
});

test("Machine.addErr() never finds itself a duplicate", () => {
  const machine = new Machine({ A: {}, Exception: {} });
  const results: number[] = [];
  machine.bindHandlers({ AState: () => void results.push(machine.addErr("one"), machine.addErr("one")) });

  machine.add("A");

  assertEquals(results, [3, 4]);
});

test("Machine.addErr() with a state adds that state together with Exception, that state first", () => {
  const machine = new Machine({ ErrNetwork: { require: ["Exception"] } });
  let called: readonly string[] = [];
  machine.bindHandlers({ ErrNetworkState: (e) => void (called = e.mutation.states) });

  machine.addErr(new Error("lost"), null, { state: "ErrNetwork" });

  assertEquals(called, ["ErrNetwork", "Exception"]);
  assertEquals(machine.activeStates(), ["Exception", "ErrNetwork"]);
});

test("Machine.addErr() hands the error to the error state's handlers", () => {
  const machine = new Machine({ ErrNetwork: { require: ["Exception"] } });
  const error = new Error("lost");
  const args: unknown[] = [];
  machine.bindHandlers({
    ErrNetworkEnter: (e) => void args.push(e.args),
    ErrNetworkState: (e) => void args.push(e.args),
  });

  machine.addErr(error, { host: "h" }, { state: "ErrNetwork" });

  assertEquals(args, [{ host: "h", error }, { host: "h", error }]);
});

test("Machine.remove() of Exception takes error states along that require it", () => {
  const machine = new Machine({ ErrNetwork: { require: ["Exception"] } });
  machine.addErr(new Error("lost"), null, { state: "ErrNetwork" });

  machine.remove("Exception");

  assertEquals(machine.activeStates(), []);
});

test("Machine.addErr() with the state Exception adds it once", () => {
  const machine = new Machine({ A: {} });
  let called: readonly string[] = [];
  machine.bindHandlers({ ExceptionState: (e) => void (called = e.mutation.states) });

  machine.addErr(new Error("added"), null, { state: "Exception" });

  assertEquals(called, ["Exception"]);
});

test("Machine.addErr() with an unknown state throws, and keeps no error", () => {
  const machine = new Machine({ A: {} });

  const error = assertThrows(
    () => machine.addErr(new Error("added"), null, { state: "ErrFoo" as "A" }),
    UnknownStateError,
    'Cannot add error state "ErrFoo": it is not in the schema',
  );

  assertEquals([error.states, machine.err], [["ErrFoo"], null]);
});

test("Machine.addErr() with arguments that are no object throws, and keeps no error", () => {
  const machine = new Machine({ A: {} });

  assertThrows(() => machine.addErr(new Error("added"), 7 as unknown as Record<string, unknown>), TypeError);

  assertEquals(machine.err, null);
});

test("Machine.addErr() says where it comes from", () => {
  const machine = new Machine({ A: {} }, { id: "m" });
  let source: unknown;
  machine.bindHandlers({
    AState: (e) => void machine.addErr(new Error("added"), null, { from: e }),
    ExceptionState: (e) => void (source = e.mutation.source),
  });
  machine.bindTracer({ transitionEnd: (tx) => void (tx.mutation.states[0] === "A" && (id = tx.id)) });
  let id = "";

  machine.add("A");

  assertEquals(source, { machineId: "m", transitionId: id, machineTime: 0 });
});

// Machine.err

test("Machine.err is the very object that a handler threw", () => {
  const machine = new Machine({ A: {} });
  const error = new RangeError("thrown");
  machine.bindHandlers({
    AState() {
      throw error;
    },
  });

  machine.add("A");

  assertStrictEquals(machine.err, error);
});

test("Machine.err of a thrown null is an error all the same", () => {
  const machine = new Machine({ A: {} });
  machine.bindHandlers({
    AState() {
      throw null;
    },
  });

  machine.add("A");

  assertEquals([machine.isErr(), machine.err?.cause], [true, null]);
});

test("Machine.err of a thrown abort is an error all the same", () => {
  const machine = new Machine({ A: {} });
  machine.bindHandlers({ AState: () => AbortSignal.abort().throwIfAborted() });

  machine.add("A");

  assertEquals(machine.err?.name, "AbortError");
});

test("Machine.err is kept when Exception leaves", () => {
  const machine = new Machine({ A: {} });
  machine.addErr(new Error("kept"));

  machine.remove("Exception");

  assertEquals([machine.isErr(), machine.err?.message], [false, "kept"]);
});

test("Machine.err is null at first, and after an add of Exception without an error", () => {
  const machine = new Machine({ A: {} });
  assertEquals(machine.err, null);

  machine.add("Exception");

  assertEquals([machine.isErr(), machine.err], [true, null]);
});

test("Machine.err stays when a handler of Exception throws, and the machine goes on", () => {
  const machine = new Machine({ A: {} });
  const told: string[] = [];
  machine.onInternalError(({ message }) => void told.push(message));
  machine.bindHandlers({
    ExceptionState() {
      throw new Error("worse");
    },
  });

  assertEquals(machine.addErr(new Error("kept")), Canceled);

  assertEquals([machine.err?.message, machine.tick("Exception"), told], ["kept", 2, ["worse"]]);
  assertEquals(machine.add("A"), Executed);
});

test("Exception's arguments tell where an error was thrown", () => {
  const machine = new Machine({ A: {}, B: {}, C: { add: ["D"] }, D: {} });
  const error = new Error("thrown");
  let args: unknown, source: unknown;
  machine.add(["B", "A"]);
  machine.bindHandlers({
    DEnter() {
      throw error;
    },
    ExceptionState(e) {
      args = e.args;
      source = e.mutation.source?.machineTime;
    },
  });

  machine.add("C");

  const panic = { type: "add", calledStates: ["C"], statesBefore: ["B", "A"], handler: "DEnter" };
  assertEquals(args, { error, panic });
  assertEquals(source, 2);
});

// Errors of the machine's making

test("Machine reports a handler that took too long to onInternalError, and lets its transition stand", () => {
  const clock = new FakeClock();
  const machine = new Machine({ A: {}, B: {} }, { clock, handlerTimeoutMs: 10 });
  const told: Error[] = [];
  machine.onInternalError((error) => void told.push(error));
  machine.bindHandlers({ AState: () => clock.advance(11), BState: () => clock.advance(10) }, { id: "slow" });

  assertEquals([machine.add("A"), machine.add("B")], [Executed, Executed]);

  assertEquals(told.length, 1);
  assertInstanceOf(told[0], HandlerTimeoutError);
  assertEquals([told[0].handler, told[0].binding, told[0].elapsedMs], ["AState", "slow", 11]);
  assertEquals(machine.err, null);
});

test("Machine adds a StateTimeoutError, and the state's own error state, when a state outlives its timeoutMs", () => {
  const clock = new FakeClock();
  const machine = new Machine({ Foo: { timeoutMs: 50 }, Bar: { timeoutMs: 90 }, ErrFoo: {} }, { clock });
  machine.add(["Foo", "Bar"]);

  clock.advance(49);
  assertEquals(machine.err, null);
  clock.advance(1);

  assertInstanceOf(machine.err, StateTimeoutError);
  assertEquals([machine.err.state, machine.is(["ErrFoo", "Exception"])], ["Foo", true]);
  clock.advance(40);
  assertEquals(machine.err.message, 'State "Bar" is active for more than 90 ms');
});

test("Machine starts a state's time anew when it is called again, and stops it when it is left", () => {
  const clock = new FakeClock();
  const machine = new Machine({ Foo: { timeoutMs: 50, multi: true } }, { clock });
  machine.add("Foo");
  clock.advance(49);
  machine.add("Foo");
  clock.advance(49);
  assertEquals([machine.err, clock.pending], [null, 1]);

  machine.remove("Foo");

  assertEquals(clock.pending, 0);
});

test("Machine throws nothing into the timer of a state's time-out, with throwErrors", () => {
  const clock = new FakeClock();
  const machine = new Machine({ Foo: { timeoutMs: 50 } }, { clock, throwErrors: true });
  machine.bindHandlers({
    ExceptionState() {
      throw new Error("worse");
    },
  });
  machine.add("Foo");

  clock.advance(50);

  assertInstanceOf(machine.err, StateTimeoutError);
});

test("Machine keeps a contradiction of its schema as its error, and follows the schema all the same", () => {
  const machine = new Machine({ A: { require: ["B"], remove: ["B"] }, B: {} });

  assertInstanceOf(machine.err, SchemaError);
  assertEquals(machine.err.problems, ['Cannot use schema: state "A" both requires and removes "B"']);
  assertEquals([machine.isErr(), machine.add("B")], [true, Executed]);
});

test("Machine tells a tracer among its options of a contradiction in the schema after machineInit()", () => {
  const seen: string[] = [];

  new Machine({ A: { require: ["B"], remove: ["B"] }, B: {} }, {
    tracers: [{
      machineInit: () => void seen.push("init"),
      mutationQueued: (_, { type, states }) => void seen.push(`${type} ${states}`),
    }],
  });

  assertEquals(seen, ["init", "add Exception"]);
});
