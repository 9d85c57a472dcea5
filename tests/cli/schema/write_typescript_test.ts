import { assertEquals, AssertionError, assertRejects, assertStringIncludes } from "@std/assert";
import { Machine, type Schema } from "../../../mod.ts";
import { type SchemaModel, type StateModel, toModel, toSchema } from "../../../cli/schema/model.ts";
import { namePartsOf, writeTypeScript } from "../../../cli/schema/write_typescript.ts";
import { GeneratedFolder } from "../_generated.ts";
import { assertGolden } from "../_golden.ts";

const PLAYER: SchemaModel = {
  name: "Player",
  states: new Map<string, StateModel>([
    ["Playing", {
      require: ["Loaded"],
      remove: ["Playing", "Paused", "Loading"],
      argsType: "{at:number, by?: 'user'|'timer'}",
    }],
    ["Paused", { remove: ["Playing", "Paused"] }],
    ["Loading", { auto: true, multi: false, add: ["Ready"], after: ["Loaded"], tags: ["ui:1"], timeoutMs: 500 }],
    ["Loaded", { require: [], remove: ["Loading"] }],
    ["Ready", { multi: true, require: ["Loaded", "Exception"], tags: ["ui"] }],
    ["__proto__", { remove: ['a "b" `c`', "a-b"] }],
    ['a "b" `c`', {}],
    ["a-b", {}],
    ["7", {}],
  ]),
  groups: new Map([["Playback", ["Playing", "Paused"]], ["*/", ["a-b"]], ["__proto__", ['a "b" `c`', "a-b"]]]),
};

Deno.test("writeTypeScript() writes golden/write_typescript.txt", async () => {
  await assertGolden("write_typescript", await writeTypeScript(PLAYER));
});

Deno.test("writeTypeScript() merges with schemas of the package as golden/write_typescript_inherit.txt", async () => {
  const text = await writeTypeScript(PLAYER, { inherit: ["basic", "connected", "disposed"] });

  await assertGolden("write_typescript_inherit", text);
});

Deno.test("writeTypeScript() writes an empty schema", async () => {
  const text = await writeTypeScript({ name: "Schema", states: new Map(), groups: new Map() });

  assertStringIncludes(text, "export const schema = defineSchema({});\n");
});

Deno.test("writeTypeScript() writes code that is formatted, checked and linted, and gives back the schema", async () => {
  const inherit = ["basic", "connected", "disposed"] as const;
  await using folder = await GeneratedFolder.create([
    ["player.ts", await writeTypeScript(PLAYER)],
    ["merged.ts", await writeTypeScript(PLAYER, { inherit })],
    ["define.ts", await writeTypeScript({ ...PLAYER, name: "Define" })],
    ["empty.ts", await writeTypeScript({ name: "Schema", states: new Map(), groups: new Map() })],
    [
      "use.ts",
      `import { Machine } from "@asyncmachine/asyncmachine";
import { playerGroups, playerNames, playerSchema } from "./player.ts";

const machine = new Machine(playerSchema, { groups: playerGroups });
machine.add("Playing", { at: 1 });
machine.verifyStates([...playerNames, "Exception"]);
// @ts-expect-error: it has no such state
machine.add("Lost");
`,
    ],
  ]);
  await folder.check();

  const { playerSchema, playerGroups, playerNames } = await folder.load("player.ts");
  const machine = new Machine(playerSchema as Schema);
  assertEquals(machine.stateNames, [...playerNames as string[], "Exception"]);
  for (const [name, state] of Object.entries(playerSchema as Schema)) {
    const { args: _, ...plain } = state;
    assertEquals(plain, toSchema(PLAYER)[name], name);
  }
  assertEquals(Object.entries(playerGroups as object), [...PLAYER.groups]);
});

Deno.test("writeTypeScript() extends the states that it inherits", async () => {
  const model = toModel("Client", { Ready: { auto: true, require: ["Connected"], tags: ["ui"] }, Work: {} });
  await using folder = await GeneratedFolder.create([
    ["client.ts", await writeTypeScript(model, { inherit: ["basic", "connected"] })],
  ]);
  await folder.check();

  const { clientSchema, clientGroups } = await folder.load("client.ts");
  const { Ready, Connected } = clientSchema as Schema;
  assertEquals(Ready, { auto: true, require: ["Start", "Connected"], tags: ["ui"] });
  assertEquals(Connected?.require, ["Start"]);
  assertEquals(Object.keys(clientGroups as object), ["Connected"]);
});

Deno.test("writeTypeScript() writes types out as golden/write_typescript_explicit.txt, and gives back the schema", async () => {
  const inherit = ["basic", "connected"] as const;
  const explicit = await writeTypeScript(PLAYER, { inherit, isExplicit: true });
  await using folder = await GeneratedFolder.create([
    ["player.ts", explicit],
    ["alone.ts", await writeTypeScript(PLAYER, { isExplicit: true })],
    ["implicit.ts", await writeTypeScript(PLAYER, { inherit })],
  ]);
  await folder.check();
  await folder.checkForJsr("player.ts", "alone.ts");
  await assertRejects(() => folder.checkForJsr("implicit.ts"), AssertionError, "no-slow-types");

  const { playerSchema } = await folder.load("implicit.ts") as { playerSchema: Schema };
  assertEquals((await folder.load("player.ts")).playerSchema, playerSchema);
  await assertGolden("write_typescript_explicit", explicit);
});

Deno.test("writeTypeScript() rejects a type of arguments that is no TypeScript", async () => {
  const model: SchemaModel = { name: "Odd", states: new Map([["A", { argsType: "{ path: " }]]), groups: new Map() };

  await assertRejects(() => writeTypeScript(model), Error);
});

Deno.test("namePartsOf() uses no name twice that the package has", () => {
  assertEquals(namePartsOf("File").schema, "fileSchema");
  assertEquals(namePartsOf("Schema").schema, "schema");
  assertEquals(namePartsOf("Define").schema, "defineMachineSchema");
});
