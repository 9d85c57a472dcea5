import { AssertionError } from "./assertion_error.ts";
import { writeMessage } from "./_message.ts";

/** Values that count as `false`. */
export type Falsy = false | 0 | 0n | "" | null | undefined;

/** A class that can be instantiated. */
// deno-lint-ignore no-explicit-any
export type AnyConstructor = new (...args: any[]) => any;

/** What a class makes. */
export type GetConstructorType<T extends AnyConstructor> = InstanceType<T>;

/**
 * Assert that a condition is truthy.
 *
 * @param expr The condition.
 * @param msg The whole message of the error.
 *
 * @throws {AssertionError} when `expr` is falsy.
 *
 * @example Usage
 * ```ts
 * import { assert } from "@std/assert";
 *
 * assert("Foo".startsWith("F"));
 * ```
 */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/**
 * Assert that a condition is falsy.
 *
 * @param expr The condition.
 * @param msg The whole message of the error.
 *
 * @throws {AssertionError} when `expr` is truthy.
 *
 * @example Usage
 * ```ts
 * import { assertFalse } from "@std/assert";
 *
 * assertFalse("Foo".startsWith("B"));
 * ```
 */
export function assertFalse(expr: unknown, msg = ""): asserts expr is Falsy {
  if (expr) throw new AssertionError(msg);
}

/**
 * Assert that a value is neither `null` nor `undefined`.
 *
 * @param actual The value.
 * @param msg Words to add to the message.
 *
 * @throws {AssertionError} when it is one of them.
 *
 * @example Usage
 * ```ts
 * import { assertExists } from "@std/assert";
 *
 * assertExists(0);
 * ```
 */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) {
    throw new AssertionError(writeMessage(`Expected a value, got ${actual}`, msg));
  }
}

/**
 * Assert that a value is an instance of a class.
 *
 * @typeParam T The class.
 * @param actual The value.
 * @param expectedType The class.
 * @param msg Words to add to the message.
 *
 * @throws {AssertionError} when it is not.
 *
 * @example Usage
 * ```ts
 * import { assertInstanceOf } from "@std/assert";
 *
 * assertInstanceOf(new RangeError(), Error);
 * ```
 */
// deno-lint-ignore no-explicit-any
export function assertInstanceOf<T extends abstract new (...args: any[]) => any>(
  actual: unknown,
  expectedType: T,
  msg = "",
): asserts actual is InstanceType<T> {
  if (actual instanceof expectedType) return;
  const sentence = `Expected an instance of class "${expectedType.name}", got ${describeKind(actual)}`;
  throw new AssertionError(writeMessage(sentence, msg));
}

/**
 * Fail on purpose.
 *
 * @param msg Words to add to the message.
 *
 * @throws {AssertionError} always.
 *
 * @example Usage
 * ```ts
 * import { assertThrows, fail } from "@std/assert";
 *
 * assertThrows(() => fail("the machine must not get here"));
 * ```
 */
export function fail(msg?: string): never {
  throw new AssertionError(writeMessage("Failed on purpose", msg));
}

/**
 * Mark a place that is never reached.
 *
 * @param msg Words to add to the message.
 *
 * @throws {AssertionError} always.
 *
 * @example Usage
 * ```ts
 * import { assertThrows, unreachable } from "@std/assert";
 *
 * assertThrows(() => unreachable());
 * ```
 */
export function unreachable(msg?: string): never {
  throw new AssertionError(writeMessage("Reached a place that is never reached", msg));
}

function describeKind(value: unknown): string {
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  const maker = value.constructor;
  return typeof maker === "function" ? `an instance of class "${maker.name}"` : "an object without a class";
}
