import { Machine, NoOpTracer, type Transition } from "../../mod.ts";
import type { Call } from "./finding.ts";
import type { Plan } from "./_plan.ts";
import {
  chooseScope,
  chooseTick,
  type Edge,
  type Fight,
  type Goal,
  hasMultiAdds,
  isOrderFree,
  listMoves,
  type Move,
  type Reach,
  type Scope,
  type Search,
  toCall,
} from "./_search.ts";

/** A set of active states that was visited. */
interface Visited {
  /** Indexes of the active states, in the machine's order. */
  readonly active: readonly number[];
  readonly parent: Visited | null;
  readonly move: Move | null;
}

/**
 * Visits sets of active states breadth first with real machines, which go there from their start each time.
 *
 * It is for schemas that do not fit the numbers of `_bit_search.ts`: they have more states, or the order of active states
 * makes a difference. Then sets that differ in the order only are two.
 */
export class MachineSearch implements Search {
  isComplete = true;
  /** Whether the order of active states may matter in the sets that were visited, but was not looked at. */
  isInexact: boolean;
  readonly #plan: Plan;
  readonly #scope: Scope;
  readonly #isInScope: readonly boolean[];
  readonly #moves: readonly Move[];
  readonly #maxSets: number;
  readonly #isOrdered: boolean;
  readonly #hasMultiAdds: boolean;
  readonly #visited = new Map<string, Visited>();
  readonly #been = new Set<number>();
  readonly #left = new Set<number>();
  readonly #came = new Set<number>();

  constructor(plan: Plan, { calls, maxSets }: Reach, isOrdered: boolean) {
    this.#plan = plan;
    this.#scope = chooseScope(plan);
    const held = new Set(this.#scope.states);
    this.#isInScope = plan.names.map((_, state) => held.has(state));
    this.#moves = listMoves(plan, this.#scope, calls);
    this.#maxSets = maxSets;
    this.#isOrdered = isOrdered;
    this.#hasMultiAdds = hasMultiAdds(plan);
    this.isInexact = !isOrdered && !isOrderFree(plan);
  }

  get sets(): number {
    return this.#visited.size;
  }

  get states(): number {
    return this.#scope.states.length;
  }

  *run(): Generator<number, void> {
    const start = new Walker(this.#plan).goTo(null);
    this.#note(start);
    this.#push(start.after, null, null);
    for (const from of this.#visited.values()) { // a map's walk comes to what is put into it on the way
      if (this.isInexact) return;
      yield this.#visited.size;
      for (const [move, edge] of this.#leave(from)) {
        this.#note(edge);
        this.#push(edge.after, from, move);
      }
    }
  }

  hasBeenActive(state: number): boolean {
    return this.#isFree(state) || this.#been.has(state);
  }

  hasLeft(state: number): boolean {
    return this.#isFree(state) || this.#left.has(state);
  }

  hasComeBySelf(state: number): boolean {
    return this.#came.has(state);
  }

  find({ type, state, isShownBy }: Goal): readonly Call[] | undefined {
    const move: Move = { type, called: [state] };
    for (const from of this.#visited.values()) {
      const walker = new Walker(this.#plan);
      walker.goTo(from);
      if (isShownBy(walker.go(move))) return [...movesTo(from), move].map((it) => toCall(this.#plan, it));
    }
    return undefined;
  }

  findFights(): readonly Fight[] {
    const tick = chooseTick(this.#plan, this.#scope);
    if (tick === undefined || !this.#plan.isAuto.includes(true)) return [];
    const shortest = new Map<string, Fight>();
    for (const from of this.#visited.values()) {
      const fight = this.#fightFrom(from, tick);
      if (fight === undefined) continue;
      const key = fight.states.join();
      if (fight.calls.length < (shortest.get(key)?.calls.length ?? Infinity)) shortest.set(key, fight);
    }
    return [...shortest.values()];
  }

  /** Let the clock move again and again, for as many times as there are states, to see whether the set comes back. */
  #fightFrom(from: Visited, tick: Move): Fight | undefined {
    const walker = new Walker(this.#plan);
    walker.goTo(from);
    const came = new Set<number>();
    for (let i = 1; i <= this.#plan.names.length; i++) {
      const edge = walker.go(tick);
      for (const state of edge.came) came.add(state);
      if (this.#keyOf(edge.after) !== this.#keyOf(from.active)) continue;
      if (came.size === 0) return undefined;
      const calls = [...movesTo(from), ...Array.from({ length: i }, () => tick)];
      return { states: [...came].sort((a, b) => a - b), calls: calls.map((move) => toCall(this.#plan, move)) };
    }
    return undefined;
  }

  *#leave(from: Visited): Generator<readonly [Move, MachineEdge], void> {
    let walker: Walker | undefined;
    for (const move of this.#moves) {
      if (this.#isIdle(from, move)) continue;
      if (walker === undefined) {
        walker = new Walker(this.#plan);
        walker.goTo(from);
      }
      const edge = walker.go(move);
      yield [move, edge];
      if (edge.after.join() !== from.active.join()) walker = undefined; // it is elsewhere now
    }
  }

  /** Whether a mutation changes nothing, and it is known before. */
  #isIdle({ active }: Visited, { type, called: [state, more] }: Move): boolean {
    if (this.#isOrdered || this.#hasMultiAdds || state === undefined || more !== undefined) return false;
    if (type === "remove") return !active.includes(state);
    return type === "add" && active.includes(state) && !this.#plan.isMulti[state];
  }

  #note(edge: MachineEdge): void {
    for (const state of [...edge.middle, ...edge.after]) this.#been.add(state);
    for (const state of edge.before) if (!edge.after.includes(state)) this.#left.add(state);
    for (const state of edge.came) this.#came.add(state);
    if (!this.#isOrdered && (this.#isUnsettled(edge.middle) || this.#isUnsettled(edge.after))) this.isInexact = true;
  }

  #push(active: readonly number[], parent: Visited | null, move: Move | null): void {
    const key = this.#keyOf(active);
    if (this.#visited.has(key)) return;
    if (this.#visited.size === this.#maxSets) this.isComplete = false;
    else this.#visited.set(key, { active, parent, move });
  }

  #keyOf(active: readonly number[]): string {
    const states = active.filter((state) => !this.#isFree(state));
    return (this.#isOrdered ? states : states.sort((a, b) => a - b)).join();
  }

  #isFree(state: number): boolean {
    return !this.#isInScope[state];
  }

  #isUnsettled(active: readonly number[]): boolean {
    return active.some((state) => this.#plan.remove[state]!.some((other) => active.includes(other)));
  }
}

function movesTo(visited: Visited): Move[] {
  const moves: Move[] = [];
  for (let it = visited; it.parent !== null; it = it.parent) moves.push(it.move!);
  return moves.reverse();
}

/** What a real machine did: the active states before, between, and after, in its order. */
class MachineEdge implements Edge {
  readonly isAccepted: boolean;
  readonly before: readonly number[];
  readonly middle: readonly number[];
  readonly after: readonly number[];
  /** Auto states that came in by themselves. */
  readonly came: readonly number[];

  constructor(before: readonly number[], steps: readonly Step[]) {
    this.before = before;
    const own = steps.find((step) => !step.isAuto);
    this.isAccepted = own?.isAccepted ?? true;
    this.middle = own?.active ?? before;
    this.after = steps.at(-1)?.active ?? before;
    this.came = steps.flatMap(({ isAuto, came }) => isAuto ? came : []);
  }

  wasActive(state: number): boolean {
    return this.before.includes(state);
  }

  becameActive(state: number): boolean {
    return this.middle.includes(state);
  }

  isActive(state: number): boolean {
    return this.after.includes(state);
  }
}

/** A transition of a real machine, and the active states at its end. */
interface Step {
  readonly isAuto: boolean;
  readonly isAccepted: boolean;
  readonly active: readonly number[];
  /** Called states that it activated. */
  readonly came: readonly number[];
}

/** A real machine that takes moves by index. */
class Walker extends NoOpTracer {
  readonly #plan: Plan;
  readonly #machine: Machine;
  #steps: Step[] = [];

  constructor(plan: Plan) {
    super();
    this.#plan = plan;
    this.#machine = new Machine(plan.schema, { tracers: [this], logLevel: "nothing" });
  }

  override transitionEnd(transition: Transition): void {
    const { mutation, accepted, enters } = transition;
    this.#steps.push({
      isAuto: mutation.isAuto,
      isAccepted: accepted,
      active: this.#active(accepted ? transition.targetStates : transition.statesBefore),
      came: accepted ? this.#active(enters.filter((name) => mutation.states.includes(name))) : [],
    });
  }

  /** Go to a set from the start; `null` for the start itself. Returns what led to the start. */
  goTo(visited: Visited | null): MachineEdge {
    const begin = new MachineEdge([], this.#steps);
    if (visited !== null) { for (const move of movesTo(visited)) this.go(move); }
    return begin;
  }

  go(move: Move): MachineEdge {
    const before = this.#active(this.#machine.activeStates());
    const { type, states } = toCall(this.#plan, move);
    this.#steps = [];
    this.#machine[type](states);
    return new MachineEdge(before, this.#steps);
  }

  #active(names: readonly string[]): number[] {
    return names.map((name) => this.#plan.indexByName.get(name)!);
  }
}
