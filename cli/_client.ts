/**
 * Asks the telemetry server.
 *
 * @module
 */
import { DEFAULT_URL } from "../telemetry/mod.ts";
import type { CommandContext, GlobalOptions } from "./_context.ts";
import { CommandFailure, TIMED_OUT, UNREACHABLE, USAGE } from "./_exit_codes.ts";

/** How long the server may take to begin an answer, in seconds. */
const DEFAULT_TIMEOUT_S = 10;

const TOKEN_ADVICE = "name its file with --token-file, or set AM_TELEMETRY_TOKEN";

/** How a request differs from a plain GET. */
export interface RequestOptions {
  /** Its method. */
  readonly method?: "GET" | "POST" | undefined;
  /** More headers. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Makes its body, for each time that it is sent. An answer may wait for all of it: there is no time-out then. */
  readonly body?: (() => ReadableStream<Uint8Array<ArrayBuffer>> | string) | undefined;
}

/** A server, as the options name it. */
export class Client {
  /** Its address. */
  readonly url: URL;
  readonly #context: CommandContext;
  readonly #timeoutMs: number;
  #token: string | undefined;

  /**
   * Read address and token from the options, or else from the environment.
   *
   * @throws {CommandFailure} when the address is none, or the file of the token cannot be read.
   */
  constructor({ url, tokenFile, timeout = DEFAULT_TIMEOUT_S }: GlobalOptions, context: CommandContext) {
    this.url = parseUrl(url ?? context.env("AM_TELEMETRY_URL") ?? DEFAULT_URL);
    if (!(timeout > 0)) throw new CommandFailure("Cannot wait for an answer: --timeout has to be more than 0", USAGE);
    this.#timeoutMs = timeout * 1_000;
    this.#token = tokenFile === undefined ? context.env("AM_TELEMETRY_TOKEN") : readToken(tokenFile);
    this.#context = context;
  }

  /**
   * Get something. Where a token is wanted and none is given, it is asked for.
   *
   * @param path What, below the address: `v1/recording`.
   * @returns An answer that is no refusal.
   *
   * @throws {CommandFailure} when the server cannot be reached, refuses, or does not answer in time.
   */
  async get(path: string): Promise<Response> {
    const response = await this.request(path);
    if (response.ok) return response;
    throw await this.refusal(response);
  }

  /** Get JSON; `undefined` when the server says that it has no such thing. */
  async find<Value>(path: string): Promise<Value | undefined> {
    const response = await this.request(path);
    if (response.ok) return await this.#readJson(response);
    // A telemetry server says so itself; another one just has no such page.
    if (response.status === 404 && (await readError(response))?.code === "not_found") return undefined;
    throw await this.refusal(response);
  }

  /** Get JSON that is there. */
  async getJson<Value>(path: string): Promise<Value> {
    return await this.#readJson(await this.get(path));
  }

  /**
   * Ask for something, and take a refusal for an answer, too.
   *
   * @param path What, below the address.
   * @param options How.
   *
   * @throws {CommandFailure} when the server cannot be reached, or does not answer in time.
   */
  async request(path: string, options: RequestOptions = {}): Promise<Response> {
    const response = await this.#fetch(path, options);
    if (response.status !== 401 || this.#token !== undefined) return response;
    const token = await this.#context.askSecret(`Token for ${this.url.host}:`);
    if (!token) return response;
    await response.body?.cancel();
    this.#token = token;
    return await this.#fetch(path, options);
  }

  /** Make the failure that a refusal is. */
  async refusal(response: Response, action: "read from" | "send to" = "read from"): Promise<CommandFailure> {
    const { status } = response;
    const error = await readError(response);
    const said = error === undefined ? "" : ` (${error.message})`;
    const advice = status === 401 || status === 403
      ? `it wants ${this.#token === undefined ? "a" : "another"} token: ${TOKEN_ADVICE}`
      : status === 429 || status === 503
      ? "it is busy or closing, try again later"
      : `it answers ${status}: see that --url is the address of a telemetry server`;
    return new CommandFailure(`Cannot ${action} ${this.url.href}: ${advice}${said}`, UNREACHABLE);
  }

  /** Make the failure that a connection is which breaks in the middle. */
  broken(cause: unknown): CommandFailure {
    const message = `Cannot read what ${this.url.href} has: the connection broke, try again`;
    return new CommandFailure(message, UNREACHABLE, { cause });
  }

  async #readJson<Value>(response: Response): Promise<Value> {
    let text: string;
    try {
      text = await response.text();
    } catch (cause) {
      this.#context.signal.throwIfAborted();
      throw this.broken(cause);
    }
    try {
      return JSON.parse(text);
    } catch (cause) {
      const advice = "it answers no JSON: see that --url is the address of a telemetry server";
      throw new CommandFailure(`Cannot read from ${this.url.href}: ${advice}`, UNREACHABLE, { cause });
    }
  }

  async #fetch(path: string, { method = "GET", headers = {}, body }: RequestOptions): Promise<Response> {
    const base = this.url.href.endsWith("/") ? this.url : new URL(`${this.url.href}/`);
    const { signal } = this.#context;
    const timeout = new AbortController();
    const timer = body === undefined ? setTimeout(() => timeout.abort(), this.#timeoutMs) : undefined; // the answer may last
    try {
      return await fetch(new URL(path, base), {
        method,
        headers: { ...headers, ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }) },
        ...(body !== undefined && { body: body() }),
        signal: AbortSignal.any([signal, timeout.signal]),
        redirect: "error", // the token is for this server
      });
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof CommandFailure) throw cause; // of what makes the body
      if (timeout.signal.aborted) {
        const seconds = this.#timeoutMs / 1_000;
        const message = `Cannot read from ${this.url.href}: no answer in ${seconds} s, try again later`;
        throw new CommandFailure(message, TIMED_OUT);
      }
      const advice = "start a server there, or name another address with --url";
      throw new CommandFailure(`Cannot reach ${this.url.href}: ${advice}`, UNREACHABLE, { cause });
    } finally {
      clearTimeout(timer);
    }
  }
}

/** What a telemetry server says when it refuses; `undefined` if it is another one. */
async function readError(response: Response): Promise<{ code: string; message: string } | undefined> {
  try {
    const { error } = await response.json();
    return typeof error?.code === "string" && typeof error.message === "string" ? error : undefined;
  } catch {
    return undefined;
  }
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw new CommandFailure(`Cannot use address "${text}": it is no http or https URL, such as ${DEFAULT_URL}`, USAGE);
}

function readToken(path: string): string {
  try {
    const token = Deno.readTextFileSync(path).trim();
    if (token !== "") return token;
  } catch (cause) {
    throw new CommandFailure(`Cannot read the token in "${path}": the file cannot be opened`, USAGE, { cause });
  }
  throw new CommandFailure(`Cannot read the token in "${path}": the file is empty`, USAGE);
}
