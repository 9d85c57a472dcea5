import type { Configuration } from "./_memo.ts";
import type { Plan } from "./_plan.ts";
import { sortByKey, sortStates } from "./_resolver.ts";

/**
 * The order of a machine's active states, kept in one of two ways.
 *
 *     list      the active states themselves; made anew when somebody asks for them
 *     places    a number per state, for who moves single states: the lowest is first. Only the states apart from Require
 *               have an order that is worth keeping, Require says where all others are
 */
export class ActiveOrder {
  /** Whether the active states are known to have all they require, and not to remove one another. */
  isSettled = true;
  /** What is remembered of these active states in this order; null when that is not known. */
  configuration: Configuration | null = null;
  /** Null when it is out of date. */
  #list: readonly number[] | null = NO_STATES;
  /** Null when they are out of date. */
  #places: number[] | null = null;
  #first = 0;
  #last = 0;

  /** The active states in order. Never written to: whoever gets it may keep it. */
  list(plan: Plan, clock: readonly number[]): readonly number[] {
    return this.#list ??= listByPlaces(plan, clock, this.#places!);
  }

  /** Take another list over. */
  replace(list: readonly number[]): void {
    this.isSettled = false; // as far as anybody knows
    this.configuration = null;
    this.#list = list;
    this.#places = null;
  }

  /** Go on to a configuration. */
  follow(configuration: Configuration): void {
    this.configuration = configuration;
    this.#list = configuration.active;
    this.#places = null;
  }

  /** Get ready for moves of single states. */
  startMoving(plan: Plan): void {
    this.#placesOf(plan);
    this.configuration = null;
    this.#list = null;
  }

  /** Put target states in front of those that stay where they are, and others behind them. */
  move(plan: Plan, front: readonly number[], rear: readonly number[]): void {
    this.startMoving(plan);
    for (let i = front.length - 1; i >= 0; i--) this.moveToFront(front[i]!);
    for (let i = 0; i < rear.length; i++) this.moveToEnd(rear[i]!);
  }

  moveToFront(state: number): void {
    this.#places![state] = --this.#first;
  }

  moveToEnd(state: number): void {
    this.#places![state] = ++this.#last;
  }

  /** Put states that are active, or were before the last moves, into the order in which they are or were. */
  sort(plan: Plan, states: number[]): number[] {
    sortByKey(this.#placesOf(plan), states);
    return sortStates(plan, states);
  }

  #placesOf(plan: Plan): number[] {
    if (this.#places === null) {
      this.#places = plan.zeros.slice();
      this.#first = 0;
      this.#last = 0;
      for (const state of this.#list!) this.moveToEnd(state);
    }
    return this.#places;
  }
}

const NO_STATES: readonly number[] = [];

function listByPlaces(plan: Plan, clock: readonly number[], places: readonly number[]): number[] {
  const list: number[] = [];
  for (let state = 0; state < clock.length; state++) if ((clock[state]! & 1) === 1) list.push(state);
  sortByKey(places, list);
  return sortStates(plan, list);
}
