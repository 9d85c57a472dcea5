/**
 * Writes schemas as TypeScript.
 *
 * @module
 */
import {
  BASIC_SCHEMA,
  CONNECTED_GROUP,
  CONNECTED_SCHEMA,
  DISPOSED_GROUP,
  DISPOSED_SCHEMA,
  extendState,
  type Schema,
} from "../../mod.ts";
import { cleanJson } from "../_clean.ts";
import { formatCode } from "../_format_code.ts";
import type { SchemaModel, StateModel } from "./model.ts";

/** The schemas that others can be merged with, by the word for them: what code names them, and their group. */
export const COMMON_SCHEMAS = {
  basic: { constant: "BASIC_SCHEMA", schema: BASIC_SCHEMA, group: undefined },
  connected: {
    constant: "CONNECTED_SCHEMA",
    schema: CONNECTED_SCHEMA,
    group: { name: "Connected", constant: "CONNECTED_GROUP", states: CONNECTED_GROUP },
  },
  disposed: {
    constant: "DISPOSED_SCHEMA",
    schema: DISPOSED_SCHEMA,
    group: { name: "Disposed", constant: "DISPOSED_GROUP", states: DISPOSED_GROUP },
  },
} as const satisfies Record<string, CommonSchema>;

/** A schema of the package to merge with. */
interface CommonSchema {
  readonly constant: string;
  readonly schema: Schema;
  readonly group: { readonly name: string; readonly constant: string; readonly states: readonly string[] } | undefined;
}

/** One of the words for {@linkcode COMMON_SCHEMAS}. */
export type CommonName = keyof typeof COMMON_SCHEMAS;

/** Options of {@linkcode writeTypeScript}. */
export interface WriteTypeScriptOptions {
  /**
   * The schemas to merge with, in this order; the model has its own states only, and what it adds to theirs. None by
   * default.
   */
  readonly inherit?: readonly CommonName[];
  /**
   * Whether the types of what is exported are written out, as JSR wants them: the compiler then tells of a mistake at
   * `defineSchema(states)`, not where it is. `false` by default.
   */
  readonly isExplicit?: boolean;
}

/** What code names the parts of a states file, and the class of handlers beside it. */
export interface PartNames {
  readonly schema: string;
  readonly groups: string;
  readonly names: string;
  readonly type: string;
  readonly handlers: string;
}

/**
 * Tell what code names the parts of a states file: `fileSchema`, `fileGroups`, `fileNames`, `FileState` and `FileHandlers`
 * for `File`, and `schema`, `groups`, `names`, `State` and `Handlers` for `Schema`.
 */
export function namePartsOf(name: string): PartNames {
  if (name === "Schema") {
    return { schema: "schema", groups: "groups", names: "names", type: "State", handlers: "Handlers" };
  }
  const word = name === "Define" ? "DefineMachine" : name; // the package has a defineSchema of its own
  const start = word[0]!.toLowerCase() + word.slice(1);
  return {
    schema: `${start}Schema`,
    groups: `${start}Groups`,
    names: `${start}Names`,
    type: `${word}State`,
    handlers: `${word}Handlers`,
  };
}

/**
 * Write a schema as a states file of TypeScript, formatted as `deno fmt` does it.
 *
 * For a model named `Player` it has, in this order:
 *
 * ```ts
 * import { argsType, defineSchema, schemaNames, type StateName } from "@asyncmachine/asyncmachine";
 *
 * export const playerGroups = { Playback: ["Playing", "Paused"] } as const; // only if there are groups
 *
 * export const playerSchema = defineSchema({
 *   Playing: { require: ["Loaded"], remove: playerGroups.Playback, args: argsType<{ at: number }>() },
 *   Paused: { remove: [...playerGroups.Playback, "Loading"] },
 *   Loading: { auto: true, tags: ["ui"], timeoutMs: 500 },
 *   Loaded: {},
 * });
 *
 * export type PlayerState = StateName<typeof playerSchema>;
 *
 * export const playerNames: readonly PlayerState[] = schemaNames(playerSchema);
 * ```
 *
 * A part of `remove` that is a group's whole list is written as that group. A name that is no plain word of ASCII is a
 * quoted key (`"a-b": {}`, `playerGroups["a-b"]`), and `__proto__` a computed one (`["__proto__"]: {}`). No name stands in
 * a comment. With `inherit` it is `defineSchema(mergeSchemas(BASIC_SCHEMA, { … }))`, and a state that BASIC_SCHEMA defines
 * is `Ready: extendState(BASIC_SCHEMA.Ready, { … })`.
 *
 * With `isExplicit` the states are `const states = { … } as const satisfies Schema` and the schema is
 * `export const playerSchema: typeof states = defineSchema(states)`; inherited states stand in it with all that they are.
 *
 * @param model The schema.
 * @param options The schemas of the package to merge with.
 * @returns The file's text.
 *
 * @throws {Error} when the type of a state's arguments is no TypeScript.
 */
export async function writeTypeScript(model: SchemaModel, options: WriteTypeScriptOptions = {}): Promise<string> {
  return await formatCode(new StatesFile(model, options).write());
}

/** Writes the parts of one file, not formatted yet, and remembers what they import. */
class StatesFile {
  readonly #model: SchemaModel;
  readonly #inherited: readonly CommonSchema[];
  readonly #parts: PartNames;
  readonly #isExplicit: boolean;
  readonly #imports = new Set(["defineSchema", "schemaNames", "type StateName"]);

  constructor(model: SchemaModel, { inherit = [], isExplicit = false }: WriteTypeScriptOptions) {
    this.#model = model;
    this.#isExplicit = isExplicit;
    this.#inherited = inherit.map((name) => COMMON_SCHEMAS[name]);
    this.#parts = namePartsOf(model.name);
  }

  write(): string {
    const { schema, names, type } = this.#parts;
    const parts = [
      ...this.#writeGroups(),
      ...(this.#isExplicit ? this.#writeExplicitSchema() : [this.#writeSchema()]),
      `/** The name of a state. */\nexport type ${type} = StateName<typeof ${schema}>;`,
      `/** The names of the states, in the order of a machine's ticks. */\n` +
      `export const ${names}: readonly ${type}[] = schemaNames(${schema});`,
    ];
    const imports = [...this.#imports].sort(compareImports).join(", ");
    return [`import { ${imports} } from "@asyncmachine/asyncmachine";`, ...parts].join("\n\n") + "\n";
  }

  #writeGroups(): string[] {
    const groups = new Map<string, string>();
    for (const { group } of this.#inherited) {
      if (group !== undefined) groups.set(group.name, this.#import(group.constant));
    }
    for (const [name, states] of this.#model.groups) groups.set(name, writeList(states));
    if (groups.size === 0) return [];
    const entries = [...groups].map(([name, states]) => `${writeKey(name)}: ${states},\n`);
    const text = "/** Groups of states, as a machine takes them. */";
    return [`${text}\nexport const ${this.#parts.groups} = {\n${entries.join("")}} as const;`];
  }

  #writeSchema(): string {
    const states = this.#writeStates();
    if (this.#inherited.length === 0) return this.#exportSchema("", `defineSchema(${states})`);
    return this.#exportSchema("", `defineSchema(${this.#writeMerge(states)})`);
  }

  #writeExplicitSchema(): string[] {
    const states = `const states = ${this.#writeStates()} as const satisfies ${this.#importType("Schema")};`;
    if (this.#inherited.length === 0) return [states, this.#exportSchema(": typeof states", "defineSchema(states)")];
    const types = [...this.#inherited.map(({ constant }) => constant), "states"].map((it) => `typeof ${it}`);
    const type = `: ${this.#importType("MergedSchema")}<[${types.join(", ")}]>`;
    return [states, this.#exportSchema(type, `defineSchema(${this.#writeMerge("states")})`)];
  }

  #exportSchema(type: string, value: string): string {
    const text = "/** The states: what they are, and how they relate. */";
    return `${text}\nexport const ${this.#parts.schema}${type} = ${value};`;
  }

  #writeMerge(own: string): string {
    const schemas = [...this.#inherited.map(({ constant }) => this.#import(constant)), own];
    return `${this.#import("mergeSchemas")}(${schemas.join(", ")})`;
  }

  #writeStates(): string {
    const entries = [...this.#model.states].map(([name, state]) => {
      return `${writeKey(name)}: ${this.#writeInherited(name, state)},\n`;
    });
    return entries.length === 0 ? "{}" : `{\n${entries.join("")}}`;
  }

  /** A state of a merged schema keeps what it is, and gets what the model says; its tags would be left out. */
  #writeInherited(name: string, state: StateModel): string {
    const base = this.#inherited.findLast(({ schema }) => Object.hasOwn(schema, name));
    if (base === undefined) return this.#writeState(state);
    const { tags, ...overlay } = state;
    if (this.#isExplicit) {
      const { args: _, ...extended } = extendState(base.schema[name]!, overlay);
      return this.#writeState(tags === undefined ? extended : { ...extended, tags });
    }
    const original = `${base.constant}${writeAccess(name)}`;
    const extended = `${this.#import("extendState")}(${original}, ${this.#writeState(overlay)})`;
    return tags === undefined ? extended : `{ ...${extended}, tags: ${writeList(tags)} }`;
  }

  #writeState({ auto, multi, require, add, remove, after, tags, timeoutMs, argsType }: StateModel): string {
    const fields: string[] = [];
    if (auto !== undefined) fields.push(`auto: ${auto}`);
    if (multi !== undefined) fields.push(`multi: ${multi}`);
    if (require !== undefined) fields.push(`require: ${writeList(require)}`);
    if (add !== undefined) fields.push(`add: ${writeList(add)}`);
    if (remove !== undefined) fields.push(`remove: ${this.#writeRemove(remove)}`);
    if (after !== undefined) fields.push(`after: ${writeList(after)}`);
    if (tags !== undefined) fields.push(`tags: ${writeList(tags)}`);
    if (timeoutMs !== undefined) fields.push(`timeoutMs: ${timeoutMs}`);
    if (argsType !== undefined) fields.push(`args: ${this.#writeArgs(argsType)}`);
    return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
  }

  #writeArgs(type: string): string {
    const args = `${this.#import("argsType")}<${type}>()`;
    return this.#isExplicit ? `${args} as ${this.#importType("ArgsSchema")}<${type}>` : args;
  }

  #writeRemove(names: readonly string[]): string {
    const items: string[] = [];
    for (let i = 0; i < names.length;) {
      const group = this.#findGroup(names, i);
      items.push(group === undefined ? quote(names[i]!) : `...${this.#parts.groups}${writeAccess(group.name)}`);
      i += group?.length ?? 1;
    }
    const [only = ""] = items;
    return items.length === 1 && only.startsWith("...") ? only.slice(3) : `[${items.join(", ")}]`;
  }

  /** The longest group whose whole list stands in a list at a place. One state is no group worth a name. */
  #findGroup(names: readonly string[], start: number): { name: string; length: number } | undefined {
    let found: { name: string; length: number } | undefined;
    for (const [name, states] of this.#groups()) {
      if (states.length < 2 || states.length <= (found?.length ?? 0)) continue;
      if (states.every((state, i) => state === names[start + i])) found = { name, length: states.length };
    }
    return found;
  }

  *#groups(): Iterable<readonly [string, readonly string[]]> {
    yield* this.#model.groups;
    for (const { group } of this.#inherited) {
      if (group !== undefined && !this.#model.groups.has(group.name)) yield [group.name, group.states];
    }
  }

  #import(name: string): string {
    this.#imports.add(name);
    return name;
  }

  #importType(name: string): string {
    this.#imports.add(`type ${name}`);
    return name;
  }
}

/** The order of `deno fmt`: by the name, whatever its letters are. */
function compareImports(a: string, b: string): number {
  const [left, right] = [a, b].map((it) => it.replace("type ", "").toLowerCase()) as [string, string];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Write a text as code: what steers an editor or a terminal stands as escapes. */
export function quote(text: string): string {
  return cleanJson(JSON.stringify(text));
}

/** Write a name as the key of an object. A plain `__proto__` would set the prototype. */
export function writeKey(name: string): string {
  if (name === "__proto__") return '["__proto__"]';
  return isWord(name) ? name : quote(name);
}

function writeAccess(name: string): string {
  return isWord(name) ? `.${name}` : `[${quote(name)}]`;
}

/** Write texts as a list. */
export function writeList(names: readonly string[]): string {
  return `[${names.map(quote).join(", ")}]`;
}

function isWord(name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name);
}
