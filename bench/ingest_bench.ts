/**
 * How much a telemetry server takes in, beside a server that does nothing with what it reads, and what it costs readers.
 *
 * `deno task bench:ingest` measures servers in processes of their own and writes `INGEST.md`. `deno bench` asks what the way
 * from lines to stored events costs in one process, without HTTP.
 *
 * @module
 */

import { createServer } from "@asyncmachine/asyncmachine/telemetry/server";
import os from "node:os";
import { makeLoad } from "./_ingest_bodies.ts";
import { measureLists, measurePaced, measureRates, measureStore } from "./_ingest_measure.ts";
import { formatIngest } from "./_ingest_report.ts";

/** Rounds of each comparison. */
const ROUNDS = 7;

/** Transitions of a round. */
const TRANSITIONS = 60_000;

if (import.meta.main) await run();
else await register();

async function run(): Promise<void> {
  console.log("Measuring rates");
  const bare = await measureRates({ rounds: ROUNDS, transitions: TRANSITIONS, hasSteps: false });
  const steps = await measureRates({ rounds: ROUNDS, transitions: TRANSITIONS, hasSteps: true });
  console.log("Measuring readers of everything");
  const paced = await measurePaced({ readers: 20, perSecond: 30_000, seconds: 10 });
  console.log("Measuring lists");
  const lists = await measureLists({ few: 50, many: 5_000, requests: 300 });
  console.log("Measuring memory");
  const memory = { bare: await measureStore(500_000, false), steps: await measureStore(500_000, true) };
  const url = new URL("INGEST.md", import.meta.url);
  await Deno.writeTextFile(url, formatIngest({ host: describeHost(), bare, steps, paced, lists, memory }));
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", url.pathname] }).output();
  console.log("Wrote INGEST.md");
}

/** Entries for `deno bench`: a body of 1,000 transitions, new to the store each time. */
async function register(): Promise<void> {
  const text = await bodyOf(1_000);
  const server = createServer({ port: 0, maxMemoryMb: 50, onListen: () => {} });
  const instances = [...new Set(text.match(/(?<="instance":")[^"]+/g))];
  let count = 0;
  const next = (): string => {
    const mark = `x${++count}-`;
    return instances.reduce(
      (body, name) => body.replaceAll(`"instance":"${name}"`, `"instance":"${mark}${name}"`),
      text,
    );
  };
  const entries: [string, (bench: Deno.BenchContext) => void][] = [
    ["split and JSON.parse()", (bench) => {
      const body = next();
      bench.start();
      for (const line of body.split("\n")) if (line !== "") JSON.parse(line);
      bench.end();
    }],
    ["TelemetryServer.ingest()", (bench) => {
      const body = next();
      bench.start();
      server.ingest(body);
      bench.end();
    }],
  ];
  for (const [order, all] of [["", entries], [" (other order)", entries.toReversed()]] as const) {
    for (const [name, fn] of all) {
      Deno.bench({ name, group: `What do 1,000 transitions cost?${order}`, baseline: fn === entries[0]![1], fn });
    }
  }
}

async function bodyOf(transitions: number): Promise<string> {
  const { lanes } = await makeLoad({ machines: 8, exporters: 1, transitions, hasSteps: false, batch: 2 * transitions });
  return lanes.flat().map(({ bytes }) => new TextDecoder().decode(bytes)).join("");
}

function describeHost(): string {
  const cpus = os.cpus();
  const { deno, v8 } = Deno.version;
  const load = os.loadavg()[0]!.toFixed(1);
  const model = cpus[0]?.model ?? "an unknown processor";
  return `${cpus.length} cores of ${model}, Deno ${deno}, V8 ${v8}, ${os.type()}, at a load of ${load}`;
}
