import { assert } from "@std/assert";
import fc from "fast-check";
import { readGo } from "../../../cli/schema/read_go.ts";
import { readJson } from "../../../cli/schema/read_json.ts";
import { readTypeScript } from "../../../cli/schema/read_typescript.ts";
import { writeJson } from "../../../cli/schema/write_json.ts";
import { CASE_STUDIES, goFileOf } from "./_case_studies.ts";

/** What breaks a file in an interesting way. */
const PIECES = [
  ...["{", "}", "(", ")", "[", "]", ",", ";", ".", "...", ":", "=", '"', "'", "`", "\n", "*", "&", "/*", "//", "${"],
  ...["A", "am", "null", "undefined", "__proto__", "constructor", "as const", "=>", "class", "type", "import", "func"],
  ...["\ud800", "1", "S{", "this", "export", "struct", "map"],
];

const STUDY = CASE_STUDIES.find(({ name }) => name === "Debugger")!;

/** Replaces pieces of a text by others. */
function broken(text: string): fc.Arbitrary<string> {
  const change = fc.tuple(fc.nat(text.length), fc.nat(12), fc.constantFrom("", ...PIECES));
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) =>
    changes.reduce((it, [start, length, piece]) => it.slice(0, start) + piece + it.slice(start + length), text)
  );
}

function assertReadsOrRefuses(text: string, read: (text: string) => unknown): void {
  fc.assert(
    fc.property(broken(text), (text) => {
      try {
        read(text);
      } catch (error) {
        assert(error instanceof SyntaxError, String(error));
      }
    }),
    { numRuns: 1_000 },
  );
}

Deno.test("readTypeScript() refuses broken files with a SyntaxError", async () => {
  const files = ["examples/expense.ts", "machine/common_schema.ts"];
  for (const file of files) {
    assertReadsOrRefuses(await Deno.readTextFile(file), (text) => {
      const name = file.startsWith("machine") ? "CONNECTED_SCHEMA" : undefined;
      return readTypeScript(text, "File", { url: "file:///file.ts", name, readText: () => "" });
    });
  }
});

Deno.test("readGo() refuses broken files with a SyntaxError", async () => {
  for (const style of ["struct", "schema"] as const) {
    assertReadsOrRefuses(await Deno.readTextFile(goFileOf(STUDY, style)), (text) => readGo(text, "File", {}));
  }
});

Deno.test("readJson() refuses broken files with a SyntaxError", () => {
  assertReadsOrRefuses(writeJson(STUDY), (text) => readJson(text, "File"));
});
