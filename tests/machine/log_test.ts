import {
  type LogEntry,
  type LogLevel,
  Machine,
  type MachineOptions,
  type Schema,
  type Tracer,
} from "@asyncmachine/asyncmachine";
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { argsMapper, Log, LOG_LEVELS, parseLogLevel } from "../../machine/_log.ts";
import { test } from "../_harness.ts";
import { unreadableError } from "./_fakes.ts";

/** A machine, and the lines that it logs. */
function logged<S extends Schema>(
  schema: S,
  logLevel: LogLevel,
  options: MachineOptions = {},
): { machine: Machine<S>; lines: string[]; take: () => string[] } {
  const lines: string[] = [];
  const machine = new Machine(schema, {
    logLevel,
    logId: false,
    logger: (_, line) => void lines.push(line),
    ...options,
  });
  return { machine, lines, take: () => lines.splice(0) };
}

// Levels

test("Machine logs nothing by default", () => {
  const lines: string[] = [];
  const machine = new Machine({ A: {} }, { logger: (_, line) => void lines.push(line) });
  machine.bindHandlers({ AState() {} });

  machine.add("A");
  machine.log("text");

  assertEquals(lines, []);
});

test("Machine logs only the user's text at the level external, line breaks as spaces", () => {
  const { machine, lines } = logged({ A: {} }, "external");

  machine.add("A");
  machine.log("one\ntwo\nthree");

  assertEquals(lines, ["[exter] one two three"]);
});

test("Machine tells its logger the level of each line", () => {
  const levels: string[] = [];
  const machine = new Machine({ A: {} }, {
    logLevel: "everything",
    logId: false,
    logger: (level, line) => void levels.push(`${level} ${line}`),
  });

  machine.log("text");
  machine.is("Foo" as "A");
  machine.add("A");

  assertEquals(levels, [
    "external [exter] text",
    "decisions [is] state Foo not found",
    "ops [queue:add] A",
    "ops [add] A",
    "changes [state] +A",
  ]);
});

test("Machine refuses a level that there is not", () => {
  assertThrows(
    () => new Machine({ A: {} }, { logLevel: "loud" as LogLevel }),
    RangeError,
    'Cannot log at level "loud": the levels are nothing, external, changes, ops, decisions, everything',
  );
});

// [state]

test("Machine logs at the level changes what came in target order, then what went in active order", () => {
  const { machine, take } = logged({ A: {}, B: {}, C: { add: ["D"] }, D: {} }, "changes");

  machine.add("A");
  machine.add("B");
  assertEquals(take(), ["[state] +A", "[state] +B"]);
  machine.set("C");
  assertEquals(take(), ["[state] +C +D -B -A"]);
  machine.set([]);
  assertEquals(take(), ["[state] -C -D"]);
});

test("Machine logs a multi state that is called again as come, after what is new", () => {
  const { machine, take } = logged({ M: { multi: true }, A: {} }, "changes");
  machine.add("M");
  take();

  machine.add(["M", "A"]);

  assertEquals(take(), ["[state] +A +M"]);
});

test("Machine logs no change when there is none, and none for canceled mutations and checks", () => {
  const { machine, take } = logged({ A: {}, B: { require: ["A"] } }, "changes");
  machine.add("B");
  machine.canAdd("A");
  assertEquals(take(), []);
  machine.add("A");
  take();

  machine.add("A");

  assertEquals(take(), []);
});

test("Machine logs changes of auto states with a prefix of their own", () => {
  const { machine, lines } = logged({ A: {}, Auto: { auto: true } }, "changes");

  machine.add("A");

  assertEquals(lines, ["[state] +A", "[auto_] +Auto"]);
});

test("Machine logs at the level everything what stays too, a multi state that is called again among it", () => {
  const { machine, take } = logged({ A: {}, B: {}, C: {}, I: {}, M: { multi: true } }, "everything");
  machine.add(["I", "B", "C", "M"]);
  take();

  machine.add(["A", "M"]);
  machine.remove("I");

  assertEquals(take().filter((line) => line.startsWith("[state]")), [
    "[state] +A +M M I B C",
    "[state] -I A M B C",
  ]);
});

test("Machine logs a line of what stays at the level everything, and only there", () => {
  const { machine, take } = logged({ A: {} }, "everything");
  machine.add("A");
  take();

  machine.add("A");

  assertEquals(take().filter((line) => line.startsWith("[state]")), ["[state] A"]);
});

// [add], [remove], [set], the queue

for (const type of ["add", "remove", "set"] as const) {
  test(`Machine logs at the level ops that a ${type} is queued, and run`, () => {
    const { machine, take } = logged({ A: {}, B: {} }, "ops");
    machine.add("A");
    take();

    machine[type](["A", "B"]);

    assertEquals(take().slice(0, 2), [`[queue:${type}] A B`, `[${type}] A B`]);
  });
}

test("Machine logs where a mutation comes from", () => {
  const { machine, lines } = logged({ A: {}, B: {}, C: {} }, "ops", { id: "m" });
  machine.add("C");
  let id = "";
  machine.bindHandlers({
    AState(e) {
      id = e.transition.id;
      machine.add("B", null, { from: e });
    },
  });

  machine.add("A");

  assertEquals(lines[lines.indexOf("[add] B") + 1], `[source] m/${id}/1`);
});

test("Machine logs that a mutation waits, and how many do", () => {
  const { machine, lines } = logged({ A: {}, B: {}, C: {} }, "ops");
  machine.bindHandlers({
    AState() {
      machine.add("B");
      machine.add("C");
      machine.canAdd("C");
    },
  });

  machine.add("A");

  assertEquals(lines.slice(lines.indexOf("[handler:0] AState") + 1), [
    "[queue:add] B",
    "[postpone] queue running (1 item)",
    "[queue:add] C",
    "[postpone] queue running (2 items)",
    "[prepend:add] C",
    "[postpone] queue running (3 items)",
    "[add] C",
    "[add] B",
    "[state] +B",
    "[add] C",
    "[state] +C",
  ]);
});

test("Machine logs that it dropped a duplicate", () => {
  const { machine, lines } = logged({ A: {}, B: {}, C: {} }, "ops");
  machine.bindHandlers({ AState: () => void (machine.add(["B", "C"]), machine.add(["C", "B"])) });

  machine.add("A");

  assertEquals(lines.filter((line) => line.startsWith("[queue:")), [
    "[queue:add] A",
    "[queue:add] B C",
    "[queue:skipped] Duplicate detected for [add] C B",
  ]);
});

test("Machine logs implied states", () => {
  const { machine, lines } = logged({ A: { add: ["B", "C"] }, B: {}, C: {} }, "ops");

  machine.add("A");

  assertEquals(lines, ["[queue:add] A", "[add] A", "[implied] B C", "[state] +A +B +C"]);
});

test("Machine logs implied states of a set, and those that a remove brings back", () => {
  const { machine, take } = logged({ M: { multi: true, add: ["B"] }, B: {}, C: {} }, "ops");
  machine.add("M");
  take();

  machine.set("M");
  assertEquals(take().filter((line) => line.startsWith("[implied]")), ["[implied] B"]);
  machine.remove("C");
  assertEquals(take().filter((line) => line.startsWith("[implied]")), []);
});

// Rejections

test("Machine logs what a rejected state lacked", () => {
  const { machine, lines } = logged({ A: { require: ["B", "C"] }, B: {}, C: {} }, "ops");

  machine.add("A");

  assertEquals(lines, ["[queue:add] A", "[add] A", "[reject] A(-B -C)", "[cancel:reject] A"]);
});

test("Machine logs a required state that the schema lacks by its name", () => {
  const { machine, lines } = logged({ A: { require: ["Gone"] } } as Schema, "ops");

  machine.add("A");

  assertEquals(lines[2], "[reject] A(-Gone)");
});

test("Machine logs rejected autos at the level decisions", () => {
  const schema = { A: {}, Auto: { auto: true, require: ["B"] }, B: {} };
  const ops = logged(schema, "ops"), decisions = logged(schema, "decisions");

  ops.machine.add("A");
  decisions.machine.add("A");

  assertEquals(ops.lines, [
    ...["[queue:add] A", "[add] A", "[state] +A", "[auto] Auto", "[prepend:add] Auto"],
    ...["[postpone] queue running (1 item)", "[cancel:reject] Auto"],
  ]);
  assertEquals(decisions.lines.slice(6), ["[add:auto] Auto", "[reject:auto] Auto(-B)", "[cancel:reject] Auto"]);
});

test("Machine logs what removed an active state at the level ops, an inactive one at the level decisions", () => {
  const schema = { A: { remove: ["B"] }, B: {}, C: { add: ["B"] } };
  const ops = logged(schema, "ops"), decisions = logged(schema, "decisions");
  for (const { machine } of [ops, decisions]) {
    machine.add("B");
    machine.add("A");
    machine.add("C");
  }

  assertEquals(ops.lines.filter((line) => line.startsWith("[rel:")), ["[rel:remove] B by A"]);
  assertEquals(decisions.lines.filter((line) => line.startsWith("[rel:")), [
    "[rel:remove] B by A",
    "[rel:remove] B by A",
  ]);
});

test("Machine logs why an auto state is not tried at the level everything", () => {
  const { machine, lines } = logged({ A: { remove: ["Auto"] }, Auto: { auto: true } }, "everything");

  machine.add("A");

  assertEquals(lines, ["[queue:add] A", "[add] A", "[state] +A", "[auto:rel:remove] Auto by A"]);
});

test("Machine logs a cycle of Require when it is made", () => {
  const { lines } = logged({ A: { require: ["B"] }, B: { require: ["A"] } }, "changes");

  assertEquals(lines, ['[resolver] relation error: "A" requires itself by way of "B"']);
});

// Handlers

test("Machine logs bindings and what they are called, at the level ops", () => {
  const { machine, lines } = logged({ A: {} }, "ops");
  const binding = machine.bindHandlers({ AEnter() {}, AState() {} }, { id: "one" });
  machine.bindHandlers({ AState() {} }, { id: "two" });

  machine.add("A");
  binding.detach();
  binding.detach();

  assertEquals(lines, [
    "[handlers] bind 0:one",
    "[handlers] bind 1:two",
    "[queue:add] A",
    "[add] A",
    "[handler:0] AEnter",
    "[state] +A",
    "[handler:0] AState",
    "[handler:1] AState",
    "[handlers] detach one",
  ]);
});

test("Machine logs the handler that refused", () => {
  const { machine, take } = logged({ A: {}, B: {} }, "ops");
  machine.bindHandlers({ BEnter: () => false });
  machine.add("A");
  take();

  machine.add("B");

  assertEquals(take(), ["[queue:add] B", "[add] B", "[handler:0] BEnter", "[cancel] (B A) by BEnter"]);
});

test("Machine logs a refusal by FooFoo with a word of its own", () => {
  const { machine, take } = logged({ A: {} }, "ops");
  machine.bindHandlers({ AA: () => false });
  machine.add("A");
  take();

  machine.add("A");

  assertEquals(take().at(-1), "[cancel:self] (A) by AA");
});

test("Machine logs the recovery from a final handler that threw", () => {
  const { machine, lines } = logged({ A: {}, B: {}, C: {} }, "ops", { id: "m" });
  let id = "";
  machine.bindTracer({ transitionStart: (tx) => void (id ||= tx.id) });
  machine.bindHandlers({
    BState() {
      throw new Error("thrown");
    },
  });

  machine.add(["A", "B", "C"]);

  assertEquals(
    lines.slice(lines.indexOf("[state] +A +B +C")),
    [
      "[state] +A +B +C",
      "[handler:0] BState",
      "[recover] handling panic...",
      "[recover] partial final states as (A)",
      "[cancel] (A B C) by recover",
      "[prepend:add] Exception",
      "[postpone] queue running (1 item)",
      "[add] Exception",
      `[source] m/${id}/0`,
      "[implied] A",
      "[state] +Exception",
      "[error:add] A B C (thrown)",
    ].filter((line) => line !== "[implied] A"),
  );
});

test("Machine logs handlers that are passed over after a throw, at the level decisions", () => {
  const { machine, lines } = logged({ A: {} }, "decisions");
  machine.bindHandlers({
    AState() {
      throw new Error("thrown");
    },
  });
  machine.bindHandlers({ AState() {} });

  machine.add("A");

  assertEquals(lines.filter((line) => line.startsWith("[handler:")), [
    "[handler:0] AState",
    "[handler:1] AState",
    "[handler:invalid] AState",
  ]);
});

test("Machine logs each event that handlers are offered at the level everything, by binding, handled or not", () => {
  const { machine, take } = logged({ A: {}, B: {} }, "everything");
  machine.bindHandlers({ BEnter() {} }, { id: "one" });
  machine.bindHandlers({}, { id: "two" });
  machine.add("A");
  take();

  machine.add("B");

  assertEquals(take(), [
    "[queue:add] B",
    "[add] B",
    ...["[handle:one] BEnter", "[handle:two] BEnter", "[handler:0] BEnter", "[handler:end] BEnter from one"],
    ...["[handle:one] AA", "[handle:two] AA", "[handle:one] AB", "[handle:two] AB"],
    ...["[handle:one] AnyEnter", "[handle:two] AnyEnter"],
    "[state] +B A",
    ...["[handle:one] BState", "[handle:two] BState", "[handle:one] AnyState", "[handle:two] AnyState"],
  ]);
});

test("Machine logs the events of what is left at the level everything", () => {
  const { machine, take } = logged({ A: {} }, "everything");
  machine.bindHandlers({}, { id: "one" });
  machine.add("A");
  take();

  machine.remove("A");

  assertEquals(take().filter((line) => line.startsWith("[handle:")), [
    ...["[handle:one] AExit", "[handle:one] AnyEnter", "[handle:one] AEnd", "[handle:one] AnyState"],
  ]);
});

test("Machine logs a handler that took too long at the level decisions", () => {
  let now = 0;
  const clock = { now: () => now += 20, setTimeout: () => 0, clearTimeout() {} };
  const { machine, lines } = logged({ A: {} }, "decisions", { clock, handlerTimeoutMs: 10 });
  machine.bindHandlers({ AState() {} }, { id: "slow" });

  machine.add("A");

  assertEquals(lines.slice(-2), [
    "[handler:timeout]: AState from slow",
    '[error] Handler "AState" of "slow" took 20 ms',
  ]);
});

// eval, tracers, breakpoints, internal errors

test("Machine logs an eval at the level ops, and an aborted one at the level decisions", () => {
  const { machine, lines } = logged({ A: {} }, "decisions");

  void machine.eval("one", () => {});
  void machine.eval("two", () => {}, { signal: AbortSignal.abort() });

  assertEquals(lines, ["[exter] eval: one", "[eval] one", "[eval:ctxdone] two"]);
});

test("Machine logs the end of an eval at the level everything, but not of one that threw", () => {
  const { machine, lines } = logged({ A: {} }, "everything");

  void machine.eval("one", () => {});
  void machine.eval("two", () => {
    throw new Error("thrown");
  });

  assertEquals(lines.filter((line) => line.startsWith("[eval:end]")), ["[eval:end] one"]);
});

test("Machine logs an error that was added, and one that a handler threw with what its transition called", () => {
  const { machine, lines } = logged({ A: {}, B: {} }, "changes");
  machine.bindHandlers({
    BState() {
      throw new Error("thrown");
    },
  });

  machine.addErr(new Error("added"));
  machine.set(["A", "B"]);
  machine.add("Exception");

  assertEquals(lines.filter((line) => line.startsWith("[error")), ["[error] added", "[error:set] A B (thrown)"]);
});

test("Machine logs that an eval waits", () => {
  const { machine, lines } = logged({ A: {} }, "ops");
  machine.bindHandlers({ AState: () => void machine.eval("one", () => {}) });

  machine.add("A");

  assertEquals(lines.slice(-3), ["[postpone] queue running (1 item)", "[exter] eval: one", "[eval] one"]);
});

test("Machine logs tracers that come and go", () => {
  const { machine, lines } = logged({ A: {} }, "ops");
  const binding = machine.bindTracer({});

  binding.detach();
  binding.detach();

  assertEquals(lines, [`[tracers] bind ${binding.id}`, `[tracers] detach ${binding.id}`]);
});

test("Machine.addBreakpoint() logs an add of exactly its states when queued and when run, in this order only", () => {
  const { machine, take } = logged({ A: {}, B: {}, C: {} }, "changes");
  const binding = machine.addBreakpoint(["A", "B"], "C");

  machine.add(["A", "B"]);
  assertEquals(take(), [
    ...["[breakpoint] Machine.breakpoint", "[breakpoint] Machine.breakpoint", "[state] +A +B"],
  ]);
  machine.add(["B", "A"]);
  machine.add("A");
  machine.remove(["A", "B"]);
  machine.set(["A", "B"]);
  machine.set("C");
  machine.add("C");
  assertEquals(take().filter((line) => line.startsWith("[break")), []);
  machine.remove("C");
  assertEquals(take().filter((line) => line.startsWith("[break")).length, 2);
  binding.detach();
  machine.remove("C");
  assertEquals(take().filter((line) => line.startsWith("[break")), []);
});

test("Machine.addBreakpoint() that is strict skips adds of active states and removes of inactive ones", () => {
  const { machine, take } = logged({ A: {} }, "changes");
  machine.addBreakpoint("A", "A", { strict: true });
  const breakpoints = () => take().filter((line) => line.startsWith("[break")).length;

  machine.remove("A");
  assertEquals(breakpoints(), 0);
  machine.add("A");
  assertEquals(breakpoints(), 2);
  machine.add("A");
  assertEquals(breakpoints(), 0);
  machine.remove("A");
  assertEquals(breakpoints(), 2);
});

test("Machine.addBreakpoint() follows its states to other places, and its binding takes off no other one", () => {
  const { machine, take } = logged({ A: {}, B: {} }, "changes");
  const [first] = [machine.addBreakpoint("A", []), machine.addBreakpoint("B", [])];
  const breakpoints = () => take().filter((line) => line.startsWith("[break")).length;
  machine.verifyStates(["Exception", "B", "A"]);

  first.detach();

  machine.add("A");
  assertEquals(breakpoints(), 0);
  machine.add("B");
  assertEquals(breakpoints(), 2);
});

test("Machine.addBreakpoint() logs nothing for checks when they run", () => {
  const { machine, lines } = logged({ A: {} }, "changes");
  machine.addBreakpoint("A", []);

  machine.canAdd("A");

  assertEquals(lines, ["[breakpoint] Machine.breakpoint"]);
});

test("Machine logs failures around it when nobody listens to them", () => {
  const { machine, take } = logged({ A: {} }, "changes");
  const binding = machine.onChange(() => {
    throw new Error("changed");
  });
  machine.add("A");
  assertEquals(take(), ["[state] +A", "[error] changed"]);
  machine.onInternalError(() => {});

  machine.remove("A");

  assertEquals(take(), ["[state] -A"]);
  binding.detach();
});

test("Machine logs a failure whose message cannot be read", () => {
  const { machine, lines } = logged({ A: {} }, "changes");
  machine.onChange(() => {
    throw unreadableError();
  });

  machine.add("A");

  assertMatch(lines[1]!, /^\[error\] ./);
});

// Ids

test("Machine starts lines with the first five characters of its id", () => {
  const lines: string[] = [];
  const options = { logLevel: "external", logger: (_: string, line: string) => void lines.push(line) } as const;

  new Machine({ A: {} }, { ...options, id: "abcdefgh" }).log("one");
  new Machine({ A: {} }, { ...options, id: "ab" }).log("two");
  new Machine({ A: {} }, { ...options, id: "abcdefgh", logId: false }).log("three");

  assertEquals(lines, ["[abcde] [exter] one", "[ab] [exter] two", "[exter] three"]);
});

test("Machine logs to the console by default", () => {
  const { log } = console;
  const lines: unknown[] = [];
  console.log = (...words: unknown[]) => void lines.push(words);

  try {
    new Machine({ A: {} }, { id: "m", logLevel: "external" }).log("text");
  } finally {
    console.log = log;
  }

  assertEquals(lines, [["[m] [exter] text"]]);
});

// Arguments

test("Machine logs known arguments behind the states, by key, wherever it tells of a mutation", () => {
  const { machine, lines } = logged({ A: {} }, "ops");

  machine.add("A", { url: "u", id: 7, other: true });

  assertEquals(lines, ["[queue:add] A (id=7 url=u)", "[add] A (id=7 url=u)", "[state] +A (id=7 url=u)"]);
});

test("Machine logs the arguments that logArgs names, or none", () => {
  const named = logged({ A: {} }, "changes", { logArgs: ["other", "count"] });
  const none = logged({ A: {} }, "changes", { logArgs: false });

  for (const { machine } of [named, none]) machine.add("A", { id: 7, other: true, count: 0 });

  assertEquals([named.lines, none.lines], [["[state] +A (count=0 other=true)"], ["[state] +A"]]);
});

test("argsMapper() cuts values to 20 characters", () => {
  const map = argsMapper(["a", "b"]);

  assertEquals(map({ a: "x".repeat(20), b: "y".repeat(21) }), { a: "x".repeat(20), b: `${"y".repeat(17)}...` });
});

test("argsMapper() makes texts of any value", () => {
  const map = argsMapper(["a", "b", "c", "d", "e"]);

  assertEquals(map({ a: undefined, b: null, c: Symbol("s"), d: [1, 2], e: Object.create(null) }), {
    a: "undefined",
    b: "null",
    c: "Symbol(s)",
    d: "1,2",
    e: "object",
  });
});

test("argsMapper() shows own arguments only, and goes on where one throws", () => {
  const map = argsMapper(["toString", "id", "name"]);
  const args = {
    get id() {
      throw new Error("id refused");
    },
    name: "n",
  };

  assertEquals(map(args), { id: "?", name: "n" });
});

// Sinks

test("Machine goes on when its logger throws, tells onInternalError, and tracers still get the line", () => {
  const told: string[] = [], traced: string[] = [];
  const machine = new Machine({ A: {} }, {
    logLevel: "changes",
    logger() {
      throw new Error("no paper");
    },
  });
  machine.onInternalError(({ message }) => void told.push(message));
  machine.bindTracer({ log: (_, level, text) => void traced.push(`${level} ${text}`) });

  machine.add("A");

  assertEquals([told, traced], [["no paper"], ["changes [state] +A"]]);
});

test("Machine hands its tracers lines without its id", () => {
  const traced: unknown[] = [];
  const machine = new Machine({ A: {} }, { logLevel: "external", logger() {} });
  machine.bindTracer({ log: (of, level, text) => void traced.push(of === machine, level, text) });

  machine.log("text");

  assertEquals(traced, [true, "external", "[exter] text"]);
});

test("Tracer.wants.logLevel makes lines for tracers that the logger does not get", () => {
  const { machine, lines } = logged({ A: {} }, "external");
  const traced: string[] = [];
  const binding = machine.bindTracer({
    wants: { logLevel: "changes" },
    log: (_, _level, text) => void traced.push(text),
  });

  machine.log("text");
  machine.add("A");
  binding.detach();
  machine.remove("A");

  assertEquals([lines, traced], [["[exter] text"], ["[exter] text", "[state] +A"]]);
});

test("Transition.logEntries has the lines made during a transition, preLogEntries those since the one before", () => {
  const machine = new Machine({ A: {} }, { logger() {} });
  const entries: unknown[] = [];
  const tracer: Tracer = {
    wants: { logLevel: "changes" },
    transitionEnd: ({ preLogEntries, logEntries }) => void entries.push([preLogEntries, logEntries]),
  };
  machine.bindTracer(tracer);

  machine.log("before");
  machine.log("before");
  machine.add("A");
  machine.log("between");
  machine.remove("A");

  assertEquals(entries, [
    [[{ level: "external", text: "[exter] before" }], [{ level: "changes", text: "[state] +A" }]],
    [[{ level: "external", text: "[exter] between" }], [{ level: "changes", text: "[state] -A" }]],
  ]);
});

test("Transition.preLogEntries keeps repeats of lines that tell of separate things", () => {
  const entries: string[] = [];
  const sinks = { logger() {}, tracers() {} };
  const log = new Log(0, sinks, () => ({}));
  log.wantEntries(3);

  for (const text of ["[a]", "[a]", "[b]", "[a]", "[when:new] A", "[when:new] A", "[ctx:new] A", "[ctx:new] A"]) {
    log.write(3, text);
  }
  for (const text of ["[pipe-in] A", "[pipe-in] A"]) log.write(3, text);
  const transition = { completed: false, logEntries: [], preLogEntries: [] as readonly LogEntry[] };
  log.startTransition(transition);
  entries.push(...transition.preLogEntries.map(({ text }) => text));

  assertEquals(entries, [
    ...["[a]", "[b]", "[a]", "[when:new] A", "[when:new] A", "[ctx:new] A", "[ctx:new] A"],
    ...["[pipe-in] A", "[pipe-in] A"],
  ]);
});

test("Transition.preLogEntries keeps the last 1000 lines", () => {
  const machine = new Machine({ A: {} }, { logger() {} });
  let texts: string[] = [];
  machine.bindTracer({
    wants: { logLevel: "external" },
    transitionEnd: ({ preLogEntries }) => void (texts = preLogEntries.map(({ text }) => text)),
  });

  for (let i = 0; i < 1500; i++) machine.log(String(i));
  machine.add("A");

  assertEquals([texts.length, texts[0], texts.at(-1)], [1000, "[exter] 500", "[exter] 1499"]);
});

test("Machine keeps no lines when no tracer wants them", () => {
  const machine = new Machine({ A: {} }, { logLevel: "everything", logger() {} });
  const counts: number[] = [];
  const wanting = machine.bindTracer({ wants: { logLevel: "everything" } });
  machine.log("kept, then dropped");
  wanting.detach();
  machine.bindTracer({ transitionEnd: (tx) => void counts.push(tx.preLogEntries.length, tx.logEntries.length) });

  machine.add("A");

  assertEquals(counts, [0, 0]);
});

test("Mutation.loggedArgs are made when a tracer wants them", () => {
  const machine = new Machine({ A: {} });
  const seen: unknown[] = [];
  const note = (_: unknown, mutation: { loggedArgs?: unknown }) => void seen.push(mutation.loggedArgs);
  machine.bindTracer({ wants: { args: true }, mutationQueued: note });

  machine.add("A", { id: 7, other: 1 });

  assertEquals(seen, [{ id: "7" }]);
});

test("parseLogLevel() reads names and numbers", () => {
  assertEquals(
    LOG_LEVELS.map((name, i) => [parseLogLevel(name), parseLogLevel(`${i}`)]),
    LOG_LEVELS.map((l) => [l, l]),
  );
  assertEquals([undefined, "", "7", "loud", " ops"].map(parseLogLevel), [...new Array(5)]);
});

test("Log.write() makes nothing of lines beyond its level", () => {
  const lines: string[] = [];
  const sinks = { logger: (_: string, text: string) => void lines.push(text), tracers() {} };
  const log = new Log(2, sinks, () => ({}));

  for (let level = 1; level <= 5; level++) log.write(level, `${level}`);

  assertEquals(lines, ["1", "2"]);
  assert(log.level === 2);
});
