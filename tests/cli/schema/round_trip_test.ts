import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type SchemaModel, toSchema } from "../../../cli/schema/model.ts";
import { readGo } from "../../../cli/schema/read_go.ts";
import { readJson } from "../../../cli/schema/read_json.ts";
import { readTypeScript } from "../../../cli/schema/read_typescript.ts";
import { writeGo } from "../../../cli/schema/write_go.ts";
import { writeJson } from "../../../cli/schema/write_json.ts";
import { writeTypeScript } from "../../../cli/schema/write_typescript.ts";
import { CASE_STUDIES } from "./_case_studies.ts";
import { models } from "./_models.ts";

const STYLES = ["struct", "schema"] as const;
const RUNS = { numRuns: 100 };

function readBack(text: string): SchemaModel {
  return readTypeScript(text, "File", { url: "file:///file.ts", readText: () => "" });
}

function assertSame(actual: SchemaModel, expected: SchemaModel): void {
  assertEquals(actual.name, expected.name);
  assertEquals(Object.entries(toSchema(actual)), Object.entries(toSchema(expected)));
  assertEquals([...actual.groups], [...expected.groups]);
}

for (const style of STYLES) {
  Deno.test(`TypeScript to Go in the style ${style} to TypeScript gives the same schema`, async () => {
    for (const model of CASE_STUDIES) {
      const text = await writeTypeScript(model);
      const back = readGo(writeGo(readBack(text), style), model.name, {});
      assertSame(back, model);
      assertEquals(await writeTypeScript(back), text);
    }
    await fc.assert(
      fc.asyncProperty(models(style), async (model) => {
        const first = readBack(await writeTypeScript(model));
        const second = readBack(await writeTypeScript(readGo(writeGo(first, style), model.name, {})));
        assertSame(first, model);
        assertSame(second, model);
      }),
      RUNS,
    );
  });
}

Deno.test("JSON to TypeScript to JSON gives the same text", async () => {
  const roundTrip = async (model: SchemaModel) => {
    const json = writeJson(model);
    assertEquals(Object.entries(JSON.parse(json)), Object.entries(toSchema(model)));
    const back = readBack(await writeTypeScript(readJson(json, "File")));
    assertEquals(writeJson(back), json);
  };
  for (const model of CASE_STUDIES) await roundTrip(model);
  await fc.assert(fc.asyncProperty(models("struct"), roundTrip), RUNS);
});

Deno.test("TypeScript to TypeScript keeps timeouts, tags and types of arguments", async () => {
  const states = new Map([["A", { timeoutMs: 0.5, tags: ["a", "b:c"], argsType: "{ path: string }" }], ["B", {}]]);
  const { states: back } = readBack(await writeTypeScript({ name: "File", states, groups: new Map() }));
  assertEquals([...back].map(([name, { timeoutMs, tags, argsType }]) => [name, timeoutMs, tags, argsType]), [
    ["A", 0.5, ["a", "b:c"], "{ path: string }"],
    ["B", undefined, undefined, undefined],
  ]);
});
