/**
 * What a command needs of the process it runs in, so that a test can run it in another.
 *
 * @module
 */

import { askSecret } from "./_ask_secret.ts";

/** Where a command writes. */
export interface Output {
  /** Columns of the terminal; `undefined` when it is none. Read it anew for each screen: terminals change. */
  readonly columns: number | undefined;
  /** Whether it shows colour. */
  readonly hasColor: boolean;
  /** Write text, and wait until it is out. */
  write(text: string): Promise<void>;
}

/** The process as a command sees it. */
export interface CommandContext {
  /** Standard output, for what was asked for. */
  readonly out: Output;
  /** Standard error, for everything else. */
  readonly err: Output;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Read an environment variable; one that may not be read is not there. */
  env(name: string): string | undefined;
  /** Ask for a text that is not shown; `null` when there is nobody to ask. */
  askSecret(message: string): Promise<string | null>;
}

/** Options that every command has. */
export interface GlobalOptions extends Record<string, unknown> {
  /** Address of the telemetry server. */
  readonly url?: string;
  /** File that holds the token for the server. */
  readonly tokenFile?: string;
  /** Seconds that the server has to begin an answer. */
  readonly timeout?: number;
  /** `false` when no colour is wanted. */
  readonly color: boolean;
  /** Whether errors show their stack. */
  readonly debug?: true;
}

/** Nobody reads any more what is written. */
export class PipeClosedError extends Error {
  override name = "PipeClosedError";
}

/** A stream of the process, as Deno has them. */
interface Stream {
  isTerminal(): boolean;
  write(bytes: Uint8Array): Promise<number>;
}

/**
 * Make the context of this process.
 *
 * @param signal Aborted by Ctrl-C.
 */
export function createProcessContext(signal: AbortSignal): CommandContext {
  return {
    out: createOutput(Deno.stdout),
    err: createOutput(Deno.stderr),
    signal,
    env: readEnv,
    askSecret: (message) => askSecret(message, signal),
  };
}

function createOutput(stream: Stream): Output {
  const isTerminal = stream.isTerminal();
  return {
    get columns() {
      return isTerminal ? readColumns() : undefined;
    },
    hasColor: isTerminal && !Deno.noColor && readEnv("TERM") !== "dumb",
    write: (text) => writeAll(stream, new TextEncoder().encode(text)),
  };
}

/** A terminal that tells no size, or 0 as some do, is taken for one of 80 columns. */
function readColumns(): number {
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80;
  }
}

async function writeAll(stream: Stream, bytes: Uint8Array): Promise<void> {
  try {
    for (let i = 0; i < bytes.length;) i += await stream.write(bytes.subarray(i));
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) throw new PipeClosedError("Cannot write: nobody reads any more");
    throw error;
  }
}

/** Asks first, so that a terminal is never prompted for permission to read a variable that may well be missing. */
function readEnv(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}
