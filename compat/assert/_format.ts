/** Levels written out; below, a value is one line. Keeps the text, and the stack, small for values of any depth. */
const DEPTH_LIMIT = 200;

/** Objects that are being written, outermost first. One met again inside itself is a cycle. */
type Path = object[];

/**
 * Write a value as text for the message of an error: one property or item a line, in an order that does not depend on
 * the order they were set in, so that two texts can be compared line by line.
 */
export function format(value: unknown): string {
  return writeLines(value, []).join("\n");
}

function writeLines(value: unknown, path: Path): string[] {
  if (typeof value === "function") return [writeFunction(value)];
  if (typeof value !== "object" || value === null) return [writePrimitive(value)];
  if (path.includes(value)) return ["[Circular]"];
  const word = writeWord(value);
  if (path.length >= DEPTH_LIMIT) return [`${word ?? nameClass(value)} [deeper]`];
  const inside = [...path, value];
  if (Array.isArray(value)) return writeArray(value, inside);
  if (value instanceof Map) return writeMap(value, inside);
  if (value instanceof Set) return writeSet(value, inside);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return writeTypedArray(value, inside);
  return writeObject(value, word, inside);
}

function writePrimitive(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  return Object.is(value, -0) ? "-0" : String(value);
}

// deno-lint-ignore ban-types
function writeFunction(value: Function): string {
  const kind = Function.prototype.toString.call(value).startsWith("class") ? "class" : "function";
  return `[${kind} ${value.name || "(anonymous)"}]`;
}

/** The text of values that are more than their properties show, or `undefined`. */
function writeWord(value: object): string | undefined {
  if (value instanceof Date) return `Date ${Number.isNaN(value.getTime()) ? "(invalid)" : value.toISOString()}`;
  if (value instanceof RegExp) return String(value);
  if (value instanceof Error) return writeError(value);
  if (isBoxed(value)) return `${nameClass(value)} ${writePrimitive(value.valueOf())}`;
  if (value instanceof URL || value instanceof URLSearchParams) return `${nameClass(value)} "${value}"`;
  if (value instanceof ArrayBuffer) return `ArrayBuffer [${new Uint8Array(value).join(", ")}]`;
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return tag.startsWith("Temporal.") || tag === "Intl.Locale" ? `${tag} "${value}"` : undefined;
}

function writeError(error: Error): string {
  const name = nameClass(error);
  const title = error.name === name ? name : `${name} (${error.name})`;
  return `${title} ${JSON.stringify(error.message)}`;
}

function writeArray(items: unknown[], path: Path): string[] {
  const lines = Array.from(items, (item, i) => i in items ? writeLines(item, path) : ["[empty]"]);
  const extra = listShownKeys(items).filter((key) => !isIndex(key, items.length));
  const name = nameClass(items) === "Array" ? "" : `${nameClass(items)} `;
  return wrap(`${name}[`, [...lines, ...extra.map((key) => writeProperty(items, key, path))], "]");
}

function writeMap(map: Map<unknown, unknown>, path: Path): string[] {
  const entries = [...map].map(([key, value]) => {
    const keyLines = writeLines(key, path);
    const [first = "", ...rest] = writeLines(value, path);
    return [...keyLines.slice(0, -1), `${keyLines.at(-1)} => ${first}`, ...rest];
  });
  return wrap(`${nameClass(map)}(${map.size}) {`, sortBlocks(entries), "}");
}

function writeSet(set: Set<unknown>, path: Path): string[] {
  return wrap(`${nameClass(set)}(${set.size}) {`, sortBlocks([...set].map((item) => writeLines(item, path))), "}");
}

function writeTypedArray(view: ArrayBufferView, path: Path): string[] {
  const items = Array.from(view as unknown as ArrayLike<number | bigint>);
  return wrap(`${nameClass(view)}(${items.length}) [`, items.map((item) => writeLines(item, path)), "]");
}

function writeObject(value: object, word: string | undefined, path: Path): string[] {
  const properties = listShownKeys(value).map((key) => writeProperty(value, key, path));
  if (word !== undefined && properties.length === 0) return [word];
  const name = word ?? nameClass(value);
  return wrap(name === "Object" ? "{" : `${name} {`, properties, "}");
}

function writeProperty(owner: object, key: PropertyKey, path: Path): string[] {
  const label = typeof key === "symbol" ? `[${String(key)}]` : writeKey(String(key));
  const [first = "", ...rest] = readLines(owner, key, path);
  return [`${label}: ${first}`, ...rest];
}

function readLines(owner: object, key: PropertyKey, path: Path): string[] {
  let value: unknown;
  try {
    value = Reflect.get(owner, key);
  } catch (error) {
    return [`[throws ${String(error)}]`];
  }
  return writeLines(value, path);
}

function writeKey(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}

/** Enumerable keys, sorted; the cause of an error is hidden, and shown. */
function listShownKeys(value: object): PropertyKey[] {
  const isShown = (key: PropertyKey): boolean =>
    Object.prototype.propertyIsEnumerable.call(value, key) || (value instanceof Error && key === "cause") ||
    (value instanceof AggregateError && key === "errors");
  return Reflect.ownKeys(value).filter(isShown).sort((a, b) => compareTexts(String(a), String(b)));
}

function isIndex(key: PropertyKey, length: number): boolean {
  const index = typeof key === "string" ? Number(key) : NaN;
  return Number.isInteger(index) && index >= 0 && index < length;
}

function nameClass(value: object): string {
  const prototype = Object.getPrototypeOf(value) as { constructor?: unknown } | null;
  if (prototype === null) return "[no prototype]";
  const maker = prototype.constructor;
  return typeof maker === "function" && maker.name !== "" ? maker.name : "(anonymous)";
}

function isBoxed(value: object): boolean {
  return value instanceof Number || value instanceof String || value instanceof Boolean || value instanceof BigInt ||
    value instanceof Symbol;
}

function sortBlocks(blocks: string[][]): string[][] {
  return blocks.sort((a, b) => compareTexts(a.join("\n"), b.join("\n")));
}

/** By code unit: the order must not depend on the language of the machine. */
function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function wrap(open: string, blocks: string[][], close: string): string[] {
  if (blocks.length === 0) return [open + close];
  const lines = blocks.flatMap((block) => block.map((line, i) => `  ${line}${i === block.length - 1 ? "," : ""}`));
  return [open, ...lines, close];
}
