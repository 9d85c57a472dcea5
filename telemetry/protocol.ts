/**
 * The protocol `asyncmachine/1`: what machines tell about themselves, one JSON object a line.
 *
 * `PROTOCOL.md` explains it with examples, `schema.json` says it as a JSON Schema.
 *
 * @module
 */
import type { LogEntry, LogLevel, MutationType, Relation, State, Step, StepType, Time } from "../machine/mod.ts";

/**
 * Name and version of the protocol.
 *
 * @example Usage
 * ```ts
 * import { PROTOCOL } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(PROTOCOL, "asyncmachine/1");
 * ```
 */
export const PROTOCOL = "asyncmachine/1";

/**
 * Version of the protocol, as every record carries it.
 *
 * @example Usage
 * ```ts
 * import { PROTOCOL_VERSION } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(PROTOCOL_VERSION, 1);
 * ```
 */
export const PROTOCOL_VERSION = 1;

/**
 * What every record carries.
 *
 * @example Usage
 * ```ts
 * import { parseRecord, type RecordBase } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * const base: RecordBase = { v: 1, instance: "k3", seq: 2, at: 1767225600000 };
 * const record = parseRecord({ ...base, kind: "dispose" });
 * assertEquals(record.seq, 2);
 * ```
 */
export interface RecordBase {
  /** Version of the protocol. */
  readonly v: typeof PROTOCOL_VERSION;
  /** Random name of the Machine object, new for each: ids of machines may repeat, this does not. 1 to 64 of `A-Za-z0-9_-`. */
  readonly instance: string;
  /** Number of the record within its instance: 1, 2, 3 … without holes; what was lost is a {@linkcode GapRecord}. */
  readonly seq: number;
  /** When it happened by the sender's wall clock, in milliseconds since 1970; may have a fraction. */
  readonly at: number;
  /** When the server received it, in milliseconds since 1970; added by the server. */
  readonly receivedAt?: number;
}

/**
 * A state of a {@linkcode MachineRecord}: what a schema says of it, without the type of its arguments.
 *
 * @example Usage
 * ```ts
 * import { type RecordedState } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * const ready: RecordedState = { require: ["Start"], auto: true };
 * assertEquals(ready.require, ["Start"]);
 * ```
 */
export type RecordedState = Omit<State, "args">;

/**
 * An end of a pipe at a machine.
 *
 * @example Usage
 * ```ts
 * import { type RecordedPipe } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * const end: RecordedPipe = { direction: "out", type: "add", state: "Ready", other: "target" };
 * assertEquals(end.other, "target");
 * ```
 */
export interface RecordedPipe {
  /** Whether it leads out of this machine, or into it. */
  readonly direction: "out" | "in";
  /** What it does to the state at its other end. */
  readonly type: "add" | "remove";
  /** The state of this machine. */
  readonly state: string;
  /** Id of the machine at the other end. */
  readonly other: string;
}

/**
 * A named group of states: `[name, state indexes]`.
 *
 * @example Usage
 * ```ts
 * import { type GroupTuple, nameStates } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * const [name, states]: GroupTuple = ["work", [0, 2]];
 * assertEquals([name, ...nameStates(states, ["A", "B", "C"])], ["work", "A", "C"]);
 * ```
 */
export type GroupTuple = readonly [name: string, states: readonly number[]];

/**
 * A machine: who it is and where its clock stands.
 *
 * It comes first, again after a change of the schema or of the order of states, after a reconnect and after a gap. States
 * of all records that follow are indexes into `stateNames`.
 *
 * @example Usage
 * ```ts
 * import { type MachineRecord, parseRecord } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * const record: MachineRecord = {
 *   v: 1,
 *   kind: "machine",
 *   instance: "k3",
 *   seq: 1,
 *   at: 1767225600000,
 *   id: "worker",
 *   stateNames: ["Start", "Exception"],
 *   schema: { Start: {}, Exception: { multi: true } },
 *   ticks: [0, 0],
 *   queueTick: 1,
 *   machineTick: 0,
 * };
 * assertEquals(parseRecord(record).kind, "machine");
 * ```
 */
export interface MachineRecord extends RecordBase {
  /** What this record is. */
  readonly kind: "machine";
  /** Id of the machine. */
  readonly id: string;
  /** Names of all states, in index order. */
  readonly stateNames: readonly string[];
  /** The states by name, relations included. */
  readonly schema: Readonly<Record<string, RecordedState>>;
  /** Ticks at `at`, one per state, in the order of `stateNames`. */
  readonly ticks: readonly number[];
  /** The machine's queue tick. */
  readonly queueTick: number;
  /** How often the machine was restored from a snapshot. */
  readonly machineTick: number;
  /** Named groups of states, in their order. */
  readonly groups?: readonly GroupTuple[];
  /** The machine it was made under. */
  readonly parent?: { readonly id: string; readonly instance?: string };
  /** Tags of the machine. */
  readonly tags?: readonly string[];
  /** The ends of pipes at the machine; what changes afterwards is told by a {@linkcode PipeRecord}. */
  readonly pipes?: readonly RecordedPipe[];
}

/**
 * One step of a transition: `[type, from, to, detail]`, see {@linkcode encodeStep}.
 *
 * @example Usage
 * ```ts
 * import { decodeStep, type StepTuple } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * const called: StepTuple = [32, -1, 0, 0];
 * assertEquals(decodeStep(called, ["A"]).type, "called");
 * ```
 */
export type StepTuple = readonly [type: number, from: number, to: number, detail: number];

/**
 * One line of the text log: `[level, text]`, the level as its number from 1, external, to 5, everything.
 *
 * @example Usage
 * ```ts
 * import { decodeLog, type LogTuple } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * const line: LogTuple = [2, "[state] +A"];
 * assertEquals(decodeLog(line).level, "changes");
 * ```
 */
export type LogTuple = readonly [level: number, text: string];

/**
 * A transition that is over; or, with `queued`, a mutation that went into the queue.
 *
 * Flags are left out when they are false, lists when they are empty.
 *
 * @example Usage
 * ```ts
 * import { applyTicks, parseRecord, type TxRecord } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * const record: TxRecord = {
 *   v: 1,
 *   kind: "tx",
 *   instance: "k3",
 *   seq: 2,
 *   at: 1767225600012.5,
 *   id: "3m6r3xgn-1",
 *   type: "add",
 *   called: [0],
 *   accepted: true,
 *   queueTick: 2,
 *   mutationTick: 2,
 *   queueLength: 0,
 *   ticks: [[0, 1]],
 *   sum: 1,
 * };
 * assertEquals(parseRecord(record).kind, "tx");
 * assertEquals(applyTicks([0, 0], record), [1, 0]);
 * ```
 */
export interface TxRecord extends RecordBase {
  /** What this record is. */
  readonly kind: "tx";
  /** Id of the transition; of a queued mutation, a name unique within the instance. */
  readonly id: string;
  /** What the mutation does with the called states. */
  readonly type: MutationType;
  /** The called states, by index. */
  readonly called: readonly number[];
  /** Whether nothing refused it; `true` for queued mutations. */
  readonly accepted: boolean;
  /** Whether the machine made it itself, to try its auto states. */
  readonly auto?: true;
  /** Whether it only asked if it would be accepted. */
  readonly check?: true;
  /** Whether this is a mutation that went into the queue, and no transition yet. */
  readonly queued?: true;
  /** The machine's queue tick at this moment. */
  readonly queueTick: number;
  /** The queue tick at which the mutation runs or ran; left out when it was put in front of the queue. */
  readonly mutationTick?: number;
  /** Number of a mutation that was put in front of the queue, from 1; left out for others. */
  readonly queueToken?: number;
  /** Length of the queue at its end. */
  readonly queueLength: number;
  /**
   * States whose ticks changed, with their new ticks: `[index, tick]`. When a final handler threw, so have the states that
   * were entered and taken out again, though `accepted` is false.
   */
  readonly ticks: readonly (readonly [index: number, tick: number])[];
  /** Sum of all ticks of the machine after it. */
  readonly sum: number;
  /** Milliseconds from its beginning to its end, handlers included; left out for queued mutations. */
  readonly duration?: number;
  /** The negotiation handler that refused it; left out when relations did, or nobody. */
  readonly canceledBy?: string;
  /** How it came to its target states, and the handlers it called; if the exporter sends steps. */
  readonly steps?: readonly StepTuple[];
  /** Lines of the text log during it. */
  readonly log?: readonly LogTuple[];
  /** Lines of the text log between the transition before and this one. */
  readonly preLog?: readonly LogTuple[];
  /** The arguments that may leave the process, cut to the limits of the exporter. */
  readonly args?: Readonly<Record<string, unknown>>;
  /** The machine, transition and sum of ticks whose handler made the mutation. */
  readonly source?: { readonly machine: string; readonly tx: string; readonly sum: number };
}

/**
 * A line of the text log outside of a transition.
 *
 * @example Usage
 * ```ts
 * import { type LogRecord, parseRecord } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * const record: LogRecord = { v: 1, kind: "log", instance: "k3", seq: 3, at: 1767225600020, level: 1, text: "[exter] idle" };
 * assertEquals(parseRecord(record).kind, "log");
 * ```
 */
export interface LogRecord extends RecordBase {
  /** What this record is. */
  readonly kind: "log";
  /** Its level, from 1, external, to 5, everything. */
  readonly level: number;
  /** The line, without the machine's id. */
  readonly text: string;
}

/**
 * An end of a pipe at the machine came or went.
 *
 * @example Usage
 * ```ts
 * import { parseRecord, type PipeRecord } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * const end = { direction: "out", type: "add", state: "Ready", other: "target" } as const;
 * const record: PipeRecord = { v: 1, kind: "pipe", instance: "k3", seq: 4, at: 1767225600030, change: "bound", ...end };
 * assertEquals(parseRecord(record).kind, "pipe");
 * ```
 */
export interface PipeRecord extends RecordBase, RecordedPipe {
  /** What this record is. */
  readonly kind: "pipe";
  /** Whether the pipe was bound or detached. */
  readonly change: "bound" | "detached";
}

/**
 * The machine was disposed; the last record of its instance.
 *
 * @example Usage
 * ```ts
 * import { type DisposeRecord, parseRecord } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * const record: DisposeRecord = { v: 1, kind: "dispose", instance: "k3", seq: 5, at: 1767225600040 };
 * assertEquals(parseRecord(record).kind, "dispose");
 * ```
 */
export interface DisposeRecord extends RecordBase {
  /** What this record is. */
  readonly kind: "dispose";
}

/**
 * Records that are lost. It stands in their place: `seq` is the number of the last of them, `from + count - 1`.
 *
 * @example Usage
 * ```ts
 * import { type GapRecord, parseRecord } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * const record: GapRecord = { v: 1, kind: "gap", instance: "k3", seq: 10, at: 1767225600050, from: 6, count: 5 };
 * assertEquals(parseRecord(record).kind, "gap");
 * ```
 */
export interface GapRecord extends RecordBase {
  /** What this record is. */
  readonly kind: "gap";
  /** Number of the first lost record. */
  readonly from: number;
  /** How many are lost, 1 or more. */
  readonly count: number;
}

/**
 * Any record.
 *
 * @example Usage
 * ```ts
 * import { parseRecord, type TelemetryRecord } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * function describe(record: TelemetryRecord): string {
 *   return record.kind === "log" ? record.text : record.kind;
 * }
 *
 * const record = parseRecord({ v: 1, kind: "dispose", instance: "k3", seq: 5, at: 1767225600040 });
 * assertEquals(describe(record), "dispose");
 * ```
 */
export type TelemetryRecord = MachineRecord | TxRecord | LogRecord | PipeRecord | DisposeRecord | GapRecord;

/**
 * Kinds of records.
 *
 * @example Usage
 * ```ts
 * import { type RecordKind } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * const kinds: RecordKind[] = ["machine", "tx", "log", "pipe", "dispose", "gap"];
 * assertEquals(kinds.length, 6);
 * ```
 */
export type RecordKind = TelemetryRecord["kind"];

/**
 * Levels of the text log by number.
 *
 * @example Usage
 * ```ts
 * import { LOG_LEVELS } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(LOG_LEVELS.indexOf("changes"), 2);
 * ```
 */
export const LOG_LEVELS: readonly LogLevel[] = ["nothing", "external", "changes", "ops", "decisions", "everything"];

/**
 * Codes of step types; those of the original.
 *
 * @example Usage
 * ```ts
 * import { STEP_CODES } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(STEP_CODES["called"], 32);
 * ```
 */
export const STEP_CODES: Readonly<Record<StepType, number>> = {
  "relation": 1,
  "handler": 2,
  "activate": 4,
  "deactivate": 8,
  "deactivate-passive": 16,
  "called": 32,
  "cancel": 64,
};

/**
 * Codes of relations in steps, the `detail` of a relation step; those of the original.
 *
 * @example Usage
 * ```ts
 * import { RELATION_CODES } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(RELATION_CODES["require"], 2);
 * ```
 */
export const RELATION_CODES: Readonly<Record<Relation, number>> = { after: 0, add: 1, require: 2, remove: 3 };

/**
 * Bit of the `detail` of a handler step: a final handler.
 *
 * @example Usage
 * ```ts
 * import { decodeStep, STEP_ENTER, STEP_FINAL } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(decodeStep([2, -1, 0, STEP_FINAL | STEP_ENTER], ["A"]).isFinal, true); // AState
 * ```
 */
export const STEP_FINAL = 1;

/**
 * Bit of the `detail` of a handler step: a `FooFoo` handler.
 *
 * @example Usage
 * ```ts
 * import { decodeStep, STEP_SELF } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(decodeStep([2, -1, 0, STEP_SELF], ["A"]).isSelf, true); // AA
 * ```
 */
export const STEP_SELF = 2;

/**
 * Bit of the `detail` of a handler step: a handler of entering.
 *
 * @example Usage
 * ```ts
 * import { decodeStep, STEP_ENTER } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(decodeStep([2, -1, 0, STEP_ENTER], ["A"]).isEnter, true); // AEnter
 * ```
 */
export const STEP_ENTER = 4;

/**
 * The state index in a step for no state.
 *
 * @example Usage
 * ```ts
 * import { decodeStep, NO_STATE } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(decodeStep([32, NO_STATE, 0, 0], ["A"]).from, null);
 * ```
 */
export const NO_STATE: -1 = -1;

/**
 * The state index in a step for `Any`, of `AnyEnter` and `AnyState`.
 *
 * @example Usage
 * ```ts
 * import { ANY_STATE, decodeStep } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(decodeStep([2, ANY_STATE, ANY_STATE, 4], ["A"]).to, "Any");
 * ```
 */
export const ANY_STATE: -2 = -2;

/**
 * What should be a record is none.
 *
 * @example Usage
 * ```ts
 * import { parseRecord, ProtocolError } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const error = assertThrows(() => parseRecord({ v: 1, kind: "dispose", instance: "a", seq: 0, at: 0 }), ProtocolError);
 * assertEquals(error.field, "seq");
 * ```
 */
export class ProtocolError extends Error {
  /** The field that is wrong, `ticks` or `parent.id`; empty when the value is no object. */
  readonly field: string;

  /**
   * Make the error.
   *
   * @param field The field that is wrong; empty for the whole.
   * @param expected What it has to be.
   */
  constructor(field: string, expected: string) {
    super(`Cannot read record: ${field === "" ? "it" : `"${field}"`} has to be ${expected}`);
    this.name = "ProtocolError";
    this.field = field;
  }
}

/**
 * Check that a value is a record of this protocol.
 *
 * Fields that the protocol does not know are allowed and kept: later versions may have them. Indexes of states are checked
 * to be indexes, but not against `stateNames`, which another record has.
 *
 * @param value What `JSON.parse` made of a line.
 * @returns The same object, typed.
 *
 * @throws {ProtocolError} when it is no record, is of another version, or of an unknown kind.
 *
 * @example Usage
 * ```ts
 * import { parseRecord } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * const line = `{"v":1,"kind":"gap","instance":"k3","seq":9,"at":1767225600000,"from":4,"count":6}`;
 * const record = parseRecord(JSON.parse(line));
 * assertEquals(record.kind === "gap" && record.count, 6);
 * ```
 */
export function parseRecord(value: unknown): TelemetryRecord {
  if (!isObject(value)) throw new ProtocolError("", "an object");
  if (value.v !== PROTOCOL_VERSION) throw new ProtocolError("v", `${PROTOCOL_VERSION}`);
  const { instance, receivedAt } = value;
  if (typeof instance !== "string" || !INSTANCE.test(instance)) {
    throw new ProtocolError("instance", "1 to 64 of A-Za-z0-9_-");
  }
  if (!isCount(value.seq) || value.seq === 0) throw new ProtocolError("seq", "an integer from 1");
  if (!isMoment(value.at)) throw new ProtocolError("at", "milliseconds since 1970");
  if (receivedAt !== undefined && !isMoment(receivedAt)) {
    throw new ProtocolError("receivedAt", "milliseconds since 1970");
  }
  switch (value.kind) {
    case "tx":
      checkTx(value);
      break;
    case "log":
      if (!isLevel(value.level)) throw new ProtocolError("level", "a level from 1 to 5");
      checkText(value.text, "text");
      break;
    case "machine":
      checkMachine(value);
      break;
    case "pipe":
      if (value.change !== "bound" && value.change !== "detached") {
        throw new ProtocolError("change", "bound or detached");
      }
      checkPipe(value, "");
      break;
    case "gap":
      checkGap(value);
      break;
    case "dispose":
      break;
    default:
      throw new ProtocolError("kind", "machine, tx, log, pipe, dispose or gap");
  }
  return value as unknown as TelemetryRecord;
}

/**
 * Write a record as a line.
 *
 * @param record The record.
 * @returns JSON without line breaks; the caller adds one behind it.
 *
 * @example Usage
 * ```ts
 * import { encodeRecord, parseRecord, type DisposeRecord } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * const record: DisposeRecord = { v: 1, kind: "dispose", instance: "k3", seq: 2, at: 1767225600000 };
 * assertEquals(parseRecord(JSON.parse(encodeRecord(record))), record);
 * ```
 */
export function encodeRecord(record: TelemetryRecord): string {
  return JSON.stringify(record);
}

/**
 * Write a step with indexes in the place of names.
 *
 * @param step The step.
 * @param indexOf Gives the index of a state by its name; -1 for an unknown one.
 * @returns `[type, from, to, detail]`: a code of {@linkcode STEP_CODES}, two state indexes, and the code of the relation or
 * the bits of the handler.
 *
 * @example Usage
 * ```ts
 * import { encodeStep } from "@asyncmachine/asyncmachine/telemetry";
 * import { Machine, type Step } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ A: {} });
 * machine.bindHandlers({ AState: () => {} });
 * const steps: Step[] = [];
 * machine.bindTracer({ wants: { steps: true }, transitionEnd: (transition) => void steps.push(...transition.steps) });
 * machine.add("A");
 * assertEquals(steps.map((step) => encodeStep(step, (name) => machine.index(name))), [
 *   [32, -1, 0, 0], // A is called
 *   [4, -1, 0, 0], // and to be activated
 *   [2, -1, 0, 5], // AState is called: final, of entering
 * ]);
 * ```
 */
export function encodeStep(step: Step, indexOf: (name: string) => number): StepTuple {
  const { type, relation, from, to } = step;
  if (type !== "handler") {
    return [
      STEP_CODES[type],
      indexIn(from, indexOf),
      indexIn(to, indexOf),
      relation === null ? 0 : RELATION_CODES[relation],
    ];
  }
  const detail = (step.isFinal ? STEP_FINAL : 0) | (step.isSelf ? STEP_SELF : 0) | (step.isEnter ? STEP_ENTER : 0);
  // A state may be named Any, too: but no handler is both from and to one and the same state.
  if (from === "Any" && to === "Any") return [STEP_CODES.handler, ANY_STATE, ANY_STATE, detail];
  return [STEP_CODES.handler, indexIn(from, indexOf), indexIn(to, indexOf), detail];
}

/**
 * Read a step.
 *
 * @param tuple What {@linkcode encodeStep} wrote.
 * @param stateNames Names of all states, in index order.
 * @returns The step; null in the place of indexes that `stateNames` does not have.
 *
 * @throws {ProtocolError} when the type or the relation has an unknown code.
 *
 * @example Usage
 * ```ts
 * import { decodeStep } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * const { type, relation, from, to } = decodeStep([1, 0, 1, 1], ["A", "B"]);
 * assertEquals([type, relation, from, to], ["relation", "add", "A", "B"]);
 * ```
 */
export function decodeStep(tuple: StepTuple, stateNames: readonly string[]): Step {
  const [code, from, to, detail] = tuple;
  const type = STEP_TYPES.get(code);
  if (type === undefined) throw new ProtocolError("steps", "steps of known types");
  const relation = type === "relation" ? RELATIONS[detail] : null;
  if (relation === undefined) throw new ProtocolError("steps", "steps of known relations");
  const bits = type === "handler" ? detail : 0;
  return {
    type,
    relation,
    from: nameIn(from, stateNames),
    to: nameIn(to, stateNames),
    isFinal: (bits & STEP_FINAL) !== 0,
    isSelf: (bits & STEP_SELF) !== 0,
    isEnter: (bits & STEP_ENTER) !== 0,
  };
}

/**
 * Write a line of the text log.
 *
 * @param entry The line.
 * @returns `[level, text]`.
 *
 * @example Usage
 * ```ts
 * import { decodeLog, encodeLog } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(encodeLog({ level: "changes", text: "[state] +Foo" }), [2, "[state] +Foo"]);
 * assertEquals(decodeLog([2, "[state] +Foo"]), { level: "changes", text: "[state] +Foo" });
 * ```
 */
export function encodeLog(entry: LogEntry): LogTuple {
  return [LOG_LEVELS.indexOf(entry.level), entry.text];
}

/**
 * Read a line of the text log.
 *
 * @param tuple `[level, text]`.
 * @returns The line.
 *
 * @throws {ProtocolError} when there is no such level.
 *
 * @example Usage
 * ```ts
 * import { decodeLog } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(decodeLog([1, "[exter] looks good"]), { level: "external", text: "[exter] looks good" });
 * ```
 */
export function decodeLog(tuple: LogTuple): LogEntry {
  const level = LOG_LEVELS[tuple[0]];
  if (level === undefined) throw new ProtocolError("log", "lines with a level from 1 to 5");
  return { level, text: tuple[1] };
}

/**
 * Name states by their indexes.
 *
 * @param indexes Indexes of states, as records have them.
 * @param stateNames Names of all states, in index order.
 * @returns Their names; `#7` for an index that `stateNames` does not have, as after a lost machine record.
 *
 * @example Usage
 * ```ts
 * import { nameStates } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(nameStates([1, 0, 7], ["A", "B"]), ["B", "A", "#7"]);
 * ```
 */
export function nameStates(indexes: readonly number[], stateNames: readonly string[]): string[] {
  return indexes.map((index) => stateNames[index] ?? `#${index}`);
}

/**
 * Move ticks on by what a transition changed.
 *
 * @param time Ticks before it, one per state, in the order of `stateNames`.
 * @param record The transition.
 * @returns Ticks after it, in a new list. An index beyond the list makes it longer, filled with 0.
 *
 * @example Usage
 * ```ts
 * import { applyTicks } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(applyTicks([1, 0, 0], { ticks: [[0, 2], [2, 1]] }), [2, 0, 1]);
 * ```
 */
export function applyTicks(time: Time, record: Pick<TxRecord, "ticks">): number[] {
  const after = time.slice();
  for (const [index, tick] of record.ticks) {
    while (after.length < index) after.push(0);
    after[index] = tick;
  }
  return after;
}

type Unchecked = Readonly<Record<string, unknown>>;

const INSTANCE = /^[A-Za-z0-9_-]{1,64}$/;

/** The latest moment that a `Date` can be. */
const MAX_MOMENT = 8.64e15;

/**
 * States that a machine may have. Readers make room for an index that a record names: one in the billions would be a list of
 * as many.
 */
const MAX_STATES = 100_000;

/** How deep arguments may be nested. Exporters stop at 6: there is room for others. */
const MAX_ARGS_DEPTH = 8;

const STEP_TYPES: ReadonlyMap<number, StepType> = new Map(
  (Object.keys(STEP_CODES) as StepType[]).map((type) => [STEP_CODES[type], type]),
);

/** Relations by their codes. */
const RELATIONS = (Object.keys(RELATION_CODES) as Relation[]).sort((a, b) => RELATION_CODES[a] - RELATION_CODES[b]);

function indexIn(name: string | null, indexOf: (name: string) => number): number {
  return name === null ? NO_STATE : indexOf(name);
}

function nameIn(index: number, stateNames: readonly string[]): string | null {
  return index === ANY_STATE ? "Any" : stateNames[index] ?? null;
}

function checkTx(tx: Unchecked): void {
  checkText(tx.id, "id");
  if (tx.type !== "add" && tx.type !== "remove" && tx.type !== "set") {
    throw new ProtocolError("type", "add, remove or set");
  }
  checkIndexes(tx.called, "called");
  if (typeof tx.accepted !== "boolean") throw new ProtocolError("accepted", "true or false");
  checkFlag(tx.auto, "auto");
  checkFlag(tx.check, "check");
  checkFlag(tx.queued, "queued");
  checkCount(tx.queueTick, "queueTick");
  if (tx.mutationTick !== undefined) checkCount(tx.mutationTick, "mutationTick");
  if (tx.queueToken !== undefined) checkCount(tx.queueToken, "queueToken");
  checkCount(tx.queueLength, "queueLength");
  checkList(tx.ticks, "ticks", isTickPair, "pairs of a state index and a tick");
  checkCount(tx.sum, "sum");
  if (tx.duration !== undefined && !isDuration(tx.duration)) {
    throw new ProtocolError("duration", "milliseconds, 0 or more");
  }
  if (tx.canceledBy !== undefined) checkText(tx.canceledBy, "canceledBy");
  if (tx.steps !== undefined) checkList(tx.steps, "steps", isStep, "tuples of a type, two state indexes and a detail");
  if (tx.log !== undefined) checkList(tx.log, "log", isLogLine, "pairs of a level and a text");
  if (tx.preLog !== undefined) checkList(tx.preLog, "preLog", isLogLine, "pairs of a level and a text");
  if (tx.args !== undefined) checkArgs(tx.args);
  if (tx.source !== undefined) checkSource(tx.source);
}

function checkSource(source: unknown): void {
  if (!isObject(source)) throw new ProtocolError("source", "an object");
  checkText(source.machine, "source.machine");
  checkText(source.tx, "source.tx");
  checkCount(source.sum, "source.sum");
}

/** Bounded, and without recursion: who reads the record may recurse over arguments. */
function checkArgs(args: unknown): void {
  if (!isObject(args)) throw new ProtocolError("args", "an object");
  let level: object[] = [args];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_ARGS_DEPTH) throw new ProtocolError("args", `nested ${MAX_ARGS_DEPTH} deep at most`);
    const next: object[] = [];
    for (const outer of level) {
      for (const inner of Object.values(outer)) {
        if (typeof inner === "object" && inner !== null) next.push(inner);
        else if (inner === Infinity || inner === -Infinity) {
          throw new ProtocolError("args", "without 1e999 and the like");
        }
      }
    }
    level = next;
  }
}

function checkMachine(machine: Unchecked): void {
  checkText(machine.id, "id");
  checkTexts(machine.stateNames, "stateNames");
  const { length } = machine.stateNames as unknown[];
  if (length > MAX_STATES) throw new ProtocolError("stateNames", `${MAX_STATES} names at most`);
  if (new Set(machine.stateNames as string[]).size < length) {
    throw new ProtocolError("stateNames", "names without repeats");
  }
  checkSchema(machine.schema);
  checkList(machine.ticks, "ticks", isCount, "integers from 0");
  if ((machine.ticks as unknown[]).length !== length) throw new ProtocolError("ticks", "one tick per state");
  checkCount(machine.queueTick, "queueTick");
  checkCount(machine.machineTick, "machineTick");
  if (machine.groups !== undefined) checkList(machine.groups, "groups", isGroup, "pairs of a name and state indexes");
  if (machine.parent !== undefined) checkParent(machine.parent);
  if (machine.tags !== undefined) checkTexts(machine.tags, "tags");
  if (machine.pipes === undefined) return;
  if (!Array.isArray(machine.pipes)) throw new ProtocolError("pipes", "a list");
  for (const pipe of machine.pipes) {
    if (!isObject(pipe)) throw new ProtocolError("pipes", "a list of objects");
    checkPipe(pipe, "pipes.");
  }
}

function checkSchema(schema: unknown): void {
  if (!isObject(schema)) throw new ProtocolError("schema", "an object");
  for (const state of Object.values(schema)) {
    if (!isObject(state)) throw new ProtocolError("schema", "objects by the names of states");
    if (state.auto !== undefined && typeof state.auto !== "boolean") {
      throw new ProtocolError("schema.auto", "true or false");
    }
    if (state.multi !== undefined && typeof state.multi !== "boolean") {
      throw new ProtocolError("schema.multi", "true or false");
    }
    for (const key of STATE_LISTS) if (state[key] !== undefined) checkTexts(state[key], `schema.${key}`);
    if (state.timeoutMs !== undefined && !isDuration(state.timeoutMs)) {
      throw new ProtocolError("schema.timeoutMs", "milliseconds, 0 or more");
    }
  }
}

/** Fields of a state in the schema that are lists of texts. */
const STATE_LISTS = ["require", "add", "remove", "after", "tags"] as const;

function checkParent(parent: unknown): void {
  if (!isObject(parent)) throw new ProtocolError("parent", "an object");
  checkText(parent.id, "parent.id");
  if (parent.instance === undefined) return;
  if (typeof parent.instance !== "string" || !INSTANCE.test(parent.instance)) {
    throw new ProtocolError("parent.instance", "1 to 64 of A-Za-z0-9_-");
  }
}

function checkPipe(pipe: Unchecked, prefix: string): void {
  if (pipe.direction !== "out" && pipe.direction !== "in") throw new ProtocolError(`${prefix}direction`, "out or in");
  if (pipe.type !== "add" && pipe.type !== "remove") throw new ProtocolError(`${prefix}type`, "add or remove");
  checkText(pipe.state, `${prefix}state`);
  checkText(pipe.other, `${prefix}other`);
}

function checkGap(gap: Unchecked): void {
  if (!isCount(gap.from) || gap.from === 0) throw new ProtocolError("from", "an integer from 1");
  if (!isCount(gap.count) || gap.count === 0) throw new ProtocolError("count", "an integer from 1");
  if (gap.seq !== gap.from + gap.count - 1) throw new ProtocolError("seq", "the number of the last lost record");
}

function checkText(value: unknown, field: string): void {
  if (typeof value !== "string") throw new ProtocolError(field, "a text");
}

function checkTexts(value: unknown, field: string): void {
  checkList(value, field, isText, "texts");
}

function checkCount(value: unknown, field: string): void {
  if (!isCount(value)) throw new ProtocolError(field, "an integer from 0");
}

function checkIndexes(value: unknown, field: string): void {
  checkList(value, field, isIndex, `integers from 0 to ${MAX_STATES - 1}`);
}

function checkFlag(value: unknown, field: string): void {
  if (value !== undefined && value !== true) throw new ProtocolError(field, "true, or left out");
}

function checkList(value: unknown, field: string, isItem: (item: unknown) => boolean, items: string): void {
  if (!Array.isArray(value)) throw new ProtocolError(field, "a list");
  for (let i = 0; i < value.length; i++) if (!isItem(value[i])) throw new ProtocolError(field, `a list of ${items}`);
}

function isObject(value: unknown): value is Unchecked {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** A tick, a number of something. */
function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The index of a state. */
function isIndex(value: unknown): value is number {
  return isCount(value) && value < MAX_STATES;
}

function isMoment(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= MAX_MOMENT;
}

function isDuration(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value < Infinity;
}

function isLevel(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 5;
}

function isTickPair(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && isIndex(value[0]) && isCount(value[1]);
}

function isLogLine(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && isLevel(value[0]) && typeof value[1] === "string";
}

function isStep(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 4) return false;
  const [type, from, to, detail] = value;
  return STEP_TYPES.has(type) && isStepEnd(from) && isStepEnd(to) && isCount(detail) && detail <= 7;
}

function isStepEnd(value: unknown): boolean {
  return isIndex(value) || value === NO_STATE || value === ANY_STATE;
}

function isGroup(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === "string" && Array.isArray(value[1]) &&
    value[1].every(isIndex);
}
