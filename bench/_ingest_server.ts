/**
 * The servers that are measured, each in a process of its own that ends with its input.
 *
 * @module
 */

import { createServer } from "@asyncmachine/asyncmachine/telemetry/server";

/** `telemetry`: ours. `bare`: reads a body, splits it, parses each line, and forgets it. */
export type ServerKind = "telemetry" | "bare";

/** A server of which a benchmark knows the address. */
export interface RunningServer extends AsyncDisposable {
  /** Its address. */
  readonly url: string;
  /** What lets records in. */
  readonly token: string;
}

/** Start a server in another process. */
export async function startServer(kind: ServerKind): Promise<RunningServer> {
  const args = ["run", "--quiet", "--no-check", "--allow-net=127.0.0.1", "--allow-env", "--allow-sys", "--allow-read"];
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args, import.meta.filename!, kind],
    stdin: "piped",
    stdout: "piped",
  });
  const process = command.spawn();
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value: line } = await reader.read();
  if (line === undefined) throw new Error(`Cannot start the ${kind} server`);
  const { url, token } = JSON.parse(line);
  return {
    url,
    token,
    async [Symbol.asyncDispose]() {
      await process.stdin.close();
      await reader.cancel();
      await process.status;
    },
  };
}

async function serve(kind: ServerKind): Promise<void> {
  if (kind === "bare") {
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answerBare);
    console.log(JSON.stringify({ url: `http://127.0.0.1:${server.addr.port}`, token: "" }));
    await inputEnds();
    await server.shutdown();
  } else {
    await using server = createServer({ port: 0, onListen: () => {} });
    await server.listen();
    console.log(JSON.stringify({ url: server.url, token: server.tokens.ingest }));
    await inputEnds();
  }
}

async function answerBare(request: Request): Promise<Response> {
  let accepted = 0;
  for (const line of (await request.text()).split("\n")) {
    if (line !== "" && JSON.parse(line).v === 1) accepted++;
  }
  return Response.json({ accepted });
}

async function inputEnds(): Promise<void> {
  for await (const _ of Deno.stdin.readable);
}

if (import.meta.main) await serve(Deno.args[0] as ServerKind);
