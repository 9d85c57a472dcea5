/**
 * Runs a command in the project's folder.
 *
 * @module
 */

/** The folder with `deno.json`. */
export const ROOT = new URL("../../", import.meta.url);

/** What a command did. */
export interface Done {
  readonly success: boolean;
  /** What it printed to stdout. */
  readonly stdout: string;
  /** What it printed to both. */
  readonly text: string;
}

/** What a command needs. */
export interface CommandOptions {
  readonly env?: Record<string, string>;
  /** The project's folder by default. */
  readonly cwd?: string | URL;
}

/** Run a command to its end; one that is not there has no success. */
export async function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<Done> {
  const env = { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...options.env };
  try {
    const child = new Deno.Command(command, { args: [...args], cwd: options.cwd ?? ROOT, env, stdin: "null" });
    const { success, stdout, stderr } = await child.output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    return { success, stdout: out!, text: out! + err! };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { success: false, stdout: "", text: `${command} is not there` };
  }
}

/** Read the version that `command … --version` prints, or return `undefined`. */
export async function versionOf(command: string, ...args: string[]): Promise<string | undefined> {
  const { success, stdout } = await run(command, [...args, "--version"]);
  return success ? /\d+(?:\.\d+)+/.exec(stdout)?.[0] : undefined;
}
