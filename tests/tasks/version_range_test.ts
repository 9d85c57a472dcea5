import { assertEquals, assertThrows } from "@std/assert";
import { isInRange } from "./version_range.ts";

const TABLE: ReadonlyArray<readonly [range: string, inside: string[], outside: string[]]> = [
  ["^1", ["1.0.0", "1.0.19", "1.12.0"], ["0.9.9", "2.0.0", "10.0.0"]],
  ["^1.2", ["1.2.0", "1.3.0"], ["1.1.9", "2.0.0"]],
  ["^1.2.3", ["1.2.3", "1.10.0"], ["1.2.2", "2.0.0"]],
  ["^0.1.2", ["0.1.2", "0.1.9"], ["0.1.1", "0.2.0", "1.0.0"]],
  ["^0.0.2", ["0.0.2"], ["0.0.1", "0.0.3"]],
  ["^0", ["0.0.0", "0.9.0"], ["1.0.0"]],
  ["~1.2.3", ["1.2.3", "1.2.9"], ["1.2.2", "1.3.0"]],
  ["~1", ["1.0.0", "1.9.0"], ["2.0.0"]],
  ["1.2.3", ["1.2.3"], ["1.2.2", "1.2.4"]],
  ["4", ["4.0.0", "4.1.0"], ["3.9.9", "5.0.0"]],
];

for (const [range, inside, outside] of TABLE) {
  Deno.test(`isInRange() tells which versions are in ${range}`, () => {
    const versions = [...inside, ...outside];
    assertEquals(versions.filter((version) => isInRange(version, range)), inside);
  });
}

Deno.test("isInRange() throws for what it does not know", () => {
  for (const range of ["", "^", "*", ">=1", "^1 || ^2", "1.2.3.4", "^1.0.0-rc.1"]) {
    assertThrows(() => isInRange("1.0.0", range), SyntaxError, `"${range}"`);
  }
  assertThrows(() => isInRange("1.0", "^1"), SyntaxError, `"1.0"`);
});
