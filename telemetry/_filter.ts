/**
 * Which events a reader wants: one meaning for the pages of a store and for the live stream.
 *
 * @module
 */
import type { LogTuple, PipeRecord, TelemetryRecord, TxRecord } from "./protocol.ts";

/** A machine at the time of an event: what it takes to read the state indexes in a record. */
export interface EventMachine {
  /** Its instance. */
  readonly instance: string;
  /** Its id; empty as long as no machine record came. */
  readonly id: string;
  /** Names of its states in index order, as they were at the event; empty as long as no machine record came. */
  readonly stateNames: readonly string[];
}

/**
 * What has to be true of an event. All conditions that are there have to hold.
 *
 * Records that say who a machine is and what is missing (`machine`, `dispose`, `gap`) are asked for `machine` only:
 * whoever reads transitions needs them. Of the others, a `log` record is left out by `state`, `type`, `accepted` and
 * `auto`, and a `pipe` record by `type`, `accepted` and `auto`, as these ask for transitions.
 */
export interface Filter {
  /** Id or instance of the machine. */
  readonly machine?: string | undefined;
  /** Name of a state that is called, or changes its tick; of a pipe record, its state. */
  readonly state?: string | undefined;
  /** What the mutation does with the called states. */
  readonly type?: TxRecord["type"] | undefined;
  /** Whether nothing refused it: `true` or `false` selects, absent takes both. */
  readonly accepted?: boolean | undefined;
  /** Whether the machine made it itself, to try its auto states: `true` or `false` selects, absent takes both. */
  readonly auto?: boolean | undefined;
  /**
   * Whether checks are there, too.
   *
   * @default false
   */
  readonly checks?: boolean | undefined;
  /**
   * Whether transitions that change no tick are there, too. A queued mutation is no such transition.
   *
   * @default true
   */
  readonly empty?: boolean | undefined;
  /**
   * Whether transitions that call and change nothing but `Healthcheck` and `Heartbeat` are there, too.
   *
   * @default true
   */
  readonly health?: boolean | undefined;
  /**
   * The highest level of log lines, from 1, external, to 5, everything. It leaves out `log` records above it; the lines
   * of a transition are cut by {@linkcode limitLog}.
   *
   * @default 5
   */
  readonly level?: number | undefined;
}

/** What a filter looks at: a stored event, for one. */
export interface FilteredEvent {
  /** The record. */
  readonly record: TelemetryRecord;
  /** Whose record it is. */
  readonly machine: EventMachine;
}

/** States that only tell that a machine is alive. */
const HEALTH_STATES: ReadonlySet<string> = new Set(["Healthcheck", "Heartbeat"]);

/**
 * Tell whether an event passes a filter.
 *
 * @param filter The filter.
 * @param event The event, with its machine.
 * @returns `true` if all conditions hold.
 */
export function matches(filter: Filter, event: FilteredEvent): boolean {
  const { record, machine } = event;
  if (filter.machine !== undefined && filter.machine !== machine.instance && filter.machine !== machine.id) {
    return false;
  }
  switch (record.kind) {
    case "tx":
      return matchesTx(filter, record, machine.stateNames);
    case "log":
      return filter.state === undefined && !asksForTransitions(filter) && record.level <= (filter.level ?? Infinity);
    case "pipe":
      return (filter.state === undefined || isAtState(record, filter.state)) && !asksForTransitions(filter);
    default:
      return true;
  }
}

/**
 * Cut the log lines of a record to a level.
 *
 * @param record The record.
 * @param level The highest level that stays, from 0, nothing, to 5, everything; all stay if it is absent.
 * @returns The record itself if nothing is to be cut, or else a copy.
 */
export function limitLog(record: TelemetryRecord, level: number | undefined): TelemetryRecord {
  if (level === undefined || record.kind !== "tx") return record;
  const isAbove = (line: LogTuple): boolean => line[0] > level;
  if (!record.log?.some(isAbove) && !record.preLog?.some(isAbove)) return record;
  const { log, preLog, ...rest } = record;
  const [kept, keptBefore] = [log, preLog].map((lines) => lines?.filter((line) => !isAbove(line)) ?? []);
  return {
    ...rest,
    ...(kept!.length > 0 && { log: kept! }),
    ...(keptBefore!.length > 0 && { preLog: keptBefore! }),
  };
}

/** Whether a filter has a condition that only a transition can fulfil. */
export function asksForTransitions(filter: Filter): boolean {
  return filter.type !== undefined || filter.accepted !== undefined || filter.auto !== undefined;
}

/** Whether a transition calls and changes nothing but health states, and at least one of them. */
export function isHealthOnly(record: TxRecord, stateNames: readonly string[]): boolean {
  const isHealth = (index: number): boolean => HEALTH_STATES.has(stateNames[index] ?? "");
  return record.called.length + record.ticks.length > 0 &&
    record.called.every(isHealth) && record.ticks.every(([index]) => isHealth(index));
}

/** Whether a transition changed no tick. */
export function isEmptyTx(record: TxRecord): boolean {
  return record.ticks.length === 0 && record.queued !== true;
}

function matchesTx(filter: Filter, record: TxRecord, stateNames: readonly string[]): boolean {
  if (record.check === true && filter.checks !== true) return false;
  if (filter.type !== undefined && filter.type !== record.type) return false;
  if (filter.accepted !== undefined && filter.accepted !== record.accepted) return false;
  if (filter.auto !== undefined && filter.auto !== (record.auto === true)) return false;
  if (filter.empty === false && isEmptyTx(record)) return false;
  if (filter.health === false && isHealthOnly(record, stateNames)) return false;
  if (filter.state === undefined) return true;
  const index = stateNames.indexOf(filter.state);
  return index >= 0 && (record.called.includes(index) || record.ticks.some(([changed]) => changed === index));
}

function isAtState(record: PipeRecord, state: string): boolean {
  return record.state === state;
}
