import { assertEquals } from "@std/assert";
import { assertFails, assertGolden, exampleCommand, runExample } from "./_run.ts";

Deno.test("path_watcher reads each directory once after a burst of 1,000 files, and prints its golden log", async () => {
  await withFolder(async (folder) => {
    const permissions = [`--allow-read=${folder}`, `--allow-write=${folder}`];
    const outcome = await runExample("path_watcher", { permissions, env: { TMPDIR: folder } });
    await assertGolden({ ...outcome, out: nameDirectories(outcome.out, folder) }, "path_watcher");
    assertEquals([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("path_watcher watches the directories it is given until it is interrupted", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/data`, "", { mode: 0o644 });
    const permissions = [`--allow-read=${folder}`];
    await using child = exampleCommand("path_watcher", { args: [folder], permissions }).spawn();
    const errors = new Response(child.stderr).text();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    assertEquals((await reader.read()).value, `${folder}: 0 executables, refreshes: 1\n`);
    await Deno.writeTextFile(`${folder}/program`, "", { mode: 0o755 });
    assertEquals((await reader.read()).value, `${folder}: 1 executables, refreshes: 2\n`);
    child.kill("SIGINT");
    assertEquals({ ...await child.status, err: await errors }, { success: true, code: 0, signal: null, err: "" });
    await reader.cancel();
  });
});

Deno.test("path_watcher ends in one message when its directory goes away", async () => {
  await withFolder(async (folder) => {
    const watched = `${folder}/watched`;
    await Deno.mkdir(watched);
    await using child = exampleCommand("path_watcher", { args: [watched], permissions: [`--allow-read=${folder}`] })
      .spawn();
    const errors = new Response(child.stderr).text();
    const reader = child.stdout.getReader();
    await reader.read();
    await Deno.remove(watched);
    assertFails({ code: (await child.status).code, out: "", err: await errors }, /^error: No such file or directory/);
    await reader.cancel();
  });
});

Deno.test("path_watcher refuses what is no directory with one message", async () => {
  await withFolder(async (folder) => {
    for (const path of [`${folder}/missing`, new URL(import.meta.url).pathname]) {
      const outcome = await runExample("path_watcher", { args: [path], permissions: ["--allow-read"] });
      assertFails(outcome, `error: Cannot watch "${path}": it is not a directory`);
    }
  });
});

/** Replace the random names of directories in a folder by their order: `/tmp/a1b2: …` is `DIRECTORY-1: …`. */
function nameDirectories(text: string, folder: string): string {
  const paths: string[] = [];
  for (const line of text.split("\n")) {
    const [path = ""] = line.split(": ");
    if (path.startsWith(`${folder}/`) && !paths.includes(path)) paths.push(path);
  }
  return paths.reduce((named, path, index) => named.replaceAll(path, `DIRECTORY-${index + 1}`), text);
}

async function withFolder(fn: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
