/**
 * Runs recorded mutations on fresh machines, and compares what comes of them with what is recorded.
 *
 * @module
 */
import { type Binding, type Event, Machine, type MachineClock, type Schema, type Transition } from "../mod.ts";
import { type MachineRecord, nameStates, type TelemetryRecord, type TxRecord } from "../telemetry/mod.ts";
import { type Answers, answersOf, isThrown, NO_ANSWERS } from "./_answers.ts";
import { isTransition } from "./_machine_view.ts";

/** A transition that went another way than it is recorded. */
export interface Difference {
  /** Id of the machine. */
  readonly machineId: string;
  /** Id of the recorded transition; `undefined` when there is none for what happened. */
  readonly transitionId: string | undefined;
  /** What the mutation is: `[add] Foo`. */
  readonly mutation: string;
  /** What differs. */
  readonly reason: string;
}

/** What was verified. */
export interface Verified {
  /** Machines; one that went on behind a gap counts twice. */
  machines: number;
  /** Transitions that went as recorded. */
  transitions: number;
  /** Records that are lost, and with them what happened there. */
  lost: number;
}

/** Why a recording cannot be verified. */
export class UnverifiableError extends Error {
  override name = "UnverifiableError";
}

/** Handlers to bind to each machine, instead of those that answer as recorded. */
export type UserHandlers = object;

/** A transition that ran, with the clock at its end: what a handler that threw took back is told there only. */
interface Produced {
  readonly transition: Transition;
  readonly ticks: readonly number[];
}

/** Time stands still: what a time-out did is recorded as a mutation of its own. */
const STILL: MachineClock = { now: () => 0, setTimeout: () => 0, clearTimeout: () => {} };

/** Verifies the machines of a recording, record by record. */
export class Verifier {
  /** What was verified so far. */
  readonly verified: Verified;
  readonly #replicas: Map<string, Replica>;
  readonly #handlers: UserHandlers | undefined;

  /**
   * Begin.
   *
   * @param handlers Real handlers; those that answer as the steps say by default.
   */
  constructor(handlers?: UserHandlers) {
    this.verified = { machines: 0, transitions: 0, lost: 0 };
    this.#replicas = new Map();
    this.#handlers = handlers;
  }

  /**
   * Go on by one record.
   *
   * @returns The first difference, if there is one.
   * @throws {UnverifiableError} when the recording lacks what it takes.
   */
  add(record: TelemetryRecord): Difference | undefined {
    const replica = this.#replicas.get(record.instance);
    if (record.kind === "machine") return this.#addMachine(record, replica);
    if (record.kind === "gap") {
      this.verified.lost += record.count;
      const difference = replica?.finish();
      this.#replicas.delete(record.instance); // the machine record that follows says where it stands
      return difference;
    }
    if (record.kind === "dispose") {
      this.#replicas.delete(record.instance);
      return replica?.finish();
    }
    return isTransition(record) && replica !== undefined ? replica.add(record) : undefined;
  }

  /** Verify what still waits for what might follow it. */
  finish(): Difference | undefined {
    for (const replica of this.#replicas.values()) {
      const difference = replica.finish();
      if (difference !== undefined) return difference;
    }
    return undefined;
  }

  #addMachine(record: MachineRecord, replica: Replica | undefined): Difference | undefined {
    const difference = replica?.finish();
    if (difference !== undefined || replica?.follows(record)) return difference;
    if (replica === undefined) this.verified.machines++;
    this.#replicas.set(record.instance, new Replica(record, this.verified, this.#handlers));
    return undefined;
  }
}

/** A fresh machine of a recorded schema, which goes the recorded way. */
class Replica {
  readonly #machine: Machine;
  readonly #record: MachineRecord;
  readonly #verified: Verified;
  readonly #hasUserHandlers: boolean;
  readonly #bound: Set<string>;
  /** Transitions that ran and were not compared yet. */
  readonly #produced: Produced[];
  /** A mutation from outside with what it led to, so far. */
  #group: TxRecord[];
  #answers: readonly Answers[];
  /** Ticks as they are recorded. */
  #ticks: number[];
  #isDriven: boolean;
  /**
   * Refuses what is not driven. What handlers do later, on their own, is recorded as mutations from outside: those count.
   * It is taken off for each run: that a handler is bound at all makes a difference when another one throws.
   */
  #guard: Binding;
  /** Transitions since the group's beginning. */
  #count: number;

  constructor(record: MachineRecord, verified: Verified, handlers: UserHandlers | undefined) {
    this.#record = record;
    this.#verified = verified;
    this.#hasUserHandlers = handlers !== undefined;
    this.#bound = new Set();
    this.#produced = [];
    this.#group = [];
    this.#answers = [];
    this.#ticks = [...record.ticks];
    this.#isDriven = false;
    this.#count = 0;
    const schema = record.schema as Schema;
    this.#machine = new Machine(schema, { id: record.id, logLevel: "nothing", clock: STILL, maxDrain: 0 });
    this.#machine.onInternalError(() => {});
    this.#guard = this.#machine.bindHandlers({ AnyEnter: () => false });
    if (handlers !== undefined) this.#machine.bindHandlers(handlers);
    this.#machine.bindTracer({ transitionEnd: (transition) => this.#onEnd(transition) });
    this.#start();
    if (handlers === undefined) this.#guard.detach();
  }

  /** Whether a machine record says again what is known; if not, it needs another replica. */
  follows(record: MachineRecord): boolean {
    return record.machineTick === this.#record.machineTick &&
      String(record.stateNames) === String(this.#record.stateNames) && String(record.ticks) === String(this.#ticks) &&
      JSON.stringify(record.schema) === JSON.stringify(this.#record.schema);
  }

  add(record: TxRecord): Difference | undefined {
    if (!this.#hasUserHandlers && record.called.length > 0 && record.steps === undefined) {
      throw new UnverifiableError(
        `transition "${record.id}" has no steps, which say what handlers answered: record with steps, or name --handlers FILE`,
      );
    }
    if (this.#belongsToGroup(record)) {
      this.#group.push(record);
      return undefined;
    }
    const difference = this.#verifyGroup();
    this.#group = [record];
    return difference;
  }

  finish(): Difference | undefined {
    const difference = this.#verifyGroup();
    this.#group = [];
    const extra = this.#produced.shift();
    return difference ?? (extra === undefined ? undefined : this.#differ(undefined, extra, "is not recorded"));
  }

  /** Come to where the machine stood, as from a snapshot of it. */
  #start(): void {
    const { id, stateNames, ticks, queueTick, machineTick } = this.#record;
    this.#machine.verifyStates([...stateNames]);
    if (String(this.#machine.time()) === String(ticks)) return;
    this.#machine.import({ version: 1, id, stateNames, time: ticks, machineTick, queueTick });
  }

  /** Auto transitions arise from the one before, and so does the Exception of a handler that threw. */
  #belongsToGroup(record: TxRecord): boolean {
    const last = this.#group.at(-1);
    return record.auto === true || (last !== undefined && isThrown(last, record, this.#record));
  }

  #verifyGroup(): Difference | undefined {
    const group = this.#group;
    if (!this.#hasUserHandlers) this.#prepareAnswers(group);
    this.#count = 0;
    for (const record of group) {
      if (this.#produced.length === 0) {
        if (record.auto) return this.#differ(record, undefined, "did not arise");
        this.#run(record);
      }
      const difference = this.#compare(record, this.#produced.shift());
      if (difference !== undefined) return difference;
      this.#verified.transitions++;
    }
    const extra = this.#hasUserHandlers ? undefined : this.#produced[0];
    return extra === undefined ? undefined : this.#differ(undefined, extra, `follows "${group.at(-1)?.id}" unrecorded`);
  }

  #prepareAnswers(group: readonly TxRecord[]): void {
    this.#answers = group.map((record, i) => answersOf(record, this.#record, group[i + 1]));
    for (const { refusing, throwing } of this.#answers) {
      for (const name of refusing) this.#bind(name);
      if (throwing !== undefined) this.#bind(throwing.name);
    }
  }

  #bind(name: string): void {
    if (this.#bound.has(name)) return;
    this.#bound.add(name);
    this.#machine.bindHandlers({ [name]: (event: Event) => this.#answer(name, event) } as object);
  }

  #answer(name: string, event: Event): boolean {
    const { refusing, throwing } = this.#answers[this.#count] ?? NO_ANSWERS;
    const isFinal = "signal" in event; // events of negotiation have none
    if (throwing?.name === name && throwing.isFinal === isFinal) throw new Error(`${name} threw when it was recorded`);
    return !refusing.has(name);
  }

  #run(record: TxRecord): void {
    this.#isDriven = true;
    this.#guard.detach();
    this.#machine[record.type](nameStates(record.called, this.#record.stateNames), { ...record.args });
    this.#isDriven = false;
    if (this.#hasUserHandlers) this.#guard = this.#machine.bindHandlers({ AnyEnter: () => false });
  }

  #onEnd(transition: Transition): void {
    if (!this.#isDriven || transition.mutation.isCheck) return;
    this.#count++;
    this.#produced.push({ transition, ticks: this.#machine.time() });
  }

  #compare(record: TxRecord, produced: Produced | undefined): Difference | undefined {
    for (const [index, tick] of record.ticks) this.#ticks[index] = tick;
    if (produced === undefined) return this.#differ(record, undefined, "did not run");
    const { ticks, transition: { mutation, accepted } } = produced;
    const { stateNames } = this.#record;
    const called = nameStates(record.called, stateNames);
    if (
      mutation.type !== record.type || String(mutation.states) !== String(called) ||
      mutation.isAuto !== (record.auto === true)
    ) {
      return this.#differ(
        record,
        undefined,
        `did not come: ${nameMutation(mutation.type, mutation.isAuto, mutation.states)} did`,
      );
    }
    if (accepted !== record.accepted) {
      return this.#differ(
        record,
        undefined,
        `was ${accepted ? "accepted" : "canceled"}, recorded as ${record.accepted ? "accepted" : "canceled"}`,
      );
    }
    const wrong = ticks.findIndex((tick, index) => tick !== (this.#ticks[index] ?? 0));
    if (wrong < 0) return undefined;
    return this.#differ(
      record,
      undefined,
      `left "${stateNames[wrong]}" at tick ${ticks[wrong]}, recorded is ${this.#ticks[wrong] ?? 0}`,
    );
  }

  #differ(record: TxRecord | undefined, produced: Produced | undefined, reason: string): Difference {
    const { stateNames, id } = this.#record;
    const ran = produced?.transition.mutation;
    const mutation = record !== undefined
      ? nameMutation(record.type, record.auto === true, nameStates(record.called, stateNames))
      : nameMutation(ran!.type, ran!.isAuto, ran!.states);
    return { machineId: id, transitionId: record?.id, mutation, reason };
  }
}

function nameMutation(type: string, isAuto: boolean, states: readonly string[]): string {
  return `[${type}${isAuto ? ":auto" : ""}] ${states.join(" ")}`.trimEnd();
}
