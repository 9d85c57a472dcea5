import { utf8Length } from "./_serialize.ts";
import {
  encodeRecord,
  type GapRecord,
  type MachineRecord,
  parseRecord,
  PROTOCOL_VERSION,
  type RecordedPipe,
  type TelemetryRecord,
} from "./protocol.ts";

/** A record without its number: `seq` is 0 until it is sealed. */
export type Draft = TelemetryRecord & { seq: number };

/** Changes a record before it leaves, or drops it. */
export type Redact = (record: TelemetryRecord) => TelemetryRecord | null;

/** Limits of an {@linkcode Outbox}. */
export interface OutboxOptions {
  /** Records that it holds at most. */
  readonly outboxRecords: number;
  /** Bytes that it holds at most, about. */
  readonly outboxBytes: number;
  /** Records of a batch. */
  readonly batchRecords: number;
  /** Bytes of a batch. A single record may have more. */
  readonly batchBytes: number;
  readonly redact: Redact | undefined;
  /** Is told of what `redact` throws, or returns and is no record: the record is dropped. */
  readonly onRedactError: (error: unknown) => void;
}

/** What one request carries. */
export interface Batch {
  /** Lines of JSON. */
  readonly lines: readonly string[];
  /** Find the sequence of an instance that has a record in it. */
  find(instance: string): Sequence | undefined;
}

/** The numbers of one instance, and where its machine stands at the last record that has one. */
export class Sequence {
  readonly instance: string;
  /** Number of the next record. */
  next: number;
  /** Records that were dropped without a number, and that no gap tells of yet. */
  lost: number;
  /** Whether the server has to be told again who the machine is. */
  needsMachine: boolean;
  /** The last machine record; null before the first. */
  #machine: MachineRecord | null;
  /** Its own: written to as transitions pass. */
  #ticks: number[];
  #queueTick: number;
  #pipes: readonly RecordedPipe[];
  #at: number;
  #isDisposed: boolean;

  constructor(instance: string) {
    this.instance = instance;
    this.next = 1;
    this.lost = 0;
    this.needsMachine = false;
    this.#machine = null;
    this.#ticks = [];
    this.#queueTick = 0;
    this.#pipes = [];
    this.#at = 0;
    this.#isDisposed = false;
  }

  /** Follow a record, be it numbered or dropped. */
  pass(record: TelemetryRecord): void {
    this.#at = record.at;
    switch (record.kind) {
      case "machine":
        this.#machine = record;
        this.#ticks = record.ticks.slice();
        this.#queueTick = record.queueTick;
        this.#pipes = record.pipes ?? [];
        break;
      case "tx":
        for (const [index, tick] of record.ticks) this.#ticks[index] = tick;
        this.#queueTick = record.queueTick;
        break;
      case "pipe":
        this.#pipes = record.change === "bound" ? [...this.#pipes, endOf(record)] : without(this.#pipes, record);
        break;
      case "dispose":
        this.#isDisposed = true;
        break;
    }
  }

  /** Say again who the machine is and where it stands; and that it is disposed, as that is the last word. */
  introduce(): Draft[] {
    if (this.#machine === null) return [];
    const { pipes: _, ...machine } = this.#machine;
    const drafts: Draft[] = [{
      ...machine,
      seq: 0,
      at: this.#at,
      ticks: this.#ticks.slice(),
      queueTick: this.#queueTick,
      ...(this.#pipes.length > 0 && { pipes: this.#pipes }),
    }];
    if (this.#isDisposed) {
      drafts.push({ v: PROTOCOL_VERSION, kind: "dispose", instance: this.instance, seq: 0, at: this.#at });
    }
    return drafts;
  }
}

interface Pending {
  readonly sequence: Sequence;
  readonly record: Draft;
  /** About how many bytes it will have. */
  readonly bytes: number;
}

/** A record that has its number, or several lost ones: `from` to `seq`. */
interface Sealed {
  readonly sequence: Sequence;
  readonly from: number;
  readonly seq: number;
  readonly line: string;
  readonly bytes: number;
  /** Whether it was pushed; gaps and introductions were not. */
  readonly isPushed: boolean;
}

/**
 * Records on their way out, within limits: what comes when it is full displaces the oldest, and a gap takes their place.
 *
 *     gaps │ sealed: numbered, redacted, encoded │ pending: as pushed
 *          └ first, window ┘                       └ first
 *
 * One batch is sealed at a time, and keeps its numbers until it is acknowledged: the server may have it although nobody
 * said so. While a request is under way, only what is pending can be dropped.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  /** What was dropped of the sealed ones. */
  readonly #gaps: Map<Sequence, { from: number; seq: number }>;
  #sealed: Sealed[];
  #firstSealed: number;
  /** How many sealed ones the next request takes. */
  #window: number;
  #pending: Pending[];
  #firstPending: number;
  #bytes: number;
  #isUnderWay: boolean;
  /** Sequences that have a gap or the machine to tell of. */
  readonly #due: Set<Sequence>;
  #pushed: number;
  #settled: number;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#gaps = new Map();
    this.#sealed = [];
    this.#firstSealed = 0;
    this.#window = 0;
    this.#pending = [];
    this.#firstPending = 0;
    this.#bytes = 0;
    this.#isUnderWay = false;
    this.#due = new Set();
    this.#pushed = 0;
    this.#settled = 0;
  }

  /** How many records wait to be sealed. */
  get pending(): number {
    return this.#pending.length - this.#firstPending;
  }

  /** How many records are held. */
  get length(): number {
    return this.pending + this.#sealed.length - this.#firstSealed;
  }

  /** About how many bytes are held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether a gap waits to be told of, or a machine to be introduced. */
  get hasDue(): boolean {
    return this.#gaps.size > 0 || this.#due.size > 0;
  }

  /** Whether there is nothing to send. */
  get isEmpty(): boolean {
    return this.length === 0 && !this.hasDue;
  }

  /** How many records were pushed since the beginning. */
  get pushed(): number {
    return this.#pushed;
  }

  /** How many of the pushed ones are done with: acknowledged, or dropped. */
  get settled(): number {
    return this.#settled;
  }

  /** Take a record, and make room for it. */
  push(sequence: Sequence, record: Draft, bytes: number): void {
    this.#pending.push({ sequence, record, bytes });
    this.#bytes += bytes;
    this.#pushed++;
    const { outboxRecords, outboxBytes } = this.#options;
    while (this.length > outboxRecords || (this.#bytes > outboxBytes && this.length > 0)) {
      if (!this.#isUnderWay && this.#sealed.length > this.#firstSealed) this.#dropSealed();
      else if (this.pending > 0) this.#dropPending();
      else return; // all that is left is under way
    }
  }

  /** Say again who a machine is, before anything else is said of it. */
  introduce(sequence: Sequence): void {
    sequence.needsMachine = true;
    this.#due.add(sequence);
  }

  /**
   * Begin a request: the last batch once more, or the next one. Ends with `acknowledge`, `release` or `narrow`.
   *
   * @returns `null` when there is nothing to send.
   */
  take(): Batch | null {
    if (this.#sealed.length === this.#firstSealed) this.#seal();
    const end = this.#firstSealed + this.#window;
    const entries = this.#sealed.slice(this.#firstSealed, end);
    const lines: string[] = [];
    for (const [sequence, { from, seq }] of this.#gaps) lines.push(encodeRecord(gapRecord(sequence, from, seq)));
    for (const { line } of entries) lines.push(line);
    if (lines.length === 0) return null;
    this.#isUnderWay = true;
    const sequences = [...this.#gaps.keys(), ...entries.map(({ sequence }) => sequence)];
    return { lines, find: (instance) => sequences.find((sequence) => sequence.instance === instance) };
  }

  /** End a request: the server has the batch. */
  acknowledge(): void {
    this.#isUnderWay = false;
    this.#gaps.clear();
    for (let i = 0; i < this.#window; i++) this.#forget(this.#sealed[this.#firstSealed++]!);
    this.#restWindow();
  }

  /** End a request: nobody knows what the server has. */
  release(): void {
    this.#isUnderWay = false;
  }

  /**
   * End a request that was too large: the next one takes half of it, and a record that was alone is dropped.
   *
   * @returns `false` when it had nothing but gaps.
   */
  narrow(): boolean {
    this.#isUnderWay = false;
    if (this.#window === 0) return false;
    if (this.#window === 1) {
      this.#dropSealed();
      this.#restWindow();
    } else this.#window = Math.ceil(this.#window / 2);
    return true;
  }

  /** Drop everything. */
  clear(): void {
    this.#sealed = [];
    this.#pending = [];
    this.#firstSealed =
      this.#firstPending =
      this.#window =
      this.#bytes =
        0;
    this.#gaps.clear();
    this.#due.clear();
    this.#settled = this.#pushed;
  }

  #dropPending(): void {
    const { sequence, record, bytes } = this.#shift();
    this.#bytes -= bytes;
    this.#settled++;
    sequence.pass(record);
    sequence.lost++;
    this.introduce(sequence);
  }

  #dropSealed(): void {
    const entry = this.#sealed[this.#firstSealed++]!;
    const gap = this.#gaps.get(entry.sequence);
    this.#gaps.set(entry.sequence, { from: gap?.from ?? entry.from, seq: entry.seq });
    this.#forget(entry);
    if (entry.isPushed) this.introduce(entry.sequence); // an introduction that is too large would be so again
    this.#window = Math.min(this.#window, this.#sealed.length - this.#firstSealed);
  }

  #forget({ bytes, isPushed }: Sealed): void {
    this.#bytes -= bytes;
    if (isPushed) this.#settled++;
  }

  /** After a request that was narrowed, those for the rest of the batch stay narrow. */
  #restWindow(): void {
    const rest = this.#sealed.length - this.#firstSealed;
    this.#window = Math.min(this.#window, rest) || rest;
  }

  #shift(): Pending {
    const item = this.#pending[this.#firstPending++]!;
    if (this.#firstPending === this.#pending.length) {
      this.#pending = [];
      this.#firstPending = 0;
    } else if (this.#firstPending > 1000 && this.#firstPending * 2 > this.#pending.length) {
      this.#pending = this.#pending.slice(this.#firstPending); // so that what was taken can be collected
      this.#firstPending = 0;
    }
    return item;
  }

  /** Fill the next batch. */
  #seal(): void {
    const { batchRecords, batchBytes } = this.#options;
    this.#sealed = [];
    this.#firstSealed = 0;
    let bytes = 0;
    const isFull = () => this.#sealed.length >= batchRecords || bytes >= batchBytes;
    for (const sequence of this.#due) {
      if (isFull()) break;
      this.#due.delete(sequence);
      this.#sealGap(sequence);
      if (!sequence.needsMachine) continue;
      sequence.needsMachine = false;
      for (const draft of sequence.introduce()) bytes += this.#number(sequence, draft, 0, false);
    }
    // What is due comes before what is pending of the same instance, so all of it has to be in.
    while (this.pending > 0 && this.#due.size === 0 && !isFull()) {
      if (this.#sealed.length > 0 && bytes + this.#pending[this.#firstPending]!.bytes > batchBytes) break;
      const { sequence, record, bytes: guess } = this.#shift();
      sequence.pass(record);
      bytes += this.#number(sequence, record, guess, true);
    }
    this.#window = this.#sealed.length;
  }

  #sealGap(sequence: Sequence): void {
    if (sequence.lost === 0) return;
    const from = this.#gaps.get(sequence)?.from ?? sequence.next;
    sequence.next += sequence.lost;
    sequence.lost = 0;
    this.#gaps.set(sequence, { from, seq: sequence.next - 1 });
  }

  /** Give a record its number, unless `redact` drops it: then the next one gets it. Returns its bytes. */
  #number(sequence: Sequence, record: Draft, guess: number, isPushed: boolean): number {
    record.seq = sequence.next;
    const line = this.#encode(record);
    const bytes = line === null ? 0 : utf8Length(line) + 1;
    this.#bytes += bytes - guess;
    if (line === null) {
      if (isPushed) this.#settled++;
      return 0;
    }
    sequence.next++;
    this.#sealed.push({ sequence, from: record.seq, seq: record.seq, line, bytes, isPushed });
    return bytes;
  }

  #encode(record: Draft): string | null {
    const { redact, onRedactError } = this.#options;
    if (redact === undefined) return encodeRecord(record);
    try {
      const changed = redact(structuredClone(record));
      if (changed === null || changed === undefined) return null;
      const { v, kind, instance, seq } = record;
      return encodeRecord(parseRecord({ ...changed, v, kind, instance, seq }));
    } catch (error) {
      onRedactError(error);
      return null; // what could not be redacted must not leave
    }
  }
}

function gapRecord(sequence: Sequence, from: number, seq: number): GapRecord {
  const { instance } = sequence;
  return { v: PROTOCOL_VERSION, kind: "gap", instance, seq, at: Date.now(), from, count: seq - from + 1 };
}

function endOf({ direction, type, state, other }: RecordedPipe): RecordedPipe {
  return { direction, type, state, other };
}

function without(pipes: readonly RecordedPipe[], gone: RecordedPipe): readonly RecordedPipe[] {
  const place = pipes.findIndex(({ direction, type, state, other }) =>
    direction === gone.direction && type === gone.type && state === gone.state && other === gone.other
  );
  return place < 0 ? pipes : pipes.toSpliced(place, 1);
}
