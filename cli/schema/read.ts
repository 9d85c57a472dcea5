import { cleanText } from "../_clean.ts";
import { CommandFailure, USAGE } from "../_exit_codes.ts";
import type { SchemaModel } from "./model.ts";
import { readJson } from "./read_json.ts";

/** Makes a model of a text, or throws a `SyntaxError` that says where it cannot. */
type Reader = (text: string, name: string) => SchemaModel;

/** The readers, by the end of the file's name. */
const READERS: Readonly<Record<string, Reader>> = { ".json": readJson };

/**
 * Read the schema of a file. Nothing in the file is run.
 *
 * @param path The file; its ending says how it is written.
 * @returns The schema.
 *
 * @throws {CommandFailure} when it cannot be read, or holds no schema.
 */
export async function readSchemaFile(path: string): Promise<SchemaModel> {
  const [, stem = "", ending = ""] = /([^/\\]*?)(\.[^./\\]+)?$/.exec(path) ?? [];
  const read = Object.hasOwn(READERS, ending) ? READERS[ending] : undefined;
  if (read === undefined) {
    throw fail(path, `its name should end in ${Object.keys(READERS).join(", ")}`);
  }
  let text;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    throw fail(path, describe(error), error);
  }
  try {
    return read(text, toWord(stem));
  } catch (error) {
    if (error instanceof SyntaxError) throw fail(path, error.message, error);
    throw error;
  }
}

/** Make of the name of a file the word for code: `file-workflow` gives `FileWorkflow`. */
function toWord(stem: string): string {
  const words = stem.split(/[^\p{L}\p{Nd}]+/u).filter((word) => word !== "");
  const word = words.map((it) => it[0]!.toUpperCase() + it.slice(1)).join("");
  return /^\p{L}/u.test(word) ? word : `Schema${word}`;
}

function fail(path: string, reason: string, cause?: unknown): CommandFailure {
  return new CommandFailure(cleanText(`Cannot read schema "${path}": ${reason}`), USAGE, { cause });
}

function describe(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  return error instanceof Error ? error.message : String(error);
}
