import { assert, assertEquals } from "@std/assert";
import { BitMachine } from "../../../cli/check/_bit_machine.ts";
import { BitSearch } from "../../../cli/check/_bit_search.ts";
import { MachineSearch } from "../../../cli/check/_machine_search.ts";
import { compilePlan, type Plan } from "../../../cli/check/_plan.ts";
import { chooseScope, isOrderFree, listMoves, type Search } from "../../../cli/check/_search.ts";
import { Canceled, Machine, type Schema, type Transition } from "../../../mod.ts";
import { randomFrom, randomSchema } from "./_check.ts";

Deno.test("BitMachine.run() goes the way of a real machine, mutation by mutation, on 4,000 random schemas", () => {
  const random = randomFrom(1);
  let steps = 0;
  for (let i = 0; i < 4_000; i++) {
    const schema = randomSchema(random, {
      maxStates: i % 4 === 0 ? 20 : 6,
      maxEntries: i % 4 === 0 ? 40 : 10,
      isOdd: true,
    });
    const plan = compilePlan(schema);
    const { states } = chooseScope(plan, [...plan.names.keys()]);
    const bits = new BitMachine(plan, states);
    const moves = listMoves(plan, { states, ticker: undefined }, "needed");
    const real = new Machine(schema);
    let set = bits.states.reduce((mask, state, bit) => real.is(plan.names[state]!) ? mask | (1 << bit) : mask, 0);
    if (!isOrderFree(plan) || isUnsettled(plan, real)) continue;
    for (let step = 0; step < 30; step++) {
      const move = moves[random(moves.length)]!;
      set = bits.run(set, bits.prepare(plan, move));
      const before = real.activeStates();
      const result = real[move.type](move.called.map((state) => plan.names[state]!));
      if (bits.isUnsettled) break; // from here on the order makes a difference, and nobody asks a BitMachine
      steps++;
      const active = states.filter((_, bit) => set & (1 << bit)).map((state) => plan.names[state]!);
      const context = `${JSON.stringify(schema)} ${before} ${move.type} ${
        move.called.map((state) => plan.names[state])
      }`;
      assertEquals(active, real.stateNames.filter((name) => real.is(name)), context);
      if (move.type !== "remove" && !hasAutoStates(plan)) assertEquals(!bits.isAccepted, result === Canceled, context);
    }
  }
  assert(steps > 90_000, `${steps} steps were compared`);
});

Deno.test("BitSearch and MachineSearch find the same, on 1,500 random schemas", () => {
  const random = randomFrom(2);
  let compared = 0;
  for (let i = 0; i < 1_500; i++) {
    const schema = randomSchema(random, { maxStates: 5, maxEntries: 9, isOdd: true });
    const plan = compilePlan(schema);
    const reach = { calls: "needed", maxSets: 10_000 } as const;
    const quick = finish(new BitSearch(plan, reach));
    const slow = finish(new MachineSearch(plan, reach, false));
    assertEquals(quick.isInexact, slow.isInexact, JSON.stringify(schema));
    if (quick.isInexact) continue;
    compared++;
    assertEquals(describe(plan, quick), describe(plan, slow), JSON.stringify(schema));
  }
  assert(compared > 1_300);
});

Deno.test("A search by calls of any states finds whatever any mutations reach, on 200 random schemas", () => {
  const random = randomFrom(3);
  for (let i = 0; i < 200; i++) {
    const schema = randomSchema(random, { maxStates: 4, maxEntries: 9, isOdd: false });
    const plan = compilePlan(schema);
    const quick = finish(new BitSearch(plan, { calls: "any", maxSets: 10_000 }));
    const search = quick.isInexact ? finish(new MachineSearch(plan, { calls: "any", maxSets: 10_000 }, true)) : quick;
    assert(search.isComplete);
    const open = Object.keys(schema).filter((name) =>
      !search.hasBeenActive(plan.names.indexOf(name)) || !search.hasLeft(plan.names.indexOf(name))
    );
    if (open.length === 0) continue;
    const { been, left } = reachAll(schema);
    for (const name of open) {
      const state = plan.names.indexOf(name);
      assertEquals(been.has(name), search.hasBeenActive(state), `${name} in ${JSON.stringify(schema)}`);
      assertEquals(left.has(name), search.hasLeft(state), `${name} in ${JSON.stringify(schema)}`);
    }
  }
});

Deno.test("BitSearch visits all 2^20 sets of 20 states", () => {
  const names = Array.from({ length: 20 }, (_, i) => `S${i}`);
  const schema = Object.fromEntries(names.map((name, i) => [name, { add: [names[(i + 1) % 20]!] }]));
  const search = finish(new BitSearch(compilePlan(schema), { calls: "one", maxSets: 2_000_000 }));

  assertEquals([search.sets, search.isComplete, search.isInexact], [1_048_576, true, false]);
});

Deno.test("BitSearch stops at its limit, and says so", () => {
  const schema = { A: { add: ["B"] }, B: { add: ["C"] }, C: { add: ["A"] } };
  const all = finish(new BitSearch(compilePlan(schema), { calls: "one", maxSets: 8 }));
  const some = finish(new BitSearch(compilePlan(schema), { calls: "one", maxSets: 7 }));

  assertEquals([all.sets, all.isComplete], [8, true]);
  assertEquals([some.sets, some.isComplete], [7, false]);
});

Deno.test("BitSearch leaves out states that concern no other, but not what their mutations do", () => {
  const lone = finish(new BitSearch(compilePlan({ A: { auto: true }, B: {}, C: {} }), { calls: "one", maxSets: 99 }));

  assertEquals([lone.sets, lone.states], [2, 1]);
  assert(lone.hasComeBySelf(0));
  assert(lone.hasBeenActive(1) && lone.hasLeft(1));
});

Deno.test("MachineSearch tells sets apart by their order when it matters", () => {
  // B comes in as added by an added state, and removes X only in the next transition: if X is in front of it.
  const schema = { A: { add: ["C"] }, C: { add: ["B"] }, B: { remove: ["X"] }, X: {} };
  const plan = compilePlan(schema);
  const reach = { calls: "one", maxSets: 1_000 } as const;
  const unordered = finish(new MachineSearch(plan, reach, false));
  const ordered = finish(new MachineSearch(plan, reach, true));

  assert(unordered.isInexact && !ordered.isInexact && ordered.isComplete);
});

/** What tells two searches apart. */
function describe(plan: Plan, search: Search): object {
  const states = [...plan.names.keys()];
  return {
    sets: search.sets,
    been: states.map((state) => search.hasBeenActive(state)),
    left: states.map((state) => search.hasLeft(state)),
    came: states.map((state) => plan.isAuto[state] && search.hasComeBySelf(state)),
    fights: search.findFights().map(({ states, calls }) => `${states} ${calls.length}`).sort(),
    comes: states.map((state) =>
      search.find({ type: "add", state, isShownBy: (edge) => edge.becameActive(state) })?.length
    ),
    stays: chooseScope(plan).states.map((state) =>
      search.find({ type: "remove", state, isShownBy: (edge) => edge.wasActive(state) && edge.isActive(state) })?.length
    ),
  };
}

function finish<It extends Search>(search: It): It {
  for (const _ of search.run());
  return search;
}

function hasAutoStates({ isAuto }: Plan): boolean {
  return isAuto.includes(true);
}

function isUnsettled({ names, remove }: Plan, machine: Machine): boolean {
  return names.some((name, state) => machine.is(name) && remove[state]!.some((other) => machine.is(names[other]!)));
}

/** Try all mutations of all lists of states, in all orders, from all sets that they lead to. */
function reachAll(schema: Schema): { been: Set<string>; left: Set<string> } {
  const been = new Set<string>(), left = new Set<string>();
  const tracer = {
    transitionEnd: ({ accepted, targetStates }: Transition) => {
      if (accepted) { for (const name of targetStates) been.add(name); }
    },
  };
  const lists = permute(Object.keys(schema));
  const mutations = [
    { type: "add", states: ["Exception"] } as const,
    ...(["add", "remove", "set"] as const).flatMap((type) => lists.map((states) => ({ type, states }))),
  ];
  const visited = new Map<string, (typeof mutations)[number][]>([["", []]]);
  for (const path of visited.values()) {
    for (const mutation of mutations) {
      const machine = new Machine(schema, { tracers: [tracer] });
      for (const { type, states } of path) machine[type](states);
      const before = machine.activeStates();
      machine[mutation.type](mutation.states);
      for (const name of before) if (!machine.is(name)) left.add(name);
      const key = machine.activeStates().filter((name) => name !== "Exception").join();
      if (!visited.has(key)) visited.set(key, [...path, mutation]);
    }
  }
  return { been, left };
}

/** All lists of some names, none twice, in all orders. */
function permute(names: readonly string[]): string[][] {
  return [
    [],
    ...names.flatMap((name) => permute(names.filter((other) => other !== name)).map((rest) => [name, ...rest])),
  ];
}
