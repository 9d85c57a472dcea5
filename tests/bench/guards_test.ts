import { assertLessOrEqual } from "@std/assert";
import { ENTRIES, measureBundle } from "../../bench/_bundle.ts";
import { countBytes } from "../../bench/_heap.ts";
import limits from "./limits.json" with { type: "json" };

// Counts, not times: they are the same in every run, on a machine that is busy too. limits.json has what is allowed.

for (const [row, limit] of Object.entries(limits.allocatedPerMutation)) {
  Deno.test(`A mutation of ${row} allocates ${limit} bytes at most`, async () => {
    assertLessOrEqual(await countBytes({ kind: "allocated", row }), limit);
  });
}

Deno.test(`A live machine of twenty states retains ${limits.retainedPerMachine} bytes at most`, async () => {
  assertLessOrEqual(await countBytes({ kind: "retained", system: "this package" }), limits.retainedPerMachine);
});

Deno.test(`A machine bound to a class of 48 handlers retains ${limits.retainedBy48Handlers} bytes at most`, async () => {
  assertLessOrEqual(await countBytes({ kind: "bound", handlers: 48 }), limits.retainedBy48Handlers);
});

Deno.test("A machine's memory is flat in the number of handlers: 48 of a class take as much as one", async () => {
  const [one, many] = [
    await countBytes({ kind: "bound", handlers: 1 }),
    await countBytes({ kind: "bound", handlers: 48 }),
  ];

  assertLessOrEqual(Math.abs(many - one), 16);
});

Deno.test("A program that imports Machine is at most 5 % larger than what was recorded, minified and compressed", async () => {
  const { gzip } = await measureBundle(ENTRIES["this package"]!);

  assertLessOrEqual(gzip, limits.bundleGzip * 1.05);
});
