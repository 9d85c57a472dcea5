import { defineSchema, Machine, type Mutation, type Tracer } from "@asyncmachine/asyncmachine";
import { assert, assertEquals } from "@std/assert";
import { test } from "../_harness.ts";
import { FakeClock, microtasks, revokedProxy, TRACER_HOOKS } from "./_fakes.ts";

/*
 * Whoever watches a machine may throw, at any of its calls, once or always: what the machine does is the same as when they
 * don't.
 */

const schema = defineSchema({
  Start: {},
  A: { remove: ["B"], timeoutMs: 1000 },
  B: { remove: ["A"], add: ["Implied"] },
  Implied: {},
  Auto: { auto: true, require: ["A"] },
  M: { multi: true },
  Refused: {},
  Thrown: {},
  Blocked: { require: ["Refused"] },
});

type M = Machine<typeof schema>;

/** A watcher that is called by whatever is watched, with the number of its calls so far. */
type Watcher = (called: () => void) => { tracer?: Tracer; logger?: () => void; bind?: (machine: M) => void };

/** Those that the script leads to. */
const HOOKS = TRACER_HOOKS.filter((hook) => hook !== "schemaChange" && hook !== "newSubmachine");

const WATCHERS: Readonly<Record<string, Watcher>> = {
  ...Object.fromEntries(HOOKS.map((hook) => [
    `a tracer's ${hook}()`,
    (called: () => void) => ({ tracer: { wants: { logLevel: "everything" as const }, [hook]: called } }),
  ])),
  "the logger": (logger) => ({ logger }),
  "onChange": (called) => ({ bind: (machine) => void machine.onChange(called) }),
  "onError": (called) => ({ bind: (machine) => void machine.onError(called) }),
  "onInternalError": (called) => ({ bind: (machine) => void machine.onInternalError(called) }),
  "onDispose": (called) => ({ bind: (machine) => void machine.onDispose(called) }),
};

interface Outcome {
  readonly seen: readonly string[];
  readonly results: readonly unknown[];
  readonly time: readonly number[];
  readonly queueTick: number;
  readonly err: string | undefined;
  readonly timers: number;
}

/** A script that goes through everything, and what came of it. */
async function outcomeWith(watcher: Watcher, called: () => void): Promise<Outcome> {
  const { tracer, logger, bind } = watcher(called);
  const seen: string[] = [];
  const clock = new FakeClock();
  const machine: M = new Machine(schema, {
    id: "watched",
    clock,
    logLevel: logger === undefined ? "nothing" : "everything",
    ...(logger && { logger }),
    tracers: tracer === undefined ? [] : [tracer],
    handlerTimeoutMs: 10, // so that there is something to tell onInternalError about
  });
  bind?.(machine);
  machine.bindTracer(noting(seen)); // after the one that throws
  machine.onChange((_machine, before, after) => void seen.push(`change ${before} ${after}`));
  machine.onError((_machine, { message }) => void seen.push(`error ${message}`));
  machine.onDispose(() => void seen.push("onDispose"));
  machine.bindHandlers({
    AEnter: () => void clock.advance(20),
    AState: (e) => void (e.signal.aborted || machine.add("M", { id: 1 }, { from: e })),
    async BState() {
      await null;
      throw new Error("late");
    },
    RefusedEnter: () => false,
    ThrownState() {
      throw new Error("thrown");
    },
    AnyState: () => seen.push("AnyState"),
  });
  const waits: Record<string, Promise<unknown>> = {
    when: machine.when(["A", "M"]),
    whenNot: machine.whenNot("A"),
    whenTime: machine.whenTime("M", 5),
    whenArgs: machine.whenArgs("M", { id: 2 }),
    whenQuery: machine.whenQuery(({ B }) => B > 1),
    whenErr: machine.whenErr(),
    never: machine.when("Blocked"),
    timeOut: machine.when("Blocked", { timeoutMs: 50 }),
    whenDisposed: machine.whenDisposed(),
  };
  for (const [name, promise] of Object.entries(waits)) {
    promise.then(() => seen.push(`${name} is fulfilled`), ({ name: error }) => seen.push(`${name} rejects: ${error}`));
  }
  const results: unknown[] = [];
  results.push(machine.verifyStates([...machine.stateNames]));
  for (const call of SCRIPT) results.push(await call(machine));
  clock.advance(2000); // A times out
  await microtasks();
  await machine.dispose();
  await microtasks();
  const { time, queueTick } = machine.export();
  return { seen, results, time, queueTick, err: machine.err?.message, timers: clock.pending };
}

const SCRIPT: readonly ((machine: M) => unknown)[] = [
  (machine) => machine.add("Start"),
  (machine) => machine.add("A"),
  (machine) => machine.add("M", { id: 2 }),
  (machine) => machine.canAdd("Blocked"),
  (machine) => machine.canAdd("B"),
  (machine) => machine.add("Blocked"),
  (machine) => machine.add("Refused"),
  (machine) => machine.add("B"),
  () => microtasks(), // the async handler rejects
  (machine) => machine.remove("Exception"),
  (machine) => machine.add("Thrown"),
  (machine) => machine.toggle(["Exception", "Start"]),
  (machine) => machine.eval("script", () => void machine.add("M")),
  (machine) =>
    machine.eval("script", () => {
      throw new Error("evaluated");
    }),
  (machine) => machine.set(["A", "Start"]),
  (machine) => machine.addErr(new Error("added")),
  (machine) => machine.log("text"),
];

function noting(seen: string[]): Tracer {
  const label = ({ type, states, isAuto, isCheck }: Mutation) =>
    `${isAuto ? "auto " : ""}${isCheck ? "check " : ""}${type} ${states}`;
  return {
    mutationQueued: (_machine, mutation) => void seen.push(`queued ${label(mutation)} ${mutation.queueTick}`),
    transitionInit: ({ mutation, enters, exits }) => void seen.push(`init ${label(mutation)} +${enters} -${exits}`),
    handlerStart: (_transition, _binding, name) => void seen.push(name),
    transitionFinals: ({ timeAfter }) => void seen.push(`finals ${timeAfter}`),
    transitionEnd: ({ accepted, timeAfter }) => void seen.push(`end ${accepted} ${timeAfter}`),
    queueEnd: () => void seen.push("queueEnd"),
    machineDispose: () => void seen.push("machineDispose"),
  };
}

for (const [name, watcher] of Object.entries(WATCHERS)) {
  test(`Machine does the same when ${name} throws, at whichever call`, async () => {
    let calls = 0;
    const expected = await outcomeWith(watcher, () => void calls++);
    assert(calls > 0, "it is called at all");

    for (let wrong = 1; wrong <= calls; wrong++) {
      let call = 0;
      const actual = await outcomeWith(watcher, () => {
        if (++call === wrong) throw new Error(`at call ${wrong}`);
      });
      assertEquals(actual, expected, `thrown at call ${wrong} of ${calls}`);
    }
    for (const thrown of [new Error("always"), null, revokedProxy()]) {
      const actual = await outcomeWith(watcher, () => {
        throw thrown;
      });
      assertEquals(actual, expected, "thrown at each call");
    }
  });
}

test("Machine does the same when all of them throw, at each call", async () => {
  const all: Watcher = (called) => ({
    tracer: { wants: { logLevel: "everything" }, ...Object.fromEntries(HOOKS.map((hook) => [hook, called])) },
    logger: called,
    bind(machine) {
      machine.onChange(called);
      machine.onError(called);
      machine.onInternalError(called);
      machine.onDispose(called);
    },
  });
  const expected = await outcomeWith(all, () => {});
  const nobody = await outcomeWith(() => ({}), () => {});

  const actual = await outcomeWith(all, () => {
    throw new Error("always");
  });

  assertEquals(actual, expected);
  assertEquals(actual, nobody);
  // the script gets where it is meant to get
  const { results, err, timers, seen } = actual;
  assertEquals(results.filter((result) => result !== undefined), [0, 0, 0, 1, 0, 1, 1, 0, 0, 1, 0, true, false, 0, 0]);
  assertEquals([err, timers], ['State "A" is active for more than 1000 ms', 0]);
  assertEquals(seen.filter((text) => text.includes(" is fulfilled") || text.includes(" rejects")).length, 9);
});
