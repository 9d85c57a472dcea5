/**
 * Make each fault of `mutants.ts` in a copy of the project, and see that a test of `tests/machine/` fails for it.
 *
 * Run it: `deno task mutants [PART…]`; a PART of a file's name picks the faults of that file. Exits 1 when a fault survives.
 *
 * @module
 */
import { type Mutant, MUTANTS } from "./mutants.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const WORKERS = 2;
/** A fault that makes the engine loop is noticed too: by the clock. */
const LIMIT_MS = 120_000;

/** Tests that see most faults of a file, run first; all others of `tests/machine/` follow. The property test comes last. */
const FIRST: Readonly<Record<string, readonly string[]>> = {
  "machine/_resolver.ts": ["resolver", "transition", "plan"],
  "machine/_stable_sort.ts": ["resolver"],
  "machine/_stepwise.ts": ["stepwise", "machine_mutations"],
  "machine/_memo.ts": ["memo", "stepwise"],
  "machine/_handler_class.ts": ["handler_class"],
  "machine/_move.ts": ["move", "stepwise", "transition", "execute"],
  "machine/_order.ts": ["stepwise", "machine_reading"],
  "machine/_quiet.ts": ["quiet", "stepwise", "machine_mutations", "subscriptions"],
  "machine/_plan.ts": ["plan", "names"],
  "machine/_queue.ts": ["queue", "machine_mutations"],
  "machine/_handler_table.ts": ["handler_table"],
  "machine/_execute.ts": ["execute", "transition"],
  "machine/_call.ts": ["execute", "event", "drain"],
  "machine/_drain.ts": ["drain"],
  "machine/subscriptions.ts": ["subscriptions"],
};
const LAST = "property";

if (import.meta.main) Deno.exit(await main(Deno.args) ? 0 : 1);

async function main(parts: readonly string[]): Promise<boolean> {
  const chosen = MUTANTS.filter(({ file }) => parts.length === 0 || parts.some((part) => file.includes(part)));
  const waiting = [...chosen];
  const survivors: Mutant[] = [];
  await Promise.all(Array.from({ length: WORKERS }, async () => {
    const copy = await copyProject();
    try {
      for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
        const isKilled = await kill(copy, mutant);
        if (!isKilled) survivors.push(mutant);
        console.log(`${isKilled ? "killed  " : "SURVIVED"} ${mutant.file}: ${describe(mutant)}`);
      }
    } finally {
      await Deno.remove(copy, { recursive: true });
    }
  }));
  console.log(`${chosen.length - survivors.length} of ${chosen.length} faults noticed`);
  return survivors.length === 0 && chosen.length > 0;
}

/** Put a fault in, run the tests until one fails, and take it out again. */
async function kill(copy: string, { file, find, replace }: Mutant): Promise<boolean> {
  const path = `${copy}/${file}`;
  const source = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, source.replace(find, () => replace));
  try {
    for (const tests of await testsFor(copy, file)) {
      if (!await passes(copy, tests)) return true;
    }
    return false;
  } finally {
    await Deno.writeTextFile(path, source);
  }
}

/** The tests in groups, those that most likely fail first. */
async function testsFor(copy: string, file: string): Promise<string[][]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(`${copy}/tests/machine`)) {
    if (name.endsWith("_test.ts")) names.push(name.slice(0, -"_test.ts".length));
  }
  const first = names.filter((name) => FIRST[file]?.includes(name));
  const others = names.filter((name) => !first.includes(name) && name !== LAST).sort();
  const groups = [first, others, [LAST]].filter((group) => group.length > 0);
  return groups.map((group) => group.map((name) => `tests/machine/${name}_test.ts`));
}

async function passes(copy: string, tests: readonly string[]): Promise<boolean> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["test", "--quiet", "--no-check", "--fail-fast", "--allow-read", "--allow-env", ...tests],
    cwd: copy,
    env: { NO_COLOR: "1", PROPERTY_STEPS: "20000" },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const timer = setTimeout(() => process.kill("SIGKILL"), LIMIT_MS);
  const { success } = await process.status;
  clearTimeout(timer);
  return success;
}

/** Copy what git knows and what is new, to where the faults may be made. */
async function copyProject(): Promise<string> {
  const copy = await Deno.makeTempDir({ prefix: "mutants-" });
  const { stdout } = await new Deno.Command("git", {
    args: ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    cwd: ROOT,
  }).output();
  for (const path of new TextDecoder().decode(stdout).split("\0").filter(Boolean)) {
    await Deno.mkdir(`${copy}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.copyFile(`${ROOT}${path}`, `${copy}/${path}`);
  }
  return copy;
}

function describe({ find, replace }: Mutant): string {
  const short = (text: string) => JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
  return `${short(find)} → ${short(replace)}`;
}
