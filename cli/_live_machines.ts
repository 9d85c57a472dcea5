import { type MachineRecord, parseRecord, ProtocolError, type TelemetryRecord } from "../telemetry/mod.ts";
import type { Client } from "./_client.ts";
import { CommandFailure } from "./_exit_codes.ts";
import { type MachineView, MachineViews } from "./_machine_view.ts";

/** What the server tells of a machine, as far as it is needed here. */
interface Detail {
  readonly record: MachineRecord;
  readonly ticks: readonly number[];
}

/** Machines that are asked for at the same time. */
const CONCURRENCY = 8;

/** The machines of a live stream: whoever comes in the midst of it asks who they are. */
export class LiveMachines {
  readonly #client: Client;
  /** Those that the server does not know either: their machine record is still to come. */
  readonly #unknown: Set<string>;
  #views: MachineViews;
  #lastSeqs: Map<string, number>;
  /** The numbers of the stream before, while what it told may come again. */
  #toldSeqs: ReadonlyMap<string, number>;

  /** Begin without machines. */
  constructor(client: Client) {
    this.#client = client;
    this.#unknown = new Set();
    this.#views = new MachineViews();
    this.#lastSeqs = new Map();
    this.#toldSeqs = new Map();
  }

  /** How many there are. */
  get count(): number {
    return new Set([...this.#lastSeqs.keys(), ...this.#toldSeqs.keys()]).size;
  }

  /** Number of the last record of a machine; 0 if none came. */
  lastSeqOf(instance: string): number {
    return Math.max(this.#lastSeqs.get(instance) ?? 0, this.#toldSeqs.get(instance) ?? 0);
  }

  /** Ask who the machines are of which the first records are to be taken in. */
  async meet(records: readonly TelemetryRecord[]): Promise<void> {
    const strangers = new Set<string>();
    for (const { kind, instance } of records) {
      if (kind === "machine" || this.#views.get(instance)?.machine !== undefined) continue;
      if (!this.#unknown.has(instance)) strangers.add(instance);
    }
    const waiting = [...strangers];
    const work = async () => {
      for (let instance = waiting.pop(); instance !== undefined; instance = waiting.pop()) await this.#ask(instance);
    };
    await Promise.all(Array.from({ length: Math.min(CONCURRENCY, waiting.length) }, work));
  }

  /**
   * Take in a record.
   *
   * @returns The record, of a gap only what was not told before, with its machine after it; `undefined` if it was told.
   */
  apply(record: TelemetryRecord): { readonly record: TelemetryRecord; readonly view: MachineView } | undefined {
    const { instance, seq } = record;
    const told = this.#toldSeqs.get(instance) ?? 0;
    if (seq <= told) return undefined;
    this.#lastSeqs.set(instance, Math.max(seq, this.#lastSeqs.get(instance) ?? 0));
    const from = record.kind === "gap" ? Math.max(record.from, told + 1) : 0;
    const rest = record.kind === "gap" && from > record.from ? { ...record, from, count: seq - from + 1 } : record;
    return { record: rest, view: this.#views.apply(rest) };
  }

  /**
   * The stream begins anew: its server has another memory. Exporters send again what that one did not acknowledge: what
   * came of it before is not told twice.
   */
  restart(): void {
    for (const [instance, seq] of this.#toldSeqs) {
      if (!this.#lastSeqs.has(instance)) this.#lastSeqs.set(instance, seq);
    }
    this.#toldSeqs = this.#lastSeqs;
    this.#lastSeqs = new Map();
    this.forget();
  }

  /** A part of the stream is lost: what is known of the machines is old. */
  forget(): void {
    this.#views = new MachineViews();
    this.#unknown.clear();
  }

  /** What is not known is shown by its numbers. */
  async #ask(instance: string): Promise<void> {
    try {
      const detail = await this.#client.find<Detail>(`v1/machines/${encodeURIComponent(instance)}`);
      if (detail === undefined) this.#unknown.add(instance);
      else this.#views.meet(parseRecord({ ...detail.record, instance, ticks: detail.ticks }) as MachineRecord);
    } catch (error) {
      // The stream notices that the server is gone, and says so.
      if (!(error instanceof CommandFailure || error instanceof ProtocolError)) throw error;
    }
  }
}
