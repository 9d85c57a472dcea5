import { type Core, NO_STATES } from "./_core.ts";
import { activeRemoverOf, isHealth, scheduleAuto } from "./_execute.ts";
import { CHANGES } from "./_log.ts";
import {
  applyStep,
  countMissing,
  enteredStates,
  exitedStates,
  isHandled,
  pickListed,
  resolveStep,
} from "./_stepwise.ts";
import type { Subscriptions } from "./subscriptions.ts";
import { ADD, Canceled, Executed, type MutationCode, type MutationRecord, type Result, SET } from "./mutation.ts";

/**
 * In the place of a result: nothing was done, as somebody watches; or nothing but {@linkcode resolveStep}, which found that
 * there are handlers to call.
 */
export const WATCHED = -1, HANDLED = -2;

/**
 * Whether nobody could tell that a mutation from outside is more than its outcome: nothing waits before it, it may be worked out
 * stepwise, and until it is over nothing of a user's runs, unless a handler is for it. Then there is no need for records of the
 * mutation and its transition.
 */
export function isQuiet(core: Core, code: MutationCode): boolean {
  return !core.isProcessing && core.queue.length === 0 && isUnwatched(core, code) && !core.waits?.asksUsers;
}

function isUnwatched(core: Core, code: MutationCode): boolean {
  return code !== SET && core.isStepwise && !core.tracers.hearsMutations && core.log.level < CHANGES &&
    core.listeners.onChange.length === 0 && core.listeners.streams.length === 0 &&
    (core.signals === null || core.signals.isEmpty) && core.plan.timeouts === null;
}

/**
 * Run a mutation from outside, and the auto mutation that it leads to, when all is quiet (see {@linkcode isQuiet}).
 *
 * It does what `drainQueue` and `runMutation` do, less what has no effect then.
 *
 * @returns The mutation's result. Something may wait in the queue then, though only when a wait was settled or handlers are
 * bound. Or {@linkcode HANDLED}.
 */
export function runQuietly(core: Core, code: MutationCode, called: readonly number[]): Result | typeof HANDLED {
  const { plan, clock, order } = core;
  const result = tryOut(core, code, called);
  if (result === HANDLED) return HANDLED;
  core.thrown = null;
  core.excludedAutos = NO_STATES;
  core.lastMove = null;
  core.queue.passAppended();
  core.transitionCount++;
  const hasChanged = result === Executed && applyStep(plan, clock, order, code, called);
  if (core.waits !== null && core.waits.size > 0) settleWaits(core, core.waits, result === Executed);
  if (hasChanged && plan.auto.length > 0 && !isHealth(plan, code, called)) runAutos(core);
  return result;
}

/**
 * Run a mutation that waited in the queue, if it is as quiet as one from outside.
 *
 * @returns The mutation's result, or {@linkcode WATCHED}, or {@linkcode HANDLED}.
 */
export function runQueuedQuietly(core: Core, mutation: MutationRecord): Result | typeof WATCHED | typeof HANDLED {
  const { plan, clock, order } = core;
  const { code, called } = mutation;
  const isPlain = !mutation.isAuto && !mutation.isCheck;
  if (!isPlain || !isUnwatched(core, code) || (core.waits !== null && core.waits.size > 0)) return WATCHED;
  const result = tryOut(core, code, called);
  if (result === HANDLED) return HANDLED;
  core.lastMove = null;
  core.transitionCount++;
  const hasChanged = result === Executed && applyStep(plan, clock, order, code, called);
  if (hasChanged && !isHealth(plan, code, called)) scheduleAuto(core);
  return result;
}

/** Work out what relations make of a mutation. */
function tryOut(core: Core, code: MutationCode, called: readonly number[]): Result | typeof HANDLED {
  resolveStep(core.plan, core.clock, core.order, code, called);
  if (code === ADD && countMissing(core.clock, called) > 0) return Canceled;
  return core.table !== null && isHandled(core.table) ? HANDLED : Executed;
}

/** What ends a wait may be a user's, a clock or a signal: mutations that it makes are queued. */
function settleWaits(core: Core, waits: Subscriptions, isAccepted: boolean): void {
  const { plan, clock, order } = core;
  core.isProcessing = true;
  try {
    if (isAccepted) waits.transitioned(enteredStates(plan, clock, order), exitedStates(plan, order));
    if (!core.isDisposing) waits.queueMoved(core.queue.tick);
  } finally {
    core.isProcessing = false;
  }
  waits.queueEnded();
}

/** Try the auto states, if one of them has a chance. */
function runAutos(core: Core): void {
  if (core.table !== null || !isQuiet(core, ADD)) { // by something that a wait ended
    scheduleAuto(core);
    return;
  }
  const { plan, clock, order } = core;
  const called = pickAutos(core);
  if (called.length === 0) return;
  core.transitionCount++;
  resolveStep(plan, clock, order, ADD, called);
  const missing = countMissing(clock, called);
  if (missing === called.length) return;
  const left = missing === 0 ? called : pickListed(clock, called);
  if (missing > 0) resolveStep(plan, clock, order, ADD, left);
  applyStep(plan, clock, order, ADD, left);
  if (core.waits !== null && core.waits.size > 0) settleWaits(core, core.waits, true);
}

/**
 * The auto states to try: inactive ones that nothing active removes. None at all when each lacks something that no auto state
 * can bring along: the attempt would be refused, and nobody would see it. Of those that lack something only the ones are
 * tried that add states, as these take part until the attempt is cut down to who is left.
 */
function pickAutos(core: Core): readonly number[] {
  const { auto, add, alone } = core.plan;
  let picked: readonly number[] = NO_AUTOS;
  let isTried = false, hasChance = false;
  for (let i = 0; i < auto.length; i++) {
    const state = auto[i]!;
    if (core.isActive(state) || activeRemoverOf(core, state) >= 0) continue;
    isTried = true;
    const lacks = lacksNeeds(core, state);
    if (!lacks) hasChance = true;
    else if (add[state]!.length === 0) continue;
    picked = picked.length === 0 ? alone[state]! : [...picked, state];
  }
  if (isTried) core.queue.passPrepended();
  return hasChance ? picked : NO_AUTOS;
}

function lacksNeeds(core: Core, state: number): boolean {
  const needs = core.plan.autoNeeds[state]!;
  for (let i = 0; i < needs.length; i++) if (needs[i]! < 0 || !core.isActive(needs[i]!)) return true;
  return false;
}

const NO_AUTOS: readonly number[] = [];
