import { Command, EnumType } from "@cliffy/command";
import type { Relation } from "../mod.ts";
import type { CommandContext, GlobalOptions } from "./_context.ts";
import { CommandFailure, USAGE } from "./_exit_codes.ts";
import { formatCountOf } from "./_format.ts";
import { openTransition } from "./_open_transition.ts";
import { openSource } from "./_source.ts";
import { formatOf, OUTPUT_HELP, type OutputOptions, putOut } from "./_write_file.ts";
import {
  drawDot,
  drawMermaid,
  drawSequenceMermaid,
  drawSequenceSvg,
  drawSvg,
  findConsequences,
  makePicture,
  makeSequence,
  type Picture,
} from "./diagram/mod.ts";
import { findSubject, type Subject, type SubjectOptions } from "./diagram/subject.ts";
import { RELATIONS } from "./schema/model.ts";
import { isSchemaPath, WHICH_SCHEMA } from "./schema/read.ts";

const FORMATS = ["mermaid", "dot", "svg"] as const;

type Format = typeof FORMATS[number];

/** Formats by the endings of files. */
const ENDINGS: Readonly<Record<string, Format>> = {
  ".mmd": "mermaid",
  ".mermaid": "mermaid",
  ".dot": "dot",
  ".gv": "dot",
  ".svg": "svg",
};

/** Options of the command. */
interface DiagramOptions extends SubjectOptions, OutputOptions {
  readonly format?: Format;
  readonly states?: string;
  readonly relations?: string;
  readonly time?: true | undefined;
  readonly sequence?: true | undefined;
}

/** The command `am diagram`. */
// deno-lint-ignore no-explicit-any -- Cliffy's type of a command whose options do not matter
export function createDiagramCommand(context: CommandContext): Command<any> {
  return new Command<GlobalOptions>()
    .description("Draw a schema, a machine or a transition.")
    .type("format", new EnumType(FORMATS))
    .option("--file <path:file>", "Read a recording, not the server.")
    .option("--format <format:format>", "mermaid, dot or svg; mermaid by default.")
    .option("--sequence", "A transition as a sequence, the last by default.")
    .option("--states <names:string>", "Only these, as A,B, and their neighbours.")
    .option("--relations <names:string>", "Only these: require,add,remove,after.")
    .option("--name <name:string>", WHICH_SCHEMA)
    .option("-o, --output <path:file>", "Write this .svg, .dot or .mmd, in the folder.")
    .option("--dir <path:file>", OUTPUT_HELP.dir)
    .option("--force", OUTPUT_HELP.force)
    .option("--time", "Say how long the drawing took.")
    .arguments("<file-or-id:string> [tx:string]")
    .action((options, subject, tx) => diagram(options, subject, tx, context));
}

async function diagram(
  options: DiagramOptions,
  text: string,
  tx: string | undefined,
  context: CommandContext,
): Promise<void> {
  const format = chooseFormat(options);
  const { drawn, what, took } = await (options.sequence ? sequence : schema)(options, format, text, tx, context);
  await putOut(context, drawn, options);
  if (options.time) await context.err.write(`drew ${what} in ${took.toFixed(0)} ms\n`);
}

/** A text, what it shows, and how many milliseconds it took to make it once that was known. */
interface Drawing {
  readonly drawn: string;
  readonly what: string;
  readonly took: number;
}

async function schema(
  options: DiagramOptions,
  format: Format,
  text: string,
  tx: string | undefined,
  context: CommandContext,
): Promise<Drawing> {
  const relations = parseRelations(options.relations);
  const subject = await findSubject(text, tx, options, context);
  const states = parseStates(options.states, subject);
  const startedAt = performance.now();
  const picture = makePicture(subject.model, { ticks: subject.ticks, states, relations });
  const drawn = await draw(picture, format);
  return { drawn, what: formatCountOf(picture.states.length, "state"), took: performance.now() - startedAt };
}

async function sequence(
  options: DiagramOptions,
  format: Format,
  text: string,
  tx: string | undefined,
  context: CommandContext,
): Promise<Drawing> {
  checkSequence(options, format, text);
  const found = await openTransition(text, tx, options, context);
  const consequences = await findConsequences(openSource(options, context), found);
  const startedAt = performance.now();
  const made = makeSequence(found, consequences);
  const drawn = format === "svg" ? drawSequenceSvg(made) : drawSequenceMermaid(made);
  return { drawn, what: formatCountOf(made.lines.length, "line"), took: performance.now() - startedAt };
}

function checkSequence({ file, states, relations }: DiagramOptions, format: Format, text: string): void {
  const reason = format === "dot"
    ? "as DOT: --format takes mermaid or svg"
    : states !== undefined || relations !== undefined
    ? "of some states: --states and --relations are for schemas"
    : file === undefined && isSchemaPath(text)
    ? `of "${text}": it is a file, name a machine`
    : undefined;
  if (reason !== undefined) throw new CommandFailure(`Cannot draw a sequence ${reason}`, USAGE);
}

async function draw(picture: Picture, format: Format): Promise<string> {
  switch (format) {
    case "mermaid":
      return drawMermaid(picture);
    case "dot":
      return drawDot(picture);
    case "svg":
      return await drawSvg(picture);
  }
}

function chooseFormat({ format, output }: DiagramOptions): Format {
  if (format !== undefined || output === undefined) return format ?? "mermaid";
  return formatOf(output, ENDINGS, "--format");
}

function parseRelations(text: string | undefined): ReadonlySet<Relation> | undefined {
  return text === undefined ? undefined : new Set(text.split(",").map(toRelation));
}

function toRelation(name: string): Relation {
  const relation = RELATIONS.find((it) => it === name.trim());
  if (relation !== undefined) return relation;
  throw new CommandFailure(`Cannot draw relation "${name}": there are ${RELATIONS.join(", ")}`, USAGE);
}

/** A state that is named whole may have a comma in its name. */
function parseStates(text: string | undefined, { model }: Subject): ReadonlySet<string> | undefined {
  if (text === undefined) return undefined;
  const names = model.states.has(text) ? [text] : text.split(",").map((name) => name.trim());
  const missing = names.find((name) => !model.states.has(name));
  if (missing === undefined) return new Set(names);
  throw new CommandFailure(`Cannot draw state "${missing}": it is not in the schema of "${model.name}"`, USAGE);
}
