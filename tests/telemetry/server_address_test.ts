import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { createServer } from "../../telemetry/server.ts";
import { CLOSED_READS, expectAll } from "./_attempts.ts";
import { type Everywhere, LISTED } from "./_listen_everywhere.ts";

Deno.test("A server on 0.0.0.0 asks for a token on every route but healthz, from its own machine and by any address", async () => {
  const { answers } = await listenEverywhere();

  assertGreaterOrEqual(answers.length, 1);
  assertEquals(
    answers.map(({ address, routes }) => [address, routes]),
    answers.map(({ address }) => [address, expectAll(CLOSED_READS)]),
  );
});

Deno.test("A server on 0.0.0.0 answers to the names of loopback and listed ones, not to its addresses, nor to 0.0.0.0", async () => {
  const { url, answers } = await listenEverywhere();

  assertEquals(url, "http://127.0.0.1:PORT"); // one that it answers to
  for (const { address, hosts } of answers) {
    const others = Object.fromEntries(answers.slice(1).map((it) => [it.address, 403]));
    const expected = { "127.0.0.1": 200, "localhost": 200, [LISTED]: 200, "0.0.0.0": 403, "[::]": 403, ...others };
    assertEquals([address, hosts], [address, expected]);
  }
});

Deno.test("TelemetryServer.url is on loopback where the server listens on all addresses, in each way to write them", () => {
  const urlOf = (hostname: string) => createServer({ hostname, insecureHttp: true }).url;
  assertEquals(urlOf("0.0.0.0"), "http://127.0.0.1:6841");
  assertEquals([urlOf("::"), urlOf("[::]")], ["http://[::1]:6841", "http://[::1]:6841"]);
  assertEquals([urlOf("::1"), urlOf("debug.example")], ["http://[::1]:6841", "http://debug.example:6841"]);
});

/** Once for all tests: it is a program of its own, with permissions that tests do not have. */
let everywhere: Promise<Everywhere> | undefined;

function listenEverywhere(): Promise<Everywhere> {
  everywhere ??= runProgram();
  return everywhere;
}

async function runProgram(): Promise<Everywhere> {
  const program = new URL("_listen_everywhere.ts", import.meta.url).pathname;
  const args = ["run", "--no-check", "--allow-net", "--allow-env", "--allow-read", "--allow-sys=networkInterfaces"];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: [...args, program] }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}
