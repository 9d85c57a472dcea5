/**
 * Runs examples as their users do, and compares what they print with a golden log.
 *
 * @module
 */
import { assertEquals } from "@std/assert";

/** How a program ended, and what it printed. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What to run an example with. */
export interface RunOptions {
  /** Its arguments. None by default. */
  readonly args?: readonly string[];
  /** Flags of `deno run`. None by default. */
  readonly permissions?: readonly string[];
  /** More variables of its environment. None by default. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Run an example by its name, `"fsm"`, to its end. */
export async function runExample(name: string, options: RunOptions = {}): Promise<Outcome> {
  const { code, stdout, stderr } = await exampleCommand(name, options).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

/** A command that runs an example. */
export function exampleCommand(name: string, { args = [], permissions = [], env = {} }: RunOptions): Deno.Command {
  const path = new URL(`../../examples/${name}.ts`, import.meta.url).pathname;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...permissions, path, ...args],
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", AM_LOG: "", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Assert that an example succeeded, and printed what is in `golden/NAME.txt`. */
export async function assertGolden(outcome: Outcome, name: string): Promise<void> {
  const golden = await Deno.readTextFile(new URL(`golden/${name}.txt`, import.meta.url));
  assertEquals({ ...outcome, out: outcome.out.split("\n") }, { code: 0, out: golden.split("\n"), err: "" });
}

/** Assert that an example ended in one message, without a stack trace, and the exit code 1. */
export function assertFails({ code, err }: Outcome, message: string | RegExp): void {
  const lines = err.split("\n");
  assertEquals({ code, lines: lines.length, end: lines.at(-1) }, { code: 1, lines: 2, end: "" }, err);
  if (typeof message === "string") assertEquals(lines[0], message);
  else assertEquals(message.test(lines[0]!), true, err);
}
