/**
 * Keeps events in a file of SQLite, so that they outlast the process.
 *
 * @module
 */
import { flagsOf, hashText, idHashOf, kindOf, mayMatch, movesClock, stateMaskOf } from "./_event_flags.ts";
import { type EventMachine, matches } from "./_filter.ts";
import { addTime, eventOf, type TimedRecord } from "./_line.ts";
import { type ClockBaseline, InstanceClock } from "./_instance_clock.ts";
import { isDisconnected, type MachineEntry, type MachineVersion } from "./_machine_entry.ts";
import { type SavedEntry, savedEntryOf } from "./_machine_entry.ts";
import { PageBudget } from "./_page_budget.ts";
import { baselineLine } from "./_recording.ts";
import { DropList, Registry, type TimedMachine } from "./_registry.ts";
import { SqliteFile } from "./_sqlite_file.ts";
import { type Appended, newEpoch, StoreError } from "./_store.ts";
import type * as api from "./_store.ts";
import type { MachineRecord } from "./protocol.ts";

/** What {@linkcode FileStore} can be told. */
export interface FileStoreOptions {
  /**
   * The size of the file, in MB of 1,000,000 bytes, that it never exceeds. The oldest events go when it is nearly full,
   * whichever machine they are of: they lie in their order, so that only there room comes free. SQLite's log of writes
   * beside the file takes up to 16 MB more.
   *
   * @default 2_000
   */
  readonly maxFileMb?: number | undefined;
  /**
   * Hours after which an event goes, give or take a minute.
   *
   * @default 168
   */
  readonly maxAgeHours?: number | undefined;
  /**
   * Milliseconds after which a machine that sends nothing counts as disconnected: it is forgotten with its last event.
   *
   * @default 60_000
   */
  readonly silentMs?: number | undefined;
  /**
   * Whether a batch that was taken in is safe from a loss of power, too, and not only from the end of the process. Each
   * batch then waits for the disk. Without it, a loss of power may cost the last batches, and their numbers are given to
   * others; the file stays whole.
   *
   * @default false
   */
  readonly survivePowerLoss?: boolean | undefined;
}

const SCHEMA_VERSION = 1;

/** `versions` are machine records, `snapshots` clocks before an event, `ages` events before which all is older than `at`. */
const SCHEMA = `
  CREATE TABLE store (epoch TEXT NOT NULL, last_event INTEGER NOT NULL, counts TEXT NOT NULL) STRICT;
  CREATE TABLE machines (slot INTEGER PRIMARY KEY, instance TEXT NOT NULL UNIQUE, entry TEXT NOT NULL) STRICT;
  CREATE TABLE events (n INTEGER PRIMARY KEY, slot INTEGER NOT NULL, flags INTEGER NOT NULL, mask INTEGER NOT NULL,
    hash INTEGER NOT NULL, received_at INTEGER NOT NULL, line TEXT NOT NULL) STRICT;
  CREATE INDEX events_of_machines ON events (slot, n, flags, mask, hash);
  CREATE TABLE versions (slot INTEGER NOT NULL, n INTEGER NOT NULL, received_at INTEGER NOT NULL, line TEXT NOT NULL,
    PRIMARY KEY (slot, n)) STRICT;
  CREATE TABLE snapshots (slot INTEGER NOT NULL, n INTEGER NOT NULL, seq INTEGER NOT NULL, machine_tick INTEGER NOT NULL,
    ticks TEXT NOT NULL, PRIMARY KEY (slot, n)) STRICT;
  CREATE TABLE ages (n INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;
`;

/** Events of a machine between two snapshots; as many as it has states, if these are more. */
const SNAPSHOT_EVENTS = 256;

/** The shares of the file that are in use before and after making room, and after making room for a batch too big. */
const FULL_SHARE = 0.9, KEPT_SHARE = 0.88, SCARCE_SHARE = 0.5;

/** Events that one transaction drops. */
const DROPPED_EVENTS = 5_000;

/** How precisely the age of events is known. */
const AGE_MS = 60_000;

/** Rows that are read at a time. */
const CHUNK_ROWS = 500;

/** Rows with their lines that are read first, and characters of lines after which fewer are read at a time. */
const FIRST_ROWS = 16, CHUNK_SIZE = 1_000_000;

/** Events that one read of the stream passes at most. */
const MAX_SCANNED = 100_000;

/** The row of an event, without its text. */
interface SignsRow {
  readonly n: number;
  readonly slot: number;
  readonly flags: number;
  readonly mask: number;
}

/** The row of an event. */
interface EventRow extends SignsRow {
  readonly received_at: number;
  readonly line: string;
}

interface VersionRow {
  readonly n: number;
  readonly received_at: number;
  readonly line: string;
}

/** What this store keeps of a machine beside what all stores keep. */
interface Track {
  /** What the machine was, from which event on. */
  readonly machines: { readonly n: number; readonly machine: EventMachine }[];
  /** The version that was written last. */
  version: MachineVersion | undefined;
  /** Events since the last snapshot. */
  unsaved: number;
}

/** A store in a file. */
export class FileStore implements api.Store {
  readonly epoch: string;
  readonly #file: SqliteFile;
  readonly #maxPages: number;
  readonly #maxAgeMs: number;
  readonly #silentMs: number;
  readonly #registry = new Registry();
  readonly #tracks = new Map<number, Track>();
  #lastEvent: number;
  #events: number;
  #agedAt: number;

  /** Open the store in a file, or make it. */
  constructor(path: string, options: FileStoreOptions = {}) {
    const { maxFileMb = 2_000, maxAgeHours = 168, silentMs = 60_000, survivePowerLoss = false } = options;
    const maxBytes = maxFileMb * 1_000_000;
    this.#file = new SqliteFile(path, { schema: SCHEMA, version: SCHEMA_VERSION, maxBytes, survivePowerLoss });
    this.#maxPages = Math.floor(maxBytes / this.#file.pageBytes);
    this.#maxAgeMs = maxAgeHours * 3_600_000;
    this.#silentMs = silentMs;
    try {
      const store = this.#readStore();
      this.epoch = store.epoch;
      this.#lastEvent = store.last_event;
      Object.assign(this.#registry.counts, this.#file.parse(store.counts));
      this.#readMachines();
      this.#events = this.#file.number("SELECT count(*) FROM events");
      this.#agedAt = this.#file.number("SELECT max(at) FROM ages");
    } catch (error) {
      this.#file.close();
      throw error;
    }
  }

  get lastEvent(): number {
    return this.#lastEvent;
  }

  append(batch: Iterable<api.Incoming>, receivedAt: number, options?: api.AppendOptions): Appended {
    const records = [...batch]; // as what fails is tried again
    if (records.length === 0) return { events: [], duplicates: 0, unknown: [], dropped: [] };
    const dropped = [...this.#dropOld(receivedAt), ...this.#makeRoom(FULL_SHARE, KEPT_SHARE, receivedAt)];
    try {
      return { ...this.#append(records, receivedAt, options), dropped };
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== "full") throw error;
      dropped.push(...this.#makeRoom(SCARCE_SHARE, SCARCE_SHARE, receivedAt));
      return { ...this.#append(records, receivedAt, options), dropped };
    }
  }

  machines(query: api.MachineQuery = {}): api.Page<api.MachineSummary> {
    return this.#registry.list(query);
  }

  machine(instance: string): api.MachineDetail | undefined {
    return this.#registry.detail(instance);
  }

  instancesOf(id: string): readonly string[] {
    return this.#registry.instancesOf(id);
  }

  transitions(instance: string, query: api.TransitionQuery = {}): api.Page<api.StoredEvent> {
    const entry = this.#registry.get(instance);
    if (entry === undefined) return { items: [], next: undefined };
    const { filter: { machine: _, ...filter } = {}, kinds = ["tx"], limit = 100, order = "asc" } = query;
    const items: api.StoredEvent[] = [];
    const step = order === "asc" ? 1 : -1;
    const budget = new PageBudget();
    let cursor = query.cursor ?? (order === "asc" ? 0 : this.#lastEvent + 1);
    for (const rows of this.#signsOf(entry.slot, cursor, order)) {
      for (const row of rows) {
        if (items.length >= limit || budget.isSpent) return { items, next: row.n - step };
        cursor = row.n;
        if (!kinds.includes(kindOf(row.flags)) || !mayMatch(filter, row, this.#machineAt(row).stateNames)) continue;
        const event = this.#eventAt(row.n)!;
        budget.spend(event);
        if (matches(filter, event)) items.push(event);
      }
    }
    return { items, next: undefined };
  }

  transition(instance: string, id: string): api.StoredEvent | undefined {
    const entry = this.#registry.get(instance);
    if (entry === undefined) return undefined;
    const sql = "SELECT n FROM events WHERE slot = ? AND hash = ? ORDER BY n DESC";
    for (const { n } of this.#file.all<{ n: number }>(sql, entry.slot, hashText(id))) {
      const event = this.#eventAt(n)!;
      if (event.record.kind === "tx" && event.record.id === id) return event;
    }
    return undefined;
  }

  stateAt(instance: string, id: string): api.StateAt | undefined {
    const event = this.transition(instance, id);
    if (event === undefined || event.record.kind !== "tx") return undefined;
    const clock = this.#clockAt(this.#registry.get(instance)!.slot, event.n);
    const { ticks, sum } = clock;
    const { stateNames } = event.machine;
    const exact = event.record.sum === sum;
    return { n: event.n, stateNames, ticks, sum, activeStates: clock.activeStates(), exact };
  }

  eventsAfter(n: number, { limit = 1000, size, filter = {} }: api.EventQuery = {}): api.EventPage {
    const events: api.StoredEvent[] = [];
    const wanted = slotsOf(filter.machine === undefined ? undefined : this.#registry.named(filter.machine));
    const end = Math.min(this.#lastEvent, n + MAX_SCANNED);
    const gap = { from: 0, count: 0 };
    const budget = new PageBudget(size);
    let through = Math.min(n, end);
    const pass = (to: number): void => {
      if (to > through + 1 && gap.count === 0) gap.from = through + 1;
      gap.count += to - through - 1;
      through = to;
    };
    const page = (): api.EventPage => ({ events, through, ...(gap.count > 0 && { gap }) });
    for (const rows of this.#rowsAfter(through, end)) {
      for (const row of rows) {
        if (events.length >= limit || budget.isSpent) return page();
        pass(row.n);
        if (wanted !== undefined && !wanted.has(row.slot)) continue;
        const machine = this.#machineAt(row);
        if (!mayMatch(filter, row, machine.stateNames)) continue;
        const event = this.#eventOf(row, machine);
        budget.spend(event);
        if (matches(filter, event)) events.push(event);
      }
    }
    if (through < end && events.length < limit && !budget.isSpent) {
      pass(end + 1);
      through = end;
    }
    return page();
  }

  recording({ machine }: api.RecordingQuery = {}): api.Recording {
    const entries = machine === undefined ? [...this.#registry.byHeardAt()] : this.#registry.named(machine);
    const begun = new Set(
      entries.filter((entry) => entry.version === undefined || entry.dropped === 0 || entry.events === 0)
        .map((entry) => entry.slot),
    );
    const total = entries.reduce((sum, entry) => sum + entry.events, 0) + entries.length - begun.size;
    return { total, lines: this.#record(slotsOf(entries), begun) };
  }

  clear(): readonly api.Dropped[] {
    const drops = new DropList("clear");
    const entries = [...this.#registry.byHeardAt()];
    this.#file.transact(() => {
      for (const table of ["machines", "events", "versions", "snapshots", "ages"]) {
        this.#file.run(`DELETE FROM ${table}`);
      }
      const dropped = entries.reduce((sum, entry) => sum + entry.events, this.#registry.counts.dropped);
      this.#writeStore({ ...this.#registry.counts, dropped });
    });
    for (const entry of entries) {
      const { events } = entry;
      this.#registry.drop(entry, events, this.#lastEvent);
      drops.add(entry, events, this.#lastEvent);
      this.#forget(entry, drops);
    }
    this.#events = this.#agedAt = 0;
    return drops.toArray();
  }

  stats(): api.StoreStats {
    const { counts, size } = this.#registry;
    const { pageBytes, usedPages } = this.#file;
    const bytes = { bytes: usedPages * pageBytes, maxBytes: this.#maxPages * pageBytes };
    return { machines: size, events: this.#events, ...counts, ...bytes };
  }

  close(): void {
    this.#file.close();
  }

  #append(
    batch: readonly api.Incoming[],
    receivedAt: number,
    options: api.AppendOptions = {},
  ): Omit<Appended, "dropped"> {
    const { isWanted } = options;
    const events: api.StoredEvent[] = [];
    const put = (entry: MachineEntry, event: TimedRecord): void => {
      const n = this.#put(entry, event);
      if (isWanted === undefined || isWanted(entry.machine)) events.push(eventOf(n, event, entry.machine));
    };
    const instances = new Set(batch.map(({ record }) => record.instance));
    return this.#transact(instances, () => {
      this.#noteAge(receivedAt);
      const { duplicates, touched } = this.#registry.receive(batch, receivedAt, put, options);
      for (const entry of touched) this.#writeMachine(entry);
      const unknown = [...touched].filter(({ version }) => version === undefined).map(({ instance }) => instance);
      return { events, duplicates, unknown };
    });
  }

  /** Does all or nothing, in the file and in memory. What is in memory of some machines may have to be read again. */
  #transact<Value>(instances: Iterable<string>, action: () => Value): Value {
    const [lastEvent, events, agedAt] = [this.#lastEvent, this.#events, this.#agedAt];
    const counts = { ...this.#registry.counts };
    try {
      return this.#file.transact(() => {
        const value = action();
        this.#writeStore(this.#registry.counts);
        return value;
      });
    } catch (error) {
      [this.#lastEvent, this.#events, this.#agedAt] = [lastEvent, events, agedAt];
      Object.assign(this.#registry.counts, counts);
      for (const instance of instances) this.#rereadMachine(instance);
      throw error;
    }
  }

  #put(entry: MachineEntry, { record, line, receivedAt }: TimedRecord): number {
    const n = ++this.#lastEvent;
    this.#events++;
    const { slot, machine, version, clock } = entry;
    const track = this.#trackOf(slot);
    if (track.machines.at(-1)?.machine !== machine) track.machines.push({ n, machine });
    if (version !== track.version) {
      const sql = "INSERT INTO versions (slot, n, received_at, line) VALUES (?, ?, ?, ?)";
      this.#file.run(sql, slot, n, receivedAt, line);
      track.version = version;
    }
    const isDue = ++track.unsaved > Math.max(SNAPSHOT_EVENTS, clock.ticks.length);
    if (isDue && record.kind !== "machine") this.#writeSnapshot(slot, n, clock); // its record has moved the clock already
    const signs = [flagsOf(record, machine.stateNames), stateMaskOf(record), idHashOf(record)];
    const sql = "INSERT INTO events (n, slot, flags, mask, hash, received_at, line) VALUES (?, ?, ?, ?, ?, ?, ?)";
    this.#file.run(sql, n, slot, ...signs, receivedAt, line);
    return n;
  }

  #trackOf(slot: number): Track {
    let track = this.#tracks.get(slot);
    if (track === undefined) this.#tracks.set(slot, track = { machines: [], version: undefined, unsaved: 0 });
    return track;
  }

  #writeSnapshot(slot: number, n: number, { seq, machineTick, ticks }: ClockBaseline): void {
    const sql = "INSERT OR REPLACE INTO snapshots (slot, n, seq, machine_tick, ticks) VALUES (?, ?, ?, ?, ?)";
    this.#file.run(sql, slot, n, seq, machineTick, JSON.stringify(ticks));
    this.#trackOf(slot).unsaved = 0;
  }

  #writeMachine(entry: MachineEntry): void {
    const { unsaved } = this.#trackOf(entry.slot);
    const sql = "INSERT OR REPLACE INTO machines (slot, instance, entry) VALUES (?, ?, ?)";
    this.#file.run(sql, entry.slot, entry.instance, JSON.stringify({ ...savedEntryOf(entry), unsaved }));
  }

  #writeStore(counts: object): void {
    this.#file.run("UPDATE store SET last_event = ?, counts = ?", this.#lastEvent, JSON.stringify(counts));
  }

  #readStore(): { epoch: string; last_event: number; counts: string } {
    const sql = "SELECT epoch, last_event, counts FROM store";
    const row = this.#file.first<{ epoch: string; last_event: number; counts: string }>(sql);
    if (row !== undefined) return row;
    const store = { epoch: newEpoch(), last_event: 0, counts: "{}" };
    const insert = "INSERT INTO store (epoch, last_event, counts) VALUES (?, ?, ?)";
    this.#file.run(insert, store.epoch, store.last_event, store.counts);
    return store;
  }

  #readMachines(): void {
    const entries = this.#file.all<{ entry: string }>("SELECT entry FROM machines")
      .map(({ entry }): SavedEntry & { unsaved: number } => this.#file.parse(entry));
    for (const entry of entries.sort((a, b) => a.heardAt - b.heardAt)) this.#restore(entry);
  }

  #rereadMachine(instance: string): void {
    const known = this.#registry.get(instance);
    if (known !== undefined) {
      this.#registry.forget(known);
      this.#tracks.delete(known.slot);
    }
    const row = this.#file.first<{ entry: string }>("SELECT entry FROM machines WHERE instance = ?", instance);
    if (row !== undefined) this.#restore(this.#file.parse(row.entry));
  }

  #restore({ unsaved, ...saved }: SavedEntry & { unsaved: number }): void {
    const machines: { n: number; machine: EventMachine }[] = [];
    let last: TimedMachine | undefined;
    const sql = "SELECT n, received_at, line FROM versions WHERE slot = ? ORDER BY n";
    for (const { n, received_at, line } of this.#file.all<VersionRow>(sql, saved.slot)) {
      const record = this.#file.parse<MachineRecord>(line);
      const { instance, id, stateNames } = record;
      if (!isSameMachine(machines.at(-1)?.machine, record)) machines.push({ n, machine: { instance, id, stateNames } });
      last = { record, line, receivedAt: received_at };
    }
    const entry = this.#registry.restore(saved, last);
    if (machines.length > 0) machines.push({ ...machines.pop()!, machine: entry.machine });
    this.#tracks.set(saved.slot, { machines, version: entry.version, unsaved });
  }

  /** What a machine was at an event. */
  #machineAt({ slot, n }: { readonly slot: number; readonly n: number }): EventMachine {
    const { machines } = this.#tracks.get(slot)!;
    for (let i = machines.length - 1; i >= 0; i--) if (machines[i]!.n <= n) return machines[i]!.machine;
    return { instance: this.#registry.atSlot(slot)!.instance, id: "", stateNames: [] };
  }

  #eventAt(n: number): api.StoredEvent | undefined {
    const sql = "SELECT n, slot, flags, mask, received_at, line FROM events WHERE n = ?";
    const row = this.#file.first<EventRow>(sql, n);
    return row && this.#eventOf(row, this.#machineAt(row));
  }

  #eventOf({ n, line, received_at }: EventRow, machine: EventMachine): api.StoredEvent {
    return eventOf(n, { line, record: this.#file.parse(line), receivedAt: received_at }, machine);
  }

  *#signsOf(slot: number, cursor: number, order: "asc" | "desc"): Generator<SignsRow[]> {
    const end = order === "asc" ? "n > ? ORDER BY n" : "n < ? ORDER BY n DESC";
    const sql = `SELECT n, slot, flags, mask FROM events WHERE slot = ? AND ${end} LIMIT ${CHUNK_ROWS}`;
    for (let from = cursor;;) {
      const rows = this.#file.all<SignsRow>(sql, slot, Math.min(from, Number.MAX_SAFE_INTEGER));
      if (rows.length > 0) yield rows;
      if (rows.length < CHUNK_ROWS) return;
      from = rows.at(-1)!.n;
    }
  }

  *#rowsAfter(n: number, end: number): Generator<EventRow[]> {
    const columns = "n, slot, flags, mask, received_at, line";
    const sql = `SELECT ${columns} FROM events WHERE n > ? AND n <= ? ORDER BY n LIMIT ?`;
    for (let [from, count] = [n, FIRST_ROWS];;) {
      const rows = this.#file.all<EventRow>(sql, from, end, count);
      if (rows.length > 0) yield rows;
      if (rows.length < count) return;
      from = rows.at(-1)!.n;
      const size = rows.reduce((sum, { line }) => sum + line.length, 0);
      count = size > CHUNK_SIZE ? Math.max(1, count >> 1) : Math.min(2 * count, CHUNK_ROWS);
    }
  }

  /** The clock of a machine behind an event: the last snapshot before, and what happened since. */
  #clockAt(slot: number, n: number): InstanceClock {
    const sql = "SELECT n, seq, machine_tick, ticks FROM snapshots WHERE slot = ? AND n <= ? ORDER BY n DESC LIMIT 1";
    const row = this.#file.first<{ n: number; seq: number; machine_tick: number; ticks: string }>(sql, slot, n + 1);
    const clock = row === undefined ? new InstanceClock() : new InstanceClock({
      stateNames: this.#machineAt({ slot, n: row.n - 1 }).stateNames,
      ticks: this.#file.parse(row.ticks),
      machineTick: row.machine_tick,
      seq: row.seq,
    });
    const rest = "SELECT flags, line FROM events WHERE slot = ? AND n >= ? AND n <= ? ORDER BY n";
    for (const { flags, line } of this.#file.all<EventRow>(rest, slot, row?.n ?? 0, n)) {
      if (movesClock(flags)) clock.apply(this.#file.parse(line));
    }
    return clock;
  }

  *#record(wanted: ReadonlySet<number> | undefined, begun: Set<number>): Generator<string> {
    for (const rows of this.#rowsAfter(0, this.#lastEvent)) {
      for (const { n, slot, line, received_at } of rows) {
        if (wanted !== undefined && !wanted.has(slot)) continue;
        const text = addTime(line, received_at);
        if (!begun.has(slot)) {
          begun.add(slot);
          const first = this.#versionAt(slot, n);
          const baseline = baselineLine(first, this.#clockAt(slot, n - 1), this.#file.parse(text));
          if (baseline !== undefined) yield baseline;
        }
        yield text;
      }
    }
  }

  #versionAt(slot: number, n: number): Pick<MachineVersion, "line" | "receivedAt"> | undefined {
    const sql = "SELECT n, received_at, line FROM versions WHERE slot = ? AND n <= ? ORDER BY n DESC LIMIT 1";
    const row = this.#file.first<VersionRow>(sql, slot, n);
    return row && { line: encoder.encode(row.line), receivedAt: row.received_at };
  }

  /** Remembers from which event on everything is younger than now. */
  #noteAge(now: number): void {
    if (now - this.#agedAt < AGE_MS && this.#agedAt > 0) return;
    this.#file.run("INSERT OR REPLACE INTO ages (n, at) VALUES (?, ?)", this.#lastEvent + 1, now);
    this.#agedAt = now;
  }

  #dropOld(now: number): api.Dropped[] {
    const limit = now - this.#maxAgeMs;
    const sql = "SELECT n FROM ages WHERE at > ? ORDER BY n LIMIT 1";
    const young = this.#agedAt + AGE_MS <= limit ? this.#lastEvent + 1 : this.#file.number(sql, limit);
    const drops = new DropList("age");
    while (this.#dropThrough(young - 1, now, drops));
    return drops.toArray();
  }

  /** Drops the oldest events if the file is filled to one share, until it is filled to another. */
  #makeRoom(from: number, to: number, now: number): api.Dropped[] {
    const drops = new DropList("file");
    if (this.#file.usedPages <= from * this.#maxPages) return [];
    while (this.#file.usedPages > to * this.#maxPages && this.#dropThrough(this.#lastEvent, now, drops));
    return drops.toArray();
  }

  /** Drops some of the events up to a number, the oldest; returns whether there were any. */
  #dropThrough(last: number, now: number, drops: DropList): boolean {
    const first = this.#file.number("SELECT min(n) FROM events");
    if (first === 0 || first > last) return false;
    const portion = Math.min(DROPPED_EVENTS, Math.ceil(this.#events / 10));
    const through = Math.min(last, first + portion - 1);
    const sql = "SELECT slot, count(*) AS count, max(n) AS last FROM events NOT INDEXED WHERE n <= ? GROUP BY slot";
    const groups = this.#file.all<{ slot: number; count: number; last: number }>(sql, through);
    const instances = groups.map(({ slot }) => this.#registry.atSlot(slot)!.instance);
    this.#transact(instances, () => {
      for (const { slot, count, last } of groups) {
        const entry = this.#registry.atSlot(slot)!;
        this.#moveBeginning(slot, through);
        this.#registry.drop(entry, count, last);
        this.#writeMachine(entry);
      }
      this.#file.run("DELETE FROM events WHERE n <= ?", through);
      this.#file.run("DELETE FROM ages WHERE n <= ? AND n < (SELECT max(n) FROM ages)", through);
      this.#events -= groups.reduce((sum, { count }) => sum + count, 0);
    });
    for (const { slot, count, last } of groups) drops.add(this.#registry.atSlot(slot)!, count, last);
    this.#forgetSilent(now, drops);
    return true;
  }

  /** Makes what a machine's events after a number need: the clock there, and the version. Older ones go. */
  #moveBeginning(slot: number, through: number): void {
    const { unsaved } = this.#trackOf(slot);
    this.#writeSnapshot(slot, through + 1, this.#clockAt(slot, through));
    this.#trackOf(slot).unsaved = unsaved;
    this.#file.run("DELETE FROM snapshots WHERE slot = ? AND n <= ?", slot, through);
    const last = this.#file.number("SELECT max(n) FROM versions WHERE slot = ? AND n <= ?", slot, through);
    this.#file.run("DELETE FROM versions WHERE slot = ? AND n < ?", slot, last);
    const { machines } = this.#trackOf(slot);
    const kept = machines.findLastIndex(({ n }) => n <= through);
    if (kept > 0) machines.splice(0, kept);
  }

  #forgetSilent(now: number, drops: DropList): void {
    const silent = [...this.#registry.byHeardAt()]
      .filter((entry) => entry.events === 0 && isDisconnected(entry, now, this.#silentMs));
    if (silent.length === 0) return;
    this.#file.transact(() => {
      for (const table of ["machines", "versions", "snapshots"]) {
        for (const { slot } of silent) this.#file.run(`DELETE FROM ${table} WHERE slot = ?`, slot);
      }
    });
    for (const entry of silent) this.#forget(entry, drops);
  }

  #forget(entry: MachineEntry, drops: DropList): void {
    drops.forget(entry);
    this.#registry.forget(entry);
    this.#tracks.delete(entry.slot);
  }
}

const encoder = new TextEncoder();

function slotsOf(entries: readonly MachineEntry[] | undefined): ReadonlySet<number> | undefined {
  return entries && new Set(entries.map((entry) => entry.slot));
}

function isSameMachine(machine: EventMachine | undefined, { id, stateNames }: MachineRecord): boolean {
  return machine !== undefined && machine.id === id && machine.stateNames.length === stateNames.length &&
    machine.stateNames.every((name, index) => name === stateNames[index]);
}
