import { assertGolden, runExample } from "./_run.ts";

Deno.test("waiting waits in each way of the listing, and prints its golden log", async () => {
  await assertGolden(await runExample("waiting"), "waiting");
});
