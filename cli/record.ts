import { Command } from "@cliffy/command";
import type { GapRecord, TelemetryRecord } from "../telemetry/mod.ts";
import { Client } from "./_client.ts";
import type { CommandContext, GlobalOptions } from "./_context.ts";
import { followEvents, readEventRecord, readStreamGap, type StreamPart } from "./_events.ts";
import { CommandFailure } from "./_exit_codes.ts";
import { formatCountOf } from "./_format.ts";
import { LiveMachines } from "./_live_machines.ts";
import { printLines } from "./_print.ts";
import { type Progress, startProgress } from "./_progress.ts";
import { readRecords } from "./_recording.ts";
import { RecordingFile } from "./_recording_file.ts";

/** Options of the command. */
interface RecordOptions extends GlobalOptions {
  readonly out: string;
  readonly machine?: string;
  readonly gzip?: true | undefined;
  readonly force?: true | undefined;
  readonly follow: boolean;
}

/** The command `am record`. */
// deno-lint-ignore no-explicit-any -- Cliffy's type of a command whose options do not matter
export function createRecordCommand(context: CommandContext): Command<any> {
  return new Command<GlobalOptions>()
    .description("Record what a server has, and what comes.")
    .option("-o, --out <path:file>", "Where to.", { required: true })
    .option("--machine <id:string>", "Only this machine, by id or instance.")
    .option("--gzip", "Pack it.")
    .option("--force", "Replace a file that is there.")
    .option("--no-follow", "End behind what there is now.")
    .action((options) => record(options, context));
}

/** Record until Ctrl-C, which leaves a complete file. */
async function record(options: RecordOptions, context: CommandContext): Promise<void> {
  const client = new Client(options, context);
  const query = new URLSearchParams(options.machine === undefined ? {} : { machine: options.machine });
  const response = await client.get(storedPath(query));
  const file = await RecordingFile.create(options.out, {
    isPacked: options.gzip ?? false,
    isForced: options.force ?? false,
  });
  const recorder = new Recorder(client, file);
  try {
    await recorder.takeStored(response, context);
    if (options.follow) await recorder.follow(query, response.headers.get("x-last-event") ?? "0", context);
  } catch (error) {
    if (!context.signal.aborted) {
      await file.discard();
      throw error;
    }
  }
  await file.close();
  await printLines(context, [`Recorded ${recorder.describe()}: ${options.out}`]);
}

/** Writes the records of a server, each once. */
class Recorder {
  readonly #client: Client;
  readonly #file: RecordingFile;
  readonly #machines: LiveMachines;
  #records: number;
  #gaps: number;
  /** Whether records come again that are written already. */
  #isAgain: boolean;

  constructor(client: Client, file: RecordingFile) {
    this.#client = client;
    this.#file = file;
    this.#machines = new LiveMachines(client);
    this.#records = 0;
    this.#gaps = 0;
    this.#isAgain = false;
  }

  /** Say what was recorded. */
  describe(): string {
    const what = `${formatCountOf(this.#records, "record")} of ${formatCountOf(this.#machines.count, "machine")}`;
    return this.#gaps === 0 ? what : `${what}, with ${formatCountOf(this.#gaps, "gap")}`;
  }

  /** Write what the server has. */
  async takeStored(response: Response, { err, signal }: Pick<CommandContext, "err" | "signal">): Promise<void> {
    if (response.body === null) return;
    using progress = startProgress("Recording", err);
    const total = Number(response.headers.get("x-total-records") ?? 0);
    for await (const batch of readRecords(response.body, `what ${this.#client.url.href} has`, { signal })) {
      await this.#take(batch);
      progress.report(this.#records, total);
    }
  }

  /** Write what comes. */
  async follow(query: URLSearchParams, after: string, { err, signal }: CommandContext): Promise<void> {
    using progress = startProgress("Recording", err);
    const all = new URLSearchParams([...query, ["checks", "true"]]);
    for (let place: string | undefined = after; place !== undefined;) {
      const parts = followEvents(this.#client, { query: all, after: place, wasReached: true, signal });
      place = undefined;
      for await (const part of parts) {
        place = await this.#takePart(part, query, { err, signal }, progress);
        if (place !== undefined) break;
      }
    }
  }

  /** Returns the place from which to follow anew, if that is another one. */
  async #takePart(
    part: StreamPart,
    query: URLSearchParams,
    context: Pick<CommandContext, "err" | "signal">,
    progress: Progress,
  ): Promise<string | undefined> {
    if (part.kind !== "events") {
      progress.tell(part.kind === "lost" ? "waits: the connection is lost" : this.describe());
      return undefined;
    }
    let batch: TelemetryRecord[] = [];
    for (const { type, data } of part.events) {
      const record = type === "message" ? readEventRecord(data) : undefined;
      if (record !== undefined) batch.push(record);
      if (type !== "gap") continue;
      await this.#take(batch);
      batch = [];
      this.#gaps++;
      if (readStreamGap(data).reason === "epoch") this.#machines.restart();
      else {
        const place = await this.#takeStoredAgain(query, context);
        if (place !== undefined) return place;
      }
    }
    await this.#take(batch);
    progress.tell(this.describe());
    return undefined;
  }

  /**
   * Behind what the server dropped the stream does not say where machines stand; what it has as a recording does.
   *
   * @returns The place behind it; `undefined` when it cannot be had now.
   */
  async #takeStoredAgain(
    query: URLSearchParams,
    context: Pick<CommandContext, "err" | "signal">,
  ): Promise<string | undefined> {
    this.#isAgain = true;
    try {
      const response = await this.#client.get(storedPath(query));
      await this.takeStored(response, context);
      return response.headers.get("x-last-event") ?? undefined;
    } catch (error) {
      if (error instanceof CommandFailure) return undefined;
      throw error;
    }
  }

  async #take(records: readonly TelemetryRecord[]): Promise<void> {
    let text = "";
    for (const record of records) {
      const before = this.#machines.lastSeqOf(record.instance);
      if (this.#isAgain && record.seq <= before) continue;
      const applied = this.#machines.apply(record);
      if (applied === undefined) continue;
      if (record.kind !== "gap" && before > 0 && record.seq > before + 1) {
        text += `${JSON.stringify(gapBefore(record, before + 1))}\n`; // what the server dropped before it came here
        this.#records++;
      }
      text += `${JSON.stringify(applied.record)}\n`;
      this.#records++;
    }
    if (text !== "") await this.#file.write(text);
  }
}

function storedPath(query: URLSearchParams): string {
  return `v1/recording?${query}`;
}

function gapBefore({ v, instance, seq, at }: TelemetryRecord, from: number): GapRecord {
  return { v, kind: "gap", instance, seq: seq - 1, at, from, count: seq - from };
}
