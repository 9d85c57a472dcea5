import { assertEquals } from "@std/assert";
import { ROOT } from "./_project.ts";

// A stand-in for npx answers for the test task, and lets all other steps pass: one each for install, demo, ok, coverage,
// and two tests in two other runtimes each.
for (
  const [what, script, line, code] of [
    ["all tests pass", 'echo "ok | 12 passed (4 steps) | 0 failed | 1 ignored (1s)"', "20 passed, 0 failed", 0],
    ["tests fail", 'echo "FAILED | 10 passed | 2 failed (1s)"; exit 1', "18 passed, 2 failed", 1],
    ["tests break off before they are counted", 'echo "error: Uncaught"; exit 1', "8 passed, 1 failed", 1],
    [
      "tests break off after they are counted",
      'echo "ok | 12 passed | 0 failed (1s)"; exit 139',
      "20 passed, 1 failed",
      1,
    ],
    ["there are no tests", "exit 0", "8 passed, 1 failed", 1],
  ] as const
) {
  Deno.test(`.ci/run ends in "${line}" when ${what}`, async () => {
    const { lines, code: actual } = await runCi(script);

    assertEquals([lines.at(-1), actual], [line, code]);
  });
}

async function runCi(testScript: string): Promise<{ lines: string[]; code: number }> {
  const folder = await Deno.makeTempDir();
  try {
    const npx = [
      "#!/usr/bin/env bash",
      `if [[ "$*" == *"task test" ]]; then\n${testScript}\nfi`,
      `if [[ "$*" == *"task test:runtimes" ]]; then printf 'ok | 2 passed | 0 failed (%s)\\n' Node Bun; fi`,
      "",
    ].join("\n");
    await Deno.writeTextFile(`${folder}/npx`, npx, { mode: 0o755 });
    for (const name of ["chromium", "zsh", "fish", "tmux", "jq", "openssl"]) { // none is to be installed
      await Deno.writeTextFile(`${folder}/${name}`, "#!/usr/bin/env bash\n", { mode: 0o755 });
    }
    const env = { PATH: `${folder}:${Deno.env.get("PATH")}` };
    const { stdout, code } = await new Deno.Command("bash", { args: [".ci/run"], cwd: ROOT, env }).output();
    return { lines: new TextDecoder().decode(stdout).trimEnd().split("\n"), code };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
