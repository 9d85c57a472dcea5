/**
 * The questions that are asked of a telemetry server under load.
 *
 * @module
 */

import { type Load, makeLoad } from "./_ingest_bodies.ts";
import { type ReadersResult, startReaders } from "./_ingest_readers.ts";
import { sendAll, sendPaced } from "./_ingest_send.ts";
import { type RunningServer, startServer } from "./_ingest_server.ts";
import { median } from "./_measure.ts";

/** Machines that send. */
const MACHINES = 200;

/** Readers of one machine each, while rates are measured. */
const READERS = 20;

/** What came of the rounds. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Transitions per second of both servers. */
export interface Rates {
  /** Of the server that only reads, splits and parses. */
  readonly bare: number;
  /** Of ours, with its readers. */
  readonly telemetry: number;
  /** Ours ÷ bare, each round compared with itself: the median, the least and the most. */
  readonly ratio: Spread;
  /** Microseconds of processor time that each server's process used for a transition: ours with its readers. */
  readonly cpu: { readonly bare: number; readonly telemetry: number; readonly ratio: Spread };
  /** Bytes of a line, on average. */
  readonly lineBytes: number;
  /** Transitions of a round. */
  readonly transitions: number;
  readonly rounds: number;
  /** Readers that had everything of their machine, of all rounds. */
  readonly completeReaders: number;
  readonly readers: number;
  readonly gaps: number;
}

/** Send the same bodies to both servers, in rounds, every second one in the other order. */
export async function measureRates(
  { rounds, transitions, hasSteps }: { rounds: number; transitions: number; hasSteps: boolean },
): Promise<Rates> {
  await using bare = await startServer("bare");
  await using telemetry = await startServer("telemetry");
  const results: Round[] = [];
  let lineBytes = 0;
  for (let round = 0; round <= rounds; round++) {
    const load = await makeLoad({ machines: MACHINES, transitions, hasSteps });
    lineBytes = load.lineBytes;
    results.push(await measureRound({ bare, telemetry }, load, round % 2 !== 0));
  }
  results.shift(); // it made them warm
  return {
    bare: median(results.map((it) => it.bare.rate)),
    telemetry: median(results.map((it) => it.telemetry.rate)),
    ratio: spreadOf(results.map((it) => it.telemetry.rate / it.bare.rate)),
    cpu: {
      bare: median(results.map((it) => it.bare.cpuUs)),
      telemetry: median(results.map((it) => it.telemetry.cpuUs)),
      ratio: spreadOf(results.map((it) => it.bare.cpuUs / it.telemetry.cpuUs)),
    },
    lineBytes,
    transitions,
    rounds,
    gaps: results.reduce((sum, { readers }) => sum + readers.gaps, 0),
    completeReaders: results.reduce((sum, { readers }) => sum + readers.complete, 0),
    readers: READERS * rounds,
  };
}

/** What one server did with one load. */
interface Usage {
  /** Transitions a second. */
  readonly rate: number;
  /** Microseconds of processor time for a transition. */
  readonly cpuUs: number;
}

interface Round {
  readonly bare: Usage;
  readonly telemetry: Usage;
  readonly readers: ReadersResult;
}

/** Send one load to both servers, while readers read from ours. */
async function measureRound(
  { bare, telemetry }: { bare: RunningServer; telemetry: RunningServer },
  load: Load,
  telemetryFirst: boolean,
): Promise<Round> {
  const names = load.ids.slice(0, READERS);
  const expected = names.map(() => load.transitions / MACHINES);
  const running = await startReaders({ url: telemetry.url, readers: names, expected });
  const before = telemetryFirst ? undefined : await measureUsage(bare, load);
  let readers: ReadersResult | undefined;
  const ours = await measureUsage(telemetry, load, async () => void (readers = await running.result()));
  return { bare: before ?? await measureUsage(bare, load), telemetry: ours, readers: readers! };
}

/** @param settle Waits for what is still done when all is answered: the rate is without it, the processor time with it. */
async function measureUsage(server: RunningServer, load: Load, settle?: () => Promise<void>): Promise<Usage> {
  const before = await server.cpuMs();
  const took = await sendAll(server, load);
  await settle?.();
  const used = await server.cpuMs() - before;
  return { rate: load.transitions / took * 1_000, cpuUs: used / load.transitions * 1_000 };
}

function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** What readers of everything got at a pace. */
export interface Paced extends ReadersResult {
  readonly readers: number;
  /** Events that each of them should get. */
  readonly expected: number;
  /** Transitions per second that were to be sent, and that were. */
  readonly perSecond: number;
  readonly sentPerSecond: number;
  /** Milliseconds from the last answer to the sender until the last reader had all. */
  readonly lagMs: number;
}

/** Send transitions at a pace to readers that read all of them. */
export async function measurePaced(
  { readers: count, perSecond, seconds }: { readers: number; perSecond: number; seconds: number },
): Promise<Paced> {
  await using server = await startServer("telemetry");
  const warm = await makeLoad({ machines: MACHINES, transitions: perSecond, hasSteps: false });
  await sendAll(server, warm);
  const load = await makeLoad({ machines: MACHINES, transitions: perSecond * seconds, hasSteps: false, batch: 300 });
  const names = Array.from({ length: count }, () => null);
  const readers = await startReaders({ url: server.url, readers: names, expected: names.map(() => load.records) });
  const took = await sendPaced(server, load, perSecond);
  const end = Date.now();
  const result = await readers.result();
  const sentPerSecond = load.transitions / took * 1_000;
  return { ...result, readers: count, expected: load.records, perSecond, sentPerSecond, lagMs: result.doneAt - end };
}

/** Milliseconds of a request of the first page of machines: 95 of 100 are quicker. */
export interface Lists {
  readonly few: number;
  readonly many: number;
  readonly fewMs: number;
  readonly manyMs: number;
}

/** Ask two servers for their lists, in turn. */
export async function measureLists(
  { few, many, requests }: { few: number; many: number; requests: number },
): Promise<Lists> {
  await using small = await startServer("telemetry");
  await using big = await startServer("telemetry");
  for (const [server, machines] of [[small, few], [big, many]] as const) {
    await sendAll(server, await makeLoad({ machines, exporters: 1, transitions: machines, hasSteps: false }));
  }
  const times = { small: [] as number[], big: [] as number[] };
  for (let i = -requests / 3; i < requests; i++) { // the first make them warm
    const order = [["small", small], ["big", big]] as const;
    for (const [name, { url }] of i % 2 === 0 ? order : order.toReversed()) {
      const begin = performance.now();
      const response = await fetch(`${url}/v1/machines`);
      await response.json();
      if (i >= 0) times[name].push(performance.now() - begin);
    }
  }
  return { few, many, fewMs: percentile(times.small), manyMs: percentile(times.big) };
}

/** What a stored transition takes. */
export interface Memory {
  readonly transitions: number;
  readonly bytesPerTransition: number;
  readonly lineBytes: number;
  readonly appendedPerSecond: number;
}

/** Ask a process of its own, on whose heap nothing else is. */
export async function measureStore(transitions: number, hasSteps: boolean): Promise<Memory> {
  const program = new URL("../tests/telemetry/_measure_store.ts", import.meta.url).pathname;
  const flags = ["--quiet", "--no-check", "--allow-env", "--v8-flags=--expose-gc"];
  const args = ["run", ...flags, program, `${transitions}`, hasSteps ? "steps" : "bare"];
  const { success, stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "inherit" }).output();
  if (!success) throw new Error("Cannot measure what a stored transition takes");
  return JSON.parse(new TextDecoder().decode(stdout));
}

function percentile(times: number[]): number {
  return times.toSorted((a, b) => a - b)[Math.ceil(0.95 * times.length) - 1]!;
}
