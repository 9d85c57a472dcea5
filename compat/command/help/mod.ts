/**
 * The command `help`.
 *
 * @module
 */
import { Command } from "../command.ts";
import { ValidationError } from "../validation_error.ts";

/** Shows the help of the command above it, or of one that is named. */
export class HelpCommand extends Command<void, void, [commandName?: string]> {
  /** Make one, to be put below a command under the name `help`. */
  constructor() {
    super();
    this.arguments("[command:string]")
      .description("Show this help or the help of a command.")
      .noGlobals()
      .action((_options: unknown, name?: string) => {
        const parent = this.getParent() ?? this;
        const command = name === undefined ? parent : parent.getCommand(name);
        if (command === undefined) throw new ValidationError(`Unknown command "${name}"`);
        command.showHelp();
      });
  }
}
