import type { Core } from "./_core.ts";
import { callFinal, callNegotiation, recoverFinal } from "./_call.ts";
import { CHANGES, EVERYTHING, OPS } from "./_log.ts";
import type { Plan } from "./_plan.ts";
import { TransitionRecord } from "./_record.ts";
import { type ResolveNote, resolveTargets, sortStates } from "./_resolver.ts";
import { listTarget, resolveStep, staysSettled } from "./_stepwise.ts";
import { noteCalled, noteCancel, noteResolved } from "./_steps.ts";
import { logCall, logImplied, logMove, logNotes } from "./_transition_log.ts";
import { ADD, type MutationCode, MutationRecord, REMOVE, SET } from "./mutation.ts";

/**
 * Run one mutation: resolve its target states, negotiate, move the clock, call the final handlers.
 *
 * An auto mutation that it leads to is at the queue's head when it returns, and so is the `Exception` of a handler that threw.
 *
 * @returns The transition. It is over, and still the machine's current one.
 */
export function runMutation(core: Core, mutation: MutationRecord): TransitionRecord {
  const record = beginTransition(core, mutation);
  if (!core.tracers.isEmpty) core.tracers.call("transitionStart", record);
  let isOk = record.accepted;
  if (isOk && hasHandlers(core)) isOk = negotiate(core, record);
  if (!mutation.isCheck) {
    if (mutation.isAuto) settleAuto(core, record);
    if (isOk) isOk = applyTransition(core, record);
    else record.moved([], []); // not at all: what negotiation was shown as the time to come does not come
    if (isOk && hasHandlers(core)) isOk = callFinal(core, record, core.table?.anyState, "AnyState", NONE);
    notifyChange(core, record);
  }
  if (!isOk) record.accepted = false;
  else if (
    !mutation.isCheck && record.hasChanged && !mutation.isAuto && !isHealth(core.plan, mutation.code, mutation.called)
  ) scheduleAuto(core);
  record.queueLength = core.queue.length;
  record.completed = true;
  const isStreamed = core.streams.size > 0 && !mutation.isCheck;
  if (record.isSeen || isStreamed || !core.tracers.isEmpty) record.seal();
  if (isStreamed) { for (const stream of core.streams) stream.push(record); } // not to those that are made below
  if (!core.tracers.isEmpty) core.tracers.call("transitionEnd", record); // a handler may have bound the first one
  return record;
}

/** Stands for no state. */
const NONE = -1;

const NO_STATES: readonly number[] = [];

function hasHandlers(core: Core): boolean {
  return core.hasHandlers || core.log.level === EVERYTHING;
}

function beginTransition(core: Core, mutation: MutationRecord): TransitionRecord {
  const record = new TransitionRecord(
    core.machine,
    core.plan,
    mutation,
    core.active,
    core.clock,
    ++core.transitionCount,
  );
  core.transition = record;
  core.log.startTransition(record);
  if (core.log.level >= OPS) logCall(core, mutation);
  if (core.breakpoints.length > 0 && !mutation.isCheck) core.checkBreakpoints(mutation);
  if (core.tracers.wants.steps && (!mutation.isCheck || core.tracers.wants.checkSteps)) {
    record.stepRecords = [];
    noteCalled(core, record);
  }
  resolveInto(core, record, mutation.called);
  if (core.log.level >= OPS) logImplied(core, record);
  accept(core, record);
  if (record.accepted) findEntersAndExits(core, record);
  if (!core.tracers.isEmpty) core.tracers.call("transitionInit", record);
  return record;
}

function resolveInto(core: Core, record: TransitionRecord, called: readonly number[]): void {
  const { plan, clock, active } = core;
  const { code } = record.mutation;
  const isLogged = core.log.level >= OPS;
  const notes: ResolveNote[] | null = isLogged || record.stepRecords !== null ? [] : null;
  record.isSettled = notes === null && code !== SET && core.isStepwise;
  if (record.isSettled) {
    resolveStep(plan, clock, code, called);
    record.target = listTarget(plan, clock, active, code === ADD ? called : NO_STATES);
    record.isSettled = staysSettled(plan);
    return;
  }
  record.target = resolveTargets(plan, active, clock, record.mutation, called, notes);
  if (notes === null) return;
  if (record.stepRecords !== null) noteResolved(core, record, notes);
  if (isLogged) logNotes(core, record.mutation, notes);
}

/** Refuse the transition when called states did not make it into the target: one is enough, of auto states it takes all. */
function accept(core: Core, record: TransitionRecord): void {
  const { mutation, target } = record;
  if (mutation.code === REMOVE) return;
  let missing = 0, hasMulti = false;
  for (const state of mutation.called) {
    if (!target.includes(state)) missing++;
    if (core.plan.isMulti[state]) hasMulti = true;
  }
  if (missing === 0) return;
  if (mutation.isAuto ? missing < mutation.called.length : mutation.isCheck && hasMulti) return;
  record.accepted = false;
  if (core.log.level < OPS && record.stepRecords === null) return;
  const rejected = mutation.called.filter((state) => !target.includes(state));
  if (record.stepRecords !== null) noteCancel(record.stepRecords, rejected);
  if (core.log.level >= OPS) core.log.write(OPS, `[cancel:reject] ${core.names(rejected)}`);
}

function findEntersAndExits(core: Core, record: TransitionRecord): void {
  const { target, mutation } = record;
  const entering: number[] = [];
  let staying = 0;
  for (const state of target) {
    const wasActive = core.isActive(state);
    if (wasActive) staying++;
    if (!wasActive || (core.plan.isMulti[state] && mutation.called.includes(state))) entering.push(state);
  }
  record.entering = entering;
  record.exiting = [];
  if (staying === core.active.length) return;
  const isTarget = membership(target);
  record.exiting = core.active.filter((state) => !isTarget(state));
  const notes: ResolveNote[] | null = record.stepRecords === null ? null : [];
  sortStates(core.plan, record.exiting, notes);
  if (notes !== null) noteResolved(core, record, notes);
}

/** A test for being in a list, fast for long lists too. */
function membership(list: readonly number[]): (state: number) => boolean {
  if (list.length < 16) return (state) => list.includes(state);
  const members = new Set(list);
  return (state) => members.has(state);
}

/**
 * Call the negotiation handlers in order. Returns false when the transition is refused.
 *
 * The table is read anew for each event: a handler may bind others and take some off.
 */
function negotiate(core: Core, record: TransitionRecord): boolean {
  if (core.log.level === EVERYTHING || core.table !== null) {
    if (!negotiateExits(core, record) || !negotiateEnters(core, record)) return false;
    if (record.mutation.code !== REMOVE && !negotiateSelves(core, record)) return false;
    if (!negotiatePairs(core, record)) return false;
  }
  if (record.mutation.isAuto && record.target.length === 0) return false;
  return callNegotiation(core, record, core.table?.anyEnter, "AnyEnter", NONE, NONE);
}

function negotiateExits(core: Core, record: TransitionRecord): boolean {
  if (!core.table?.exit && core.log.level < EVERYTHING) return true;
  for (const state of record.exiting) {
    if (!callNegotiation(core, record, core.table?.exit?.[state], "Exit", state, NONE)) return false;
  }
  return true;
}

function negotiateEnters(core: Core, record: TransitionRecord): boolean {
  if (!core.table?.enter && core.log.level < EVERYTHING) return true;
  for (const state of record.entering) {
    if (callNegotiation(core, record, core.table?.enter?.[state], "Enter", NONE, state)) continue;
    if (!dropAuto(core, record, state)) return false;
  }
  return true;
}

/** `FooFoo`, for target states that are active already. */
function negotiateSelves(core: Core, record: TransitionRecord): boolean {
  if (!core.table?.self && core.log.level < EVERYTHING) return true;
  const list = record.target.slice();
  for (let i = 0; i < list.length; i++) {
    const state = list[i]!;
    if (!core.isActive(state)) continue;
    if (callNegotiation(core, record, core.table?.self?.[state], "Self", NONE, state)) continue;
    if (!dropAuto(core, record, state)) return false;
    list.splice(i, 1); // as in the original, the state that moves up is passed over
  }
  return true;
}

/** `FooBar`, for each state Foo before and each other target state Bar, also when both stay. */
function negotiatePairs(core: Core, record: TransitionRecord): boolean {
  if (!core.table?.pairs && core.log.level < EVERYTHING) return true;
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
  record.target = record.target.filter((other) => other !== state);
  return true;
}

/** Work out the target of an auto transition anew, from the called states that nobody refused. */
function settleAuto(core: Core, record: TransitionRecord): void {
  const { target, mutation } = record;
  resolveInto(core, record, mutation.called.filter((state) => target.includes(state)));
  findEntersAndExits(core, record);
}

/** Move the clock, then call the final handlers. Returns false when one threw. */
function applyTransition(core: Core, record: TransitionRecord): boolean {
  moveClock(core, record);
  if (!core.tracers.isEmpty) core.tracers.call("transitionFinals", record);
  const isOk = (!hasHandlers(core) && !core.subscriptions.hasArgs) || callFinals(core, record);
  if (!isOk) recoverFinal(core, record);
  return isOk;
}

/** Apply the target states: a tick for each state that comes or goes, two for a multi state that is called again. */
function moveClock(core: Core, record: TransitionRecord): void {
  const { clock } = core;
  const { entering, exiting } = record;
  const changed: number[] = [], deltas: number[] = [];
  for (const state of entering) {
    changed.push(state);
    deltas.push(core.isActive(state) ? 2 : 1);
  }
  for (const state of exiting) {
    changed.push(state);
    deltas.push(1);
  }
  for (let i = 0; i < changed.length; i++) clock[changed[i]!]! += deltas[i]!;
  record.moved(changed, deltas);
  core.order.replace(record.target);
  core.order.isSettled = record.isSettled;
  const tell = core.log.level >= CHANGES ? () => logMove(core, record) : null;
  core.ticksMoved(changed, (state) => clock[state]! - deltas[changed.indexOf(state)]!, tell);
}

function callFinals(core: Core, record: TransitionRecord): boolean {
  const isLogged = core.log.level === EVERYTHING;
  if (core.table?.end || isLogged) {
    for (const state of record.exiting) {
      if (!callFinal(core, record, core.table?.end?.[state], "End", state)) return false;
    }
  }
  if (core.table?.state || isLogged || core.subscriptions.hasArgs) {
    for (let i = 0; i < record.entering.length; i++) {
      const state = record.entering[i]!;
      record.failedEnter = i;
      const isOk = callFinal(core, record, core.table?.state?.[state], "State", state);
      if (core.subscriptions.hasArgs) core.subscriptions.entered(state, record.mutation.args);
      if (!isOk) return false;
    }
    record.failedEnter = -1;
  }
  return true;
}

function notifyChange(core: Core, record: TransitionRecord): void {
  if (core.onChange.length === 0) return;
  const { timeBefore, timeAfter } = record;
  for (const fn of core.onChange) core.tell(() => fn(core.machine, timeBefore, timeAfter));
}

/** Whether a mutation is one that auto states are not tried after. */
export function isHealth({ health }: Plan, code: MutationCode, called: readonly number[]): boolean {
  return health.length > 0 && code === ADD && called.length === 1 && health.includes(called[0]!);
}

/** Put a mutation of all auto states that nothing active removes in front of the queue. Require is not looked at here. */
export function scheduleAuto(core: Core): void {
  const { auto, removedBy } = core.plan;
  if (auto.length === 0) return;
  const called: number[] = [];
  for (const state of auto) {
    if (core.isActive(state) || core.excludedAutos.has(state)) continue;
    const remover = removedBy[state]!.find((other) => core.isActive(other));
    if (remover === undefined) called.push(state);
    else if (core.log.level === EVERYTHING) {
      core.log.write(EVERYTHING, `[auto:rel:remove] ${core.names([state])} by ${core.names([remover])}`);
    }
  }
  if (called.length === 0) return;
  if (core.log.level >= OPS) core.log.write(OPS, `[auto] ${core.names(called)}`);
  core.prepend(new MutationRecord(core.plan.names, ADD, called, undefined, undefined, "auto"));
}
