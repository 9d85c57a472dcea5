/**
 * What exporters send, seen from the other end: every record is held against `schema.json` and `parseRecord()`.
 *
 * @module
 */
import { parseRecord, type TelemetryRecord } from "@asyncmachine/asyncmachine/telemetry";
import { assert } from "@std/assert";
import { Ajv2020 } from "ajv/dist/2020.js";
import schema from "../../telemetry/schema.json" with { type: "json" };

/** Tell whether a value is a record, as `schema.json` says. */
export const isRecord = new Ajv2020({ strict: true }).compile(schema);

/** A request as it came in. */
export interface SeenRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the server is to answer next: a status, or nothing at all. */
export type Answer = number | "hang" | "refuse" | Response;

/** A server in the same process: `fetch` of it goes into the options of an exporter. */
export class Wire {
  readonly requests: SeenRequest[] = [];
  /** Records of the requests that were accepted, in order. */
  readonly records: TelemetryRecord[] = [];
  /** Answers to come; 200 when there is none left. */
  readonly answers: Answer[] = [];
  epoch = "first";
  unknown: string[] = [];
  refused: { index: number; error: string }[] = [];

  readonly fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const body = new TextDecoder().decode(init.body as Uint8Array);
    const headers = init.headers as Record<string, string>;
    this.requests.push({ url, headers, body });
    const answer = this.answers.shift() ?? 200;
    if (answer === "refuse") throw new TypeError("connection refused");
    if (answer === "hang") return await rejectOnAbort(init.signal!);
    if (answer instanceof Response) return answer;
    if (answer !== 200) return new Response("no", { status: answer });
    this.records.push(...readRecords(body));
    const { epoch, unknown, refused } = this;
    this.unknown = [];
    this.refused = [];
    return Response.json({ epoch, accepted: 1, duplicates: 0, refused, unknown });
  };

  /** The records of one kind. */
  of<Kind extends TelemetryRecord["kind"]>(kind: Kind): Extract<TelemetryRecord, { kind: Kind }>[] {
    return this.records.filter((record) => record.kind === kind) as Extract<TelemetryRecord, { kind: Kind }>[];
  }
}

/** Read a body, and hold each record against both validators. */
export function readRecords(body: string): TelemetryRecord[] {
  assert(body.endsWith("\n"), "A body ends with a line break");
  return body.slice(0, -1).split("\n").map((line) => {
    const value = JSON.parse(line);
    assert(isRecord(value), `Not a record by schema.json: ${line}\n${JSON.stringify(isRecord.errors)}`);
    return parseRecord(value);
  });
}

/** Check that the numbers of each instance are 1, 2, 3 … without holes, gaps counted as what they stand for. */
export function assertContiguous(records: readonly TelemetryRecord[]): void {
  const next = new Map<string, number>();
  for (const record of records) {
    const expected = next.get(record.instance) ?? 1;
    const from = record.kind === "gap" ? record.from : record.seq;
    assert(from === expected, `Expected number ${expected} of ${record.instance}: ${JSON.stringify(record)}`);
    next.set(record.instance, record.seq + 1);
  }
}

/** Let what is on its way arrive. */
export async function turn(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setTimeout(resolve, 0));
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}
