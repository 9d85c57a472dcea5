/**
 * The events of one machine in memory: lines as bytes in blocks, with an index beside them.
 *
 * @module
 */
import { type EventSigns, flagsOf, idHashOf, movesClock, stateMaskOf } from "./_event_flags.ts";
import { eventOf, type TimedRecord } from "./_line.ts";
import type { ClockBaseline } from "./_instance_clock.ts";
import { InstanceClock } from "./_instance_clock.ts";
import type { MachineEntry, MachineVersion } from "./_machine_entry.ts";
import type { EventMachine } from "./_filter.ts";
import type { StoredEvent } from "./_store.ts";

/*
 * A block is two buffers, which both hold the events in the order of their numbers:
 *
 *   bytes   {"v":1,"instance":…}72,"at":…}73,"at":…}________
 *                               ^         ^ end of event 1
 *                               ` end of event 0
 *   index   END n mask hash flags time | END n mask hash flags time | …          six integers an event
 *
 * Lines are without the time of receipt, which is in the index, and without what they share with the block's first
 * transition: `{"v":1,"instance":…,"seq":` is a good part of most. How much that is, stands in the highest byte of the
 * flags. They are copied into it, since a text that was cut out of a body keeps the whole body.
 */
const END = 0, N = 1, MASK = 2, HASH = 3, FLAGS = 4, TIME = 5, STRIDE = 6;

const SHARED_SHIFT = 24, MAX_SHARED = 255;

const FIRST_BLOCK_BYTES = 4 << 10, BLOCK_BYTES = 64 << 10;

/** The bytes for which an event of the first block is expected to do; the index grows if they are fewer. */
const LINE_BYTES = 96;

/** By how much the beginnings may differ that a block's lines share with its head, until it learns another one. */
const PREFIX_SLACK = 8;

/** What the objects around a block's buffers take; measured, see the test of the cap. */
const BLOCK_OVERHEAD_BYTES = 700;

const MAX_UINT32 = 0xffff_ffff;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** How a block begins. */
interface BlockOptions {
  /** When its first event was received. */
  readonly firstTime: number;
  /** Bytes for lines. */
  readonly size: number;
  /** The block before. */
  readonly before: EventBlock | undefined;
}

/** Some events of one machine, all of which have the same state names. */
export class EventBlock {
  /** What the machine was at the first event. */
  readonly machine: EventMachine;
  /** The machine record of then. */
  readonly version: MachineVersion | undefined;
  /** The clock before the first event. */
  readonly baseline: ClockBaseline;
  /** Number of the first event. */
  readonly firstN: number;
  /** How many events there are. */
  count = 0;
  /** What it takes beside its buffers and ticks; a machine record that no other block holds is a part of that. */
  readonly #heldBytes: number;
  /** When the first event was received; times in the index are milliseconds since. */
  readonly #firstTime: number;
  /** What lines begin with: the beginning of the first transition. */
  #head = "";
  /** About what the line before had of the head: most lines have it, too, and comparing it at once is quick. */
  #prefix = "";
  #bytes: Uint8Array;
  #index: Uint32Array;

  constructor(entry: MachineEntry, firstN: number, { firstTime, size, before }: BlockOptions) {
    const { machine, version, clock } = entry;
    this.machine = machine;
    this.version = version;
    this.#heldBytes = BLOCK_OVERHEAD_BYTES +
      (before?.version === undefined || before.version === version ? 0 : version!.bytes);
    const { machineTick, seq } = clock;
    this.baseline = { stateNames: machine.stateNames, ticks: new Float64Array(clock.ticks), machineTick, seq };
    this.firstN = firstN;
    this.#firstTime = firstTime;
    this.#bytes = new Uint8Array(size);
    this.#index = new Uint32Array(STRIDE * Math.ceil(size / (before?.lineBytes ?? LINE_BYTES)));
  }

  /** Number of the last event. */
  get lastN(): number {
    return this.firstN + this.#index[STRIDE * (this.count - 1) + N]!;
  }

  /** Bytes of a line, on average. */
  get lineBytes(): number {
    return this.#endOf(this.count - 1) / this.count;
  }

  /** Bytes that it takes, unused ones included. */
  get byteLength(): number {
    return this.#bytes.length + this.#index.byteLength + 8 * this.baseline.ticks.length + this.#heldBytes;
  }

  /** Append an event; returns whether there was room for it. */
  append(n: number, { record, line, receivedAt }: TimedRecord): boolean {
    const start = this.#endOf(this.count - 1);
    const [number, time] = [n - this.firstN, receivedAt - this.#firstTime];
    const shared = this.#sharedLength(line);
    if (this.#bytes.length - start < line.length - shared || number > MAX_UINT32) return false;
    if (time < 0 || time > MAX_UINT32) return false;
    const rest = shared === 0 ? line : line.slice(shared);
    const { read, written } = encoder.encodeInto(rest, this.#bytes.subarray(start));
    if (read < rest.length) return false;
    if (record.kind === "tx" && this.#head === "") this.#head = this.#textAt(start, Math.min(written, MAX_SHARED));
    const at = STRIDE * this.count++;
    if (at === this.#index.length) this.#resizeIndex(2 * at);
    this.#index[at + END] = start + written;
    this.#index[at + N] = number;
    this.#index[at + MASK] = stateMaskOf(record);
    this.#index[at + HASH] = idHashOf(record);
    this.#index[at + FLAGS] = flagsOf(record, this.machine.stateNames) | shared << SHARED_SHIFT;
    this.#index[at + TIME] = time;
    return true;
  }

  /** Give back what is not used, if it is worth a copy. */
  trim(): void {
    const used = this.#endOf(this.count - 1);
    if (used < 0.9 * this.#bytes.length) this.#bytes = this.#bytes.slice(0, used);
    if (STRIDE * this.count < 0.9 * this.#index.length) this.#resizeIndex(STRIDE * this.count);
  }

  /** Number of an event. */
  nAt(position: number): number {
    return this.firstN + this.#index[STRIDE * position + N]!;
  }

  /** What is kept beside an event. */
  signsAt(position: number): EventSigns {
    const at = STRIDE * position;
    return { flags: this.#index[at + FLAGS]! & ((1 << SHARED_SHIFT) - 1), mask: this.#index[at + MASK]! };
  }

  /** Hash of the transition's id, see `idHashOf()`. */
  hashAt(position: number): number {
    return this.#index[STRIDE * position + HASH]!;
  }

  /** An event as others see it. */
  eventAt(position: number): StoredEvent {
    const start = this.#endOf(position - 1);
    const shared = this.#index[STRIDE * position + FLAGS]! >>> SHARED_SHIFT;
    const line = this.#head.slice(0, shared) + this.#textAt(start, this.#endOf(position) - start);
    const receivedAt = this.#firstTime + this.#index[STRIDE * position + TIME]!;
    return eventOf(this.nAt(position), { line, record: JSON.parse(line), receivedAt }, this.machine);
  }

  /** Position of the first event whose number is `n` or more; `count` if there is none. */
  find(n: number): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.nAt(middle) < n) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #sharedLength(line: string): number {
    const known = this.#prefix.length;
    const shared = sharedLength(this.#head, line, line.slice(0, known) === this.#prefix ? known : 0);
    if (shared < known || shared > known + PREFIX_SLACK) this.#prefix = this.#head.slice(0, shared);
    return shared;
  }

  #textAt(start: number, length: number): string {
    return decoder.decode(this.#bytes.subarray(start, start + length));
  }

  #endOf(position: number): number {
    return position < 0 ? 0 : this.#index[STRIDE * position + END]!;
  }

  #resizeIndex(length: number): void {
    const index = new Uint32Array(length);
    index.set(this.#index.subarray(0, Math.min(length, this.#index.length)));
    this.#index = index;
  }
}

/** How many characters two lines begin with that are the same, and one byte each; `known` are for sure. */
function sharedLength(head: string, line: string, known: number): number {
  const end = Math.min(head.length, line.length, MAX_SHARED);
  let length = known;
  for (; length < end; length++) {
    const code = line.charCodeAt(length);
    if (code !== head.charCodeAt(length) || code > 0x7f) break;
  }
  return length;
}

/** An event in its block. */
export interface EventPlace {
  readonly block: EventBlock;
  readonly position: number;
}

/** The events of one machine, oldest first. */
export class EventLog {
  /** The blocks, oldest first; none is empty. */
  readonly blocks: EventBlock[] = [];

  /**
   * Append an event.
   *
   * @param entry Its machine, its clock before the event; after it for a machine record.
   * @param n Its number, above all before.
   * @param event The event.
   * @returns How many bytes the log grew.
   */
  append(entry: MachineEntry, n: number, event: TimedRecord): number {
    const last = this.blocks.at(-1);
    if (last === undefined) return this.#appendBlock(entry, n, event);
    const before = last.byteLength;
    if (last.machine === entry.machine && last.append(n, event)) return last.byteLength - before;
    last.trim();
    return last.byteLength - before + this.#appendBlock(entry, n, event);
  }

  /** Give back the memory that waits for more events; returns how many bytes that is. */
  trim(): number {
    const last = this.blocks.at(-1);
    if (last === undefined) return 0;
    const before = last.byteLength;
    last.trim();
    return before - last.byteLength;
  }

  /** Find the event of a number, or the first behind it. */
  find(n: number): EventPlace | undefined {
    const block = this.blocks[this.blockAt(n)];
    return block === undefined ? undefined : { block, position: block.find(n) };
  }

  /** Index of the first block that ends at `n` or later; the number of blocks if there is none. */
  blockAt(n: number): number {
    let [low, high] = [0, this.blocks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.blocks[middle]!.lastN < n) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** A block is a quarter of what is there, so that little is unused, up to a size at which its objects weigh nothing. */
  #appendBlock(entry: MachineEntry, n: number, event: TimedRecord): number {
    const { line, receivedAt } = event;
    const least = Math.max(FIRST_BLOCK_BYTES, 32 * entry.clock.ticks.length); // the baseline is a quarter of it at most
    const usual = Math.max(least, Math.min(this.#byteLength() / 4 | 0, BLOCK_BYTES));
    const size = line.length <= usual / 3 ? usual : Math.max(usual, encoder.encode(line).length);
    const block = new EventBlock(entry, n, { firstTime: receivedAt, size, before: this.blocks.at(-1) });
    block.append(n, event);
    this.blocks.push(block);
    return block.byteLength;
  }

  #byteLength(): number {
    if (this.blocks.length > 4 * BLOCK_BYTES / FIRST_BLOCK_BYTES) return 4 * BLOCK_BYTES; // no need to know better
    return this.blocks.reduce((sum, block) => sum + block.byteLength, 0);
  }
}

/** The clock of a machine right behind an event: the baseline of its block, and what happened since. */
export function clockAt({ block, position }: EventPlace): InstanceClock {
  const clock = new InstanceClock(block.baseline);
  for (let i = 0; i <= position; i++) if (movesClock(block.signsAt(i).flags)) clock.apply(block.eventAt(i).record);
  return clock;
}
