/**
 * Recordings as bodies: written as they are read, and read as they come, so that neither is ever in memory as a whole.
 *
 * @module
 */
import { type BodyLimits, readBody, readLines } from "./_body.ts";
import { asHttpError } from "./_http_error.ts";
import { ingestLines, type IngestTarget, MAX_LINE_BYTES, type RefusedRecord } from "./_ingest.ts";

/** How far an import is, or what came of it. */
export interface ImportProgress {
  /** Lines read so far. */
  readonly read: number;
  /** Records taken in. */
  readonly accepted: number;
  /** Records that were there already. */
  readonly duplicates: number;
  /** Records refused. */
  readonly refusedCount: number;
  /** The first of these, by their lines; in the last progress only. */
  readonly refused?: readonly RefusedRecord[];
  /** Whether it is over. */
  readonly done?: true;
}

/** Characters of a piece of an export. */
const PIECE = 65_536;

/** Lines that are taken in at once. */
const BATCH_LINES = 1000;

/** Lines after which there is a word of progress. */
const PROGRESS_LINES = 10_000;

/** How many refusals the end lists. */
const MAX_REFUSED = 100;

const encoder = new TextEncoder();

/** Write lines, each when the one before is taken. */
export function exportRecording(
  lines: Iterable<string>,
  { isPacked }: { isPacked: boolean },
): ReadableStream<Uint8Array> {
  const iterator = lines[Symbol.iterator]();
  const plain = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      await nextTurn(); // an export of minutes leaves the others their turn
      let text = "";
      while (text.length < PIECE) {
        const { done, value } = iterator.next();
        if (done) break;
        text += `${value}\n`;
      }
      if (text === "") controller.close();
      else controller.enqueue(encoder.encode(text));
    },
    cancel() {
      iterator.return?.();
    },
  }, { highWaterMark: 0 });
  return isPacked ? plain.pipeThrough(new CompressionStream("gzip")) : plain;
}

/**
 * Read a recording into the store.
 *
 * @returns The body of the answer: lines of {@linkcode ImportProgress}, or at last `{ error }` when it breaks off. What came
 * until then is taken in: it can be sent again as a whole, since records that are there are told apart.
 *
 * @throws {HttpError} when it breaks off before there was any progress.
 */
export async function importRecording(
  target: IngestTarget,
  request: Request,
  limits: BodyLimits,
  onEnd: () => void,
): Promise<ReadableStream<Uint8Array>> {
  const progress = readRecording(target, request, limits, onEnd);
  let isFirst = true;
  const first = await progress.next(); // an error until here has a status
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = isFirst ? first : await progress.next();
        isFirst = false;
        if (done) controller.close();
        else controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
      } catch (error) {
        controller.enqueue(encoder.encode(`${JSON.stringify(asHttpError(error).body)}\n`));
        controller.close();
      }
    },
    async cancel() {
      await progress.return(undefined);
    },
  }, { highWaterMark: 0 });
}

async function* readRecording(
  target: IngestTarget,
  request: Request,
  limits: BodyLimits,
  onEnd: () => void,
): AsyncGenerator<ImportProgress, void> {
  let read = 0, accepted = 0, duplicates = 0, refusedCount = 0, told = 0;
  const refused: RefusedRecord[] = [];
  try {
    for await (const lines of readLines(readBody(request, limits), MAX_LINE_BYTES)) {
      for (let start = 0; start < lines.length; start += BATCH_LINES) {
        const batch = lines.slice(start, start + BATCH_LINES);
        const result = ingestLines(target, batch, { keepReceivedAt: true });
        for (const { index, error } of result.refused) {
          if (refused.length < MAX_REFUSED) refused.push({ index: read + index, error });
        }
        read += batch.length;
        accepted += result.accepted;
        duplicates += result.duplicates;
        refusedCount += result.refusedCount;
        await nextTurn();
      }
      if (read - told < PROGRESS_LINES) continue;
      told = read;
      yield { read, accepted, duplicates, refusedCount };
    }
    yield { read, accepted, duplicates, refusedCount, refused, done: true };
  } finally {
    onEnd();
  }
}

/** Lets the event loop turn once. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
