import { assertEquals, assertStringIncludes } from "@std/assert";
import { runAm } from "./_run.ts";

const FSM = "examples/fsm.ts";

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("am convert prints a schema in another language, and says what that has no place for", async () => {
  assertEquals(await runAm(["convert", "examples/nfa.ts", "--to", "json"]), {
    code: 0,
    out: `{
  "Input": {"multi":true},
  "Start": {"add":["StepX"]},
  "StepX": {"remove":["StepX","Step0","Step1","Step2","Step3"]},
  "Step0": {"remove":["StepX","Step0","Step1","Step2","Step3"]},
  "Step1": {"remove":["StepX","Step0","Step1","Step2","Step3"]},
  "Step2": {"remove":["StepX","Step0","Step1","Step2","Step3"]},
  "Step3": {"remove":["StepX","Step0","Step1","Step2","Step3"]}
}
`,
    err: 'am: Left out what json has no place for: args of "Input", groups "Steps"\n',
  });
});

Deno.test("am convert writes Go in both styles, and reads it again", async () => {
  await withFolder(async (folder) => {
    for (const style of ["struct", "schema"]) {
      const go = await runAm(["convert", FSM, "--to", "go", "--style", style]);
      assertEquals([go.code, go.err], [0, ""]);
      assertStringIncludes(go.out, style === "struct" ? "am.Struct{" : "am.Schema{");
      await Deno.writeTextFile(`${folder}/fsm.go`, go.out);
      const back = await runAm(["convert", `${folder}/fsm.go`, "--to", "ts"]);
      assertEquals(back, await runAm(["convert", FSM, "--to", "ts"]));
    }
  });
});

Deno.test("am convert writes the file of --output, whose ending says the language, and replaces it with --force only", async () => {
  await withFolder(async (folder) => {
    const main = new URL("../../cli/main.ts", import.meta.url).pathname;
    const example = new URL(`../../${FSM}`, import.meta.url).pathname;
    const run = async (...args: string[]) => {
      const options = { args: ["run", "-q", "--no-check", "-RW", main, "convert", example, ...args], cwd: folder };
      const { code, stdout, stderr } = await new Deno.Command("deno", options).output();
      return [code, new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr)];
    };
    const noGroup = 'am: Left out what json has no place for: groups "Unlocked"\n';
    assertEquals(await run("-o", "fsm.json"), [0, `Wrote fsm.json\n${noGroup}`]);
    assertEquals(Object.keys(JSON.parse(await Deno.readTextFile(`${folder}/fsm.json`)))[2], "Locked");
    assertEquals((await run("-o", "fsm.json"))[0], 2);
    assertEquals(await run("-o", "fsm.json", "--to", "go", "--force"), [0, "Wrote fsm.json\n"]);
    assertStringIncludes(await Deno.readTextFile(`${folder}/fsm.json`), "am.Schema{");
    assertEquals(await run("-o", "fsm.mts"), [0, "Wrote fsm.mts\n"]);
    assertEquals((await run("-o", "../fsm.json"))[0], 2);
  });
});

Deno.test("am convert takes the schema that --name says", async () => {
  const several = await runAm(["convert", "examples/path_watcher.ts", "--to", "json"]);
  assertEquals([several.code, several.out, several.err], [
    2,
    "",
    'am: Cannot read schema "examples/path_watcher.ts": it has more than one schema: --name says which of "rootSchema", ' +
    '"directorySchema" is meant\n',
  ]);
  const one = await runAm(["convert", "examples/path_watcher.ts", "--to", "go", "--name", "directorySchema"]);
  assertStringIncludes(one.out, "type DirectoryStatesDef struct {");
});

Deno.test("am convert runs nothing, and says where it does not understand a file", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/states.ts`;
    await Deno.writeTextFile(
      path,
      "Deno.removeSync(import.meta.filename!);\nexport const schema: Schema = {\n  A: make(),\n};\n",
    );
    assertEquals(await runAm(["convert", path, "--to", "json"], ["-A"]), {
      code: 2,
      out: "",
      err: `am: Cannot read schema "${path}": line 3, column 6: "make()" cannot be told without running it\n`,
    });
    assertEquals((await Deno.stat(path)).isFile, true);
  });
});

Deno.test("am convert refuses what it cannot do with one line", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/states.json`;
    await Deno.writeTextFile(path, '{"a-b\\u001b": {"timeoutMs": 5}}');
    const refused: [args: string[], error: string][] = [
      [[FSM], "am: Cannot tell what to convert to: add --to or --output (am help says how it is used)\n"],
      [
        [FSM, "-o", "fsm.txt"],
        'am: Cannot tell the format of "fsm.txt": it should end in .ts, .mts, .json, .go, or add --to\n',
      ],
      [
        [FSM, "--to", "json", "--style", "struct"],
        "am: Cannot write json in a style: --style is for go only\n",
      ],
      [["none.ts", "--to", "go"], 'am: Cannot read schema "none.ts": there is no such file\n'],
      [
        ["README.md", "--to", "go"],
        'am: Cannot read schema "README.md": its name should end in .ts, .mts, .go, .json\n',
      ],
      [
        [path, "--to", "go"],
        'am: Cannot write "a-b␛" as Go: it can be no field of a struct; --style struct writes a constant or a text\n',
      ],
    ];
    for (const [args, error] of refused) {
      assertEquals(await runAm(["convert", ...args]), { code: 2, out: "", err: error });
    }
    const { code, err } = await runAm(["convert", path, "--to", "go", "--style", "struct"]);
    assertEquals([code, err], [0, 'am: Left out what go has no place for: timeoutMs of "a-b␛"\n']);
  });
});
