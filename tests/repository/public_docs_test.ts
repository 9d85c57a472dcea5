import { assert, assertEquals } from "@std/assert";
import { type DocTree, findLacks } from "./_public_docs.ts";
import { readConfig, runDeno } from "./_project.ts";

Deno.test("Every public symbol has a text, an example that asserts something, and links that lead somewhere", async () => {
  const { exports } = await readConfig();

  assertEquals(findLacks(await readDocs(Object.values(exports))), []);
});

Deno.test("findLacks() finds what has no text or no example, and links that lead nowhere", async () => {
  assertEquals(findLacks(await readDocs(["tests/repository/testdata/undocumented.ts"])), [
    "testdata/undocumented.ts: no text",
    "testdata/undocumented.ts: no example that asserts",
    "Alias: no text",
    "Alias.field: no text",
    "Alias: no example that asserts",
    "Bare: no text",
    "Bare.constructor: no text",
    "Bare.constructor: no text for the parameter size",
    "Bare.property: no text",
    "Bare.overloaded: no text",
    "Bare.overloaded: no text for the parameter key",
    "Bare.overloaded: no text",
    "Bare.overloaded: no text for the parameter key",
    "Bare.method: no text",
    "Bare.method: no text for the parameter key",
    "Bare.method: no name for parameter 1, which is taken apart",
    "Bare.getter: no text",
    "Bare[Symbol.dispose]: no text",
    "Bare.overloaded: no example that asserts",
    "Bare.method: no example that asserts",
    "Bare.getter: no example that asserts",
    "Bare[Symbol.dispose]: no example that asserts",
    "Bare: no example that asserts",
    "LIMIT: no example that asserts",
    "Shape.field: no text",
    "Shape.method: no text",
    "Shape(): no text",
    "Shape[]: no text",
    "half: no text for the parameter other",
    "half: no text for the parameter rest",
    "half: no example that asserts",
    "several: no text",
    "several: no text for the parameter key",
    "several: no example that asserts",
    "testdata/undocumented.ts: a link to Bare.method, which is not there",
  ]);
});

async function readDocs(files: readonly string[]): Promise<DocTree> {
  const { success, text } = await runDeno("doc", "--json", ...files);
  assert(success, text);
  return JSON.parse(text);
}
