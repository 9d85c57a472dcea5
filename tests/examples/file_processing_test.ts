import { assert, assertEquals, assertMatch } from "@std/assert";

const EXAMPLE = new URL("../../examples/file_processing.ts", import.meta.url).pathname;
const README = new URL("../../README.md", import.meta.url).pathname;

interface Outcome {
  code: number;
  out: string[];
  err: string;
}

async function run(command: string, args: string[]): Promise<Outcome> {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout).split("\n"), err: decoder.decode(stderr).trim() };
}

function runExample(path: string, ...permissions: string[]): Promise<Outcome> {
  return run(Deno.execPath(), ["run", "--quiet", "--no-prompt", ...permissions, EXAMPLE, path]);
}

Deno.test("file_processing prints the log of a processed file and its words, and exits 0", async () => {
  const { code, out, err } = await runExample(README, "--allow-read");
  const words = (await Deno.readTextFile(README)).split(/\s+/).filter(Boolean).length;
  assertEquals(err, "");
  assertEquals(code, 0);
  assertMatch(out.shift()!, /^\[handlers\] bind 0:anon-[0-9a-f]{4}$/);
  const shownPath = README.length > 20 ? `${README.slice(0, 17)}...` : README;
  assertEquals(out, [
    `[queue:add] ProcessingFile (path=${shownPath})`,
    `[add] ProcessingFile (path=${shownPath})`,
    "[implied] InProgress",
    "[handler:0] ProcessingFileEnter",
    `[state] +ProcessingFile +InProgress (path=${shownPath})`,
    "[handler:0] ProcessingFileState",
    "[ctx:new] ProcessingFile",
    "[when:new] FileProcessed",
    "[when:new] Exception",
    "[queue:add] FileProcessed",
    "[add] FileProcessed",
    "[rel:remove] InProgress by FileProcessed",
    "[rel:remove] ProcessingFile by FileProcessed",
    "[state] +FileProcessed -ProcessingFile -InProgress",
    "[ctx:match] ProcessingFile",
    "[handler:0] FileProcessedState",
    "[when:match] FileProcessed",
    `done: ${words} words in ${README}`,
    "",
  ]);
});

for (
  const [what, path] of [["a missing file", `${README}.missing`], [
    "a directory",
    new URL(".", import.meta.url).pathname,
  ]]
) {
  Deno.test(`file_processing rejects ${what} with one message and exits 1`, async () => {
    const { code, out, err } = await runExample(path!, "--allow-read");
    assertEquals(code, 1);
    assertEquals(err, `error: Cannot process "${path}": it is not a file`);
    assert(out.some((line) => line.startsWith("[cancel] (ProcessingFile InProgress) by ProcessingFileEnter")));
  });
}

Deno.test("file_processing ends in Exception with one message when it may not look at the file", async () => {
  const { code, out, err } = await runExample(README, "--allow-read=/nowhere");
  assertEquals(code, 1);
  assertMatch(err, /^error: Requires read access to [^\n]+$/);
  assert(out.includes("[state] +Exception"));
});

Deno.test("file_processing ends in Exception with one message when the file is unreadable", async (test) => {
  const directory = await Deno.makeTempDir();
  try {
    const path = `${directory}/unreadable.txt`;
    await Deno.writeTextFile(path, "secret", { mode: 0o000 });
    const restricted = await withoutOverride();
    if (restricted === null) {
      console.log(`skipped: ${test.name}: as root it needs setpriv (Debian: apt-get install util-linux)`);
      assertEquals(Deno.env.get("CI"), undefined, "CI needs setpriv");
      return;
    }
    const deno = ["run", "--quiet", "--no-prompt", "--no-lock", "--allow-read", EXAMPLE, path];
    const [command, ...args] = [...restricted, Deno.execPath(), ...deno];
    const { code, out, err } = await run(command!, args);
    assertMatch(err, /^error: Permission denied[^\n]*$/);
    assertEquals(code, 1);
    assert(out.includes("[state] +Exception"));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

/** The words in front of a command that is not to read what its owner may not; null when root cannot give that up. */
async function withoutOverride(): Promise<string[] | null> {
  if (Deno.uid() !== 0) return [];
  const capabilities = "-dac_override,-dac_read_search";
  const words = ["setpriv", `--bounding-set=${capabilities}`, `--inh-caps=${capabilities}`];
  try {
    return (await run(words[0]!, [...words.slice(1), "true"])).code === 0 ? words : null;
  } catch {
    return null;
  }
}
