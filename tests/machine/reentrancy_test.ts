import {
  type Binding,
  Canceled,
  defineSchema,
  Executed,
  Machine,
  type MachineApi,
  type Mutation,
  type Schema,
  type Transition,
} from "@asyncmachine/asyncmachine";
import { assert, assertEquals } from "@std/assert";
import { test } from "../_harness.ts";
import { microtasks } from "./_fakes.ts";

/*
 * The matrix of re-entrancy: every method of a machine (a row), called at every moment at which a machine calls somebody
 * else's code (a column). A cell holds what the call returned, all that was seen until the machine came to rest, in order, the
 * queue tick and the ticks of all states. What a cell is to hold is told in ROWS, in the words of BASE.
 */

const schema = defineSchema({
  A: {},
  B: {},
  C: {},
  K: {},
  M: { multi: true },
  W: {},
  ErrC: { require: ["Exception"] },
});

type M = Machine<typeof schema>;

/**
 * What is seen when nothing is called: A and K are active, `set(["B", "K"])` is made, behind which `add("W")` waits, and then,
 * on the idle machine, `addErr(…)`.
 *
 *     +set:BK  it is queued     set:BK(  its transition begins    /  negotiation begins    ;  the clock has moved
 *     AExit    a handler        ~  onChange     )  the transition is over, )x canceled     .  the queue is empty    E  onError
 *
 *     @name  the moment of a column
 *     #name  the moment at which waits may settle
 *     ^      what is put in front of the queue runs at the next one of these
 *     $      what is appended to the queue runs here
 */
const BASE = `
  +set:BK +add:W @mutationQueued ^
  set:BK( @transitionInit / @transitionStart
    AExit @AExit  @handlerStart BEnter @BEnter @handlerEnd  KK @KK  AB @AB  AnyEnter @AnyEnter
    @logger @log @stateSignal #signals ; @transitionFinals
    AEnd @AEnd  BState @BState #B  AnyState @AnyState  ~ @onChange
  ) @transitionEnd #set @whenQuery #queries ^ @eval ^
  add:W( / KK AnyEnter ; WState @WState #WState AnyState ~ ) #W ^
  $ . @queueEnd #end
  E @onError +add:Exception add:Exception( / KK AnyEnter ; ExceptionState AnyState ~ ) #Exception .`;

/** The same when BState adds an error too: onError is called in a transition. */
const BASE_OF_ERROR_INSIDE = BASE
  .replace("BState @BState", "BState E @onErrorInside +add:Exception")
  .replace("$ .", "$ add:Exception( / KK AnyEnter ; ExceptionState AnyState ~ ) #Exception .")
  .replace(/#Exception \.$/, ".");

/** The columns: whose code makes the call, by what the clock says then. */
const BEFORE = "mutationQueued transitionInit transitionStart AExit handlerStart BEnter handlerEnd KK AB AnyEnter";
const AFTER =
  "logger log stateSignal transitionFinals AEnd BState onErrorInside AnyState onChange transitionEnd whenQuery" +
  " eval";
const LAST = "WState queueEnd onError";
/** Moments at which no transition is running, the first of them with the set still in the queue. */
const BETWEEN = "mutationQueued whenQuery eval queueEnd onError";
const SITES = `${BEFORE} ${AFTER} ${LAST}`.split(" ");

/** What a call leads to at some of the columns. Texts are words of {@linkcode BASE}. */
interface Cell {
  /** The columns, by their names; all that no earlier cell of the row is about by default. */
  readonly at?: string;
  /** What the call returned or threw; for a promise, what became of it in the end. */
  readonly result: string;
  /** What is seen before it returns. */
  readonly now?: string;
  /** What runs right after the running transition. */
  readonly next?: string;
  /** What runs when the queue is empty otherwise. */
  readonly last?: string;
  /** The moment at which the wait that was made settles, or the signal is aborted; `!` is seen. Never or at once by default. */
  readonly settles?: string;
  /** What becomes of the rest of BASE. */
  readonly rest?: (words: readonly string[]) => string[];
  /** How ticks differ from those of BASE, `C+1 W-1`. */
  readonly clock?: string;
  /** How the queue tick differs. */
  readonly tick?: number;
  /** What the set returned. */
  readonly set?: number;
}

interface Row {
  readonly name: string;
  readonly call: (machine: M, note: (word: string) => void, binding: Binding) => unknown;
  readonly cells: readonly Cell[];
}

/** Ticks in the end when nothing is called. */
const BASE_CLOCK = { A: 2, B: 1, C: 0, K: 1, M: 0, W: 1, ErrC: 0, Exception: 1 };

const UNKNOWN = "Unknown" as "A";

/** A row of whatever else. */
function row(name: string, call: Row["call"], ...cells: Cell[]): Row {
  return { name, call, cells };
}

/** A row of something that leaves no trace: it says the same everywhere, or before the set, after it, and after the add. */
function read(name: string, call: Row["call"], before: string, after = before, last = after, ...special: Cell[]): Row {
  return row(name, call, ...special, { at: BEFORE, result: before }, { at: AFTER, result: after }, { result: last });
}

/** A row of a mutation that is appended behind the add, which makes its queue tick 5; the idle machine executes it. */
function queued(name: string, call: Row["call"], label: string, run: string, clock = "", ...special: Cell[]): Row {
  const cell: Cell = { result: "5", now: `+${label}`, last: `${label}${run}`, clock, tick: 1 };
  const idle: Cell = { ...cell, at: "onError", result: run.endsWith("x") ? "1" : "0" };
  return row(name, call, ...special, idle, cell);
}

/** A row of a check: it runs next, ahead of the add; only the idle machine has an answer. */
function check(name: string, call: Row["call"], label: string, run: string): Row {
  const cell: Cell = { result: "2", now: `+${label}`, next: `${label}${run}` };
  return row(name, call, { ...cell, at: "onError", result: run.endsWith("x") ? "1" : "0" }, cell);
}

/** When a wait is over that is made before the set, after it, and after the add: a mark of BASE, or one of these. */
type Settles = `#${string}` | "at once" | "never";

/** A row of a wait. */
function wait(
  name: string,
  call: (machine: M, options: { signal: AbortSignal }) => Promise<unknown>,
  [before, after, last]: readonly [Settles, Settles, Settles],
  ...special: Cell[]
): Row {
  const cell = (at: string, settles: Settles): Cell => ({
    at,
    result: settles === "never" ? "pending" : "resolved",
    ...(settles.startsWith("#") && { settles }),
  });
  const cells = [cell(BEFORE, before), cell(AFTER, after), cell(LAST, last)];
  return row(name, (machine, note) => call(machine, { signal: noting(note) }), ...special, ...cells);
}

// What the rest of BASE becomes

const without = (...gone: string[]) => (words: readonly string[]) => words.filter((word) => !gone.includes(word));

const each = (word: string, ...instead: string[]) => (words: readonly string[]) =>
  words.flatMap((other) => other === word ? instead : [other]);

const noHandlers = without(
  "AExit",
  "BEnter",
  "KK",
  "AB",
  "AnyEnter",
  "AEnd",
  "BState",
  "AnyState",
  "WState",
  "ExceptionState",
);

/** A handler that was about to be called is called. */
const noOtherHandlers = (words: readonly string[]) => {
  const next = words.indexOf("BEnter");
  return [...words.slice(0, next + 1), ...noHandlers(words.slice(next + 1))];
};

/** The running transition ends, what waits is dropped, and the idle machine takes no error. */
function onlyThisTransition(words: readonly string[]): string[] {
  const next = words.indexOf("^"), end = words.indexOf(".");
  if (words.includes("ExceptionState") && !words.includes("E")) return []; // from onError of the idle machine
  if (end < 0 || words[0] === "#end") return [];
  return next < 0 || next > end ? words.slice(0, end + 1) : [...words.slice(0, next), ...words.slice(end, end + 1)];
}

/** Disposed: that is told a little later. */
const disposedLater = (words: readonly string[]) => [...without("+add:Exception")(onlyThisTransition(words)), "x"];

/** Disposed by force: no handler is left. */
const disposedNow = (words: readonly string[]) => without("+add:Exception")(noHandlers(onlyThisTransition(words)));

const ROWS: readonly Row[] = [
  // Mutations

  queued("add(C)", (m) => m.add("C"), "add:C", "( / CEnter KK AnyEnter ; CState AnyState ~ )", "C+1"),
  queued("add([])", (m) => m.add([]), "add:", "( / KK AnyEnter ; AnyState ~ )"),
  queued("add(ErrC)", (m) => m.add("ErrC"), "add:ErrC", "( / ~ )x"), // it requires Exception, which comes too late
  // what waits already is not queued twice; what runs, or has run, is
  queued(
    "add(W)",
    (m) => m.add("W"),
    "add:W",
    "( / KK AnyEnter ; AnyState ~ )",
    "",
    { at: `${BEFORE} ${AFTER}`, result: "0" },
  ),
  queued("add(W, args)", (m) => m.add("W", { n: 1 }), "add:W", "( / KK AnyEnter ; AnyState ~ )"),
  row("add(M) twice", (m) => [m.add("M"), m.add("M")], {
    at: "onError",
    result: "[0,0]",
    now: "+add:M add:M( / KK AnyEnter ; MState AnyState ~ ) . +add:M",
    last: "add:M( / KK AnyEnter ; MState AnyState ~ )",
    clock: "M+3",
    tick: 2,
  }, {
    result: "[5,6]",
    now: "+add:M +add:M",
    last: "add:M( / KK AnyEnter ; MState AnyState ~ ) add:M( / KK AnyEnter ; MState AnyState ~ )",
    clock: "M+3",
    tick: 2,
  }),
  read("add(Unknown)", (m) => m.add(UNKNOWN), "UnknownStateError"),

  queued("remove(B)", (m) => m.remove("B"), "remove:B", "( / AnyEnter ; AnyState ~ )", "B+1"),
  // nothing to do in a transition behind which nothing waits: not queued, and names are not looked at
  queued("remove(C)", (m) => m.remove("C"), "remove:C", "( / AnyEnter ; AnyState ~ )", "", {
    at: "WState",
    result: "0",
  }),
  row("remove(Unknown)", (m) => m.remove(UNKNOWN), { at: "WState", result: "0" }, { result: "UnknownStateError" }),

  queued(
    "set([C, K])",
    (m) => m.set(["C", "K"]),
    "set:CK",
    "( / CEnter KK AnyEnter ; CState AnyState ~ )",
    "B+1 C+1 W+1",
  ),
  read("set(Unknown)", (m) => m.set(UNKNOWN), "UnknownStateError"),

  queued("toggle(C)", (m) => m.toggle("C"), "add:C", "( / CEnter KK AnyEnter ; CState AnyState ~ )", "C+1"),
  // decided when it is called: B is inactive before the set, and active when the mutation runs
  queued("toggle(B)", (m) => m.toggle("B"), "remove:B", "( / AnyEnter ; AnyState ~ )", "B+1", {
    at: BEFORE,
    result: "5",
    now: "+add:B",
    last: "add:B( / KK AnyEnter ; AnyState ~ )",
    tick: 1,
  }),
  read("toggle(Unknown)", (m) => m.toggle(UNKNOWN), "UnknownStateError"),

  // Errors

  row("addErr(error)", (m) => m.addErr(new Error("called")), {
    at: "onError",
    result: "0",
    now: "E +add:Exception",
    last: "add:Exception( / KK AnyEnter ; ExceptionState AnyState ~ )",
    clock: "Exception+2",
    tick: 1,
  }, {
    result: "5",
    now: "E +add:Exception",
    last: "add:Exception( / KK AnyEnter ; ExceptionState AnyState ~ )",
    clock: "Exception+2",
    tick: 1,
  }),
  row("addErr(error, ErrC)", (m) => m.addErr(new Error("called"), null, { state: "ErrC" }), {
    at: "onError",
    result: "0",
    now: "E +add:ErrCException",
    last: "add:ErrCException( / KK AnyEnter ; ExceptionState ErrCState AnyState ~ )",
    clock: "Exception+2 ErrC+1",
    tick: 1,
  }, {
    result: "5",
    now: "E +add:ErrCException",
    last: "add:ErrCException( / KK AnyEnter ; ExceptionState ErrCState AnyState ~ )",
    clock: "Exception+2 ErrC+1",
    tick: 1,
  }),
  read("addErr(null)", (m) => m.addErr(null), "1"),
  read("addErr(abort)", (m) => m.addErr(AbortSignal.abort().reason), "1"),
  read("addErr(error, Unknown)", (m) => m.addErr(new Error("called"), null, { state: UNKNOWN }), "UnknownStateError"),

  // Checks and functions: the last one that was put in front runs first

  check("canAdd(C)", (m) => m.canAdd("C"), "?add:C", "( / CEnter KK AnyEnter )"),
  check("canAdd(ErrC)", (m) => m.canAdd("ErrC"), "?add:ErrC", "( / )x"),
  check("canRemove(B)", (m) => m.canRemove("B"), "?remove:B", "( / AnyEnter )"),
  row("canAdd(C), canRemove(B)", (m) => [m.canAdd("C"), m.canRemove("B")], {
    at: "onError",
    result: "[0,0]",
    now: "+?add:C ?add:C( / CEnter KK AnyEnter ) . +?remove:B",
    next: "?remove:B( / AnyEnter )",
  }, { result: "[2,2]", now: "+?add:C +?remove:B", next: "?remove:B( / AnyEnter ) ?add:C( / CEnter KK AnyEnter )" }),
  read("canAdd(Unknown)", (m) => m.canAdd(UNKNOWN), "UnknownStateError"),
  read("canRemove(Unknown)", (m) => m.canRemove(UNKNOWN), "UnknownStateError"),

  row("eval(fn)", (m, note) => m.eval("call", () => note("fn")), { result: "resolved true", next: "fn" }),
  row("eval(fn that evals)", (m, note) => m.eval("call", () => void m.eval("inner", () => note("fn"))), {
    result: "resolved true",
    next: "fn",
  }),
  row("eval(fn that adds)", (m) => m.eval("call", () => void m.add("C")), {
    at: "onErrorInside", // the error is queued first
    result: "resolved true",
    next: "+add:C",
    rest: each("#Exception", "#Exception", ...wordsOf("add:C( / CEnter KK AnyEnter ; CState AnyState ~ )")),
    clock: "C+1",
    tick: 1,
  }, {
    result: "resolved true",
    next: "+add:C",
    last: "add:C( / CEnter KK AnyEnter ; CState AnyState ~ )",
    clock: "C+1",
    tick: 1,
  }),
  row("eval(fn that throws)", (m) => m.eval("call", () => void m.add(UNKNOWN)), {
    result: "resolved false",
    next: "E +add:Exception add:Exception( / KK AnyEnter ; ExceptionState AnyState ~ )",
    clock: "Exception+2",
  }),
  row("eval(aborted fn)", (m, note) => m.eval("call", () => note("fn"), { signal: AbortSignal.abort() }), {
    result: "resolved false",
    next: "#nothing",
  }),
  read("eval() of nobody", (m) => m.eval("", () => {}), "RangeError"),

  // Reading

  read("is(B)", (m) => m.is("B"), "false", "true"),
  read("is([B, W])", (m) => m.is(["B", "W"]), "false", "false", "true"),
  read("is(Unknown)", (m) => m.is(UNKNOWN), "false"),
  read("not(A)", (m) => m.not("A"), "false", "true"),
  read("not(Unknown)", (m) => m.not(UNKNOWN), "UnknownStateError"),
  read("any(A, W)", (m) => m.any("A", "W"), "true", "false", "true"),
  read("has([C, Unknown])", (m) => [m.has("C"), m.has(["C", UNKNOWN])], "[true,false]"),
  read("switch([W, B], [A])", (m) => m.switch(["W", "B"], ["A"]), '"A"', '"B"', '"W"'),
  read("index([C, Unknown])", (m) => [m.index("C"), m.index(["C", UNKNOWN])], "[2,[2,-1]]"),
  read("isErr()", (m) => m.isErr(), "false"),
  read("tick(A)", (m) => m.tick("A"), "1", "2"),
  read("tick(Unknown)", (m) => m.tick(UNKNOWN), "0"),
  read("time()", (m) => m.time(), "[1,0,0,1,0,0,0,0]", "[2,1,0,1,0,0,0,0]", "[2,1,0,1,0,1,0,0]"),
  read("time([W, B])", (m) => m.time(["W", "B"]), "[0,0]", "[0,1]", "[1,1]"),
  read("clock([A, W])", (m) => m.clock(["A", "W"]), '{"A":1,"W":0}', '{"A":2,"W":0}', '{"A":2,"W":1}'),
  read("activeStates()", (m) => m.activeStates(), '["A","K"]', '["B","K"]', '["W","B","K"]'),
  read("activeStates([W, A, B])", (m) => m.activeStates(["W", "A", "B"]), '["A"]', '["B"]', '["W","B"]'),
  read("isTime([1, 0])", (m) => m.isTime([1, 0]), "true", "false"),
  read("wasTime([1, 1])", (m) => m.wasTime([1, 1]), "false", "true"),
  read("isClock({ A: 2, W: 0 })", (m) => m.isClock({ A: 2, W: 0 }), "false", "true", "false"),
  read("wasClock({ B: 1 })", (m) => m.wasClock({ B: 1 }), "false", "true"),
  read("relationsOf(ErrC)", (m) => m.relationsOf("ErrC"), '["require"]'),
  read("relationsBetween(ErrC, Exception)", (m) => m.relationsBetween("ErrC", "Exception"), '["require"]'),
  read("inboundRelationsOf(Exception)", (m) => m.inboundRelationsOf("Exception"), '["ErrC"]'),
  read("toString()", (m) => m.toString(), '"(A:1 K:1)"', '"(B:1 K:1)"', '"(B:1 K:1 W:1)"'),
  read(
    "stringAll()",
    (m) => m.stringAll(),
    '"(A:1 K:1) [B:0 C:0 M:0 W:0 ErrC:0 Exception:0]"',
    '"(B:1 K:1) [A:2 C:0 M:0 W:0 ErrC:0 Exception:0]"',
    '"(B:1 K:1 W:1) [A:2 C:0 M:0 ErrC:0 Exception:0]"',
  ),
  read("inspect([B])", (m) => m.inspect(["B"]).replaceAll(/\s+/g, " "), '"0 B |Tick 0 "', '"1 B |Tick 1 "'),
  read("err", (m) => m.err?.message ?? null, "null", "null", "null", { at: "onError onErrorInside", result: '"boom"' }),
  read("id", (m) => m.id, '"reentrant"'),
  read("stateNames", (m) => m.stateNames.length, "8"),
  read("schema", (m) => m.schema.ErrC, '{"require":["Exception"]}'),
  read("schemaVersion", (m) => m.schemaVersion, "8"),
  read("statesVerified", (m) => m.statesVerified, "false"),
  read("signal", (m) => m.signal, "live"),
  read("machineTick", (m) => m.machineTick, "0"),
  read("disposed", (m) => m.disposed, "false"),
  read("parent", (m) => m.parent, "null"),
  read("tags, groups, pipes", (m) => [m.tags, m.groups, m.pipes], "[[],{},[]]"),
  read(
    "export()",
    (m) => {
      const { time, queueTick, machineTick } = m.export();
      return [time, queueTick, machineTick];
    },
    "[[1,0,0,1,0,0,0,0],3,0]",
    "[[2,1,0,1,0,0,0,0],3,0]",
    "[[2,1,0,1,0,1,0,0],4,0]",
    { at: "mutationQueued", result: "[[1,0,0,1,0,0,0,0],2,0]" },
  ),

  // Reading the queue: the tick moves before the transition, and the running mutation waits no more

  read("queueTick", (m) => m.queueTick, "3", "3", "4", { at: "mutationQueued", result: "2" }),
  read("queueLength", (m) => m.queueLength, "1", "1", "0", { at: "mutationQueued", result: "2" }),
  read("queue", (m) => m.queue.map(labelOf), '["add:W"]', '["add:W"]', "[]", {
    at: "mutationQueued",
    result: '["set:BK","add:W"]',
  }),
  read("willBe(W)", (m) => m.willBe("W"), "true", "true", "false"),
  read("willBeRemoved(W)", (m) => m.willBeRemoved("W"), "false"),
  read(
    "findQueued(add W)",
    (m) => m.findQueued({ type: "add", states: "W" }),
    '{"index":0,"queueTick":4}',
    '{"index":0,"queueTick":4}',
    "null",
    { at: "mutationQueued", result: '{"index":1,"queueTick":4}' },
  ),
  read(
    "transition",
    (m) => m.transition && [labelOf(m.transition.mutation), m.transition.accepted, m.transition.completed],
    '["set:BK",true,false]',
    '["set:BK",true,false]',
    '["add:W",true,false]',
    { at: BETWEEN, result: "null" },
    { at: "transitionEnd", result: '["set:BK",true,true]' },
  ),

  // Waiting: looked at when a transition is over

  wait("when(B)", (m, o) => m.when("B", o), ["#set", "at once", "at once"]),
  wait("when(W)", (m, o) => m.when("W", o), ["#W", "#W", "at once"]),
  wait("when([B, W])", (m, o) => m.when(["B", "W"], o), ["#W", "#W", "at once"]),
  wait("when([A, W])", (m, o) => m.when(["A", "W"], o), ["never", "never", "never"]), // one after the other is not at once
  wait("when([])", (m, o) => m.when([], o), ["at once", "at once", "at once"]),
  wait("when(C)", (m, o) => m.when("C", o), ["never", "never", "never"]),
  wait("whenNot(A)", (m, o) => m.whenNot("A", o), ["#set", "at once", "at once"]),
  wait("whenNot(B)", (m, o) => m.whenNot("B", o), ["at once", "never", "never"]),
  wait("whenTime([A, W], [1, 1])", (m, o) => m.whenTime(["A", "W"], [1, 1], o), ["#W", "#W", "at once"]),
  wait("whenTick(B, 1)", (m, o) => m.whenTick("B", 1, o), ["#set", "at once", "at once"]),
  wait("whenTicks(B, 1)", (m, o) => m.whenTicks("B", 1, o), ["#set", "never", "never"]),
  wait("whenTicks(B, 0)", (m, o) => m.whenTicks("B", 0, o), ["at once", "at once", "at once"]),
  wait("whenNextActive(B)", (m, o) => m.whenNextActive("B", o), ["#set", "never", "never"]),
  // looked at when the handlers of the state's event are through
  row(
    "whenArgs(B)",
    (m, note) => m.whenArgs("B", null, { signal: noting(note) }),
    { at: "AnyState onChange transitionEnd whenQuery eval WState queueEnd onError", result: "pending" },
    { result: "resolved {}", settles: "#B" },
  ),
  row(
    "whenArgs(W)",
    (m, note) => m.whenArgs("W", null, { signal: noting(note) }),
    { at: "queueEnd onError", result: "pending" },
    { result: "resolved {}", settles: "#WState" },
  ),
  wait("whenArgs(W, other)", (m, o) => m.whenArgs("W", { n: 1 }, o), ["never", "never", "never"]),
  // asked after each accepted transition, also when it was so before
  wait("whenQuery(W)", (m, o) => m.whenQuery(({ W }) => W === 1, o), ["#W", "#W", "#W"], {
    at: "queueEnd onError",
    result: "resolved",
    settles: "#Exception",
  }),
  wait("whenQuery(yes)", (m, o) => m.whenQuery(() => true, o), ["#queries", "#queries", "#W"], {
    at: "whenQuery eval",
    result: "resolved",
    settles: "#W",
  }, { at: "queueEnd onError", result: "resolved", settles: "#Exception" }),
  read("whenQuery(throws)", (m) => m.whenQuery(() => m.not(UNKNOWN)), "rejected UnknownStateError"),
  wait("whenQueue(3)", (m, o) => m.whenQueue(3, o), ["at once", "at once", "at once"], {
    at: "mutationQueued",
    result: "resolved",
    settles: "#set",
  }),
  wait("whenQueue(4)", (m, o) => m.whenQueue(4, o), ["#W", "#W", "at once"]),
  wait("whenQueueEnds()", (m, o) => m.whenQueueEnds(o), ["#end", "#end", "#end"], {
    at: "onError",
    result: "resolved",
  }),
  row("whenErr()", (m, note) => m.whenErr({ signal: noting(note) }), {
    result: "resolved Error boom",
    settles: "#Exception",
  }),
  wait("whenDisposed()", (m, o) => m.whenDisposed(o), ["never", "never", "never"]),
  read("when(aborted)", (m) => m.when("W", { signal: AbortSignal.abort() }), "rejected AbortError"),
  read("when(B, aborted)", (m) => m.when("K", { signal: AbortSignal.abort() }), "rejected AbortError"),
  read("when(Unknown)", (m) => m.when(UNKNOWN), "UnknownStateError"),
  read("whenNot(Unknown)", (m) => m.whenNot(UNKNOWN), "UnknownStateError"),
  read("whenArgs(Unknown)", (m) => m.whenArgs(UNKNOWN), "UnknownStateError"),
  read("whenTime([B], [])", (m) => m.whenTime(["B"], []), "RangeError"),
  // the set belongs to what follows until it is over
  read(
    "transitions()",
    (m) => m.transitions(),
    "set:BK add:W add:Exception",
    "add:W add:Exception",
    "add:Exception",
    {
      at: "logger log stateSignal transitionFinals AEnd BState AnyState onChange",
      result: "set:BK add:W add:Exception",
    },
    { at: "onErrorInside", result: "set:BK add:W add:Exception add:Exception" },
    {
      at: "WState",
      result: "add:W add:Exception",
    },
  ),
  read("transitions(B)", (m) => m.transitions({ states: "B" }), "set:BK", "", "", {
    at: "logger log stateSignal transitionFinals AEnd BState onErrorInside AnyState onChange",
    result: "set:BK",
  }),
  read("transitions(Unknown)", (m) => m.transitions({ states: UNKNOWN }), "UnknownStateError"),

  // Signals of states: of the tick that can be read at the same time

  row("stateSignal(B)", (m, note) => noted(m.stateSignal("B"), note), {
    at: BEFORE,
    result: "aborted StateExpiredError",
    settles: "#signals",
  }, { result: "live" }),
  row("stateSignal(A)", (m, note) => noted(m.stateSignal("A"), note), {
    at: BEFORE,
    result: "aborted StateExpiredError",
    settles: "#signals",
  }, { result: "live" }),
  read("stateSignal(K)", (m) => m.stateSignal("K"), "live"),
  read("stateSignal(Unknown)", (m) => m.stateSignal(UNKNOWN), "UnknownStateError"),

  // Binding: from the next event on

  row("bindHandlers()", (m, note) => m.bindHandlers({ AnyState: () => note("AnyState2") }), {
    result: "binding",
    rest: each("AnyState", "AnyState", "AnyState2"),
  }),
  row("bindHandlers() and detach()", (m, note) => m.bindHandlers({ AnyState: () => note("AnyState2") }).detach(), {
    result: "undefined",
  }),
  read("bindHandlers(Unknown)", (m) => m.bindHandlers({ UnknownState() {} } as never), "TypeError"),
  row("detach() of the handlers", (_m, _note, binding) => binding.detach(), {
    at: "handlerStart",
    result: "undefined",
    rest: noOtherHandlers,
  }, { result: "undefined", rest: noHandlers }),
  row("bindTracer()", (m, note) => m.bindTracer({ transitionFinals: () => note(";2") }), {
    result: "binding",
    rest: each(";", ";", ";2"),
  }),
  row("bindTracer() and detach()", (m, note) => m.bindTracer({ transitionFinals: () => note(";2") }).detach(), {
    result: "undefined",
  }),
  read("bindTracer(null)", (m) => m.bindTracer(null as never), "TypeError"),
  row("onChange()", (m, note) => m.onChange(() => note("~2")), { result: "binding", rest: each("~", "~", "~2") }),
  row("onError()", (m, note) => m.onError(() => note("E2")), { result: "binding", rest: each("E", "E", "E2") }),
  row("onInternalError()", (m, note) => m.onInternalError(() => note("I")), { result: "binding" }),
  row("onDispose()", (m, note) => m.onDispose(() => note("D")), { result: "binding" }),
  row("addBreakpoint(W)", (m) => m.addBreakpoint("W", []), {
    result: "binding",
    rest: each("add:W(", "log:[breakpoint]", "add:W("),
  }),
  read("addBreakpoint(Unknown)", (m) => m.addBreakpoint(UNKNOWN, []), "UnknownStateError"),
  row("addPipe()", (m) => m.addPipe({ direction: "out", type: "add", state: "A", machineId: "other" }), {
    result: "binding",
  }),
  row("log()", (m) => m.log("text"), { result: "undefined", now: "log:[exter]" }),

  // What would pull the rug from under a transition: refused while anything runs

  read(
    "verifyStates()",
    (m) => m.verifyStates([...m.stateNames].reverse()),
    "SchemaError",
    "SchemaError",
    "SchemaError",
    {
      at: "onError",
      result: "undefined",
    },
  ),
  read(
    "setSchema()",
    (m) => (m as unknown as MachineApi & Machine).setSchema({ ...m.schema, D: {} }, [...m.stateNames, "D"]),
    "SchemaError",
    "SchemaError",
    "SchemaError",
    { at: "onError", result: "undefined", clock: "D+0" },
  ),
  row("import()", (m) => m.import(m.export()), {
    at: "onError",
    result: "undefined",
    now: "log:[import]",
  }, {
    result: "SnapshotError",
  }),

  // Disposing: the running transition ends, and nothing else begins. The set comes to nothing when it waits still.

  ...(["dispose", Symbol.dispose, Symbol.asyncDispose, "disposeForce"] as const).map((method) => {
    const isForced = method === "disposeForce";
    const gone: Cell = {
      result: isForced || method === Symbol.dispose ? "undefined" : "resolved",
      now: isForced ? "x" : "",
      rest: isForced ? disposedNow : disposedLater,
      clock: "W-1 Exception-1",
      tick: -1,
    };
    return row(
      `${String(method)}()`,
      (m) => m[method](),
      {
        ...gone,
        at: "mutationQueued", // nothing is left in the queue that could end
        rest: (words) => gone.rest!(words).filter((word) => word !== "."),
        clock: "A-1 B-1 W-1 Exception-1",
        set: Canceled,
      },
      {
        ...gone,
        at: "handlerStart",
        ...(isForced && { rest: (words) => disposedNow(words).toSpliced(0, 0, "BEnter") }),
      },
      { ...gone, at: "onErrorInside", clock: "W-1 Exception-3", tick: -2 },
      { ...gone, at: LAST, clock: "Exception-1" },
      gone,
    );
  }),
];

/** How a mutation is written in BASE. */
function labelOf({ type, states, isCheck }: Mutation): string {
  return `${isCheck ? "?" : ""}${type}:${states.join("")}`;
}

/** A signal that notes when the wait that it is given to lets go of it. */
function noting(note: (word: string) => void): AbortSignal {
  const { signal } = new AbortController();
  signal.removeEventListener = () => note("!");
  return signal;
}

function noted(signal: AbortSignal, note: (word: string) => void): AbortSignal {
  signal.addEventListener("abort", () => note("!"));
  return signal;
}

/** What a cell's call is to lead to. */
function cellOf({ cells }: Row, site: string): Cell {
  const cell = cells.find(({ at }) => at === undefined || at.split(" ").includes(site));
  assert(cell !== undefined, "a row is about all columns");
  return cell;
}

/** BASE with a cell's call in it. */
function traceOf(
  site: string,
  { now = "", next = "", last = "", settles, rest = (words) => [...words] }: Cell,
): string {
  const base = wordsOf(site === "onErrorInside" ? BASE_OF_ERROR_INSIDE : BASE);
  const place = base.indexOf(`@${site}`);
  assert(place >= 0, `BASE has no ${site}`);
  let after = rest(base.slice(place + 1));
  const ran = [...wordsOf(next), ...wordsOf(last)];
  const call = wordsOf(now);
  if (ran.length > 0) ran.push(".");
  if (site === "onError") call.push(...ran); // the machine is idle: all is over when the call returns
  else if (site === "queueEnd") after = [...ran, ...after];
  else after = replaceFirst(replaceFirst(after, "^", wordsOf(next)), "$", wordsOf(last));
  if (settles !== undefined) after = replaceFirst(after, settles, ["!"]);
  const words = [...base.slice(0, place), "[", ...call, "]", ...after];
  return words.filter((word) => !/^[@#^$]/.test(word)).join(" ");
}

function clockOf(site: string, { clock = "" }: Cell): Record<string, number> {
  const ticks: Record<string, number> = { ...BASE_CLOCK };
  if (site === "onErrorInside") ticks.Exception = 3;
  for (const change of wordsOf(clock)) {
    const [name, by] = change.split(/(?=[+-])/) as [string, string];
    ticks[name] = (ticks[name] ?? 0) + Number(by);
  }
  return ticks;
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

function replaceFirst(words: readonly string[], word: string, instead: readonly string[]): string[] {
  const place = words.indexOf(word);
  return place < 0 ? [...words] : words.toSpliced(place, 1, ...instead);
}

/** Run the script of BASE with a call at one of its moments. */
async function runCell({ call }: Row, site: string): Promise<{
  result: string;
  trace: string;
  clock: Record<string, number>;
  tick: number;
  set: number;
}> {
  const words: string[] = [];
  let isOn = false, isDone = false;
  let outcome: () => Promise<string> = () => Promise.resolve("not called");
  const note = (word: string) => void (isOn && words.push(word));
  const at = (here: string) => {
    if (!isOn || isDone || here !== site) return;
    isDone = true;
    note("[");
    outcome = outcomeOf(() => call(machine, note, binding));
    note("]");
  };
  const isSet = ({ mutation }: Transition) => mutation.type === "set";

  const machine: M = new Machine(schema, {
    id: "reentrant",
    logLevel: "changes",
    logger(_level, line) {
      if (line.endsWith("[state] +B -A")) at("logger");
    },
  });
  machine.bindTracer({
    wants: { logLevel: "changes" },
    mutationQueued(_machine, mutation) {
      note(`+${labelOf(mutation)}`);
      if (!isOn || machine.queueTick > 2 || mutation.type !== "set") return;
      if (isDone) return;
      machine.add("W");
      at("mutationQueued");
    },
    transitionInit(transition) {
      note(`${labelOf(transition.mutation)}(`);
      if (isSet(transition)) at("transitionInit");
    },
    transitionStart(transition) {
      note("/");
      if (isSet(transition)) at("transitionStart");
    },
    handlerStart(_transition, _binding, name) {
      if (name === "BEnter") at("handlerStart");
    },
    handlerEnd(_transition, _binding, name) {
      if (name === "BEnter") at("handlerEnd");
    },
    transitionFinals(transition) {
      note(";");
      if (isSet(transition)) at("transitionFinals");
    },
    transitionEnd(transition) {
      note(transition.accepted ? ")" : ")x");
      if (isSet(transition)) at("transitionEnd");
    },
    queueEnd() {
      note(".");
      at("queueEnd");
    },
    machineDispose: () => note("x"),
    log(_machine, _level, text) {
      if (/^\[(exter|breakpoint|import)\] (?!eval:)/.test(text)) note(`log:${text.split(" ")[0]}`);
      if (text === "[state] +B -A") at("log");
    },
  });
  const names = "AExit BEnter KK AB AnyEnter AEnd BState AnyState WState CEnter CState MState ErrCState ExceptionState";
  const binding = machine.bindHandlers(Object.fromEntries(
    names.split(" ").map((name) => [name, () => {
      note(name);
      if (!isOn) return;
      if (name === "BState" && site === "eval") void machine.eval("site", () => at("eval"));
      if (name === "BState" && site === "onErrorInside") machine.addErr(new Error("boom"));
      at(name);
    }]),
  ) as Record<never, never>);
  machine.onChange((_machine, before) => {
    note("~");
    if (before[0] === 1) at("onChange");
  });
  machine.onError(() => {
    note("E");
    at(machine.transition === null ? "onError" : "onErrorInside");
  });
  machine.add(["A", "K"]);
  machine.stateSignal("B").addEventListener("abort", () => at("stateSignal"));
  void machine.whenQuery(({ B }) => {
    if (B === 1) at("whenQuery");
    return false;
  });

  isOn = true;
  const set = machine.set(["B", "K"]);
  machine.addErr(new Error("boom"));
  await microtasks();
  const result = await outcome();
  const { stateNames, time, queueTick } = machine.export();
  const clock = Object.fromEntries(stateNames.map((name, index) => [name, time[index]!]));
  return { result, trace: words.join(" "), clock, tick: queueTick, set };
}

/** Call, and be ready to tell later what came of it. */
function outcomeOf(call: () => unknown): () => Promise<string> {
  let value: unknown;
  try {
    value = call();
  } catch (error) {
    return () => Promise.resolve((error as Error).name);
  }
  if (value instanceof Promise) {
    let text = "pending";
    value.then(
      (resolved) => text = ["resolved", resolved === undefined ? "" : show(resolved)].join(" ").trim(),
      (error) => text = `rejected ${error.name}`,
    );
    return () => Promise.resolve(text);
  }
  if (typeof value === "object" && value !== null && "next" in value) {
    return () => drained(value as ReturnType<M["transitions"]>);
  }
  return () => Promise.resolve(show(value));
}

async function drained(transitions: ReturnType<M["transitions"]>): Promise<string> {
  const labels: string[] = [];
  void (async () => {
    for await (const { transition } of transitions) labels.push(labelOf(transition.mutation));
  })();
  await microtasks();
  await transitions.return!();
  return labels.join(" ");
}

function show(value: unknown): string {
  if (value instanceof AbortSignal) return value.aborted ? `aborted ${value.reason.name}` : "live";
  if (value instanceof Error) return `Error ${value.message}`;
  if (typeof value === "object" && value !== null && "detach" in value) return "binding";
  return JSON.stringify(value) ?? "undefined";
}

let cells = 0;

for (const row of ROWS) {
  test(`Machine.${row.name} does the same wherever it is called, but for what the table says`, async () => {
    for (const site of SITES) {
      const cell = cellOf(row, site);
      const actual = await runCell(row, site);
      assertEquals(actual, {
        result: cell.result,
        trace: traceOf(site, cell),
        clock: clockOf(site, cell),
        tick: (site === "onErrorInside" ? 6 : 5) + (cell.tick ?? 0),
        set: cell.set ?? Executed,
      }, `${row.name}, called from ${site}`);
      cells++;
    }
  });
}

test("Machine is called into again in at least 400 ways", () => {
  console.log(`cells of the matrix of re-entrancy: ${ROWS.length} methods × ${SITES.length} moments = ${cells}`);
  assertEquals(cells, ROWS.length * SITES.length);
  assert(cells >= 400);
});

test("Machine tells a tracer that is bound in a transition of its end, whether or not it is the first one", () => {
  for (const others of [[], [{}]]) {
    const machine = new Machine({ A: {} }, { tracers: others });
    const told: string[] = [];
    machine.bindHandlers({
      AState: () =>
        void machine.bindTracer({
          transitionFinals: () => void told.push("finals"),
          transitionEnd: ({ timeAfter }) => void told.push(`end ${timeAfter}`),
        }),
    });

    machine.add("A");

    assertEquals(told, ["end 1,0"]);
  }
});

test("Machine.transitions() made when a transition is over begins with the next one, whether or not others read", async () => {
  for (const isRead of [false, true]) {
    const machine = new Machine({ A: {}, B: {} });
    if (isRead) machine.transitions();
    let transitions: ReturnType<typeof machine.transitions> | undefined;
    machine.bindTracer({ transitionEnd: () => void (transitions ??= machine.transitions()) });

    machine.add("A");
    machine.add("B");

    assertEquals((await transitions!.next()).value?.transition.enters, ["B"]);
  }
});

test("Machine.verifyStates() and setSchema() are refused while mutations wait, also when no transition runs", () => {
  const states = { A: {}, B: {}, C: {} };
  const before = new Machine(states, { id: "restored" });
  before.add("A");
  const refused: string[] = [];
  const logger = (_level: string, line: string) => {
    if (!line.includes("[import]")) return; // between the signals' listeners and what they queued
    for (
      const call of [
        () => machine.verifyStates(["Exception", "C", "B", "A"]),
        () => machine.setSchema({ ...machine.schema, D: {} }, ["D", "Exception", "C", "B", "A"]),
      ]
    ) {
      try {
        call();
      } catch (error) {
        refused.push((error as Error).name);
      }
    }
  };
  const machine: Machine = new Machine(states as Schema, { id: "restored", logLevel: "changes", logger });
  machine.stateSignal("A").addEventListener("abort", () => machine.add("B"));

  machine.import(before.export());

  assertEquals([refused, machine.activeStates()], [["SchemaError", "SchemaError"], ["B", "A"]]);
});
