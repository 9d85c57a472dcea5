/**
 * Who may do what: two tokens, and cookies that stand for them in a browser.
 *
 * @module
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import { getSignedCookie, setSignedCookie } from "hono/cookie";
import { HttpError } from "./_http_error.ts";
import { isLoopback } from "./_origin.ts";

/**
 * The secrets of a server.
 *
 * @example Usage
 * ```ts
 * import { createServer, type Tokens } from "@asyncmachine/asyncmachine/telemetry/server";
 * import { assertEquals } from "@std/assert";
 *
 * const tokens: Tokens = { ingest: crypto.randomUUID(), control: crypto.randomUUID() };
 * await using server = createServer({ tokens });
 * assertEquals(server.urlWithToken, `http://127.0.0.1:6841/#token=${tokens.control}`);
 * ```
 */
export interface Tokens {
  /** Allows to send records. */
  readonly ingest: string;
  /** Allows everything. */
  readonly control: string;
}

/** What a token stands for; `control` includes `ingest`. */
export type Role = "ingest" | "control";

/**
 * What a route asks for: nothing (`open`), to read (`read`: a control token, or none where reads are open), any token
 * (`token`), to send records (`ingest`), or to change anything else (`control`).
 */
export type Need = "open" | "read" | "token" | "ingest" | "control";

/** How a server decides. */
export interface AuthOptions {
  /** Given tokens; the others are made at random. */
  readonly tokens?: Partial<Tokens> | undefined;
  /** Whether all is open to this machine. */
  readonly isOff: boolean;
  /** Whether reads are open to this machine. */
  readonly openReads: boolean;
}

/** Seconds for which a browser keeps its session. */
const SESSION_SECONDS = 12 * 60 * 60;

/** The shortest token that is taken from a user. */
const MIN_TOKEN_LENGTH = 16;

const UNAUTHORIZED = { "www-authenticate": 'Bearer realm="asyncmachine"' };

/** Decides about the requests to one app. */
export class Auth {
  /** The secrets. */
  readonly tokens: Tokens;
  readonly #isOff: boolean;
  readonly #openReads: boolean;
  readonly #digests: Readonly<Record<Role, Uint8Array>>;
  readonly #cookieName: string;
  readonly #cookieSecret: string;

  /**
   * Set it up.
   *
   * @throws {RangeError} when a given token is too short to be a secret, or both are the same.
   */
  constructor({ tokens = {}, isOff, openReads }: AuthOptions) {
    this.tokens = { ingest: tokens.ingest ?? makeToken(), control: tokens.control ?? makeToken() };
    for (const role of ["ingest", "control"] as const) checkToken(role, this.tokens[role]);
    if (this.tokens.ingest === this.tokens.control) {
      throw new RangeError("Cannot use one token as ingest and control: whoever sends could do everything");
    }
    this.#isOff = isOff;
    this.#openReads = openReads;
    this.#digests = { ingest: digest(this.tokens.ingest), control: digest(this.tokens.control) };
    // Made of the tokens, so that a session outlives a restart with the same ones, and no other. Cookies know no ports: the
    // name keeps servers of one machine apart.
    this.#cookieSecret = toHex(digest(`session ${this.tokens.control} ${this.tokens.ingest}`));
    this.#cookieName = `asyncmachine_${toHex(digest(`name ${this.#cookieSecret}`)).slice(0, 8)}`;
  }

  /**
   * Let a request pass, or refuse it.
   *
   * @throws {HttpError} 401 when it has to say who it is, 403 when that may not do it.
   */
  async check(c: Context, need: Need): Promise<void> {
    if (need === "open") return;
    if (this.#isOff) {
      if (!isLocalPeer(c)) throw new HttpError(403, "forbidden_peer", "This server is for its own machine only");
      return;
    }
    const role = await this.#roleOf(c);
    if (role === undefined) {
      if (need === "read" && this.#openReads && isLocalPeer(c)) return;
      throw new HttpError(401, "unauthorized", "This needs a token: Authorization: Bearer …", {
        headers: UNAUTHORIZED,
      });
    }
    if (role === "control" || need === "token" || need === "ingest") return;
    if (need === "read" && this.#openReads && isLocalPeer(c)) return;
    throw new HttpError(403, "forbidden_role", "This needs the control token, and that is the ingest token");
  }

  /** Give the browser that sent a token a cookie in its place, which its scripts cannot read. */
  async startSession(c: Context): Promise<void> {
    const role = this.#isOff ? undefined : readBearer(c);
    if (role === undefined) return;
    const isControl = this.#roleOfToken(role) === "control";
    const value = `${isControl ? "control" : "ingest"}.${nowSeconds() + SESSION_SECONDS}`;
    await setSignedCookie(c, this.#cookieName, value, this.#cookieSecret, {
      path: "/",
      httpOnly: true,
      sameSite: "Strict",
      secure: new URL(c.req.url).protocol === "https:",
      maxAge: SESSION_SECONDS,
    });
  }

  async #roleOf(c: Context): Promise<Role | undefined> {
    const token = readBearer(c);
    if (token !== undefined) {
      const role = this.#roleOfToken(token);
      if (role !== undefined) return role;
      // Also where no token is needed: one that is wrong is a mistake, and better told.
      throw new HttpError(401, "unauthorized", "That token is not one of this server's", { headers: UNAUTHORIZED });
    }
    const role = await this.#roleOfCookie(c);
    if (role !== undefined && !isSafe(c.req.method) && c.req.header("origin") === undefined) {
      throw new HttpError(403, "forbidden_origin", "A session cannot change anything without an Origin: send a token");
    }
    return role;
  }

  /** Both comparisons are made, and of digests, so that the time tells neither which matched nor how far. */
  #roleOfToken(token: string): Role | undefined {
    const given = digest(token);
    const [isIngest, isControl] = [
      timingSafeEqual(given, this.#digests.ingest),
      timingSafeEqual(given, this.#digests.control),
    ];
    return isControl ? "control" : isIngest ? "ingest" : undefined;
  }

  async #roleOfCookie(c: Context): Promise<Role | undefined> {
    if (c.req.header("cookie") === undefined) return undefined;
    const value = await getSignedCookie(c, this.#cookieSecret, this.#cookieName);
    const [, role, until] = /^(ingest|control)\.(\d+)$/.exec(value || "") ?? [];
    return role !== undefined && Number(until) > nowSeconds() ? role as Role : undefined;
  }
}

/** What servers that call an app tell of the connection: Deno's, Bun's, `@hono/node-server`, and ours. */
interface Connection {
  readonly remoteAddr?: { readonly hostname?: string };
  readonly requestIP?: (request: Request) => { readonly address: string } | null;
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string | undefined } };
}

/** Headers by which a proxy tells that it stands between: the address is its own then. */
const PROXY_HEADERS = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];

/**
 * Whether a request comes from this machine. One whose address nobody tells does not: there are servers that call `fetch`
 * with the request alone, and those of Bun and Node have no address any more when the client is gone.
 */
export function isLocalPeer(c: Context): boolean {
  const connection = (c.env ?? {}) as Connection;
  const address = connection.remoteAddr?.hostname ?? connection.requestIP?.(c.req.raw)?.address ??
    connection.incoming?.socket?.remoteAddress;
  return address !== undefined && isLoopback(address) &&
    PROXY_HEADERS.every((name) => c.req.header(name) === undefined);
}

/** The token of a request; an `Authorization` of another kind counts as a wrong one. */
function readBearer(c: Context): string | undefined {
  const header = c.req.header("authorization");
  return header === undefined ? undefined : /^Bearer +([\x21-\x7e]+) *$/i.exec(header)?.[1] ?? "";
}

function isSafe(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "OPTIONS";
}

function checkToken(role: Role, token: string): void {
  if (token.length < MIN_TOKEN_LENGTH || !/^[\x21-\x7e]+$/.test(token)) {
    throw new RangeError(
      `Cannot use the ${role} token: it has to be ${MIN_TOKEN_LENGTH} or more visible ASCII characters`,
    );
  }
}

/** 256 random bits, in characters that a URL's fragment takes as they are. */
function makeToken(): string {
  return randomBytes(32).toString("base64url");
}

function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
