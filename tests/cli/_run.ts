/**
 * Runs the command as a process.
 *
 * @module
 */

const ROOT = new URL("../../", import.meta.url);

/** What a process left behind. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What each run may do, and no more. */
export const PERMISSIONS: readonly string[] = ["--allow-read"];

/**
 * Windows has neither signals that a program can answer nor named pipes among its files: tests that end `am` by a signal, or
 * keep it reading, are skipped there.
 */
export const HAS_NO_SIGNALS: boolean = Deno.build.os === "windows";

/** Start `am` with the permissions that it needs, in UTC. */
export function spawnAm(args: readonly string[], permissions: readonly string[] = PERMISSIONS): Deno.ChildProcess {
  return new Deno.Command("deno", {
    args: ["run", "--quiet", "--no-prompt", "--no-check", ...permissions, "cli/main.ts", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", TZ: "UTC" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Run `am` to its end. */
export async function runAm(args: readonly string[], permissions?: readonly string[]): Promise<Ended> {
  const { code, stdout, stderr } = await spawnAm(args, permissions).output();
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}
