import type { HandlerTable, SlotsByState } from "./_handler_table.ts";
import type { Change, KnownStep } from "./_memo.ts";
import { listTarget, moveClock, NONE } from "./_move.ts";
import type { ActiveOrder } from "./_order.ts";
import type { Plan } from "./_plan.ts";
import { sortStates } from "./_resolver.ts";
import { ADD, type MutationCode } from "./mutation.ts";

/**
 * What an add or a remove changes, worked out by looking at nothing else.
 *
 * `_resolver.ts` makes the list of target states out of all active ones. Here is the same in terms of changes, for plans and
 * machines that allow it (`Plan.isStepwise`, `ActiveOrder.isSettled`): active states have all they require, and none of them
 * removes another. So only states that come can push others out, and only those that require a fallen one fall after it.
 *
 *     list      called ++ active ++ implied, of which "coming" are the inactive ones: called first, then implied
 *     scan      the list from its end; a state falls if one that still stands removes it
 *     late      what coming states that stand imply, unless a state that stands removes it; in front of all, the last one first
 *     at last   who lacks what it requires falls
 *
 * The result of {@linkcode resolveStep} is kept here until its next call: it is used up before anything of a user's runs. It is
 * either a step that was known before (`_memo.ts`), or one that was just worked out, in the lists and marks below.
 */
let known: KnownStep | null = null;

/** A state is marked when its entry is the current stamp, so no marks are ever cleared. */
let stamp = 0;
let isCalled = new Int32Array(0);
/** Inactive states that are on the list. */
let isComing = new Int32Array(0);
/** Active states that are not on the list any more. */
let isFalling = new Int32Array(0);
let isLate = new Int32Array(0);
let isNoted = new Int32Array(0);

/** States that were coming, the called ones among them first; those that fell have lost their marks. */
let coming = new Int32Array(0);
let comingCount = 0, calledCount = 0;
let late = new Int32Array(0);
let lateCount = 0;
/** States that fell, twice when they came back late and fell again. */
let fallen = new Int32Array(0);
let fallenCount = 0;

/** What came of it: states that activate, and multi states called again, in the order of the unsorted target. */
let entering = new Int32Array(0);
let enteringCount = 0;
/** States that deactivate, in no order. */
let exiting = new Int32Array(0);
let exitingCount = 0;

/** The next stamp is the first one again, so that stamps stay small numbers. */
const LAST_STAMP = 2 ** 30;

/**
 * Look up, or work out, what an add or a remove changes.
 *
 * @param clock Ticks by state; odd is active.
 * @param order Their order; settled.
 * @param called The called states, none twice.
 */
export function resolveStep(
  plan: Plan,
  clock: readonly number[],
  order: ActiveOrder,
  code: MutationCode,
  called: readonly number[],
): void {
  const { configuration } = order;
  known = configuration === null ? null : configuration.stepOf(code, called);
  if (known !== null) return;
  workOut(plan, clock, code, called);
  if (configuration !== null || plan.memo.isTimeToLook()) known = rememberStep(plan, clock, order, code, called);
}

/** Keep what was just worked out, if there is room, for the next machine that comes by. */
function rememberStep(
  plan: Plan,
  clock: readonly number[],
  order: ActiveOrder,
  code: MutationCode,
  called: readonly number[],
): KnownStep | null {
  const from = order.configuration ??= plan.memo.at(order.list(plan, clock));
  if (from === null) return null;
  const before = from.stepOf(code, called);
  if (before !== null || !from.hasRoom || !plan.memo.hasRoom) return before; // as what follows costs more than the step
  const change = takeStep(plan, clock, order, code, called);
  const target = plan.memo.at(listTarget(plan, change, from.active));
  if (target === null) return null;
  const missing = countUnlisted(clock, called);
  const { entering, exiting, isSettled } = change;
  const knownChange = {
    entering,
    exiting,
    front: NONE,
    rear: NONE,
    target: target.active,
    configuration: target,
    isSettled,
  };
  const step: KnownStep = { code, called, missing, change: knownChange, target, tableNumber: 0, isHandled: false };
  plan.memo.learn(from, step);
  return step;
}

function workOut(plan: Plan, clock: readonly number[], code: MutationCode, called: readonly number[]): void {
  if (plan.size > isCalled.length || stamp === LAST_STAMP) makeMarks(Math.max(plan.size, isCalled.length));
  stamp++;
  comingCount = 0;
  calledCount = 0;
  lateCount = 0;
  fallenCount = 0;
  if (code === ADD) addCalled(plan, clock, called);
  else {
    for (let i = 0; i < called.length; i++) if (isActive(clock, called[i]!)) drop(clock, called[i]!);
  }
  if (plan.hasRequire) dropDependants(plan, clock);
  listEntering(plan, clock, called);
  listExiting(clock);
}

/** Whether active states have all they require and none of them removes another: then changes may be worked out stepwise. */
export function isSettled(plan: Plan, clock: readonly number[], active: readonly number[]): boolean {
  return active.every((state) =>
    plan.require[state]!.every((other) => other >= 0 && isActive(clock, other)) &&
    !plan.remove[state]!.some((other) => isActive(clock, other))
  );
}

/** Tell how many of the states that {@linkcode resolveStep} was called with are not in the target. */
export function countMissing(clock: readonly number[], called: readonly number[]): number {
  return known !== null ? known.missing : countUnlisted(clock, called);
}

function countUnlisted(clock: readonly number[], called: readonly number[]): number {
  let count = 0;
  for (let i = 0; i < called.length; i++) if (!isListed(clock, called[i]!)) count++;
  return count;
}

/** Tell which of these states are in the target. */
export function pickListed(clock: readonly number[], states: readonly number[]): number[] {
  if (known === null) return states.filter((state) => isListed(clock, state));
  const { active } = known.target;
  return states.filter((state) => active.includes(state));
}

/**
 * Move ticks and order as {@linkcode resolveStep} worked out.
 *
 * @returns Whether a tick moved.
 */
export function applyStep(
  plan: Plan,
  clock: number[],
  order: ActiveOrder,
  code: MutationCode,
  called: readonly number[],
): boolean {
  if (known !== null) return applyKnown(known, clock, order);
  order.startMoving(plan);
  if (code === ADD) moveOrder(clock, order, called);
  for (let i = 0; i < exitingCount; i++) clock[exiting[i]!]!++;
  for (let i = 0; i < enteringCount; i++) clock[entering[i]!]! += isComing[entering[i]!] === stamp ? 1 : 2;
  order.isSettled = staysSettled(plan);
  return enteringCount + exitingCount > 0;
}

function applyKnown({ change, target }: KnownStep, clock: number[], order: ActiveOrder): boolean {
  const { entering, exiting, isSettled } = change;
  order.follow(target);
  order.isSettled = isSettled;
  moveClock(clock, change);
  return entering.length + exiting.length > 0;
}

/** Whether active states stay settled: states that come late removed nothing yet. */
function staysSettled(plan: Plan): boolean {
  for (let i = 0; i < lateCount; i++) if (plan.remove[late[i]!]!.length > 0) return false;
  return true;
}

/** Whether a handler may be called for what {@linkcode resolveStep} worked out. */
export function isHandled(table: HandlerTable): boolean {
  if (known === null) {
    return isAnyHandled(table) || areHandled(table.enter, table.state, entering, enteringCount) ||
      areHandled(table.exit, table.end, exiting, exitingCount);
  }
  if (known.tableNumber !== table.number) {
    const { entering, exiting } = known.change;
    known.isHandled = isAnyHandled(table) || areHandled(table.enter, table.state, entering, entering.length) ||
      areHandled(table.exit, table.end, exiting, exiting.length);
    known.tableNumber = table.number;
  }
  return known.isHandled;
}

function isAnyHandled({ anyEnter, anyState, self, pairs }: HandlerTable): boolean {
  return anyEnter !== null || anyState !== null || self !== null || pairs !== null;
}

function areHandled(
  some: SlotsByState | null,
  others: SlotsByState | null,
  states: ArrayLike<number>,
  count: number,
): boolean {
  for (let i = 0; i < count; i++) {
    if (some?.[states[i]!] !== undefined || others?.[states[i]!] !== undefined) return true;
  }
  return false;
}

/** The states that {@linkcode applyStep} activated, and multi states called again, in their order. */
export function enteredStates(plan: Plan, clock: readonly number[], order: ActiveOrder): readonly number[] {
  if (known !== null) return known.change.entering;
  const states = toList(entering, enteringCount);
  return states.length < 2 ? states : order.list(plan, clock).filter((state) => states.includes(state));
}

/** The states that it deactivated, in the order in which they were. */
export function exitedStates(plan: Plan, order: ActiveOrder): readonly number[] {
  return known !== null ? known.change.exiting : order.sort(plan, toList(exiting, exitingCount));
}

/** Tell what {@linkcode resolveStep} came to, for those who may want to keep it. */
export function takeStep(
  plan: Plan,
  clock: readonly number[],
  order: ActiveOrder,
  code: MutationCode,
  called: readonly number[],
): Change {
  if (known !== null) return known.change;
  return {
    entering: enteringCount < 2
      ? oneOrNone(plan, entering, enteringCount)
      : sortStates(plan, toList(entering, enteringCount)),
    exiting: exitingCount < 2
      ? oneOrNone(plan, exiting, exitingCount)
      : order.sort(plan, toList(exiting, exitingCount)),
    front: code === ADD ? listFront(clock, called) : NONE,
    rear: code === ADD ? listRear(plan) : NONE,
    target: null,
    configuration: null,
    isSettled: staysSettled(plan),
  };
}

function makeMarks(size: number): void {
  stamp = 0;
  [isCalled, isComing, isFalling, isLate, isNoted] = [marks(size), marks(size), marks(size), marks(size), marks(size)];
  [coming, late, entering, exiting] = [marks(size), marks(size), marks(size), marks(size)];
  fallen = marks(2 * size);
}

function marks(size: number): Int32Array<ArrayBuffer> {
  return new Int32Array(Math.max(64, size));
}

/** A list that others are copied from, so that they are as long as what they hold. */
const scratch: number[] = [];

function toList(states: Int32Array, count: number): number[] {
  if (count === 2) return [states[0]!, states[1]!]; // the most common ones, which are made quicker this way
  if (count === 3) return [states[0]!, states[1]!, states[2]!];
  for (let i = 0; i < count; i++) scratch[i] = states[i]!;
  return scratch.slice(0, count);
}

function isActive(clock: readonly number[], state: number): boolean {
  return (clock[state]! & 1) === 1;
}

/** Whether a state stands; -1 for one that the schema lacks. */
function isListed(clock: readonly number[], state: number): boolean {
  return isComing[state] === stamp || (isActive(clock, state) && isFalling[state] !== stamp);
}

/** Implied ones that come late are not where the others are. */
function isComingAsImplied(state: number): boolean {
  return isComing[state] === stamp && isLate[state] !== stamp;
}

function come(state: number): void {
  isComing[state] = stamp;
  coming[comingCount++] = state;
}

function drop(clock: readonly number[], state: number): void {
  if (isActive(clock, state)) isFalling[state] = stamp;
  else isComing[state] = 0;
  fallen[fallenCount++] = state;
}

function addCalled(plan: Plan, clock: readonly number[], called: readonly number[]): void {
  for (let i = 0; i < called.length; i++) {
    const state = called[i]!;
    isCalled[state] = stamp;
    if (!isActive(clock, state)) come(state);
  }
  calledCount = comingCount;
  if (comingCount === 0) return; // called states that are active change the order and nothing else
  if (plan.hasAdd) comeImplied(plan, clock);
  if (plan.hasRequire) dropUnmet(plan, clock);
  dropRemoved(plan, clock, called);
  if (plan.hasAdd) comeLate(plan, clock, called);
}

/** One level: called states imply, implied ones don't. */
function comeImplied(plan: Plan, clock: readonly number[]): void {
  for (let i = 0; i < calledCount; i++) {
    const added = plan.add[coming[i]!]!;
    for (let j = 0; j < added.length; j++) {
      const state = added[j]!;
      if (!isActive(clock, state) && isComing[state] !== stamp) come(state);
    }
  }
}

/** Drop states that come and whose requirements are not all listed, until none is left to drop. */
function dropUnmet(plan: Plan, clock: readonly number[]): void {
  for (let hasDropped = true; hasDropped;) {
    hasDropped = false;
    for (let i = 0; i < comingCount; i++) {
      const state = coming[i]!;
      if (isComing[state] !== stamp || isMet(plan, clock, state)) continue;
      isComing[state] = 0;
      hasDropped = true;
    }
  }
}

function isMet(plan: Plan, clock: readonly number[], state: number): boolean {
  const required = plan.require[state]!;
  for (let i = 0; i < required.length; i++) if (!isListed(clock, required[i]!)) return false;
  return true;
}

/** From the end of the list to its start: implied states, active ones, of which only coming ones remove any, called ones. */
function dropRemoved(plan: Plan, clock: readonly number[], called: readonly number[]): void {
  for (let i = comingCount - 1; i >= calledCount; i--) {
    if (isComing[coming[i]!] === stamp && isRemoved(plan, clock, coming[i]!)) drop(clock, coming[i]!);
  }
  for (let i = 0; i < comingCount; i++) {
    if (isComing[coming[i]!] !== stamp) continue;
    const removed = plan.remove[coming[i]!]!;
    for (let j = 0; j < removed.length; j++) {
      const state = removed[j]!;
      if (isActive(clock, state) && isCalled[state] !== stamp && isFalling[state] !== stamp) drop(clock, state);
    }
  }
  for (let i = called.length - 1; i >= 0; i--) {
    if (isListed(clock, called[i]!) && isRemoved(plan, clock, called[i]!)) drop(clock, called[i]!);
  }
}

function isRemoved(plan: Plan, clock: readonly number[], state: number): boolean {
  const removers = plan.removedBy[state]!;
  for (let i = 0; i < removers.length; i++) if (isListed(clock, removers[i]!)) return true;
  return false;
}

/** What states that come and still stand imply comes late: from the end of the list to its start, after all were scanned. */
function comeLate(plan: Plan, clock: readonly number[], called: readonly number[]): void {
  for (let i = comingCount - 1; i >= calledCount; i--) {
    if (isComing[coming[i]!] === stamp) noteLate(plan, clock, coming[i]!);
  }
  for (let i = called.length - 1; i >= 0; i--) if (isComing[called[i]!] === stamp) noteLate(plan, clock, called[i]!);
  for (let i = 0; i < lateCount; i++) {
    if (isActive(clock, late[i]!)) isFalling[late[i]!] = 0;
    else isComing[late[i]!] = stamp;
  }
}

function noteLate(plan: Plan, clock: readonly number[], by: number): void {
  const added = plan.add[by]!;
  for (let i = 0; i < added.length; i++) {
    const state = added[i]!;
    if (isLate[state] === stamp || isListed(clock, state) || isRemoved(plan, clock, state)) continue;
    isLate[state] = stamp;
    late[lateCount++] = state;
  }
}

/** Drop what lacks a requirement by now: because that fell, or because it comes late itself. */
function dropDependants(plan: Plan, clock: readonly number[]): void {
  for (let i = 0; i < lateCount; i++) {
    if (isListed(clock, late[i]!) && !isMet(plan, clock, late[i]!)) drop(clock, late[i]!);
  }
  for (let i = 0; i < fallenCount; i++) {
    if (isListed(clock, fallen[i]!)) continue; // it came back
    const dependants = plan.requiredBy[fallen[i]!]!;
    for (let j = 0; j < dependants.length; j++) if (isListed(clock, dependants[j]!)) drop(clock, dependants[j]!);
  }
}

/** In front come the states that are late, the last one first, then called ones; implied ones go to the end. */
function moveOrder(clock: readonly number[], order: ActiveOrder, called: readonly number[]): void {
  for (let i = called.length - 1; i >= 0; i--) {
    if (isLate[called[i]!] !== stamp && isListed(clock, called[i]!)) order.moveToFront(called[i]!);
  }
  for (let i = 0; i < lateCount; i++) if (isListed(clock, late[i]!)) order.moveToFront(late[i]!);
  for (let i = calledCount; i < comingCount; i++) if (isComingAsImplied(coming[i]!)) order.moveToEnd(coming[i]!);
}

function listFront(clock: readonly number[], called: readonly number[]): readonly number[] {
  if (lateCount === 0 && countUnlisted(clock, called) === 0) return called;
  const front: number[] = [];
  for (let i = lateCount - 1; i >= 0; i--) if (isListed(clock, late[i]!)) front.push(late[i]!);
  for (const state of called) if (isLate[state] !== stamp && isListed(clock, state)) front.push(state);
  return front;
}

function listRear({ alone }: Plan): readonly number[] {
  let rear = NONE;
  for (let i = calledCount; i < comingCount; i++) {
    const state = coming[i]!;
    if (isComingAsImplied(state)) rear = rear.length === 0 ? alone[state]! : [...rear, state];
  }
  return rear;
}

function oneOrNone({ alone }: Plan, list: Int32Array, count: number): readonly number[] {
  return count === 0 ? NONE : alone[list[0]!]!;
}

function listEntering(plan: Plan, clock: readonly number[], called: readonly number[]): void {
  enteringCount = 0;
  for (let i = lateCount - 1; i >= 0; i--) if (isComing[late[i]!] === stamp) entering[enteringCount++] = late[i]!;
  for (let i = 0; i < called.length; i++) {
    const state = called[i]!;
    const isEntering = isComing[state] === stamp
      ? isLate[state] !== stamp
      : plan.isMulti[state] && isListed(clock, state);
    if (isEntering) entering[enteringCount++] = state;
  }
  for (let i = calledCount; i < comingCount; i++) {
    if (isComingAsImplied(coming[i]!)) entering[enteringCount++] = coming[i]!;
  }
}

function listExiting(clock: readonly number[]): void {
  exitingCount = 0;
  for (let i = 0; i < fallenCount; i++) {
    const state = fallen[i]!;
    if (isFalling[state] !== stamp || !isActive(clock, state) || isNoted[state] === stamp) continue;
    isNoted[state] = stamp;
    exiting[exitingCount++] = state;
  }
}
