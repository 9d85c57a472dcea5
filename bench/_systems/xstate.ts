/**
 * XState. An actor gets event objects that are made once, which is faster than `transition()`, the pure function.
 *
 * A schema becomes a statechart as one would write it by hand: states that exclude each other are one region, regions are
 * parallel, each mutation is an event. What a mutation does to other states, as far as it follows from the schema alone, is
 * worked out here, so that only `require` and what auto states depend on are left to guards.
 *
 * @module
 */

import { and, createActor, createMachine, not, raise, stateIn, waitFor } from "xstate";
import { NONE } from "../_flat.ts";
import type { Run, System, WaitRun } from "../_system.ts";
import { CREATED, makeCounter, type States, type Step, type Workload } from "../_workload.ts";

/** The system. */
export const XSTATE: System = {
  name: "XState",
  source: "`npm:xstate@5.33.3`",
  build,
  buildWait,
  creation: {
    copy: () => toStatechart(CREATED, []),
    first: (chart) => start(chart as Statechart),
    prepare: () => {
      const machine = createMachine(toStatechart(CREATED, []));
      return () => createActor(machine).start();
    },
  },
};

function build(workload: Workload): Run {
  const calls: number[] = [];
  const actor = start(toStatechart(workload, calls));
  const events = workload.steps.map((step) => ({ type: nameOf(step) }));
  return {
    calls,
    step: (index) => actor.send(events[index]!),
    run: (cycles) => {
      for (let cycle = 0; cycle < cycles; cycle++) {
        for (let i = 0; i < events.length; i++) actor.send(events[i]!);
      }
    },
    states: () => activeStates(actor),
  };
}

function buildWait(pending: number): WaitRun {
  const states = { A: { remove: ["B", "C"] }, B: { remove: ["A", "C"] }, C: { remove: ["A", "B"] } };
  const [addA, addB] = ["A", "B"].map((name) => ({ op: "add", states: [name], expect: [name] }));
  const actor = start(toStatechart({ states, steps: [addA!, addB!] }, []));
  const events = [addA!, addB!].map((step) => ({ type: nameOf(step) }));
  actor.send(events[0]!);
  for (let i = 0; i < pending; i++) void waitFor(actor, (snapshot) => snapshot.matches("C"));
  return {
    run: async (count) => {
      for (let i = 0; i < count; i++) {
        const wait = waitFor(actor, (snapshot) => snapshot.matches("B"));
        actor.send(events[1]!);
        await wait;
        actor.send(events[0]!);
      }
    },
    states: () => activeStates(actor),
  };
}

function start(chart: Statechart): Actor {
  return createActor(createMachine(chart)).start();
}

type Actor = ReturnType<typeof createActor<ReturnType<typeof createMachine>>>;

function activeStates(actor: Actor): string[] {
  const { value } = actor.getSnapshot();
  const nodes: unknown[] = typeof value === "string" ? [value] : Object.values(value);
  return nodes.map(String).filter((name) => name !== NONE);
}

type Statechart = Parameters<typeof createMachine>[0];

interface Node {
  id?: string;
  entry?: unknown[];
  exit?: unknown[];
  on: Record<string, Transition>;
  always: Transition[];
}

interface Transition {
  target: string;
  guard?: unknown;
}

function toStatechart(workload: Workload, calls: number[]): Statechart {
  const { states, steps, setup = [], queue } = workload;
  const queued = (queue?.adds ?? []).map((name): Step => ({ op: "add", states: [name], expect: [] }));
  const regions = toRegions(states).map((names) => {
    const nodes = Object.fromEntries(
      [NONE, ...names].map((name) => [name, makeNode(name, names, [...steps, ...queued], states)]),
    );
    for (const name of names) addActions(nodes[name]!, name, workload, calls);
    return { initial: names.find((name) => setup.includes(name)) ?? NONE, states: nodes };
  });
  const chart = regions.length === 1
    ? regions[0]
    : { type: "parallel", states: Object.fromEntries(regions.map((region, i) => [`region${i}`, region])) };
  return chart as Statechart;
}

/** Groups states that exclude each other, pair by pair. */
function toRegions(states: States): string[][] {
  const regions: string[][] = [];
  for (const name of Object.keys(states)) {
    const region = regions.find((others) =>
      others.every((other) => states[name]!.remove?.includes(other) && states[other]!.remove?.includes(name))
    );
    if (region === undefined) regions.push([name]);
    else region.push(name);
  }
  return regions;
}

/** Makes the node of one state of a region, or of none. */
function makeNode(name: string, region: string[], steps: readonly Step[], states: States): Node {
  const node: Node = { on: {}, always: [] };
  if (name !== NONE) node.id = name;
  for (const step of steps) {
    const { enters, exits } = effectsOf(step, states);
    const entered = region.find((other) => enters.has(other));
    if (entered === name) continue;
    const wanted = step.states.filter((called) => enters.has(called));
    if (entered !== undefined) {
      node.on[nameOf(step)] = { target: entered, ...requireAll([...wanted, entered], enters, states) };
    } else if (exits.has(name)) {
      node.on[nameOf(step)] = { target: NONE, ...requireAll(wanted, enters, states) };
    }
  }
  for (const other of region) {
    const isBlocked = states[name]?.remove?.includes(other);
    if (other === name || !states[other]!.auto || isBlocked) continue;
    const blockers = Object.keys(states).filter((it) => states[it]!.remove?.includes(other) && !region.includes(it));
    const guards = [
      ...(states[other]!.require ?? []).map((it) => stateIn(`#${it}`)),
      ...blockers.map((it) => not(stateIn(`#${it}`))),
    ];
    node.always.push({ target: other, ...guardOf(guards) });
  }
  return node;
}

function addActions(node: Node, name: string, { counted, queue }: Workload, calls: number[]): void {
  if (counted) {
    const counters = Array.from({ length: 4 }, () => makeCounter(calls, calls.length));
    node.entry = counters.slice(0, 2);
    node.exit = counters.slice(2);
  }
  if (queue?.by === name) {
    node.entry = queue.adds.map((added) => raise({ type: nameOf({ op: "add", states: [added], expect: [] }) }));
  }
}

/** What follows from the schema alone: the states that come with a mutation, and those that go. */
function effectsOf({ op, states: called }: Step, states: States): { enters: Set<string>; exits: Set<string> } {
  const enters = new Set(op === "add" ? called : []);
  for (const name of enters) for (const added of states[name]!.add ?? []) enters.add(added);
  const exits = new Set(op === "add" ? [...enters].flatMap((name) => states[name]!.remove ?? []) : called);
  for (const name of enters) exits.delete(name);
  for (const gone of exits) {
    for (const [name, { require = [] }] of Object.entries(states)) {
      if (require.includes(gone) && !enters.has(name)) exits.add(name);
    }
  }
  return { enters, exits };
}

function requireAll(names: readonly string[], enters: ReadonlySet<string>, states: States): { guard?: unknown } {
  const required = new Set(names.flatMap((name) => states[name]!.require ?? []).filter((name) => !enters.has(name)));
  return guardOf([...required].map((name) => stateIn(`#${name}`)));
}

function guardOf(guards: readonly ReturnType<typeof stateIn>[]): { guard?: unknown } {
  if (guards.length === 0) return {};
  return { guard: guards.length === 1 ? guards[0] : and(guards) };
}

function nameOf({ op, states }: Step): string {
  return `${op} ${states}`;
}
