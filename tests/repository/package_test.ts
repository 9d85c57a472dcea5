import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readConfig, readText, ROOT, runDeno } from "./_project.ts";

Deno.test("The package holds the sources and the papers, and neither tests, benchmarks nor stand-ins", async () => {
  const { success, text } = await runDeno("publish", "--dry-run", "--allow-dirty", "--no-check");
  assert(success, text);

  const prefix = new URL(".", ROOT).href;
  const files = [...text.matchAll(/^\s+(file:\S+) \(.*\)$/gm)].map(([, url]) => url!.slice(prefix.length));
  const tops = new Set(files.map((file) => file.split("/")[0]!));
  assertEquals([...tops].sort(), [
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "cli",
    "deno.json",
    "flow",
    "machine",
    "mod.ts",
    "telemetry",
  ]);
});

Deno.test("The package has no package.json beside deno.json", async () => {
  const names: string[] = [];
  for await (const entry of Deno.readDir(ROOT)) names.push(entry.name);

  assert(names.includes("deno.json"));
  assert(!names.includes("package.json"));
});

Deno.test("CHANGELOG.md starts with the version of deno.json", async () => {
  const { version } = await readConfig();
  const [, first] = (await readText("CHANGELOG.md")).match(/^## \[([^\]]+)\]/m) ?? [];

  assertEquals(first, version);
});

Deno.test("LICENSE is the one that deno.json names", async () => {
  const { license } = await readConfig();

  assertStringIncludes(await readText("LICENSE"), `${license} License`);
});

Deno.test("deno.lock is frozen and names what deno.json imports", async () => {
  const { lock } = await readConfig();
  assertEquals(lock, { path: "./deno.lock", frozen: true });

  const { success, text } = await runDeno("info", "--frozen", "mod.ts");
  assert(success, text);
});
