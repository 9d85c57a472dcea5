/**
 * Measures a memory store: what a transition takes, and how fast transitions go in.
 *
 * `deno run --v8-flags=--expose-gc tests/telemetry/_measure_store.ts TRANSITIONS [steps]` prints JSON. The records are
 * those of 200 real machines with a real exporter, with steps and three log lines or without both. What the machines and
 * the exporter take is there before the first measurement: they keep no history.
 *
 * @module
 */

import { Machine } from "@asyncmachine/asyncmachine";
import { WORKER_ROUND, WORKER_SCHEMA } from "../../bench/_ingest_bodies.ts";
import { MemoryStore } from "../../telemetry/_memory_store.ts";
import type { Incoming } from "../../telemetry/_store.ts";
import { TelemetryExporter } from "../../telemetry/exporter.ts";
import type { TxRecord } from "../../telemetry/protocol.ts";

/** What this program prints. */
export interface StoreFigures {
  readonly transitions: number;
  /** Growth of the heap and of buffers outside of it. */
  readonly bytesPerTransition: number;
  /** What the store believes that it takes, by which it keeps its limit. */
  readonly countedBytesPerTransition: number;
  /** Length of the lines as they came. */
  readonly lineBytes: number;
  readonly stepsPerTransition: number;
  readonly logLinesPerTransition: number;
  /** Time in `append()` alone. */
  readonly appendedPerSecond: number;
}

const MACHINES = 200, BATCH = 100;

if (import.meta.main) {
  const [transitions, mode] = Deno.args;
  console.log(JSON.stringify(await measure(Number(transitions), mode === "steps")));
}

async function measure(wanted: number, hasSteps: boolean): Promise<StoreFigures> {
  const decoder = new TextDecoder();
  const sums = { transitions: 0, bytes: 0, steps: 0, lines: 0, ms: 0 };
  let store = new MemoryStore();
  const fetch = (_: string, { body }: RequestInit): Promise<Response> => {
    const text = typeof body === "string" ? body : decoder.decode(body as Uint8Array);
    const batch = text.trimEnd().split("\n").map((line): Incoming => ({ record: JSON.parse(line), line }));
    for (const { record, line } of batch) if (record.kind === "tx") count(record, line);
    const begin = performance.now();
    const { duplicates, unknown, events } = store.append(batch, Date.now());
    sums.ms += performance.now() - begin;
    const answer = { epoch: store.epoch, accepted: events.length, duplicates, refused: [], unknown };
    return Promise.resolve(Response.json(answer));
  };
  const count = (record: TxRecord, line: string): void => {
    sums.transitions++;
    sums.bytes += line.length;
    sums.steps += record.steps?.length ?? 0;
    sums.lines += (record.log?.length ?? 0) + (record.preLog?.length ?? 0);
  };
  const logLevel = hasSteps ? "decisions" : "nothing";
  await using exporter = new TelemetryExporter({ fetch, steps: hasSteps, logLevel, batchRecords: BATCH });
  const machines = Array.from({ length: MACHINES }, (_, i) => {
    const machine = new Machine(WORKER_SCHEMA, { id: `worker-${i}`, tracers: [exporter], logger: () => {} });
    machine.add("Start");
    return machine;
  });
  const run = async (until: number): Promise<void> => {
    for (let i = 0; sums.transitions < until; i++) {
      for (let step = 0; step < BATCH; step++) machines[i % MACHINES]!.add(WORKER_ROUND[step % WORKER_ROUND.length]!);
      await exporter.flush();
    }
  };
  await run(20 * MACHINES); // warm, and everything but the store is there
  store.close();
  store = new MemoryStore();
  Object.assign(sums, { transitions: 0, bytes: 0, steps: 0, lines: 0, ms: 0 });
  const before = usedBytes();
  await run(wanted);
  const grown = usedBytes() - before;
  const { transitions } = sums;
  return {
    transitions,
    bytesPerTransition: grown / transitions,
    countedBytesPerTransition: store.stats().bytes / transitions,
    lineBytes: sums.bytes / transitions,
    stepsPerTransition: sums.steps / transitions,
    logLinesPerTransition: sums.lines / transitions,
    appendedPerSecond: transitions / sums.ms * 1_000,
  };
}

/** Bytes of the heap and of buffers outside of it, after everything is freed that can be. */
function usedBytes(): number {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) throw new Error("Cannot measure memory: run with --v8-flags=--expose-gc");
  for (let i = 0; i < 4; i++) gc();
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}
