import { Command } from "@cliffy/command";
import type { MachineDetail, RecordedState } from "../telemetry/mod.ts";
import { Client } from "./_client.ts";
import type { CommandContext, GlobalOptions } from "./_context.ts";
import { formatCount, formatCountOf, formatTime } from "./_format.ts";
import { MachineView } from "./_machine_view.ts";
import { printLines, surfaceOf } from "./_print.ts";
import { findMachine } from "./_server_machines.ts";
import { findInstance, openSource, visitRecords } from "./_source.ts";
import { type Cell, layLine, layTable, type Surface } from "./_style.ts";
import { Summaries, type Summary } from "./_summary.ts";

/** The command `am inspect`. */
// deno-lint-ignore no-explicit-any -- Cliffy's type of a command whose options do not matter
export function createInspectCommand(context: CommandContext): Command<any> {
  return new Command<GlobalOptions>()
    .description("Show a machine with its states and relations.")
    .option("--file <path:file>", "Read a recording, not the server.")
    .arguments("<id:string>")
    .action(async (options, id) => {
      const surface = surfaceOf(context, options);
      if (options.file === undefined) {
        await printLines(context, formatServerMachine(await findMachine(new Client(options, context), id), surface));
        return;
      }
      const source = openSource(options, context);
      const instance = await findInstance(source, id);
      const summaries = new Summaries();
      await visitRecords(source, (record, view) => {
        if (record.instance === instance) summaries.add(record, view);
      });
      await printLines(context, formatMachine(summaries.list()[0]!, surface));
    });
}

/** Show all about a machine of a recording. */
export function formatMachine(summary: Summary, surface: Surface): string[] {
  return formatView(summary.view, {
    seen: describeSeen(summary.firstAt, summary.lastAt, summary.view.isDisposed),
    records: describeCounts(summary),
  }, surface);
}

/** Show all about a machine of a server. */
export function formatServerMachine(machine: MachineDetail, surface: Surface): string[] {
  const view = new MachineView(machine.instance);
  view.apply({ ...machine.record, ticks: machine.ticks });
  return formatView(view, {
    seen: describeSeen(machine.firstReceivedAt, machine.lastReceivedAt, machine.disposed),
    records: [
      formatCountOf(machine.events, "event"),
      ...(machine.lost > 0 ? [`${formatCount(machine.lost)} lost`] : []),
      ...(machine.dropped > 0 ? [`${formatCount(machine.dropped)} dropped`] : []),
    ].join(", "),
  }, surface);
}

/** Facts that come from elsewhere than the view. */
interface Facts {
  readonly seen: string;
  readonly records: string;
}

function formatView(view: MachineView, { seen, records }: Facts, surface: Surface): string[] {
  const { machine } = view;
  return [
    ...formatFacts([
      ["machine", view.id],
      ["instance", view.instance],
      ["parent", machine?.parent?.id ?? ""],
      ["tags", machine?.tags?.join(" ") ?? ""],
      ["seen", seen],
      ["records", records],
      ...(machine?.groups ?? []).map(([name, states]) => [`group ${name}`, view.names(states).join(" ")] as const),
    ], surface),
    "",
    ...layTable(
      [{ title: "STATE", maxWidth: 32 }, { title: "TICK", isRight: true }, { title: "RELATIONS" }],
      view.stateNames.map((name, index) => formatState(name, view.ticks[index]!, machine?.schema[name] ?? {})),
      surface,
    ),
  ];
}

function describeSeen(firstAt: number, lastAt: number, isDisposed: boolean): string {
  return `${formatTime(firstAt)} to ${formatTime(lastAt)}${isDisposed ? ", disposed" : ""}`;
}

/** Show facts with their names in front; those that say nothing are left out. */
export function formatFacts(facts: readonly (readonly [name: string, text: string])[], surface: Surface): string[] {
  const told = facts.filter(([, text]) => text !== "");
  const width = Math.max(...told.map(([name]) => name.length));
  return told.map(([name, text]) => layLine([{ text: name, style: "bold", width }, { text }], surface));
}

function describeCounts({ transitions, canceled, auto, checks, queued, lost }: Summary): string {
  return [
    formatCountOf(transitions, "transition"),
    `${formatCount(canceled)} canceled`,
    `${formatCount(auto)} auto`,
    ...(checks > 0 ? [formatCountOf(checks, "check")] : []),
    ...(queued > 0 ? [`${formatCount(queued)} queued`] : []),
    ...(lost > 0 ? [`${formatCount(lost)} lost`] : []),
  ].join(", ");
}

function formatState(name: string, tick: number, state: RecordedState): Cell[] {
  const relations = (["require", "add", "remove", "after"] as const).flatMap((relation) => {
    const states = state[relation] ?? [];
    return states.length === 0 ? [] : [`${relation} ${states.join(" ")}`];
  });
  const flags = [...(state.auto ? ["auto"] : []), ...(state.multi ? ["multi"] : [])];
  const isActive = tick % 2 === 1;
  return [
    { text: name, style: isActive ? "green" : "dim" },
    { text: String(tick), style: isActive ? "green" : "dim" },
    { text: [...flags, ...relations].join(", ") },
  ];
}
