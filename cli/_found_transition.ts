import type { TxRecord } from "../telemetry/mod.ts";

/** A transition with the machine around it. */
export interface FoundTransition {
  /** The transition. */
  readonly record: TxRecord;
  /** Id of its machine. */
  readonly machineId: string;
  /** Names of the machine's states, in index order. */
  readonly stateNames: readonly string[];
  /** Ticks before it. */
  readonly before: readonly number[];
  /** Ticks after it. */
  readonly after: readonly number[];
}
