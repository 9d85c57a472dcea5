import type { TelemetryRecord } from "../telemetry/mod.ts";
import type { CommandContext, GlobalOptions } from "./_context.ts";
import { cleanText } from "./_clean.ts";
import { CommandFailure, USAGE } from "./_exit_codes.ts";
import { type MachineView, MachineViews } from "./_machine_view.ts";
import { startProgress } from "./_progress.ts";
import { readRecording } from "./_recording.ts";

/** Where records come from: a recording. */
export interface Source {
  /** What it is, for messages: `recording "a.ndjson"`. */
  readonly name: string;
  /** Read all records, in order. */
  records(): AsyncIterable<TelemetryRecord[]>;
}

/** A record with its machine as it is after it; the view goes on with the next record. */
export type Visit = (record: TelemetryRecord, view: MachineView) => void | false;

/** Options of the commands that read a source. */
export interface SourceOptions extends GlobalOptions {
  /** Path of a recording. */
  readonly file?: string;
}

/** Open what the options name. */
export function openSource({ file }: SourceOptions, context: CommandContext, title = "Reading"): Source {
  if (file === undefined) throw new CommandFailure("Cannot read: name a recording with --file FILE", USAGE);
  const name = `recording "${file}"`;
  let cuts = 0;
  return {
    name,
    async *records() {
      using progress = startProgress(title, context.err);
      yield* readRecording(file, {
        signal: context.signal,
        onProgress: (done, total) => progress.report(done, total),
        onCut: () => cuts++,
      });
      if (cuts === 1) await context.err.write(`${cleanText(name)}: the last line is cut off, and left out\n`);
    },
  };
}

/**
 * Visit all records of a source with their machines.
 *
 * @param source The source.
 * @param visit Called for each record; `false` ends the visit.
 * @returns The machines at the end.
 */
export async function visitRecords(source: Source, visit: Visit): Promise<MachineViews> {
  const views = new MachineViews();
  for await (const batch of source.records()) {
    for (const record of batch) {
      if (visit(record, views.apply(record)) === false) return views;
    }
  }
  return views;
}

/**
 * Find the one machine that a text names: by its id, its instance, or the beginning of its instance.
 *
 * @param source Where to look.
 * @param text The id or instance.
 * @returns The instance.
 *
 * @throws {CommandFailure} when there is none, or more than one.
 */
export async function findInstance(source: Source, text: string): Promise<string> {
  const views = (await visitRecords(source, () => {})).list();
  const exact = views.filter(({ id, instance }) => id === text || instance === text);
  const found = exact.length > 0 ? exact : views.filter(({ instance }) => instance.startsWith(text));
  if (found.length === 1) return found[0]!.instance;
  if (found.length === 0) {
    throw new CommandFailure(`Cannot find machine "${text}" in ${source.name}: am list shows those there are`, USAGE);
  }
  const instances = found.map(({ instance }) => instance).join(", ");
  throw new CommandFailure(`Cannot tell which machine "${text}" is: name one of the instances ${instances}`, USAGE);
}
