/**
 * Reads recordings: a record a line, gzipped or not, of any length, in bounded memory.
 *
 * @module
 */
import { parseRecord, type TelemetryRecord } from "../telemetry/mod.ts";
import { CommandFailure, UNREACHABLE, USAGE } from "./_exit_codes.ts";

/** The longest line that is read; a record with all that it may carry is far below. */
const MAX_LINE_LENGTH = 32 * 1024 * 1024;

/** Options of {@linkcode readRecording}. */
export interface ReadOptions {
  /** Ends the reading, with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Told now and then how much of how much is read, in bytes of the file. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Told when the last line is cut off, as it is when the recording broke off: it is left out. */
  readonly onCut?: (() => void) | undefined;
}

/**
 * Read a recording.
 *
 * @param path Path of the file.
 * @param options What is told meanwhile.
 * @returns Records in batches, in the order of the file.
 *
 * @throws {CommandFailure} when the file cannot be read, or a line is no record.
 */
export async function* readRecording(path: string, options: ReadOptions = {}): AsyncGenerator<TelemetryRecord[]> {
  const file = await openRecording(path);
  const total = (await file.stat()).size;
  let done = 0;
  const counted = file.readable.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        done += chunk.length;
        controller.enqueue(chunk);
      },
    }),
  );
  for await (const batch of readRecords(await inflate(counted), `recording "${path}"`, options)) {
    options.onProgress?.(done, total);
    yield batch;
  }
}

/**
 * Read records from lines.
 *
 * @param bytes The lines.
 * @param name What it is, for errors: `recording "a.ndjson"`.
 * @param options What is told meanwhile.
 * @returns Records in batches.
 *
 * @throws {CommandFailure} when a line is no record.
 */
export async function* readRecords(
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
  name: string,
  { signal, onCut }: ReadOptions = {},
): AsyncGenerator<TelemetryRecord[]> {
  let number = 0, rest = "";
  try {
    // Bytes that are no UTF-8 become U+FFFD, which may stand in any text of a record.
    for await (const chunk of bytes.pipeThrough(new TextDecoderStream(), signal === undefined ? {} : { signal })) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop()!;
      if (rest.length > MAX_LINE_LENGTH) {
        throw new CommandFailure(`Cannot read ${name}: line ${number + lines.length + 1} has no end`, USAGE);
      }
      const batch: TelemetryRecord[] = [];
      for (const line of lines) {
        number++;
        if (line.trim() !== "") batch.push(parseLine(line, name, number));
      }
      if (batch.length > 0) yield batch;
    }
  } catch (error) {
    if (error instanceof TypeError) throw readFailure(name, error);
    throw error;
  }
  if (rest.trim() === "") return;
  const last = tryParse(rest);
  if (last !== undefined) yield [last];
  else if (number === 0) parseLine(rest, name, 1); // no recording that broke off, but another file
  else onCut?.();
}

/** What unzips a file throws for its bytes, what reads an answer for the connection: both a TypeError. */
function readFailure(name: string, cause: TypeError): CommandFailure {
  const isFile = name.startsWith("recording ");
  return isFile
    ? new CommandFailure(`Cannot read ${name}: its gzip data is damaged or cut off`, USAGE, { cause })
    : new CommandFailure(`Cannot read ${name}: the connection broke, try again`, UNREACHABLE, { cause });
}

/**
 * Open a recording.
 *
 * @throws {CommandFailure} when it cannot be read.
 */
export async function openRecording(path: string): Promise<Deno.FsFile> {
  try {
    const file = await Deno.open(path);
    if (!(await file.stat()).isDirectory) return file;
    file.close();
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound ? "it is not there" : "it cannot be opened";
    throw new CommandFailure(`Cannot read recording "${path}": ${reason}`, USAGE, { cause: error });
  }
  throw new CommandFailure(`Cannot read recording "${path}": it is a folder`, USAGE);
}

type Bytes = ReadableStream<Uint8Array<ArrayBuffer>>;

/** Unzips what begins like gzip, whatever the file is called. */
async function inflate(bytes: Bytes): Promise<Bytes> {
  const reader = bytes.getReader();
  const { value: first, done } = await reader.read();
  const all = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      if (done) controller.close();
      else controller.enqueue(first);
    },
    async pull(controller) {
      const { value, done } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return first?.[0] === 0x1f && first[1] === 0x8b ? all.pipeThrough(new DecompressionStream("gzip")) : all;
}

function parseLine(line: string, name: string, number: number): TelemetryRecord {
  try {
    return parseRecord(JSON.parse(line));
  } catch (error) {
    const reason = error instanceof SyntaxError ? "it is no JSON" : (error as Error).message.replace(/^[^:]*: /, "");
    throw new CommandFailure(`Cannot read ${name}: line ${number} is no record, ${reason}`, USAGE, { cause: error });
  }
}

function tryParse(line: string): TelemetryRecord | undefined {
  try {
    return parseRecord(JSON.parse(line));
  } catch {
    return undefined;
  }
}
