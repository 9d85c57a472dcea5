/**
 * What this package makes of data: its functions and its schemas, for files that use them.
 *
 * @module
 */
import * as library from "../../mod.ts";
import type { ArgsSchema } from "../../mod.ts";
import { type Args, type Data, describe, type Field, NOUNS, refuse } from "./_data.ts";
import type { Position } from "./model.ts";

/** What is known of a value that a function returned. */
interface Source {
  /** Where the function is called. */
  readonly at: Position;
  /** What the schemas of arguments stand for. */
  readonly args: ReadonlyMap<unknown, Args>;
  /** What the function put before names. */
  readonly prefix: string;
  /** Counts what is made. */
  readonly size: Size;
}

/** Functions that take data and return data, and what they take; the last kind goes for all arguments that follow. */
const FUNCTIONS = {
  cloneSchema: ["object"],
  concatStates: ["list"],
  defineSchema: ["object"],
  extendState: ["object", "object"],
  filterByTag: ["object", "text"],
  filterPrefix: ["list", "text"],
  mergeSchemas: ["object"],
  overrideState: ["object", "object"],
  prefixSchema: ["object", "text", "object"],
  prefixStates: ["list", "text"],
  schemaNames: ["object"],
  sharedStates: ["list", "list"],
  subtractStates: ["list", "list"],
} as const satisfies { readonly [Name in keyof typeof library]?: readonly Data["kind"][] };

/** Values that are data. */
const VALUES = [
  "BASIC_SCHEMA",
  "CONNECTED_GROUP",
  "CONNECTED_SCHEMA",
  "DISPOSED_GROUP",
  "DISPOSED_SCHEMA",
] as const satisfies (keyof typeof library)[];

/** One of the functions that {@linkcode applyFunction} knows. */
export type FunctionName = keyof typeof FUNCTIONS;

/** One of the values that {@linkcode valueOf} knows. */
export type ValueName = typeof VALUES[number];

/** Values that one file may come to. A few lines of spreads can ask for any number. */
const MAX_SIZE = 1_000_000;
/** A schema is three deep: states, relations, names. */
const MAX_DEPTH = 6;

/** Counts the values that a file comes to. */
export class Size {
  #size = 0;

  /**
   * Count.
   *
   * @param count How many more there are.
   * @param at Where they are made.
   *
   * @throws {SyntaxError} when there are too many.
   */
  spend(count: number, at: Position): void {
    this.#size += count;
    if (this.#size > MAX_SIZE) throw refuse(at, `it comes to more than ${MAX_SIZE} values`);
  }
}

/** Tell whether the package has such a function. */
export function isFunction(name: string): name is FunctionName {
  return Object.hasOwn(FUNCTIONS, name);
}

/** Tell whether the package has such a value. */
export function isValue(name: string): name is ValueName {
  return (VALUES as readonly string[]).includes(name);
}

/** A value of the package, for a place of a file. */
export function valueOf(name: ValueName, at: Position): Data {
  return fromPlain(library[name], [], { at, args: new Map(), prefix: "", size: new Size() });
}

/**
 * Apply a function. Each part of what it returns keeps the place that it had.
 *
 * @param name The function.
 * @param given Its arguments.
 * @param at Where it is called.
 * @param size Counts what is made.
 *
 * @throws {SyntaxError} when the function refuses them.
 */
export function applyFunction(name: FunctionName, given: readonly Data[], at: Position, size: Size): Data {
  checkGiven(name, given, at);
  const args = new Map<unknown, Args>();
  const values = given.map((data) => toPlain(data, args, size));
  let result: unknown;
  try {
    result = (library[name] as (...values: unknown[]) => unknown)(...values);
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw refuse(at, error.message);
    throw error;
  }
  const prefix = name.startsWith("prefix") && given[1]?.kind === "text" ? given[1].value : "";
  return fromPlain(result, given, { at, args, prefix, size });
}

/** Only the options of prefixSchema may be missing. */
function checkGiven(name: FunctionName, given: readonly Data[], at: Position): void {
  const kinds: readonly Data["kind"][] = FUNCTIONS[name];
  if (given.length < Math.min(kinds.length, 2)) throw refuse(at, `"${name}" is given too little`);
  given.forEach((data, i) => {
    const kind = kinds[i] ?? kinds.at(-1)!;
    if (data.kind !== kind) throw refuse(data.at, `"${name}" takes ${NOUNS[kind]} here, not ${describe(data)}`);
  });
}

/**
 * Move data to another place: what comes from another file stands, in this file, where it is used.
 *
 * @param data The data.
 * @param at The place.
 * @param size Counts what is made.
 */
export function moveTo(data: Data, at: Position, size: Size, depth = 0): Data {
  checkDepth(data, depth, size);
  if (data.kind === "list") return { ...data, items: data.items.map((it) => moveTo(it, at, size, depth + 1)), at };
  if (data.kind !== "object") return { ...data, at };
  const fields = [...data.fields].map(([name, { value }]) =>
    [name, { at, value: moveTo(value, at, size, depth + 1) }] as const
  );
  return { kind: "object", fields: new Map(fields), at };
}

function toPlain(data: Data, args: Map<unknown, Args>, size: Size, depth = 0): unknown {
  checkDepth(data, depth, size);
  if (data.kind === "nothing") return undefined;
  if (data.kind === "list") return data.items.map((item) => toPlain(item, args, size, depth + 1));
  if (data.kind === "args") {
    const schema: ArgsSchema = { "~standard": { version: 1, vendor: "", validate: (value) => ({ value }) } };
    args.set(schema, data.args);
    return schema;
  }
  if (data.kind !== "object") return data.value;
  const entries = [...data.fields].map(([name, { value }]) => [name, toPlain(value, args, size, depth + 1)]);
  return Object.fromEntries(entries); // which defines keys: a state may be named "__proto__"
}

/** What shares its parts is small in the file, but a tree of any size when it is walked. */
function checkDepth({ at }: Data, depth: number, size: Size): void {
  size.spend(1, at);
  if (depth > MAX_DEPTH) throw refuse(at, "it is nested more deeply than a schema");
}

/** @param origins What the value may come from. */
function fromPlain(value: unknown, origins: readonly Data[], source: Source): Data {
  const { at, args, prefix, size } = source;
  size.spend(1, at);
  if (typeof value === "string") return { kind: "text", value, at };
  if (typeof value === "number") return { kind: "number", value, at };
  if (typeof value === "boolean") return { kind: "boolean", value, at };
  if (args.has(value)) return { kind: "args", args: args.get(value)!, at };
  if (Array.isArray(value)) return { kind: "list", items: itemsFromPlain(value, origins, source), at };
  if (typeof value !== "object" || value === null) return { kind: "nothing", at };
  const objects = origins.filter((it) => it.kind === "object");
  const fields = Object.entries(value).map(([name, content]): [string, Field] => {
    const found = objects.flatMap(({ fields }) => fields.get(name) ?? fields.get(withoutPrefix(name, prefix)) ?? []);
    const place = found.at(-1)?.at ?? at; // the last one, as later schemas win
    return [name, { at: place, value: fromPlain(content, found.map(({ value }) => value), source) }];
  });
  return { kind: "object", fields: new Map(fields), at };
}

function itemsFromPlain(items: readonly unknown[], origins: readonly Data[], source: Source): Data[] {
  const places = new Map<unknown, Position>();
  for (const origin of origins) {
    if (origin.kind !== "list") continue;
    for (const item of origin.items) if (item.kind === "text") places.set(item.value, item.at);
  }
  return items.map((item) => {
    const at = places.get(item) ?? places.get(withoutPrefix(String(item), source.prefix)) ?? source.at;
    return fromPlain(item, [], { ...source, at });
  });
}

function withoutPrefix(name: string, prefix: string): string {
  return name.startsWith(prefix) ? name.slice(prefix.length) : name;
}
