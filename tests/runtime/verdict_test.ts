import { assertEquals } from "@std/assert";
import { judge } from "./_verdict.ts";

Deno.test("judge() is content with as many passed tests as in Deno", () => {
  assertEquals(judge("Node", 12, { version: "24.1.0", passed: 12, failed: 0, text: "" }, true), {
    line: "ok | 12 passed | 0 failed (Node 24.1.0)",
    isGood: true,
  });
});

Deno.test("judge() counts failed tests", () => {
  assertEquals(judge("Node", 12, { version: "24.1.0", passed: 10, failed: 2, text: "" }, false), {
    line: "FAILED | 10 passed | 2 failed (Node 24.1.0)",
    isGood: false,
  });
});

for (const passed of [0, 11, 13]) {
  Deno.test(`judge() counts ${passed} passed tests where Deno has 12 as a failure`, () => {
    assertEquals(judge("Bun", 12, { version: "1.0.0", passed, failed: 0, text: "" }, false), {
      line: `FAILED | ${passed} passed | 1 failed (Bun 1.0.0, where 12 should pass as in Deno)`,
      isGood: false,
    });
  });
}

Deno.test("judge() skips a missing runtime, except in CI", () => {
  const run = { missing: "install it" };

  assertEquals(judge("Bun", 12, run, false), { line: "skipped: Bun is missing: install it", isGood: true });
  assertEquals(judge("Bun", 12, run, true), {
    line: "FAILED | 0 passed | 1 failed (Bun is missing: install it)",
    isGood: false,
  });
});
