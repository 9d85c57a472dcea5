import { cleanText } from "../_clean.ts";
import { CommandFailure, USAGE } from "../_exit_codes.ts";
import type { SchemaModel, StateModel } from "./model.ts";

/**
 * How a states file of Go names its states: with constants for an `am.Struct`, as version 0.6 of the Go project had it, or
 * with the fields of a struct for an `am.Schema`.
 */
export type GoStyle = "struct" | "schema";

/** A line of a block, or more. */
interface Entry {
  /** What gofmt aligns the value behind. */
  readonly key: string;
  /** It may have more than one line. */
  readonly value: string;
}

/** How a file names states and groups. */
interface GoNames {
  readonly state: (name: string) => string;
  readonly group: (name: string) => string;
}

const KEYWORDS: ReadonlySet<string> = new Set(
  ("break case chan const continue default defer else fallthrough for func go goto if import interface map package " +
    "range return select struct switch type var").split(" "),
);

/** Names that a constant cannot have in a states file: those that Go and the file itself use. */
const RESERVED: ReadonlySet<string> = new Set([
  ...KEYWORDS,
  ...["_", "am", "false", "init", "main", "Names", "S", "States", "string", "true"],
]);

/** What `am.StatesBase` has, and a field would hide. */
const BASE_MEMBERS: readonly string[] = ["Names", "StateGroups", "SetNames", "SetStateGroups", "StatesBase"];

/** Longer lines are broken. */
const WIDTH = 100;

/**
 * Write a schema as a states file of Go, formatted as `gofmt` does it.
 *
 * What Go has no place for is left out: types of arguments, `timeoutMs`, and groups whose names are no identifiers.
 *
 * @param model The schema.
 * @param style How the file names its states.
 * @returns The file's text.
 *
 * @throws {CommandFailure} when a name is none of a field, in the style `schema`, or is no Unicode.
 */
export function writeGo(model: SchemaModel, style: GoStyle): string {
  checkNames(model, style);
  const head = `package states\n\nimport am "github.com/pancsta/asyncmachine-go/pkg/machine"\n`;
  const parts = style === "struct" ? writeStruct(model) : writeSchema(model);
  return [head, ...parts].join("\n");
}

/** List the groups that a file of Go can have. */
export function goGroupsOf({ groups }: SchemaModel): [string, readonly string[]][] {
  return [...groups].filter(([name]) => isIdentifier(name) && name !== "_" && !KEYWORDS.has(name));
}

function checkNames({ states, groups }: SchemaModel, style: GoStyle): void {
  const relations = [...states.values()].flatMap(({ require = [], add = [], remove = [], after = [] }) => [
    ...require,
    ...add,
    ...remove,
    ...after,
  ]);
  const tags = [...states.values()].flatMap(({ tags = [] }) => tags);
  for (const text of [...states.keys(), ...relations, ...tags, ...[...groups.values()].flat()]) {
    if (!text.isWellFormed()) throw fail(text, "it has half a character");
  }
  if (style === "struct") return;
  for (const name of states.keys()) {
    if (!isField(name)) throw fail(name, "it can be no field of a struct; --style struct writes a constant or a text");
  }
}

function writeStruct(model: SchemaModel): string[] {
  const groups = goGroupsOf(model);
  const groupNames = new Map(groups.map(([name]) => [name, `Group${name}`]));
  const taken = new Set(groupNames.values());
  const isConstant = (name: string) => isIdentifier(name) && !RESERVED.has(name) && !taken.has(name);
  const state = (name: string) => {
    if (name === "Exception") return "am.Exception";
    return model.states.has(name) && isConstant(name) ? name : quote(name);
  };
  const names: GoNames = { state, group: (name) => groupNames.get(name)! };
  const constants = [...model.states.keys()].filter((name) => name !== "Exception" && isConstant(name));
  const all = [...model.states.keys()].map(state);
  if (!model.states.has("Exception")) all.push("am.Exception");
  return [
    "// S is a list of states.\ntype S = am.S\n",
    `// States are the states: what they are, and how they relate.\nvar States = am.Struct${
      writeStates(model, names, groups, "S")
    }\n`,
    ...groups.length === 0 ? [] : [
      `// Groups of states.\nvar (\n${
        indent(alignSpecs(groups.map(([name, list]) => ({
          key: `Group${name}`,
          value: `= ${writeList(list.map(state), "S")}`,
        }))))
      })\n`,
    ],
    ...constants.length === 0 ? [] : [
      `// The states by name.\nconst (\n${
        indent(alignSpecs(constants.map((name) => ({ key: name, value: `= ${quote(name)}` }))))
      })\n`,
    ],
    `// Names are the names of the states, in their order.\nvar Names = ${writeLines(all, "S")}\n`,
  ];
}

function writeSchema(model: SchemaModel): string[] {
  const word = model.name;
  const groups = goGroupsOf(model);
  const [states, lists] = [`ss${word}`, `sg${word}`];
  const names: GoNames = {
    state: (name) => model.states.has(name) || name === "Exception" ? `${states}.${name}` : quote(name),
    group: (name) => `${lists}.${name}`,
  };
  const values = groups.map(([name, list]) => ({ key: `${name}:`, value: writeList(list.map(names.state), "am.S") }));
  const made = [
    { key: states, value: `= am.NewStates(${word}StatesDef{})` },
    ...groups.length === 0 ? [] : [{
      key: lists,
      value: `= am.NewStateGroups(${word}GroupsDef{\n${indent(alignPairs(values))}})`,
    }],
  ];
  const exported = [
    { key: `${word}States`, value: `= ${states}` },
    ...groups.length === 0 ? [] : [{ key: `${word}Groups`, value: `= ${lists}` }],
  ];
  return [
    `// ${word}StatesDef names the states, in their order.\ntype ${word}StatesDef struct {\n${
      indent(writeFields(model))
    }}\n`,
    ...groups.length === 0 ? [] : [
      `// ${word}GroupsDef names the groups of states.\ntype ${word}GroupsDef struct {\n${
        indent(alignSpecs(groups.map(([name]) => ({ key: name, value: "am.S" }))))
      }}\n`,
    ],
    `// ${word}Schema is the states: what they are, and how they relate.\nvar ${word}Schema = am.Schema${
      writeStates(model, names, groups, "am.S")
    }\n`,
    `var (\n${indent(alignSpecs(made))}\n${indent(alignSpecs(exported))})\n`,
  ];
}

/** The base brings Exception: it stands where the schema has that, or else in front. */
function writeFields({ states }: SchemaModel): string {
  const names = [...states.keys()];
  const index = Math.max(names.indexOf("Exception"), 0);
  const fields = (part: readonly string[]) =>
    alignSpecs(part.filter((name) => name !== "Exception").map((name) => ({ key: name, value: "string" })));
  return [fields(names.slice(0, index)), "*am.StatesBase\n", fields(names.slice(index))].filter((it) => it !== "")
    .join("\n");
}

function writeStates(
  { states }: SchemaModel,
  names: GoNames,
  groups: readonly (readonly [string, readonly string[]])[],
  list: string,
): string {
  if (states.size === 0) return "{}";
  const entries = [...states].map(([name, state]) => {
    const fields = writeState(state, names, groups, list);
    const key = `${names.state(name)}:`;
    const line = `{${fields.map(({ key, value }) => `${key} ${value}`).join(", ")}}`;
    const isShort = fields.length < 2 && !line.includes("\n") && key.length + line.length < WIDTH;
    return { key, value: isShort ? line : `{\n${indent(alignPairs(fields))}}` };
  });
  return `{\n${indent(alignPairs(entries))}}`;
}

function writeState(
  { auto, multi, tags, ...state }: StateModel,
  names: GoNames,
  groups: readonly (readonly [string, readonly string[]])[],
  list: string,
): Entry[] {
  const fields = new Map<string, string>();
  if (auto !== undefined) fields.set("Auto:", `${auto}`);
  if (multi !== undefined) fields.set("Multi:", `${multi}`);
  for (const relation of ["require", "add", "remove", "after"] as const) {
    const related = state[relation];
    if (related === undefined) continue;
    const group = relation === "remove" && related.length > 1
      ? groups.find(([, states]) => states.length === related.length && states.every((it, i) => it === related[i]))
      : undefined;
    const value = group === undefined ? writeList(related.map(names.state), list) : names.group(group[0]);
    fields.set(`${relation[0]!.toUpperCase()}${relation.slice(1)}:`, value);
  }
  if (tags !== undefined) fields.set("Tags:", writeList(tags.map(quote), "[]string"));
  return [...fields].map(([key, value]) => ({ key, value }));
}

function writeList(items: readonly string[], type: string): string {
  const line = `${type}{${items.join(", ")}}`;
  return line.length < WIDTH ? line : writeLines(items, type);
}

function writeLines(items: readonly string[], type: string): string {
  return `${type}{\n${items.map((it) => `\t${it},\n`).join("")}}`;
}

/** Write constants, variables, or fields of a struct: gofmt aligns lines that follow each other. */
function alignSpecs(entries: readonly Entry[]): string {
  const sections: Entry[][] = [[]];
  for (const entry of entries) {
    sections.at(-1)!.push(entry);
    if (entry.value.includes("\n")) sections.push([]);
  }
  return sections.flatMap(alignSection).map((line) => `${line}\n`).join("");
}

/**
 * Write pairs of a literal: gofmt aligns those that follow each other on one line each, until a key is much longer or shorter
 * than those before it.
 */
function alignPairs(entries: readonly Entry[]): string {
  const sections: Entry[][] = [];
  let keys = new KeySizes();
  for (const entry of entries) {
    const isLine = !entry.value.includes("\n");
    const size = new TextEncoder().encode(entry.key).length - 1; // without the colon
    if (!isLine || !keys.fits(size)) {
      sections.push([]);
      keys = new KeySizes();
    }
    sections.at(-1)!.push(entry);
    if (isLine) keys.add(size);
  }
  return sections.flatMap(alignSection).map((line) => `${line},\n`).join("");
}

/** The sizes of the keys that are aligned with each other, in bytes. */
class KeySizes {
  #last: number | undefined;
  #logarithms = 0;
  #count = 0;

  add(size: number): void {
    this.#last = size;
    this.#logarithms += Math.log(size);
    this.#count++;
  }

  fits(size: number): boolean {
    if (this.#last === undefined) return false;
    if (this.#last <= 40 && size <= 40) return true;
    const ratio = size / Math.exp(this.#logarithms / this.#count); // to the geometric mean
    return ratio * 2.5 > 1 && ratio < 2.5;
  }
}

function alignSection(entries: readonly Entry[]): string[] {
  const width = Math.max(...entries.map(({ key }) => countRunes(key)));
  return entries.map(({ key, value }) => `${key}${" ".repeat(width - countRunes(key) + 1)}${value}`);
}

function countRunes(text: string): number {
  return [...text].length;
}

/** Indents each line. No text of Go has a line end: they are written as escapes. */
function indent(lines: string): string {
  return lines.replace(/^(?=.)/gm, "\t");
}

/** Write a text as code: controls and what steers an editor stand as escapes. */
function quote(text: string): string {
  const escaped = text.replace(/["\\]/g, "\\$&").replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu, (it) => {
    const hex = it.codePointAt(0)!.toString(16);
    return hex.length > 4 ? `\\U${hex.padStart(8, "0")}` : `\\u${hex.padStart(4, "0")}`;
  });
  return `"${escaped}"`;
}

function isIdentifier(name: string): boolean {
  return /^[\p{L}_][\p{L}\p{Nd}_]*$/u.test(name) && KNOWN_TO_GO.test(name);
}

/**
 * Each Go has a version of Unicode, and takes what is newer for no letter. These are of versions that all have: Latin, Greek,
 * Cyrillic, Kana, Han, Hangul.
 */
const KNOWN_TO_GO = /^[\0-\u052f\u3041-\u30ff\u4e00-\u9fd5\uac00-\ud7a3]*$/;

/** Fields have to be exported, as the Go project sets them by reflection. */
function isField(name: string): boolean {
  return /^\p{Lu}/u.test(name) && isIdentifier(name) && !BASE_MEMBERS.includes(name);
}

function fail(name: string, reason: string): CommandFailure {
  return new CommandFailure(cleanText(`Cannot write "${name}" as Go: ${reason}`), USAGE);
}
