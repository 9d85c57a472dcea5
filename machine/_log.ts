import { readEnv } from "./_env.ts";
import type { MachineOptions } from "./options.ts";
import type { LogEntry, LogLevel } from "./transition.ts";

/** Log levels as the engine compares them. */
export const NOTHING = 0, EXTERNAL = 1, CHANGES = 2, OPS = 3, DECISIONS = 4, EVERYTHING = 5;

/** Names of the log levels, quietest first. */
export const LOG_LEVELS: readonly LogLevel[] = ["nothing", "external", "changes", "ops", "decisions", "everything"];

/** Where log lines go. */
export interface LogSinks {
  /** Whoever reads the log: gets lines up to the log's own level. */
  readonly logger: (level: LogLevel, text: string) => void;
  /** The tracers: get each line that is made. */
  readonly tracers: (level: LogLevel, text: string) => void;
}

/** Turns a mutation's arguments into what may be shown of them: texts by key, sorted. */
export type ArgsMapper = (args: Readonly<Record<string, unknown>>) => Readonly<Record<string, string>>;

/** The part of a transition that log lines are kept in. */
interface LoggedTransition {
  readonly completed: boolean;
  logEntries: LogEntry[];
  preLogEntries: readonly LogEntry[];
}

/** Lines kept from between transitions; the oldest go first when there are more. */
const MAX_KEPT = 1000;

/** Lines that may repeat: the same text twice says that something happened twice. */
const MAY_REPEAT = /^\[(?:pipe-|ctx|when)/;

/**
 * The text log of one machine. Lines are made by the callers, and only after `level` told that somebody reads them.
 *
 *     level    = the louder one of loggerLevel (the logger's) and entriesLevel (what tracers want)
 *     entries  → the running transition, or kept for the next one
 */
export class Log {
  /** Lines of this level and quieter ones are wanted. */
  level: number;
  readonly #loggerLevel: number;
  readonly #sinks: LogSinks;
  readonly #mapArgs: ArgsMapper;
  #entriesLevel: number = NOTHING;
  #kept: LogEntry[] = [];
  #transition: LoggedTransition | null = null;

  constructor(level: number, sinks: LogSinks, mapArgs: ArgsMapper) {
    this.level = level;
    this.#loggerLevel = level;
    this.#sinks = sinks;
    this.#mapArgs = mapArgs;
  }

  /** Make lines up to this level for tracers, and keep them with transitions. */
  wantEntries(level: number): void {
    this.#entriesLevel = level;
    this.level = Math.max(this.#loggerLevel, level);
    if (level === NOTHING) this.#kept = [];
  }

  /** Keep lines with this transition from now on; those since the last one come before it. */
  startTransition(transition: LoggedTransition): void {
    if (this.#entriesLevel === NOTHING) return;
    transition.preLogEntries = this.#kept;
    transition.logEntries = [];
    this.#kept = [];
    this.#transition = transition;
  }

  write(level: number, text: string): void {
    if (level > this.level) return;
    const name = LOG_LEVELS[level]!;
    if (level <= this.#entriesLevel) this.#keep({ level: name, text });
    if (level <= this.#loggerLevel) this.#sinks.logger(name, text);
    this.#sinks.tracers(name, text);
  }

  mapArgs(args: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
    return this.#mapArgs(args);
  }

  /** ` (id=7 name=foo)`, or nothing. */
  formatArgs(args: Readonly<Record<string, unknown>>): string {
    const shown = Object.entries(this.#mapArgs(args)).map(([key, value]) => `${key}=${value}`);
    return shown.length === 0 ? "" : ` (${shown.join(" ")})`;
  }

  #keep(entry: LogEntry): void {
    if (this.#transition !== null && !this.#transition.completed) {
      this.#transition.logEntries.push(entry);
      return;
    }
    this.#transition = null;
    if (this.#kept.at(-1)?.text === entry.text && !MAY_REPEAT.test(entry.text)) return;
    this.#kept.push(entry);
    if (this.#kept.length > MAX_KEPT) this.#kept.shift();
  }
}

/** Arguments that are logged when `logArgs` names no others. */
const DEFAULT_LOG_ARGS: readonly string[] = ["name", "id", "port", "addr", "err", "path", "url", "uri"];

/**
 * Make a mapper that shows named arguments, values as texts of at most 20 characters.
 *
 * @param names Keys of the arguments to show.
 */
export function argsMapper(names: readonly string[]): ArgsMapper {
  const sorted = [...names].sort();
  return (args) => {
    const shown: [string, string][] = [];
    for (const name of sorted) {
      try {
        if (Object.hasOwn(args, name)) shown.push([name, shorten(args[name])]);
      } catch {
        shown.push([name, "?"]); // a getter or a proxy that throws must not keep the mutation from running
      }
    }
    return Object.fromEntries(shown);
  };
}

/** What a log is made with. */
export interface LogSetup {
  readonly level: number;
  readonly logger: LogSinks["logger"];
  /** Whether lines start with the id of the machine. */
  readonly hasId: boolean;
  readonly mapArgs: ArgsMapper;
}

/** Options of a machine that are about its log. */
export type LogOptions = Pick<MachineOptions, "logLevel" | "logger" | "logId" | "logArgs">;

/** Read options; {@linkcode DEFAULT_SETUP} when they ask for no more than it has. */
export function readLogOptions({ logLevel, logger, logId, logArgs }: LogOptions): LogSetup {
  const name = logLevel ?? parseLogLevel(readEnv("AM_LOG")) ?? "nothing";
  const level = LOG_LEVELS.indexOf(name);
  if (level < 0) throw new RangeError(`Cannot log at level "${name}": the levels are ${LOG_LEVELS.join(", ")}`);
  if (level === NOTHING && logger === undefined && logId === undefined && logArgs === undefined) return DEFAULT_SETUP;
  return {
    level,
    logger: logger ?? logToConsole,
    hasId: logId ?? true,
    mapArgs: logArgs === undefined ? mapDefaultArgs : argsMapper(logArgs || []),
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

/** Shows the arguments that are logged when `logArgs` names no others. */
const mapDefaultArgs: ArgsMapper = argsMapper(DEFAULT_LOG_ARGS);

function logToConsole(_level: LogLevel, line: string): void {
  console.log(line);
}

/** What logs are made with when no option says otherwise. */
export const DEFAULT_SETUP: LogSetup = {
  level: NOTHING,
  logger: logToConsole,
  hasId: true,
  mapArgs: mapDefaultArgs,
};

/** The log of all machines whose lines nobody reads. */
export const SILENT: Log = new Log(NOTHING, { logger() {}, tracers() {} }, mapDefaultArgs);
