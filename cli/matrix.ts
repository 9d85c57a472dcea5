import { Command } from "@cliffy/command";
import type { TxRecord } from "../telemetry/mod.ts";
import type { CommandContext, GlobalOptions } from "./_context.ts";
import { CommandFailure, USAGE } from "./_exit_codes.ts";
import { formatMutation } from "./_format.ts";
import { isTransition, type MachineView, signOf } from "./_machine_view.ts";
import { printLines, surfaceOf } from "./_print.ts";
import { findInstance, openSource, visitRecords } from "./_source.ts";
import { type Cell, layLine, type Style, type Surface } from "./_style.ts";

/** One transition, as a row. */
export interface MatrixRow {
  /** Id of the transition. */
  readonly id: string;
  /** `[add] Foo` */
  readonly mutation: string;
  /** Whether it was accepted. */
  readonly accepted: boolean;
  /** What it did to each state, a character of {@linkcode LEGEND} each. */
  readonly marks: string;
}

/** What the characters of a row mean. */
export const LEGEND = "+ came  - went  ± both  * came again  o active  . inactive  ! called, canceled";

/** The command `am matrix`. */
// deno-lint-ignore no-explicit-any -- Cliffy's type of a command whose options do not matter
export function createMatrixCommand(context: CommandContext): Command<any> {
  return new Command<GlobalOptions>()
    .description("Show transitions by states.")
    .option("--file <path:file>", "Read a recording, not the server.")
    .option("--limit <count:integer>", "How many of the last ones.", { default: 20 })
    .arguments("<id:string>")
    .action(async (options, id) => {
      if (options.limit < 1) throw new CommandFailure("Cannot show a matrix: --limit has to be 1 or more", USAGE);
      const source = openSource(options, context);
      const instance = await findInstance(source, id);
      const rows: MatrixRow[] = [];
      let stateNames: readonly string[] = [];
      await visitRecords(source, (record, view) => {
        if (record.instance !== instance) return;
        stateNames = view.stateNames;
        if (!isTransition(record)) return;
        rows.push(makeRow(record, view));
        if (rows.length > options.limit) rows.shift();
      }, instance);
      await printLines(context, formatMatrix(stateNames, rows, surfaceOf(context, options)));
    });
}

/** Make the row of a transition. */
export function makeRow(record: TxRecord, view: MachineView): MatrixRow {
  const changed = new Map(view.changes.map((change) => [change.index, change]));
  const marks = view.ticks.map((tick, index) => {
    const change = changed.get(index);
    if (change === undefined || change.before === change.after) {
      if (!record.accepted && record.called.includes(index)) return "!";
      return tick % 2 === 1 ? "o" : ".";
    }
    return change.before % 2 === 1 && change.after % 2 === 1 ? "*" : signOf(change);
  });
  return { id: record.id, mutation: formatMutation(record, view), accepted: record.accepted, marks: marks.join("") };
}

/** Show rows under columns that are numbered, one character a state. */
export function formatMatrix(stateNames: readonly string[], rows: readonly MatrixRow[], surface: Surface): string[] {
  if (rows.length === 0) return ["No transitions"];
  const idWidth = Math.min(12, Math.max(...rows.map(({ id }) => id.length)));
  const digits = String(Math.max(0, stateNames.length - 1)).length;
  const lead: Cell = { text: "", width: idWidth };
  const heads = Array.from({ length: digits }, (_, row) =>
    layLine([
      lead,
      { text: stateNames.map((_, i) => String(i).padStart(digits).at(row)).join(""), style: "bold" },
    ], surface));
  return [
    ...stateNames.map((name, i) =>
      layLine([{ text: String(i), width: idWidth, isRight: true }, { text: name }], surface)
    ),
    layLine([{ text: LEGEND, style: "dim" }], surface),
    "",
    ...heads,
    ...rows.map((row) => formatRow(row, idWidth, surface)),
  ];
}

function formatRow({ id, mutation, accepted, marks }: MatrixRow, idWidth: number, surface: Surface): string {
  const style: Style | undefined = accepted ? undefined : "red";
  // The end of an id tells transitions of a machine apart.
  const end = id.length > idWidth ? id.slice(-idWidth) : id;
  return layLine(
    [{ text: end, width: idWidth, isRight: true }, { text: marks, style }, { text: mutation, style }],
    surface,
  );
}
