/**
 * The command `completions`.
 *
 * @module
 */
import { Command } from "../command.ts";
import { writeBash, writeFish, writeZsh } from "./_scripts.ts";

/** Prints what a shell needs to complete the commands, options and values of the program. */
export class CompletionsCommand extends Command {
  /** Make one, to be put below the main command under the name `completions`. */
  constructor() {
    super();
    this.description("Print completions for a shell.").noGlobals();
    for (const [shell, write] of [["bash", writeBash], ["fish", writeFish], ["zsh", writeZsh]] as const) {
      const command = new Command()
        .description(`Print completions for ${shell}.`)
        .noGlobals()
        .action(() => console.log(write(this.getMainCommand())));
      this.command(shell, command);
    }
    this.reset();
  }
}
