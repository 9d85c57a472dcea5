import { rejectedPromise } from "./_rejection.ts";
import type { MachineClock, WaitOptions } from "./api.ts";
import { toError } from "./errors.ts";

/** The two ends of a promise. */
interface Wait {
  /** Settle, once; the entry is gone from every index and listener when it returns. */
  resolve(value?: unknown): void;
  reject(reason: unknown): void;
}

/** A wait that is found by numbers: a queue tick, or states, of which -1 is one that the schema lacks. */
interface KeyedWait extends Wait {
  keys: readonly number[];
}

/** A wait for states to be active, or inactive, all at once. */
interface ActivityWait extends KeyedWait {
  /** Which of the states are as wanted, as far as accepted transitions told. */
  readonly isMet: boolean[];
  readonly wantsActive: boolean;
  readonly read: (() => unknown) | undefined;
}

/** A wait for ticks: each state has to have reached its own, at one time or another. */
interface TimeWait extends KeyedWait {
  /** Which of the states have reached their ticks, as far as accepted transitions told. */
  readonly isMet: boolean[];
  readonly ticks: readonly number[];
}

/** A wait for a state to be entered with certain arguments. */
interface ArgsWait extends KeyedWait {
  readonly args: Readonly<Record<string, unknown>>;
}

/** A wait for a function of the machine's clock to say yes. */
interface QueryWait extends Wait {
  readonly isWanted: () => boolean;
  /** How many others waited when it was made; for the log. */
  readonly number: number;
}

/** The waits on one signal: they share a listener. */
interface SignalEntry {
  readonly waits: Set<Wait>;
  readonly stop: () => void;
}

/** Waits of one kind. */
interface WaitPlace<Kind> {
  add(wait: Kind): unknown;
  delete(wait: Kind): unknown;
}

/** One kind of list for all who look for waits: going through two kinds of them takes longer. */
const NO_WAITS: Iterable<never> = new Set<never>();

/** Waits by what they hang on: a state's index, or a queue tick. */
class WaitIndex<Kind extends KeyedWait> implements WaitPlace<Kind> {
  #byKey: Map<number, Set<Kind>> = new Map();

  get isEmpty(): boolean {
    return this.#byKey.size === 0;
  }

  get(key: number): Iterable<Kind> {
    return this.#byKey.get(key) ?? NO_WAITS;
  }

  add(wait: Kind): void {
    for (const key of wait.keys) {
      const waits = this.#byKey.get(key);
      if (waits === undefined) this.#byKey.set(key, new Set([wait]));
      else waits.add(wait);
    }
  }

  delete(wait: Kind): void {
    for (const key of wait.keys) {
      const waits = this.#byKey.get(key);
      if (waits?.delete(wait) && waits.size === 0) this.#byKey.delete(key);
    }
  }

  /** Follow keys to new ones. */
  rekey(moved: (key: number) => number): void {
    const entries = [...this.#byKey];
    for (const wait of new Set(entries.flatMap(([, waits]) => [...waits]))) wait.keys = wait.keys.map(moved);
    this.#byKey = new Map(entries.map(([key, waits]) => [moved(key), waits]));
  }
}

/** What of a machine the subscriptions look at. */
export interface Watched {
  /** Ticks by state; odd is active. */
  readonly clock: readonly number[];
  /** Whether the queue is being worked on. */
  readonly isProcessing: boolean;
  readonly timers: MachineClock;
  /** Receives lines for the log; null when nobody reads them. */
  readonly waitLog: ((text: string) => void) | null;
  /** Names of states, with a space between. */
  names(states: readonly number[]): string;
}

/**
 * Everything that waits on one machine.
 *
 * Waits for states are indexed by state: an accepted transition looks at the waits of the states that changed in it, and at no
 * others. A settled, aborted or timed-out wait leaves nothing behind: no entry, no timer, no listener.
 */
export class Subscriptions {
  readonly #watched: Watched;
  readonly #activity: WaitIndex<ActivityWait> = new WaitIndex();
  readonly #time: WaitIndex<TimeWait> = new WaitIndex();
  readonly #args: WaitIndex<ArgsWait> = new WaitIndex();
  readonly #queue: WaitIndex<KeyedWait> = new WaitIndex();
  readonly #queries: Set<QueryWait> = new Set();
  readonly #queueEnds: Set<Wait> = new Set();
  readonly #disposals: Set<Wait> = new Set();
  readonly #all: Set<Wait> = new Set();
  readonly #bySignal: Map<AbortSignal, SignalEntry> = new Map();
  /** The queue tick up to which waits for the queue were looked at. */
  #queueTick = 1;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** How many waits are not settled. */
  get size(): number {
    return this.#all.size + this.#disposals.size;
  }

  /** Whether somebody waits for a state to be entered with certain arguments. */
  get hasArgs(): boolean {
    return !this.#args.isEmpty;
  }

  /** Whether somebody waits whose function, or whose arguments, an accepted transition may have to look at. */
  get asksUsers(): boolean {
    return this.#queries.size > 0 || this.hasArgs;
  }

  /**
   * Wait until all states, none named twice, are active, or inactive, at the same time; at once when they are.
   *
   * @param read Makes the value that the wait resolves with; none by default.
   */
  whenStates<Value = void>(
    states: readonly number[],
    wantsActive: boolean,
    options: WaitOptions,
    read?: () => Value,
  ): Promise<Value> {
    const isMet = states.map((state) => this.#isAsWanted(state, wantsActive));
    if (!isMet.includes(false)) return settledUnlessAborted(options, read?.() as Value);
    const fields = { keys: states, isMet, wantsActive, read };
    return this.#wait(options, this.#activity, fields, (wait) => this.#activityLine("new", wait));
  }

  /** Wait until each state, -1 for an unknown one, has reached its tick; at once when all have. */
  whenTime(states: readonly number[], ticks: readonly number[], options: WaitOptions): Promise<void> {
    const isMet = states.map((state, i) => this.#hasReached(state, ticks[i]!));
    if (!isMet.includes(false)) return settledUnlessAborted(options, undefined);
    const fields = { keys: states, isMet, ticks };
    const line = (wait: TimeWait) => `[whenTime:new] ${this.#timeNames(wait, ",")} ${ticks.join(" ")}`;
    return this.#wait(options, this.#time, fields, line);
  }

  /** Wait until a state is entered with these arguments, and perhaps others; never at once. */
  whenArgs(state: number, args: Readonly<Record<string, unknown>>, options: WaitOptions): Promise<unknown> {
    return this.#wait(options, this.#args, { keys: [state], args }, (wait) => this.#argsLine("new", wait));
  }

  /** Wait until a function says yes; it is asked after each accepted transition, and never at once. */
  whenQuery(isWanted: () => boolean, options: WaitOptions): Promise<void> {
    const number = this.#queries.size;
    return this.#wait(options, this.#queries, { isWanted, number }, () => `[whenQuery:new] ${number}`);
  }

  /** Wait until the queue tick is reached; at once when it is. */
  whenQueue(tick: number, now: number, options: WaitOptions): Promise<void> {
    if (tick <= now) return settledUnlessAborted(options, undefined);
    if (this.#queue.isEmpty) this.#queueTick = now;
    return this.#wait(options, this.#queue, { keys: [tick] }, () => `[whenQueue:new] ${tick}`);
  }

  /** Wait until the queue has run empty; at once when it is not being worked on. */
  whenQueueEnds(options: WaitOptions): Promise<void> {
    if (!this.#watched.isProcessing) return settledUnlessAborted(options, undefined);
    return this.#wait(options, this.#queueEnds, {});
  }

  /** Wait until the machine is disposed. */
  whenDisposed(options: WaitOptions): Promise<void> {
    return this.#wait(options, this.#disposals, {}, null, this.#disposals);
  }

  /** Look at what an accepted transition may have settled: the waits of states that it activated and deactivated. */
  transitioned(activated: readonly number[], deactivated: readonly number[]): void {
    if (this.#all.size === 0) return;
    if (!this.#activity.isEmpty) {
      for (const state of activated) this.#checkActivity(state, true);
      for (const state of deactivated) this.#checkActivity(state, false);
    }
    if (!this.#time.isEmpty) {
      for (const state of activated) this.#checkTime(state);
      for (const state of deactivated) this.#checkTime(state);
    }
  }

  /** Look at the waits for queue ticks that were reached. */
  queueMoved(tick: number): void {
    if (this.#queue.isEmpty) return;
    while (this.#queueTick < tick) {
      for (const wait of this.#queue.get(++this.#queueTick)) {
        this.#watched.waitLog?.(`[whenQueue:match] ${this.#queueTick}`);
        wait.resolve();
      }
    }
  }

  /** Ask the functions that wait to say yes. */
  askQueries(): void {
    for (const wait of [...this.#queries]) { // a function may make other waits, or end some: those are not asked
      if (!this.#queries.has(wait)) continue;
      try {
        if (!wait.isWanted()) continue;
        this.#watched.waitLog?.(`[whenQuery:match] ${wait.number}`);
        wait.resolve();
      } catch (error) {
        wait.reject(toError(error));
      }
    }
  }

  /** Look at the waits for a state to be entered with arguments. */
  entered(state: number, args: Readonly<Record<string, unknown>>): void {
    for (const wait of this.#args.get(state)) {
      try {
        if (!hasArgs(args, wait.args)) continue;
        this.#watched.waitLog?.(this.#argsLine("match", wait));
        wait.resolve(args);
      } catch (error) {
        wait.reject(toError(error)); // arguments that cannot be read
      }
    }
  }

  queueEnded(): void {
    for (const wait of this.#queueEnds) wait.resolve();
  }

  /** Reject all that waits, as the machine is about to be disposed; who waits for just that goes on waiting. */
  rejectAll(reason: Error): void {
    for (const wait of this.#all) wait.reject(reason);
  }

  disposed(): void {
    for (const wait of this.#disposals) wait.resolve();
  }

  /** Follow states to new indexes. */
  reorder(moved: (state: number) => number): void {
    const movedOrUnknown = (state: number) => state < 0 ? state : moved(state);
    for (const index of [this.#activity, this.#time, this.#args]) index.rekey(movedOrUnknown);
  }

  #checkActivity(state: number, isActive: boolean): void {
    for (const wait of this.#activity.get(state)) {
      wait.isMet[wait.keys.indexOf(state)] = wait.wantsActive === isActive;
      if (wait.isMet.includes(false)) continue;
      // A state may have come in this transition and another gone: only what holds at its end counts.
      if (!wait.keys.every((other) => this.#isAsWanted(other, wait.wantsActive))) continue;
      this.#watched.waitLog?.(this.#activityLine("match", wait));
      wait.resolve(wait.read?.());
    }
  }

  #checkTime(state: number): void {
    for (const wait of this.#time.get(state)) {
      wait.keys.forEach((other, i) => {
        if (other === state && this.#hasReached(state, wait.ticks[i]!)) wait.isMet[i] = true;
      });
      if (wait.isMet.includes(false)) continue;
      this.#watched.waitLog?.(`[whenTime:match] ${this.#timeNames(wait, " ")} [${wait.ticks.join(" ")}]`);
      wait.resolve();
    }
  }

  #activityLine(what: "new" | "match", { wantsActive, keys }: ActivityWait): string {
    return `[${wantsActive ? "when" : "whenNot"}:${what}] ${this.#watched.names(keys)}`;
  }

  #argsLine(what: "new" | "match", { keys, args }: ArgsWait): string {
    return `[whenArgs:${what}] ${this.#watched.names(keys)} (${Object.keys(args).join(",")})`;
  }

  /** A state that the schema lacks has no name that is known here. */
  #timeNames({ keys }: TimeWait, separator: string): string {
    return keys.map((state) => state < 0 ? "?" : this.#watched.names([state])).join(separator);
  }

  #isAsWanted(state: number, wantsActive: boolean): boolean {
    return (this.#watched.clock[state]! % 2 === 1) === wantsActive;
  }

  #hasReached(state: number, tick: number): boolean {
    return (this.#watched.clock[state] ?? 0) >= tick;
  }

  /**
   * Make a wait that is known by its place, its signal and its timer, and forgotten by them once it is settled.
   *
   * @param line Makes a line for the log; null for none.
   */
  #wait<Kind extends Wait, Value>(
    options: WaitOptions,
    place: WaitPlace<Kind>,
    fields: Omit<Kind, keyof Wait>,
    line: ((wait: Kind) => string) | null = null,
    group: Set<Wait> = this.#all,
  ): Promise<Value> {
    const { signal, timeoutMs } = options;
    if (timeoutMs !== undefined && !(timeoutMs >= 0)) {
      throw new RangeError(`Cannot wait: timeoutMs is ${timeoutMs}, expected a number, 0 or more`);
    }
    if (signal?.aborted) return rejectedPromise(signal.reason);
    let resolve!: (value?: unknown) => void, reject!: (reason: unknown) => void;
    const promise = new Promise<unknown>((...ends) => [resolve, reject] = ends);
    promise.catch(() => {}); // that it may be rejected with nobody awaiting it is no error
    let timer: unknown;
    const settle = () => {
      group.delete(wait);
      if (signal) this.#forgetSignal(signal, wait);
      if (timer !== undefined) this.#watched.timers.clearTimeout(timer);
      place.delete(wait);
    };
    const wait = {
      ...fields,
      resolve: (value?: unknown) => (settle(), resolve(value)),
      reject: (reason: unknown) => (settle(), reject(reason)),
    } as Kind;
    group.add(wait);
    if (signal) this.#rememberSignal(signal, wait);
    if (timeoutMs !== undefined) {
      timer = this.#watched.timers.setTimeout(() => {
        timer = undefined;
        wait.reject(new DOMException(`Wait timed out after ${timeoutMs} ms`, "TimeoutError"));
      }, timeoutMs);
    }
    place.add(wait);
    if (line !== null) this.#watched.waitLog?.(line(wait));
    return promise as Promise<Value>;
  }

  #rememberSignal(signal: AbortSignal, wait: Wait): void {
    const known = this.#bySignal.get(signal);
    if (known !== undefined) {
      known.waits.add(wait);
      return;
    }
    const waits = new Set([wait]);
    const abort = () => {
      for (const aborted of waits) aborted.reject(signal.reason);
    };
    signal.addEventListener("abort", abort, { once: true });
    this.#bySignal.set(signal, { waits, stop: () => signal.removeEventListener("abort", abort) });
  }

  #forgetSignal(signal: AbortSignal, wait: Wait): void {
    const entry = this.#bySignal.get(signal);
    if (!entry?.waits.delete(wait) || entry.waits.size > 0) return;
    entry.stop();
    this.#bySignal.delete(signal);
  }
}

function settledUnlessAborted<Value>({ signal }: WaitOptions, value: Value): Promise<Value> {
  return signal?.aborted ? rejectedPromise(signal.reason) : Promise.resolve(value);
}

/** Tell whether arguments hold all of the wanted ones; a missing one counts as undefined, and null as undefined too. */
function hasArgs(args: Readonly<Record<string, unknown>>, wanted: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(wanted).every((key) => {
    const value = Object.hasOwn(args, key) ? args[key] : undefined;
    return (value ?? undefined) === (wanted[key] ?? undefined);
  });
}
