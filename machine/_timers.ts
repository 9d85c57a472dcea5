import type { MachineClock } from "./api.ts";

/**
 * The time of the platform, for machines and helpers that are given no other clock.
 *
 * Unlike the platform's own timers, its time-outs may be of any length: `Infinity` is for ever, and what is beyond the
 * 2^31 - 1 ms of a platform timer (some 25 days) is waited for in several steps.
 *
 * @example Usage
 * ```ts
 * import { PLATFORM_CLOCK } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * let isCalled = false;
 * const timer = PLATFORM_CLOCK.setTimeout(() => isCalled = true, 60 * 86_400_000);
 * await new Promise<void>((resolve) => PLATFORM_CLOCK.setTimeout(resolve, 1));
 * PLATFORM_CLOCK.clearTimeout(timer);
 * assertEquals(isCalled, false);
 * ```
 */
export const PLATFORM_CLOCK: MachineClock = {
  now: () => performance.now(),
  setTimeout: (fn, ms) => ms > LONGEST_MS ? new LongTimer(fn, ms) : setTimeout(fn, ms),
  clearTimeout: (timer) => timer instanceof LongTimer ? timer.clear() : clearTimeout(timer as number),
};

/** The longest time-out of platform timers: they take more than that for 1 ms. */
const LONGEST_MS = 2 ** 31 - 1;

/** A timer that is longer than those of the platform: one after the other. */
class LongTimer {
  readonly #fn: () => void;
  readonly #dueAt: number;
  #timer: unknown = undefined;

  constructor(fn: () => void, ms: number) {
    this.#fn = fn;
    this.#dueAt = performance.now() + ms;
    if (ms < Infinity) this.#wait(); // else nothing ever happens, and no timer keeps the program alive
  }

  clear(): void {
    clearTimeout(this.#timer as number | undefined);
  }

  #wait(): void {
    const leftMs = this.#dueAt - performance.now();
    this.#timer = leftMs > LONGEST_MS ? setTimeout(() => this.#wait(), LONGEST_MS) : setTimeout(this.#fn, leftMs);
  }
}
