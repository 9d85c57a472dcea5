import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { CommandFailure } from "../../../cli/_exit_codes.ts";
import type { SchemaModel } from "../../../cli/schema/model.ts";
import { type GoStyle, writeGo } from "../../../cli/schema/write_go.ts";
import { isInstalled } from "../../_installed.ts";
import { CASE_STUDIES, goFileOf } from "./_case_studies.ts";
import { models } from "./_models.ts";

const STYLES = ["struct", "schema"] as const satisfies GoStyle[];

function model(...names: string[]): SchemaModel {
  return { name: "File", states: new Map(names.map((name) => [name, {}])), groups: new Map() };
}

for (const style of STYLES) {
  Deno.test(`writeGo() writes each case study as its file in testdata/go/${style}`, async () => {
    for (const model of CASE_STUDIES) {
      assertEquals(writeGo(model, style), await Deno.readTextFile(goFileOf(model, style)));
    }
  });

  Deno.test({
    name: `writeGo() writes Go in the style ${style} that gofmt leaves as it is, whatever the names are`,
    ignore: !isInstalled("gofmt", "whether the Go that am convert writes is formatted"),
    async fn() {
      const folder = await Deno.makeTempDir();
      try {
        for (const [i, model] of fc.sample(models(style), { numRuns: 300, seed: 10 }).entries()) {
          await Deno.writeTextFile(`${folder}/${i}.go`, writeGo(model, style));
        }
        const { stdout, stderr } = await new Deno.Command("gofmt", { args: ["-e", "-d", folder] }).output();
        assertEquals(new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr), "");
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

Deno.test("writeGo() aligns values as gofmt does: not behind a key that is much longer than those before it", () => {
  const long = `L${"o".repeat(60)}ng`;
  const [, states] = /am\.Struct\{\n([^]*?)\n\}/.exec(writeGo(model("A", "Short", "B", long, "C"), "struct"))!;
  assertEquals(states, `\tA:     {},\n\tShort: {},\n\tB:     {},\n\t${long}: {},\n\tC: {},`);
  const [, fields] = /StatesDef struct \{\n([^]*?)\n\}/.exec(writeGo(model("A", long), "schema"))!;
  assertEquals(fields, `\t*am.StatesBase\n\n\tA${" ".repeat(long.length)}string\n\t${long} string`);
});

Deno.test("writeGo() writes names as data that can be no constants", () => {
  const names = ["type", "string", "true", "init", "_", "S", "am", "a-b", '"\n\\`', "GroupA", "*/", "\u202e", "Über"];
  const { states } = model(...names);
  const text = writeGo({ name: "File", states, groups: new Map([["A", ["type"]]]) }, "struct");
  const constants = /const \(\n([^)]*)\)/.exec(text)?.[1];
  assertEquals(constants, '\tÜber = "Über"\n');
  for (const written of ['"type"', '"\\"\\u000a\\\\`"', '"\\u202e"', '"GroupA"']) {
    assertEquals(text.includes(`\t${written}:`), true);
  }
});

Deno.test("writeGo() takes for a letter only what each version of Go does", () => {
  const names = ["状態", "Καλά", "𝔘", "Aꟁ", "\u{1e037}"]; // the last three are of Unicode 3.1, 14 and 15
  const constants = /const \(\n([^)]*)\)/.exec(writeGo(model(...names), "struct"))?.[1];

  assertEquals(constants?.match(/\S+(?= +=)/g), ["状態", "Καλά"]);
});

Deno.test("writeGo() refuses names that are no fields in the style schema, and no Unicode in any", () => {
  for (const name of ["a", "a-b", "1", "type", "Names", "StatesBase", "__proto__"]) {
    assertEquals(
      assertThrows(() => writeGo(model(name), "schema"), CommandFailure).message,
      `Cannot write "${name}" as Go: it can be no field of a struct; --style struct writes a constant or a text`,
    );
  }
  for (const style of STYLES) {
    const { message } = assertThrows(() => writeGo(model("A\ud800"), style), CommandFailure);
    assertEquals(message, 'Cannot write "A\uFFFD" as Go: it has half a character');
  }
});
