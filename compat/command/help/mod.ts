/**
 * The command `help`.
 *
 * @module
 */
import { Command } from "../command.ts";
import { type ArgumentValue, Type } from "../type.ts";
import { ValidationError } from "../validation_error.ts";

/** Name of a command that stands beside another one. */
class CommandType extends Type<string> {
  readonly #beside: Command;

  constructor(beside: Command) {
    super();
    this.#beside = beside;
  }

  override parse({ value }: ArgumentValue): string {
    return value;
  }

  override complete(): string[] {
    return this.#beside.getParent()?.getCommands().map((command) => command.getName()) ?? [];
  }
}

/** Shows the help of the command above it, or of one that is named. */
export class HelpCommand extends Command<void, void, [commandName?: string]> {
  /** Make one, to be put below a command under the name `help`. */
  constructor() {
    super();
    this.type("command", new CommandType(this))
      .arguments("[command:command]")
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
