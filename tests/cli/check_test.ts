import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { Ajv } from "ajv";
import { checkSchema } from "../../cli/check/check_schema.ts";
import type { Report } from "../../cli/check/finding.ts";
import { formatReport } from "../../cli/check/format.ts";
import { RULES } from "../../cli/check/rules.ts";
import { toSarif } from "../../cli/check/sarif.ts";
import { createCommandIn } from "../../cli/mod.ts";
import { toModel } from "../../cli/schema/model.ts";
import { check } from "./check/_check.ts";
import { GeneratedFolder } from "./_generated.ts";
import { assertGolden } from "./_golden.ts";
import { runAm } from "./_run.ts";

const SCHEMAS = "tests/cli/check/testdata";

const TWO_SCHEMAS = `import type { Schema } from "@asyncmachine/asyncmachine";
export const oneSchema = { A: { require: ["B"] } } as const satisfies Schema;
export const twoSchema = { C: { require: ["D"] } } as const satisfies Schema;
`;

for (
  const [name, args, code] of [
    ["check", [`${SCHEMAS}/player.ts`], 1],
    ["check_json_file", [`${SCHEMAS}/player.json`], 1],
    ["check_none", ["examples/fsm.ts"], 0],
    ["check_bounded", [`${SCHEMAS}/player.ts`, "--max-sets", "10", "--ignore", "handler-collision"], 1],
    ["check_rule", [`${SCHEMAS}/player.ts`, "--rule", "deep-add, auto-fight"], 0],
  ] as const
) {
  Deno.test(`am check ${args.join(" ")} prints golden/${name}.txt, and ends with ${code}`, async () => {
    const ended = await runAm(["check", ...args]);

    assertEquals([ended.code, ended.err], [code, code === 0 ? "" : ended.err]);
    if (code === 1) assertMatch(ended.err, /^am: \S+ has \d+ errors?\n$/);
    await assertGolden(name, ended.out);
  });
}

Deno.test("am check --json prints one line with the file, the findings and how far it looked", async () => {
  const { code, out } = await runAm(["check", "--json", `${SCHEMAS}/player.json`]);
  const report = JSON.parse(out);

  assertEquals([code, out.split("\n").length], [1, 2]);
  assertEquals([report.file, report.schema], [`${SCHEMAS}/player.json`, "Player"]);
  assertEquals(report.searched, { sets: 3, isComplete: true, states: 3 });
  assertEquals(report.findings[0], {
    rule: "unknown-name",
    severity: "error",
    states: ["Playing"],
    message: '"Playing" requires "Strat", which is no state: "Playing" can never activate',
    position: { line: 3, column: 28 },
    script: { calls: [{ type: "add", states: ["Playing"] }], result: "canceled", active: [], shown: "()" },
  });
});

Deno.test("am check looks at each schema of a file, and at one only with --name", async () => {
  const path = "examples/path_watcher.ts";
  const line = /^(\w+: )?No findings; (\d+) sets visited, all there are$/gm;
  const visited = async (...args: string[]) =>
    [...(await runAm(["check", path, ...args])).out.matchAll(line)].map(([, name, sets]) => [name, Number(sets)]);

  assertEquals(await visited(), [["Root: ", 18], ["Directory: ", 4]]);
  assertEquals(await visited("--name", "directory"), [[undefined, 4]]);
});

Deno.test("am check says of several schemas a line of JSON each, and one run of SARIF", async () => {
  await using folder = await GeneratedFolder.create([["two.ts", TWO_SCHEMAS]]);
  const path = `${folder.path}/two.ts`;
  const [json, sarif] = [await runAm(["check", "--json", path]), await runAm(["check", "--sarif", path])];
  const reports = json.out.trimEnd().split("\n").map((line) => JSON.parse(line));

  assertEquals([json.code, sarif.code], [1, 1]);
  assertEquals(json.err, sarif.err);
  assertMatch(json.err, /two\.ts has 2 errors\n$/);
  assertEquals(reports.map(({ schema, findings }) => [schema, findings.length]), [["One", 1], ["Two", 1]]);
  const { runs } = JSON.parse(sarif.out);
  await assertSarif(JSON.parse(sarif.out));
  assertEquals(runs.length, 1);
  assertEquals(runs[0].results.map(({ ruleId }: { ruleId: string }) => ruleId), ["unknown-name", "unknown-name"]);
  assertEquals(runs[0].properties.searched, reports.map(({ searched }) => searched));
});

Deno.test("am check --sarif prints what the schema of SARIF 2.1.0 takes, with places, levels and fingerprints", async () => {
  const { code, out } = await runAm(["check", "--sarif", `${SCHEMAS}/player.ts`]);
  const sarif = JSON.parse(out);
  const { results, tool } = sarif.runs[0];

  assertEquals(code, 1);
  await assertSarif(sarif);
  assertEquals(tool.driver.rules.map(({ id }: { id: string }) => id), RULES.map(({ id }) => id));
  for (const { ruleId, ruleIndex, locations: [{ physicalLocation }] } of results) {
    assertEquals(tool.driver.rules[ruleIndex].id, ruleId);
    assertEquals(physicalLocation.artifactLocation.uri, `${SCHEMAS}/player.ts`);
    assert(physicalLocation.region.startColumn > 1);
  }
  const prints = results.map((result: { partialFingerprints: Record<string, string> }) =>
    result.partialFingerprints["finding/v1"]
  );
  assertEquals(new Set(prints).size, results.length);
});

Deno.test("am check prints places that point at the name of the state or of the relation's entry", async () => {
  const text = await Deno.readTextFile(`${SCHEMAS}/player.ts`);
  const { out } = await runAm(["check", "--json", `${SCHEMAS}/player.ts`]);
  const { findings } = JSON.parse(out) as Report;

  const pointed = findings.map(({ rule, position }) => {
    const rest = text.split("\n")[position!.line - 1]!.slice(position!.column - 1);
    return `${rule} ${/^"?\w+/.exec(rest)![0].replace('"', "")}`;
  });
  assertEquals(pointed.toSorted(), POINTED);
});

/** Rules with the words in the file that their findings point at. */
const POINTED: readonly string[] = [
  "add-remove-conflict Saving",
  "after-cycle Slow",
  "auto-fight Idle",
  "deep-add Quiet",
  "duplicate-entry Saving",
  "handler-collision TrackQuiet",
  "never-leaves Lit",
  "require-cycle Right",
  "require-remove-conflict Track",
  "self-relation Saving",
];

Deno.test("toSarif() holds any name as text, and writes places that are none as the file's first line", async () => {
  const odd = "a[b](c){0} \u202e\u001b]\\";
  const report = check({ [odd]: { require: ["x"] }, __proto__2: {} });
  const sarif = JSON.parse(JSON.stringify(await toSarif("a b/ü.json", [report])));

  await assertSarif(sarif);
  const [result] = sarif.runs[0].results;
  assertStringIncludes(result.message.text, '"a\\[b\\](c){{0}} �␛\\]\\\\"');
  assertEquals(result.locations[0].logicalLocations[0].name, odd);
  assertEquals(result.locations[0].physicalLocation, {
    artifactLocation: { uri: "a%20b/%C3%BC.json" },
    region: { startLine: 1 },
  });
});

Deno.test("toSarif() keeps the fingerprint of a finding whose line moves", async () => {
  const at = (line: number) => {
    const model = toModel("A", {});
    const steps = checkSchema({
      ...model,
      states: new Map([["A", { require: ["B"], position: { line, column: 3 } }]]),
    });
    let step = steps.next();
    while (!step.done) step = steps.next();
    return toSarif("a.json", [step.value]);
  };
  const results = await Promise.all(
    [at(1), at(9)].map(async (it) => JSON.parse(JSON.stringify(await it)).runs[0].results[0]),
  );

  assertEquals(results.map((it) => it.locations[0].physicalLocation.region.startLine), [1, 9]);
  assertEquals(results[0].partialFingerprints, results[1].partialFingerprints);
});

Deno.test("formatReport() shows colours, and steers no terminal by the names of states", async () => {
  const report = check({ "A\u001b[2J\u202e\n": { require: ["B"] }, C: { auto: true }, D: { add: ["D"] } });

  await assertGolden("check_color", `${formatReport("a\u001b.json", report, { hasColor: true }).join("\n")}\n`);
});

for (
  const [name, args, message] of [
    ["a file that is not there", ["lost.json"], /Cannot read schema "lost\.json": there is no such file/],
    ["a file of another kind", ["README.md"], /Cannot read schema "README\.md"/],
    ["no file", [], /\bfile\b/],
    ["a rule that is none", ["examples/fsm.ts", "--ignore", "deep-ad"], /Cannot look at rule "deep-ad": am help check/],
    ["no sets to visit", ["examples/fsm.ts", "--max-sets", "0"], /Cannot visit 0 sets: --max-sets has to be 1 or more/],
    ["two forms", ["examples/fsm.ts", "--json", "--sarif"], /--json.*--sarif|--sarif.*--json/],
  ] as const
) {
  Deno.test(`am check ends with 2 and one line for ${name}`, async () => {
    const { code, out, err } = await runAm(["check", ...args]);

    assertEquals([code, out], [2, ""]);
    assertMatch(err, /^am: [^\n]+\n$/);
    assertMatch(err, message);
  });
}

Deno.test("am check ends at Ctrl-C", async () => {
  const file = await Deno.makeTempFile({ suffix: ".json" });
  try {
    const names = Array.from({ length: 30 }, (_, i) => `S${i}`);
    const states = names.map((name, i) => [name, { add: [names[(i + 1) % 30]] }]);
    await Deno.writeTextFile(file, JSON.stringify(Object.fromEntries(states)));
    const controller = new AbortController();
    let out = "";
    const output = {
      columns: undefined,
      hasColor: false,
      write: (text: string) => Promise.resolve(void (out += text)),
    };
    const context = {
      out: output,
      err: output,
      signal: controller.signal,
      env: () => undefined,
      askSecret: () => Promise.resolve(null),
    };
    const running = createCommandIn(context).parse(["check", file, "--max-sets", "400000000"]);
    controller.abort(new Error("Ctrl-C"));

    await assertRejects(() => running, Error, "Ctrl-C");
    assertEquals(out, "");
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("am help check lists the rules", async () => {
  const { code, out } = await runAm(["help", "check"]);

  assertEquals(code, 0);
  for (const { id } of RULES) assertStringIncludes(out, id);
});

/** Hold a value against the schema of the standard; its dialect differs from Ajv's in its own name and address only. */
async function assertSarif(value: unknown): Promise<void> {
  const file = new URL("testdata/sarif-2.1.0-rtm.5.json", import.meta.url);
  const { $schema: _, id: __, ...schema } = JSON.parse(await Deno.readTextFile(file));
  const isSarif = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema);

  assert(isSarif(value), JSON.stringify(isSarif.errors));
  assert(!isSarif({ ...value as object, version: "2.0.0" }), "the schema lets everything pass");
}
