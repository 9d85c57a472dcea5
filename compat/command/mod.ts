/**
 * Commands of a program with typed options and arguments, under the name of `@cliffy/command` and with its signatures and
 * behaviour, for what the project uses of it. `npm:commander` reads the arguments and lays out the help.
 *
 * ```ts
 * import { Command } from "@cliffy/command";
 * import { assertEquals } from "@std/assert";
 *
 * let seen: unknown;
 * const command = new Command()
 *   .name("greet")
 *   .option("--times <times:integer>", "How often.", { default: 1 })
 *   .arguments("<name:string>")
 *   .action(({ times }, name) => void (seen = [times.toFixed(), name.toUpperCase()]));
 *
 * await command.parse(["--times", "2", "world"]);
 * assertEquals(seen, ["2", "WORLD"]);
 * ```
 *
 * @module
 */
export { Command, type CommandResult } from "./command.ts";
export type { Argument, Option, OptionOptions } from "./option.ts";
export { type ArgumentValue, EnumType, Type } from "./type.ts";
export { ValidationError, type ValidationErrorOptions } from "./validation_error.ts";
