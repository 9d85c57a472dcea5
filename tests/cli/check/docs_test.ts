import { assertEquals, assertStringIncludes } from "@std/assert";
import { formatReport } from "../../../cli/check/format.ts";
import { RULES } from "../../../cli/check/rules.ts";
import { check } from "./_check.ts";

const text = await Deno.readTextFile(new URL("../../../docs/check.md", import.meta.url));
const sections = [...text.matchAll(/^### (\S+)\n(.*?)^```json\n(.*?)^```\n\n^```text\n(.*?)^```/gms)];

Deno.test("docs/check.md has a section for each rule, with what the rule says of itself", () => {
  assertEquals(sections.map(([, rule]) => rule), RULES.map(({ id }) => id));
  for (const [i, { summary, help }] of RULES.entries()) {
    assertEquals(sections[i]![2]!.replace(/\s+/g, " ").trim(), `${summary} ${help}`);
  }
});

for (const [, rule, , schema, output] of sections) {
  Deno.test(`docs/check.md shows for ${rule} what am check prints`, () => {
    const lines = formatReport("schema.json", check(JSON.parse(schema!)), { hasColor: false });

    assertEquals(`${lines.join("\n")}\n`, output);
    assertStringIncludes(output!, rule!);
  });
}

Deno.test("docs/check.md begins with what am check prints for the first example", () => {
  const [, output] = /\$ am check schema\.json\n(.*?)^```/ms.exec(text)!;

  assertEquals(output, sections[0]![4]);
});
