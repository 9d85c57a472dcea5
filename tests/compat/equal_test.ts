// Holds for the stand-in and for the real package alike: `deno task check:real` runs this file against the latter.
import { assertEquals, AssertionError, assertNotEquals, equal } from "@std/assert";
import { catchFrom, require } from "./_require.ts";

class Point {
  x: number;
  constructor(x: number) {
    this.x = x;
  }
}

class Place extends Point {}

/** Shows its value by a getter only. */
class Box {
  #value: unknown;
  constructor(value: unknown) {
    this.#value = value;
  }
  get value(): unknown {
    return this.#value;
  }
}

/** Shows nothing. */
class Safe {
  #value: unknown;
  constructor(value: unknown) {
    this.#value = value;
  }
  isOpenedBy(value: unknown): boolean {
    return this.#value === value;
  }
}

const here = Symbol("here");
const shared = (): number => 1;

type Row = readonly [name: string, a: unknown, b: unknown, isEqual: boolean];

const TABLE: readonly Row[] = [
  ["0 and -0", 0, -0, true],
  ["0 and -0 in an array", [0], [-0], true],
  ["0 and -0 in an object", { a: { b: 0 } }, { a: { b: -0 } }, true],
  ["0 and -0 in a set", new Set([0]), new Set([-0]), true],
  ["0 and -0 in a map", new Map([[0, 0]]), new Map([[-0, -0]]), true],
  ["NaN", NaN, NaN, true],
  ["NaN in an array", [NaN], [NaN], true],
  ["NaN in a set", new Set([NaN]), new Set([NaN]), true],
  ["number and text", 1, "1", false],
  ["number and bigint", 1, 1n, false],
  ["bigints", 2n ** 70n, 2n ** 70n, true],
  ["false and 0", false, 0, false],
  ["null and undefined", null, undefined, false],
  ["null and an object", null, {}, false],
  ["empty text and empty array", "", [], false],
  ["texts", "Foo", "Foo", true],
  ["texts of other case", "Foo", "foo", false],
  ["one symbol", here, here, true],
  ["symbols of one description", Symbol("a"), Symbol("a"), false],
  ["registered symbols", Symbol.for("a"), Symbol.for("a"), true],
  ["one function", { shared }, { shared }, true],
  ["functions of one text", () => 1, () => 1, false],

  ["arrays", [1, [2, [3]]], [1, [2, [3]]], true],
  ["arrays in other order", [1, 2], [2, 1], false],
  ["arrays of other length", [1, 2], [1, 2, 3], false],
  ["array with undefined behind", [1], [1, undefined], false],
  ["hole and undefined", Array(1), [undefined], false],
  ["holes", Array(2), Array(2), true],
  ["array and object of its items", ["a"], { 0: "a" }, false],
  ["array and array-like", ["a"], { 0: "a", length: 1 }, false],
  ["arrays with another extra property", Object.assign([1], { a: 1 }), Object.assign([1], { a: 2 }), false],

  ["objects", { a: 1, b: { c: 2 } }, { b: { c: 2 }, a: 1 }, true],
  ["objects that differ inside", { a: { b: 1 } }, { a: { b: 2 } }, false],
  ["missing key and undefined", {}, { a: undefined }, false],
  ["keys of undefined values", { a: undefined }, { b: undefined }, false],
  ["keys by one symbol", { [here]: 1 }, { [here]: 1 }, true],
  ["key by symbol, missing", { [here]: 1 }, {}, false],
  ["keys by symbol that differ", { [here]: 1 }, { [here]: 2 }, false],
  ["hidden key of a plain object", Object.defineProperty({}, "a", { value: 1 }), {}, true],
  ["plain object and one without prototype", { a: 1 }, Object.assign(Object.create(null), { a: 1 }), true],
  ["constructor as a key", { constructor: { a: 1 } }, { constructor: { a: 1 } }, true],
  [
    "getters",
    {
      get a() {
        return 1;
      },
    },
    { a: 1 },
    true,
  ],

  ["one class", new Point(1), new Point(1), true],
  ["one class, other values", new Point(1), new Point(2), false],
  ["class and its subclass", new Point(1), new Place(1), false],
  ["class and plain object", new Point(1), { x: 1 }, false],
  ["instance and object with its class as a key", new Safe(1), { constructor: Safe }, false],
  ["private fields behind getters", new Box([1]), new Box([1]), true],
  ["private fields behind getters that differ", new Box([1]), new Box([2]), false],
  ["private fields that nothing shows", new Safe(1), new Safe(2), true],

  ["sets", new Set([1, 2]), new Set([2, 1]), true],
  ["sets that differ", new Set([1, 2]), new Set([1, 3]), false],
  ["sets of other size", new Set([1]), new Set([1, 2]), false],
  ["sets of objects", new Set([{ a: 1 }, { b: 2 }]), new Set([{ b: 2 }, { a: 1 }]), true],
  ["sets of objects that differ", new Set([{ a: 1 }, { b: 2 }]), new Set([{ b: 3 }, { a: 1 }]), false],
  ["sets of sets", new Set([1, new Set([2, 3])]), new Set([new Set([3, 2]), 1]), true],
  ["sets of functions", new Set([shared]), new Set([shared]), true],
  ["set and map", new Set([1]), new Map([[1, 1]]), false],
  ["set and array", new Set([1]), [1], false],
  ["maps", new Map([["a", 1], ["b", 2]]), new Map([["b", 2], ["a", 1]]), true],
  ["maps of other values", new Map([["a", 1]]), new Map([["a", 2]]), false],
  ["maps of other keys", new Map([["a", 1]]), new Map([["b", 1]]), false],
  ["map with undefined for a key", new Map([["a", undefined]]), new Map([["b", undefined]]), false],
  ["maps of objects", new Map([["a", { b: [1] }]]), new Map([["a", { b: [1] }]]), true],
  ["maps by objects", new Map([[{ a: 1 }, 1], [{ b: 2 }, 2]]), new Map([[{ b: 2 }, 2], [{ a: 1 }, 1]]), true],
  [
    "maps by objects, values swapped",
    new Map([[{ a: 1 }, 1], [{ b: 2 }, 2]]),
    new Map([[{ a: 1 }, 2], [{ b: 2 }, 1]]),
    false,
  ],
  ["maps by one object", new Map([[{ a: 1 }, 1]]), new Map([[{ a: 1 }, 1]]), true],
  ["maps by one object, other values", new Map([[{ a: 1 }, 1]]), new Map([[{ a: 1 }, 2]]), false],
  ["maps by one object that differs", new Map([[{ a: 1 }, 1]]), new Map([[{ a: 2 }, 1]]), false],
  ["map with an extra property", Object.assign(new Map([["a", 1]]), { a: 1 }), new Map([["a", 1]]), false],
  ["map and object", new Map([["a", 1]]), { a: 1 }, false],

  ["typed arrays", new Uint8Array([1, 2]), new Uint8Array([1, 2]), true],
  ["typed arrays that differ", new Uint8Array([1, 2]), new Uint8Array([1, 3]), false],
  ["typed arrays of other length", new Uint8Array([0]), new Uint8Array([0, 0]), false],
  ["typed arrays of other kind", new Uint8Array([1]), new Int8Array([1]), false],
  ["typed arrays of 0 and -0", new Float64Array([0, NaN]), new Float64Array([-0, NaN]), true],
  ["views at other offsets", new Uint8Array([0, 1]).subarray(1), new Uint8Array([1]), true],
  ["buffers", new Uint8Array([1]).buffer, new Uint8Array([1]).buffer, true],
  ["buffers that differ", new Uint8Array([1]).buffer, new Uint8Array([2]).buffer, false],
  ["data views that differ", new DataView(new ArrayBuffer(1)), new DataView(new Uint8Array([1]).buffer), false],

  ["dates", new Date(1), new Date(1), true],
  ["dates that differ", new Date(1), new Date(2), false],
  ["invalid dates", new Date(NaN), new Date(NaN), true],
  ["date and number", new Date(1), 1, false],
  ["patterns", /a/g, /a/g, true],
  ["patterns of other flags", /a/g, /a/i, false],
  ["patterns of other text", /a/, /b/, false],
  ["patterns, one of them used", /a/g, Object.assign(/a/g, { lastIndex: 1 }), true],
  ["addresses", new URL("http://a.example/b"), new URL("http://a.example/b"), true],
  ["addresses that differ", new URL("http://a.example/b"), new URL("http://a.example/c"), false],
  ["queries that differ", new URLSearchParams("a=1"), new URLSearchParams("a=2"), false],
  ["boxed texts that differ", new String("a"), new String("b"), false],

  ["errors of one place", ...makeErrors(["a", "a"]), true],
  ["errors of other places", new Error("a"), new Error("a"), false],
  ["errors of other messages", ...makeErrors(["a", "b"]), false],
  ["errors of equal causes", ...makeErrors(["a", "a"], [{ b: [1] }, { b: [1] }]), true],
  ["errors of other causes", ...makeErrors(["a", "a"], [1, 2]), false],
  ["error with and without a cause", ...makeErrors(["a", "a"], [1]), false],
  ["errors of other classes", ...[TypeError, RangeError].map((it) => new it("a")) as [Error, Error], false],

  ["weak references", new WeakRef({ a: 1 }), new WeakRef({ a: 1 }), true],
  ["weak references that differ", new WeakRef({ a: 1 }), new WeakRef({ a: 2 }), false],
  ["weak reference and its object", new WeakRef({ a: 1 }), { a: 1 }, false],
  ["weak map and weak set", new WeakMap(), new WeakSet(), false],
  ["weak map and plain object", new WeakMap(), {}, false],

  ["cycles", makeCycle(1), makeCycle(1), true],
  ["cycles that differ", makeCycle(1), makeCycle(2), false],
  ["a cycle and its unrolled form", makeCycle(1), { value: 1, self: makeCycle(1) }, true],
  ["cycles through maps", makeMapCycle(1), makeMapCycle(1), true],
  ["cycles through maps that differ", makeMapCycle(1), makeMapCycle(2), false],
  ["cycles through sets", makeSetCycle(1), makeSetCycle(1), true],
  ["deep arrays", nest(1, (it) => [it]), nest(1, (it) => [it]), true],
  ["deep arrays that differ", nest(1, (it) => [it]), nest(2, (it) => [it]), false],
  ["deep objects", nest(1, (it) => ({ it })), nest(1, (it) => ({ it })), true],
  ["deep objects that differ", nest(1, (it) => ({ it })), nest(2, (it) => ({ it })), false],
  ["deep maps", nest(1, (it) => new Map([[0, it]])), nest(1, (it) => new Map([[0, it]])), true],
  ["deep sets", nest(1, (it) => new Set([it])), nest(1, (it) => new Set([it])), true],
  ["deep sets that differ", nest(1, (it) => new Set([it]), 300), nest(2, (it) => new Set([it]), 300), false],
  ["long arrays", Array(200_000).fill(1), Array(200_000).fill(1), true],
];

for (const [name, a, b, isEqual] of TABLE) {
  Deno.test(`equal() tells ${isEqual ? "equal" : "apart"}: ${name}`, () => {
    require(equal(a, b) === isEqual, `equal(a, b) is ${isEqual}`);
    require(equal(b, a) === isEqual, `equal(b, a) is ${isEqual}`);
    require(equal(a, a) && equal(b, b), "each equals itself");
  });

  Deno.test(`assertEquals() and assertNotEquals() go by equal(): ${name}`, () => {
    const [passing, failing] = isEqual ? [assertEquals, assertNotEquals] : [assertNotEquals, assertEquals];
    require(catchFrom(() => passing(a, b)) === undefined, `${passing.name}() returns`);
    require(catchFrom(() => failing(a, b)) instanceof AssertionError, `${failing.name}() throws an AssertionError`);
  });
}

for (const make of [() => new WeakMap(), () => new WeakSet()]) {
  Deno.test(`equal() throws for two of class ${make().constructor.name}, as it cannot look inside`, () => {
    require(catchFrom(() => equal(make(), make())) instanceof TypeError, "equal() throws a TypeError");
    require(catchFrom(() => equal([make()], [make()])) instanceof TypeError, "it does inside an array");
    const weak = make();
    require(equal(weak, weak), "one equals itself");
  });
}

/** Two errors made by the same line, so that their stacks are the same. */
function makeErrors(messages: [string, string], causes: unknown[] = []): [Error, Error] {
  return messages.map((it, i) => new Error(it, i in causes ? { cause: causes[i] } : {})) as [Error, Error];
}

function makeCycle(value: number): object {
  const cycle: { value: number; self?: unknown } = { value };
  cycle.self = cycle;
  return cycle;
}

function makeMapCycle(value: number): object {
  const cycle = new Map<string, unknown>([["value", value]]);
  return cycle.set("self", cycle);
}

function makeSetCycle(value: number): object {
  const cycle = new Set<unknown>([value]);
  return cycle.add(cycle);
}

/** Deep enough for any test, and within the stack of a comparison that calls itself. */
function nest(core: unknown, wrap: (inner: unknown) => unknown, levels = 1_000): unknown {
  let value = core;
  for (let i = 0; i < levels; i++) value = wrap(value);
  return value;
}
