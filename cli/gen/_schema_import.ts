import { dirname, join, relative } from "node:path";
import { CommandFailure, USAGE } from "../_exit_codes.ts";
import { findPlace, type OutputOptions } from "../_write_file.ts";
import type { SchemaModel } from "../schema/model.ts";
import { readSchemaFile, type ReadSchemaOptions } from "../schema/read.ts";
import { namePartsOf, quote, writeKey } from "../schema/write_typescript.ts";

/** A schema that generated code imports. */
export interface ImportedSchema {
  /** What it holds. */
  readonly model: SchemaModel;
  /** What the generated code names it. */
  readonly local: string;
  /** What stands in the braces of the import. */
  readonly clause: string;
  /** Where it is imported from, as text of code. */
  readonly specifier: string;
}

/**
 * Read the schema that generated code is for.
 *
 * @param path The file of TypeScript.
 * @param options Which schema of the file is meant, and where the code will be: beside the file, if it is printed.
 *
 * @throws {CommandFailure} when the file is none of TypeScript, holds or exports no schema, or is where the code should go.
 */
export async function importSchema(path: string, options: ReadSchemaOptions & OutputOptions): Promise<ImportedSchema> {
  if (!/\.m?ts$/.test(path)) throw fail(path, "it is no file of TypeScript, which am convert makes of others");
  const model = await readSchemaFile(path, options);
  if (model.exportName === undefined) throw fail(path, "it does not export its schema");
  const file = Deno.realPathSync(path);
  let folder = dirname(file);
  if (options.output !== undefined) {
    const place = findPlace(options.output, options.dir);
    if (join(place.folder, place.name) === file) throw fail(path, "the code would take its place");
    folder = place.folder;
  }
  // other names may mean something in code, or to what else is imported
  const isPlain = /^[A-Za-z_$][\w$]*$/.test(model.exportName) && /schema|states/i.test(model.exportName);
  const local = isPlain ? model.exportName : namePartsOf(model.name).schema;
  const clause = isPlain ? local : `${writeKey(model.exportName)} as ${local}`;
  return { model, local, clause, specifier: quote(toSpecifier(relative(folder, file))) };
}

/** Whether a state says what its arguments are. */
export function hasArgs({ states }: SchemaModel, name: string): boolean {
  const state = states.get(name);
  return state?.argsType !== undefined || state?.argsSource !== undefined;
}

/** A relative path as the address that an import takes. */
function toSpecifier(path: string): string {
  const parts = path.split(/[\\/]/).map((it) => encodeURI(it).replace(/[?#]/g, encodeURIComponent));
  return parts[0] === ".." ? parts.join("/") : ["."].concat(parts).join("/");
}

function fail(path: string, reason: string): CommandFailure {
  return new CommandFailure(`Cannot generate code for "${path}": ${reason}`, USAGE);
}
