import type { Plan } from "./_plan.ts";
import { sortStates } from "./_resolver.ts";

/**
 * The order of a machine's active states, kept in one of two ways.
 *
 *     list      the active states themselves; made anew when somebody asks for them
 *     places    a number per state, for who moves single states: the lowest is first. Only the states apart from Require
 *               have an order that is worth keeping, Require says where all others are
 */
export class ActiveOrder {
  /** Whether the active states are known to have all they require, and not to remove one another. */
  isSettled: boolean;
  /** Null when it is out of date. */
  #list: readonly number[] | null;
  /** Null when they are out of date. */
  #places: number[] | null;
  #first: number;
  #last: number;

  constructor() {
    this.isSettled = true;
    this.#list = NO_STATES;
    this.#places = null;
    this.#first = 0;
    this.#last = 0;
  }

  /** The active states in order. Never written to: whoever gets it may keep it. */
  list(plan: Plan, clock: readonly number[]): readonly number[] {
    return this.#list ??= listByPlaces(plan, clock, this.#places!);
  }

  /** Take another list over. */
  replace(list: readonly number[]): void {
    this.isSettled = false; // as far as anybody knows
    this.#list = list;
    this.#places = null;
  }

  /** Get ready for moves of single states. */
  startMoving(plan: Plan): void {
    if (this.#places === null) {
      this.#places = plan.zeros.slice();
      this.#first = 0;
      this.#last = 0;
      for (const state of this.#list!) this.moveToEnd(state);
    }
    this.#list = null;
  }

  moveToFront(state: number): void {
    this.#places![state] = --this.#first;
  }

  moveToEnd(state: number): void {
    this.#places![state] = ++this.#last;
  }

  /** Put states that are not active any more into the order in which they were, as far as Require does not tell. */
  sort(plan: Plan, states: number[]): number[] {
    const places = this.#places!;
    states.sort((a, b) => places[a]! - places[b]!);
    sortStates(plan, states);
    return states;
  }
}

const NO_STATES: readonly number[] = [];

function listByPlaces(plan: Plan, clock: readonly number[], places: readonly number[]): number[] {
  const list: number[] = [];
  for (let state = 0; state < clock.length; state++) if ((clock[state]! & 1) === 1) list.push(state);
  list.sort((a, b) => places[a]! - places[b]!);
  sortStates(plan, list);
  return list;
}
