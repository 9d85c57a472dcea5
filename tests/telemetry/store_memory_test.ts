/**
 * What a stored transition takes of memory, with the records of real machines and a real exporter. Half a million of them
 * are measured by hand, see `_measure_store.ts`; this is a fifth of it.
 *
 * @module
 */

import { assert, assertAlmostEquals, assertGreaterOrEqual, assertLessOrEqual } from "@std/assert";
import type { StoreFigures } from "./_measure_store.ts";

const TRANSITIONS = 100_000;

Deno.test("MemoryStore takes 400 bytes a transition at most, and counts what it takes", async () => {
  const figures = await measure("bare");

  assertLessOrEqual(figures.bytesPerTransition, 400);
  assertGreaterOrEqual(figures.lineBytes, 200); // no toys
  assertAlmostEquals(figures.countedBytesPerTransition, figures.bytesPerTransition, 0.1 * figures.bytesPerTransition);
});

Deno.test("MemoryStore takes 1,000 bytes a transition with steps and three log lines at most", async () => {
  const figures = await measure("steps");

  assertLessOrEqual(figures.bytesPerTransition, 1_000);
  assert(figures.stepsPerTransition >= 5 && figures.logLinesPerTransition >= 3);
  assertAlmostEquals(figures.countedBytesPerTransition, figures.bytesPerTransition, 0.1 * figures.bytesPerTransition);
});

/** Measures in a process of its own, so that nothing else is on the heap. */
async function measure(mode: "bare" | "steps"): Promise<StoreFigures> {
  const program = new URL("_measure_store.ts", import.meta.url).pathname;
  const args = ["run", "--no-check", "--allow-env", "--v8-flags=--expose-gc", program, `${TRANSITIONS}`, mode];
  const { success, stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "inherit" }).output();
  assert(success);
  return JSON.parse(new TextDecoder().decode(stdout));
}
