import type { Plan } from "./_plan.ts";
import { ADD, type MutationRecord, REMOVE } from "./mutation.ts";

/** What happened on the way to the target states, in order; written only for somebody who will read it. */
export type ResolveNote =
  | {
    readonly kind: "unmet";
    readonly states: readonly { readonly state: number; readonly missing: readonly number[] }[];
  }
  | { readonly kind: "removed"; readonly state: number; readonly by: readonly number[] };

/**
 * Marks of the list that is being worked on. A state is marked when its entry is the current stamp, so no list is ever
 * cleared. One set for all machines: nothing of a user's runs during a resolution, so two of them never overlap.
 */
let stamp = 0;
let inList = new Float64Array(64);
let isCalled = new Float64Array(64);
let isBlocked = new Float64Array(64);
let isRemoved = new Float64Array(64);

/** The list that is being worked on, and its successor. */
const first: number[] = [];
const second: number[] = [];

/**
 * Work out the states that a mutation leads to.
 *
 * @param plan The compiled schema.
 * @param active Active states, in the machine's order.
 * @param clock Ticks by state; its parity says the same as `active`.
 * @param mutation The mutation.
 * @param called The called states to start from: the mutation's, or those of an auto mutation that are left.
 * @param notes Where to note what was dropped and why; null for nobody cares.
 * @returns The target states, sorted; a new array.
 */
export function resolveTargets(
  plan: Plan,
  active: readonly number[],
  clock: readonly number[],
  mutation: MutationRecord,
  called: readonly number[],
  notes: ResolveNote[] | null,
): number[] {
  if (plan.size > inList.length) growMarks(plan.size);
  stamp++;
  for (const state of mutation.called) isCalled[state] = stamp;
  first.length = 0;
  if (mutation.code === REMOVE) {
    for (const state of active) if (isCalled[state] !== stamp) append(first, state);
  } else {
    for (const state of called) append(first, state);
    if (mutation.code === ADD) { for (const state of active) append(first, state); }
  }
  const isRemove = mutation.code === REMOVE;
  if (plan.hasAdd) appendImplied(plan, clock, first, isRemove);
  if (plan.hasRequire) dropUnmet(plan, first, notes);

  // From the end to the start: a state falls if one that still stands removes it.
  second.length = 0;
  for (let i = first.length - 1; i >= 0; i--) {
    const state = first[i]!;
    if (isStandingRemoverOf(plan, state)) {
      if (notes !== null) notes.push({ kind: "removed", state, by: standingRemovers(plan, state) });
      isBlocked[state] = stamp;
    } else second.push(state);
  }
  if (second.length < first.length) {
    for (const state of first) if (isBlocked[state] === stamp) inList[state] = 0;
  }
  if (plan.hasAdd) {
    for (const state of second) {
      for (const removed of plan.remove[state]!) isRemoved[removed] = stamp;
    }
    appendImplied(plan, clock, second, isRemove);
  }
  const target = second.slice().reverse();
  if (plan.hasRequire) dropUnmet(plan, target, notes);
  sortStates(plan, target);
  return target;
}

/** Sort a list of states in place: required ones first, then by After as far as neighbours tell. */
export function sortStates(plan: Plan, list: number[]): void {
  if (list.length < 2) return;
  if (plan.requireRank !== null) sortByRank(plan.requireRank, list);
  if (plan.hasAfter) sortByAfter(plan, list);
}

function growMarks(size: number): void {
  inList = new Float64Array(size * 2);
  isCalled = new Float64Array(size * 2);
  isBlocked = new Float64Array(size * 2);
  isRemoved = new Float64Array(size * 2);
}

function append(list: number[], state: number): void {
  if (inList[state] === stamp) return;
  inList[state] = stamp;
  list.push(state);
}

/** Append what the listed states add: one level, and only for states that activate or are multi. */
function appendImplied(plan: Plan, clock: readonly number[], list: number[], isRemove: boolean): void {
  const length = list.length;
  for (let i = 0; i < length; i++) {
    const state = list[i]!;
    const added = plan.add[state]!;
    if (added.length === 0 || ((clock[state]! & 1) === 1 && !plan.isMulti[state])) continue;
    for (const other of added) {
      if (isRemoved[other] === stamp || (isRemove && isCalled[other] === stamp)) continue;
      append(list, other);
    }
  }
}

/** Drop states whose requirements are not all listed, until none is left to drop. */
function dropUnmet(plan: Plan, list: number[], notes: ResolveNote[] | null): void {
  const unmet: { state: number; missing: readonly number[] }[] | null = notes === null ? null : [];
  for (let hasDropped = true; hasDropped;) {
    let kept = 0;
    for (const state of list) {
      if (isMet(plan, state)) list[kept++] = state;
      else {
        inList[state] = 0;
        unmet?.push({ state, missing: plan.require[state]!.filter((other) => other < 0 || inList[other] !== stamp) });
      }
    }
    hasDropped = kept < list.length;
    list.length = kept;
  }
  if (unmet !== null && unmet.length > 0) notes!.push({ kind: "unmet", states: unmet });
}

function isMet(plan: Plan, state: number): boolean {
  for (const required of plan.require[state]!) {
    if (required < 0 || inList[required] !== stamp) return false;
  }
  return true;
}

function isStandingRemoverOf(plan: Plan, state: number): boolean {
  for (const remover of plan.removedBy[state]!) {
    if (inList[remover] === stamp && isBlocked[remover] !== stamp) return true;
  }
  return false;
}

/** The same in the order of the list, for people who read it. */
function standingRemovers(plan: Plan, state: number): number[] {
  return first.filter((other) => isBlocked[other] !== stamp && plan.remove[other]!.includes(state));
}

function sortByRank(rank: readonly number[], list: number[]): void {
  if (list.length > 32) {
    list.sort((a, b) => rank[a]! - rank[b]!);
    return;
  }
  for (let i = 1; i < list.length; i++) {
    const state = list[i]!;
    let place = i;
    for (; place > 0 && rank[list[place - 1]!]! > rank[state]!; place--) list[place] = list[place - 1]!;
    list[place] = state;
  }
}

/**
 * The original's stable sort, step by step. "Is after" is no order (A after B and B after C say nothing of A and C), so the
 * result hangs on which pairs the algorithm compares: blocks of 20 by insertion, then neighbouring blocks merged in place.
 */
function sortByAfter(plan: Plan, list: number[]): void {
  const length = list.length;
  let block = 20;
  for (let start = 0; start < length; start += block) insertionSort(plan, list, start, Math.min(start + block, length));
  for (; block < length; block *= 2) {
    let start = 0;
    for (; start + 2 * block <= length; start += 2 * block) {
      symMerge(plan, list, start, start + block, start + 2 * block);
    }
    if (start + block < length) symMerge(plan, list, start, start + block, length);
  }
}

/** Tell whether the state at place `x` has to go before the one at place `y`. */
function isBefore(plan: Plan, list: readonly number[], x: number, y: number): boolean {
  const earlier = list[x]!, later = list[y]!;
  return !plan.after[earlier]!.includes(later) && plan.after[later]!.includes(earlier);
}

function insertionSort(plan: Plan, list: number[], start: number, end: number): void {
  for (let i = start + 1; i < end; i++) {
    for (let place = i; place > start && isBefore(plan, list, place, place - 1); place--) swap(list, place, place - 1);
  }
}

/** Merge the sorted blocks [start, middle) and [middle, end) in place. */
function symMerge(plan: Plan, list: number[], start: number, middle: number, end: number): void {
  if (middle - start === 1) {
    const place = lowest(middle, end, (i) => !isBefore(plan, list, i, start));
    for (let i = start; i < place - 1; i++) swap(list, i, i + 1);
    return;
  }
  if (end - middle === 1) {
    const place = lowest(start, middle, (i) => isBefore(plan, list, middle, i));
    for (let i = middle; i > place; i--) swap(list, i, i - 1);
    return;
  }
  const half = (start + end) >> 1;
  const sum = half + middle;
  const last = sum - 1;
  const from = middle > half
    ? lowest(sum - end, half, (i) => isBefore(plan, list, last - i, i))
    : lowest(start, middle, (i) => isBefore(plan, list, last - i, i));
  const to = sum - from;
  if (from < middle && middle < to) rotate(list, from, middle, to);
  if (start < from && from < half) symMerge(plan, list, start, from, half);
  if (half < to && to < end) symMerge(plan, list, half, to, end);
}

/** The lowest place in [low, high) that is far enough, by bisection; `high` for none. */
function lowest(low: number, high: number, isFarEnough: (place: number) => boolean): number {
  while (low < high) {
    const place = (low + high) >> 1;
    if (isFarEnough(place)) high = place;
    else low = place + 1;
  }
  return low;
}

/** Swap the adjacent blocks [start, middle) and [middle, end). */
function rotate(list: number[], start: number, middle: number, end: number): void {
  const moved = list.slice(start, middle);
  list.copyWithin(start, middle, end);
  for (let i = 0; i < moved.length; i++) list[end - moved.length + i] = moved[i]!;
}

function swap(list: number[], a: number, b: number): void {
  const held = list[a]!;
  list[a] = list[b]!;
  list[b] = held;
}
