/**
 * Servers to be tested, and clients that speak to them through real sockets.
 *
 * @module
 */
import { createServer, type ServerOptions, type TelemetryServer } from "../../telemetry/server.ts";

/** Run something with a server that listens on a free port, and close it. */
export async function withServer(
  options: ServerOptions,
  run: (server: TelemetryServer) => Promise<void>,
): Promise<void> {
  const server = createServer({ port: 0, onListen: () => {}, ...options });
  try {
    await server.listen();
    await run(server);
  } finally {
    await server.close();
  }
}

/** The headers of a request with records. */
export function ingestHeaders(
  { tokens }: Pick<TelemetryServer, "tokens">,
  role: "ingest" | "control" = "ingest",
): HeadersInit {
  return { authorization: `Bearer ${tokens[role]}`, "content-type": "application/x-ndjson" };
}

/** A server's answer. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** What came of the body until the connection ended, or `until` was there. */
  readonly text: string;
}

/** Connect to a server. */
export async function connect({ url }: Pick<TelemetryServer, "url">): Promise<Deno.TcpConn> {
  const { hostname, port } = new URL(url);
  return await Deno.connect({ hostname: hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(port) });
}

/**
 * Send bytes as they are, and read the answer: its head, and its body if that ends with the connection.
 *
 * @param lines The lines of the request's head.
 */
export async function sendRaw(
  server: Pick<TelemetryServer, "url">,
  lines: readonly string[],
  body = "",
): Promise<RawAnswer> {
  using connection = await connect(server);
  await connection.write(new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n${body}`));
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(65_536);
  let text = "";
  while (!text.includes("\r\n\r\n") || !isStream(text)) {
    const size = await connection.read(buffer);
    if (size === null) break;
    text += decoder.decode(buffer.subarray(0, size), { stream: true });
  }
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [first = "", ...fields] = head.split("\r\n");
  const headers = new Headers(fields.map((field): [string, string] => {
    const colon = field.indexOf(":");
    return [field.slice(0, colon), field.slice(colon + 1).trim()];
  }));
  return { status: Number(first.split(" ")[1]), headers, text: rest.join("\r\n\r\n") };
}

/** A stream does not end: its head is enough. */
function isStream(text: string): boolean {
  return /^content-type: text\/event-stream/im.test(text);
}

/** An event of a stream. */
export interface StreamEvent {
  /** Its type; `message` if it has none. */
  readonly type: string;
  /** Its data; empty for a block without data, which only says an id, and for a comment. */
  readonly data: string;
  /** The last id that was said, with this event or before. */
  readonly lastId: string;
  /** Its comment. */
  readonly comment: string;
}

/** Read the events of a stream, as a browser would; comments and blocks without data, too. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent> {
  let rest = "", lastId = "";
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop()!;
    for (const block of blocks) {
      let type = "message", comment = "";
      const data: string[] = [];
      for (const line of block.split("\n")) {
        const [, field = "", value = ""] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
        if (field === "id") lastId = value;
        else if (field === "data") data.push(value);
        else if (field === "event") type = value;
        else if (field === "") comment = value;
      }
      yield { type, data: data.join("\n"), lastId, comment };
    }
  }
}

/** Wait until something holds, and fail if it does not in time. */
export async function until(what: string, isSo: () => boolean, timeoutMs = 10_000): Promise<number> {
  const start = performance.now();
  while (!isSo()) {
    if (performance.now() - start > timeoutMs) throw new Error(`Expected in ${timeoutMs} ms that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return performance.now() - start;
}
