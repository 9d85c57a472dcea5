import { AssertionError } from "./assertion_error.ts";
import { writeMessage } from "./_message.ts";

// deno-lint-ignore no-explicit-any
type ErrorClass<E extends Error> = abstract new (...args: any[]) => E;

/** What is expected of a thrown value, read from the two ways of calling. */
interface Expectation {
  readonly errorClass: ErrorClass<Error> | undefined;
  readonly msgIncludes: string | undefined;
  readonly msg: string | undefined;
}

/** Color codes of terminals, which do not count when messages are compared. */
// deno-lint-ignore no-control-regex
const COLOR_CODES = /\x1b\[[\d;]*m/g;

/**
 * Assert that a function throws.
 *
 * @param fn The function.
 * @param msg Words to add to the message.
 * @returns What was thrown.
 *
 * @throws {AssertionError} when nothing is thrown.
 *
 * @example Usage
 * ```ts
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => {
 *   throw new Error("Foo");
 * });
 * ```
 */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/**
 * Assert that a function throws an error of a class.
 *
 * @typeParam E The class.
 * @param fn The function.
 * @param ErrorClass The class; its subclasses fit as well.
 * @param msgIncludes Text that the error's message includes.
 * @param msg Words to add to the message.
 * @returns The error.
 *
 * @throws {AssertionError} when nothing or something else is thrown.
 *
 * @example Usage
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const error = assertThrows(() => "Foo".repeat(-1), RangeError);
 * assertEquals(error.name, "RangeError");
 * ```
 */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  errorClassOrMsg?: ErrorClass<E> | string,
  msgIncludesOrMsg?: string,
  msg?: string,
): unknown {
  const expectation = readExpectation(errorClassOrMsg, msgIncludesOrMsg, msg);
  try {
    fn();
  } catch (error) {
    checkError(error, expectation);
    return error;
  }
  throw new AssertionError(writeMessage("Expected the function to throw, it returned", expectation.msg));
}

/**
 * Assert that a function returns a promise that rejects.
 *
 * @param fn The function.
 * @param msg Words to add to the message.
 * @returns A promise of the reason.
 *
 * @throws {AssertionError} when the promise fulfills, the function throws, or it returns no promise: as a rejection.
 *
 * @example Usage
 * ```ts
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(() => Promise.reject(new Error("Foo")));
 * ```
 */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
/**
 * Assert that a function returns a promise that rejects with an error of a class.
 *
 * @typeParam E The class.
 * @param fn The function.
 * @param ErrorClass The class; its subclasses fit as well.
 * @param msgIncludes Text that the error's message includes.
 * @param msg Words to add to the message.
 * @returns A promise of the error.
 *
 * @throws {AssertionError} when the promise fulfills or the reason is something else, the function throws, or it returns
 * no promise: as a rejection.
 *
 * @example Usage
 * ```ts
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(() => Promise.reject(new RangeError("Foo is late")), RangeError, "late");
 * ```
 */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClassOrMsg?: ErrorClass<E> | string,
  msgIncludesOrMsg?: string,
  msg?: string,
): Promise<unknown> {
  const expectation = readExpectation(errorClassOrMsg, msgIncludesOrMsg, msg);
  const promise = startPromise(fn, expectation.msg);
  try {
    await promise;
  } catch (error) {
    checkError(error, expectation);
    return error;
  }
  throw new AssertionError(writeMessage("Expected the promise to reject, it fulfilled", expectation.msg));
}

function readExpectation(
  errorClassOrMsg: ErrorClass<Error> | string | undefined,
  msgIncludesOrMsg: string | undefined,
  msg: string | undefined,
): Expectation {
  if (typeof errorClassOrMsg === "string") {
    return { errorClass: undefined, msgIncludes: undefined, msg: errorClassOrMsg };
  }
  const errorClass = isErrorClass(errorClassOrMsg) ? errorClassOrMsg : undefined;
  return { errorClass, msgIncludes: msgIncludesOrMsg, msg };
}

/** Another class is no expectation at all: as in the real package. */
function isErrorClass(value: ErrorClass<Error> | undefined): boolean {
  return value !== undefined && (value === Error || value.prototype instanceof Error);
}

/** Not async: a throw of `fn` itself is another mistake than a rejection. */
function startPromise(fn: () => PromiseLike<unknown>, msg: string | undefined): PromiseLike<unknown> {
  let returned: unknown;
  try {
    returned = fn();
  } catch (error) {
    throw new AssertionError(writeMessage("Expected the function to return a promise, it threw", msg), {
      cause: error,
    });
  }
  if (!isThenable(returned)) {
    throw new AssertionError(writeMessage("Expected the function to return a promise, it returned none", msg));
  }
  return returned;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** Without a class, whatever was thrown will do. */
function checkError(error: unknown, { errorClass, msgIncludes, msg }: Expectation): void {
  if (errorClass === undefined) return;
  if (!(error instanceof Error)) {
    throw new AssertionError(writeMessage(`Expected an error of class "${errorClass.name}", got no Error object`, msg));
  }
  if (!(error instanceof errorClass)) {
    const { constructor } = error as Error;
    const sentence = `Expected an error of class "${errorClass.name}", got one of class "${constructor?.name}"`;
    throw new AssertionError(writeMessage(sentence, msg), { cause: error });
  }
  if (msgIncludes !== undefined && !stripColors(error.message).includes(stripColors(msgIncludes))) {
    const sentence = `Expected an error with ${JSON.stringify(msgIncludes)} in its message, got "${error.message}"`;
    throw new AssertionError(writeMessage(sentence, msg), { cause: error });
  }
}

function stripColors(text: string): string {
  return text.replace(COLOR_CODES, "");
}
