/**
 * Installs what `deno pack` makes, and runs a program for each entry point with it in the oldest Node that is supported:
 * README.md's for the first.
 *
 * @module
 */
import { ROOT, run, versionOf } from "./_command.ts";
import type { Run } from "./_verdict.ts";

/** How many checks there are: one for each entry point, and for that of the server two more, in Node 24 and Bun. */
export const PACK_CHECKS = 7;

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

/** Pack, install with what the package depends on, and run. */
export async function runPacked(folder: string): Promise<Run> {
  const npx = ["--yes", "node@20"];
  const version = await versionOf("npx", ...npx);
  if (version === undefined) return { missing: "install Node, with npx" };
  const cwd = `${folder}/packed`;
  await Deno.mkdir(cwd);
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
  for (const name of ["node@24", "bun@1"]) checks.push({ source: SERVER_PROGRAM, runtime: ["--yes", name] });
  for (const { source, runtime } of checks) {
    const expected = [...source.matchAll(/\/\/ prints: (.*)$/gm)].map(([, line]) => `${line}\n`).join("");
    await Deno.writeTextFile(`${cwd}/program.mjs`, source);
    const { success, stdout, text } = await run("npx", [...runtime, "program.mjs"], { cwd });
    if (!success || stdout !== expected || expected === "") texts.push(text);
  }
  return { version, passed: PACK_CHECKS - texts.length, failed: texts.length, text: texts.join("\n\n") };
}
