import type { Move } from "./_move.ts";
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

/** What a transition belongs to: the engine knows more of it than users get to see. */
interface Owner {
  readonly machine: MachineApi;
}

/** The owner that a record was made with. */
export let ownerOf: (record: TransitionRecord) => Owner;

/**
 * A transition as the engine has it: states are indexes, and what it changes is a {@linkcode Move}. Whoever is given the record
 * may keep it. Fields are declared, so that only the constructor sets them (see `_event.ts`).
 */
export class TransitionRecord implements Transition<MachineApi> {
  declare readonly plan: Plan;
  declare readonly mutation: MutationRecord;
  declare readonly move: Move;
  declare accepted: boolean;
  declare completed: boolean;
  /** Whether it is known that the clock won't move: the time that negotiation was shown does not come. */
  declare isRefused: boolean;
  declare queueLength: number;
  /** Steps so far; null when nobody wants them. */
  declare stepRecords: StepRecord[] | null;
  declare logEntries: LogEntry[];
  declare preLogEntries: readonly LogEntry[];
  /** Whether all called states are among the target states, so far. */
  declare isComplete: boolean;
  /** Place in `entering` of the state whose final handler runs, or threw; below 0 for none. */
  declare failedEnter: number;
  /** Whether a handler threw. */
  declare hasThrown: boolean;
  readonly #number: number;
  readonly #owner: Owner;

  static {
    ownerOf = (record) => record.#owner;
  }

  constructor(
    owner: Owner,
    plan: Plan,
    mutation: MutationRecord,
    move: Move,
    number: number,
  ) {
    this.plan = plan;
    this.mutation = mutation;
    this.move = move;
    this.accepted = true;
    this.completed = false;
    this.isRefused = false;
    this.queueLength = 0;
    this.stepRecords = null;
    this.logEntries = NO_ENTRIES;
    this.preLogEntries = NO_ENTRIES;
    this.isComplete = true;
    this.failedEnter = -1;
    this.hasThrown = false;
    this.#number = number;
    this.#owner = owner;
  }

  get machine(): MachineApi {
    return this.#owner.machine;
  }

  /** Active states before, in the machine's order. */
  get before(): readonly number[] {
    return this.move.before(this.plan);
  }

  get target(): readonly number[] {
    return this.move.target(this.plan);
  }

  /** Empty when relations refused it, as are those that exit. */
  get entering(): readonly number[] {
    return this.move.change.entering;
  }

  get exiting(): readonly number[] {
    return this.move.change.exiting;
  }

  get id(): string {
    return `${INSTANCE}-${this.#number.toString(36)}`;
  }

  get statesBefore(): string[] {
    return namesOf(this.plan, this.before);
  }

  get targetStates(): string[] {
    return namesOf(this.plan, this.target);
  }

  get enters(): string[] {
    return namesOf(this.plan, this.entering);
  }

  get exits(): string[] {
    return namesOf(this.plan, this.exiting);
  }

  get steps(): Step[] {
    const nameOf = (state: number) => state === ANY ? "Any" : this.plan.names[state] ?? null;
    return (this.stepRecords ?? []).map((step) => ({ ...step, from: nameOf(step.from), to: nameOf(step.to) }));
  }

  get timeBefore(): Time {
    return this.move.timeBefore();
  }

  get timeAfter(): Time {
    const time = this.move.time();
    if (!this.move.isMade && !this.completed && !this.isRefused && !this.mutation.isCheck) simulate(this, time);
    return time;
  }

  /** Sum of all ticks before it. */
  get sumBefore(): number {
    return sumTime(this.timeBefore);
  }
}

/** Move a copy of the clock as if the target states were accepted. */
function simulate({ plan, mutation, before, target }: TransitionRecord, time: number[]): void {
  for (const state of target) {
    if (!before.includes(state)) time[state]!++;
    else if (plan.isMulti[state] && mutation.called.includes(state)) time[state]! += 2;
  }
  for (const state of before) {
    if (!target.includes(state)) time[state]!++;
  }
}

function namesOf(plan: Plan, states: readonly number[]): string[] {
  return states.map((state) => plan.names[state]!);
}

/** No lines. Lists are replaced, not changed; frozen, as users get to see it. */
const NO_ENTRIES = Object.freeze<LogEntry[]>([]) as LogEntry[];

/** Tells the transitions of this process from those of others. */
const INSTANCE = Math.floor(Math.random() * 2 ** 40).toString(36).padStart(8, "0");
