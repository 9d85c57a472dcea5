/**
 * Records for the tests of stores.
 *
 * @module
 */

import type { Incoming } from "../../telemetry/_store.ts";
import type {
  DisposeRecord,
  GapRecord,
  LogRecord,
  MachineRecord,
  PipeRecord,
  TelemetryRecord,
  TxRecord,
} from "../../telemetry/protocol.ts";

/** When the tests' records are received, unless a test says otherwise. */
export const NOW = 1_700_000_000_000;

/** A record with the line that it came as. */
export function incoming(record: TelemetryRecord): Incoming {
  return { record: structuredClone(record), line: JSON.stringify(record) };
}

/** Records with their lines. */
export function batchOf(...records: TelemetryRecord[]): Incoming[] {
  return records.map(incoming);
}

/** A machine record; of the states A, B, C and D, all inactive, if nothing else is said. */
export function machineRecord(instance: string, seq: number, rest: Partial<MachineRecord> = {}): MachineRecord {
  const stateNames = rest.stateNames ?? ["A", "B", "C", "D"];
  const schema = Object.fromEntries(stateNames.map((name) => [name, {}]));
  const ticks = stateNames.map(() => 0);
  const head = { v: 1, kind: "machine", instance, seq, at: NOW - 10 } as const;
  return { ...head, id: `id-${instance}`, stateNames, schema, ticks, queueTick: 1, machineTick: 1, ...rest };
}

/** A transition; an accepted one that adds A and changes nothing, if nothing else is said. */
export function txRecord(instance: string, seq: number, rest: Partial<TxRecord> = {}): TxRecord {
  const head = { v: 1, kind: "tx", instance, seq, at: NOW - 5, id: `${instance}-tx${seq}`, type: "add" } as const;
  const queue = { queueTick: seq, mutationTick: seq, queueLength: 0 };
  return { ...head, called: [0], accepted: true, ...queue, ticks: [], sum: 0, duration: 0.25, ...rest };
}

/** A line of the log. */
export function logRecord(instance: string, seq: number, level = 1, text = "[exter] hello"): LogRecord {
  return { v: 1, kind: "log", instance, seq, at: NOW - 5, level, text };
}

/** A pipe that was bound to state A. */
export function pipeRecord(instance: string, seq: number, state = "A"): PipeRecord {
  const end = { direction: "out", type: "add", state, other: "target" } as const;
  return { v: 1, kind: "pipe", instance, seq, at: NOW - 5, change: "bound", ...end };
}

/** The end of a machine. */
export function disposeRecord(instance: string, seq: number): DisposeRecord {
  return { v: 1, kind: "dispose", instance, seq, at: NOW - 5 };
}

/** Records that the sender lost. */
export function gapRecord(instance: string, from: number, count: number): GapRecord {
  return { v: 1, kind: "gap", instance, seq: from + count - 1, at: NOW - 5, from, count };
}

/** What an event is, in one word: the instance, the kind and the number. */
export function nameOf({ record }: { readonly record: TelemetryRecord }): string {
  return `${record.instance} ${record.kind} ${record.seq}`;
}
