import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { assertGolden } from "./_golden.ts";
import { withFile } from "./_record.ts";
import { type Ended, PERMISSIONS, runAm } from "./_run.ts";
import { makeServices } from "../../bench/_services.ts";

const RECORDING = "tests/cli/testdata/files.ndjson";

const COMMANDS: readonly (readonly [name: string, args: string[]])[] = [
  ["diagram_machine", ["diagram", "file-1"]],
  ["diagram_after", ["diagram", "file-1", "3"]],
  ["diagram_neighbours", ["diagram", "file-1", "--states", "Done,Tick", "--relations", "require,remove"]],
  ["diagram_machine_svg", ["diagram", "file-1", "--format", "svg"]],
  ["diagram_sequence", ["diagram", "file-1", "6", "--sequence"]],
  ["diagram_sequence_last", ["diagram", "worker", "--sequence"]],
  ["diagram_sequence_svg", ["diagram", "file-1", "b", "--sequence", "--format", "svg"]],
];

for (const [name, args] of COMMANDS) {
  Deno.test(`am ${args.join(" ")} --file prints golden/${name}.txt`, async () => {
    const { code, out, err } = await runAm([...args, "--file", RECORDING]);

    assertEquals([code, err], [0, ""]);
    await assertGolden(name, out);
  });
}

// Anew: deno task am diagram examples/file_workflow.ts -o docs/file_workflow.svg --force
Deno.test("am diagram draws docs/file_workflow.svg, which README.md shows", async () => {
  const { code, out, err } = await runAm(["diagram", "examples/file_workflow.ts", "--format", "svg"]);

  assertEquals([code, err], [0, ""]);
  assertEquals(out, await Deno.readTextFile("docs/file_workflow.svg"));
  assertStringIncludes(await Deno.readTextFile("README.md"), "](docs/file_workflow.svg)");
});

Deno.test("am diagram draws a schema of a file, the same bytes in each process", async () => {
  await withFile(JSON.stringify(makeServices(100)), async (path) => {
    for (const format of ["mermaid", "dot", "svg"]) {
      const [first, second] = await Promise.all([drawFile(path, format), drawFile(path, format)]);
      assertEquals([first.code, first.err], [0, ""]);
      assertEquals(first.out, second.out);
      assert(first.out.split("\n").length > 100);
    }
  }, ".json");
});

function drawFile(path: string, format: string): Promise<Ended> {
  return runAm(["diagram", path, "--format", format]);
}

Deno.test("am diagram --output takes the format from the ending, and replaces only with --force", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const draw = (name: string, ...more: string[]) =>
      runAm(["diagram", "file-1", "--file", RECORDING, "--output", `${dir}/${name}`, "--dir", dir, ...more], [
        ...PERMISSIONS,
        `--allow-write=${dir}`,
      ]);
    for (const [name, start] of [["a.svg", "<svg "], ["a.gv", "digraph {"], ["a.mmd", "flowchart LR"]] as const) {
      assertEquals((await draw(name)).code, 0);
      assertStringIncludes(await Deno.readTextFile(`${dir}/${name}`), start);
    }
    const { code, err } = await draw("a.svg");
    assertEquals(code, 2);
    assertMatch(err, /^am: Cannot write .*a\.svg": it is there already, name another or add --force\n$/);
    assertEquals((await draw("a.svg", "--force")).code, 0);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("am diagram --time says how long it took, on standard error", async () => {
  const { code, out, err } = await runAm(["diagram", "file-1", "--file", RECORDING, "--format", "svg", "--time"]);

  assertEquals(code, 0);
  assertMatch(err, /^drew 8 states in \d+ ms\n$/);
  assertMatch(out, /^<svg /);
});

const FAILURES: readonly (readonly [name: string, args: string[], message: RegExp])[] = [
  ["a file that is not there", ["lost.json"], /Cannot read schema "lost\.json": there is no such file/],
  ["a file after a transition", ["lost.json", "3"], /Cannot draw "lost\.json" after transition "3": it is a file/],
  ["a machine that is not there", ["lost", "--file", RECORDING], /Cannot find machine "lost"/],
  ["a transition that is not there", ["file-1", "99", "--file", RECORDING], /Cannot find transition "99"/],
  ["a format that is none", ["file-1", "--format", "png"], /png/],
  ["an ending that is none", ["file-1", "--output", "a.png"], /Cannot tell the format of "a\.png": it should end in/],
  ["a schema of a machine", ["file-1", "--name", "file"], /Cannot choose a schema of "file-1": it is a machine/],
  ["a relation that is none", ["file-1", "--relations", "adds"], /Cannot draw relation "adds": there are require, /],
  ["a sequence of a file", ["lost.json", "--sequence"], /Cannot draw a sequence of "lost\.json": it is a file/],
  ["a sequence as DOT", ["file-1", "--sequence", "--format", "dot"], /Cannot draw a sequence as DOT/],
  ["states of a sequence", ["file-1", "--sequence", "--states", "A"], /--states and --relations are for schemas/],
  ["a state that is not there", ["file-1", "--file", RECORDING, "--states", "Start,Lost"], /Cannot draw state "Lost"/],
];

for (const [name, args, message] of FAILURES) {
  Deno.test(`am diagram ends with 2 and one line for ${name}`, async () => {
    const { code, out, err } = await runAm(["diagram", ...args]);

    assertEquals([code, out], [2, ""]);
    assertMatch(err, /^am: [^\n]+\n$/);
    assertMatch(err, message);
  });
}
