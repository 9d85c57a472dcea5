/**
 * Brings new events to all live readers.
 *
 * A reader has nothing but a place in the stream, and takes what follows when its connection has room: from the batches
 * here, which all readers share, or from the store when it is further behind. So a reader that takes nothing costs nothing.
 *
 * @module
 */
import type { EventMachine, Filter } from "./_filter.ts";
import { Batch, type BatchRange, FRAME_BYTES, frameOf, gapFrame, type Selection } from "./_frames.ts";
import type { Dropped, Store, StoredEvent } from "./_store.ts";

/** Settings of a feed. */
export interface FeedOptions {
  /** Milliseconds without a word after which a reader gets a heartbeat. */
  readonly heartbeatMs: number;
  /** Milliseconds after which a reader is cut off that takes nothing of what it was given. */
  readonly writeTimeoutMs: number;
}

/** A reader, as the feed sees it. */
export interface FeedReader {
  /** What it wants. */
  readonly selection: Selection;
  /** Bytes that wait for it. */
  readonly queuedBytes: number;
  /** Number of the event up to which nothing has to be held for it; `Infinity` when it can as well read from the store. */
  readonly through: number;
  /** Called when there is something new. */
  wake(): void;
  /** Called now and then. */
  check(now: number): void;
  /** Called when the server stops: what is there is still to be read. */
  end(): void;
  /** Called when there is no more time for that. */
  cut(): void;
}

/** Text for one reader. */
export interface Portion {
  /** The text. */
  readonly bytes: Uint8Array;
  /** The number of the event up to which all is read. */
  readonly through: number;
  /** Whether it came from the store, which takes time. */
  readonly isStored: boolean;
}

/** Numbers about a feed, for tests. */
export interface FeedStats {
  /** How many readers there are. */
  readonly readers: number;
  /** Bytes that wait for the reader for whom most wait. */
  readonly queuedBytes: number;
  /** How many batches it has. */
  readonly batches: number;
  /** How many characters the lines in them have. */
  readonly size: number;
  /** How many texts were made of these. */
  readonly encodings: number;
}

/**
 * Milliseconds for which events are gathered before readers are woken, and the least between two wake-ups: at thousands of
 * events a second, these are what readers cost most.
 */
const GATHER_MS = 5, WAKE_EVERY_MS = 50;

/** Characters of lines that are held for readers who are a little behind. */
const HELD_SIZE = 16_000_000;

/** Bytes after which a portion from the store ends. */
const PORTION_BYTES = 4 * FRAME_BYTES;

/** Different filters that are remembered. */
const MAX_SELECTIONS = 1000;

/** Events that are asked of the store at once. */
const PAGE_EVENTS = 500;

const encoder = new TextEncoder();

/** The live readers of one store. */
export class Feed {
  /** Its settings. */
  readonly options: FeedOptions;
  readonly #store: Store;
  readonly #readers: Set<FeedReader> = new Set();
  readonly #selections: Map<string, Selection> = new Map();
  /** How many readers there are of one machine, by its id or instance. */
  readonly #wanted: Map<string, number> = new Map();
  /** How many readers there are of all machines. */
  #wantAll = 0;
  #batches: Batch[] = [];
  #size = 0;
  #pending: StoredEvent[] = [];
  /** Numbers of the first and last event that were published since the last batch, wanted or not; 0 if there is none. */
  #pendingFirst = 0;
  #pendingLast = 0;
  #pendingDropped: Dropped[] = [];
  #gathering: ReturnType<typeof setTimeout> | undefined;
  /** When readers were woken, by the steady clock. */
  #flushedAt = -Infinity;
  #checking: ReturnType<typeof setInterval> | undefined;
  #isEnding = false;

  /** Make the feed of a store; whoever appends to it also publishes here. */
  constructor(store: Store, options: FeedOptions) {
    this.#store = store;
    this.options = options;
  }

  /** Random name of the numbering. */
  get epoch(): string {
    return this.#store.epoch;
  }

  /** Number of the newest event. */
  get lastEvent(): number {
    return this.#store.lastEvent;
  }

  /** Whether no reader may come any more. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** Count. */
  get stats(): FeedStats {
    const encodings = this.#batches.reduce((sum, batch) => sum + batch.encodings, 0);
    const queuedBytes = Math.max(0, ...Array.from(this.#readers, (reader) => reader.queuedBytes));
    return { readers: this.#readers.size, queuedBytes, batches: this.#batches.length, size: this.#size, encodings };
  }

  /** Whether there is a reader of a machine: if there is none, nobody needs its events. */
  isWanted(machine: EventMachine): boolean {
    return this.#wantAll > 0 || this.#wanted.has(machine.instance) || this.#wanted.has(machine.id);
  }

  /**
   * Tell the readers what was appended, and what the store dropped for it.
   *
   * @param range The numbers of all that was appended; the last is below the first if nothing was.
   * @param events What of it is wanted.
   * @param dropped What the store dropped.
   */
  publish({ first, last }: BatchRange, events: readonly StoredEvent[], dropped: readonly Dropped[]): void {
    if (this.#readers.size === 0) return;
    for (const one of dropped) this.#pendingDropped.push(one);
    if (last < first) return;
    for (const event of events) this.#pending.push(event);
    if (this.#pendingFirst === 0) this.#pendingFirst = first;
    this.#pendingLast = last;
    if (this.#gathering !== undefined) return;
    const waitMs = Math.max(GATHER_MS, this.#flushedAt + WAKE_EVERY_MS - performance.now());
    this.#gathering = setTimeout(() => this.flush(), waitMs);
  }

  /** Wake the readers now. */
  flush(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    if (this.#pendingFirst === 0) return;
    this.#flushedAt = performance.now();
    this.#release();
    const [events, end] = [this.#pending, this.#pendingLast];
    let [first, start, size] = [this.#pendingFirst, 0, 0];
    this.#pending = [];
    this.#pendingFirst = this.#pendingLast = 0;
    for (let i = 0; i < events.length - 1; i++) {
      size += events[i]!.line.length;
      if (size + events[i + 1]!.line.length <= FRAME_BYTES) continue;
      const last = events[i]!.n;
      this.#hold(new Batch(this.epoch, { first, last }, events.slice(start, i + 1), []));
      [first, start, size] = [last + 1, i + 1, 0];
    }
    this.#hold(new Batch(this.epoch, { first, last: end }, events.slice(start), this.#pendingDropped.splice(0)));
    events.length = 0; // see ingestLines()
    for (const reader of this.#readers) reader.wake();
  }

  /** Let a reader be woken and checked. */
  add(reader: FeedReader): void {
    this.#readers.add(reader);
    this.#want(reader.selection.filter);
    const { heartbeatMs, writeTimeoutMs } = this.options;
    this.#checking ??= setInterval(() => {
      const now = performance.now();
      for (const reader of this.#readers) reader.check(now);
    }, Math.max(5, Math.min(heartbeatMs, writeTimeoutMs) / 4));
  }

  /** Forget a reader. Without readers nothing is held and no timer runs. */
  remove(reader: FeedReader): void {
    if (!this.#readers.delete(reader)) return;
    this.#unwant(reader.selection.filter);
    if (this.#readers.size > 0) return;
    clearInterval(this.#checking);
    clearTimeout(this.#gathering);
    this.#checking = this.#gathering = undefined;
    [this.#batches, this.#pending, this.#pendingDropped, this.#size] = [[], [], [], 0];
    this.#pendingFirst = this.#pendingLast = 0;
    this.#selections.clear();
  }

  /** The one object for all readers with this filter. */
  select(filter: Filter): Selection {
    const key = JSON.stringify(Object.entries(filter).filter(([, value]) => value !== undefined).sort());
    let selection = this.#selections.get(key);
    if (selection !== undefined) return selection;
    if (this.#selections.size >= MAX_SELECTIONS) this.#selections.clear(); // readers keep theirs, and share it no more
    this.#selections.set(key, selection = { filter });
    return selection;
  }

  /** What follows an event; `undefined` if nothing does as yet. */
  read(after: number, selection: Selection): Portion | undefined {
    const held = this.#batches[0];
    if (held === undefined || after + 1 < held.first) {
      if (after >= this.lastEvent) return undefined;
      if (this.#pendingFirst === 0 || after + 1 < this.#pendingFirst) return this.#readStore(after, selection);
      return undefined; // it is being gathered
    }
    const batch = this.#batchWith(after + 1);
    if (batch === undefined) return undefined;
    const bytes = batch.first === after + 1 ? batch.framesFor(selection) : batch.framesAfter(after, selection);
    return { bytes, through: batch.last, isStored: false };
  }

  /** Let every reader have what is there, then the end; whoever has not taken it in time is cut off. */
  async end(timeoutMs: number): Promise<void> {
    this.#isEnding = true;
    this.flush();
    for (const reader of this.#readers) reader.end();
    const deadline = performance.now() + timeoutMs;
    while (this.#readers.size > 0 && performance.now() < deadline) await new Promise((done) => setTimeout(done, 10));
    for (const reader of [...this.#readers]) reader.cut();
  }

  /** What is held lacks what nobody wanted: when somebody does, it goes, and whoever has not read it asks the store. */
  #want({ machine }: Filter): void {
    const isNew = this.#wantAll === 0 && (machine === undefined || !this.#wanted.has(machine));
    if (isNew) {
      this.flush();
      [this.#batches, this.#size] = [[], 0];
    }
    if (machine === undefined) this.#wantAll++;
    else this.#wanted.set(machine, (this.#wanted.get(machine) ?? 0) + 1);
  }

  #unwant({ machine }: Filter): void {
    if (machine === undefined) this.#wantAll--;
    else {
      const count = this.#wanted.get(machine)! - 1;
      if (count > 0) this.#wanted.set(machine, count);
      else this.#wanted.delete(machine);
    }
  }

  /** What all readers have is let go of while it is young: records that live on are what collecting garbage costs. */
  #release(): void {
    let through = Infinity;
    for (const reader of this.#readers) through = Math.min(through, reader.through);
    let count = 0;
    while (count < this.#batches.length && this.#batches[count]!.last <= through) count++;
    for (const batch of this.#batches.splice(0, count)) this.#size -= batch.size;
  }

  #hold(batch: Batch): void {
    this.#batches.push(batch);
    this.#size += batch.size;
    while (this.#size > HELD_SIZE && this.#batches.length > 1) this.#size -= this.#batches.shift()!.size;
  }

  /** The batch with an event. Their numbers go up without holes, so it is halved until it is found. */
  #batchWith(n: number): Batch | undefined {
    let low = 0, high = this.#batches.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const batch = this.#batches[middle]!;
      if (n < batch.first) high = middle - 1;
      else if (n > batch.last) low = middle + 1;
      else return batch;
    }
    return undefined;
  }

  /** A portion ends early when its lines are long: what the page has more is read again. */
  #readStore(after: number, { filter }: Selection): Portion {
    const page = this.#store.eventsAfter(after, { limit: PAGE_EVENTS, size: PORTION_BYTES, filter });
    let text = page.gap === undefined ? "" : gapFrame(page.gap, "dropped");
    let through = page.through;
    let size = 0;
    for (const [i, event] of page.events.entries()) {
      if (i > 0 && size + event.line.length > PORTION_BYTES) {
        through = page.events[i - 1]!.n;
        break;
      }
      text += frameOf(this.epoch, event, filter);
      size += event.line.length;
    }
    return { bytes: encoder.encode(text), through, isStored: true };
  }
}
