import { assert } from "@std/assert";
import { assertFails, assertGolden, runExample } from "./_run.ts";

Deno.test("fsm unlocks on a coin, locks on a push, and prints its golden log", async () => {
  await assertGolden(await runExample("fsm"), "fsm");
});

Deno.test("fsm takes its inputs from the command line", async () => {
  const { out } = await runExample("fsm", { args: ["coin", "push", "push"] });
  assert(out.endsWith("\npush: rejected, Locked\n"), out);
});

Deno.test("fsm refuses an unknown input with one message", async () => {
  const outcome = await runExample("fsm", { args: ["coin", "kick"] });
  assertFails(outcome, 'error: Cannot feed input "kick": it is neither "push" nor "coin"');
});
