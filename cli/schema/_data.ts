/**
 * Data that knows where in a text it stands: what the readers make of an expression before it is a schema.
 *
 * @module
 */
import { cleanText } from "../_clean.ts";
import { type Position, RELATIONS, type SchemaModel, type StateModel } from "./model.ts";

/** A file has more than one schema, and none was asked for. */
export class SeveralSchemasError extends SyntaxError {
  override name = "SeveralSchemasError";
  /** What the file names them, in its order; any can be asked for. */
  readonly schemas: readonly string[];

  /** @param schemas What the file names them. */
  constructor(schemas: readonly string[]) {
    super(`it has more than one schema: --name says which of ${schemas.map(quote).join(", ")} is meant`);
    this.schemas = schemas;
  }
}

/** A value and its place. */
export type Data =
  | { readonly kind: "text"; readonly value: string; readonly at: Position }
  | { readonly kind: "number"; readonly value: number; readonly at: Position }
  | { readonly kind: "boolean"; readonly value: boolean; readonly at: Position }
  | { readonly kind: "nothing"; readonly at: Position }
  | { readonly kind: "args"; readonly args: Args; readonly at: Position }
  | { readonly kind: "list"; readonly items: readonly Data[]; readonly at: Position }
  | { readonly kind: "object"; readonly fields: Fields; readonly at: Position };

/** What is known about the arguments of a state. */
export type Args = Pick<StateModel, "argsType" | "argsSource">;

/** The fields of an object, in the order in which the text has them. */
export type Fields = ReadonlyMap<string, Field>;

/** A field of an object. */
export interface Field {
  /** Where its name stands. */
  readonly at: Position;
  /** Its value. */
  readonly value: Data;
}

/** What each kind of value is called. */
export const NOUNS: Readonly<Record<Data["kind"], string>> = {
  text: "a text",
  number: "a number",
  boolean: "true or false",
  nothing: "nothing",
  args: "a type of arguments",
  list: "a list",
  object: "an object",
};

const FLAGS: readonly string[] = ["auto", "multi"];

/**
 * Make the error about a place of a text.
 *
 * @param at The place.
 * @param reason What is wrong with it.
 */
export function refuse({ line, column }: Position, reason: string): SyntaxError {
  return new SyntaxError(`line ${line}, column ${column}: ${reason}`);
}

/** Quote a piece of a text for a message: one line that is not long. */
export function quote(text: string): string {
  const line = cleanText(text.replace(/\s+/g, " "));
  return `"${line.length > 60 ? `${line.slice(0, 57)}...` : line}"`;
}

/**
 * Find the place of an index.
 *
 * @param text The text.
 * @param index An index of it, in UTF-16 units.
 */
function positionAt(text: string, index: number): Position {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf("\n"); end >= 0 && end < index; end = text.indexOf("\n", start)) {
    line++;
    start = end + 1;
  }
  return { line, column: index - start + 1 };
}

/**
 * Decode a text. A mark of byte order at its start is left out.
 *
 * @param bytes The text in UTF-8.
 *
 * @throws {SyntaxError} when it is no UTF-8; says where.
 */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    const again = new TextEncoder().encode(text);
    const end = bytes.findIndex((byte, i) => byte !== again[i]);
    const before = new TextDecoder().decode(bytes.subarray(0, end));
    throw refuse(positionAt(before, before.length), "it is no UTF-8");
  }
}

/**
 * Make a model of an object of states.
 *
 * @param name The word by which code names the schema.
 * @param schema The object.
 * @param groups Lists of states by name.
 *
 * @throws {SyntaxError} when it is none.
 */
export function makeModel(
  name: string,
  schema: Data,
  groups: SchemaModel["groups"] = new Map(),
): SchemaModel {
  if (schema.kind !== "object") throw refuse(schema.at, `${describe(schema)} is no object of states`);
  const states = sortKeys(schema.fields).map(([state, field]) => [state, makeState(state, field)] as const);
  return { name, states: new Map(states), groups };
}

/**
 * The names of a list.
 *
 * @param list The list.
 * @param what What is listed, for the message.
 *
 * @throws {SyntaxError} when it is no list, or holds something else.
 */
export function readNames(list: Data, what: string): Extract<Data, { kind: "text" }>[] {
  if (list.kind !== "list") throw refuse(list.at, `${describe(list)} is no list of ${what}`);
  return list.items.map((item) => {
    if (item.kind === "text") return item;
    throw refuse(item.at, `${describe(item)} is no text, in a list of ${what}`);
  });
}

/** A name stands where it is used, not where it is declared; a list stands where its names are written. */
export function atUse(data: Data, at: Position): Data {
  return data.kind === "text" ? { ...data, at } : data;
}

/**
 * Add a list to the groups of a schema, if it is one of its states; the first group of a name counts.
 *
 * @param groups The groups.
 * @param name The name of the group.
 * @param list The list.
 * @param states The states of the schema.
 */
export function addGroup(
  groups: Map<string, readonly string[]>,
  name: string,
  list: Data,
  states: SchemaModel["states"],
): void {
  if (list.kind !== "list" || groups.has(name)) return;
  const names = list.items.map((it) => it.kind === "text" ? it.value : undefined);
  if (names.every((it) => it !== undefined && states.has(it))) groups.set(name, names as string[]);
}

/** Say what a value is. */
export function describe(data: Data): string {
  if (data.kind === "text") return `the text ${quote(data.value)}`;
  if (data.kind === "number" || data.kind === "boolean") return String(data.value);
  return NOUNS[data.kind];
}

/** JavaScript's order of the keys of an object: array indexes first. A machine has its states in that order. */
function sortKeys(fields: Fields): [string, Field][] {
  const keys: Record<string, true> = Object.create(null);
  for (const key of fields.keys()) keys[key] = true;
  return Object.keys(keys).map((key) => [key, fields.get(key)!]);
}

function makeState(name: string, { at, value }: Field): StateModel {
  if (value.kind !== "object") throw refuse(value.at, `${describe(value)} is no state, for ${quote(name)}`);
  const state: Record<string, unknown> = {};
  const relationPositions: Record<string, Position[]> = {};
  for (const [field, { at, value: content }] of value.fields) {
    if (content.kind === "nothing") continue;
    if (FLAGS.includes(field)) state[field] = readFlag(content, field);
    else if (field === "timeoutMs") state[field] = readTimeout(content);
    else if (field === "args") Object.assign(state, readArgs(content));
    else if (field === "tags" || RELATIONS.some((relation) => relation === field)) {
      const names = readNames(content, field === "tags" ? "tags" : "states");
      state[field] = names.map(({ value }) => value);
      if (field !== "tags") relationPositions[field] = names.map(({ at }) => at);
    } else throw refuse(at, `a state has no field ${quote(field)}`);
  }
  return { ...state, position: at, relationPositions };
}

function readFlag(data: Data, field: string): boolean {
  if (data.kind === "boolean") return data.value;
  throw refuse(data.at, `${describe(data)} is neither true nor false, for "${field}"`);
}

function readTimeout(data: Data): number {
  if (data.kind === "number" && data.value >= 0 && data.value < Infinity) return data.value;
  throw refuse(data.at, `${describe(data)} is not a finite number of 0 or more, for "timeoutMs"`);
}

function readArgs(data: Data): Args {
  if (data.kind === "args") return data.args;
  throw refuse(data.at, `${describe(data)} is no type of arguments, for "args"`);
}
