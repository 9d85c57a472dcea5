import { assert, assertEquals, assertGreaterOrEqual, assertLess, assertThrows } from "@std/assert";
import { PROGRESS_BYTES, readBody } from "../../telemetry/_body.ts";
import { HttpError } from "../../telemetry/_http_error.ts";
import { createServer, type TelemetryServer } from "../../telemetry/server.ts";
import { connect, ingestHeaders, withServer } from "./_server.ts";
import { logRecord, machineRecord } from "./_store_support.ts";
import { withFileAsync } from "./_stores.ts";

const ROUTES_WITH_BODY = ["/v1/ingest", "/v1/recording"] as const;
const LINE = JSON.stringify(machineRecord("one", 1));

/** A body whose length nobody says, and the first piece of it. */
const CHUNKED = { "transfer-encoding": "chunked" };
const CHUNK = new TextEncoder().encode("1\r\n{\r\n");

for (const route of ROUTES_WITH_BODY) {
  Deno.test(`POST ${route} answers 408 to a body that stalls for bodyTimeoutMs, and takes the next one`, () =>
    withServer({ bodyTimeoutMs: 300 }, async (server) => {
      const begin = performance.now();
      using client = await sendHalf(server, route);
      const answer = await readUntil(client, "}}");

      assertGreaterOrEqual(performance.now() - begin, 290);
      assert(answer.startsWith("HTTP/1.1 408 "), answer);
      assert(
        answer.endsWith('{"error":{"code":"too_slow","message":"Too little of the body came within 300 ms"}}'),
        answer,
      );
      assertEquals((await post(server, route, LINE)).status, 200);
      assertEquals(server.ingest(LINE).duplicates, 1); // the half was not taken in, and the whole was
    }));

  Deno.test(`POST ${route} answers 408 to a body that stalls, packed, or with no length`, () =>
    withServer({ bodyTimeoutMs: 300 }, async (server) => {
      const packed = new Response(new Blob([LINE]).stream().pipeThrough(new CompressionStream("gzip")));
      const half = (await packed.bytes()).subarray(0, 20);
      for (const [headers, begin] of [[{ "content-encoding": "gzip" }, half], [CHUNKED, CHUNK]] as const) {
        using client = await sendHalf(server, route, headers, begin);
        const answer = await readUntil(client, "}}");
        assert(answer.startsWith("HTTP/1.1 408 "), answer);
      }
    }));

  Deno.test(`POST ${route} answers 408 to a body of which a byte comes now and then`, () =>
    withServer({ bodyTimeoutMs: 300 }, async (server) => {
      using client = await sendHalf(server, route);
      const answer = readUntil(client, "}}");
      let isAnswered = false;
      answer.then(() => isAnswered = true, () => {});
      for (let bytes = 0; bytes < 500 && !isAnswered; bytes++) { // fewer than it announced
        await new Promise((resolve) => setTimeout(resolve, 10));
        await client.write(new Uint8Array([32])).catch(() => {}); // it may be closed by now
      }

      assert(isAnswered, "the body is still read");
      assert((await answer).startsWith("HTTP/1.1 408 "), await answer);
    }));
}

Deno.test("POST /v1/ingest gives a long body its time again for each 262,144 bytes", () =>
  withServer({ bodyTimeoutMs: 1_000 }, async (server) => {
    using client = await connect(server);
    const parts = 6;
    await client.write(headOf(server, "/v1/ingest", LINE.length + parts * PROGRESS_BYTES));
    await client.write(new TextEncoder().encode(LINE));
    const part = new Uint8Array(PROGRESS_BYTES).fill(10);
    const begin = performance.now();
    for (let count = 0; count < parts; count++) { // more than the limit in all
      await new Promise((resolve) => setTimeout(resolve, 200));
      for (let sent = 0; sent < part.length;) sent += await client.write(part.subarray(sent));
    }

    assertGreaterOrEqual(performance.now() - begin, 1_000);
    assert((await readUntil(client, "}")).startsWith("HTTP/1.1 200 "));
    assertEquals(server.ingest(LINE).duplicates, 1);
  }));

Deno.test("readBody() unpacks a bomb piece by piece, and no further than its limit", async () => {
  const zeros = new Blob([new Uint8Array(100_000_000)]).stream().pipeThrough(new CompressionStream("gzip"));
  const bomb = await new Response(zeros).bytes(); // in one piece
  const read = async (maxBytes: number) => {
    const request = new Request("http://localhost/v1/ingest", {
      method: "POST",
      headers: { "content-type": "application/x-ndjson", "content-encoding": "gzip" },
      body: bomb,
    });
    let all = 0, most = 0;
    try {
      for await (const { byteLength } of readBody(request, { maxBytes, timeoutMs: 60_000 })) {
        all += byteLength;
        most = Math.max(most, byteLength);
      }
    } catch (error) {
      assert(error instanceof HttpError && error.code === "too_large", `${error}`);
    }
    return { all, most };
  };

  const { all, most } = await read(200_000_000);
  assertEquals(all, 100_000_000);
  assertLess(most, 5_000_000);
  assertLess((await read(8_000_000)).all, 8_000_000);
});

Deno.test("POST /v1/ingest reads 16 bodies at once, answers 429 to more, and goes on when a client is gone", () =>
  withServer({}, async (server) => {
    const clients: Disposable[] = [];
    try {
      for (let count = 0; count < 8; count++) {
        clients.push(await sendHalf(server, "/v1/ingest"), await sendHalf(server, "/v1/ingest", CHUNKED, CHUNK));
      }
      const answer = await untilStatus(server, "/v1/ingest", 429);
      assertEquals((await answer.json()).error, { code: "busy", message: "16 others are sending" });
      assertEquals(answer.headers.get("retry-after"), "1");
      assertEquals((await fetch(`${server.url}/v1/machines`)).status, 200); // reading is not sending

      clients.shift()![Symbol.dispose]();
      const { accepted } = await (await untilStatus(server, "/v1/ingest", 200)).json();
      assertEquals(accepted, 1);
    } finally {
      for (const client of clients) client[Symbol.dispose]();
    }
  }));

Deno.test("POST /v1/recording reads one recording at a time, answers 429 to more, and goes on when its client is gone", () =>
  withServer({}, async (server) => {
    {
      using _ = await sendHalf(server, "/v1/recording");
      const answer = await untilStatus(server, "/v1/recording", 429);
      assertEquals((await answer.json()).error, { code: "busy", message: "Another recording is being imported" });
      assertEquals(answer.headers.get("retry-after"), "1");
    }
    assertEquals((await untilStatus(server, "/v1/recording", 200)).status, 200);
  }));

Deno.test("POST /v1/recording goes on when a client sent all of it, and is gone before there was an answer", () =>
  withServer({}, async (server) => {
    for (let count = 0; count < 20; count++) {
      const bytes = new TextEncoder().encode(JSON.stringify(machineRecord(`m${count}`, 1)));
      const client = await connect(server);
      await client.write(headOf(server, "/v1/recording", bytes.length));
      await client.write(bytes);
      await new Promise((resolve) => setTimeout(resolve, count % 4)); // at whatever point the server is
      client.close();
      await untilStatus(server, "/v1/recording", 200);
    }
  }));

Deno.test("A server that is closed answers 503 to what would change or follow it, with a time to come again", async () => {
  const server = createServer();
  await server.close();
  const headers = { authorization: `Bearer ${server.tokens.control}`, "content-type": "application/x-ndjson" };
  for (const [method, path] of [["POST", "/v1/ingest"], ["POST", "/v1/recording"], ["GET", "/v1/events"]]) {
    const request = new Request(`http://localhost${path}`, {
      method: method!,
      headers,
      ...(method === "POST" && { body: LINE }),
    });
    const response = await server.fetch(request);
    assertEquals([path, response.status, response.headers.get("retry-after")], [path, 503, "1"]);
    assertEquals((await response.json()).error.code, "closing");
  }
  const health = await server.fetch(new Request("http://localhost/v1/healthz"));
  assertEquals([health.status, (await health.json()).status], [503, "closing"]);
});

Deno.test("A server whose file has no room answers 503, without the file's name, and keeps what was there", () =>
  withFileAsync(async (file) => {
    await using server = createServer({ file, maxFileMb: 1 });
    server.ingest(LINE);
    const send = async (route: string, ...pieces: string[]) => {
      const body = ReadableStream.from(pieces.map((piece) => new TextEncoder().encode(piece)));
      const headers = ingestHeaders(server, "control");
      return await server.fetch(new Request(`http://localhost${route}`, { method: "POST", headers, body }));
    };
    const big = [2, 3].map((seq) => JSON.stringify(logRecord("one", seq, 1, "x".repeat(700_000)))).join("\n") + "\n";
    const refusal = { code: "store_failed", message: "The server cannot store anything now" };

    for (const route of ROUTES_WITH_BODY) {
      const response = await send(route, big);
      assertEquals([route, response.status, response.headers.get("retry-after")], [route, 503, "5"]);
      assertEquals((await response.json()).error, refusal);
    }
    const late = await send("/v1/recording", "\n".repeat(10_000), big); // its status was said with the progress
    const lines = (await late.text()).trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals([late.status, lines.length, lines[0].read, lines[1]], [200, 2, 10_000, { error: refusal }]);

    assertEquals(server.ingest(LINE).duplicates, 1);
  }));

Deno.test("createServer() refuses limits that are none, and times that no timer can wait for", () => {
  const times = ["heartbeatMs", "writeTimeoutMs", "bodyTimeoutMs"];
  const sizes = ["maxBodyMb", "maxRecordingMb", "maxMemoryMb", "maxFileMb", "maxAgeHours"];
  for (const name of [...times, ...sizes]) {
    for (const value of [0, -1, NaN]) {
      assertThrows(() => createServer({ [name]: value }), RangeError, `Cannot use ${name} ${value}: it has to be more`);
    }
  }
  for (const name of times) {
    for (const value of [Infinity, 2 ** 31]) {
      const message = `Cannot use ${name} ${value}: it has to be 2147483647 at most`;
      assertThrows(() => createServer({ [name]: value }), RangeError, message);
    }
    createServer({ [name]: 2 ** 31 - 1 });
  }
});

/** Send the head of a request that announces more of a body than comes. */
async function sendHalf(
  server: TelemetryServer,
  route: string,
  headers: Record<string, string> = {},
  half = new TextEncoder().encode(LINE.slice(0, 20)),
): Promise<Deno.TcpConn> {
  const client = await connect(server);
  await client.write(headOf(server, route, half.length + 1_000, headers));
  await client.write(half);
  return client;
}

function headOf(
  server: TelemetryServer,
  route: string,
  length: number,
  headers: Record<string, string> = {},
): Uint8Array {
  const size = "transfer-encoding" in headers ? {} : { "content-length": `${length}` };
  const all = { ...ingestHeaders(server, "control"), ...headers, "host": "localhost", ...size };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return new TextEncoder().encode(`${[`POST ${route} HTTP/1.1`, ...lines].join("\r\n")}\r\n\r\n`);
}

/** Read what comes until it ends with a text, or the connection does. */
async function readUntil(client: Deno.TcpConn, end: string): Promise<string> {
  const buffer = new Uint8Array(65_536);
  let text = "";
  while (!text.trimEnd().replace(/\r\n0$/, "").endsWith(end)) {
    const size = await client.read(buffer);
    if (size === null) break;
    text += new TextDecoder().decode(buffer.subarray(0, size));
  }
  return text.trimEnd().replace(/\r\n0$/, "");
}

async function post(server: TelemetryServer, route: string, body: string): Promise<Response> {
  return await fetch(server.url + route, { method: "POST", headers: ingestHeaders(server, "control"), body });
}

/** Post until an answer has a status: what other clients do takes a while to arrive. */
async function untilStatus(server: TelemetryServer, route: string, status: number): Promise<Response> {
  for (const start = performance.now(); performance.now() - start < 10_000;) {
    const response = await post(server, route, LINE);
    if (response.status === status) return response;
    await response.text();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`Expected ${status} from ${route} in 10 s`);
}
