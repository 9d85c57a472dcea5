import { assert, assertEquals } from "@std/assert";
import { createServer, telemetryApp } from "../../telemetry/server.ts";
import {
  type Attempt,
  attempt,
  CLOSED_READS,
  CONTROL,
  expectAll,
  goodRequest,
  INGEST,
  OWN,
  plus,
  RECORDS,
  ROUTES,
  statusesByToken,
  TOKENS,
  withHost,
  without,
} from "./_attempts.ts";
import { withServer } from "./_server.ts";

/** An attack: how it changes a good request, and the statuses it may get. */
interface Attack {
  readonly change: (attempt: Attempt) => Attempt;
  readonly statuses: readonly number[];
}

const EVIL = "http://evil.example";

/** All of these are refused by every route. */
const ATTACKS: Readonly<Record<string, Attack>> = {
  "a foreign Host": { change: withHost("evil.example"), statuses: [403] },
  "a Host that begins like ours": { change: withHost("localhost.evil.example"), statuses: [403] },
  "a Host that ends like ours": { change: withHost("evil-localhost"), statuses: [403] },
  "a Host with ours as its user": { change: withHost("localhost@evil.example"), statuses: [400, 403] },
  "a Host with a dot behind it": { change: withHost("localhost."), statuses: [403] },
  "a Host that is an address written differently": { change: withHost("2130706433"), statuses: [403] },
  "a foreign address as Host": { change: withHost("[::2]"), statuses: [403] },
  "no Host": { change: (it) => without(it, "Host"), statuses: [400] },
  "no Host in HTTP/1.0": { change: (it) => ({ ...without(it, "Host"), version: "HTTP/1.0" }), statuses: [400] },
  "two Hosts, ours first": { change: (it) => plus(it, "Host", "evil.example"), statuses: [400, 403] },
  "two Hosts, ours last": { change: (it) => plus(withHost("evil.example")(it), "Host", OWN), statuses: [400, 403] },
  "a target with a foreign host, and our Host": {
    change: (it) => ({ ...it, target: EVIL + it.target }),
    statuses: [400, 403],
  },
  "a target with our host, and a foreign Host": {
    change: (it) => ({ ...withHost("evil.example")(it), target: `http://${OWN}${it.target}` }),
    statuses: [400, 403],
  },
  "a foreign Origin": { change: (it) => plus(it, "Origin", EVIL), statuses: [403] },
  "the Origin null": { change: (it) => plus(it, "Origin", "null"), statuses: [403] },
  "the Origin of another port": { change: (it) => plus(it, "Origin", "http://127.0.0.1:1"), statuses: [403] },
  "our Origin with another scheme": { change: (it) => plus(it, "Origin", `https://${OWN}`), statuses: [403] },
  "two Origins, ours first": {
    change: (it) => plus(plus(it, "Origin", `http://${OWN}`), "Origin", EVIL),
    statuses: [400, 403],
  },
  "a page of another site, without Origin": {
    change: (it) => plus(it, "Sec-Fetch-Site", "cross-site"),
    statuses: [403],
  },
  "a page of another port, without Origin": {
    change: (it) => plus(it, "Sec-Fetch-Site", "same-site"),
    statuses: [403],
  },
  "a preflight of a foreign page": {
    change: (it) => ({
      ...plus(plus(it, "Origin", EVIL), "Access-Control-Request-Method", it.method),
      method: "OPTIONS",
    }),
    statuses: [403],
  },
};

Deno.test("The server has the routes of the table, each with what it needs", () => {
  const app = telemetryApp();
  const routes = new Set(
    app.routes.filter(({ method }) => method !== "ALL").map(({ method, path }) => `${method} ${path}`),
  );

  assertEquals([...routes].sort(), Object.keys(ROUTES).sort());
});

Deno.test("Every route refuses every attack by Host or Origin, and answers it no page", () =>
  withServer({ tokens: TOKENS }, async (server) => {
    server.ingest(RECORDS);
    const wrong: string[] = [];
    for (const route of Object.keys(ROUTES)) {
      for (const [name, { change, statuses }] of Object.entries(ATTACKS)) {
        const answer = await attempt(server, change(goodRequest(route, CONTROL)));
        const isHidden = !answer.headers.has("access-control-allow-origin") && !answer.text.includes("stateNames");
        if (!statuses.includes(answer.status) || !isHidden) wrong.push(`${route} with ${name}: ${answer.status}`);
      }
    }
    assertEquals(wrong, []);
  }));

Deno.test("Every route answers the same request without an attack, under each of our names", () =>
  withServer({ tokens: TOKENS }, async (server) => {
    server.ingest(RECORDS);
    const wrong: string[] = [];
    const port = new URL(server.url).port;
    for (const route of Object.keys(ROUTES)) {
      for (const host of [OWN, `localhost:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`, "localhost"]) {
        const { status } = await attempt(server, withHost(host)(goodRequest(route, CONTROL)));
        if (status !== 200 && status !== 204) wrong.push(`${route} as ${host}: ${status}`);
      }
      const { status } = await attempt(server, plus(goodRequest(route, CONTROL), "Origin", `http://${OWN}`));
      if (status !== 200 && status !== 204) wrong.push(`${route} from our page: ${status}`);
    }
    assertEquals(wrong, []);
  }));

Deno.test("Every route asks for what it needs: on loopback, reads are open, changes are not", () =>
  withServer({ tokens: TOKENS }, async (server) => {
    server.ingest(RECORDS);
    assertEquals(await statusesByToken(server), expectAll({ ...CLOSED_READS, read: [200, 200, 200] }));
  }));

Deno.test("Every route but healthz needs a token where reads are not open", () =>
  withServer({ tokens: TOKENS, openReads: false }, async (server) => {
    server.ingest(RECORDS);
    assertEquals(await statusesByToken(server), expectAll(CLOSED_READS));
  }));

Deno.test("Every route that needs a token refuses one that is wrong, and no route takes one in its query", () =>
  withServer({ tokens: TOKENS, openReads: false }, async (server) => {
    server.ingest(RECORDS);
    const wrong: string[] = [];
    for (const [route, need] of Object.entries(ROUTES)) {
      for (
        const value of [
          "Bearer no-token-of-this-server",
          `Bearer ${CONTROL}x`,
          `Basic ${btoa(`user:${CONTROL}`)}`,
          CONTROL,
          "Bearer",
        ]
      ) {
        const { status, headers } = await attempt(server, plus(goodRequest(route), "Authorization", value));
        const isRefused = status === 401 && headers.get("www-authenticate")?.startsWith("Bearer") === true;
        if (need !== "open" && !isRefused) wrong.push(`${route} with ${value}: ${status}`);
      }
      const asked = goodRequest(route);
      const { status } = await attempt(server, { ...asked, target: `${asked.target}?token=${CONTROL}` });
      if (status !== (need === "open" ? 400 : 401)) wrong.push(`${route} with a token in its query: ${status}`);
    }
    assertEquals(wrong, []);
  }));

Deno.test("Every answer forbids caches, referrers, sniffing and loading, those that refuse too", () =>
  withServer({ tokens: TOKENS }, async (server) => {
    server.ingest(RECORDS);
    const wrong: string[] = [];
    for (const route of [...Object.keys(ROUTES), "GET /v1/none"]) {
      for (
        const asked of [
          goodRequest(route, CONTROL),
          goodRequest(route, "wrong-token"),
          plus(goodRequest(route), "Origin", EVIL),
        ]
      ) {
        const { headers } = await attempt(server, asked);
        const isSafe = /\bno-store\b/.test(headers.get("cache-control") ?? "") &&
          headers.get("referrer-policy") === "no-referrer" &&
          headers.get("x-content-type-options") === "nosniff" &&
          headers.get("content-security-policy")?.includes("default-src 'none'") === true;
        if (!isSafe) wrong.push(`${route}: ${[...headers].join("; ")}`);
      }
    }
    assertEquals(wrong, []);
  }));

Deno.test("A listed origin gets exactly its own name in CORS answers, preflights included, and others get none", () =>
  withServer({ tokens: TOKENS, allowedOrigins: ["http://app.example:3000"] }, async (server) => {
    server.ingest(RECORDS);
    for (const route of Object.keys(ROUTES)) {
      const listed = await attempt(server, plus(goodRequest(route, CONTROL), "Origin", "http://app.example:3000"));
      assert(listed.status === 200 || listed.status === 204, route);
      assertEquals(listed.headers.get("access-control-allow-origin"), "http://app.example:3000");
      assertEquals(listed.headers.get("access-control-allow-credentials"), "true");
      assert(listed.headers.get("vary")?.includes("Origin"), route);

      const preflight = { ...plus(goodRequest(route), "Origin", "http://app.example:3000"), method: "OPTIONS" };
      const answer = await attempt(server, plus(preflight, "Access-Control-Request-Method", "POST"));
      assertEquals(answer.status, 204);
      assertEquals(answer.headers.get("access-control-allow-origin"), "http://app.example:3000");
      assertEquals(
        answer.headers.get("access-control-allow-headers"),
        "Authorization,Content-Type,Content-Encoding,Last-Event-ID",
      );

      for (const other of ["http://app.example", "https://app.example:3000", "http://x.app.example:3000"]) {
        const refused = await attempt(server, plus(goodRequest(route, CONTROL), "Origin", other));
        assertEquals([refused.status, refused.headers.get("access-control-allow-origin")], [403, null]);
      }
    }
  }));

Deno.test("A refused origin of a listed server gets a CORS answer to what it may not do, so that its page can read why", () =>
  withServer({ allowedOrigins: ["http://app.example"] }, async (server) => {
    const { status, headers } = await attempt(
      server,
      plus(goodRequest("POST /v1/ingest"), "Origin", "http://app.example"),
    );
    assertEquals([status, headers.get("access-control-allow-origin")], [401, "http://app.example"]);
  }));

Deno.test("allowedHosts are exact", () =>
  withServer({ allowedHosts: ["debug.example", "ported.example:81"] }, async (server) => {
    const statusOf = async (host: string) =>
      (await attempt(server, withHost(host)(goodRequest("GET /v1/machines")))).status;
    assertEquals(await statusOf("debug.example"), 200);
    assertEquals(await statusOf("DEBUG.example"), 200);
    assertEquals(await statusOf("ported.example:81"), 200);
    for (const host of ["debug.example:80", "x.debug.example", "ported.example", "ported.example:82"]) {
      assertEquals([host, await statusOf(host)], [host, 403]);
    }
  }));

Deno.test("A session's cookie stands for its token, is out of reach of scripts and other sites, and changes nothing without an Origin", () =>
  withServer({ tokens: TOKENS, openReads: false }, async (server) => {
    server.ingest(RECORDS);
    const { headers } = await attempt(server, goodRequest("POST /v1/session", CONTROL));
    const [cookie = "", ...attributes] = headers.get("set-cookie")!.split("; ");
    assertEquals(attributes.sort(), ["HttpOnly", "Max-Age=43200", "Path=/", "SameSite=Strict"]);
    assert(!cookie.includes(CONTROL));

    const expected = { open: [200, 200], read: [200, 200], token: [403, 204], ingest: [403, 200], control: [403, 200] };
    const actual: Record<string, number[]> = {};
    for (const route of Object.keys(ROUTES)) {
      const asked = plus(goodRequest(route), "Cookie", cookie);
      const statuses = [asked, plus(asked, "Origin", `http://${OWN}`)].map(async (it) =>
        (await attempt(server, it)).status
      );
      actual[route] = await Promise.all(statuses);
    }
    assertEquals(actual, expectAll(expected));

    const ingest = await attempt(server, goodRequest("POST /v1/session", INGEST));
    const weak = plus(goodRequest("GET /v1/machines"), "Cookie", ingest.headers.get("set-cookie")!.split(";")[0]!);
    assertEquals((await attempt(server, weak)).status, 403);
    for (
      const forged of [
        cookie.replace("control", "contro1"),
        cookie.replace(/([A-Za-z0-9])([^.]*)$/, (_, first, rest) => (first === "A" ? "B" : "A") + rest),
        cookie.replace(/=.*/, "=control.99999999999"),
      ]
    ) {
      assertEquals((await attempt(server, plus(goodRequest("GET /v1/machines"), "Cookie", forged))).status, 401);
    }
  }));

Deno.test("auth: false asks for nothing, on loopback alone", async () => {
  await withServer({ auth: false }, async (server) => {
    server.ingest(RECORDS);
    for (const route of Object.keys(ROUTES)) {
      const { status } = await attempt(server, goodRequest(route));
      assert(status === 200 || status === 204, route);
      assertEquals((await attempt(server, plus(goodRequest(route), "Origin", EVIL))).status, 403);
    }
  });

  const app = telemetryApp({ auth: false });
  for (
    const env of [
      { remoteAddr: { hostname: "192.0.2.1" } },
      { incoming: { socket: { remoteAddress: "192.0.2.1" } } },
      { requestIP: () => ({ address: "192.0.2.1" }) },
    ]
  ) {
    assertEquals((await app.request("/v1/machines", {}, env)).status, 403);
  }
  assertEquals((await app.request("/v1/machines", {}, { remoteAddr: { hostname: "127.0.0.1" } })).status, 200);
  await app.close();
});

Deno.test("Open reads are open to this machine alone, wherever the fetch function is served", async () => {
  await using server = createServer();
  const statusOf = async (env?: unknown, headers: HeadersInit = {}) =>
    (await server.fetch(new Request("http://localhost/v1/machines", { headers }), env)).status;
  for (const hostname of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) {
    assertEquals([hostname, await statusOf({ remoteAddr: { hostname } })], [hostname, 200]);
  }
  for (const hostname of ["192.0.2.1", "::ffff:192.0.2.1", "127.0.0.1.evil.example", "localhost.evil.example", ""]) {
    assertEquals([hostname, await statusOf({ remoteAddr: { hostname } })], [hostname, 401]);
  }
  const nobodyTells = [
    undefined,
    {},
    { remoteAddr: { transport: "vsock", cid: 3, port: 80 } },
    { requestIP: () => null },
    { incoming: { socket: {} } },
    { params: { address: "127.0.0.1" } },
  ];
  for (const env of nobodyTells) assertEquals([env, await statusOf(env)], [env, 401]);
  const local = { remoteAddr: { hostname: "127.0.0.1" } };
  for (const name of ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP"]) {
    assertEquals([name, await statusOf(local, { [name]: "127.0.0.1" })], [name, 401]);
  }
});

Deno.test("A client that is gone before it is looked at does not count as one of this machine", async () => {
  const app = telemetryApp({ auth: false });
  const request = () =>
    new Request("http://localhost/v1/ingest", {
      method: "POST",
      headers: { "content-type": "application/x-ndjson" },
      body: RECORDS,
    });
  for (const env of [{ requestIP: () => null }, { incoming: { socket: { remoteAddress: undefined } } }, undefined]) {
    assertEquals((await app.fetch(request(), env)).status, 403);
  }
  assertEquals(app.ingest(RECORDS).duplicates, 0);
  await app.close();
});
