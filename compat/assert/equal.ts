/** Pairs still to compare, flat: the last two are next. */
type Pending = unknown[];

/** The partner each object was last compared with. A pair met again is taken as equal, which is what ends a cycle. */
type Partners = Map<object, object>;

type Entry = [key: unknown, value: unknown];

type Collection = Map<unknown, unknown> | Set<unknown>;

const AnyTypedArray = Object.getPrototypeOf(Uint8Array) as abstract new () => ArrayLike<unknown>;

/** Classes whose instances keep their value out of reach of properties, and write all of it with `String()`. */
const WRITTEN_CLASSES: ReadonlySet<object> = new Set(findWrittenClasses());

/**
 * Tell whether two values are equal by their contents.
 *
 * `NaN` equals itself and 0 equals -0, at any depth; {@linkcode assertStrictEquals} is the one that tells zeros apart.
 * Objects are equal when their prototypes are the same (a plain object may have none) and their properties are equal;
 * own symbols count, a key that is missing differs from one that is `undefined`. Functions and symbols are equal only to
 * themselves. Members of a set, and entries of a map, are matched in any order. Of errors, the stack counts as well.
 *
 * @param a The one value.
 * @param b The other value.
 * @returns `true` when they are equal.
 *
 * @throws {TypeError} when two weak maps or two weak sets are met, as their contents cannot be read.
 *
 * @example Usage
 * ```ts
 * import { assert, equal } from "@std/assert";
 *
 * assert(equal(new Set([{ a: 1 }, 0]), new Set([-0, { a: 1 }])));
 * assert(!equal({ a: undefined }, {}));
 * ```
 */
export function equal(a: unknown, b: unknown): boolean {
  return compare(a, b, new Map());
}

/** Works off a list instead of calling itself, so that deep values do not end the stack. */
function compare(a: unknown, b: unknown, partners: Partners): boolean {
  const pending: Pending = [a, b];
  while (pending.length > 0) {
    const right = pending.pop();
    const left = pending.pop();
    if (left === right || Object.is(left, right)) continue;
    if (!isObject(left) || !isObject(right)) return false;
    if (!compareObjects(left, right, pending, partners)) return false;
  }
  return true;
}

/** Compare all but the nested values, which go to `pending`. */
function compareObjects(a: object, b: object, pending: Pending, partners: Partners): boolean {
  if (a instanceof Date && b instanceof Date) return Object.is(a.getTime(), b.getTime());
  if (!haveSameClass(a, b)) return false;
  if (a instanceof AnyTypedArray) return haveSameItems(a, b as typeof a);
  if (isBuffer(a)) return haveSameItems(new Uint8Array(a), new Uint8Array(b as typeof a));
  if (a instanceof WeakMap || a instanceof WeakSet) {
    throw new TypeError(`Cannot compare ${a.constructor.name} objects: their contents cannot be read`);
  }
  if (a instanceof WeakRef) {
    pending.push(a.deref(), (b as WeakRef<WeakKey>).deref());
    return true;
  }

  if (partners.get(a) === b) return true;
  if (Object.keys(a).length !== Object.keys(b).length) return false;
  partners.set(a, b);
  if (isCollection(a) && isCollection(b)) return compareCollections(a, b, pending, partners);
  if (WRITTEN_CLASSES.has(Object.getPrototypeOf(a))) return String(a) === String(b);
  return compareProperties(a, b, pending);
}

function compareProperties(a: object, b: object, pending: Pending): boolean {
  const list = isPlain(a) ? listEnumerableKeys : listAllKeys;
  const keys = [...new Set([...list(a), ...list(b)])];
  // From the last to the first, as what is pushed last is compared next.
  for (const key of keys.reverse()) {
    if (key in a !== key in b) return false;
    pending.push(Reflect.get(a, key), Reflect.get(b, key));
  }
  return true;
}

function compareCollections(a: Collection, b: Collection, pending: Pending, partners: Partners): boolean {
  if (a.size !== b.size) return false;
  const keys = [...a.keys()];
  if (keys.some(isObject)) {
    return compareEntries([...a.entries()], [...b.entries()], pending, partners);
  }
  for (const key of keys.reverse()) {
    if (!b.has(key)) return false;
    if (a instanceof Map && b instanceof Map) pending.push(a.get(key), b.get(key));
  }
  return true;
}

/**
 * Two entries of one collection may find the same partner in the other, and all are looked at even after one found none:
 * as in the real package.
 */
function compareEntries(entries: Entry[], others: Entry[], pending: Pending, partners: Partners): boolean {
  const [only, other] = [entries[0]!, others[0]!];
  if (entries.length === 1) {
    // Nothing to choose from, so no search that would take stack.
    pending.push(only[1], other[1], only[0], other[0]);
    return true;
  }
  // A member of a set is its own value.
  const isPartner = ([key, value]: Entry, [otherKey, otherValue]: Entry): boolean =>
    compare(key, otherKey, partners) &&
    ((key === value && otherKey === otherValue) || compare(value, otherValue, partners));
  return entries.filter((entry) => others.some((it) => isPartner(entry, it))).length === entries.length;
}

function haveSameItems(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i] && !Object.is(a[i], b[i])) return false;
  }
  return true;
}

/** An object without a prototype counts as a plain one. */
function haveSameClass(a: object, b: object): boolean {
  return (Object.getPrototypeOf(a) ?? Object.prototype) === (Object.getPrototypeOf(b) ?? Object.prototype);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isCollection(value: object): value is Collection {
  return value instanceof Map || value instanceof Set;
}

/** Not every place that has array buffers has the shared ones. */
function isBuffer(value: object): value is ArrayBuffer | SharedArrayBuffer {
  return value instanceof ArrayBuffer ||
    (typeof SharedArrayBuffer !== "undefined" && value instanceof SharedArrayBuffer);
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || prototype === Array.prototype;
}

function listEnumerableKeys(value: object): PropertyKey[] {
  return Reflect.ownKeys(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key));
}

/** Hidden and inherited keys too: a getter of a class is often all that shows what its instance holds. */
function listAllKeys(value: object): PropertyKey[] {
  const owners: object[] = [];
  let owner: object | null = value;
  while (owner !== null && owner !== Object.prototype && owner !== Array.prototype) {
    owners.push(owner);
    owner = Object.getPrototypeOf(owner) as object | null;
  }
  return owners.flatMap((it) => Reflect.ownKeys(it));
}

function findWrittenClasses(): object[] {
  const names = ["Duration", "Instant", "PlainDate", "PlainDateTime", "PlainTime", "PlainYearMonth", "PlainMonthDay"];
  const temporal = (globalThis as unknown as { Temporal?: Record<string, { prototype: object }> }).Temporal ?? {};
  const dates = [...names, "ZonedDateTime"].map((name) => temporal[name]);
  const classes = [RegExp, URL, URLSearchParams, Intl.Locale, ...dates];
  return classes.flatMap((it) => it === undefined ? [] : [it.prototype as object]);
}
