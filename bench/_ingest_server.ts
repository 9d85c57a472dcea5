/**
 * The servers that are measured, each in a process of its own that ends with its input.
 *
 * @module
 */

import { createServer } from "@asyncmachine/asyncmachine/telemetry/server";
import process from "node:process";

/** `telemetry`: ours. `bare`: reads a body, splits it, parses each line, and forgets it. */
export type ServerKind = "telemetry" | "bare";

/** A server of which a benchmark knows the address. */
export interface RunningServer extends AsyncDisposable {
  /** Its address. */
  readonly url: string;
  /** What lets records in. */
  readonly token: string;
  /** Ask how many milliseconds of processor time its process has used, to which other programs add little. */
  cpuMs(): Promise<number>;
}

/** Start a server in another process. */
export async function startServer(kind: ServerKind): Promise<RunningServer> {
  const args = ["run", "--quiet", "--no-check", "--allow-net=127.0.0.1", "--allow-env", "--allow-sys", "--allow-read"];
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args, import.meta.filename!, kind],
    stdin: "piped",
    stdout: "piped",
  });
  const child = command.spawn();
  const input = child.stdin.getWriter();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value: line } = await reader.read();
  if (line === undefined) throw new Error(`Cannot start the ${kind} server`);
  const { url, token } = JSON.parse(line);
  return {
    url,
    token,
    async cpuMs() {
      await input.write(new TextEncoder().encode("cpu\n"));
      const { value } = await reader.read();
      return Number(value);
    },
    async [Symbol.asyncDispose]() {
      await input.close();
      await reader.cancel();
      await child.status;
    },
  };
}

async function serve(kind: ServerKind): Promise<void> {
  if (kind === "bare") {
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answerBare);
    console.log(JSON.stringify({ url: `http://127.0.0.1:${server.addr.port}`, token: "" }));
    await answerUntilInputEnds();
    await server.shutdown();
  } else {
    await using server = createServer({ port: 0, onListen: () => {} });
    await server.listen();
    console.log(JSON.stringify({ url: server.url, token: server.tokens.ingest }));
    await answerUntilInputEnds();
  }
}

async function answerBare(request: Request): Promise<Response> {
  let accepted = 0;
  for (const line of (await request.text()).split("\n")) {
    if (line !== "" && JSON.parse(line).v === 1) accepted++;
  }
  return Response.json({ accepted });
}

/** Answers each piece of input, a question, with the processor time used so far. */
async function answerUntilInputEnds(): Promise<void> {
  for await (const _ of Deno.stdin.readable) {
    const { user, system } = process.cpuUsage();
    console.log((user + system) / 1_000);
  }
}

if (import.meta.main) await serve(Deno.args[0] as ServerKind);
