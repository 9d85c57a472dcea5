import type { TxRecord } from "../telemetry/mod.ts";
import { CommandFailure, USAGE } from "./_exit_codes.ts";
import type { FoundTransition } from "./_found_transition.ts";
import { type Change, isTransition, type MachineView } from "./_machine_view.ts";
import { type Source, visitRecords } from "./_source.ts";

/** A transition with what it takes to work out the rest, kept while it may be the last one. */
interface Kept {
  readonly record: TxRecord;
  readonly stateNames: readonly string[];
  readonly changes: readonly Change[];
  /** The view's own list, which a machine record replaces and only the next transition changes. */
  readonly ticks: readonly number[];
}

/**
 * Find transitions of a machine.
 *
 * @param source Where to look.
 * @param instance The machine.
 * @param ids Their ids, or what is behind the dash in them; `undefined` for the last one that ran.
 * @returns What was found, in the order of `ids`.
 *
 * @throws {CommandFailure} when one is not there.
 */
export async function findTransitions(
  source: Source,
  instance: string,
  ids: readonly (string | undefined)[],
): Promise<FoundTransition[]> {
  const found = new Map<string | undefined, FoundTransition>();
  const named = ids.filter((id) => id !== undefined);
  let last: Kept | undefined, lastView: MachineView | undefined;
  await visitRecords(source, (record, view) => {
    if (record.instance !== instance) return;
    lastView = view;
    if (record.kind !== "tx") return;
    const kept = { record, stateNames: view.stateNames, changes: view.changes, ticks: view.ticks };
    for (const id of named) {
      if (isNamed(record, id) && !found.has(id)) found.set(id, complete(kept, view.id));
    }
    if (isTransition(record)) last = kept;
    return ids.every((id) => found.has(id)) ? false : undefined;
  }, instance);
  if (last !== undefined) found.set(undefined, complete(last, lastView!.id));
  return ids.map((id) => {
    const it = found.get(id);
    if (it !== undefined) return it;
    const which = id === undefined ? "a transition" : `transition "${id}"`;
    throw new CommandFailure(
      `Cannot find ${which} of machine "${lastView?.id}": am matrix shows those there are`,
      USAGE,
    );
  });
}

/** A transition that ran goes by what its id ends in, too: the rest is the same for all of a machine. */
function isNamed(record: TxRecord, text: string): boolean {
  const { id } = record;
  return id === text || (record.queued !== true && id.slice(id.indexOf("-") + 1) === text);
}

function complete({ record, stateNames, changes, ticks }: Kept, machineId: string): FoundTransition {
  const after = [...ticks];
  const before = [...after];
  for (const change of changes) before[change.index] = change.before;
  return { record, machineId, stateNames, before, after };
}
