import { Command } from "@cliffy/command";
import type { CommandContext, GlobalOptions } from "./_context.ts";
import { findTransitions } from "./_find_transition.ts";
import type { FoundTransition } from "./_found_transition.ts";
import { printLines, surfaceOf } from "./_print.ts";
import { findInstance, openSource } from "./_source.ts";
import { type Cell, layTable, type Surface } from "./_style.ts";

/** The command `am diff`. */
// deno-lint-ignore no-explicit-any -- Cliffy's type of a command whose options do not matter
export function createDiffCommand(context: CommandContext): Command<any> {
  return new Command<GlobalOptions>()
    .description("Compare a machine after two transitions.")
    .option("--file <path:file>", "Read a recording, not the server.")
    .arguments("<id:string> <first:string> <second:string>")
    .action(async (options, id, first, second) => {
      const source = openSource(options, context);
      const instance = await findInstance(source, id);
      const [a, b] = await findTransitions(source, instance, [first, second]);
      await printLines(context, formatDiff(a!, b!, surfaceOf(context, options)));
    });
}

/** Show which states differ after two transitions. */
export function formatDiff(first: FoundTransition, second: FoundTransition, surface: Surface): string[] {
  const ticksOf = ({ stateNames, after }: FoundTransition) =>
    new Map(stateNames.map((name, index) => [name, after[index] ?? 0]));
  const [before, after] = [ticksOf(first), ticksOf(second)];
  const rows = [...new Set([...before.keys(), ...after.keys()])].flatMap((name): Cell[][] => {
    const [a, b] = [before.get(name), after.get(name)];
    return a === b ? [] : [[signOf(name, a, b), { text: showTick(a) }, { text: showTick(b) }]];
  });
  if (rows.length === 0) return ["No state differs"];
  return layTable(
    [{ title: "STATE", maxWidth: 40 }, { title: first.record.id, maxWidth: 20, isRight: true }, {
      title: second.record.id,
      maxWidth: 20,
      isRight: true,
    }],
    rows,
    surface,
  );
}

/** `+` came, `-` went, `~` is what it was, with changes in between. */
function signOf(name: string, a = 0, b = 0): Cell {
  if (a % 2 === b % 2) return { text: `~${name}`, style: "dim" };
  return b % 2 === 1 ? { text: `+${name}`, style: "green" } : { text: `-${name}`, style: "yellow" };
}

function showTick(tick: number | undefined): string {
  return tick === undefined ? "unknown" : String(tick);
}
