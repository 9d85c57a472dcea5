/**
 * The words of Go.
 *
 * @module
 */
import { quote, refuse } from "./_data.ts";
import type { Position } from "./model.ts";

/** A word or a mark of a file. */
export interface Token {
  readonly kind: "name" | "text" | "number" | "mark" | "end";
  /** As it is written. A semicolon that the end of a line stands for, too. */
  readonly text: string;
  /** What a text says; else what is written. */
  readonly value: string;
  readonly at: Position;
}

const SPACE = /[ \t\r]+|\/\/[^\n]*/y;
const COMMENT = /\/\*[^]*?\*\//y;
const NAME = /[\p{L}_][\p{L}\p{Nd}_]*/uy;
const NUMBER = /\.?\d(?:[eEpP][+-]|[\w.])*/y;
const TEXT = /"(?:[^"\\\n]|\\[^\n])*"/y;
const RAW_TEXT = /`[^`]*`/y;
const RUNE = /'(?:[^'\\\n]|\\[^\n])+'/y;
const MARK = /<<=|>>=|&\^=|\.\.\.|&&|\|\||<-|\+\+|--|[=!<>:+\-*/%&|^]=|<<|>>|&\^|[-+*/%&|^~<>=!()[\]{},;.:]/y;

/** Words behind which a line goes on. */
const KEYWORDS: ReadonlySet<string> = new Set([
  ...["case", "chan", "const", "default", "defer", "else", "for", "func", "go", "goto", "if", "import", "interface"],
  ...["map", "package", "range", "select", "struct", "switch", "type", "var"],
]);

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" },
  ...{ "\\": "\\", '"': '"' },
};

/**
 * Take a file apart.
 *
 * @param text The text of the file.
 * @returns Its words and marks, with the semicolons that ends of lines stand for; the last one is the end.
 *
 * @throws {SyntaxError} when something is no word of Go; says where.
 */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let start = 0; // of the line
  let i = 0;
  const match = (pattern: RegExp) => {
    pattern.lastIndex = i;
    return pattern.exec(text)?.[0];
  };
  const passLines = (passed: string) => {
    for (let end = passed.indexOf("\n"); end >= 0; end = passed.indexOf("\n", end + 1)) {
      line++;
      start = i + end + 1;
    }
  };
  const endLine = () => {
    if (!endsStatement(tokens.at(-1))) return;
    tokens.push({ kind: "mark", text: ";", value: ";", at: { line, column: i - start + 1 } });
  };
  while (i < text.length) {
    const at = { line, column: i - start + 1 };
    if (text[i] === "\n") {
      endLine();
      passLines("\n");
      i++;
      continue;
    }
    const space = match(SPACE) ?? match(COMMENT);
    if (space !== undefined) {
      if (space.includes("\n")) endLine();
      passLines(space);
      i += space.length;
      continue;
    }
    const token = readToken(match, at);
    if (token === undefined) {
      throw refuse(at, `${quote(String.fromCodePoint(text.codePointAt(i)!))} begins no word of Go`);
    }
    tokens.push(token);
    passLines(token.text);
    i += token.text.length;
  }
  endLine();
  tokens.push({ kind: "end", text: "", value: "", at: { line, column: i - start + 1 } });
  return tokens;
}

function readToken(match: (pattern: RegExp) => string | undefined, at: Position): Token | undefined {
  const name = match(NAME);
  if (name !== undefined) return { kind: "name", text: name, value: name, at };
  const text = match(TEXT);
  if (text !== undefined) return { kind: "text", text, value: unescape(text.slice(1, -1), at), at };
  const raw = match(RAW_TEXT);
  if (raw !== undefined) return { kind: "text", text: raw, value: raw.slice(1, -1).replaceAll("\r", ""), at };
  const number = match(NUMBER) ?? match(RUNE);
  if (number !== undefined) return { kind: "number", text: number, value: number, at };
  const mark = match(MARK);
  return mark === undefined ? undefined : { kind: "mark", text: mark, value: mark, at };
}

function endsStatement(token: Token | undefined): boolean {
  if (token === undefined) return false;
  if (token.kind === "name") return !KEYWORDS.has(token.text);
  if (token.kind === "mark") return [")", "]", "}", "++", "--"].includes(token.text);
  return true;
}

/** Escapes of bytes may come together to characters, so all of the text goes through its bytes if there is one. */
function unescape(text: string, at: Position): string {
  if (!text.includes("\\")) return text;
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (
    const [whole, byte, octal, code, other] of text.matchAll(
      /\\x([\da-fA-F]{2})|\\([0-3][0-7]{2})|\\(?:u([\da-fA-F]{4})|U([\da-fA-F]{8}))|\\[^]|[^\\]+/g,
    )
  ) {
    const point = code ?? other;
    if (byte !== undefined) bytes.push(parseInt(byte, 16));
    else if (octal !== undefined) bytes.push(parseInt(octal, 8));
    else if (point !== undefined) bytes.push(...encoder.encode(readPoint(point, at)));
    else if (!whole.startsWith("\\")) encoder.encode(whole).forEach((it) => bytes.push(it));
    else {
      const character = ESCAPES[whole[1]!];
      if (character === undefined) throw refuse(at, `a text has the unknown escape ${quote(whole)}`);
      bytes.push(character.charCodeAt(0));
    }
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    throw refuse(at, "a text is no UTF-8");
  }
}

function readPoint(hex: string, at: Position): string {
  const point = parseInt(hex, 16);
  if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) {
    throw refuse(at, `a text has the escape of no character`);
  }
  return String.fromCodePoint(point);
}
