import { assert, assertEquals, assertNotStrictEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  adjacentStates,
  argsType,
  assertSchema,
  cloneSchema,
  defineSchema,
  extendState,
  filterByTag,
  isDefined,
  mergeSchemas,
  overrideState,
  prefixSchema,
  type Schema,
  schemaNames,
  type State,
} from "../../machine/schema.ts";
import { test } from "../_harness.ts";

/** Names that objects have already, that are long, or that are no text. */
const EDGE_NAMES = ["__proto__", "constructor", "toString", "hasOwnProperty", "", "\ud800", "x".repeat(10_000)];

function edgeSchema(): Schema {
  return Object.fromEntries(EDGE_NAMES.map((name, i) => [name, { add: [EDGE_NAMES[(i + 1) % EDGE_NAMES.length]!] }]));
}

// defineSchema()

test("defineSchema() returns an equal copy and leaves the original alone", () => {
  const original = { A: { auto: true, multi: false, add: ["B"], tags: ["x"], timeoutMs: 5 }, B: {} } as const;
  const schema = defineSchema(original);
  assertEquals(schema, original);
  assertNotStrictEquals(schema, original);
  assert(!Object.isFrozen(original.A));
});

test("defineSchema() freezes the schema, its states and their lists", () => {
  const schema = defineSchema({ A: { require: ["A"], add: ["A"], remove: ["A"], after: ["A"], tags: ["x"] } });
  const { A } = schema;
  for (const part of [schema, A, A.require, A.add, A.remove, A.after, A.tags]) assert(Object.isFrozen(part));
});

test("defineSchema() keeps args objects as they are", () => {
  const args = { ...argsType<{ path: string }>() };
  const schema = defineSchema({ A: { args } });
  assertStrictEquals(schema.A.args, args);
  assert(!Object.isFrozen(args));
});

test("defineSchema() does not see later changes of the original", () => {
  const original = { A: { add: ["B"] as "B"[] }, B: {} };
  const schema = defineSchema(original);
  original.A.add.push("B");
  assertEquals(schema.A.add, ["B"]);
});

test("defineSchema() keeps the order of the keys", () => {
  assertEquals(Object.keys(defineSchema({ C: {}, A: {}, B: {} })), ["C", "A", "B"]);
});

test("defineSchema() keeps any name as an own data property", () => {
  const schema: Schema = defineSchema(edgeSchema() as object as Record<string, Record<string, never>>);
  assertEquals(Object.keys(schema), EDGE_NAMES);
  assertStrictEquals(Object.getPrototypeOf(schema), Object.prototype);
  assertEquals(Object.getOwnPropertyDescriptor(schema, "__proto__")?.value, { add: ["constructor"] });
  assertEquals(Object.hasOwn({}, "add") || "add" in {}, false);
});

test("defineSchema() reads a __proto__ that JSON.parse made", () => {
  const json = '{ "__proto__": { "auto": true, "add": ["__proto__"] }, "A": {} }';
  const schema: Schema = defineSchema(JSON.parse(json) as Schema);
  assertEquals(JSON.stringify(schema), '{"__proto__":{"auto":true,"add":["__proto__"]},"A":{}}');
  assertEquals(({} as State).auto, undefined);
});

test("defineSchema() turns accessors into data", () => {
  let reads = 0;
  const schema = defineSchema({
    get A(): State<"A"> {
      reads++;
      return { auto: true };
    },
  });
  const before = reads;
  assertEquals(schema.A, { auto: true });
  assertEquals(reads, before);
  assertEquals("value" in Object.getOwnPropertyDescriptor(schema, "A")!, true);
});

test("defineSchema() leaves out undefined and unknown fields, and keeps empty lists", () => {
  const json = { A: { auto: undefined, note: "x", require: [] } };
  assertEquals(Object.entries(defineSchema(json as unknown as Schema)["A"]!), [["require", []]]);
});

test("defineSchema() returns a defined schema itself", () => {
  const schema = defineSchema({ A: {} });
  assertStrictEquals(defineSchema(schema), schema);
});

test("defineSchema() takes a schema without states", () => {
  assertEquals(defineSchema({}), {});
});

test("isDefined() tells defined schemas from others", () => {
  const schema = defineSchema({ A: {} });
  assertEquals(isDefined(schema), true);
  assertEquals(isDefined(Object.freeze({ ...schema })), false);
});

// assertSchema()

/** What is wrong, and the message. */
const WRONG_SHAPES: [schema: unknown, message: string][] = [
  [null, "Cannot read schema: null is not an object"],
  [undefined, "Cannot read schema: undefined is not an object"],
  ["A", 'Cannot read schema: "A" is not an object'],
  [["A"], "Cannot read schema: a list is not an object"],
  [() => {}, "Cannot read schema: function is not an object"],
  [{ A: null }, 'Cannot read state "A": null is not an object'],
  [{ A: true }, 'Cannot read state "A": boolean is not an object'],
  [{ A: [] }, 'Cannot read state "A": a list is not an object'],
  [{ A: {}, B: { require: "A" } }, 'Cannot read "require" of state "B": it is not a list of strings'],
  [{ A: { add: null } }, 'Cannot read "add" of state "A": it is not a list of strings'],
  [{ A: { remove: ["A", 1] } }, 'Cannot read "remove" of state "A": it is not a list of strings'],
  [{ A: { after: { length: 0 } } }, 'Cannot read "after" of state "A": it is not a list of strings'],
  [{ A: { add: Array(1) } }, 'Cannot read "add" of state "A": it is not a list of strings'],
  [{ A: { tags: [null] } }, 'Cannot read "tags" of state "A": it is not a list of strings'],
  [{ A: { auto: 1 } }, 'Cannot read "auto" of state "A": number is not a boolean'],
  [{ A: { multi: "yes" } }, 'Cannot read "multi" of state "A": "yes" is not a boolean'],
  [{ A: { timeoutMs: "1" } }, 'Cannot read "timeoutMs" of state "A": "1" is not a number'],
  [{ A: { args: {} } }, 'Cannot read "args" of state "A": object is not a Standard Schema'],
  [{ A: { args: null } }, 'Cannot read "args" of state "A": null is not a Standard Schema'],
  [{ A: { args: 1 } }, 'Cannot read "args" of state "A": number is not a Standard Schema'],
  [
    { A: { args: { "~standard": { version: 2, validate() {} } } } },
    'Cannot read "args" of state "A": object is not a Standard Schema',
  ],
  [
    { A: { args: { "~standard": { version: 1 } } } },
    'Cannot read "args" of state "A": object is not a Standard Schema',
  ],
  [{ "": [] }, 'Cannot read state "": a list is not an object'],
  [{ ["__proto__"]: 1 }, 'Cannot read state "__proto__": number is not an object'],
];

for (const [schema, message] of WRONG_SHAPES) {
  test(`assertSchema() throws: ${message}`, () => {
    const error = assertThrows(() => assertSchema(schema), TypeError);
    assertEquals(error.message, message);
  });
}

for (const timeoutMs of [-1, NaN, Infinity, -Infinity]) {
  test(`assertSchema() throws a RangeError for a timeout of ${timeoutMs}`, () => {
    const error = assertThrows(() => assertSchema({ A: { timeoutMs } }), RangeError);
    const expected = `Cannot read "timeoutMs" of state "A": ${timeoutMs} is not a finite number of 0 or more`;
    assertEquals(error.message, expected);
  });
}

test("assertSchema() shortens a long name in its message", () => {
  const error = assertThrows(() => assertSchema({ ["x".repeat(10_000)]: 1 }), TypeError);
  assertEquals(error.message, `Cannot read state "${"x".repeat(197)}...": number is not an object`);
});

test("assertSchema() accepts every field, undefined, and fields that states do not have", () => {
  const callable = Object.assign(() => {}, argsType<{ path: string }>());
  assertSchema({
    A: { auto: false, multi: true, require: [], add: ["X"], remove: ["A", "A"], after: [], tags: [], timeoutMs: 0 },
    B: { auto: undefined, multi: undefined, add: undefined, tags: undefined, timeoutMs: undefined, args: undefined },
    C: { args: argsType(), required: 7, note: "x" },
    D: { args: callable },
  });
});

test("assertSchema() accepts objects without a prototype, and classes", () => {
  class Ready {
    auto = true;
  }
  assertSchema(Object.assign(Object.create(null), { A: Object.create(null), Ready: new Ready() }));
});

test("assertSchema() accepts any name", () => {
  assertSchema(edgeSchema());
});

test("every helper throws for a wrong shape instead of reading it", () => {
  const wrong = { A: { add: "BC" } } as unknown as Schema;
  for (
    const call of [
      () => defineSchema(wrong),
      () => cloneSchema(wrong),
      () => mergeSchemas({ A: {} }, wrong),
      () => prefixSchema(wrong, "My"),
      () => filterByTag(wrong, "x"),
    ]
  ) assertThrows(call, TypeError, 'Cannot read "add" of state "A": it is not a list of strings');
});

// argsType()

test("argsType() lets everything through", async () => {
  const value = { path: 1 };
  const standard = argsType<{ path: string }>()["~standard"];
  assertEquals([standard.version, standard.vendor], [1, "asyncmachine"]);
  const result = await standard.validate(value) as { value: unknown };
  assertEquals(Object.keys(result), ["value"]);
  assertStrictEquals(result.value, value);
});

// cloneSchema()

test("cloneSchema() copies states and lists, unfrozen", () => {
  const schema = defineSchema({ A: { add: ["B"], args: argsType<{ path: string }>() }, B: {} });
  const copy = cloneSchema(schema);
  assertEquals(copy, schema);
  assertStrictEquals(copy.A.args, schema.A.args);
  for (const part of [copy, copy.A, copy.A.add]) assert(!Object.isFrozen(part));
});

test("cloneSchema() keeps any name", () => {
  assertEquals(Object.entries(cloneSchema(edgeSchema())), Object.entries(edgeSchema()));
});

// mergeSchemas()

test("mergeSchemas() replaces a state as a whole", () => {
  const merged = mergeSchemas({ A: { auto: true, add: ["B"] }, B: {} }, { A: { remove: ["B"] } });
  assertEquals(merged, { A: { remove: ["B"] }, B: {} } as object);
});

test("mergeSchemas() keeps the place of the first definition", () => {
  assertEquals(Object.keys(mergeSchemas({ B: {}, A: {} }, { C: {}, B: {} })), ["B", "A", "C"]);
});

test("mergeSchemas() copies deeply", () => {
  const original = { A: { add: ["A"] } };
  const merged = mergeSchemas(original);
  original.A.add.push("B");
  assertEquals(merged.A.add, ["A"]);
});

test("mergeSchemas() returns an empty schema without schemas", () => {
  assertEquals(mergeSchemas(), {});
});

test("mergeSchemas() keeps any name", () => {
  const merged: Schema = mergeSchemas(edgeSchema(), { ["__proto__"]: { auto: true } });
  assertEquals(Object.keys(merged), EDGE_NAMES);
  assertEquals(Object.getOwnPropertyDescriptor(merged, "__proto__")?.value, { auto: true });
});

// extendState()

test("extendState() joins relations without repeats, those of the state first", () => {
  const state = { require: ["A"], add: ["B", "C"], remove: ["D"] } as const;
  const extended = extendState(state, { add: ["C", "E"], remove: [], after: ["F"] });
  assertEquals(extended, { require: ["A"], add: ["B", "C", "E"], remove: ["D"], after: ["F"] });
});

test("extendState() never takes auto and multi away", () => {
  assertEquals(extendState({ auto: true, multi: true }, { auto: false, multi: false }), { auto: true, multi: true });
  assertEquals(extendState({}, { auto: true, multi: true }), { auto: true, multi: true });
  assertEquals(extendState({ auto: false }, { multi: true }), { auto: false, multi: true });
});

test("extendState() ignores the tags of the overlay", () => {
  assertEquals(extendState({ tags: ["x"] }, { tags: ["y"] }), { tags: ["x"] });
  assertEquals(extendState({}, { tags: ["y"] }), {});
});

test("extendState() takes timeoutMs and args of the overlay, if it has them", () => {
  const [mine, yours] = [{ ...argsType() }, { ...argsType() }];
  const extended = extendState({ timeoutMs: 1, args: mine }, { timeoutMs: 2, args: yours });
  assertEquals(extended.timeoutMs, 2);
  assertStrictEquals(extended.args, yours);
  assertStrictEquals(extendState({ args: mine }, { auto: true }).args, mine);
});

test("extendState() changes neither of its arguments", () => {
  const state = defineSchema({ A: { add: ["A"] } }).A;
  const overlay = { add: ["B"] };
  extendState(state, overlay);
  assertEquals([state, overlay], [{ add: ["A"] }, { add: ["B"] }] as object);
});

// overrideState()

test("overrideState() replaces the relations that the overlay has, and keeps the others", () => {
  const overridden = overrideState({ require: ["A"], add: ["B"], after: ["C"] }, { add: ["D"], after: [] });
  assertEquals(overridden, { require: ["A"], add: ["D"], after: [] });
});

test("overrideState() replaces auto and multi, if the overlay has them", () => {
  assertEquals(overrideState({ auto: true, multi: true }, { auto: false }), { auto: false, multi: true });
});

test("overrideState() does not count undefined as a value", () => {
  assertEquals(overrideState({ auto: true, add: ["A"] }, { auto: undefined, add: undefined } as unknown as State), {
    auto: true,
    add: ["A"],
  });
});

test("overrideState() keeps the tags of the state", () => {
  assertEquals(overrideState({ tags: ["x"] }, { tags: ["y"] }), { tags: ["x"] });
  assertEquals(overrideState({}, { tags: ["y"] }), {});
});

test("overrideState() replaces timeoutMs and args", () => {
  const args = argsType<{ path: string }>();
  assertEquals(overrideState({ timeoutMs: 1, args: argsType() }, { timeoutMs: 0, args }), { timeoutMs: 0, args });
});

test("overrideState() copies the lists", () => {
  const overlay = { add: ["A"] };
  const overridden = overrideState({}, overlay);
  overlay.add.push("B");
  assertEquals(overridden.add, ["A"]);
});

// prefixSchema()

test("prefixSchema() renames states and what their relations list", () => {
  const schema = {
    A: { require: ["B"], add: ["A", "X"], remove: ["B"], after: ["B"], tags: ["t"] },
    B: { auto: true },
  };
  assertEquals(Object.entries(prefixSchema(schema, "My")), [
    ["MyA", { require: ["MyB"], add: ["MyA", "MyX"], remove: ["MyB"], after: ["MyB"], tags: ["t"] }],
    ["MyB", { auto: true }],
  ]);
});

test("prefixSchema() renames Exception too", () => {
  assertEquals(prefixSchema({ A: { require: ["Exception"] } }, "My"), { MyA: { require: ["MyException"] } });
});

test("prefixSchema() with removeDuplicates leaves a state with the prefix alone, relations included", () => {
  const schema = { MyA: { add: ["B"] }, B: { add: ["MyA", "B"] } };
  assertEquals(Object.entries(prefixSchema(schema, "My", { removeDuplicates: true })), [
    ["MyA", { add: ["B"] }],
    ["MyB", { add: ["MyMyA", "MyB"] }],
  ]);
});

test("prefixSchema() without removeDuplicates prefixes a state with the prefix once more", () => {
  assertEquals(Object.keys(prefixSchema({ MyA: {} }, "My")), ["MyMyA"]);
});

test("prefixSchema() takes the allowed states, less those to skip, in the schema's order", () => {
  const schema = { A: {}, B: {}, C: {}, D: {} };
  assertEquals(Object.keys(prefixSchema(schema, "My", { allow: ["C", "A"] })), ["MyA", "MyC"]);
  assertEquals(Object.keys(prefixSchema(schema, "My", { skip: ["B"] })), ["MyA", "MyC", "MyD"]);
  assertEquals(Object.keys(prefixSchema(schema, "My", { allow: ["A", "B"], skip: ["B", "C"] })), ["MyA"]);
  assertEquals(Object.keys(prefixSchema(schema, "My", { allow: [] })), []);
});

test("prefixSchema() renames relations to states that are left out", () => {
  assertEquals(prefixSchema({ A: { add: ["B"] }, B: {} }, "My", { skip: ["B"] }), { MyA: { add: ["MyB"] } });
});

test("prefixSchema() takes and makes any name", () => {
  const prefixed: Schema = prefixSchema(edgeSchema(), "My");
  assertEquals(Object.keys(prefixed), EDGE_NAMES.map((name) => `My${name}`));
  const proto: Schema = prefixSchema({ proto__: {} }, "__");
  assertEquals(Object.keys(proto), ["__proto__"]);
  assertEquals(Object.keys(prefixSchema({ A: {} }, "")), ["A"]);
});

test("prefixSchema() changes no defined schema", () => {
  const schema = defineSchema({ A: { add: ["A"] } });
  prefixSchema(schema, "My");
  assertEquals(schema.A.add, ["A"]);
});

// filterByTag(), schemaNames(), adjacentStates()

test("filterByTag() keeps the states with exactly this tag, in order", () => {
  const schema = { B: { tags: ["x", "y"] }, A: { tags: ["x:1"] }, C: {}, D: { tags: ["x"] } } as const;
  assertEquals(filterByTag(schema, "x"), { B: { tags: ["x", "y"] }, D: { tags: ["x"] } });
  assertEquals(Object.keys(filterByTag(schema, "x")), ["B", "D"]);
  assertEquals(filterByTag(schema, "z"), {});
});

test("filterByTag() returns copies", () => {
  const schema = { A: { tags: ["x"] } };
  const filtered: Schema = filterByTag(schema, "x");
  schema.A.tags.push("y");
  assertEquals(filtered, { A: { tags: ["x"] } });
});

test("schemaNames() lists the keys in their order, integers first, as JavaScript has them", () => {
  assertEquals(schemaNames({ B: {}, A: {}, "7": {} } as Schema), ["7", "B", "A"]);
  assertEquals(schemaNames(edgeSchema()), EDGE_NAMES);
  assertEquals(schemaNames({}), []);
});

test("adjacentStates() lists add, after, require and remove, repeats included", () => {
  const state = { require: ["C", "A"], add: ["A"], remove: ["D"], after: ["B"] };
  assertEquals(adjacentStates(state), ["A", "B", "C", "A", "D"]);
  assertEquals(adjacentStates({}), []);
});
