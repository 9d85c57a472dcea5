/**
 * Reads the words and signs of the arguments that describe states.
 *
 * @module
 */

/** A place in an argument. */
export interface Place {
  /** What the argument describes: `states`, `groups`. */
  readonly what: string;
  /** The argument. */
  readonly text: string;
  /** Where in it, from 0. */
  readonly index: number;
}

/** A name, with where it was read. */
export interface Word extends Place {
  readonly name: string;
  /** Whether it stood in quotes: then it is a name and nothing else. */
  readonly isQuoted: boolean;
}

/** As many characters are shown before and behind a place. */
const SHOWN = 30;

/** Say what is wrong at a place. */
export function failAt({ what, text, index }: Place, reason: string): SyntaxError {
  const start = index > SHOWN ? `…${text.slice(index - SHOWN, index)}` : text.slice(0, index);
  const end = text.length > index + SHOWN ? `${text.slice(index, index + SHOWN)}…` : text.slice(index);
  return new SyntaxError(`Cannot read ${what} "${start}${end}" at character ${index + 1}: ${reason}`);
}

/** Read names between commas, `A,"b c"`. */
export function readNames(what: string, text: string): Word[] {
  const reader = new WordReader(what, text);
  const words: Word[] = [];
  do words.push(reader.readWord()); while (reader.takes(","));
  reader.expectEnd();
  return words;
}

/** Goes through an argument from its beginning to its end. */
export class WordReader {
  readonly #what: string;
  readonly #text: string;
  #index = 0;

  constructor(what: string, text: string) {
    this.#what = what;
    this.#text = text;
  }

  /** The next place that is no space. */
  get place(): Place {
    while (/\s/.test(this.#text[this.#index] ?? "")) this.#index++;
    return { what: this.#what, text: this.#text, index: this.#index };
  }

  /** Go over a sign, if it comes next. */
  takes(sign: string): boolean {
    const { index } = this.place;
    const isNext = this.#text[index] === sign;
    if (isNext) this.#index++;
    return isNext;
  }

  /** Go over a sign, or fail. */
  expect(sign: string): void {
    if (!this.takes(sign)) throw failAt(this.place, `"${sign}" is missing`);
  }

  /** Fail if something is left. */
  expectEnd(): void {
    const { index } = this.place;
    if (index < this.#text.length) throw failAt(this.place, `"${this.#text[index]}" is out of place`);
  }

  /** Read a name: in quotes as in JSON, else up to a sign. `:` is a sign outside of lists. */
  readWord(signs = /[,;:()"]/): Word {
    const place = this.place;
    const isQuoted = this.#text[place.index] === '"';
    const name = isQuoted ? this.#readQuoted(place) : this.#readPlain(signs);
    if (name === "") throw failAt(place, "there is no name");
    return { ...place, name, isQuoted };
  }

  /** Read `(A;B)`. */
  readList(): Word[] {
    this.expect("(");
    const words: Word[] = [];
    do words.push(this.readWord(/[,;()"]/)); while (this.takes(";") || this.takes(","));
    this.expect(")");
    return words;
  }

  #readPlain(signs: RegExp): string {
    const length = this.#text.slice(this.#index).search(signs);
    const end = length < 0 ? this.#text.length : this.#index + length;
    const name = this.#text.slice(this.#index, end);
    this.#index = end;
    return name.trim();
  }

  /** Controls may stand for themselves, unlike in JSON. */
  #readQuoted(place: Place): string {
    const [quoted] = /^"(?:[^"\\]|\\[^])*"/.exec(this.#text.slice(this.#index)) ?? [];
    if (quoted === undefined) throw failAt(place, "the quotes do not end");
    this.#index += quoted.length;
    try {
      // deno-lint-ignore no-control-regex -- those that JSON does not let through
      return JSON.parse(quoted.replace(/[\0-\x1f]/g, (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, "0")}`));
    } catch {
      throw failAt(place, "what is in quotes is no text of JSON");
    }
  }
}
