import { Command } from "@cliffy/command";
// Not when it is needed, which would let the other commands start in two thirds of the time: without a lock file Deno does
// not find packages with peers that only a dynamic import leads to.
import { createServer, PortTakenError, type ServerOptions, StoreError, type Tokens } from "../telemetry/server.ts";
import { cleanText } from "./_clean.ts";
import type { CommandContext, GlobalOptions } from "./_context.ts";
import { CommandFailure, USAGE } from "./_exit_codes.ts";
import { printLines } from "./_print.ts";

/** The command `am serve`. */
// deno-lint-ignore no-explicit-any -- Cliffy's type of a command whose options do not matter
export function createServeCommand(context: CommandContext): Command<any> {
  return new Command<GlobalOptions>()
    .description("Start a telemetry server.")
    .option("--host <name:string>", "Where to listen.", { default: "127.0.0.1" })
    .option("--port <port:integer>", "Port, 0 for any.", { default: 6841 })
    .option("--store <path:file>", "File that keeps the events.")
    .option("--max-memory-mb <mb:number>", "Memory for events.", { default: 500 })
    .option("--max-file-mb <mb:number>", "Size of the file.", { default: 2000 })
    .option("--max-age-hours <hours:number>", "Age of events in the file.", { default: 168 })
    .option("--cert <path:file>", "Certificate, PEM.")
    .option("--key <path:file>", "Key of the certificate, PEM.")
    .option("--insecure-http", "Let tokens go over a network as text.")
    .option("--allow-host <host:string>", "Name by which others reach it, as in a URL.", { collect: true })
    .option("--allow-origin <origin:string>", "Origin of pages that may use it.", { collect: true })
    .option("--ingest-token-file <path:file>", "File with the ingest token.")
    .option("--control-token-file <path:file>", "File with the control token.")
    .action(async (options) => {
      await serve({
        hostname: options.host,
        port: options.port,
        file: options.store,
        maxMemoryMb: options.maxMemoryMb,
        maxFileMb: options.maxFileMb,
        maxAgeHours: options.maxAgeHours,
        cert: readIfNamed(options.cert),
        key: readIfNamed(options.key),
        insecureHttp: options.insecureHttp ?? false,
        allowedHosts: options.allowHost,
        allowedOrigins: options.allowOrigin,
        tokens: readTokens(options.ingestTokenFile, options.controlTokenFile),
        onListen: () => {},
      }, context);
    });
}

/** Serve until Ctrl-C, or until the process is asked to end. */
async function serve(options: ServerOptions, context: CommandContext): Promise<void> {
  try {
    await using server = createServer(options);
    await server.listen();
    const where = options.file === undefined ? "in memory" : `in ${cleanText(options.file)}`;
    await printLines(context, [
      `Listening, events are kept ${where}: ${server.urlWithToken}`,
      // A token that is made here is known to nobody else.
      ...(options.tokens?.ingest === undefined
        ? [`Programs send with AM_TELEMETRY_URL=${server.url} AM_TELEMETRY_TOKEN=${server.tokens.ingest}`]
        : []),
    ]);
    await untilAborted(context.signal);
  } catch (error) {
    if (error instanceof PortTakenError) {
      throw new CommandFailure(`${error.message}: name another with --port`, USAGE, { cause: error });
    }
    const isUsage = error instanceof StoreError || error instanceof RangeError || error instanceof TypeError;
    throw isUsage ? new CommandFailure(error.message, USAGE, { cause: error }) : error;
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

function readTokens(ingest: string | undefined, control: string | undefined): Partial<Tokens> {
  const [ingestToken, controlToken] = [readIfNamed(ingest)?.trim(), readIfNamed(control)?.trim()];
  return {
    ...(ingestToken !== undefined && { ingest: ingestToken }),
    ...(controlToken !== undefined && { control: controlToken }),
  };
}

function readIfNamed(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    throw new CommandFailure(`Cannot read "${path}": the file cannot be opened`, USAGE, { cause });
  }
}
