import type { Expression } from "@babel/parser";
import { addGroup, makeModel, quote, refuse, SeveralSchemasError } from "./_data.ts";
import { Evaluator, type OpenModule } from "./_typescript_data.ts";
import { type Module, parseModule, textOf } from "./_typescript_module.ts";
import { wordOf } from "./_words.ts";
import type { SchemaModel } from "./model.ts";

/** Options of {@linkcode readTypeScript}. */
export interface ReadTypeScriptOptions {
  /** Where the file is. */
  readonly url: string;
  /** The constant that is meant, or its word. The only one that is a schema by default. */
  readonly name?: string | undefined;
  /** Read another file. */
  readonly readText: (url: URL) => string;
}

type Creation = Extract<Expression, { type: "NewExpression" }>;

/** Functions of the package that return a schema. */
const MAKES_SCHEMA = /^(?:[\w$]+\.)?(?:defineSchema|mergeSchemas|prefixSchema|cloneSchema|filterByTag)\b/;
/** The class of the package that takes a schema. */
const MAKES_MACHINE = /^(?:[\w$]+\.)?Machine$/;
/** `Schema`, `am.Schema`, `Schema<"Foo">`. */
const SCHEMA_TYPE = /^:?\s*(?:[\w$]+\.)?Schema\b/;

/**
 * Read a schema of a file of TypeScript: a constant that is a literal, or is made of literals by functions of the package,
 * or a machine that is made of such. Constants of other files are read where it names them. Nothing is run.
 *
 * @param text The text of the file.
 * @param word The word by which code names the schema, if the name of the constant gives none.
 * @param options Where the file is, and which constant is meant.
 *
 * @throws {SyntaxError} when there is no such schema, or what it holds cannot be told.
 */
export function readTypeScript(
  text: string,
  word: string,
  { url, name, readText }: ReadTypeScriptOptions,
): SchemaModel {
  try {
    const module = parseModule(text, url);
    const open = createOpener(readText);
    const chosen = choose(module, name, new Evaluator(open));
    const evaluator = new Evaluator(open);
    const { states } = makeModel("", evaluator.constant(module, chosen));
    const groups = readGroups(module, states, evaluator);
    const schemaWord = chosen === "default" ? word : wordOfConstant(module, chosen) || word;
    const exported = holdsMachine(module, chosen)
      ? undefined
      : [...module.exports].find(([, it]) => it.specifier === undefined && it.name === chosen);
    return { name: schemaWord, ...(exported === undefined ? {} : { exportName: exported[0] }), states, groups };
  } catch (error) {
    if (error instanceof RangeError) throw refuse({ line: 1, column: 1 }, "it is nested too deeply");
    throw error;
  }
}

/** Each file is read once. */
function createOpener(readText: (url: URL) => string): OpenModule {
  const modules = new Map<string, Module>();
  return (specifier, from, at) => {
    if (!/^\.{1,2}\//.test(specifier)) {
      throw refuse(at, `${quote(specifier)} is no file beside this one, and may hold anything`);
    }
    const url = new URL(specifier, from.url);
    const known = modules.get(url.href);
    if (known !== undefined) return known;
    if (modules.size === MAX_FILES) throw refuse(at, `it takes names of more than ${MAX_FILES} files`);
    let module;
    try {
      module = parseModule(readText(url), url.href);
    } catch (error) {
      throw refuse(at, `cannot read ${quote(specifier)}: ${error instanceof Error ? error.message : error}`);
    }
    modules.set(url.href, module);
    return module;
  };
}

const MAX_FILES = 20;

/** Finds the constant that is the schema: of those that say so, or else of those that look like one; exported ones first. */
function choose(module: Module, asked: string | undefined, evaluator: Evaluator): string {
  const constants = [...module.bindings].flatMap(([name, it]) => it.kind === "const" ? [{ name, ...it }] : []);
  const declared = constants.filter(({ init, type }) => isDeclared(module, init, type)).map(({ name }) => name);
  if (asked !== undefined) return findAsked(module, asked, constants.map(({ name }) => name), declared);
  const failures: string[] = [];
  const found = declared.length > 0
    ? declared
    : constants.filter(({ name, init }) =>
      unwrap(init).type === "ObjectExpression" && looksLikeSchema(module, name, evaluator, failures)
    ).map(({ name }) => name);
  const outside = new Set([...module.exports.values()].map(({ specifier, name }) => specifier ? "" : name));
  const exported = found.filter((name) => outside.has(name));
  const pool = exported.length > 0 ? exported : found;
  if (pool.length === 0) throw new SyntaxError(["it has no schema", ...failures.slice(0, 1)].join(": "));
  if (pool.length === 1) return pool[0]!;
  throw new SeveralSchemasError(pool);
}

function findAsked(module: Module, asked: string, names: readonly string[], declared: readonly string[]): string {
  const found = names.find((name) => name === asked) ??
    declared.find((name) => wordOfConstant(module, name).toLowerCase() === asked.toLowerCase());
  if (found !== undefined) return found;
  const advice = declared.length > 0 ? `, but ${declared.map(quote).join(", ")}` : "";
  throw new SyntaxError(`it has no constant ${quote(asked)}${advice}`);
}

function isDeclared(module: Module, init: Expression, type: string | undefined): boolean {
  if (type !== undefined && SCHEMA_TYPE.test(type)) return true;
  const inner = unwrap(init);
  if (inner.type === "NewExpression") return isMachineOfLiteral(module, inner);
  if (inner.type === "CallExpression") return MAKES_SCHEMA.test(textOf(module, inner.callee));
  for (let it = init; it !== inner && "expression" in it; it = it.expression as Expression) {
    if ("typeAnnotation" in it && SCHEMA_TYPE.test(textOf(module, it.typeAnnotation!))) return true;
  }
  return false;
}

/** Whether a machine is made of a schema that stands there, and has no name of its own. */
function isMachineOfLiteral(module: Module, { callee, arguments: [schema] }: Creation): boolean {
  if (schema === undefined || !MAKES_MACHINE.test(textOf(module, callee))) return false;
  const { type } = unwrap(schema as Expression);
  return type === "ObjectExpression" ||
    (type === "CallExpression" && isDeclared(module, schema as Expression, undefined));
}

/** Whether a constant is a machine, and so no schema to import. */
function holdsMachine(module: Module, name: string): boolean {
  const binding = module.bindings.get(name);
  return binding?.kind === "const" && unwrap(binding.init).type === "NewExpression";
}

function wordOfConstant(module: Module, name: string): string {
  return wordOf(name, holdsMachine(module, name) ? "machine" : "schema");
}

/** An expression without what it says about its type. */
function unwrap(node: Expression): Expression {
  return node.type === "TSAsExpression" || node.type === "TSSatisfiesExpression" ? unwrap(node.expression) : node;
}

function looksLikeSchema(module: Module, name: string, evaluator: Evaluator, failures: string[]): boolean {
  try {
    return makeModel(name, evaluator.constant(module, name)).states.size > 0;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    failures.push(`${quote(name)} is none, as in ${error.message}`);
    return false;
  }
}

/** A list of states is a group if its name says so, or if the schema is made with it. */
function readGroups(module: Module, states: SchemaModel["states"], evaluator: Evaluator): SchemaModel["groups"] {
  const groups = new Map<string, readonly string[]>();
  const used = new Set(evaluator.used);
  for (const [name, binding] of module.bindings) {
    const isUsed = binding.kind === "const" && used.has(binding.init);
    if (!isUsed && !/groups?$/i.test(name)) continue;
    const data = evaluator.tryName(module, name);
    if (data?.kind === "list") addGroup(groups, wordOf(name, "group") || "Group", data, states);
    if (data?.kind !== "object" || !/groups$/i.test(name)) continue;
    for (const [field, { value }] of data.fields) addGroup(groups, field, value, states);
  }
  return groups;
}
