/**
 * Serves a fetch function over HTTP with Node's server, which Deno, Node and Bun all have: it alone of theirs lets go of a
 * connection that takes nothing. With `Deno.serve()`, a body that ends in an error leaves such a connection open.
 *
 * @module
 */
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TlsPair } from "./_tls.ts";

/** A function that answers requests; `env` tells of the connection. */
export type Fetch = (request: Request, env?: unknown) => Response | Promise<Response>;

/** Where and how to listen. */
export interface ListenOptions {
  /** Name or address. */
  readonly hostname: string;
  /** Port; 0 for any that is free. */
  readonly port: number;
  /** Certificate and key; plain HTTP without. */
  readonly tls?: TlsPair | undefined;
  /** Milliseconds after which a connection is cut off that takes nothing of an answer. */
  readonly writeTimeoutMs: number;
}

/** How long, and how much of it, a body is read that nobody wants. */
const DISCARD_MS = 5_000, DISCARD_BYTES = 32_000_000;

/** A server that listens. */
export interface Listener {
  /** Its port. */
  readonly port: number;
  /** Take no more connections, let the answers under way end, and after a while cut them off. */
  close(timeoutMs: number): Promise<void>;
}

/** Begin to listen; rejects with the error of the system when that cannot be. */
export async function listen(fetch: Fetch, { hostname, port, tls, writeTimeoutMs }: ListenOptions): Promise<Listener> {
  const scheme = tls === undefined ? "http" : "https";
  const handle = (incoming: IncomingMessage, outgoing: ServerResponse) =>
    void respond(fetch, { incoming, outgoing }, { scheme, writeTimeoutMs });
  const server: Server = tls === undefined ? createHttpServer(handle) : createHttpsServer({ ...tls }, handle);
  server.requestTimeout = 0; // Node's ends an import after 5 minutes, however well it goes on: bodies have limits of ours
  const bare = hostname.replace(/^\[(.*)\]$/, "$1");
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, bare, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return { port: (server.address() as AddressInfo).port, close: (timeoutMs) => close(server, timeoutMs) };
}

async function close(server: Server, timeoutMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), timeoutMs);
  await closed;
  clearTimeout(timer);
}

/** Both ends of one exchange. */
interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

async function respond(
  fetch: Fetch,
  exchange: Exchange,
  { scheme, writeTimeoutMs }: { scheme: string; writeTimeoutMs: number },
): Promise<void> {
  const { incoming, outgoing } = exchange;
  const closed = new Promise<true>((resolve) => outgoing.once("close", () => resolve(true)));
  try {
    const request = toRequest(incoming, scheme);
    if (request === undefined) {
      outgoing.writeHead(400, { "connection": "close" }).end();
      return;
    }
    const response = await fetch(request, exchange);
    const headers: [string, string][] = [...response.headers];
    outgoing.writeHead(response.status, headers.flat());
    if (response.body === null) outgoing.end();
    else await send(response.body, outgoing, { closed, writeTimeoutMs });
    if (!incoming.complete) discardRest(incoming);
  } catch {
    outgoing.destroy(); // the app answers its own errors: this is a connection that broke
  }
}

/** `undefined` if it names no host, or one that is none. */
function toRequest(incoming: IncomingMessage, scheme: string): Request | undefined {
  const headers = new Headers();
  const { rawHeaders, method = "GET", url = "/" } = incoming;
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i]!, rawHeaders[i + 1]!);
  const host = headers.get("host");
  if (host === null || !/^[^\s/?#@\\]+$/.test(host)) return undefined;
  const target = url.startsWith("/") ? `${scheme}://${host}${url}` : url; // a proxy's form names the host itself
  if (!URL.canParse(target)) return undefined;
  const hasBody = method !== "GET" && method !== "HEAD";
  return new Request(
    target,
    { method, headers, ...(hasBody && { body: toStream(incoming), duplex: "half" }) } as RequestInit,
  );
}

/** Takes from the connection only what is read. */
function toStream(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      incoming.pause();
      incoming.on("data", (chunk: Uint8Array) => {
        controller.enqueue(chunk);
        incoming.pause();
      });
      incoming.on("end", () => settle(() => controller.close()));
      const fail = () => settle(() => controller.error(new Error("The connection broke")));
      incoming.on("error", fail);
      incoming.on("close", fail);
      let isSettled = false;
      function settle(action: () => void): void {
        if (isSettled) return;
        isSettled = true;
        try {
          action();
        } catch {
          // it was canceled
        }
      }
    },
    pull() {
      incoming.resume();
    },
    cancel() {
      incoming.pause();
    },
  }, { highWaterMark: 0 });
}

/**
 * Reads what a client still sends when it has its answer: closing the connection upon it would reset it, and the client
 * would often lose the answer. There are limits to that kindness.
 */
function discardRest(incoming: IncomingMessage): void {
  let bytes = 0;
  const timer = setTimeout(() => incoming.destroy(), DISCARD_MS);
  incoming.once("close", () => clearTimeout(timer));
  incoming.once("end", () => clearTimeout(timer));
  incoming.removeAllListeners("data");
  incoming.on("data", (chunk: Uint8Array) => {
    bytes += chunk.byteLength;
    if (bytes > DISCARD_BYTES) incoming.destroy();
  });
  incoming.resume();
}

/** @param options `closed` settles when the connection is gone, and may have done so before there was an answer. */
async function send(
  body: ReadableStream<Uint8Array>,
  outgoing: ServerResponse,
  { closed, writeTimeoutMs }: { closed: Promise<true>; writeTimeoutMs: number },
): Promise<void> {
  const reader = body.getReader();
  void closed.then(() => reader.cancel().catch(() => {})); // at once, not when there is something to write
  for (;;) {
    const { done, value } = await reader.read();
    if (outgoing.destroyed) return;
    if (done) {
      outgoing.end();
      return;
    }
    if (!outgoing.write(value)) await drained(outgoing, writeTimeoutMs);
  }
}

/** Waits until a connection takes more, or is gone; one that takes nothing in time is cut off. */
function drained(outgoing: ServerResponse, writeTimeoutMs: number): Promise<void> {
  if (outgoing.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => outgoing.destroy(), writeTimeoutMs);
    const settle = () => {
      clearTimeout(timer);
      outgoing.off("drain", settle).off("close", settle);
      resolve();
    };
    outgoing.once("drain", settle).once("close", settle);
  });
}
