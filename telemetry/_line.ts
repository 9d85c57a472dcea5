/**
 * Lines of records with and without the time of their receipt. Stores keep them without, as the time takes less by itself.
 *
 * @module
 */
import type { StoredEvent } from "./_store.ts";
import type { EventMachine } from "./_filter.ts";
import type { TelemetryRecord } from "./protocol.ts";

/** A record as stores keep it. */
export interface TimedRecord {
  /** The record; what it says of the time of its receipt does not count. */
  readonly record: TelemetryRecord;
  /** Its JSON without that time. */
  readonly line: string;
  /** When it was received, in milliseconds since 1970. */
  readonly receivedAt: number;
}

/**
 * Take the time of receipt out of the line of a record.
 *
 * @param record The record.
 * @param line Its JSON.
 * @returns The line without it, ending with the brace, and without a line break that JSON allows between its tokens.
 */
export function takeTime(record: TelemetryRecord, line: string): string {
  const before = record.receivedAt;
  const isClean = line.endsWith("}") && !line.includes("\r") && !line.includes("\n");
  if (before === undefined && isClean) return line;
  const suffix = timeSuffix(before ?? 0);
  if (isClean && line.endsWith(suffix)) return `${line.slice(0, -suffix.length)}}`;
  const { receivedAt: _, ...rest } = record;
  return JSON.stringify(rest);
}

/** Put the time of receipt into a line. */
export function addTime(line: string, receivedAt: number): string {
  return line.slice(0, -1) + timeSuffix(receivedAt);
}

/** Make an event: the record and its line get the time of receipt. */
export function eventOf(n: number, { record, line, receivedAt }: TimedRecord, machine: EventMachine): StoredEvent {
  (record as { receivedAt?: number }).receivedAt = receivedAt;
  return { n, record, line: addTime(line, receivedAt), machine };
}

function timeSuffix(receivedAt: number): string {
  return `,"receivedAt":${receivedAt}}`;
}
