/**
 * The order of imports of the house: who may import whom, held against what `deno info --json` says.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { checkLayers, type ImportGraph } from "./layers.ts";

const ROOT = new URL("../", import.meta.url);
const FOLDERS = ["machine", "flow", "telemetry", "cli", "compat", "bench", "examples", "tests"];

Deno.test("The project's imports keep the order of rows and folders, without a circle", async () => {
  assertEquals(checkLayers(await readImports()), []);
});

Deno.test("./telemetry loads no dependency, so that it runs in pages and without the server's packages", async () => {
  const graph = await readImports();
  const reached = new Set(["telemetry/mod.ts"]);
  for (const file of reached) for (const target of graph.get(file) ?? []) reached.add(target);
  assertEquals([...reached].filter((file) => !/^(?:machine|telemetry)\//.test(file)), []);
});

Deno.test("checkLayers() accepts imports from rows and folders above", () => {
  const findings = checkLayers(graphOf({
    "mod.ts": ["machine/mod.ts"],
    "machine/mod.ts": ["machine/machine.ts", "machine/clock.ts"],
    "machine/machine.ts": ["machine/_execute.ts"],
    "machine/_execute.ts": ["machine/_queue.ts", "machine/clock.ts"],
    "machine/_queue.ts": ["machine/mutation.ts"],
    "machine/mutation.ts": [],
    "machine/clock.ts": ["machine/schema.ts"],
    "machine/schema.ts": [],
    "telemetry/mod.ts": ["mod.ts", "telemetry/_store.ts", "npm:hono@4"],
    "telemetry/_store.ts": [],
    "examples/fsm.ts": ["mod.ts", "compat/cli/mod.ts"],
    "compat/cli/mod.ts": [],
    "tests/queue_test.ts": ["machine/_queue.ts", "telemetry/_store.ts", "npm:fast-check@4"],
  }));

  assertEquals(findings, []);
});

Deno.test("checkLayers() finds an import from a row below", () => {
  const findings = checkLayers(graphOf({
    "machine/clock.ts": ["machine/_plan.ts"],
    "machine/_plan.ts": [],
  }));

  assertEquals(findings, ["machine/clock.ts imports machine/_plan.ts, which is below it in the order of machine/"]);
});

Deno.test("checkLayers() finds an import from beside", () => {
  const findings = checkLayers(graphOf({
    "machine/_queue.ts": ["machine/_log.ts"],
    "machine/_log.ts": [],
  }));

  assertEquals(findings, ["machine/_queue.ts imports machine/_log.ts, which is beside it in the order of machine/"]);
});

Deno.test("checkLayers() finds a circle and shows its files", () => {
  const findings = checkLayers(graphOf({
    "tests/a.ts": ["tests/b.ts"],
    "tests/b.ts": ["tests/c.ts"],
    "tests/c.ts": ["tests/b.ts"],
  }));

  assertEquals(findings, ["Imports run in a circle: tests/b.ts -> tests/c.ts -> tests/b.ts"]);
});

Deno.test("checkLayers() finds an import of machine/ from another folder", () => {
  const findings = checkLayers(graphOf({
    "machine/tracer.ts": ["telemetry/mod.ts"],
    "telemetry/mod.ts": [],
  }));

  assertEquals(findings, ["machine/tracer.ts imports telemetry/mod.ts: machine/ is not above telemetry/"]);
});

Deno.test("checkLayers() finds a dependency of machine/ or flow/, be it a package, a built-in module or a stand-in", () => {
  const findings = checkLayers(graphOf({
    "machine/_env.ts": ["node:process", "npm:hono@4", "compat/assert/mod.ts"],
    "flow/wait.ts": ["compat/assert/mod.ts"],
    "compat/assert/mod.ts": [],
  }));

  assertEquals(findings, [
    "machine/_env.ts imports node:process: machine/ has no dependency",
    "machine/_env.ts imports npm:hono@4: machine/ has no dependency",
    "machine/_env.ts imports compat/assert/mod.ts: machine/ has no dependency",
    "flow/wait.ts imports compat/assert/mod.ts: flow/ has no dependency",
  ]);
});

Deno.test("checkLayers() finds a folder that enters another by a private file", () => {
  const findings = checkLayers(graphOf({
    "telemetry/mod.ts": ["machine/_queue.ts"],
    "machine/_queue.ts": [],
  }));

  assertEquals(findings, [
    "telemetry/mod.ts imports machine/_queue.ts: another folder enters machine/ by machine/mod.ts or machine/testing.ts",
  ]);
});

Deno.test("checkLayers() finds a file without a row, and a folder without a place", () => {
  const findings = checkLayers(graphOf({
    "machine/helpers.ts": [],
    "tools/build.ts": [],
  }));

  assertEquals(findings, [
    "machine/helpers.ts is in no row: give it a place in MACHINE_ORDER of tests/layers.ts",
    'tools/build.ts is in no folder of the order: give "tools" a place in FOLDER_ORDER of tests/layers.ts',
  ]);
});

Deno.test("checkLayers() finds a root that exports more than machine/mod.ts", () => {
  const findings = checkLayers(graphOf({
    "mod.ts": ["machine/mod.ts", "machine/testing.ts"],
    "machine/mod.ts": [],
    "machine/testing.ts": [],
  }));

  assertEquals(findings, [
    "mod.ts imports machine/mod.ts, machine/testing.ts: it re-exports machine/mod.ts and nothing else",
  ]);
});

Deno.test("checkLayers() finds an import of a file that is not there", () => {
  assertEquals(checkLayers(graphOf({ "tests/a.ts": ["tests/gone.ts"] })), [
    "tests/a.ts imports tests/gone.ts, which is not there",
  ]);
});

function graphOf(imports: Record<string, string[]>): ImportGraph {
  return new Map(Object.entries(imports));
}

/** What `deno info --json` says about one module; `type` is there for what only types need. */
interface ModuleInfo {
  specifier: string;
  dependencies?: { specifier: string; code?: { specifier?: string }; type?: { specifier?: string } }[];
}

/** Reads the imports of every file, also of those that no other file imports. */
async function readImports(): Promise<ImportGraph> {
  const graph = new Map<string, string[]>();
  for (const file of await listFiles()) {
    if (graph.has(file)) continue;
    for (const module of await inspectModule(file)) {
      const path = toPath(module.specifier);
      if (path !== undefined) graph.set(path, (module.dependencies ?? []).flatMap(targetsOf));
    }
  }
  return graph;
}

function targetsOf({ specifier, code, type }: NonNullable<ModuleInfo["dependencies"]>[number]): string[] {
  const targets = [code?.specifier, type?.specifier].filter((target) => target !== undefined);
  const paths = targets.length > 0 ? targets.map((target) => toPath(target) ?? target) : [specifier];
  return [...new Set(paths)];
}

async function inspectModule(file: string): Promise<ModuleInfo[]> {
  const command = new Deno.Command("deno", { args: ["info", "--json", file], cwd: ROOT });
  const { success, stdout, stderr } = await command.output();
  if (!success) throw new Error(`Cannot inspect ${file}: ${new TextDecoder().decode(stderr)}`);
  const info: { modules: (ModuleInfo & { error?: string })[] } = JSON.parse(new TextDecoder().decode(stdout));
  return info.modules.filter((module) => module.error === undefined);
}

async function listFiles(): Promise<string[]> {
  const files: string[] = ["mod.ts"];
  for (const folder of FOLDERS) files.push(...await listFolder(folder));
  return files;
}

async function listFolder(folder: string): Promise<string[]> {
  const files: string[] = [];
  try {
    for await (const entry of Deno.readDir(new URL(`${folder}/`, ROOT))) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory) files.push(...await listFolder(path));
      else if (entry.name.endsWith(".ts")) files.push(path);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error; // a folder of the order may be still to come
  }
  return files.sort();
}

/** The path from the root of a file of the project; `undefined` for anything else. */
function toPath(specifier: string): string | undefined {
  return specifier.startsWith(ROOT.href) ? decodeURIComponent(specifier.slice(ROOT.href.length)) : undefined;
}
