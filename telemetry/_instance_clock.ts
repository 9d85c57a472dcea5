/**
 * The clock of one machine, as its records tell it.
 *
 * @module
 */
import type { MachineRecord, TelemetryRecord, TxRecord } from "./protocol.ts";

/** A point from which a {@linkcode InstanceClock} goes on. */
export interface ClockBaseline {
  /** Names of the states in index order. */
  readonly stateNames: readonly string[];
  /** One tick per state. */
  readonly ticks: ArrayLike<number>;
  /** How often the machine was restored from a snapshot. */
  readonly machineTick: number;
  /** `seq` of the machine record that `stateNames` are from; 0 if none came. */
  readonly seq: number;
}

/** The clock before any record. */
export const NO_BASELINE: ClockBaseline = { stateNames: [], ticks: [], machineTick: -1, seq: 0 };

/**
 * Follows the ticks of one instance from record to record, in the order in which they were stored.
 *
 * Ticks only grow. They go back in one case: the machine was restored from a snapshot, as its `machineTick` tells. A
 * record that comes late can raise a tick that nothing after it told, but never lower one.
 */
export class InstanceClock {
  /** Names of the states in index order. */
  stateNames: readonly string[];
  /** One tick per state. */
  ticks: number[];
  /** Sum of the ticks. */
  sum: number;
  /** How often the machine was restored from a snapshot. */
  machineTick: number;
  /** `seq` of the machine record that `stateNames` are from. */
  seq: number;

  /** Begin at a point. */
  constructor(baseline: ClockBaseline = NO_BASELINE) {
    this.stateNames = baseline.stateNames;
    this.ticks = Array.from(baseline.ticks);
    this.sum = sumOf(this.ticks);
    this.machineTick = baseline.machineTick;
    this.seq = baseline.seq;
  }

  /** Go on by one record. Records older than the names say nothing: their indexes may mean other states. */
  apply(record: TelemetryRecord): void {
    if (record.seq < this.seq) return;
    if (record.kind === "tx") this.#applyTx(record);
    else if (record.kind === "machine") this.#applyMachine(record);
  }

  /** The names of the active states, in index order. */
  activeStates(): string[] {
    return this.stateNames.filter((_, index) => this.ticks[index]! % 2 === 1);
  }

  #applyTx({ ticks }: TxRecord): void {
    for (let i = 0; i < ticks.length; i++) {
      const [index, tick] = ticks[i]!;
      const before = this.ticks[index];
      if (before === undefined || tick <= before) continue; // no state of this machine, or nothing new
      this.ticks[index] = tick;
      this.sum += tick - before;
    }
  }

  #applyMachine(record: MachineRecord): void {
    const isRestored = record.machineTick > this.machineTick;
    const before = new Map(isRestored ? [] : this.stateNames.map((name, index) => [name, this.ticks[index]!]));
    this.ticks = record.stateNames.map((name, index) => Math.max(record.ticks[index] ?? 0, before.get(name) ?? 0));
    this.stateNames = record.stateNames;
    this.machineTick = Math.max(this.machineTick, record.machineTick);
    this.seq = record.seq;
    this.sum = sumOf(this.ticks);
  }
}

function sumOf(ticks: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < ticks.length; i++) sum += ticks[i]!;
  return sum;
}
