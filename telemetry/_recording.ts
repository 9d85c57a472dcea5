/**
 * What a recording needs beside the lines of its events.
 *
 * @module
 */
import type { ClockBaseline } from "./_machine_clock.ts";
import type { MachineVersion } from "./_machine_entry.ts";
import type { MachineRecord, TelemetryRecord } from "./protocol.ts";

const decoder = new TextDecoder();

/**
 * Make the machine record with which a machine begins whose first events were dropped: as it was before the first event
 * that is left, and in the place of the one before that.
 *
 * @param version The machine at that event.
 * @param baseline Its clock before that event.
 * @param first The record of that event.
 * @returns The line; `undefined` if none is needed, or none can be made.
 */
export function baselineLine(
  version: MachineVersion | undefined,
  baseline: ClockBaseline,
  first: TelemetryRecord,
): string | undefined {
  const seq = (first.kind === "gap" ? first.from : first.seq) - 1;
  if (version === undefined || first.kind === "machine" || seq < 1) return undefined;
  const record: MachineRecord = JSON.parse(decoder.decode(version.line));
  const { at, receivedAt } = first;
  const times = { at, ...(receivedAt !== undefined && { receivedAt }) };
  const clock = { ticks: Array.from(baseline.ticks), machineTick: baseline.machineTick };
  return JSON.stringify({ ...record, ...times, ...clock, seq });
}
