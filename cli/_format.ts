/**
 * Records as lines for a terminal.
 *
 * @module
 */
import { LOG_LEVELS, type LogTuple, type TelemetryRecord, type TxRecord } from "../telemetry/mod.ts";
import { type MachineView, signOf } from "./_machine_view.ts";
import { describeCancel, describeStep, stepsOf } from "./_step_text.ts";
import { type Cell, layLine, type Style, type Surface } from "./_style.ts";

/** What lines of a tail show beside the transition itself. */
export interface TailOptions {
  /** Whether steps follow, one a line. `false` by default. */
  readonly steps?: boolean | undefined;
  /** Up to which level log lines follow, from 1, external, to 5, everything. None by default. */
  readonly level?: number | undefined;
}

/** Columns of the time, the machine and the mutation; fewer in a narrow terminal, where the time gives way first. */
interface Widths {
  readonly time: number;
  readonly machine: number;
  readonly mutation: number;
}

/**
 * Show a record as the lines of a tail: the record, then its steps and log lines if they are wanted.
 *
 * @param record The record.
 * @param view Its machine after it.
 * @param surface Where it is shown.
 * @param options What else it shows.
 * @returns Lines without their ends.
 */
export function formatTail(
  record: TelemetryRecord,
  view: MachineView,
  surface: Surface,
  options: TailOptions = {},
): string[] {
  const widths = chooseWidths(surface.columns);
  const lead: Cell[] = [
    ...(widths.time === 0 ? [] : [{ text: formatTime(record.at), style: "dim" as const, width: widths.time }]),
    { text: view.id, width: widths.machine },
  ];
  if (record.kind !== "tx") return [layLine([...lead, ...describeOther(record, view, widths)], surface)];
  const more = [
    ...formatLog(record.preLog, options.level),
    ...(options.steps ? stepsOf(record, view.stateNames).map(describeStep) : []),
    ...formatLog(record.log, options.level),
  ];
  const indent = { text: "", width: widths.time === 0 ? 1 : widths.time };
  return [
    layLine([...lead, ...describeTx(record, view, widths)], surface),
    ...more.map((text) => layLine([indent, { text, style: "dim" }], surface)),
  ];
}

/** Show what is to be said of a tail itself: `[gap] …`. */
export function formatNotice(kind: string, text: string, at: number, surface: Surface): string {
  const widths = chooseWidths(surface.columns);
  return layLine([
    ...(widths.time === 0 ? [] : [{ text: formatTime(at), style: "dim" as const, width: widths.time }]),
    { text: "", width: widths.machine },
    { text: `[${kind}]`, style: "yellow" },
    { text },
  ], surface);
}

/** Show a mutation as the text log does: `[add] Foo Bar`. */
export function formatMutation(record: TxRecord, view: MachineView): string {
  const names = view.names(record.called).join(" ");
  return `[${kindOf(record)}]${names === "" ? "" : ` ${names}`}`;
}

/** Show the time of day, with milliseconds, where the reader is. */
export function formatTime(at: number): string {
  const date = new Date(at);
  const [hours, minutes, seconds] = [date.getHours(), date.getMinutes(), date.getSeconds()].map((it) => pad(it, 2));
  return `${hours}:${minutes}:${seconds}.${pad(date.getMilliseconds(), 3)}`;
}

/** Show active states with their ticks: `(Foo:1 Bar:3)`. */
export function formatActive(view: MachineView): string {
  return `(${view.active().map((index) => `${view.nameOf(index)}:${view.ticks[index]}`).join(" ")})`;
}

/** Show a number with its thousands apart. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** Show a number of things: `1 state`, `2 states`. */
export function formatCountOf(count: number, thing: string): string {
  return `${formatCount(count)} ${thing}${count === 1 ? "" : "s"}`;
}

function pad(number: number, digits: number): string {
  return String(number).padStart(digits, "0");
}

function chooseWidths(columns = 120): Widths {
  if (columns >= 100) return { time: 12, machine: 20, mutation: 30 };
  if (columns >= 60) return { time: 12, machine: 12, mutation: 20 };
  if (columns >= 40) return { time: 0, machine: 10, mutation: 16 };
  return { time: 0, machine: 6, mutation: columns };
}

function kindOf({ type, auto, check, queued }: TxRecord): string {
  if (queued) return `queue:${type}`;
  if (check) return `check:${type}`;
  return auto ? `${type}:auto` : type;
}

function styleOf(record: TxRecord): Style | undefined {
  if (!record.accepted) return "red";
  if (record.queued || record.check) return "dim";
  if (record.auto) return "cyan";
  return record.type === "add" ? "green" : record.type === "remove" ? "yellow" : "blue";
}

function describeTx(record: TxRecord, view: MachineView, { mutation }: Widths): Cell[] {
  const style = styleOf(record);
  return [
    { text: formatMutation(record, view), style, width: mutation },
    ...view.changes.map((change): Cell => {
      const name = view.nameOf(change.index), sign = signOf(change);
      return { text: `${sign}${name}`, style: sign !== "+" ? "yellow" : name === "Exception" ? "red" : "green" };
    }),
    { text: describeCancel(record, view.stateNames), style: "red" },
  ];
}

function describeOther(record: Exclude<TelemetryRecord, TxRecord>, view: MachineView, widths: Widths): Cell[] {
  const say = (kind: string, text: string, style: Style): Cell[] => [
    { text: `[${kind}]`, style, width: kind === "log" ? undefined : widths.mutation },
    { text, style: style === "dim" ? style : undefined },
  ];
  switch (record.kind) {
    case "machine":
      return say("machine", `${formatCountOf(record.stateNames.length, "state")} ${formatActive(view)}`, "magenta");
    case "log":
      return say("log", record.text, "dim");
    case "pipe": {
      const arrow = record.direction === "out" ? "to" : "from";
      return say(`pipe:${record.change}`, `${record.state} ${arrow} ${record.other}, ${record.type}`, "magenta");
    }
    case "gap":
      return say("gap", `${formatCountOf(record.count, "record")} lost`, "yellow");
    case "dispose":
      return say("dispose", "", "magenta");
  }
}

function formatLog(lines: readonly LogTuple[] = [], level = 0): string[] {
  return lines.filter((line) => line[0] <= level).map(([lineLevel, text]) => `${LOG_LEVELS[lineLevel]}: ${text}`);
}
