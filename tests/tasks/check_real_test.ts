import { assertEquals, assertMatch } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);

const MISTAKES: ReadonlyArray<readonly [name: string, args: string[], message: RegExp]> = [
  ["no checkout", [], /^Cannot check with "@std\/\w+": no checkout is given as --std DIR\n$/],
  ["an option without directory", ["--std"], /^Cannot read arguments: --std has no directory\n$/],
  [
    "an unknown option",
    ["--sdt", "."],
    /^Cannot read arguments: "sdt" is unknown, expected --std DIR and --cliffy DIR\n$/,
  ],
  ["a missing checkout", ["--std", "tests/gone"], /^Cannot use checkout "tests\/gone": it is not there\n$/],
  [
    "a folder that is no package",
    ["--std", "tests"],
    /^Cannot use checkout ".*tests": its deno.json cannot be read\n$/,
  ],
  [
    "a package instead of a checkout",
    ["--std", "tests/tasks/testdata/old/assert"],
    /^Cannot use checkout ".*": it is not a workspace\n$/,
  ],
  [
    "a checkout of something else",
    ["--std", "tests/tasks/testdata/other"],
    /^Cannot check with "@std\/\w+": no package of checkout ".*other" has that name\n$/,
  ],
  [
    "a checkout of another version",
    ["--std", "tests/tasks/testdata/old"],
    /^Cannot check with "@std\/assert": version 0\.226\.0 is not in range "\^1"\n$/,
  ],
];

for (const [name, args, message] of MISTAKES) {
  Deno.test(`check:real ends with one error for ${name}`, async () => {
    const { code, stdout, stderr } = await new Deno.Command("deno", {
      args: ["run", "--quiet", "--allow-read", "--no-prompt", "tests/tasks/check_real.ts", ...args],
      cwd: ROOT,
      env: { NO_COLOR: "1" },
    }).output();

    assertMatch(new TextDecoder().decode(stderr), message);
    assertEquals(new TextDecoder().decode(stdout), "");
    assertEquals(code, 1);
  });
}
