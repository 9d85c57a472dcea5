/**
 * Values of TypeScript that can be told without running it: literals, and names and known functions that lead to them.
 *
 * @module
 */
import type { Expression } from "@babel/parser";
import * as library from "../../mod.ts";
import { type Args, atUse, type Data, describe, type Field, quote, refuse } from "./_data.ts";
import { applyFunction, isFunction, isValue, moveTo, Size, valueOf } from "./_library.ts";
import { ALL, type Binding, type Module, placeOf, textOf } from "./_typescript_module.ts";
import type { Position } from "./model.ts";

/** A call in the syntax tree. */
type Call = Extract<Expression, { type: "CallExpression" }>;
type Creation = Extract<Expression, { type: "NewExpression" }>;
type Binary = Extract<Expression, { type: "BinaryExpression" }>;
type ObjectLiteral = Extract<Expression, { type: "ObjectExpression" }>;
type ListLiteral = Extract<Expression, { type: "ArrayExpression" }>;
type Member = Extract<Expression, { type: "MemberExpression" }>;

/** What a name stands for: data of a file, something of this package, or all names of a file or of this package. */
type Meaning =
  | { readonly kind: "const"; readonly module: Module; readonly name: string }
  | { readonly kind: "library"; readonly name: string }
  | { readonly kind: "all"; readonly module: Module | undefined };

/** This package, as files import it. */
const LIBRARY =
  /^(?:(?:jsr:|npm:)\/?@asyncmachine\/asyncmachine|npm:@jsr\/asyncmachine__asyncmachine)(?:@[^/]*)?$|^@asyncmachine\/asyncmachine$/;
const LIBRARY_FILE = new URL("../../mod.ts", import.meta.url).href;

const MAX_LINKS = 20;

/** Finds another file. */
export type OpenModule = (specifier: string, from: Module, at: Position) => Module;

/** Tells values of expressions of some files. */
export class Evaluator {
  readonly #open: OpenModule;
  readonly #known = new Map<Expression, Data | SyntaxError>();
  readonly #pending = new Set<Expression>();
  readonly #used = new Set<Expression>();
  readonly #size = new Size();

  /**
   * Make it.
   *
   * @param open Finds the files that a file imports.
   */
  constructor(open: OpenModule) {
    this.#open = open;
  }

  /** Initial values of the constants that were looked at. */
  get used(): ReadonlySet<Expression> {
    return this.#used;
  }

  /**
   * Tell what a constant holds.
   *
   * @param module Its file.
   * @param name Its name there.
   *
   * @throws {SyntaxError} when that cannot be told; says where, and what was seen there.
   */
  constant(module: Module, name: string): Data {
    const binding = module.bindings.get(name)!;
    if (binding.kind !== "const") throw refuse(binding.at, `${quote(name)} is no constant of this file`);
    const { init, at } = binding;
    this.#used.add(init);
    if (this.#pending.has(init)) throw refuse(at, `${quote(name)} is made of itself`);
    let known = this.#known.get(init);
    if (known === undefined) {
      this.#pending.add(init);
      known = this.#attempt(module, init);
      this.#pending.delete(init);
      this.#known.set(init, known);
    }
    if (known instanceof SyntaxError) throw known;
    return known;
  }

  /**
   * Tell what a name at the top of a file stands for, if that can be told.
   *
   * @param module The file.
   * @param name The name.
   */
  tryName(module: Module, name: string): Data | undefined {
    const { at } = module.bindings.get(name)!;
    try {
      return this.#value(this.#meaning(module, name, at), module, at);
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  /**
   * Tell the value of an expression.
   *
   * @param module Its file.
   * @param node The expression.
   *
   * @throws {SyntaxError} when that cannot be told; says where, and what was seen there.
   */
  evaluate(module: Module, node: Expression): Data {
    const at = placeOf(node);
    switch (node.type) {
      case "StringLiteral":
        return { kind: "text", value: node.value, at };
      case "NumericLiteral":
        return { kind: "number", value: node.value, at };
      case "BooleanLiteral":
        return { kind: "boolean", value: node.value, at };
      case "TemplateLiteral": {
        const [text] = node.quasis;
        if (node.expressions.length > 0 || typeof text?.value.cooked !== "string") break;
        return { kind: "text", value: text.value.cooked, at };
      }
      case "UnaryExpression":
        if (node.operator !== "-" || node.argument.type !== "NumericLiteral") break;
        return { kind: "number", value: -node.argument.value, at };
      case "BinaryExpression": {
        const value = this.#calculate(module, node);
        if (value === undefined) break;
        return { kind: "number", value, at };
      }
      case "TSAsExpression":
      case "TSSatisfiesExpression":
      case "TSNonNullExpression":
      case "TSTypeAssertion":
        return this.evaluate(module, node.expression);
      case "ArrayExpression":
        return this.#list(module, node);
      case "ObjectExpression":
        return this.#object(module, node);
      case "Identifier":
        if (node.name === "undefined") return { kind: "nothing", at };
        return this.#value(this.#meaning(module, node.name, at), module, at);
      case "MemberExpression":
        return this.#member(module, node);
      case "CallExpression":
        return this.#call(module, node);
      case "NewExpression":
        return this.#machine(module, node);
    }
    throw this.#unknown(module, node);
  }

  /** Times are often products: `5 * MINUTE_MS`. */
  #calculate(module: Module, { operator, left, right }: Binary): number | undefined {
    if (left.type === "PrivateName" || !["*", "/", "+", "-"].includes(operator)) return undefined;
    const [a, b] = [this.evaluate(module, left), this.evaluate(module, right)];
    if (a.kind !== "number" || b.kind !== "number") return undefined;
    if (operator === "*") return a.value * b.value;
    if (operator === "/") return a.value / b.value;
    return operator === "+" ? a.value + b.value : a.value - b.value;
  }

  #attempt(module: Module, node: Expression): Data | SyntaxError {
    try {
      return this.evaluate(module, node);
    } catch (error) {
      if (error instanceof SyntaxError) return error;
      throw error;
    }
  }

  #list(module: Module, { elements, ...node }: ListLiteral): Data {
    const items: Data[] = [];
    for (const element of elements) {
      if (element === null) throw refuse(placeOf(node), "a list has a hole");
      if (element.type !== "SpreadElement") {
        this.#size.spend(1, placeOf(element));
        items.push(this.evaluate(module, element));
        continue;
      }
      const list = this.evaluate(module, element.argument);
      if (list.kind !== "list") throw refuse(placeOf(element), `${describe(list)} is no list to spread`);
      this.#size.spend(list.items.length, placeOf(element));
      for (const item of list.items) items.push(item);
    }
    return { kind: "list", items, at: placeOf(node) };
  }

  #object(module: Module, { properties, ...node }: ObjectLiteral): Data {
    const fields = new Map<string, Field>();
    const written = new Set<string>();
    for (const property of properties) {
      const at = placeOf(property);
      if (property.type === "ObjectMethod") throw this.#unknown(module, property);
      if (property.type === "SpreadElement") {
        const object = this.evaluate(module, property.argument);
        if (object.kind !== "object") throw refuse(at, `${describe(object)} is no object to spread`);
        this.#size.spend(object.fields.size, at);
        for (const [name, field] of object.fields) fields.set(name, field);
        continue;
      }
      const name = this.#key(module, property);
      if (written.has(name)) throw refuse(at, `${quote(name)} is there twice`);
      this.#size.spend(1, at);
      written.add(name);
      const value = property.value as Expression; // patterns are no part of a literal
      fields.set(name, { at, value: name === "args" ? this.#args(module, value) : this.evaluate(module, value) });
    }
    return { kind: "object", fields, at: placeOf(node) };
  }

  #key(module: Module, property: Extract<ObjectLiteral["properties"][number], { type: "ObjectProperty" }>): string {
    const { key, computed, shorthand } = property;
    const at = placeOf(key);
    if (computed) {
      const name = this.evaluate(module, key as Expression);
      if (name.kind === "text") return name.value;
      if (name.kind === "number") return String(name.value);
      throw refuse(at, `${describe(name)} is no name of a field`);
    }
    if (key.type !== "Identifier" && key.type !== "StringLiteral" && key.type !== "NumericLiteral") {
      throw this.#unknown(module, key);
    }
    const name = key.type === "Identifier" ? key.name : String(key.value);
    if (name !== "__proto__" || shorthand) return name;
    throw refuse(at, `the field "__proto__" sets a prototype: a state of that name is written ["__proto__"]`);
  }

  /** The schema of a state's arguments may be any expression, of which only those of {@linkcode argsType} mean something here. */
  #args(module: Module, node: Expression): Data {
    const data = this.#attempt(module, node);
    if (!(data instanceof SyntaxError)) return data;
    return { kind: "args", args: { argsSource: textOf(module, node) }, at: placeOf(node) };
  }

  #member(module: Module, node: Member): Data {
    const at = placeOf(node);
    const { object, property, computed } = node;
    const key = computed ? this.evaluate(module, property as Expression) : undefined;
    const name = key === undefined ? textOf(module, property) : key.kind === "text" ? key.value : undefined;
    if (name === undefined || object.type === "Super") throw this.#unknown(module, node);
    if (object.type === "Identifier" && module.bindings.has(object.name)) {
      const meaning = this.#meaning(module, object.name, at);
      if (meaning.kind === "all") return this.#value(this.#exported(meaning.module, name, at), module, at);
    }
    const data = this.evaluate(module, object);
    const field = data.kind === "object" ? data.fields.get(name) : undefined;
    if (field === undefined) throw refuse(at, `${describe(data)} has no field ${quote(name)}`);
    return atUse(field.value, at);
  }

  #call(module: Module, node: Call): Data {
    const at = placeOf(node);
    const name = this.#functionName(module, node);
    if (name === "argsType") return { kind: "args", args: readArgsType(module, node), at };
    if (name === undefined || !isFunction(name)) throw this.#unknown(module, node);
    const given: Data[] = [];
    for (const it of node.arguments) {
      if (it.type === "ArgumentPlaceholder") throw this.#unknown(module, it);
      if (it.type !== "SpreadElement") {
        given.push(this.evaluate(module, it));
        continue;
      }
      const list = this.evaluate(module, it.argument);
      if (list.kind !== "list") throw refuse(placeOf(it), `${describe(list)} is no list to spread`);
      this.#size.spend(list.items.length, placeOf(it));
      for (const item of list.items) given.push(item);
    }
    return applyFunction(name, given, at, this.#size);
  }

  /** A machine is as good as its schema here. */
  #machine(module: Module, node: Creation): Data {
    const [schema] = node.arguments;
    const isMachine = this.#functionName(module, node) === "Machine";
    if (
      !isMachine || schema === undefined || schema.type === "SpreadElement" || schema.type === "ArgumentPlaceholder"
    ) {
      throw this.#unknown(module, node);
    }
    return this.evaluate(module, schema);
  }

  /** The function or class of this package that is called; `undefined` if it is another. */
  #functionName(module: Module, { callee }: Call | Creation): string | undefined {
    if (callee.type === "Identifier" && module.bindings.has(callee.name)) {
      const meaning = this.#meaning(module, callee.name, placeOf(callee));
      return meaning.kind === "library" ? meaning.name : undefined;
    }
    if (callee.type !== "MemberExpression" || callee.object.type !== "Identifier" || callee.computed) return undefined;
    if (!module.bindings.has(callee.object.name)) return undefined;
    const meaning = this.#meaning(module, callee.object.name, placeOf(callee));
    return meaning.kind === "all" && meaning.module === undefined ? textOf(module, callee.property) : undefined;
  }

  #meaning(module: Module, name: string, at: Position, links = 0): Meaning {
    const binding = module.bindings.get(name);
    if (binding === undefined) throw refuse(at, `${quote(name)} is declared nowhere in this file`);
    if (binding.kind === "const") return { kind: "const", module, name };
    if (binding.kind === "other") throw refuse(at, `${quote(name)} is ${binding.what}, and no constant`);
    return this.#imported(module, binding, at, links);
  }

  #imported(module: Module, { specifier, name }: Extract<Binding, { kind: "import" }>, at: Position, links: number) {
    if (isLibrary(specifier, module)) return libraryMeaning(name);
    const target = this.#open(specifier, module, at);
    return name === ALL ? { kind: "all", module: target } as const : this.#exported(target, name, at, links + 1);
  }

  #exported(target: Module | undefined, name: string, at: Position, links = 0): Meaning {
    if (target === undefined) return libraryMeaning(name);
    const found = this.#findExport(target, name, at, links);
    if (found === undefined) throw refuse(at, `${quote(name)} is not exported by the file that it is taken from`);
    return found;
  }

  #findExport(target: Module, name: string, at: Position, links: number): Meaning | undefined {
    if (links > MAX_LINKS) throw refuse(at, `${quote(name)} is passed on from file to file too often`);
    const exported = target.exports.get(name);
    if (exported?.specifier !== undefined) {
      const { specifier, name } = exported;
      return this.#imported(target, { kind: "import", specifier, name, at }, at, links);
    }
    if (exported !== undefined) return this.#meaning(target, exported.name, at, links + 1);
    for (const specifier of target.stars) {
      if (isLibrary(specifier, target)) {
        if (name in library) return libraryMeaning(name);
        continue;
      }
      const found = this.#findExport(this.#open(specifier, target, at), name, at, links + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #value(meaning: Meaning, module: Module, at: Position): Data {
    if (meaning.kind === "const") {
      if (meaning.module === module) return atUse(this.constant(module, meaning.name), at);
      let data;
      try {
        data = this.constant(meaning.module, meaning.name);
      } catch (error) {
        if (error instanceof SyntaxError) throw refuse(at, `in ${quote(meaning.module.url)}: ${error.message}`);
        throw error;
      }
      return moveTo(data, at, this.#size);
    }
    if (meaning.kind === "library" && isValue(meaning.name)) {
      return valueOf(meaning.name, at);
    }
    const what = meaning.kind === "library" ? quote(meaning.name) : "all that a file exports";
    throw refuse(at, `${what} is no data`);
  }

  #unknown(module: Module, node: Parameters<typeof textOf>[1] & Parameters<typeof placeOf>[0]): SyntaxError {
    return refuse(placeOf(node), `${quote(textOf(module, node))} cannot be told without running it`);
  }
}

function isLibrary(specifier: string, { url }: Module): boolean {
  return LIBRARY.test(specifier) || (/^\.{1,2}\//.test(specifier) && URL.parse(specifier, url)?.href === LIBRARY_FILE);
}

function libraryMeaning(name: string): Meaning {
  return name === ALL ? { kind: "all", module: undefined } : { kind: "library", name };
}

/** A type that names others of its file means nothing elsewhere. */
function readArgsType(module: Module, call: Call): Args {
  const [type] = call.typeArguments?.params ?? [];
  if (type === undefined) return {};
  const isBound = [...namesOfType(type)].some((name) => module.types.has(name) || module.bindings.has(name));
  return isBound ? { argsSource: textOf(module, call) } : { argsType: textOf(module, type) };
}

/** The names that a type refers to, of `a.b` the first. */
function* namesOfType(node: unknown): Generator<string> {
  if (typeof node !== "object" || node === null) return;
  if (Array.isArray(node)) {
    for (const it of node) yield* namesOfType(it);
    return;
  }
  const { type, typeName, exprName, expression } = node as Record<string, unknown>;
  if (/^TS(TypeReference|TypeQuery|InterfaceHeritage)$/.test(String(type))) {
    let first = (typeName ?? exprName ?? expression) as { type: string; left?: unknown; name?: string };
    while (first.type === "TSQualifiedName") first = first.left as typeof first;
    if (first.name !== undefined) yield first.name;
  }
  for (const [key, value] of Object.entries(node)) {
    if (key !== "loc") yield* namesOfType(value);
  }
}
