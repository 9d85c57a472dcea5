import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { readStates, type ReadStatesOptions } from "../../../cli/gen/read_states.ts";
import type { StateModel } from "../../../cli/schema/model.ts";
import { randomStates, toArguments } from "./_random_states.ts";

function read(texts: string[], options: Partial<ReadStatesOptions> = {}): Record<string, StateModel> {
  return Object.fromEntries(readStates(texts, { name: "Test", ...options }).states);
}

Deno.test("readStates() reads the states of all arguments in order", () => {
  const { states, groups, name } = readStates(["Foo,Bar", " Baz "], { name: "Test" });

  assertEquals([...states], [["Foo", {}], ["Bar", {}], ["Baz", {}]]);
  assertEquals([name, groups.size], ["Test", 0]);
});

Deno.test("readStates() reads all flags, in any order", () => {
  const text = "A:after(B):multi:tags(ui;key:value):require(B;C):auto:add(C):remove(B):require(D):timeout(500),B,C,D";

  assertEquals(read([text]).A, {
    auto: true,
    multi: true,
    require: ["B", "C", "D"],
    add: ["C"],
    remove: ["B"],
    after: ["B"],
    tags: ["ui", "key:value"],
    timeoutMs: 500,
  });
});

Deno.test("readStates() reads names in quotes as data", () => {
  const states = read(['"a,b:auto(c;\\"\\u0064)":multi,"_A":remove("a,b:auto(c;\\"d)";_A;"_A")', '"\n"'], {
    groups: ['_A("_A")'],
  });

  assertEquals(Object.keys(states), ['a,b:auto(c;"d)', "_A", "\n"]);
  assertEquals(states._A, { remove: ['a,b:auto(c;"d)', "_A"] });
});

Deno.test("readStates() lets the states of a group remove it, and others by its name", () => {
  const { states, groups } = readStates(["A,B:remove(Stop),Stop:remove(_Play;C),C"], {
    name: "Test",
    groups: ["Play(A;B),Other(C,Stop)"],
  });

  assertEquals(Object.fromEntries(states), {
    A: { remove: ["A", "B"] },
    B: { remove: ["A", "B", "Stop"] },
    Stop: { remove: ["C", "Stop", "A", "B"] },
    C: { remove: ["C", "Stop"] },
  });
  assertEquals([...groups], [["Play", ["A", "B"]], ["Other", ["C", "Stop"]]]);
});

Deno.test("readStates() lets the only state of a group remove nothing", () => {
  assertEquals(read(["A,B:remove(_One)"], { groups: ["One(A)"] }), { A: {}, B: { remove: ["A"] } });
});

Deno.test("readStates() knows the states and groups that are inherited, and adds to them", () => {
  const states = read(["Ready:auto,Work:require(Connected;Exception):remove(_Disposed)"], {
    inherit: ["basic", "connected", "disposed"],
    groups: ["Life(Work;Heartbeat)"],
  });

  assertEquals(states, {
    Ready: { auto: true },
    Work: { require: ["Connected", "Exception"], remove: ["Work", "Heartbeat", "Disposing", "Disposed"] },
    Heartbeat: { remove: ["Work", "Heartbeat"] },
  });
});

const FLAGS = "auto, multi, require(…), add(…), remove(…), after(…), tags(…), timeout(…)";

const WRONG: readonly (readonly [states: string, message: string, options?: Partial<ReadStatesOptions>])[] = [
  ["", 'Cannot read states "" at character 1: there is no name'],
  ["Foo,", 'Cannot read states "Foo," at character 5: there is no name'],
  ["Foo,,Bar", 'Cannot read states "Foo,,Bar" at character 5: there is no name'],
  ['""', 'Cannot read states """" at character 1: there is no name'],
  ["Foo:", 'Cannot read states "Foo:" at character 5: there is no name'],
  ["Foo: often", `Cannot read states "Foo: often" at character 6: "often" is none of ${FLAGS}`],
  ["Foo:__proto__", `Cannot read states "Foo:__proto__" at character 5: "__proto__" is none of ${FLAGS}`],
  ["Foo:auto(A)", 'Cannot read states "Foo:auto(A)" at character 9: "(" is out of place'],
  ["Foo:add", 'Cannot read states "Foo:add" at character 8: "(" is missing'],
  ["Foo:add(Foo", 'Cannot read states "Foo:add(Foo" at character 12: ")" is missing'],
  ["Foo:add()", 'Cannot read states "Foo:add()" at character 9: there is no name'],
  ["Foo)", 'Cannot read states "Foo)" at character 4: ")" is out of place'],
  ['"Foo', 'Cannot read states ""Foo" at character 1: the quotes do not end'],
  ['"\\x"', 'Cannot read states ""\\x"" at character 1: what is in quotes is no text of JSON'],
  ["Foo:timeout(1.5)", 'Cannot read states "Foo:timeout(1.5)" at character 13: "1.5" is no number of milliseconds'],
  ["Foo:timeout(1;2)", 'Cannot read states "Foo:timeout(1;2)" at character 13: "1" is no number of milliseconds'],
  ["Foo,Bar,Foo", 'Cannot read states "Foo,Bar,Foo" at character 9: there is a state "Foo" already'],
  ["Foo:add(Bar)", 'Cannot read states "Foo:add(Bar)" at character 9: there is no state "Bar"'],
  [
    "Foo:add(Exception)",
    'Cannot read states "Foo:add(Exception)" at character 9: there is no state "Exception" (--inherit basic has it)',
  ],
  [
    "Foo:add(_Bar)",
    'Cannot read states "Foo:add(_Bar)" at character 9: there is no group "Bar" (a state whose name begins with _ stands in quotes)',
  ],
  ["A", 'Cannot read groups "Play" at character 5: "(" is missing', { groups: ["Play"] }],
  ["A", 'Cannot read groups "_(A)" at character 1: there is no name', { groups: ["_(A)"] }],
  ["A", 'Cannot read groups "Play(B)" at character 6: there is no state "B"', { groups: ["Play(B)"] }],
  ["A", 'Cannot read groups "Play(A;A)" at character 8: there is a member "A" already', { groups: ["Play(A;A)"] }],
  ["A", 'Cannot read groups "P(A),P(A)" at character 6: there is a group "P" already', { groups: ["P(A),P(A)"] }],
  [
    "A",
    'Cannot read groups "Connected(A)" at character 1: there is a group "Connected" already',
    { groups: ["Connected(A)"], inherit: ["basic", "connected"] },
  ],
  [
    "A",
    'Cannot inherit connected: it needs a state "Start", inherit basic too or define one',
    { inherit: ["connected"] },
  ],
  [
    "Start",
    'Cannot inherit disposed: it needs a state "Exception", inherit basic too or define one',
    { inherit: ["disposed"] },
  ],
];

for (const [states, message, options] of WRONG) {
  Deno.test(`readStates() throws ${message}`, () => {
    assertThrows(() => read([states], options), SyntaxError, message);
  });
}

Deno.test("readStates() shows of a long argument what is around the place", () => {
  const states = Array.from({ length: 40 }, (_, i) => `S${i + 10}`);
  states[20] = "S10";
  const { message } = assertThrows(() => read([states.join(",")]), SyntaxError);
  assertEquals(
    message,
    'Cannot read states "…2,S23,S24,S25,S26,S27,S28,S29,S10,S31,S32,S33,S34,S35,S36,S3…" at character 81: ' +
      'there is a state "S10" already',
  );
});

Deno.test("readStates() reads what was written of any model", () => {
  fc.assert(
    fc.property(randomStates(), (random) => {
      const { states, groups } = toArguments(random);
      const model = readStates(states, { name: "Schema", groups, inherit: random.inherit });
      const joined = readStates([states.join(" ,\n")], { name: "Schema", groups, inherit: random.inherit });

      assertEquals([...model.states], [...random.model.states]);
      assertEquals([...model.groups], [...random.model.groups]);
      assertEquals(joined, model);
    }),
    { numRuns: 300 },
  );
});
