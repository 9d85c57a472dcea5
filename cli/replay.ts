import { Command } from "@cliffy/command";
import { Client } from "./_client.ts";
import type { CommandContext, GlobalOptions } from "./_context.ts";
import { cleanText } from "./_clean.ts";
import { CANCELED, CommandFailure, USAGE } from "./_exit_codes.ts";
import { formatCountOf } from "./_format.ts";
import { printLines } from "./_print.ts";
import { sendRecording } from "./_send_recording.ts";
import { openSource, type Source } from "./_source.ts";
import { type Difference, UnverifiableError, type UserHandlers, type Verified, Verifier } from "./_verify.ts";

/** The command `am replay`. */
// deno-lint-ignore no-explicit-any -- Cliffy's type of a command whose options do not matter
export function createReplayCommand(context: CommandContext): Command<any> {
  return new Command<GlobalOptions>()
    .description("Send a recording to a server, or verify it.")
    .option("--verify", "Compare with fresh machines instead.")
    .option("--handlers <path:file>", "Module with real handlers, to verify.")
    .arguments("<path:file>")
    .action(async (options, path) => {
      if (!options.verify) {
        if (options.handlers !== undefined) {
          throw new CommandFailure("Cannot replay: --handlers is for --verify only", USAGE);
        }
        return await printLines(context, [await sendRecording(new Client(options, context), path, context)]);
      }
      const handlers = options.handlers === undefined ? undefined : await loadHandlers(options.handlers);
      const source = openSource({ ...options, file: path }, context, "Verifying");
      await printLines(context, describeVerified(await verify(source, handlers)).map(cleanText));
    });
}

/**
 * Run the mutations of a recording on fresh machines.
 *
 * @param source The recording.
 * @param handlers Real handlers; those that answer as the steps say by default.
 * @returns What was verified.
 *
 * @throws {CommandFailure} when a transition differs, or when the recording lacks what it takes.
 */
export async function verify(source: Source, handlers?: UserHandlers): Promise<Verified> {
  const verifier = new Verifier(handlers);
  try {
    for await (const batch of source.records()) {
      for (const record of batch) failIf(verifier.add(record), source);
    }
    failIf(verifier.finish(), source);
  } catch (error) {
    if (!(error instanceof UnverifiableError)) throw error;
    throw new CommandFailure(`Cannot verify ${source.name}: ${error.message}`, USAGE, { cause: error });
  }
  return verifier.verified;
}

function failIf(difference: Difference | undefined, source: Source): void {
  if (difference === undefined) return;
  const { machineId, transitionId, mutation, reason } = difference;
  const which = transitionId === undefined ? "a transition" : `transition "${transitionId}"`;
  throw new CommandFailure(
    `${source.name} differs: ${which} of machine "${machineId}", ${mutation}, ${reason}`,
    CANCELED,
  );
}

/** All that was verified, and of which machines something could not be. */
function describeVerified({ machines, transitions, gaps }: Verified): string[] {
  const done = `Verified ${formatCountOf(transitions, "transition")} of ${formatCountOf(machines, "machine")}`;
  if (gaps.length === 0) return [done];
  const missing = gaps.map(({ machineId, lost, skipped }) =>
    `  ${machineId}: ${formatCountOf(lost, "record")} lost, ${formatCountOf(skipped, "transition")} not verified`
  );
  return [`${done}, not all:`, ...missing];
}

/** A module exports an object of handlers as `default` or `handlers`. */
async function loadHandlers(path: string): Promise<UserHandlers> {
  let module: Record<string, unknown>;
  try {
    module = await import(new URL(path, `file://${Deno.cwd()}/`).href);
  } catch (error) {
    throw new CommandFailure(`Cannot load handlers "${path}": ${(error as Error).message}`, USAGE, { cause: error });
  }
  const exported = module.default ?? module.handlers;
  if (typeof exported === "object" && exported !== null) return exported;
  throw new CommandFailure(`Cannot load handlers "${path}": it exports no object as default or handlers`, USAGE);
}
