import type { TelemetryRecord } from "../telemetry/mod.ts";
import { isTransition, type MachineView } from "./_machine_view.ts";

/** What a source knows of a machine, counted. */
export interface Summary {
  /** The machine as it is at the end. */
  readonly view: MachineView;
  /** Transitions that ran; checks are none. */
  transitions: number;
  /** Those of them that were canceled. */
  canceled: number;
  /** Those of them that the machine made itself, to try its auto states. */
  auto: number;
  /** Checks. */
  checks: number;
  /** Mutations that went into the queue. */
  queued: number;
  /** Records that are lost. */
  lost: number;
  /** When the first record was made, in milliseconds since 1970. */
  readonly firstAt: number;
  /** When the last record was made, in milliseconds since 1970. */
  lastAt: number;
}

/** Counts records by machine. */
export class Summaries {
  readonly #summaries: Map<string, Summary>;

  /** Begin with nothing. */
  constructor() {
    this.#summaries = new Map();
  }

  /** Count a record, and return the summary of its machine. */
  add(record: TelemetryRecord, view: MachineView): Summary {
    let summary = this.#summaries.get(record.instance);
    if (summary === undefined) this.#summaries.set(record.instance, summary = begin(record, view));
    summary.lastAt = Math.max(summary.lastAt, record.at);
    if (record.kind === "gap") summary.lost += record.count;
    if (record.kind !== "tx") return summary;
    if (record.queued) summary.queued++;
    else if (record.check) summary.checks++;
    if (!isTransition(record)) return summary;
    summary.transitions++;
    if (!record.accepted) summary.canceled++;
    if (record.auto) summary.auto++;
    return summary;
  }

  /** The summaries, in the order in which the machines came. */
  list(): Summary[] {
    return [...this.#summaries.values()];
  }
}

function begin({ at }: TelemetryRecord, view: MachineView): Summary {
  const counts = { transitions: 0, canceled: 0, auto: 0, checks: 0, queued: 0, lost: 0 };
  return { view, ...counts, firstAt: at, lastAt: at };
}
