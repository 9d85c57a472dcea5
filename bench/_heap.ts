/**
 * Bytes that mutations allocate and machines retain, each counted by a process of its own: what else a process did would
 * count too.
 *
 * @module
 */

import { defineSchema, Machine, type Schema } from "@asyncmachine/asyncmachine";
import { TRANSITIONS } from "./_cells.ts";
import { SYSTEMS } from "./_systems/mod.ts";
import { buildRun } from "./_systems/package.ts";
import { CREATED, makeCounter, QUEUE, QUEUE_MUTATIONS } from "./_workload.ts";

/** What to count. */
export type HeapQuestion =
  /** Bytes per mutation of this package on one of W1 to W4. */
  | { readonly kind: "allocated"; readonly row: string }
  /** Bytes per machine of W7, of one system. */
  | { readonly kind: "retained"; readonly system: string }
  /** Bytes per machine of this package, its handlers the methods of one class, an instance each. */
  | { readonly kind: "bound"; readonly handlers: number };

/** Mutations between two collections. */
const MUTATIONS = 100_000;

/** Bytes that the process itself allocates, at most. */
const NOISE = 100_000;

/** Live machines. */
const MACHINES = 10_000;

/**
 * The young generation holds all that is allocated between two collections, so that there is none in between. One thread, so
 * that it does not matter when a compiler is done.
 */
const FLAGS = "--expose-gc,--single-threaded,--min-semi-space-size=512,--max-semi-space-size=512,--max-heap-size=4096";

/** Start a process that answers a question. */
export async function countBytes(question: HeapQuestion): Promise<number> {
  const args = ["run", "--quiet", "--allow-env", `--v8-flags=${FLAGS}`, import.meta.url, JSON.stringify(question)];
  const output = await new Deno.Command(Deno.execPath(), { args, env: { NO_COLOR: "1" } }).output();
  if (!output.success) throw new Error(`Cannot count bytes: ${new TextDecoder().decode(output.stderr)}`);
  return Number(new TextDecoder().decode(output.stdout));
}

function answer(question: HeapQuestion): number {
  switch (question.kind) {
    case "allocated":
      return countAllocated(question.row);
    case "retained":
      return countRetained(makerOf(question.system));
    case "bound":
      return countRetained(makeBound(question.handlers));
  }
}

function countAllocated(row: string): number {
  const workload = TRANSITIONS[row]!;
  const { run } = buildRun(workload);
  const mutations = workload === QUEUE ? QUEUE_MUTATIONS : workload.steps.length;
  const cycles = Math.round(MUTATIONS / mutations);
  for (let i = 0; i < 3; i++) run(cycles); // until the compiler has done what it does
  const before = collect();
  run(cycles / 4); // a collection throws some of the compiled code away
  const start = Deno.memoryUsage().heapUsed;
  run(cycles / 2);
  const half = Deno.memoryUsage().heapUsed - start;
  run(cycles / 2);
  const whole = Deno.memoryUsage().heapUsed - start;
  // Both halves allocate as much, unless there was a collection between.
  if (start < before || half < 0 || Math.abs(whole - 2 * half) > half / 2 + NOISE) {
    throw new Error(`Cannot count: garbage was collected: ${half} bytes after half of it, ${whole} at the end`);
  }
  return whole / (mutations * 2 * Math.ceil(cycles / 2));
}

function countRetained(make: () => unknown): number {
  const machines: unknown[] = Array.from({ length: MACHINES }, () => null);
  for (let i = 0; i < 100; i++) machines[i] = make();
  machines.fill(null);
  const before = collect();
  for (let i = 0; i < MACHINES; i++) machines[i] = make();
  const bytes = (collect() - before) / MACHINES;
  if (machines.includes(null)) throw new Error("Cannot count: a machine is missing"); // and they are still referred to
  return bytes;
}

function makerOf(name: string): () => unknown {
  return SYSTEMS.find((system) => system.name === name)!.creation!.prepare();
}

function makeBound(count: number): () => unknown {
  const names = Object.keys(CREATED.states).flatMap((
    name,
  ) => [`${name}Enter`, `${name}State`, `${name}Exit`, `${name}End`]);
  class Handlers {}
  const calls: number[] = [];
  for (let i = 0; i < count; i++) {
    Object.defineProperty(Handlers.prototype, names[i]!, { value: makeCounter(calls, i) });
  }
  const schema = defineSchema(structuredClone(CREATED.states) as Schema);
  return () => {
    const machine = new Machine(schema);
    machine.bindHandlers(new Handlers());
    return machine;
  };
}

/** Collects all garbage, and returns the bytes that are left. */
function collect(): number {
  const { gc } = globalThis as unknown as { gc: () => void };
  gc();
  gc(); // what a finalizer of the first round let go
  return Deno.memoryUsage().heapUsed;
}

if (import.meta.main) console.log(answer(JSON.parse(Deno.args[0]!)));
