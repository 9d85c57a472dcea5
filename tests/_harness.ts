/**
 * The one way into a test runner for the tests of `machine/`, so that another runtime can stand in for Deno.
 *
 * @module
 */

/** Register a test. */
export function test(name: string, fn: () => void | Promise<void>): void {
  Deno.test(name, fn);
}
