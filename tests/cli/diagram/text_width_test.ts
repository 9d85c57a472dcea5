import { assert, assertEquals } from "@std/assert";
import { measureText } from "../../../cli/diagram/text_width.ts";

Deno.test("measureText() gives each character its own width", () => {
  assertEquals([measureText("", 100), measureText("i", 100), measureText("m", 100), measureText("iim", 100)], [
    0,
    28,
    97,
    153,
  ]);
  assertEquals(measureText("iim", 10), 16);
});

Deno.test("measureText() gives Chinese and Japanese characters more than a letter, and marks nothing", () => {
  assert(measureText("状態", 100) > 200);
  assert(measureText("é", 100) < 100);
  assertEquals(measureText("e\u0301", 100), measureText("e", 100));
});
