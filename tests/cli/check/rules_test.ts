import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Finding } from "../../../cli/check/finding.ts";
import { type RuleId, RULES, type Severity } from "../../../cli/check/rules.ts";
import { Machine, type Schema } from "../../../mod.ts";
import { check, checkOne, type Ran, runCalls, runScript } from "./_check.ts";

/** A schema that breaks one rule, and one that nearly does. */
interface Case {
  readonly rule: RuleId;
  readonly severity: Severity;
  readonly name: string;
  readonly schema: Schema;
  /** The finding's states. */
  readonly states: readonly string[];
  /** The mutations of its script; none when nothing can show it. */
  readonly script: string | undefined;
  /** Whether what the script did is what the finding says. */
  readonly shows?: (ran: Ran) => boolean;
  /** A schema without any finding that is as like it as can be. */
  readonly nearMiss: Schema;
}

const CASES: readonly Case[] = [
  {
    rule: "unknown-name",
    severity: "error",
    name: "a required state that is not there",
    schema: { A: { require: ["B"] } },
    states: ["A"],
    script: "add A",
    shows: ({ isCanceled, after }) => isCanceled && after.length === 0,
    nearMiss: { A: { require: ["Exception"] } },
  },
  {
    rule: "unknown-name",
    severity: "error",
    name: "an added state that is not there, of a state that requires another",
    schema: { A: { require: ["C"], add: ["B"] }, C: {} },
    states: ["A"],
    script: "add C; add A",
    shows: ({ after }) => after.includes("A") && !after.includes("B"),
    nearMiss: { A: { require: ["C"], add: ["B"] }, B: {}, C: {} },
  },
  {
    rule: "unknown-name",
    severity: "error",
    name: "an added state that is not there, of a state that concerns no other",
    schema: { A: { add: ["B"] } },
    states: ["A"],
    script: "add A",
    shows: ({ after }) => after.includes("A") && !after.includes("B"),
    nearMiss: { A: { add: ["B"] }, B: {} },
  },
  {
    rule: "unknown-name",
    severity: "error",
    name: "a removed state that is not there",
    schema: { A: { remove: ["B"] } },
    states: ["A"],
    script: "add A",
    shows: ({ after }) => after.includes("A"),
    nearMiss: { A: { remove: ["B"] }, B: {} },
  },
  {
    rule: "unknown-name",
    severity: "warning",
    name: "Exception in after, which the schema does not define",
    schema: { A: { after: ["Exception"] } },
    states: ["A"],
    script: undefined,
    nearMiss: { A: { after: ["Exception"] }, Exception: { multi: true } },
  },
  {
    rule: "require-remove-conflict",
    severity: "error",
    name: "a state that requires and removes another",
    schema: { A: { require: ["B"], remove: ["B"] }, B: {} },
    states: ["A", "B"],
    script: "add B; add A",
    shows: ({ isCanceled, before }) => isCanceled && before.includes("B"),
    nearMiss: { A: { require: ["B"] }, B: {}, C: { remove: ["B"] } },
  },
  {
    rule: "require-remove-conflict",
    severity: "error",
    name: "a state that a state removes which it requires by way of another",
    schema: { A: { require: ["B"] }, B: { require: ["C"] }, C: { remove: ["A"] } },
    states: ["A", "C"],
    script: "add C; add B; add A",
    shows: ({ isCanceled, before }) => isCanceled && before.includes("B") && before.includes("C"),
    nearMiss: { A: { require: ["B"] }, B: { require: ["C"] }, C: {}, D: { remove: ["A"] } },
  },
  {
    rule: "require-remove-conflict",
    severity: "error",
    name: "a state that requires two of which one removes the other",
    schema: { A: { require: ["B", "C"] }, B: { remove: ["C"] }, C: {} },
    states: ["A", "B", "C"],
    script: "add A",
    shows: ({ isCanceled }) => isCanceled,
    nearMiss: { A: { require: ["B"] }, B: { remove: ["C"] }, C: {} },
  },
  {
    rule: "never-active",
    severity: "error",
    name: "a state that adds what removes it",
    schema: { A: { add: ["B"] }, B: { remove: ["A"] } },
    states: ["A"],
    script: "add A",
    shows: ({ isCanceled, after }) => isCanceled && !after.includes("A"),
    nearMiss: { A: { add: ["B"] }, B: { remove: ["A"] }, C: { remove: ["B"] } },
  },
  {
    rule: "require-cycle",
    severity: "warning",
    name: "states that require each other",
    schema: { A: { require: ["B"] }, B: { require: ["C"] }, C: { require: ["A"] } },
    states: ["A", "B", "C"],
    script: "add A",
    shows: ({ isCanceled, machine }) => {
      machine.add(["A", "B", "C"]);
      return isCanceled && machine.is(["A", "B", "C"]);
    },
    nearMiss: { A: { require: ["B"] }, B: { require: ["C"] }, C: {} },
  },
  {
    rule: "never-leaves",
    severity: "note",
    name: "an auto state that nothing keeps out",
    schema: { A: { auto: true }, B: {} },
    states: ["A"],
    script: "add Exception; remove A",
    shows: ({ before, after }) => before.includes("A") && after.includes("A"),
    nearMiss: { A: { auto: true }, B: { remove: ["A"] } },
  },
  {
    rule: "never-leaves",
    severity: "warning",
    name: "a state that an auto state adds",
    schema: { A: {}, B: { auto: true, require: ["A"], add: ["A"] } },
    states: ["A"],
    script: "add Exception; remove A",
    shows: ({ before, after }) => before.includes("A") && after.includes("A"),
    nearMiss: { A: {}, B: { auto: true, require: ["A"] } },
  },
  {
    rule: "dead-auto",
    severity: "warning",
    name: "an auto state that another keeps out, which comes first",
    schema: { A: { auto: true, remove: ["B"] }, B: { auto: true, remove: ["A"] } },
    states: ["B"],
    script: "add Exception",
    shows: ({ after }) => after.includes("Exception") && !after.includes("B"),
    nearMiss: { A: { auto: true, require: ["C"], remove: ["B"] }, B: { auto: true, remove: ["A"] }, C: {} },
  },
  {
    rule: "dead-auto",
    severity: "warning",
    name: "an auto state that another keeps out, while what it requires is active",
    schema: { A: { auto: true, remove: ["B"] }, B: { auto: true, require: ["C"], remove: ["A"] }, C: {} },
    states: ["B"],
    script: "add C; add Exception",
    shows: ({ after }) => after.includes("C") && !after.includes("B"),
    nearMiss: { A: { auto: true, require: ["C"], remove: ["B"] }, B: { auto: true, remove: ["A"] }, C: {} },
  },
  {
    rule: "auto-fight",
    severity: "warning",
    name: "three auto states in a ring",
    schema: { A: { auto: true, remove: ["C"] }, B: { auto: true, remove: ["A"] }, C: { auto: true, remove: ["B"] } },
    states: ["A", "B", "C"],
    script: "add Exception; add Exception; add Exception; add Exception",
    nearMiss: { A: { auto: true, remove: ["C"] }, B: { auto: true, remove: ["A"] }, C: { remove: ["B"] } },
  },
  {
    rule: "deep-add",
    severity: "warning",
    name: "a chain of three",
    schema: { A: { require: ["E"], add: ["B"] }, B: { add: ["C"] }, C: { add: ["D"] }, D: {}, E: {} },
    states: ["A", "B", "C", "D"],
    script: "add E; add A",
    shows: ({ after }) => ["A", "B", "C"].every((name) => after.includes(name)) && !after.includes("D"),
    nearMiss: { A: { add: ["B", "D"] }, B: { add: ["C"] }, C: { add: ["D"] }, D: {}, E: {} },
  },
  {
    rule: "add-remove-conflict",
    severity: "warning",
    name: "a state that adds and removes another",
    schema: { A: { add: ["B"], remove: ["B"] }, B: {} },
    states: ["A", "B"],
    script: "add A",
    shows: ({ after }) => after.includes("B"),
    nearMiss: { A: { add: ["B"], remove: ["C"] }, B: {}, C: {} },
  },
  {
    rule: "handler-collision",
    severity: "warning",
    name: "a state and a pair that share a name",
    schema: { A: {}, AB: {}, BState: {} },
    states: ["AB", "A", "BState"],
    script: "add A; add AB; add BState",
    nearMiss: { A: {}, AB: {}, BStates: {} },
  },
  {
    rule: "handler-collision",
    severity: "warning",
    name: "a state that is named like the end of a handler's name",
    schema: { A: {}, Enter: {} },
    states: ["A", "Enter"],
    script: "add A; add Enter",
    nearMiss: { A: {}, Enters: {} },
  },
  {
    rule: "handler-collision",
    severity: "warning",
    name: "two pairs that share a name",
    schema: { A: {}, AB: {}, BC: {}, C: { multi: true } },
    states: ["AB", "C", "A", "BC"],
    script: "add C; add A; add AB; add BC",
    nearMiss: { A: {}, AB: {}, BC: {}, D: { multi: true } },
  },
  {
    rule: "after-cycle",
    severity: "warning",
    name: "states that are after each other",
    schema: { A: { after: ["B"] }, B: { after: ["A"] } },
    states: ["A", "B"],
    script: undefined,
    nearMiss: { A: { after: ["B"] }, B: {} },
  },
  {
    rule: "self-relation",
    severity: "warning",
    name: "a state that requires itself",
    schema: { A: { require: ["A"] } },
    states: ["A"],
    script: undefined,
    nearMiss: { A: { remove: ["A"] } },
  },
  {
    rule: "self-relation",
    severity: "note",
    name: "a state that is after itself",
    schema: { A: { after: ["A"] } },
    states: ["A"],
    script: undefined,
    nearMiss: { A: { remove: ["A"] } },
  },
  {
    rule: "duplicate-entry",
    severity: "note",
    name: "a state that is listed twice",
    schema: { A: { remove: ["B", "B"] }, B: {} },
    states: ["A"],
    script: undefined,
    nearMiss: { A: { remove: ["B"], after: ["B"] }, B: {} },
  },
];

for (const { rule, severity, name, schema, states, script, shows, nearMiss } of CASES) {
  Deno.test(`checkSchema() finds ${rule}: ${name}`, () => {
    const found = check(schema).findings.filter((finding) => finding.rule === rule && finding.severity === severity);
    const [finding] = found;
    assert(finding !== undefined && found.length === 1);
    assertEquals(finding.states, states);
    for (const state of states) assertStringIncludes(finding.message, `"${state}"`);
    assertEquals(formatCalls(finding), script);
    if (script === undefined) assert(finding.evidence !== undefined);
    else assert(shows?.(runScript(schema, finding)) ?? true);
  });

  Deno.test(`checkSchema() finds nothing where ${rule} is near: ${name}`, () => {
    assertEquals(check(nearMiss).findings, []);
  });
}

Deno.test("checkSchema() has a case of each rule in these tests", () => {
  assertEquals(new Set(CASES.map(({ rule }) => rule)), new Set(RULES.map(({ id }) => id)));
});

Deno.test("The script of auto-fight goes round once: the same states are active as before, and have changed in between", () => {
  const schema = CASES.find(({ rule }) => rule === "auto-fight")!.schema;
  const calls = checkOne(schema).script!.calls;
  const rounds = [1, 2, 3, 4, 5, 6, 7].map((count) =>
    runCalls(schema, Array.from({ length: count }, () => calls[0]!)).after.filter((name) => name !== "Exception").join()
  );

  assertEquals(calls.length, 4);
  assertEquals(rounds[3], rounds[0]);
  assertEquals(new Set(rounds).size, 3);
  assertEquals(rounds.slice(4), rounds.slice(1, 4));
});

Deno.test("The script of handler-collision calls one handler for both events", () => {
  for (const { schema } of CASES.filter(({ rule }) => rule === "handler-collision")) {
    const finding = checkOne(schema);
    const [, handler] = /"(.*?)"/.exec(finding.message)!;
    const machine = new Machine(schema);
    const called: string[] = [];
    machine.bindHandlers({
      [handler!]: ({ transition }: { transition: { mutation: { states: readonly string[] } } }) => {
        called.push(transition.mutation.states.join());
      },
    });
    runCalls(schema, finding.script!.calls, machine);

    assert(called.length >= 2, `"${handler}" was called for ${called.join(" ")}`);
  }
});

Deno.test("checkSchema() tells a conflict of what two states need only of the one that it begins with", () => {
  const { findings } = check({ A: { require: ["B"] }, B: { remove: ["A"] }, C: { require: ["A"] } });

  assertEquals(findings.map(({ rule, states }) => [rule, ...states]), [
    ["require-remove-conflict", "A", "B"],
    ["never-active", "C", "A"],
  ]);
});

Deno.test("checkSchema() is not sure of a conflict whose remover may come in after the removals, and is if all was tried", () => {
  const late = { A: { remove: ["C"] }, B: { require: ["C"], add: ["C"], remove: ["A"] }, C: { remove: ["B"] } };
  const [unsure] = check(late).findings;
  const sure = check({ ...late, A: {} }).findings;

  assertEquals([unsure!.rule, unsure!.severity], ["require-remove-conflict", "warning"]);
  assertStringIncludes(unsure!.message, 'unless Add brings "C" in after the removals');
  assert(runCalls(late, [{ type: "add", states: ["A"] }, { type: "add", states: ["B"] }]).machine.is(["B", "C"]));
  assertEquals(sure.map(({ rule, severity }) => [rule, severity]), [["require-remove-conflict", "error"]]);
});

Deno.test("checkSchema() counts nothing as added that only adds itself", () => {
  const [finding] = check({ A: { require: ["B"] }, B: { remove: ["A"], add: ["B"] } }, { maxSets: 1 }).findings;

  assertEquals([finding!.rule, finding!.severity], ["require-remove-conflict", "error"]);
});

function formatCalls({ script }: Finding): string | undefined {
  return script?.calls.map(({ type, states }) => [type, ...states].join(" ")).join("; ");
}
