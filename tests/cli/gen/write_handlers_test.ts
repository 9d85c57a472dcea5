import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { formatCode } from "../../../cli/_format_code.ts";
import { importSchema } from "../../../cli/gen/_schema_import.ts";
import { listMethods, writeHandlers } from "../../../cli/gen/write_handlers.ts";
import { writeTest } from "../../../cli/gen/write_test.ts";
import { toModel } from "../../../cli/schema/model.ts";
import { writeTypeScript } from "../../../cli/schema/write_typescript.ts";
import { Machine, type Schema } from "../../../mod.ts";
import { GeneratedFolder } from "../_generated.ts";
import { randomStates } from "./_random_states.ts";

const MODEL = toModel("Test", { Foo: {}, Bar: {}, "a,b": {}, construct: {}, or: {} });

Deno.test("listMethods() lists the State handlers of all states when nothing is asked for", () => {
  assertEquals(listMethods(MODEL, {}), ["FooState", "BarState", "a,bState", "constructState", "orState"]);
});

Deno.test("listMethods() lists the kinds of handlers of states in the order of a state's life", () => {
  const methods = listMethods(MODEL, { states: 'Foo,"a,b",Exception', kinds: "end,enter,end" });

  assertEquals(methods, ["FooEnter", "FooEnd", "a,bEnter", "a,bEnd", "ExceptionEnter", "ExceptionEnd"]);
  assertEquals(listMethods(MODEL, { kinds: "exit" }).length, 5);
});

Deno.test("listMethods() lists the methods that are named, and those of states only if these are asked for", () => {
  const methods = "FooBar,AnyEnter,AnyState,FooFoo,BarExit,ExceptionFoo,FooBar";

  const named = ["FooBar", "AnyEnter", "AnyState", "FooFoo", "BarExit", "ExceptionFoo"];
  assertEquals(listMethods(MODEL, { methods }), named);
  assertEquals(listMethods(MODEL, { methods, states: "Foo" }), ["FooState", ...named]);
});

const WRONG = [
  [
    { methods: "FooState,FooEntr" },
    'Cannot read methods "FooState,FooEntr" at character 10: the schema has no state or pair of states of that name, ' +
    'the nearest is "FooEnter"',
  ],
  [{ methods: "lost" }, 'Cannot read methods "lost" at character 1: the schema has no state or pair of states of that'],
  [{ methods: "constructor" }, 'Cannot read methods "constructor" at character 1: a class has no handler of that name'],
  [{ methods: "" }, 'Cannot read methods "" at character 1: there is no name'],
  [{ states: "Foo,Lost" }, 'Cannot read states "Foo,Lost" at character 5: there is no state "Lost"'],
  [{ kinds: "state,any" }, 'Cannot read kinds "state,any" at character 7: "any" is none of enter, state, exit, end'],
  [{ kinds: "state)" }, 'Cannot read kinds "state)" at character 6: ")" is out of place'],
] as const;

for (const [options, message] of WRONG) {
  Deno.test(`listMethods() throws ${message}`, () => {
    assertThrows(() => listMethods(MODEL, options), SyntaxError, message);
  });
}

Deno.test("listMethods() throws when there is no state", () => {
  assertThrows(() => listMethods(toModel("Empty", {}), {}), SyntaxError, "the schema has no state");
});

Deno.test("am gen handlers and am gen test write code that is formatted, checked and linted, binds, and passes", async () => {
  const randoms = fc.sample(randomStates(5), { numRuns: 25, seed: 10 });
  await using folder = await GeneratedFolder.create([]);
  for (const [i, { model, inherit }] of randoms.entries()) {
    await folder.write(`states_${i}.ts`, await writeTypeScript(model, { inherit }));
    const schema = await importSchema(`${folder.path}/states_${i}.ts`, {});
    const [name = ""] = model.states.keys();
    const methods = listMethods(schema.model, {
      states: [...schema.model.states.keys()].map((it) => JSON.stringify(it)).join(),
      kinds: "enter,state,exit,end",
      methods: ["AnyEnter", "AnyState", name + name].map((it) => JSON.stringify(it)).join(),
    });
    await folder.write(`handlers_${i}.ts`, await writeHandlers(schema, methods));
    await folder.write(`states_${i}_test.ts`, await writeTest(schema));
  }
  await folder.write("bind.ts", await writeBinding(randoms.length));
  await folder.check();

  const out = await folder.run("test", "--no-check");
  assertStringIncludes(out, "| 0 failed");
  for (const i of randoms.keys()) {
    const { schema } = await folder.load(`states_${i}.ts`) as { schema: Schema };
    const Handlers = (await folder.load(`handlers_${i}.ts`))[`States${i}Handlers`] as new () => object;
    const machine = new Machine(schema);
    machine.bindHandlers(new Handlers());
    const names = Object.getOwnPropertyNames(Handlers.prototype);
    const kinds = ["Enter", "State", "Exit", "End"];
    for (const state of Object.keys(schema)) {
      assertEquals(kinds.filter((kind) => !names.includes(state + kind)), [], state);
    }
  }
});

/** Code that binds handlers of all files, for the compiler. */
async function writeBinding(count: number): Promise<string> {
  const numbers = Array.from({ length: count }, (_, i) => i);
  const imports = numbers.flatMap((i) => [
    `import { States${i}Handlers } from "./handlers_${i}.ts";`,
    `import { schema as schema${i} } from "./states_${i}.ts";`,
  ]);
  const lines = numbers.map((i) => `new Machine(schema${i}).bindHandlers(new States${i}Handlers());`);
  return await formatCode(
    ['import { Machine } from "@asyncmachine/asyncmachine";', ...imports, "", ...lines].join("\n"),
  );
}

Deno.test("am gen handlers and am gen test type the arguments of states, in the schema that is named", async () => {
  await using folder = await GeneratedFolder.create([["work.ts", WORK]]);
  const schema = await importSchema(`${folder.path}/work.ts`, { name: "states" });
  const methods = listMethods(schema.model, {
    methods: "WorkEnter,PlayEnter,WorkState,WorkExit,IdleEnter,ExceptionEnter",
  });
  const handlers = await writeHandlers(schema, methods);
  await folder.write("handlers.ts", handlers);
  await folder.write("work_test.ts", await writeTest(schema));
  await folder.check();
  await folder.run("test");

  await folder.write("used.ts", handlers.replaceAll("return true;", "return _event.args.path.length > 0;"));
  const { code, stderr } = await new Deno.Command("deno", {
    args: ["check", "used.ts"],
    cwd: folder.path,
    env: { NO_COLOR: "1" },
  }).output();
  const messages = new TextDecoder().decode(stderr).match(/used\.ts:\d+/g) ?? [];
  assertEquals([code, messages.length], [1, 3]); // WorkExit, IdleEnter, ExceptionEnter know no path
});

Deno.test("am gen handlers imports a schema under any name that it is exported by", async () => {
  const literal = "defineSchema({ Foo: {} })";
  const declare = 'import { defineSchema } from "@asyncmachine/asyncmachine";\n\n';
  await using folder = await GeneratedFolder.create([
    ["a_door.ts", `${declare}export default ${literal};\n`],
    ["b_door.ts", `${declare}const doorSchema = ${literal};\nexport { doorSchema as "a door" };\n`],
    ["c_door.ts", `${declare}export const Event = ${literal};\n`],
    ["d_door.ts", `${declare}export const Schema = ${literal};\n`],
  ]);
  const imports: string[] = [];
  for (const name of "abcd") {
    const schema = await importSchema(`${folder.path}/${name}_door.ts`, {});
    const text = await writeHandlers(schema, listMethods(schema.model, { kinds: "exit,state" }));
    await folder.write(`${name}_handlers.ts`, text);
    await folder.write(`${name}_door_test.ts`, await writeTest(schema));
    imports.push(schema.clause);
  }
  await folder.check();
  await folder.run("test", "--no-check");

  assertEquals(imports, [
    "default as aDoorSchema",
    '"a door" as doorSchema',
    "Event as eventSchema",
    "Schema",
  ]);
});

const WORK = `import { argsType, defineSchema } from "@asyncmachine/asyncmachine";

export const states = defineSchema({
  Work: { args: argsType<Work>(), remove: ["Idle"] },
  Play: { args: argsType<{ path: string }>() },
  Idle: { auto: true, remove: ["Work"] },
});

export default defineSchema({ Other: {} });

/** It means something here only. */
export interface Work {
  readonly path: string;
}
`;
