import { type MachineApi, MachineDisposedError, type StateNameOf } from "../machine/mod.ts";
import { addErrOfNobody, checkErrorState, isPromiseLike } from "./_errors.ts";
import { type FlowOptions, waitWithin } from "./_limits.ts";

/**
 * Options of {@linkcode interval}.
 *
 * @typeParam Name The machine's states.
 *
 * @example Usage
 * ```ts
 * import { Machine } from "@asyncmachine/asyncmachine";
 * import { interval, type IntervalOptions } from "@asyncmachine/asyncmachine/flow";
 * import { VirtualClock } from "@asyncmachine/asyncmachine/testing";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const clock = new VirtualClock();
 * const machine = new Machine({ ErrPoll: { require: ["Exception"] } }, { clock });
 * const options: IntervalOptions<"ErrPoll"> = { state: "ErrPoll", timeoutMs: 10_000 };
 * const end = interval(machine, 1_000, () => JSON.parse("{"), options);
 * await clock.advance(10_000);
 * await assertRejects(() => end, DOMException, "10000 ms");
 * assertEquals(machine.is("ErrPoll"), true);
 * ```
 */
export interface IntervalOptions<Name extends string = string> extends FlowOptions {
  /** An error state to add together with `Exception` when the function throws. None by default. */
  readonly state?: Name | undefined;
}

/**
 * Call a function again and again, for as long as it wants.
 *
 * The first call comes after one interval, each further one an interval after the one before is done; two calls of an async
 * function never overlap. What it throws is added to the machine as an error, and it is called again: an error that should
 * end it aborts the signal, as that of a state does which the error removes.
 *
 * @typeParam M The machine, inferred.
 * @param machine The machine whose clock it follows, and whose errors are those of the function.
 * @param everyMs Milliseconds between two calls, more than 0.
 * @param fn The function, synchronous or not; `false` ends the interval. Its signal is aborted when the interval ends.
 * @param options Options; `timeoutMs` is for all calls together.
 * @returns Resolves when the function returned `false`. Rejects with the signal's reason, a `TimeoutError`, or a
 * `MachineDisposedError` when the machine is disposed. Nobody has to await it.
 *
 * @throws {RangeError} when `everyMs` is no finite number of more than 0, or `timeoutMs` is negative or no number.
 * @throws {UnknownStateError} when `options.state` is not in the machine's schema.
 *
 * @example Usage
 * ```ts
 * import { BASIC_SCHEMA, Machine } from "@asyncmachine/asyncmachine";
 * import { interval } from "@asyncmachine/asyncmachine/flow";
 * import { VirtualClock } from "@asyncmachine/asyncmachine/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new VirtualClock();
 * const machine = new Machine(BASIC_SCHEMA, { clock });
 * machine.bindHandlers({
 *   StartState: (event) => void interval(machine, 30_000, () => void machine.add("Healthcheck"), { signal: event.signal }),
 * });
 *
 * machine.add("Start");
 * clock.advanceSync(60_000);
 * machine.remove("Start");
 * assertEquals(machine.tick("Healthcheck"), 3);
 * assertEquals(clock.pending, 0);
 * ```
 */
export function interval<M extends MachineApi>(
  machine: M,
  everyMs: number,
  fn: (signal: AbortSignal) => unknown,
  options: IntervalOptions<StateNameOf<M>> = {},
): Promise<void> {
  if (!(typeof everyMs === "number" && everyMs > 0 && everyMs < Infinity)) {
    throw new RangeError(`Cannot start interval: ${String(everyMs)} ms is not a finite number of more than 0`);
  }
  checkErrorState(machine, options.state);
  const clock = options.clock ?? machine.timers;
  return waitWithin(clock, options, (signal) =>
    new Promise<void>((resolve, reject) => {
      let timer: unknown;
      const wait = () => timer = clock.setTimeout(call, everyMs);
      const done = (returned: unknown) => {
        if (returned === false) resolve();
        else if (!signal.aborted) wait();
      };
      const fail = (error: unknown) => {
        if (signal.aborted) return; // what it did was stopped, so it tells nothing
        addErrOfNobody(machine, error, options.state);
        done(undefined);
      };
      const call = () => {
        let returned: unknown;
        try {
          returned = fn(signal);
        } catch (error) {
          return fail(error);
        }
        if (isPromiseLike(returned)) Promise.resolve(returned).then(done, fail);
        else done(returned);
      };
      signal.addEventListener("abort", () => clock.clearTimeout(timer), { once: true });
      machine.whenDisposed({ signal }).then(() => reject(new MachineDisposedError(machine.id)), () => {});
      wait();
    }));
}
