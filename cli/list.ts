import { Command } from "@cliffy/command";
import type { MachineSummary } from "../telemetry/mod.ts";
import { Client } from "./_client.ts";
import type { CommandContext, GlobalOptions } from "./_context.ts";
import { formatActive, formatCount, formatCountOf, formatTime } from "./_format.ts";
import { printLines, surfaceOf } from "./_print.ts";
import { startProgress } from "./_progress.ts";
import { listMachines } from "./_server_machines.ts";
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
      const surface = surfaceOf(context, options);
      if (options.file === undefined) {
        await printLines(context, formatServerList(await readMachines(new Client(options, context), context), surface));
        return;
      }
      const summaries = new Summaries();
      await visitRecords(openSource(options, context), (record, view) => void summaries.add(record, view));
      await printLines(context, formatList(summaries.list(), surface));
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

/** Show the machines of a server, which counts all that it keeps of them. */
export function formatServerList(machines: readonly MachineSummary[], surface: Surface): string[] {
  if (machines.length === 0) return ["No machines"];
  const columns = [
    { title: "MACHINE", maxWidth: 24 },
    { title: "INSTANCE", maxWidth: 20 },
    { title: "LAST", maxWidth: 12 },
    { title: "EVENTS", isRight: true },
    { title: "ACTIVE" },
  ];
  const rows = machines.map(({ id, instance, lastReceivedAt, events, disposed, activeStates }) => [
    id,
    instance,
    formatTime(lastReceivedAt),
    formatCount(events),
    disposed
      ? { text: "disposed", style: "dim" as const }
      : { text: `(${activeStates.join(" ")})`, style: activeStates.includes("Exception") ? "red" as const : undefined },
  ]);
  return layTable(columns, rows, surface);
}

async function readMachines(client: Client, { err }: CommandContext): Promise<MachineSummary[]> {
  using progress = startProgress("Reading", err);
  const machines: MachineSummary[] = [];
  for await (const page of listMachines(client)) {
    machines.push(...page);
    progress.tell(formatCountOf(machines.length, "machine"));
  }
  return machines;
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
