import { type SchemaModel, toModel } from "./model.ts";

/**
 * Read a schema of JSON: an object of states by name, as `new Machine()` takes it.
 *
 * @param text The JSON.
 * @param name The word by which code names the schema.
 *
 * @throws {SyntaxError} when it is no JSON, or no schema.
 */
export function readJson(text: string, name: string): SchemaModel {
  return toModel(name, JSON.parse(text));
}
