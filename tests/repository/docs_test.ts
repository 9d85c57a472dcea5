import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readConfig, readText, ROOT, runProgram } from "./_project.ts";

Deno.test("README.md's program prints what its comments say", async () => {
  const [, program] = (await readText("README.md")).match(/^```ts\n(.*?)^```$/ms) ?? [];
  const expected = [...program!.matchAll(/\/\/ prints: (.*)$/gm)].map(([, line]) => line);

  const { success, text } = await runProgram(program!);
  assert(success, text);
  assertEquals(text.trim().split("\n"), expected);
});

for (const file of ["README.md", "CONTRIBUTING.md", ".ci/run", ".github/workflows/ci.yml"]) {
  Deno.test(`${file} runs only tasks that deno.json has`, async () => {
    const { tasks } = await readConfig();

    assertEquals((await readTaskNames(file)).filter((name) => !Object.hasOwn(tasks, name)), []);
  });
}

Deno.test("CONTRIBUTING.md says what every task is for", async () => {
  const { tasks } = await readConfig();
  const told = await readTaskNames("CONTRIBUTING.md");

  assertEquals(Object.keys(tasks).filter((name) => !told.includes(name)), []);
});

Deno.test("README.md has the two commands of a fresh machine, with Node only and with Deno", async () => {
  const text = await readText("README.md");

  for (const task of ["demo", "test"]) {
    assertStringIncludes(text, `npx --yes deno@2.9.6 task ${task}\n`);
    assertStringIncludes(text, `\ndeno task ${task}\n`);
  }
});

Deno.test("README.md has the command of every example, as the example itself says it", async () => {
  const text = await readText("README.md");
  const commands: string[] = [];
  for await (const { name } of Deno.readDir(new URL("examples/", ROOT))) {
    const [, command] = (await readText(`examples/${name}`)).match(/^ \* Run it: `(deno run .*\.ts)/m) ?? [];
    commands.push(command!);
  }

  assert(commands.length > 5);
  assertEquals(commands.filter((command) => !text.includes(`| \`${command}\` `)), []);
});

Deno.test("README.md, CONTRIBUTING.md and CI name one version of Deno for npx", async () => {
  const found = new Set<string>();
  for (const file of ["README.md", "CONTRIBUTING.md", ".ci/run"]) {
    for (const [, version] of (await readText(file)).matchAll(/deno@([\d.]+)/g)) found.add(version!);
  }

  assertEquals([...found], ["2.9.6"]);
});

Deno.test("CONTRIBUTING.md names only files that are there", async () => {
  const text = await readText("CONTRIBUTING.md");
  const paths = [...text.matchAll(/`((?:machine|tests|bench|compat|examples)\/[\w/.]*)`/g)].map(([, path]) => path!);

  const missing: string[] = [];
  for (const path of new Set(paths)) if (!await exists(path)) missing.push(path);
  assertEquals(missing, []);
});

async function readTaskNames(file: string): Promise<string[]> {
  const text = await readText(file);
  return [...text.matchAll(/\b(?:deno(?:@[\d.]+)?|"\$\{deno\[@\]\}") task ([\w:]+)/g)].map(([, name]) => name!);
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(new URL(`../../${path}`, import.meta.url));
    return true;
  } catch {
    return false;
  }
}
