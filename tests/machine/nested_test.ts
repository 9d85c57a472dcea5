import { Machine, type MachineApi, type Schema } from "@asyncmachine/asyncmachine";
import { assert, assertEquals } from "@std/assert";
import { test } from "../_harness.ts";

/*
 * Machines whose handlers call each other: the transition of one runs in the middle of another's. Each machine has to do what
 * it does alone.
 */

// Three deep

/** A machine that notes its handlers in a list of all machines, and in one of its own. */
function noting(id: string, all: string[], on: Record<string, () => void> = {}) {
  const own: string[] = [];
  const machine = new Machine({ A: {}, B: { remove: ["A"] }, C: { require: ["B"] }, M: { multi: true } }, { id });
  const names = "AExit AEnter BEnter CEnter MEnter AA AB BM AnyEnter AEnd AState BState CState MState AnyState";
  machine.bindHandlers(Object.fromEntries(
    names.split(" ").map((name) => [name, () => {
      all.push(`${id}.${name}`);
      own.push(name);
      on[name]?.();
    }]),
  ) as Record<never, never>);
  machine.bindTracer({
    transitionEnd({ mutation, accepted, enters, exits, timeBefore, timeAfter }) {
      own.push(`${mutation.type} ${mutation.states} ${accepted} +${enters} -${exits} ${timeBefore} > ${timeAfter}`);
    },
  });
  return { machine, own };
}

test("Machine.add() in a handler of another machine, whose handler calls back, three deep, keeps the transitions apart", () => {
  const all: string[] = [];
  const results: number[] = [];
  const a = noting("a", all, {
    AState: () => results.push(b.machine.add("A")),
    BState: () => results.push(b.machine.add("M")),
  });
  const b = noting("b", all, {
    AEnter: () => results.push(c.machine.add("M")),
    AState: () => results.push(c.machine.add("M"), a.machine.add("B")),
  });
  const c = noting("c", all, {
    MState: () => results.push(a.machine.add("M"), b.machine.set(["B", "C"])),
  });

  results.push(a.machine.add("A"));

  assertEquals(all, [
    ...["a.AEnter", "a.AnyEnter", "a.AState"],
    ...["b.AEnter"], // in a.AState
    ...["c.MEnter", "c.AnyEnter", "c.MState", "c.AnyState"], // in b.AEnter
    ...["b.AnyEnter", "b.AState"],
    ...["c.MEnter", "c.AnyEnter", "c.MState", "c.AnyState"], // in b.AState
    ...["b.AnyState"],
    ...["b.AExit", "b.BEnter", "b.CEnter", "b.AB", "b.AnyEnter", "b.AEnd", "b.BState", "b.CState", "b.AnyState"],
    ...["a.AnyState"],
    ...["a.MEnter", "a.AA", "a.AnyEnter", "a.MState", "a.AnyState"], // queued by c, twice
    ...["a.MEnter", "a.AA", "a.AnyEnter", "a.MState", "a.AnyState"],
    ...["a.AExit", "a.BEnter", "a.AB", "a.AnyEnter", "a.AEnd", "a.BState"], // queued by b
    ...["b.MEnter", "b.BM", "b.AnyEnter", "b.MState", "b.AnyState"], // in a.BState
    ...["a.AnyState"],
  ]);
  // a: M is queued for c, and b: the set; then once more, where the set is a duplicate; b's add of B; and so on outwards
  assertEquals(results, [3, 3, 0, 4, 0, 0, 5, 0, 0, 0]);

  // each of them alone
  const alone = noting("a", [], {});
  for (const states of ["A", "M", "M", "B"] as const) alone.machine.add(states);
  assertEquals(a.own, alone.own);
  const other = noting("b", [], {});
  other.machine.add("A");
  other.machine.set(["B", "C"]);
  other.machine.add("M");
  assertEquals(b.own, other.own);
});

test("Machine that throws in the middle of another's transition throws into its own alone", () => {
  const inner = new Machine({ A: {} });
  const outer = new Machine({ A: {}, B: {} });
  inner.bindHandlers({
    AState() {
      outer.add("B");
      throw new Error("inner");
    },
  });
  outer.bindHandlers({ AState: () => void inner.add("A") });

  outer.add("A");

  assertEquals([inner.toString(), inner.err?.message], ["(Exception:1)", "inner"]);
  assertEquals([outer.toString(), outer.err], ["(A:1 B:1)", null]);
});

test("Machine with throwErrors throws into the handler that made the mutation", () => {
  const inner = new Machine({ A: {} }, { throwErrors: true });
  const outer = new Machine({ A: {}, B: {} });
  const error = new Error("inner");
  inner.bindHandlers({
    AState() {
      throw error;
    },
  });
  outer.bindHandlers({ AState: () => void inner.add("A") });

  outer.add("A");

  assertEquals([inner.isErr(), outer.isErr(), outer.err === error], [true, true, true]);
});

// Random scripts

const SCRIPTS = 1000;
const MACHINES = 3;
const STATES = ["A", "B", "C", "D", "E"];

type Op = "add" | "remove" | "set" | "toggle" | "canAdd" | "canRemove" | "addErr" | "eval";
const OPS: readonly Op[] = ["add", "add", "add", "remove", "set", "toggle", "canAdd", "canRemove", "addErr", "eval"];

/** A call of one machine's method. */
interface Call {
  readonly op: Op;
  readonly states: readonly string[];
  readonly args: { readonly n: number } | null;
}

/** A call as the machine knows it: made from outside, or in its n-th callback. */
interface Input {
  readonly at: number | "outside";
  readonly call: Call;
}

/** A machine that does as it is told in its callbacks: handlers, `onChange`, functions of `eval`. */
class Actor {
  readonly machine: Machine;
  readonly log: string[];
  readonly inputs: Input[];
  readonly #seed: number;
  readonly #act: (callback: number) => void;
  #callbacks: number;
  #isBusy: boolean;

  constructor(schema: Schema, seed: number, act: (callback: number) => void) {
    this.machine = new Machine(schema, { id: "actor" });
    this.log = [];
    this.inputs = [];
    this.#seed = seed;
    this.#act = act;
    this.#callbacks = 0;
    this.#isBusy = false;
    const names = ["AnyEnter", "AnyState"];
    for (const state of STATES) {
      for (const suffix of ["Exit", "Enter", "End", "State", state]) names.push(state + suffix);
    }
    names.push("AB", "BA", "CD", "ExceptionState");
    this.machine.bindHandlers(Object.fromEntries(names.map((name) => [name, () => this.#call(name)])));
    this.machine.onChange((_machine, before, after) => void this.#call(`change ${before} > ${after}`));
    this.machine.bindTracer({
      mutationQueued: (machine, { type, states, queueTick }) => {
        this.log.push(`queued ${type} ${states} ${queueTick} at ${machine.queueTick}`);
      },
      transitionEnd: ({ mutation, accepted, targetStates, enters, exits, timeBefore, timeAfter, queueLength }) => {
        const { type, states, isAuto, isCheck } = mutation;
        this.log.push([type, states, isAuto, isCheck, accepted, queueLength].join(" "));
        this.log.push([targetStates, enters, exits, timeBefore, timeAfter].join(" / "));
      },
      queueEnd: () => void this.log.push("queueEnd"),
    });
  }

  perform(call: Call): void {
    const wasBusy = this.#isBusy;
    this.inputs.push({ at: wasBusy ? this.#callbacks : "outside", call });
    this.#isBusy = true;
    const result = apply(this.machine, call, () => this.#call("eval"));
    this.#isBusy = wasBusy;
    this.log.push(`${call.op} ${call.states} returns ${result}, ${this.machine} ${this.machine.activeStates()}`);
  }

  #call(name: string): boolean {
    const callback = ++this.#callbacks;
    this.log.push(`${callback} ${name} ${this.machine} ${this.machine.transition?.mutation.states}`);
    this.#act(callback);
    const answer = hash(this.#seed, callback) % 20;
    if (answer === 0) throw new Error(`thrown in ${callback}`);
    return answer > 2;
  }
}

function apply(machine: MachineApi, { op, states, args }: Call, fn: () => void): number | string {
  if (op === "eval") {
    void machine.eval("actor", fn);
    return "";
  }
  if (op === "addErr") return machine.addErr(new Error("added"), args);
  return machine[op](states, args);
}

/** Random numbers that are the same for the same seed. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => (state = hash(state, 1)) % below;
}

function hash(seed: number, number: number): number {
  let mixed = Math.imul(seed ^ Math.imul(number, 0x9e3779b1), 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function randomSchema(next: (below: number) => number): Schema {
  const some = (name: string) => STATES.filter((other) => other !== name && next(6) === 0);
  return Object.fromEntries(STATES.map((name) => {
    const require = next(2) === 0 ? some(name) : [];
    const remove = some(name).filter((other) => !require.includes(other)); // no conflict: it would be an error already
    const flags = { auto: next(6) === 0, multi: next(4) === 0 };
    return [name, { ...flags, add: some(name), require, remove, after: some(name) }];
  }));
}

function randomCall(next: (below: number) => number): Call {
  const states = STATES.filter(() => next(3) === 0);
  return { op: OPS[next(OPS.length)]!, states, args: next(4) === 0 ? { n: next(3) } : null };
}

/** Run a script in which three machines call each other. Returns the machines, and how deep the calls went. */
function runNested(seed: number): { actors: Actor[]; schemas: Schema[]; depth: number } {
  const next = random(seed);
  const schemas = Array.from({ length: MACHINES }, () => randomSchema(next));
  let budget = 40, level = 0, depth = 0;
  const callSomebody = () => {
    if (budget-- <= 0) return;
    depth = Math.max(depth, ++level);
    actors[next(MACHINES)]!.perform(randomCall(next));
    level--;
  };
  const act = () => {
    if (next(4) === 0) { for (let calls = 1 + next(2); calls > 0; calls--) callSomebody(); }
  };
  const actors = schemas.map((schema, i) => new Actor(schema, hash(seed, i), act));
  while (budget > 0) callSomebody();
  return { actors, schemas, depth };
}

/** Make the same calls on a machine that nobody else is in the middle of. */
function runFlat(schema: Schema, seed: number, inputs: readonly Input[]): Actor {
  const actor = new Actor(schema, seed, (callback) => {
    for (const { at, call } of inputs) if (at === callback) actor.perform(call);
  });
  for (const { at, call } of inputs) if (at === "outside") actor.perform(call);
  return actor;
}

test("Machine does in the middle of other machines' transitions what it does alone, in 1,000 random scripts", () => {
  let deep = 0, inside = 0, thrown = 0;
  for (let seed = 1; seed <= SCRIPTS; seed++) {
    const { actors, schemas, depth } = runNested(seed);
    if (depth > 3) deep++;
    actors.forEach(({ machine, log, inputs }, i) => {
      const flat = runFlat(schemas[i]!, hash(seed, i), inputs);
      assertEquals(flat.log, log, `machine ${i} of the script with seed ${seed}`);
      assertEquals(flat.machine.time(), machine.time());
      inside += inputs.filter(({ at }) => at !== "outside").length;
      if (machine.err !== null) thrown++;
    });
  }
  // scripts that never nest would agree, too
  assert(deep > SCRIPTS / 2, `${deep} scripts went more than 3 deep`);
  assert(inside > SCRIPTS, `${inside} calls were made in callbacks`);
  assert(thrown > SCRIPTS / 2, `${thrown} machines had an error`);
});
