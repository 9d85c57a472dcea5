/**
 * Where the imports of `deno.json` lead, for a runtime that does not read it.
 *
 * @module
 */
import { ROOT, run } from "./_command.ts";

/**
 * Resolve the imports of `deno.json` to URLs of files. A package from a registry becomes one file in `folder`: the version
 * that Deno runs, and nothing to install.
 */
export async function resolveImports(folder: string): Promise<Record<string, string>> {
  const { imports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const resolved: Record<string, string> = {};
  for (const specifier of Object.keys(imports)) {
    const url = import.meta.resolve(specifier);
    resolved[specifier] = url.startsWith(ROOT.href) ? url : await bundlePackage(imports[specifier], specifier, folder);
  }
  return resolved;
}

async function bundlePackage(target: string, specifier: string, folder: string): Promise<string> {
  const url = new URL(`file://${folder}/${specifier.replace(/\W+/g, "-")}.js`);
  const { success, text } = await run(Deno.execPath(), [
    "bundle",
    "--platform=browser",
    `--output=${url.pathname}`,
    target,
  ]);
  if (!success) throw new Error(`Cannot bundle ${target}: ${text}`);
  return url.href;
}
