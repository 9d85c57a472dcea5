import {
  Argument as CommanderArgument,
  Command as Commander,
  CommanderError,
  Option as CommanderOption,
} from "commander";
import type { Defined } from "./_definition.ts";
import { type Argument, keyOf, type Option, showArgument } from "./option.ts";
import { BASE_TYPES } from "./type.ts";
import { ValidationError } from "./validation_error.ts";

/** What a command did. */
interface CommandResult {
  options: Record<string, unknown>;
  args: unknown[];
  cmd: Defined;
}

/** Read arguments with commander, and run the command that they name. */
export async function runCommand(command: Defined, args: string[]): Promise<CommandResult> {
  let result: CommandResult = { options: {}, args: [], cmd: command };
  try {
    await toCommander(command, (it) => result = it).parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) { // help or version, which are printed
      if (!isSet(command, "exits", false)) Deno.exit(0);
      return result;
    }
    const wrong = error instanceof CommanderError ? new ValidationError(describeWrong(error), { cause: error }) : error;
    if (!(wrong instanceof ValidationError)) throw wrong;
    if (isSet(command, "throwsErrors", true)) throw wrong;
    console.error(wrong.message);
    Deno.exit(wrong.exitCode);
  }
  return result;
}

/** What commander says, as the rest of the messages here is written. */
function describeWrong({ message }: CommanderError): string {
  const text = message.replace(/^error: /, "").replaceAll("'", '"').replace(/\.$/, "");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Lay out the help of a command. */
export function showHelp(command: Defined): string {
  const path: string[] = [];
  for (let above = command.getParent(); above !== undefined; above = above.getParent()) path.unshift(above.getName());
  let parent: Commander | undefined;
  for (const name of path) parent = (parent ?? new Commander(name)).command(name);
  const commander = toCommander(command, () => {});
  commander.name([...path, command.getName()].join(" "));
  return commander.helpInformation().trimEnd();
}

/** As in the real package, what is set at a command holds for those below it. */
function isSet(command: Defined, key: "exits" | "throwsErrors", value: boolean): boolean {
  for (let it: Defined | undefined = command; it !== undefined; it = it.getParent()) {
    if (it.definition[key] === value) return true;
  }
  return false;
}

function toCommander(command: Defined, done: (result: CommandResult) => void): Commander {
  const { definition } = command;
  const commander = new Commander(definition.name);
  const hasOnlyCommands = definition.commands.size > 0 && definition.arguments.length === 0;
  commander.exitOverride().helpCommand(false).allowExcessArguments(hasOnlyCommands).showSuggestionAfterError(false);
  commander.configureHelp({ showGlobalOptions: true });
  commander.configureOutput({
    writeOut: (text) => console.log(text.trimEnd()),
    writeErr: () => {},
    getOutHasColors: () => false, // asks for variables of the environment otherwise
    getErrHasColors: () => false,
    getOutHelpWidth: () => 80,
  });
  commander.description(command.getDescription()).summary(command.getShortDescription());
  if (definition.version !== undefined) commander.version(`${definition.name} ${definition.version}`, "-V, --version");
  for (const { name, description } of definition.examples) {
    commander.addHelpText("after", `\nExample: ${name}\n  ${description}`);
  }
  for (const option of definition.options) addOption(commander, command, option);
  for (const argument of definition.arguments) commander.addArgument(toArgument(command, argument));
  for (const child of command.getCommands(true)) {
    commander.addCommand(toCommander(child, done), { hidden: child.definition.isHidden });
  }
  commander.action(async (...all: unknown[]) => {
    const [unknown] = hasOnlyCommands ? commander.args : [];
    if (unknown !== undefined) throw new ValidationError(`Unknown command "${unknown}"`);
    const args = all.slice(0, -2);
    const given = definition.hasGlobals ? commander.optsWithGlobals() : commander.opts();
    const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    if (definition.action === undefined && definition.commands.size > 0) command.showHelp();
    while (args.at(-1) === undefined && args.length > 0) args.pop();
    const flat = definition.arguments.at(-1)?.variadic ? [...args.slice(0, -1), ...(args.at(-1) as unknown[])] : args;
    await definition.action?.(options, ...flat);
    done({ options, args: flat, cmd: command });
  });
  return commander;
}

function addOption(commander: Commander, command: Defined, option: Option): void {
  const value = option.args[0];
  const shown = value === undefined ? "" : ` ${showArgument(value)}`;
  const it = new CommanderOption(option.flags.join(", ") + shown, option.description);
  if (option.default !== undefined) it.default(option.default);
  if (option.required) it.makeOptionMandatory();
  if (option.hidden) it.hideHelp();
  if (option.conflicts !== undefined) it.conflicts(option.conflicts.map(keyOf));
  if (value !== undefined) {
    let collected: unknown[] = [];
    it.argParser((text: string) => {
      const read = readValue(command, "Option", `--${option.name}`, value.type, text);
      return option.collect ? (collected = [...collected, read]) : read;
    });
  }
  commander.addOption(it);
  let count = 0;
  commander.on(`option:${it.name()}`, () => {
    if (++count > 1 && !option.collect) {
      throw new ValidationError(`Option "--${option.name}" is given more than once`);
    }
  });
}

function toArgument(command: Defined, argument: Argument): CommanderArgument {
  const it = new CommanderArgument(showArgument(argument));
  const read = (text: string) => readValue(command, "Argument", argument.name, argument.type, text);
  if (!argument.variadic) return it.argParser(read);
  return it.default([]).argParser((text: string, before: unknown) => [...(before as unknown[]), read(text)]);
}

function readValue(command: Defined, label: string, name: string, type: string, value: string): unknown {
  const argument = { label, name, type, value };
  for (let it: Defined | undefined = command; it !== undefined; it = it.getParent()) {
    const own = it.definition.types.get(type);
    if (own !== undefined) return own.parse(argument);
  }
  const read = BASE_TYPES.get(type);
  if (read === undefined) throw new TypeError(`Cannot read ${label} "${name}": type "${type}" is not there`);
  return read(argument);
}
