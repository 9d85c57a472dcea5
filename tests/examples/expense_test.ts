import { assertFails, assertGolden, runExample } from "./_run.ts";

const permissions = ["--allow-net=127.0.0.1"];

Deno.test("expense pays once it is approved over HTTP, and prints its golden log", async () => {
  await assertGolden(await runExample("expense", { permissions }), "expense");
});

Deno.test("expense refuses an amount that is no number of more than 0 with one message", async () => {
  for (const amount of ["-5", "much", ""]) {
    const outcome = await runExample("expense", { permissions, args: [amount] });
    assertFails(outcome, `error: Cannot create expense: amount "${amount}" is not a number of more than 0`);
  }
});

Deno.test("expense ends in one message when it may not listen", async () => {
  assertFails(await runExample("expense"), /^error: Requires net access to /);
});
