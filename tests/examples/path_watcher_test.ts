import { assertEquals, assertMatch } from "@std/assert";
import { assertFails, exampleCommand, runExample } from "./_run.ts";

Deno.test("path_watcher reads each directory once after a burst of 1,000 files", async () => {
  await withFolder(async (folder) => {
    const permissions = [`--allow-read=${folder}`, `--allow-write=${folder}`];
    const { code, out, err } = await runExample("path_watcher", { permissions, env: { TMPDIR: folder } });
    const lines = out.trimEnd().split("\n");
    assertEquals({ code, err, count: lines.length }, { code: 0, err: "", count: 5 }, out);
    for (const line of lines.slice(0, 2)) assertMatch(line, /^\/.+: 0 executables, refreshes: 1$/);
    for (const line of lines.slice(2, 4)) assertMatch(line, /^\/.+: 500 executables, refreshes: 2$/);
    assertEquals(lines[4], "done: 1000 files, refreshes: 1 and 1");
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

async function withFolder(fn: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
