import type { Plan } from "./_plan.ts";
import type { MachineClock } from "./api.ts";

/** The timers of one machine's active states: one for each state that has a `timeoutMs`. */
export class StateTimers {
  readonly #timers: MachineClock;
  readonly #onTimeout: (name: string, timeoutMs: number) => void;
  /** By name, as states may move to other indexes. */
  readonly #running: Map<string, unknown> = new Map();

  /** @param onTimeout Receives the name and limit of a state whose activation lasts too long. */
  constructor(timers: MachineClock, onTimeout: (name: string, timeoutMs: number) => void) {
    this.#timers = timers;
    this.#onTimeout = onTimeout;
  }

  /** Start the timers of states anew if they are active, and stop them if they are not. */
  restart(plan: Plan, states: readonly number[], isActive: (state: number) => boolean): void {
    for (const state of states) {
      const name = plan.names[state]!;
      this.#stop(name);
      const timeoutMs = plan.timeouts?.[state];
      if (timeoutMs !== undefined && isActive(state)) this.#start(name, timeoutMs);
    }
  }

  /** Stop all timers, as the machine is disposed. */
  disposed(): void {
    for (const name of [...this.#running.keys()]) this.#stop(name);
  }

  #start(name: string, timeoutMs: number): void {
    const timer = this.#timers.setTimeout(() => {
      this.#running.delete(name); // a clock may use the same timer again
      this.#onTimeout(name, timeoutMs);
    }, timeoutMs);
    this.#running.set(name, timer);
  }

  #stop(name: string): void {
    if (!this.#running.has(name)) return;
    this.#timers.clearTimeout(this.#running.get(name));
    this.#running.delete(name);
  }
}
