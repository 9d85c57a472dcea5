import { BitMachine, type BitMove } from "./_bit_machine.ts";
import type { Call } from "./finding.ts";
import type { Plan } from "./_plan.ts";
import {
  chooseScope,
  chooseTick,
  type Edge,
  type Fight,
  type Goal,
  isOrderFree,
  listMoves,
  type Reach,
  type Search,
  toCall,
} from "./_search.ts";

/** How many sets are visited between two reports. */
const BATCH = 4_096;

/**
 * Visits sets of active states breadth first, each as a number.
 *
 *     sets      in the order in which they were found, so those that take fewer mutations come first
 *     parents   for each set where it was found from, and by which move; the way back is a shortest script
 */
export class BitSearch implements Search {
  isComplete = true;
  readonly machine: BitMachine;
  readonly #plan: Plan;
  readonly #maxSets: number;
  readonly #moves: readonly BitMove[];
  readonly #tick: BitMove | undefined;
  readonly #found = new BitMap();
  #masks = new Int32Array(BATCH);
  #parents = new Int32Array(BATCH);
  #by = new Uint16Array(BATCH);
  #count = 0;
  #been = 0;
  #left = 0;
  #came = 0;

  constructor(plan: Plan, { calls, maxSets }: Reach) {
    const scope = chooseScope(plan);
    this.#plan = plan;
    this.#maxSets = maxSets;
    this.machine = new BitMachine(plan, scope.states);
    this.#moves = listMoves(plan, scope, calls).map((move) => this.machine.prepare(plan, move));
    const tick = chooseTick(plan, scope);
    this.#tick = tick === undefined ? undefined : this.machine.prepare(plan, tick);
  }

  get sets(): number {
    return this.#count;
  }

  get states(): number {
    return this.machine.states.length;
  }

  /** Whether the order of active states may matter in the sets that were visited: then nothing here holds. */
  get isInexact(): boolean {
    return !isOrderFree(this.#plan) || this.machine.isUnsettled;
  }

  *run(): Generator<number, void> {
    this.#begin();
    for (let i = 0; i < this.#count && !this.machine.isUnsettled; i++) {
      if (i % BATCH === 0) yield this.#count;
      this.#leave(i);
    }
  }

  hasBeenActive(state: number): boolean {
    return this.#holds(this.#been, state);
  }

  hasLeft(state: number): boolean {
    return this.#holds(this.#left, state);
  }

  hasComeBySelf(state: number): boolean {
    return this.#holds(this.#came, state);
  }

  find({ type, state, isShownBy }: Goal): readonly Call[] | undefined {
    const move = this.machine.prepare(this.#plan, { type, called: [state] });
    const edge = new BitEdge(this.machine);
    for (let i = 0; i < this.#count; i++) {
      edge.go(this.#masks[i]!, move);
      if (isShownBy(edge)) return [...this.#callsTo(i), toCall(this.#plan, move)];
    }
    return undefined;
  }

  /**
   * Lets the clock move again and again from each set. That ends in a circle; when auto states change anything on the way
   * round, they do so for ever.
   */
  findFights(): readonly Fight[] {
    if (this.#tick === undefined) return [];
    const circles = this.#findCircles(this.#tick);
    const tick = toCall(this.#plan, this.#tick);
    const shortest = new Map<number, { calls: readonly Call[] }>();
    for (let i = 0; i < this.#count && circles.size > 0; i++) {
      const circle = circles.get(this.#masks[i]!);
      if (circle === undefined) continue;
      const calls = [...this.#callsTo(i), ...Array.from({ length: circle.length }, () => tick)];
      const known = shortest.get(circle.came);
      if (known === undefined || calls.length < known.calls.length) shortest.set(circle.came, { calls });
    }
    return [...shortest].map(([came, { calls }]) => ({
      states: this.machine.states.filter((_, bit) => came & (1 << bit)),
      calls,
    }));
  }

  #begin(): void {
    const { exception, isBroken } = this.#plan;
    const error = this.machine.prepare(this.#plan, { type: "add", called: [exception] });
    const start = isBroken ? this.machine.run(0, error) : 0;
    this.#been = start | this.machine.middle;
    this.#came = this.machine.came;
    this.#push(start, -1, 0);
  }

  /** Make all moves from a set. */
  #leave(index: number): void {
    const { machine } = this;
    const set = this.#masks[index]!;
    for (let m = 0; m < this.#moves.length; m++) {
      const next = machine.run(set, this.#moves[m]!);
      if (next === set && machine.middle === set) continue;
      this.#been |= machine.middle | next;
      this.#left |= set & ~next;
      this.#came |= machine.came;
      if (!this.#found.has(next)) this.#push(next, index, m);
    }
  }

  #push(set: number, parent: number, by: number): void {
    if (this.#count === this.#maxSets) {
      this.isComplete = false;
      return;
    }
    this.#found.add(set);
    if (this.#count === this.#masks.length) this.#grow();
    this.#masks[this.#count] = set;
    this.#parents[this.#count] = parent;
    this.#by[this.#count++] = by;
  }

  #grow(): void {
    const grow = <List extends Int32Array | Uint16Array>(list: List, longer: List): List => (longer.set(list), longer);
    const length = this.#masks.length * 2;
    this.#masks = grow(this.#masks, new Int32Array(length));
    this.#parents = grow(this.#parents, new Int32Array(length));
    this.#by = grow(this.#by, new Uint16Array(length));
  }

  #callsTo(index: number): Call[] {
    const calls: Call[] = [];
    for (let i = index; this.#parents[i]! >= 0; i = this.#parents[i]!) {
      calls.push(toCall(this.#plan, this.#moves[this.#by[i]!]!));
    }
    return calls.reverse();
  }

  #findCircles(tick: BitMove): Map<number, { came: number; length: number }> {
    const { machine } = this;
    const done = new BitMap();
    const circles = new Map<number, { came: number; length: number }>();
    for (let i = 0; i < this.#count; i++) {
      const path: number[] = [];
      let set = this.#masks[i]!;
      for (; !done.has(set); set = machine.run(set, tick)) {
        done.add(set);
        path.push(set);
      }
      const circle = path.includes(set) ? path.slice(path.indexOf(set)) : [];
      let came = 0;
      for (const member of circle) {
        machine.run(member, tick);
        if (machine.hasAutoMoved) came |= machine.came;
      }
      if (came !== 0) { for (const member of circle) circles.set(member, { came, length: circle.length }); }
    }
    return circles;
  }

  #holds(set: number, state: number): boolean {
    const bit = this.machine.states.indexOf(state);
    return bit < 0 || (set & (1 << bit)) !== 0; // a state that concerns no other comes and goes as it is called
  }
}

/** A move as it is looked at; there is one, which each move is written into. */
class BitEdge implements Edge {
  isAccepted = false;
  readonly #machine: BitMachine;
  readonly #masks: Int32Array;
  #before = 0;
  #middle = 0;
  #after = 0;
  /** The called state if the sets do not hold it: it comes when it is added, or -1. */
  #lone = -1;

  constructor(machine: BitMachine) {
    this.#machine = machine;
    this.#masks = new Int32Array(Math.max(0, ...machine.states) + 1);
    machine.states.forEach((state, bit) => this.#masks[state] = 1 << bit);
  }

  go(set: number, move: BitMove): void {
    this.#lone = move.type === "add" && move.bits.length === 0 ? move.called[0] ?? -1 : -1;
    this.#before = set;
    this.#after = this.#machine.run(set, move);
    this.#middle = this.#machine.middle;
    this.isAccepted = this.#machine.isAccepted;
  }

  wasActive(state: number): boolean {
    return (this.#before & this.#masks[state]!) !== 0;
  }

  becameActive(state: number): boolean {
    return state === this.#lone || (this.#middle & this.#masks[state]!) !== 0;
  }

  isActive(state: number): boolean {
    return state === this.#lone || (this.#after & this.#masks[state]!) !== 0;
  }
}

/** A set of small numbers, made of pages that are there once they are needed. */
class BitMap {
  readonly #pages: (Uint8Array | undefined)[] = [];

  has(value: number): boolean {
    const page = this.#pages[value >>> 16];
    return page !== undefined && (page[(value & 0xffff) >>> 3]! & (1 << (value & 7))) !== 0;
  }

  add(value: number): void {
    const page = this.#pages[value >>> 16] ??= new Uint8Array(8_192);
    page[(value & 0xffff) >>> 3]! |= 1 << (value & 7);
  }
}
