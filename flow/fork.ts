import type { Event, FinalEvent, MachineApi, Schema, StateName, StateNameOf } from "../machine/mod.ts";
import { addErrOfNobody, checkErrorState } from "./_errors.ts";
import { checkTimeout, type FlowOptions, type Limits, startLimits } from "./_limits.ts";

/**
 * How many functions a {@linkcode ForkPool} admits at a time.
 *
 * @example Usage
 * ```ts
 * import { ForkPool, type ForkPoolOptions } from "@asyncmachine/asyncmachine/flow";
 * import { assertEquals } from "@std/assert";
 *
 * const options: ForkPoolOptions = { limit: 10, keyLimits: { import: 1 } };
 * const pool = new ForkPool(options);
 * const places = ["import", "import", "export"].map((key) => pool.enter(key) !== null);
 * assertEquals(places, [true, false, true]);
 * ```
 */
export interface ForkPoolOptions {
  /** All together; an integer of 1 or more. No limit by default. */
  readonly limit?: number | undefined;
  /** Those of one key: one number for every key, or one by key and none for others. No limit by default. */
  readonly keyLimits?: number | Readonly<Record<string, number>> | undefined;
}

/**
 * Places for functions that {@linkcode fork} and {@linkcode go} run: one that finds no place is not run.
 *
 * @example Usage
 * ```ts
 * import { Machine } from "@asyncmachine/asyncmachine";
 * import { fork, ForkPool } from "@asyncmachine/asyncmachine/flow";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ MessageReceived: { multi: true } });
 * const pool = new ForkPool({ limit: 10, keyLimits: { MessageReceivedState: 2 } });
 * const started: boolean[] = [];
 * machine.bindHandlers({
 *   MessageReceivedState: (event) => void started.push(fork(event, () => new Promise<void>(() => {}), { pool })),
 * });
 * for (let i = 0; i < 3; i++) machine.add("MessageReceived");
 * assertEquals(started, [true, true, false]);
 * assertEquals(pool.runningOf("MessageReceivedState"), 2);
 * ```
 */
export class ForkPool {
  readonly #limit: number;
  readonly #keyLimits: number | Readonly<Record<string, number>>;
  readonly #runningByKey: Map<string, number>;
  #running: number;

  /**
   * Make a pool.
   *
   * @param options The limits.
   *
   * @throws {RangeError} when a limit is neither an integer of 1 or more nor `Infinity`.
   */
  constructor(options: ForkPoolOptions = {}) {
    const { limit = Infinity, keyLimits = Infinity } = options;
    checkLimit("limit", limit);
    if (typeof keyLimits === "object") {
      for (const [key, keyLimit] of Object.entries(keyLimits)) checkLimit(`keyLimits.${key}`, keyLimit);
    } else {
      checkLimit("keyLimits", keyLimits);
    }
    this.#limit = limit;
    this.#keyLimits = typeof keyLimits === "object" ? { ...keyLimits } : keyLimits;
    this.#runningByKey = new Map();
    this.#running = 0;
  }

  /**
   * How many functions run, and places are taken.
   *
   * @example Usage
   * ```ts
   * import { ForkPool } from "@asyncmachine/asyncmachine/flow";
   * import { assertEquals } from "@std/assert";
   *
   * const pool = new ForkPool();
   * using _place = pool.enter("import");
   * assertEquals(pool.running, 1);
   * ```
   */
  get running(): number {
    return this.#running;
  }

  /**
   * Count the functions of one key that run.
   *
   * @param key The key.
   * @returns How many.
   *
   * @example Usage
   * ```ts
   * import { ForkPool } from "@asyncmachine/asyncmachine/flow";
   * import { assertEquals } from "@std/assert";
   *
   * const pool = new ForkPool();
   * using _place = pool.enter("import");
   * assertEquals([pool.runningOf("import"), pool.runningOf("export")], [1, 0]);
   * ```
   */
  runningOf(key: string): number {
    return this.#runningByKey.get(key) ?? 0;
  }

  /**
   * Take a place.
   *
   * @param key Whose place it is.
   * @returns What gives the place back when it is disposed; null when there is no place.
   *
   * @example Usage
   * ```ts
   * import { ForkPool } from "@asyncmachine/asyncmachine/flow";
   * import { assertEquals } from "@std/assert";
   *
   * const pool = new ForkPool({ limit: 1 });
   * {
   *   using place = pool.enter("import");
   *   assertEquals([place !== null, pool.enter("export")], [true, null]);
   * }
   * assertEquals(pool.running, 0);
   * ```
   */
  enter(key: string): Disposable | null {
    const ofKey = this.runningOf(key);
    if (this.#running >= this.#limit || ofKey >= this.#limitOf(key)) return null;
    this.#running++;
    this.#runningByKey.set(key, ofKey + 1);
    let isTaken = true;
    return {
      [Symbol.dispose]: () => {
        if (isTaken) this.#leave(key);
        isTaken = false;
      },
    };
  }

  #leave(key: string): void {
    const left = this.runningOf(key) - 1;
    this.#running--;
    if (left > 0) this.#runningByKey.set(key, left);
    else this.#runningByKey.delete(key);
  }

  #limitOf(key: string): number {
    if (typeof this.#keyLimits === "number") return this.#keyLimits;
    return Object.hasOwn(this.#keyLimits, key) ? this.#keyLimits[key]! : Infinity;
  }
}

/**
 * Options of {@linkcode go} and {@linkcode fork}.
 *
 * @typeParam Name The machine's states.
 *
 * @example Usage
 * ```ts
 * import { Machine } from "@asyncmachine/asyncmachine";
 * import { type ForkOptions, go } from "@asyncmachine/asyncmachine/flow";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Foo: {}, ErrLoad: { require: ["Exception"] } });
 * const options: ForkOptions<"Foo" | "ErrLoad"> = { state: "ErrLoad", timeoutMs: 1_000 };
 * go(machine, () => JSON.parse("{"), options);
 * await machine.whenErr();
 * assertEquals(machine.is("ErrLoad"), true);
 * ```
 */
export interface ForkOptions<Name extends string = string> extends FlowOptions {
  /** An error state to add together with `Exception` when the function throws. None by default. */
  readonly state?: Name | undefined;
  /** Where it needs a place to run. Anywhere by default. */
  readonly pool?: ForkPool | undefined;
  /** Whose place it takes there. The name of the handler for `fork`, `""` for `go` by default. */
  readonly key?: string | undefined;
}

/**
 * Run a function beside a machine, once the running code is done. Its errors are those of the machine.
 *
 * @typeParam M The machine, inferred.
 * @param machine The machine.
 * @param fn The function, synchronous or not. Its signal is aborted by `options.signal`, when the machine is disposed, and
 * when the time is up.
 * @param options Options. When the function takes longer than `timeoutMs`, a `TimeoutError` is added to the machine. It
 * keeps its place in a pool until it is done.
 * @returns `false` when it is not run: the signal is aborted, the machine is disposed, or the pool has no place. A `true`
 * means that it is run unless the signal is aborted before the running code is done.
 * What it throws goes to `addErr` as long as its signal is not aborted, and is dropped afterwards.
 *
 * @throws {RangeError} when `timeoutMs` is negative or no number.
 * @throws {UnknownStateError} when `options.state` is not in the machine's schema.
 *
 * @example Usage
 * ```ts
 * import { Machine } from "@asyncmachine/asyncmachine";
 * import { go } from "@asyncmachine/asyncmachine/flow";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Loaded: {} });
 * go(machine, async () => {
 *   await null;
 *   throw new Error("no network");
 * });
 * assertEquals((await machine.whenErr()).message, "no network");
 * ```
 */
export function go<M extends MachineApi>(
  machine: M,
  fn: (signal: AbortSignal) => unknown,
  options: ForkOptions<StateNameOf<M>> = {},
): boolean {
  return start(machine, fn, options, []);
}

/**
 * Run a function beside a handler, like {@linkcode go}, unless the handler's event is no longer valid.
 *
 * @typeParam S The machine's schema, inferred.
 * @param event The event of the handler. That of a final handler has a signal, which aborts the function's: in `FooState`
 * it ends with the activation.
 * @param fn The function, synchronous or not.
 * @param options Options.
 * @returns `false` when it is not run: the transition is over, canceled or only a check, the event's or the given signal is
 * aborted, or the pool has no place.
 *
 * @throws {RangeError} when `timeoutMs` is negative or no number.
 * @throws {UnknownStateError} when `options.state` is not in the machine's schema.
 *
 * @example Usage
 * ```ts
 * import { Machine } from "@asyncmachine/asyncmachine";
 * import { fork } from "@asyncmachine/asyncmachine/flow";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Loading: { remove: ["Loaded"] }, Loaded: { remove: ["Loading"] } });
 * let isAborted = false;
 * machine.bindHandlers({
 *   LoadingState: (event) =>
 *     void fork(event, (signal) => {
 *       signal.onabort = () => isAborted = true;
 *       machine.add("Loaded");
 *     }),
 * });
 * machine.add("Loading");
 * await machine.when("Loaded");
 * assertEquals(isAborted, true);
 * ```
 */
export function fork<S extends Schema>(
  event: Event<S, unknown> | FinalEvent<S, unknown>,
  fn: (signal: AbortSignal) => unknown,
  options: ForkOptions<StateName<S>> = {},
): boolean {
  if (event.isCheck || !event.isValid()) return false;
  const signals = "signal" in event ? [event.signal] : [];
  return start(event.machine as MachineApi, fn, { key: event.name, ...options }, signals);
}

function start(
  machine: MachineApi,
  fn: (signal: AbortSignal) => unknown,
  options: ForkOptions,
  eventSignals: readonly AbortSignal[],
): boolean {
  const { signal, timeoutMs, clock = machine.timers, state, pool, key = "" } = options;
  checkTimeout(timeoutMs);
  checkErrorState(machine, state);
  const signals = [...eventSignals, machine.signal];
  if (signal !== undefined) signals.push(signal);
  if (machine.disposed || signals.some(({ aborted }) => aborted)) return false;
  const place = pool?.enter(key);
  if (place === null) return false;
  const limits = startLimits(clock, timeoutMs, signals, (error) => addErrOfNobody(machine, error, state));
  Promise.resolve().then(() => run(machine, fn, limits, state)).finally(() => place?.[Symbol.dispose]());
  return true;
}

async function run(
  machine: MachineApi,
  fn: (signal: AbortSignal) => unknown,
  { signal, leave }: Limits,
  state: string | undefined,
): Promise<void> {
  try {
    if (!signal.aborted) await fn(signal);
  } catch (error) {
    if (!signal.aborted) addErrOfNobody(machine, error, state);
  } finally {
    leave();
  }
}

function checkLimit(option: string, limit: number): void {
  if (limit === Infinity || (Number.isInteger(limit) && limit >= 1)) return;
  throw new RangeError(`Cannot make pool: option "${option}" is ${String(limit)}, expected an integer of 1 or more`);
}
