import type { Configuration, KnownStep } from "./_memo.ts";
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

  /** States that activate, and multi states called again, in order. */
  declare entering: readonly number[];
  /** States that deactivate, in order. */
  declare exiting: readonly number[];
  /** Target states in front of those that stay where they are, before all are sorted. */
  declare front: readonly number[];
  /** Target states behind them. */
  declare rear: readonly number[];
  /** Whether the target states are known not to contradict each other. */
  declare isSettled: boolean;
  /** Whether clock and order were moved. */
  declare isMade: boolean;
  readonly #origin: Move | Start;
  /** How many moves there are since the start, this one included. */
  readonly #count: number;
  /** The target states, if they are remembered; else null. */
  #configuration: Configuration | null;
  /** Null until somebody wants to know. */
  #target: readonly number[] | null;

  /** @param last The machine's last move, if nothing else changed the machine since; else null. */
  constructor(last: Move | null, position: Position) {
    const isFirst = last === null || last.#count === MAX_MOVES;
    this.entering = NONE;
    this.exiting = NONE;
    this.front = NONE;
    this.rear = NONE;
    this.isSettled = false;
    this.isMade = false;
    this.#origin = isFirst ? new Start(position) : last;
    this.#count = isFirst ? 1 : last.#count + 1;
    this.#configuration = null;
    this.#target = null;
  }

  /** Active states before it, in order. */
  before(plan: Plan): readonly number[] {
    return this.#origin.target(plan);
  }

  /** Target states, in order. */
  target(plan: Plan): readonly number[] {
    return this.#target ??= listTarget(plan, this);
  }

  /** Say what the target states are, or null: they are what comes in front, stays and comes behind. */
  setTarget(target: readonly number[] | null): void {
    this.#configuration = null;
    this.#target = target;
  }

  /** Change what a known step changes. */
  take(step: KnownStep): void {
    this.entering = step.entering;
    this.exiting = step.exiting;
    this.isSettled = step.isSettled;
    this.#configuration = step.target;
    this.#target = step.target.active;
  }

  /** Ticks before it; a copy. */
  timeBefore(): number[] {
    return this.#origin.time();
  }

  /** Ticks after it; a copy. */
  time(): number[] {
    const time = this.#origin.time();
    if (this.isMade) moveClock(time, this.entering, this.exiting);
    return time;
  }

  /** Move clock and order of the machine. */
  make(clock: number[], order: ActiveOrder, plan: Plan): void {
    this.isMade = true;
    if (this.#configuration !== null) order.follow(this.#configuration);
    else if (this.#target === null) order.move(plan, this.front, this.rear);
    else order.replace(this.#target);
    order.isSettled = this.isSettled;
    moveClock(clock, this.entering, this.exiting);
  }
}

/** By one for each state that comes or goes, by two for a multi state that is called again. */
export function moveClock(clock: number[], entering: readonly number[], exiting: readonly number[]): void {
  for (let i = 0; i < entering.length; i++) clock[entering[i]!]! += (clock[entering[i]!]! & 1) + 1;
  for (let i = 0; i < exiting.length; i++) clock[exiting[i]!]!++;
}

function listTarget(plan: Plan, move: Move): number[] {
  const { front, rear, exiting } = move;
  const moves = new Set([...front, ...exiting]);
  return sortStates(plan, [...front, ...move.before(plan).filter((state) => !moves.has(state)), ...rear]);
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
