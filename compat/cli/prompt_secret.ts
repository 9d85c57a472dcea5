/** Options for {@linkcode promptSecret}. */
export type PromptSecretOptions = {
  /** What is shown for each character that is typed; nothing if it is empty. `*` by default. */
  mask?: string;
  /** Whether the line is cleared at the end. */
  clear?: boolean;
};

const ENTER = new Set([10, 13]);
const RUBOUT = new Set([8, 127]);

/**
 * Ask for a text without showing it.
 *
 * @param message What to ask for. "Secret" by default.
 * @param options What is shown instead of the text.
 * @returns The text; `null` if standard input is no terminal.
 */
export function promptSecret(message = "Secret", { mask = "*", clear = false }: PromptSecretOptions = {}):
  | string
  | null {
  if (!Deno.stdin.isTerminal()) return null;
  const write = (text: string) => void Deno.stdout.writeSync(new TextEncoder().encode(text));
  const show = (count: number) => write(`\r\x1b[K${message} ${mask.repeat(count)}`);
  show(0);
  Deno.stdin.setRaw(true, { cbreak: Deno.build.os !== "windows" });
  try {
    return readLine(show);
  } finally {
    write(clear ? "\r\x1b[K" : "\n");
    Deno.stdin.setRaw(false);
  }
}

/** Reads byte by byte; a character of several bytes counts as several, as in the real package. */
function readLine(show: (count: number) => void): string {
  const byte = new Uint8Array(1);
  const bytes: number[] = [];
  while (Deno.stdin.readSync(byte) === 1 && !ENTER.has(byte[0]!)) {
    if (RUBOUT.has(byte[0]!)) bytes.pop();
    else bytes.push(byte[0]!);
    show(bytes.length);
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
