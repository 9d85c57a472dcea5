/**
 * Asks the telemetry server.
 *
 * @module
 */
import { DEFAULT_URL } from "../telemetry/mod.ts";
import type { CommandContext, GlobalOptions } from "./_context.ts";
import { CommandFailure, TIMED_OUT, UNREACHABLE, USAGE } from "./_exit_codes.ts";

/** How long the server may take to begin an answer. */
const ANSWER_TIMEOUT_MS = 10_000;

/** A server, as the options name it. */
export class Client {
  /** Its address. */
  readonly url: URL;
  readonly #context: CommandContext;
  #token: string | undefined;

  /**
   * Read address and token from the options, or else from the environment.
   *
   * @throws {CommandFailure} when the address is none, or the file of the token cannot be read.
   */
  constructor({ url, tokenFile }: GlobalOptions, context: CommandContext) {
    this.url = parseUrl(url ?? context.env("AM_TELEMETRY_URL") ?? DEFAULT_URL);
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
    let response = await this.#fetch(path);
    if (response.status === 401 && this.#token === undefined) {
      const token = this.#context.askSecret(`Token for ${this.url.host}:`);
      if (token) {
        await response.body?.cancel();
        this.#token = token;
        response = await this.#fetch(path);
      }
    }
    if (response.ok) return response;
    const { status } = response;
    await response.body?.cancel();
    const advice = status === 401 || status === 403
      ? "it wants a token: name its file with --token-file, or set AM_TELEMETRY_TOKEN"
      : `it answers ${status}: see that --url is the address of a telemetry server`;
    throw new CommandFailure(`Cannot read from ${this.url.href}: ${advice}`, UNREACHABLE);
  }

  async #fetch(path: string): Promise<Response> {
    const base = this.url.href.endsWith("/") ? this.url : new URL(`${this.url.href}/`);
    const { signal } = this.#context;
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), ANSWER_TIMEOUT_MS); // until the answer begins: it may last
    try {
      return await fetch(new URL(path, base), {
        headers: this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` },
        signal: AbortSignal.any([signal, timeout.signal]),
        redirect: "error", // the token is for this server
      });
    } catch (cause) {
      signal.throwIfAborted();
      if (timeout.signal.aborted) {
        throw new CommandFailure(
          `Cannot read from ${this.url.href}: no answer in ${ANSWER_TIMEOUT_MS / 1_000} s, try again later`,
          TIMED_OUT,
        );
      }
      const advice = "start a server there, or name another address with --url";
      throw new CommandFailure(`Cannot reach ${this.url.href}: ${advice}`, UNREACHABLE, { cause });
    } finally {
      clearTimeout(timer);
    }
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
