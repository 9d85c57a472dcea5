/**
 * From lines to stored events: each line on its own, so that one that is bad keeps none of the others out.
 *
 * @module
 */
import type { Feed } from "./_feed.ts";
import type { EventMachine } from "./_filter.ts";
import type { AppendOptions, Incoming, Store } from "./_store.ts";
import { parseRecord, ProtocolError } from "./protocol.ts";

/**
 * A record that was refused.
 *
 * @example Usage
 * ```ts
 * import { createServer, type RefusedRecord } from "@asyncmachine/asyncmachine/telemetry/server";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = createServer();
 * const lines = '{ "v": 1, "kind": "dispose", "instance": "k3", "seq": 1, "at": 0 }\n{ "v": 1 }\n';
 * const refused: readonly RefusedRecord[] = server.ingest(lines).refused;
 * assertEquals(refused.map(({ index }) => index), [1]);
 * ```
 */
export interface RefusedRecord {
  /** The number of its line in the batch, from 0. */
  readonly index: number;
  /** Why. */
  readonly error: string;
}

/**
 * What became of a batch of records.
 *
 * @example Usage
 * ```ts
 * import { createServer, type IngestResult } from "@asyncmachine/asyncmachine/telemetry/server";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = createServer();
 * const record = { v: 1, kind: "dispose", instance: "k3", seq: 1, at: Date.now() } as const;
 * const first: IngestResult = server.ingest([record]);
 * const again: IngestResult = server.ingest([record]);
 * assertEquals([first.accepted, again.accepted, again.duplicates], [1, 0, 1]);
 * assertEquals(first.unknown, ["k3"]); // its machine record has not come
 * ```
 */
export interface IngestResult {
  /** Random name of the numbering of events: another one means that the server knows nothing of what came before. */
  readonly epoch: string;
  /** How many records were taken in. */
  readonly accepted: number;
  /** How many the server had already. */
  readonly duplicates: number;
  /** The first 100 records that were refused. */
  readonly refused: readonly RefusedRecord[];
  /** How many were refused. */
  readonly refusedCount: number;
  /** Instances whose machine record the server does not have: send it again. */
  readonly unknown: readonly string[];
}

/**
 * The longest line that is taken, in bytes: a machine of some thousand states fits in, and an event that waits for a reader
 * stays below 1 MB.
 */
export const MAX_LINE_BYTES = 900_000;

/** How deep a record may be nested: a field that a later version adds is kept as it is, but whoever writes it recurses. */
export const MAX_LINE_DEPTH = 1_000;

const encoder = new TextEncoder();

/** How many refusals an answer lists. */
const MAX_REFUSED = 100;

/** What {@linkcode ingestLines} puts records into. */
export interface IngestTarget {
  readonly store: Store;
  readonly feed: Feed;
}

/** Take in lines, and tell the live readers. */
export function ingestLines(
  { store, feed }: IngestTarget,
  lines: Iterable<string>,
  options?: AppendOptions,
): IngestResult {
  const batch = new BatchReader(lines);
  const first = store.lastEvent + 1;
  const isWanted = (machine: EventMachine): boolean => feed.isWanted(machine);
  const { events, duplicates, unknown, dropped } = store.append(batch, Date.now(), { ...options, isWanted });
  feed.publish({ first, last: store.lastEvent }, events, dropped);
  const { accepted, refused, refusedCount } = batch;
  // V8 may come to make this list in its old space, and there it would keep thousands of dead records alive, each of
  // which is copied twice: a third of all time.
  events.length = 0;
  return { epoch: store.epoch, accepted: accepted - duplicates, duplicates, refused, refusedCount, unknown };
}

/** Makes records of lines one by one, as the store takes them: those that nobody keeps die young, which costs nothing. */
class BatchReader implements Iterable<Incoming> {
  /** Records that were read. */
  accepted = 0;
  /** The first records that were refused. */
  readonly refused: RefusedRecord[] = [];
  /** How many were refused. */
  refusedCount = 0;
  readonly #lines: Iterable<string>;

  constructor(lines: Iterable<string>) {
    this.#lines = lines;
  }

  *[Symbol.iterator](): Generator<Incoming, void> {
    let index = 0;
    for (const line of this.#lines) {
      const incoming = readLine(line);
      if (typeof incoming === "string") this.#refuse({ index, error: incoming });
      else if (incoming !== undefined) {
        this.accepted++;
        yield incoming;
      }
      index++;
    }
  }

  #refuse(record: RefusedRecord): void {
    this.refusedCount++;
    if (this.refused.length < MAX_REFUSED) this.refused.push(record);
  }
}

/** The record of a line; why there is none; or `undefined` for an empty line. */
function readLine(line: string): Incoming | string | undefined {
  if (isTooLong(line)) return `Cannot read record: it has more than ${MAX_LINE_BYTES} bytes`;
  try {
    const text = line.trim();
    if (text === "") return undefined;
    const record = parseRecord(JSON.parse(text));
    if (text.length > 2 * MAX_LINE_DEPTH && isTooDeep(record)) {
      return `Cannot read record: it is nested more than ${MAX_LINE_DEPTH} deep`;
    }
    // A carriage return may stand between the parts of JSON, and would end a line of the event stream.
    return { record, line: text.includes("\r") ? JSON.stringify(record) : text };
  } catch (error) {
    if (error instanceof ProtocolError) return error.message;
    if (error instanceof SyntaxError || error instanceof RangeError) return "Cannot read record: it is not JSON";
    throw error;
  }
}

/** A character takes 3 bytes at most, or 4 for a pair; most lines are too short to count. */
function isTooLong(line: string): boolean {
  return line.length > MAX_LINE_BYTES / 3 && encoder.encode(line).byteLength > MAX_LINE_BYTES;
}

/** Without recursion, level by level. */
function isTooDeep(record: object): boolean {
  let level: object[] = [record];
  for (let depth = 1; depth <= MAX_LINE_DEPTH; depth++) {
    const next: object[] = [];
    for (const outer of level) {
      for (const inner of Object.values(outer)) if (typeof inner === "object" && inner !== null) next.push(inner);
    }
    if (next.length === 0) return false;
    level = next;
  }
  return true;
}
