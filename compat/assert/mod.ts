/**
 * Assertions, under the names of `@std/assert` and with its signatures and its idea of what is equal. Plain TypeScript,
 * for any runtime. The wording of the messages is not that of the real package, and is nothing to rely on.
 *
 * ```ts
 * import { assert, assertEquals, assertThrows } from "@std/assert";
 *
 * const active = new Set(["Foo", "Bar"]);
 * assert(active.has("Foo"));
 * assertEquals(active, new Set(["Bar", "Foo"]));
 * assertThrows(() => "Foo".repeat(-1), RangeError);
 * ```
 *
 * @module
 */
export {
  type AnyConstructor,
  assert,
  assertExists,
  assertFalse,
  assertInstanceOf,
  fail,
  type Falsy,
  type GetConstructorType,
  unreachable,
} from "./assert.ts";
export { equal } from "./equal.ts";
export { assertEquals, assertNotEquals, assertNotStrictEquals, assertStrictEquals } from "./equals.ts";
export { type ArrayLikeArg, assertArrayIncludes, assertMatch, assertStringIncludes } from "./includes.ts";
export { assertObjectMatch } from "./object_match.ts";
export { assertAlmostEquals, assertGreater, assertGreaterOrEqual, assertLess, assertLessOrEqual } from "./order.ts";
export { assertRejects, assertThrows } from "./throws.ts";
export { AssertionError } from "./assertion_error.ts";
