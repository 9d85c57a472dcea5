import type { LogLevel, MachineApi, Mutation, PipeEntry, Schema, Step, Transition } from "../machine/mod.ts";
import { type Draft, Sequence } from "./_outbox.ts";
import { cutText, serializeArgs } from "./_serialize.ts";
import {
  encodeStep,
  type GroupTuple,
  LOG_LEVELS,
  type LogTuple,
  type MachineRecord,
  PROTOCOL_VERSION,
  type RecordedPipe,
  type RecordedState,
  type TxRecord,
} from "./protocol.ts";

/** Bytes of a log line that are sent, the mark of a cut not counted. */
const MAX_LINE_BYTES = 4096;

/** Lines kept from between transitions, as the machine keeps them; the oldest go first when there are more. */
const MAX_OUTSIDE = 1000;

/** Lines that may repeat: the same text twice says that something happened twice. */
const MAY_REPEAT = /^\[(?:pipe-|ctx|when)/;

/** How an {@linkcode Instance} makes records, and where they go. */
export interface InstanceHost {
  readonly steps: boolean;
  readonly checks: boolean;
  readonly queued: boolean;
  /** Number of the loudest level whose lines are sent. */
  readonly logLevel: number;
  /** Keys of the arguments that may leave. */
  readonly logArgs: readonly string[];
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Take a record; `bytes` is about how many it has. */
  push(sequence: Sequence, record: Draft, bytes: number): void;
  /** Something is to be told at the next flush. */
  touch(instance: Instance): void;
  /** The instance of another machine, if it is exported, too. */
  instanceOf(machine: MachineApi): string | undefined;
}

/** A draft of a transition while it is filled. */
type TxDraft = { -readonly [Key in keyof TxRecord]: TxRecord[Key] };

/**
 * One exported machine: makes records of what tracers are told.
 *
 * Ticks are told as what changed since the last record, so it keeps those of then. A log line goes with the transition that
 * it was written in or before; `settle` sends those that no transition took.
 */
export class Instance {
  readonly sequence: Sequence;
  readonly #host: InstanceHost;
  readonly #machine: MachineApi;
  #names: readonly string[];
  #indexByName: ReadonlyMap<string, number>;
  /** Ticks after the last record. */
  #ticks: readonly number[];
  #sum: number;
  #machineTick: number;
  #pipes: readonly PipeEntry[];
  /** Whether a machine record has to come before the next record. */
  #isStale: boolean;
  #isDisposed: boolean;
  #disposedAt: number;
  /** Lines since the last transition. */
  #outside: [level: number, text: string, at: number][];
  /** The last line between transitions, taken or not. */
  #lastOutside: string;
  /** Lines of the running transition. */
  #inside: LogTuple[];
  /** Lines before the running transition. */
  #before: LogTuple[];
  #running: Transition<MachineApi> | null;
  #startedAt: number;
  /** The last handler that the running transition called in its negotiation. */
  #handler: string | null;
  #isFinal: boolean;
  #lastTx: string;
  #queuedCount: number;

  /**
   * @param ticks Ticks of the machine at this moment; before the transition, when one is running.
   */
  constructor(host: InstanceHost, machine: MachineApi, ticks: readonly number[]) {
    this.sequence = new Sequence(randomName());
    this.#host = host;
    this.#machine = machine;
    this.#names = machine.stateNames;
    this.#indexByName = indexesOf(this.#names);
    this.#ticks = ticks;
    this.#sum = sumOf(ticks);
    this.#machineTick = machine.machineTick;
    this.#pipes = machine.pipes;
    this.#isStale = false;
    this.#isDisposed = false;
    this.#disposedAt = 0;
    this.#outside = [];
    this.#lastOutside = "";
    this.#inside = [];
    this.#before = [];
    this.#running = null;
    this.#startedAt = 0;
    this.#handler = null;
    this.#isFinal = false;
    this.#lastTx = this.sequence.instance;
    this.#queuedCount = 0;
    this.#pushMachine();
  }

  /** Whether its last record is made. */
  get isDone(): boolean {
    return this.#isDisposed && this.#disposedAt === 0;
  }

  /** The order of states changed, or the schema. */
  changed(): void {
    this.#names = this.#machine.stateNames;
    this.#indexByName = indexesOf(this.#names);
    this.#setTicks(this.#machine.time());
    this.#isStale = true;
    this.#host.touch(this);
  }

  queued(mutation: Mutation): void {
    if (this.#host.logLevel >= OPS) this.#hideQueued(mutation);
    if (!this.#host.queued || (mutation.isCheck && !this.#host.checks)) return;
    this.#refresh();
    const record = this.#txRecord(mutation, `${this.#lastTx}-${++this.#queuedCount}`);
    record.queued = true;
    record.queueLength = mutation.queueLength;
    this.#pushTx(record, mutation);
  }

  began(transition: Transition<MachineApi>): void {
    if (this.#machine.machineTick !== this.#machineTick) { // a snapshot was imported
      this.#setTicks(transition.timeBefore);
      this.#isStale = true;
    }
    this.#running = transition;
    this.#startedAt = this.#host.now();
    this.#handler = null;
    this.#isFinal = false;
    if (this.#outside.length > 0) {
      for (const [level, text] of this.#outside) this.#before.push(lineOf(level, text));
      this.#outside = [];
    }
    this.#lastOutside = "";
  }

  handler(name: string): void {
    if (!this.#isFinal) this.#handler = name;
  }

  finals(): void {
    this.#isFinal = true;
  }

  ended(transition: Transition<MachineApi>): void {
    const { id, mutation, accepted } = transition;
    if (id === this.#lastTx) return; // the exporter is bound twice
    const isKnown = this.#running === transition;
    this.#running = null;
    if (mutation.isCheck && !this.#host.checks) {
      this.#keepLines();
      return;
    }
    this.#refresh();
    const record = this.#txRecord(mutation, id);
    record.accepted = accepted;
    record.queueLength = transition.queueLength;
    record.ticks = this.#moveTo(this.#timeAfter(transition));
    record.sum = this.#sum;
    if (isKnown) record.duration = roundMs(this.#host.now() - this.#startedAt);
    if (isKnown && !accepted && !this.#isFinal && this.#handler !== null) record.canceledBy = this.#handler;
    if (this.#host.steps) this.#addSteps(record, transition.steps);
    this.#addLines(record, mutation);
    this.#lastTx = id;
    this.#queuedCount = 0;
    this.#pushTx(record, mutation);
  }

  queueEnded(): void {
    if (this.#machine.pipes !== this.#pipes) this.#comparePipes();
  }

  logged(level: LogLevel, text: string): void {
    const number = LOG_LEVELS.indexOf(level);
    if (number > this.#host.logLevel) return;
    const { transition } = this.#machine;
    if (transition !== null && !transition.completed) {
      this.#inside.push([number, text]);
      return;
    }
    if (text === this.#lastOutside && !MAY_REPEAT.test(text)) return;
    this.#lastOutside = text;
    this.#outside.push([number, text, Date.now()]);
    if (this.#outside.length > MAX_OUTSIDE) this.#outside.shift();
    this.#host.touch(this);
  }

  disposed(): void {
    this.#isDisposed = true;
    this.#disposedAt = Date.now();
    this.#host.touch(this);
  }

  /** Make records of what no transition took: the time of the flush has come. */
  settle(): void {
    if (this.isDone) return;
    const isAlive = !this.#isDisposed;
    if (isAlive && this.#machine.machineTick !== this.#machineTick) {
      this.#setTicks(this.#machine.time());
      this.#isStale = true;
    }
    this.#refresh();
    if (isAlive && this.#machine.pipes !== this.#pipes) this.#comparePipes();
    for (const [level, line, at] of this.#outside) {
      const text = cutText(line, MAX_LINE_BYTES);
      this.#host.push(this.sequence, { ...this.#base(at), kind: "log", level, text }, 120 + text.length);
    }
    this.#outside = [];
    if (isAlive) return;
    this.#host.push(this.sequence, { ...this.#base(this.#disposedAt), kind: "dispose" }, 100);
    this.#disposedAt = 0;
  }

  #base(at: number): { v: typeof PROTOCOL_VERSION; instance: string; seq: number; at: number } {
    return { v: PROTOCOL_VERSION, instance: this.sequence.instance, seq: 0, at };
  }

  #setTicks(ticks: readonly number[]): void {
    this.#ticks = ticks;
    this.#sum = sumOf(ticks);
    this.#machineTick = this.#machine.machineTick;
  }

  #refresh(): void {
    if (this.#isStale) this.#pushMachine();
  }

  #pushMachine(): void {
    this.#isStale = false;
    const machine = this.#machine;
    const groups = Object.entries(machine.groups).map(([name, states]): GroupTuple => [name, this.#indexes(states)]);
    const instance = machine.parent === null ? undefined : this.#host.instanceOf(machine.parent);
    const pipes = this.#pipes.map(recordedPipe);
    const record: MachineRecord = {
      ...this.#base(Date.now()),
      kind: "machine",
      id: machine.id,
      stateNames: this.#names,
      schema: recordedSchema(machine.schema),
      ticks: this.#ticks,
      queueTick: machine.queueTick,
      machineTick: this.#machineTick,
      ...(groups.length > 0 && { groups }),
      ...(machine.parent !== null && {
        parent: { id: machine.parent.id, ...(instance !== undefined && { instance }) },
      }),
      ...(machine.tags.length > 0 && { tags: machine.tags }),
      ...(pipes.length > 0 && { pipes }),
    };
    this.#host.push(this.sequence, record as Draft, 300 + 100 * this.#names.length);
  }

  #txRecord(mutation: Mutation, id: string): TxDraft {
    const { queueTick, queueToken, source } = mutation;
    const record: TxDraft = {
      v: PROTOCOL_VERSION,
      kind: "tx",
      instance: this.sequence.instance,
      seq: 0,
      at: Date.now(),
      id,
      type: mutation.type,
      called: this.#indexes(mutation.states),
      accepted: true,
      queueTick: this.#machine.queueTick,
      queueLength: 0,
      ticks: [],
      sum: this.#sum,
    };
    if (mutation.isAuto) record.auto = true;
    if (mutation.isCheck) record.check = true;
    if (queueTick > 0) record.mutationTick = queueTick;
    if (queueToken > 0) record.queueToken = queueToken;
    if (source !== null) {
      record.source = { machine: source.machineId, tx: source.transitionId, sum: source.machineTime };
    }
    return record;
  }

  #pushTx(record: TxDraft, mutation: Mutation): void {
    let bytes = 220 + 6 * record.called.length + 12 * record.ticks.length + 14 * (record.steps?.length ?? 0) +
      textLength(record.log) + textLength(record.preLog);
    if (this.#host.logArgs.length > 0) {
      const serialized = serializeArgs(mutation.args, this.#host.logArgs);
      if (serialized !== null) {
        record.args = serialized.args;
        bytes += serialized.bytes;
      }
    }
    this.#host.push(this.sequence, record, bytes);
  }

  /** When a final handler threw, states are out again, which the transition's own `timeAfter` does not tell. */
  #timeAfter(transition: Transition<MachineApi>): readonly number[] {
    const now = transition.accepted ? [] : this.#machine.time();
    return now.length === 0 ? transition.timeAfter : now; // a machine that is being disposed does not tell
  }

  /** Move the ticks on, and tell what changed. */
  #moveTo(after: readonly number[]): [index: number, tick: number][] {
    const changed: [index: number, tick: number][] = [];
    for (let i = 0; i < after.length; i++) {
      const tick = after[i]!;
      if (tick === this.#ticks[i]) continue;
      changed.push([i, tick]);
      this.#sum += tick - this.#ticks[i]!;
    }
    this.#ticks = after;
    return changed;
  }

  #addSteps(record: TxDraft, steps: readonly Step[]): void {
    if (steps.length === 0) return;
    const indexOf = (name: string) => this.#indexByName.get(name) ?? -1;
    record.steps = steps.map((step) => encodeStep(step, indexOf));
  }

  #addLines(record: TxDraft, mutation: Mutation): void {
    if (this.#before.length > 0) {
      record.preLog = this.#before;
      this.#before = [];
    }
    if (this.#inside.length === 0) return;
    const [suffix, shown] = this.#argsSuffixes(mutation);
    record.log = this.#inside.map(([level, text]) => {
      // A mutation that was queued before the exporter came was not asked what to show: then it is nothing.
      if (mutation.loggedArgs === null) return lineOf(level, text.replace(LINE_WITH_ARGS, "$1"));
      return lineOf(level, suffix !== shown && text.endsWith(suffix) ? text.slice(0, -suffix.length) + shown : text);
    });
    this.#inside = [];
  }

  /** The lines of a check that is not sent come before the next transition. */
  #keepLines(): void {
    for (const [level, text] of [...this.#before, ...this.#inside]) this.#outside.push([level, text, Date.now()]);
    this.#before = [];
    this.#inside = [];
    if (this.#outside.length > 0) this.#host.touch(this);
  }

  /** Hide arguments in the line that told of the queued mutation: it was the last one, breakpoints aside. */
  #hideQueued(mutation: Mutation): void {
    const [suffix, shown] = this.#argsSuffixes(mutation);
    if (suffix === shown) return;
    const lines: [level: number, text: string, ...rest: unknown[]][] = this.#linesNow();
    const line = lines.findLast(([, text]) => QUEUED_LINE.test(text));
    if (line?.[1].endsWith(suffix)) line[1] = line[1].slice(0, -suffix.length) + shown;
  }

  #linesNow(): [level: number, text: string, ...rest: unknown[]][] {
    const { transition } = this.#machine;
    const isInside = transition !== null && !transition.completed;
    return (isInside ? this.#inside : this.#outside) as [level: number, text: string, ...rest: unknown[]][];
  }

  /** How the machine ends lines about a mutation: as its own `logArgs` say, and with those keys only that may leave. */
  #argsSuffixes({ loggedArgs }: Mutation): [machine: string, shown: string] {
    if (loggedArgs === null) return ["", ""];
    const entries = Object.entries(loggedArgs);
    return [suffixOf(entries), suffixOf(entries.filter(([key]) => this.#host.logArgs.includes(key)))];
  }

  #comparePipes(): void {
    const { pipes } = this.#machine;
    const gone = this.#pipes.slice();
    const come: PipeEntry[] = [];
    for (const entry of pipes) {
      const place = gone.indexOf(entry);
      if (place < 0) come.push(entry);
      else gone.splice(place, 1);
    }
    this.#pipes = pipes;
    for (const entry of gone) this.#pushPipe("detached", entry);
    for (const entry of come) this.#pushPipe("bound", entry);
  }

  #pushPipe(change: "bound" | "detached", entry: PipeEntry): void {
    this.#host.push(this.sequence, { ...this.#base(Date.now()), kind: "pipe", change, ...recordedPipe(entry) }, 200);
  }

  #indexes(names: readonly string[]): number[] {
    return names.map((name) => this.#indexByName.get(name)!);
  }
}

/** Number of the level from which on lines tell of queued mutations. */
const OPS = LOG_LEVELS.indexOf("ops");

/** Lines that end with the arguments of a mutation. */
const LINE_WITH_ARGS = /^(\[(?:add|remove|set|state|auto_)\] .*?) \(.*$/s;

const QUEUED_LINE = /^\[(?:queue|prepend):/;

/** Machines of one schema share the list of its names, and the schema itself. */
const INDEXES = new WeakMap<readonly string[], ReadonlyMap<string, number>>();
const SCHEMAS = new WeakMap<Schema, Readonly<Record<string, RecordedState>>>();

function indexesOf(names: readonly string[]): ReadonlyMap<string, number> {
  let indexes = INDEXES.get(names);
  if (indexes === undefined) INDEXES.set(names, indexes = new Map(names.map((name, index) => [name, index])));
  return indexes;
}

function recordedSchema(schema: Schema): Readonly<Record<string, RecordedState>> {
  let recorded = SCHEMAS.get(schema);
  if (recorded === undefined) {
    // From entries, as assigning would not make a property of a state named __proto__.
    recorded = Object.fromEntries(Object.entries(schema).map(([name, state]) => [name, recordedState(state)]));
    SCHEMAS.set(schema, recorded);
  }
  return recorded;
}

function recordedState(state: Schema[string]): RecordedState {
  const { auto, multi, require, add, remove, after, tags, timeoutMs } = state;
  return {
    ...(auto && { auto }),
    ...(multi && { multi }),
    ...(require && require.length > 0 && { require }),
    ...(add && add.length > 0 && { add }),
    ...(remove && remove.length > 0 && { remove }),
    ...(after && after.length > 0 && { after }),
    ...(tags && tags.length > 0 && { tags }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
}

function recordedPipe({ direction, type, state, machineId }: PipeEntry): RecordedPipe {
  return { direction, type, state, other: machineId };
}

function lineOf(level: number, text: string): LogTuple {
  return [level, cutText(text, MAX_LINE_BYTES)];
}

function suffixOf(entries: readonly (readonly [key: string, value: string])[]): string {
  return entries.length === 0 ? "" : ` (${entries.map(([key, value]) => `${key}=${value}`).join(" ")})`;
}

function textLength(lines: readonly LogTuple[] | undefined): number {
  let length = 0;
  if (lines !== undefined) { for (const [, text] of lines) length += text.length + 8; }
  return length;
}

function sumOf(ticks: readonly number[]): number {
  let sum = 0;
  for (const tick of ticks) sum += tick;
  return sum;
}

/** Microseconds are enough, and short. */
function roundMs(ms: number): number {
  return Math.max(0, Math.round(ms * 1000) / 1000);
}

/** 80 random bits. */
function randomName(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
