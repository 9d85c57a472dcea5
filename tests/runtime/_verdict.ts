/**
 * What a run of the tests in another runtime comes to: a closing line such as Deno's own test runner prints.
 *
 * @module
 */

/** What a runtime did. */
export type Run = Counted | Missing;

/** The tests ran, or broke off. */
export interface Counted {
  readonly version: string;
  readonly passed: number;
  readonly failed: number;
  /** What to show when something failed. */
  readonly text: string;
}

/** The runtime is not there. */
export interface Missing {
  /** What to install. */
  readonly missing: string;
}

/** How a run counts: its line, and whether all is well. */
export interface Verdict {
  readonly line: string;
  readonly isGood: boolean;
}

/**
 * Judge one run.
 *
 * @param expected How many tests must pass: as many as in Deno.
 * @param isCi Whether a missing runtime is a failure.
 */
export function judge(name: string, expected: number, run: Run, isCi: boolean): Verdict {
  if ("missing" in run) {
    const line = `${name} is missing: ${run.missing}`;
    return isCi ? failure(0, 1, line) : { line: `skipped: ${line}`, isGood: true };
  }
  const { version, passed, failed } = run;
  const subject = `${name} ${version}`;
  if (failed > 0) return failure(passed, failed, subject);
  if (passed !== expected) return failure(passed, 1, `${subject}, where ${expected} should pass as in Deno`);
  return { line: closingLine("ok", passed, 0, subject), isGood: true };
}

function failure(passed: number, failed: number, subject: string): Verdict {
  return { line: closingLine("FAILED", passed, failed, subject), isGood: false };
}

function closingLine(word: string, passed: number, failed: number, subject: string): string {
  return `${word} | ${passed} passed | ${failed} failed (${subject})`;
}
