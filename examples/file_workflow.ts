/**
 * A file's way from one place of a server to another: download, process, upload.
 *
 * Shows auto states as the steps of a workflow, retries, and cancellation: once a step's state is left, its signal stops the
 * work, and no temporary file is left. The server is the example's own, and fails as often as you say.
 *
 * Run it: `deno run --allow-net=127.0.0.1 --allow-read --allow-write examples/file_workflow.ts [FAILURES] [STEP]`
 * (1 by default; the STEP `download`, `process` or `upload` is canceled half-way)
 */
import { argsType, defineSchema, type EventOf, Machine } from "@asyncmachine/asyncmachine";
import { waitForErrAny } from "@asyncmachine/asyncmachine/flow";

const DOWNLOADED_GROUP = ["DownloadingFile", "FileDownloaded"] as const;
const PROCESSED_GROUP = ["ProcessingFile", "FileProcessed"] as const;
const UPLOADED_GROUP = ["UploadingFile", "FileUploaded"] as const;

const schema = defineSchema({
  DownloadingFile: { remove: DOWNLOADED_GROUP, args: argsType<{ url: string }>() },
  FileDownloaded: { remove: DOWNLOADED_GROUP },
  ProcessingFile: { auto: true, require: ["FileDownloaded"], remove: PROCESSED_GROUP },
  FileProcessed: { remove: PROCESSED_GROUP },
  UploadingFile: { auto: true, require: ["FileProcessed"], remove: UPLOADED_GROUP },
  FileUploaded: { remove: UPLOADED_GROUP },
});

const STEPS = ["download", "process", "upload"] as const;
type Step = typeof STEPS[number];

const TRIES = 3;
const TEXT = "a line of the file\n".repeat(10_000);
const HALF = TEXT.slice(0, TEXT.length / 2);

/** The work of each step. Steps that are left go on until they notice: `settled()` waits for that. */
class Handlers {
  readonly #folder: string;
  readonly #work: Promise<void>[] = [];
  readonly #onProgress: (step: Step, bytes: number) => void;
  #url = "";

  constructor(folder: string, onProgress: (step: Step, bytes: number) => void) {
    this.#folder = folder;
    this.#onProgress = onProgress;
  }

  DownloadingFileState({ args, signal, machine }: EventOf<typeof schema, "DownloadingFile">): Promise<void> {
    this.#url = args.url;
    return this.#start(async () => {
      const response = await request("download", args.url, () => ({ signal }));
      using file = await Deno.create(`${this.#folder}/downloaded`);
      let bytes = 0;
      for await (const chunk of response.body ?? []) {
        await writeAll(file, chunk);
        this.#onProgress("download", bytes += chunk.length);
        signal.throwIfAborted();
      }
      machine.add("FileDownloaded");
    });
  }

  ProcessingFileState({ signal, machine }: EventOf<typeof schema, "ProcessingFile">): Promise<void> {
    return this.#start(async () => {
      const source = await Deno.open(`${this.#folder}/downloaded`); // closed with its stream
      using file = await Deno.create(`${this.#folder}/processed`);
      let bytes = 0;
      for await (const text of source.readable.pipeThrough(new TextDecoderStream())) {
        const chunk = new TextEncoder().encode(text.toUpperCase());
        await writeAll(file, chunk);
        this.#onProgress("process", bytes += chunk.length);
        signal.throwIfAborted();
      }
      machine.add("FileProcessed");
    });
  }

  UploadingFileState({ signal, machine }: EventOf<typeof schema, "UploadingFile">): Promise<void> {
    return this.#start(async () => {
      const response = await request("upload", this.#url, async () => {
        const file = await Deno.open(`${this.#folder}/processed`);
        let bytes = 0;
        const onChunk = (chunk: Uint8Array) => this.#onProgress("upload", bytes += chunk.length);
        return { method: "PUT", body: file.readable.pipeThrough(watchedBy(onChunk)), signal };
      });
      await response.body?.cancel();
      machine.add("FileUploaded");
    });
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#work);
  }

  #start(fn: () => Promise<void>): Promise<void> {
    const work = fn();
    this.#work.push(work);
    return work;
  }
}

const [failures = "1", step] = Deno.args;
if (!/^\d+$/.test(failures)) fail(`Cannot run workflow: "${failures}" is not a number of failures`);
else if (step !== undefined && !isStep(step)) fail(`Cannot run workflow: "${step}" is none of ${STEPS.join(", ")}`);
else await run(Number(failures), step).catch((error: Error) => fail(error.message));

async function run(failures: number, canceledStep: Step | undefined): Promise<void> {
  await using server = startServer(failures, canceledStep === "download");
  const folder = await Deno.makeTempDir();
  const canceled = Promise.withResolvers<string>();
  const machine = new Machine(schema, { id: "file", logLevel: "changes", logId: false });
  const handlers = new Handlers(folder, (step, bytes) => {
    if (step !== canceledStep || bytes < HALF.length) return;
    const files = [...Deno.readDirSync(folder)].map(({ name }) => name).sort().join(", ");
    canceled.resolve(`canceled at ${bytes} of ${TEXT.length} bytes of the ${step}; temporary files: ${files}`);
    machine.set([]); // what a step requires too, so that it does not begin anew
  });
  machine.bindHandlers(handlers, { id: "file" });
  try {
    machine.add("DownloadingFile", { url: `http://127.0.0.1:${server.addr.port}/file` });
    const uploaded = machine.when("FileUploaded").then(() => "done: the server has the file");
    console.log(await waitForErrAny(machine, [uploaded, canceled.promise], { timeoutMs: 10_000 }));
  } finally {
    await machine.dispose();
    await handlers.settled();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Serves the file and takes it back in capitals; a download that `stalls` stops half-way. The first requests of each fail. */
function startServer(failures: number, stalls: boolean): Deno.HttpServer<Deno.NetAddr> {
  const left: Record<string, number> = { GET: failures, PUT: failures };
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { method } = request;
    const body = method === "PUT" ? await request.text().catch(() => "") : ""; // half of it, when the upload is canceled
    if (left[method]! > 0) {
      left[method]!--;
      return new Response(null, { status: 503 });
    }
    if (method === "PUT") return new Response(null, { status: body === TEXT.toUpperCase() ? 201 : 400 });
    return new Response(stalls ? stalledStream(HALF) : TEXT);
  });
}

/** A stream that has some text, and then neither more nor an end. */
function stalledStream(text: string): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode(text)) });
}

/** Shows the chunks that go through. */
function watchedBy(onChunk: (chunk: Uint8Array) => void): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(chunk);
      onChunk(chunk);
    },
  });
}

/** What to ask the server; made anew for each try, as a stream is read once. */
type MakeRequest = () => Promise<RequestInit & { signal: AbortSignal }> | (RequestInit & { signal: AbortSignal });

/** Try again when the server has a problem, for as long as the signal lets it. */
async function request(what: Step, url: string, makeRequest: MakeRequest): Promise<Response> {
  for (let attempt = 1;; attempt++) {
    const init = await makeRequest();
    const response = await fetch(url, init);
    console.log(`${what}, try ${attempt}: ${response.status}`);
    if (response.ok) return response;
    await response.body?.cancel();
    if (attempt === TRIES) throw new Error(`Cannot ${what} file: the server answers ${response.status}`);
    await new Promise((resolve) => setTimeout(resolve, 10 * 2 ** attempt));
    init.signal.throwIfAborted();
  }
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}

function isStep(step: string): step is Step {
  return (STEPS as readonly string[]).includes(step);
}

function fail(message: string): void {
  console.error(`error: ${message}`);
  Deno.exitCode = 1;
}
