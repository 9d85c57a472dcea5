import { Command } from "@cliffy/command";
import type { CommandContext, GlobalOptions } from "./_context.ts";
import { CommandFailure, USAGE } from "./_exit_codes.ts";
import { OUTPUT_HELP, type OutputOptions, putOut } from "./_write_file.ts";
import { importSchema } from "./gen/_schema_import.ts";
import { readStates } from "./gen/read_states.ts";
import { listMethods, writeHandlers } from "./gen/write_handlers.ts";
import { writeTest } from "./gen/write_test.ts";
import { toWord } from "./schema/_words.ts";
import { WHICH_SCHEMA } from "./schema/read.ts";
import { COMMON_SCHEMAS, type CommonName, writeTypeScript } from "./schema/write_typescript.ts";

/** The commands `am gen states`, `am gen handlers` and `am gen test`. */
// deno-lint-ignore no-explicit-any -- Cliffy's type of a command whose options do not matter
export function createGenCommand(context: CommandContext): Command<any> {
  const gen = new Command<GlobalOptions>().description("Generate code: states, handlers, a test.");
  gen.command("states", createStatesCommand(context));
  gen.command("handlers", createHandlersCommand(context));
  gen.command("test", createTestCommand(context));
  return gen.reset();
}

/** How states are described; lines of at most 50 characters. */
const GRAMMAR = `Foo,Bar:auto:require(Foo;Baz):remove(_Group) Baz

Behind a state stand flags: auto, multi, and lists
require(…), add(…), remove(…), after(…), tags(…),
and timeout(500), in milliseconds. _Group is all
states of a group. A name with signs stands in
quotes: "a, b".`;

/** Options of `am gen states`. */
interface StatesOptions extends GlobalOptions, OutputOptions {
  readonly groups?: readonly string[];
  readonly inherit?: readonly string[];
  readonly name?: string;
  readonly jsr?: boolean | undefined;
}

// deno-lint-ignore no-explicit-any -- Cliffy's type of a command whose options do not matter
function createStatesCommand(context: CommandContext): Command<any> {
  return new Command<GlobalOptions>()
    .description(`Generate a states file.\n\n${GRAMMAR}`)
    .arguments("<...states:string>")
    .option("--groups <groups:string>", "Of which one state is active: Playing(A;B).", { collect: true })
    .option("--inherit <names:string>", "Schemas: basic, connected, disposed.", { collect: true })
    .option("--name <word:string>", "How code names it: File for fileSchema.")
    .option("--jsr", "Write types out, for a package on JSR.")
    .option("-o, --output <path:file>", OUTPUT_HELP.output)
    .option("--dir <path:file>", OUTPUT_HELP.dir)
    .option("--force", OUTPUT_HELP.force)
    .action(async (options, ...states) => {
      await putOut(context, await telling(() => generateStates(states, options)), options);
    });
}

// deno-lint-ignore no-explicit-any -- Cliffy's type of a command whose options do not matter
function createHandlersCommand(context: CommandContext): Command<any> {
  return new Command<GlobalOptions>()
    .description("Generate a class of handlers for a states file.")
    .arguments("<file:file>")
    .option("--methods <names:string>", "These methods: FooEnter,FooBar,AnyState.")
    .option("--states <names:string>", "Handlers of these states, not of all.")
    .option("--kinds <kinds:string>", "Which: enter,state,exit,end; else state.")
    .option("--name <name:string>", WHICH_SCHEMA)
    .option("-o, --output <path:file>", OUTPUT_HELP.output)
    .option("--dir <path:file>", OUTPUT_HELP.dir)
    .option("--force", OUTPUT_HELP.force)
    .action(async (options, file) => {
      const schema = await importSchema(file, options);
      const text = await telling(() => writeHandlers(schema, listMethods(schema.model, options)));
      await putOut(context, text, options);
    });
}

// deno-lint-ignore no-explicit-any -- Cliffy's type of a command whose options do not matter
function createTestCommand(context: CommandContext): Command<any> {
  return new Command<GlobalOptions>()
    .description("Generate a test that a states file passes.")
    .arguments("<file:file>")
    .option("--name <name:string>", WHICH_SCHEMA)
    .option("-o, --output <path:file>", OUTPUT_HELP.output)
    .option("--dir <path:file>", OUTPUT_HELP.dir)
    .option("--force", OUTPUT_HELP.force)
    .action(async (options, file) => {
      await putOut(context, await writeTest(await importSchema(file, options)), options);
    });
}

/** Tell what is wrong with arguments as the command does. */
async function telling(generate: () => Promise<string>): Promise<string> {
  try {
    return await generate();
  } catch (error) {
    if (error instanceof SyntaxError) throw new CommandFailure(error.message, USAGE, { cause: error });
    throw error;
  }
}

async function generateStates(states: readonly string[], options: StatesOptions): Promise<string> {
  const { groups = [] } = options;
  const inherit = readInherit(options.inherit ?? []);
  const model = readStates(states, { name: readName(options.name), groups, inherit });
  return await writeTypeScript(model, { inherit, isExplicit: options.jsr ?? false });
}

/** The order is that in which the schemas build on each other, as that of states is what machines go by. */
function readInherit(lists: readonly string[]): CommonName[] {
  const names = lists.flatMap((list) => list.split(",")).map((name) => name.trim());
  const known = Object.keys(COMMON_SCHEMAS) as CommonName[];
  const unknown = names.find((name) => !known.some((it) => it === name));
  if (unknown !== undefined) throw new SyntaxError(`Cannot inherit "${unknown}": there are ${known.join(", ")}`);
  return known.filter((name) => names.includes(name));
}

function readName(name = "Schema"): string {
  if (!/\p{L}/u.test(name)) throw new SyntaxError(`Cannot name a schema "${name}": it has no letter`);
  return toWord(name);
}
