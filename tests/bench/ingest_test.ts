import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { makeLoad } from "../../bench/_ingest_bodies.ts";
import { formatIngest, type IngestResults } from "../../bench/_ingest_report.ts";

Deno.test("makeLoad() makes what exporters send: all machines, the same count of transitions each, in order", async () => {
  const load = await makeLoad({ machines: 8, transitions: 400, hasSteps: true, batch: 30 });
  const next = new Map<string, number>();
  const counts = { transitions: 0, records: 0, steps: 0, lines: 0 };
  for (const { bytes } of load.lanes.flat()) {
    for (const line of new TextDecoder().decode(bytes).trimEnd().split("\n")) {
      const { instance, seq, kind, steps, log = [], preLog = [] } = JSON.parse(line);
      assertEquals(seq, next.get(instance) ?? 1);
      next.set(instance, seq + 1);
      counts.records++;
      if (kind !== "tx") continue;
      counts.transitions++;
      counts.steps += steps.length;
      counts.lines += log.length + preLog.length;
    }
  }

  assertEquals([next.size, new Set(load.ids).size, load.lanes.length], [8, 8, 4]);
  assertEquals([...next.values()], Array(8).fill(1 + 1 + 400 / 8));
  assertEquals([counts.transitions, counts.records], [load.transitions, load.records]);
  assertEquals(load.transitions, 400);
  assert(counts.steps >= 5 * 400 && counts.lines >= 3 * 400);
});

Deno.test("formatIngest() writes each figure beside what it must be, and says what is missed", () => {
  const text = formatIngest(RESULTS);

  assertStringIncludes(text, "| rate ÷ bare server, transitions alone | ≥ 0.25 | 0.40 | yes |");
  assertStringIncludes(text, "| rate ÷ bare server, with steps and log | ≥ 0.25 | 0.24 | missed |");
  assertStringIncludes(text, "| transitions alone | 5.00 | 12.50 | 0.41 | 0.30 to 0.50 |");
  assertStringIncludes(text, "| readers of everything that got all | 20 | 19 | missed |");
  assertStringIncludes(text, "| list of 5,000 machines ÷ of 50, p95 | ≤ 5 | 1.50 | yes |");
  assertStringIncludes(text, "| bytes of a stored transition | ≤ 400 | 221 | yes |");
  assertMatch(text, /Machine: 2 cores of a fake\./);
  assertEquals(text.match(/undefined|NaN|Infinity/), null);
});

const RATES = {
  bare: 200_000,
  telemetry: 80_000,
  ratio: { median: 0.4, min: 0.3, max: 0.5 },
  cpu: { bare: 5, telemetry: 12.5, ratio: { median: 0.41, min: 0.3, max: 0.5 } },
  ...{ lineBytes: 232, transitions: 60_000, rounds: 7, completeReaders: 140, readers: 140, gaps: 0 },
};
const PACED = { events: 1_900, complete: 19, gaps: 0, doneAt: 0, readers: 20, expected: 100 };
const MEMORY = { transitions: 500_000, bytesPerTransition: 221, lineBytes: 232, appendedPerSecond: 195_000 };
const RESULTS: IngestResults = {
  host: "2 cores of a fake",
  bare: RATES,
  steps: { ...RATES, ratio: { ...RATES.ratio, median: 0.24 } },
  paced: { ...PACED, perSecond: 30_000, sentPerSecond: 29_900, lagMs: 12 },
  lists: { few: 50, many: 5_000, fewMs: 2, manyMs: 3 },
  memory: { bare: MEMORY, steps: { ...MEMORY, bytesPerTransition: 474 } },
};
