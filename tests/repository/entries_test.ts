import { assertEquals } from "@std/assert";
import { readConfig, ROOT } from "./_project.ts";

/** The packages that the code of each entry point loads; those whose types alone are there are none of them. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  ".": [],
  "./testing": [],
  "./flow": [],
  "./telemetry": [],
  "./telemetry/server": ["hono", "hono-openapi", "zod"],
};

for (const [entry, packages] of Object.entries(PACKAGES)) {
  Deno.test(`The entry point ${entry} loads no package but ${packages.join(", ") || "none"}`, async () => {
    const { exports } = await readConfig();

    assertEquals(await readPackages(exports[entry]!), packages);
  });
}

interface ModuleInfo {
  specifier: string;
  kind?: string;
  dependencies?: { specifier: string; code?: { specifier?: string } }[];
}

async function readPackages(file: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("deno", { args: ["info", "--json", file], cwd: ROOT }).output();
  const { modules }: { modules: ModuleInfo[] } = JSON.parse(new TextDecoder().decode(stdout));
  const names = new Set<string>();
  for (const { specifier, dependencies = [] } of modules) {
    if (!specifier.startsWith(ROOT.href)) continue;
    for (const { code } of dependencies) {
      const target = code?.specifier ?? "";
      if (target.includes("/compat/")) names.add(target.slice(ROOT.href.length));
      const [, name] = /^(?:npm|jsr):\/?((?:@[^/@]+\/)?[^/@]+)/.exec(target) ?? [];
      if (name !== undefined) names.add(name);
    }
  }
  return [...names].sort();
}
