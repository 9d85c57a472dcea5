import type { MutationCode } from "./mutation.ts";

/**
 * What mutations came to before, remembered for all machines of a plan.
 *
 * Which states come and go hangs on three things: the active states in their order, what is mutated, and the plan. So the first
 * mutation of its kind is worked out, and the next one is looked up. Machines go from configuration to configuration along
 * known steps, and leave them when a step is not known.
 *
 *     ()  -- add Start ->  (Start Connecting)  -- add Connected ->  (Start Connected)  -- ...
 *      ^-------------------------------------------------------------- remove Start --'
 */
export class Memo {
  readonly #byKey: Map<string, Configuration> = new Map();
  /** How many more words may be remembered. */
  #room: number;
  /** Mutations that were worked out since the last look for a configuration. */
  #workedOut = 0;
  /** How many of them there are to a look, which costs as much as the schema is large. */
  readonly #interval: number;

  /**
   * @param size How many states the schema has.
   * @param room How many words may be remembered, roughly.
   * @param interval How many mutations are worked out before machines that are in no configuration look for theirs: the first
   * mutations of a schema pay for nothing that only later ones get.
   */
  constructor(size: number, room: number = ROOM, interval: number = 4 * (size + 16)) {
    this.#room = room;
    this.#interval = interval;
  }

  /** Whether anything new may be remembered. */
  get hasRoom(): boolean {
    return this.#room > 0;
  }

  /** Whether it is time for a machine to look for its configuration. Counts how often that is asked. */
  isTimeToLook(): boolean {
    const interval = this.hasRoom ? this.#interval : RARELY * this.#interval; // little that is looked for is there
    if (++this.#workedOut < interval) return false;
    this.#workedOut = 0;
    return true;
  }

  /** The configuration of active states in this order; null when it is new, and there is no room for it. */
  at(active: readonly number[]): Configuration | null {
    const key = active.join();
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    if (!this.hasRoom) return null;
    this.#room -= COST + 2 * active.length; // the list and the key
    const made = new Configuration(active);
    this.#byKey.set(key, made);
    return made;
  }

  /** Remember what comes of a mutation, if there is room. */
  learn(from: Configuration, step: KnownStep): void {
    if (!this.hasRoom || !from.hasRoom) return;
    const { called, change: { entering, exiting } } = step;
    this.#room -= COST + called.length + entering.length + exiting.length; // called states may be many that change nothing
    from.learn(step);
  }
}

/** So many words of eight bytes are remembered of a schema that machines share: a quarter of a megabyte. */
export const ROOM = 2 ** 15;

/** And of a schema that one machine has for itself: there may be as many of them as machines. */
export const ROOM_OF_ONE: number = ROOM / 16;

/** How many times rarer looks are when there is no room for what is new. */
const RARELY = 16;

/** What a configuration costs besides its states, and what a step costs, in words. */
const COST = 32;

/** So many steps of a configuration are known at most: they are looked through one by one. */
const MAX_STEPS = 8;

/** Active states in their order, and the known steps from there. */
export class Configuration {
  /** Never written to. */
  readonly active: readonly number[];
  readonly #steps: KnownStep[] = [];

  constructor(active: readonly number[]) {
    this.active = active;
  }

  get hasRoom(): boolean {
    return this.#steps.length < MAX_STEPS;
  }

  /** What is known to come of a mutation; null for nothing. */
  stepOf(code: MutationCode, called: readonly number[]): KnownStep | null {
    const steps = this.#steps;
    for (let i = 0; i < steps.length; i++) {
      if (steps[i]!.code === code && isSameList(steps[i]!.called, called)) return steps[i]!;
    }
    return null;
  }

  learn(step: KnownStep): void {
    this.#steps.push(step);
  }
}

/** What a transition changes. */
export interface Change {
  /** States that activate, and multi states called again, in order. */
  readonly entering: readonly number[];
  /** States that deactivate, in order. */
  readonly exiting: readonly number[];
  /** Target states in front of those that stay where they are, before all are sorted. */
  readonly front: readonly number[];
  /** Target states behind them. */
  readonly rear: readonly number[];
  /** Target states in order; null until somebody wants to know. */
  target: readonly number[] | null;
  /** What is remembered of the target states; null for nothing. */
  readonly configuration: Configuration | null;
  /** Whether the target states are known not to contradict each other. */
  readonly isSettled: boolean;
}

/** What comes of a mutation in a configuration. Nothing of it but what it says of handlers is written to, lists included. */
export interface KnownStep {
  readonly code: MutationCode;
  readonly called: readonly number[];
  /** How many of the called states are not in the target. */
  readonly missing: number;
  readonly change: Change;
  /** Where it leads. */
  readonly target: Configuration;
  /** The number of the table of handlers that {@linkcode isHandled} is about: the plan outlives the handlers. 0 for none. */
  tableNumber: number;
  /** Whether a handler of that table may be called. */
  isHandled: boolean;
}

function isSameList(some: readonly number[], others: readonly number[]): boolean {
  if (some === others) return true; // the list of a single state is one for all
  if (some.length !== others.length) return false;
  for (let i = 0; i < some.length; i++) if (some[i] !== others[i]) return false;
  return true;
}
