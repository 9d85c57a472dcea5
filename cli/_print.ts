import type { CommandContext, GlobalOptions } from "./_context.ts";
import type { Surface } from "./_style.ts";

/** The surface that standard output is, under the options of the command. */
export function surfaceOf({ out }: CommandContext, { color }: GlobalOptions): Surface {
  return { columns: out.columns, hasColor: out.hasColor && color };
}

/** Print lines. */
export async function printLines({ out }: CommandContext, lines: readonly string[]): Promise<void> {
  if (lines.length > 0) await out.write(`${lines.join("\n")}\n`);
}
