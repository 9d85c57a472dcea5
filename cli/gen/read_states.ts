import type { Relation } from "../../mod.ts";
import { RELATIONS, type SchemaModel, type StateModel } from "../schema/model.ts";
import { COMMON_SCHEMAS, type CommonName } from "../schema/write_typescript.ts";
import { failAt, type Word, WordReader } from "./_word_reader.ts";

/** What goes with the states. */
export interface ReadStatesOptions {
  /** The word by which code names the schema. */
  readonly name: string;
  /** Groups of states that exclude each other: `Playing(A;B),Focus(C;D)`. None by default. */
  readonly groups?: readonly string[];
  /** Schemas whose states are there too. None by default. */
  readonly inherit?: readonly CommonName[];
}

/** A state as it was read. */
interface StateWords {
  readonly name: Word;
  readonly auto: boolean;
  readonly multi: boolean;
  readonly relations: ReadonlyMap<Relation, readonly Word[]>;
  readonly tags: readonly string[];
  readonly timeoutMs: number | undefined;
}

type Draft = { -readonly [Field in keyof StateModel]: StateModel[Field] };

const FLAGS = "auto, multi, require(…), add(…), remove(…), after(…), tags(…), timeout(…)";

/**
 * Read states as `am gen states` takes them: `Foo,Bar:multi:auto:require(Foo;Baz):remove(_Group)`.
 *
 * A state that an inherited schema has is not made anew: what is read is added to it.
 *
 * @param texts The arguments, each with one state or more.
 * @param options The name of the schema, its groups, and what it inherits.
 * @returns The states that were read, and those inherited ones that a group changes. Each state of a group of several
 * removes the whole group, itself included, which means nothing to a machine.
 *
 * @throws {SyntaxError} when something is no name or flag, is defined twice, or not at all; its message says where.
 */
export function readStates(texts: readonly string[], options: ReadStatesOptions): SchemaModel {
  const inherited = (options.inherit ?? []).map((name) => COMMON_SCHEMAS[name]);
  const names = new Set(inherited.flatMap(({ schema }) => Object.keys(schema)));
  const read = texts.flatMap(readArgument);
  for (const { name } of distinct(read.map(({ name }) => name), "state")) names.add(name);

  const groups = new Map<string, readonly string[]>();
  for (const { group } of inherited) if (group !== undefined) groups.set(group.name, group.states);
  const own = readGroups(options.groups ?? [], names, groups);
  for (const [name, states] of own) groups.set(name, states);

  const states = new Map<string, Draft>();
  for (const state of read) states.set(state.name.name, toModel(state, names, groups));
  for (const group of [...own.values()].reverse()) exclude(group, states); // the last stands in front
  checkInherited(options.inherit ?? [], names);
  return { name: options.name, states, groups: own };
}

function readArgument(text: string): StateWords[] {
  const reader = new WordReader("states", text);
  const states: StateWords[] = [];
  do states.push(readState(reader)); while (reader.takes(","));
  reader.expectEnd();
  return states;
}

function readState(reader: WordReader): StateWords {
  const name = reader.readWord();
  const flags = new Set<string>();
  const relations = new Map<Relation, Word[]>();
  const tags: string[] = [];
  let timeoutMs: number | undefined;
  while (reader.takes(":")) {
    const flag = reader.readWord();
    const relation = RELATIONS.find((it) => it === flag.name);
    if (relation !== undefined) relations.set(relation, [...relations.get(relation) ?? [], ...reader.readList()]);
    else if (flag.name === "tags") tags.push(...reader.readList().map(({ name }) => name));
    else if (flag.name === "timeout") timeoutMs = readTimeout(reader);
    else if (flag.name === "auto" || flag.name === "multi") flags.add(flag.name);
    else throw failAt(flag, `"${flag.name}" is none of ${FLAGS}`);
  }
  return { name, auto: flags.has("auto"), multi: flags.has("multi"), relations, tags, timeoutMs };
}

function readTimeout(reader: WordReader): number {
  const [first, ...rest] = reader.readList();
  if (!/^\d{1,15}$/.test(first!.name) || rest.length > 0) {
    throw failAt(first!, `"${first!.name}" is no number of milliseconds`);
  }
  return Number(first!.name);
}

/** Let through words that name something once. */
function distinct(words: readonly Word[], what: string): readonly Word[] {
  const seen = new Set<string>();
  for (const word of words) {
    if (seen.has(word.name)) throw failAt(word, `there is a ${what} "${word.name}" already`);
    seen.add(word.name);
  }
  return words;
}

function readGroups(
  texts: readonly string[],
  names: ReadonlySet<string>,
  inherited: ReadonlyMap<string, unknown>,
): Map<string, readonly string[]> {
  const groups = new Map<string, readonly string[]>();
  for (const text of texts) {
    const reader = new WordReader("groups", text);
    do {
      const [word, name] = readGroupName(reader);
      if (groups.has(name) || inherited.has(name)) throw failAt(word, `there is a group "${name}" already`);
      const states = distinct(reader.readList(), "member");
      for (const state of states) checkState(state, names);
      groups.set(name, states.map((state) => state.name));
    } while (reader.takes(","));
    reader.expectEnd();
  }
  return groups;
}

/** `_Playing` is how states name the group `Playing`, so it may be called that here too. */
function readGroupName(reader: WordReader): [word: Word, name: string] {
  const word = reader.readWord();
  const name = isGroup(word) ? word.name.slice(1) : word.name;
  if (name === "") throw failAt(word, "there is no name");
  return [word, name];
}

function isGroup({ name, isQuoted }: Word): boolean {
  return !isQuoted && name.startsWith("_");
}

function toModel(
  state: StateWords,
  names: ReadonlySet<string>,
  groups: ReadonlyMap<string, readonly string[]>,
): Draft {
  const model: Draft = {};
  if (state.auto) model.auto = true;
  if (state.multi) model.multi = true;
  for (const relation of RELATIONS) {
    const words = state.relations.get(relation);
    if (words === undefined) continue;
    model[relation] = [...new Set(words.flatMap((word) => toNames(word, relation, names, groups)))];
  }
  if (state.tags.length > 0) model.tags = [...new Set(state.tags)];
  if (state.timeoutMs !== undefined) model.timeoutMs = state.timeoutMs;
  return model;
}

function toNames(
  word: Word,
  relation: Relation,
  names: ReadonlySet<string>,
  groups: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  if (!isGroup(word)) {
    if (relation !== "require" || word.name !== "Exception") checkState(word, names);
    return [word.name];
  }
  const group = groups.get(word.name.slice(1));
  if (group !== undefined) return group;
  throw failAt(word, `there is no group "${word.name.slice(1)}" (a state whose name begins with _ stands in quotes)`);
}

function checkState(word: Word, names: ReadonlySet<string>): void {
  if (names.has(word.name)) return;
  const isException = word.name === "Exception";
  throw failAt(word, `there is no state "${word.name}"${isException ? " (--inherit basic has it)" : ""}`);
}

/** Let the states of a group remove it, in front of what else they remove. */
function exclude(group: readonly string[], states: Map<string, Draft>): void {
  if (group.length === 1) return;
  for (const name of group) {
    const state = states.get(name) ?? {};
    const others = (state.remove ?? []).filter((it) => !group.includes(it));
    states.set(name, { ...state, remove: [...group, ...others] });
  }
}

/** What schemas of the package relate to has to be there. */
function checkInherited(inherit: readonly CommonName[], names: ReadonlySet<string>): void {
  const needs = { basic: [], connected: ["Start"], disposed: ["Start", "Exception"] } as const;
  for (const name of inherit) {
    const missing = needs[name].find((state) => !names.has(state));
    if (missing === undefined) continue;
    throw new SyntaxError(`Cannot inherit ${name}: it needs a state "${missing}", inherit basic too or define one`);
  }
}
