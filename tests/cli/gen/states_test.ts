import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { readStates } from "../../../cli/gen/read_states.ts";
import { toSchema } from "../../../cli/schema/model.ts";
import { readTypeScript } from "../../../cli/schema/read_typescript.ts";
import { COMMON_SCHEMAS, writeTypeScript } from "../../../cli/schema/write_typescript.ts";
import { extendState, Machine, mergeSchemas, type Schema } from "../../../mod.ts";
import { GeneratedFolder } from "../_generated.ts";
import { NAMES, type RandomStates, randomStates, toArguments } from "./_random_states.ts";

/** What a states file exports. */
interface States extends Record<string, unknown> {
  schema: Schema;
  groups: Record<string, readonly string[]>;
  names: readonly string[];
}

/** What the machine of a random schema should be made of. */
function expectedSchema({ model, inherit }: RandomStates): Schema {
  const base = mergeSchemas(...inherit.map((name) => COMMON_SCHEMAS[name].schema as Schema));
  const own = Object.entries(toSchema(model)).map(([name, state]) => {
    if (!Object.hasOwn(base, name)) return [name, state];
    const { tags } = state;
    return [name, { ...extendState(base[name]!, state), ...(tags === undefined ? {} : { tags }) }];
  });
  return mergeSchemas(base, Object.fromEntries(own));
}

/** A states file stands for itself: it asks for no other. */
function readText({ href }: URL): never {
  throw new Error(`asked for ${href}`);
}

Deno.test("am gen states writes 500 random grammars as code that is formatted, checked and linted, runs, and is read back", async () => {
  const randoms = fc.sample(randomStates(), { numRuns: 500, seed: 10 });
  const texts = await Promise.all(randoms.map(async (random, i) => {
    const { states, groups } = toArguments(random);
    const model = readStates(states, { name: "Schema", groups, inherit: random.inherit });
    return [`states_${i}.ts`, await writeTypeScript(model, { ...random, isExplicit: i % 2 === 1 })] as const;
  }));
  await using folder = await GeneratedFolder.create(texts);
  await folder.check();

  for (const [i, random] of randoms.entries()) {
    const { schema, groups = {}, names } = await folder.load(`states_${i}.ts`) as States;
    const machine = new Machine(schema, { groups });
    const [name, text] = texts[i]!;
    assertEquals(schema, expectedSchema(random), text);
    assertEquals(toSchema(readTypeScript(text, "Schema", { url: `file:///${name}`, readText })), schema, text);
    assertEquals(machine.stateNames.filter((name) => name !== "Exception" || Object.hasOwn(schema, name)), names);
    for (const [name, states] of random.model.groups) assertEquals(groups[name], states);
  }
});

Deno.test("am gen states holds 10,000 random names as data", async () => {
  const all = [...new Set(fc.sample(NAMES, { numRuns: 14_000, seed: 10 }))].slice(0, 10_000);
  assertEquals(all.length, 10_000);
  const states = all.map((name, i) => `${JSON.stringify(name)}:add(${JSON.stringify(all[(i + 1) % all.length])})`);
  const { name, states: read } = readStates(states, { name: "Schema" });
  const text = await writeTypeScript({
    name,
    states: read,
    groups: new Map<string, string[]>([["All", all], ...all.map((it): [string, string[]] => [it, [it]])]),
  });
  await using folder = await GeneratedFolder.create([["states.ts", text]]);
  await folder.run("fmt", "--check", "states.ts");

  const { schema, groups } = await folder.load("states.ts") as States;
  assertEquals(groups.All, all);
  assertEquals(new Set(Object.keys(groups)), new Set(["All", ...all]));
  assertEquals(new Set(Object.keys(schema)), new Set(all));
  for (const [i, name] of all.entries()) assertEquals(schema[name]?.add, [all[(i + 1) % all.length]!]);
  assert(!/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(text.replaceAll("\n", "")));
});
