/**
 * Measures this package beside other libraries, and writes `RESULTS.md`, `w6.svg` and the figures in README.md.
 *
 * Run with `deno task bench:peers`, which takes a few minutes; `--rounds=N` for other than 9.
 *
 * @module
 */

import { parseArgs } from "@std/cli";
import os from "node:os";
import { ENTRIES, measureBundle } from "./_bundle.ts";
import {
  makeCreationCells,
  makeScaleCells,
  makeTracerCells,
  makeTransitionCells,
  makeWaitCells,
  TRANSITIONS,
} from "./_cells.ts";
import { countBytes } from "./_heap.ts";
import { measure } from "./_measure.ts";
import { drawScale } from "./_plot.ts";
import { formatResults, formatSummary, replaceBlock } from "./_report.ts";
import type { Results } from "./_results.ts";
import { SYSTEMS } from "./_systems/mod.ts";

const rounds = Number(parseArgs(Deno.args, { string: ["rounds"], default: { rounds: "9" } }).rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  throw new RangeError(`Cannot measure ${rounds} rounds: it is no whole number`);
}

const cells = [
  ...makeTransitionCells(),
  ...makeTracerCells(),
  ...makeWaitCells(),
  ...makeScaleCells(),
  ...makeCreationCells(),
];
console.log(`Warming up ${cells.length} entries`);
const samples = await measure(cells, {
  rounds,
  sampleMs: 60,
  warmUpMs: 300,
  onRound: (round) => console.log(`Round ${round} of ${rounds}`),
});

console.log("Counting bytes");
const makers = SYSTEMS.filter(({ creation }) => creation !== undefined).map(({ name }) => name);
const results: Results = {
  host: describeHost(),
  rounds,
  samples,
  allocated: await collect(Object.keys(TRANSITIONS), (row) => countBytes({ kind: "allocated", row })),
  retained: await collect(makers, (system) => countBytes({ kind: "retained", system })),
  bound: await collect([1, 4, 48], (handlers) => countBytes({ kind: "bound", handlers })),
  bundles: await collect(Object.keys(ENTRIES), (name) => measureBundle(ENTRIES[name]!)),
};

await rewrite("RESULTS.md", (before) => formatResults(results, before));
await rewrite("../README.md", (before) => replaceBlock(before, "bench", formatSummary(results)));
await rewrite("w6.svg", () => drawScale(samples));

/** Rewrites a file, in the format that `deno fmt` wants. */
async function rewrite(path: string, write: (before: string) => string): Promise<void> {
  const url = new URL(path, import.meta.url);
  await Deno.writeTextFile(url, write(await Deno.readTextFile(url)));
  const cwd = new URL("../", import.meta.url);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", url.pathname], cwd })
    .output();
  if (!success) throw new Error(`Cannot format ${path}: ${new TextDecoder().decode(stderr)}`);
  console.log(`Wrote ${path}`);
}

async function collect<K, V>(keys: readonly K[], make: (key: K) => Promise<V>): Promise<Map<K, V>> {
  const map = new Map<K, V>();
  for (const key of keys) map.set(key, await make(key));
  return map;
}

function describeHost(): string {
  const cpus = os.cpus();
  const load = os.loadavg()[0]!.toFixed(1);
  const { deno, v8 } = Deno.version;
  return `${cpus.length} cores of ${
    cpus[0]?.model ?? "an unknown processor"
  }, Deno ${deno}, V8 ${v8}, ${os.type()}, at a load of ${load}`;
}
