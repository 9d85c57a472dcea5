/**
 * Runs the tests that `tests/_harness.ts` listed, where the runtime has no runner of its own that could.
 *
 * @module
 */
import { LISTED_TESTS } from "../_harness.ts";

/** What came of all tests. */
export interface Outcome {
  readonly passed: number;
  /** Name and error of each test that failed. */
  readonly failures: readonly string[];
}

/**
 * Run the tests one after the other.
 *
 * @param takeUnhandled Returns the reasons of the rejections that nobody handled since it was called last: they fail the
 * test in which they come.
 */
export async function runListed(takeUnhandled: () => unknown[]): Promise<Outcome> {
  let passed = 0;
  const failures: string[] = [];
  for (const { name, fn } of LISTED_TESTS) {
    const errors: unknown[] = [];
    try {
      await fn();
    } catch (error) {
      errors.push(error);
    }
    await eventLoopTurn(); // unhandled rejections are reported now
    errors.push(...takeUnhandled());
    if (errors.length === 0) passed++;
    else failures.push([name, ...errors.map(describe)].join("\n"));
  }
  return { passed, failures };
}

/** The time-out of a page waits for 4 ms, and a message waits for nothing. */
function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error}\n${error.stack ?? ""}` : String(error);
}
