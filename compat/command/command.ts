// deno-lint-ignore-file no-explicit-any -- as in the real package, a command of any kind is a Command<any>
import type { Defined, Definition } from "./_definition.ts";
import type { ArgumentsOf, BaseTypes, Merge, OptionOf } from "./_inference.ts";
import { runCommand, showHelp } from "./_run.ts";
import { type Argument, type Option, type OptionOptions, parseArguments, parseOption } from "./option.ts";
import type { Type } from "./type.ts";

/** What {@linkcode Command.parse} read. */
export interface CommandResult {
  /** Values of the options by name. */
  options: Record<string, unknown>;
  /** Values of the arguments in their order. */
  args: unknown[];
  /** The command that ran. */
  cmd: Command<any>;
}

/**
 * A command with options, arguments and commands below it.
 *
 * After `command()` the methods that add something add it to the command below, until `reset()`.
 *
 * @typeParam TParentGlobals Options that the commands above give to it.
 * @typeParam TOptions Its own options.
 * @typeParam TArguments Its arguments.
 * @typeParam TGlobals Its options that the commands below know, too.
 * @typeParam TTypes Types of values by name.
 */
export class Command<
  TParentGlobals extends Record<string, unknown> | void = void,
  TOptions extends Record<string, unknown> | void = TParentGlobals extends number ? any : void,
  TArguments extends unknown[] = TParentGlobals extends number ? any : [],
  TGlobals extends Record<string, unknown> | void = TParentGlobals extends number ? any : void,
  TTypes extends Record<string, unknown> = TParentGlobals extends number ? any : BaseTypes,
> implements Defined {
  /** What it is made of. */
  readonly definition: Definition;
  #selected: Command<any>;

  /** Make an empty command. */
  constructor() {
    this.definition = {
      name: "COMMAND",
      description: "",
      isHidden: false,
      hasGlobals: true,
      types: new Map(),
      options: [],
      arguments: [],
      examples: [],
      commands: new Map(),
    };
    this.#selected = this;
  }

  /** Set its name. */
  name(name: string): this {
    this.#selected.definition.name = name;
    return this;
  }

  /** Set its version, which `--version` shows. */
  version(version: string): this {
    this.#selected.definition.version = version;
    return this;
  }

  /** Set what it is for; the first line stands in the list of its parent's commands. */
  description(description: string | (() => string)): this {
    this.#selected.definition.description = description;
    return this;
  }

  /** Leave it out of the help. */
  hidden(): this {
    this.#selected.definition.isHidden = true;
    return this;
  }

  /** Add an example for the help. */
  example(name: string, description: string): this {
    this.#selected.definition.examples.push({ name, description });
    return this;
  }

  /** Name a type of values. */
  type<TType extends Type<unknown>, TName extends string>(
    name: TName,
    type: TType,
  ): Command<TParentGlobals, TOptions, TArguments, TGlobals, TTypes & Record<TName, TType>> {
    this.#selected.definition.types.set(name, type);
    return this as Command<any>;
  }

  /** Add an option: `-o, --out <file:file>`, or a flag: `--steps`. */
  option<
    TFlags extends string,
    TRequired extends boolean | undefined = undefined,
    TCollect extends boolean | undefined = undefined,
    const TDefault = undefined,
  >(
    flags: TFlags,
    description: string,
    options: OptionOptions & { required?: TRequired; collect?: TCollect; default?: TDefault } = {},
  ): Command<
    TParentGlobals,
    Merge<TOptions, OptionOf<TFlags, TTypes, TRequired, TCollect, TDefault>>,
    TArguments,
    TGlobals,
    TTypes
  > {
    this.#selected.definition.options.push(parseOption(flags, description, options, false));
    return this as Command<any>;
  }

  /** Add an option that the commands below know, too. */
  globalOption<
    TFlags extends string,
    TRequired extends boolean | undefined = undefined,
    TCollect extends boolean | undefined = undefined,
    const TDefault = undefined,
  >(
    flags: TFlags,
    description: string,
    options: OptionOptions & { required?: TRequired; collect?: TCollect; default?: TDefault } = {},
  ): Command<
    TParentGlobals,
    TOptions,
    TArguments,
    Merge<TGlobals, OptionOf<TFlags, TTypes, TRequired, TCollect, TDefault>>,
    TTypes
  > {
    this.#selected.definition.options.push(parseOption(flags, description, options, true));
    return this as Command<any>;
  }

  /** Set its arguments: `<id:string> [tx:string]`. */
  arguments<TText extends string>(
    text: TText,
  ): Command<TParentGlobals, TOptions, ArgumentsOf<TText, TTypes>, TGlobals, TTypes> {
    this.#selected.definition.arguments = parseArguments(text);
    return this as Command<any>;
  }

  /** Set what it does. */
  action(fn: (options: Merge<TParentGlobals, Merge<TGlobals, TOptions>>, ...args: TArguments) => any): this {
    this.#selected.definition.action = fn;
    return this;
  }

  /** Put a command below it, under a name. */
  command(name: string, command: Command<any>): Command<any> {
    this.reset();
    if (this.definition.commands.has(name)) throw new TypeError(`Cannot add command "${name}": it is there already`);
    command.reset();
    command.definition.name = name;
    command.definition.parent = this;
    this.definition.commands.set(name, command);
    this.#selected = command;
    return this as Command<any>;
  }

  /** Let the methods that follow mean this command again. */
  reset(): this {
    this.#selected = this;
    return this;
  }

  /** Take no options from the commands above. */
  noGlobals(): this {
    this.#selected.definition.hasGlobals = false;
    return this;
  }

  /** Let `parse()` throw a wrong use, instead of ending the program. */
  throwErrors(): this {
    this.#selected.definition.throwsErrors = true;
    return this;
  }

  /** Never end the program, neither for a wrong use nor after help or version. */
  noExit(): this {
    this.#selected.definition.exits = false;
    return this.throwErrors();
  }

  /**
   * Read arguments, and run the command that they name.
   *
   * @throws {ValidationError} when they are wrong.
   */
  parse(args: string[] = Deno.args): Promise<CommandResult> {
    this.reset();
    return runCommand(this, args) as Promise<CommandResult>;
  }

  /** Its name. */
  getName(): string {
    return this.definition.name;
  }

  /** What it is for. */
  getDescription(): string {
    const { description } = this.definition;
    return typeof description === "string" ? description : description();
  }

  /** The first line of what it is for. */
  getShortDescription(): string {
    return this.getDescription().trim().split("\n", 1)[0]!;
  }

  /** Its version. */
  getVersion(): string | undefined {
    return this.definition.version ?? this.getParent()?.getVersion();
  }

  /** The command above it. */
  getParent(): Command<any> | undefined {
    return this.definition.parent as Command<any> | undefined;
  }

  /** The command above all. */
  getMainCommand(): Command<any> {
    return this.getParent()?.getMainCommand() ?? this;
  }

  /** The commands below it. */
  getCommands(hidden?: boolean): Command<any>[] {
    const commands = [...this.definition.commands.values()] as Command<any>[];
    return commands.filter((it) => hidden || !it.definition.isHidden);
  }

  /** The command of that name below it. */
  getCommand(name: string, hidden?: boolean): Command<any> | undefined {
    return this.getCommands(hidden).find((it) => it.getName() === name);
  }

  /** Its options, and those that the commands above give to it. */
  getOptions(hidden?: boolean): Option[] {
    const { options, hasGlobals } = this.definition;
    const globals = hasGlobals ? this.getParent()?.getOptions(hidden).filter((it) => it.global) ?? [] : [];
    return [...globals, ...options.filter((it) => hidden || !it.hidden)];
  }

  /** Its arguments. */
  getArguments(): Argument[] {
    return this.definition.arguments;
  }

  /** The help. */
  getHelp(): string {
    return showHelp(this);
  }

  /** Print the help. */
  showHelp(): void {
    console.log(this.getHelp());
  }
}
