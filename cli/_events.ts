/**
 * Follows the live stream of a server, over connections that break.
 *
 * @module
 */
import { abortable, delay } from "@std/async";
import { parseRecord, ProtocolError, type TelemetryRecord } from "../telemetry/mod.ts";
import type { Client } from "./_client.ts";
import { CommandFailure, UNREACHABLE } from "./_exit_codes.ts";

/** An event of the stream. */
export interface ServerEvent {
  /** Its type; `message` if it has none. */
  readonly type: string;
  /** Its data. */
  readonly data: string;
}

/** What becomes of the stream, in order. */
export type StreamPart =
  /** Events that came. */
  | { readonly kind: "events"; readonly events: readonly ServerEvent[] }
  /** A connection is there, the first or another one. */
  | { readonly kind: "connected" }
  /** The connection broke; it is tried again. */
  | { readonly kind: "lost" };

/** How a stream is followed. */
export interface FollowOptions {
  /** The filters, as the server has them in its query. */
  readonly query: URLSearchParams;
  /** The id of the event behind which to begin. */
  readonly after?: string | undefined;
  /** Whether the server was there already, so that the first connection is tried again like any other. */
  readonly wasReached?: boolean | undefined;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** The first delay before a broken connection is tried again; it doubles each time. */
const MIN_DELAY_MS = 250;

/** The longest delay. */
const MAX_DELAY_MS = 10_000;

/** The server says a word every 15 s at least, unless it is told otherwise: after this it is gone. */
const SILENCE_MS = 60_000;

/** The longest event that is read. */
const MAX_EVENT_LENGTH = 32 * 1024 * 1024;

/**
 * Follow the stream until the server ends it, which it does if the query has `follow=false`, or until the signal does.
 * Each connection but the first begins behind the last event of the one before.
 *
 * @param client The server.
 * @param options What is wanted of it.
 * @returns What comes.
 *
 * @throws {CommandFailure} when the first connection cannot be made, or the server refuses.
 */
export async function* followEvents(client: Client, options: FollowOptions): AsyncGenerator<StreamPart> {
  const { query, signal } = options;
  let lastId = options.after;
  let failures = 0, wasReached = options.wasReached ?? false;
  for (;;) {
    try {
      const response = await connect(client, query, lastId);
      wasReached = true;
      yield { kind: "connected" };
      const parser = new EventParser();
      for await (const text of readTexts(response, signal)) {
        failures = 0;
        const events = parser.push(text);
        lastId = parser.lastId ?? lastId;
        if (events.length > 0) yield { kind: "events", events };
        if (events.at(-1)?.type === "end") return;
        if (events.at(-1)?.type === "bye") break;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!wasReached || error instanceof RefusedError || !isConnectionError(error)) {
        throw error instanceof RefusedError ? error.failure : error;
      }
    }
    if (failures === 0) yield { kind: "lost" };
    const delayMs = Math.min(MAX_DELAY_MS, MIN_DELAY_MS * 2 ** failures++);
    await delay(delayMs * (1 - Math.random() / 4), { signal }); // so that not all come at once
  }
}

/** Reads events out of the text of a stream, wherever it is cut. */
export class EventParser {
  /** The last id that was said; `undefined` as long as none was. */
  lastId: string | undefined;
  #rest: string;

  /** Begin with nothing. */
  constructor() {
    this.lastId = undefined;
    this.#rest = "";
  }

  /**
   * Go on.
   *
   * @param text What came.
   * @returns The events that are whole now. An id that stands alone is taken, and is no event.
   *
   * @throws {TypeError} when an event has no end.
   */
  push(text: string): ServerEvent[] {
    const blocks = (this.#rest + text).replaceAll("\r\n", "\n").split("\n\n");
    this.#rest = blocks.pop()!;
    if (this.#rest.length > MAX_EVENT_LENGTH) throw new TypeError("Cannot read an event: it has no end");
    const events: ServerEvent[] = [];
    for (const block of blocks) {
      const event = this.#read(block);
      if (event !== undefined) events.push(event);
    }
    return events;
  }

  #read(block: string): ServerEvent | undefined {
    let type = "message", data: string | undefined;
    for (const line of block.split("\n")) {
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
      if (field === "data") data = data === undefined ? value : `${data}\n${value}`;
      else if (field === "event") type = value;
      else if (field === "id" && !value.includes("\0")) this.lastId = value;
    }
    return data === undefined ? undefined : { type, data };
  }
}

/** Read the data of an event that is a record; `undefined` if it is none. */
export function readEventRecord(data: string): TelemetryRecord | undefined {
  try {
    return parseRecord(JSON.parse(data));
  } catch (error) {
    if (error instanceof ProtocolError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * Read the data of a `gap` event.
 *
 * @returns Why the stream has one: the server has another memory, or dropped `count` events.
 */
export function readStreamGap(data: string): { readonly reason: "epoch" | "dropped"; readonly count: number } {
  try {
    const { reason, count } = JSON.parse(data);
    if (reason === "dropped" && Number.isSafeInteger(count)) return { reason, count };
  } catch {
    // What cannot be read says at least that something is missing.
  }
  return { reason: "epoch", count: 0 };
}

/** The server is there, and says no. */
class RefusedError extends Error {
  readonly failure: CommandFailure;

  constructor(failure: CommandFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

async function connect(client: Client, query: URLSearchParams, lastId: string | undefined): Promise<Response> {
  const headers = { accept: "text/event-stream", ...(lastId !== undefined && { "last-event-id": lastId }) };
  const response = await client.request(`v1/events?${query}`, { headers });
  const { status } = response;
  if (!response.ok) {
    const failure = await client.refusal(response);
    throw status === 429 || status >= 500 ? failure : new RefusedError(failure);
  }
  if (response.headers.get("content-type")?.startsWith("text/event-stream")) return response;
  await response.body?.cancel();
  const advice = "it sends no events: see that --url is the address of a telemetry server";
  throw new RefusedError(new CommandFailure(`Cannot read from ${client.url.href}: ${advice}`, UNREACHABLE));
}

/** A failed request, and what breaks in the midst of an answer. */
function isConnectionError(error: unknown): boolean {
  return error instanceof TypeError || error instanceof CommandFailure || error instanceof SilenceError;
}

/** Nothing came for so long that nothing will. */
class SilenceError extends Error {}

/** Reads the texts of an answer; bytes that are no UTF-8 become U+FFFD. */
async function* readTexts({ body }: Response, signal: AbortSignal): AsyncGenerator<string> {
  if (body === null) return;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await readInTime(reader, signal);
      if (done) return;
      yield decoder.decode(value, { stream: true });
    }
  } finally {
    reader.cancel().catch(() => {}); // it may have failed already
  }
}

async function readInTime(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  signal: AbortSignal,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SilenceError("Nothing came for too long")), SILENCE_MS);
  });
  try {
    return await abortable(Promise.race([reader.read(), silence]), signal);
  } finally {
    clearTimeout(timer);
  }
}
