/**
 * A telemetry server, a program that exports its machine to it, and what the server received. This is the demo.
 *
 * The program is `file_processing.ts`: it knows nothing of this one, and finds the server in its environment. What the server
 * received is shown by the command line.
 *
 * Run it: `deno run --allow-net=127.0.0.1 --allow-read --allow-env examples/telemetry.ts [FILE]` (README.md by default)
 */
import { createCommand } from "@asyncmachine/asyncmachine/cli";
import { createServer } from "@asyncmachine/asyncmachine/telemetry/server";

await using server = createServer({ port: 0, onListen: () => {} });
await server.listen();
Deno.env.set("AM_TELEMETRY_URL", server.url);
Deno.env.set("AM_TELEMETRY_TOKEN", server.tokens.ingest);

await import("./file_processing.ts");

console.log(`\nthe server at ${server.url} received, as am tail shows it:`);
await createCommand().parse(["tail", "--url", server.url, "--no-follow"]);
