/**
 * Bodies of requests as real machines and a real exporter make them, made before anything is timed.
 *
 * @module
 */

import { defineSchema, Machine } from "@asyncmachine/asyncmachine";
import { TelemetryExporter } from "@asyncmachine/asyncmachine/telemetry";

/** What to make. */
export interface LoadOptions {
  /** How many machines. */
  readonly machines: number;
  /** How many transitions of all of them, at least. */
  readonly transitions: number;
  /** Whether transitions have steps and three log lines, or neither. */
  readonly hasSteps: boolean;
  /** Exporters that share the machines, as if they were in so many programs. 4 by default. */
  readonly exporters?: number;
  /** Transitions of a body. 1,000 by default, as an exporter has it. */
  readonly batch?: number;
}

/** One request. */
export interface Body {
  /** A record a line. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How many records it has. */
  readonly records: number;
  /** How many of them are transitions. */
  readonly transitions: number;
}

/** What was made. */
export interface Load {
  /** The bodies of each exporter, in order: the next leaves when the one before is answered. */
  readonly lanes: readonly (readonly Body[])[];
  /** Ids of the machines; no other load has machines of these ids. */
  readonly ids: readonly string[];
  /** How many records all bodies have. */
  readonly records: number;
  /** How many transitions all bodies have. */
  readonly transitions: number;
  /** Bytes of a transition's line, on average. */
  readonly lineBytes: number;
}

/** What the machines are. */
export const WORKER_SCHEMA = defineSchema({
  Start: {},
  Idle: { auto: false },
  Downloading: { require: ["Start"], add: ["Network"], remove: ["Idle"] },
  Network: { require: ["Start"] },
  Processing: { require: ["Start"], remove: ["Downloading"] },
  Saving: { require: ["Start"], remove: ["Processing"] },
  Saved: { require: ["Start"], remove: ["Saving"] },
});

/** What is added to them in turn, once they have `Start`. */
export const WORKER_ROUND = ["Downloading", "Processing", "Saving", "Saved"] as const;

const LINE_END = 10;

let loads = 0;

/** Let machines take turns, and keep what their exporters would send. */
export async function makeLoad(options: LoadOptions): Promise<Load> {
  const prefix = `load-${++loads}`;
  const lanes: Body[][] = [];
  const ids: string[] = [];
  for (let lane = 1; lane <= (options.exporters ?? 4); lane++) {
    const made = await makeLane(`${prefix}-${lane}`, options);
    lanes.push(made.bodies);
    ids.push(...made.ids);
  }
  const sums = { records: 0, transitions: 0, bytes: 0 };
  for (const body of lanes.flat()) {
    sums.records += body.records;
    sums.transitions += body.transitions;
    sums.bytes += body.bytes.length;
  }
  const { records, transitions, bytes } = sums;
  return { lanes, ids, records, transitions, lineBytes: bytes / records };
}

/** One exporter and its machines. Each machine does the same number of transitions, most of which it accepts. */
async function makeLane(
  prefix: string,
  { machines: count, transitions, hasSteps, exporters = 4, batch = 1_000 }: LoadOptions,
): Promise<{ bodies: Body[]; ids: string[] }> {
  const bodies: Body[] = [];
  const decoder = new TextDecoder();
  const fetch = (_: string, { body }: RequestInit): Promise<Response> => {
    const bytes = body as Uint8Array<ArrayBuffer>;
    const kinds = decoder.decode(bytes).match(/^\{"v":1,"kind":"tx"/gm);
    bodies.push({ bytes, records: countLines(bytes), transitions: kinds?.length ?? 0 });
    return Promise.resolve(Response.json({ epoch: prefix }));
  };
  const logLevel = hasSteps ? "decisions" : "nothing";
  await using exporter = new TelemetryExporter({ fetch, steps: hasSteps, logLevel, batchRecords: batch });
  const machines = Array.from(
    { length: count / exporters },
    (_, i) => new Machine(WORKER_SCHEMA, { id: `${prefix}-worker-${i}`, tracers: [exporter], logger: () => {} }),
  );
  for (const machine of machines) machine.add("Start");
  const turns = Math.ceil(transitions / count) - 1;
  for (let turn = 0, waiting = machines.length; turn < turns; turn++) {
    for (const machine of machines) {
      machine.add(WORKER_ROUND[turn % WORKER_ROUND.length]!);
      if (++waiting % batch === 0) await exporter.flush();
    }
  }
  await exporter.flush();
  return { bodies, ids: machines.map(({ id }) => id) };
}

function countLines(bytes: Uint8Array): number {
  let lines = 0;
  for (const byte of bytes) if (byte === LINE_END) lines++;
  return lines;
}
