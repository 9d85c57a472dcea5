/**
 * Lines of records with and without the time of their receipt. Stores keep them without, as the time takes less by itself.
 *
 * @module
 */
import type { Incoming, StoredEvent } from "./_store.ts";
import type { EventMachine } from "./_filter.ts";
import type { TelemetryRecord } from "./protocol.ts";

/**
 * Set when a record was received, and take that out of its line.
 *
 * @param record The record; it may say another time.
 * @param line Its JSON.
 * @param receivedAt The time.
 * @returns The line without it, ending with the brace, and without a line break that JSON allows between its tokens.
 */
export function takeTime(record: TelemetryRecord, line: string, receivedAt: number): string {
  const before = record.receivedAt;
  const isClean = line.endsWith("}") && !line.includes("\r") && !line.includes("\n");
  setTime(record, receivedAt);
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

/** Make an event of a record and its line, both without the time of receipt. */
export function eventOf(
  n: number,
  { record, line }: Incoming,
  receivedAt: number,
  machine: EventMachine,
): StoredEvent {
  setTime(record, receivedAt);
  return { n, record, line: addTime(line, receivedAt), machine };
}

function timeSuffix(receivedAt: number): string {
  return `,"receivedAt":${receivedAt}}`;
}

function setTime(record: TelemetryRecord, receivedAt: number): void {
  (record as { receivedAt?: number }).receivedAt = receivedAt;
}
