import type { Plan } from "./_plan.ts";
import { stableSort } from "./_stable_sort.ts";
import { ADD, type MutationRecord, REMOVE } from "./mutation.ts";

/** What happened on the way to the target states, in order; written only for somebody who will read it. */
export type ResolveNote =
  /** States that one added. */
  | { readonly kind: "added"; readonly by: number; readonly states: readonly number[] }
  /** A requirement that was looked at; -1 for one that the schema lacks. */
  | { readonly kind: "required"; readonly state: number; readonly other: number; readonly isMet: boolean }
  /** States that were dropped in one go, as requirements are not met. */
  | {
    readonly kind: "unmet";
    readonly states: readonly { readonly state: number; readonly missing: readonly number[] }[];
  }
  /** A state that others removed. */
  | { readonly kind: "removed"; readonly state: number; readonly by: readonly number[] }
  /** Two neighbours that After puts in order. */
  | { readonly kind: "sorted"; readonly earlier: number; readonly later: number };

/**
 * Marks of the list that is being worked on. A state is marked when its entry is the current stamp, so no list is ever
 * cleared. One set for all machines: nothing of a user's runs during a resolution, so two of them never overlap.
 */
let stamp = 0;
let inList = new Float64Array(64);
let isCalled = new Float64Array(64);
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
  if (plan.hasAdd) appendImplied(plan, clock, first, isRemove, notes);
  if (plan.hasRequire) dropUnmet(plan, first, notes);

  // From the end to the start: a state falls if one that still stands removes it.
  second.length = 0;
  for (let i = first.length - 1; i >= 0; i--) {
    const state = first[i]!;
    if (isStandingRemoverOf(plan, state)) {
      if (notes !== null) notes.push({ kind: "removed", state, by: standingRemovers(plan, state) });
      inList[state] = 0;
    } else second.push(state);
  }
  if (plan.hasAdd) {
    for (const state of second) {
      for (const removed of plan.remove[state]!) isRemoved[removed] = stamp;
    }
    appendImplied(plan, clock, second, isRemove, notes);
  }
  const target = second.slice().reverse();
  if (plan.hasRequire) dropUnmet(plan, target, notes);
  sortStates(plan, target, notes);
  return target;
}

/** Sort a list of states in place: required ones first, then by After as far as neighbours tell. */
export function sortStates(plan: Plan, list: number[], notes: ResolveNote[] | null = null): number[] {
  if (list.length < 2) return list;
  if (plan.requireRank !== null) sortByKey(plan.requireRank, list);
  if (plan.hasAfter) sortByAfter(plan, list, notes);
  return list;
}

function growMarks(size: number): void {
  inList = new Float64Array(size * 2);
  isCalled = new Float64Array(size * 2);
  isRemoved = new Float64Array(size * 2);
}

function append(list: number[], state: number): void {
  if (inList[state] === stamp) return;
  inList[state] = stamp;
  list.push(state);
}

/** Append what the listed states add: one level, and only for states that activate or are multi. */
function appendImplied(
  plan: Plan,
  clock: readonly number[],
  list: number[],
  isRemove: boolean,
  notes: ResolveNote[] | null,
): void {
  const length = list.length;
  for (let i = 0; i < length; i++) {
    const state = list[i]!;
    const added = plan.add[state]!;
    if (added.length === 0 || ((clock[state]! & 1) === 1 && !plan.isMulti[state])) continue;
    for (const other of added) {
      if (!isHeldBack(other, isRemove)) append(list, other);
    }
    notes?.push({ kind: "added", by: state, states: added.filter((other) => !isRemove || isCalled[other] !== stamp) });
  }
}

/** An implied state is not added when the mutation removes it, or a state that stands by now. */
function isHeldBack(state: number, isRemove: boolean): boolean {
  return isRemoved[state] === stamp || (isRemove && isCalled[state] === stamp);
}

/** Drop states whose requirements are not all listed, until none is left to drop. */
function dropUnmet(plan: Plan, list: number[], notes: ResolveNote[] | null): void {
  const unmet: { state: number; missing: readonly number[] }[] = [];
  for (let hasDropped = true; hasDropped;) {
    let kept = 0;
    for (const state of list) {
      if (notes !== null) noteRequired(plan, state, notes);
      if (isMet(plan, state)) list[kept++] = state;
      else if (notes === null) inList[state] = 0; // at once, as the order of dropping makes no difference
      else unmet.push({ state, missing: plan.require[state]!.filter((other) => !isListed(other)) });
    }
    for (const { state } of unmet) inList[state] = 0; // who reads along sees whole passes
    hasDropped = kept < list.length;
    list.length = kept;
  }
  if (unmet.length > 0) notes?.push({ kind: "unmet", states: unmet });
}

function isMet(plan: Plan, state: number): boolean {
  for (const required of plan.require[state]!) {
    if (!isListed(required)) return false;
  }
  return true;
}

/** Tell whether a state, -1 for one that the schema lacks, is on the list. */
function isListed(state: number): boolean {
  return state >= 0 && inList[state] === stamp;
}

function noteRequired(plan: Plan, state: number, notes: ResolveNote[]): void {
  for (const other of plan.require[state]!) notes.push({ kind: "required", state, other, isMet: isListed(other) });
}

function isStandingRemoverOf(plan: Plan, state: number): boolean {
  for (const remover of plan.removedBy[state]!) {
    if (inList[remover] === stamp) return true;
  }
  return false;
}

/** The same in the order of the list, for people who read it. */
function standingRemovers(plan: Plan, state: number): number[] {
  return first.filter((other) => inList[other] === stamp && plan.remove[other]!.includes(state));
}

/** Sort a list of states in place by a number for each; equals stay as they are. */
export function sortByKey(keys: readonly number[], list: number[]): void {
  if (list.length > 32) {
    list.sort((a, b) => keys[a]! - keys[b]!);
    return;
  }
  for (let i = 1; i < list.length; i++) {
    const state = list[i]!;
    let place = i;
    for (; place > 0 && keys[list[place - 1]!]! > keys[state]!; place--) list[place] = list[place - 1]!;
    list[place] = state;
  }
}

/** "Is after" holds between two states when one names the other and is not named in turn. */
function sortByAfter(plan: Plan, list: number[], notes: ResolveNote[] | null): void {
  stableSort(list, (earlier, later) => {
    const isBefore = !plan.after[earlier]!.includes(later) && plan.after[later]!.includes(earlier);
    if (isBefore) notes?.push({ kind: "sorted", earlier, later });
    return isBefore;
  });
}
