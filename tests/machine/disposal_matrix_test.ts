import {
  Canceled,
  defineSchema,
  Machine,
  MachineDisposedError,
  StateTimeoutError,
  type Transition,
} from "@asyncmachine/asyncmachine";
import { assertEquals } from "@std/assert";
import { test } from "../_harness.ts";
import { countedController, eventLoopTurn, FakeClock, microtasks, settlementOf, TRANSITION_HOOKS } from "./_fakes.ts";

/*
 * A machine is disposed at each moment at which it calls somebody else's code, in each of the ways there are, while everything
 * waits for it that can.
 */

const schema = defineSchema({
  A: { timeoutMs: 5000 },
  B: { timeoutMs: 1000 },
  C: {},
  K: { timeoutMs: 5000 },
  Never: {},
  W: { timeoutMs: 5000 },
  Auto: { auto: true, require: ["W"] },
});

type M = Machine<typeof schema>;

const HOOKS = [...TRANSITION_HOOKS, "log"];

const HANDLERS = {
  "the set": "AExit BEnter KK AB AnyEnter AEnd BState AnyState",
  "the add behind it": "WEnter WState",
  "an auto transition": "AutoEnter AutoState",
  "a check": "CEnter",
  "a transition that throws": "CState",
  "the Exception of a handler that threw": "ExceptionEnter ExceptionState",
};

const CALLBACKS = [
  "onChange",
  "onError",
  "whenQuery",
  "eval",
  "the abort listener of a state signal",
  "the abort listener of a wait's signal",
  "logger",
  "a timer",
  "the Exception of a time-out",
  "nobody",
];

const MOMENTS = [...HOOKS, ...Object.values(HANDLERS).flatMap((names) => names.split(" ")), ...CALLBACKS];

const WAYS = [
  "dispose()",
  "disposeForce()",
  "the parent signal's abort",
  "dispose() and disposeForce()",
  "using",
] as const;

type Way = typeof WAYS[number];

/** Ways that do not wait for the running transition. */
function isForced(way: Way): boolean {
  return way === "disposeForce()" || way === "dispose() and disposeForce()";
}

/** A machine with all that can hang on it, and what became of that. */
interface Run {
  readonly machine: M;
  /** What was told, in order, from the disposal on. */
  readonly log: string[];
  readonly waits: ReadonlyMap<string, Promise<unknown>>;
  readonly clock: FakeClock;
  /** Listeners on signals that are not the machine's. */
  readonly listeners: () => number;
  /** Transitions that began, and that ended, after the disposal. */
  readonly begun: Transition[];
  readonly ended: Transition[];
  /** The transition in which the disposal came. */
  running: Transition | null;
  wasDisposed: boolean;
  /** What was waiting in the queue by then. */
  dropped: Promise<boolean> | null;
  hasRunDropped: boolean;
  queueEnds: Promise<void> | null;
}

function runTo(moment: string, way: Way): Run {
  const clock = new FakeClock();
  const parent = countedController(), waiting = countedController(), ending = countedController();
  const log: string[] = [];
  const waits = new Map<string, Promise<unknown>>();

  const dispose = () => {
    if (way === "disposeForce()") machine.disposeForce();
    else if (way === "the parent signal's abort") parent.controller.abort();
    else if (way === "using") machine[Symbol.dispose]();
    else void machine.dispose();
    if (way === "dispose() and disposeForce()") machine.disposeForce();
  };
  const at = (here: string) => {
    if (here !== moment || run.wasDisposed) return;
    run.running = machine.transition?.completed ? null : machine.transition;
    if (machine.transition !== null) {
      machine.add("Never", { n: 1 });
      run.dropped = machine.eval("late", () => void (run.hasRunDropped = true));
      run.queueEnds = machine.whenQueueEnds();
    }
    run.wasDisposed = true;
    dispose();
  };
  const hook = (name: string) => ({ [name]: () => at(name) });

  const machine: M = new Machine(schema, {
    clock,
    signal: parent.signal,
    logLevel: "changes",
    logger: (_level, line) => line.endsWith("[state] +B -A") && at("logger"),
  });
  const run: Run = {
    machine,
    log,
    waits,
    clock,
    listeners: () => parent.now + waiting.now + ending.now,
    begun: [],
    ended: [],
    running: null,
    wasDisposed: false,
    dropped: null,
    hasRunDropped: false,
    queueEnds: null,
  };
  machine.add(["A", "K"]);

  // All that hangs on the machine

  const options = { signal: waiting.signal, timeoutMs: 60_000 };
  const never = {
    when: machine.when("Never", options),
    whenNot: machine.whenNot("K", options),
    whenTime: machine.whenTime(["B", "Never"], [1, 1], options),
    whenTick: machine.whenTick("A", 9, options),
    whenTicks: machine.whenTicks("K", 2, options),
    whenNextActive: machine.whenNextActive("Never", options),
    whenArgs: machine.whenArgs("W", { n: 1 }, options),
    whenQuery: machine.whenQuery(() => at("whenQuery") ?? false, options),
    whenQueue: machine.whenQueue(100, options),
    whenAll: machine.when(["B", "Never"], options),
  };
  for (const [name, promise] of Object.entries(never)) waits.set(name, promise);
  waits.set("whenDisposed", machine.whenDisposed({ signal: ending.signal, timeoutMs: 60_000 }));
  waits.set("transitions", machine.transitions({ states: "Never", signal: waiting.signal }).next());
  const { removeEventListener } = waiting.signal;
  waiting.signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    removeEventListener.apply(waiting.signal, args);
    if (run.wasDisposed && log.at(-1) !== "waits") log.push("waits");
  };
  machine.stateSignal("K").addEventListener("abort", () => log.push("state signal"));
  machine.signal.addEventListener("abort", () => log.push("signal"));
  const tell = (name: string) => (_id: string, signal: AbortSignal) => {
    log.push(`${name} ${machine.disposed} ${signal.aborted}`);
  };
  machine.onDispose(tell("onDispose 1"));
  machine.onDispose(tell("onDispose 2"));

  // The moments

  machine.bindTracer({
    transitionInit: (transition) => void (run.wasDisposed && run.begun.push(transition)),
    transitionEnd: (transition) => void (run.wasDisposed && run.ended.push(transition)),
  });
  machine.bindTracer({
    wants: { logLevel: "changes" },
    machineDispose: () => void log.push(`machineDispose ${machine.disposed}`),
  });
  for (const name of HOOKS) machine.bindTracer(hook(name));
  const names = Object.values(HANDLERS).join(" ").split(" ");
  machine.bindHandlers(Object.fromEntries(names.map((name) => [name, () => {
    at(name);
    if (name === "BState") machine.add("W");
    if (name === "BState" && moment === "eval") void machine.eval("moment", () => at("eval"));
    if (name === "BState" && moment.endsWith("wait's signal")) {
      const controller = new AbortController();
      controller.signal.addEventListener("abort", () => at(moment));
      void machine.when("Never", { signal: controller.signal });
      controller.abort();
    }
    if (name === "CState") throw new Error("thrown");
    if (name === "ExceptionState" && machine.err instanceof StateTimeoutError) at("the Exception of a time-out");
  }])) as Record<never, never>);
  machine.onChange(() => at("onChange"));
  machine.onError(() => at("onError"));
  machine.stateSignal("B").addEventListener("abort", () => at("the abort listener of a state signal"));

  // The script

  machine.set(["B", "K"]);
  machine.canAdd("C");
  machine.add("C");
  machine.addErr(new Error("added"));
  if (moment === "a timer") clock.setTimeout(() => at("a timer"), 100);
  clock.advance(100);
  clock.advance(1000); // B times out
  at("nobody");
  return run;
}

for (const way of WAYS) {
  for (const moment of MOMENTS) {
    test(`Machine ends well by ${way}, called from ${moment}`, async () => {
      const run = runTo(moment, way);
      const { machine, log, waits, clock } = run;

      assertEquals(run.wasDisposed, true);
      await microtasks();

      // the running transition ended, and no other began
      assertEquals(run.begun, []);
      assertEquals(run.ended, run.running === null ? [] : [run.running]);
      assertEquals([machine.transition, machine.queueLength, machine.queue], [null, 0, []]);
      assertEquals(machine.export().time[machine.stateNames.indexOf("Never")], 0);

      // everybody was told, in order
      assertEquals(log, [
        "machineDispose true",
        "state signal",
        "waits",
        "onDispose 1 true false",
        "onDispose 2 true false",
        "signal",
      ]);
      for (const [name, promise] of waits) {
        if (name === "whenDisposed") assertEquals([name, await promise], [name, undefined]);
        else if (name === "transitions") assertEquals(await promise, { done: true, value: undefined });
        else assertEquals([name, await nameOfRejection(promise)], [name, "MachineDisposedError"]);
      }
      if (run.dropped !== null) assertEquals([await run.dropped, run.hasRunDropped], [false, false]);
      // a machine that is not disposed by force comes to the end of its queue first
      if (run.queueEnds !== null) {
        assertEquals(await settlementOf(run.queueEnds), isForced(way) ? "rejected" : "resolved");
      }
      const { reason } = machine.signal;
      assertEquals([reason instanceof MachineDisposedError, reason.machineId], [true, machine.id]);
      assertEquals([machine.disposed, await machine.dispose()], [true, undefined]);

      // nothing is left
      assertEquals({ timers: clock.pending, listeners: run.listeners() }, { timers: 0, listeners: 0 });
      assertEquals([machine.add("C"), machine.is("K"), machine.time()], [Canceled, false, []]);
      assertEquals(log.length, 6);
    });
  }
}

async function nameOfRejection(promise: Promise<unknown>): Promise<string> {
  if (await settlementOf(promise) === "pending") return "pending";
  return await promise.then(() => "resolved", ({ name }) => name);
}

// Start, Disposing

test("Machine.dispose() lets the removal of Start end, and what it leads to, also when a handler disposes again", async () => {
  const machine = new Machine({ Start: {}, Other: {} });
  const seen: string[] = [];
  machine.add("Start");
  machine.bindHandlers({
    StartExit: () => void (seen.push("StartExit"), machine.dispose()),
    StartEnd: () => void (seen.push(`StartEnd ${machine.add("Other")}`)),
    OtherState: () => void seen.push(`OtherState ${machine.disposed}`),
  });

  await machine.dispose();

  assertEquals(seen, ["StartExit", "StartEnd 4", "OtherState false"]);
  assertEquals(machine.export().time, [2, 1, 0]);
});

test("Machine.disposeForce(), and dispose() in a handler, leave Start as it is", async () => {
  for (const way of ["dispose", "disposeForce"] as const) {
    const machine = new Machine({ Start: {}, Other: {} });
    machine.add("Start");
    machine.bindHandlers({ OtherState: () => void machine[way]() });

    machine.add("Other");
    await machine.whenDisposed();

    assertEquals(machine.export().time, [1, 1, 0]);
  }
});

test("Machine with Disposing is disposed once, and leaves no timer, whoever disposes it after its signal's abort", async () => {
  for (const way of ["dispose", "disposeForce"] as const) {
    for (const handler of ["DisposingEnter", "DisposingState", "AnyState"] as const) {
      const clock = new FakeClock();
      const parent = countedController();
      const machine = new Machine({ A: {}, Disposing: { timeoutMs: 100 } }, { clock, signal: parent.signal });
      let told = 0;
      machine.onDispose(() => told++);
      machine.bindHandlers({ [handler]: () => void machine[way]() });

      parent.controller.abort();
      await machine.whenDisposed();

      assertEquals([told, clock.pending, parent.now], [1, 0, 0]);
      clock.advance(10_000);
      await microtasks();
      assertEquals([told, machine.err], [1, null]);
    }
  }
});

test("Machine with Disposing that is aborted in a transition adds it behind what waits", async () => {
  const parent = new AbortController();
  const machine = new Machine({ A: {}, B: {}, Disposing: {} }, { signal: parent.signal, clock: new FakeClock() });
  const seen: string[] = [];
  machine.bindHandlers({
    AState() {
      machine.add("B");
      parent.abort();
      seen.push("AState");
    },
    BState: () => void seen.push("BState"),
    DisposingState: () => void (seen.push("DisposingState"), machine.dispose()),
  });

  machine.add("A");
  await machine.whenDisposed();

  assertEquals(seen, ["AState", "BState", "DisposingState"]);
});

// Whoever is told of the disposal may do anything

test("Machine ends well when those who are told of its disposal throw", async () => {
  for (const way of ["dispose", "disposeForce"] as const) {
    const machine = new Machine({ A: {} }, { clock: new FakeClock() });
    const told: string[] = [], internal: string[] = [];
    machine.onInternalError(({ message }) => void internal.push(message));
    machine.bindTracer({
      machineDispose() {
        throw new Error("tracer");
      },
    });
    machine.onDispose(() => {
      throw new Error("callback");
    });
    machine.onDispose(() => void told.push("onDispose"));
    machine.signal.addEventListener("abort", () => void told.push("signal"));

    machine[way]();
    await machine.whenDisposed();

    assertEquals([told, internal], [["onDispose", "signal"], ["callback"]]);
  }
});

test("Machine ends well when those who are told of its disposal use it", async () => {
  for (const way of ["dispose", "disposeForce"] as const) {
    const clock = new FakeClock();
    const machine = new Machine({ A: { timeoutMs: 100 } }, { clock, logLevel: "everything", logger: () => use() });
    const counted = countedController();
    let late: Promise<unknown>[] = [];
    let isUsing = false, uses = 0;
    const use = () => {
      if (!machine.disposed || isUsing) return;
      isUsing = true;
      uses++;
      late = [
        machine.when("A", { signal: counted.signal, timeoutMs: 100 }),
        machine.whenQuery(() => true, { signal: counted.signal }),
        machine.whenArgs("A", null, { timeoutMs: 100 }),
        machine.whenQueueEnds(),
      ];
      void machine.dispose();
      machine.disposeForce();
      assertEquals([machine.add("A"), machine.canAdd("A"), machine.addErr(new Error("late"))], [1, 1, 1]);
      machine.bindHandlers({ AState() {} });
      machine.transitions({ signal: counted.signal });
      assertEquals(machine.stateSignal("A").aborted, true);
      machine.log("text");
      isUsing = false;
    };
    machine.add("A");
    machine.bindTracer({ machineDispose: use });
    machine.onDispose(use);
    machine.stateSignal("A").addEventListener("abort", use);
    machine.signal.addEventListener("abort", use);
    void machine.when("Exception", { signal: signalUsing(use) });

    machine[way]();
    await machine.whenDisposed();

    for (const promise of late) assertEquals(await nameOfRejection(promise), "MachineDisposedError");
    assertEquals([uses >= 5, late.length, clock.pending, counted.now], [true, 4, 0, 0]);
    await eventLoopTurn();
  }
});

/** A signal that calls a function when a wait lets go of it. */
function signalUsing(use: () => void): AbortSignal {
  const { signal } = new AbortController();
  signal.removeEventListener = use;
  return signal;
}

test("Machine that is disposed while it is being made listens to nothing", async () => {
  for (const way of ["dispose", "disposeForce"] as const) {
    for (const hook of ["machineInit", "mutationQueued", "transitionEnd"] as const) {
      const parent = countedController();
      const schema = { A: { require: ["B"], remove: ["B"] }, B: {} }; // a conflict: adds an error
      const tracer = {
        [hook](about: Machine | Transition) {
          const made = ("machine" in about ? about.machine : about) as Machine;
          void made[way]();
        },
      };
      const machine = new Machine(schema, { signal: parent.signal, tracers: [tracer] });
      await machine.whenDisposed();

      assertEquals([machine.disposed, parent.now], [true, 0]);
    }
  }
});
