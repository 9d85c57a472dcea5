import { assertEquals, assertMatch } from "@std/assert";
import { assertGolden } from "./_golden.ts";
import { runAm } from "./_run.ts";

const STATES = ["gen", "states", "Playing:require(Loaded),Paused", "Loaded:auto:remove(_Playback)", '"a,b":multi'];

/** A file that exports a schema. */
const EXPORTED = "bench/_ingest_bodies.ts";

/** Reading, which finds the formatter; writing is given where it is needed. */
const READ = ["--allow-read"];

/** Run something with a folder, and with what may write there. */
async function withFolder(fn: (dir: string, permissions: string[]) => Promise<void>): Promise<void> {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  try {
    await fn(dir, [...READ, `--allow-write=${dir}`]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("am gen states prints golden/gen_states.txt", async () => {
  const options = ["--groups", "Playback(Playing;Paused)", "--inherit", "connected,basic", "--name", "player"];
  const { code, out, err } = await runAm([...STATES, ...options], READ);

  assertEquals([code, err], [0, ""]);
  await assertGolden("gen_states", out);
});

Deno.test("am gen states --jsr writes the types out", async () => {
  const { code, out, err } = await runAm(["gen", "states", "Foo", "--inherit", "basic", "--jsr"], READ);

  assertEquals([code, err], [0, ""]);
  assertMatch(out, /^export const schema: MergedSchema<\[typeof BASIC_SCHEMA, typeof states\]> =/m);
});

Deno.test("am gen states --output writes the file that it prints else, and replaces it with --force only", async () => {
  await withFolder(async (dir, permissions) => {
    const { out: text } = await runAm(["gen", "states", "Foo,Bar"], READ);
    const output = ["--output", "foo.ts", "--dir", dir];
    const first = await runAm(["gen", "states", "Foo,Bar", ...output], permissions);
    assertEquals(first, { code: 0, out: "Wrote foo.ts\n", err: "" });
    assertEquals(await Deno.readTextFile(`${dir}/foo.ts`), text);

    const second = await runAm(["gen", "states", "Baz", ...output], permissions);
    assertEquals([second.code, second.out], [2, ""]);
    assertMatch(second.err, /^am: Cannot write "foo\.ts": it is there already, name another or add --force\n$/);
    assertEquals(await Deno.readTextFile(`${dir}/foo.ts`), text);

    const third = await runAm(["gen", "states", "Baz", ...output, "--force"], permissions);
    assertEquals(third, { code: 0, out: "Wrote foo.ts\n", err: "" });
    assertMatch(await Deno.readTextFile(`${dir}/foo.ts`), /^ {2}Baz: \{\},$/m);
  });
});

Deno.test("am gen handlers prints golden/gen_handlers.txt, and am gen test golden/gen_test.txt", async () => {
  await withFolder(async (dir, permissions) => {
    const file = `${dir}/player states.ts`;
    const output = ["--output", "player states.ts", "--dir", dir];
    await runAm([...STATES, "--groups", "Playback(Playing;Paused)", "--name", "player", ...output], permissions);
    const methods = ["--kinds", "enter,state,end", "--states", "Playing", "--methods", "PlayingPaused,AnyState"];
    const handlers = await runAm(["gen", "handlers", file, ...methods], READ);
    const test = await runAm(["gen", "test", file], READ);

    assertEquals([handlers.code, handlers.err, test.code, test.err], [0, "", 0, ""]);
    await assertGolden("gen_handlers", handlers.out);
    await assertGolden("gen_test", test.out);
  });
});

Deno.test("am gen handlers --output imports the schema from where it is seen from the file", async () => {
  await withFolder(async (dir, permissions) => {
    for (const name of ["states", "code"]) await Deno.mkdir(`${dir}/${name}`);
    await runAm(["gen", "states", "Foo", "--output", "states/foo.ts", "--dir", dir], permissions);
    const args = ["gen", "handlers", `${dir}/states/foo.ts`, "--dir", dir, "--output"];
    const ends = [
      await runAm([...args, "code/foo.ts"], permissions),
      await runAm([...args, "states/handlers.ts"], permissions),
      await runAm([...args, "foo.ts"], permissions),
    ];

    assertEquals(ends.map(({ code, err }) => `${code}${err}`), ["0", "0", "0"]);
    assertMatch(await Deno.readTextFile(`${dir}/code/foo.ts`), /^import .* from "\.\.\/states\/foo\.ts";$/m);
    assertMatch(await Deno.readTextFile(`${dir}/states/handlers.ts`), /^import .* from "\.\/foo\.ts";$/m);
    assertMatch(await Deno.readTextFile(`${dir}/foo.ts`), /^import .* from "\.\/states\/foo\.ts";$/m);
  });
});

Deno.test("am gen handlers and am gen test never take the place of the schema that they are for", async () => {
  await withFolder(async (dir, permissions) => {
    await runAm(["gen", "states", "Foo", "--output", "foo.ts", "--dir", dir], permissions);
    for (const what of ["handlers", "test"]) {
      const args = ["gen", what, `${dir}/foo.ts`, "--dir", dir, "--output", "foo.ts", "--force"];
      const { code, err } = await runAm(args, permissions);
      assertEquals(code, 2);
      assertMatch(err, /^am: Cannot generate code for ".*foo\.ts": the code would take its place\n$/);
    }
    assertMatch(await Deno.readTextFile(`${dir}/foo.ts`), /defineSchema/);
  });
});

const WRONG: readonly (readonly [args: string[], message: string])[] = [
  [["states", "Foo:remove(\x1b)"], 'Cannot read states "Foo:remove(␛)" at character 12: there is no state "␛"'],
  [["states", "Foo", "--groups", "A(Foo),B(Baz)"], '"A(Foo),B(Baz)" at character 10: there is no state "Baz"'],
  [["states", "Foo", "--inherit", "basic,lost"], 'Cannot inherit "lost": there are basic, connected, disposed'],
  [["states", "Foo", "--inherit", "disposed"], 'Cannot inherit disposed: it needs a state "Start"'],
  [["states", "Foo", "--name", "1"], 'Cannot name a schema "1": it has no letter'],
  [["states", "Foo", "--force"], "Cannot write: --force is for --output only"],
  [["states", "Foo", "--dir", "."], "Cannot write: --dir is for --output only"],
  [["states", "Foo", "--output", "../foo.ts"], 'Cannot write "../foo.ts": it leads out of the folder by ".."'],
  [["states", "Foo", "--output", "CON.ts", "--force"], 'Cannot write "CON.ts": "CON.ts" is a device on Windows'],
  [["states"], "states"],
  [["states", "Foo", "--output", "foo.ts", "--dir", "lost"], 'Cannot write "foo.ts": the folder "lost" is not there'],
  [["states", "Foo", "--output", "foo.ts", "--dir", "LICENSE"], 'Cannot write "foo.ts": "LICENSE" is no folder'],
  [["handlers", "lost.ts"], 'Cannot read schema "lost.ts": there is no such file'],
  [["handlers", "schema.json"], 'Cannot generate code for "schema.json": it is no file of TypeScript'],
  [["handlers", "machine/queue.go"], "it is no file of TypeScript, which am convert makes of others"],
  [["handlers", "machine/errors.ts"], 'Cannot read schema "machine/errors.ts": it has no schema'],
  [["handlers", "examples/file_processing.ts"], "it does not export its schema"],
  [
    ["handlers", EXPORTED, "--methods", "AnyEntr"],
    'no state or pair of states of that name, the nearest is "AnyEnter"',
  ],
  [["test", "schema.json"], 'Cannot generate code for "schema.json": it is no file of TypeScript'],
  [["test", "tests"], 'Cannot generate code for "tests": it is no file of TypeScript'],
];

for (const [args, message] of WRONG) {
  Deno.test(`am gen ${args.map((it) => JSON.stringify(it)).join(" ")} ends with 2 and one line`, async () => {
    const { code, out, err } = await runAm(["gen", ...args], READ);

    assertEquals([code, out], [2, ""]);
    assertMatch(err, /^am: [^\n]+\n$/);
    assertEquals(err.includes(message), true, err);
  });
}
