/**
 * What a store knows of one machine.
 *
 * @module
 */
import type { EventMachine } from "./_filter.ts";
import type { ClockBaseline, InstanceClock } from "./_instance_clock.ts";
import type { MachineSummary } from "./_store.ts";
import type { MachineRecord } from "./protocol.ts";

/** The last machine record of a machine, which says what its state indexes mean. */
export interface MachineVersion {
  /** The machine as its events show it; the same object as long as id and names are the same. */
  readonly machine: EventMachine;
  /** Bytes of the record's line, without the time of its receipt. */
  readonly line: Uint8Array;
  /** When it was received, in milliseconds since 1970. */
  readonly receivedAt: number;
  /** Bytes that it takes, about; those of the names only if no other machine had them before. */
  readonly bytes: number;
  /** The machine it was made under. */
  readonly parent: MachineRecord["parent"];
  /** Its tags. */
  readonly tags: readonly string[];
}

/** What a registry keeps of one instance. */
export interface MachineEntry {
  /** Number of the instance in this store, from 1, in the order they came. */
  readonly slot: number;
  /** Its instance. */
  readonly instance: string;
  /** Its last machine record. */
  version: MachineVersion | undefined;
  /** What events show as long as there is no version, and after that the version's machine. */
  machine: EventMachine;
  /** Its clock. */
  clock: InstanceClock;
  /** The machine's queue tick. */
  queueTick: number;
  /** Number of the newest record. */
  lastSeq: number;
  /** Numbers up to `lastSeq` that never came: first and last of each range, ascending. */
  missing: number[];
  /** Whether it was disposed. */
  disposed: boolean;
  /** When the first record was received, in milliseconds since 1970. */
  firstReceivedAt: number;
  /** When the newest record was received, in milliseconds since 1970. */
  lastReceivedAt: number;
  /** When the store last took in a record of it; differs from `lastReceivedAt` after an import. */
  heardAt: number;
  /** Transitions that came. */
  transitions: number;
  /** Events that the store has. */
  events: number;
  /** Records that never came. */
  lost: number;
  /** Events that the store has dropped. */
  dropped: number;
  /** Number of the newest event that the store has dropped; 0 if there is none. */
  droppedThrough: number;
}

/** An entry as it is written down, in JSON; what its last machine record says is written down as that. */
export interface SavedEntry extends Omit<MachineEntry, "version" | "machine" | "clock"> {
  /** Its clock. */
  readonly clock: Omit<ClockBaseline, "stateNames">;
}

const decoder = new TextDecoder();

/** What is to be written down of an entry. */
export function savedEntryOf(entry: MachineEntry): SavedEntry {
  const { version: _, machine: __, clock: { ticks, machineTick, seq }, ...rest } = entry;
  return { ...rest, clock: { ticks, machineTick, seq } };
}

/** The machine record of a version. */
export function machineRecordOf({ line, receivedAt }: Pick<MachineVersion, "line" | "receivedAt">): MachineRecord {
  return { ...JSON.parse(decoder.decode(line)), receivedAt };
}

/** The machine as a list shows it. */
export function summaryOf(entry: MachineEntry, { machine, parent, tags }: MachineVersion): MachineSummary {
  const { instance, disposed, firstReceivedAt, lastReceivedAt, transitions, events, lost, dropped } = entry;
  const who = { instance, id: machine.id, ...(parent !== undefined && { parent }), tags };
  const clock = {
    stateCount: machine.stateNames.length,
    sum: entry.clock.sum,
    activeStates: entry.clock.activeStates(),
  };
  return { ...who, ...clock, disposed, firstReceivedAt, lastReceivedAt, transitions, events, lost, dropped };
}

/** Whether a machine will hardly send anything any more: it is disposed, or was silent for long. */
export function isDisconnected(entry: MachineEntry, now: number, silentMs: number): boolean {
  return entry.disposed || now - entry.heardAt > silentMs;
}
