import { addGroup, makeModel, quote, refuse, SeveralSchemasError } from "./_data.ts";
import { GoEvaluator, joinTokens, type NamedState } from "./_go_data.ts";
import { type GoFile, parseGo } from "./_go_file.ts";
import { toWord } from "./_words.ts";
import type { SchemaModel, StateModel } from "./model.ts";

/** Options of {@linkcode readGo}. */
export interface ReadGoOptions {
  /** The variable that is meant, or its word. The only one that is a schema by default. */
  readonly name?: string | undefined;
}

/** What stands before the first bracket of a value that is a schema. */
const MAKES_SCHEMA =
  /^(?:&?(?:\w+\.)?(?:Schema|Struct)\{|map\[string\](?:\w+\.)?State\{|(?:\w+\.)*(?:SchemaMerge|StructMerge|Merge)\()/;
const MAKES_GROUPS = /^(?:\w+\.)?NewStateGroups\(/;

/**
 * Read a schema of a states file of Go, as the Go project writes them: a variable that is an `am.Schema`, or an `am.Struct`
 * as its version 0.6 had it. Nothing is run, and no other file is read.
 *
 * The states have the order of the struct or the list that names them, as Go has no order in a map.
 *
 * @param text The text of the file.
 * @param word The word by which code names the schema, if the name of the variable gives none.
 * @param options Which variable is meant.
 *
 * @throws {SyntaxError} when there is no such schema, or what it holds cannot be told.
 */
export function readGo(text: string, word: string, { name }: ReadGoOptions): SchemaModel {
  try {
    const file = parseGo(text);
    const chosen = choose(file, name);
    const evaluator = new GoEvaluator(file);
    const { states } = makeModel("", evaluator.value(chosen));
    const ordered = order(states, namesFor(chosen, file, evaluator));
    const fileWord = word.replace(/^Ss(?=\p{Lu})/u, ""); // as in ss_file.go
    return { name: wordOf(chosen) || fileWord, states: ordered, groups: readGroups(file, states, evaluator) };
  } catch (error) {
    if (error instanceof RangeError) throw refuse({ line: 1, column: 1 }, "it is nested too deeply");
    throw error;
  }
}

function choose(file: GoFile, asked: string | undefined): string {
  const schemas = [...file.bindings].flatMap(([name, it]) =>
    it.kind === "value" && MAKES_SCHEMA.test(joinTokens(it.tokens.slice(0, 12))) ? [name] : []
  );
  if (asked !== undefined) {
    const found = schemas.find((name) => name === asked) ??
      schemas.find((name) => wordOf(name).toLowerCase() === asked.toLowerCase());
    if (found !== undefined) return found;
    throw new SyntaxError(`it has no schema ${quote(asked)}${listNames(", but ", schemas)}`);
  }
  const exported = schemas.filter((name) => /^\p{Lu}/u.test(name));
  const pool = exported.length > 0 ? exported : schemas;
  if (pool.length === 1) return pool[0]!;
  if (pool.length === 0) throw new SyntaxError("it has no schema");
  throw new SeveralSchemasError(pool);
}

function listNames(before: string, names: readonly string[]): string {
  return names.length === 0 ? "" : before + names.map(quote).join(", ");
}

/** `FileSchema` gives `File`, and `StatesFile`, too; `Schema` and `States` give nothing. */
function wordOf(name: string): string {
  const stem = name.replace(/Schema$|States$|^States/, "");
  return /^(?:schema|states|)$/.test(stem) ? "" : toWord(stem);
}

/** The states that a file names for a schema, in their order: a struct for `FileSchema`, a list for `StatesFile`. */
function namesFor(schema: string, file: GoFile, evaluator: GoEvaluator): readonly NamedState[] | undefined {
  const struct = file.bindings.get(schema.replace(/Schema$/, "StatesDef"));
  if (struct?.kind === "struct") return evaluator.statesOf(struct.fields);
  const list = schema.replace("States", "Names");
  if (list === schema || file.bindings.get(list)?.kind !== "value") return undefined;
  const data = evaluator.value(list);
  if (data.kind !== "list") return undefined;
  return data.items.map((it) => {
    if (it.kind === "text") return { name: it.value, at: it.at };
    throw refuse(it.at, `a list of names has what is none`);
  });
}

/** Every machine has `Exception`, so it may be named without being in the schema. */
function order(states: SchemaModel["states"], names: readonly NamedState[] = []): SchemaModel["states"] {
  const ordered = new Map<string, StateModel>();
  for (const { name, at } of names) {
    const state = states.get(name);
    if (state !== undefined) ordered.set(name, state);
    else if (name !== "Exception") {
      throw refuse(at, `${quote(name)} is named as a state, but the schema does not have it`);
    }
  }
  for (const [name, state] of states) if (!ordered.has(name)) ordered.set(name, state);
  return ordered;
}

/** Groups are lists that are named so, or fields of a struct of groups; lists of other states belong to other schemas. */
function readGroups(file: GoFile, states: SchemaModel["states"], evaluator: GoEvaluator): SchemaModel["groups"] {
  const groups = new Map<string, readonly string[]>();
  for (const [name, binding] of file.bindings) {
    if (binding.kind !== "value") continue;
    const [, group] = /^[Gg]roup(.+)$/.exec(name) ?? [];
    if (group !== undefined) addGroup(groups, group, evaluator.value(name), states);
    else if (MAKES_GROUPS.test(joinTokens(binding.tokens.slice(0, 12)))) {
      const data = evaluator.value(name);
      if (data.kind !== "object") continue;
      for (const [field, { value }] of data.fields) addGroup(groups, field, value, states);
    }
  }
  return groups;
}
