import type { Plan } from "./_plan.ts";
import type { MachineApi } from "./api.ts";
import { sumTime, type Time } from "./clock.ts";
import type { MutationRecord } from "./mutation.ts";
import type { Relation } from "./schema.ts";
import type { LogEntry, Step, StepType, Transition } from "./transition.ts";

/** A step as the engine has it: states are indexes, -1 for none, {@linkcode ANY} for `Any`. */
export interface StepRecord {
  readonly type: StepType;
  readonly relation: Relation | null;
  readonly from: number;
  readonly to: number;
  readonly isFinal: boolean;
  readonly isSelf: boolean;
  readonly isEnter: boolean;
}

/** Stands for any state in a step. */
export const ANY = -2;

/**
 * A transition as the engine has it: states are indexes, and the clock is kept as what changed.
 *
 * `timeBefore` and `timeAfter` are read off the machine's clock while the transition runs. Whoever is given the record may
 * keep it, so it is sealed at the transition's end: from then on it has a copy of its own.
 *
 *     clock now          [1, 3, 0, 1]     of the machine, later of the seal
 *     changed, deltas     1: +2, 3: +1    empty until the clock moves
 *     timeBefore         [1, 1, 0, 0]     clock less deltas
 */
export class TransitionRecord implements Transition<MachineApi> {
  readonly machine: MachineApi;
  readonly plan: Plan;
  readonly mutation: MutationRecord;
  /** Active states before, in the machine's order. */
  readonly before: readonly number[];
  target: number[];
  entering: number[];
  exiting: number[];
  accepted: boolean;
  completed: boolean;
  queueLength: number;
  /** Steps so far; null when nobody wants them. */
  stepRecords: StepRecord[] | null;
  logEntries: LogEntry[];
  preLogEntries: readonly LogEntry[];
  /** Whether somebody outside the engine may hold it. */
  isSeen: boolean;
  /** Whether the target states are known not to contradict each other. */
  isSettled: boolean;
  /** Place in `entering` of the state whose final handler threw; -1 for none. */
  failedEnter: number;
  /** Whether a handler threw. */
  hasThrown: boolean;
  /** Whether the states that had not been handled when a final handler threw are out again. */
  isRecovered: boolean;
  readonly #number: number;
  /** The machine's clock while the transition runs, then the seal. */
  #clock: readonly number[];
  #changed: number[];
  #deltas: number[];
  #hasMoved: boolean;

  constructor(
    machine: MachineApi,
    plan: Plan,
    mutation: MutationRecord,
    before: readonly number[],
    clock: readonly number[],
    number: number,
  ) {
    this.machine = machine;
    this.plan = plan;
    this.mutation = mutation;
    this.before = before;
    this.target = NONE;
    this.entering = NONE;
    this.exiting = NONE;
    this.accepted = true;
    this.completed = false;
    this.queueLength = 0;
    this.stepRecords = null;
    this.logEntries = NO_ENTRIES;
    this.preLogEntries = NO_ENTRIES;
    this.isSeen = false;
    this.isSettled = false;
    this.failedEnter = -1;
    this.hasThrown = false;
    this.isRecovered = false;
    this.#number = number;
    this.#clock = clock;
    this.#changed = NONE;
    this.#deltas = NONE;
    this.#hasMoved = false;
  }

  get id(): string {
    return `${INSTANCE}-${this.#number.toString(36)}`;
  }

  get statesBefore(): string[] {
    return this.#namesOf(this.before);
  }

  get targetStates(): string[] {
    return this.#namesOf(this.target);
  }

  get enters(): string[] {
    return this.#namesOf(this.entering);
  }

  get exits(): string[] {
    return this.#namesOf(this.exiting);
  }

  get steps(): Step[] {
    const nameOf = (state: number) => state === ANY ? "Any" : this.plan.names[state] ?? null;
    return (this.stepRecords ?? []).map((step) => ({ ...step, from: nameOf(step.from), to: nameOf(step.to) }));
  }

  get timeBefore(): Time {
    const time = this.#clock.slice();
    for (let i = 0; i < this.#changed.length; i++) time[this.#changed[i]!]! -= this.#deltas[i]!;
    return time;
  }

  get timeAfter(): Time {
    const time = this.#clock.slice();
    if (!this.#hasMoved && !this.completed && !this.mutation.isCheck) this.#simulate(time);
    return time;
  }

  /** Whether the clock has moved by it. */
  get hasChanged(): boolean {
    return this.#changed.length > 0;
  }

  /** Sum of all ticks before it. */
  get sumBefore(): number {
    return sumTime(this.timeBefore);
  }

  /** Note how the clock moved: by one for each state that came or went, by two for a multi state called again. */
  moved(changed: number[], deltas: number[]): void {
    this.#changed = changed;
    this.#deltas = deltas;
    this.#hasMoved = true;
  }

  /** Copy the clock as it is, so that later changes of the machine's clock don't reach this record. */
  seal(): void {
    if (!Object.isFrozen(this.#clock)) this.#clock = Object.freeze(this.#clock.slice());
  }

  /** Move a copy of the clock as if the target states were accepted. */
  #simulate(time: number[]): void {
    const { isMulti } = this.plan;
    const { called } = this.mutation;
    for (const state of this.target) {
      if (!this.before.includes(state)) time[state]!++;
      else if (isMulti[state] && called.includes(state)) time[state]! += 2;
    }
    for (const state of this.before) {
      if (!this.target.includes(state)) time[state]!++;
    }
  }

  #namesOf(states: readonly number[]): string[] {
    return states.map((state) => this.plan.names[state]!);
  }
}

/** No states. Never written to: lists are replaced, not changed. */
const NONE: number[] = [];

/** No lines. Never written to, like {@linkcode NONE}. */
const NO_ENTRIES: LogEntry[] = [];

/** Tells the transitions of this process from those of others. */
const INSTANCE = Math.floor(Math.random() * 2 ** 40).toString(36).padStart(8, "0");
