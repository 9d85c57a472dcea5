/**
 * Reads the project's own files and runs Deno in it.
 *
 * @module
 */

/** The folder with `deno.json`. */
export const ROOT = new URL("../../", import.meta.url);

/** The parts of `deno.json` that tests look at. */
export interface Config {
  version: string;
  license: string;
  exports: Record<string, string>;
  tasks: Record<string, unknown>;
  compilerOptions: Record<string, unknown>;
  lock: { path: string; frozen: boolean };
}

/** Read a text file of the project by its path from the root. */
export async function readText(path: string): Promise<string> {
  return await Deno.readTextFile(new URL(path, ROOT));
}

/** Read `deno.json`. */
export async function readConfig(): Promise<Config> {
  return JSON.parse(await readText("deno.json"));
}

/** Run Deno in the root, and return what it printed, to both outputs. */
export async function runDeno(...args: string[]): Promise<{ success: boolean; text: string }> {
  return await collect(spawn(args, "null"));
}

/** Run the text of a program in the root, without permissions, and return what it printed, to both outputs. */
export async function runProgram(source: string): Promise<{ success: boolean; text: string }> {
  const child = spawn(["run", "--quiet", "--ext=ts", "-"], "piped");
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(source));
  await writer.close();
  return await collect(child);
}

function spawn(args: string[], stdin: "null" | "piped"): Deno.ChildProcess {
  const env = { NO_COLOR: "1" };
  return new Deno.Command("deno", { args, cwd: ROOT, env, stdin, stdout: "piped", stderr: "piped" }).spawn();
}

async function collect(child: Deno.ChildProcess): Promise<{ success: boolean; text: string }> {
  const { success, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { success, text: decoder.decode(stdout) + decoder.decode(stderr) };
}
