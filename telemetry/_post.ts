/** Where batches go, and how. */
export interface PostOptions {
  /** The whole address. */
  readonly address: string;
  readonly token: string | undefined;
  readonly fetch: (input: string, init: RequestInit) => Promise<Response>;
  /** Whether a small batch may be on its way while the page is left. */
  readonly keepalive: boolean;
}

/** The server's answer to a batch. */
export interface IngestAnswer {
  /** Name of what the server keeps: another one means that it has forgotten what it had. */
  readonly epoch: string;
  /** Instances whose machine record it does not have. */
  readonly unknown: readonly string[];
  /** Records that it did not take. */
  readonly refused: readonly { readonly index: number; readonly error: string }[];
}

/** What came of a request. */
export type Outcome =
  | { readonly kind: "accepted"; readonly answer: IngestAnswer }
  | {
    readonly kind: "failed";
    readonly status: number | null;
    readonly cause: unknown;
    readonly retryAfterMs: number | null;
  }
  | { readonly kind: "too-large" }
  | { readonly kind: "denied"; readonly status: number; readonly reason: string };

/** Statuses that no repetition changes. */
const DENIALS: ReadonlyMap<number, string> = new Map([
  [400, "it cannot read the batch"],
  [401, "the token is missing or wrong"],
  [403, "the token permits no ingest, or the server is not to be called like that"],
  [415, "it takes no records of this type"],
]);

/** Bytes that browsers send after a page is left. */
const MAX_KEEPALIVE_BYTES = 60_000;

/** Longest text of an answer that is looked at. */
const MAX_ANSWER_CHARACTERS = 8_000_000;

/**
 * Post a batch, once.
 *
 * @param lines Lines of JSON.
 * @param signal Ends the request. Never rejects: an abort is a failure like others.
 */
export async function postBatch(options: PostOptions, lines: readonly string[], signal: AbortSignal): Promise<Outcome> {
  try {
    const response = await options.fetch(options.address, requestOf(options, lines, signal));
    const { status } = response;
    if (status === 200) return { kind: "accepted", answer: readAnswer(await response.text()) };
    await response.body?.cancel();
    const reason = DENIALS.get(status);
    if (reason !== undefined) return { kind: "denied", status, reason };
    if (status === 413) return { kind: "too-large" };
    const retryAfterMs = readRetryAfter(response.headers.get("retry-after"));
    return { kind: "failed", status, cause: undefined, retryAfterMs };
  } catch (cause) {
    return { kind: "failed", status: null, cause, retryAfterMs: null };
  }
}

function requestOf({ token, keepalive }: PostOptions, lines: readonly string[], signal: AbortSignal): RequestInit {
  const body = new TextEncoder().encode(`${lines.join("\n")}\n`);
  const headers: Record<string, string> = { "content-type": "application/x-ndjson" };
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  return {
    method: "POST",
    headers,
    body,
    signal,
    redirect: "error", // the token is for this server alone
    credentials: "omit",
    cache: "no-store",
    referrerPolicy: "no-referrer",
    ...(keepalive && body.length <= MAX_KEEPALIVE_BYTES && { keepalive }),
  };
}

/** Throws when it is none: then something else answers at this address. */
function readAnswer(text: string): IngestAnswer {
  if (text.length > MAX_ANSWER_CHARACTERS) throw new TypeError("The answer is too long");
  const { epoch, unknown = [], refused = [] } = JSON.parse(text);
  const isAnswer = typeof epoch === "string" && Array.isArray(unknown) && Array.isArray(refused);
  if (!isAnswer) throw new TypeError("The answer is not one of a telemetry server");
  return { epoch, unknown, refused };
}

/** Seconds, or a date. */
function readRetryAfter(text: string | null): number | null {
  if (text === null || text.trim() === "") return null;
  const ms = /^\s*\d+\s*$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}
