/**
 * Formats code as `deno fmt` does, with what that itself is built on.
 *
 * @module
 */
import type { Formatter } from "@dprint/formatter";

/** Loaded once, and only when code is to be formatted: it takes a tenth of a second. */
let formatter: Promise<Formatter> | undefined;

/**
 * Format TypeScript as `deno fmt` does where no option is set.
 *
 * @param code The code.
 * @returns The same code in lines of at most 80 columns, where they can be broken.
 *
 * @throws {Error} when it is no TypeScript.
 */
export async function formatCode(code: string): Promise<string> {
  const loaded = await (formatter ??= loadFormatter());
  return loaded.formatText({ filePath: "code.ts", fileText: code });
}

async function loadFormatter(): Promise<Formatter> {
  const [{ createFromBuffer }, { getPath }] = await Promise.all([
    import("@dprint/formatter"),
    import("@dprint/typescript"),
  ]);
  const loaded = createFromBuffer(await Deno.readFile(getPath()));
  loaded.setConfig({}, { deno: true }); // the options that `deno fmt` has by default
  return loaded;
}
