import { assertEquals, assertThrows } from "@std/assert";
import { CommandFailure } from "../../cli/_exit_codes.ts";
import { writeFile } from "../../cli/_write_file.ts";

/** Run something with a folder that has a folder `in` with `sub`, and beside it one that must stay empty, `out`. */
function withFolder(fn: (folder: string) => void): void {
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    for (const name of ["in", "in/sub", "out"]) Deno.mkdirSync(`${folder}/${name}`);
    fn(folder);
    assertEquals(listFiles(`${folder}/out`), []);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function listFiles(folder: string): string[] {
  return [...Deno.readDirSync(folder)].filter((it) => !it.isDirectory).map((it) => it.name).sort();
}

Deno.test("writeFile() writes the whole text, and nothing else", () => {
  withFolder((folder) => {
    const dir = `${folder}/in`;
    const text = "ä🙂\n".repeat(100_000);
    writeFile("a.ts", text, { dir });
    writeFile("./sub/b.ts", "b", { dir });
    writeFile(`${dir}/sub/c.ts`, "c", { dir });

    assertEquals(Deno.readTextFileSync(`${dir}/a.ts`), text);
    assertEquals([listFiles(dir), listFiles(`${dir}/sub`)], [["a.ts"], ["b.ts", "c.ts"]]);
  });
});

const ESCAPES: readonly (readonly [path: string, reason: string])[] = [
  ["../out/a.ts", '".."'],
  ["sub/../../out/a.ts", '".."'],
  ["sub/..", '".."'],
  ["OUT/a.ts", "names no file in the folder"],
  ["/etc/a.ts", "names no file in the folder"],
  ["", "names no file in the folder"],
  ["sub/", "names no file in the folder"],
  ["sub//a.ts", "names no file in the folder"],
  [".", '"." is no name of a file'],
  ["a\0.ts", '"a␀.ts" is no name of a file'],
  ["a\n.ts", '"a␊.ts" is no name of a file'],
  ["..\\out\\a.ts", "is no name of a file"],
  ["C:\\a.ts", "is no name of a file"],
  ["a.ts:stream", "is no name of a file"],
  ["a.ts ", "is no name of a file"],
  ["a.", "is no name of a file"],
  ["CON", '"CON" is a device on Windows'],
  ["con.ts", '"con.ts" is a device on Windows'],
  ["nul .tar.gz", "is a device on Windows"],
  ["aux/a.ts", '"aux" is a device on Windows'],
  ["sub/COM1.ts", '"COM1.ts" is a device on Windows'],
  ["lpt².ts", "is a device on Windows"],
  ["lost/a.ts", "its folder is not there"],
  ["sub", "it is a folder"],
];

for (const [path, reason] of ESCAPES) {
  Deno.test(`writeFile() refuses ${JSON.stringify(path)}, with force too`, () => {
    withFolder((folder) => {
      const name = path.replace("OUT", `${folder}/out`);
      for (const force of [false, true]) {
        const error = assertThrows(() => writeFile(name, "x", { dir: `${folder}/in`, force }), CommandFailure, reason);
        assertEquals(error.exitCode, 2);
      }
      assertEquals([listFiles(`${folder}/in`), listFiles(`${folder}/in/sub`)], [[], []]);
    });
  });
}

Deno.test("writeFile() writes names that are only like those of devices", () => {
  withFolder((folder) => {
    const names = ["COM.ts", "com10.ts", "console.ts", "nullable.ts"];
    for (const name of names) writeFile(name, "x", { dir: `${folder}/in` });

    assertEquals(listFiles(`${folder}/in`), names);
  });
});

Deno.test({
  name: "writeFile() follows no link out of the folder, and replaces none",
  ignore: Deno.build.os === "windows", // where links take rights that a test has not
  fn: () => {
    withFolder((folder) => {
      const dir = `${folder}/in`;
      Deno.symlinkSync(`${folder}/out`, `${dir}/away`);
      Deno.symlinkSync(`${folder}/out/a.ts`, `${dir}/a.ts`);
      Deno.symlinkSync(`${dir}/sub`, `${dir}/near`);

      const options = { dir, force: true };
      assertThrows(() => writeFile("away/a.ts", "x", options), CommandFailure, "a link leads out of the folder");
      assertThrows(() => writeFile("a.ts", "x", options), CommandFailure, "it is a link");
      writeFile("near/b.ts", "b", options);
      assertEquals(listFiles(`${dir}/sub`), ["b.ts"]);
    });
  },
});

Deno.test("writeFile() replaces a file only with force", () => {
  withFolder((folder) => {
    const dir = `${folder}/in`;
    writeFile("a.ts", "old", { dir });
    assertThrows(() => writeFile("a.ts", "new", { dir }), CommandFailure, "it is there already");
    assertEquals(Deno.readTextFileSync(`${dir}/a.ts`), "old");

    writeFile("a.ts", "new", { dir, force: true });
    assertEquals(Deno.readTextFileSync(`${dir}/a.ts`), "new");
    assertEquals(listFiles(dir), ["a.ts"]);
  });
});

Deno.test("writeFile() leaves nothing when the file cannot get its name", () => {
  withFolder((folder) => {
    const dir = `${folder}/in`;
    for (const force of [false, true]) {
      assertThrows(() => writeFile("x".repeat(300), "x", { dir, force }), CommandFailure, "Cannot write");
    }
    assertEquals(listFiles(dir), []);
  });
});

Deno.test("writeFile() lets one of many processes make a file", async () => {
  const folder = Deno.makeTempDirSync();
  const url = new URL("../../cli/_write_file.ts", import.meta.url).href;
  const code = `import { writeFile } from "${url}"; writeFile("a.ts", Deno.args[0]!, { dir: Deno.args[1]! });`;
  try {
    Deno.writeTextFileSync(`${folder}/racer.ts`, code);
    const racers = Array.from({ length: 6 }, (_, i) =>
      new Deno.Command("deno", {
        args: ["run", "--quiet", "--no-check", "--allow-read", "--allow-write", `${folder}/racer.ts`, `${i}`, folder],
        env: { NO_COLOR: "1" },
        stderr: "piped",
      }).output());
    const ends = await Promise.all(racers);

    const winners = ends.flatMap(({ code }, i) => code === 0 ? [`${i}`] : []);
    assertEquals(winners, [Deno.readTextFileSync(`${folder}/a.ts`)]);
    const losers = ends.filter(({ stderr }) => new TextDecoder().decode(stderr).includes("it is there already"));
    assertEquals(losers.length, 5);
    assertEquals(listFiles(folder), ["a.ts", "racer.ts"]);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
