/**
 * A file's way from one place of a server to another: download, process, upload.
 *
 * Shows auto states as the steps of a workflow, retries, and cancellation: once `DownloadingFile` is left, its signal stops
 * the download, and no temporary file is left. The server is the example's own, and fails as often as you say.
 *
 * Run it: `deno run --allow-net=127.0.0.1 --allow-read --allow-write examples/file_workflow.ts [FAILURES] [cancel]`
 * (1 by default; `cancel` leaves the download half-way)
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

const TRIES = 3;
const TEXT = "a line of the file\n".repeat(10_000);
const HALF = TEXT.slice(0, TEXT.length / 2);

/** The work of each step. Steps that are left go on until they notice: `settled()` waits for that. */
class Handlers {
  readonly #folder: string;
  readonly #work: Promise<void>[] = [];
  readonly #onProgress: (bytes: number) => void;
  #url = "";

  constructor(folder: string, onProgress: (bytes: number) => void) {
    this.#folder = folder;
    this.#onProgress = onProgress;
  }

  DownloadingFileState({ args, signal, machine }: EventOf<typeof schema, "DownloadingFile">): Promise<void> {
    this.#url = args.url;
    return this.#start(async () => {
      const response = await request("download", args.url, { signal });
      using file = await Deno.create(`${this.#folder}/downloaded`);
      let bytes = 0;
      for await (const chunk of response.body ?? []) {
        await writeAll(file, chunk);
        this.#onProgress(bytes += chunk.length);
        signal.throwIfAborted();
      }
      machine.add("FileDownloaded");
    });
  }

  ProcessingFileState({ signal, machine }: EventOf<typeof schema, "ProcessingFile">): Promise<void> {
    return this.#start(async () => {
      const text = await Deno.readTextFile(`${this.#folder}/downloaded`, { signal });
      await Deno.writeTextFile(`${this.#folder}/processed`, text.toUpperCase(), { signal });
      machine.add("FileProcessed");
    });
  }

  UploadingFileState({ signal, machine }: EventOf<typeof schema, "UploadingFile">): Promise<void> {
    return this.#start(async () => {
      const body = await Deno.readFile(`${this.#folder}/processed`, { signal });
      const response = await request("upload", this.#url, { method: "PUT", body, signal });
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

const [failures = "1", mode] = Deno.args;
if (!/^\d+$/.test(failures)) fail(`Cannot run workflow: "${failures}" is not a number of failures`);
else if (mode !== undefined && mode !== "cancel") fail(`Cannot run workflow: "${mode}" is not "cancel"`);
else await run(Number(failures), mode === "cancel").catch((error: Error) => fail(error.message));

async function run(failures: number, isCanceled: boolean): Promise<void> {
  await using server = startServer(failures, isCanceled);
  const folder = await Deno.makeTempDir();
  const canceled = Promise.withResolvers<string>();
  const machine = new Machine(schema, { id: "file", logLevel: "changes", logId: false });
  const handlers = new Handlers(folder, (bytes) => {
    if (!isCanceled || bytes < HALF.length) return;
    canceled.resolve(`canceled: ${Deno.statSync(`${folder}/downloaded`).size} of ${TEXT.length} bytes were there`);
    machine.remove("DownloadingFile");
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
    const body = method === "PUT" ? await request.text() : "";
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

/** Try again when the server has a problem, for as long as the signal lets it. */
async function request(what: string, url: string, init: RequestInit & { signal: AbortSignal }): Promise<Response> {
  for (let attempt = 1;; attempt++) {
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

function fail(message: string): void {
  console.error(`error: ${message}`);
  Deno.exitCode = 1;
}
