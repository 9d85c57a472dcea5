/**
 * Golden files: output that was read by eye when it was made. `GOLDEN=write deno test -A tests/cli` makes them anew.
 *
 * @module
 */
import { assertEquals } from "@std/assert";

const NAMES: Readonly<Record<string, string>> = {
  "0": "/",
  "1": "bold",
  "2": "dim",
  "31": "red",
  "32": "green",
  "33": "yellow",
  "34": "blue",
  "35": "magenta",
  "36": "cyan",
};

/** Hold output against a golden file. */
export async function assertGolden(name: string, output: string): Promise<void> {
  const file = new URL(`golden/${name}.txt`, import.meta.url);
  const text = nameColors(output);
  const { state } = await Deno.permissions.query({ name: "env", variable: "GOLDEN" });
  if (state === "granted" && Deno.env.get("GOLDEN") === "write") await Deno.writeTextFile(file, text);
  assertEquals(text, await Deno.readTextFile(file));
}

/** Write colours as `<red>` and `</>`, for eyes. */
function nameColors(output: string): string {
  // deno-lint-ignore no-control-regex
  return output.replace(/\x1b\[(\d+)m/g, (all, code: string) => NAMES[code] === undefined ? all : `<${NAMES[code]}>`);
}
