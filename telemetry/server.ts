/**
 * The telemetry server: takes in what machines of any process send, keeps it, and shows it over HTTP, live too.
 *
 * `createServer()` is a server of its own; `telemetryApp()` is the same as a Hono app for a server that is there already.
 * `PROTOCOL.md` says what goes over the wire, and `/v1/openapi.json` which routes there are.
 *
 * @example Usage
 * ```ts
 * import { createServer } from "@asyncmachine/asyncmachine/telemetry/server";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = createServer();
 * const record = { v: 1, kind: "dispose", instance: "k3", seq: 1, at: Date.now() } as const;
 * assertEquals(server.ingest([record]).accepted, 1);
 *
 * const request = new Request("http://localhost/v1/ingest", {
 *   method: "POST",
 *   headers: { "content-type": "application/x-ndjson", "authorization": `Bearer ${server.tokens.ingest}` },
 *   body: JSON.stringify(record),
 * });
 * const { duplicates } = await (await server.fetch(request)).json();
 * assertEquals(duplicates, 1);
 * ```
 *
 * @module
 */
import type { Hono } from "hono";
import { makeApp } from "./_app.ts";
import { Auth, type Tokens } from "./_auth.ts";
import { Feed } from "./_feed.ts";
import { FileStore } from "./_file_store.ts";
import { noteFeed } from "./_inspect.ts";
import { ingestLines, type IngestResult, type RefusedRecord } from "./_ingest.ts";
import { listen, type Listener } from "./_listen.ts";
import { MemoryStore } from "./_memory_store.ts";
import { addressInUrl, inUrl, isLoopback, originRules } from "./_origin.ts";
import { StoreError, type StoreErrorCode } from "./_store.ts";
import { readTlsPair, type TlsPair } from "./_tls.ts";
import { encodeRecord, type TelemetryRecord } from "./protocol.ts";

export { type IngestResult, type RefusedRecord, StoreError, type StoreErrorCode, type Tokens };

/**
 * Options of {@linkcode telemetryApp}.
 *
 * @example Usage
 * ```ts
 * import { telemetryApp, type TelemetryAppOptions } from "@asyncmachine/asyncmachine/telemetry/server";
 * import { assertEquals } from "@std/assert";
 *
 * const options: TelemetryAppOptions = { allowedHosts: ["debug.example.com"], maxMemoryMb: 100 };
 * await using telemetry = telemetryApp(options);
 * const hosts = ["debug.example.com", "other.example.com"];
 * const answers = await Promise.all(hosts.map((host) => telemetry.request(`http://${host}/v1/healthz`)));
 * assertEquals(answers.map(({ status }) => status), [200, 403]);
 * ```
 */
export interface TelemetryAppOptions {
  /** The tokens, of 16 characters or more each; random ones by default. */
  readonly tokens?: Partial<Tokens> | undefined;
  /**
   * `false` asks for no token at all. It holds for requests from the same machine only; others get 403, and those of whom
   * nobody tells where they are from.
   *
   * @default true
   */
  readonly auth?: boolean | undefined;
  /**
   * Whether requests from the same machine may read without a token. An app cannot see who reaches it through a proxy, so
   * it is on only where you say so, and for {@linkcode createServer} on loopback.
   *
   * @default false
   */
  readonly openReads?: boolean | undefined;
  /** Hosts that are answered besides `localhost`, `127.0.0.1` and `[::1]`: exact, with the port if it is in the URL. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Origins of pages that are answered besides the server's own: exact, `https://debug.example.com`. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Path of a file that keeps the events, for Deno and Node; they are in memory by default. */
  readonly file?: string | undefined;
  /**
   * MB of memory at which the oldest events go, those of disconnected machines first.
   *
   * @default 500
   */
  readonly maxMemoryMb?: number | undefined;
  /**
   * MB of the file at which the oldest events go.
   *
   * @default 2_000
   */
  readonly maxFileMb?: number | undefined;
  /**
   * Hours after which events go from the file.
   *
   * @default 168
   */
  readonly maxAgeHours?: number | undefined;
  /**
   * Whether what was acknowledged is in the file after a loss of power, too, and not only after the end of the process.
   * Each batch then waits for the disk.
   *
   * @default false
   */
  readonly survivePowerLoss?: boolean | undefined;
  /**
   * MB that a batch of records may have, packed or not.
   *
   * @default 8
   */
  readonly maxBodyMb?: number | undefined;
  /**
   * MB that a recording may have to be imported, unpacked.
   *
   * @default 2_000
   */
  readonly maxRecordingMb?: number | undefined;
  /**
   * Milliseconds in which a body has to come, or the next 262,144 bytes of a longer one.
   *
   * @default 30_000
   */
  readonly bodyTimeoutMs?: number | undefined;
  /**
   * Milliseconds without a word after which a live reader gets a heartbeat.
   *
   * @default 15_000
   */
  readonly heartbeatMs?: number | undefined;
  /**
   * Milliseconds after which a reader is cut off that takes nothing of what waits for it.
   *
   * @default 30_000
   */
  readonly writeTimeoutMs?: number | undefined;
}

/**
 * Options of {@linkcode createServer}.
 *
 * @example Usage
 * ```ts
 * import { createServer, type ServerOptions } from "@asyncmachine/asyncmachine/telemetry/server";
 * import { assertEquals } from "@std/assert";
 *
 * const options: ServerOptions = { hostname: "localhost", port: 7000, onListen: ({ url }) => console.log(url) };
 * await using server = createServer(options);
 * assertEquals(server.url, "http://localhost:7000");
 * ```
 */
export interface ServerOptions extends TelemetryAppOptions {
  /**
   * Name or address to listen on; `0.0.0.0` or `::` for all that the machine has. Any but loopback needs `cert` and `key`,
   * or `insecureHttp`, and reads need a token there. Under `0.0.0.0`, list the names that others use in `allowedHosts`.
   *
   * @default "127.0.0.1"
   */
  readonly hostname?: string | undefined;
  /**
   * Port to listen on; 0 for any that is free.
   *
   * @default 6841
   */
  readonly port?: number | undefined;
  /** Certificate, as PEM. */
  readonly cert?: string | undefined;
  /** Its key, as PEM. */
  readonly key?: string | undefined;
  /**
   * Whether tokens may go over a network as readable text.
   *
   * @default false
   */
  readonly insecureHttp?: boolean | undefined;
  /** Called when it listens. By default the console gets the address to open, with the control token in its fragment. */
  readonly onListen?: ((server: TelemetryServer) => void) | undefined;
}

/**
 * What takes in records without HTTP.
 *
 * @example Usage
 * ```ts
 * import { createServer, type Telemetry, telemetryApp } from "@asyncmachine/asyncmachine/telemetry/server";
 * import { assertEquals } from "@std/assert";
 *
 * function receive(telemetry: Telemetry, lines: string): number {
 *   return telemetry.ingest(lines).accepted;
 * }
 *
 * await using server = createServer();
 * await using app = telemetryApp();
 * const line = '{ "v": 1, "kind": "dispose", "instance": "k3", "seq": 1, "at": 0 }';
 * assertEquals([receive(server, line), receive(app, line)], [1, 1]);
 * ```
 */
export interface Telemetry extends AsyncDisposable {
  /** The secrets. */
  readonly tokens: Tokens;
  /**
   * Take in records of this process.
   *
   * @param records Records, or lines of them.
   * @returns What became of them.
   *
   * @throws {StoreError} when the file cannot take them.
   */
  ingest(records: readonly TelemetryRecord[] | string): IngestResult;
  /** End the streams with an `event: bye`, then let go of what is stored. Calling it again gives the same promise. */
  close(): Promise<void>;
}

/**
 * A Hono app with all routes, for `app.route("/debug", telemetryApp())`.
 *
 * @example Usage
 * ```ts
 * import { type TelemetryApp, telemetryApp } from "@asyncmachine/asyncmachine/telemetry/server";
 * import { assertEquals } from "@std/assert";
 *
 * await using telemetry: TelemetryApp = telemetryApp();
 * const refused = await telemetry.request("/v1/machines");
 * const headers = { authorization: `Bearer ${telemetry.tokens.control}` };
 * const answered = await telemetry.request("/v1/machines", { headers });
 * assertEquals([refused.status, answered.status], [401, 200]);
 * ```
 */
export type TelemetryApp = Hono & Telemetry;

/**
 * A telemetry server.
 *
 * @example Usage
 * ```ts
 * import { createServer, type TelemetryServer } from "@asyncmachine/asyncmachine/telemetry/server";
 * import { assertEquals } from "@std/assert";
 *
 * await using server: TelemetryServer = createServer();
 * const response = await server.fetch(new Request(`${server.url}/v1/healthz`));
 * assertEquals((await response.json()).status, "ok");
 * ```
 */
export interface TelemetryServer extends Telemetry {
  /**
   * Its address, once it listens; `http://127.0.0.1:6841` and the like before. Where it listens on all addresses of the
   * machine, it is that on loopback.
   */
  readonly url: string;
  /** The address with the control token in the fragment, which browsers keep to themselves. */
  readonly urlWithToken: string;
  /**
   * Answers a request, for a server of your own: `Deno.serve(server.fetch)`, `Bun.serve({ fetch: server.fetch })`.
   *
   * The second argument tells who asks: hand on what your server gives you. Where it names no address, or a header says
   * that a proxy stands between, a request counts as one of another machine, and needs a token.
   */
  readonly fetch: (request: Request, env?: unknown) => Response | Promise<Response>;
  /**
   * Listen, in Deno, Node or Bun.
   *
   * @returns The address.
   *
   * @throws {PortTakenError} when another program listens there.
   */
  listen(): Promise<string>;
}

/**
 * Another program listens where the server should.
 *
 * @example Usage
 * ```ts
 * import { PortTakenError } from "@asyncmachine/asyncmachine/telemetry/server";
 * import { assertEquals } from "@std/assert";
 *
 * function explain(error: unknown): string {
 *   return error instanceof PortTakenError ? `take another port than ${error.port}` : String(error);
 * }
 *
 * assertEquals(explain(new PortTakenError("127.0.0.1", 6841)), "take another port than 6841");
 * ```
 */
export class PortTakenError extends Error {
  /** Name or address. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;

  /**
   * Make the error.
   *
   * @param hostname Name or address.
   * @param port The port.
   * @param options The error of the system.
   */
  constructor(hostname: string, port: number, options: ErrorOptions = {}) {
    super(`Cannot listen on ${inUrl(hostname)}:${port}: the port is taken`, options);
    this.name = "PortTakenError";
    this.hostname = hostname;
    this.port = port;
  }
}

/** Milliseconds that readers have to take the rest when the server closes, and answers under way to end after that. */
const END_READERS_MS = 2_000, END_ANSWERS_MS = 1_000;

/** The longest time that timers of the platforms can wait; they take a longer one for none. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Make the telemetry routes as a Hono app, to be mounted into one of yours.
 *
 * Requests need a token, and one of the hosts `localhost`, `127.0.0.1`, `[::1]` and `allowedHosts`.
 *
 * @param options Options.
 * @returns The app.
 *
 * @throws {RangeError} when a token or a limit is none.
 * @throws {TypeError} when a host or an origin is none.
 * @throws {StoreError} when the file cannot be used.
 *
 * @example Usage
 * ```ts
 * import { telemetryApp } from "@asyncmachine/asyncmachine/telemetry/server";
 * import { assertEquals } from "@std/assert";
 * import { Hono } from "hono";
 *
 * await using telemetry = telemetryApp();
 * const app = new Hono().route("/debug", telemetry);
 * const headers = { authorization: `Bearer ${telemetry.tokens.control}` };
 * const response = await app.request("/debug/v1/machines", { headers });
 * assertEquals((await response.json()).machines, []);
 * ```
 */
export function telemetryApp(options: TelemetryAppOptions = {}): TelemetryApp {
  const { app, feed, tokens, ingest, close } = assemble(options, undefined);
  const telemetry = Object.assign(app, { tokens, ingest, close, [Symbol.asyncDispose]: close });
  noteFeed(telemetry, feed);
  return telemetry;
}

/**
 * Make a telemetry server. It does nothing until it is told to `listen()`, or its `fetch` is called.
 *
 * @param options Options.
 * @returns The server.
 *
 * @throws {TypeError} when it would listen beyond this machine without `auth` or TLS, `cert` and `key` are no pair, or a host
 * or an origin is none.
 * @throws {RangeError} when a token, a port or a limit is none.
 * @throws {StoreError} when the file cannot be used.
 *
 * @example Usage
 * ```ts
 * import { createServer } from "@asyncmachine/asyncmachine/telemetry/server";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = createServer({ port: 0 });
 * const response = await server.fetch(new Request("http://localhost/v1/healthz"));
 * assertEquals((await response.json()).status, "ok");
 * ```
 */
export function createServer(options: ServerOptions = {}): TelemetryServer {
  checkPort(options);
  const tls = readTlsPair(options);
  checkExposure(options, tls);
  return new Server(options, tls);
}

class Server implements TelemetryServer {
  readonly fetch: (request: Request, env?: unknown) => Response | Promise<Response>;
  readonly tokens: Tokens;
  readonly ingest: Telemetry["ingest"];
  readonly #telemetry: Assembly;
  readonly #options: ServerOptions;
  readonly #tls: TlsPair | undefined;
  readonly #hostname: string;
  readonly #port: number;
  #listening: Promise<Listener> | undefined;
  #listener: Listener | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: ServerOptions, tls: TlsPair | undefined) {
    this.#options = options;
    this.#tls = tls;
    this.#hostname = options.hostname ?? "127.0.0.1";
    this.#port = options.port ?? 6841;
    this.#telemetry = assemble({ openReads: isLoopback(this.#hostname), ...options }, this.#hostname);
    const { app, feed, tokens, ingest } = this.#telemetry;
    noteFeed(this, feed);
    this.tokens = tokens;
    this.ingest = ingest;
    this.fetch = (request, env) => app.fetch(request, env as object | undefined);
  }

  get url(): string {
    const scheme = this.#tls === undefined ? "http" : "https";
    return `${scheme}://${addressInUrl(this.#hostname)}:${this.#listener?.port ?? this.#port}`;
  }

  get urlWithToken(): string {
    return `${this.url}/#token=${this.tokens.control}`;
  }

  async listen(): Promise<string> {
    if (this.#closing !== undefined) throw new Error("Cannot listen: the server is closed");
    this.#listening ??= this.#bind();
    try {
      await this.#listening;
    } catch (error) {
      this.#listening = undefined; // the port may come free
      throw error;
    }
    return this.url;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #bind(): Promise<Listener> {
    const { writeTimeoutMs = DEFAULT_WRITE_TIMEOUT_MS, onListen = printAddress } = this.#options;
    const [hostname, port, tls] = [this.#hostname, this.#port, this.#tls];
    try {
      this.#listener = await listen(this.fetch, { hostname, port, tls, writeTimeoutMs });
    } catch (cause) {
      const isTaken = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
      throw isTaken ? new PortTakenError(hostname, port, { cause }) : cause;
    }
    onListen(this);
    return this.#listener;
  }

  async #close(): Promise<void> {
    const listener = await this.#listening?.catch(() => undefined);
    await Promise.all([this.#telemetry.endReaders(), listener?.close(END_READERS_MS + END_ANSWERS_MS)]);
    await this.#telemetry.close();
  }
}

/** The parts of an app, and what its users are given. */
interface Assembly extends Omit<Telemetry, typeof Symbol.asyncDispose> {
  readonly app: Hono;
  readonly feed: Feed;
  endReaders(): Promise<void>;
}

const DEFAULT_WRITE_TIMEOUT_MS = 30_000;

function assemble(options: TelemetryAppOptions, hostname: string | undefined): Assembly {
  const { heartbeatMs = 15_000, writeTimeoutMs = DEFAULT_WRITE_TIMEOUT_MS, bodyTimeoutMs = 30_000 } = options;
  const { maxBodyMb = 8, maxRecordingMb = 2_000, maxMemoryMb = 500, maxFileMb = 2_000, maxAgeHours = 168 } = options;
  checkLimits({ heartbeatMs, writeTimeoutMs, bodyTimeoutMs }, MAX_TIMER_MS);
  checkLimits({ maxBodyMb, maxRecordingMb, maxMemoryMb, maxFileMb, maxAgeHours });
  const rules = originRules(hostname, { hosts: options.allowedHosts ?? [], origins: options.allowedOrigins ?? [] });
  const auth = new Auth({
    tokens: options.tokens,
    isOff: options.auth === false,
    openReads: options.openReads ?? false,
  });
  const { file, survivePowerLoss } = options;
  const store = file === undefined
    ? new MemoryStore({ maxMemoryMb })
    : new FileStore(file, { maxFileMb, maxAgeHours, survivePowerLoss });
  const feed = new Feed(store, { heartbeatMs, writeTimeoutMs });
  const limitsOf = (mb: number) => ({ maxBytes: mb * 1_000_000, timeoutMs: bodyTimeoutMs });
  const app = makeApp({
    store,
    feed,
    auth,
    rules,
    batchLimits: limitsOf(maxBodyMb),
    recordingLimits: limitsOf(maxRecordingMb),
  });
  let ending: Promise<void> | undefined;
  let closing: Promise<void> | undefined;
  const endReaders = () => ending ??= feed.end(END_READERS_MS);
  const close = () => closing ??= endReaders().then(() => store.close());
  return {
    app,
    feed,
    tokens: auth.tokens,
    ingest(records) {
      if (feed.isEnding) throw new Error("Cannot take in records: the server is closed");
      return ingestLines(
        { store, feed },
        typeof records === "string" ? records.split("\n") : records.map(encodeRecord),
      );
    },
    endReaders,
    close,
  };
}

function checkPort({ port = 6841 }: ServerOptions): void {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(`Cannot listen on port ${port}: it has to be an integer from 0 to 65535`);
  }
}

function checkExposure(
  { hostname = "127.0.0.1", insecureHttp, auth }: ServerOptions,
  tls: TlsPair | undefined,
): void {
  if (isLoopback(hostname)) return;
  if (auth === false) throw new TypeError(`Cannot listen on "${hostname}" without auth: that is for loopback only`);
  if (tls === undefined && insecureHttp !== true) {
    throw new TypeError(`Cannot listen on "${hostname}" without TLS: give cert and key, or insecureHttp`);
  }
}

function checkLimits(limits: Readonly<Record<string, number>>, max = Infinity): void {
  for (const [name, value] of Object.entries(limits)) {
    if (!(value > 0)) throw new RangeError(`Cannot use ${name} ${value}: it has to be more than 0`);
    if (value > max) throw new RangeError(`Cannot use ${name} ${value}: it has to be ${max} at most`);
  }
}

function printAddress(server: TelemetryServer): void {
  console.log(`Telemetry: ${server.urlWithToken}`);
}
