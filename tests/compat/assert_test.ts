// Holds for the stand-in and for the real package alike: `deno task check:real` runs this file against the latter.
import * as std from "@std/assert";
import { AssertionError } from "@std/assert";
import { catchFrom, require } from "./_require.ts";

type Call = () => unknown;
type Case = readonly [name: string, passing: readonly Call[], failing: readonly Call[]];

const cyclic: Record<string, unknown> = { Foo: 1 };
cyclic.self = cyclic;
const list = [1];
const cyclicList: unknown[] = [1];
cyclicList.push(cyclicList);
class Base {}
class Derived extends Base {}
class OwnError extends Error {}

// Called by these names, as a function that asserts needs a type that is written out.
const { assertAlmostEquals, assertArrayIncludes, assertGreater, assertGreaterOrEqual, assertLess } = std;
const { assertLessOrEqual, assertMatch, assertNotStrictEquals, assertObjectMatch, assertStringIncludes } = std;
const { assertThrows } = std;
const assert: (expr: unknown, msg?: string) => void = std.assert;
const assertFalse: (expr: unknown, msg?: string) => void = std.assertFalse;
const assertExists: (actual: unknown, msg?: string) => void = std.assertExists;
const assertStrictEquals: (actual: unknown, expected: unknown, msg?: string) => void = std.assertStrictEquals;
const assertInstanceOf: (actual: unknown, expected: typeof Base, msg?: string) => void = std.assertInstanceOf;

const CASES: readonly Case[] = [
  ["assert() wants a truthy value", [() => assert(1), () => assert({})], [() => assert(0), () => assert("")]],
  ["assertFalse() wants a falsy value", [() => assertFalse(0), () => assertFalse(null)], [() => assertFalse("0")]],
  [
    "assertExists() wants neither null nor undefined",
    [() => assertExists(0), () => assertExists(""), () => assertExists(false)],
    [() => assertExists(null), () => assertExists(undefined)],
  ],
  [
    "assertStrictEquals() wants the same value: it tells 0 and -0 apart",
    [() => assertStrictEquals(NaN, NaN), () => assertStrictEquals(list, list), () => assertStrictEquals(-0, -0)],
    [() => assertStrictEquals(0, -0), () => assertStrictEquals([1], [1]), () => assertStrictEquals(1, "1")],
  ],
  [
    "assertNotStrictEquals() wants another value: 0 and -0 are two",
    [() => assertNotStrictEquals(0, -0), () => assertNotStrictEquals([1], [1])],
    [() => assertNotStrictEquals(NaN, NaN), () => assertNotStrictEquals(list, list)],
  ],
  [
    "assertInstanceOf() wants an instance of the class or of a subclass",
    [() => assertInstanceOf(new Base(), Base), () => assertInstanceOf(new Derived(), Base)],
    [
      () => assertInstanceOf(new Base(), Derived),
      () => assertInstanceOf(Base, Base),
      () => assertInstanceOf(null, Base),
      () => assertInstanceOf(undefined, Base),
      () => assertInstanceOf(Object.create(null), Base),
      () => assertInstanceOf(1, Base),
    ],
  ],
  [
    "assertStringIncludes() wants a part of the text",
    [() => assertStringIncludes("Foo", "oo"), () => assertStringIncludes("Foo", "")],
    [() => assertStringIncludes("Foo", "OO")],
  ],
  [
    "assertMatch() wants a text that matches",
    [() => assertMatch("Foo", /^F/)],
    [() => assertMatch("Foo", /^o/)],
  ],
  [
    "assertArrayIncludes() wants all items, in any order, equal by contents",
    [
      () => assertArrayIncludes([1, 2, 3], [3, 1]),
      () => assertArrayIncludes([{ a: 1 }, [2]], [[2], { a: 1 }]),
      () => assertArrayIncludes([1], [1, 1]),
      () => assertArrayIncludes([NaN, -0], [NaN, 0]),
      () => assertArrayIncludes(new Uint8Array([1, 2]), new Uint8Array([2])),
      () => assertArrayIncludes({ length: 1, 0: "a" }, ["a"]),
      () => assertArrayIncludes([], []),
    ],
    [
      () => assertArrayIncludes([1, 2], [3]),
      () => assertArrayIncludes([{ a: 1 }], [{ a: 2 }]),
      () => assertArrayIncludes([], [undefined]),
    ],
  ],
  [
    "assertGreater() wants more",
    [() => assertGreater(2, 1), () => assertGreater("b", "a"), () => assertGreater(2n, 1n)],
    [() => assertGreater(1, 1), () => assertGreater(0, 1), () => assertGreater(NaN, 1)],
  ],
  [
    "assertGreaterOrEqual() wants as much or more",
    [() => assertGreaterOrEqual(1, 1), () => assertGreaterOrEqual(2, 1)],
    [() => assertGreaterOrEqual(0, 1), () => assertGreaterOrEqual(NaN, NaN)],
  ],
  [
    "assertLess() wants less",
    [() => assertLess(1, 2), () => assertLess(new Date(1), new Date(2))],
    [() => assertLess(1, 1), () => assertLess(2, 1), () => assertLess(NaN, 1)],
  ],
  [
    "assertLessOrEqual() wants as much or less",
    [() => assertLessOrEqual(1, 1), () => assertLessOrEqual(1, 2)],
    [() => assertLessOrEqual(2, 1), () => assertLessOrEqual(NaN, NaN)],
  ],
  [
    "assertAlmostEquals() wants a number within the tolerance, a ten-millionth by default",
    [
      () => assertAlmostEquals(0.1 + 0.2, 0.3),
      () => assertAlmostEquals(1e9, 1e9 + 99),
      () => assertAlmostEquals(-1e9, -1e9 - 99),
      () => assertAlmostEquals(1, 1.5, 0.5),
      () => assertAlmostEquals(NaN, NaN),
      () => assertAlmostEquals(-0, 0),
      () => assertAlmostEquals(Infinity, Infinity),
    ],
    [
      () => assertAlmostEquals(1e9, 1e9 + 101),
      () => assertAlmostEquals(1, 1.5, 0.4),
      () => assertAlmostEquals(1e-9, 0),
      () => assertAlmostEquals(NaN, 1),
      () => assertAlmostEquals(1, Infinity),
    ],
  ],
  [
    "assertObjectMatch() wants the expected part, at any depth",
    [
      () => assertObjectMatch({ a: 1, b: 2 }, { a: 1 }),
      () => assertObjectMatch({ a: { b: 1, c: 2 }, d: 3 }, { a: { b: 1 } }),
      () => assertObjectMatch({ a: [1, { b: 2, c: 3 }, 4] }, { a: [1, { b: 2 }] }),
      () => assertObjectMatch({ a: new Map([["b", 1], ["c", 2]]) }, { a: new Map([["b", 1]]) }),
      () => assertObjectMatch({ a: new Set([1, 2]) }, { a: new Set([2]) }),
      () => assertObjectMatch({ a: new Date(1), b: /c/ }, { a: new Date(1), b: /c/ }),
      () => assertObjectMatch({ a: new Derived() }, { a: {} }),
      () => assertObjectMatch({ a: { b: { c: 1 } } }, { a: Object.assign(new Derived(), { b: { c: 1 } }) }),
      () => assertObjectMatch({ a: cyclicList }, { a: cyclicList }),
      () => assertObjectMatch({ a: -0 }, { a: 0 }),
      () => assertObjectMatch(cyclic, { self: { Foo: 1 } }),
      () => assertObjectMatch(cyclic, cyclic),
      () => assertObjectMatch({ a: 1 }, {}),
    ],
    [
      () => assertObjectMatch({ a: 1 }, { a: 2 }),
      () => assertObjectMatch({ a: 1 }, { b: 1 }),
      () => assertObjectMatch({ a: 1 }, { a: 1, b: undefined }),
      () => assertObjectMatch({ a: { b: 1 } }, { a: { b: 2 } }),
      () => assertObjectMatch({ a: { b: 1 } }, { a: 1 }),
      () => assertObjectMatch({ a: [1] }, { a: [1, 2] }),
      () => assertObjectMatch({ a: [1, 2] }, { a: [2] }),
      () => assertObjectMatch({ a: new Map([["b", 1]]) }, { a: new Map([["b", 2]]) }),
      () => assertObjectMatch({ a: new Set([1]) }, { a: new Set([2]) }),
      () => assertObjectMatch({ a: new Date(1) }, { a: new Date(2) }),
      () => assertObjectMatch({ a: /b/ }, { a: /c/ }),
      () => assertObjectMatch(cyclic, { self: { Foo: 2 } }),
    ],
  ],
  [
    "assertThrows() wants a throw, of the class and with the text if told",
    [
      () => assertThrows(() => raise(new OwnError("Foo is late"))),
      () => assertThrows(() => raise(1)),
      () => assertThrows(() => raise(new OwnError("Foo is late")), OwnError),
      () => assertThrows(() => raise(new OwnError("Foo is late")), Error),
      () => assertThrows(() => raise(new OwnError("Foo is late")), OwnError, "is late"),
      () => assertThrows(() => raise(new OwnError("\x1b[31mFoo\x1b[39m is late")), OwnError, "Foo is"),
      () => assertThrows(() => raise(new OwnError("Foo")), OwnError, ""),
      () => assertThrows(() => raise(1), Base as unknown as ErrorConstructor),
    ],
    [
      () => assertThrows(() => 1),
      () => assertThrows(() => 1, OwnError),
      () => assertThrows(() => Promise.resolve(1)),
      () => assertThrows(() => raise(new Error("Foo")), OwnError),
      () => assertThrows(() => raise(new OwnError("Foo")), OwnError, "Bar"),
      () => assertThrows(() => raise("Foo"), OwnError),
      () => assertThrows(() => raise("Foo"), Error),
      () => assertThrows(() => raise(new Error("Foo")), Error, "Bar"),
    ],
  ],
];

for (const [name, passing, failing] of CASES) {
  Deno.test(name, () => {
    for (const call of passing) {
      const error = catchFrom(call);
      require(error === undefined, `it returns: ${call}, threw ${error}`);
    }
    for (const call of failing) {
      require(catchFrom(call) instanceof AssertionError, `it throws an AssertionError: ${call}`);
    }
  });
}

Deno.test("assertMatch() moves a pattern that keeps its place, as test() does", () => {
  const pattern = /o/g;
  assertMatch("Foo", pattern);
  require(pattern.lastIndex === 2, "the pattern was used once");
});

Deno.test("assertObjectMatch() throws for what has no properties", () => {
  const text = "Foo" as unknown as Record<string, unknown>;
  require(catchFrom(() => assertObjectMatch(text, {})) instanceof TypeError, "it throws a TypeError");
});

Deno.test("assertThrows() returns what was thrown", () => {
  const error = new OwnError("Foo");
  const typed: OwnError = assertThrows(() => raise(error), OwnError);
  require(typed === error, "with a class, it is the error");
  require(assertThrows(() => raise(1)) === 1, "without, it is any value");
});

Deno.test("assertRejects() returns the reason", async () => {
  const error = new OwnError("Foo is late");
  const typed: OwnError = await std.assertRejects(() => Promise.reject(error), OwnError, "late");
  require(typed === error, "with a class, it is the error");
  require(await std.assertRejects(() => Promise.reject(1)) === 1, "without, it is any value");
  const thenable = { then: (_: unknown, reject: (reason: unknown) => void) => reject(error) } as PromiseLike<unknown>;
  require(await std.assertRejects(() => thenable, Error) === error, "any object with then() will do");
});

const NOT_REJECTING: ReadonlyArray<readonly [name: string, call: () => Promise<unknown>]> = [
  ["a promise that fulfills", () => std.assertRejects(() => Promise.resolve(1))],
  ["a function that throws", () => std.assertRejects(() => raise(new OwnError("Foo")), OwnError)],
  ["a function without promise", () => std.assertRejects(() => 1 as unknown as Promise<number>)],
  ["a function with then()", () => std.assertRejects(() => makeThenable() as PromiseLike<unknown>)],
  ["another class", () => std.assertRejects(() => Promise.reject(new Error("Foo")), OwnError)],
  ["another message", () => std.assertRejects(() => Promise.reject(new OwnError("Foo")), OwnError, "Bar")],
  ["no error", () => std.assertRejects(() => Promise.reject("Foo"), OwnError)],
];

for (const [name, call] of NOT_REJECTING) {
  Deno.test(`assertRejects() rejects for ${name}`, async () => {
    const error = await call().then(() => undefined, (reason: unknown) => reason);
    require(error instanceof AssertionError, "the reason is an AssertionError");
  });
}

Deno.test("fail() and unreachable() always throw", () => {
  require(catchFrom(() => std.fail()) instanceof AssertionError, "fail() throws an AssertionError");
  require(catchFrom(() => std.unreachable()) instanceof AssertionError, "unreachable() throws an AssertionError");
});

Deno.test("AssertionError has a name, a message and a cause", () => {
  const error = new AssertionError("Foo", { cause: 1 });
  require(error instanceof Error && error.name === "AssertionError", "it is an error of that name");
  require(error.message === "Foo" && error.cause === 1, "it keeps what it is given");
});

Deno.test("assertions narrow types", () => {
  const value = "Foo" as unknown;
  std.assert(typeof value === "string");
  value.toUpperCase();
  const maybe = list[0];
  std.assertExists(maybe);
  maybe.toFixed();
  const base = new Date() as unknown;
  std.assertInstanceOf(base, Date);
  base.getTime();
  const same = 1 as unknown;
  std.assertStrictEquals(same, 1);
  same.toFixed();
});

const MESSAGES: ReadonlyArray<readonly [name: string, call: Call]> = [
  ["assert", () => assert(false, "of Foo")],
  ["assertFalse", () => assertFalse(true, "of Foo")],
  ["assertExists", () => assertExists(null, "of Foo")],
  ["assertEquals", () => std.assertEquals(1, 2, "of Foo")],
  ["assertNotEquals", () => std.assertNotEquals(1, 1, "of Foo")],
  ["assertStrictEquals", () => assertStrictEquals(1, 2, "of Foo")],
  ["assertNotStrictEquals", () => assertNotStrictEquals(1, 1, "of Foo")],
  ["assertInstanceOf", () => assertInstanceOf(1, Base, "of Foo")],
  ["assertStringIncludes", () => assertStringIncludes("a", "b", "of Foo")],
  ["assertMatch", () => assertMatch("a", /b/, "of Foo")],
  ["assertArrayIncludes", () => assertArrayIncludes([1], [2], "of Foo")],
  ["assertObjectMatch", () => assertObjectMatch({ a: 1 }, { a: 2 }, "of Foo")],
  ["assertGreater", () => assertGreater(1, 2, "of Foo")],
  ["assertGreaterOrEqual", () => assertGreaterOrEqual(1, 2, "of Foo")],
  ["assertLess", () => assertLess(2, 1, "of Foo")],
  ["assertLessOrEqual", () => assertLessOrEqual(2, 1, "of Foo")],
  ["assertAlmostEquals", () => assertAlmostEquals(1, 2, 0.5, "of Foo")],
  ["assertThrows, first", () => assertThrows(() => 1, "of Foo")],
  ["assertThrows, last", () => assertThrows(() => 1, OwnError, "", "of Foo")],
  ["fail", () => std.fail("of Foo")],
  ["unreachable", () => std.unreachable("of Foo")],
];

for (const [name, call] of MESSAGES) {
  Deno.test(`the caller's words are in the message: ${name}`, () => {
    const error = catchFrom(call) as Error;
    require(error.message.includes("of Foo"), `they are in "${error.message}"`);
  });
}

Deno.test("assertEquals() shows the lines that differ, the actual ones with - and the expected ones with +", () => {
  const names = Array.from({ length: 20 }, (_, i) => `State${i}`);
  const error = catchFrom(() => std.assertEquals([...names, "Foo", "End"], [...names, "Bar", "End"])) as Error;
  // deno-lint-ignore no-control-regex
  const lines = error.message.replace(/\x1b\[\d+m/g, "").split("\n");
  const changed = lines.filter((line) => /^[-+] .*"/.test(line)).map((line) => line.replace(/\s+/g, " "));
  require(changed.join() === `- "Foo",,+ "Bar",`, `those two lines are marked, not ${changed}`);
});

Deno.test("assertEquals() shows differences of values that contain themselves", () => {
  const other = { ...cyclic, Foo: 2 };
  const error = catchFrom(() => std.assertEquals<unknown>(cyclic, other)) as Error;
  require(error instanceof AssertionError && /Foo: 2/.test(error.message), "the message has the value that differs");
  require(error.message.includes("Circular"), "it says where a value is inside itself");
});

Deno.test("assertObjectMatch() shows what there was when nothing of what is expected is", () => {
  const error = catchFrom(() => assertObjectMatch({ Foo: 1 }, { Bar: 1 })) as Error;
  require(/Foo: 1/.test(error.message) && /Bar: 1/.test(error.message), "the message has both");
});

/** Looks like a promise, but is a function. */
function makeThenable(): unknown {
  return Object.assign(() => {}, { then: (_: unknown, reject: (reason: unknown) => void) => reject(new Error("Foo")) });
}

function raise(error: unknown): never {
  throw error;
}
