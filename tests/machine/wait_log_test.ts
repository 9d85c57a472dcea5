import { type LogLevel, Machine, type MachineOptions, type Schema, type StateName } from "@asyncmachine/asyncmachine";
import { assertEquals } from "@std/assert";
import { test } from "../_harness.ts";
import { FakeClock, microtasks } from "./_fakes.ts";

/** A machine, and the lines about waits and signals that it logged. */
function loggedMachine<S extends Schema>(
  schema: S,
  options: MachineOptions = {},
): { machine: Machine<S>; lines: string[]; levels: Set<LogLevel> } {
  const lines: string[] = [], levels = new Set<LogLevel>();
  const machine = new Machine(schema, {
    logLevel: "ops",
    logId: false,
    logger(level, line) {
      if (!/^\[(?:when|ctx)/.test(line)) return;
      lines.push(line);
      levels.add(level);
    },
    ...options,
  });
  return { machine, lines, levels };
}

test("Machine.when() is logged with its states when it begins, and when it is settled", () => {
  const { machine, lines, levels } = loggedMachine({ A: {}, B: {} });
  machine.when(["B", "A"]);
  assertEquals(lines, ["[when:new] B A"]);
  machine.add("A");
  assertEquals(lines.length, 1);
  machine.add("B");
  assertEquals(lines, ["[when:new] B A", "[when:match] B A"]);
  assertEquals([...levels], ["ops"]);
});

test("Machine.whenNot() is logged as such", () => {
  const { machine, lines } = loggedMachine({ A: {} });
  machine.add("A");
  machine.whenNot("A");
  machine.remove("A");
  assertEquals(lines, ["[whenNot:new] A", "[whenNot:match] A"]);
});

test("Machine.whenTime() is logged with its states and ticks", () => {
  const { machine, lines } = loggedMachine({ A: {}, B: {} });
  machine.whenTime(["A", "B"], [1, 2]);
  machine.add(["A", "B"]);
  machine.remove("B");
  assertEquals(lines, ["[whenTime:new] A,B 1 2", "[whenTime:match] A B [1 2]"]);
});

test("Machine.whenTick(), whenTicks() and whenNextActive() are logged as the waits for ticks that they are", () => {
  const { machine, lines } = loggedMachine({ A: {} });
  machine.add("A");
  machine.whenTick("A", 2);
  machine.whenTicks("A", 3);
  machine.whenNextActive("A");
  assertEquals(lines, ["[whenTime:new] A 2", "[whenTime:new] A 4", "[whenTime:new] A 3"]);
});

test("Machine.whenTime() of a state that the schema lacks is logged without its name", () => {
  const { machine, lines } = loggedMachine({ A: {} });
  machine.whenTime(["A", "Unknown" as StateName<{ A: object }>], [1, 1]);
  assertEquals(lines, ["[whenTime:new] A,? 1 1"]);
});

test("Machine.whenArgs() is logged with its state and the keys of its arguments, not their values", () => {
  const { machine, lines } = loggedMachine({ A: { multi: true } });
  machine.whenArgs("A", { id: 7, name: "foo" });
  machine.add("A", { id: 1 });
  machine.add("A", { name: "foo", id: 7, other: true });
  assertEquals(lines, ["[whenArgs:new] A (id,name)", "[whenArgs:match] A (id,name)"]);
});

test("Machine.whenQuery() is logged with how many others waited when it began", () => {
  const { machine, lines } = loggedMachine({ A: {}, B: {} });
  machine.whenQuery(({ B }) => B === 1);
  machine.whenQuery(({ A }) => A === 1);
  machine.add("A");
  machine.add("B");
  machine.whenQuery(() => false);
  assertEquals(lines, [
    ...["[whenQuery:new] 0", "[whenQuery:new] 1"],
    ...["[whenQuery:match] 1", "[whenQuery:match] 0"],
    "[whenQuery:new] 0",
  ]);
});

test("Machine.whenQueue() is logged with its queue tick, also when the mutation is canceled", () => {
  const { machine, lines } = loggedMachine({ A: {}, B: { require: ["C"] }, C: {} });
  machine.bindHandlers({ AState: () => void machine.whenQueue(machine.add("B")) });
  machine.add("A");
  assertEquals(lines, ["[whenQueue:new] 3", "[whenQueue:match] 3"]);
});

test("Machine.whenErr() is logged as the wait for Exception that it is", () => {
  const { machine, lines } = loggedMachine({ A: {} });
  machine.whenErr();
  machine.addErr(new Error("boom"));
  assertEquals(lines, ["[when:new] Exception", "[when:match] Exception"]);
});

test("Machine.whenQueueEnds() and whenDisposed() are not logged", async () => {
  const { machine, lines } = loggedMachine({ A: {} });
  machine.bindHandlers({ AState: () => void machine.whenQueueEnds() });
  machine.whenDisposed();
  machine.add("A");
  await machine.dispose();
  assertEquals(lines, []);
});

test("Machine logs nothing of waits that are settled at once", () => {
  const { machine, lines } = loggedMachine({ A: {} });
  machine.when([]);
  machine.whenNot("A");
  machine.whenTick("A", 0);
  machine.whenQueue(0);
  machine.whenQueueEnds();
  assertEquals(lines, []);
});

test("Machine logs nothing of waits whose signal is aborted already", () => {
  const { machine, lines } = loggedMachine({ A: {} });
  const signal = AbortSignal.abort();
  machine.when("A", { signal });
  machine.whenTick("A", 1, { signal });
  machine.whenArgs("A", null, { signal });
  machine.whenQuery(() => true, { signal });
  machine.whenQueue(9, { signal });
  machine.add("A");
  assertEquals(lines, []);
});

test("Machine logs no match of waits that are aborted, time out, or end with the machine", async () => {
  const clock = new FakeClock();
  const { machine, lines } = loggedMachine({ A: {} }, { clock });
  const controller = new AbortController();
  machine.when("A", { signal: controller.signal });
  machine.when("A", { timeoutMs: 10 });
  machine.when("A");
  lines.length = 0;

  controller.abort();
  clock.advance(10);
  await machine.dispose();

  assertEquals(lines, []);
});

test("Machine logs no match of a query that throws", () => {
  const { machine, lines } = loggedMachine({ A: {} });
  machine.whenQuery(() => {
    throw new Error("boom");
  });
  machine.add("A");
  assertEquals(lines, ["[whenQuery:new] 0"]);
});

test("Machine logs matches in the order in which waits are settled", () => {
  const { machine, lines } = loggedMachine({ A: {}, B: { remove: ["A"] } });
  machine.bindHandlers({
    AnyState({ mutation }) {
      if (mutation.states[0] !== "A") return;
      machine.whenQueue(machine.add("B"));
      machine.whenTick("B", 1);
      machine.whenNot("A");
      machine.when("B");
      machine.whenArgs("B");
    },
    BEnter: () => void machine.whenQuery(() => true),
  });

  machine.add("A");

  assertEquals(lines.filter((line) => line.includes(":match]")), [
    "[whenArgs:match] B ()",
    "[when:match] B",
    "[whenNot:match] A",
    "[whenTime:match] B [1]",
    "[whenQueue:match] 3",
    "[whenQuery:match] 0",
  ]);
});

test("Machine logs matches after the lines of the transition that settles them", () => {
  const texts: string[] = [];
  const machine = new Machine({ A: {} }, {
    logLevel: "ops",
    logId: false,
    logger: (_level, line) => void texts.push(line),
  });
  machine.bindHandlers({ AnyState: () => {} }, { id: "h" });
  machine.when("A");
  texts.length = 0;
  machine.add("A");
  assertEquals(texts.slice(-2), ["[handler:0] AnyState", "[when:match] A"]);
});

test("Machine logs waits of restored ticks as matched", () => {
  const { machine, lines } = loggedMachine({ A: {} }, { id: "m" });
  machine.when("A");
  machine.import({ ...machine.export(), time: [1, 0] });
  assertEquals(lines, ["[when:new] A", "[when:match] A"]);
});

test("Machine logs waits by the names at the new places when states change theirs", () => {
  const { machine, lines } = loggedMachine({ A: {}, B: {} });
  machine.when(["A", "B"]);
  machine.whenTime(["B", "A"], [1, 1]);
  machine.whenArgs("B");
  lines.length = 0;
  machine.verifyStates(["Exception", "B", "A"]);
  machine.add(["A", "B"]);
  assertEquals(lines, ["[whenArgs:match] B ()", "[when:match] A B", "[whenTime:match] B A [1 1]"]);
});

test("Machine.stateSignal() is logged when it is made, once, and when it is aborted", () => {
  const { machine, lines, levels } = loggedMachine({ A: {}, B: {} });
  machine.stateSignal("A");
  machine.stateSignal("A");
  assertEquals(lines, ["[ctx:new] A"]);
  machine.add("B");
  machine.add("A");
  assertEquals(lines, ["[ctx:new] A", "[ctx:match] A"]);
  machine.stateSignal("A");
  machine.remove("A");
  assertEquals(lines.slice(2), ["[ctx:new] A", "[ctx:match] A"]);
  assertEquals([...levels], ["ops"]);
});

test("FinalEvent.signal is logged when it is read, and not when it is past", () => {
  const { machine, lines } = loggedMachine({ A: {}, B: {} });
  const signals: (() => AbortSignal)[] = [];
  machine.bindHandlers({ AState: (e) => void signals.push(() => e.signal), AEnd: (e) => void e.signal });
  machine.add("A");
  assertEquals(lines, []);
  signals[0]!();
  machine.remove("A");
  signals[0]!();
  assertEquals(lines, ["[ctx:new] A", "[ctx:match] A"]);
});

test("Machine logs no match of state signals that nobody asked for, nor at its end", async () => {
  const { machine, lines } = loggedMachine({ A: {}, B: {} });
  machine.add("A");
  machine.stateSignal("B");
  lines.length = 0;
  machine.remove("A");
  await machine.dispose();
  machine.stateSignal("A");
  assertEquals(lines, []);
});

test("Machine logs state signals of states that recovery takes out", () => {
  const { machine, lines } = loggedMachine({ A: {} });
  machine.bindHandlers({
    AState() {
      machine.stateSignal("A");
      throw new Error("boom");
    },
  });
  machine.add("A");
  assertEquals(lines, ["[ctx:new] A", "[ctx:match] A"]);
});

test("Machine makes no lines of waits and signals below the level ops", async () => {
  const { machine, lines } = loggedMachine({ A: { multi: true } }, { logLevel: "changes" });
  let reads = 0;
  const args = new Proxy({ id: 7 }, {
    ownKeys(target) {
      reads++;
      return Reflect.ownKeys(target);
    },
  });
  machine.whenArgs("A", args);
  assertEquals(reads, 0);
  machine.when("A");
  machine.stateSignal("A");
  machine.add("A", { id: 7 });
  await microtasks();
  assertEquals(reads, 1); // to compare them
  assertEquals(lines, []);
});

test("Machine makes lines of waits for a tracer that wants them", () => {
  const { machine, lines } = loggedMachine({ A: {} }, { logLevel: "nothing" });
  const traced: string[] = [];
  machine.bindTracer({ wants: { logLevel: "ops" }, log: (_machine, _level, text) => void traced.push(text) });
  machine.when("A");
  machine.stateSignal("A");
  assertEquals(traced.slice(-2), ["[when:new] A", "[ctx:new] A"]);
  assertEquals(lines, []);
});
