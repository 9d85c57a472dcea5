import { assert, assertEquals } from "@std/assert";
import {
  cutText,
  MAX_TEXT_BYTES,
  MAX_VALUES,
  serialize,
  serializeArgs,
  utf8Length,
} from "../../telemetry/_serialize.ts";

/** Fails the test when it is called. */
function forbidden(): never {
  throw new Error("user code was run");
}

Deno.test("serializeArgs() takes named keys only", () => {
  const args = { path: "/a", secret: "s", nested: { secret: "s" } };
  assertEquals(serializeArgs(args, ["path", "nope"])?.args, { path: "/a" });
  assertEquals(serializeArgs(args, []), null);
  assertEquals(serializeArgs({}, ["path"]), null);
});

Deno.test("serializeArgs() takes no inherited key", () => {
  assertEquals(serializeArgs(Object.create({ path: "/a" }), ["path", "toString", "__proto__"]), null);
});

Deno.test("serializeArgs() gives the message of an error for err", () => {
  const error = new Error("boom", { cause: "secret" });
  assertEquals(serializeArgs({ error }, ["err"])?.args, { err: "boom" });
  assertEquals(serializeArgs({ error, err: "own" }, ["err"])?.args, { err: "own" });
  assertEquals(serializeArgs({ error: "no error" }, ["err"]), null);
});

const PLAIN: readonly [name: string, value: unknown, expected: unknown][] = [
  ["texts, numbers, booleans and null", ["a", 1.5, true, null, "😀"], ["a", 1.5, true, null, "😀"]],
  ["numbers that JSON lacks", [NaN, Infinity, -Infinity], ["[NaN]", "[Infinity]", "[-Infinity]"]],
  ["undefined", [undefined], ["[undefined]"]],
  ["bigints", [12n, 10n ** 9999n, -(10n ** 9999n)], ["12n", "[bigint]", "[bigint]"]],
  ["symbols", [Symbol("a"), Symbol.iterator], ["[Symbol(a)]", "[Symbol(Symbol.iterator)]"]],
  ["functions and classes", [function foo() {}, () => {}, class Bar {}], [
    "[function foo]",
    "[function]",
    "[function Bar]",
  ]],
  ["dates", [new Date(0), new Date(NaN)], ["1970-01-01T00:00:00.000Z", "[Invalid Date]"]],
  ["errors", new TypeError("no", { cause: new Error("why") }), {
    name: "TypeError",
    message: "no",
    cause: { name: "Error", message: "why" },
  }],
  ["maps and sets", [new Map([["a", 1]]), new Set([2])], [{ "[Map 1]": [["a", 1]] }, { "[Set 1]": [2] }]],
  ["views and buffers", [new Uint8Array(5), new DataView(new ArrayBuffer(2)), new ArrayBuffer(3)], [
    "[Uint8Array 5]",
    "[DataView ]",
    "[ArrayBuffer 3]",
  ]],
  ["patterns and addresses", [/a+/g, new URL("https://a.example/b")], ["[RegExp a+]", "https://a.example/b"]],
  [
    "instances, by their own data",
    new (class {
      a = 1;
      #b = 2;
      get c() {
        return this.#b;
      }
    })(),
    { a: 1 },
  ],
  ["objects without a prototype", Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  ["sparse lists", Object.assign(new Array(2), { 1: 1 }), [null, 1]],
];

for (const [name, value, expected] of PLAIN) {
  Deno.test(`serialize() makes plain data of ${name}`, () => {
    const data = serialize(value);
    assertEquals(data, expected);
    assertEquals(JSON.parse(JSON.stringify(data)), expected);
  });
}

Deno.test("serialize() keeps a key __proto__ a key", () => {
  const data = serialize(JSON.parse('{"__proto__":{"polluted":true}}')) as object;
  assertEquals(JSON.stringify(data), '{"__proto__":{"polluted":true}}');
  assertEquals(({} as { polluted?: boolean }).polluted, undefined);
});

Deno.test("serialize() marks cycles, and not what is merely there twice", () => {
  const twice = { x: 1 };
  const value: Record<string, unknown> = { a: twice, b: twice };
  value.self = value;
  value.list = [value];
  assertEquals(serialize(value), { a: { x: 1 }, b: { x: 1 }, self: "[circular]", list: ["[circular]"] });
});

Deno.test("serialize() goes 6 deep, and marks what is deeper", () => {
  let value: unknown = "deep";
  for (let i = 0; i < 7; i++) value = { in: value };
  assertEquals(
    JSON.stringify(serialize(value)),
    '{"in":{"in":{"in":{"in":{"in":{"in":"[cut: an object]"}}}}}}',
  );
  let list: unknown = [];
  for (let i = 0; i < 100_000; i++) list = [list];
  assertEquals(JSON.stringify(serialize(list)), '[[[[[["[cut: a list of 1]"]]]]]]');
  let maps: unknown = new Map();
  for (let i = 0; i < 100; i++) maps = new Map([[1, maps]]);
  assert(depthOf(serialize(maps)) <= 8, "wrappers of maps count, too");
});

Deno.test("serialize() takes 64 keys and items, and marks how many more there are", () => {
  const object = serialize(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, i]))) as object;
  assertEquals(Object.keys(object).length, 65);
  assertEquals(Object.entries(object).at(-1), ["[cut]", "36 more"]);
  const list = serialize(Array.from({ length: 100 }, (_, i) => i)) as unknown[];
  assertEquals([list.length, list.at(-1)], [65, "[cut: 36 more]"]);
  const set = serialize(new Set(list)) as Record<string, unknown[]>;
  assertEquals([set["[Set 65]"]!.length, set["[Set 65]"]!.at(-1)], [65, "[cut]"]);
});

Deno.test("serialize() looks at no more of a huge list than it takes", () => {
  const list: unknown[] = [];
  list.length = 4_000_000_000;
  assertEquals((serialize(list) as unknown[]).at(-1), "[cut: 3999999936 more]");
});

Deno.test("serializeArgs() takes a thousand values at most, however they are nested", () => {
  const wide = (depth: number): unknown => depth === 0 ? 1 : Array.from({ length: 64 }, () => wide(depth - 1));
  const shared = wide(2);
  const value = Array.from({ length: 64 }, () => Array.from({ length: 64 }, () => [shared, shared]));
  const { args, bytes } = serializeArgs({ value }, ["value"])!;
  const text = JSON.stringify(args);
  assert(text.match(/1/g)!.length <= MAX_VALUES, "values are counted over all lists");
  assert(text.length < 100_000 && bytes < 100_000, `it has ${text.length} bytes, and ${bytes} were counted`);
});

Deno.test("cutText() cuts at 1 KB of UTF-8, never within a character, and marks how much is gone", () => {
  for (const character of ["a", "é", "€", "😀"]) {
    const text = character.repeat(2000);
    const cut = cutText(text);
    const [kept] = cut.split("[cut: ");
    assert(new TextEncoder().encode(kept).length <= MAX_TEXT_BYTES);
    assert(new TextEncoder().encode(kept).length > MAX_TEXT_BYTES - 4);
    assert(text.startsWith(kept!) && kept!.length % character.length === 0);
    assertEquals(cut, `${kept}[cut: ${text.length - kept!.length} more]`);
    assertEquals(cutText(character.repeat(256)), character.repeat(256));
  }
  assertEquals(utf8Length("aé€😀"), new TextEncoder().encode("aé€😀").length);
});

Deno.test("serialize() runs no getter, toJSON, conversion or overridden method", () => {
  const hostile = {
    get getter() {
      return forbidden();
    },
    toJSON: forbidden,
    toString: forbidden,
    valueOf: forbidden,
    [Symbol.toPrimitive]: forbidden,
    get [Symbol.toStringTag]() {
      return forbidden();
    },
  };
  class HostileMap extends Map {
    override get size() {
      return forbidden();
    }
    override entries() {
      return forbidden();
    }
    override [Symbol.iterator]() {
      return forbidden();
    }
  }
  class HostileError extends Error {
    static override [Symbol.hasInstance] = forbidden;
    override get name() {
      return forbidden();
    }
    override get message() {
      return forbidden();
    }
  }
  class HostileDate extends Date {
    override toISOString() {
      return forbidden();
    }
    override getTime() {
      return forbidden();
    }
    override toJSON() {
      return forbidden();
    }
  }
  const list = [1];
  Object.defineProperty(list, 0, { get: forbidden, enumerable: true });
  const named = () => {};
  Object.defineProperty(named, "name", { get: forbidden });

  const data = serialize([hostile, new HostileMap(), new HostileError(), new HostileDate(0), list, named]);
  assertEquals(JSON.parse(JSON.stringify(data)), [
    {
      getter: "[getter]",
      toJSON: "[function forbidden]",
      toString: "[function forbidden]",
      valueOf: "[function forbidden]",
    },
    { "[Map 0]": [] },
    { name: "Error", message: "" },
    "1970-01-01T00:00:00.000Z",
    ["[getter]"],
    "[function]",
  ]);
});

Deno.test("serializeArgs() runs no trap of a Proxy, wherever it stands", () => {
  const hostile = (target: object) => new Proxy(target, new Proxy({}, { get: forbidden }));
  const child = Object.create(hostile({}));
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const args = { a: hostile({}), b: [hostile([]), hostile(() => {})], c: proxy, d: new Map([[hostile({}), proxy]]) };
  assertEquals(serializeArgs(args, ["a", "b", "c", "d"])?.args, {
    a: "[proxy]",
    b: ["[proxy]", "[proxy]"],
    c: "[proxy]",
    d: { "[Map 1]": [["[proxy]", "[proxy]"]] },
  });
  assertEquals(serializeArgs(hostile({ a: 1 }) as Record<string, unknown>, ["a"])?.args, { a: "[proxy]" });
  assertEquals(serialize(child), {});
});

Deno.test("serialize() marks what a Proxy throws where nothing can tell that it is one, as in a page", async () => {
  const { process } = globalThis as unknown as { process: { getBuiltinModule: unknown } };
  const { getBuiltinModule } = process;
  process.getBuiltinModule = undefined;
  try {
    const page: typeof import("../../telemetry/_serialize.ts") = await import(
      import.meta.resolve("../../telemetry/_serialize.ts") + "?page"
    );
    const hostile = (target: object) => new Proxy(target, new Proxy({}, { get: forbidden }));
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    assertEquals(page.serialize([hostile({}), hostile([]), proxy, hostile(() => {})]), [
      "[unreadable]",
      "[unreadable]",
      "[unreadable]",
      "[function]",
    ]);
    assertEquals(page.serialize(Object.create(hostile({}))), {});
    assertEquals(page.serializeArgs(proxy, ["a"])?.args, { a: "[unreadable]" });
    assertEquals(page.serialize(new Proxy({ a: 1 }, {})), { a: 1 });
  } finally {
    process.getBuiltinModule = getBuiltinModule;
  }
});

Deno.test("serialize() survives anything", () => {
  const values = [
    document(),
    globalThis,
    Deno,
    import.meta,
    new WeakMap(),
    Promise.resolve(),
    Object(1n),
    Object(Symbol()),
  ];
  for (const value of values) JSON.stringify(serialize(value));
});

/** An object with everything in it that a runtime has. */
function document(): object {
  return Object.fromEntries(
    Object.getOwnPropertyNames(globalThis).map((name) => {
      try {
        return [name, (globalThis as Record<string, unknown>)[name]];
      } catch {
        return [name, null];
      }
    }),
  );
}

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
