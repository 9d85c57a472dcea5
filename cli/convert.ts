import { Command, EnumType, ValidationError } from "@cliffy/command";
import { cleanText } from "./_clean.ts";
import type { CommandContext, GlobalOptions } from "./_context.ts";
import { putOut } from "./_write_file.ts";
import type { SchemaModel } from "./schema/model.ts";
import { readSchemaFile } from "./schema/read.ts";
import { goGroupsOf, type GoStyle, writeGo } from "./schema/write_go.ts";
import { writeJson } from "./schema/write_json.ts";
import { writeTypeScript } from "./schema/write_typescript.ts";

/** What a schema can be converted to; the ends of the files' names. */
const FORMATS = ["ts", "json", "go"] as const;
const STYLES = ["schema", "struct"] as const satisfies readonly GoStyle[];

/** One of {@linkcode FORMATS}. */
type Format = typeof FORMATS[number];

/** The command `am convert`. */
// deno-lint-ignore no-explicit-any -- Cliffy's type of a command whose options do not matter
export function createConvertCommand(context: CommandContext): Command<any> {
  return new Command<GlobalOptions>()
    .description("Write a schema as TypeScript, JSON or Go.")
    .arguments("<file:file>")
    .type("format", new EnumType(FORMATS))
    .type("style", new EnumType(STYLES))
    .option("--to <format:format>", "Write ts, json or go; else what --output ends in.")
    .option("--style <style:style>", "Go with an am.Schema, or with an am.Struct.", { default: "schema" as const })
    .option("--name <name:string>", "Which schema of the file, if it has several.")
    .option("-o, --output <path:file>", "Write a file, in the folder.")
    .option("--dir <path:file>", "The folder, not the current one.")
    .option("--force", "Replace a file that is there.")
    .action(async ({ to, style, name, output, dir, force }, file) => {
      const format = to ?? FORMATS.find((it) => output?.endsWith(`.${it}`));
      if (format === undefined) throw new ValidationError("Cannot tell what to convert to: --to says it");
      const model = await readSchemaFile(file, { name });
      const text = await write(model, format, style);
      const lost = listLost(model, format);
      if (lost.length > 0) {
        await context.err.write(`am: Left out what ${format} has no place for: ${lost.join(", ")}\n`);
      }
      await putOut(context, text, { output, dir, force });
    });
}

async function write(model: SchemaModel, format: Format, style: GoStyle): Promise<string> {
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
