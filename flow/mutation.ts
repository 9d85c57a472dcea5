import {
  type ArgsAndOptions,
  Canceled,
  Executed,
  type KnownName,
  type MachineApi,
  MachineDisposedError,
  type MutationOptions,
  type MutationType,
  type Names,
  type Result,
  type Schema,
  type StateName,
  type StateNameOf,
} from "../machine/mod.ts";
import { type FlowOptions, quiet, waitWithin } from "./_limits.ts";

/**
 * Options of mutations that are waited for.
 *
 * @example Usage
 * ```ts
 * import { Machine } from "@asyncmachine/asyncmachine";
 * import { addAndWait, type MutationWaitOptions } from "@asyncmachine/asyncmachine/flow";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Foo: {}, Bar: {} });
 * const results: Promise<boolean>[] = [];
 * machine.bindHandlers({
 *   FooState: (event) => {
 *     const options: MutationWaitOptions = { from: event, signal: event.signal, timeoutMs: 1_000 };
 *     results.push(addAndWait(machine, "Bar", null, options));
 *   },
 * });
 * machine.add("Foo");
 * assertEquals(await Promise.all(results), [true]);
 * ```
 */
export interface MutationWaitOptions extends FlowOptions, MutationOptions {}

/**
 * Add states if that would be accepted: a refused add leaves no canceled transition behind, as it is not made.
 *
 * @typeParam S The machine's schema, inferred.
 * @typeParam Name The called states, inferred.
 * @param machine The machine.
 * @param states One name or a list.
 * @param argsAndOptions Arguments for the handlers, and options. Arguments that the schema requires cannot be left out.
 * @returns Canceled when the check says so, else the result of the add. In a handler nobody can know yet, and it is added.
 *
 * @throws {UnknownStateError} when a name is not in the schema.
 *
 * @example Usage
 * ```ts
 * import { Canceled, Machine } from "@asyncmachine/asyncmachine";
 * import { askAdd } from "@asyncmachine/asyncmachine/flow";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Start: {}, Ready: { require: ["Start"] } });
 * assertEquals(askAdd(machine, "Ready"), Canceled);
 * machine.add("Start");
 * askAdd(machine, "Ready");
 * assertEquals(machine.is("Ready"), true);
 * ```
 */
export function askAdd<S extends Schema, Name extends StateName<S>>(
  machine: MachineApi<S>,
  states: Names<KnownName<S, Name>>,
  ...argsAndOptions: ArgsAndOptions<S, Name, MutationOptions>
): Result;
export function askAdd(
  machine: MachineApi,
  states: Names<string>,
  args?: object | null,
  options: MutationOptions = {},
): Result {
  return machine.canAdd(states, args) === Canceled ? Canceled : machine.add(states, args, options);
}

/**
 * Remove states if that would be accepted: a refused remove leaves no canceled transition behind, as it is not made.
 *
 * @typeParam M The machine, inferred.
 * @param machine The machine.
 * @param states One name or a list.
 * @param args Arguments for the handlers.
 * @param options Options.
 * @returns Canceled when the check says so, else the result of the remove. In a handler nobody can know yet, and it is removed.
 *
 * @throws {UnknownStateError} when a name is not in the schema.
 *
 * @example Usage
 * ```ts
 * import { Canceled, Machine } from "@asyncmachine/asyncmachine";
 * import { askRemove } from "@asyncmachine/asyncmachine/flow";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Saving: {} });
 * machine.bindHandlers({ SavingExit: () => false });
 * machine.add("Saving");
 * assertEquals(askRemove(machine, "Saving"), Canceled);
 * ```
 */
export function askRemove<M extends MachineApi>(
  machine: M,
  states: Names<StateNameOf<M>>,
  args?: object | null,
  options: MutationOptions = {},
): Result {
  return machine.canRemove(states, args) === Canceled ? Canceled : machine.remove(states, args, options);
}

/**
 * Add states, and wait until the mutation was worked on, also when it is queued because a transition is running.
 *
 * @typeParam S The machine's schema, inferred.
 * @typeParam Name The called states, inferred.
 * @param machine The machine.
 * @param states One name or a list.
 * @param argsAndOptions Arguments for the handlers, and options. Arguments that the schema requires cannot be left out.
 * @returns Resolves with `true` when the add was executed; if it was queued, when the states are active after it and what
 * followed it at once. Else resolves with `false`. Rejects with the signal's reason, then nothing is added if it was
 * aborted before; with a `TimeoutError`; or with a `MachineDisposedError` when the machine is disposed while it is queued.
 *
 * @throws {UnknownStateError} when a name is not in the schema.
 * @throws {RangeError} when `timeoutMs` is negative or no number.
 *
 * @example Usage
 * ```ts
 * import { Machine } from "@asyncmachine/asyncmachine";
 * import { addAndWait } from "@asyncmachine/asyncmachine/flow";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Loading: {}, Loaded: {}, Shown: { require: ["Loaded"] }, Done: {} });
 * const results: boolean[] = [];
 * machine.bindHandlers({
 *   async LoadingState() {
 *     results.push(await addAndWait(machine, "Shown"));
 *     results.push(await addAndWait(machine, ["Loaded", "Shown"]));
 *     machine.add("Done");
 *   },
 * });
 * machine.add("Loading");
 * await machine.when("Done");
 * assertEquals(results, [false, true]);
 * ```
 */
export function addAndWait<S extends Schema, Name extends StateName<S>>(
  machine: MachineApi<S>,
  states: Names<KnownName<S, Name>>,
  ...argsAndOptions: ArgsAndOptions<S, Name, MutationWaitOptions>
): Promise<boolean>;
export function addAndWait(
  machine: MachineApi,
  states: Names<string>,
  args?: object | null,
  options: MutationWaitOptions = {},
): Promise<boolean> {
  return waitWithin(options.clock ?? machine.timers, options, (signal) => {
    const result = machine.add(states, args, options);
    if (result === Canceled) return false;
    return waitForResult(machine, { type: "add", states, result, signal }, () => machine.is(states));
  });
}

/**
 * Remove states, and wait until the mutation was worked on, also when it is queued because a transition is running.
 *
 * @typeParam M The machine, inferred.
 * @param machine The machine.
 * @param states One name or a list.
 * @param args Arguments for the handlers.
 * @param options Options.
 * @returns Resolves with `true` when the remove was executed; if it was queued, when the states are inactive after it and
 * what followed it at once. Else resolves with `false`. Rejects like {@linkcode addAndWait}.
 *
 * @throws {UnknownStateError} when a name is not in the schema.
 * @throws {RangeError} when `timeoutMs` is negative or no number.
 *
 * @example Usage
 * ```ts
 * import { Machine } from "@asyncmachine/asyncmachine";
 * import { removeAndWait } from "@asyncmachine/asyncmachine/flow";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Busy: {} });
 * machine.add("Busy");
 * assertEquals(await removeAndWait(machine, "Busy"), true);
 * ```
 */
export function removeAndWait<M extends MachineApi>(
  machine: M,
  states: Names<StateNameOf<M>>,
  args?: object | null,
  options: MutationWaitOptions = {},
): Promise<boolean> {
  return waitWithin(options.clock ?? machine.timers, options, (signal) => {
    const result = machine.remove(states, args, options);
    if (result === Canceled) return false;
    return waitForResult(machine, { type: "remove", states, result, signal }, () => machine.not(states));
  });
}

/**
 * Add states that start something, and wait for the state that says that it is done.
 *
 * @typeParam S The machine's schema, inferred.
 * @typeParam Name The called states, inferred.
 * @param machine The machine.
 * @param states One name or a list.
 * @param done The state to wait for. When it is active already, it has to be entered anew.
 * @param argsAndOptions Arguments for the handlers, and options. Arguments that the schema requires cannot be left out.
 * @returns Resolves with `true` when `done` is entered, and with `false` when the add is canceled, be it from the queue.
 * Rejects with the signal's reason, then nothing is added if it was aborted before; with a `TimeoutError`; or with a
 * `MachineDisposedError`.
 *
 * @throws {UnknownStateError} when a name of `states` is not in the schema.
 * @throws {RangeError} when `timeoutMs` is negative or no number.
 *
 * @example Usage
 * ```ts
 * import { Machine } from "@asyncmachine/asyncmachine";
 * import { addAndWaitFor } from "@asyncmachine/asyncmachine/flow";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Connecting: { remove: ["Connected"] }, Connected: { remove: ["Connecting"] } });
 * machine.bindHandlers({
 *   async ConnectingState() {
 *     await null;
 *     machine.add("Connected");
 *   },
 * });
 * assertEquals(await addAndWaitFor(machine, "Connecting", "Connected", null, { timeoutMs: 1_000 }), true);
 * ```
 */
export function addAndWaitFor<S extends Schema, Name extends StateName<S>>(
  machine: MachineApi<S>,
  states: Names<KnownName<S, Name>>,
  done: StateName<S>,
  ...argsAndOptions: ArgsAndOptions<S, Name, MutationWaitOptions>
): Promise<boolean>;
export function addAndWaitFor(
  machine: MachineApi,
  states: Names<string>,
  done: string,
  args?: object | null,
  options: MutationWaitOptions = {},
): Promise<boolean> {
  return waitWithin(options.clock ?? machine.timers, options, (signal) => {
    const isDone = quiet(machine.whenNextActive(done, { signal }).then(() => true));
    const list: readonly string[] = typeof states === "string" ? [states] : states;
    const before = machine.time(list);
    const result = machine.add(states, args, options);
    if (result === Canceled) return false;
    // Once the drain is over, the states may have come and gone: their ticks tell.
    const isAccepted = () => machine.is(states) || !machine.isTime(before, list);
    const added = waitForResult(machine, { type: "add", states, result, signal }, isAccepted);
    return Promise.race([isDone, Promise.resolve(added).then((isAdded) => isAdded && isDone)]);
  });
}

/** A mutation that was made. */
interface Made {
  readonly type: MutationType;
  readonly states: Names<string>;
  readonly result: Result;
  readonly signal: AbortSignal;
}

/** Wait until a mutation that was not canceled was worked on, and ask then, if its result did not tell. */
function waitForResult(machine: MachineApi, made: Made, ask: () => boolean): boolean | Promise<boolean> {
  const { type, states, result, signal } = made;
  // A mutation that would repeat one of the queue is said to be executed: it is that one that has to be waited for.
  const queueTick = result === Executed
    ? machine.findQueued({ type, states, exact: true, withoutArgs: true })?.queueTick
    : result;
  if (queueTick === undefined) return true;
  return machine.whenQueue(queueTick, { signal }).then(() => {
    if (machine.disposed) throw new MachineDisposedError(machine.id); // it may have been dropped, and nothing is active
    return ask();
  });
}
