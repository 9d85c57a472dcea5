import type { MachineClock, WaitOptions } from "../machine/mod.ts";

/**
 * Options of whatever waits here.
 *
 * @example Usage
 * ```ts
 * import { type FlowOptions, waitForAll } from "@asyncmachine/asyncmachine/flow";
 * import { VirtualClock } from "@asyncmachine/asyncmachine/testing";
 * import { assertRejects } from "@std/assert";
 *
 * const clock = new VirtualClock();
 * const options: FlowOptions = { timeoutMs: 60_000, clock };
 * const never = waitForAll([new Promise(() => {})], options);
 * await clock.advance(60_000);
 * await assertRejects(() => never, DOMException, "60000 ms");
 * ```
 */
export interface FlowOptions extends WaitOptions {
  /** What the time-out runs on. The machine's own clock by default, and the platform's where there is no machine. */
  readonly clock?: MachineClock | undefined;
}

/** A signal that follows others, and a time-out. */
export interface Limits {
  readonly signal: AbortSignal;
  /** Stop following: no listener and no timer is left. */
  leave(): void;
  /** Stop following, and abort the signal, so that what still waits on it stops too. */
  end(): void;
}

/**
 * Make a signal that is aborted with the first of others, or when time is up; none of them is aborted yet.
 *
 * @param onTimeout Called when time is up, once the signal is aborted.
 */
export function startLimits(
  clock: MachineClock,
  timeoutMs: number | undefined,
  signals: readonly AbortSignal[],
  onTimeout: (error: DOMException) => void = () => {},
): Limits {
  const controller = new AbortController();
  const listeners = [...new Set(signals)].map((signal) => {
    const abort = () => {
      leave();
      controller.abort(signal.reason);
    };
    signal.addEventListener("abort", abort, { once: true });
    return () => signal.removeEventListener("abort", abort);
  });
  const timer = timeoutMs === undefined ? undefined : clock.setTimeout(() => {
    const error = new DOMException(`Wait timed out after ${timeoutMs} ms`, "TimeoutError");
    leave();
    controller.abort(error);
    onTimeout(error);
  }, timeoutMs);
  const leave = () => {
    for (const stop of listeners) stop();
    if (timeoutMs !== undefined) clock.clearTimeout(timer);
  };
  const end = () => {
    leave();
    controller.abort();
  };
  return { signal: controller.signal, leave, end };
}

/**
 * Wait under a signal and a time-out.
 *
 * @param start Starts the wait, at once. Its signal is aborted when the wait is over, however it ended.
 * @returns Settles like what was started, or rejects at once with the signal's reason or a `TimeoutError`. That nobody
 * awaits it is no error.
 *
 * @throws {RangeError} when the time-out is no number of 0 or more, and whatever `start` throws.
 */
export function waitWithin<Value>(
  clock: MachineClock,
  { signal, timeoutMs }: WaitOptions,
  start: (signal: AbortSignal) => Value | PromiseLike<Value>,
): Promise<Value> {
  checkTimeout(timeoutMs);
  if (signal?.aborted) return quiet(Promise.reject(signal.reason));
  const limits = startLimits(clock, timeoutMs, signal === undefined ? [] : [signal]);
  try {
    const started = Promise.resolve(start(limits.signal));
    return quiet(untilAborted(started, limits.signal).finally(limits.end));
  } catch (error) {
    limits.end();
    throw error;
  }
}

/** Settle like a promise, or reject with the reason of a signal that is aborted before. The listener stays until then. */
function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort(); // by what started the wait
    else signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject);
  });
}

/** Throw a RangeError when a time-out is no number of 0 or more. */
export function checkTimeout(timeoutMs: number | undefined): void {
  if (timeoutMs === undefined || (typeof timeoutMs === "number" && timeoutMs >= 0)) return;
  throw new RangeError(`Cannot wait: option "timeoutMs" is ${String(timeoutMs)}, expected a number of 0 or more`);
}

/** Say that nobody has to look after a promise. */
export function quiet<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {});
  return promise;
}
