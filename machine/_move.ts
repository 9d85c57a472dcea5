import type { Change } from "./_memo.ts";
import type { ActiveOrder } from "./_order.ts";
import type { Plan } from "./_plan.ts";
import { sortStates } from "./_resolver.ts";

/** What of a machine its moves begin from. */
interface Position {
  /** Ticks by state; odd is active. */
  readonly clock: readonly number[];
  /** Active states in the machine's order. */
  readonly active: readonly number[];
}

/** So many moves hang on one copy of the clock. More of them would cost who reads them, and memory. */
const MAX_MOVES = 16;

/**
 * What one transition changes of its machine's clock and order.
 *
 * A move knows what it changes and which one was before it, back to a copy of clock and order. So whoever keeps a transition can
 * read all of it at any time, and nothing is copied for those that nobody keeps. It knows nothing of the transition itself,
 * whose arguments may be large.
 *
 *     Start     <-  Move     <-  Move        time     [1, 3, 0]  ->  [2, 3, 1]  ->  [2, 5, 1]
 *     [1, 3, 0]     +C, -A       +B again    active   A B        ->  C B        ->  B C
 */
export class Move {
  // Fields are declared, so that only the constructor sets them (see `_event.ts`).

  /** What it changes, as far as that is known. */
  declare change: Change;
  /** Whether clock and order were moved. */
  declare isMade: boolean;
  readonly #origin: Move | Start;
  /** How many moves there are since the start, this one included. */
  readonly #count: number;

  /** @param last The machine's last move, if nothing else changed the machine since; else null. */
  constructor(last: Move | null, position: Position) {
    const isFirst = last === null || last.#count === MAX_MOVES;
    this.change = NO_CHANGE;
    this.isMade = false;
    this.#origin = isFirst ? new Start(position) : last;
    this.#count = isFirst ? 1 : last.#count + 1;
  }

  /** Active states before it, in order. */
  before(plan: Plan): readonly number[] {
    return this.#origin.target(plan);
  }

  /** Target states, in order. */
  target(plan: Plan): readonly number[] {
    const { change } = this;
    return change === NO_CHANGE ? this.before(plan) : change.target ??= listTarget(plan, change, this.before(plan));
  }

  /** Ticks before it; a copy. */
  timeBefore(): number[] {
    return this.#origin.time();
  }

  /** Ticks after it; a copy. */
  time(): number[] {
    const time = this.#origin.time();
    if (this.isMade) moveClock(time, this.change);
    return time;
  }

  /** Move clock and order of the machine. */
  make(clock: number[], order: ActiveOrder, plan: Plan): void {
    const { configuration, target, front, rear, isSettled } = this.change;
    this.isMade = true;
    if (configuration !== null) order.follow(configuration);
    else if (target === null) order.move(plan, front, rear);
    else order.replace(target);
    order.isSettled = isSettled;
    moveClock(clock, this.change);
  }
}

/** By one for each state that comes or goes, by two for a multi state that is called again. */
export function moveClock(clock: number[], { entering, exiting }: Change): void {
  for (let i = 0; i < entering.length; i++) clock[entering[i]!]! += (clock[entering[i]!]! & 1) + 1;
  for (let i = 0; i < exiting.length; i++) clock[exiting[i]!]!++;
}

/** Tell which states a change leads to: those in front, those that stay of the ones before, and those behind, all sorted. */
export function listTarget(plan: Plan, { front, rear, exiting }: Change, before: readonly number[]): number[] {
  const moves = new Set([...front, ...exiting]);
  return sortStates(plan, [...front, ...before.filter((state) => !moves.has(state)), ...rear]);
}

/** Clock and order from which moves begin. */
class Start {
  readonly #time: readonly number[];
  readonly #active: readonly number[];

  constructor({ clock, active }: Position) {
    this.#time = clock.slice();
    this.#active = active;
  }

  time(): number[] {
    return this.#time.slice();
  }

  target(_plan: Plan): readonly number[] {
    return this.#active;
  }
}

/** No states. Never written to: lists are replaced, not changed. */
export const NONE: readonly number[] = [];

/** Stands for what is not known yet. Never written to. */
const NO_CHANGE: Change = changeTo(NONE, NONE, NONE);

/** Make a change to target states that were worked out as a whole, and may contradict each other. */
export function changeTo(target: readonly number[], entering: readonly number[], exiting: readonly number[]): Change {
  return { entering, exiting, front: NONE, rear: NONE, target, configuration: null, isSettled: false };
}
