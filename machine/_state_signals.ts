/** A signal of a tick that is past, not yet aborted. */
export interface ExpiredSignal {
  readonly state: number;
  readonly controller: AbortController;
}

const NO_SIGNALS: readonly ExpiredSignal[] = [];

/** The signals of one machine's states: one for each state and tick, made when somebody asks for it. */
export class StateSignals {
  #controllers: Map<number, AbortController> = new Map();

  get isEmpty(): boolean {
    return this.#controllers.size === 0;
  }

  has(state: number): boolean {
    return this.#controllers.has(state);
  }

  /** The signal of a state's current tick, active or not. */
  get(state: number): AbortSignal {
    let controller = this.#controllers.get(state);
    if (controller === undefined) this.#controllers.set(state, controller = new AbortController());
    return controller.signal;
  }

  /** Take out the signals of states whose ticks moved. They are to be aborted; who asks from now on gets others. */
  take(states: readonly number[]): readonly ExpiredSignal[] {
    if (this.#controllers.size === 0) return NO_SIGNALS;
    const taken: ExpiredSignal[] = [];
    for (const state of states) {
      const controller = this.#controllers.get(state);
      if (controller !== undefined) taken.push({ state, controller });
      this.#controllers.delete(state);
    }
    return taken;
  }

  /** Follow states to new indexes. */
  reorder(moved: (state: number) => number): void {
    this.#controllers = new Map([...this.#controllers].map(([state, controller]) => [moved(state), controller]));
  }

  /** Abort them all, as the machine is disposed. */
  disposed(reason: Error): void {
    const controllers = [...this.#controllers.values()];
    this.#controllers.clear();
    for (const controller of controllers) controller.abort(reason);
  }
}
