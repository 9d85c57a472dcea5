import type { State } from "../../mod.ts";
import { cleanJson } from "../_clean.ts";
import { type SchemaModel, toSchema } from "./model.ts";

/** The fields of a state, in their order. */
const FIELDS: (keyof State)[] = ["auto", "multi", "require", "add", "remove", "after", "tags", "timeoutMs"];

/**
 * Write a schema as JSON: an object of states by name, as `new Machine()` takes it, a state a line.
 *
 * @param model The schema. Its groups and the types of its arguments have no place in it.
 * @returns The file's text.
 */
export function writeJson(model: SchemaModel): string {
  const schema = toSchema(model);
  const lines = Object.keys(schema).map((name) =>
    `  ${cleanJson(JSON.stringify(name))}: ${cleanJson(JSON.stringify(schema[name], FIELDS))}`
  );
  return lines.length === 0 ? "{}\n" : `{\n${lines.join(",\n")}\n}\n`;
}
