import { assert, assertEquals } from "@std/assert";
import { assertFails, assertGolden, type Outcome, runExample } from "./_run.ts";

Deno.test("file_workflow tries again, brings the file back, leaves no temporary file, and prints its golden log", async () => {
  await assertGolden(await runInEmptyFolder(), "file_workflow");
});

for (const [step, failures] of [["download", "1"], ["process", "0"], ["upload", "0"]] as const) {
  Deno.test(`file_workflow leaves no temporary file when its ${step} is canceled half-way`, async () => {
    await assertGolden(await runInEmptyFolder(failures, step), `file_workflow_canceled_${step}`);
  });
}

Deno.test("file_workflow gives up after three tries with one message, and leaves no temporary file", async () => {
  const outcome = await runInEmptyFolder("3");
  assertFails(outcome, "error: Cannot download file: the server answers 503");
  assert(outcome.out.includes("download, try 3: 503\n"), outcome.out);
});

Deno.test("file_workflow refuses wrong arguments with one message", async () => {
  assertFails(await runInEmptyFolder("x"), 'error: Cannot run workflow: "x" is not a number of failures');
  assertFails(await runInEmptyFolder("1", "y"), 'error: Cannot run workflow: "y" is none of download, process, upload');
});

/** Run it with a folder for temporary files of its own, and see that nothing is left there. */
async function runInEmptyFolder(...args: string[]): Promise<Outcome> {
  const folder = await Deno.makeTempDir();
  try {
    const permissions = ["--allow-net=127.0.0.1", `--allow-read=${folder}`, `--allow-write=${folder}`];
    const outcome = await runExample("file_workflow", { args, permissions, env: { TMPDIR: folder } });
    assertEquals([...Deno.readDirSync(folder)], []);
    return outcome;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
