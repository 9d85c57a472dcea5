import { assert, assertEquals } from "@std/assert";
import type { Call, Finding } from "../../../cli/check/finding.ts";
import type { RuleId } from "../../../cli/check/rules.ts";
import { readSchemaFile } from "../../../cli/schema/read.ts";
import { toSchema } from "../../../cli/schema/model.ts";
import { BASIC_SCHEMA, CONNECTED_SCHEMA, DISPOSED_SCHEMA, Machine, mergeSchemas, type Schema } from "../../../mod.ts";
import { CASE_STUDIES } from "../schema/_case_studies.ts";
import { check, randomFight, randomFrom, randomSchema, runScript } from "./_check.ts";

/** Scripts of up to so many mutations are tried in the place of a longer one: each mutation more takes ten times as long. */
const MAX_TRIED = 3;

/** How many sets each schema of a real program has; states that concern no other are not counted. */
const SETS: Readonly<Record<string, number>> = {
  Fsm: 3,
  Nfa: 12,
  Watcher: 18,
  Directory: 4,
  Expense: 12,
  File: 12,
  Host: 1,
  Discovery: 10,
  Bootstrap: 10,
  Sim: 8_193,
  Peer: 1_057,
  Topic: 7,
  Debugger: 333_697,
};

for (const model of CASE_STUDIES) {
  const { name } = model;
  Deno.test(`checkSchema() finds nothing in the schema of a real program, ${name}, and visits all its sets`, () => {
    const { findings, searched } = check(toSchema(model));

    assertEquals(findings, []);
    assertEquals([searched.sets, searched.isComplete], [SETS[name], true]);
  });
}

for (
  const [path, names] of Object.entries({
    "examples/expense.ts": [undefined],
    "examples/file_processing.ts": [undefined],
    "examples/file_workflow.ts": [undefined],
    "examples/fsm.ts": [undefined],
    "examples/nfa.ts": [undefined],
    "examples/path_watcher.ts": ["rootSchema", "directorySchema"],
    "examples/waiting.ts": [undefined],
  })
) {
  for (const name of names) {
    Deno.test(`checkSchema() finds no error and no warning in ${path}${name === undefined ? "" : `, ${name}`}`, async () => {
      const { findings, searched } = check(toSchema(await readSchemaFile(path, { name })));

      assertEquals(findings.filter(({ severity }) => severity !== "note"), []);
      assert(searched.isComplete);
    });
  }
}

Deno.test("checkSchema() finds nothing in the common schemas, put together", () => {
  assertEquals(check(mergeSchemas(BASIC_SCHEMA, CONNECTED_SCHEMA, DISPOSED_SCHEMA)).findings, []);
});

Deno.test("checkSchema() says of a common schema that is no whole what it lacks", () => {
  const { findings } = check(CONNECTED_SCHEMA);

  assertEquals(findings.map(({ rule, message }) => `${rule}: ${message}`), [
    'unknown-name: "Connecting" requires "Start", which is no state: "Connecting" can never activate',
    'unknown-name: "Connected" requires "Start", which is no state: "Connected" can never activate',
  ]);
});

Deno.test("checkSchema() gives shortest scripts that show what they say, on 840 random schemas", () => {
  const random = randomFrom(4);
  const seen = new Map<string, number>();
  for (let i = 0; i < 840; i++) {
    const schema = i < 800
      ? randomSchema(random, { maxStates: 5, maxEntries: 10, isOdd: i % 2 === 0 })
      : randomFight(random);
    for (const finding of check(schema).findings) {
      if (finding.script === undefined) continue;
      runScript(schema, finding);
      const shows = SHOWS[finding.rule];
      if (shows === undefined) continue;
      const context = `${finding.message} in ${JSON.stringify(schema)}`;
      const { calls } = finding.script;
      assert(shows(finding, run(schema, calls), schema), context);
      for (const shorter of listShorter(Object.keys(schema), finding.rule, calls)) {
        assert(!shows(finding, run(schema, shorter), schema), `${JSON.stringify(shorter)} is shorter: ${context}`);
      }
      seen.set(finding.rule, (seen.get(finding.rule) ?? 0) + 1);
    }
  }
  for (const rule of Object.keys(SHOWS)) assert((seen.get(rule) ?? 0) > 0, `no finding of ${rule} was tried`);
});

Deno.test("checkSchema() leaves out what it takes all sets to know when there are too many", () => {
  const names = Array.from({ length: 10 }, (_, i) => `S${i}`);
  const schema: Schema = {
    ...Object.fromEntries(names.map((name, i) => [name, { add: [names[(i + 1) % 10]!] }])),
    Stays: { auto: true },
    Dead: { require: ["Nope"] },
    Deader: { require: ["Dead"] },
  };
  const all = check(schema, { rules: ["never-leaves", "never-active"] });
  const some = check(schema, { rules: ["never-leaves", "never-active"], maxSets: 1_000 });

  assertEquals([all.searched.isComplete, all.searched.sets > 1_000], [true, true]);
  assertEquals(some.searched, { sets: 1_000, isComplete: false, states: all.searched.states });
  assertEquals(all.findings.map(({ rule }) => rule), ["never-leaves", "never-active"]);
  assertEquals(some.findings.map(({ rule }) => rule), ["never-active"]); // its own relations say so
});

Deno.test("checkSchema() searches schemas of more than 31 states on real machines, within bounds", () => {
  const names = Array.from({ length: 40 }, (_, i) => `S${i}`);
  const group = Object.fromEntries(names.map((name) => [name, { remove: names }]));
  const chain = Object.fromEntries(names.map((name, i) => [name, { require: i === 0 ? [] : [names[i - 1]!] }]));

  assertEquals(check(group), { findings: [], searched: { sets: 41, isComplete: true, states: 40 } });
  assertEquals(check(chain), { findings: [], searched: { sets: 41, isComplete: true, states: 40 } });
  const wide = check(Object.fromEntries(names.map((name, i) => [name, { require: i < 20 ? [] : [names[i - 20]!] }])), {
    maxSets: 300,
  });
  assertEquals(wide.searched, { sets: 300, isComplete: false, states: 40 });
});

Deno.test("checkSchema() gives shortest scripts that call one handler for both of its events, on 200 random schemas", () => {
  const random = randomFrom(5);
  const names = ["A", "AB", "B", "BA", "AState", "State", "Enter", "BEnter", "Exit", "AEnd"];
  let seen = 0;
  for (let i = 0; i < 200; i++) {
    const schema = randomSchema(random, { maxStates: 4, maxEntries: 5, isOdd: false, names });
    for (const { message, script } of check(schema, { rules: ["handler-collision"] }).findings) {
      if (script === undefined) continue;
      const context = `${message} in ${JSON.stringify(schema)}`;
      assert(callsBoth(schema, message, script.calls), context);
      for (const shorter of listScripts(Object.keys(schema), Math.min(script.calls.length - 1, MAX_TRIED))) {
        assert(!callsBoth(schema, message, shorter), `${JSON.stringify(shorter)} is shorter: ${context}`);
      }
      seen++;
    }
  }
  assert(seen > 100, `${seen} findings were tried`);
});

/** Run a script on a machine whose states have other names, so that each of the two events has a handler of its own. */
function callsBoth(schema: Schema, message: string, calls: readonly Call[]): boolean {
  const rename = (name: string) => name === "Exception" ? name : `S${Object.keys(schema).indexOf(name)}x`;
  const machine = new Machine(
    Object.fromEntries(
      Object.entries(schema).map(([name, { require = [], add = [], remove = [], after = [], ...rest }]) => [
        rename(name),
        {
          ...rest,
          require: require.map(rename),
          add: add.map(rename),
          remove: remove.map(rename),
          after: after.map(rename),
        },
      ]),
    ),
  );
  const called = new Set<string>();
  const [, events = ""] = / is called for (.*)$/.exec(message) ?? [];
  const handlers = events.split(" and for ").slice(0, 2).map((event) =>
    event.split(" + ").map((part) => part.startsWith('"') ? rename(part.slice(1, -1)) : part).join("")
  );
  machine.bindHandlers(Object.fromEntries(handlers.map((handler) => [handler, () => void called.add(handler)])));
  for (const { type, states } of calls) machine[type](states.map(rename));
  return called.size === 2;
}

/** What a script did, as a real machine tells it. */
interface Run {
  readonly last: Call | undefined;
  readonly isCanceled: boolean;
  readonly before: readonly string[];
  /** After the last mutation, before auto states were tried. */
  readonly middle: readonly string[];
  readonly after: readonly string[];
  /** After each mutation: the active states that concern others, and the auto states that came in by themselves. */
  readonly rounds: readonly (readonly [active: string, came: readonly string[]])[];
}

function run(schema: Schema, calls: readonly Call[]): Run {
  let before: readonly string[] = [], middle: readonly string[] = [], isCanceled = false, came: string[] = [];
  const machine = new Machine(schema, {
    tracers: [{
      transitionEnd: ({ mutation, accepted, targetStates, statesBefore, enters }) => {
        if (mutation.isAuto) {
          if (accepted) came = enters.filter((name) => mutation.states.includes(name));
          return;
        }
        isCanceled = !accepted;
        before = statesBefore;
        middle = accepted ? targetStates : statesBefore;
      },
    }],
  });
  const concerned = concernedIn(schema);
  const rounds = calls.map(({ type, states }) => {
    came = [];
    machine[type](states);
    return [machine.activeStates().filter((name) => concerned.has(name)).toSorted().join(), came] as const;
  });
  return { last: calls.at(-1), isCanceled, before, middle, after: machine.activeStates(), rounds };
}

function concernedIn(schema: Schema): Set<string> {
  return new Set(
    Object.entries(schema).flatMap(([name, { auto, require = [], add = [], remove = [] }]) => {
      const others = [...require, ...add, ...remove];
      return auto || others.length > 0 ? [name, ...others] : [];
    }),
  );
}

/** What a finding says, without what finds it. */
const SHOWS: Readonly<Record<string, (finding: Finding, run: Run, schema: Schema) => boolean>> = {
  "unknown-name": ({ states: [state], message }, { last, isCanceled, before, middle }) =>
    isCall(last, "add", state) &&
    (message.includes(" requires ") ? isCanceled : !before.includes(state!) && middle.includes(state!)),
  "add-remove-conflict": ({ states: [state, other] }, { last, before, middle }) =>
    isCall(last, "add", state) && !before.includes(state!) && middle.includes(state!) && middle.includes(other!),
  "require-cycle": ({ states: [state] }, { last, isCanceled }) => isCall(last, "add", state) && isCanceled,
  "require-remove-conflict": ({ states: [state], script }, { last, isCanceled, before }, schema) =>
    isCall(last, "add", state) && isCanceled &&
    (script!.calls.length === 1 || needsOf(schema, state!).every((name) => name === state || before.includes(name))),
  "never-active": ({ states: [state] }, { last, isCanceled, after }) =>
    last?.type === "add" && last.states[0] === state && isCanceled && !after.includes(state!),
  "dead-auto": ({ states: [state], script }, { last, isCanceled, before, middle, after }, schema) =>
    isCall(last, "add", script!.calls.at(-1)!.states[0]) && !isCanceled &&
    ![before, middle, after].some((active) => active.includes(state!)) &&
    (script!.calls.length === 1 ||
      needsOf(schema, state!).every((name) => name === state || middle.includes(name))),
  "deep-add": ({ states: [first, second, third, fourth] }, { last, before, middle }, schema) =>
    isCall(last, "add", first) && [first, second, third].every((it) => !before.includes(it!) && middle.includes(it!)) &&
    !middle.includes(fourth!) && (schema[fourth!]?.require ?? []).every((name) => middle.includes(name)) &&
    !middle.some((name) => schema[name]?.remove?.includes(fourth!) && !schema[name]?.add?.includes(fourth!)),
  "auto-fight": ({ states }, { rounds, last }) =>
    last?.type === "add" && [...rounds.keys()].some((start) => {
      const round = rounds.slice(start);
      const begin = start === 0 ? "" : rounds[start - 1]![0];
      const came = new Set(round.flatMap(([, came]) => came));
      return begin === round.at(-1)![0] && came.size === states.length && states.every((name) => came.has(name));
    }),
  "never-leaves": ({ states: [state] }, { last, before, after }) =>
    isCall(last, "remove", state) && before.includes(state!) && after.includes(state!),
};

function needsOf(schema: Schema, state: string): string[] {
  const needs = new Set([state]);
  for (const name of needs) for (const other of schema[name]?.require ?? []) needs.add(other);
  return [...needs];
}

function isCall(call: Call | undefined, type: Call["type"], state: string | undefined): boolean {
  return call?.type === type && call.states.length === 1 && call.states[0] === state;
}

/** Shorter scripts, up to {@linkcode MAX_TRIED} mutations; where auto states fight, some and then the same one again and again. */
function listShorter(names: readonly string[], rule: RuleId, calls: readonly Call[]): Call[][] {
  if (rule !== "auto-fight") return listScripts(names, Math.min(calls.length - 1, MAX_TRIED));
  return [[], ...listScripts(names, 2)].flatMap((start) =>
    Array.from({ length: Math.max(0, calls.length - 1 - start.length) }, (_, i) => [
      ...start,
      ...Array.from({ length: i + 1 }, () => calls.at(-1)!),
    ])
  );
}

/** All scripts of up to some mutations that call one state each. */
function listScripts(names: readonly string[], length: number): Call[][] {
  if (length <= 0) return [];
  const calls = [...new Set([...names, "Exception"])].flatMap((name): Call[] => [
    { type: "add", states: [name] },
    { type: "remove", states: [name] },
  ]);
  const shorter = [[], ...listScripts(names, length - 1)];
  return shorter.flatMap((script) => calls.map((call) => [...script, call]));
}

Deno.test("checkSchema() takes any names, and many that begin alike", () => {
  const odd = ["__proto__", "constructor", "", " ", "a\nb", '"', "*/", "\u202e", "\ud800", "0", "Any", "End", "🙂"];
  const { findings, searched } = check(
    Object.fromEntries(odd.map((name, i) => [name, { require: [odd[(i + 1) % odd.length]!], remove: ["Nope"] }])),
  );
  const alike = check(Object.fromEntries(Array.from({ length: 300 }, (_, i) => ["A".repeat(i + 1), {}])));

  assert(searched.isComplete);
  assertEquals(
    findings.filter(({ rule }) => rule === "unknown-name").map(({ states: [name] }) => name).toSorted(),
    odd.toSorted(),
  );
  assertEquals(findings.filter(({ rule }) => rule === "require-cycle").map(({ states }) => states.length), [
    odd.length,
  ]);
  assertEquals(alike.findings.length, 100);
});
