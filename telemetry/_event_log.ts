/**
 * The events of one machine in memory: lines as bytes in blocks, with an index beside them.
 *
 * @module
 */
import { flagsOf, idHashOf, stateMaskOf } from "./_event_flags.ts";
import type { ClockBaseline } from "./_machine_clock.ts";
import { MachineClock } from "./_machine_clock.ts";
import type { MachineEntry, MachineVersion } from "./_machine_entry.ts";
import type { EventMachine } from "./_filter.ts";
import type { StoredEvent } from "./_store.ts";
import type { TelemetryRecord } from "./protocol.ts";

/*
 * A block is two buffers, which both hold the events in the order of their numbers:
 *
 *   bytes   {"v":1,"instance":…}{"v":1,"instance":…}{"v":1,…}________
 *                               ^ end of event 0     ^ end of event 1
 *   index   END n mask hash flags | END n mask hash flags | …          five integers an event
 *
 * Lines are copied into it, since a text that was cut out of a body keeps the whole body.
 */
const END = 0, N = 1, MASK = 2, HASH = 3, FLAGS = 4, STRIDE = 5;

const FIRST_BLOCK_BYTES = 4 << 10, BLOCK_BYTES = 64 << 10;

/** The bytes for which an event is expected to do; the index grows if they are fewer. */
const LINE_BYTES = 256;

/** What the objects around a block's buffers take; measured, see the test of the cap. */
const BLOCK_OVERHEAD_BYTES = 700;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

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
  #bytes: Uint8Array;
  #index: Uint32Array;

  constructor(entry: MachineEntry, firstN: number, size: number) {
    const { machine, version, clock } = entry;
    this.machine = machine;
    this.version = version;
    const { machineTick, seq } = clock;
    this.baseline = { stateNames: machine.stateNames, ticks: Float64Array.from(clock.ticks), machineTick, seq };
    this.firstN = firstN;
    this.#bytes = new Uint8Array(size);
    this.#index = new Uint32Array(STRIDE * Math.ceil(size / LINE_BYTES));
  }

  /** Number of the last event. */
  get lastN(): number {
    return this.firstN + this.#index[STRIDE * (this.count - 1) + N]!;
  }

  /** Bytes that it takes, unused ones included. */
  get byteLength(): number {
    return this.#bytes.length + this.#index.byteLength + 8 * this.baseline.ticks.length + BLOCK_OVERHEAD_BYTES;
  }

  /** Append an event; returns whether there was room for it. */
  append(n: number, record: TelemetryRecord, line: string): boolean {
    const start = this.#endOf(this.count - 1);
    if (this.#bytes.length - start < line.length || n - this.firstN > 0xffff_ffff) return false;
    const { read, written } = encoder.encodeInto(line, this.#bytes.subarray(start));
    if (read < line.length) return false;
    const at = STRIDE * this.count;
    if (at === this.#index.length) this.#resizeIndex(2 * at);
    this.#index[at + END] = start + written;
    this.#index[at + N] = n - this.firstN;
    this.#index[at + MASK] = stateMaskOf(record);
    this.#index[at + HASH] = idHashOf(record);
    this.#index[at + FLAGS] = flagsOf(record, this.machine.stateNames);
    this.count++;
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

  /** Flags of an event, see `flagsOf()`. */
  flagsAt(position: number): number {
    return this.#index[STRIDE * position + FLAGS]!;
  }

  /** States of an event, see `stateMaskOf()`. */
  maskAt(position: number): number {
    return this.#index[STRIDE * position + MASK]!;
  }

  /** Hash of the transition's id, see `idHashOf()`. */
  hashAt(position: number): number {
    return this.#index[STRIDE * position + HASH]!;
  }

  /** Line of an event. */
  lineAt(position: number): string {
    return decoder.decode(this.#bytes.subarray(this.#endOf(position - 1), this.#endOf(position)));
  }

  /** An event as others see it. */
  eventAt(position: number): StoredEvent {
    const line = this.lineAt(position);
    return { n: this.nAt(position), record: JSON.parse(line), line, machine: this.machine };
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

  #endOf(position: number): number {
    return position < 0 ? 0 : this.#index[STRIDE * position + END]!;
  }

  #resizeIndex(length: number): void {
    const index = new Uint32Array(length);
    index.set(this.#index.subarray(0, Math.min(length, this.#index.length)));
    this.#index = index;
  }
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
   * @param record The record.
   * @param line Its line.
   * @returns How many bytes the log grew.
   */
  append(entry: MachineEntry, n: number, record: TelemetryRecord, line: string): number {
    const last = this.blocks.at(-1);
    if (last === undefined) return this.#appendBlock(entry, n, record, line);
    const before = last.byteLength;
    if (last.machine === entry.machine && last.append(n, record, line)) return last.byteLength - before;
    last.trim();
    return last.byteLength - before + this.#appendBlock(entry, n, record, line);
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

  /** Blocks begin small, as most machines say little, and double up to a size at which their objects weigh nothing. */
  #appendBlock(entry: MachineEntry, n: number, record: TelemetryRecord, line: string): number {
    const most = Math.max(BLOCK_BYTES, 32 * entry.clock.ticks.length); // so that a baseline is a quarter of it at most
    const usual = Math.min(FIRST_BLOCK_BYTES << Math.min(this.blocks.length, 16), most);
    const needed = line.length <= usual / 3 ? usual : Math.max(usual, encoder.encode(line).length);
    const block = new EventBlock(entry, n, needed);
    block.append(n, record, line);
    this.blocks.push(block);
    return block.byteLength;
  }
}

/** The clock of a machine right behind an event: the baseline of its block, and what happened since. */
export function clockAt({ block, position }: EventPlace, movesClock: (flags: number) => boolean): MachineClock {
  const clock = new MachineClock(block.baseline);
  for (let i = 0; i <= position; i++) if (movesClock(block.flagsAt(i))) clock.apply(block.eventAt(i).record);
  return clock;
}
