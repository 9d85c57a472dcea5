// Replays what was recorded of the Go original. `replay.ts` compares, `vectors/README.md` says what the files are.

import { test } from "../_harness.ts";
import { replay, report } from "./replay.ts";
import { loadVectors } from "./vectors.ts";

const FAMILIES = {
  A: "relations",
  B: "handlers",
  C: "nested",
  D: "errors",
  E: "subscriptions",
  F: "state contexts",
  G: "questions",
  H: "real schemas",
  L: "large",
  P: "pinned order",
};
/** Defects of the original: counted, not required. */
const QUIRKS = "Q";
const REPORTS_SHOWN = 10;

const table = new Map<string, { passed: number; failed: number }>();

for (const [family, subject] of Object.entries(FAMILIES)) {
  test(`Machine does what the original did: family ${family}, ${subject}`, async () => {
    const reports = await replayFamily(family);
    if (reports.length > 0) throw new Error(summarize(reports));
  });
}

test("Machine may differ where the original has a defect: family Q", async () => {
  for (const text of await replayFamily(QUIRKS)) console.log(text.split("\n", 1)[0]);
  console.log(formatTable());
});

/** Replay all vectors of a family. Returns a report for each one that differs. */
async function replayFamily(family: string): Promise<string[]> {
  const vectors = await loadVectors(family);
  const reports: string[] = [];
  for (const vector of vectors) {
    const differences = await replay(vector);
    if (differences.length > 0) reports.push(report(vector, differences));
  }
  table.set(family, { passed: vectors.length - reports.length, failed: reports.length });
  return reports;
}

function summarize(reports: readonly string[]): string {
  const more = reports.length > REPORTS_SHOWN ? [`… and ${reports.length - REPORTS_SHOWN} more`] : [];
  return [`${reports.length} vectors differ`, ...reports.slice(0, REPORTS_SHOWN), ...more].join("\n");
}

function formatTable(): string {
  const rows = [...table].map(([family, { passed, failed }]) =>
    `${family.padEnd(6)} ${String(passed).padStart(6)} ${String(failed).padStart(6)}`
  );
  return ["family passed failed", ...rows].join("\n");
}
