import { abortable } from "@std/async";

const ENTER: ReadonlySet<number> = new Set([10, 13]);
const RUBOUT: ReadonlySet<number> = new Set([8, 127]);
/** Ctrl-C, where the terminal makes no signal of it, and Ctrl-D. */
const END: ReadonlySet<number> = new Set([3, 4]);

/**
 * Ask for a text that is not shown, on standard error: standard output is for what was asked for. `promptSecret()` of
 * `@std/cli` asks there, and waits so that no signal comes through.
 *
 * @param message The question.
 * @param signal Ends the waiting, with its reason.
 * @returns The text; `null` when there is nobody to ask.
 */
export async function askSecret(message: string, signal: AbortSignal): Promise<string | null> {
  if (!Deno.stdin.isTerminal() || !Deno.stderr.isTerminal()) return null;
  Deno.stdin.setRaw(true, { cbreak: Deno.build.os !== "windows" });
  try {
    await write(`${message} `);
    return await readLine(signal);
  } finally {
    Deno.stdin.setRaw(false);
    await write("\r\x1b[K");
  }
}

/** What is rubbed out of a character of several bytes leaves no UTF-8: no token has such ones. */
async function readLine(signal: AbortSignal): Promise<string> {
  const typed: number[] = [];
  const chunk = new Uint8Array(1_024);
  for (;;) {
    const count = await abortable(Deno.stdin.read(chunk), signal) ?? 0;
    if (count === 0) return decode(typed);
    for (const byte of chunk.subarray(0, count)) {
      if (ENTER.has(byte)) return decode(typed);
      if (END.has(byte)) return "";
      if (RUBOUT.has(byte)) typed.pop();
      else typed.push(byte);
    }
  }
}

function decode(bytes: readonly number[]): string {
  return new TextDecoder().decode(Uint8Array.from(bytes)).trim();
}

async function write(text: string): Promise<void> {
  await Deno.stderr.write(new TextEncoder().encode(text));
}
