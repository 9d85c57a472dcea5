import { type Core, NO_STATES } from "./_core.ts";
import { runMutation } from "./_execute.ts";
import { isEval, type QueueItem } from "./_queue.ts";
import { HANDLED, runQueuedQuietly } from "./_quiet.ts";
import type { TransitionRecord } from "./_record.ts";
import { AutoLoopError, DrainLimitError } from "./errors.ts";
import { Canceled, Executed, type MutationRecord, type Result } from "./mutation.ts";

/** After so many auto transitions in a row in which a handler threw, the auto states are left out. */
const MAX_THROWN_AUTOS = 100;

/** How many of the last mutations a {@linkcode DrainLimitError} names. */
const NAMED_MUTATIONS = 10;

/**
 * Work on the queue until it is empty.
 *
 * Never called while it works: mutations of handlers, tracers and callbacks wait for their turn, nothing runs nested.
 *
 * @param core The machine.
 * @param own The mutation whose result is wanted.
 * @param guard The machine's guard against work without end.
 * @param isResolved Whether `own` is not in the queue, but to be run at once, and `resolveStep` was called for it.
 * @param ran How many mutations ran quietly before it.
 * @returns The result of `own`; canceled when it was dropped.
 */
export function drainQueue(
  core: Core,
  own: MutationRecord | null,
  guard: DrainGuard,
  isResolved = false,
  ran = 0,
): Result {
  guard.begin(ran);
  let result: Result = Canceled;
  core.isProcessing = true;
  core.thrown = null;
  core.excludedAutos = NO_STATES;
  try {
    for (let isFirst = isResolved; isFirst || core.queue.length > 0; isFirst = false) {
      if (isFirst && own !== null) {
        guard.count(own);
        if (run(core, own, guard, true)) result = Executed;
      }
      for (let item = guard.next(); item !== undefined; item = guard.next()) {
        if (isEval(item)) {
          item.run();
          continue;
        }
        const isExecuted = run(core, item, guard, false);
        if (item === own && isExecuted) result = Executed; // then its states are as it wants them
      }
      core.tracers.audience.queueEnd?.call(core.machine);
      if (guard.hasGivenUp) core.queue.clear();
    }
  } finally {
    core.isProcessing = false;
    core.transition = null;
  }
  core.waits?.queueEnded();
  return result;
}

/** Run one mutation, and settle what waits for it. Tells whether it was accepted. */
function run(core: Core, mutation: MutationRecord, guard: DrainGuard, isResolved: boolean): boolean {
  if (!isResolved) {
    const result = runQueuedQuietly(core, mutation);
    if (result >= 0) return result === Executed;
    isResolved = result === HANDLED;
  }
  const record = runMutation(core, mutation, isResolved);
  core.transition = null;
  if (mutation.isAuto) guard.watchAuto(record);
  if (!mutation.isCheck) settleWaits(core, record);
  return record.accepted;
}

/** When and whenNot first, then whenTime, whenQueue, whenQuery: a canceled transition moves the queue all the same. */
function settleWaits(core: Core, record: TransitionRecord): void {
  const { waits } = core;
  if (waits === null || waits.size === 0) return;
  if (record.accepted) waits.transitioned(record.entering, record.exiting);
  if (core.isDisposing) return; // what waits for a mutation that was dropped is rejected
  waits.queueMoved(core.queue.tick);
  if (record.accepted) waits.askQueries();
}

/** Ends what would never end: handlers that queue one another, auto states whose handlers always throw. */
export class DrainGuard {
  readonly #core: Core;
  /** How many items may run; 0 for no limit. */
  readonly #limit: number;
  /** The last mutations, kept once so many items ran that the limit may be near. */
  readonly #last: MutationRecord[] = [];
  readonly #keepFrom: number;
  #count = 0;
  #hasTripped = false;
  /** Whether the limit was reached a second time: what is queued in answer to that is dropped. */
  hasGivenUp = false;
  #thrownAutos = 0;

  constructor(core: Core, limit: number) {
    this.#core = core;
    this.#limit = limit;
    this.#keepFrom = limit - Math.max(NAMED_MUTATIONS, limit / 2);
  }

  /** Count again, from what ran already. */
  begin(ran: number): void {
    if (this.#last.length > 0) this.#last.length = 0; // to set it takes time, even where it stays 0
    this.#count = ran;
    this.#hasTripped = false;
    this.hasGivenUp = false;
    this.#thrownAutos = 0;
  }

  /** Take the next item, unless the limit is reached. */
  next(): QueueItem | undefined {
    if (this.#limit > 0 && this.#count >= this.#limit && this.#core.queue.length > 0) this.#trip();
    const item = this.#core.queue.shift();
    if (item !== undefined) this.count(item);
    return item;
  }

  /** Count an item that runs. */
  count(item: QueueItem): void {
    if (this.#limit === 0) return;
    this.#count++;
    if (this.#count > this.#keepFrom && !isEval(item)) this.#keep(item);
  }

  #keep(mutation: MutationRecord): void {
    this.#last.push(mutation);
    if (this.#last.length > NAMED_MUTATIONS) this.#last.shift();
  }

  /** Count auto transitions in which a handler threw. */
  watchAuto({ mutation, hasThrown }: TransitionRecord): void {
    this.#thrownAutos = hasThrown ? this.#thrownAutos + 1 : 0;
    if (this.#thrownAutos < MAX_THROWN_AUTOS) return;
    this.#core.excludedAutos = new Set([...this.#core.excludedAutos, ...mutation.called]);
    this.#core.raise(new AutoLoopError(mutation.states, this.#thrownAutos));
    this.#thrownAutos = 0;
  }

  /** Empty the queue. The error gets a drain of its own; handlers that answer even that with no end are only told about. */
  #trip(): void {
    const { queue } = this.#core;
    const last = this.#last.splice(0).map(({ type, states }) => [type, ...states].join(" "));
    const error = new DrainLimitError(this.#limit, last);
    queue.clear();
    this.#count = 0;
    this.hasGivenUp = this.#hasTripped;
    this.#hasTripped = true;
    if (!this.hasGivenUp) {
      this.#core.raise(error);
      return;
    }
    this.#core.reportInternalError(error);
    queue.clear();
    this.#core.waits?.queueMoved(queue.tick);
  }
}
