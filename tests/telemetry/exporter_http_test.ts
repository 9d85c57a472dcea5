import { Machine } from "@asyncmachine/asyncmachine";
import {
  TelemetryError,
  TelemetryExporter,
  type TelemetryExporterOptions,
  type TelemetryRecord,
} from "@asyncmachine/asyncmachine/telemetry";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { run, versionOf } from "../runtime/_command.ts";
import { assertContiguous, readRecords } from "./_wire.ts";

const SCHEMA = { Start: {}, Busy: { multi: true } };

type Handle = (request: Request) => Response | Promise<Response>;

/** A server on loopback that keeps what it accepts, and may be told to do something else first. */
class Collector implements AsyncDisposable {
  readonly records: TelemetryRecord[] = [];
  /** What to do with the requests to come, first one first; `null` accepts. */
  readonly next: (Handle | null)[] = [];
  readonly #epoch = crypto.randomUUID();
  readonly #seen = new Set<string>();
  #server: Deno.HttpServer<Deno.NetAddr>;
  #requests = 0;

  constructor(port = 0) {
    this.#server = this.#serve(port);
  }

  get port(): number {
    return this.#server.addr.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get requests(): number {
    return this.#requests;
  }

  /** Close the port. What is under way is cut off. */
  async stop(): Promise<void> {
    await this.#server.shutdown();
  }

  start(port: number): void {
    this.#server = this.#serve(port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  #serve(port: number): Deno.HttpServer<Deno.NetAddr> {
    return Deno.serve({ hostname: "127.0.0.1", port, onListen() {} }, async (request) => {
      this.#requests++;
      const handle = this.next.shift();
      return handle ? await handle(request) : await this.#accept(request);
    });
  }

  async #accept(request: Request): Promise<Response> {
    const records = readRecords(await request.text());
    const fresh = records.filter(({ instance, seq }) => !this.#seen.has(`${instance} ${seq}`));
    for (const { instance, seq } of fresh) this.#seen.add(`${instance} ${seq}`);
    this.records.push(...fresh);
    const duplicates = records.length - fresh.length;
    return Response.json({ epoch: this.#epoch, accepted: fresh.length, duplicates, refused: [], unknown: [] });
  }
}

function exporterTo({ url }: Collector, options: TelemetryExporterOptions = {}): TelemetryExporter {
  return new TelemetryExporter({ url, intervalMs: 5, retryMs: 5, maxRetryMs: 20, onError() {}, ...options });
}

Deno.test("TelemetryExporter posts to a server, over one that fails, hangs, answers slowly and answers nonsense", async () => {
  await using collector = new Collector();
  await using exporter = exporterTo(collector, { requestTimeoutMs: 100 });
  const machine = new Machine(SCHEMA, { tracers: [exporter] });
  const hung = Promise.withResolvers<Response>();
  collector.next.push(
    () => new Response("", { status: 500 }),
    () => hung.promise,
    async (request) => {
      await request.text();
      await new Promise((resolve) => setTimeout(resolve, 30));
      return new Response("<html>", { headers: { "content-type": "text/html" } });
    },
    (request) => Response.redirect(new URL("/elsewhere", request.url)),
  );
  for (let i = 0; i < 50; i++) {
    machine.add("Busy");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await exporter.flush();
  hung.resolve(new Response());
  assert(collector.requests >= 5, `${collector.requests} requests`);
  assertContiguous(collector.records);
  const sums = collector.records.filter((record) => record.kind === "tx").map(({ sum }) => sum);
  assertEquals(sums, Array.from({ length: 50 }, (_, i) => 2 * i + 1));
});

Deno.test("TelemetryExporter doubles nothing when an answer gets lost", async () => {
  await using collector = new Collector();
  await using exporter = exporterTo(collector);
  const machine = new Machine(SCHEMA, { tracers: [exporter] });
  let taken = "";
  collector.next.push(async (request) => {
    taken = await request.text();
    return new Response("", { status: 502 });
  });
  machine.add("Start");
  await exporter.flush();
  const first = readRecords(taken);
  assertEquals(collector.records.slice(0, first.length), first);
  assertContiguous(collector.records);
});

Deno.test("TelemetryExporter goes on when the server goes away and comes back", async () => {
  await using collector = new Collector();
  const { port } = collector;
  const errors: TelemetryError[] = [];
  await using exporter = exporterTo(collector, { onError: (error) => errors.push(error) });
  const machine = new Machine(SCHEMA, { tracers: [exporter] });
  machine.add("Busy");
  await exporter.flush();
  await collector.stop();
  machine.add("Busy");
  await assertRejects(() => exporter.flush({ timeoutMs: 50 }), DOMException, "50 ms");
  machine.add("Busy");
  collector.start(port);
  await exporter.flush();
  assertContiguous(collector.records);
  const sums = collector.records.filter((record) => record.kind === "tx").map(({ sum }) => sum);
  assertEquals(sums, [1, 3, 5]);
  assertEquals(errors.map(({ status, isFinal }) => [status, isFinal]), [[null, false]]);
});

Deno.test("TelemetryExporter gives up on a server that wants another token", async () => {
  await using collector = new Collector();
  collector.next.push((request) =>
    new Response("", { status: request.headers.get("authorization") === "Bearer no" ? 401 : 200 })
  );
  const exporter = exporterTo(collector, { token: "no" });
  new Machine(SCHEMA, { tracers: [exporter] });
  await assertRejects(() => exporter.flush(), TelemetryError, "answers 401");
  assertEquals([exporter.isClosed, collector.requests], [true, 1]);
});

/** A program that exports to a server which never answers, or is not there, and has nothing else to do at its end. */
function program(module: string, url: string, end = ""): string {
  return `
    import { Machine } from ${JSON.stringify(import.meta.resolve("../../mod.ts"))};
    import { TelemetryExporter } from ${JSON.stringify(module)};
    const exporter = new TelemetryExporter({ url: "${url}", intervalMs: 60_000, retryMs: 60_000, maxRetryMs: 60_000, onError() {} });
    const machine = new Machine({ Start: {} }, { tracers: [exporter] });
    machine.add("Start");
    ${end}
    machine.add("Start");
    console.log("end");
  `;
}

/** The program as JavaScript for any runtime. */
async function bundle(folder: string, name: string, source: string): Promise<string> {
  await Deno.writeTextFile(`${folder}/${name}.ts`, source);
  const output = `${folder}/${name}.mjs`;
  const args = [
    "bundle",
    "--quiet",
    "--platform=browser",
    `--config=${new URL("../../deno.json", import.meta.url).pathname}`,
  ];
  const { success, text } = await run("deno", [...args, `--output=${output}`, `${folder}/${name}.ts`]);
  assert(success, text);
  return output;
}

const RUNTIMES: readonly (readonly [name: string, ...command: string[]])[] = [
  ["Deno", Deno.execPath(), "run", "--quiet", "--allow-net=127.0.0.1"],
  ["Node 20", "npx", "--yes", "node@20"],
  ["Bun", "npx", "--yes", "bun@1"],
];

for (const [name, command, ...args] of RUNTIMES) {
  const title = `TelemetryExporter keeps no program of ${name} alive, neither waiting for a batch nor for a repetition`;
  // Deno is all that a contributor needs: the others are asked where they are.
  const ignore = command === "npx" && await versionOf(command, ...args) === undefined;
  Deno.test({ name: title, ignore, fn: () => checkThatItEnds(command!, args) });
}

async function checkThatItEnds(command: string, args: readonly string[]): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const module = import.meta.resolve("../../telemetry/mod.ts");
    const retrying = `
        await exporter.flush({ timeoutMs: 300 }).catch((error) => console.log(error.name));
      `;
    for (
      const [file, end, expected] of [["waiting", "", "end\n"], [
        "retrying",
        retrying,
        "TimeoutError\nend\n",
      ]] as const
    ) {
      const script = await bundle(folder, file, program(module, "http://127.0.0.1:9", end));
      const start = performance.now();
      const { success, stdout, text } = await run(command, [...args, script]);
      assert(success, text);
      assertEquals(stdout, expected);
      assert(performance.now() - start < 30_000, "the timers of a minute were not waited for");
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Run a program of Deno that exports from the environment. */
async function runFromEnv(
  env: Record<string, string>,
  permissions: readonly string[],
  options = "{}",
): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      `${folder}/program.ts`,
      `
      import { Machine } from ${JSON.stringify(import.meta.resolve("../../mod.ts"))};
      import { exportFromEnv } from ${JSON.stringify(import.meta.resolve("../../telemetry/mod.ts"))};
      const [one, two] = [new Machine({ Start: {} }, { id: "one" }), new Machine({ Start: {} }, { id: "two" })];
      const exporter = exportFromEnv(one, ${options});
      console.log(exporter === null ? "none" : exporter === exportFromEnv(two) ? "shared" : "two");
      one.add("Start");
      two.add("Start");
      await exporter?.flush({ timeoutMs: 5_000 });
    `,
    );
    const { text } = await run(Deno.execPath(), [
      "run",
      "--quiet",
      "--no-check",
      ...permissions,
      `${folder}/program.ts`,
    ], { env });
    return text.trim();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("exportFromEnv() exports machines to AM_TELEMETRY_URL with AM_TELEMETRY_TOKEN, with one exporter", async () => {
  await using collector = new Collector();
  let authorization: string | null = null;
  collector.next.push((request) => {
    authorization = request.headers.get("authorization");
    return new Response("", { status: 503, headers: { "retry-after": "0" } });
  });
  const env = { AM_TELEMETRY_URL: collector.url, AM_TELEMETRY_TOKEN: "token" };
  const text = await runFromEnv(
    env,
    ["--allow-env", `--allow-net=127.0.0.1:${collector.port}`],
    "{ retryMs: 1, onError() {} }",
  );
  assertEquals(text, "shared");
  assertEquals(authorization, "Bearer token");
  const ids = collector.records.filter((record) => record.kind === "machine").map(({ id }) => id);
  assertEquals([...new Set(ids)], ["one", "two"]);
});

Deno.test("exportFromEnv() does nothing without AM_TELEMETRY_URL, and asks for no permission", async () => {
  assertEquals(await runFromEnv({}, ["--allow-env", "--allow-net"]), "none");
  assertEquals(await runFromEnv({ AM_TELEMETRY_URL: "" }, ["--allow-env", "--allow-net"]), "none");
  assertEquals(await runFromEnv({ AM_TELEMETRY_URL: "1" }, []), "none");
  assertEquals(await runFromEnv({ AM_TELEMETRY_URL: "1" }, ["--allow-env"]), "none");
});

Deno.test("exportFromEnv() takes 1 for the default address", async () => {
  const text = await runFromEnv(
    { AM_TELEMETRY_URL: "1" },
    ["--allow-env", "--allow-net=127.0.0.1:6841"],
    `{
    fetch: async (url) => (console.log(url), Response.json({ epoch: "a", refused: [], unknown: [] })),
  }`,
  );
  assertEquals(text, "shared\nhttp://127.0.0.1:6841/v1/ingest");
});

Deno.test("exportFromEnv() tells of an address that is none, and lets the program go on", async () => {
  const text = await runFromEnv({ AM_TELEMETRY_URL: "localhost" }, ["--allow-env", "--allow-net"]);
  assertStringIncludes(text, "Cannot export as AM_TELEMETRY_URL says: ");
  assertStringIncludes(text, "none");
});
