import { Command } from "@cliffy/command";
import { cleanJson, cleanText } from "./_clean.ts";
import type { CommandContext, GlobalOptions } from "./_context.ts";
import { CANCELED, CommandFailure, USAGE } from "./_exit_codes.ts";
import { formatCountOf } from "./_format.ts";
import { printLines, surfaceOf } from "./_print.ts";
import { startProgress } from "./_progress.ts";
import { type CheckOptions, checkSchema } from "./check/check_schema.ts";
import type { Report } from "./check/finding.ts";
import { formatCounts, formatReport } from "./check/format.ts";
import { type RuleId, RULES } from "./check/rules.ts";
import { toSarif } from "./check/sarif.ts";
import type { SchemaModel } from "./schema/model.ts";
import { readSchemaFiles } from "./schema/read.ts";

/** The command `am check`. */
// deno-lint-ignore no-explicit-any -- Cliffy's type of a command whose options do not matter
export function createCheckCommand(context: CommandContext): Command<any> {
  return new Command<GlobalOptions>()
    .description(`Say what is wrong with a schema.\n\nIts rules:\n${RULES.map(({ id }) => id).join("\n")}`)
    .option("--name <name:string>", "Only this schema of the file.")
    .option("--max-sets <sets:integer>", "How many sets of states to visit.")
    .option("--rule <ids:string>", "Only these rules, with commas between.")
    .option("--ignore <ids:string>", "Not these rules.")
    .option("--json", "Print JSON.", { conflicts: ["sarif"] })
    .option("--sarif", "Print SARIF, for code hosts.")
    .arguments("<file:file>")
    .action(async (options, file) => {
      const settings = { maxSets: readMaxSets(options.maxSets), rules: chooseRules(options.rule, options.ignore) };
      const reports: SchemaReport[] = [];
      for (const model of await readSchemaFiles(file, { name: options.name })) {
        reports.push({ schema: model.name, ...await check(model, settings, context) });
      }
      await printLines(context, await formatAs(reports));
      const errors = reports.flatMap(({ findings }) => findings.filter(({ severity }) => severity === "error"));
      if (errors.length > 0) throw new CommandFailure(`${cleanText(file)} has ${formatCounts(errors)}`, CANCELED);

      async function formatAs(reports: readonly SchemaReport[]): Promise<string[]> {
        if (options.sarif) return [cleanJson(JSON.stringify(await toSarif(file, reports)))];
        if (options.json) return reports.map((report) => cleanJson(JSON.stringify({ file, ...report })));
        const surface = surfaceOf(context, options);
        return reports.flatMap((report) =>
          formatReport(file, report, surface, reports.length > 1 ? report.schema : "")
        );
      }
    });
}

/** What a check came to, and of which schema of the file, by its word. */
type SchemaReport = Report & { readonly schema: string };

/** Check a schema, show how far it is, and stop at Ctrl-C. */
async function check(model: SchemaModel, options: CheckOptions, { err, signal }: CommandContext): Promise<Report> {
  using progress = startProgress("Checking", err);
  const steps = checkSchema(model, options);
  while (true) {
    const { done, value } = steps.next();
    if (done) return value;
    progress.tell(`${formatCountOf(value, "set")} visited`);
    await new Promise((resolve) => setTimeout(resolve)); // else nobody hears of Ctrl-C
    signal.throwIfAborted();
  }
}

function readMaxSets(maxSets: number | undefined): number | undefined {
  if (maxSets === undefined || maxSets > 0) return maxSets;
  throw new CommandFailure(`Cannot visit ${maxSets} sets: --max-sets has to be 1 or more`, USAGE);
}

function chooseRules(only: string | undefined, ignored: string | undefined): RuleId[] {
  const left = only === undefined ? RULES.map(({ id }) => id) : readRules(only);
  const out = ignored === undefined ? [] : readRules(ignored);
  return left.filter((id) => !out.includes(id));
}

function readRules(ids: string): RuleId[] {
  return ids.split(",").map((text) => {
    const rule = RULES.find(({ id }) => id === text.trim());
    if (rule !== undefined) return rule.id;
    throw new CommandFailure(cleanText(`Cannot look at rule "${text.trim()}": am help check lists the rules`), USAGE);
  });
}
