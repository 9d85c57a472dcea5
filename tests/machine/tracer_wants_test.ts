import { type LogLevel, Machine, type Mutation, type Tracer, type Transition } from "@asyncmachine/asyncmachine";
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { test } from "../_harness.ts";

/** A tracer that keeps its transitions, what was queued, and the lines that it is told. */
function keepingTracer(wants?: Tracer["wants"]): {
  tracer: Tracer;
  transitions: Transition[];
  mutations: Mutation[];
  lines: string[];
} {
  const kept = { transitions: [] as Transition[], mutations: [] as Mutation[], lines: [] as string[] };
  const tracer: Tracer = {
    wants,
    transitionEnd: (transition) => void kept.transitions.push(transition),
    mutationQueued: (_machine, mutation) => void kept.mutations.push(mutation),
    log: (_machine, _level, text) => void kept.lines.push(text),
  };
  return { tracer, ...kept };
}

/** Arguments whose values count how often somebody reads them, or makes a text of them. */
function countedArgs(...keys: string[]): { args: Record<string, unknown>; counts: { reads: number; texts: number } } {
  const counts = { reads: 0, texts: 0 };
  const args = {};
  for (const key of keys) {
    Object.defineProperty(args, key, {
      enumerable: true,
      get: () => {
        counts.reads++;
        return { toString: () => `text ${++counts.texts}` };
      },
    });
  }
  return { args, counts };
}

const texts = (entries: readonly { text: string }[]) => entries.map(({ text }) => text);

test("Tracer.wants are joined: all tracers see what one of them wants", () => {
  const one = keepingTracer({ steps: true });
  const other = keepingTracer({ args: true, logLevel: "changes" });
  const machine = new Machine({ A: {} }, { tracers: [one.tracer, other.tracer] });

  machine.add("A", { id: 7 });

  assertEquals(texts(one.transitions[0]!.logEntries), ["[state] +A (id=7)"]);
  assertEquals(one.mutations[0]!.loggedArgs, { id: "7" });
  assertEquals(other.transitions[0]!.steps.length, 2);
});

test("Tracer.wants are read once, when it is bound", () => {
  let reads = 0;
  const wants = { steps: true };
  const { tracer, transitions } = keepingTracer();
  const machine = new Machine({ A: { multi: true } });
  machine.bindTracer({
    ...tracer,
    get wants() {
      reads++;
      return wants;
    },
  });
  wants.steps = false;

  machine.add("A");
  machine.add("A");

  assertEquals(reads, 1);
  assertEquals(transitions.map(({ steps }) => steps.length), [2, 1]);
});

test("Tracer.wants end with its binding, the others' go on", () => {
  const { tracer, transitions, mutations } = keepingTracer({ args: true });
  const machine = new Machine({ A: {} }, { tracers: [tracer] });
  const binding = machine.bindTracer({ wants: { checkSteps: true, logLevel: "everything" } });
  machine.canAdd("A");
  assertEquals(transitions[0]!.steps.length, 2);

  binding.detach();
  machine.canAdd("A");
  machine.add("A", { id: 7 });

  assertEquals(transitions.slice(1).map(({ steps }) => steps.length), [0, 0]);
  assertEquals(transitions.slice(1).map(({ logEntries }) => logEntries.length), [0, 0]);
  assertEquals(mutations.at(-1)!.loggedArgs, { id: "7" });
});

test("Tracer.wants end when it is taken off as it threw ten times", () => {
  const { tracer, transitions } = keepingTracer();
  const machine = new Machine({ A: { multi: true } }, { tracers: [tracer] });
  machine.onInternalError(() => {});
  machine.bindTracer({
    wants: { steps: true, logLevel: "changes" },
    transitionEnd() {
      throw new Error("boom");
    },
  });

  for (let i = 0; i < 11; i++) machine.add("A");

  assertEquals(transitions.map(({ steps }) => steps.length > 0), [...Array(10).fill(true), false]);
  assertEquals(transitions.map(({ logEntries }) => logEntries.length), [...Array(10).fill(1), 0]);
});

test("Tracer.wants.logLevel of several tracers is the loudest, of those that are left the loudest of them", () => {
  const { tracer, transitions } = keepingTracer({ logLevel: "changes" });
  const machine = new Machine({ A: { multi: true } }, { tracers: [tracer] });
  const loud = machine.bindTracer({ wants: { logLevel: "ops" } });
  machine.bindTracer({ wants: { logLevel: "external" } });
  machine.add("A");

  loud.detach();
  machine.add("A");

  assertEquals(texts(transitions[0]!.logEntries), ["[add] A", "[state] +A"]);
  assertEquals(texts(transitions[1]!.logEntries), ["[state] +A"]);
});

test("Tracer.wants.logLevel that there is not is nothing", () => {
  const { tracer, transitions, lines } = keepingTracer({ logLevel: "loud" as LogLevel });
  const machine = new Machine({ A: {} }, { tracers: [tracer] });
  machine.add("A");
  assertEquals(transitions[0]!.logEntries, []);
  assertEquals(lines, []);
});

test("Machine's logger gets nothing of what a tracer wants beyond the logger's own level", () => {
  const logged: string[] = [];
  const { tracer, lines } = keepingTracer({ logLevel: "everything" });
  const logger = (_level: LogLevel, line: string) => void logged.push(line);
  const machine = new Machine({ A: {} }, { logLevel: "changes", logId: false, logger, tracers: [tracer] });

  machine.add("A");

  assertEquals(logged, ["[state] +A"]);
  assertEquals(lines.filter((line) => !line.startsWith("[state]")).length > 0, true);
});

test("Machine's logger that wants nothing gets nothing, whatever tracers want", () => {
  const logged: string[] = [];
  const { tracer, lines } = keepingTracer({ logLevel: "everything" });
  const logger = (_level: LogLevel, line: string) => void logged.push(line);
  const machine = new Machine({ A: {} }, { logLevel: "nothing", logger, tracers: [tracer] });

  machine.add("A");
  machine.log("text");

  assertEquals(logged, []);
  assertEquals(lines.includes("[exter] text"), true);
});

test("Transition.logEntries has the lines that tracers want, not those of a louder logger", () => {
  const logged: string[] = [];
  const { tracer, transitions, lines } = keepingTracer({ logLevel: "changes" });
  const machine = new Machine({ A: {} }, {
    logLevel: "ops",
    logId: false,
    logger: (_level, line) => void logged.push(line),
    tracers: [tracer],
  });

  machine.add("A");

  assertEquals(transitions[0]!.logEntries, [{ level: "changes", text: "[state] +A" }]);
  assertEquals(transitions[0]!.preLogEntries, []);
  assertEquals(logged, ["[queue:add] A", "[add] A", "[state] +A"]);
  assertEquals(lines, logged); // tracers are told each line that is made
});

test("Transition.logEntries keeps repeats of one text, preLogEntries drops those that follow one another", () => {
  const { tracer, transitions } = keepingTracer({ logLevel: "external" });
  const machine = new Machine({ A: {} }, { tracers: [tracer] });
  machine.bindHandlers({
    AState() {
      machine.log("same");
      machine.log("same");
    },
  });
  for (const text of ["one", "one", "other", "one"]) machine.log(text);

  machine.add("A");

  assertEquals(texts(transitions[0]!.preLogEntries), ["[exter] one", "[exter] other", "[exter] one"]);
  assertEquals(texts(transitions[0]!.logEntries), ["[exter] same", "[exter] same"]);
});

test("Transition.preLogEntries keeps repeated lines of waits, signals and pipes, which tell of separate things", () => {
  const { tracer, transitions } = keepingTracer({ logLevel: "ops" });
  const machine = new Machine({ A: {} }, { id: "m", tracers: [tracer] });
  const twice = (log: () => unknown) => [log(), log()];
  twice(() => machine.when("A"));
  twice(() => machine.whenArgs("A"));
  twice(() => machine.addPipe({ direction: "out", type: "add", state: "A", machineId: "m" }));
  twice(() => {
    machine.stateSignal("A");
    machine.import({ ...machine.export(), time: [machine.tick("A") + 2, 0] });
  });

  machine.add("A");

  const count = (prefix: string) => transitions[0]!.preLogEntries.filter(({ text }) => text.startsWith(prefix)).length;
  assertEquals(["[when:new]", "[whenArgs:new]", "[pipe-out:add]", "[ctx:new]"].map(count), [2, 2, 2, 2]);
});

test("Transition.logEntries ends where a handler threw: what comes after is before the next transition", () => {
  const { tracer, transitions } = keepingTracer({ logLevel: "external" });
  const machine = new Machine({ A: {} }, { tracers: [tracer] });
  machine.bindHandlers({
    AState() {
      machine.log("before");
      throw new Error("boom");
    },
  });
  machine.onChange(() => machine.log("after"));

  machine.add("A");

  assertEquals(transitions.map(({ logEntries }) => texts(logEntries)), [["[exter] before"], ["[exter] after"]]);
  assertEquals(transitions.map(({ preLogEntries }) => texts(preLogEntries)), [[], ["[exter] after"]]);
});

test("Transition.logEntries of a tracer bound in a transition starts with the next one", () => {
  const { tracer, transitions } = keepingTracer({ logLevel: "external" });
  const machine = new Machine({ A: {}, B: {} });
  machine.bindHandlers({
    AState() {
      machine.bindTracer(tracer);
      machine.log("rest of A");
    },
    BState: () => machine.log("B"),
  });

  machine.add("A");
  machine.add("B");

  const [b] = transitions.slice(-1);
  assertEquals(texts(b!.preLogEntries), ["[exter] rest of A"]);
  assertEquals(texts(b!.logEntries), ["[exter] B"]);
});

test("Transition.preLogEntries holds nothing from before the last tracer that wanted lines was gone", () => {
  const { tracer, transitions } = keepingTracer({ logLevel: "external" });
  const machine = new Machine({ A: {} });
  const binding = machine.bindTracer({ wants: { logLevel: "external" } });
  machine.log("old");
  binding.detach();
  machine.bindTracer(tracer);

  machine.add("A");

  assertEquals(transitions[0]!.preLogEntries, []);
});

test("Transition.logEntries that a tracer keeps do not grow with later lines", () => {
  const { tracer, transitions } = keepingTracer({ logLevel: "everything" });
  const machine = new Machine({ A: {} }, { tracers: [tracer] });
  machine.add("A");
  const [first] = transitions;
  const lengths = [first!.preLogEntries.length, first!.logEntries.length];

  for (let i = 0; i < 1_000; i++) machine.toggle("A");
  machine.log("text");

  assertEquals([first!.preLogEntries.length, first!.logEntries.length], lengths);
});

test("Transition.logEntries of a canceled transition tells why", () => {
  const { tracer, transitions } = keepingTracer({ logLevel: "ops" });
  const machine = new Machine({ A: { require: ["B"] }, B: {} }, { tracers: [tracer] });
  machine.add("A");
  assertEquals(texts(transitions[0]!.preLogEntries), ["[queue:add] A"]);
  assertEquals(texts(transitions[0]!.logEntries), ["[add] A", "[reject] A(-B)", "[cancel:reject] A"]);
});

test("Mutation.loggedArgs are texts by key of the arguments that are logged, sorted", () => {
  const { tracer, mutations } = keepingTracer({ args: true });
  const machine = new Machine({ A: {} }, { tracers: [tracer] });
  machine.add("A", { url: "u", secret: "s", id: 7, name: "a name of more than 20" });
  assertEquals(mutations[0]!.loggedArgs, { id: "7", name: "a name of more th...", url: "u" });
  assertEquals(Object.keys(mutations[0]!.loggedArgs!), ["id", "name", "url"]);
});

test("Mutation.loggedArgs are of the keys that logArgs names, without a line being logged", () => {
  const { tracer, mutations } = keepingTracer({ args: true });
  const machine = new Machine({ A: {} }, { tracers: [tracer], logArgs: ["size", "color"] });
  machine.add("A", { size: 1, color: null, id: 7 });
  assertEquals(mutations[0]!.loggedArgs, { color: "null", size: "1" });
});

test("Mutation.loggedArgs are empty when no arguments are to be logged", () => {
  const { tracer, mutations } = keepingTracer({ args: true });
  const machine = new Machine({ A: {} }, { tracers: [tracer], logArgs: false });
  machine.add("A", { id: 7 });
  assertEquals(mutations[0]!.loggedArgs, {});
});

test("Mutation.loggedArgs are there for checks, autos and errors too", () => {
  const { tracer, mutations } = keepingTracer({ args: true });
  const machine = new Machine({ A: {}, B: { auto: true } }, { tracers: [tracer], logArgs: ["id", "error"] });

  machine.canAdd("A", { id: 1 });
  machine.add("A", { id: 2 });
  machine.addErr(new Error("boom"), { id: 3 });

  assertEquals(mutations.map(({ isCheck, isAuto, loggedArgs }) => ({ isCheck, isAuto, loggedArgs })), [
    { isCheck: true, isAuto: false, loggedArgs: { id: "1" } },
    { isCheck: false, isAuto: false, loggedArgs: { id: "2" } },
    { isCheck: false, isAuto: true, loggedArgs: {} },
    { isCheck: false, isAuto: false, loggedArgs: { error: "Error: boom", id: "3" } },
  ]);
});

test("Mutation.loggedArgs are null when no tracer wants them, though lines show arguments", () => {
  const { tracer, mutations, lines } = keepingTracer({ logLevel: "ops", steps: true });
  const machine = new Machine({ A: {} }, { tracers: [tracer] });
  machine.add("A", { id: 7 });
  assertEquals(mutations[0]!.loggedArgs, null);
  assertEquals(lines.includes("[add] A (id=7)"), true);
});

test("Mutation.loggedArgs are made once, and shared by queued mutation and transition", () => {
  const { tracer, transitions, mutations } = keepingTracer({ args: true });
  const machine = new Machine({ A: {} }, { tracers: [tracer, { wants: { args: true } }] });
  const { args, counts } = countedArgs("id");

  machine.add("A", args);

  assertEquals(counts, { reads: 1, texts: 1 });
  assertEquals(mutations[0]!.loggedArgs, { id: "text 1" });
  assertStrictEquals(transitions[0]!.mutation.loggedArgs, mutations[0]!.loggedArgs);
});

test("Machine reads no argument when nobody wants lines or arguments", () => {
  const { tracer } = keepingTracer({ steps: true, checkSteps: true });
  const machine = new Machine({ A: { multi: true }, B: { auto: true } }, {
    tracers: [tracer],
    logLevel: "external",
    logger: () => {},
  });
  machine.bindHandlers({ AEnter: () => {}, AState: () => {}, AnyState: () => void machine.remove("B") });
  const { args, counts } = countedArgs("id", "name", "err");

  machine.add("A", args);
  machine.add(["A", "B"], args);
  machine.canAdd("A", args);
  machine.remove("A", args);

  assertEquals(counts, { reads: 0, texts: 0 });
});

test("Machine reads arguments for lines of changes only once there is a change", () => {
  const machine = new Machine({ A: {} }, { logLevel: "changes", logger: () => {} });
  const { args, counts } = countedArgs("id");

  machine.canAdd("A", args);
  assertEquals(counts, { reads: 0, texts: 0 });
  machine.add("A", args);
  assertEquals(counts, { reads: 1, texts: 1 });
  machine.add("A", args);
  assertEquals(counts, { reads: 1, texts: 1 });
});

test("Machine reads only the arguments that are logged", () => {
  const { tracer } = keepingTracer({ args: true, logLevel: "everything" });
  const machine = new Machine({ A: {} }, { tracers: [tracer] });
  const { args, counts } = countedArgs("secret", "text");
  machine.add("A", args);
  assertEquals(counts, { reads: 0, texts: 0 });
});

test("Machine makes no lines for a tracer that wants none, and calls its log() for those of the logger", () => {
  const { tracer, lines, transitions } = keepingTracer();
  const machine = new Machine({ A: {} }, { tracers: [tracer], logLevel: "changes", logger: () => {} });
  machine.add("A");
  assertEquals(lines, ["[state] +A"]);
  assertEquals(transitions[0]!.logEntries, []);
});

test("Tracer that goes in the middle of a line leaves the machine and the other tracers as they are", () => {
  const { tracer, lines } = keepingTracer({ logLevel: "changes" });
  const machine = new Machine({ A: {} });
  const binding = machine.bindTracer({ wants: { logLevel: "everything" }, log: () => binding.detach() });
  machine.bindTracer(tracer);

  machine.add("A");

  assert(machine.is("A"));
  assertEquals(lines.at(-1), "[state] +A");
});
