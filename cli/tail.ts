import { Command, EnumType } from "@cliffy/command";
import { LOG_LEVELS, type TelemetryRecord } from "../telemetry/mod.ts";
import { cleanJson } from "./_clean.ts";
import { Client } from "./_client.ts";
import type { CommandContext, GlobalOptions } from "./_context.ts";
import { followEvents, readEventRecord, readStreamGap, type ServerEvent, type StreamPart } from "./_events.ts";
import { formatCount, formatCountOf, formatMutation, formatNotice, formatTail } from "./_format.ts";
import { LineWriter } from "./_line_writer.ts";
import { LiveMachines } from "./_live_machines.ts";
import { type MachineView, signOf } from "./_machine_view.ts";
import { surfaceOf } from "./_print.ts";
import { parseSince } from "./_since.ts";

/** Options of the command. */
interface TailOptions extends GlobalOptions {
  readonly machine?: string;
  readonly state?: string;
  readonly type?: "add" | "remove" | "set";
  readonly accepted?: boolean;
  readonly auto?: boolean;
  readonly checks?: true | undefined;
  readonly empty: boolean;
  readonly health: boolean;
  readonly level?: Level;
  readonly since?: string;
  readonly steps?: true | undefined;
  readonly json?: true | undefined;
  readonly follow: boolean;
}

const LEVELS = ["external", "changes", "ops", "decisions", "everything"] as const;

type Level = typeof LEVELS[number];

/** How long what is waiting to be written may take when the command ends. */
const END_MS = 1_000;

/** The command `am tail`. */
// deno-lint-ignore no-explicit-any -- Cliffy's type of a command whose options do not matter
export function createTailCommand(context: CommandContext): Command<any> {
  return new Command<GlobalOptions>()
    .description("Show transitions as they happen.")
    .type("mutation", new EnumType(["add", "remove", "set"]))
    .type("level", new EnumType(LEVELS))
    .option("--machine <id:string>", "Only this machine, by id or instance.")
    .option("--state <name:string>", "Only what calls or changes this state.")
    .option("--type <type:mutation>", "Only add, remove or set.")
    .option("--accepted <yes:boolean>", "Only accepted, or only canceled ones.")
    .option("--auto <yes:boolean>", "Only those of auto states, or only others.")
    .option("--checks", "Checks, too.")
    .option("--no-empty", "None that changes nothing.")
    .option("--no-health", "None of Healthcheck and Heartbeat alone.")
    .option("--level <level:level>", "Lines of the log, too, up to this level.")
    .option("--steps", "The steps of each transition, too.")
    .option("--since <time:string>", "Begin there: all, 5m, 2h, 10:30, a date.")
    .option("--no-follow", "End behind what there is now.")
    .option("--json", "Records as lines of JSON, whole.")
    .action((options) => tail(options, context));
}

/** Show the stream of a server until Ctrl-C. */
async function tail(options: TailOptions, context: CommandContext): Promise<void> {
  const client = new Client(options, context);
  const writer = new LineWriter(context.out);
  const signal = AbortSignal.any([context.signal, writer.signal]);
  const now = Date.now();
  const isLive = options.since === undefined && options.follow;
  const view = new Tail(options, context, {
    client,
    writer,
    since: isLive ? 0 : parseSince(options.since ?? "all", now),
  });
  try {
    const query = queryOf(options);
    for await (const part of followEvents(client, { query, after: isLive ? undefined : "0", signal })) {
      await view.take(part, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  if (!writer.signal.aborted) await view.end();
  writer.signal.throwIfAborted();
}

/** The filters, as the server has them in its query. */
function queryOf(options: TailOptions): URLSearchParams {
  const query = new URLSearchParams();
  for (const key of ["machine", "state", "type", "accepted", "auto", "checks"] as const) {
    if (options[key] !== undefined) query.set(key, `${options[key]}`);
  }
  for (const key of ["empty", "health", "follow"] as const) if (!options[key]) query.set(key, "false");
  const level = levelOf(options);
  if (level !== undefined) query.set("level", `${level}`);
  return query;
}

/** The highest level of log lines. Records are shown whole as JSON, unless a level is named. */
function levelOf({ level, json }: TailOptions): number | undefined {
  if (level === undefined) return json ? undefined : 0;
  return LOG_LEVELS.indexOf(level);
}

/** What a tail works with. */
interface TailParts {
  readonly client: Client;
  readonly writer: LineWriter;
  /** The time before which nothing is shown. */
  readonly since: number;
}

/** A tail as it goes on. */
class Tail {
  readonly #options: TailOptions;
  readonly #context: CommandContext;
  readonly #client: Client;
  readonly #writer: LineWriter;
  readonly #since: number;
  /** What is shown beside the records. */
  readonly #shown: { readonly steps: boolean; readonly level: number | undefined };
  readonly #machines: LiveMachines;
  readonly #startedAt: number;
  readonly #counts: { shown: number; leftOut: number; gaps: number; unreadable: number; connections: number };
  /** How many were left out since it was last said. */
  #leftOut: number;
  #lastGap: string | undefined;

  constructor(options: TailOptions, context: CommandContext, { client, writer, since }: TailParts) {
    this.#options = options;
    this.#context = context;
    this.#client = client;
    this.#writer = writer;
    this.#since = since;
    this.#shown = { steps: options.steps ?? false, level: levelOf(options) };
    this.#machines = new LiveMachines(client);
    this.#startedAt = performance.now();
    this.#counts = { shown: 0, leftOut: 0, gaps: 0, unreadable: 0, connections: 0 };
    this.#leftOut = 0;
    this.#lastGap = undefined;
  }

  /** Show what came. */
  async take(part: StreamPart, signal: AbortSignal): Promise<void> {
    switch (part.kind) {
      case "connected":
        this.#counts.connections++;
        if (this.#counts.connections > 1) await this.#say("connected again");
        else if (this.#options.follow) await this.#say(`following ${this.#client.url.href}, Ctrl-C ends`);
        return;
      case "lost":
        return await this.#say(`the connection to ${this.#client.url.href} is lost, trying again`);
      case "events":
        await this.#takeEvents(part.events, signal);
    }
  }

  /** Finish, and say what it was. */
  async end(): Promise<void> {
    this.#tellLeftOut();
    const isWritten = await this.#writer.flush(END_MS);
    const { shown, leftOut, gaps, unreadable, connections } = this.#counts;
    await this.#say([
      `${formatCountOf(shown, "record")} of ${formatCountOf(this.#machines.count, "machine")}`,
      `${((performance.now() - this.#startedAt) / 1_000).toFixed(1)} s`,
      ...(leftOut > 0 ? [`${formatCount(leftOut)} left out`] : []),
      ...(gaps > 0 ? [formatCountOf(gaps, "gap")] : []),
      ...(unreadable > 0 ? [`${formatCount(unreadable)} unreadable`] : []),
      ...(connections > 1 ? [formatCountOf(connections - 1, "reconnect")] : []),
      ...(isWritten ? [] : ["the last ones were not taken"]),
    ].join(", "));
  }

  async #takeEvents(events: readonly ServerEvent[], signal: AbortSignal): Promise<void> {
    for (let start = 0; start < events.length;) {
      // What is behind a gap is met behind it.
      const gap = events.findIndex(({ type }, i) => i >= start && type === "gap");
      const end = gap < 0 ? events.length : gap;
      await this.#takeRecords(events.slice(start, end), signal);
      if (gap >= 0) this.#takeGap(events[gap]!.data);
      start = end + 1;
    }
  }

  async #takeRecords(events: readonly ServerEvent[], signal: AbortSignal): Promise<void> {
    const read = events.flatMap(({ type, data }) => type === "message" ? this.#read(data) : []);
    if (read.length === 0) return;
    this.#lastGap = undefined;
    await this.#machines.meet(read.map(({ record }) => record));
    const surface = surfaceOf(this.#context, this.#options);
    for (const { record: received, data } of read) {
      const applied = this.#machines.apply(received);
      if (applied === undefined || !this.#isWanted(received)) continue;
      if (this.#writer.isFull) {
        if (this.#isLossy) {
          if (this.#leftOut++ === 0) void this.#writer.room().then(() => this.#tellLeftOut());
          continue;
        }
        await this.#writer.room();
        signal.throwIfAborted();
      }
      this.#tellLeftOut();
      const { record, view } = applied;
      this.#counts.shown++;
      if (this.#options.json) {
        this.#writer.push(formatJson(record, view, record === received ? data : JSON.stringify(record)));
      } else for (const line of formatTail(record, view, surface, this.#shown)) this.#writer.push(line);
    }
  }

  /** At a terminal there is somebody who wants to see what happens now; a program gets all, however long it takes. */
  get #isLossy(): boolean {
    return !this.#options.json && this.#context.out.columns !== undefined;
  }

  #read(data: string): { readonly record: TelemetryRecord; readonly data: string }[] {
    const record = readEventRecord(data);
    if (record !== undefined) return [{ record, data }];
    this.#counts.unreadable++;
    return [];
  }

  /** Records that say who a machine is come whatever is asked for; who asks for some transitions only wants no others. */
  #isWanted({ kind, at, receivedAt = at }: TelemetryRecord): boolean {
    if (receivedAt < this.#since) return false;
    const { state, type, accepted, auto } = this.#options;
    const isPicky = state !== undefined || type !== undefined || accepted !== undefined || auto !== undefined;
    return !isPicky || (kind !== "machine" && kind !== "dispose");
  }

  /** It is told anew to who asks for the same place again. */
  #takeGap(data: string): void {
    if (data === this.#lastGap) return;
    this.#lastGap = data;
    const { reason, count } = readStreamGap(data);
    if (reason === "epoch") this.#machines.restart();
    else this.#machines.forget();
    this.#counts.gaps++;
    const text = reason === "epoch"
      ? "the server began anew: what it had not told is lost"
      : `${formatCountOf(count, "event")} lost: the server dropped them to make room`;
    this.#note("gap", text, { kind: "gap", reason, ...(reason === "dropped" && { count }) });
  }

  #tellLeftOut(): void {
    const count = this.#leftOut;
    if (count === 0) return;
    this.#leftOut = 0;
    this.#counts.leftOut += count;
    this.#note("left out", `${formatCountOf(count, "record")}: they come faster than they are shown`, {});
  }

  #note(kind: string, text: string, json: Readonly<Record<string, unknown>>): void {
    if (this.#options.json) this.#writer.push(JSON.stringify(json));
    else this.#writer.push(formatNotice(kind, text, Date.now(), surfaceOf(this.#context, this.#options)));
  }

  async #say(text: string): Promise<void> {
    await this.#context.err.write(`am: ${text}\n`);
  }
}

/** A record as it came, with what its indexes mean behind it. */
function formatJson(record: TelemetryRecord, view: MachineView, data: string): string {
  const names = record.kind === "tx"
    ? {
      mutation: formatMutation(record, view),
      changes: view.changes.map((change) => signOf(change) + view.nameOf(change.index)),
    }
    : {};
  return cleanJson(`${data.trimEnd().slice(0, -1)},${JSON.stringify({ machine: view.id, ...names }).slice(1)}`);
}
