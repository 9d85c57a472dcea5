import { nameStates, type TxRecord } from "../telemetry/mod.ts";
import { signOf } from "./_machine_view.ts";

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

/** Say which ticks a transition changed: `+Foo 0→1`. */
export function describeChanges({ before, after, stateNames }: FoundTransition): string[] {
  return after.flatMap((tick, index) => {
    if (tick === before[index]) return [];
    const [name] = nameStates([index], stateNames);
    return [`${signOf({ before: before[index] ?? 0, after: tick })}${name} ${before[index]}→${tick}`];
  });
}
