import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { createServer, type ServerOptions, type TelemetryServer } from "../../telemetry/server.ts";
import { makePair, type Pair } from "../_certificates.ts";
import { isInstalled } from "../_installed.ts";
import { machineRecord } from "./_store_support.ts";
import { ingestHeaders, readEvents, sendRaw, withServer } from "./_server.ts";

const hasOpenssl = isInstalled("openssl", "a server with TLS");

for (const kind of ["elliptic", "rsa"] as const) {
  testWithPairs(`A server with cert and key answers over https alone, with an ${kind} key`, async (pairs) => {
    await withTlsServer(pairs[kind], async (server, client) => {
      assertEquals(server.url, `https://127.0.0.1:${new URL(server.url).port}`);
      const response = await fetch(`${server.url}/v1/healthz`, { client });
      assertEquals([response.status, (await response.json()).status], [200, "ok"]);

      const plain = sendRaw(server, ["GET /v1/healthz HTTP/1.1", "Host: localhost", "Connection: close"]);
      assertEquals(await plain.then(({ status }) => status === 200, () => false), false);
      const again = await fetch(`${server.url}/v1/healthz`, { client });
      assertEquals([again.status, (await again.json()).status], [200, "ok"]);
    });
  });
}

testWithPairs(
  "A session over https is a cookie that goes over https alone, and holds for its pages",
  (pairs) =>
    withTlsServer(pairs.elliptic, async (server, client) => {
      const started = await fetch(`${server.url}/v1/session`, {
        method: "POST",
        client,
        headers: ingestHeaders(server),
      });
      const [cookie = "", ...attributes] = started.headers.get("set-cookie")!.split("; ");
      assertEquals(attributes.sort(), ["HttpOnly", "Max-Age=43200", "Path=/", "SameSite=Strict", "Secure"]);

      const ingest = async (origin: string) => {
        const headers = { cookie, origin, "content-type": "application/x-ndjson" };
        const response = await fetch(`${server.url}/v1/ingest`, { method: "POST", client, headers, body: "" });
        await response.text();
        return response.status;
      };
      assertEquals(await ingest(server.url), 200);
      assertEquals(await ingest(server.url.replace("https:", "http:")), 403); // a page that anybody could have changed
    }),
);

testWithPairs(
  "GET /v1/events comes over https event by event, and ends with bye",
  (pairs) =>
    withTlsServer(pairs.elliptic, async (server, client) => {
      const response = await fetch(`${server.url}/v1/events`, { client });
      const seen: string[] = [];
      for await (const { type, data } of readEvents(response.body!)) {
        if (seen.length === 0) server.ingest([machineRecord("one", 1)]);
        if (data !== "") seen.push(type);
        else seen.push("");
        if (data.includes('"machine"')) void server.close();
      }
      assertEquals(seen.filter((type) => type !== ""), ["message", "bye"]);
    }),
);

testWithPairs("createServer() refuses a cert and key that are no pair, before it listens", (pairs) => {
  const { elliptic, other, rsa } = pairs;
  const refuse = (options: ServerOptions, message: string) =>
    assertThrows(() => createServer(options), TypeError, `Cannot use TLS: ${message}`);

  for (const { key } of [other, rsa]) refuse({ cert: elliptic.cert, key }, "the key is not that of the certificate");
  refuse({ cert: elliptic.cert }, "it takes both cert and key");
  refuse({ key: elliptic.key }, "it takes both cert and key");
  refuse({ cert: elliptic.cert, hostname: "0.0.0.0" }, "it takes both cert and key");
  for (const cert of ["", "cert.pem", elliptic.key]) {
    refuse({ cert, key: elliptic.key }, "cert is no certificate in PEM");
  }
  for (const key of ["", "key.pem", elliptic.cert]) {
    refuse({ cert: elliptic.cert, key }, "key is no private key in PEM, or it asks for a password");
  }
});

testWithPairs("createServer() takes cert and key for a network, with auth only", ({ elliptic }) => {
  const hostname = "0.0.0.0";
  assertEquals(createServer({ ...elliptic, hostname }).url, "https://127.0.0.1:6841");
  assertThrows(() => createServer({ ...elliptic, hostname, auth: false }), TypeError, "without auth");
});

testWithPairs(
  "TelemetryServer.listen() gives up a taken port with TLS as without",
  ({ elliptic }) =>
    withServer({}, async (first) => {
      const port = Number(new URL(first.url).port);
      await using second = createServer({ ...elliptic, port });
      await assertRejects(() => second.listen(), Error, `Cannot listen on 127.0.0.1:${port}: the port is taken`);
    }),
);

/** Register a test that needs certificates. */
function testWithPairs(name: string, run: (pairs: Pairs) => void | Promise<void>): void {
  Deno.test({ name, ignore: !hasOpenssl, fn: async () => await run(await makePairs()) });
}

/** Two kinds, and another one of the first. */
type Pairs = Record<"elliptic" | "other" | "rsa", Pair>;

let made: Promise<Pairs> | undefined;

/** Made once for all tests. */
function makePairs(): Promise<Pairs> {
  made ??= (async () => {
    const [elliptic, other, rsa] = await Promise.all([makePair("elliptic"), makePair("elliptic"), makePair("rsa")]);
    return { elliptic, other, rsa };
  })();
  return made;
}

async function withTlsServer(
  pair: Pair,
  run: (server: TelemetryServer, client: Deno.HttpClient) => Promise<void>,
): Promise<void> {
  using client = Deno.createHttpClient({ caCerts: [pair.cert] });
  await withServer(pair, (server) => run(server, client));
}
