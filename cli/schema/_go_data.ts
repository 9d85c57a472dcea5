/**
 * Values of Go that can be told without running it: literals, and names and known functions that lead to them.
 *
 * @module
 */
import { atUse, type Data, describe, type Field, quote, refuse } from "./_data.ts";
import type { GoBinding, GoFile, StructField } from "./_go_file.ts";
import type { Token } from "./_go_tokens.ts";
import { applyFunction, type FunctionName, Size, type ValueName, valueOf } from "./_library.ts";
import type { Position } from "./model.ts";

/** What a word stands for. */
type Meaning =
  | { readonly kind: "data"; readonly data: Data }
  | { readonly kind: "package"; readonly path: string }
  | { readonly kind: "type"; readonly type: Type }
  | { readonly kind: "function"; readonly name: GoFunction; readonly self?: Data };

/** A type whose literals are data. */
type Type = "list" | "schema" | "state" | { readonly fields: readonly StructField[] } | LibraryStruct;

/** A struct of the packages of the Go project: the states that it names. */
interface LibraryStruct {
  readonly states: readonly string[];
}

/** A function or method, without the `am.` before it. */
type GoFunction = keyof typeof FUNCTIONS;

/** The function of this package that does the same; one of the two that make names if there is none. */
const FUNCTIONS = {
  NewStates: "names",
  NewStateGroups: "groups",
  SchemaMerge: "mergeSchemas",
  StructMerge: "mergeSchemas",
  Merge: "mergeSchemas",
  SAdd: "concatStates",
  SMerge: "concatStates",
  SRem: "subtractStates",
  StateAdd: "extendState",
  Extend: "extendState",
  StateSet: "overrideState",
  Set: "overrideState",
  SetRels: "overrideState",
  Add: "concatStates",
  Delete: "subtractStates",
} as const satisfies Record<string, FunctionName | "names" | "groups">;

/** Methods; the others are functions. */
const METHODS: readonly string[] = ["Merge", "Extend", "Set", "SetRels", "Add", "Delete"] satisfies GoFunction[];

const TYPES: Readonly<Record<string, Type>> = {
  S: "list",
  Schema: "schema",
  Struct: "schema",
  State: "state",
  StatesBase: { states: ["Exception"] },
};

const NAMES: Readonly<Record<string, string>> = {
  Exception: "Exception",
  StateException: "Exception",
  StateStart: "Start",
  StateReady: "Ready",
};

/** What the package `global` of the Go project, and the file that it has beside each states file, name. */
const GLOBAL_NAMES: Readonly<Record<string, string>> = { Exception: "Exception", Start: "Start", Ready: "Ready" };

/** The common schemas, by the word for them in Go. */
const COMMON: Readonly<Record<string, { readonly schema: ValueName; readonly group?: ValueName }>> = {
  Basic: { schema: "BASIC_SCHEMA" },
  Connected: { schema: "CONNECTED_SCHEMA", group: "CONNECTED_GROUP" },
  Disposed: { schema: "DISPOSED_SCHEMA" },
};

/** The fields of a state. */
const STATE_FIELDS: Readonly<Record<string, string>> = {
  Auto: "auto",
  Multi: "multi",
  Require: "require",
  Add: "add",
  Remove: "remove",
  After: "after",
  Tags: "tags",
};

const PROJECT = /\/asyncmachine-go\/pkg\/(machine|states|states\/global)$/;

/** A name of a struct of states. */
export interface NamedState {
  readonly name: string;
  readonly at: Position;
}

/** Tells values of expressions of a file. */
export class GoEvaluator {
  readonly #file: GoFile;
  readonly #known = new Map<GoBinding, Data>();
  readonly #pending = new Set<GoBinding>();
  readonly #size = new Size();

  /**
   * Make it.
   *
   * @param file The file.
   */
  constructor(file: GoFile) {
    this.#file = file;
  }

  /**
   * Tell what a constant or variable of the file begins with.
   *
   * @param name Its name.
   *
   * @throws {SyntaxError} when that cannot be told; says where, and what was seen there.
   */
  value(name: string): Data {
    const binding = this.#file.bindings.get(name)!;
    if (binding.kind !== "value") throw refuse(binding.at, `${quote(name)} has no value`);
    const known = this.#known.get(binding);
    if (known !== undefined) return known;
    if (this.#pending.has(binding)) throw refuse(binding.at, `${quote(name)} is made of itself`);
    this.#pending.add(binding);
    try {
      const data = new Expression(binding.tokens, binding.at, this, this.#size).read();
      this.#known.set(binding, data);
      return data;
    } finally {
      this.#pending.delete(binding);
    }
  }

  /**
   * List the states that a struct names, those of embedded structs too, in their order.
   *
   * @param fields The fields of the struct.
   *
   * @throws {SyntaxError} when it embeds what is not known, or has other fields.
   */
  statesOf(fields: readonly StructField[], depth = 0): NamedState[] {
    return fields.flatMap(({ name, type, at }) => {
      if (depth > 20) throw refuse(at, "structs are embedded too deeply");
      this.#size.spend(1, at);
      const [first] = type;
      if (name !== undefined) {
        if (type.length === 1 && this.#isText(first!.text)) return [{ name, at }];
        throw refuse(at, `the field ${quote(name)} is no name of a state: it is no string`);
      }
      const embedded = this.type(first?.text === "*" ? type.slice(1) : type, at);
      if (typeof embedded !== "object") throw refuse(at, `${quote(joinTokens(type))} is no struct`);
      if ("states" in embedded) return embedded.states.map((name) => ({ name, at }));
      return this.statesOf(embedded.fields, depth + 1);
    });
  }

  /** Tell what a type is. */
  type(tokens: readonly Token[], at: Position, depth = 0): Type {
    const text = joinTokens(tokens);
    if (text === "[]string" || /^\[\](?:\w+\.)?S$/.test(text)) return "list";
    if (/^map\[string\](?:\w+\.)?State$/.test(text)) return "schema";
    const [first, dot, second] = tokens;
    if (first?.kind === "name" && tokens.length === 1) {
      const meaning = this.word(first, depth);
      if (meaning.kind === "type") return meaning.type;
    } else if (first?.kind === "name" && dot?.text === "." && second?.kind === "name" && tokens.length === 3) {
      const meaning = this.word(first, depth);
      const member = meaning.kind === "package" ? this.member(meaning.path, second) : undefined;
      if (member?.kind === "type") return member.type;
    }
    throw refuse(first?.at ?? at, `${quote(text)} is no type of states`);
  }

  /** Tell what a word of the file stands for. */
  word({ text, at }: Token, depth = 0): Meaning {
    const binding = this.#file.bindings.get(text);
    if (binding?.kind === "value") return { kind: "data", data: this.value(text) };
    if (binding?.kind === "struct") return { kind: "type", type: { fields: binding.fields } };
    if (binding?.kind === "type") {
      if (depth > 20) throw refuse(at, `${quote(text)} is made of itself`);
      return { kind: "type", type: this.type(binding.tokens, at, depth + 1) };
    }
    if (binding !== undefined) throw refuse(at, `${quote(text)} is ${binding.what}, and no data`);
    const path = this.#file.imports.get(text);
    if (path !== undefined) return { kind: "package", path };
    if (text === "true" || text === "false") {
      return { kind: "data", data: { kind: "boolean", value: text === "true", at } };
    }
    if (text === "nil") return { kind: "data", data: { kind: "nothing", at } };
    return globalMeaning(text, at) ?? fail(at, `${quote(text)} is declared nowhere in this file`);
  }

  /** Tell what a package has under a name. */
  member(path: string, { text, at }: Token): Meaning {
    const [, folder] = PROJECT.exec(path) ?? [];
    const meaning = folder === "machine"
      ? machineMeaning(text, at)
      : folder === "states"
      ? commonMeaning(text, at)
      : folder === "states/global"
      ? globalMeaning(text, at)
      : undefined;
    return meaning ?? fail(at, `${quote(text)} is of the package ${quote(path)}, of which nothing is known here`);
  }

  /** Whether a type is `string`, or another name for it. */
  #isText(name: string, depth = 0): boolean {
    if (name === "string") return true;
    const binding = this.#file.bindings.get(name);
    if (binding?.kind !== "type" || depth > 20) return false;
    return binding.tokens.length === 1 && this.#isText(binding.tokens[0]!.text, depth + 1);
  }
}

/** Reads one expression. */
class Expression {
  readonly #tokens: readonly Token[];
  readonly #end: Token;
  readonly #evaluator: GoEvaluator;
  readonly #size: Size;
  #i = 0;
  /** Whether what is read are the groups of NewStateGroups: a struct of them names no states. */
  #hasGroups = false;

  constructor(tokens: readonly Token[], at: Position, evaluator: GoEvaluator, size: Size) {
    this.#tokens = tokens;
    this.#end = { kind: "end", text: "", value: "", at: tokens.at(-1)?.at ?? at };
    this.#evaluator = evaluator;
    this.#size = size;
  }

  /** The whole expression. */
  read(): Data {
    const data = this.#data();
    const rest = this.#peek();
    if (rest.kind !== "end") throw this.#unknown(rest);
    return data;
  }

  #peek(): Token {
    return this.#tokens[this.#i] ?? this.#end;
  }

  #take(): Token {
    const token = this.#peek();
    this.#i++;
    return token;
  }

  #takeMark(text: string): boolean {
    const { kind, text: found } = this.#peek();
    if (kind !== "mark" || found !== text) return false;
    this.#i++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#takeMark(text)) throw this.#unknown(this.#peek());
  }

  #data(): Data {
    const { at } = this.#peek();
    const start = this.#i;
    const meaning = this.#meaning();
    if (meaning.kind === "data") return atUse(meaning.data, at);
    const seen = joinTokens(this.#tokens.slice(start, this.#i));
    throw refuse(at, `${quote(seen)} is no data`);
  }

  #meaning(): Meaning {
    this.#takeMark("&");
    let meaning = this.#operand();
    for (;;) {
      const { text, kind, at } = this.#peek();
      if (kind !== "mark") return meaning;
      if (text === ".") {
        this.#take();
        meaning = this.#select(meaning, this.#take());
      } else if (text === "(") meaning = { kind: "data", data: this.#call(meaning, at) };
      else if (text === "[" && meaning.kind === "data") meaning = { kind: "data", data: this.#index(meaning.data, at) };
      else if (text === "{" && meaning.kind === "type") {
        meaning = { kind: "data", data: this.#literal(meaning.type, at) };
      } else return meaning;
    }
  }

  #operand(): Meaning {
    const token = this.#peek();
    if (token.kind === "text") {
      this.#take();
      return { kind: "data", data: { kind: "text", value: token.value, at: token.at } };
    }
    if (token.kind === "name" && token.text !== "map") return this.#evaluator.word(this.#take());
    if (this.#takeMark("(")) {
      const meaning = this.#meaning();
      this.#expect(")");
      return meaning;
    }
    return { kind: "type", type: this.#evaluator.type(this.#takeType(), token.at) };
  }

  /** `[]string`, `map[string]am.State`. */
  #takeType(): Token[] {
    const start = this.#i;
    if (this.#peek().text === "map") this.#take();
    else if (this.#peek().text !== "[") throw this.#unknown(this.#peek());
    while (this.#peek().kind !== "end" && this.#peek().text !== "{") this.#take();
    return this.#tokens.slice(start, this.#i);
  }

  #select(meaning: Meaning, name: Token): Meaning {
    if (meaning.kind === "package") return this.#evaluator.member(meaning.path, name);
    if (meaning.kind !== "data") throw this.#unknown(name);
    const { data } = meaning;
    if (METHODS.includes(name.text) && this.#peek().text === "(") {
      return { kind: "function", name: name.text as GoFunction, self: data };
    }
    const field = data.kind === "object" ? data.fields.get(name.text) : undefined;
    if (field === undefined) throw refuse(name.at, `${describe(data)} has no field ${quote(name.text)}`);
    return { kind: "data", data: field.value };
  }

  #index(data: Data, at: Position): Data {
    this.#expect("[");
    const name = this.#data();
    this.#expect("]");
    const field = data.kind === "object" && name.kind === "text" ? data.fields.get(name.value) : undefined;
    return field?.value ?? fail(at, `${describe(data)} does not have ${describe(name)}`);
  }

  #call(meaning: Meaning, at: Position): Data {
    const given: Data[] = [];
    this.#expect("(");
    this.#hasGroups = meaning.kind === "function" && meaning.name === "NewStateGroups";
    while (!this.#takeMark(")")) {
      const before = this.#peek();
      const it = this.#data();
      if (this.#takeMark("...")) throw this.#unknown(before);
      given.push(it);
      if (!this.#takeMark(",") && this.#peek().text !== ")") throw this.#unknown(this.#peek());
    }
    if (meaning.kind === "type" && given.length === 1) return given[0]!; // a conversion: S(list)
    if (meaning.kind !== "function") throw refuse(at, "what is called here is no function that is known");
    return this.#apply(meaning.name, meaning.self === undefined ? given : [meaning.self, ...given], at);
  }

  #apply(name: GoFunction, given: readonly Data[], at: Position): Data {
    const [first, second, third, overlay] = given;
    if (first === undefined) throw refuse(at, `"${name}" is given nothing`);
    const known = FUNCTIONS[name];
    if (known === "names") return first;
    if (known === "groups") {
      const fields = [...given.slice(1), first].flatMap((it) => it.kind === "object" ? [...it.fields] : []);
      return { kind: "object", fields: new Map(fields), at };
    }
    if (name !== "Set" && name !== "StateSet") return applyFunction(known, given, at, this.#size);
    // the flags come before the state that has the rest
    if (second?.kind !== "boolean" || third?.kind !== "boolean" || overlay?.kind !== "object") {
      throw refuse(at, `"${name}" is not given two flags and a state`);
    }
    const fields = new Map([...overlay.fields, ["auto", { at, value: second }], ["multi", { at, value: third }]]);
    return applyFunction(known, [first, { kind: "object", fields, at }], at, this.#size);
  }

  #literal(type: Type, at: Position): Data {
    this.#expect("{");
    if (type === "list") return { kind: "list", items: this.#items(), at };
    if (type === "schema") return { kind: "object", fields: this.#pairs(() => this.#key(), "state"), at };
    if (type === "state") return { kind: "object", fields: this.#pairs(() => this.#fieldOf(STATE_FIELDS)), at };
    if ("fields" in type && !this.#takeMark("}")) {
      return { kind: "object", fields: this.#pairs(() => this.#fieldOf(undefined)), at };
    }
    if ("states" in type) this.#expect("}");
    const names = this.#hasGroups
      ? []
      : "states" in type
      ? type.states.map((name) => ({ name, at }))
      : this.#evaluator.statesOf(type.fields);
    const fields = names.map(({ name, at }) => [name, { at, value: { kind: "text", value: name, at } }] as const);
    return { kind: "object", fields: new Map<string, Field>(fields), at };
  }

  #items(): Data[] {
    const items: Data[] = [];
    while (!this.#takeMark("}")) {
      items.push(this.#data());
      this.#endItem();
    }
    return items;
  }

  /** @param elided The type of a value that is nothing but braces. */
  #pairs(readKey: () => NamedState, elided?: Type): Map<string, Field> {
    const fields = new Map<string, Field>();
    while (!this.#takeMark("}")) {
      const { name, at } = readKey();
      this.#expect(":");
      if (fields.has(name)) throw refuse(at, `${quote(name)} is there twice`);
      const next = this.#peek();
      const isElided = elided !== undefined && next.kind === "mark" && next.text === "{";
      fields.set(name, { at, value: isElided ? this.#literal(elided, next.at) : this.#data() });
      this.#endItem();
    }
    return fields;
  }

  #key(): NamedState {
    const { at } = this.#peek();
    const key = this.#data();
    if (key.kind === "text") return { name: key.value, at };
    throw refuse(at, `${describe(key)} is no name of a state`);
  }

  #fieldOf(known: Readonly<Record<string, string>> | undefined): NamedState {
    const { kind, text, at } = this.#take();
    if (kind !== "name") throw refuse(at, `${quote(text)} is no name of a field`);
    if (known === undefined) return { name: text, at };
    if (!Object.hasOwn(known, text)) throw refuse(at, `a state has no field ${quote(text)}`);
    return { name: known[text]!, at };
  }

  #endItem(): void {
    this.#size.spend(1, this.#peek().at);
    if (!this.#takeMark(",") && this.#peek().text !== "}") throw this.#unknown(this.#peek());
  }

  #unknown({ kind, text, at }: Token): SyntaxError {
    return refuse(at, kind === "end" ? "the value ends too early" : `${quote(text)} cannot be told without running it`);
  }
}

/** The words of a file again, without the space between them. */
export function joinTokens(tokens: readonly Token[]): string {
  return tokens.map(({ text }) => text).join("");
}

function machineMeaning(name: string, at: Position): Meaning | undefined {
  if (Object.hasOwn(TYPES, name)) return { kind: "type", type: TYPES[name]! };
  if (Object.hasOwn(NAMES, name)) return { kind: "data", data: { kind: "text", value: NAMES[name]!, at } };
  if (Object.hasOwn(FUNCTIONS, name) && !METHODS.includes(name)) return { kind: "function", name: name as GoFunction };
  return undefined;
}

/** What a states file has without declaring it: types and functions of the package `machine`, and three states. */
function globalMeaning(name: string, at: Position): Meaning | undefined {
  if (Object.hasOwn(GLOBAL_NAMES, name)) {
    return { kind: "data", data: { kind: "text", value: GLOBAL_NAMES[name]!, at } };
  }
  return Object.hasOwn(NAMES, name) ? undefined : machineMeaning(name, at);
}

function commonMeaning(name: string, at: Position): Meaning | undefined {
  const [, word = "", part] = /^(.+)(StatesDef|States|Schema|Groups)$/.exec(name) ?? [];
  const common = Object.hasOwn(COMMON, word) ? COMMON[word] : undefined;
  if (common === undefined) return undefined;
  const schema = valueOf(common.schema, at);
  if (part === "Schema") return { kind: "data", data: schema };
  const states = schema.kind === "object" ? [...schema.fields.keys()] : [];
  if (part === "StatesDef") return { kind: "type", type: { states } };
  const entries: [string, Data][] = part === "States"
    ? states.map((name) => [name, { kind: "text", value: name, at }])
    : common.group === undefined
    ? []
    : [[word, valueOf(common.group, at)]];
  const fields = new Map(entries.map(([name, value]) => [name, { at, value }]));
  return { kind: "data", data: { kind: "object", fields, at } };
}

function fail(at: Position, reason: string): never {
  throw refuse(at, reason);
}
