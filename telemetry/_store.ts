/**
 * The contract between the server and what keeps its events: in memory ({@linkcode MemoryStore} of `_memory_store.ts`)
 * or in a file ({@linkcode FileStore} of `_file_store.ts`), behind one interface.
 *
 * Every record that a store takes becomes an event with a number `n`: 1, 2, 3 … over all machines, without holes until
 * something is dropped. A cursor is such a number, so it stays right while events come and go.
 *
 * @module
 */
import type { EventMachine, Filter } from "./_filter.ts";
import type { MachineDetail, MachineSummary, StateAt } from "./answers.ts";
import type { RecordKind, TelemetryRecord } from "./protocol.ts";

export type { MachineDetail, MachineSummary, StateAt };

/** A record on its way in. */
export interface Incoming {
  /** The record, valid. The store keeps no reference to it, but may set its `receivedAt`. */
  readonly record: TelemetryRecord;
  /** Its JSON, one line without its end. */
  readonly line: string;
}

/** A record in its place in the one stream of all machines. */
export interface StoredEvent {
  /** Its number in the stream, from 1. */
  readonly n: number;
  /** The record, with `receivedAt`. */
  readonly record: TelemetryRecord;
  /** The JSON of `record`, one line without its end. */
  readonly line: string;
  /** Whose record it is. */
  readonly machine: EventMachine;
}

/** How {@linkcode Store.append} goes about a batch. */
export interface AppendOptions {
  /** Whether a record keeps the `receivedAt` that it brings along, as an import wants; it is replaced by default. */
  readonly keepReceivedAt?: boolean;
  /** Tells whether the events of a machine are to be returned, which costs; all are by default. */
  readonly isWanted?: (machine: EventMachine) => boolean;
}

/** What became of a batch. */
export interface Appended {
  /**
   * What was stored and is wanted, in order. A hole in the numbers of an instance shows as a gap record made by the store, in front of
   * the record that revealed it. The list is the caller's.
   */
  readonly events: StoredEvent[];
  /** How many records the store had already. */
  readonly duplicates: number;
  /** Instances of the batch, whose machine record the store does not have. */
  readonly unknown: readonly string[];
  /** What had to go to make room, and what was too old. */
  readonly dropped: readonly Dropped[];
}

/** Why events were dropped: `memory` and `file` had reached their limit, `age` had passed, `clear` was called. */
export type DropReason = "memory" | "file" | "age" | "clear";

/** Events of one machine that the store has dropped: its oldest. */
export interface Dropped {
  /** Whose events they were. */
  readonly instance: string;
  /** Id of the machine; empty if no machine record had come. */
  readonly id: string;
  /** How many. */
  readonly count: number;
  /** Up to this number, nothing of the instance is left. */
  readonly through: number;
  /** Whether the store knows nothing of the instance any more. */
  readonly forgotten: boolean;
  /** Why. */
  readonly reason: DropReason;
}

/** One page of a list. */
export interface Page<Item> {
  /** What is on it; it may be short, even empty, with more to follow. */
  readonly items: readonly Item[];
  /** The cursor of the page that follows; `undefined` at the end. */
  readonly next: number | undefined;
}

/** Which machines to list. */
export interface MachineQuery {
  /** A part of the id; upper and lower case count as the same. */
  readonly search?: string | undefined;
  /** A whole id. */
  readonly id?: string | undefined;
  /** A whole instance. */
  readonly instance?: string | undefined;
  /** One of the machine's tags, whole. */
  readonly tag?: string | undefined;
  /**
   * How many at most.
   *
   * @default 100
   */
  readonly limit?: number | undefined;
  /** `next` of the page before. */
  readonly cursor?: number | undefined;
}

/** Which events of a machine to list. */
export interface TransitionQuery {
  /** Which of them; `machine` in it is ignored. */
  readonly filter?: Filter | undefined;
  /**
   * The kinds of records.
   *
   * @default ["tx"]
   */
  readonly kinds?: readonly RecordKind[] | undefined;
  /**
   * How many at most.
   *
   * @default 100
   */
  readonly limit?: number | undefined;
  /** The number behind which the page begins, in the direction of `order`: `next` of the page before, or any other. */
  readonly cursor?: number | undefined;
  /**
   * Oldest or newest first.
   *
   * @default "asc"
   */
  readonly order?: "asc" | "desc" | undefined;
}

/** Events that a reader can no longer get. */
export interface EventGap {
  /** Number of the first. */
  readonly from: number;
  /** How many there are between `from` and the end of the page; those that a filter had left out count, too. */
  readonly count: number;
}

/** How {@linkcode Store.eventsAfter} reads. */
export interface EventQuery {
  /**
   * How many at most.
   *
   * @default 1000
   */
  readonly limit?: number | undefined;
  /** Characters of their lines after which the page ends, if it is to be smaller than others. */
  readonly size?: number | undefined;
  /** Which of them. */
  readonly filter?: Filter | undefined;
}

/** A part of the stream. */
export interface EventPage {
  /** The events in order. */
  readonly events: readonly StoredEvent[];
  /** The number up to which all is read: where to go on. It is `lastEvent` when nothing is left. */
  readonly through: number;
  /** What is missing between the number asked for and `through`. */
  readonly gap?: EventGap;
}

/** Which machines to record. */
export interface RecordingQuery {
  /** An id, for all its instances, or an instance; all machines by default. */
  readonly machine?: string | undefined;
}

/** Everything about some machines, to be read again by {@linkcode Store.append}. */
export interface Recording {
  /** How many lines there are to come, at most. */
  readonly total: number;
  /**
   * The lines in the order of their events, without line ends. A machine whose first events were dropped begins with a
   * machine record that holds its ticks then, in the place of the last one dropped.
   */
  readonly lines: Iterable<string>;
}

/** Numbers about a store. */
export interface StoreStats {
  /** Machines. */
  readonly machines: number;
  /** Events. */
  readonly events: number;
  /** Transitions ever taken in, checks and queued mutations included. */
  readonly transitions: number;
  /** Records refused as duplicates. */
  readonly duplicates: number;
  /** Records that never came. */
  readonly lost: number;
  /** Events dropped. */
  readonly dropped: number;
  /** Bytes in use, of memory or of the file. */
  readonly bytes: number;
  /** Bytes at which the store begins to drop. */
  readonly maxBytes: number;
}

/** What keeps the events of all machines. */
export interface Store {
  /** Random name of the numbering: while it is the same, an event's number means the same event. */
  readonly epoch: string;
  /** Number of the newest event ever taken in; 0 if there was none. */
  readonly lastEvent: number;

  /**
   * Take in a batch, all of it or nothing. When it returns, the file store has it safe from a kill of the process.
   *
   * A record whose (instance, seq) the store has is dropped, a hole before a record becomes a gap event. A record that
   * comes late fills the hole: it is stored, but moves no clock.
   *
   * @param batch The records, in the order they came; it is read once.
   * @param receivedAt When, in milliseconds since 1970.
   * @param options How.
   * @returns What became of it.
   * @throws {StoreError} when the file cannot take it; nothing of the batch is stored then.
   */
  append(batch: Iterable<Incoming>, receivedAt: number, options?: AppendOptions): Appended;

  /**
   * List machines, the newest first. One whose machine record has not come is not among them.
   *
   * @param query Which.
   * @returns A page.
   */
  machines(query?: MachineQuery): Page<MachineSummary>;

  /**
   * Find a machine.
   *
   * @param instance Its instance.
   * @returns All about it; `undefined` if it is unknown, or its machine record has not come.
   */
  machine(instance: string): MachineDetail | undefined;

  /**
   * Find the machines of an id.
   *
   * @param id The id.
   * @returns Their instances, oldest first.
   */
  instancesOf(id: string): readonly string[];

  /**
   * List transitions of a machine, or other records of it.
   *
   * @param instance Its instance.
   * @param query Which.
   * @returns A page; an empty one if the machine is unknown.
   */
  transitions(instance: string, query?: TransitionQuery): Page<StoredEvent>;

  /**
   * Find a transition.
   *
   * @param instance The instance of its machine.
   * @param id Its id, or that of a queued mutation.
   * @returns Its event; `undefined` if it is not here.
   */
  transition(instance: string, id: string): StoredEvent | undefined;

  /**
   * Work out where a machine stood after a transition.
   *
   * @param instance Its instance.
   * @param id Id of the transition.
   * @returns Ticks and active states; `undefined` if the transition is not here.
   */
  stateAt(instance: string, id: string): StateAt | undefined;

  /**
   * Read the stream of all machines on from an event.
   *
   * @param n Number of the last event that the reader has; 0 for none.
   * @param query How many, and which.
   * @returns The events that follow, with a gap if some are dropped.
   */
  eventsAfter(n: number, query?: EventQuery): EventPage;

  /**
   * Record machines as lines that an `append()` of another store takes in.
   *
   * @param query Which machines.
   * @returns The lines; they are read as they are taken, up to the event that was the last at the call.
   */
  recording(query?: RecordingQuery): Recording;

  /**
   * Drop all events and machines. Numbers go on.
   *
   * @returns What was dropped.
   */
  clear(): readonly Dropped[];

  /** Count. */
  stats(): StoreStats;

  /** Let go of the memory or the file. Calling it again does nothing. */
  close(): void;
}

/**
 * What is wrong with the file of a store: another process has it (`locked`), it is no store of ours (`foreign`), damaged
 * (`corrupt`), written by a later version (`newer`), not writable (`read-only`), cannot be opened (`unreadable`), has
 * no room for the batch (`full`), lies on a disk with errors (`disk`), or the runtime has no SQLite (`unsupported`).
 *
 * @example Usage
 * ```ts
 * import { StoreError, type StoreErrorCode } from "@asyncmachine/asyncmachine/telemetry/server";
 * import { assertEquals } from "@std/assert";
 *
 * const advice: Partial<Record<StoreErrorCode, string>> = { locked: "end the other server", full: "make room" };
 * const error = new StoreError('Cannot open "a.db"', { code: "locked", path: "a.db" });
 * assertEquals(advice[error.code], "end the other server");
 * ```
 */
export type StoreErrorCode =
  | "locked"
  | "foreign"
  | "corrupt"
  | "newer"
  | "read-only"
  | "unreadable"
  | "full"
  | "disk"
  | "unsupported";

/**
 * The file of a store cannot be used.
 *
 * @example Usage
 * ```ts
 * import { StoreError } from "@asyncmachine/asyncmachine/telemetry/server";
 * import { assertEquals } from "@std/assert";
 *
 * function explain(error: unknown): string {
 *   return error instanceof StoreError ? `${error.path} is ${error.code}` : String(error);
 * }
 *
 * assertEquals(explain(new StoreError('Cannot open "a.db"', { code: "read-only", path: "a.db" })), "a.db is read-only");
 * ```
 */
export class StoreError extends Error {
  /** What is wrong. */
  readonly code: StoreErrorCode;
  /** Path of the file. */
  readonly path: string;

  /**
   * Make the error.
   *
   * @param message What was to be done, and why it cannot be.
   * @param options What is wrong with which file; and the error of SQLite, if there was one.
   */
  constructor(message: string, options: { code: StoreErrorCode; path: string; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "StoreError";
    this.code = options.code;
    this.path = options.path;
  }
}

/** Make the name of a new numbering. */
export function newEpoch(): string {
  return crypto.randomUUID().replaceAll("-", "").slice(0, 16);
}
