import { Command } from "@cliffy/command";
import type { CommandContext, GlobalOptions } from "./_context.ts";
import { formatActive, formatCount, formatTime } from "./_format.ts";
import { printLines, surfaceOf } from "./_print.ts";
import { openSource, visitRecords } from "./_source.ts";
import { layTable, type Surface } from "./_style.ts";
import { Summaries, type Summary } from "./_summary.ts";

/** The command `am list`. */
// deno-lint-ignore no-explicit-any -- Cliffy's type of a command whose options do not matter
export function createListCommand(context: CommandContext): Command<any> {
  return new Command<GlobalOptions>()
    .description("List machines and where they stand.")
    .option("--file <path:file>", "Read a recording, not the server.")
    .action(async (options) => {
      const source = openSource(options, context);
      const summaries = new Summaries();
      await visitRecords(source, (record, view) => void summaries.add(record, view));
      await printLines(context, formatList(summaries.list(), surfaceOf(context, options)));
    });
}

/** Show machines as a table. */
export function formatList(summaries: readonly Summary[], surface: Surface): string[] {
  if (summaries.length === 0) return ["No machines"];
  const columns = [
    { title: "MACHINE", maxWidth: 24 },
    { title: "INSTANCE", maxWidth: 12 },
    { title: "LAST", maxWidth: 12 },
    { title: "TRANSITIONS", isRight: true },
    { title: "ACTIVE" },
  ];
  return layTable(columns, summaries.map(formatRow), surface);
}

function formatRow({ view, lastAt, transitions }: Summary) {
  return [
    view.id,
    view.instance,
    formatTime(lastAt),
    formatCount(transitions),
    view.isDisposed
      ? { text: "disposed", style: "dim" as const }
      : { text: formatActive(view), style: isFailed(view) ? "red" as const : undefined },
  ];
}

function isFailed({ stateNames, ticks }: Summary["view"]): boolean {
  return (ticks[stateNames.indexOf("Exception")] ?? 0) % 2 === 1;
}
