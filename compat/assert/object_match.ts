import { assertEquals } from "./equals.ts";

type Properties = Record<PropertyKey, unknown>;

/** What each value was last reduced by. A pair met again stays whole, which is what ends a cycle. */
type Reductions = WeakMap<object, object>;

/**
 * Assert that an object has all that an expected one has, at any depth; what else it has does not count.
 *
 * Of an array, as many items count as are expected; of a map, the expected keys; of a set, the expected members.
 * The class of nested objects does not count.
 *
 * @param actual The object to check.
 * @param expected What it is to have.
 * @param msg Words to add to the message.
 *
 * @throws {AssertionError} when a part is missing or differs.
 *
 * @example Usage
 * ```ts
 * import { assertObjectMatch } from "@std/assert";
 *
 * assertObjectMatch({ Foo: { auto: true, multi: true }, Bar: {} }, { Foo: { multi: true } });
 * ```
 */
export function assertObjectMatch(
  // deno-lint-ignore no-explicit-any
  actual: Record<PropertyKey, any>,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
): void {
  // The expected object is reduced by itself, so that both have lost their classes.
  assertEquals(reduceObject(actual, expected, new WeakMap()), reduceObject(expected, expected, new WeakMap()), msg);
}

/** The part of a value that the expected one speaks of. */
function reduceValue(value: unknown, expected: unknown, reductions: Reductions): unknown {
  if (!isObject(value) || value instanceof RegExp || value instanceof Date) return value;
  if (!isObject(expected)) return value;
  if (Array.isArray(value) && Array.isArray(expected)) return reduceArray(value, expected, reductions);
  if (value instanceof Map && expected instanceof Map) return reduceMap(value, expected, reductions);
  if (value instanceof Set && expected instanceof Set) return new Set([...value].filter((item) => expected.has(item)));
  return reduceObject(value as Properties, expected as Properties, reductions);
}

function reduceObject(value: Properties, expected: Properties, reductions: Reductions): Properties {
  if (Object(value) !== value) throw new TypeError(`Cannot match ${value === null ? "null" : `a ${typeof value}`}`);
  if (reductions.get(value) === expected) return value;
  reductions.set(value, expected);

  const reduced: Properties = {};
  const keys = Reflect.ownKeys(value);
  const expectedKeys = new Set(Reflect.ownKeys(expected));
  const shared = keys.filter((key) => expectedKeys.has(key));
  // With nothing in common all is kept, so that the message shows what there was.
  const hasNoneOfThem = expectedKeys.size > 0 && shared.length === 0;
  for (const key of hasNoneOfThem ? keys : shared) {
    const kept = hasNoneOfThem ? value[key] : reduceValue(value[key], expected[key], reductions);
    // Defined, not set, as "__proto__" is a key like any other here.
    Object.defineProperty(reduced, key, { value: kept, configurable: true, enumerable: true, writable: true });
  }
  return reduced;
}

function reduceArray(items: unknown[], expected: unknown[], reductions: Reductions): unknown[] {
  if (reductions.get(items) === expected) return items;
  reductions.set(items, expected);
  const count = Math.min(items.length, expected.length);
  return Array.from({ length: count }, (_, i) => reduceValue(items[i], expected[i], reductions));
}

/** Objects among the values are reduced as objects, whatever their class: as in the real package. */
function reduceMap(
  map: Map<unknown, unknown>,
  expected: Map<unknown, unknown>,
  reductions: Reductions,
): Map<unknown, unknown> {
  const reduced = new Map<unknown, unknown>();
  for (const [key, value] of map) {
    if (!expected.has(key)) continue;
    const wanted = expected.get(key);
    const isNested = isObject(value) && isObject(wanted);
    reduced.set(key, isNested ? reduceObject(value as Properties, wanted as Properties, reductions) : value);
  }
  return reduced;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
