import { CommandFailure, USAGE } from "./_exit_codes.ts";

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Read the time from which on something is wanted.
 *
 * @param text `all`, a duration (`30s`, `5m`, `2h`, `1d`), a time of today (`10:30`, `10:30:15`), or a date with or without
 * a time (`2026-01-02`, `2026-01-02T10:30:00Z`).
 * @param now The time, in milliseconds since 1970.
 * @returns Milliseconds since 1970; 0 for all.
 *
 * @throws {CommandFailure} when it is none of these.
 */
export function parseSince(text: string, now: number): number {
  if (text === "all") return 0;
  const [, count, unit] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return now - Number(count) * UNITS[unit!]!;
  const [, hours, minutes, seconds = "0"] = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text) ?? [];
  if (hours !== undefined && Number(hours) < 24 && Number(minutes) < 60 && Number(seconds) < 60) {
    return new Date(now).setHours(Number(hours), Number(minutes), Number(seconds), 0);
  }
  const time = /^\d{4}-\d{2}-\d{2}(T\S+)?$/.test(text) ? new Date(text).getTime() : NaN;
  if (!Number.isNaN(time)) return time;
  throw new CommandFailure(`Cannot begin at "${text}": --since takes all, 30s, 5m, 2h, 1d, 10:30 or a date`, USAGE);
}
