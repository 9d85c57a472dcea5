import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readConfig, readText, runDeno } from "./_project.ts";

Deno.test("machine/ type-checks without the types of a runtime", async () => {
  const { success, text } = await runDeno("check", "--config", "deno.dom.json", "machine/");

  assert(success, text);
});

for (
  const [file, message] of [["uses_deno.ts", "Cannot find name 'Deno'"], ["uses_process.ts", "'process'"]] as const
) {
  Deno.test(`deno.dom.json refuses ${file}`, async () => {
    const { success, text } = await runDeno("check", "--config", "deno.dom.json", `tests/repository/testdata/${file}`);

    assert(!success);
    assertStringIncludes(text, message);
  });
}

Deno.test("deno.dom.json is as strict as deno.json", async () => {
  const { compilerOptions } = JSON.parse(await readText("deno.dom.json"));

  assertEquals(compilerOptions, { lib: ["esnext", "dom"], ...(await readConfig()).compilerOptions });
});
