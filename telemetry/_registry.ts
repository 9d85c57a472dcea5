/**
 * The machines that a store knows: which records it has of each, and where its clock stands.
 *
 * @module
 */
import type { EventMachine } from "./_filter.ts";
import { InstanceClock } from "./_instance_clock.ts";
import { takeTime, type TimedRecord } from "./_line.ts";
import {
  type MachineEntry,
  machineRecordOf,
  type MachineVersion,
  type SavedEntry,
  summaryOf,
} from "./_machine_entry.ts";
import { MachineList } from "./_machine_list.ts";
import type { AppendOptions, Dropped, DropReason, Incoming, MachineDetail, MachineQuery } from "./_store.ts";
import type { MachineSummary, Page } from "./_store.ts";
import { type GapRecord, type MachineRecord, PROTOCOL_VERSION, type TelemetryRecord } from "./protocol.ts";

/** What a registry counts over all machines, those forgotten included. */
export interface RegistryCounts {
  transitions: number;
  duplicates: number;
  lost: number;
  dropped: number;
}

/** A machine record as stores keep it. */
export interface TimedMachine extends TimedRecord {
  /** The record. */
  readonly record: MachineRecord;
}

/** Takes an event into a store. */
export type PutEvent = (entry: MachineEntry, event: TimedRecord) => void;

/** What a registry says of a batch. */
export interface Received {
  /** Records that the store had already. */
  duplicates: number;
  /** The instances of the batch. */
  touched: ReadonlySet<MachineEntry>;
}

/** The ranges of missing numbers remembered for one instance; what comes late for an older one is taken for a duplicate. */
const MAX_MISSING_RANGES = 256;

/** Bytes for which the parts of an entry are counted, beside its texts and ticks: measured, see the test of the cap. */
const ENTRY_BYTES = 1_500;

/** Bytes that a name takes beside its characters. */
const NAME_BYTES = 32;

/** The latest time that a `Date` can be. */
const MAX_TIME = 8.64e15;

const encoder = new TextEncoder();

/**
 * Knows the machines of one store. A batch goes through {@linkcode Registry.receive}, which hands each new record to the
 * store and drops the others.
 */
export class Registry {
  /** What was counted. */
  readonly counts: RegistryCounts = { transitions: 0, duplicates: 0, lost: 0, dropped: 0 };
  readonly #entries = new Map<string, MachineEntry>();
  /** The same entries, the one heard of least recently first. */
  readonly #byHeardAt = new Set<MachineEntry>();
  readonly #slots = new Map<number, MachineEntry>();
  readonly #byId = new Map<string, Set<MachineEntry>>();
  readonly #list = new MachineList();
  readonly #names = new Map<string, { readonly names: readonly string[]; users: number }>();
  #lastSlot = 0;
  #bytes = 0;

  /** How many machines there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** Bytes that the entries take, about. */
  get bytes(): number {
    return this.#bytes;
  }

  /** All machines, the one heard of least recently first. */
  byHeardAt(): Iterable<MachineEntry> {
    return this.#byHeardAt;
  }

  /** Find an instance. */
  get(instance: string): MachineEntry | undefined {
    return this.#entries.get(instance);
  }

  /** Find an instance by its number in this store. */
  atSlot(slot: number): MachineEntry | undefined {
    return this.#slots.get(slot);
  }

  /** The machines that an id or instance names, oldest first. */
  named(name: string): MachineEntry[] {
    const found = [...this.#byId.get(name) ?? []].sort((a, b) => a.slot - b.slot);
    const entry = this.#entries.get(name);
    return entry === undefined || found.includes(entry) ? found : [...found, entry];
  }

  /** The instances of an id, oldest first. */
  instancesOf(id: string): string[] {
    return [...this.#byId.get(id) ?? []].sort((a, b) => a.slot - b.slot).map((entry) => entry.instance);
  }

  /** One page of the list of machines. */
  list(query: MachineQuery): Page<MachineSummary> {
    const page = this.#list.page(query, query.instance === undefined ? undefined : this.#entries.get(query.instance));
    return { items: page.items.map((entry) => summaryOf(entry, entry.version!)), next: page.next };
  }

  /** All about one machine. */
  detail(instance: string): MachineDetail | undefined {
    const entry = this.#entries.get(instance);
    if (entry?.version === undefined) return undefined;
    const { clock, queueTick, lastSeq } = entry;
    const record = machineRecordOf(entry.version);
    const now = { ticks: [...clock.ticks], queueTick, lastSeq };
    return { ...summaryOf(entry, entry.version), record, ...now };
  }

  /**
   * Take in a batch.
   *
   * @param batch The records in the order they came.
   * @param receivedAt When.
   * @param put Takes each new record, and a gap in front of one that reveals a hole.
   * @param options How.
   */
  receive(batch: Iterable<Incoming>, receivedAt: number, put: PutEvent, options: AppendOptions = {}): Received {
    const touched = new Set<MachineEntry>();
    let duplicates = 0;
    for (const { record, line } of batch) {
      const time = toTime(options.keepReceivedAt === true ? record.receivedAt : undefined, receivedAt);
      const entry = this.#entries.get(record.instance) ?? this.#create(record.instance, time);
      touched.add(entry);
      const hole = this.#takeSeq(entry, record);
      if (hole === undefined) {
        duplicates++;
        continue;
      }
      if (hole.count > 0) this.#putGap(entry, hole, { at: record.at, receivedAt: time }, put);
      entry.lastReceivedAt = Math.max(entry.lastReceivedAt, time);
      this.#take(entry, { record, line: takeTime(record, line), receivedAt: time }, put);
    }
    for (const entry of touched) {
      entry.heardAt = receivedAt;
      this.#byHeardAt.delete(entry);
      this.#byHeardAt.add(entry);
    }
    this.counts.duplicates += duplicates;
    return { duplicates, touched };
  }

  /** Note that the store has dropped the oldest events of a machine. */
  drop(entry: MachineEntry, count: number, through: number): void {
    entry.events -= count;
    entry.dropped += count;
    entry.droppedThrough = Math.max(entry.droppedThrough, through);
    this.counts.dropped += count;
  }

  /** Forget a machine. */
  forget(entry: MachineEntry): void {
    this.#entries.delete(entry.instance);
    this.#byHeardAt.delete(entry);
    this.#slots.delete(entry.slot);
    this.#bytes -= bytesOf(entry);
    if (entry.version !== undefined) this.#unlist(entry, entry.version);
  }

  /**
   * Put in a machine that was written down, in the place of what is known of it.
   *
   * @param saved What was written down.
   * @param last The machine record that was its last, if one had come.
   */
  restore(saved: SavedEntry, last: TimedMachine | undefined): MachineEntry {
    const known = this.#entries.get(saved.instance);
    if (known !== undefined) this.forget(known);
    this.#lastSlot = Math.max(this.#lastSlot, saved.slot);
    const machine: EventMachine = { instance: saved.instance, id: "", stateNames: [] };
    const entry = this.#add({ ...saved, version: undefined, machine, clock: new InstanceClock() });
    if (last !== undefined) this.#setVersion(entry, last);
    entry.clock = new InstanceClock({ ...saved.clock, stateNames: entry.machine.stateNames });
    return entry;
  }

  #create(instance: string, receivedAt: number): MachineEntry {
    const machine: EventMachine = { instance, id: "", stateNames: [] };
    const times = { firstReceivedAt: receivedAt, lastReceivedAt: receivedAt, heardAt: receivedAt };
    const numbers = { queueTick: 0, lastSeq: 0, transitions: 0, events: 0, lost: 0, dropped: 0, droppedThrough: 0 };
    const slot = ++this.#lastSlot;
    const clock = new InstanceClock();
    const entry = { slot, instance, version: undefined, machine, clock, missing: [], disposed: false };
    return this.#add({ ...entry, ...times, ...numbers });
  }

  #add(entry: MachineEntry): MachineEntry {
    this.#entries.set(entry.instance, entry);
    this.#byHeardAt.add(entry);
    this.#slots.set(entry.slot, entry);
    this.#bytes += bytesOf(entry);
    return entry;
  }

  /** Takes the record's number; returns the hole before it, of count 0 if there is none, or `undefined` for a duplicate. */
  #takeSeq(entry: MachineEntry, record: TelemetryRecord): { from: number; count: number } | undefined {
    const { seq } = record;
    const expected = entry.lastSeq + 1;
    const from = record.kind === "gap" ? Math.max(record.from, expected) : seq;
    if (seq < expected) {
      if (record.kind === "gap" || !fillMissing(entry.missing, seq)) return undefined;
      this.#countLost(entry, -1);
      return { from: seq, count: 0 };
    }
    entry.lastSeq = seq;
    const hole = { from: expected, count: from - expected };
    const lastLost = record.kind === "gap" ? seq : seq - 1;
    if (lastLost >= expected) {
      addMissing(entry.missing, expected, lastLost);
      this.#countLost(entry, lastLost - expected + 1);
    }
    return hole;
  }

  #countLost(entry: MachineEntry, count: number): void {
    entry.lost += count;
    this.counts.lost += count;
  }

  #putGap(entry: MachineEntry, hole: { from: number; count: number }, times: GapTimes, put: PutEvent): void {
    const seq = hole.from + hole.count - 1;
    const head = { v: PROTOCOL_VERSION, kind: "gap", instance: entry.instance, seq } as const;
    const record: GapRecord = { ...head, at: times.at, ...hole };
    entry.events++;
    put(entry, { record, line: JSON.stringify(record), receivedAt: times.receivedAt });
  }

  /** A machine record says what the indexes of its own event mean already; others move the clock behind it. */
  #take(entry: MachineEntry, event: TimedRecord, put: PutEvent): void {
    const { record } = event;
    entry.events++;
    if (record.kind === "machine") this.#takeVersion(entry, { ...event, record });
    put(entry, event);
    if (record.kind === "tx") {
      entry.transitions++;
      this.counts.transitions++;
      entry.queueTick = Math.max(entry.queueTick, record.queueTick);
      entry.clock.apply(record);
    } else if (record.kind === "dispose") entry.disposed = true;
  }

  #takeVersion(entry: MachineEntry, event: TimedMachine): void {
    const { record } = event;
    if (record.seq < entry.clock.seq) return;
    entry.clock.apply(record);
    entry.queueTick = Math.max(entry.queueTick, record.queueTick);
    this.#setVersion(entry, event);
    entry.clock.stateNames = entry.machine.stateNames;
  }

  #setVersion(entry: MachineEntry, { record, line, receivedAt }: TimedMachine): void {
    this.#bytes -= bytesOf(entry);
    const { names: stateNames, bytes } = this.#shareNames(record.stateNames);
    if (entry.version !== undefined) this.#unlist(entry, entry.version);
    const { instance, machine } = entry;
    const isSame = machine.id === record.id && machine.stateNames === stateNames;
    entry.machine = isSame ? machine : { instance, id: record.id, stateNames };
    const { parent, tags = [] } = record;
    entry.version = {
      machine: entry.machine,
      line: encoder.encode(line),
      receivedAt,
      bytes: bytes + line.length,
      parent,
      tags,
    };
    this.#enlist(entry, entry.version);
    this.#bytes += bytesOf(entry);
  }

  /** The same list for the same names, so that machines of one schema share it. */
  #shareNames(names: readonly string[]): { names: readonly string[]; bytes: number } {
    const key = JSON.stringify(names);
    const shared = this.#names.get(key) ?? { names: [...names], users: 0 };
    this.#names.set(key, shared);
    const bytes = shared.users === 0 ? 2 * key.length + NAME_BYTES * names.length : 0;
    shared.users++;
    return { names: shared.names, bytes };
  }

  #enlist(entry: MachineEntry, { machine }: MachineVersion): void {
    const same = this.#byId.get(machine.id) ?? new Set();
    this.#byId.set(machine.id, same.add(entry));
    this.#list.add(entry);
  }

  #unlist(entry: MachineEntry, { machine }: MachineVersion): void {
    const same = this.#byId.get(machine.id)!;
    same.delete(entry);
    if (same.size === 0) this.#byId.delete(machine.id);
    this.#list.remove(entry);
    const key = JSON.stringify(machine.stateNames);
    const shared = this.#names.get(key)!;
    if (--shared.users === 0) this.#names.delete(key);
  }
}

interface GapTimes {
  at: number;
  receivedAt: number;
}

/** Sums up drops of the same machines. */
export class DropList {
  readonly #drops = new Map<MachineEntry, Dropped>();
  readonly #reason: DropReason;

  constructor(reason: DropReason) {
    this.#reason = reason;
  }

  /** Add a drop. */
  add(entry: MachineEntry, count: number, through: number): void {
    const { instance, machine: { id } } = entry;
    const before = this.#drops.get(entry)?.count ?? 0;
    const sums = { count: before + count, through: Math.max(through, entry.droppedThrough), forgotten: false };
    this.#drops.set(entry, { instance, id, ...sums, reason: this.#reason });
  }

  /** Note that the machine is forgotten. */
  forget(entry: MachineEntry): void {
    if (!this.#drops.has(entry)) this.add(entry, 0, entry.droppedThrough);
    this.#drops.set(entry, { ...this.#drops.get(entry)!, forgotten: true });
  }

  /** All drops. */
  toArray(): Dropped[] {
    return [...this.#drops.values()];
  }
}

/** A time that came along if it is one, or else that of the batch; in whole milliseconds. */
function toTime(kept: number | undefined, receivedAt: number): number {
  return Math.floor(kept !== undefined && kept >= 0 && kept <= MAX_TIME ? kept : receivedAt);
}

function addMissing(ranges: number[], first: number, last: number): void {
  if (ranges[ranges.length - 1] === first - 1) ranges[ranges.length - 1] = last;
  else ranges.push(first, last);
  if (ranges.length > 2 * MAX_MISSING_RANGES) ranges.splice(0, 2);
}

/** Takes a number out of the ranges; returns whether it was in one. */
function fillMissing(ranges: number[], seq: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) {
    const [first, last] = [ranges[i]!, ranges[i + 1]!];
    if (seq < first || seq > last) continue;
    const left = seq > first ? [first, seq - 1] : [];
    const right = seq < last ? [seq + 1, last] : [];
    ranges.splice(i, 2, ...left, ...right);
    return true;
  }
  return false;
}

function bytesOf({ version, clock }: MachineEntry): number {
  return ENTRY_BYTES + (version?.bytes ?? 0) + 8 * clock.ticks.length;
}
