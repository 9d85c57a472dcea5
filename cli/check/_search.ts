/**
 * What a search of the sets of active states answers, however it is done.
 *
 * @module
 */
import type { Call } from "./finding.ts";
import { isConcerned, type Plan } from "./_plan.ts";

/** A mutation of a user's and what it comes to: the set before, after it, and after the auto states that it leads to. */
export interface Edge {
  readonly isAccepted: boolean;
  /** Whether a state was active before. */
  wasActive(state: number): boolean;
  /** Whether it was active when the mutation was done, and auto states not tried yet. */
  becameActive(state: number): boolean;
  /** Whether it is active when all is done. */
  isActive(state: number): boolean;
}

/** A mutation of one state to look for. */
export interface Goal {
  readonly type: "add" | "remove";
  /** The called state, by index. */
  readonly state: number;
  /** Whether what it comes to is what is looked for. */
  isShownBy(edge: Edge): boolean;
}

/** Auto states that change places for ever. */
export interface Fight {
  /** Those that come in by themselves, by index. */
  readonly states: readonly number[];
  /** Mutations that go round once, from a fresh machine. */
  readonly calls: readonly Call[];
}

/** The sets of active states that a machine without handlers can get to, as far as they were visited. */
export interface Search {
  /** Sets that were visited. */
  readonly sets: number;
  /** Whether these are all that there are. */
  readonly isComplete: boolean;
  /** States that the sets are made of. */
  readonly states: number;
  /** Visit the sets; yields how many there are now and then, and once there are no more, ends. */
  run(): Iterable<number>;
  /** Whether a state was ever active. */
  hasBeenActive(state: number): boolean;
  /** Whether a state was ever active before a mutation and not after it. */
  hasLeft(state: number): boolean;
  /** Whether an auto state ever came in by itself. */
  hasComeBySelf(state: number): boolean;
  /** The shortest script whose last mutation is the one that is looked for. */
  find(goal: Goal): readonly Call[] | undefined;
  /** Auto states that change places for ever. */
  findFights(): readonly Fight[];
}

/**
 * Which states the mutations of a search call: one each; or also one with all that it requires, and `set`; or any that there
 * are, together.
 */
export type CallKind = "one" | "needed" | "any";

/** How far a search goes. */
export interface Reach {
  /** Which states its mutations call. */
  readonly calls: CallKind;
  /** How many sets it visits at most. */
  readonly maxSets: number;
}

/** A mutation by indexes. */
export interface Move {
  readonly type: Call["type"];
  readonly called: readonly number[];
}

/** The states that sets are made of, and what else makes the clock move. */
export interface Scope {
  /** The states, by index: those that concern others, and those that are to be kept. */
  readonly states: readonly number[];
  /**
   * A multi state that concerns no other: adding it does nothing but make the clock move, so that auto states are tried.
   * It stands for all states that are left out; `undefined` when it takes one of the states to move the clock.
   */
  readonly ticker: number | undefined;
}

/**
 * Choose the states that sets are made of.
 *
 * @param plan The schema.
 * @param kept States to keep in the sets though they concern no other, by index. None by default.
 */
export function chooseScope(plan: Plan, kept: readonly number[] = []): Scope {
  const concerned = isConcerned(plan);
  const all = [...plan.names.keys()];
  const free = all.filter((state) => !concerned[state] && !isHealth(plan, state));
  const ticker = free.find((state) => plan.isMulti[state]); // Exception, if no other and if the schema gives it no relations
  const held = ticker === undefined ? free.slice(0, 1) : [];
  return { states: all.filter((state) => concerned[state] || held.includes(state) || kept.includes(state)), ticker };
}

/** Whether adding a state alone is no reason to try auto states. */
export function isHealth({ names }: Plan, state: number): boolean {
  return names[state] === "Healthcheck" || names[state] === "Heartbeat";
}

/** The mutations to try in each set; the first one is that of {@linkcode Scope.ticker} if there is one. */
export function listMoves(plan: Plan, { states, ticker }: Scope, calls: CallKind): Move[] {
  const moves: Move[] = ticker === undefined ? [] : [{ type: "add", called: [ticker] }];
  for (const state of states) moves.push({ type: "add", called: [state] }, { type: "remove", called: [state] });
  // What multi states add, they add in each transition, also in one that calls nothing.
  if (hasMultiAdds(plan)) moves.push({ type: "add", called: [] });
  if (calls === "one") return moves;
  moves.push({ type: "set", called: [] });
  for (const state of states) {
    const needs = plan.needs[state]!;
    moves.push({ type: "set", called: [state] });
    if (needs.length === 1 || needs.includes(-1)) continue;
    moves.push({ type: "add", called: needs }, { type: "set", called: needs });
  }
  if (calls === "any") { for (const called of listSubsets(states)) moves.push(...callTogether(called)); }
  return moves;
}

/** All mutations that call some states together; the order of the called ones is that of what they imply, too. */
function callTogether(called: readonly number[]): Move[] {
  if (called.length < 2) return [];
  const reversed = called.toReversed();
  return [
    { type: "add", called },
    { type: "add", called: reversed },
    { type: "set", called },
    { type: "set", called: reversed },
    { type: "remove", called },
  ];
}

function listSubsets(states: readonly number[]): number[][] {
  return Array.from({ length: 2 ** states.length }, (_, subset) => states.filter((_, bit) => subset & (1 << bit)));
}

/** Whether a multi state adds states, which it does in each transition while it is active. */
export function hasMultiAdds({ add, isMulti }: Plan): boolean {
  return add.some((list, state) => list.length > 0 && isMulti[state]);
}

/** The mutation that moves the clock however often it is made; `undefined` for none. */
export function chooseTick(plan: Plan, { states, ticker }: Scope): Move | undefined {
  const state = ticker ?? (plan.isMulti[plan.exception] ? plan.exception : states.find((state) => plan.isMulti[state]));
  return state === undefined ? undefined : { type: "add", called: [state] };
}

/**
 * Whether the order of active states is without effect as long as no active state removes another. It is not when two
 * active multi states, which imply in the order in which they are active, add states of which one removes the other.
 */
export function isOrderFree({ names, isMulti, add, remove }: Plan): boolean {
  const adders = [...names.keys()].filter((state) => isMulti[state] && add[state]!.length > 0);
  return adders.every((one) =>
    adders.every((two) =>
      one === two || !add[one]!.some((added) => remove[added]!.some((other) => add[two]!.includes(other)))
    )
  );
}

/** Name the states of a mutation. */
export function toCall({ names }: Plan, { type, called }: Move): Call {
  return { type, states: called.map((state) => names[state]!) };
}
