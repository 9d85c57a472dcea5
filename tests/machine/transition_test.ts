import { type Event, Machine, type Schema, type Tracer, type Transition } from "@asyncmachine/asyncmachine";
import { assert, assertEquals, assertMatch, assertNotEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { test } from "../_harness.ts";

/** What a transition tells, copied at one moment. */
function read(transition: Transition) {
  const { accepted, completed, statesBefore, targetStates, enters, exits, timeBefore, timeAfter } = transition;
  return { accepted, completed, statesBefore, targetStates, enters, exits, timeBefore, timeAfter };
}

/** Note what transitions tell at each of their steps. */
function watch(machine: Machine): Record<string, ReturnType<typeof read>> {
  const seen: Record<string, ReturnType<typeof read>> = {};
  machine.bindTracer({
    transitionInit: (transition) => void (seen.init = read(transition)),
    transitionStart: (transition) => void (seen.start = read(transition)),
    transitionFinals: (transition) => void (seen.finals = read(transition)),
    transitionEnd: (transition) => void (seen.end = read(transition)),
  });
  return seen;
}

const schema = { A: {}, B: { remove: ["A"], add: ["C"] }, C: {}, M: { multi: true } } satisfies Schema;

test("Transition tells the target and the time to come before any handler ran", () => {
  const machine = new Machine<Schema>(schema);
  machine.add(["M", "A"]);
  const seen = watch(machine);
  machine.add(["B", "M"]);
  const before = { statesBefore: ["M", "A"], targetStates: ["B", "M", "C"], enters: ["B", "M", "C"], exits: ["A"] };
  const times = { timeBefore: [1, 0, 0, 1, 0], timeAfter: [2, 1, 1, 3, 0] };
  assertEquals(seen.init, { accepted: true, completed: false, ...before, ...times });
  assertEquals(seen.start, seen.init);
  assertEquals(seen.finals, seen.init);
  assertEquals(seen.end, { ...seen.init!, completed: true });
});

test("Transition of a rejected mutation enters and exits nothing, and its time stands still", () => {
  const machine = new Machine<Schema>({ A: { require: ["X"] }, B: {} });
  machine.add("B");
  const seen = watch(machine);
  machine.add("A");
  const rest = { statesBefore: ["B"], targetStates: ["B"], enters: [], exits: [] };
  assertEquals(seen.end, { accepted: false, completed: true, ...rest, timeBefore: [0, 1, 0], timeAfter: [0, 1, 0] });
  assertEquals(seen.finals, undefined);
});

test("Transition that a handler cancels tells in the end that time stood still", () => {
  const machine = new Machine<Schema>(schema);
  machine.bindHandlers({ AEnter: () => false });
  const seen = watch(machine);
  machine.add("A");
  assertEquals([seen.start?.accepted, seen.start?.timeAfter], [true, [1, 0, 0, 0, 0]]);
  assertEquals([seen.end?.accepted, seen.end?.timeAfter, seen.end?.enters], [false, [0, 0, 0, 0, 0], ["A"]]);
});

test("Machine.onChange() is told that time stood still when relations, a handler or an error refused", () => {
  const machine = new Machine<Schema>({ A: { remove: ["B"] }, B: {}, C: {}, R: { require: ["A"], remove: ["B"] } });
  machine.bindHandlers({
    AEnter: () => false,
    CEnter() {
      throw new Error("C fails");
    },
  });
  machine.add("B");
  const told: unknown[] = [];
  machine.onChange((machine, timeBefore, timeAfter) => {
    told.push([timeBefore, timeAfter, machine.transition!.timeAfter]);
  });
  for (const state of ["A", "R", "C"]) machine.add(state);
  const still = [0, 1, 0, 0, 0], after = [0, 1, 0, 0, 1];
  assertEquals(told, [[still, still, still], [still, still, still], [still, still, still], [still, after, after]]);
});

test("Transition of a check never moves the time", () => {
  const machine = new Machine<Schema>(schema);
  const seen = watch(machine);
  machine.canAdd("A");
  assertEquals([seen.init?.timeAfter, seen.end?.timeAfter], [[0, 0, 0, 0, 0], [0, 0, 0, 0, 0]]);
  assertEquals([seen.init?.enters, seen.finals], [["A"], undefined]);
});

test("Transition tells final handlers the new time, and negotiation handlers the one to come", () => {
  const machine = new Machine<Schema>(schema);
  const times: [string, number[], number[], number[]][] = [];
  const note = ({ name, machine, transition }: Event) =>
    void times.push([name, machine.time(), transition.timeBefore as number[], transition.timeAfter as number[]]);
  machine.bindHandlers({ AEnter: note, AState: note });
  machine.add("A");
  assertEquals(times, [
    ["AEnter", [0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [1, 0, 0, 0, 0]],
    ["AState", [1, 0, 0, 0, 0], [0, 0, 0, 0, 0], [1, 0, 0, 0, 0]],
  ]);
});

test("Transition of a final handler that throws keeps the time before the recovery", () => {
  const machine = new Machine<Schema>(schema);
  machine.bindHandlers({
    AState() {
      throw new Error("A fails");
    },
  });
  const ends: ReturnType<typeof read>[] = [];
  machine.bindTracer({ transitionEnd: (transition) => void ends.push(read(transition)) });
  machine.add("A");
  assertEquals([ends[0]?.accepted, ends[0]?.timeBefore, ends[0]?.timeAfter], [false, [0, 0, 0, 0, 0], [1, 0, 0, 0, 0]]);
  assertEquals([ends[1]?.timeBefore, ends[1]?.timeAfter], [[2, 0, 0, 0, 0], [2, 0, 0, 0, 1]]);
});

test("Transition that is kept still tells the same after 1,000 more mutations", () => {
  const machine = new Machine<Schema>(schema);
  const kept: [Transition, ReturnType<typeof read>][] = [];
  machine.bindHandlers({
    AState: ({ transition }: Event) => void kept.push([transition, { ...read(transition), completed: true }]),
    BEnter: ({ transition }: Event) => void kept.push([transition, { ...read(transition), completed: true }]),
    MEnter: () => false,
  });
  machine.onChange(() => {
    if (machine.transition!.mutation.type === "remove") {
      kept.push([machine.transition!, { ...read(machine.transition!), completed: true }]);
    }
  });
  machine.add("A");
  machine.add("B");
  machine.remove("C");
  const ended = kept.map(([transition]) => read(transition));
  machine.add("M");
  for (let i = 0; i < 1_000; i++) machine.toggle("C");
  assertEquals(kept.slice(0, 3).map(([transition]) => read(transition)), ended.slice(0, 3));
  assertEquals(ended.slice(0, 3), kept.slice(0, 3).map(([, atTheTime]) => atTheTime));
  assertEquals(ended.map(({ timeBefore }) => timeBefore), [[0, 0, 0, 0, 0], [1, 0, 0, 0, 0], [2, 1, 1, 0, 0]]);
});

test("Transition that a tracer keeps still tells the same after 1,000 more mutations, canceled ones too", () => {
  const machine = new Machine<Schema>({ ...schema, N: { require: ["X"] } });
  const kept: [Transition, ReturnType<typeof read>][] = [];
  const binding = machine.bindTracer({ transitionEnd: (transition) => void kept.push([transition, read(transition)]) });
  machine.add(["A", "M"]);
  machine.add("N");
  machine.add("M", { id: 1 });
  machine.canAdd("B");
  binding.detach();
  for (let i = 0; i < 1_000; i++) machine.toggle(i % 2 === 0 ? "B" : "A");
  assertEquals(kept.length, 4);
  for (const [transition, atTheTime] of kept) assertEquals(read(transition), atTheTime);
});

test("Transition that is kept has the names of its own moment, whatever order they got since", () => {
  const machine = new Machine<Schema>({ A: {}, B: {} });
  let kept: Transition | undefined;
  machine.bindHandlers({ AState: ({ transition }: Event) => void (kept = transition) });
  machine.add("A");
  machine.verifyStates(["Exception", "B", "A"]);
  machine.add("B");
  assertEquals([kept?.enters, kept?.timeAfter, kept?.mutation.states], [["A"], [1, 0, 0], ["A"]]);
});

test("Transition gives out lists that are safe to change", () => {
  const machine = new Machine<Schema>(schema);
  let kept: Transition | undefined;
  machine.bindTracer({ transitionEnd: (transition) => void (kept = transition) });
  machine.add("A");
  for (const list of [kept!.timeAfter, kept!.enters, kept!.targetStates, kept!.statesBefore]) {
    (list as unknown[]).length = 0;
  }
  assertEquals([kept!.timeAfter, kept!.enters, machine.activeStates()], [[1, 0, 0, 0, 0], ["A"], ["A"]]);
});

test("Transition without log lines gives out no list that others share", () => {
  const kept: Transition[] = [];
  const machine = new Machine(schema, { tracers: [{ transitionEnd: (transition) => void kept.push(transition) }] });
  machine.add("A");
  for (const list of [kept[0]!.logEntries, kept[0]!.preLogEntries]) {
    assertThrows(() => (list as unknown[]).push("junk"), TypeError);
  }
  machine.add("B");
  assertEquals([kept[1]!.logEntries, kept[1]!.preLogEntries], [[], []]);
});

test("Transition.id tells transitions apart", () => {
  const machine = new Machine<Schema>(schema);
  const ids: string[] = [];
  machine.bindTracer({ transitionEnd: ({ id }) => void ids.push(id) });
  machine.add("A");
  machine.add("A");
  assertNotEquals(ids[0], ids[1]);
  assertMatch(ids[0]!, /^[0-9a-z]+-1$/);
});

test("Transition.queueLength is what waits when it is over", () => {
  const machine = new Machine<Schema>(schema);
  machine.bindHandlers({
    AState({ machine }: Event) {
      machine.add("B");
      machine.add("C");
    },
  });
  const lengths: number[] = [];
  const tracer: Tracer = { transitionEnd: ({ queueLength }) => void lengths.push(queueLength) };
  machine.bindTracer(tracer);
  machine.add("A");
  assertEquals(lengths, [2, 1, 0]);
});

test("Machine.transition is the running transition, and null before, after and between", async () => {
  const machine = new Machine<Schema>(schema);
  const seen: (Transition | null)[] = [machine.transition];
  let evaluated: Promise<boolean> | undefined;
  machine.bindHandlers({
    AState({ transition, machine }: Event) {
      assertStrictEquals(machine.transition, transition);
      evaluated = machine.eval("test", () => void seen.push(machine.transition));
    },
  });
  machine.bindTracer({ queueEnd: (machine) => void seen.push(machine.transition) });
  machine.add("A");
  seen.push(machine.transition);
  assert(await evaluated);
  assertEquals(seen, [null, null, null, null]);
});

test("Transition.machine is the machine", () => {
  const machine = new Machine<Schema>(schema, { id: "test" });
  const ids: string[] = [];
  machine.bindHandlers({ AState: ({ transition }: Event) => void ids.push(transition.machine.id) });
  machine.add("A");
  assertEquals(ids, ["test"]);
});
