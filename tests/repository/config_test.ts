import { assert, assertEquals } from "@std/assert";
import { isInRange } from "../tasks/version_range.ts";
import { readText, ROOT } from "./_project.ts";

/** The parts of a configuration that these tests look at. */
interface Config extends Record<string, unknown> {
  name: string;
  version: string;
  publish: unknown;
  imports: Record<string, string>;
  workspace: string[];
}

interface StandIn extends Config {
  directory: string;
}

Deno.test("deno.jsr.json is deno.json without workspace and lock", async () => {
  const { workspace, lock, ...rest } = await readJson("deno.json");
  assert(workspace !== undefined && lock !== undefined);

  assertEquals<unknown>(await readJson("deno.jsr.json"), { ...rest, lock: false });
});

Deno.test("Each member of the workspace stands in for a package that deno.json imports from JSR, and for no other", async () => {
  const imported = (await listImports()).map(({ name }) => name);
  const standIns = (await listStandIns()).map(({ name }) => name);

  assert(imported.length > 0);
  assertEquals(standIns.sort(), imported.sort());
});

Deno.test("Each stand-in has a version in the range that deno.json imports", async () => {
  const imports = await listImports();
  const outside = (await listStandIns()).filter(({ name, version }) =>
    !isInRange(version, imports.find((it) => it.name === name)?.range ?? "0.0.0")
  );

  assertEquals(outside.map(({ directory, version }) => `${directory} ${version}`), []);
});

Deno.test("No stand-in is published", async () => {
  const published = (await listStandIns()).filter(({ publish }) => publish !== false);

  assertEquals(published.map(({ directory }) => directory), []);
});

Deno.test("What deno.json imports from JSR is the files of the stand-ins", async () => {
  const files = (await listImports()).map(({ specifier }) => import.meta.resolve(specifier));
  const mains = (await listStandIns()).map(({ directory }) => new URL(`${directory}/mod.ts`, ROOT).href);

  assertEquals(files.sort(), mains.sort());
});

/** The members of the workspace; `directory` without the dot in front. */
async function listStandIns(): Promise<StandIn[]> {
  const { workspace } = await readJson("deno.json");
  const directories = workspace.map((member) => member.replace(/^\.\//, ""));
  return await Promise.all(directories.map(async (it) => ({ ...await readJson(`${it}/deno.json`), directory: it })));
}

async function listImports(): Promise<{ specifier: string; name: string; range: string }[]> {
  const { imports } = await readJson("deno.json");
  return Object.entries(imports).flatMap(([specifier, target]) => {
    const [, name, range] = /^jsr:(@[^@]+)@([^/]+)/.exec(target) ?? [];
    return name === undefined || range === undefined ? [] : [{ specifier, name, range }];
  });
}

async function readJson(path: string): Promise<Config> {
  return JSON.parse(await readText(path));
}
