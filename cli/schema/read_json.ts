import { type JSONVisitor, type ParseErrorCode, printParseErrorCode, visit } from "jsonc-parser";
import { type Data, type Field, makeModel, quote, refuse } from "./_data.ts";
import type { Position, SchemaModel } from "./model.ts";

/** An object or a list that has not ended. */
interface Open {
  /** Takes a value. */
  readonly take: (value: Data) => void;
  /** Fields by name; missing for a list. */
  readonly fields?: Map<string, Field>;
  /** The field whose value comes next. */
  field?: { readonly name: string; readonly at: Position };
}

/** A schema is three deep. */
const MAX_DEPTH = 100;

/**
 * Read a schema of JSON: an object of states by name, as `new Machine()` takes it.
 *
 * Unlike `JSON.parse` it refuses a name that is there twice, and fields that states do not have.
 *
 * @param text The JSON.
 * @param word The word by which code names the schema.
 *
 * @throws {SyntaxError} when it is no JSON, or no schema; says where.
 */
export function readJson(text: string, word: string): SchemaModel {
  const reader = new JsonReader();
  visit(text, reader.visitor, { disallowComments: true });
  return makeModel(word, reader.value);
}

/** Makes data of what the parser finds. */
class JsonReader {
  readonly #open: Open[] = [{ take: (value) => void (this.#value = value) }];
  #value: Data | undefined;

  /** The whole value. */
  get value(): Data {
    return this.#value!; // the parser reports a text without a value
  }

  /** What the parser calls. */
  readonly visitor: JSONVisitor = {
    onError: (code, _offset, _length, line, column) => {
      throw refuse({ line: line + 1, column: column + 1 }, nameError(code));
    },
    onObjectBegin: (_offset, _length, line, column) => {
      const fields = new Map<string, Field>();
      const at = this.#begin({ line: line + 1, column: column + 1 });
      this.#take({ kind: "object", fields, at });
      const open: Open = {
        fields,
        take: (value) => void fields.set(open.field!.name, { at: open.field!.at, value }),
      };
      this.#open.push(open);
    },
    onObjectProperty: (name, _offset, _length, line, column) => {
      const open = this.#open.at(-1)!;
      const at = { line: line + 1, column: column + 1 };
      if (open.fields?.has(name)) throw refuse(at, `${quote(name)} is there twice`);
      open.field = { name, at };
    },
    onObjectEnd: () => void this.#open.pop(),
    onArrayBegin: (_offset, _length, line, column) => {
      const items: Data[] = [];
      const at = this.#begin({ line: line + 1, column: column + 1 });
      this.#take({ kind: "list", items, at });
      this.#open.push({ take: (value) => void items.push(value) });
    },
    onArrayEnd: () => void this.#open.pop(),
    onLiteralValue: (value, _offset, _length, line, column) => {
      const at = { line: line + 1, column: column + 1 };
      if (value === null) throw refuse(at, "null has no meaning in a schema");
      this.#take(makeLiteral(value, at));
    },
  };

  #begin(at: Position): Position {
    if (this.#open.length > MAX_DEPTH) throw refuse(at, "it is nested too deeply");
    return at;
  }

  #take(value: Data): void {
    this.#open.at(-1)!.take(value);
  }
}

function makeLiteral(value: string | number | boolean, at: Position): Data {
  if (typeof value === "string") return { kind: "text", value, at };
  return typeof value === "number" ? { kind: "number", value, at } : { kind: "boolean", value, at };
}

/** `ValueExpected` becomes `no JSON: value expected`. */
function nameError(code: ParseErrorCode): string {
  return `no JSON: ${printParseErrorCode(code).replace(/(?<!^)[A-Z]/g, (it) => ` ${it.toLowerCase()}`).toLowerCase()}`;
}
