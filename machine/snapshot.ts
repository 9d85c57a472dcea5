import { SnapshotError } from "./errors.ts";
import { subtractStates } from "./state_list.ts";

/**
 * The states of a machine at one moment, as plain data that survives JSON.
 *
 * @example Usage
 * ```ts
 * import { Machine, type Snapshot } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const schema = { Draft: {}, Published: { remove: ["Draft"] } };
 * const before = new Machine(schema, { id: "post-1" });
 * before.add("Draft");
 * const json = JSON.stringify(before.export());
 *
 * const after = new Machine(schema, { id: "post-1" });
 * after.import(JSON.parse(json) as Snapshot);
 * assertEquals(after.toString(), "(Draft:1)");
 * ```
 */
export interface Snapshot {
  /** Version of this form. */
  readonly version: 1;
  /** Id of the machine. */
  readonly id: string;
  /** Names of all states, in the order of `time`. */
  readonly stateNames: readonly string[];
  /** Ticks, one per state, in the order of `stateNames`; integers, 0 or more. */
  readonly time: readonly number[];
  /** How often the machine was restored before. */
  readonly machineTick: number;
  /** The machine's queue tick. */
  readonly queueTick: number;
}

/**
 * Check that a snapshot fits a machine.
 *
 * @param snapshot What was read from somewhere.
 * @param id Id of the machine.
 * @param stateNames Names of the machine's states.
 * @returns One tick per state, in the order of the machine's names.
 *
 * @throws {SnapshotError} when a field is missing, has a wrong shape, or is of another machine.
 */
export function readSnapshot(snapshot: unknown, id: string, stateNames: readonly string[]): number[] {
  if (typeof snapshot !== "object" || snapshot === null) throw new SnapshotError("snapshot", "is no object");
  const { version, id: theirId, stateNames: theirNames, time, machineTick, queueTick } = snapshot as Partial<Snapshot>;
  if (version !== 1) throw new SnapshotError("version", `is ${show(version)}, expected 1`);
  if (theirId !== id) throw new SnapshotError("id", `is ${show(theirId)}, expected ${show(id)}`);
  checkNames(theirNames, stateNames);
  if (!Array.isArray(time) || time.length !== stateNames.length || ![...time].every(isCount)) {
    throw new SnapshotError("time", `is no list of ${stateNames.length} integers from 0 to 2^53-1`);
  }
  for (const [field, value] of Object.entries({ machineTick, queueTick })) {
    if (!isCount(value)) throw new SnapshotError(field, "is no integer from 0 to 2^53-1");
  }
  const ticks = new Map(theirNames!.map((name, index) => [name, time[index] as number]));
  return stateNames.map((name) => ticks.get(name)!);
}

function checkNames(names: unknown, expected: readonly string[]): void {
  if (!Array.isArray(names) || !names.every((name) => typeof name === "string")) {
    throw new SnapshotError("stateNames", "is no list of names");
  }
  const missing = subtractStates(expected, names);
  if (missing.length > 0) throw new SnapshotError("stateNames", `lacks ${missing.map(show).join(", ")}`);
  const unknown = subtractStates(names, expected);
  if (unknown.length > 0) throw new SnapshotError("stateNames", `has the unknown ${unknown.map(show).join(", ")}`);
  if (names.length !== expected.length) throw new SnapshotError("stateNames", "names a state twice");
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function show(value: unknown): string {
  return typeof value === "string" ? `"${value}"` : String(value);
}
