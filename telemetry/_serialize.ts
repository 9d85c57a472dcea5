import { findProxyTest } from "./_runtime.ts";

/** How deep objects and lists may be nested, the arguments themselves counted as 0. */
export const MAX_DEPTH = 6;

/** Keys of an object, and items of a list, that are taken. */
export const MAX_KEYS = 64;

/** Bytes of a text that are taken, in UTF-8. */
export const MAX_TEXT_BYTES = 1024;

/** Values of all arguments of one mutation together: 64 keys to the power of 6 would be too many. */
export const MAX_VALUES = 1000;

/** What became of arguments. */
export interface SerializedArgs {
  /** Plain data. */
  readonly args: Readonly<Record<string, unknown>>;
  /** About how many bytes of JSON. */
  readonly bytes: number;
}

/**
 * Make plain data of arguments: of those that are named, within limits.
 *
 * It never throws, and runs no getter, no `toJSON` and no conversion of the values' own: it reads own enumerable data
 * properties by their descriptors, and built-in objects by the methods that they were born with. What it cuts or leaves out
 * it marks, with a text in brackets.
 *
 * Proxies are the exception: any look at one may run a trap. Deno, Node and Bun can tell that a value is one, and it is
 * marked `[proxy]` unseen. In a page nothing can: there, traps may run, and whatever they throw ends as `[unreadable]`.
 *
 * @param args The arguments of a mutation.
 * @param names The keys that may be taken. `err` also stands for the message of an `error`.
 * @returns `null` when nothing is left to be shown.
 */
export function serializeArgs(
  args: Readonly<Record<string, unknown>>,
  names: readonly string[],
): SerializedArgs | null {
  const serializer = new Serializer();
  const entries: [string, unknown][] = [];
  for (const name of names) {
    const value = serializer.property(args, name);
    if (value !== undefined) entries.push([cutText(name), value]);
  }
  return entries.length === 0 ? null : { args: Object.fromEntries(entries), bytes: serializer.bytes };
}

/**
 * Make plain data of any value, as {@linkcode serializeArgs} does.
 *
 * @param value Anything.
 */
export function serialize(value: unknown): unknown {
  return new Serializer().value(value, 1);
}

/**
 * Cut a text to {@linkcode MAX_TEXT_BYTES}, and mark that.
 *
 * @param text The text.
 * @param maxBytes How many bytes may stay, the mark not counted.
 */
export function cutText(text: string, maxBytes: number = MAX_TEXT_BYTES): string {
  if (text.length * 3 <= maxBytes) return text;
  const end = placeOfByte(text, maxBytes);
  return end === text.length ? text : `${text.slice(0, end)}[cut: ${text.length - end} more]`;
}

/** Count the bytes of a text in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2; // two surrogates take four bytes
  }
  return bytes;
}

/** How much of a text fits into so many bytes; never half of a character. */
function placeOfByte(text: string, maxBytes: number): number {
  let bytes = 0, place = 0;
  while (place < text.length) {
    const code = text.codePointAt(place)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > maxBytes) return place;
    place += code < 0x10000 ? 1 : 2;
  }
  return place;
}

type Entries = [string, unknown][];

/** Keeps count over all arguments of one mutation. */
class Serializer {
  bytes: number;
  #left: number;
  /** The objects that the current value is in: a cycle leads back to one of them. */
  readonly #path: object[];

  constructor() {
    this.bytes = 0;
    this.#left = MAX_VALUES;
    this.#path = [];
  }

  /** The value of a property of the arguments; `undefined` when there is no such property. */
  property(args: object, name: string): unknown {
    if (isProxy(args)) return this.#text("[proxy]");
    try {
      const descriptor = getDescriptor(args, name);
      if (descriptor !== undefined) return this.#described(descriptor, 1);
      return name === "err" ? this.#messageOf(getDescriptor(args, "error")?.value) : undefined;
    } catch {
      return this.#text("[unreadable]");
    }
  }

  value(value: unknown, depth: number): unknown {
    if (this.#left-- <= 0) return this.#text("[cut]");
    switch (typeof value) {
      case "string":
        return this.#text(cutText(value));
      case "number":
        this.bytes += 8;
        return Number.isFinite(value) ? value : `[${value}]`;
      case "boolean":
        this.bytes += 5;
        return value;
      case "bigint":
        return this.#text(value < LONGEST_BIGINT && value > -LONGEST_BIGINT ? `${value}n` : "[bigint]");
      case "symbol":
        return this.#text(cutText(`[${symbolToString.call(value)}]`));
      case "undefined":
        return this.#text("[undefined]");
      case "function":
        return this.#text(describeFunction(value));
      case "object":
        return value === null ? null : this.#object(value, depth);
    }
  }

  #text(text: string): string {
    this.bytes += text.length + 3;
    return text;
  }

  #object(value: object, depth: number): unknown {
    if (isProxy(value)) return this.#text("[proxy]");
    if (this.#path.includes(value)) return this.#text("[circular]");
    const isKnown = this.#path.length;
    this.#path.push(value);
    try {
      return this.#contents(value, depth);
    } catch {
      return this.#text("[unreadable]"); // a trap of a proxy in a page, or a stack that is all but exhausted
    } finally {
      this.#path.length = isKnown;
    }
  }

  #contents(value: object, depth: number): unknown {
    if (Array.isArray(value)) return this.#list(value, depth);
    const prototype = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) return this.#properties(value, depth);
    const text = describeBuiltIn(value);
    if (text !== undefined) return this.#text(text);
    if (isError(value)) return this.#error(value, depth);
    const mapSize = ask(sizeOfMap, value);
    if (mapSize !== undefined) {
      return this.#collection(`[Map ${mapSize}]`, mapEntries.call(value as Map<unknown, unknown>), mapNext, depth);
    }
    const setSize = ask(sizeOfSet, value);
    if (setSize !== undefined) {
      return this.#collection(`[Set ${setSize}]`, setValues.call(value as Set<unknown>), setNext, depth);
    }
    return this.#properties(value, depth);
  }

  #list(list: readonly unknown[], depth: number): unknown {
    const { length } = list;
    if (depth > MAX_DEPTH) return this.#text(`[cut: a list of ${length}]`);
    const items: unknown[] = [];
    for (let i = 0; i < length && i < MAX_KEYS; i++) {
      const descriptor = getDescriptor(list, i);
      items.push(descriptor === undefined ? null : this.#described(descriptor, depth + 1));
    }
    if (length > MAX_KEYS) items.push(this.#text(`[cut: ${length - MAX_KEYS} more]`));
    return items;
  }

  #properties(object: object, depth: number): unknown {
    if (depth > MAX_DEPTH) return this.#text("[cut: an object]");
    const keys = Object.keys(object);
    const entries: Entries = [];
    for (let i = 0; i < keys.length && i < MAX_KEYS; i++) {
      const descriptor = getDescriptor(object, keys[i]!);
      if (descriptor !== undefined) {
        entries.push([this.#text(cutText(keys[i]!)), this.#described(descriptor, depth + 1)]);
      }
    }
    if (keys.length > MAX_KEYS) entries.push([this.#text("[cut]"), `${keys.length - MAX_KEYS} more`]);
    return Object.fromEntries(entries); // which defines: a key __proto__ is a key like any
  }

  #described(descriptor: PropertyDescriptor, depth: number): unknown {
    return "value" in descriptor ? this.value(descriptor.value, depth) : this.#text("[getter]");
  }

  /** Name, message and cause of an error. Its stack shows paths of the program, and stays. */
  #error(error: object, depth: number): unknown {
    if (depth > MAX_DEPTH) return this.#text("[cut: an error]");
    const entries: Entries = [["name", this.#text(cutText(inheritedText(error, "name") ?? "Error"))]];
    entries.push(["message", this.#text(cutText(inheritedText(error, "message") ?? ""))]);
    for (const key of ["cause", "errors"]) {
      const descriptor = getDescriptor(error, key);
      if (descriptor !== undefined) entries.push([key, this.#described(descriptor, depth + 1)]);
    }
    return Object.fromEntries(entries);
  }

  #collection(label: string, iterator: object, next: () => IteratorResult<unknown>, depth: number): unknown {
    if (depth > MAX_DEPTH) return this.#text(`[cut: ${label}]`);
    const items: unknown[] = [];
    for (let i = 0; i <= MAX_KEYS; i++) {
      const { done, value } = next.call(iterator);
      if (done) break;
      items.push(i === MAX_KEYS ? this.#text("[cut]") : this.value(value, depth + 2));
    }
    return { [this.#text(label)]: items };
  }

  #messageOf(error: unknown): unknown {
    if (typeof error !== "object" || error === null || isProxy(error) || !isError(error)) return undefined;
    return this.#text(cutText(inheritedText(error, "message") ?? ""));
  }
}

/** Numbers beyond it are not written out: that takes time in the square of their length. */
const LONGEST_BIGINT = 2n ** 1024n;

// What follows is taken once, so that later changes of the built-in objects are not run.
const getDescriptor = Object.getOwnPropertyDescriptor;
const symbolToString = Symbol.prototype.toString;
const sizeOfMap = getterOf(Map.prototype, "size");
const sizeOfSet = getterOf(Set.prototype, "size");
const mapEntries = Map.prototype.entries;
const mapNext: () => IteratorResult<unknown> = new Map().entries().next;
const setValues = Set.prototype.values;
const setNext: () => IteratorResult<unknown> = new Set().values().next;
const timeOfDate = Date.prototype.getTime;
const dateToText = Date.prototype.toISOString;
const hrefOfUrl = typeof URL === "undefined" ? undefined : getterOf(URL.prototype, "href");
const sourceOfPattern = getterOf(RegExp.prototype, "source");
const tagOfView = getterOf(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag);
const lengthOfView = getterOf(Object.getPrototypeOf(Uint8Array.prototype), "length");
const lengthOfBuffer = getterOf(ArrayBuffer.prototype, "byteLength");
const isErrorObject = (Error as { isError?(value: unknown): boolean }).isError;

let proxyTest: ((value: unknown) => boolean) | null | undefined;

function isProxy(value: unknown): boolean {
  if (proxyTest === undefined) proxyTest = findProxyTest();
  return proxyTest !== null && proxyTest(value);
}

function getterOf(object: object, key: PropertyKey): (() => unknown) | undefined {
  return getDescriptor(object, key)?.get;
}

/** Call a built-in method that throws when the object is none of its own kind, and looks at nothing else. */
function ask(method: (() => unknown) | undefined, value: object): unknown {
  try {
    return method?.call(value);
  } catch {
    return undefined;
  }
}

function isError(value: object): boolean {
  return isErrorObject === undefined ? value instanceof Error : isErrorObject(value);
}

function describeBuiltIn(value: object): string | undefined {
  if (ArrayBuffer.isView(value)) return `[${ask(tagOfView, value) ?? "DataView"} ${ask(lengthOfView, value) ?? ""}]`;
  const time = ask(timeOfDate, value);
  if (time !== undefined) return Number.isNaN(time) ? "[Invalid Date]" : dateToText.call(value as Date);
  const href = ask(hrefOfUrl, value);
  if (typeof href === "string") return cutText(href);
  const source = ask(sourceOfPattern, value);
  if (typeof source === "string") return cutText(`[RegExp ${source}]`);
  const length = ask(lengthOfBuffer, value);
  return length === undefined ? undefined : `[ArrayBuffer ${length}]`;
}

function describeFunction(fn: object): string {
  if (isProxy(fn)) return "[proxy]";
  try {
    const name = getDescriptor(fn, "name")?.value;
    return typeof name === "string" && name !== "" ? cutText(`[function ${name}]`) : "[function]";
  } catch {
    return "[function]";
  }
}

/** A text that an error has itself, or from its class; getters are passed over. */
function inheritedText(error: object, key: string): string | undefined {
  for (let object: object | null = error; object !== null; object = Object.getPrototypeOf(object)) {
    if (isProxy(object)) return undefined;
    const descriptor = getDescriptor(object, key);
    if (descriptor !== undefined) return typeof descriptor.value === "string" ? descriptor.value : undefined;
  }
  return undefined;
}
