/**
 * Checks the project with the real JSR packages in the place of the stand-ins of `compat/`: copies it to a temporary
 * folder, links checkouts of the packages there, checks the types and runs the tests. JSR itself is not asked.
 * What tests the repository, not the code, stays out: `compat/` and `tests/repository/`.
 *
 * Run with `deno task check:real --std DIR --cliffy DIR`; a checkout is only needed if a package of it is imported.
 *
 * @module
 */

import { parseArgs } from "@std/cli";
import { isInRange } from "./version_range.ts";

const ROOT = new URL("../../", import.meta.url);

/** Paths from the root that the copy does without; folders have a slash behind them. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  ".git/",
  ".coverage/",
  "compat/",
  "coverage/",
  "deno.json",
  "deno.lock",
  "node_modules/",
  "tests/repository/",
]);

/** Nobody listens there, so that a package which is not linked is an error, whether or not JSR can be reached. */
const NO_REGISTRY = { JSR_URL: "http://localhost:9" };

/** A package of a checkout. */
interface Package {
  readonly name: string;
  readonly version: string;
}

/** A checkout by the scope of its packages: `@std`. */
type Directories = ReadonlyMap<string, string>;

/** Why the check cannot start; its message is all there is to say. */
class SetupError extends Error {
  override name = "SetupError";
}

if (import.meta.main) Deno.exit(await main(Deno.args));

/** Returns the exit code. */
async function main(args: string[]): Promise<number> {
  try {
    const directories = readDirectories(args);
    const config = JSON.parse(await Deno.readTextFile(new URL("deno.jsr.json", ROOT)));
    const packages = await findPackages(config.imports, directories);
    const failure = await checkCopy({ ...config, links: [...directories.values()] });
    const names = packages.map(({ name, version }) => `${name} ${version}`).join(", ");
    console.log(`Checked types and tests with ${names}: ${failure ?? "all pass"}`);
    return failure === undefined ? 0 : 1;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
    return 1;
  }
}

function readDirectories(args: string[]): Directories {
  const { _: rest, ...options } = parseArgs(args, { string: ["std", "cliffy"] });
  const unknown = [...rest, ...Object.keys(options).filter((name) => name !== "std" && name !== "cliffy")];
  if (unknown.length > 0) {
    throw new SetupError(`Cannot read arguments: "${unknown[0]}" is unknown, expected --std DIR and --cliffy DIR`);
  }
  const directories = new Map<string, string>();
  for (const [name, directory] of Object.entries(options)) {
    if (directory === "") throw new SetupError(`Cannot read arguments: --${name} has no directory`);
    directories.set(`@${name}`, resolvePath(String(directory)));
  }
  return directories;
}

function resolvePath(directory: string): string {
  try {
    return Deno.realPathSync(directory);
  } catch {
    throw new SetupError(`Cannot use checkout "${directory}": it is not there`);
  }
}

/** Looks up each package that is imported from JSR in the checkout of its scope. */
async function findPackages(imports: Record<string, string>, directories: Directories): Promise<Package[]> {
  const found: Package[] = [];
  for (const target of Object.values(imports)) {
    const [, scope, name, range] = /^jsr:(@[^/]+)(\/[^@]+)@([^/]+)/.exec(target) ?? [];
    if (scope === undefined || name === undefined || range === undefined) continue;
    const directory = directories.get(scope);
    if (directory === undefined) {
      throw new SetupError(`Cannot check with "${scope}${name}": no checkout is given as --${scope.slice(1)} DIR`);
    }
    const real = (await listPackages(directory)).find((it) => it.name === scope + name);
    if (real === undefined) {
      throw new SetupError(`Cannot check with "${scope}${name}": no package of checkout "${directory}" has that name`);
    }
    if (!isInRange(real.version, range)) {
      throw new SetupError(`Cannot check with "${real.name}": version ${real.version} is not in range "${range}"`);
    }
    found.push(real);
  }
  return found;
}

/** The members of a checkout that is a workspace, as that of std and that of Cliffy are. */
async function listPackages(directory: string): Promise<Package[]> {
  const { workspace } = await readConfig(directory) as { workspace?: string[] };
  if (!Array.isArray(workspace)) throw new SetupError(`Cannot use checkout "${directory}": it is not a workspace`);
  return await Promise.all(workspace.map((member) => readConfig(`${directory}/${member}`) as Promise<Package>));
}

async function readConfig(directory: string): Promise<unknown> {
  try {
    return JSON.parse(await Deno.readTextFile(`${directory}/deno.json`));
  } catch (error) {
    throw new SetupError(`Cannot use checkout "${directory}": its deno.json cannot be read`, { cause: error });
  }
}

/** Returns what failed, or `undefined`. */
async function checkCopy(config: unknown): Promise<string | undefined> {
  const copy = await Deno.makeTempDir({ prefix: "check_real_" });
  try {
    // Open to all, as a checkout is: a test may run as another user.
    if (Deno.build.os !== "windows") await Deno.chmod(copy, 0o755);
    await copyFolder("", copy);
    await Deno.writeTextFile(`${copy}/deno.json`, JSON.stringify(config, undefined, 2));
    // Both, so that a wrong type does not hide a failing test.
    const failed = [
      await checkTypes(copy) ? [] : ["types"],
      await runTests(copy) ? [] : ["tests"],
    ].flat();
    return failed.length === 0 ? undefined : `${failed.join(" and ")} fail`;
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
}

/** Copies a folder of the project, named by its path from the root, with a slash behind it. */
async function copyFolder(folder: string, copy: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    const path = `${folder}${name}${isDirectory ? "/" : ""}`;
    if (LEFT_OUT.has(path)) continue;
    if (isDirectory) {
      await Deno.mkdir(`${copy}/${path}`);
      await copyFolder(path, copy);
    } else {
      await Deno.copyFile(new URL(path, ROOT), `${copy}/${path}`);
    }
  }
}

/**
 * Checks the types of the copy. Of a linked package Deno checks the types as well, with our options, which are stricter
 * than its own: what it finds there does not count.
 */
async function checkTypes(copy: string): Promise<boolean> {
  const { success, stderr } = await runDeno(["task", "check"], copy, "piped");
  const text = new TextDecoder().decode(stderr);
  const places = [...text.matchAll(/^ +at (file:\S+)$/gm)].map(([, place]) => place!);
  const own = places.filter((place) => place.startsWith(new URL(`file://${copy}/`).href));
  if (success || (places.length > 0 && own.length === 0)) return true;
  console.error(text);
  return false;
}

/** Runs all tests, whose types are checked already. */
async function runTests(copy: string): Promise<boolean> {
  const { tasks } = await readConfig(copy) as { tasks: { test: { command: string } } };
  const [, ...args] = tasks.test.command.split(" ");
  return (await runDeno([...args, "--no-check"], copy, "inherit")).success;
}

async function runDeno(args: string[], cwd: string, stderr: "piped" | "inherit"): Promise<Deno.CommandOutput> {
  const env = { ...NO_REGISTRY, NO_COLOR: "1" };
  const command = new Deno.Command("deno", { args, cwd, env, stdin: "null", stdout: "inherit", stderr });
  return await command.spawn().output();
}
