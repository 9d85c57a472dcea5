import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createCommand } from "../../cli/main.ts";
import { withFile } from "./_record.ts";
import { HAS_NO_SIGNALS, runAm, spawnAm } from "./_run.ts";
import { isInstalled } from "../_installed.ts";

const RECORDING = "tests/cli/testdata/files.ndjson";

const FAILURES: readonly (readonly [name: string, args: string[], message: RegExp])[] = [
  ["an unknown command", ["lost"], /lost/],
  ["an unknown option", ["list", "--nothing"], /nothing/],
  ["a missing argument", ["inspect", "--file", RECORDING], /id/],
  ["a number that is none", ["matrix", "file-1", "--limit", "many", "--file", RECORDING], /many/],
  ["a limit below 1", ["matrix", "file-1", "--limit", "0", "--file", RECORDING], /--limit has to be 1 or more/],
  ["a file that is not there", ["list", "--file", "lost.ndjson"], /"lost\.ndjson": it is not there/],
  ["a folder", ["list", "--file", "tests"], /"tests": it is a folder/],
  ["a file that is no recording", ["list", "--file", "LICENSE"], /"LICENSE": line 1 is no record, it is no JSON/],
  [
    "a machine that is not there",
    ["inspect", "lost", "--file", RECORDING],
    /Cannot find machine "lost" in .*: am list/,
  ],
  ["a transition that is not there", ["show", "file-1", "99", "--file", RECORDING], /transition "99" .*: am matrix/],
  ["handlers that are not there", ["replay", RECORDING, "--verify", "--handlers", "lost.ts"], /Cannot load handlers/],
  ["handlers without --verify", ["replay", RECORDING, "--handlers", "lost.ts"], /--handlers is for --verify only/],
  ["a record to nowhere", ["record"], /out/],
  ["a time that is none", ["tail", "--since", "yesterday"], /Cannot begin at "yesterday": --since takes all, /],
  ["a level that is none", ["tail", "--level", "loud"], /loud/],
  ["a time-out that is none", ["tail", "--timeout", "0"], /--timeout has to be more than 0/],
];

for (const [name, args, message] of FAILURES) {
  Deno.test(`am ends with 2 and one line for ${name}`, async () => {
    const { code, out, err } = await runAm(args);

    assertEquals([code, out], [2, ""]);
    assertMatch(err, /^am: [^\n]+\n$/);
    assertMatch(err, message);
  });
}

Deno.test("am --debug shows the stack", async () => {
  const { code, err } = await runAm(["list", "--file", "lost.ndjson", "--debug"]);

  assertEquals(code, 2);
  assertStringIncludes(err, "CommandFailure: Cannot read");
  assertMatch(err, /\n +at .*_recording\.ts:\d+/);
  assertStringIncludes(err, "NotFound");
});

Deno.test("am help exit-codes says what they mean", async () => {
  const { code, out, err } = await runAm(["help", "exit-codes"]);

  assertEquals([code, err], [0, ""]);
  for (const line of ["0  done", "1  canceled", "2  wrong use", "3  something did not come in time", "4  the server"]) {
    assertStringIncludes(out, line);
  }
});

Deno.test("am names machines of one id by their instances", async () => {
  const text = await Deno.readTextFile(RECORDING);

  await withFile(text.replaceAll('"id":"worker"', '"id":"file-1"'), async (path) => {
    const both = await runAm(["inspect", "file-1", "--file", path]);
    assertEquals(both.code, 2);
    assertStringIncludes(both.err, "name one of the instances a1, b2");
    assertStringIncludes((await runAm(["inspect", "b2", "--file", path])).out, "instance b2");
    assertStringIncludes((await runAm(["inspect", "b", "--file", path])).out, "instance b2");
  });
});

Deno.test("am reads gzip by its content, and refuses what is cut off", async () => {
  const plain = await Deno.readFile(RECORDING);
  const zipped = await new Response(new Blob([plain]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();
  const expected = await runAm(["list", "--file", RECORDING]);

  assertEquals(await withFile(zipped, (path) => runAm(["list", "--file", path])), expected);
  const { code, err } = await withFile(zipped.subarray(0, -20), (path) => runAm(["list", "--file", path]));
  assertEquals(code, 2);
  assertMatch(err, /^am: .*gzip data is damaged or cut off\n$/);
});

Deno.test("am leaves out a last line that is cut off, and says so", async () => {
  const text = (await Deno.readTextFile(RECORDING)).slice(0, -20);

  const { code, out, err } = await withFile(text, (path) => runAm(["list", "--file", path]));

  assertEquals(code, 0);
  assertMatch(err, /^am: recording ".*": the last line is cut off, and left out\n$/);
  assertStringIncludes(out, "worker");
});

Deno.test("am refuses a file that begins with no record, with or without the end of a line", async () => {
  for (const text of ["hello", "\x7fELF\0", "hello\n"]) {
    const { code, out, err } = await withFile(text, (path) => runAm(["list", "--file", path]));

    assertEquals([code, out], [2, ""]);
    assertMatch(err, /^am: Cannot read recording ".*": line 1 is no record, it is no JSON\n$/);
  }
});

Deno.test("am shows bytes that are no UTF-8 as replacement characters", async () => {
  const bytes = new TextEncoder().encode(await Deno.readTextFile(RECORDING));
  const text = new TextDecoder("latin1").decode(bytes).replaceAll("worker", "wor\xffk\x80er");
  const broken = Uint8Array.from(text, (character) => character.charCodeAt(0));

  const { code, out, err } = await withFile(broken, (path) => runAm(["list", "--file", path]));

  assertEquals([code, err], [0, ""]);
  assertStringIncludes(out, "wor\uFFFDk\uFFFDer");
});

Deno.test("am reads an empty recording", async () => {
  assertEquals(await withFile("", (path) => runAm(["list", "--file", path])), {
    code: 0,
    out: "No machines\n",
    err: "",
  });
});

Deno.test("am ends without a word when nobody reads its output any more", async () => {
  const lines = await Deno.readTextFile(RECORDING);
  const machine = lines.slice(0, lines.indexOf("\n"));
  const many = Array.from({ length: 20_000 }, (_, i) => machine.replaceAll('"a1"', `"a${i}"`)).join("\n");

  await withFile(`${many}\n`, async (path) => {
    const child = spawnAm(["list", "--file", path]);
    const reader = child.stdout.getReader();
    await reader.read();
    await reader.cancel();
    const [{ code }, err] = await Promise.all([child.status, new Response(child.stderr).text()]);
    assertEquals([code, err], [0, ""]);
  });
});

Deno.test("am ends with 1 at Ctrl-C while it reads", { ignore: HAS_NO_SIGNALS }, async () => {
  const path = await Deno.makeTempFile();
  await Deno.remove(path);
  assert((await new Deno.Command("mkfifo", { args: [path] }).output()).success);
  try {
    const child = spawnAm(["list", "--file", path]);
    using fifo = await Deno.open(path, { write: true }); // goes on when the child has opened it, too
    await fifo.write(new TextEncoder().encode(await Deno.readTextFile(RECORDING)));
    child.kill("SIGINT");
    const { code, stdout, stderr } = await child.output();
    assertEquals([code, stdout.length, stderr.length], [1, 0, 0]);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("createCommand() describes everything in 50 characters", () => {
  const tooLong: string[] = [];
  const visit = (command: ReturnType<typeof createCommand>, path: string) => {
    const isOwn = !/ (?:help|completions)\b/.test(path); // those two are Cliffy's
    const texts = [
      ...command.getDescription().split("\n"),
      ...command.getOptions().map(({ description }) => description),
    ];
    if (isOwn) tooLong.push(...texts.filter((text) => text.length > 50).map((text) => `${path}: ${text}`));
    for (const child of command.getCommands()) visit(child, `${path} ${child.getName()}`);
  };
  visit(createCommand(), "am");

  assertEquals(tooLong, []);
});

for (const shell of ["bash", "zsh", "fish"]) {
  Deno.test({
    name: `am completions ${shell} prints what the shell reads`,
    ignore: !isInstalled(shell, `completions in ${shell}`),
    async fn() {
      const { code, out, err } = await runAm(["completions", shell]);
      assertEquals([code, err], [0, ""]);
      for (const name of ["list", "inspect", "show", "matrix", "diff", "stats", "replay"]) {
        assertStringIncludes(out, name);
      }
      await withFile(out, async (path) => {
        const { success, stderr } = await new Deno.Command(shell, { args: ["-n", path] }).output();
        assertEquals([success, new TextDecoder().decode(stderr)], [true, ""]);
      });
    },
  });
}

Deno.test("am --version says the version of the package", async () => {
  const { version } = JSON.parse(await Deno.readTextFile("deno.json"));

  assertStringIncludes((await runAm(["--version"])).out, version);
});
