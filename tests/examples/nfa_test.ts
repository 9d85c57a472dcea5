import { assertEquals } from "@std/assert";
import { assertFails, assertGolden, runExample } from "./_run.ts";

Deno.test("nfa accepts the same strings up to length 12 as the regular expression", async () => {
  assertEquals(await runExample("nfa"), {
    code: 0,
    out: "8191 strings, 4092 accepted, 4092 match /1[01][01]$/\ndone: the same ones\n",
    err: "",
  });
});

Deno.test("nfa prints the branches of a string as in its golden log", async () => {
  await assertGolden(await runExample("nfa", { args: ["01101", "0100", ""] }), "nfa");
});

Deno.test("nfa refuses other symbols with one message", async () => {
  const outcome = await runExample("nfa", { args: ["01", "012"] });
  assertFails(outcome, 'error: Cannot read string "012": it has other symbols than 0 and 1');
});
