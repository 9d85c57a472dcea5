import { pathToFileURL } from "node:url";
import { cleanText } from "../_clean.ts";
import { CommandFailure, USAGE } from "../_exit_codes.ts";
import { decodeText, SeveralSchemasError } from "./_data.ts";
import { toWord } from "./_words.ts";
import type { SchemaModel } from "./model.ts";
import type { ReadTypeScriptOptions } from "./read_typescript.ts";

/** Options of {@linkcode readSchemaFile}. */
export interface ReadSchemaOptions {
  /** Which schema of the file is meant, by the name that the file gives it or by its word. The only one by default. */
  readonly name?: string | undefined;
}

/** Help of the option `--name` of commands that read a schema. */
export const WHICH_SCHEMA = "Which schema of the file, if it has several.";

/** Makes a model of a text, or throws a `SyntaxError` that says where it cannot. */
type Reader = (text: string, word: string, options: ReadTypeScriptOptions) => SchemaModel;

/** The readers, by the end of the file's name. Each is loaded when it is needed: a parser takes its time. */
const READERS: Readonly<Record<string, () => Promise<Reader>>> = {
  ".ts": async () => (await import("./read_typescript.ts")).readTypeScript,
  ".mts": async () => (await import("./read_typescript.ts")).readTypeScript,
  ".go": async () => (await import("./read_go.ts")).readGo,
  ".json": async () => (await import("./read_json.ts")).readJson,
};

/** Bytes of a file; parsers take a hundred times as much memory. */
const MAX_BYTES = 2_000_000;

/**
 * Read the schema of a file. Nothing in the file is run.
 *
 * @param path The file; its ending says how it is written. Files of at most 2,000,000 bytes are read.
 * @param options Which schema of the file is meant.
 * @returns The schema.
 *
 * @throws {CommandFailure} when it cannot be read, or holds no schema. What is wrong in a file goes with line and column.
 */
export async function readSchemaFile(path: string, { name }: ReadSchemaOptions = {}): Promise<SchemaModel> {
  const [stem, ending] = splitPath(path);
  const load = Object.hasOwn(READERS, ending) ? READERS[ending] : undefined;
  if (load === undefined) throw fail(path, `its name should end in ${Object.keys(READERS).join(", ")}`);
  const read = await load();
  try {
    const url = pathToFileURL(path);
    return read(readText(url), toWord(stem), { url: url.href, name, readText });
  } catch (error) {
    if (error instanceof SyntaxError) throw fail(path, error.message, error);
    throw error;
  }
}

/**
 * Read all schemas of a file, or the one that is asked for.
 *
 * @param path The file, as {@linkcode readSchemaFile} takes it.
 * @param options Which schema of the file is meant. All by default; of those that it exports, if it exports any.
 * @returns The schemas, in the order of the file; one at least.
 *
 * @throws {CommandFailure} when one of them cannot be read, or there is none.
 */
export async function readSchemaFiles(path: string, options: ReadSchemaOptions = {}): Promise<SchemaModel[]> {
  try {
    return [await readSchemaFile(path, options)];
  } catch (error) {
    if (!(error instanceof CommandFailure && error.cause instanceof SeveralSchemasError)) throw error;
    const models: SchemaModel[] = [];
    for (const name of error.cause.schemas) models.push(await readSchemaFile(path, { name }));
    return models;
  }
}

/** Reads files only: a device may have no end. */
function readText(url: URL): string {
  try {
    const { isFile, size } = Deno.statSync(url);
    if (!isFile) throw new SyntaxError("it is no file");
    if (size > MAX_BYTES) throw new SyntaxError(`it has ${size} bytes, and at most ${MAX_BYTES} are read`);
    return decodeText(Deno.readFileSync(url));
  } catch (error) {
    if (error instanceof SyntaxError) throw error;
    if (error instanceof Deno.errors.NotFound) throw new SyntaxError("there is no such file", { cause: error });
    throw new SyntaxError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** Whether a text is the name of a file that may hold a schema, by its ending. */
export function isSchemaPath(text: string): boolean {
  return Object.hasOwn(READERS, splitPath(text)[1]);
}

function splitPath(path: string): [stem: string, ending: string] {
  const [, stem = "", ending = ""] = /([^/\\]*?)(\.[^./\\]+)?$/.exec(path) ?? [];
  return [stem, ending];
}

function fail(path: string, reason: string, cause?: unknown): CommandFailure {
  return new CommandFailure(cleanText(`Cannot read schema "${path}": ${reason}`), USAGE, { cause });
}
