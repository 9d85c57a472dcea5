import type { Core } from "./_core.ts";
import { callFinal, callNegotiation, callPlainly, recoverFinal, tellOfEntered } from "./_call.ts";
import { CHANGES, EVERYTHING, OPS } from "./_log.ts";
import { changeTo, Move, NONE } from "./_move.ts";
import type { Plan } from "./_plan.ts";
import { TransitionRecord } from "./_record.ts";
import { type ResolveNote, resolveTargets, sortStates } from "./_resolver.ts";
import { countMissing, resolveStep, takeStep } from "./_stepwise.ts";
import { noteCalled, noteCancel, noteResolved } from "./_steps.ts";
import { logCall, logImplied, logMove, logNotes } from "./_transition_log.ts";
import { ADD, type MutationCode, MutationRecord, REMOVE, SET } from "./mutation.ts";

/**
 * Run one mutation: resolve its target states, negotiate, move the clock, call the final handlers.
 *
 * An auto mutation that it leads to is at the queue's head when it returns, and so is the `Exception` of a handler that threw.
 *
 * @param isResolved Whether `resolveStep` was just called for it.
 * @returns The transition. It is over, and still the machine's current one.
 */
export function runMutation(core: Core, mutation: MutationRecord, isResolved: boolean): TransitionRecord {
  const record = isResolved ? beginResolved(core, mutation) : beginTransition(core, mutation);
  core.tracers.audience.transitionStart?.call(record);
  let isOk = record.accepted;
  if (isOk && hasHandlers(core)) isOk = negotiate(core, record);
  if (!mutation.isCheck) {
    if (mutation.isAuto) settleAuto(core, record);
    if (isOk) isOk = applyTransition(core, record);
    else record.isRefused = true;
    if (isOk && (core.table?.anyState || isLoggingAll(core))) {
      isOk = callFinal(core, record, core.table?.anyState, "AnyState", NO_STATE);
    }
    notifyChange(core, record);
  }
  if (!isOk) record.accepted = false;
  else if (
    !mutation.isCheck && hasMoved(record.move) && !mutation.isAuto &&
    !isHealth(core.plan, mutation.code, mutation.called)
  ) scheduleAuto(core);
  record.queueLength = core.queue.length;
  record.completed = true;
  if (core.listeners.streams.length > 0 && !mutation.isCheck) {
    for (const stream of core.listeners.streams) stream.push(record); // not to those that are made below
  }
  core.tracers.audience.transitionEnd?.call(record); // a handler may have bound the first one
  return record;
}

/** Stands for no state. */
const NO_STATE = -1;

function hasHandlers(core: Core): boolean {
  return core.hasHandlers || isLoggingAll(core);
}

function makeRecord(core: Core, mutation: MutationRecord): TransitionRecord {
  const move = new Move(core.lastMove, core);
  return core.transition = new TransitionRecord(core, core.plan, mutation, move, ++core.transitionCount);
}

/** Begin one that relations accept, as `resolveStep` found, and that nobody watches as yet. */
function beginResolved(core: Core, mutation: MutationRecord): TransitionRecord {
  const record = makeRecord(core, mutation);
  record.move.change = takeStep(core.plan, core.clock, core.order, mutation.code, mutation.called);
  return record;
}

function beginTransition(core: Core, mutation: MutationRecord): TransitionRecord {
  const record = makeRecord(core, mutation);
  core.log.startTransition(record);
  if (core.log.level >= OPS) logCall(core, mutation);
  if (core.breakpoints.length > 0 && !mutation.isCheck) core.checkBreakpoints(mutation);
  if (core.tracers.wants.steps && (!mutation.isCheck || core.tracers.wants.checkSteps)) {
    record.stepRecords = [];
    noteCalled(core, record);
  }
  const isStepwise = resolveInto(core, record, mutation.called);
  if (core.log.level >= OPS) logImplied(core, record);
  accept(core, record, isStepwise);
  core.tracers.audience.transitionInit?.call(record);
  return record;
}

/**
 * Work out what the mutation leads to.
 *
 * @returns Whether that was done stepwise: then it is known what enters and exits, too.
 */
function resolveInto(core: Core, record: TransitionRecord, called: readonly number[]): boolean {
  const { plan, clock, order } = core;
  const { mutation, move } = record;
  const isLogged = core.log.level >= OPS;
  const notes: ResolveNote[] | null = isLogged || record.stepRecords !== null ? [] : null;
  if (notes === null && mutation.code !== SET && core.isStepwise) {
    resolveStep(plan, clock, order, mutation.code, called);
    move.change = takeStep(plan, clock, order, mutation.code, called);
    return true;
  }
  move.change = changeTo(resolveTargets(plan, core.active, clock, mutation, called, notes), NONE, NONE);
  if (record.stepRecords !== null) noteResolved(core, record, notes!);
  if (isLogged) logNotes(core, mutation, notes!);
  return false;
}

/** Refuse the transition when called states did not make it into the target: one is enough, of auto states it takes all. */
function accept(core: Core, record: TransitionRecord, isStepwise: boolean): void {
  const { mutation } = record;
  const missing = mutation.code === REMOVE
    ? 0
    : isStepwise
    ? countMissing(core.clock, mutation.called)
    : mutation.called.filter((state) => !record.target.includes(state)).length;
  record.isComplete = missing === 0;
  if (missing === 0 || isAcceptable(core, mutation, missing)) {
    if (!isStepwise) findEntersAndExits(core, record);
    return;
  }
  record.accepted = false;
  const { target } = record; // before it is forgotten what it comes from
  record.move.change = changeTo(target, NONE, NONE);
  if (core.log.level < OPS && record.stepRecords === null) return;
  const rejected = mutation.called.filter((state) => !target.includes(state));
  if (record.stepRecords !== null) noteCancel(record.stepRecords, rejected);
  if (core.log.level >= OPS) core.log.write(OPS, `[cancel:reject] ${core.names(rejected)}`);
}

/** Whether a mutation may go on without some of its called states. */
function isAcceptable(core: Core, mutation: MutationRecord, missing: number): boolean {
  if (mutation.isAuto) return missing < mutation.called.length;
  return mutation.isCheck && mutation.called.some((state) => core.plan.isMulti[state]);
}

function findEntersAndExits(core: Core, record: TransitionRecord): void {
  const { mutation, move, target } = record;
  const isTarget = new Set(target);
  const notes: ResolveNote[] | null = record.stepRecords === null ? null : [];
  const entering = target.filter((state) =>
    !core.isActive(state) || (core.plan.isMulti[state] && mutation.called.includes(state))
  );
  const exiting = sortStates(core.plan, core.active.filter((state) => !isTarget.has(state)), notes);
  move.change = changeTo(target, entering, exiting);
  if (notes !== null) noteResolved(core, record, notes);
}

/**
 * Call the negotiation handlers in order. Returns false when the transition is refused.
 *
 * The table is read anew for each event: a handler may bind others and take some off. At the highest level the log names all
 * events, also those that nobody handles.
 */
function negotiate(core: Core, record: TransitionRecord): boolean {
  const { mutation } = record;
  if (!negotiateMoves(core, record)) return false;
  if ((core.table?.self || isLoggingAll(core)) && mutation.code !== REMOVE && !negotiateSelves(core, record)) {
    return false;
  }
  if ((core.table?.pairs || isLoggingAll(core)) && !negotiatePairs(core, record)) return false;
  if (mutation.isAuto && record.target.length === 0) return false;
  if (!core.table?.anyEnter && !isLoggingAll(core)) return true;
  return callNegotiation(core, record, core.table?.anyEnter, "AnyEnter", NO_STATE, NO_STATE);
}

function isLoggingAll(core: Core): boolean {
  return core.log.level === EVERYTHING;
}

/** `FooExit` for states that go, then `FooEnter` for those that come. */
function negotiateMoves(core: Core, record: TransitionRecord): boolean {
  const { entering, exiting } = record.move.change;
  const done = callPlainly(core, record, false);
  const refused = ~done; // a place only if one refused
  for (let i = Math.max(done, refused); i < exiting.length + entering.length; i++) {
    const isExiting = i < exiting.length;
    const state = isExiting ? exiting[i]! : entering[i - exiting.length]!;
    const isOk = i !== refused &&
      (isExiting
        ? callNegotiation(core, record, core.table?.exit?.[state], "Exit", state, NO_STATE)
        : callNegotiation(core, record, core.table?.enter?.[state], "Enter", NO_STATE, state));
    if (!isOk && (isExiting || !dropAuto(core, record, state))) return false;
  }
  return true;
}

/** `FooFoo`, for target states that are active already. */
function negotiateSelves(core: Core, record: TransitionRecord): boolean {
  const list = record.target.slice();
  for (let i = 0; i < list.length; i++) {
    const state = list[i]!;
    if (!core.isActive(state)) continue;
    if (callNegotiation(core, record, core.table?.self?.[state], "Self", NO_STATE, state)) continue;
    if (!dropAuto(core, record, state)) return false;
    list.splice(i, 1); // as in the original, the state that moves up is passed over
  }
  return true;
}

/** `FooBar`, for each state Foo before and each other target state Bar, also when both stay. */
function negotiatePairs(core: Core, record: TransitionRecord): boolean {
  for (const from of record.before) {
    if (!core.table?.pairs?.[from] && core.log.level < EVERYTHING) continue;
    for (const to of record.target.slice()) {
      if (from === to) continue;
      if (callNegotiation(core, record, core.table?.pairs?.[from]?.[to], "Pair", from, to)) continue;
      if (!dropAuto(core, record, to)) return false;
    }
  }
  return true;
}

/** In an auto transition a refused auto state falls out of the target, and the rest goes on. */
function dropAuto(core: Core, record: TransitionRecord, state: number): boolean {
  if (!record.mutation.isAuto || !core.plan.isAuto[state]) return false;
  const { target, entering, exiting } = record;
  record.move.change = changeTo(target.filter((other) => other !== state), entering, exiting);
  record.isComplete = false;
  return true;
}

/** Work out the target of an auto transition anew, from the called states that nobody refused. */
function settleAuto(core: Core, record: TransitionRecord): void {
  if (record.isComplete && core.log.level < OPS && record.stepRecords === null) return; // it would come out the same
  const { target, mutation } = record;
  const isStepwise = resolveInto(core, record, mutation.called.filter((state) => target.includes(state)));
  if (!isStepwise) findEntersAndExits(core, record);
}

/** Move the clock, then call the final handlers. Returns false when one threw. */
function applyTransition(core: Core, record: TransitionRecord): boolean {
  makeMove(core, record);
  core.tracers.audience.transitionFinals?.call(record);
  const isOk = (!hasHandlers(core) && !core.waits?.hasArgs) || callFinals(core, record);
  if (!isOk) recoverFinal(core, record);
  return isOk;
}

/** Move clock and order, and tell of it. */
function makeMove(core: Core, record: TransitionRecord): void {
  const { move } = record;
  move.make(core.clock, core.order, core.plan);
  core.lastMove = move;
  if (core.signals !== null || core.plan.timeouts !== null) tellOfMove(core, record);
  else if (core.log.level >= CHANGES) logMove(core, record);
}

function tellOfMove(core: Core, record: TransitionRecord): void {
  const { move } = record;
  const before = move.timeBefore();
  const tell = core.log.level < CHANGES ? null : () => logMove(core, record);
  core.ticksMoved([...record.entering, ...record.exiting], (state) => before[state]!, tell);
}

function hasMoved({ isMade, change: { entering, exiting } }: Move): boolean {
  return isMade && entering.length + exiting.length > 0;
}

/** `FooEnd` for states that went, then `FooState` for those that came. */
function callFinals(core: Core, record: TransitionRecord): boolean {
  const { entering, exiting } = record.move.change;
  const done = callPlainly(core, record, true);
  if (done < 0) return false;
  for (let i = done; i < exiting.length; i++) {
    if (!callFinal(core, record, core.table?.end?.[exiting[i]!], "End", exiting[i]!)) return false;
  }
  for (let i = Math.max(0, done - exiting.length); i < entering.length; i++) {
    const state = entering[i]!;
    record.failedEnter = i;
    const isOk = callFinal(core, record, core.table?.state?.[state], "State", state);
    tellOfEntered(core, record, state);
    if (!isOk) return false;
  }
  record.failedEnter = NO_STATE;
  return true;
}

function notifyChange(core: Core, record: TransitionRecord): void {
  if (core.listeners.onChange.length === 0) return;
  const { timeBefore, timeAfter } = record;
  for (const fn of core.listeners.onChange) core.tell(() => fn(core.machine, timeBefore, timeAfter));
}

/** Whether a mutation is one that auto states are not tried after. */
export function isHealth({ health }: Plan, code: MutationCode, called: readonly number[]): boolean {
  return health.length > 0 && code === ADD && called.length === 1 && health.includes(called[0]!);
}

/** Put a mutation of all auto states that nothing active removes in front of the queue. Require is not looked at here. */
export function scheduleAuto(core: Core): void {
  const { auto } = core.plan;
  if (auto.length === 0) return;
  const called: number[] = [];
  for (const state of auto) {
    if (core.isActive(state) || core.excludedAutos.has(state)) continue;
    const remover = activeRemoverOf(core, state);
    if (remover < 0) called.push(state);
    else if (core.log.level === EVERYTHING) {
      core.log.write(EVERYTHING, `[auto:rel:remove] ${core.names([state])} by ${core.names([remover])}`);
    }
  }
  if (called.length === 0) return;
  if (core.log.level >= OPS) core.log.write(OPS, `[auto] ${core.names(called)}`);
  core.prepend(new MutationRecord(core.plan.names, ADD, called, undefined, undefined, "auto"));
}

/** The first active state that removes this one, or {@linkcode NO_STATE}. */
export function activeRemoverOf(core: Core, state: number): number {
  const removers = core.plan.removedBy[state]!;
  for (let i = 0; i < removers.length; i++) if (core.isActive(removers[i]!)) return removers[i]!;
  return NO_STATE;
}
