/**
 * A telemetry server of its own, in memory or with a file, until SIGINT or SIGTERM ends it.
 *
 * Run it: `deno run --allow-net=127.0.0.1 examples/telemetry_server.ts [PORT]` (6841 by default)
 */
import { createServer } from "@asyncmachine/asyncmachine/telemetry/server";

const server = createServer({ port: Number(Deno.args[0] ?? 6841) });
await server.listen();

let closing: Promise<void> | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => void stop());

/** Readers get what is there and are told; what is under way ends. */
async function stop(): Promise<void> {
  closing ??= server.close();
  await closing;
  Deno.exit(0);
}
