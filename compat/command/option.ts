/** An argument of a command, or the value of an option. */
export interface Argument {
  /** Its name. */
  name: string;
  /** Name of its type. */
  type: string;
  /** Whether it may be left out. */
  optional?: boolean;
  /** Whether it takes all arguments that follow. */
  variadic?: boolean;
}

/** Options of an option. */
export interface OptionOptions {
  /** Whether the command cannot do without it. */
  required?: boolean;
  /** Whether it may be given more than once; its value is a list then. */
  collect?: boolean;
  /** Whether help says nothing of it. */
  hidden?: boolean;
  /** Names of options that cannot be given with it. */
  conflicts?: string[];
  /** Its value when it is not given. */
  default?: unknown;
}

/** An option of a command. */
export interface Option extends Omit<OptionOptions, "default"> {
  /** Its long name, without dashes. */
  name: string;
  /** What it is for. */
  description: string;
  /** Its names with their dashes. */
  flags: string[];
  /** Its values: one, or none for a flag. */
  args: Argument[];
  /** Its value when it is not given. */
  default?: unknown;
  /** Whether the commands below know it, too. */
  global?: boolean;
}

/** Read `-o, --out <file:file>`. */
export function parseOption(text: string, description: string, options: OptionOptions, global: boolean): Option {
  const [, names = "", value = ""] = /^([^<[]*)(.*)$/.exec(text) ?? [];
  const flags = names.split(/[ ,]+/).filter(Boolean);
  const name = flags.find((flag) => flag.startsWith("--"))?.slice(2);
  if (name === undefined) throw new TypeError(`Cannot add option "${text}": it has no long name`);
  return { ...options, name, description, flags, args: parseArguments(value), ...(global ? { global } : {}) };
}

/** Read `<id:string> [tx:string] [...more:string]`. */
export function parseArguments(text: string): Argument[] {
  return text.split(" ").filter(Boolean).map((part) => {
    const [, bracket, dots, name, type = "string"] = /^([<[])(\.\.\.)?([^:>\]]+)(?::([^>\]]+))?[>\]]$/.exec(part) ?? [];
    if (name === undefined) throw new TypeError(`Cannot add argument "${part}": it is no <name:type>`);
    return {
      name,
      type,
      ...(bracket === "[" ? { optional: true } : {}),
      ...(dots === undefined ? {} : { variadic: true }),
    };
  });
}

/** Write an argument as help shows it. */
export function showArgument({ name, optional, variadic }: Argument): string {
  const text = name + (variadic ? "..." : "");
  return optional ? `[${text}]` : `<${text}>`;
}

/** The key of an option among the values: `tokenFile` of `token-file`. */
export function keyOf(name: string): string {
  return name.replace(/^no-/, "").replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
