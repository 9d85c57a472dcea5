// Holds for the stand-in and for the real package alike: `deno task check:real` runs this file against the latter.
import { assertEquals, assertInstanceOf } from "@std/assert";
import { parseArgs, unicodeWidth } from "@std/cli";

type Options = Parameters<typeof parseArgs>[1];
type Row = readonly [args: string, options: Options, expected: Record<string, unknown>];

const TABLE: readonly Row[] = [
  ["", {}, { _: [] }],
  ["a 1 -", {}, { _: ["a", 1, "-"] }],
  ["1 0x10 1e3 1a", {}, { _: [1, 16, 1000, "1a"] }],
  ["1 0x10", { string: "_" }, { _: ["1", "0x10"] }],
  ["--port 80", {}, { port: 80, _: [] }],
  ["--port=80", {}, { port: 80, _: [] }],
  ["--port=80 --port=81", {}, { port: 81, _: [] }],
  ["--port 80", { string: ["port"] }, { port: "80", _: [] }],
  ["--out a=b=c --in=a=b", {}, { out: "a=b=c", in: "a=b", _: [] }],
  ["--out=", {}, { out: "", _: [] }],
  ["--out", {}, { out: true, _: [] }],
  ["--out", { string: ["out"] }, { out: "", _: [] }],
  ["--out --check", { string: "out" }, { out: "", check: true, _: [] }],
  ["--out -1", {}, { out: true, 1: true, _: [] }],
  ["--check a", {}, { check: "a", _: [] }],
  ["--check a", { boolean: ["check"] }, { check: true, _: ["a"] }],
  ["--check a", { boolean: "check" }, { check: true, _: ["a"] }],
  ["--check false a", { boolean: ["check"] }, { check: false, _: ["a"] }],
  ["--check=false", { boolean: ["check"] }, { check: false, _: [] }],
  ["--check=no", { boolean: ["check"] }, { check: true, _: [] }],
  ["--check=false", {}, { check: "false", _: [] }],
  ["a", { boolean: ["check"] }, { check: false, _: ["a"] }],
  ["a", { boolean: [""], string: "" }, { _: ["a"] }],
  ["a", { string: ["out"] }, { _: ["a"] }],
  ["--no-check", {}, { "no-check": true, _: [] }],
  ["-v", {}, { v: true, _: [] }],
  ["-v a", {}, { v: "a", _: [] }],
  ["-v a", { boolean: ["v"] }, { v: true, _: ["a"] }],
  ["-v true a", { boolean: ["v"] }, { v: true, _: ["a"] }],
  ["-abc", {}, { a: true, b: true, c: true, _: [] }],
  ["-abc d", {}, { a: true, b: true, c: "d", _: [] }],
  ["-n5", {}, { n: 5, _: [] }],
  ["-n-5", {}, { n: -5, _: [] }],
  ["-n5", { string: "n" }, { n: "5", _: [] }],
  ["-n=a", {}, { n: "a", _: [] }],
  ["-n=", {}, { n: "", _: [] }],
  ["-a-", {}, { a: "-", _: [] }],
  ["-a/b", {}, { a: "/b", _: [] }],
  ["-xa/b", {}, { x: true, a: "/b", _: [] }],
  ["-a/", {}, { a: true, "/": true, _: [] }],
  ["-n - a", {}, { n: "-", _: ["a"] }],
  ["--n - a", {}, { n: true, _: ["-", "a"] }],
  ["-n --m", { string: "n" }, { n: "", m: true, _: [] }],
  ["--verbose", { alias: { verbose: "v" } }, { verbose: true, v: true, _: [] }],
  ["-v", { alias: { verbose: ["v", "loud"] } }, { verbose: true, v: true, loud: true, _: [] }],
  ["-v a", { boolean: "verbose", alias: { verbose: "v" } }, { verbose: true, v: true, _: ["a"] }],
  ["-o 1", { string: "out", alias: { out: "o" } }, { out: "1", o: "1", _: [] }],
  ["a", { default: { out: 1 } }, { out: 1, _: ["a"] }],
  ["--out 2", { default: { out: 1 } }, { out: 2, _: [] }],
  ["a", { default: { out: "." }, alias: { out: "o" } }, { out: ".", o: ".", _: ["a"] }],
  ["a", { boolean: "check", default: { check: true } }, { check: true, _: ["a"] }],
  ["a", { default: { out: undefined } }, { out: undefined, _: ["a"] }],
  ["a -- --b c 1", {}, { _: ["a", "--b", "c", "1"] }],
  ["a -- --b 1", { "--": true }, { "--": ["--b", "1"], _: ["a"] }],
  ["a", { "--": true }, { "--": [], _: ["a"] }],
  ["--out -- a", { string: "out" }, { out: "", _: ["a"] }],
  ["--std.dir a --std.ok", {}, { std: { dir: "a", ok: true }, _: [] }],
  ["a", { default: { "std.dir": 1 } }, { std: { dir: 1 }, _: ["a"] }],
  ["--__proto__.a 1 --constructor.b 2", {}, { _: [] }],
];

for (const [args, options, expected] of TABLE) {
  Deno.test(`parseArgs() reads "${args}" with ${JSON.stringify(options)}`, () => {
    assertEquals<unknown>(parseArgs(args.split(" ").filter(Boolean), options), expected);
  });
}

Deno.test("parseArgs() keeps prototypes out of reach of names", () => {
  parseArgs(["--__proto__.polluted", "1", "--constructor.prototype.polluted", "1"]);
  assertEquals(Reflect.get({}, "polluted"), undefined);
});

Deno.test("parseArgs() does not change what it is given", () => {
  const args = ["a", "--", "b"];
  const options = { boolean: ["check"], default: { out: { a: 1 } } };
  parseArgs(args, options);
  assertEquals(args, ["a", "--", "b"]);
  assertEquals(options, { boolean: ["check"], default: { out: { a: 1 } } });
});

Deno.test("parseArgs() throws for an alias that is undefined", () => {
  const alias = { out: undefined } as unknown as Record<string, string>;
  let error: unknown;
  try {
    parseArgs([], { alias });
  } catch (thrown) {
    error = thrown;
  }
  assertInstanceOf(error, TypeError);
});

Deno.test("parseArgs() gives values the types of their options", () => {
  const args = parseArgs(["a"], {
    boolean: ["check"],
    string: ["out", "std"],
    default: { out: ".", port: 80 },
    alias: { check: "c", out: "o" },
    "--": true,
  });
  const flags: boolean[] = [args.check, args.c];
  const texts: string[] = [args.out, args.o, ...args["--"]];
  const maybe: string | undefined = args.std;
  const rest: Array<string | number> = args._;
  const unknowns: unknown[] = [args.port, args.whatever];
  // @ts-expect-error: without a default, text may be missing
  const missing: string = args.std;
  // @ts-expect-error: a name that is no option may be anything
  const whatever: string = args.whatever;
  assertEquals<unknown[]>([flags, texts, maybe, rest, unknowns, missing, whatever], [
    [false, false],
    [".", "."],
    undefined,
    ["a"],
    [80, undefined],
    undefined,
    undefined,
  ]);
});

Deno.test("parseArgs() gives any type to values when no option is named", () => {
  const { port } = parseArgs(["--port", "80"]);
  const number: number = port;
  assertEquals(number, 80);
});

const WIDTHS: readonly (readonly [text: string, width: number, what: string])[] = [
  ["", 0, "nothing"],
  ["Foo bar~", 8, "ASCII"],
  ["état", 4, "letters with marks in one character"],
  ["e\u0301tat", 4, "letters with marks behind them"],
  ["状態", 4, "Chinese"],
  ["ステート", 8, "Japanese"],
  ["상태", 4, "Korean"],
  ["ｆｏｏ", 6, "wide Latin"],
  ["ｱｲ", 2, "narrow Japanese"],
  ["🦕", 2, "a picture"],
  ["a\u200Bb\u200Dc\uFE0F", 3, "what has no width"],
  ["\u00AD§±│─", 5, "what is wide in some fonts only"],
  ["a\x00\x1b\x07\x7f\x9bb", 2, "control characters"],
];

for (const [text, width, what] of WIDTHS) {
  Deno.test(`unicodeWidth() counts ${width} columns for ${what}`, () => {
    assertEquals(unicodeWidth(text), width);
  });
}
