/**
 * One transition as a sequence: who called whom, in which order, and what came of it.
 *
 * @module
 */
import type { Step } from "../../mod.ts";
import type { TxRecord } from "../../telemetry/mod.ts";
import { describeChanges, type FoundTransition } from "../_found_transition.ts";
import { isTransition } from "../_machine_view.ts";
import { type Source, visitRecords } from "../_source.ts";
import { describeCancel, describeMutation, describeStep, handlerName, stepsOf } from "../_step_text.ts";

/** A line of a sequence. Those that take part go by their index. */
export type SequenceLine =
  | {
    readonly kind: "message";
    readonly from: number;
    readonly to: number;
    readonly text: string;
    /** Whether it goes back to who called. */
    readonly isReply: boolean;
    /** Whether it says that something failed. */
    readonly isBad: boolean;
  }
  | { readonly kind: "note"; readonly at: number; readonly texts: readonly string[] }
  | { readonly kind: "phase"; readonly text: string };

/** Who takes part, from left to right, and what happens, from top to bottom. */
export interface Sequence {
  readonly title: string;
  readonly actors: readonly string[];
  readonly lines: readonly SequenceLine[];
}

/** What a transition led to. */
export interface Consequence {
  /** The machine that was called. */
  readonly machineId: string;
  /** Its instance. */
  readonly instance: string;
  readonly record: TxRecord;
  /** Names of its states. */
  readonly stateNames: readonly string[];
}

/** Lines of a note, before it says how many more there are. */
const MAX_LINES = 10;

/**
 * Find the mutations that handlers of a transition made, on any machine, and the one of auto states after it.
 *
 * @param source Where to look.
 * @param found The transition.
 * @returns The mutations, once each: as they ran, or as they still wait.
 */
export async function findConsequences(source: Source, { record: cause }: FoundTransition): Promise<Consequence[]> {
  const made = new Map<string, Consequence>();
  let next: Consequence | undefined;
  await visitRecords(source, (record, view) => {
    if (record.kind !== "tx") return;
    const { instance, id, source, queueToken, mutationTick } = record;
    const consequence = { machineId: view.id, instance, record, stateNames: view.stateNames };
    if (source?.tx === cause.id && id !== cause.id) {
      made.set(`${instance} ${queueToken === undefined ? `${mutationTick}` : `token ${queueToken}`}`, consequence);
    }
    if (instance === cause.instance && record.seq > cause.seq && isTransition(record)) next ??= consequence;
  });
  // The mutation of auto states goes to the front of the queue.
  return [...made.values(), ...(next?.record.auto && !cause.queued ? [next] : [])];
}

/**
 * Make the sequence of a transition.
 *
 * @param found The transition.
 * @param consequences What it led to. Nothing by default.
 * @returns The sequence.
 */
export function makeSequence(found: FoundTransition, consequences: readonly Consequence[] = []): Sequence {
  const { record, stateNames, machineId } = found;
  const steps = stepsOf(record, stateNames);
  const handlers = steps.filter(({ type }) => type === "handler");
  const others = consequences.filter(({ instance }) => instance !== record.instance);
  const cast = new Cast();
  const caller = record.auto ? undefined : cast.place("caller", nameCaller(record));
  const machine = cast.place(record.instance, machineId);
  const maker = handlers.length === 0 ? machine : cast.place("handlers", `handlers of ${machineId}`);
  for (const { instance, machineId } of others) cast.place(`machine ${instance}`, machineId);
  return {
    title: `${describeMutation(record, stateNames)} on ${machineId}`,
    actors: cast.names,
    lines: [
      call(caller ?? machine, machine, `${describeMutation(record, stateNames)}${describeArgs(record)}`),
      ...note(machine, describeQueue(record)),
      ...note(machine, describeReasons(record, steps)),
      ...drawHandlers("negotiation", handlers.filter(({ isFinal }) => !isFinal), found, machine, maker),
      ...note(machine, describeChanges(found)),
      ...drawHandlers("final handlers", handlers.filter(({ isFinal }) => isFinal), found, machine, maker),
      ...consequences.map(({ instance, record, stateNames }) => {
        const isOwn = instance === found.record.instance;
        const to = isOwn ? machine : cast.place(`machine ${instance}`, "");
        return call(record.auto ? machine : maker, to, describeConsequence(record, stateNames));
      }),
      ...(caller === undefined ? note(machine, [describeResult(found)]) : [
        { ...call(machine, caller, describeResult(found)), isReply: true, isBad: !record.accepted },
      ]),
    ],
  };
}

/** Gives those that take part their places, in the order in which they come up. */
class Cast {
  readonly names: string[] = [];
  readonly #places = new Map<string, number>();

  /** The place of one, by a key. */
  place(key: string, name: string): number {
    let place = this.#places.get(key);
    if (place === undefined) {
      place = this.names.push(name) - 1;
      this.#places.set(key, place);
    }
    return place;
  }
}

function nameCaller({ source }: TxRecord): string {
  return source === undefined ? "caller" : `${source.machine} in ${source.tx}`;
}

function call(from: number, to: number, text: string): SequenceLine & { kind: "message" } {
  return { kind: "message", from, to, text, isReply: false, isBad: false };
}

/** A note on what there is to say, if there is anything. */
function note(at: number, texts: readonly string[]): SequenceLine[] {
  if (texts.length === 0) return [];
  const more = texts.length - MAX_LINES;
  return [{ kind: "note", at, texts: more <= 1 ? texts : [...texts.slice(0, MAX_LINES), `and ${more} more`] }];
}

function describeArgs({ args = {} }: TxRecord): string {
  const texts = Object.entries(args).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return texts.length === 0 ? "" : ` with ${texts.join(", ")}`;
}

function describeQueue({ queued, queueToken, mutationTick, queueLength }: TxRecord): string[] {
  if (queueToken !== undefined) return ["put in front of the queue"];
  return queued ? [`waits for tick ${mutationTick}, ${queueLength} in the queue`] : [];
}

/** Relations, each said once: a resolver may come by them several times. */
function describeReasons(record: TxRecord, steps: readonly Step[]): string[] {
  // Each called state has a step, so even a transition without handlers and relations has one.
  if (steps.length === 0 && record.called.length > 0 && !record.queued) return ["its steps are not recorded"];
  const reasons = steps.filter(({ type }) => type === "relation" || type === "deactivate-passive" || type === "cancel");
  return [...new Set(reasons.map(describeStep))];
}

/** The last handler is the one that refused, or threw. */
function drawHandlers(
  phase: string,
  handlers: readonly Step[],
  { record }: FoundTransition,
  machine: number,
  maker: number,
): SequenceLine[] {
  if (handlers.length === 0) return [];
  const isFinal = handlers[0]!.isFinal;
  const isRefused = !record.accepted && (isFinal || record.canceledBy === handlerName(handlers.at(-1)!));
  return [
    { kind: "phase", text: phase },
    ...handlers.map((step) => call(machine, maker, `${handlerName(step)}()`)),
    ...(isRefused ? [{ ...call(maker, machine, isFinal ? "threw" : "refused"), isReply: true, isBad: true }] : []),
  ];
}

/** A mutation waits when its caller is not done yet: only one of which no more is known is said to. */
function describeConsequence({ queued, ...record }: TxRecord, stateNames: readonly string[]): string {
  const text = describeMutation(record, stateNames);
  if (!record.accepted) return `${text} (canceled)`;
  return queued && !record.auto ? `${text} (queued)` : text;
}

function describeResult({ record, stateNames }: FoundTransition): string {
  if (record.queued) return "queued";
  return record.accepted ? "accepted" : describeCancel(record, stateNames);
}
