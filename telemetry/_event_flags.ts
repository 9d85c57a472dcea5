/**
 * What a store keeps beside each event, so that filters turn most events down without parsing them.
 *
 * @module
 */
import { asksForTransitions, type Filter, isEmptyTx, isHealthOnly } from "./_filter.ts";
import type { RecordKind, TelemetryRecord, TxRecord } from "./protocol.ts";

/** Kinds by the lowest three bits of the flags. */
const KINDS: readonly RecordKind[] = ["machine", "tx", "log", "pipe", "dispose", "gap"];

const KIND_BITS = 7;
const TYPES: readonly TxRecord["type"][] = ["add", "remove", "set"];

// Above the kind, for `tx`; the type takes two bits
const ACCEPTED = 1 << 3,
  AUTO = 1 << 4,
  CHECK = 1 << 5,
  QUEUED = 1 << 6,
  EMPTY = 1 << 7,
  HEALTH = 1 << 8,
  TYPE_SHIFT = 9;

// Above the kind, for `log`
const LEVEL_SHIFT = 3;

/** The kind that flags tell. */
export function kindOf(flags: number): RecordKind {
  return KINDS[flags & KIND_BITS]!;
}

/** Whether a record with these flags can move a clock. */
export function movesClock(flags: number): boolean {
  const kind = flags & KIND_BITS;
  return kind === 0 || (kind === 1 && (flags & (EMPTY | QUEUED)) === 0);
}

/** Sum up a record in 11 bits. */
export function flagsOf(record: TelemetryRecord, stateNames: readonly string[]): number {
  const kind = KINDS.indexOf(record.kind);
  if (record.kind === "log") return kind | record.level << LEVEL_SHIFT;
  if (record.kind !== "tx") return kind;
  return kind | (record.accepted ? ACCEPTED : 0) | (record.auto === true ? AUTO : 0) |
    (record.check === true ? CHECK : 0) | (record.queued === true ? QUEUED : 0) | (isEmptyTx(record) ? EMPTY : 0) |
    (isHealthOnly(record, stateNames) ? HEALTH : 0) | TYPES.indexOf(record.type) << TYPE_SHIFT;
}

/** Sum up the states that a transition calls or changes: bit `index % 32` for each. */
export function stateMaskOf(record: TelemetryRecord): number {
  if (record.kind !== "tx") return 0;
  let mask = 0;
  for (let i = 0; i < record.called.length; i++) mask |= 1 << record.called[i]!;
  for (let i = 0; i < record.ticks.length; i++) mask |= 1 << record.ticks[i]![0];
  return mask >>> 0;
}

/** A number by which to find a transition again; 0 for records that are none. FNV-1a over UTF-16 units. */
export function idHashOf(record: TelemetryRecord): number {
  return record.kind === "tx" ? hashText(record.id) : 0;
}

/** Hash a text to an integer of 1 … 2^32 - 1. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0 || 1;
}

/** What a store keeps beside an event. */
export interface EventSigns {
  /** See {@linkcode flagsOf}. */
  readonly flags: number;
  /** See {@linkcode stateMaskOf}. */
  readonly mask: number;
}

/**
 * Tell whether an event can pass a filter: what is turned down here, `matches()` turns down, too. `machine` is not looked
 * at.
 *
 * @param filter The filter.
 * @param signs What is kept beside the event.
 * @param stateNames Names of its machine's states.
 * @returns `false` if the event need not be parsed.
 */
export function mayMatch(filter: Filter, { flags, mask }: EventSigns, stateNames: readonly string[]): boolean {
  if (!mayMatchFlags(filter, flags)) return false;
  if (filter.state === undefined || kindOf(flags) !== "tx") return true;
  const index = stateNames.indexOf(filter.state);
  return index >= 0 && (mask >>> (index % 32) & 1) === 1;
}

function mayMatchFlags(filter: Filter, flags: number): boolean {
  switch (kindOf(flags)) {
    case "tx":
      return mayMatchTx(filter, flags);
    case "log":
      return !asksForTransitions(filter) && flags >> LEVEL_SHIFT <= (filter.level ?? Infinity);
    case "pipe":
      return !asksForTransitions(filter);
    default:
      return true;
  }
}

function mayMatchTx(filter: Filter, flags: number): boolean {
  if ((flags & CHECK) !== 0 && filter.checks !== true) return false;
  if (filter.accepted !== undefined && filter.accepted !== ((flags & ACCEPTED) !== 0)) return false;
  if (filter.auto !== undefined && filter.auto !== ((flags & AUTO) !== 0)) return false;
  if (filter.type !== undefined && filter.type !== TYPES[flags >> TYPE_SHIFT & 3]) return false;
  return (filter.empty !== false || (flags & EMPTY) === 0) && (filter.health !== false || (flags & HEALTH) === 0);
}
