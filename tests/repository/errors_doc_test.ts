import { assertEquals } from "@std/assert";
import { readText, ROOT } from "./_project.ts";

Deno.test("docs/errors.md has a section for each error class of machine/errors.ts, and for no other", async () => {
  const source = await readText("machine/errors.ts");
  const classes = [...source.matchAll(/^export class (\w+) extends Error /gm)].map(([, name]) => name!);
  const text = await readText("docs/errors.md");
  const part = text.slice(text.indexOf("\n## Classes\n"), text.indexOf("\n## Errors of the platform\n"));
  const sections = [...part.matchAll(/^### (\w+)$/gm)].map(([, name]) => name!);

  assertEquals(sections.toSorted(), classes.toSorted());
});

Deno.test("docs/errors.md says of each error class what happened and what to do", async () => {
  const text = await readText("docs/errors.md");
  const part = text.slice(text.indexOf("\n## Classes\n"), text.indexOf("\n## Errors of the platform\n"));
  const sections = part.split(/^### /m).slice(1);
  const lacking = sections.filter((section) => !/what happened/i.test(section) || !/what to do/i.test(section));

  assertEquals(lacking.map((section) => section.split("\n")[0]), []);
});

Deno.test("docs/errors.md has the beginning of each message", async () => {
  const text = await readText("docs/errors.md");
  const beginnings = new Set<string>();
  for (const folder of ["machine/", "flow/"]) {
    for await (const { name } of Deno.readDir(new URL(folder, ROOT))) {
      for (const beginning of readBeginnings(await readText(folder + name))) beginnings.add(beginning);
    }
  }

  assertEquals(beginnings.size > 30, true);
  assertEquals([...beginnings].filter((beginning) => !text.includes(beginning)), []);
});

/**
 * What is fixed at the start of each message of a source, comments left out: texts that start with Cannot, wherever they are,
 * and those that an error is made with.
 */
function readBeginnings(source: string): string[] {
  const code = source.replaceAll(/^ *(?:\*|\/\/).*$/gm, "");
  const texts = [
    ...code.matchAll(/(["`'])(Cannot .*?)(?:\1|\$\{)/g),
    ...code.matchAll(/(?:Error|Exception|super)\(\s*(["`'])([A-Z].*?)(?:\1|\$\{)/g),
  ];
  return texts.map(([, , beginning]) => beginning!);
}
