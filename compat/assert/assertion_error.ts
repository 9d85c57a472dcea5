/**
 * Error thrown when an assertion does not hold.
 *
 * @example Usage
 * ```ts
 * import { assertEquals, AssertionError, assertThrows } from "@std/assert";
 *
 * assertThrows(() => assertEquals(1, 2), AssertionError);
 * ```
 */
export class AssertionError extends Error {
  /**
   * Make the error.
   *
   * @param message What did not hold.
   * @param options The cause, if another error led here.
   */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}
