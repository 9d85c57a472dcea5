/**
 * Runs the tests of `machine/` and the recorded vectors in other runtimes, and wants each to pass as many as Deno.
 *
 * `package` installs what `deno pack` makes, in Node 20, and has checks of its own. So has `page`, which exports from a page
 * in Chromium to telemetry servers.
 *
 * Run it: `deno task test:runtimes [NAME…]`; a NAME such as `bun` picks the runtimes. A runtime that is not there is
 * skipped, or fails when CI is "true".
 *
 * @module
 */
import { ROOT, run, versionOf } from "./_command.ts";
import { bundlePage, findBrowser, runInBrowser } from "./_browser.ts";
import { resolveImports } from "./_imports.ts";
import { PACK_CHECKS, runPacked } from "./_pack.ts";
import { createServer } from "../../telemetry/server.ts";
import type { PageServers } from "./_telemetry_page.ts";
import { judge, type Run } from "./_verdict.ts";

/** How many tests `_telemetry_page.ts` has. */
const PAGE_TESTS = 3;

const FOLDERS = ["tests/machine", "tests/conformance"];
/** A runtime runs out of luck in a few steps or not at all; many are for `deno task test:nightly`. */
const ENV = { PROPERTY_STEPS: "10000" };

/** What a runtime is given. */
interface Project {
  /** Paths of the test files. */
  readonly files: readonly string[];
  /** Where imports lead: URLs by specifier. */
  readonly imports: Record<string, string>;
  /** A folder for what only this run needs. */
  readonly folder: string;
}

const RUNTIMES: Readonly<Record<string, (project: Project) => Promise<Run>>> = {
  Node: runInNode,
  Bun: runInBun,
  Chromium: runInChromium,
  Package: ({ folder }) => runPacked(folder),
  Page: ({ folder }) => runTelemetryPage(folder),
};

/** What passes where it is not the tests that Deno runs. */
const OWN_COUNTS: Readonly<Record<string, number>> = { Package: PACK_CHECKS, Page: PAGE_TESTS };

if (import.meta.main) Deno.exit(await main(Deno.args) ? 0 : 1);

async function main(names: readonly string[]): Promise<boolean> {
  const isChosen = (name: string) => names.length === 0 || names.some((it) => it.toLowerCase() === name.toLowerCase());
  const folder = await Deno.makeTempDir({ prefix: "runtimes-" });
  try {
    const project = { files: await listFiles(), imports: await resolveImports(folder), folder };
    const expected = await countInDeno();
    console.log(`Deno ${Deno.version.deno} passes ${expected} tests`);
    let isGood = true;
    for (const [name, runTests] of Object.entries(RUNTIMES)) {
      if (!isChosen(name)) continue;
      const result = await runTests(project);
      const verdict = judge(name, OWN_COUNTS[name] ?? expected, result, Deno.env.get("CI") === "true");
      if (!verdict.isGood && "text" in result) console.log(result.text);
      console.log(verdict.line);
      isGood &&= verdict.isGood;
    }
    return isGood;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function listFiles(): Promise<string[]> {
  const files: string[] = [];
  for (const folder of FOLDERS) {
    for await (const { name } of Deno.readDir(new URL(folder, ROOT))) {
      if (name.endsWith("_test.ts")) files.push(new URL(`${folder}/${name}`, ROOT).pathname);
    }
  }
  return files.sort();
}

async function countInDeno(): Promise<number> {
  const args = ["test", "--no-check", "--allow-read", "--allow-env", ...FOLDERS];
  const { success, text } = await run(Deno.execPath(), args, { env: ENV });
  const passed = Number(/^ok \| (\d+) passed/m.exec(text)?.[1] ?? 0);
  if (!success || passed === 0) throw new Error(`The tests fail in Deno:\n${text}`);
  return passed;
}

async function runInNode({ files, imports }: Project): Promise<Run> {
  const npx = ["--yes", "node@24"];
  const version = await versionOf("npx", ...npx);
  if (version === undefined) return { missing: "install Node, with npx" };
  const script = [
    "--no-warnings",
    "--test-reporter=tap",
    "--import=./tests/runtime/_node_hooks.ts",
    "tests/runtime/node.ts",
  ];
  const env = { ...ENV, IMPORTS: JSON.stringify(imports) };
  const { success, stdout, text } = await run("npx", [...npx, ...script, ...files], { env });
  const countOf = (word: string) => Number(new RegExp(`^# ${word} (\\d+)$`, "m").exec(stdout)?.[1] ?? 0);
  const failed = countOf("fail") + countOf("cancelled");
  return { version, passed: countOf("pass"), failed: success ? failed : Math.max(failed, 1), text };
}

async function runInBun({ files, imports, folder }: Project): Promise<Run> {
  const npx = ["--yes", "bun@1"];
  const version = await versionOf("npx", ...npx);
  if (version === undefined) return { missing: "install Node, with npx" };
  const paths = Object.fromEntries(Object.entries(imports).map(([name, url]) => [name, [new URL(url).pathname]]));
  const config = `${folder}/tsconfig.json`;
  await Deno.writeTextFile(config, JSON.stringify({ compilerOptions: { baseUrl: ROOT.pathname, paths } }));
  const args = [...npx, `--tsconfig-override=${config}`, "tests/runtime/bun.ts", ...files];
  const { success, stdout, text } = await run("npx", args, { env: ENV });
  return { version, ...readOutcome(success ? stdout.trimEnd().split("\n").at(-1)! : "", text) };
}

/** A page has no environment, so the property test takes its full number of steps. */
async function runInChromium({ files, folder }: Project): Promise<Run> {
  const browser = await findBrowser();
  if (browser === undefined) return { missing: "install chromium, as by apt-get install chromium" };
  const script = await bundlePage(files, folder);
  const outcome = await runInBrowser(browser.path, () => script, folder);
  return { version: browser.version, ...readOutcome(outcome, "The page posted nothing") };
}

async function runTelemetryPage(folder: string): Promise<Run> {
  const browser = await findBrowser();
  if (browser === undefined) return { missing: "install chromium, as by apt-get install chromium" };
  const bundle = await bundlePage([new URL("_telemetry_page.ts", import.meta.url).pathname], folder);
  await using ended = new AsyncDisposableStack();
  const tokens = { ingest: "ingest-token-of-the-page", control: "control-token-of-the-page" };
  const outcome = await runInBrowser(browser.path, async (origin) => {
    const settings = { port: 0, tokens, openReads: false, onListen: () => {} };
    const listed = ended.use(createServer({ ...settings, allowedOrigins: [origin] }));
    const other = ended.use(createServer(settings));
    const servers: PageServers = { listed: await listed.listen(), other: await other.listen(), token: tokens.control };
    return `globalThis.servers = ${JSON.stringify(servers)};\n${bundle}`;
  }, folder);
  return { version: browser.version, ...readOutcome(outcome, "The page posted nothing") };
}

/** Read what `_list.ts` found, which is JSON; a run that broke off has none. */
function readOutcome(json: string, text: string): { passed: number; failed: number; text: string } {
  if (json === "") return { passed: 0, failed: 1, text };
  const { passed, failures } = JSON.parse(json);
  return { passed, failed: failures.length, text: failures.join("\n\n") };
}
