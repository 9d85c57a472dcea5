/**
 * Reads the bodies of requests under limits that hold before anything is parsed: bytes as they come, bytes unpacked, and
 * the time that they take.
 *
 * @module
 */
import { HttpError } from "./_http_error.ts";

/** Limits of a body. */
export interface BodyLimits {
  /** Bytes at most, as they come and unpacked. */
  readonly maxBytes: number;
  /** Milliseconds in which it has to come; for each {@linkcode PROGRESS_BYTES} of it, if it has more. */
  readonly timeoutMs: number;
}

/** The type of bodies with a record a line. */
export const NDJSON = "application/x-ndjson";

/**
 * Bytes for which a body gets its time once more. Any byte now and then would let whoever sends them keep others out for
 * ever.
 */
export const PROGRESS_BYTES = 262_144;

/** Bytes that are unpacked at once: what comes of them, a thousand times as much at most, is in memory before it is counted. */
const UNPACK_BYTES = 4_096;

/**
 * Read a body of records piece by piece, unpacked if it comes packed.
 *
 * @param request Whose.
 * @param limits What it may have.
 * @returns The bytes.
 *
 * @throws {HttpError} 415 for another type or encoding, 413 or 408 when a limit is reached, 400 when it breaks off or
 * cannot be unpacked. All but the first come while it is read.
 */
export function readBody(request: Request, limits: BodyLimits): AsyncIterable<Uint8Array> {
  const type = (request.headers.get("content-type") ?? "").replace(/;.*/, "").trim().toLowerCase();
  if (type !== NDJSON) {
    throw new HttpError(415, "unsupported_type", `The body has to be ${NDJSON}, one record a line`);
  }
  const encoding = request.headers.get("content-encoding")?.trim().toLowerCase() ?? "identity";
  if (encoding !== "identity" && encoding !== "gzip") {
    throw new HttpError(415, "unsupported_encoding", "The body has to be plain, or packed with gzip");
  }
  if (request.body === null) return (async function* () {})();
  const plain = readChunks(request.body, limits, "read");
  return encoding === "identity" ? plain : readChunks(unpack(plain), limits, "unpack");
}

/** Read a whole body as text. */
export async function readText(request: Request, limits: BodyLimits): Promise<string> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of readBody(request, limits)) chunks.push(chunk);
    return decodeStrictly(concat(chunks));
  } catch (error) {
    throw asBadBody(error, "read");
  }
}

/** Split a body into lines without their ends; one that has no end within `maxLength` characters is refused. */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, maxLength: number): AsyncGenerator<string[]> {
  const decoder = newDecoder();
  let rest = "";
  try {
    for await (const chunk of chunks) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop()!;
      if (rest.length > maxLength) {
        throw new HttpError(413, "too_large", `A line has more than ${maxLength} characters`);
      }
      if (lines.length > 0) yield lines;
    }
    rest += decoder.decode();
    if (rest !== "") yield [rest];
  } catch (error) {
    throw asBadBody(error, "read");
  }
}

/** A decoder that mends is several times as fast; text without its mark was not mended. */
function decodeStrictly(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  return text.includes("\ufffd") ? newDecoder().decode(bytes) : text;
}

/** Text that is no UTF-8 is refused, not mended: a mended line would say something else. */
function newDecoder(): TextDecoder {
  return new TextDecoder("utf-8", { fatal: true });
}

async function* readChunks(
  body: ReadableStream<Uint8Array>,
  { maxBytes, timeoutMs }: BodyLimits,
  action: "read" | "unpack",
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  let size = 0, progress = 0, waitedMs = 0;
  try {
    for (;;) {
      const start = performance.now();
      const { done, value } = await withTimeout(reader.read(), timeoutMs - waitedMs, timeoutMs);
      if (done) return;
      waitedMs += performance.now() - start; // what the server does with it is not the sender's time
      size += value.byteLength;
      progress += value.byteLength;
      if (progress >= PROGRESS_BYTES) progress = waitedMs = 0;
      if (size > maxBytes) throw new HttpError(413, "too_large", `The body has more than ${maxBytes} bytes`);
      yield value;
    }
  } catch (error) {
    throw asBadBody(error, action);
  } finally {
    reader.cancel().catch(() => {}); // it may have failed already, and its error is told above
  }
}

/** Unpacks as it is read, and reads no further than that: a bomb does not go off. */
function unpack(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  const pieces = cut(chunks, UNPACK_BYTES);
  const packed = new ReadableStream<BufferSource>({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(value as Uint8Array<ArrayBuffer>);
    },
    async cancel() {
      await pieces.return(undefined);
    },
  }, { highWaterMark: 0 });
  return packed.pipeThrough(new DecompressionStream("gzip"));
}

async function* cut(chunks: AsyncGenerator<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.byteLength; start += bytes) yield chunk.subarray(start, start + bytes);
  }
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let end = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, end);
    end += chunk.byteLength;
  }
  return bytes;
}

/** @param leftMs What is left of `timeoutMs`. */
async function withTimeout<Value>(promise: Promise<Value>, leftMs: number, timeoutMs: number): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    const late = () => reject(new HttpError(408, "too_slow", `Too little of the body came within ${timeoutMs} ms`));
    timer = setTimeout(late, leftMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function asBadBody(error: unknown, action: string): HttpError {
  if (error instanceof HttpError) return error;
  return new HttpError(400, "bad_body", `Cannot ${action} the body`, { cause: error });
}
