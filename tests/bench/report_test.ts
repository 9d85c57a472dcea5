import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { OTHERS, PENDING, scaleRow, SIZES, TRACED, tracerRow, TRANSITIONS, waitRow } from "../../bench/_cells.ts";
import { Samples } from "../../bench/_measure.ts";
import { drawScale } from "../../bench/_plot.ts";
import { formatResults, formatSummary, replaceBlock } from "../../bench/_report.ts";
import { compareWithGoals, type Goal, judge, type Results } from "../../bench/_results.ts";

Deno.test("formatResults() writes medians, ratios with their spread, and goals with what was reached", () => {
  const text = formatResults(makeResults(), "");

  assertStringIncludes(text, "Machine: 2 cores of a fake.");
  assertStringIncludes(text, "| W1 toggle | 100 | 6,000 | 2,000 | 300 | 20.0 |");
  assertStringIncludes(text, "| W2 relations | 100 | 6,000 | 2,000 | – | – |");
  assertStringIncludes(text, "| W1 toggle | 60.0 (60.0 to 60.0) | 20.0 (20.0 to 25.0) | 3.00 (3.00 to 3.00) | 0.200");
  assertStringIncludes(text, "| W1: times faster than XState | ≥ 12 | ≥ 30 | 20.0 | 20.0 to 25.0 | must |");
  assertStringIncludes(text, "| W1: times faster than TS original | ≥ 24 | ≥ 60 | 60.0 | 60.0 to 60.0 | target |");
  assertStringIncludes(text, "| W1: times faster than robot3 | ≥ 3.5 | ≥ 10 | 3.00 | 3.00 to 3.00 | missed |");
  assertStringIncludes(text, "| W7: compile once | ≤ 150 µs | ≤ 60 µs | 99.0 µs |  | must |");
  assertStringIncludes(text, "| bundle, minified, gzip | ≤ 14 KB | ≤ 9 KB | 14.1 KB |  | missed |");
  assertEquals(text.match(/undefined|NaN|Infinity/), null);
});

Deno.test("formatResults() keeps the section of profiles, and nothing else of the old file", () => {
  const profiles = "\n## Profiles\n\nW1 spends its time in `drain`.\n";
  const text = formatResults(makeResults(), `# Results\n\nstale figures\n${profiles}`);

  assert(text.endsWith(profiles));
  assertEquals(text.match(/stale/), null);
  assertEquals(formatResults(makeResults(), text), text);
});

Deno.test("compareWithGoals() has all goals", () => {
  const goals = compareWithGoals(makeResults()).map(({ what }) => what);

  assertEquals(goals.length, 8 + 1 + 1 + 2 + 2 + 4 + 3 + 1);
  assertEquals(new Set(goals).size, goals.length);
});

for (
  const [limit, measured, expected] of [
    ["at least", 12, "must"],
    ["at least", 11.9, "missed"],
    ["at least", 30, "target"],
    ["at most", 30, "must"],
    ["at most", 30.1, "missed"],
    ["at most", 12, "target"],
  ] as const
) {
  Deno.test(`judge() calls ${measured} of ${limit} a limit "${expected}"`, () => {
    const [must, target] = limit === "at least" ? [12, 30] : [30, 12];
    const goal: Goal = { what: "W1", limit, must, target, unit: "times", measured };

    assertEquals(judge(goal), expected);
  });
}

Deno.test("formatSummary() says what it costs here and how many times as much elsewhere", () => {
  const text = formatSummary(makeResults());

  assertStringIncludes(text, "| two states that exclude each other | 100 ns | 60.0× | 20.0× | 3.00× | 0.200× |");
  assertStringIncludes(text, "| twelve states with relations | 100 ns | 60.0× | 20.0× | – | – |");
  assertStringIncludes(text, "](bench/w6.svg)");
});

Deno.test("replaceBlock() replaces what is between its marks, again and again", () => {
  const text = "before\n<!-- bench -->old<!-- /bench -->\nafter";
  const once = replaceBlock(text, "bench", "new");

  assertEquals(once, "before\n<!-- bench -->\n\nnew\n\n<!-- /bench -->\nafter");
  assertEquals(replaceBlock(once, "bench", "new"), once);
  assertThrows(() => replaceBlock("no marks", "bench", "new"), Error, "there is no block <!-- bench -->");
});

Deno.test("README.md has the block that figures go into", async () => {
  const text = await Deno.readTextFile(new URL("../../README.md", import.meta.url));

  assertStringIncludes(replaceBlock(text, "bench", "figures"), "figures");
});

Deno.test("drawScale() has a line for each system and each kind of others, with a point for each size, and labels apart", () => {
  const svg = drawScale(makeResults().samples);
  const lines = [...svg.matchAll(/<path class="line" d="M([\d. L]+)" stroke="#\w+" stroke-width/g)];
  const labels = [...svg.matchAll(/<text x="\d+(?:\.\d)?" y="([\d.]+)"[^>]*>[^<]+, (?:half active|inactive)</g)];

  assertEquals(lines.length, 3 * OTHERS.length + 2);
  for (const [, points] of lines) assertEquals(points!.split("L").length, SIZES.length);
  assertEquals(labels.length, lines.length);
  const heights = labels.map(([, y]) => Number(y)).sort((a, b) => a - b);
  for (let i = 1; i < heights.length; i++) assert(heights[i]! - heights[i - 1]! > 14, `${heights}`);
  assertMatch(svg, /^<svg [^>]*>.*<\/svg>\n$/s);
});

/** Figures that are easy to check: 100 ns here, 6,000 in the TS original, 2,000 in XState, 300 in robot3, 20 in jssm. */
function makeResults(): Results {
  const samples = new Samples();
  const costs = { "this package": 100, "TS original": 6000, "XState": 2000, "robot3": 300, "jssm": 20 };
  const flatRows = ["W1", ...SIZES.map((size) => scaleRow(size, "inactive"))];
  const rows = [
    ...Object.keys(TRANSITIONS),
    ...PENDING.map(waitRow),
    ...OTHERS.flatMap((others) => SIZES.map((size) => scaleRow(size, others))),
    "W7 next",
  ];
  for (let round = 0; round < 3; round++) {
    for (const row of rows) {
      for (const [system, cost] of Object.entries(costs)) {
        if (!flatRows.includes(row) && (system === "robot3" || system === "jssm")) continue;
        samples.push(row, system, system === "XState" && round === 2 ? 2500 : cost);
      }
    }
    samples.push("W7 first", "this package", 99_100);
    for (const row of TRACED) {
      samples.push(tracerRow(row), "no tracer", 100);
      samples.push(tracerRow(row), "no-op tracer", 130);
      samples.push(tracerRow(row), "empty hooks", 400);
    }
  }
  return {
    host: "2 cores of a fake",
    rounds: 3,
    samples,
    allocated: new Map(Object.keys(TRANSITIONS).map((row) => [row, 250])),
    retained: new Map([["this package", 600]]),
    bound: new Map([[1, 700], [48, 701]]),
    bundles: new Map([["this package", { minified: 40_000, gzip: 14_100 }]]),
  };
}
