import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { createServer } from "../../telemetry/server.ts";
import { CLOSED_READS, expectAll } from "./_attempts.ts";
import { type Everywhere, LISTED } from "./_listen_everywhere.ts";

for (const hostname of ["0.0.0.0", "::"]) {
  Deno.test(`A server on ${hostname} asks for a token on every route but healthz, from its own machine and by any address`, async () => {
    const { answers } = await listenEverywhere(hostname) ?? NOWHERE;

    assertEquals(
      answers.map(({ address, routes }) => [address, routes]),
      answers.map(({ address }) => [address, expectAll(CLOSED_READS)]),
    );
  });

  Deno.test(`A server on ${hostname} answers to the names of loopback and listed ones, not to its addresses, nor to ${hostname}`, async () => {
    const { url, answers } = await listenEverywhere(hostname) ?? NOWHERE;

    const own = hostname === "::" ? "[::1]" : "127.0.0.1";
    if (answers.length > 0) assertEquals(url, `http://${own}:PORT`); // one that it answers to
    for (const { address, hosts } of answers) {
      const others = Object.fromEntries(answers.slice(1).map((it) => [it.address, 403]));
      const names = { "127.0.0.1": 200, [own]: 200, "localhost": 200, [LISTED]: 200, "0.0.0.0": 403, "[::]": 403 };
      assertEquals([address, hosts], [address, { ...names, ...others }]);
    }
  });

  Deno.test(`Deno.serve() of a server's fetch function on ${hostname} opens reads to this machine alone`, async () => {
    const { served } = await listenEverywhere(hostname) ?? NOWHERE;

    // What the machine sends to an address of its own comes from there.
    assertEquals(served, served.map((_, index) => index === 0 ? 200 : 401));
  });
}

Deno.test("TelemetryServer.url is on loopback where the server listens on all addresses, in each way to write them", () => {
  const urlOf = (hostname: string) => createServer({ hostname, insecureHttp: true }).url;
  assertEquals(urlOf("0.0.0.0"), "http://127.0.0.1:6841");
  assertEquals([urlOf("::"), urlOf("[::]")], ["http://[::1]:6841", "http://[::1]:6841"]);
  assertEquals([urlOf("::1"), urlOf("debug.example")], ["http://[::1]:6841", "http://debug.example:6841"]);
});

/** What a machine without IPv6 answers there. */
const NOWHERE: Everywhere = { url: "", answers: [], served: [] };

/** Once for all tests: it is a program of its own, with permissions that tests do not have. */
const everywhere = new Map<string, Promise<Everywhere | null>>();

function listenEverywhere(hostname: string): Promise<Everywhere | null> {
  const known = everywhere.get(hostname);
  if (known !== undefined) return known;
  const started = runProgram(hostname);
  everywhere.set(hostname, started);
  return started;
}

async function runProgram(hostname: string): Promise<Everywhere | null> {
  const program = new URL("_listen_everywhere.ts", import.meta.url).pathname;
  const args = ["run", "--no-check", "--allow-net", "--allow-env", "--allow-read", "--allow-sys=networkInterfaces"];
  const command = new Deno.Command(Deno.execPath(), { args: [...args, program, hostname] });
  const { code, stdout, stderr } = await command.output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const printed: Everywhere | null = JSON.parse(new TextDecoder().decode(stdout));
  if (printed === null) console.log(`not checked: a server on ${hostname}. The machine has no such addresses`);
  else assertGreaterOrEqual(printed.answers.length, 1);
  return printed;
}
