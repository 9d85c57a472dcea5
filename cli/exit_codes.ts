import { Command } from "@cliffy/command";
import type { CommandContext } from "./_context.ts";
import { EXIT_CODES } from "./_exit_codes.ts";
import { printLines } from "./_print.ts";

/** The command `am exit-codes`, there for `am help exit-codes`. */
// deno-lint-ignore no-explicit-any -- Cliffy's type of a command whose options do not matter
export function createExitCodesCommand(context: CommandContext): Command<any> {
  return new Command()
    .description(`Say what the exit codes mean.\n\n${EXIT_CODES}`)
    .action(() => printLines(context, [EXIT_CODES]));
}
