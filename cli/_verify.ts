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
  /** Machines. */
  machines: number;
  /** Transitions that went as recorded. */
  transitions: number;
  /** What could not be verified, of machines of which something is missing. */
  gaps: Gap[];
}

/** What could not be verified of a machine. */
export interface Gap {
  /** Id of the machine; its instance as long as no machine record came. */
  machineId: string;
  /** Records that are lost, and with them what happened there. */
  lost: number;
  /** Transitions behind these, up to the machine record that says where the machine stands. */
  skipped: number;
}

/** A machine of the recording. */
interface Entry {
  /** What goes its way; `undefined` as long as it is not known where it stands. */
  replica: Replica | undefined;
  /** Number of its last record. */
  seq: number;
  /** What is missing of it, if something is. */
  gap: Gap | undefined;
  /** Whether a part of it, at least, could be verified. */
  isVerified: boolean;
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
  readonly #entries: Map<string, Entry>;
  readonly #handlers: UserHandlers | undefined;

  /**
   * Begin.
   *
   * @param handlers Real handlers; those that answer as the steps say by default.
   */
  constructor(handlers?: UserHandlers) {
    this.verified = { machines: 0, transitions: 0, gaps: [] };
    this.#entries = new Map();
    this.#handlers = handlers;
  }

  /**
   * Go on by one record.
   *
   * @returns The first difference, if there is one.
   * @throws {UnverifiableError} when the recording lacks what it takes.
   */
  add(record: TelemetryRecord): Difference | undefined {
    const entry = this.#entryOf(record);
    const lost = record.kind === "gap" ? record.seq - entry.seq : record.seq - entry.seq - 1;
    entry.seq = Math.max(entry.seq, record.seq);
    if (lost > 0) this.#lose(entry, record.instance, lost);
    return this.#take(entry, record);
  }

  /** Verify what still waits for what might follow it: a recording may end in the midst of what belongs together. */
  finish(): Difference | undefined {
    for (const { replica } of this.#entries.values()) {
      const difference = replica?.finish(false);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }

  /** What is in front of a recording is not missing in it. */
  #entryOf(record: TelemetryRecord): Entry {
    let entry = this.#entries.get(record.instance);
    if (entry === undefined) {
      const seq = (record.kind === "gap" ? record.from : record.seq) - 1;
      this.#entries.set(record.instance, entry = { replica: undefined, seq, gap: undefined, isVerified: false });
    }
    return entry;
  }

  /**
   * Behind a hole nothing is known of the machine, not even its schema, until a machine record says it. What waited for what
   * might follow it waits in vain.
   */
  #lose(entry: Entry, instance: string, lost: number): void {
    const gap = this.#gapOf(entry, instance);
    gap.lost += lost;
    gap.skipped += entry.replica?.waiting ?? 0;
    entry.replica = undefined;
  }

  #gapOf(entry: Entry, instance: string): Gap {
    if (entry.gap === undefined) {
      entry.gap = { machineId: entry.replica?.machineId ?? instance, lost: 0, skipped: 0 };
      this.verified.gaps.push(entry.gap);
    }
    return entry.gap;
  }

  #take(entry: Entry, record: TelemetryRecord): Difference | undefined {
    const { replica } = entry;
    if (record.kind === "machine") return this.#takeMachine(entry, record);
    if (record.kind === "dispose") {
      entry.replica = undefined;
      return replica?.finish();
    }
    if (!isTransition(record)) return undefined;
    if (replica !== undefined && !(replica.isFresh && record.auto)) return replica.add(record);
    this.#gapOf(entry, record.instance).skipped++;
    // What an auto transition comes of is not recorded, but where it leads to is.
    if (replica !== undefined) entry.replica = this.#makeReplica(replica.recordBehind(record));
    return undefined;
  }

  #takeMachine(entry: Entry, record: MachineRecord): Difference | undefined {
    if (entry.replica?.follows(record)) return undefined;
    const difference = entry.replica?.finish();
    if (difference !== undefined) return difference;
    if (!entry.isVerified) this.verified.machines++;
    entry.isVerified = true;
    if (entry.gap !== undefined) entry.gap.machineId = record.id;
    entry.replica = this.#makeReplica(record);
    return undefined;
  }

  #makeReplica(record: MachineRecord): Replica {
    return new Replica(record, this.verified, this.#handlers);
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
  #isFresh: boolean;
  /**
   * Refuses what is not driven. What handlers do later, on their own, is recorded as mutations from outside: those count.
   * It is taken off for each run: that a handler is bound at all makes a difference when another one throws.
   */
  #guard: Binding;
  /** Transitions since the group's beginning. */
  #count: number;
  /** Calls of the handler that is to throw, in this transition. */
  #throwerCalls: number;

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
    this.#isFresh = true;
    this.#count = 0;
    this.#throwerCalls = 0;
    const schema = record.schema as Schema;
    this.#machine = new Machine(schema, { id: record.id, logLevel: "nothing", clock: STILL, maxDrain: 0 });
    this.#machine.onInternalError(() => {});
    this.#guard = this.#machine.bindHandlers({ AnyEnter: () => false });
    if (handlers !== undefined) this.#machine.bindHandlers(handlers);
    this.#machine.bindTracer({ transitionEnd: (transition) => this.#onEnd(transition) });
    this.#start();
    if (handlers === undefined) this.#guard.detach();
  }

  /** Id of the machine. */
  get machineId(): string {
    return this.#record.id;
  }

  /** Whether nothing was added yet. */
  get isFresh(): boolean {
    return this.#isFresh;
  }

  /** The machine record for a machine behind a transition that is not added. */
  recordBehind({ ticks, queueTick }: TxRecord): MachineRecord {
    return { ...this.#record, ticks: this.#ticksBehind(ticks), queueTick };
  }

  /** Transitions that wait for what might follow them. */
  get waiting(): number {
    return this.#group.length;
  }

  /** Whether a machine record says again what is known, as an exporter does; if not, it needs another replica. */
  follows(record: MachineRecord): boolean {
    const ticks = this.#ticksBehind(this.#group.flatMap((it) => it.ticks));
    return record.machineTick === this.#record.machineTick &&
      String(record.stateNames) === String(this.#record.stateNames) && String(record.ticks) === String(ticks) &&
      JSON.stringify(record.schema) === JSON.stringify(this.#record.schema);
  }

  #ticksBehind(changes: TxRecord["ticks"]): number[] {
    const ticks = [...this.#ticks];
    for (const [index, tick] of changes) ticks[index] = tick;
    return ticks;
  }

  add(record: TxRecord): Difference | undefined {
    this.#isFresh = false;
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

  /**
   * Verify what waits.
   *
   * @param isWhole Whether all that followed it is recorded.
   */
  finish(isWhole = true): Difference | undefined {
    const difference = this.#verifyGroup(isWhole);
    this.#group = [];
    if (!isWhole) return difference;
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

  #verifyGroup(isWhole = true): Difference | undefined {
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
    const extra = this.#hasUserHandlers || !isWhole ? undefined : this.#produced[0];
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
    if (throwing?.name === name && throwing.isFinal === isFinal && this.#throwerCalls++ === throwing.callsBefore) {
      throw new Error(`${name} threw when it was recorded`);
    }
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
    this.#throwerCalls = 0;
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
