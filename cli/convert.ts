import { Command, EnumType, ValidationError } from "@cliffy/command";
import { cleanText } from "./_clean.ts";
import type { CommandContext, GlobalOptions } from "./_context.ts";
import { CommandFailure, USAGE } from "./_exit_codes.ts";
import { formatOf, OUTPUT_HELP, putOut } from "./_write_file.ts";
import type { SchemaModel } from "./schema/model.ts";
import { readSchemaFile, WHICH_SCHEMA } from "./schema/read.ts";
import { goGroupsOf, type GoStyle, writeGo } from "./schema/write_go.ts";
import { writeJson } from "./schema/write_json.ts";
import { writeTypeScript } from "./schema/write_typescript.ts";

/** What a schema can be converted to. */
const FORMATS = ["ts", "json", "go"] as const;
const STYLES = ["schema", "struct"] as const satisfies readonly GoStyle[];

/** One of {@linkcode FORMATS}. */
type Format = typeof FORMATS[number];

/** Formats by the endings of files. */
const ENDINGS: Readonly<Record<string, Format>> = { ".ts": "ts", ".mts": "ts", ".json": "json", ".go": "go" };

/** The command `am convert`. */
// deno-lint-ignore no-explicit-any -- Cliffy's type of a command whose options do not matter
export function createConvertCommand(context: CommandContext): Command<any> {
  return new Command<GlobalOptions>()
    .description("Write a schema as TypeScript, JSON or Go.")
    .arguments("<file:file>")
    .type("format", new EnumType(FORMATS))
    .type("style", new EnumType(STYLES))
    .option("--to <format:format>", "Write ts, json or go; else what --output ends in.")
    .option("--style <style:style>", "Go with an am.Schema, the default, or am.Struct.")
    .option("--name <name:string>", WHICH_SCHEMA)
    .option("-o, --output <path:file>", OUTPUT_HELP.output)
    .option("--dir <path:file>", OUTPUT_HELP.dir)
    .option("--force", OUTPUT_HELP.force)
    .action(async ({ to, style, name, output, dir, force }, file) => {
      const format = to ?? formatOfOutput(output);
      if (style !== undefined && format !== "go") {
        throw new CommandFailure(`Cannot write ${format} in a style: --style is for go only`, USAGE);
      }
      const model = await readSchemaFile(file, { name });
      const text = await write(model, format, style);
      const lost = listLost(model, format);
      if (lost.length > 0) {
        await context.err.write(`am: Left out what ${format} has no place for: ${lost.join(", ")}\n`);
      }
      await putOut(context, text, { output, dir, force });
    });
}

function formatOfOutput(output: string | undefined): Format {
  if (output === undefined) throw new ValidationError("Cannot tell what to convert to: add --to or --output");
  return formatOf(output, ENDINGS, "--to");
}

async function write(model: SchemaModel, format: Format, style: GoStyle = "schema"): Promise<string> {
  if (format === "go") return writeGo(model, style);
  return format === "json" ? writeJson(model) : await writeTypeScript(model);
}

/** What a schema has that a format has not: `args of "A", "B"`, `groups "C"`. */
function listLost(model: SchemaModel, format: Format): string[] {
  const states = [...model.states];
  const groups = new Set(format === "go" ? goGroupsOf(model).map(([name]) => name) : []);
  const lost: [what: string, names: string[]][] = [
    ["args of", states.filter(([, it]) => it.argsSource ?? (format === "ts" ? undefined : it.argsType)).map(first)],
    ["timeoutMs of", format === "go" ? states.filter(([, it]) => it.timeoutMs !== undefined).map(first) : []],
    ["groups", format === "ts" ? [] : [...model.groups.keys()].filter((name) => !groups.has(name))],
  ];
  return lost.flatMap(([what, names]) => {
    const shown = names.slice(0, 5).map((name) => `"${cleanText(name)}"`);
    if (names.length > 5) shown.push(`${names.length - 5} more`);
    return names.length > 0 ? [`${what} ${shown.join(", ")}`] : [];
  });
}

function first([name]: readonly [string, unknown]): string {
  return name;
}
