/**
 * Measures which branches of `machine/` two suites reach, each alone: its own tests, and the recorded vectors. Only the
 * first has to keep the threshold of `deno.json`: the vectors say that the machine does what the original did, not that
 * somebody thought of a case.
 *
 * Run with `deno task coverage`.
 *
 * @module
 */

const ROOT = new URL("../../", import.meta.url);

/** The sources of `machine/`, not the tests beside which the same word stands. */
const MACHINE_PATTERN = `^${ROOT.href.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}machine/`;

/** What was reached, in percent, by file of `machine/`, and of `All files`. */
type Report = Map<string, { readonly branches: string; readonly functions: string }>;

const own = await measure("machine", "tests/machine/", []);
// The threshold counts for the tests alone, and a report below it exits with an error.
const vectors = await measure("vectors", "tests/conformance/", ["--threshold=0"]);

printTable(own.report, vectors.report);
if (!own.success) {
  console.error(`\n${own.message}`);
  Deno.exit(1);
}

/** Runs the tests of one folder and reports on `machine/`. */
async function measure(
  name: string,
  tests: string,
  options: string[],
): Promise<{ report: Report; success: boolean; message: string }> {
  const data = `.coverage/${name}`;
  // Coverage makes the machine slow, and the property tests reach every branch they ever reach in a short run.
  const env = { PROPERTY_STEPS: "5000", NO_COLOR: "1" };
  const permissions = ["--allow-read=.", "--allow-run=deno", "--allow-env"];
  const run = await deno(
    ["test", "--clean", `--coverage=${data}`, "--coverage-raw-data-only", ...permissions, tests],
    env,
  );
  if (!run.success) {
    console.error(run.text);
    Deno.exit(1);
  }
  const { text, success } = await deno(["coverage", `--include=${MACHINE_PATTERN}`, ...options, data], env);
  return { report: readReport(text), success, message: text.slice(Math.max(text.indexOf("error:"), 0)).trim() };
}

async function deno(args: string[], env: Record<string, string>): Promise<{ success: boolean; text: string }> {
  const { success, stdout, stderr } = await new Deno.Command("deno", { args, env, cwd: ROOT }).output();
  const decoder = new TextDecoder();
  return { success, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** Reads the rows `| clock.ts | 97.5 | 100.0 | 99.0 |`: file, branches, functions, lines. */
function readReport(text: string): Report {
  const report: Report = new Map();
  for (const [, file, branches, functions] of text.matchAll(/^\| (\S.*?) +\| +([\d.]+) \| +([\d.]+) \|/gm)) {
    report.set(file!, { branches: branches!, functions: functions! });
  }
  return report;
}

/** Functions stand there too: one that is never called has no branches to miss. */
function printTable(own: Report, vectors: Report): void {
  const row = (file: string, ...figures: string[]) =>
    console.log(file.padEnd(24) + figures.map((figure) => figure.padStart(16)).join(""));
  row("reached, %", "tests/machine:", "", "vectors alone:", "");
  row("", "branches", "functions", "branches", "functions");
  for (const [file, { branches, functions }] of own) {
    const vector = vectors.get(file);
    row(file, branches, functions, vector?.branches ?? "-", vector?.functions ?? "-");
  }
}
