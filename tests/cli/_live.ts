/**
 * Runs the command for as long as a test wants, and waits for what it prints.
 *
 * @module
 */
import { spawnAm } from "./_run.ts";

/** What a command that asks a server may do. */
export const LIVE_PERMISSIONS: readonly string[] = [
  "--allow-read",
  "--allow-net=127.0.0.1",
  "--allow-env=AM_TELEMETRY_URL,AM_TELEMETRY_TOKEN",
];

/** How long a test waits for anything: a busy machine takes its time to start a process. */
const PATIENCE_MS = 60_000;

/** A stream of a process, as text. */
class Printed {
  text = "";
  lines = 0;
  readonly done: Promise<void>;
  #onText: () => void = () => {};

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.done = this.#read(stream);
  }

  /** Wait until a text is there. */
  async includes(what: string | RegExp): Promise<string> {
    await this.until(() => typeof what === "string" ? this.text.includes(what) : what.test(this.text));
    return this.text;
  }

  /** Wait until something holds. */
  async until(isSo: () => boolean): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!isSo()) {
      const left = deadline - performance.now();
      if (left <= 0) throw new Error(`Expected ${isSo} of ${JSON.stringify(this.text.slice(-2_000))}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#onText = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.text += text;
      for (const character of text) if (character === "\n") this.lines++;
      this.#onText();
    }
  }
}

/** A command that goes on. */
export interface LiveAm extends AsyncDisposable {
  readonly child: Deno.ChildProcess;
  readonly out: Printed;
  readonly err: Printed;
  /** Send a signal, and wait for the end. */
  end(signal?: Deno.Signal): Promise<{ code: number; out: string; err: string; ms: number }>;
}

/** Start `am`; it is killed at the end of the test if it goes on. */
export function startAm(args: readonly string[], permissions = LIVE_PERMISSIONS): LiveAm {
  const child = spawnAm(args, permissions);
  const [out, err] = [new Printed(child.stdout), new Printed(child.stderr)];
  const settle = async () => {
    const { code } = await child.status;
    await Promise.all([out.done, err.done]);
    return { code, out: out.text, err: err.text };
  };
  return {
    child,
    out,
    err,
    async end(signal = "SIGINT") {
      const start = performance.now();
      child.kill(signal);
      return { ...await settle(), ms: performance.now() - start };
    },
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGKILL");
      } catch {
        // It ended, as it should.
      }
      await settle();
    },
  };
}

/** A server that sends what it is given as an event stream, and then nothing. */
export function serveEvents(start: (controller: ReadableStreamDefaultController<Uint8Array>) => void): {
  readonly url: string;
  [Symbol.asyncDispose](): Promise<void>;
} {
  const abort = new AbortController();
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {}, signal: abort.signal }, (request) => {
    if (!new URL(request.url).pathname.endsWith("/v1/events")) return new Response("", { status: 404 });
    return new Response(new ReadableStream({ start }), { headers: { "content-type": "text/event-stream" } });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    async [Symbol.asyncDispose]() {
      abort.abort();
      await server.finished;
    },
  };
}
