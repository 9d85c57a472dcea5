/**
 * The names of a file of TypeScript: what it declares at its top, imports and exports. Nothing is run.
 *
 * @module
 */
import { type Expression, type File, parse } from "@babel/parser";
import { refuse } from "./_data.ts";
import type { Position } from "./model.ts";

/** A statement at the top of a file. */
type Statement = File["program"]["body"][number];
type ImportStatement = Extract<Statement, { type: "ImportDeclaration" }>;
type ExportStatement = Extract<Statement, { type: "ExportNamedDeclaration" }>;
type Declaration = Statement | NonNullable<ExportStatement["declaration"]>;

/** A name at the top of a file. */
export type Binding =
  | { readonly kind: "const"; readonly init: Expression; readonly type: string | undefined; readonly at: Position }
  | { readonly kind: "import"; readonly specifier: string; readonly name: string; readonly at: Position }
  | { readonly kind: "other"; readonly what: string; readonly at: Position };

/** What a name is exported from: a name of the file, or of another file. */
export interface Export {
  readonly specifier?: string;
  readonly name: string;
}

/** A file of TypeScript. */
export interface Module {
  /** Where it is. */
  readonly url: string;
  readonly text: string;
  /** What its names stand for. */
  readonly bindings: ReadonlyMap<string, Binding>;
  /** Names of the types that it declares. */
  readonly types: ReadonlySet<string>;
  /** What it exports, by the name outside. */
  readonly exports: ReadonlyMap<string, Export>;
  /** Files of which it exports everything. */
  readonly stars: readonly string[];
}

/** All names of another file, as `import * as all` has them. */
export const ALL = "*";

/** A module while it is made. */
interface Draft {
  readonly url: string;
  readonly text: string;
  readonly bindings: Map<string, Binding>;
  readonly types: Set<string>;
  readonly exports: Map<string, Export>;
  readonly stars: string[];
}

/**
 * Parse a file.
 *
 * @param text The text of the file.
 * @param url Where it is.
 *
 * @throws {SyntaxError} when it is no TypeScript; says where.
 */
export function parseModule(text: string, url: string): Module {
  const draft: Draft = { url, text, bindings: new Map(), types: new Set(), exports: new Map(), stars: [] };
  for (const statement of parseText(text).program.body) readStatement(draft, statement);
  return draft;
}

/** The place of a piece of the syntax tree. Babel counts columns from 0. */
export function placeOf(node: { readonly loc?: { readonly start: Position } | null | undefined }): Position {
  const { line, column } = node.loc!.start;
  return { line, column: column + 1 };
}

/** The text of a piece of the syntax tree. */
export function textOf(
  { text }: Module,
  node: { readonly start?: number | null; readonly end?: number | null },
): string {
  return text.slice(node.start!, node.end!);
}

function parseText(text: string): File {
  try {
    return parse(text, { sourceType: "module", plugins: ["typescript"], attachComment: false });
  } catch (error) {
    const { message, loc } = error as Error & { loc?: Position };
    if (!(error instanceof SyntaxError) || loc === undefined) throw error;
    throw refuse({ line: loc.line, column: loc.column + 1 }, message.replace(/\.? \(\d+:\d+\)$/, ""));
  }
}

function readStatement(draft: Draft, statement: Statement): void {
  if (statement.type === "ImportDeclaration") readImport(draft, statement);
  else if (statement.type === "ExportAllDeclaration") draft.stars.push(statement.source.value);
  else if (statement.type === "ExportNamedDeclaration") readExport(draft, statement);
  else if (statement.type === "ExportDefaultDeclaration") {
    const { declaration } = statement;
    draft.exports.set("default", { name: "default" });
    if (declaration.type === "Identifier") draft.exports.set("default", { name: declaration.name });
    else if (/Declaration$/.test(declaration.type)) declareOther(draft, "default", declaration.type, declaration);
    else declareConst(draft, "default", declaration as Expression, undefined, declaration);
  } else readDeclaration(draft, statement);
}

function readImport({ bindings }: Draft, { specifiers, source }: ImportStatement): void {
  for (const it of specifiers) {
    const name = it.type === "ImportDefaultSpecifier"
      ? "default"
      : it.type === "ImportNamespaceSpecifier"
      ? ALL
      : nameOf(it.imported);
    bindings.set(it.local.name, { kind: "import", specifier: source.value, name, at: placeOf(it) });
  }
}

function readExport(draft: Draft, { declaration, specifiers, source }: ExportStatement): void {
  if (declaration) {
    for (const name of readDeclaration(draft, declaration)) draft.exports.set(name, { name });
  }
  for (const it of specifiers) {
    const outside = nameOf(it.exported);
    const name = it.type === "ExportSpecifier" ? nameOf(it.local) : ALL;
    draft.exports.set(outside, source ? { specifier: source.value, name } : { name });
  }
}

/** Returns the names that it declares. */
function readDeclaration(draft: Draft, declaration: Declaration): string[] {
  if (declaration.type !== "VariableDeclaration") {
    const id = "id" in declaration ? declaration.id : undefined;
    if (id?.type !== "Identifier") return [];
    if (declaration.type !== "FunctionDeclaration") draft.types.add(id.name);
    // a type may share its name with a value
    if (/^TS(TypeAlias|Interface)/.test(declaration.type)) return [];
    declareOther(draft, id.name, declaration.type, declaration);
    return [id.name];
  }
  const names: string[] = [];
  for (const { id, init } of declaration.declarations) {
    if (id.type !== "Identifier") continue; // a pattern: its names are unknown
    names.push(id.name);
    const type = id.typeAnnotation ? textOf(draft, id.typeAnnotation) : undefined;
    if (IS_CONSTANT.test(declaration.kind) && init) declareConst(draft, id.name, init, type, id);
    else draft.bindings.set(id.name, { kind: "other", what: `declared with ${declaration.kind}`, at: placeOf(id) });
  }
  return names;
}

/** `const`, `using`, `await using`. */
const IS_CONSTANT = /^const$|using$/;

function declareConst(draft: Draft, name: string, init: Expression, type: string | undefined, node: object): void {
  draft.bindings.set(name, { kind: "const", init, type, at: placeOf(node) });
}

function declareOther(draft: Draft, name: string, type: string, node: object): void {
  const [, what = "thing"] = /^(?:TS)?(.*?)Declaration$/.exec(type) ?? [];
  draft.bindings.set(name, { kind: "other", what: `a ${what.toLowerCase()}`, at: placeOf(node) });
}

function nameOf(node: { type: string; name?: string; value?: string }): string {
  return (node.type === "Identifier" ? node.name : node.value) ?? "";
}
