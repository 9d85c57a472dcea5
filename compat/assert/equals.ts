import { AssertionError } from "./assertion_error.ts";
import { equal } from "./equal.ts";
import { format } from "./_format.ts";
import { writeDifference } from "./_difference.ts";
import { writeMessage } from "./_message.ts";

/**
 * Assert that two values are equal by their contents, as {@linkcode equal} tells it: 0 equals -0.
 *
 * @typeParam T The type of both.
 * @param actual The value to check.
 * @param expected The value it is to equal.
 * @param msg Words to add to the message.
 *
 * @throws {AssertionError} when they are not equal.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Map([["Foo", 1]]), new Map([["Foo", 1]]));
 * ```
 */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  throw new AssertionError(`${writeMessage("Values differ", msg)}\n${writeDifference(actual, expected)}`);
}

/**
 * Assert that two values are not equal by their contents, as {@linkcode equal} tells it.
 *
 * @typeParam T The type of both.
 * @param actual The value to check.
 * @param expected The value it is to differ from.
 * @param msg Words to add to the message.
 *
 * @throws {AssertionError} when they are equal.
 *
 * @example Usage
 * ```ts
 * import { assertNotEquals } from "@std/assert";
 *
 * assertNotEquals<unknown>([1], ["1"]);
 * ```
 */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!equal(actual, expected)) return;
  const sentence = `Expected another value than ${format(expected)}, got ${format(actual)}`;
  throw new AssertionError(writeMessage(sentence, msg));
}

/**
 * Assert that two values are the same, as `Object.is` tells it: 0 differs from -0, and `NaN` is itself.
 *
 * @typeParam T The type of the expected value, and of `actual` from then on.
 * @param actual The value to check.
 * @param expected The value it is to be.
 * @param msg Words to add to the message.
 *
 * @throws {AssertionError} when they are not the same.
 *
 * @example Usage
 * ```ts
 * import { assertStrictEquals } from "@std/assert";
 *
 * const states = ["Foo"];
 * assertStrictEquals(states, states);
 * ```
 */
export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T {
  if (Object.is(actual, expected)) return;
  throw new AssertionError(`${writeMessage("Values are not the same", msg)}\n${writeDifference(actual, expected)}`);
}

/**
 * Assert that two values are not the same, as `Object.is` tells it.
 *
 * @typeParam T The type of both.
 * @param actual The value to check.
 * @param expected The value it is not to be.
 * @param msg Words to add to the message.
 *
 * @throws {AssertionError} when they are the same.
 *
 * @example Usage
 * ```ts
 * import { assertNotStrictEquals } from "@std/assert";
 *
 * assertNotStrictEquals(["Foo"], ["Foo"]);
 * ```
 */
export function assertNotStrictEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!Object.is(actual, expected)) return;
  throw new AssertionError(writeMessage(`Expected not to be given the same value, got ${format(actual)}`, msg));
}
