/**
 * Writes figures down: `RESULTS.md`, and the block of README.md that is taken from them.
 *
 * @module
 */

import { OTHERS, PENDING, scaleRow, SIZES, TRACED, tracerRow, waitRow } from "./_cells.ts";
import type { Ratio } from "./_measure.ts";
import { compareWithGoals, type Goal, judge, type Results } from "./_results.ts";
import { SYSTEMS } from "./_systems/mod.ts";

const NAMES: readonly string[] = SYSTEMS.map(({ name }) => name);
const [OURS = "", ...PEERS] = NAMES;

const ROWS = {
  "W1": "W1 toggle",
  "W2": "W2 relations",
  "W2a": "W2a auto states",
  "W3": "W3 handlers",
  "W4": "W4 queue",
} as const;

/** The rows as README.md calls them. */
const SUMMARIES = {
  "W1": "two states that exclude each other",
  "W2": "twelve states with relations",
  "W2a": "the same, four of them auto",
  "W3": "twelve states with 48 handlers",
  "W4": "eleven states, ten added by a handler",
} as const;

/** Where the part of `RESULTS.md` begins that is written by hand, and stays. */
const KEPT = "\n## Profiles\n";

/**
 * Write `RESULTS.md`.
 *
 * @param results What was measured.
 * @param before What the file says now: its section of profiles stays.
 */
export function formatResults(results: Results, before: string): string {
  const kept = before.indexOf(KEPT);
  return `${formatSections(results).join("\n\n")}\n${kept < 0 ? "" : before.slice(kept)}`;
}

/** Write what README.md says about speed. */
export function formatSummary({ samples, host, rounds }: Results): string {
  const rows = Object.entries(SUMMARIES).map(([row, name]) => [
    name,
    `${formatNumber(samples.median(row, OURS))} ns`,
    ...PEERS.map((peer) => formatTimes(samples.ratio([row, peer], [row, OURS])?.median)),
  ]);
  return [
    `What a mutation costs here, and how many times as much elsewhere: below 1× it is less. Medians of ${rounds} rounds in one`,
    `process, on ${host}.`,
    "",
    table(["", "here", ...PEERS], rows),
    "",
    "TS original is asyncmachine 3.4 of 2018. A dash stands where a library cannot express it: robot3 and jssm are in one state at a time.",
    "The mutations come again and again, and what they came to once is looked up; those that are new to a schema take two to four",
    "times as long ([bench/PROFILES.md](bench/PROFILES.md)).",
    "[bench/RESULTS.md](bench/RESULTS.md) has all figures, goals that are missed among them, and how they were measured.",
    "",
    "![Cost of a mutation against the number of states, on logarithmic axes, one line a system](bench/w6.svg)",
  ].join("\n");
}

/**
 * Replace what stands between `<!-- name -->` and `<!-- /name -->`.
 *
 * @throws {Error} when the text has no such block.
 */
export function replaceBlock(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`Cannot write figures: there is no block ${begin}`);
  return `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`;
}

function formatSections(results: Results): string[] {
  const { samples } = results;
  const medians = (row: string, columns = NAMES) => columns.map((column) => formatNumber(samples.median(row, column)));
  const waiters = NAMES.filter((name) => samples.median(waitRow(0), name) !== undefined);
  const makers = NAMES.filter((name) => samples.median("W7 next", name) !== undefined);
  return [
    "# Results",
    `What \`deno task bench:peers\` measured: all systems in one process, interleaved, ${results.rounds} rounds, every second one
backwards. Figures are medians of the rounds. Where two are compared, each round is compared with itself, and the median of
these ratios stands with the least and the most of them. The workloads are those of [workloads.json](workloads.json); each
system is checked against the states that the file expects, before and after. No tracer is attached and logging is off.
Workloads are cycles, and this package looks up what it worked out before: what mutations cost that are new to it, and which functions
the time goes to, is in [PROFILES.md](PROFILES.md).`,
    "What a telemetry server takes in, and what that costs, is in [INGEST.md](INGEST.md).",
    `Machine: ${results.host}.`,
    WORKLOADS,

    "## Goals",
    "A goal is reached at its target, or only at what it must be, or it is missed. Rounds are the least and the most of them.",
    table(
      ["goal", "must", "target", "measured", "rounds", "reached"],
      compareWithGoals(results).map(formatGoal),
    ),

    "## Transitions",
    "Nanoseconds per mutation.",
    table(["workload", ...NAMES], Object.entries(ROWS).map(([row, name]) => [name, ...medians(row)])),
    "How many times faster this package is: the median of the rounds, the least and the most.",
    table(
      ["workload", ...PEERS],
      Object.entries(ROWS).map(([row, name]) => [
        name,
        ...PEERS.map((peer) => formatRatio(samples.ratio([row, peer], [row, OURS]))),
      ]),
    ),

    "## W5: waits",
    "Nanoseconds to begin a wait, add its state, await it, and add the other state, by how many other waits are pending.",
    table(["pending", ...waiters], PENDING.map((pending) => [`${pending}`, ...medians(waitRow(pending), waiters)])),

    "## W6: states",
    "![Cost of a mutation against the number of states, on logarithmic axes, one line a system](w6.svg)",
    "Nanoseconds per mutation of W1 among other states, by how many there are in all.",
    ...OTHERS.map((others) => {
      const columns = NAMES.filter((name) => samples.median(scaleRow(SIZES[0]!, others), name) !== undefined);
      return table(
        [`others ${others}`, ...columns],
        SIZES.map((size) => [`${size} states`, ...medians(scaleRow(size, others), columns)]),
      );
    }),

    "## W7: machines",
    "Twenty states, twelve of them those of W2. The first machine of a schema pays for what is done once per schema. Bytes are\nthose of each of 10,000 live machines.",
    table(
      ["", ...makers],
      [
        ["first machine, ns", ...medians("W7 first", makers)],
        ["one more machine, ns", ...medians("W7 next", makers)],
        ["bytes per machine", ...makers.map((name) => formatNumber(results.retained.get(name)))],
      ],
    ),
    "Bytes per machine of this package that binds an instance of one class, by the handlers of the class:",
    table(
      ["handlers", ...[...results.bound.keys()].map(String)],
      [["bytes per machine", ...[...results.bound.values()].map(formatNumber)]],
    ),

    "## Memory, tracers, size",
    "Bytes that this package allocates per mutation, between two collections over 100,000 mutations:",
    table([...results.allocated.keys()].map((row) => ROWS[row as keyof typeof ROWS]), [
      [...results.allocated.values()].map(formatNumber),
    ]),
    "Nanoseconds per mutation with no tracer, with a `NoOpTracer`, whose methods the machine knows and does not call, and " +
    "with six empty methods of its own, which are called; and how many times the cost of none each is:",
    table(
      ["workload", "no tracer", "no-op tracer", "times", "empty hooks", "times"],
      TRACED.map((row) => [
        ROWS[row],
        ...medians(tracerRow(row), ["no tracer"]),
        ...["no-op tracer", "empty hooks"].flatMap((column) => [
          ...medians(tracerRow(row), [column]),
          formatRatio(samples.ratio([tracerRow(row), column], [tracerRow(row), "no tracer"])),
        ]),
      ]),
    ),
    "Bytes of a program that imports what makes a machine, from `deno bundle --minify`:",
    table(
      ["", "minified", "gzip"],
      [...results.bundles].map(([name, { minified, gzip }]) => [name, formatNumber(minified), formatNumber(gzip)]),
    ),

    "## How the others are driven",
    NOTES,
  ];
}

const WORKLOADS = `- W1: two states that exclude each other are added in turn.
- W2: twelve states with all four relations, eight mutations in a cycle. W2a: seven mutations, four of the states auto.
- W3: W2 with Enter, State, Exit and End handlers on each of the states, 48 different functions.
- W4: a handler queues ten mutations, then all states are removed: twelve mutations of eleven states.
- W5: a wait for a state, with other waits pending. W6: W1 among other states. W7: a machine is made.`;

const NOTES = `Each as its documentation says is fast; the code is in \`_systems/\`.

${SYSTEMS.slice(1).map(({ name, source }) => `- ${name} is ${source}.`).join("\n")}

XState gets its events through an actor, as objects that are made once; its pure function
\`transition()\` is slower. States that exclude each other are one region of a statechart, regions are parallel, and what a mutation does to
other states is worked out beforehand, so that only \`require\` and auto states need guards. Handlers are entry and exit actions, W4
raises events, W5 uses \`waitFor()\`.

The TS original gets single names as strings; its handlers are methods of a target. Machines are made by its factory and not by
\`createChild()\`, whose machines do not count ticks.

robot3 and jssm are in one state at a time. They do W1, and W6 as long as the others are inactive; relations, auto states, and
states that are active together are beyond them, so that they are left out of W2 to W4 and W7. Neither has a promise for W5.
robot3 gets events as strings, jssm \`transition()\`, which its own benchmarks call.`;

function formatGoal(goal: Goal): string[] {
  const { what, limit, must, target, unit, measured, spread } = goal;
  const [sign, suffix] = [limit === "at least" ? "≥" : "≤", unit === "times" ? "" : ` ${unit}`];
  return [
    what,
    `${sign} ${must}${suffix}`,
    `${sign} ${target}${suffix}`,
    `${formatNumber(measured)}${suffix}`,
    spread === undefined ? "" : `${formatNumber(spread.min)} to ${formatNumber(spread.max)}`,
    judge(goal),
  ];
}

function formatRatio(ratio: Ratio | undefined): string {
  if (ratio === undefined) return "–";
  return `${formatNumber(ratio.median)} (${formatNumber(ratio.min)} to ${formatNumber(ratio.max)})`;
}

function formatTimes(ratio: number | undefined): string {
  return ratio === undefined ? "–" : `${formatNumber(ratio)}×`;
}

/** Three digits, and three behind the point at most; a dash for what was not measured. */
function formatNumber(value: number | undefined): string {
  if (value === undefined) return "–";
  const digits = Math.min(3, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1))));
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** The first column is text, all others are figures. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => i === 0 ? "---" : "--:")), ...rows.map(line)].join("\n");
}
