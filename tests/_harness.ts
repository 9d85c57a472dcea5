/**
 * The one way into a test runner for the tests of `machine/` and the conformance, so that each runtime's own can run
 * them: that of Deno, that of Node, or a list where there is none, as in a page.
 *
 * @module
 */

/** A test that waits in a list. */
export interface ListedTest {
  readonly name: string;
  readonly fn: () => void | Promise<void>;
}

/** The tests of a runtime without a runner, in the order of their registration. */
export const LISTED_TESTS: ListedTest[] = [];

type Register = (name: string, fn: () => void | Promise<void>) => void;

/** The parts of Deno, Node and Bun that this file looks for. */
interface Runtime {
  Deno?: { test?: Register };
  Bun?: unknown;
  process?: { getBuiltinModule?(name: string): { test: Register } };
}

const register = findRunner(globalThis as Runtime);

/** Register a test. */
export function test(name: string, fn: () => void | Promise<void>): void {
  register(name, fn);
}

/** Bun has a `node:test`, too, but only below its own runner, which wants its own names of files. */
function findRunner({ Deno: deno, Bun: bun, process }: Runtime): Register {
  if (deno?.test !== undefined) return deno.test;
  if (bun === undefined && process?.getBuiltinModule !== undefined) return process.getBuiltinModule("node:test").test;
  return (name, fn) => void LISTED_TESTS.push({ name, fn });
}
