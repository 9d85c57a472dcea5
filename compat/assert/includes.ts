import { AssertionError } from "./assertion_error.ts";
import { equal } from "./equal.ts";
import { format } from "./_format.ts";
import { writeMessage } from "./_message.ts";

/** Something with items by index and a length, but not a string. */
export type ArrayLikeArg<T> = ArrayLike<T> & object;

/**
 * Assert that a list has items equal to all of those expected, in any order.
 *
 * @typeParam T The type of an item.
 * @param actual The list.
 * @param expected Items to look for.
 * @param msg Words to add to the message.
 *
 * @throws {AssertionError} when one is missing.
 *
 * @example Usage
 * ```ts
 * import { assertArrayIncludes } from "@std/assert";
 *
 * assertArrayIncludes(["Foo", "Bar", "Baz"], ["Baz", "Foo"]);
 * ```
 */
export function assertArrayIncludes<T>(actual: ArrayLikeArg<T>, expected: ArrayLikeArg<T>, msg?: string): void {
  const items = listItems(actual);
  const missing = listItems(expected).filter((wanted) => !items.some((item) => equal(wanted, item)));
  if (missing.length === 0) return;
  throw new AssertionError(writeMessage(`Expected ${format(actual)} to include ${format(missing)}`, msg));
}

/**
 * Assert that a text has another one in it.
 *
 * @param actual The text.
 * @param expected The text to look for.
 * @param msg Words to add to the message.
 *
 * @throws {AssertionError} when it is missing.
 *
 * @example Usage
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 *
 * assertStringIncludes("[add] Foo", "Foo");
 * ```
 */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (actual.includes(expected)) return;
  throw new AssertionError(writeMessage(`Expected text ${format(actual)} to include ${format(expected)}`, msg));
}

/**
 * Assert that a text matches a pattern.
 *
 * @param actual The text.
 * @param expected The pattern.
 * @param msg Words to add to the message.
 *
 * @throws {AssertionError} when it does not match.
 *
 * @example Usage
 * ```ts
 * import { assertMatch } from "@std/assert";
 *
 * assertMatch("[add] Foo", /^\[\w+\]/);
 * ```
 */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (expected.test(actual)) return;
  throw new AssertionError(writeMessage(`Expected text ${format(actual)} to match ${expected}`, msg));
}

/** By index, whether or not the list can be iterated. */
function listItems<T>(list: ArrayLikeArg<T>): unknown[] {
  return Array.from({ length: list.length }, (_, i) => list[i]);
}
