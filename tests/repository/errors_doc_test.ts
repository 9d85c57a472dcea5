import * as flow from "@asyncmachine/asyncmachine/flow";
import * as machine from "@asyncmachine/asyncmachine";
import * as server from "@asyncmachine/asyncmachine/telemetry/server";
import * as telemetry from "@asyncmachine/asyncmachine/telemetry";
import * as testing from "@asyncmachine/asyncmachine/testing";
import { assertEquals } from "@std/assert";
import { readText, ROOT } from "./_project.ts";

Deno.test("docs/errors.md has a section for each error class of the entry points, and for no other", async () => {
  const classes = new Set<string>();
  for (const entry of [machine, testing, flow, telemetry, server]) {
    for (const [name, value] of Object.entries(entry)) {
      if (typeof value === "function" && value.prototype instanceof Error) classes.add(name);
    }
  }
  const sections = (await readSections()).map((section) => section.split("\n")[0]!);

  assertEquals(sections.toSorted(), [...classes].toSorted());
});

Deno.test("docs/errors.md says of each error class what happened and what to do", async () => {
  const sections = await readSections();
  const lacking = sections.filter((section) => !/what happened/i.test(section) || !/what to do/i.test(section));

  assertEquals(lacking.map((section) => section.split("\n")[0]), []);
});

Deno.test("docs/errors.md has each code of StoreError with its reason, and no other", async () => {
  const [, reasons = ""] = /const REASONS[^{]*\{(.*?)\n\};/s.exec(await readText("telemetry/_sqlite_file.ts"))!;
  const inCode = [...reasons.matchAll(/"([\w-]+)": "(.+)",/g)].map(([, code, reason]) => `${code} ${reason}`);
  const section = (await readSections()).find((it) => it.startsWith("StoreError"))!;
  const inDocs = [...section.matchAll(/^\| `([\w-]+)` *\| `(.+?)` /gm)].map(([, code, reason]) => `${code} ${reason}`);

  assertEquals(inCode.length > 0, true);
  assertEquals(inDocs.toSorted(), inCode.toSorted());
});

Deno.test("docs/errors.md has each status and code with which a telemetry server refuses, and no other", async () => {
  const inCode = new Set<string>();
  for await (const { name } of Deno.readDir(new URL("telemetry/", ROOT))) {
    const source = await readText(`telemetry/${name}`);
    for (const [, status, code] of source.matchAll(/new HttpError\(\s*(\d+),\s*"(\w+)"/g)) {
      inCode.add(`${status} ${code}`);
    }
  }
  const text = await readText("docs/errors.md");
  const part = text.slice(text.indexOf("\n## Answers of a telemetry server\n"));
  const inDocs = [...part.matchAll(/^\| (\d+) +\| `(\w+)` /gm)].map(([, status, code]) => `${status} ${code}`);

  assertEquals(inDocs.toSorted(), [...inCode].toSorted());
});

Deno.test("docs/errors.md has the beginning of each message", async () => {
  const text = await readText("docs/errors.md");
  const beginnings = new Set<string>();
  for (const folder of ["machine/", "flow/", "telemetry/"]) {
    for await (const { name } of Deno.readDir(new URL(folder, ROOT))) {
      if (!name.endsWith(".ts")) continue;
      for (const beginning of readBeginnings(await readText(folder + name))) beginnings.add(beginning);
    }
  }

  assertEquals(beginnings.size > 30, true);
  assertEquals([...beginnings].filter((beginning) => !text.includes(beginning)), []);
});

/** The sections of the classes, each with its name at the start. */
async function readSections(): Promise<string[]> {
  const text = await readText("docs/errors.md");
  const part = text.slice(text.indexOf("\n## Classes\n"), text.indexOf("\n## Errors of the platform\n"));
  return part.split(/^### /m).slice(1).map((section) => section.replace(/^## .*/ms, ""));
}

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
