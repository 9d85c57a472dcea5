import { AssertionError } from "./assertion_error.ts";
import { format } from "./_format.ts";
import { writeMessage } from "./_message.ts";

/** Share of the expected number that the actual one may be off, unless told otherwise. */
const TOLERANCE = 1e-7;

/**
 * Assert that a value is greater than another one.
 *
 * @typeParam T The type of both.
 * @param actual The value to check.
 * @param expected What it is to be greater than.
 * @param msg The whole message of the error.
 *
 * @throws {AssertionError} when it is not.
 *
 * @example Usage
 * ```ts
 * import { assertGreater } from "@std/assert";
 *
 * assertGreater(2, 1);
 * ```
 */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (actual > expected) return;
  throw new AssertionError(msg ?? writeOrder(actual, "greater than", expected));
}

/**
 * Assert that a value is greater than another one, or equal to it.
 *
 * @typeParam T The type of both.
 * @param actual The value to check.
 * @param expected What it is to reach.
 * @param msg The whole message of the error.
 *
 * @throws {AssertionError} when it does not.
 *
 * @example Usage
 * ```ts
 * import { assertGreaterOrEqual } from "@std/assert";
 *
 * assertGreaterOrEqual(2, 2);
 * ```
 */
export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (actual >= expected) return;
  throw new AssertionError(msg ?? writeOrder(actual, "greater than or equal to", expected));
}

/**
 * Assert that a value is less than another one.
 *
 * @typeParam T The type of both.
 * @param actual The value to check.
 * @param expected What it is to be less than.
 * @param msg The whole message of the error.
 *
 * @throws {AssertionError} when it is not.
 *
 * @example Usage
 * ```ts
 * import { assertLess } from "@std/assert";
 *
 * assertLess(1, 2);
 * ```
 */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (actual < expected) return;
  throw new AssertionError(msg ?? writeOrder(actual, "less than", expected));
}

/**
 * Assert that a value is less than another one, or equal to it.
 *
 * @typeParam T The type of both.
 * @param actual The value to check.
 * @param expected What it is not to exceed.
 * @param msg The whole message of the error.
 *
 * @throws {AssertionError} when it exceeds it.
 *
 * @example Usage
 * ```ts
 * import { assertLessOrEqual } from "@std/assert";
 *
 * assertLessOrEqual(2, 2);
 * ```
 */
export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (actual <= expected) return;
  throw new AssertionError(msg ?? writeOrder(actual, "less than or equal to", expected));
}

/**
 * Assert that a number is close to another one.
 *
 * @param actual The number to check.
 * @param expected The number it is to be close to.
 * @param tolerance How far it may be off; a ten-millionth of `expected` by default.
 * @param msg Words to add to the message.
 *
 * @throws {AssertionError} when it is further off.
 *
 * @example Usage
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(0.1 + 0.2, 0.3);
 * ```
 */
export function assertAlmostEquals(actual: number, expected: number, tolerance?: number, msg?: string): void {
  if (Object.is(actual, expected)) return;
  const limit = tolerance ?? (Number.isFinite(expected) ? Math.abs(expected * TOLERANCE) : TOLERANCE);
  const distance = Math.abs(expected - actual);
  if (distance <= limit) return;
  const sentence = `Expected ${format(actual)} to be within ${limit} of ${format(expected)}: it is ${distance} off`;
  throw new AssertionError(writeMessage(sentence, msg));
}

function writeOrder(actual: unknown, relation: string, expected: unknown): string {
  return `Expected ${format(actual)} to be ${relation} ${format(expected)}`;
}
