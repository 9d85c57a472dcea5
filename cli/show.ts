import { Command } from "@cliffy/command";
import type { CommandContext, GlobalOptions } from "./_context.ts";
import { describeChanges, type FoundTransition } from "./_found_transition.ts";
import { formatTime } from "./_format.ts";
import { printLines, surfaceOf } from "./_print.ts";
import { openTransition } from "./_open_transition.ts";
import { describeCancel, describeMutation, describeStep, handlerName, stepsOf } from "./_step_text.ts";
import { type Cell, layLine, type Surface } from "./_style.ts";
import { LOG_LEVELS, nameStates, type TxRecord } from "../telemetry/mod.ts";

/** The command `am show`. */
// deno-lint-ignore no-explicit-any -- Cliffy's type of a command whose options do not matter
export function createShowCommand(context: CommandContext): Command<any> {
  return new Command<GlobalOptions>()
    .description("Show one transition, the last by default.")
    .option("--file <path:file>", "Read a recording, not the server.")
    .arguments("<id:string> [tx:string]")
    .action(async (options, id, tx) => {
      const found = await openTransition(id, tx, options, context);
      await printLines(context, formatTransition(found, surfaceOf(context, options)));
    });
}

/** Show a transition with everything that is known of it. */
export function formatTransition(found: FoundTransition, surface: Surface): string[] {
  const { record, stateNames } = found;
  const steps = stepsOf(record, stateNames);
  const handlers = steps.filter(({ type }) => type === "handler").map(handlerName);
  const log = [...record.preLog ?? [], ...record.log ?? []];
  return [
    ...section("mutation", [{ text: describeMutation(record, stateNames) }], surface),
    ...section("machine", [{ text: found.machineId }], surface),
    ...section(
      "id",
      [{ text: record.id }, { text: `at ${formatTime(record.at)}${describeDuration(record)}` }],
      surface,
    ),
    ...section("result", [describeResult(record, stateNames)], surface),
    ...section("source", describeSource(record), surface),
    ...section("queue", [{ text: describeQueue(record) }], surface),
    ...section("before", [{ text: describeStates(found.before, stateNames) }], surface),
    ...section("after", [{ text: describeStates(found.after, stateNames) }], surface),
    ...section("changes", showChanges(found), surface),
    ...Object.entries(record.args ?? {}).flatMap(([name, value]) =>
      section(`arg ${name}`, [{ text: JSON.stringify(value) ?? "" }], surface)
    ),
    ...list("steps", steps.map(describeStep), surface),
    ...list("handlers", handlers, surface),
    ...list("log", log.map(([level, text]) => `${LOG_LEVELS[level]}: ${text}`), surface),
  ];
}

/** A name and what belongs to it, on one line; nothing if nothing belongs to it. */
function section(name: string, cells: readonly Cell[], surface: Surface): string[] {
  if (cells.every(({ text }) => text === "")) return [];
  return [layLine([{ text: name, style: "bold", width: 9 }, ...cells], surface)];
}

/** A name with a line for each thing that belongs to it. */
function list(name: string, texts: readonly string[], surface: Surface): string[] {
  if (texts.length === 0) return [];
  return [
    layLine([{ text: name, style: "bold" }], surface),
    ...texts.map((text) => layLine([{ text: "", width: 1 }, { text }], surface)),
  ];
}

function describeResult(record: TxRecord, stateNames: readonly string[]): Cell {
  if (record.queued) return { text: "queued", style: "dim" };
  if (record.accepted) return { text: "accepted", style: "green" };
  return { text: describeCancel(record, stateNames), style: "red" };
}

function describeDuration({ duration }: TxRecord): string {
  return duration === undefined ? "" : `, took ${Number(duration.toFixed(3))} ms`;
}

function describeSource({ source }: TxRecord): Cell[] {
  return source === undefined ? [] : [{ text: `transition ${source.tx} of ${source.machine}, at ${source.sum} ticks` }];
}

function describeQueue({ queueTick, mutationTick, queueToken, queueLength }: TxRecord): string {
  const place = queueToken !== undefined
    ? `in front as number ${queueToken}, `
    : mutationTick !== undefined
    ? `for tick ${mutationTick}, `
    : "";
  return `${place}at tick ${queueTick}, ${queueLength} waiting after it`;
}

function describeStates(ticks: readonly number[], stateNames: readonly string[]): string {
  const active = ticks.flatMap((tick, index) =>
    tick % 2 === 1 ? [`${nameStates([index], stateNames)[0]}:${tick}`] : []
  );
  return `(${active.join(" ")})`;
}

function showChanges(found: FoundTransition): Cell[] {
  return describeChanges(found).map((text) => ({ text, style: text.startsWith("+") ? "green" : "yellow" }));
}
