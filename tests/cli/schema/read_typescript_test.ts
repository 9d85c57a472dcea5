import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { CommandFailure } from "../../../cli/_exit_codes.ts";
import { type SchemaModel, toModel, toSchema } from "../../../cli/schema/model.ts";
import { readSchemaFile } from "../../../cli/schema/read.ts";
import { readTypeScript } from "../../../cli/schema/read_typescript.ts";
import { writeTypeScript } from "../../../cli/schema/write_typescript.ts";
import {
  BASIC_SCHEMA,
  CONNECTED_GROUP,
  CONNECTED_SCHEMA,
  DISPOSED_SCHEMA,
  extendState,
  mergeSchemas,
  prefixSchema,
  type Schema,
} from "../../../mod.ts";

/** Read a text with other files beside it, by their names. */
function read(text: string, name?: string, files: Readonly<Record<string, string>> = {}): SchemaModel {
  const readText = ({ pathname }: URL) => {
    const text = files[pathname.slice(1)];
    if (text === undefined) throw new SyntaxError("there is no such file");
    return text;
  };
  return readTypeScript(text, "Word", { url: "file:///schema.ts", name, readText });
}

function assertReads(text: string, schema: Schema, files?: Readonly<Record<string, string>>): void {
  assertEquals(Object.entries(toSchema(read(text, undefined, files))), Object.entries(schema));
}

function assertRefuses(text: string, message: string, files?: Readonly<Record<string, string>>): void {
  assertEquals(assertThrows(() => read(text, undefined, files), SyntaxError).message, message);
}

const IMPORT = `import { argsType, defineSchema, extendState, mergeSchemas, prefixSchema, type Schema } from ` +
  `"@asyncmachine/asyncmachine";\n`;

const MACHINES = `import { defineSchema, Machine, type Schema } from "@asyncmachine/asyncmachine";\n` +
  `import * as am from "@asyncmachine/asyncmachine";\n`;

Deno.test("readTypeScript() reads a schema in each way to write one", () => {
  const schema = { A: { auto: true, timeoutMs: 1_000 }, B: { require: ["A"] } };
  const literal = "{ A: { auto: true, timeoutMs: 1_000 }, B: { require: ['A'] } }";
  for (
    const text of [
      `export const s = defineSchema(${literal});`,
      `export const s = ${literal} as const satisfies Schema;`,
      `export const s = ${literal} satisfies Schema;`,
      `export const s = ${literal} as const;`,
      `export const s: Schema = ${literal};`,
      `export const s: Schema<"A" | "B"> = ${literal};`,
      `const s = ${literal};`,
      `const s = ${literal};\nexport { s as other };`,
      `export default defineSchema(${literal});`,
      `const s = defineSchema(${literal});\nexport default s;`,
    ]
  ) assertReads(IMPORT + text, schema);
});

Deno.test("readTypeScript() reads keys and texts in each way to write them, and keeps any name as data", () => {
  const text = `
    const b = "B";
    export const s = {
      "A": {}, [b]: { add: [\`A\`, 'C\\n"'] }, 'C\\n"': {}, ["__proto__"]: {}, [\`*/\`]: {}, 10: {}, 9: { "multi": false },
    };`;
  const schema = Object.fromEntries([
    ["9", { multi: false }], // JavaScript has such keys first
    ["10", {}],
    ["A", {}],
    ["B", { add: ["A", 'C\n"'] }],
    ['C\n"', {}],
    ["__proto__", {}],
    ["*/", {}],
  ]);
  assertReads(text, schema);
  assertEquals([...read(text).states.keys()], Object.keys(schema));
});

Deno.test("readTypeScript() follows constants, spreads and members of objects", () => {
  const text = `
    const playing = ["A", "B"] as const;
    const all = [...playing, "C"] as const;
    const A = { remove: playing };
    const names = { C: "C" } as const;
    const more = { C: {} };
    export const s = { A, B: { ...A, add: all, remove: undefined }, ...more, D: { require: [names.C], after: [names["C"]] } };`;
  assertReads(text, {
    A: { remove: ["A", "B"] },
    B: { add: ["A", "B", "C"] },
    C: {},
    D: { require: ["C"], after: ["C"] },
  });
});

Deno.test("readTypeScript() calculates with numbers", () => {
  const text = "const MINUTE_MS = 60 * 1_000;\nexport const s = { A: { timeoutMs: 5 * MINUTE_MS + 1 / 2 - (3 - 1) } };";
  assertReads(text, { A: { timeoutMs: 299_998.5 } });
  assertRefuses(
    `${IMPORT}const s: Schema = { A: { timeoutMs: 1 << 2, add: ["A" + "B"] } };`,
    'line 2, column 37: "1 << 2" cannot be told without running it',
  );
  assertRefuses(
    `${IMPORT}const s: Schema = { A: { add: ["A" + "B"] } };`,
    `line 2, column 32: ""A" + "B"" cannot be told without running it`,
  );
});

Deno.test("readTypeScript() reads what writeTypeScript() writes, with schemas that are merged", async () => {
  const { states, groups } = toModel("File", {
    Ready: { require: ["Loaded"], tags: ["a"] },
    Loaded: { auto: true, remove: ["Connecting", "Connected", "Disconnecting", "Disconnected"] },
  });
  const model = { name: "File", states, groups };
  const text = await writeTypeScript(model, { inherit: ["basic", "connected"] });
  const expected = mergeSchemas(BASIC_SCHEMA, CONNECTED_SCHEMA, {
    Ready: { require: ["Start", "Loaded"], tags: ["a"] },
    Loaded: { auto: true, remove: [...CONNECTED_GROUP] },
  });
  assertReads(text, expected);
  assertEquals([...read(text).groups], [["Connected", [...CONNECTED_GROUP]]]);
});

Deno.test("readTypeScript() makes of the package's functions and schemas what they make", () => {
  const base = { A: { require: ["B"], multi: true }, B: {} } as const;
  const text = `
    import * as am from "jsr:@asyncmachine/asyncmachine@^0.1";
    const base = { A: { require: ["B"], multi: true }, B: {} } as const;
    const connected = { Connected: am.extendState(am.CONNECTED_SCHEMA.Connected, { require: ["A"], auto: true }) };
    export const s = am.defineSchema(
      am.mergeSchemas(am.BASIC_SCHEMA, base, am.CONNECTED_SCHEMA, connected, am.prefixSchema(base, "X", { skip: ["B"] })),
    );`;
  const connected = { Connected: extendState(CONNECTED_SCHEMA.Connected, { require: ["A"], auto: true }) };
  assertReads(
    text,
    mergeSchemas(BASIC_SCHEMA, base, CONNECTED_SCHEMA, connected, prefixSchema(base, "X", { skip: ["B"] })),
  );
});

Deno.test("readTypeScript() keeps the type of arguments where it means something elsewhere, or else what the file says", () => {
  const { states } = read(`
    import { argsType } from "@asyncmachine/asyncmachine";
    import { z } from "zod";
    import type { Path } from "./path.ts";
    interface Own {}
    const path = "";
    export const s = {
      A: { args: argsType<{ path: string; at?: Date }>() },
      B: { args: z.object({ path: z.string() }) },
      C: { args: argsType<Own>() },
      D: { args: argsType<{ path: Path[] }>() },
      E: { args: argsType<{ path: typeof path }>() },
      args: { auto: true },
    };`);
  assertEquals(states.get("A")?.argsType, "{ path: string; at?: Date }");
  assertEquals(states.get("B")?.argsSource, "z.object({ path: z.string() })");
  assertEquals(states.get("C")?.argsSource, "argsType<Own>()");
  assertEquals(states.get("D")?.argsSource, "argsType<{ path: Path[] }>()");
  assertEquals(states.get("E")?.argsSource, "argsType<{ path: typeof path }>()");
  assertEquals(states.get("args")?.auto, true);
});

Deno.test("readTypeScript() takes constants of files beside, as data", () => {
  const files = {
    "groups.ts": "export * from './deep/more.ts';\nexport const run = () => Deno.exit(7);",
    "deep/more.ts": "const list = ['A', 'B'] as const;\nexport { list as PLAYING_GROUP };\nexport default 'C';",
  };
  const text = `
    import { PLAYING_GROUP } from "./groups.ts";
    import C, * as all from "./deep/more.ts";
    export const s = { A: { remove: PLAYING_GROUP }, B: { remove: all.PLAYING_GROUP }, [C]: {} };`;
  assertReads(text, { A: { remove: ["A", "B"] }, B: { remove: ["A", "B"] }, C: {} }, files);
  const { groups, states } = read(text, undefined, files);
  assertEquals([...groups], [["Playing", ["A", "B"]]]);
  assertEquals(states.get("A")?.relationPositions?.remove, [{ line: 4, column: 37 }, { line: 4, column: 37 }]);
});

Deno.test("readTypeScript() tells where states and the names of relations stand", () => {
  const { states } = read(
    'const group = ["A"] as const;\r\nexport const s = {\r\n  A: {},\r\n  B: { remove: group, add: ["A"] },\r\n};',
  );
  assertEquals([...states.values()].map(({ position }) => position), [{ line: 3, column: 3 }, { line: 4, column: 3 }]);
  assertEquals(states.get("B")?.relationPositions, {
    remove: [{ line: 1, column: 16 }],
    add: [{ line: 4, column: 29 }],
  });
});

Deno.test("readTypeScript() tells where a state stands that a function passed on", () => {
  const { states } = read(
    `${IMPORT}const base = { A: { add: ["B"] }, B: {} };\nexport const s = mergeSchemas(\n  prefixSchema(base, "X"),\n  base,\n);`,
  );
  const places = [...states].map(([name, { position, relationPositions }]) => [name, position, relationPositions?.add]);
  const [a, b] = [{ line: 2, column: 16 }, { line: 2, column: 35 }];
  const name = [{ line: 2, column: 27 }];
  assertEquals(places, [["XA", a, name], ["XB", b, undefined], ["A", a, name], ["B", b, undefined]]);
});

Deno.test("readTypeScript() takes as groups what is named so or used, and lists states only", () => {
  const { groups } = read(`
    const used = ["A", "B"] as const;
    export const NOT_USED_GROUP = ["B"] as const;
    export const fileGroups = { Both: used, Odd: ["A", "X"] } as const;
    export const names = ["A", "B"] as const;
    const otherGroup = ["A", "Elsewhere"] as const;
    export const s = { A: { remove: used }, B: {} };`);
  assertEquals([...groups], [["Used", ["A", "B"]], ["NotUsed", ["B"]], ["Both", ["A", "B"]]]);
});

Deno.test("readTypeScript() gives the schema the word of its constant, or else of the file", () => {
  const words = ["fileSchema", "FILE_SCHEMA", "schema", "schemaOfIt", "it"].map((it) =>
    read(`const ${it} = { A: {} };`).name
  );
  assertEquals(words, ["File", "File", "Word", "OfIt", "It"]);
});

Deno.test("readTypeScript() takes the schema that is asked for, or the only one", () => {
  const two = "export const oneSchema = { A: {} };\nexport const two = { B: {} };\nconst three = { C: {} };";
  assertEquals([...read(two, "two").states.keys()], ["B"]);
  assertEquals([...read(`${two}\nconst FOUR_SCHEMA: Schema = { D: {} };`, "Four").states.keys()], ["D"]);
  assertEquals([...read("export const a = 1; const s = { A: {} }; const t = { f: () => 1 };").states.keys()], ["A"]);
  assertRefuses(two, 'it has more than one schema: --name says which of "oneSchema", "two" is meant');
  assertThrows(() => read(two, "five"), SyntaxError, 'it has no constant "five"');
  assertRefuses("let s = { A: {} };", "it has no schema");
  assertRefuses(
    "export const s = {\n  A: { add: names() },\n};",
    'it has no schema: "s" is none, as in line 2, column 13: "names()" cannot be told without running it',
  );
});

Deno.test("readTypeScript() takes the schema of a machine that is made of a literal, which cannot be imported", () => {
  const literal = "{ A: { require: ['B'] }, B: {} }";
  for (
    const text of [
      `export const doorMachine = new Machine(${literal}, { id: "door" });`,
      `const doorMachine = new am.Machine(defineSchema(${literal}));`,
      `using doorMachine = new Machine(${literal} satisfies Schema);`,
      `await using doorMachine = new Machine(${literal});`,
    ]
  ) {
    const { name, exportName, states } = read(`${MACHINES}const other = { C: {} };\n${text}`);
    assertEquals([name, exportName, [...states.keys()]], ["Door", undefined, ["A", "B"]], text);
  }
  const named = `${MACHINES}export const doorSchema = ${literal};\nexport const machine = new Machine(doorSchema);`;
  assertEquals([read(named).exportName, read(named, "machine").exportName], ["doorSchema", undefined]);
  assertEquals([...read(named, "machine").states.keys()], ["A", "B"]);
});

Deno.test("readTypeScript() refuses machines of another class, and those of what cannot be told", () => {
  assertRefuses(`${MACHINES}const m = new Machine();`, "it has no schema");
  assertRefuses(`${MACHINES}const m = new Engine({ A: {} });`, "it has no schema");
  assertRefuses(
    "class Machine {}\nconst m = new Machine({ A: {} });",
    'line 2, column 15: "Machine" is a class, and no constant',
  );
  assertRefuses(
    `${MACHINES}const m = new Machine({ A: { add: list } });`,
    'line 3, column 35: "list" is declared nowhere in this file',
  );
});

Deno.test("readTypeScript() refuses what it does not understand, with line and column", () => {
  const refused: [schema: string, message: string][] = [
    ["{ A: { add: f() } }", 'line 2, column 31: "f()" cannot be told without running it'],
    ["{ A: { add: x ? [] : [] } }", 'line 2, column 31: "x ? [] : []" cannot be told without running it'],
    ["{ A: { add: [`${x}`] } }", 'line 2, column 32: "`${x}`" cannot be told without running it'],
    ["{ A() {} }", 'line 2, column 21: "A() {}" cannot be told without running it'],
    ["{ get A() { return {} } }", 'line 2, column 21: "get A() { return {} }" cannot be told without running it'],
    ["{ A: { add: x } }", 'line 2, column 31: "x" is declared nowhere in this file'],
    ["{ A: { add: argsType } }", 'line 2, column 31: "argsType" is no data'],
    ["{ ...'x' }", 'line 2, column 21: the text "x" is no object to spread'],
    ["{ A: { add: [...'x'] } }", 'line 2, column 32: the text "x" is no list to spread'],
    ["{ A: { add: ['B',,] } }", "line 2, column 31: a list has a hole"],
    ["{ A: {}, A: {} }", 'line 2, column 28: "A" is there twice'],
    [
      "{ __proto__: {} }",
      'line 2, column 21: the field "__proto__" sets a prototype: a state of that name is written ["__proto__"]',
    ],
    ["{ A: { auto: 1 } }", 'line 2, column 32: 1 is neither true nor false, for "auto"'],
    ["{ A: { add: 'B' } }", 'line 2, column 31: the text "B" is no list of states'],
    ["{ A: { add: [1] } }", "line 2, column 32: 1 is no text, in a list of states"],
    ["{ A: { tags: [true] } }", "line 2, column 33: true is no text, in a list of tags"],
    ["{ A: { timeoutMs: -1 } }", 'line 2, column 37: -1 is not a finite number of 0 or more, for "timeoutMs"'],
    ["{ A: { timeoutMs: 1e999 } }", 'line 2, column 37: Infinity is not a finite number of 0 or more, for "timeoutMs"'],
    ["{ A: { drop: [] } }", 'line 2, column 26: a state has no field "drop"'],
    ["{ A: 'B' }", 'line 2, column 24: the text "B" is no state, for "A"'],
    ["[]", "line 2, column 19: a list is no object of states"],
    ["{ A: { add: b.c } }; const b = {}", 'line 2, column 31: an object has no field "c"'],
    ["{ A: { add: b } }; const b = [...b]", 'line 2, column 44: "b" is made of itself'],
    ["{ A: { add: b } }; let b = []", 'line 2, column 31: "b" is declared with let, and no constant'],
    ["{ A: { add: b } }; function b() {}", 'line 2, column 31: "b" is a function, and no constant'],
    ["{ A: extendState({}) }", 'line 2, column 24: "extendState" is given too little'],
    ["{ A: extendState({}, 'B') }", 'line 2, column 40: "extendState" takes an object here, not the text "B"'],
    ["mergeSchemas({}, undefined)", 'line 2, column 36: "mergeSchemas" takes an object here, not nothing'],
    ["mergeSchemas({ A: { auto: 1 } })", 'line 2, column 19: Cannot read "auto" of state "A": number is not a boolean'],
    ["{ A: { add: ] }", "line 2, column 31: Unexpected token"],
  ];
  for (const [schema, message] of refused) {
    assertRefuses(`${IMPORT}const s: Schema = ${schema};`, message);
  }
});

Deno.test("readTypeScript() refuses what other files do not hold as data", () => {
  const files = {
    "b.ts": "export const list = [\n  f(),\n];\nexport * from './a.ts';",
    "a.ts": "export * from './b.ts';",
  };
  const text = (name: string, file: string) =>
    `import { ${name} } from "${file}";\nconst s: Schema = { A: { add: ${name} } };`;
  assertRefuses(
    text("list", "./b.ts"),
    'line 2, column 31: in "file:///b.ts": line 2, column 3: "f()" cannot be told without running it',
    files,
  );
  assertRefuses(
    text("list", "./c.ts"),
    'line 2, column 31: cannot read "./c.ts": there is no such file',
    files,
  );
  assertRefuses(
    text("other", "./b.ts"),
    'line 2, column 31: "other" is passed on from file to file too often',
    files,
  );
  assertRefuses(
    text("list", "npm:zod"),
    'line 2, column 31: "npm:zod" is no file beside this one, and may hold anything',
  );
});

Deno.test("readTypeScript() gives up on what is too deep or too much", () => {
  const deep = "[".repeat(100_000);
  assertRefuses(`const s: Schema = ${deep}`, "line 1, column 1: it is nested too deeply");
  const lists = Array.from({ length: 40 }, (_, i) => `const l${i + 1} = [...l${i}, ...l${i}];`).join("\n");
  assertRefuses(
    `const l0 = ["A"];\n${lists}\nconst s: Schema = { A: { add: l40 } };`,
    "line 20, column 22: it comes to more than 1000000 values",
  );
  const objects = Array.from({ length: 40 }, (_, i) => `const o${i + 1} = { a: o${i}, b: o${i} };`).join("\n");
  assertRefuses(
    `${IMPORT}const o0 = {};\n${objects}\nconst s = mergeSchemas(o40);`,
    "line 35, column 13: it is nested more deeply than a schema",
  );
});

Deno.test("readSchemaFile() reads the schemas of the examples and the package", async () => {
  const names = async (path: string, name?: string) => [...(await readSchemaFile(path, { name })).states.keys()];
  assertEquals(await names("examples/fsm.ts"), ["InputPush", "InputCoin", "Locked", "Unlocked"]);
  assertEquals(await names("examples/nfa.ts"), ["Input", "Start", "StepX", "Step0", "Step1", "Step2", "Step3"]);
  assertEquals((await names("examples/expense.ts")).length, 6);
  assertEquals((await names("examples/file_processing.ts")).length, 3);
  assertEquals((await names("examples/file_workflow.ts")).length, 6);
  assertEquals((await names("examples/waiting.ts")).length, 5);
  assertEquals((await names("examples/path_watcher.ts", "rootSchema")).length, 6);
  assertEquals((await names("examples/path_watcher.ts", "Directory")).length, 4);
  for (const [name, schema] of Object.entries({ BASIC_SCHEMA, CONNECTED_SCHEMA, DISPOSED_SCHEMA })) {
    const model = await readSchemaFile("machine/common_schema.ts", { name });
    assertEquals(Object.entries(toSchema(model)), Object.entries(toSchema(toModel(name, schema))));
  }
  const { groups } = await readSchemaFile("machine/common_schema.ts", { name: "CONNECTED_SCHEMA" });
  assertEquals([...groups], [["Connected", [...CONNECTED_GROUP]]]);
});

Deno.test("readSchemaFile() refuses other files, with one line that says why", async () => {
  const folder = await Deno.makeTempDir();
  const refuses = async (name: string, content: Uint8Array | undefined, message: string) => {
    const path = `${folder}/${name}`;
    if (content !== undefined) await Deno.writeFile(path, content);
    const failure = await assertRejects(() => readSchemaFile(path), CommandFailure);
    assertEquals(failure.message, `Cannot read schema "${path}": ${message}`);
  };
  const bytes = (text: string) => new TextEncoder().encode(text);
  try {
    await refuses("none.ts", undefined, "there is no such file");
    await Deno.mkdir(`${folder}/folder.ts`);
    await refuses("folder.ts", undefined, "it is no file");
    await refuses("big.ts", new Uint8Array(10_000_000), "it has 10000000 bytes, and at most 2000000 are read");
    await refuses(
      "odd.ts",
      Uint8Array.of(...bytes("\uFEFFconst a = 1;\n// é"), 0xff),
      "line 2, column 5: it is no UTF-8",
    );
    await refuses("mark.ts", bytes("\uFEFFconst s = ;"), "line 1, column 11: Unexpected token");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
