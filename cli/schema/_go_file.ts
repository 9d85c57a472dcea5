/**
 * The names of a file of Go: what it imports, and declares at its top. Nothing is run.
 *
 * @module
 */
import { refuse } from "./_data.ts";
import { type Token, tokenize } from "./_go_tokens.ts";
import type { Position } from "./model.ts";

/** A field of a struct. */
export interface StructField {
  /** Its name; missing if another struct is embedded. */
  readonly name?: string;
  /** Its type, such as `string` or `*am.StatesBase`. */
  readonly type: readonly Token[];
  readonly at: Position;
}

/** A name at the top of a file. */
export type GoBinding =
  | { readonly kind: "value"; readonly tokens: readonly Token[]; readonly at: Position }
  | { readonly kind: "struct"; readonly fields: readonly StructField[]; readonly at: Position }
  | { readonly kind: "type"; readonly tokens: readonly Token[]; readonly at: Position }
  | { readonly kind: "other"; readonly what: string; readonly at: Position };

/** A file of Go. */
export interface GoFile {
  /** Paths of packages by the names that the file has for them. */
  readonly imports: ReadonlyMap<string, string>;
  /** What its names stand for, in their order. */
  readonly bindings: ReadonlyMap<string, GoBinding>;
}

/**
 * Parse what a file declares. Bodies of functions are passed over.
 *
 * @param text The text of the file.
 *
 * @throws {SyntaxError} when it is no Go; says where.
 */
export function parseGo(text: string): GoFile {
  const parser = new DeclarationParser(tokenize(text));
  parser.parse();
  return parser;
}

const CLOSING: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

class DeclarationParser implements GoFile {
  readonly imports = new Map<string, string>();
  readonly bindings = new Map<string, GoBinding>();
  readonly #tokens: readonly Token[];
  #i = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): void {
    this.#expect("package");
    this.#takeUntil(";");
    while (this.#peek().kind !== "end") {
      const { text, at } = this.#take();
      if (text === ";") continue;
      if (text === "import") this.#each((tokens) => this.#addImport(tokens));
      else if (text === "const" || text === "var") this.#each((tokens) => this.#addValues(text, tokens));
      else if (text === "type") this.#each((tokens) => this.#addType(tokens));
      else if (text === "func") this.#addFunction();
      else throw refuse(at, `"${text}" begins no declaration of Go`);
    }
  }

  #peek(): Token {
    return this.#tokens[this.#i]!; // the last one is the end, which nothing passes
  }

  #take(): Token {
    const token = this.#peek();
    if (token.kind !== "end") this.#i++;
    return token;
  }

  #expect(text: string): void {
    const token = this.#take();
    if (token.text !== text || token.kind === "text") throw refuse(token.at, `there is no "${text}" here`);
  }

  /** Calls for one specification, or for each between parentheses. */
  #each(add: (tokens: readonly Token[]) => void): void {
    const first = this.#peek();
    if (first.text !== "(") {
      const tokens = this.#takeUntil(";");
      if (tokens.length === 0) throw refuse(first.at, "there is nothing to declare here");
      return add(tokens);
    }
    this.#take();
    while (this.#peek().text !== ")") {
      const tokens = this.#takeUntil(";", ")");
      if (tokens.length > 0) add(tokens);
    }
    this.#take();
  }

  /** Takes tokens until one that is in no bracket: a semicolon goes, a bracket stays. */
  #takeUntil(...ends: string[]): Token[] {
    const taken: Token[] = [];
    const open: Token[] = [];
    for (;;) {
      const token = this.#peek();
      if (open.length === 0 && token.kind === "mark" && ends.includes(token.text)) break;
      if (token.kind === "end") {
        if (open.length === 0 && !ends.includes(")")) break;
        throw refuse(token.at, "the file ends too early");
      }
      if (token.kind === "mark") {
        if (token.text in CLOSING) open.push(token);
        else if (isClosing(token.text) && CLOSING[open.pop()?.text ?? ""] !== token.text) {
          throw refuse(token.at, `"${token.text}" closes nothing`);
        }
      }
      taken.push(this.#take());
    }
    if (this.#peek().text === ";") this.#take();
    return taken;
  }

  #addImport(tokens: readonly Token[]): void {
    const path = tokens.at(-1)!;
    if (path.kind !== "text") throw refuse(path.at, `"${path.text}" is no path of a package`);
    const name = tokens.length > 1 ? tokens[0]!.text : path.value.slice(path.value.lastIndexOf("/") + 1);
    this.imports.set(name, path.value);
  }

  /** `A, B T = x, y`: what has no value of its own is no constant. */
  #addValues(keyword: string, tokens: readonly Token[]): void {
    const start = tokens.findIndex(({ kind, text }) => kind === "mark" && text === "=");
    const left = start < 0 ? tokens : tokens.slice(0, start);
    const values = start < 0 ? [] : splitAt(",", tokens.slice(start + 1));
    splitAt(",", left).forEach(([name], i) => {
      if (name?.kind !== "name") throw refuse((name ?? tokens[0]!).at, `${keyword} names nothing`);
      const value = values[i];
      this.bindings.set(
        name.text,
        value === undefined
          ? { kind: "other", what: `a ${keyword} without a value of its own`, at: name.at }
          : { kind: "value", tokens: value, at: name.at },
      );
    });
  }

  #addType(tokens: readonly Token[]): void {
    const [name, ...rest] = tokens;
    if (name?.kind !== "name") throw refuse(tokens[0]!.at, "a type has no name");
    const { text, at } = name;
    const type = rest[0]?.text === "=" ? rest.slice(1) : rest;
    const binding: GoBinding = type[0]?.text === "struct"
      ? { kind: "struct", fields: readFields(type.slice(2, -1)), at }
      : { kind: "type", tokens: type, at };
    this.bindings.set(text, binding);
  }

  #addFunction(): void {
    const name = this.#peek();
    this.#takeUntil(";");
    // a method begins with its receiver: it is no name of the file
    if (name.kind === "name") this.bindings.set(name.text, { kind: "other", what: "a function", at: name.at });
  }
}

function readFields(tokens: readonly Token[]): StructField[] {
  return splitAt(";", tokens).flatMap((field): StructField[] => {
    const [first, second] = field;
    if (first === undefined) return [];
    const type = field.at(-1)?.kind === "text" ? field.slice(0, -1) : field; // a tag ends it
    const isEmbedded = type.length === 1 || first.text === "*" || second?.text === ".";
    if (isEmbedded) return [{ type, at: first.at }];
    const names = [first];
    let i = 1;
    for (; type[i]?.text === "," && type[i + 1] !== undefined; i += 2) names.push(type[i + 1]!);
    return names.map(({ text, at }) => ({ name: text, type: type.slice(i), at }));
  });
}

/** Splits where a mark stands in no bracket. A part may be empty. */
function splitAt(mark: string, tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === "mark") {
      if (token.text in CLOSING) depth++;
      else if (isClosing(token.text)) depth--;
      else if (depth === 0 && token.text === mark) {
        parts.push([]);
        continue;
      }
    }
    parts.at(-1)!.push(token);
  }
  return parts;
}

function isClosing(text: string): boolean {
  return text === ")" || text === "]" || text === "}";
}
