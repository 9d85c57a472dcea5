import { Canceled, Executed, type FinalEvent, Machine, StateExpiredError } from "@asyncmachine/asyncmachine";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertNotStrictEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { test } from "../_harness.ts";
import { eventLoopTurn, microtasks, revokedProxy, unreadableError } from "./_fakes.ts";

// Fields

test("Event says what is going on", () => {
  const machine = new Machine({ A: {} }, { id: "m" });
  machine.bindHandlers({
    AEnter(e) {
      assertEquals(e.name, "AEnter");
      assertStrictEquals(e.machine, machine);
      assertEquals(e.args, { id: 7 });
      assertStrictEquals(e.transition, machine.transition);
      assertStrictEquals(e.mutation, e.transition.mutation);
      assertEquals([e.mutation.type, e.mutation.states], ["add", ["A"]]);
      assertEquals(e.isCheck, false);
    },
  });

  machine.add("A", { id: 7 });

  assertEquals(machine.err, null);
});

test("Event.args is an empty object when the mutation has none", () => {
  const machine = new Machine({ A: {} });
  const args: unknown[] = [];
  machine.bindHandlers({ AEnter: (e) => void args.push(e.args), AState: (e) => void args.push(e.args) });

  machine.add("A", null);

  assertEquals(args, [{}, {}]);
});

test("Event.args of a mutation without any cannot be written to", () => {
  const machine = new Machine({ A: {}, B: {} });
  const seen: unknown[] = [];
  machine.bindHandlers({
    AState: (e) => void Reflect.set(e.args, "leaked", true),
    BState: (e) => void seen.push(e.args),
  });

  machine.add("A");
  machine.add("B");

  assertEquals(seen, [{}]);
});

test("Event.isCheck is true in a check", () => {
  const machine = new Machine({ A: {} });
  const checks: boolean[] = [];
  machine.bindHandlers({ AEnter: (e) => void checks.push(e.isCheck) });

  machine.canAdd("A");

  assertEquals(checks, [true]);
});

test("Event.isValid() is true in handlers, and false when the transition is over", () => {
  const machine = new Machine({ A: {}, B: {} });
  const events: FinalEvent[] = [];
  const valid: boolean[] = [];
  const note = (e: unknown) => {
    events.push(e as FinalEvent);
    valid.push((e as FinalEvent).isValid());
  };
  machine.bindHandlers({
    AEnter: note,
    AState: note,
    BState: () => void valid.push(events[0]!.isValid()),
  });

  machine.add("A");
  assertEquals(valid, [true, true]);
  assertEquals(events.map((e) => e.isValid()), [false, false]);
  machine.add("B");
  assertEquals(valid, [true, true, false]);
});

test("Event.isValid() is false after a handler of the transition threw", () => {
  const machine = new Machine({ A: {} });
  const valid: boolean[] = [];
  let event: { isValid(): boolean } | undefined;
  machine.bindHandlers({
    AState(e) {
      event = e;
      throw new Error("thrown");
    },
  });
  machine.bindTracer({ handlerEnd: () => void valid.push(event!.isValid()) });

  machine.add("A");

  assertEquals(valid, [false]);
});

test("Event.isValid() is false at the end of a refused transition", () => {
  const machine = new Machine({ A: {} });
  const valid: boolean[] = [];
  let event: { isValid(): boolean } | undefined;
  machine.bindHandlers({
    AEnter(e) {
      event = e;
      return false;
    },
  });
  machine.bindTracer({ transitionEnd: () => void valid.push(event!.isValid()) });

  machine.add("A");

  assertEquals(valid, [false]);
});

test("Event.isValid() is false when the transition broke off", () => {
  let isBroken = false;
  const clock = {
    now() {
      if (isBroken) throw new Error("no time");
      return 0;
    },
    setTimeout: () => 0,
    clearTimeout() {},
  };
  const machine = new Machine({ A: {} }, { clock, handlerTimeoutMs: 10 });
  const events: { isValid(): boolean }[] = [];
  machine.bindHandlers({
    AState(e) {
      isBroken = true;
      events.push(e);
    },
  });

  assertThrows(() => machine.add("A"), Error, "no time");

  assertEquals(events[0]!.isValid(), false);
});

// Signals

test("FinalEvent.signal in FooState is the signal of the new tick", () => {
  const machine = new Machine({ A: {} });
  let signal: AbortSignal | undefined;
  machine.bindHandlers({ AState: (e) => void (signal = e.signal) });

  machine.add("A");

  assertStrictEquals(signal, machine.stateSignal("A"));
  assertEquals(signal!.aborted, false);
});

test("FinalEvent.signal in FooState is aborted when the state is left", () => {
  const machine = new Machine({ A: {} });
  let signal: AbortSignal | undefined;
  machine.bindHandlers({ AState: (e) => void (signal = e.signal) });
  machine.add("A");

  machine.remove("A");

  assertInstanceOf(signal!.reason, StateExpiredError);
  assertEquals([signal!.reason.state, signal!.reason.tick], ["A", 1]);
});

test("FinalEvent.signal in FooState is aborted when a multi state is called again", () => {
  const machine = new Machine({ A: { multi: true } });
  const signals: AbortSignal[] = [];
  machine.bindHandlers({ AState: (e) => void signals.push(e.signal) });

  machine.add("A");
  machine.add("A");

  assertEquals(signals.map(({ aborted }) => aborted), [true, false]);
});

test("FinalEvent.signal that is read late is that of its own activation, aborted", () => {
  const machine = new Machine({ A: {} });
  const events: FinalEvent[] = [];
  machine.bindHandlers({ AState: (e) => void events.push(e as unknown as FinalEvent) });
  machine.add("A");
  machine.remove("A");
  machine.add("A");

  const signals = events.map(({ signal }) => signal);

  assertEquals(signals.map(({ aborted }) => aborted), [true, false]);
  assertInstanceOf(signals[0]!.reason, StateExpiredError);
  assertEquals(signals[0]!.reason.tick, 1);
  assertNotStrictEquals(signals[0], signals[1]);
});

test("FinalEvent.signal in FooEnd and AnyState is the machine's", () => {
  const machine = new Machine({ A: {} });
  const signals: AbortSignal[] = [];
  machine.add("A");
  machine.bindHandlers({ AEnd: (e) => void signals.push(e.signal), AnyState: (e) => void signals.push(e.signal) });

  machine.remove("A");

  assertEquals(signals.length, 2);
  for (const signal of signals) assertStrictEquals(signal, machine.signal);
});

test("FinalEvent.signal is found by the state's name after the order of the states changed", () => {
  const machine = new Machine({ A: {}, B: {} });
  let event: FinalEvent | undefined;
  machine.bindHandlers({ AState: (e) => void (event = e as unknown as FinalEvent) });
  machine.add("A");
  machine.verifyStates(["Exception", "B", "A"]);

  assertStrictEquals(event!.signal, machine.stateSignal("A"));
  assertEquals(event!.signal.aborted, false);
  machine.add("B");
  assertEquals(event!.signal.aborted, false);
  machine.remove("A");
  assertEquals(event!.signal.aborted, true);
});

test("FinalEvent.signal is aborted by a disposal", async () => {
  const machine = new Machine({ A: {} });
  const events: FinalEvent[] = [];
  machine.bindHandlers({ AState: (e) => void events.push(e as unknown as FinalEvent) });
  machine.add("A");
  const { signal } = events[0]!;

  await machine.dispose();

  assertEquals([signal.aborted, events[0]!.signal.aborted], [true, true]);
});

test("FinalEvent makes no signal that nobody reads", () => {
  const machine = new Machine({ A: { multi: true } });
  machine.bindHandlers({ AState: () => {}, AnyState: () => {} });
  const { AbortController } = globalThis;
  let made = 0;
  globalThis.AbortController = class extends AbortController {
    constructor() {
      super();
      made++;
    }
  };

  try {
    for (let i = 0; i < 100; i++) machine.add("A");
  } finally {
    globalThis.AbortController = AbortController;
  }

  assertEquals(made, 0);
});

// Async final handlers

test("Machine does not wait for an async final handler", () => {
  const machine = new Machine({ A: {} });
  machine.bindHandlers({ AState: () => new Promise<void>(() => {}) });

  assertEquals(machine.add("A"), Executed);
});

for (const name of ["AState", "AnyState"] as const) {
  test(`Machine adds the error of an async ${name}() that rejects`, async () => {
    const machine = new Machine({ A: {} });
    const error = new Error("late");
    let isFirst = true;
    machine.bindHandlers({
      async [name]() {
        if (!isFirst) return;
        isFirst = false;
        await null;
        throw error;
      },
    });

    machine.add("A");
    assertEquals(machine.isErr(), false);
    await eventLoopTurn();

    assertEquals(machine.isErr(), true);
    assertStrictEquals(machine.err, error);
  });
}

test("Machine adds the error of an async FooEnd() that rejects, long after Foo is gone", async () => {
  const machine = new Machine({ A: {} });
  machine.add("A");
  machine.bindHandlers({
    async AEnd() {
      await null;
      throw new Error("late");
    },
  });

  machine.remove("A");
  machine.add("A");
  await eventLoopTurn();

  assertEquals(machine.err?.message, "late");
});

test("Machine wraps what an async handler rejects with when it is no error", async () => {
  for (const reason of [null, undefined, 7, "text"]) {
    const machine = new Machine({ A: {} });
    machine.bindHandlers({ AState: () => Promise.reject(reason) });

    machine.add("A");
    await eventLoopTurn();

    assertStrictEquals(machine.err?.cause, reason);
    assertEquals(machine.isErr(), true);
  }
});

test("Machine drops the rejection of an async FooState() after Foo was left, and logs that", async () => {
  const lines: string[] = [];
  const machine = new Machine({ A: {} }, { logLevel: "ops", logId: false, logger: (_, line) => void lines.push(line) });
  machine.bindHandlers({
    async AState() {
      await null;
      throw new Error("too late");
    },
  });

  machine.add("A");
  machine.remove("A");
  await eventLoopTurn();

  assertEquals([machine.isErr(), machine.err], [false, null]);
  assertEquals(lines.at(-1), "[handler:dropped] AState (too late)");
});

test("Machine drops the rejection of an async FooState() when Foo was left and entered again", async () => {
  const machine = new Machine({ A: {} });
  let isFirst = true;
  machine.bindHandlers({
    async AState() {
      if (!isFirst) return;
      isFirst = false;
      await null;
      throw new Error("of the first activation");
    },
  });

  machine.add("A");
  machine.remove("A");
  machine.add("A");
  await eventLoopTurn();

  assertEquals(machine.err, null);
});

test("Machine drops the rejection of an async FooState() when multi Foo was called again", async () => {
  const machine = new Machine({ A: { multi: true } });
  const errors = [new Error("first"), new Error("second")];
  const told: Error[] = [];
  machine.onError((_, error) => void told.push(error));
  let calls = 0;
  machine.bindHandlers({
    async AState() {
      const error = errors[calls++]!;
      await null;
      throw error;
    },
  });

  machine.add("A");
  machine.add("A");
  await eventLoopTurn();

  assertEquals(told, [errors[1]!]);
});

test("Machine drops the rejection of an async FooState() whose activation was recovered from", async () => {
  const machine = new Machine({ A: {} });
  machine.bindHandlers({
    async AState() {
      await null;
      throw new Error("too late");
    },
  });
  machine.bindHandlers({
    AState() {
      throw new Error("thrown");
    },
  });

  machine.add("A");
  await eventLoopTurn();

  assertEquals(machine.err?.message, "thrown");
});

test("Machine drops the rejection of any async handler after a disposal", async () => {
  const lines: string[] = [];
  const machine = new Machine({ A: {} }, { logLevel: "ops", logId: false, logger: (_, line) => void lines.push(line) });
  const late = async () => {
    await null;
    await null;
    await null;
    throw new Error("too late");
  };
  machine.bindHandlers({ AState: late, AnyState: late });

  machine.add("A");
  await machine.dispose();
  await eventLoopTurn();

  assertEquals(machine.err, null);
  assertEquals(lines.slice(-2), ["[handler:dropped] AState (too late)", "[handler:dropped] AnyState (too late)"]);
});

test("Machine drops the rejection of an async handler with an abort", async () => {
  const machine = new Machine({ A: {} });
  const told: Error[] = [];
  machine.onInternalError((error) => void told.push(error));
  machine.bindHandlers({ AState: () => Promise.reject(AbortSignal.abort().reason) });

  machine.add("A");
  await eventLoopTurn();

  assertEquals([machine.err, told], [null, []]);
});

test("Machine tells onInternalError of the rejection of an async handler that a full queue keeps out", async () => {
  const machine = new Machine({ A: {} }, { queueLimit: 0 });
  const error = new Error("late");
  const told: Error[] = [];
  machine.onInternalError((error) => void told.push(error));
  machine.bindHandlers({ ExceptionState: () => Promise.reject(error) });

  machine.add("Exception"); // passes the full queue
  await eventLoopTurn();

  assertEquals(told, [error]);
});

test("Machine tells onInternalError nothing of an async handler's error that was added", async () => {
  const machine = new Machine({ A: {} });
  const told: Error[] = [];
  let isFirst = true;
  machine.onInternalError((error) => void told.push(error));
  machine.bindHandlers({
    AState: () => Promise.reject(new Error("first")),
    ExceptionState() {
      if (isFirst) machine.addErr(new Error("second"));
      isFirst = false;
    },
  });

  machine.add("A");
  await eventLoopTurn();

  assertEquals([machine.err?.message, told], ["second", []]);
});

test("Machine logs a dropped rejection whose message cannot be read", async () => {
  const machine = new Machine({ A: {} }, { logLevel: "ops", logger() {} });
  machine.bindHandlers({ AState: () => Promise.reject(unreadableError()) });

  machine.add("A");
  machine.remove("A");
  await eventLoopTurn();

  assertEquals(machine.err, null);
});

test("Machine takes each async handler of several bindings by itself", async () => {
  const machine = new Machine({ A: {} });
  const told: string[] = [];
  machine.onError((_, { message }) => void told.push(message));
  for (const id of ["one", "two"]) machine.bindHandlers({ AState: () => Promise.reject(new Error(id)) });

  machine.add("A");
  await eventLoopTurn();

  assertEquals(told, ["one", "two"]);
});

// Thenables

test("Machine adds the error of a thenable that rejects", async () => {
  const machine = new Machine({ A: {} });
  const error = new Error("then");
  machine.bindHandlers({ AState: () => ({ then: (_: unknown, reject: (error: Error) => void) => reject(error) }) });

  machine.add("A");
  await eventLoopTurn();

  assertStrictEquals(machine.err, error);
});

test("Machine adds the error of a thenable that throws, asked once or twice", async () => {
  for (const throwing of [1, 2]) {
    const machine = new Machine({ A: {} });
    let reads = 0;
    machine.bindHandlers({
      AState: () => ({
        get then() {
          if (++reads === throwing) throw new Error(`read ${reads}`);
          return () => {};
        },
      }),
    });

    machine.add("A");
    await eventLoopTurn();

    assertEquals([machine.isErr(), machine.err?.message], [true, `read ${throwing}`]);
  }
});

test("Machine adds one error of a thenable that settles twice", async () => {
  const machine = new Machine({ A: {} });
  const told: string[] = [];
  machine.onError((_, { message }) => void told.push(message));
  machine.bindHandlers({
    AState: () => ({
      then(_: unknown, reject: (error: Error) => void) {
        reject(new Error("first"));
        reject(new Error("second"));
        throw new Error("third");
      },
    }),
  });

  machine.add("A");
  await eventLoopTurn();

  assertEquals(told, ["first"]);
});

test("Machine lets a thenable that calls back at once run outside of the transition", async () => {
  const machine = new Machine({ A: {}, B: {} });
  const seen: unknown[] = [];
  machine.bindHandlers({ AState: () => ({ then: () => void seen.push(machine.transition, machine.add("B")) }) });

  machine.add("A");
  await eventLoopTurn();

  assertEquals(seen, [null, Executed]);
});

test("Machine looks after a promise that hides its rejection from catch() and then()", async () => {
  const machine = new Machine({ A: {} });
  machine.bindHandlers({
    AState() {
      const promise = Promise.reject(new Error("hidden"));
      return Object.assign(promise, { catch: () => promise, then: () => new Promise(() => {}) });
    },
  });

  machine.add("A");
  await eventLoopTurn();

  assertEquals(machine.err?.message, "hidden");
});

test("Machine adds the error of a promise whose constructor cannot be read", async () => {
  const machine = new Machine({ A: {} });
  machine.bindHandlers({
    AState: () =>
      Object.defineProperty(Promise.resolve(), "constructor", {
        get() {
          throw new Error("constructor refused");
        },
      }),
  });

  machine.add("A");
  await eventLoopTurn();

  assertEquals(machine.err?.message, "constructor refused");
});

test("Machine takes a revoked proxy that a handler returned for an error", () => {
  const machine = new Machine({ A: {} });
  machine.bindHandlers({ AState: () => revokedProxy() });

  machine.add("A");

  assertEquals([machine.isErr(), machine.is("A")], [true, false]);
});

// Async negotiation handlers

test("Machine cancels a transition whose negotiation handler returns a promise, and adds a TypeError", () => {
  const machine = new Machine({ A: {} });
  // deno-lint-ignore no-explicit-any -- the compiler refuses it
  machine.bindHandlers({ AEnter: (() => Promise.resolve(true)) as any });

  assertEquals(machine.add("A"), Canceled);
  assertInstanceOf(machine.err, TypeError);
  assertEquals(
    machine.err.message,
    'Cannot wait for handler "AEnter": negotiation is synchronous, it returned a promise',
  );
  assertEquals(machine.activeStates(), ["Exception"]);
});

test("Machine looks after the rejection of a promise that a negotiation handler returned", async () => {
  const machine = new Machine({ A: {} });
  // deno-lint-ignore no-explicit-any -- the compiler refuses it
  machine.bindHandlers({ AEnter: (() => Promise.reject(new Error("never told"))) as any });

  machine.add("A");
  await eventLoopTurn();

  assertInstanceOf(machine.err, TypeError);
});

// Many

test("Machine keeps nothing of 10,000 activations whose async handlers never settle", async () => {
  const machine = new Machine({ A: { multi: true } });
  const references: WeakRef<object>[] = [];
  let listeners = 0;
  machine.bindHandlers({
    AState(e) {
      if (references.length < 10) references.push(new WeakRef(e));
      e.signal.addEventListener("abort", () => listeners--, { once: true });
      listeners++;
      return new Promise<void>(() => {});
    },
  });

  for (let i = 0; i < 10_000; i++) machine.add("A");

  assertEquals(listeners, 1); // all but the last activation were aborted
  assertEquals([machine.tick("A"), machine.err], [19_999, null]);
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) return;
  await eventLoopTurn();
  gc();
  assert(references.every((reference) => reference.deref() === undefined));
  await microtasks();
});
