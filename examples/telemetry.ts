/**
 * A telemetry server, a program that exports its machine to it, and what the server received. This is the demo.
 *
 * The program is `file_processing.ts`: it knows nothing of this one, and finds the server in its environment.
 *
 * Run it: `deno run --allow-net=127.0.0.1 --allow-read --allow-env examples/telemetry.ts [FILE]` (README.md by default)
 */
import { nameStates, type TelemetryRecord } from "@asyncmachine/asyncmachine/telemetry";
import { createServer } from "@asyncmachine/asyncmachine/telemetry/server";

await using server = createServer({ port: 0, onListen: () => {} });
await server.listen();
Deno.env.set("AM_TELEMETRY_URL", server.url);
Deno.env.set("AM_TELEMETRY_TOKEN", server.tokens.ingest);

await import("./file_processing.ts");

const { machines } = await read("/v1/machines");
console.log(`\nthe server at ${server.url} received:`);
for (const { id, instance, transitions } of machines) {
  const { record: machine, activeStates } = await read(`/v1/machines/${instance}`);
  console.log(`${id}: ${transitions} transitions, then active: ${activeStates.join(" ")}`);
  const page = await read(`/v1/machines/${instance}/transitions`);
  for (const { record } of page.transitions) console.log(`  ${describe(record, machine.stateNames)}`);
}

/** Read of the server as anybody does: with fetch. */
// deno-lint-ignore no-explicit-any -- what comes is JSON
async function read(path: string): Promise<any> {
  return await (await fetch(server.url + path)).json();
}

function describe(record: TelemetryRecord, stateNames: readonly string[]): string {
  if (record.kind !== "tx") return record.kind;
  const changes = record.ticks.map(([index, tick]) => `${tick % 2 === 1 ? "+" : "-"}${stateNames[index]}`);
  const called = nameStates(record.called, stateNames).join(" ");
  return `${record.type} ${called}: ${record.accepted ? changes.join(" ") || "nothing changed" : "canceled"}`;
}
