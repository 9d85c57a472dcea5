/**
 * Keeps events in memory, up to a limit.
 *
 * @module
 */
import { hashText, kindOf, mayMatch } from "./_event_flags.ts";
import { clockAt, type EventBlock, EventLog, type EventPlace } from "./_event_log.ts";
import { EventOrder } from "./_event_order.ts";
import { type Filter, matches } from "./_filter.ts";
import { eventOf, type TimedRecord } from "./_line.ts";
import { isDisconnected, type MachineEntry } from "./_machine_entry.ts";
import { PageBudget } from "./_page_budget.ts";
import { baselineLine } from "./_recording.ts";
import { DropList, Registry } from "./_registry.ts";
import { newEpoch } from "./_store.ts";
import type * as api from "./_store.ts";
import type { RecordKind, TelemetryRecord } from "./protocol.ts";

/** What {@linkcode MemoryStore} can be told. */
export interface MemoryStoreOptions {
  /**
   * Memory, in MB of 1,000,000 bytes, at which the store begins to drop events: those of disconnected machines first,
   * of these and then of all others the oldest.
   *
   * @default 500
   */
  readonly maxMemoryMb?: number | undefined;
  /**
   * Milliseconds after which a machine that sends nothing counts as disconnected.
   *
   * @default 60_000
   */
  readonly silentMs?: number | undefined;
}

/** The part of the limit that is in use after dropping; what is below is freed at once, since finding it costs, too. */
const KEPT_SHARE = 0.98;

/** Events that one read of the stream passes at most. */
const MAX_SCANNED = 100_000;

/** A store in memory. */
export class MemoryStore implements api.Store {
  readonly epoch: string = newEpoch();
  readonly #maxBytes: number;
  readonly #silentMs: number;
  #registry = new Registry();
  #logs = new Map<number, EventLog>();
  #order = new EventOrder();
  #lastEvent = 0;
  #logBytes = 0;

  /** Make an empty store. */
  constructor({ maxMemoryMb = 500, silentMs = 60_000 }: MemoryStoreOptions = {}) {
    this.#maxBytes = maxMemoryMb * 1_000_000;
    this.#silentMs = silentMs;
  }

  get lastEvent(): number {
    return this.#lastEvent;
  }

  append(batch: Iterable<api.Incoming>, receivedAt: number, options: api.AppendOptions = {}): api.Appended {
    const { isWanted } = options;
    const events: api.StoredEvent[] = [];
    const put = (entry: MachineEntry, event: TimedRecord): void => {
      const n = this.#put(entry, event);
      if (isWanted === undefined || isWanted(entry.machine)) events.push(eventOf(n, event, entry.machine));
    };
    const { duplicates, touched } = this.#registry.receive(batch, receivedAt, put, options);
    const unknown: string[] = [];
    for (const entry of touched) {
      if (entry.version === undefined) unknown.push(entry.instance);
      if (entry.disposed) this.#logBytes -= this.#logs.get(entry.slot)?.trim() ?? 0;
    }
    return { events, duplicates, unknown, dropped: this.#makeRoom(receivedAt) };
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
    const log = this.#logOf(instance);
    if (log === undefined) return { items: [], next: undefined };
    return new PageReader(query).read(log, query);
  }

  transition(instance: string, id: string): api.StoredEvent | undefined {
    const place = this.#placeOf(instance, id);
    return place?.block.eventAt(place.position);
  }

  stateAt(instance: string, id: string): api.StateAt | undefined {
    const place = this.#placeOf(instance, id);
    if (place === undefined) return undefined;
    const { n, record } = place.block.eventAt(place.position);
    const clock = clockAt(place);
    const { stateNames, ticks, sum } = clock;
    return { n, stateNames, ticks, sum, activeStates: clock.activeStates(), exact: isSum(record, sum) };
  }

  eventsAfter(n: number, { limit = 1000, size, filter = {} }: api.EventQuery = {}): api.EventPage {
    const events: api.StoredEvent[] = [];
    const wanted = filter.machine === undefined ? undefined : new Set(this.#registry.named(filter.machine));
    const gap = { from: 0, count: 0 };
    const end = Math.min(this.#lastEvent, n + MAX_SCANNED);
    const budget = new PageBudget(size);
    let through = Math.min(n, end);
    while (through < end && events.length < limit && !budget.isSpent) {
      const entry = this.#entryAt(through + 1);
      if (entry === undefined) {
        const last = Math.min(this.#order.skip(through + 1), end);
        if (gap.count === 0) gap.from = through + 1;
        gap.count += last - through;
        through = last;
        continue;
      }
      through++;
      if (wanted !== undefined && !wanted.has(entry)) continue;
      const { block, position } = this.#logs.get(entry.slot)!.find(through)!;
      if (!mayMatch(filter, block.signsAt(position), block.machine.stateNames)) continue;
      const event = block.eventAt(position);
      budget.spend(event);
      if (matches(filter, event)) events.push(event);
    }
    return { events, through, ...(gap.count > 0 && { gap }) };
  }

  recording({ machine }: api.RecordingQuery = {}): api.Recording {
    const entries = machine === undefined ? [...this.#registry.byHeardAt()] : this.#registry.named(machine);
    const wanted = new Set(entries);
    const begun = new Set(
      entries.filter((entry) => entry.version === undefined || entry.dropped === 0 || entry.events === 0),
    );
    const total = entries.reduce((sum, entry) => sum + entry.events, 0) + entries.length - begun.size;
    return { total, lines: this.#record(wanted, begun) };
  }

  clear(): readonly api.Dropped[] {
    const drops = new DropList("clear");
    for (const entry of [...this.#registry.byHeardAt()]) {
      for (const block of [...this.#logs.get(entry.slot)?.blocks ?? []]) this.#dropBlock(entry, block, drops);
      this.#forget(entry, drops);
    }
    return drops.toArray();
  }

  stats(): api.StoreStats {
    const { counts, size } = this.#registry;
    const events = this.#order.size;
    return { machines: size, events, ...counts, bytes: this.#bytes, maxBytes: this.#maxBytes };
  }

  close(): void {
    this.#registry = new Registry();
    this.#logs = new Map();
    this.#order = new EventOrder();
    this.#logBytes = 0;
  }

  get #bytes(): number {
    return this.#logBytes + this.#registry.bytes + this.#order.bytes;
  }

  #put(entry: MachineEntry, event: TimedRecord): number {
    const n = ++this.#lastEvent;
    let log = this.#logs.get(entry.slot);
    if (log === undefined) this.#logs.set(entry.slot, log = new EventLog());
    this.#logBytes += log.append(entry, n, event);
    this.#order.push(n, entry.slot);
    return n;
  }

  #logOf(instance: string): EventLog | undefined {
    const entry = this.#registry.get(instance);
    return entry && this.#logs.get(entry.slot);
  }

  /** The machine of an event that is still here. */
  #entryAt(n: number): MachineEntry | undefined {
    const entry = this.#registry.atSlot(this.#order.slotOf(n));
    return entry !== undefined && n > entry.droppedThrough ? entry : undefined;
  }

  /** The newest transition of an id: hashes first, and where they are equal, the text. */
  #placeOf(instance: string, id: string): EventPlace | undefined {
    const hash = hashText(id);
    const blocks = this.#logOf(instance)?.blocks ?? [];
    for (let i = blocks.length - 1; i >= 0; i--) {
      const block = blocks[i]!;
      for (let position = block.count - 1; position >= 0; position--) {
        if (block.hashAt(position) !== hash) continue;
        const { record } = block.eventAt(position);
        if (record.kind === "tx" && record.id === id) return { block, position };
      }
    }
    return undefined;
  }

  *#record(wanted: ReadonlySet<MachineEntry>, begun: Set<MachineEntry>): Generator<string> {
    const end = this.#lastEvent;
    for (let n = 1; n <= end; n++) {
      const entry = this.#entryAt(n);
      if (entry === undefined) n = Math.max(n, this.#order.skip(n));
      if (entry === undefined || !wanted.has(entry)) continue;
      const { block, position } = this.#logs.get(entry.slot)!.find(n)!;
      if (!begun.has(entry)) {
        begun.add(entry);
        const line = baselineLine(block.version, block.baseline, block.eventAt(position).record);
        if (line !== undefined) yield line;
      }
      yield block.eventAt(position).line;
    }
  }

  #makeRoom(now: number): readonly api.Dropped[] {
    if (this.#bytes <= this.#maxBytes) return [];
    const drops = new DropList("memory");
    const target = KEPT_SHARE * this.#maxBytes;
    for (const entry of this.#leastRecent((entry) => isDisconnected(entry, now, this.#silentMs))) {
      this.#shorten(entry, target, drops);
      if (this.#bytes <= target) return drops.toArray();
      this.#forget(entry, drops);
    }
    for (const { entry, block } of this.#oldestBlocks()) {
      this.#dropBlock(entry, block, drops);
      if (this.#bytes <= target) return drops.toArray();
    }
    for (const entry of this.#leastRecent(() => true)) { // many machines without events are a load, too
      this.#forget(entry, drops);
      if (this.#bytes <= target) break;
    }
    return drops.toArray();
  }

  #leastRecent(isWanted: (entry: MachineEntry) => boolean): MachineEntry[] {
    return [...this.#registry.byHeardAt()].filter(isWanted);
  }

  #shorten(entry: MachineEntry, target: number, drops: DropList): void {
    const blocks = this.#logs.get(entry.slot)?.blocks ?? [];
    while (blocks.length > 0 && this.#bytes > target) this.#dropBlock(entry, blocks[0]!, drops);
  }

  /** All blocks, in the order of their newest events, so that a machine that says little keeps what it said last. */
  #oldestBlocks(): { entry: MachineEntry; block: EventBlock }[] {
    const blocks: { entry: MachineEntry; block: EventBlock }[] = [];
    for (const [slot, log] of this.#logs) {
      const entry = this.#registry.atSlot(slot)!;
      for (const block of log.blocks) blocks.push({ entry, block });
    }
    return blocks.sort((a, b) => a.block.lastN - b.block.lastN);
  }

  /** Drops the oldest block of a machine. */
  #dropBlock(entry: MachineEntry, block: EventBlock, drops: DropList): void {
    this.#logs.get(entry.slot)!.blocks.shift();
    this.#logBytes -= block.byteLength;
    for (let position = 0; position < block.count; position++) this.#order.drop(block.nAt(position));
    this.#registry.drop(entry, block.count, block.lastN);
    drops.add(entry, block.count, block.lastN);
  }

  #forget(entry: MachineEntry, drops: DropList): void {
    drops.forget(entry);
    this.#registry.forget(entry);
    this.#logs.delete(entry.slot);
  }
}

/** Reads a page of one machine's events. */
class PageReader {
  readonly #filter: Filter;
  readonly #kinds: ReadonlySet<RecordKind>;
  readonly #limit: number;
  readonly #items: api.StoredEvent[] = [];
  readonly #budget = new PageBudget();

  constructor({ filter = {}, kinds = ["tx"], limit = 100 }: api.TransitionQuery) {
    const { machine: _, ...rest } = filter;
    this.#filter = rest;
    this.#kinds = new Set(kinds);
    this.#limit = limit;
  }

  read(log: EventLog, { order = "asc", cursor }: api.TransitionQuery): api.Page<api.StoredEvent> {
    const { blocks } = log;
    if (order === "asc") {
      const from = (cursor ?? 0) + 1;
      for (let i = log.blockAt(from); i < blocks.length; i++) {
        const block = blocks[i]!;
        for (let at = block.find(from); at < block.count; at++) {
          if (this.#isFull()) return { items: this.#items, next: block.nAt(at) - 1 };
          this.#take(block, at);
        }
      }
    } else {
      const to = cursor ?? Infinity;
      for (let i = Math.min(log.blockAt(to), blocks.length - 1); i >= 0; i--) {
        const block = blocks[i]!;
        for (let at = block.find(to) - 1; at >= 0; at--) {
          if (this.#isFull()) return { items: this.#items, next: block.nAt(at) + 1 };
          this.#take(block, at);
        }
      }
    }
    return { items: this.#items, next: undefined };
  }

  #isFull(): boolean {
    return this.#items.length >= this.#limit || this.#budget.isSpent;
  }

  #take(block: EventBlock, position: number): void {
    const signs = block.signsAt(position);
    if (!this.#kinds.has(kindOf(signs.flags)) || !mayMatch(this.#filter, signs, block.machine.stateNames)) return;
    const event = block.eventAt(position);
    this.#budget.spend(event);
    if (matches(this.#filter, event)) this.#items.push(event);
  }
}

function isSum(record: TelemetryRecord, sum: number): boolean {
  return record.kind === "tx" && record.sum === sum;
}
