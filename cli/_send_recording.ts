/**
 * Sends recordings to a server.
 *
 * @module
 */
import { encodeRecord } from "../telemetry/mod.ts";
import type { Client } from "./_client.ts";
import type { CommandContext } from "./_context.ts";
import { CommandFailure, UNREACHABLE, USAGE } from "./_exit_codes.ts";
import { formatCount, formatCountOf } from "./_format.ts";
import { type Progress, startProgress } from "./_progress.ts";
import { openRecording, readRecording } from "./_recording.ts";

/** What came of it: what the server says of an import, and of a batch. */
interface Outcome {
  readonly accepted: number;
  readonly duplicates: number;
  readonly refusedCount: number;
  readonly refused: readonly { readonly index: number; readonly error: string }[];
}

const NDJSON = "application/x-ndjson";

/** Characters of a batch at which it is sent: the server takes 8 MB. */
const BATCH_LENGTH = 1_000_000;

/**
 * Send a recording: as it is to who has the control token; as if the machines sent it now to who has the ingest token.
 *
 * @returns A line that says what came of it.
 *
 * @throws {CommandFailure} when the file cannot be read, the server refuses it, or records of it.
 */
export async function sendRecording(client: Client, path: string, context: CommandContext): Promise<string> {
  using progress = startProgress("Sending", context.err);
  const outcome = await importRecording(client, path, progress) ?? await sendBatches(client, path, context, progress);
  const { accepted, duplicates, refusedCount, refused } = outcome;
  if (refusedCount > 0) {
    const first = refused[0] === undefined ? "" : `, line ${refused[0].index + 1}: ${refused[0].error}`;
    const what = formatCountOf(refusedCount, "record");
    throw new CommandFailure(`Cannot replay all of "${path}": the server refused ${what}${first}`, USAGE);
  }
  const known = duplicates > 0 ? `; ${formatCount(duplicates)} were there already` : "";
  return `Sent ${formatCountOf(accepted, "record")} to ${client.url.href}${known}`;
}

/** One request for all of it; `undefined` when the token does not allow that. */
async function importRecording(client: Client, path: string, progress: Progress): Promise<Outcome | undefined> {
  const file = await openRecording(path);
  const { size } = await file.stat();
  const isPacked = await beginsLikeGzip(file);
  file.close();
  const headers = { "content-type": NDJSON, ...(isPacked && { "content-encoding": "gzip" }) };
  const body = () => streamFile(path, (done) => progress.report(done, size));
  const response = await client.request("v1/recording", { method: "POST", headers, body });
  if (response.status === 403) {
    await response.body?.cancel();
    return undefined;
  }
  if (!response.ok) throw await client.refusal(response, "send to");
  return await readOutcome(client, path, response);
}

/** The file is opened for each time that it is sent. */
function streamFile(path: string, onProgress: (done: number) => void): ReadableStream<Uint8Array<ArrayBuffer>> {
  let done = 0;
  return Deno.openSync(path).readable.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        onProgress(done += chunk.length);
        controller.enqueue(chunk);
      },
    }),
  );
}

async function beginsLikeGzip(file: Deno.FsFile): Promise<boolean> {
  const head = new Uint8Array(2);
  return await file.read(head) === 2 && head[0] === 0x1f && head[1] === 0x8b;
}

/** The last line says what came of it; or why it broke off. */
async function readOutcome(client: Client, path: string, response: Response): Promise<Outcome> {
  let text: string;
  try {
    text = await response.text();
  } catch (cause) {
    throw client.broken(cause);
  }
  const { error, done, ...outcome } = JSON.parse(text.trim().split("\n").at(-1) || "{}");
  if (done === true) return outcome;
  throw new CommandFailure(
    `Cannot replay "${path}": ${error?.message ?? "the connection broke, try again"}`,
    UNREACHABLE,
  );
}

async function sendBatches(
  client: Client,
  path: string,
  { signal }: CommandContext,
  progress: Progress,
): Promise<Outcome> {
  const sum = { accepted: 0, duplicates: 0, refusedCount: 0, refused: [] as { index: number; error: string }[] };
  let lines: string[] = [], length = 0, sent = 0;
  const send = async () => {
    const body = lines.join("\n");
    const response = await client.request("v1/ingest", {
      method: "POST",
      headers: { "content-type": NDJSON },
      body: () => body,
    });
    if (!response.ok) throw await client.refusal(response, "send to");
    const outcome: Outcome = await response.json();
    sum.accepted += outcome.accepted;
    sum.duplicates += outcome.duplicates;
    sum.refusedCount += outcome.refusedCount;
    sum.refused.push(...outcome.refused.slice(0, 1).map(({ index, error }) => ({ index: sent + index, error })));
    sent += lines.length;
    [lines, length] = [[], 0];
  };
  const onProgress = (done: number, total: number) => progress.report(done, total);
  for await (const batch of readRecording(path, { signal, onProgress })) {
    for (const record of batch) {
      const line = encodeRecord(record);
      if (length > 0 && length + line.length > BATCH_LENGTH) await send();
      lines.push(line);
      length += line.length + 1;
    }
  }
  if (lines.length > 0) await send();
  return sum;
}
