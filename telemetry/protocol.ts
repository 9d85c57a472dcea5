/**
 * The protocol `asyncmachine/1`: what machines tell about themselves, one JSON object a line.
 *
 * `PROTOCOL.md` explains it with examples, `schema.json` says it as a JSON Schema.
 *
 * @module
 */
import type { LogLevel, MutationType, Relation, StepType } from "../machine/mod.ts";

/** Name and version of the protocol. */
export const PROTOCOL = "asyncmachine/1";

/** Version of the protocol, as every record carries it. */
export const PROTOCOL_VERSION = 1;

/** What every record carries. */
export interface RecordBase {
  /** Version of the protocol. */
  readonly v: typeof PROTOCOL_VERSION;
  /** Random name of the Machine object, new for each: ids of machines may repeat, this does not. */
  readonly instance: string;
  /** Number of the record within its instance: 1, 2, 3 … without holes; what was lost is a {@linkcode GapRecord}. */
  readonly seq: number;
  /** When it happened by the sender's wall clock, in milliseconds since 1970; may have a fraction. */
  readonly at: number;
  /** When the server received it, in milliseconds since 1970; added by the server. */
  readonly receivedAt?: number;
}

/** A state of a {@linkcode MachineRecord}: what a schema says of it, without the type of its arguments. */
export interface RecordedState {
  /** Whether the machine tries to activate it by itself. */
  readonly auto?: boolean;
  /** Whether it may be called again while active. */
  readonly multi?: boolean;
  /** States that have to be active with it. */
  readonly require?: readonly string[];
  /** States that it activates too. */
  readonly add?: readonly string[];
  /** States that it deactivates. */
  readonly remove?: readonly string[];
  /** States whose handlers run before its own. */
  readonly after?: readonly string[];
  /** Free texts. */
  readonly tags?: readonly string[];
  /** Milliseconds that one activation may last. */
  readonly timeoutMs?: number;
}

/**
 * A machine: who it is and where its clock stands.
 *
 * It comes first, again after a change of the schema or of the order of states, after a reconnect and after a gap. States
 * of all records that follow are indexes into `stateNames`.
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
  /** Named groups of states, as state indexes. */
  readonly groups?: Readonly<Record<string, readonly number[]>>;
  /** The machine it was made under. */
  readonly parent?: { readonly id: string; readonly instance?: string };
  /** Tags of the machine. */
  readonly tags?: readonly string[];
}

/** One step of a transition: `[type, from, to, detail]`, see {@linkcode encodeStep}. */
export type StepTuple = readonly [type: number, from: number, to: number, detail: number];

/** One line of the text log: `[level, text]`, the level as its number from 1, external, to 5, everything. */
export type LogTuple = readonly [level: number, text: string];

/**
 * A transition that is over; or, with `queued`, a mutation that went into the queue.
 *
 * Flags are left out when they are false, lists when they are empty.
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
  /** States whose ticks changed, with their new ticks: `[index, tick]`. */
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

/** A line of the text log outside of a transition. */
export interface LogRecord extends RecordBase {
  /** What this record is. */
  readonly kind: "log";
  /** Its level, from 1, external, to 5, everything. */
  readonly level: number;
  /** The line, without the machine's id. */
  readonly text: string;
}

/** An end of a pipe at the machine came or went. */
export interface PipeRecord extends RecordBase {
  /** What this record is. */
  readonly kind: "pipe";
  /** Whether the pipe was bound or detached. */
  readonly change: "bound" | "detached";
  /** Whether it leads out of this machine, or into it. */
  readonly direction: "out" | "in";
  /** What it does to the state at its other end. */
  readonly type: "add" | "remove";
  /** The state of this machine. */
  readonly state: string;
  /** Id of the machine at the other end. */
  readonly other: string;
}

/** The machine was disposed; the last record of its instance. */
export interface DisposeRecord extends RecordBase {
  /** What this record is. */
  readonly kind: "dispose";
}

/**
 * Records that are lost. It stands in their place: `seq` is the number of the last of them, `from + count - 1`.
 */
export interface GapRecord extends RecordBase {
  /** What this record is. */
  readonly kind: "gap";
  /** Number of the first lost record. */
  readonly from: number;
  /** How many are lost, 1 or more. */
  readonly count: number;
}

/** Any record. */
export type TelemetryRecord = MachineRecord | TxRecord | LogRecord | PipeRecord | DisposeRecord | GapRecord;

/** Kinds of records. */
export type RecordKind = TelemetryRecord["kind"];

/** Levels of the text log by number. */
export const LOG_LEVELS: readonly LogLevel[] = ["nothing", "external", "changes", "ops", "decisions", "everything"];

/** Codes of step types; those of the original. */
export const STEP_CODES: Readonly<Record<StepType, number>> = {
  "relation": 1,
  "handler": 2,
  "activate": 4,
  "deactivate": 8,
  "deactivate-passive": 16,
  "called": 32,
  "cancel": 64,
};

/** Codes of relations in steps, the `detail` of a relation step; those of the original. */
export const RELATION_CODES: Readonly<Record<Relation, number>> = { after: 0, add: 1, require: 2, remove: 3 };

/** Bits of the `detail` of a handler step. */
export const STEP_FINAL = 1, STEP_SELF = 2, STEP_ENTER = 4;

/** The state index in a step for no state, and for `Any`. */
export const NO_STATE = -1, ANY_STATE = -2;
