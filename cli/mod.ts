/**
 * The root command, with all others below it.
 *
 * @module
 */
import { Command } from "@cliffy/command";
import { CompletionsCommand } from "@cliffy/command/completions";
import { HelpCommand } from "@cliffy/command/help";
import config from "../deno.json" with { type: "json" };
import { type CommandContext, createProcessContext } from "./_context.ts";
import { createCheckCommand } from "./check.ts";
import { createConvertCommand } from "./convert.ts";
import { createDiagramCommand } from "./diagram.ts";
import { createDiffCommand } from "./diff.ts";
import { createExitCodesCommand } from "./exit_codes.ts";
import { createGenCommand } from "./gen.ts";
import { createInspectCommand } from "./inspect.ts";
import { createListCommand } from "./list.ts";
import { createMatrixCommand } from "./matrix.ts";
import { createRecordCommand } from "./record.ts";
import { createReplayCommand } from "./replay.ts";
import { createServeCommand } from "./serve.ts";
import { createShowCommand } from "./show.ts";
import { createStatsCommand } from "./stats.ts";
import { createTailCommand } from "./tail.ts";

/**
 * Make the root command, `am`, with all others below it.
 *
 * It never ends the process: a wrong use rejects with Cliffy's `ValidationError`, everything else that the user can do
 * something about with an error whose `exitCode` says what kind it is.
 *
 * @param signal Aborting it ends what is running, as Ctrl-C does.
 * @returns The command, to `parse()` arguments.
 *
 * @example Usage
 * ```ts
 * import { createCommand } from "@asyncmachine/asyncmachine/cli";
 * import { assertEquals } from "@std/assert";
 *
 * const show = createCommand().getCommand("show");
 * assertEquals(show?.getArguments().map((argument) => argument.name), ["id", "tx"]);
 * ```
 */
// deno-lint-ignore no-explicit-any -- Cliffy's type of a command whose options do not matter
export function createCommand(signal: AbortSignal = new AbortController().signal): Command<any> {
  return createCommandIn(createProcessContext(signal));
}

/** Make the root command for a context. */
// deno-lint-ignore no-explicit-any -- Cliffy's type of a command whose options do not matter
export function createCommandIn(context: CommandContext): Command<any> {
  const root = new Command()
    .noExit()
    .name("am")
    .version(config.version)
    .description("Look at state machines, live or recorded.")
    .globalOption("--url <url:string>", "Address of the server.")
    .globalOption("--token-file <path:file>", "File with the token.")
    .globalOption("--timeout <seconds:number>", "How long to wait for an answer.")
    .globalOption("--no-color", "Show no colour.")
    .globalOption("--debug", "Show the stack of errors.");
  root.command("serve", createServeCommand(context));
  root.command("tail", createTailCommand(context));
  root.command("list", createListCommand(context));
  root.command("inspect", createInspectCommand(context));
  root.command("show", createShowCommand(context));
  root.command("matrix", createMatrixCommand(context));
  root.command("diff", createDiffCommand(context));
  root.command("diagram", createDiagramCommand(context));
  root.command("stats", createStatsCommand(context));
  root.command("record", createRecordCommand(context));
  root.command("replay", createReplayCommand(context));
  root.command("gen", createGenCommand(context));
  root.command("convert", createConvertCommand(context));
  root.command("check", createCheckCommand(context));
  root.command("exit-codes", createExitCodesCommand(context));
  root.command("completions", new CompletionsCommand());
  root.command("help", new HelpCommand());
  return root.reset();
}
