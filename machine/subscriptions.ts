import type { MachineClock, WaitOptions } from "./api.ts";

/** A promise and its two ends. That it may be rejected with nobody awaiting it is no error. */
interface Wait {
  readonly promise: Promise<void>;
  /** Settle, once; the entry is gone from every index and listener when it returns. */
  resolve(): void;
  reject(reason: unknown): void;
}

/** A wait for several states to be active, or inactive, all at once. */
interface StateWait extends Wait {
  states: readonly number[];
  readonly wantsActive: boolean;
  /** Which of the states are as wanted, as far as accepted transitions told. */
  readonly isMet: boolean[];
}

/** The waits on one signal: they share a listener. */
interface SignalEntry {
  readonly waits: Set<Wait>;
  readonly stop: () => void;
}

const SETTLED: Promise<void> = Promise.resolve();

/** What of a machine the subscriptions look at. */
export interface Watched {
  /** Ticks by state; odd is active. */
  readonly clock: readonly number[];
  /** Whether the queue is being worked on. */
  readonly isProcessing: boolean;
  readonly timers: MachineClock;
}

/**
 * Everything that waits on one machine.
 *
 * Waits for states are indexed by state: an accepted transition looks at the waits of the states that changed in it, and at no
 * others. A settled, aborted or timed-out wait leaves nothing behind: no entry, no timer, no listener.
 */
export class Subscriptions {
  readonly #watched: Watched;
  readonly #byState: Map<number, Set<StateWait>>;
  readonly #queueEnds: Set<Wait>;
  readonly #disposals: Set<Wait>;
  readonly #all: Set<Wait>;
  readonly #bySignal: Map<AbortSignal, SignalEntry>;

  constructor(watched: Watched) {
    this.#watched = watched;
    this.#byState = new Map();
    this.#queueEnds = new Set();
    this.#disposals = new Set();
    this.#all = new Set();
    this.#bySignal = new Map();
  }

  /** How many waits are not settled. */
  get size(): number {
    return this.#all.size + this.#disposals.size;
  }

  /** Wait until all states, none named twice, are active, or inactive, at the same time; at once when they are. */
  whenStates(states: readonly number[], wantsActive: boolean, options: WaitOptions = {}): Promise<void> {
    if (states.every((state) => this.#isAsWanted(state, wantsActive))) return rejectIfAborted(options) ?? SETTLED;
    const wait: StateWait = {
      ...this.#wait(options, this.#all, () => {
        for (const state of wait.states) this.#unindex(state, wait);
      }),
      states,
      wantsActive,
      isMet: states.map((state) => this.#isAsWanted(state, wantsActive)),
    };
    if (!options.signal?.aborted) this.#index(wait);
    return wait.promise;
  }

  /** Wait until the queue has run empty; at once when it is not being worked on. */
  whenQueueEnds(options: WaitOptions = {}): Promise<void> {
    if (!this.#watched.isProcessing) return rejectIfAborted(options) ?? SETTLED;
    const wait: Wait = this.#wait(options, this.#all, () => this.#queueEnds.delete(wait));
    if (!options.signal?.aborted) this.#queueEnds.add(wait);
    return wait.promise;
  }

  /** Wait until the machine is disposed. */
  whenDisposed(options: WaitOptions = {}): Promise<void> {
    return this.#wait(options, this.#disposals, () => {}).promise;
  }

  /** Look at the waits of states that an accepted transition activated or deactivated. */
  transitioned(activated: readonly number[], deactivated: readonly number[]): void {
    if (this.#byState.size === 0) return;
    for (const state of activated) this.#check(state, true);
    for (const state of deactivated) this.#check(state, false);
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
    const waits = new Set([...this.#byState.values()].flatMap((of) => [...of]));
    this.#byState.clear();
    for (const wait of waits) {
      wait.states = wait.states.map(moved);
      this.#index(wait);
    }
  }

  #check(state: number, isActive: boolean): void {
    const waits = this.#byState.get(state);
    if (waits === undefined) return;
    for (const wait of waits) {
      wait.isMet[wait.states.indexOf(state)] = wait.wantsActive === isActive;
      if (wait.isMet.includes(false)) continue;
      // A state may have come in this transition and another gone: only what holds at its end counts.
      if (wait.states.every((other) => this.#isAsWanted(other, wait.wantsActive))) wait.resolve();
    }
  }

  #isAsWanted(state: number, wantsActive: boolean): boolean {
    return (this.#watched.clock[state]! % 2 === 1) === wantsActive;
  }

  #index(wait: StateWait): void {
    for (const state of wait.states) {
      const waits = this.#byState.get(state);
      if (waits === undefined) this.#byState.set(state, new Set([wait]));
      else waits.add(wait);
    }
  }

  #unindex(state: number, wait: StateWait): void {
    const waits = this.#byState.get(state);
    if (waits?.delete(wait) && waits.size === 0) this.#byState.delete(state);
  }

  /** Make a wait that is known by its signal and its timer, and forgotten by them once it is settled. */
  #wait(options: WaitOptions, group: Set<Wait>, forget: () => void): Wait {
    const { signal, timeoutMs } = options;
    let resolve!: () => void, reject!: (reason: unknown) => void;
    const promise = new Promise<void>((...ends) => [resolve, reject] = ends);
    promise.catch(() => {});
    let timer: unknown;
    const settle = () => {
      group.delete(wait);
      if (signal) this.#forgetSignal(signal, wait);
      if (timer !== undefined) this.#watched.timers.clearTimeout(timer);
      forget();
    };
    const wait: Wait = {
      promise,
      resolve: () => (settle(), resolve()),
      reject: (reason) => (settle(), reject(reason)),
    };
    if (signal?.aborted) {
      reject(signal.reason);
      return wait;
    }
    group.add(wait);
    if (signal) this.#rememberSignal(signal, wait);
    if (timeoutMs !== undefined) {
      timer = this.#watched.timers.setTimeout(() => {
        timer = undefined;
        wait.reject(new DOMException(`Wait timed out after ${timeoutMs} ms`, "TimeoutError"));
      }, timeoutMs);
    }
    return wait;
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

function rejectIfAborted({ signal }: WaitOptions): Promise<never> | undefined {
  if (!signal?.aborted) return undefined;
  const rejected = Promise.reject(signal.reason);
  rejected.catch(() => {});
  return rejected;
}
