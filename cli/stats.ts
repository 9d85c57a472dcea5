import { Command } from "@cliffy/command";
import type { TelemetryRecord } from "../telemetry/mod.ts";
import type { CommandContext, GlobalOptions } from "./_context.ts";
import { formatCount } from "./_format.ts";
import { formatFacts } from "./inspect.ts";
import { isTransition, type MachineView } from "./_machine_view.ts";
import { printLines, surfaceOf } from "./_print.ts";
import { openSource, visitRecords } from "./_source.ts";
import { layTable, type Surface } from "./_style.ts";
import { Summaries } from "./_summary.ts";

/** How many of the most frequent things are shown. */
const TOP = 10;

/** Durations are counted in steps of a tenth of the power of 10 below: enough for two digits. */
const STEPS_PER_DECADE = 90;

/** The command `am stats`. */
// deno-lint-ignore no-explicit-any -- Cliffy's type of a command whose options do not matter
export function createStatsCommand(context: CommandContext): Command<any> {
  return new Command<GlobalOptions>()
    .description("Count transitions, cancels and states.")
    .option("--file <path:file>", "Read a recording, not the server.")
    .action(async (options) => {
      const stats = new Stats();
      await visitRecords(openSource(options, context), (record, view) => stats.add(record, view));
      await printLines(context, stats.format(surfaceOf(context, options)));
    });
}

/** Numbers about a stream of records, of a size that does not depend on its length. */
export class Stats {
  readonly #summaries: Summaries;
  readonly #activations: Map<string, number>;
  readonly #cancelers: Map<string, number>;
  readonly #durations: Map<number, number>;

  /** Begin with nothing. */
  constructor() {
    this.#summaries = new Summaries();
    this.#activations = new Map();
    this.#cancelers = new Map();
    this.#durations = new Map();
  }

  /** Count a record. */
  add(record: TelemetryRecord, view: MachineView): void {
    this.#summaries.add(record, view);
    if (!isTransition(record)) return;
    for (const { index, before, after } of view.changes) {
      const times = Math.floor((after + 1) / 2) - Math.floor((before + 1) / 2);
      if (times > 0) count(this.#activations, view.nameOf(index), times);
    }
    if (!record.accepted) count(this.#cancelers, record.canceledBy ?? "relations", 1);
    if (record.duration !== undefined) count(this.#durations, bucketOf(record.duration), 1);
  }

  /** Show the numbers. */
  format(surface: Surface): string[] {
    const summaries = this.#summaries.list();
    const sum = (key: "transitions" | "canceled" | "auto" | "checks" | "queued" | "lost") =>
      formatCount(summaries.reduce((total, summary) => total + summary[key], 0));
    return [
      ...formatFacts([
        ["machines", formatCount(summaries.length)],
        ["transitions", sum("transitions")],
        ["canceled", sum("canceled")],
        ["auto", sum("auto")],
        ["checks", sum("checks")],
        ["queued", sum("queued")],
        ["lost", sum("lost")],
        ["per second", this.#describeRate()],
        ["duration", this.#describeDurations()],
      ], surface),
      ...formatTop("ACTIVATED", this.#activations, surface),
      ...formatTop("CANCELED BY", this.#cancelers, surface),
    ];
  }

  #describeRate(): string {
    const summaries = this.#summaries.list();
    const first = summaries.reduce((at, it) => Math.min(at, it.firstAt), Infinity);
    const last = summaries.reduce((at, it) => Math.max(at, it.lastAt), -Infinity);
    const transitions = summaries.reduce((total, it) => total + it.transitions, 0);
    return last > first ? formatCount(Math.round(transitions / (last - first) * 1_000)) : "";
  }

  #describeDurations(): string {
    const buckets = [...this.#durations].sort(([a], [b]) => a - b);
    const total = buckets.reduce((sum, [, times]) => sum + times, 0);
    if (total === 0) return "";
    const at = (part: number) => {
      let seen = 0;
      for (const [bucket, times] of buckets) if ((seen += times) >= total * part) return valueOf(bucket);
      return valueOf(buckets.at(-1)![0]);
    };
    return [0.5, 0.95, 0.99, 1].map((part) => `p${part * 100} ${at(part)} ms`).join(", ");
  }
}

function count<Key>(counts: Map<Key, number>, key: Key, times: number): void {
  counts.set(key, (counts.get(key) ?? 0) + times);
}

function formatTop(title: string, counts: ReadonlyMap<string, number>, surface: Surface): string[] {
  if (counts.size === 0) return [];
  const top = [...counts].sort(([nameA, a], [nameB, b]) => b - a || (nameA < nameB ? -1 : 1)).slice(0, TOP);
  const rows = top.map(([name, times]) => [formatCount(times), name]);
  return ["", ...layTable([{ title: "TIMES", isRight: true }, { title }], rows, surface)];
}

/** Durations of the same two digits share a bucket; those below a microsecond the first. */
function bucketOf(durationMs: number): number {
  if (durationMs < 0.001) return 0;
  const exponent = Math.floor(Math.log10(durationMs));
  const lead = Math.min(99, Math.floor(durationMs / 10 ** (exponent - 1)));
  return (exponent + 3) * STEPS_PER_DECADE + lead - 9;
}

function valueOf(bucket: number): number {
  if (bucket === 0) return 0;
  const exponent = Math.floor((bucket - 1) / STEPS_PER_DECADE) - 3;
  const lead = (bucket - 1) % STEPS_PER_DECADE + 10;
  return Number((lead * 10 ** (exponent - 1)).toPrecision(2));
}
