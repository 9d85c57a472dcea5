import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  makeCreationCells,
  makeScaleCells,
  makeTracerCells,
  makeTransitionCells,
  makeWaitCells,
} from "../../bench/_cells.ts";
import { type Run, type System, verify } from "../../bench/_system.ts";
import { SYSTEMS } from "../../bench/_systems/mod.ts";
import {
  AUTO,
  HANDLERS,
  makeCounter,
  makeScale,
  QUEUE,
  RELATIONS,
  TOGGLE,
  type Workload,
} from "../../bench/_workload.ts";

const RELATIONAL = ["this package", "TS original", "XState"];
const ALL = ["this package", "TS original", "XState", "robot3", "jssm"];

for (
  const [name, workload, systems] of [
    ["W1", TOGGLE, ALL],
    ["W2", RELATIONS, RELATIONAL],
    ["W2a", AUTO, RELATIONAL],
    ["W3", HANDLERS, RELATIONAL],
    ["W4", QUEUE, RELATIONAL],
    ["W6 of 20 states, inactive,", makeScale(20, "inactive"), ALL],
    ["W6 of 20 states, half active,", makeScale(20, "half active"), RELATIONAL],
  ] as const
) {
  Deno.test(`${name} leads ${systems.join(", ")}, and no other, to the states that are expected`, () => {
    const able = SYSTEMS.filter((system) => system.build(workload) !== undefined);

    assertEquals(able.map((system) => system.name), [...systems]);
    for (const system of able) verify(system.name, buildOf(system, workload), workload);
  });
}

Deno.test("makeScale() has half of its states active when that is asked for, one of the two that toggle among them", () => {
  for (const { expect } of makeScale(500, "half active").steps) assertEquals(expect.length, 250);
});

Deno.test("Run.run() does what as many calls of step() do", () => {
  for (const system of SYSTEMS) {
    const [run, stepped] = [buildOf(system, TOGGLE), buildOf(system, TOGGLE)];
    run.run(3);
    for (let i = 0; i < 6; i++) stepped.step(i % 2);

    assertEquals([system.name, run.states()], [system.name, stepped.states()]);
  }
});

Deno.test("Run.run() calls the handlers of W3 as often as the workload says", () => {
  for (const system of SYSTEMS) {
    const run = system.build(HANDLERS);
    if (run === undefined) continue;
    run.run(5);

    // 11 activations in a cycle, 11 deactivations, and two handlers for each.
    assertEquals([system.name, run.calls.reduce((sum, calls) => sum + calls)], [system.name, 5 * 2 * (11 + 11)]);
    assertEquals(run.calls.length, 48);
  }
});

Deno.test("makeCounter() makes functions with code of their own, each of which counts for itself", () => {
  const calls: number[] = [];
  const counters = [makeCounter(calls, 0), makeCounter(calls, 1)];
  for (const count of [...counters, counters[1]!]) count();

  assertEquals(calls, [1, 2]);
  assertEquals(new Set(counters.map(String)).size, 2);
});

Deno.test("verify() throws when a system leaves out states, and when it leaves out handlers", () => {
  const real = () => buildOf(SYSTEMS[0]!, HANDLERS);
  const [lazy, silent] = [real(), real()];

  assertThrows(
    () => verify("lazy", { ...lazy, states: () => lazy.states().slice(1) }, HANDLERS),
    Error,
    "Cannot measure lazy at add Start: expected (Connecting, Start), got (Connecting)",
  );
  assertThrows(() => verify("silent", { ...silent, calls: [] }, HANDLERS), Error, "calls of handlers, got 0");
});

Deno.test("A wait of W5 goes on when B is active, whatever else is waited for, and ends with A", async () => {
  for (const system of SYSTEMS) {
    const wait = system.buildWait?.(10);
    assertEquals([system.name, wait !== undefined], [system.name, RELATIONAL.includes(system.name)]);
    if (wait === undefined) continue;
    await wait.run(3);

    assertEquals([system.name, wait.states()], [system.name, ["A"]]);
  }
});

Deno.test("Every cell runs, and is right after that", async () => {
  const cells = [
    ...makeTransitionCells(),
    ...makeWaitCells(),
    ...makeScaleCells([10]),
    ...makeCreationCells(),
    ...makeTracerCells(),
  ];
  for (const cell of cells) {
    cell.prepare?.(2);
    await cell.run(2);
    cell.check();
  }

  assertEquals(new Set(cells.map(({ row, column }) => `${row}/${column}`)).size, cells.length);
});

function buildOf(system: System, workload: Workload): Run {
  const run = system.build(workload);
  assert(run !== undefined, `${system.name} cannot express the workload`);
  return run;
}
