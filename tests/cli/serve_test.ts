import { assertEquals, assertMatch } from "@std/assert";
import { machineRecord } from "../telemetry/_store_support.ts";
import { HAS_NO_SIGNALS, runAm, spawnAm } from "./_run.ts";

const PERMISSIONS = ["--allow-read", "--allow-net=127.0.0.1"];

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test({
    name: `am serve listens, says where, and ends with 0 at ${signal}`,
    ignore: HAS_NO_SIGNALS,
    async fn() {
      await using server = await startServer();

      const health = await (await fetch(`${server.url}/v1/healthz`)).json();
      const other = await runAm(["serve", "--port", new URL(server.url).port], PERMISSIONS);

      assertEquals(health.status, "ok");
      assertEquals([other.code, other.out], [2, ""]);
      assertMatch(other.err, /^am: Cannot listen on 127\.0\.0\.1:\d+: the port is taken: name another with --port\n$/);
      server.child.kill(signal);
      assertEquals(await server.ended, 0);
    },
  });
}

Deno.test("am serve says with which variables programs send to it", async () => {
  await using server = await startServer();
  const { AM_TELEMETRY_URL: url, AM_TELEMETRY_TOKEN: token } = server.variables;
  const headers = { "content-type": "application/x-ndjson", authorization: `Bearer ${token}` };

  const response = await fetch(`${url}/v1/ingest`, {
    method: "POST",
    headers,
    body: JSON.stringify(machineRecord("m", 1)),
  });

  assertEquals(url, server.url);
  assertEquals((await response.json()).accepted, 1);
});

Deno.test("am serve ends with 2 when it would send tokens over a network as text", async () => {
  const { code, out, err } = await runAm(["serve", "--host", "0.0.0.0", "--port", "0"], PERMISSIONS);

  assertEquals([code, out], [2, ""]);
  assertMatch(err, /^am: [^\n]+\n$/);
});

/** Start a server at a free port. */
async function startServer() {
  const child = spawnAm(["serve", "--port", "0"], PERMISSIONS);
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  const said = /^Listening, events are kept in memory: (http:\/\/127\.0\.0\.1:\d+)\/#token=\S+\n(.*)\n$/.exec(value);
  const [, url, how] = said ?? [];
  const ended = Promise.all([child.status, reader.read(), new Response(child.stderr).text()]).then(([{ code }]) =>
    code
  );
  return {
    child,
    ended,
    url: url!,
    /** What programs need to send. */
    variables: Object.fromEntries((how ?? "").split(" ").map((word) => word.split("="))),
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGKILL");
      } catch {
        // It ended, as it should.
      }
      await ended;
    },
  };
}
