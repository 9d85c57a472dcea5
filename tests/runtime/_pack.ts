/**
 * Installs what `deno pack` makes, and runs a program for each entry point with it in the oldest Node that is supported:
 * README.md's for the first.
 *
 * @module
 */
import { makePair } from "../_certificates.ts";
import { isInstalled } from "../_installed.ts";
import { ROOT, run, versionOf } from "./_command.ts";
import type { Run } from "./_verdict.ts";

/** How many checks there are: one for each entry point, and for that of the server four more, in Node 24 and Bun. */
export const PACK_CHECKS = 9;

/** Uses `./testing`: a wait whose time runs out only when the clock is told so. */
const TESTING_PROGRAM = `
import { Machine } from "@asyncmachine/asyncmachine";
import { VirtualClock } from "@asyncmachine/asyncmachine/testing";

const clock = new VirtualClock();
const machine = new Machine({ Ready: {} }, { clock });
const ready = machine.when("Ready", { timeoutMs: 60_000 });
await clock.advance(60_000);
await ready.catch((error) => console.log(error.name, clock.now(), clock.pending)); // prints: TimeoutError 60000 0
`;

/** Uses each file of `./flow`. */
const FLOW_PROGRAM = `
import { Machine } from "@asyncmachine/asyncmachine";
import { addAndWaitFor, fork, ForkPool, guard, interval, waitForAll, whenAny } from "@asyncmachine/asyncmachine/flow";

const machine = new Machine({ Connecting: { remove: ["Connected"] }, Connected: { remove: ["Connecting"] } });
const pool = new ForkPool({ limit: 1 });
const connect = async (signal) => {
  await null;
  if (!signal.aborted) machine.add("Connected");
};
machine.bindHandlers({ ConnectingState: (event) => void fork(event, connect, { pool }) });
const either = whenAny(machine, ["Connected", "Exception"]);
const isConnected = await addAndWaitFor(machine, "Connecting", "Connected", null, { timeoutMs: 10_000 });
console.log(isConnected, pool.running); // prints: true 0
const waits = [either, (signal) => machine.whenErr({ signal })];
guard(machine, () => JSON.parse("{"))();
const [state, error] = await waitForAll(waits, { timeoutMs: 10_000 });
console.log(state, error.name); // prints: Connected SyntaxError
await interval(machine, 1, () => false);
console.log(machine.toString()); // prints: (Connected:1 Exception:1)
await waitForAll([() => new Promise(() => {})], { signal: AbortSignal.abort("stop") }).catch(console.log); // prints: stop
`;

/** Uses `./telemetry`: the exporter, with a server in the same program, and the protocol. */
const TELEMETRY_PROGRAM = `
import { createServer } from "node:http";
import { Machine } from "@asyncmachine/asyncmachine";
import { decodeStep, parseRecord, TelemetryExporter } from "@asyncmachine/asyncmachine/telemetry";

const records = [];
const server = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  records.push(...body.trim().split("\\n").map((line) => parseRecord(JSON.parse(line))));
  response.end(JSON.stringify({ epoch: "a" }));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
{
  const exporter = new TelemetryExporter({ url: \`http://127.0.0.1:\${server.address().port}\`, logArgs: ["proxy"] });
  const machine = new Machine({ Ready: {} }, { tracers: [exporter] });
  machine.add("Ready", { proxy: new Proxy({}, { ownKeys: () => process.exit(1) }) });
  await exporter[Symbol.asyncDispose]();
}
server.close();
server.closeAllConnections();
const [machine, tx] = records;
console.log(machine.kind, tx.ticks.join(), tx.args.proxy); // prints: machine 0,1 [proxy]
console.log(decodeStep(tx.steps[0], machine.stateNames).to); // prints: Ready
`;

/** Sends to a telemetry server and reads what it has, through its own socket, and through `Bun.serve()` where that is. */
const SERVER_PROGRAM = `
import { createServer, PortTakenError } from "@asyncmachine/asyncmachine/telemetry/server";

const server = createServer({ port: 0, onListen: () => {} });
const own = await server.listen();
const taken = await createServer({ port: Number(new URL(own).port) }).listen().catch((error) => error);
console.log(taken instanceof PortTakenError); // prints: true
const bun = globalThis.Bun?.serve({ hostname: "127.0.0.1", port: 0, fetch: server.fetch });
const headers = { "authorization": "Bearer " + server.tokens.ingest, "content-type": "application/x-ndjson" };
let accepted = 0, paths = 0, refused = 0;
for (const url of [own, bun?.url.origin ?? own]) {
  const record = { v: 1, kind: "dispose", instance: "k" + accepted, seq: 1, at: 1 };
  const packed = new Blob([JSON.stringify(record)]).stream().pipeThrough(new CompressionStream("gzip"));
  const body = await new Response(packed).arrayBuffer();
  const sent = { method: "POST", headers: { ...headers, "content-encoding": "gzip" }, body };
  accepted += (await (await fetch(url + "/v1/ingest", sent)).json()).accepted;
  paths += Object.keys((await (await fetch(url + "/v1/openapi.json")).json()).paths).length;
  refused += (await fetch(url + "/v1/machines", { headers: { origin: "http://evil.example" } })).status;
}
console.log(accepted, paths, refused); // prints: 2 20 806
const events = (await fetch(own + "/v1/events?after=0")).text();
await server.close();
console.log((await events).includes("event: bye")); // prints: true
bun?.stop(true);
`;

/**
 * Serves a server's fetch function on all addresses in each way there is, and asks from this machine and from what is another
 * one for the server: reads are open to the first alone, and to nobody where no address is handed on. Then serves TLS.
 */
const EXPOSED_PROGRAM = `
import { subscribe } from "node:diagnostics_channel";
import { readFileSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import { networkInterfaces } from "node:os";
import { createServer } from "@asyncmachine/asyncmachine/telemetry/server";

const server = createServer({ onListen: () => {} });
const [other] = Object.values(networkInterfaces()).flat().filter((it) => it.family === "IPv4" && !it.internal);

function ask(host, port, path, { get } = http, options = {}) {
  return new Promise((resolve, reject) => {
    const asked = { host, port, path, headers: { host: "localhost" }, ...options };
    get(asked, async (response) => {
      let text = "";
      for await (const chunk of response) text += chunk;
      resolve({ status: response.statusCode, text });
    }).on("error", reject);
  });
}

async function statuses(port) {
  const addresses = ["127.0.0.1", other.address];
  const answers = await Promise.all(addresses.map((address) => ask(address, port, "/v1/machines")));
  return answers.map(({ status }) => status).join(" ");
}

async function serveInNode(envOf) {
  const adapter = http.createServer(async (incoming, outgoing) => {
    const response = await server.fetch(new Request("http://localhost" + incoming.url), envOf({ incoming, outgoing }));
    outgoing.writeHead(response.status).end(await response.text());
  });
  await new Promise((resolve) => adapter.listen(0, "0.0.0.0", resolve));
  const seen = await statuses(adapter.address().port);
  adapter.close();
  return seen;
}

console.log(await serveInNode((env) => env)); // prints: 200 401
console.log(await serveInNode(() => undefined)); // prints: 401 401
const bun = globalThis.Bun?.serve({ hostname: "0.0.0.0", port: 0, fetch: server.fetch });
console.log(bun === undefined ? "200 401" : await statuses(bun.port)); // prints: 200 401
bun?.stop(true);

const [cert, key] = ["cert.pem", "key.pem"].map((path) => readFileSync(path, "utf8"));
const secure = createServer({ port: 0, cert, key, onListen: () => {} });
const { protocol, port } = new URL(await secure.listen());
let limitMs = 0; // of Node's own, which would end a long import
subscribe("http.server.request.start", ({ server }) => limitMs += server.requestTimeout);
const health = await ask("127.0.0.1", port, "/v1/healthz", https, { ca: cert });
console.log(protocol, health.status); // prints: https: 200
const plain = await ask("127.0.0.1", port, "/v1/healthz").then(({ status }) => status, () => "nothing");
console.log(plain === 200); // prints: false
const events = ask("127.0.0.1", port, "/v1/events?after=0", https, { ca: cert });
await ask("127.0.0.1", port, "/v1/healthz", https, { ca: cert });
await secure.close();
console.log((await events).text.includes("event: bye"), limitMs); // prints: true 0
`;

/** Pack, install with what the package depends on, and run. */
export async function runPacked(folder: string): Promise<Run> {
  const npx = ["--yes", "node@20"];
  const version = await versionOf("npx", ...npx);
  if (version === undefined) return { missing: "install Node, with npx" };
  if (!isInstalled("openssl", "the package with TLS")) return { missing: "install openssl" };
  const cwd = `${folder}/packed`;
  await Deno.mkdir(cwd);
  const { cert, key } = await makePair("elliptic");
  await Deno.writeTextFile(`${cwd}/cert.pem`, cert);
  await Deno.writeTextFile(`${cwd}/key.pem`, key);
  await Deno.writeTextFile(`${cwd}/package.json`, '{ "private": true }');
  const packed = await run(Deno.execPath(), ["pack", "--quiet", "--allow-dirty", `--output=${cwd}/packed.tgz`]);
  if (!packed.success) return { version, passed: 0, failed: PACK_CHECKS, text: packed.text };
  const installed = await run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", "./packed.tgz"], {
    cwd,
  });
  if (!installed.success) return { version, passed: 0, failed: PACK_CHECKS, text: installed.text };

  const [, program = ""] = /^```ts\n(.*?)^```$/ms.exec(await Deno.readTextFile(new URL("README.md", ROOT))) ?? [];
  const texts: string[] = [];
  const inOldest = [program, TESTING_PROGRAM, FLOW_PROGRAM, TELEMETRY_PROGRAM, SERVER_PROGRAM];
  const checks = inOldest.map((source) => ({ source, runtime: npx }));
  for (const name of ["node@24", "bun@1"]) {
    for (const source of [SERVER_PROGRAM, EXPOSED_PROGRAM]) checks.push({ source, runtime: ["--yes", name] });
  }
  for (const { source, runtime } of checks) {
    const expected = [...source.matchAll(/\/\/ prints: (.*)$/gm)].map(([, line]) => `${line}\n`).join("");
    await Deno.writeTextFile(`${cwd}/program.mjs`, source);
    const { success, stdout, text } = await run("npx", [...runtime, "program.mjs"], { cwd });
    if (!success || stdout !== expected || expected === "") texts.push(text);
  }
  return { version, passed: PACK_CHECKS - texts.length, failed: texts.length, text: texts.join("\n\n") };
}
