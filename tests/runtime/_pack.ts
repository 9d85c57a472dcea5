/**
 * Installs what `deno pack` makes, and runs README.md's program with it in the oldest Node that is supported.
 *
 * `./flow` is left out: it imports `@std/async`, and a workspace member that stands in for that is not in the package.
 *
 * @module
 */
import { ROOT, run, versionOf } from "./_command.ts";
import type { Run } from "./_verdict.ts";

/** How many checks there are. */
export const PACK_CHECKS = 2;

/** Pack, install without a network, and run. */
export async function runPacked(folder: string): Promise<Run> {
  const npx = ["--yes", "node@20"];
  const version = await versionOf("npx", ...npx);
  if (version === undefined) return { missing: "install Node, with npx" };
  const cwd = `${folder}/packed`;
  await Deno.mkdir(cwd);
  await Deno.writeTextFile(`${cwd}/package.json`, '{ "private": true }');
  const packed = await run(Deno.execPath(), ["pack", "--quiet", "--allow-dirty", `--output=${cwd}/packed.tgz`]);
  if (!packed.success) return { version, passed: 0, failed: PACK_CHECKS, text: packed.text };
  const installed = await run("npm", ["install", "--offline", "--no-audit", "--no-fund", "./packed.tgz"], { cwd });
  if (!installed.success) return { version, passed: 0, failed: PACK_CHECKS, text: installed.text };

  const [, program = ""] = /^```ts\n(.*?)^```$/ms.exec(await Deno.readTextFile(new URL("README.md", ROOT))) ?? [];
  const printed = [...program.matchAll(/\/\/ prints: (.*)$/gm)].map(([, line]) => `${line}\n`).join("");
  const testing =
    'import { VirtualClock } from "@asyncmachine/asyncmachine/testing";\nconsole.log(typeof VirtualClock);';
  const texts: string[] = [];
  for (const [source, expected] of [[program, printed], [testing, "function\n"]] as const) {
    await Deno.writeTextFile(`${cwd}/program.mjs`, source);
    const { success, stdout, text } = await run("npx", [...npx, "program.mjs"], { cwd });
    if (!success || stdout !== expected || expected === "") texts.push(text);
  }
  return { version, passed: PACK_CHECKS - texts.length, failed: texts.length, text: texts.join("\n\n") };
}
