import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Hono } from "hono";
import { createServer, PortTakenError, telemetryApp, type TelemetryServer } from "../../telemetry/server.ts";
import { ingestHeaders, withServer } from "./_server.ts";
import { machineRecord, txRecord } from "./_store_support.ts";

Deno.test("POST /v1/ingest takes in what is good, and tells what is bad by its index", () =>
  withServer({}, async (server) => {
    const lines = [machineRecord("one", 1), { v: 2 }, txRecord("one", 2), txRecord("two", 1)].map((it) =>
      JSON.stringify(it)
    );
    const { status, body } = await ingest(server, [...lines, "{", lines[2]].join("\r\n") + "\n");

    assertEquals(status, 200);
    assertEquals([body.accepted, body.duplicates, body.unknown, body.refusedCount], [3, 1, ["two"], 2]);
    assertEquals(body.refused.map(({ index }: { index: number }) => index), [1, 4]);
    assertEquals((await ingest(server, lines[0]!)).body.epoch, body.epoch);
  }));

Deno.test("POST /v1/ingest refuses other types and encodings, text that is no UTF-8, and what cannot be unpacked", () =>
  withServer({}, async (server) => {
    const statusOf = async (headers: Record<string, string>, body: BodyInit) => {
      const { status, body: { error } } = await ingest(server, body, headers);
      return [status, error.code];
    };
    for (const type of ["application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
      assertEquals(await statusOf({ "content-type": type }, "{}"), [415, "unsupported_type"]);
    }
    assertEquals(await statusOf({ "content-encoding": "br" }, "{}"), [415, "unsupported_encoding"]);
    assertEquals(await statusOf({ "content-encoding": "gzip" }, "{}"), [400, "bad_body"]);
    assertEquals(await statusOf({}, new Uint8Array([0x22, 0xff, 0x22])), [400, "bad_body"]);
    assertEquals((await ingest(server, '"\ufffd"')).status, 200); // what mending would leave, but it came so
  }));

Deno.test("POST /v1/ingest refuses bodies over maxBodyMb, with a length, without one, and unpacked from a bomb", () =>
  withServer({ maxBodyMb: 1 }, async (server) => {
    const body = new Uint8Array(1_100_000).fill(0x20);
    const bomb = await new Response(
      new Blob([new Uint8Array(50_000_000)]).stream().pipeThrough(new CompressionStream("gzip")),
    ).bytes();
    assert(bomb.byteLength < 100_000);

    assertEquals((await ingest(server, body)).status, 413);
    assertEquals((await ingest(server, new Blob([body]).stream())).status, 413);
    assertEquals((await ingest(server, bomb, { "content-encoding": "gzip" })).status, 413);
    assertEquals((await ingest(server, body.subarray(0, 900_000))).status, 200);
  }));

Deno.test("GET /v1/machines lists pages of 100, and searches", () =>
  withServer({}, async (server) => {
    server.ingest(Array.from({ length: 250 }, (_, i) => machineRecord(`i${i}`, 1, { id: `Worker-${i}` })));
    const sizes: number[] = [];
    let cursor: number | null = null;
    do {
      const page: { machines: unknown[]; next: number | null } = await get(
        server,
        `/v1/machines${cursor === null ? "" : `?cursor=${cursor}`}`,
      );
      sizes.push(page.machines.length);
      cursor = page.next;
    } while (cursor !== null);

    assertEquals(sizes, [100, 100, 50]);
    assertEquals((await get(server, "/v1/machines?search=worker-24")).machines.length, 11);
  }));

Deno.test("GET /v1/machines/:instance takes an id that one machine has, and tells the instances of one that several have", () =>
  withServer({}, async (server) => {
    const record = machineRecord("one", 1, { id: "a/b c" });
    server.ingest([record, txRecord("one", 2, { ticks: [[0, 1]], sum: 1 })]);
    const path = `/v1/machines/${encodeURIComponent("a/b c")}`;
    const { instance, ticks, activeStates, record: { schema } } = await get(server, path);
    assertEquals([instance, ticks, activeStates, schema], ["one", [1, 0, 0, 0], ["A"], record.schema]);

    server.ingest([machineRecord("two", 1, { id: "a/b c" })]);
    const response = await fetch(server.url + path);
    const { error } = await response.json();
    assertEquals([response.status, error.code, error.instances], [409, "ambiguous", ["one", "two"]]);
    assertEquals((await fetch(`${server.url}/v1/machines/none`)).status, 404);
  }));

Deno.test("GET /v1/machines/:instance/transitions has cursors, an order and filters, and each transition its state", () =>
  withServer({}, async (server) => {
    const txs = [2, 3, 4, 5].map((seq) =>
      txRecord("one", seq, { ticks: [[0, seq - 1]], sum: seq - 1, type: seq === 4 ? "remove" : "add" })
    );
    server.ingest([machineRecord("one", 1), ...txs]);
    const idsOf = ({ transitions }: { transitions: { record: { id: string } }[] }) =>
      transitions.map(({ record }) => record.id);
    const path = "/v1/machines/one/transitions";
    const first = await get(server, `${path}?limit=3`);

    assertEquals(idsOf(first), ["one-tx2", "one-tx3", "one-tx4"]);
    assertEquals(idsOf(await get(server, `${path}?cursor=${first.next}`)), ["one-tx5"]);
    assertEquals(idsOf(await get(server, `${path}?order=desc&limit=2`)), ["one-tx5", "one-tx4"]);
    assertEquals(idsOf(await get(server, `${path}?type=remove`)), ["one-tx4"]);
    assertEquals((await get(server, `${path}/one-tx3`)).record.seq, 3);
    assertEquals((await get(server, `${path}/one-tx3/state`)).ticks, [2, 0, 0, 0]);
    assertEquals((await fetch(`${server.url}${path}/none/state`)).status, 404);
    assertEquals((await fetch(`${server.url}${path}?acepted=true`)).status, 400);
  }));

Deno.test("A recording moves to another server as it is, packed or not, with its progress", () =>
  withServer({}, (from) =>
    withServer({}, async (to) => {
      from.ingest([machineRecord("one", 1)]);
      for (let start = 2; start < 25_000; start += 1000) {
        from.ingest(
          Array.from(
            { length: 1000 },
            (_, i) => txRecord("one", start + i, { ticks: [[1, start + i]], sum: start + i }),
          ),
        );
      }
      const packed = await fetch(`${from.url}/v1/recording`, { headers: { "accept-encoding": "gzip" } });
      assertEquals(packed.headers.get("x-total-records"), "25001");
      const lines = await packed.text();
      const plain = await fetch(`${from.url}/v1/recording`, { headers: { "accept-encoding": "identity" } });
      assertEquals([plain.headers.get("content-encoding"), await plain.text()], [null, lines]);

      const body = await new Response(new Blob([lines]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();
      const headers = { ...ingestHeaders(to, "control"), "content-encoding": "gzip" };
      const answer = await fetch(`${to.url}/v1/recording`, { method: "POST", headers, body });
      const progress = (await answer.text()).trimEnd().split("\n").map((line) => JSON.parse(line));
      assert(progress.length >= 3);
      assert(progress.every(({ read, done }, i) => i === 0 || done || read > progress[i - 1].read));
      assertEquals(progress.at(-1), {
        read: 25_001,
        accepted: 25_001,
        duplicates: 0,
        refusedCount: 0,
        refused: [],
        done: true,
      });
      assertEquals(await (await fetch(`${to.url}/v1/recording`)).text(), lines);
    })));

Deno.test("A recording that breaks off is refused before there was progress, and tells it after", () =>
  withServer({ maxRecordingMb: 1 }, async (server) => {
    const post = (body: BodyInit, headers = {}) =>
      fetch(`${server.url}/v1/recording`, {
        method: "POST",
        headers: { ...ingestHeaders(server, "control"), ...headers },
        body,
      });
    assertEquals((await post("x", { "content-encoding": "gzip" })).status, 400);
    const lines = Array.from({ length: 50_000 }, (_, i) => JSON.stringify(txRecord("one", i + 1))).join("\n");
    const response = await post(new Blob([lines]).stream());
    const last = JSON.parse((await response.text()).trimEnd().split("\n").at(-1)!);

    assertEquals(last.error.code, "too_large");
    assertEquals((await post("")).status, 200); // the next one may come
  }));

Deno.test("openapi.json has each route, with the queries that it checks", () =>
  withServer({}, async (server) => {
    const { openapi, paths, servers } = await get(server, "/v1/openapi.json");
    assertEquals([openapi, servers], ["3.1.0", [{ url: ".." }]]);
    const names = paths["/v1/events"].get.parameters.map(({ name }: { name: string }) => name).sort();
    assertEquals(names, [
      "accepted",
      "after",
      "auto",
      "checks",
      "empty",
      "follow",
      "health",
      "level",
      "machine",
      "state",
      "type",
    ]);
    assertEquals(Object.keys(paths).length, 10);
  }));

Deno.test("telemetryApp() mounts below a path, and is fed without HTTP", async () => {
  await using telemetry = telemetryApp();
  const app = new Hono().get("/", (c) => c.text("mine")).route("/debug", telemetry);
  assertEquals(telemetry.ingest([machineRecord("one", 1)]).accepted, 1);
  const headers = { authorization: `Bearer ${telemetry.tokens.control}` };
  const statusOf = async (path: string, init: RequestInit = {}) => (await app.request(path, init)).status;

  assertEquals((await (await app.request("/debug/v1/machines", { headers })).json()).machines.length, 1);
  assertEquals(await statusOf("/debug/v1/machines"), 401); // reads are not open where nobody knows who reads
  assertEquals(await statusOf("/debug/v1/machines", { headers: { ...headers, origin: "http://evil.example" } }), 403);
  assertEquals(await statusOf("/", { headers: { origin: "http://evil.example" } }), 200); // its neighbours are not its business
});

Deno.test("TelemetryServer.listen() rejects with PortTakenError, and may be called again", () =>
  withServer({}, async (server) => {
    const port = Number(new URL(server.url).port);
    const second = createServer({ port, onListen: () => {} });
    const error = await assertRejects(
      () => second.listen(),
      PortTakenError,
      `Cannot listen on 127.0.0.1:${port}: the port is taken`,
    );
    assertEquals([error.hostname, error.port], ["127.0.0.1", port]);

    await server.close();
    assertEquals(await second.listen(), `http://127.0.0.1:${port}`);
    await second.close();
    await assertRejects(() => second.listen(), Error, "Cannot listen: the server is closed");
  }));

Deno.test("createServer() refuses to be reached from elsewhere without auth or TLS", () => {
  for (const hostname of ["0.0.0.0", "::", "192.0.2.1", "debug.example"]) {
    assertThrows(() => createServer({ hostname }), TypeError, "without TLS");
    assertThrows(() => createServer({ hostname, auth: false, insecureHttp: true }), TypeError, "without auth");
  }
  assertThrows(() => createServer({ cert: "a certificate" }), TypeError, "both cert and key");
  assertThrows(() => createServer({ port: 65_536 }), RangeError, "port 65536");
  assertThrows(() => createServer({ tokens: { control: "short" } }), RangeError, "control token");
  assertThrows(
    () => createServer({ tokens: { control: "x".repeat(16), ingest: "x".repeat(16) } }),
    RangeError,
    "one token",
  );
  assertThrows(() => createServer({ allowedOrigins: ["*"] }), TypeError, 'the origin "*"');
  assertThrows(() => createServer({ allowedHosts: ["http://debug.example"] }), TypeError, "the host");
});

Deno.test("TelemetryServer.urlWithToken has the token in its fragment alone, and onListen gets the server", async () => {
  const printed: TelemetryServer[] = [];
  const server = createServer({ port: 0, onListen: (it) => void printed.push(it) });
  const url = await server.listen();
  const address = new URL(server.urlWithToken);

  assertEquals([address.origin, address.search, address.hash], [url, "", `#token=${server.tokens.control}`]);
  assertEquals(printed, [server]);
  await server.close();
});

Deno.test("A server with a file has what it acknowledged after a restart, and streams resume across it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/events.db`;
    let epoch = "";
    await withServer({ file }, async (server) => {
      epoch = (await ingest(server, JSON.stringify(machineRecord("one", 1)))).body.epoch;
    });
    await withServer({ file }, async (server) => {
      assertEquals(server.ingest([txRecord("one", 2)]).epoch, epoch);
      assertEquals((await get(server, "/v1/machines/one")).after, `${epoch}-2`);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

// deno-lint-ignore no-explicit-any -- what comes is JSON
async function get(server: TelemetryServer, path: string): Promise<any> {
  const response = await fetch(server.url + path);
  assertEquals(response.status, 200, path);
  return await response.json();
}

async function ingest(
  server: TelemetryServer,
  body: BodyInit,
  headers: HeadersInit = {},
): Promise<{ status: number; body: Awaited<ReturnType<typeof get>> }> {
  const response = await fetch(`${server.url}/v1/ingest`, {
    method: "POST",
    headers: { ...ingestHeaders(server), ...headers },
    body,
  });
  return { status: response.status, body: await response.json() };
}
