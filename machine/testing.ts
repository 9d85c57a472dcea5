/**
 * Time for tests: a clock that stands still until it is told to advance.
 *
 * ```ts
 * import { Machine } from "@asyncmachine/asyncmachine";
 * import { VirtualClock } from "@asyncmachine/asyncmachine/testing";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const clock = new VirtualClock();
 * const machine = new Machine({ Ready: {} }, { clock });
 * const ready = machine.when("Ready", { timeoutMs: 60_000 });
 *
 * await clock.advance(60_000);
 * await assertRejects(() => ready, DOMException, "60000 ms");
 * assertEquals(clock.pending, 0);
 * ```
 *
 * @module
 */

import type { MachineClock } from "./api.ts";

/**
 * Options of {@linkcode VirtualClock.prototype.advance VirtualClock.advance} and its like.
 *
 * @example Usage
 * ```ts
 * import { type AdvanceOptions, VirtualClock } from "@asyncmachine/asyncmachine/testing";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const clock = new VirtualClock();
 * const again = () => void clock.setTimeout(again, 10);
 * again();
 * const options: AdvanceOptions = { limit: 100 };
 * await assertRejects(() => clock.runAll(options), RangeError, "100 timers");
 * assertEquals(clock.now(), 1_000);
 * ```
 */
export interface AdvanceOptions {
  /**
   * How many timers may fire; one more is an error, so that timers which set each other for ever end a test. 1,000,000 by
   * default, and 10,000 for `runAll`.
   */
  readonly limit?: number | undefined;
}

/** A timer that is set. */
interface Timer {
  readonly id: number;
  readonly dueAt: number;
}

/**
 * A clock whose time passes when a test says so, and in no other way.
 *
 * Timers fire in the order of their time, and those of one time in the order in which they were set. While a timer's
 * function runs, `now()` is the time that it was set for. When one throws, the clock stands still there, and the error is
 * thrown to who advanced it; the timers behind it are still set.
 *
 * @example Usage
 * ```ts
 * import { VirtualClock } from "@asyncmachine/asyncmachine/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new VirtualClock();
 * const calls: string[] = [];
 * clock.setTimeout(() => calls.push(`second at ${clock.now()}`), 20);
 * clock.setTimeout(() => calls.push(`first at ${clock.now()}`), 10);
 *
 * await clock.advance(15);
 * assertEquals(calls, ["first at 10"]);
 * await clock.advance(5);
 * assertEquals(calls, ["first at 10", "second at 20"]);
 * ```
 */
export class VirtualClock implements MachineClock {
  /** The functions of the timers that are set. */
  readonly #functions: Map<number, () => void>;
  /** The timers in the order in which they fire; those that fired or were cleared stay until they are too many. */
  #timers: Timer[];
  /** The place of the next timer; those before it are done with. */
  #first: number;
  #now: number;
  #lastId: number;
  /** Settles when the last `advance` or `runAll` is done. */
  #running: Promise<void>;

  /**
   * Make a clock without timers.
   *
   * @param startMs What `now()` tells first. 0 by default.
   *
   * @throws {RangeError} when `startMs` is not finite.
   */
  constructor(startMs = 0) {
    if (!Number.isFinite(startMs)) throw new RangeError(`Cannot start clock at ${startMs} ms: it is not finite`);
    this.#functions = new Map();
    this.#timers = [];
    this.#first = 0;
    this.#now = startMs;
    this.#lastId = 0;
    this.#running = Promise.resolve();
  }

  /**
   * The time: the milliseconds that the clock was advanced by, from its start on.
   *
   * @returns Milliseconds.
   *
   * @example Usage
   * ```ts
   * import { VirtualClock } from "@asyncmachine/asyncmachine/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const clock = new VirtualClock(1_000);
   * clock.advanceSync(500);
   * assertEquals(clock.now(), 1_500);
   * ```
   */
  now(): number {
    return this.#now;
  }

  /**
   * How many timers are set and did not fire. 0 when a program left nothing behind.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { VirtualClock } from "@asyncmachine/asyncmachine/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const clock = new VirtualClock();
   * const machine = new Machine({ Ready: {} }, { clock });
   * const ready = machine.when("Ready", { timeoutMs: 1_000 });
   * assertEquals(clock.pending, 1);
   * machine.add("Ready");
   * await ready;
   * assertEquals(clock.pending, 0);
   * ```
   */
  get pending(): number {
    return this.#functions.size;
  }

  /**
   * Set a timer.
   *
   * @param fn Called once.
   * @param ms After how many milliseconds, 0 or more; `Infinity` for never.
   * @returns What `clearTimeout` takes.
   *
   * @throws {TypeError} when `fn` is no function.
   * @throws {RangeError} when `ms` is negative or no number. Platforms take that for 0, and it is nearly always a mistake.
   *
   * @example Usage
   * ```ts
   * import { VirtualClock } from "@asyncmachine/asyncmachine/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const clock = new VirtualClock();
   * let isDone = false;
   * clock.setTimeout(() => isDone = true, 60_000);
   * clock.advanceSync(59_999);
   * assertEquals(isDone, false);
   * clock.advanceSync(1);
   * assertEquals(isDone, true);
   * ```
   */
  setTimeout(fn: () => void, ms: number): number {
    if (typeof fn !== "function") throw new TypeError(`Cannot set timer: expected a function, got ${typeof fn}`);
    checkDuration(ms, "Cannot set timer");
    const timer: Timer = { id: ++this.#lastId, dueAt: this.#now + ms };
    this.#functions.set(timer.id, fn);
    this.#timers.splice(this.#placeAfter(timer.dueAt), 0, timer);
    return timer.id;
  }

  /**
   * Clear a timer.
   *
   * @param timer What `setTimeout` returned; anything else, and a timer that fired, is ignored.
   *
   * @example Usage
   * ```ts
   * import { VirtualClock } from "@asyncmachine/asyncmachine/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const clock = new VirtualClock();
   * const timer = clock.setTimeout(() => {}, 10);
   * assertEquals(clock.pending, 1);
   * clock.clearTimeout(timer);
   * assertEquals(clock.pending, 0);
   * ```
   */
  clearTimeout(timer: unknown): void {
    this.#functions.delete(timer as number);
    this.#tidy();
  }

  /**
   * Let time pass, and promises with it: before each timer that fires, and at the end, code that awaits goes on, a hundred
   * steps of it. It may set timers, and those within the time fire too.
   *
   * What waits for the outside world, a file or a server, is not waited for.
   *
   * @param ms Milliseconds, 0 or more.
   * @param options Options.
   * @returns Resolves when the time has passed. Calls that are not awaited follow one another.
   *
   * @throws {RangeError} when `ms` is not a finite number of 0 or more, or the limit not an integer of 0 or more.
   *
   * @example Usage
   * ```ts
   * import { VirtualClock } from "@asyncmachine/asyncmachine/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const clock = new VirtualClock();
   * const sleep = (ms: number) => new Promise<void>((resolve) => clock.setTimeout(resolve, ms));
   * const times: number[] = [];
   * const program = async () => {
   *   for (let i = 0; i < 3; i++) {
   *     await sleep(100);
   *     times.push(clock.now());
   *   }
   * };
   *
   * program();
   * await clock.advance(1000);
   * assertEquals(times, [100, 200, 300]);
   * ```
   */
  advance(ms: number, options: AdvanceOptions = {}): Promise<void> {
    const { limit = 1_000_000 } = options;
    checkAdvance(ms, limit);
    return this.#enqueue(async () => {
      const end = this.#now + ms;
      await this.#fireSlowly(end, limit);
      this.#now = Math.max(this.#now, end);
    });
  }

  /**
   * Let time pass at once: timers fire, those that they set too, but nothing that awaits goes on before this returns.
   *
   * @param ms Milliseconds, 0 or more.
   * @param options Options.
   *
   * @throws {RangeError} when `ms` is not a finite number of 0 or more, the limit not an integer of 0 or more, or more
   * timers fire than the limit.
   *
   * @example Usage
   * ```ts
   * import { VirtualClock } from "@asyncmachine/asyncmachine/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const clock = new VirtualClock();
   * let fired = 0;
   * clock.setTimeout(() => fired++, 10);
   * clock.advanceSync(10);
   * assertEquals(fired, 1);
   * ```
   */
  advanceSync(ms: number, options: AdvanceOptions = {}): void {
    const { limit = 1_000_000 } = options;
    checkAdvance(ms, limit);
    const end = this.#now + ms;
    let fired = 0;
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) this.#fire(timer, ++fired, limit);
    this.#now = Math.max(this.#now, end);
  }

  /**
   * Let time pass like {@linkcode VirtualClock.prototype.advance VirtualClock.advance}, until no timer is set but those that
   * never fire.
   *
   * @param options Options.
   * @returns Resolves when the last timer has fired; the time is the one that it was set for. Rejects with a RangeError when
   * more timers fire than the limit.
   *
   * @throws {RangeError} when the limit is not an integer of 0 or more.
   *
   * @example Usage
   * ```ts
   * import { VirtualClock } from "@asyncmachine/asyncmachine/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const clock = new VirtualClock();
   * const times: number[] = [];
   * clock.setTimeout(() => void times.push(clock.now()), 60_000);
   * await clock.runAll();
   * assertEquals(times, [60_000]);
   * ```
   */
  runAll(options: AdvanceOptions = {}): Promise<void> {
    const { limit = 10_000 } = options;
    checkAdvance(0, limit);
    return this.#enqueue(() => this.#fireSlowly(Number.MAX_VALUE, limit));
  }

  /** Do something when what was asked for before is done. */
  #enqueue(run: () => Promise<void>): Promise<void> {
    const done = this.#running.then(run);
    this.#running = done.catch(() => {}); // for the next one; who asked has the error
    return done;
  }

  async #fireSlowly(end: number, limit: number): Promise<void> {
    await settlePromises();
    let fired = 0;
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#fire(timer, ++fired, limit);
      await settlePromises();
    }
  }

  /** The next timer that fires up to a time. */
  #next(end: number): Timer | undefined {
    while (this.#first < this.#timers.length && !this.#functions.has(this.#timers[this.#first]!.id)) this.#first++;
    const timer = this.#timers[this.#first];
    return timer !== undefined && timer.dueAt <= end ? timer : undefined;
  }

  #fire(timer: Timer, fired: number, limit: number): void {
    if (fired > limit) {
      throw new RangeError(`Cannot advance clock as the limit is ${limit} timers: ${this.pending} are still set`);
    }
    const fn = this.#functions.get(timer.id)!;
    this.#functions.delete(timer.id);
    this.#tidy();
    this.#now = Math.max(this.#now, timer.dueAt); // a timer's function may have advanced the clock itself
    fn();
  }

  /** Forget the timers that are done with, when they are more than the others. */
  #tidy(): void {
    if (this.#timers.length <= 2 * this.#functions.size + 100) return;
    this.#timers = this.#timers.filter(({ id }) => this.#functions.has(id));
    this.#first = 0;
  }

  /** The place behind all timers that are due up to a time. */
  #placeAfter(dueAt: number): number {
    let [low, high] = [this.#first, this.#timers.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#timers[middle]!.dueAt <= dueAt) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** How far code that awaits gets between two timers. */
const PROMISE_STEPS = 100;

async function settlePromises(): Promise<void> {
  for (let step = 0; step < PROMISE_STEPS; step++) await null;
}

function checkAdvance(ms: number, limit: number): void {
  checkDuration(ms, "Cannot advance clock");
  if (ms === Infinity) throw new RangeError("Cannot advance clock by Infinity ms: it is not finite");
  if (!(Number.isInteger(limit) && limit >= 0)) {
    throw new RangeError(`Cannot advance clock: option "limit" is ${limit}, expected an integer of 0 or more`);
  }
}

function checkDuration(ms: number, action: string): void {
  if (!(typeof ms === "number" && ms >= 0)) {
    throw new RangeError(`${action}: the time is ${String(ms)} ms, expected a number of 0 or more`);
  }
}
