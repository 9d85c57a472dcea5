import type { Plan } from "./_plan.ts";
import { isHealth, type Move } from "./_search.ts";

/** The most states that fit into a set: the sign of a number is left alone. */
export const MAX_BITS = 31;

/** A mutation on sets. */
export interface BitMove extends Move {
  /** The called states that the sets hold, in order, by bit. */
  readonly bits: readonly number[];
  readonly mask: number;
  /** Whether it moves the clock even if the set stays: it calls a multi state that the sets do not hold. */
  readonly isTick: boolean;
  /** Whether auto states are not tried after it. */
  readonly isHealth: boolean;
}

/**
 * A machine without handlers whose active states are the bits of a number.
 *
 * The order of active states is not kept. It makes no difference as long as no active state removes another: then whom the
 * scan of `machine/_resolver.ts` drops hangs on the called states, which are in front, and the implied ones, which are
 * behind.
 *
 * One object holds what came of the last mutation, as millions of them are made.
 */
export class BitMachine {
  /** The state of each bit. */
  readonly states: readonly number[];
  /** Whether the last mutation was accepted. */
  isAccepted = false;
  /** The set after the last mutation, before auto states were tried. */
  middle = 0;
  /** Auto states that came in by themselves after the last mutation. */
  came = 0;
  /** Whether auto states changed the set after the last mutation. */
  hasAutoMoved = false;
  /** Whether a set came up, ever, in which an active state removes another. */
  isUnsettled = false;
  readonly #add: Int32Array;
  readonly #addLists: readonly (readonly number[])[];
  readonly #remove: Int32Array;
  readonly #removedBy: Int32Array;
  readonly #require: Int32Array;
  readonly #autos: readonly number[];
  readonly #multi: number;
  readonly #adders: number;
  readonly #multiAdders: number;
  readonly #requirers: number;
  readonly #removed: number;
  readonly #impossible: number;
  readonly #implied = new Int32Array(MAX_BITS);
  #impliedCount = 0;
  /** States that came in late, after the removals, in the set that was worked out last. */
  #late = 0;

  /**
   * Make the machine.
   *
   * @param states The states that the sets hold, by index, {@linkcode MAX_BITS} at most. All that concern one another are
   * among them.
   */
  constructor(plan: Plan, states: readonly number[]) {
    this.states = states;
    const bitOf = new Map(states.map((state, bit) => [state, bit]));
    const lists = (relation: readonly (readonly number[])[]) =>
      states.map((state) => relation[state]!.filter((other) => other >= 0).map((other) => bitOf.get(other)!));
    const maskWhere = (isWanted: (state: number) => boolean) =>
      toMask([...states.keys()].filter((bit) => isWanted(states[bit]!)));
    const remove = lists(plan.remove);
    this.#addLists = lists(plan.add);
    this.#add = Int32Array.from(this.#addLists, toMask);
    this.#remove = Int32Array.from(remove, toMask);
    this.#removedBy = Int32Array.from(
      states,
      (_, bit) => toMask([...states.keys()].filter((by) => remove[by]!.includes(bit))),
    );
    this.#require = Int32Array.from(lists(plan.require), toMask);
    this.#autos = [...states.keys()].filter((bit) => plan.isAuto[states[bit]!]);
    this.#multi = maskWhere((state) => plan.isMulti[state]!);
    this.#adders = maskWhere((state) => plan.add[state]!.length > 0);
    this.#multiAdders = this.#adders & this.#multi;
    this.#requirers = maskWhere((state) => plan.require[state]!.length > 0);
    this.#removed = toMask([...states.keys()].filter((bit) => this.#removedBy[bit] !== 0));
    this.#impossible = maskWhere((state) => plan.require[state]!.includes(-1));
  }

  /** Make a mutation ready. States that the sets do not hold are left out of it. */
  prepare(plan: Plan, move: Move): BitMove {
    const bits = move.called.map((state) => this.states.indexOf(state)).filter((bit) => bit >= 0);
    const isTick = move.type !== "remove" &&
      move.called.some((state) => plan.isMulti[state] && !this.states.includes(state));
    const isQuiet = move.type === "add" && move.called.length === 1 && isHealth(plan, move.called[0]!);
    return { ...move, bits, mask: toMask(bits), isTick, isHealth: isQuiet };
  }

  /** Whether a state that the sets hold may be called again while it is active. */
  isMulti(state: number): boolean {
    return (this.#multi & (1 << this.states.indexOf(state))) !== 0;
  }

  /** Make a mutation, and try auto states if it moves the clock. Returns the set after both. */
  run(active: number, move: BitMove): number {
    const { type, mask, bits } = move;
    const target = this.#resolve(active, type, mask, bits);
    this.came = 0;
    this.hasAutoMoved = false;
    this.isAccepted = type === "remove" || (mask & ~target) === 0;
    if (!this.isAccepted) return this.middle = active;
    this.middle = target;
    this.#lookForConflicts(target);
    const hasMoved = target !== active || move.isTick || (type !== "remove" && (mask & active & this.#multi) !== 0);
    return hasMoved && !move.isHealth && this.#autos.length > 0 ? this.#tryAutos(target) : target;
  }

  /** One transition with all auto states that nothing active removes; those that relations refuse are left out of it. */
  #tryAutos(active: number): number {
    let called = 0;
    for (const bit of this.#autos) if ((this.#removedBy[bit]! & active) === 0) called |= 1 << bit;
    called &= ~active;
    if (called === 0) return active;
    const listed = (mask: number) => this.#autos.filter((bit) => mask & (1 << bit));
    let target = this.#resolve(active, "add", called, listed(called));
    const accepted = called & target;
    if (accepted === 0) return active;
    if (accepted !== called) target = this.#resolve(active, "add", accepted, listed(accepted));
    this.#lookForConflicts(target);
    this.came = called & target;
    this.hasAutoMoved = target !== active;
    return target;
  }

  #resolve(active: number, type: Move["type"], mask: number, bits: readonly number[]): number {
    const called = type === "remove" ? 0 : mask;
    const held = type === "remove" ? mask : 0;
    const staying = type === "set" ? 0 : active & ~mask;
    const adders = this.#adders & (~active | this.#multi);
    let listed = called | staying;
    this.#impliedCount = 0;
    if (called & adders) listed = this.#implyCalled(bits, adders, listed, held);
    for (let rest = staying & this.#multiAdders; rest !== 0; rest &= rest - 1) {
      listed = this.#imply(31 - Math.clz32(rest & -rest), listed, held);
    }
    listed = this.#dropUnmet(listed);
    const standing = this.#scan(listed, staying, type === "remove" ? NO_BITS : bits);
    const late = standing & adders ? this.#implyLate(standing, standing & adders, held) : 0;
    this.#late = late;
    return standing === listed && late === 0 ? standing : this.#dropUnmet(standing | late);
  }

  /** From the end of the list, implied, active, called, to its start: a state falls if one that still stands removes it. */
  #scan(listed: number, staying: number, bits: readonly number[]): number {
    let standing = listed;
    if ((listed & ~staying) === 0 || (listed & this.#removed) === 0) return standing;
    for (let i = this.#impliedCount - 1; i >= 0; i--) {
      const bit = this.#implied[i]!;
      if (this.#removedBy[bit]! & standing) standing &= ~(1 << bit);
    }
    for (let rest = standing & staying & this.#removed; rest !== 0; rest &= rest - 1) {
      const bit = 31 - Math.clz32(rest & -rest);
      if (this.#removedBy[bit]! & standing) standing &= ~(1 << bit);
    }
    for (let i = bits.length - 1; i >= 0; i--) {
      if (this.#removedBy[bits[i]!]! & standing) standing &= ~(1 << bits[i]!);
    }
    return standing;
  }

  /** Append what the called states add. Returns what is listed then. */
  #implyCalled(bits: readonly number[], adders: number, listed: number, held: number): number {
    for (const bit of bits) if (adders & (1 << bit)) listed = this.#imply(bit, listed, held);
    return listed;
  }

  /** Append what a state adds. Returns what is listed then. */
  #imply(bit: number, listed: number, held: number): number {
    for (const other of this.#addLists[bit]!) {
      const added = 1 << other;
      if ((listed | held) & added) continue;
      listed |= added;
      this.#implied[this.#impliedCount++] = other;
    }
    return listed;
  }

  /** What standing states add that none of them removes. */
  #implyLate(standing: number, adders: number, held: number): number {
    let late = 0;
    for (let rest = adders; rest !== 0; rest &= rest - 1) late |= this.#add[31 - Math.clz32(rest & -rest)]!;
    late &= ~(standing | held);
    for (let rest = late; rest !== 0; rest &= rest - 1) {
      if (this.#removedBy[31 - Math.clz32(rest & -rest)]! & standing) late &= ~(rest & -rest);
    }
    return late;
  }

  #dropUnmet(listed: number): number {
    let kept = listed & ~this.#impossible;
    for (let before = -1; before !== kept;) {
      before = kept;
      for (let rest = kept & this.#requirers; rest !== 0; rest &= rest - 1) {
        if (this.#require[31 - Math.clz32(rest & -rest)]! & ~kept) kept &= ~(rest & -rest);
      }
    }
    return kept;
  }

  /** States that come late have removed nothing, and nothing looked at whether they remove each other. */
  #lookForConflicts(target: number): void {
    for (let rest = this.#late & target; rest !== 0; rest &= rest - 1) {
      if (this.#remove[31 - Math.clz32(rest & -rest)]! & target) this.isUnsettled = true;
    }
  }
}

const NO_BITS: readonly number[] = [];

/** The set of some bits. */
function toMask(bits: readonly number[]): number {
  return bits.reduce((mask, bit) => mask | (1 << bit), 0);
}
