import { type MachineApi, type MachineClock, type Names, PLATFORM_CLOCK, type StateNameOf } from "../machine/mod.ts";
import { type FlowOptions, quiet, waitWithin } from "./_limits.ts";

/**
 * Wait until states are active in all machines of a group, not necessarily at the same time.
 *
 * @typeParam M The machines, inferred.
 * @param machines The machines.
 * @param states One name or a list; each machine has to have them all.
 * @param options Options. The time-out runs on the first machine's clock by default.
 * @returns Resolves when each machine had the states active; at once when there is no machine. Rejects with the signal's
 * reason, a `TimeoutError`, or a `MachineDisposedError`.
 *
 * @throws {UnknownStateError} when a machine does not have a state.
 * @throws {RangeError} when `timeoutMs` is negative or no number.
 *
 * @example Usage
 * ```ts
 * import { Machine } from "@asyncmachine/asyncmachine";
 * import { groupWhen } from "@asyncmachine/asyncmachine/flow";
 * import { assertEquals } from "@std/assert";
 *
 * const workers = [1, 2, 3].map(() => new Machine({ Ready: {} }));
 * const ready = groupWhen(workers, "Ready", { timeoutMs: 1_000 });
 * for (const worker of workers) worker.add("Ready");
 * await ready;
 * assertEquals(workers.every((worker) => worker.is("Ready")), true);
 * ```
 */
export function groupWhen<M extends MachineApi>(
  machines: readonly M[],
  states: Names<StateNameOf<M>>,
  options: FlowOptions = {},
): Promise<void> {
  return waitWithin(
    clockOf(machines, options),
    options,
    (signal) => Promise.all(startAll(machines, (machine) => machine.when(states, { signal }))).then(() => {}),
  );
}

/**
 * Wait until states are active in the first machine of a group.
 *
 * @typeParam M The machines, inferred.
 * @param machines The machines, at least one.
 * @param states One name or a list; each machine has to have them all.
 * @param options Options. The time-out runs on the first machine's clock by default.
 * @returns Resolves with the machine; the first of the list when several have the states active already. Rejects with the
 * signal's reason, a `TimeoutError`, or an `AggregateError` when all machines are disposed.
 *
 * @throws {UnknownStateError} when a machine does not have a state.
 * @throws {RangeError} when there is no machine, or `timeoutMs` is negative or no number.
 *
 * @example Usage
 * ```ts
 * import { Machine } from "@asyncmachine/asyncmachine";
 * import { groupWhenFirst } from "@asyncmachine/asyncmachine/flow";
 * import { assertEquals } from "@std/assert";
 *
 * const workers = ["a", "b"].map((id) => new Machine({ Idle: {} }, { id }));
 * const idle = groupWhenFirst(workers, "Idle");
 * workers[1]?.add("Idle");
 * assertEquals((await idle).id, "b");
 * ```
 */
export function groupWhenFirst<M extends MachineApi>(
  machines: readonly M[],
  states: Names<StateNameOf<M>>,
  options: FlowOptions = {},
): Promise<M> {
  if (machines.length === 0) throw new RangeError("Cannot wait for the first machine: the group is empty");
  return waitWithin(
    clockOf(machines, options),
    options,
    (signal) => Promise.any(startAll(machines, (machine) => machine.when(states, { signal }).then(() => machine))),
  );
}

/**
 * Wait until the first of several states of one machine is active.
 *
 * @typeParam M The machine, inferred.
 * @typeParam Choice What is waited for, inferred.
 * @param machine The machine.
 * @param choices At least one: names, or lists of names that have to be active at the same time.
 * @param options Options.
 * @returns Resolves with the name or the list that is active; the first of them when several are already. Rejects with the
 * signal's reason, a `TimeoutError`, or a `MachineDisposedError`.
 *
 * @throws {UnknownStateError} when the machine does not have a state.
 * @throws {RangeError} when there is no choice, or `timeoutMs` is negative or no number.
 *
 * @example Usage
 * ```ts
 * import { Machine } from "@asyncmachine/asyncmachine";
 * import { whenAny } from "@asyncmachine/asyncmachine/flow";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Saved: {}, Discarded: {} });
 * const end = whenAny(machine, ["Saved", "Discarded"]);
 * machine.add("Discarded");
 * assertEquals(await end, "Discarded");
 * ```
 */
export function whenAny<M extends MachineApi, const Choice extends Names<StateNameOf<M>>>(
  machine: M,
  choices: readonly Choice[],
  options: FlowOptions = {},
): Promise<Choice> {
  if (choices.length === 0) throw new RangeError("Cannot wait for any state: there is none to choose from");
  return waitWithin(
    options.clock ?? machine.timers,
    options,
    // They are rejected together, so the first one says it all.
    (signal) => Promise.race(startAll(choices, (states) => machine.when(states, { signal }).then(() => states))),
  );
}

/** Start waits. When one throws, those before it are rejected, and nobody is there to see it. */
function startAll<Item, Value>(items: readonly Item[], start: (item: Item) => Promise<Value>): Promise<Value>[] {
  return items.map((item) => quiet(start(item)));
}

function clockOf(machines: readonly MachineApi[], options: FlowOptions): MachineClock {
  return options.clock ?? machines[0]?.timers ?? PLATFORM_CLOCK;
}
