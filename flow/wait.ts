import { type MachineApi, type MachineClock, PLATFORM_CLOCK } from "../machine/mod.ts";
import { type FlowOptions, quiet, waitWithin } from "./_limits.ts";

/**
 * Something to wait for: a promise, or a function that starts to wait and stops when its signal is aborted.
 *
 * A promise goes on when nobody waits for it any more. A function leaves nothing behind, if it passes its signal on.
 *
 * @typeParam Value What it resolves with.
 *
 * @example Usage
 * ```ts
 * import { Machine } from "@asyncmachine/asyncmachine";
 * import { type Wait, waitForAll } from "@asyncmachine/asyncmachine/flow";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Ready: {} });
 * const waits: Wait[] = [Promise.resolve(1), (signal) => machine.when("Ready", { signal })];
 * machine.add("Ready");
 * assertEquals(await waitForAll(waits), [1, undefined]);
 * ```
 */
export type Wait<Value = unknown> = PromiseLike<Value> | ((signal: AbortSignal) => PromiseLike<Value>);

/**
 * What a {@linkcode Wait} resolves with.
 *
 * @typeParam W The wait.
 *
 * @example Usage
 * ```ts
 * import { waitForAny, type WaitValue } from "@asyncmachine/asyncmachine/flow";
 * import { assertEquals } from "@std/assert";
 *
 * const wait = () => Promise.resolve("a.txt");
 * const value: WaitValue<typeof wait> = await waitForAny([wait]);
 * assertEquals(value.length, 5);
 * ```
 */
export type WaitValue<W> = W extends (signal: AbortSignal) => infer Started ? Awaited<Started> : Awaited<W>;

/**
 * What a list of waits resolves with, one value for each.
 *
 * @typeParam Waits The waits.
 *
 * @example Usage
 * ```ts
 * import { waitForAll, type WaitValues } from "@asyncmachine/asyncmachine/flow";
 * import { assertEquals } from "@std/assert";
 *
 * const waits = [Promise.resolve(1), () => Promise.resolve("a.txt")] as const;
 * const values: WaitValues<typeof waits> = await waitForAll(waits);
 * assertEquals(values[0] + values[1].length, 6);
 * ```
 */
export type WaitValues<Waits extends readonly Wait[]> = { -readonly [Index in keyof Waits]: WaitValue<Waits[Index]> };

/**
 * Wait for all of several things.
 *
 * @typeParam Waits The waits, inferred.
 * @param waits Promises, and functions that start to wait.
 * @param options Options.
 * @returns Resolves with one value for each wait, in their order; at once when there is none. Rejects with the first reason
 * of them, the signal's reason, or a `TimeoutError`; functions that still wait are told by their signal.
 *
 * @throws {RangeError} when `timeoutMs` is negative or no number.
 *
 * @example Usage
 * ```ts
 * import { Machine } from "@asyncmachine/asyncmachine";
 * import { waitForAll } from "@asyncmachine/asyncmachine/flow";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new Machine({ Ready: {} });
 * const client = new Machine({ Named: {} });
 * const both = waitForAll([
 *   (signal) => server.when("Ready", { signal }),
 *   (signal) => client.whenArgs("Named", null, { signal }),
 * ], { timeoutMs: 1_000 });
 * server.add("Ready");
 * client.add("Named", { name: "foo" });
 * assertEquals(await both, [undefined, { name: "foo" }]);
 * ```
 */
export function waitForAll<const Waits extends readonly Wait[]>(
  waits: Waits,
  options: FlowOptions = {},
): Promise<WaitValues<Waits>> {
  return waitForMany(PLATFORM_CLOCK, waits, options, (started) => Promise.all(started)) as Promise<WaitValues<Waits>>;
}

/**
 * Wait for the first of several things.
 *
 * @typeParam Waits The waits, inferred.
 * @param waits Promises, and functions that start to wait; at least one.
 * @param options Options.
 * @returns Resolves with the value of the first that resolves; functions that still wait are told by their signal. Rejects
 * with an `AggregateError` when all of them have, with the signal's reason, or with a `TimeoutError`.
 *
 * @throws {RangeError} when there is no wait, or `timeoutMs` is negative or no number.
 *
 * @example Usage
 * ```ts
 * import { Machine } from "@asyncmachine/asyncmachine";
 * import { waitForAny } from "@asyncmachine/asyncmachine/flow";
 * import { assertEquals } from "@std/assert";
 *
 * const [main, spare] = [new Machine({ Ready: {} }), new Machine({ Ready: {} })];
 * const first = waitForAny([main, spare].map((machine) => async (signal: AbortSignal) => {
 *   await machine.when("Ready", { signal });
 *   return machine;
 * }));
 * spare.add("Ready");
 * assertEquals((await first).id, spare.id);
 * ```
 */
export function waitForAny<const Waits extends readonly Wait[]>(
  waits: Waits,
  options: FlowOptions = {},
): Promise<WaitValue<Waits[number]>> {
  checkAny(waits);
  return waitForMany(PLATFORM_CLOCK, waits, options, (started) => Promise.any(started)) as Promise<
    WaitValue<Waits[number]>
  >;
}

/**
 * Wait for all of several things, but no longer than a machine is without error.
 *
 * A program that handles errors, by trying again for example, uses {@linkcode waitForAll}.
 *
 * @typeParam Waits The waits, inferred.
 * @param machine The machine.
 * @param waits Promises, and functions that start to wait.
 * @param options Options.
 * @returns Like `waitForAll`. Rejects also with the machine's error when `Exception` becomes active or is it already, and with
 * a `MachineDisposedError` when the machine is disposed.
 *
 * @throws {RangeError} when `timeoutMs` is negative or no number.
 *
 * @example Usage
 * ```ts
 * import { Machine } from "@asyncmachine/asyncmachine";
 * import { waitForErrAll } from "@asyncmachine/asyncmachine/flow";
 * import { assertRejects } from "@std/assert";
 *
 * const machine = new Machine({ Loaded: {}, Shown: {} });
 * const done = waitForErrAll(machine, [
 *   (signal) => machine.when("Loaded", { signal }),
 *   (signal) => machine.when("Shown", { signal }),
 * ]);
 * machine.add("Loaded");
 * machine.addErr(new Error("nothing to show"));
 * await assertRejects(() => done, Error, "nothing to show");
 * ```
 */
export function waitForErrAll<const Waits extends readonly Wait[]>(
  machine: MachineApi,
  waits: Waits,
  options: FlowOptions = {},
): Promise<WaitValues<Waits>> {
  return waitForMany(
    machine.timers,
    waits,
    options,
    (started, signal) => untilError(machine, Promise.all(started), signal),
  ) as Promise<WaitValues<Waits>>;
}

/**
 * Wait for the first of several things, but no longer than a machine is without error.
 *
 * @typeParam Waits The waits, inferred.
 * @param machine The machine.
 * @param waits Promises, and functions that start to wait; at least one.
 * @param options Options.
 * @returns Like {@linkcode waitForAny}. Rejects also with the machine's error when `Exception` becomes active or is it
 * already, and with a `MachineDisposedError` when the machine is disposed.
 *
 * @throws {RangeError} when there is no wait, or `timeoutMs` is negative or no number.
 *
 * @example Usage
 * ```ts
 * import { Machine } from "@asyncmachine/asyncmachine";
 * import { waitForErrAny } from "@asyncmachine/asyncmachine/flow";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Saved: {}, Discarded: {} });
 * const end = waitForErrAny(machine, [
 *   (signal) => machine.when("Saved", { signal }).then(() => "saved"),
 *   (signal) => machine.when("Discarded", { signal }).then(() => "discarded"),
 * ]);
 * machine.add("Discarded");
 * assertEquals(await end, "discarded");
 * ```
 */
export function waitForErrAny<const Waits extends readonly Wait[]>(
  machine: MachineApi,
  waits: Waits,
  options: FlowOptions = {},
): Promise<WaitValue<Waits[number]>> {
  checkAny(waits);
  return waitForMany(
    machine.timers,
    waits,
    options,
    (started, signal) => untilError(machine, Promise.any(started), signal),
  ) as Promise<WaitValue<Waits[number]>>;
}

function waitForMany(
  clock: MachineClock,
  waits: readonly Wait[],
  options: FlowOptions,
  join: (started: readonly Promise<unknown>[], signal: AbortSignal) => Promise<unknown>,
): Promise<unknown> {
  for (const wait of waits) {
    // A promise may be rejected when nobody waits any more, or before somebody does: who gave it here knows of that.
    if (typeof wait !== "function") quiet(Promise.resolve(wait));
  }
  return waitWithin(
    options.clock ?? clock,
    options,
    (signal) => join(waits.map((wait) => startWait(wait, signal)), signal),
  );
}

function startWait(wait: Wait, signal: AbortSignal): Promise<unknown> {
  if (typeof wait !== "function") return Promise.resolve(wait);
  try {
    return quiet(Promise.resolve(wait(signal)));
  } catch (error) {
    return quiet(Promise.reject(error)); // so that those before it are told by their signal
  }
}

/** An error that is there already comes first, whatever else is. */
function untilError(machine: MachineApi, joined: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    machine.whenErr({ signal }).then(reject, reject);
    joined.then(resolve, reject);
  });
}

function checkAny(waits: readonly Wait[]): void {
  if (waits.length === 0) throw new RangeError("Cannot wait for any: there is nothing to wait for");
}
