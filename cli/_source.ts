import type { TelemetryRecord } from "../telemetry/mod.ts";
import { Client } from "./_client.ts";
import type { CommandContext, GlobalOptions } from "./_context.ts";
import { cleanText } from "./_clean.ts";
import { CommandFailure, USAGE } from "./_exit_codes.ts";
import { type MachineView, MachineViews } from "./_machine_view.ts";
import { startProgress } from "./_progress.ts";
import { readRecording, readRecords } from "./_recording.ts";
import { findMachine } from "./_server_machines.ts";

/** Where records come from: a recording, or what a server has. */
export interface Source {
  /** What it is, for messages: `recording "a.ndjson"`. */
  readonly name: string;
  /** Read all records in order, or those of one machine at least. */
  records(instance?: string): AsyncIterable<TelemetryRecord[]>;
  /** Find a machine as {@linkcode findInstance} does, where that needs no look at all records. */
  find?(text: string): Promise<string>;
}

/** A record with its machine as it is after it; the view goes on with the next record. */
export type Visit = (record: TelemetryRecord, view: MachineView) => void | false;

/** Options of the commands that read a source. */
export interface SourceOptions extends GlobalOptions {
  /** Path of a recording. */
  readonly file?: string;
}

/** Open what the options name: a recording, or else the server. */
export function openSource(options: SourceOptions, context: CommandContext, title = "Reading"): Source {
  return options.file === undefined ? openServer(options, context, title) : openFile(options.file, context, title);
}

function openFile(file: string, context: CommandContext, title: string): Source {
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
      if (cuts === 1) await context.err.write(`am: ${cleanText(name)}: the last line is cut off, and left out\n`);
    },
  };
}

/** A server gives what it has as a recording, which says how long it is. */
function openServer(options: GlobalOptions, context: CommandContext, title: string): Source {
  const client = new Client(options, context);
  const name = `what ${client.url.href} has`;
  return {
    name,
    find: async (text) => (await findMachine(client, text)).instance,
    async *records(instance) {
      using progress = startProgress(title, context.err);
      const query = new URLSearchParams(instance === undefined ? {} : { machine: instance });
      const response = await client.get(`v1/recording?${query}`);
      const total = Number(response.headers.get("x-total-records") ?? 0);
      let done = 0;
      if (response.body === null) return;
      for await (const batch of readRecords(response.body, name, { signal: context.signal })) {
        progress.report(done += batch.length, total);
        yield batch;
      }
    },
  };
}

/**
 * Visit all records of a source with their machines.
 *
 * @param source The source.
 * @param visit Called for each record; `false` ends the visit.
 * @param instance The machine that is wanted; those of others may come, too. All by default.
 * @returns The machines at the end.
 */
export async function visitRecords(source: Source, visit: Visit, instance?: string): Promise<MachineViews> {
  const views = new MachineViews();
  for await (const batch of source.records(instance)) {
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
  if (source.find !== undefined) return await source.find(text);
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
