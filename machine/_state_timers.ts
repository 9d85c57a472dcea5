import type { Plan } from "./_plan.ts";
import type { MachineClock } from "./api.ts";

/** The timers of one machine's active states: one for each state that has a `timeoutMs`. */
export class StateTimers {
  readonly #timers: MachineClock;
  readonly #onTimeout: (name: string, timeoutMs: number) => void;
  #running: Map<number, unknown>;

  /** @param onTimeout Receives the name and limit of a state whose activation lasts too long. */
  constructor(timers: MachineClock, onTimeout: (name: string, timeoutMs: number) => void) {
    this.#timers = timers;
    this.#onTimeout = onTimeout;
    this.#running = new Map();
  }

  /** Start the timers of states anew if they are active, and stop them if they are not. */
  restart(plan: Plan, states: readonly number[], isActive: (state: number) => boolean): void {
    for (const state of states) {
      this.#stop(state);
      const timeoutMs = plan.timeouts?.[state];
      if (timeoutMs !== undefined && isActive(state)) this.#start(plan.names[state]!, state, timeoutMs);
    }
  }

  /** Stop all timers, as the machine is disposed. */
  disposed(): void {
    for (const state of [...this.#running.keys()]) this.#stop(state);
  }

  /** Follow states to new indexes. */
  reorder(moved: (state: number) => number): void {
    this.#running = new Map([...this.#running].map(([state, timer]) => [moved(state), timer]));
  }

  #start(name: string, state: number, timeoutMs: number): void {
    const timer = this.#timers.setTimeout(() => this.#onTimeout(name, timeoutMs), timeoutMs);
    this.#running.set(state, timer);
  }

  #stop(state: number): void {
    if (!this.#running.has(state)) return;
    this.#timers.clearTimeout(this.#running.get(state));
    this.#running.delete(state);
  }
}
