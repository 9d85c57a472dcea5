/**
 * Readers of the live stream, all in one process that is none of the server's and none of the sender's: they count what
 * comes, and look for what does not.
 *
 * @module
 */

/** Whom the readers read from, and what each has to get. */
export interface ReadersOptions {
  readonly url: string;
  /** One reader each: the id of its machine, or `null` for a reader of everything. */
  readonly readers: readonly (string | null)[];
  /** Events that each reader waits for, or of how many transitions if it reads one machine. */
  readonly expected: readonly number[];
}

/** What the readers saw. */
export interface ReadersResult {
  /** Events that came, of all readers. */
  readonly events: number;
  /** Readers that got all. */
  readonly complete: number;
  /** Gaps that were told, and numbers that were missing without a word. */
  readonly gaps: number;
  /** When the last of them had all, in milliseconds since 1970. */
  readonly doneAt: number;
}

/** Readers that are connected. */
export interface RunningReaders {
  /** Wait until all have what they wait for, or the time is up. */
  result(): Promise<ReadersResult>;
}

/** Milliseconds that readers wait. */
const TIMEOUT_MS = 60_000;

/** Start readers in another process, and wait until all are connected. */
export async function startReaders(options: ReadersOptions): Promise<RunningReaders> {
  const args = ["run", "--quiet", "--no-check", "--allow-net=127.0.0.1", import.meta.filename!];
  const command = new Deno.Command(Deno.execPath(), { args, stdin: "piped", stdout: "piped" });
  const process = command.spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(options)));
  await writer.close();
  const lines = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await lines.read();
  if (value?.trim() !== "connected") throw new Error(`Cannot start readers: got ${value}`);
  return {
    async result() {
      let text = "";
      for (let part = await lines.read(); !part.done; part = await lines.read()) text += part.value;
      await process.status;
      return JSON.parse(text);
    },
  };
}

/** Reads one stream. */
class Reader {
  /** Events, or transitions of one machine. */
  count = 0;
  gaps = 0;
  doneAt = 0;
  readonly #isOfMachine: boolean;
  readonly #expected: number;
  readonly #body: ReadableStream<Uint8Array>;
  #last: number | undefined;

  constructor(body: ReadableStream<Uint8Array>, isOfMachine: boolean, expected: number) {
    this.#body = body;
    this.#isOfMachine = isOfMachine;
    this.#expected = expected;
  }

  get isComplete(): boolean {
    return this.count >= this.#expected;
  }

  async read(): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of this.#body) {
      const text = rest + decoder.decode(chunk, { stream: true });
      let start = 0;
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n", start)) {
        this.#take(text, start, end);
        start = end + 2;
      }
      rest = text.slice(start);
      if (this.isComplete) break;
    }
    this.doneAt = Date.now();
  }

  #take(text: string, start: number, end: number): void {
    if (text.startsWith("event: gap", start)) this.gaps++;
    if (!text.startsWith("id: ", start)) return;
    const line = text.indexOf("\n", start);
    if (line >= end) return;
    if (this.#isOfMachine) this.#takeRecord(JSON.parse(text.slice(line + "\ndata: ".length, end)));
    else {
      this.count++;
      this.#follow(Number(text.slice(text.indexOf("-", start) + 1, line)), 1);
    }
  }

  /** Numbers of one machine have no holes, and those of a gap record are missing. */
  #takeRecord({ kind, seq, count }: { kind: string; seq: number; count?: number }): void {
    if (kind === "tx") this.count++;
    this.#follow(seq, count ?? 1);
    if (kind === "gap") this.gaps++;
  }

  #follow(number: number, width: number): void {
    if (this.#last !== undefined && number !== this.#last + width) this.gaps++;
    this.#last = number;
  }
}

async function run({ url, readers: names, expected }: ReadersOptions): Promise<void> {
  const controller = new AbortController();
  const readers = await Promise.all(names.map(async (name, i) => {
    const query = name === null ? "" : `?machine=${encodeURIComponent(name)}`;
    const { body } = await fetch(`${url}/v1/events${query}`, { signal: controller.signal });
    return new Reader(body!, name !== null, expected[i]!);
  }));
  console.log("connected");
  const timer = setTimeout(() => controller.abort(), TIMEOUT_MS);
  await Promise.all(readers.map((reader) => reader.read().catch(() => {}))); // who is aborted is not complete
  clearTimeout(timer);
  controller.abort();
  const result: ReadersResult = {
    events: readers.reduce((sum, { count }) => sum + count, 0),
    complete: readers.filter(({ isComplete }) => isComplete).length,
    gaps: readers.reduce((sum, { gaps }) => sum + gaps, 0),
    doneAt: Math.max(...readers.map(({ doneAt }) => doneAt)),
  };
  console.log(JSON.stringify(result));
}

if (import.meta.main) await run(JSON.parse(await new Response(Deno.stdin.readable).text()));
