import type { LogLevel } from "./transition.ts";

/** Log levels as the engine compares them. */
export const NOTHING = 0, EXTERNAL = 1, CHANGES = 2, OPS = 3, DECISIONS = 4, EVERYTHING = 5;

/** Names of the log levels, quietest first. */
export const LOG_LEVELS: readonly LogLevel[] = ["nothing", "external", "changes", "ops", "decisions", "everything"];

/** Where log lines go. */
export type LogSink = (level: LogLevel, text: string) => void;

/** Make the part of a log line that tells a mutation's arguments; `""` for none. */
export type ArgsFormatter = (args: Readonly<Record<string, unknown>>) => string;

/** The text log of one machine. Lines are made by the callers, and only after `level` told that somebody reads them. */
export class Log {
  /** Lines of this level and quieter ones are wanted. */
  readonly level: number;
  readonly #sink: LogSink;
  readonly #formatArgs: ArgsFormatter;

  constructor(level: number, sink: LogSink, formatArgs: ArgsFormatter) {
    this.level = level;
    this.#sink = sink;
    this.#formatArgs = formatArgs;
  }

  write(level: number, text: string): void {
    if (level <= this.level) this.#sink(LOG_LEVELS[level]!, text);
  }

  formatArgs(args: Readonly<Record<string, unknown>>): string {
    return this.#formatArgs(args);
  }
}

/** Arguments that are logged when `logArgs` names no others. */
export const DEFAULT_LOG_ARGS: readonly string[] = ["name", "id", "port", "addr", "err", "path", "url", "uri"];

/**
 * Make a formatter that shows named arguments: ` (id=7 name=foo)`, by key, values cut to 20 characters.
 *
 * @param names Keys of the arguments to show.
 */
export function argsFormatter(names: readonly string[]): ArgsFormatter {
  const sorted = [...names].sort();
  return (args) => {
    const shown: string[] = [];
    for (const name of sorted) {
      try {
        if (Object.hasOwn(args, name)) shown.push(`${name}=${shorten(args[name])}`);
      } catch {
        shown.push(`${name}=?`); // a getter or a proxy that throws must not keep the mutation from running
      }
    }
    return shown.length === 0 ? "" : ` (${shown.join(" ")})`;
  };
}

/** Read a log level by name or number; `undefined` when it is none. */
export function parseLogLevel(text: string | undefined): LogLevel | undefined {
  if (text === undefined || text === "") return undefined;
  return LOG_LEVELS.find((name, level) => name === text || String(level) === text);
}

function shorten(value: unknown): string {
  let text: string;
  try {
    text = String(value);
  } catch {
    text = typeof value; // an object without a way to become text
  }
  return text.length > 20 ? `${text.slice(0, 17)}...` : text;
}
