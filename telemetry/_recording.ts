/**
 * What a recording needs beside the lines of its events.
 *
 * @module
 */
import type { ClockBaseline } from "./_instance_clock.ts";
import { machineRecordOf, type MachineVersion } from "./_machine_entry.ts";
import type { TelemetryRecord } from "./protocol.ts";

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
  version: Pick<MachineVersion, "line" | "receivedAt"> | undefined,
  baseline: ClockBaseline,
  first: TelemetryRecord,
): string | undefined {
  const seq = (first.kind === "gap" ? first.from : first.seq) - 1;
  if (version === undefined || first.kind === "machine" || seq < 1) return undefined;
  const record = machineRecordOf(version);
  const times = { at: first.at, receivedAt: first.receivedAt };
  const clock = { ticks: Array.from(baseline.ticks), machineTick: baseline.machineTick };
  return JSON.stringify({ ...record, ...times, ...clock, seq });
}
