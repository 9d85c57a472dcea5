import { assertEquals, assertStringIncludes } from "@std/assert";
import { listCompletions, listDefinitions, listMessages } from "./_compiler.ts";
import { readText } from "./_project.ts";

/** So that nobody has to read a page: a message may quote a schema, which the compiler cuts, but not many times. */
const LIMIT = 400, LIMIT_WITH_SCHEMA = 900;

const STATES = ["Foo: { args: argsType<{ path: string }>() }", "FileProcessed: {}", "Bar: {}"];

function define(states: readonly string[]): string {
  return `import { argsType, defineSchema, Machine } from "./mod.ts";
    const machine = new Machine(defineSchema({ ${states.join(", ")} }));
    class Misspelled { FooEntr(): void {} }
  `;
}

const manyStates = [...STATES, ...Array.from({ length: 497 }, (_, i) => `Number${i}: {}`)];

for (
  const [mistake, text, parts, limit] of [
    ["an unknown state", 'machine.add("Fo");', ['"Fo"', '"Foo" | "FileProcessed" | "Bar"'], LIMIT],
    ["a key like FooEnter", "machine.bindHandlers({ FooEntr: (e) => e });", [
      "FooEntr is no handler",
      'DidYouMean<"FooEnter">',
    ], LIMIT],
    ["a misspelled state in a key", "machine.bindHandlers({ FilProcessedState() {} });", [
      "FilProcessedState is no handler",
      'DidYouMean<"FileProcessedState">',
    ], LIMIT],
    ["a misspelled pair", "machine.bindHandlers({ FooBra() {} });", ['DidYouMean<"FooBar">'], LIMIT],
    ["a state as a key", "machine.bindHandlers({ Foo() {} });", [
      '"FooEnter" | "FooState" | "FooExit" | "FooEnd"',
    ], LIMIT],
    ["a key like none", "machine.bindHandlers({ XyzExit() {} });", [
      "XyzExit is no handler",
      '"FooExit" | "FileProcessedExit" | "BarExit"',
    ], LIMIT],
    ["a wrong key of a class", "machine.bindHandlers(new Misspelled());", [
      "FooEntr is no handler",
      'DidYouMean<"FooEnter">',
    ], LIMIT_WITH_SCHEMA],
    ["missing arguments", 'machine.add("Foo");', ["Expected 2-3 arguments, but got 1."], LIMIT],
    ["a wrong argument", 'machine.add("Foo", { path: 1 });', ["'number' is not assignable to type 'string'"], LIMIT],
    ["an async negotiation", "machine.bindHandlers({ async FooEnter() { return true; } });", [
      "'Promise<boolean>' is not assignable to type 'boolean | void'",
    ], LIMIT_WITH_SCHEMA],
    ["a wrong answer", "machine.bindHandlers({ FooEnter: () => 1 });", [
      "'number' is not assignable to type 'boolean | void'",
    ], LIMIT],
    ["an unknown state in a relation", 'defineSchema({ Foo: {}, Bar: { add: ["Fooo"] } });', [
      "Did you mean '\"Foo\"'?",
    ], LIMIT],
    ["an unknown field", "defineSchema({ Foo: { requires: [] } });", ["A state has no field requires"], LIMIT],
  ] as const
) {
  for (const [size, states] of [["a small schema", STATES], ["500 states", manyStates]] as const) {
    Deno.test(`The compiler says of ${mistake} what is right, in one short message, with ${size}`, () => {
      const messages = listMessages(define(states) + text);

      assertEquals(messages.length, 1, messages.join("\n"));
      for (const part of parts) assertStringIncludes(messages[0]!, part);
      assertEquals(messages[0]!.length <= limit, true, `${messages[0]!.length} characters: ${messages[0]}`);
    });
  }
}

Deno.test("README.md shows what the compiler says of mistakes", async () => {
  const [, section] = (await readText("README.md")).match(/^## What the compiler checks$(.*?)^## /ms) ?? [];
  const [, program] = section!.match(/^```ts\n(.*?)^```$/ms) ?? [];
  const [, shown] = section!.match(/^```text\n(.*?)^```$/ms) ?? [];
  const prelude = program!.replace("@asyncmachine/asyncmachine", "./mod.ts");

  const said: string[] = [];
  for (const [, mistake] of shown!.matchAll(/^(\S.*)$/gm)) {
    const [message, ...others] = listMessages(prelude + mistake);
    assertEquals(others, [], mistake);
    said.push(mistake!, `  ${message?.split("\n")[0]}`);
  }
  assertEquals(shown!.trimEnd().split("\n"), said);
  assertEquals(said.length > 8, true);
});

Deno.test("An editor offers the handlers of each state, and those of any", () => {
  const names = listCompletions(define(STATES) + "machine.bindHandlers({ FooState() {}, B| });");
  const wanted = ["BarEnter", "BarState", "BarExit", "BarEnd", "FooEnter", "ExceptionState", "AnyEnter", "AnyState"];

  assertEquals(wanted.filter((name) => !names.includes(name)), []);
});

Deno.test("An editor goes from a handler's key to the key: types made of names lead nowhere", () => {
  assertEquals(listDefinitions(define(STATES) + "machine.bindHandlers({ Fo|oState() {} });"), ["FooState() {} });"]);
});

Deno.test("An editor goes from a field of the arguments to where the schema declares it", () => {
  const program = define(STATES) + "machine.bindHandlers({ FooState: (event) => event.args.pa|th });";

  assertEquals(listDefinitions(program).map((line) => line.slice(0, 12)), ["path: string"]);
});
