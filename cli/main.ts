/**
 * The command line: one command, `am`, that shows what machines do. `am help` says how it is used.
 *
 * ```sh
 * deno install -g -n am --allow-read --allow-write --allow-env --allow-net jsr:@asyncmachine/asyncmachine/cli
 * ```
 *
 * @example Usage
 * ```ts
 * import { createCommand } from "@asyncmachine/asyncmachine/cli";
 * import { assert } from "@std/assert";
 *
 * const names = createCommand().getCommands().map((command) => command.getName());
 * assert(names.includes("inspect"));
 * ```
 *
 * @module
 */
import { ValidationError } from "@cliffy/command";
import { cleanText } from "./_clean.ts";
import { PipeClosedError } from "./_context.ts";
import { CANCELED, CommandFailure, USAGE } from "./_exit_codes.ts";
import { createCommand } from "./mod.ts";

export { createCommand } from "./mod.ts";

/** Returns the exit code. */
async function run(args: string[]): Promise<number> {
  const interrupt = new AbortController();
  for (const signal of Deno.build.os === "windows" ? ["SIGINT"] as const : ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      if (interrupt.signal.aborted) Deno.exit(CANCELED); // asked twice: at once
      interrupt.abort();
    });
  }
  try {
    await createCommand(interrupt.signal).parse(args);
    return 0;
  } catch (error) {
    if (error instanceof PipeClosedError) return 0; // as with head: who reads has seen enough
    if (interrupt.signal.aborted && error === interrupt.signal.reason) return CANCELED;
    console.error(describeError(error, args.includes("--debug")));
    return error instanceof CommandFailure ? error.exitCode : error instanceof ValidationError ? USAGE : CANCELED;
  }
}

function describeError(error: unknown, isDebug: boolean): string {
  if (isDebug) return Deno.inspect(error, { colors: false });
  const message = error instanceof Error ? error.message : String(error);
  const line = `am: ${cleanText(message.trim().replace(/\s*\n\s*/g, " "))}`;
  if (error instanceof CommandFailure) return line;
  return `${line} (${error instanceof ValidationError ? "am help says how it is used" : "--debug shows more"})`;
}

if (import.meta.main) Deno.exit(await run(Deno.args));
