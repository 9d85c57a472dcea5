/**
 * The order in which files may import each other, and the check that an import graph keeps it.
 *
 * `import type` counts like any import: a type that points upwards binds two files together just as well.
 *
 * @module
 */

/** Each file of the project with what it imports: paths from the root (`machine/clock.ts`), or whole specifiers. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/**
 * The files of `machine/`, lowest row first. A file imports from the lists above its own, never from its own list or one
 * below. Lists of one row are what the order "then" separates.
 */
export const MACHINE_ORDER: readonly (readonly string[])[] = [
  // 1 words
  ["_bitset", "_env", "_handler_names", "_rejection", "_stable_sort", "errors"],
  // 2 values
  ["state_list"],
  ["schema"],
  ["mutation", "clock", "common_schema"],
  // 3 plan
  ["_memo"],
  ["_plan"],
  // 4 contracts
  ["transition", "args"],
  ["api"],
  ["event", "tracer"],
  ["handlers", "options"],
  // 5 engine parts, which do not know each other
  [
    "_checks",
    "_queue",
    "_resolver",
    "_handler_table",
    "_log",
    "_tracers",
    "_state_signals",
    "_state_timers",
    "_strings",
    "_timers",
    "subscriptions",
  ],
  ["_order", "_handler_class", "_settings"],
  ["_move"],
  ["_stepwise", "_record"],
  // 6 engine
  ["_core"],
  ["_event", "_steps", "_transition_log", "_transition_stream"],
  ["_call"],
  ["_execute"],
  ["_quiet"],
  ["_drain"],
  // 7 extras
  ["pipe", "snapshot", "testing"],
  // 8 machine
  ["machine"],
  ["mod"],
];

/** The folders, lowest first: code imports from its own folder and those above. `.` is the root's `mod.ts`. */
export const FOLDER_ORDER: readonly (readonly string[])[] = [
  ["machine"],
  ["."],
  ["flow"],
  ["telemetry"],
  ["cli"],
  ["bench", "examples"],
  ["tests"],
];

/** The folders that import nothing but files of the project, so that what `deno pack` makes of them runs by itself. */
const WITHOUT_DEPENDENCY: ReadonlySet<string> = new Set(["machine", "flow"]);

/** The files by which other folders enter a folder. Tests open any. */
const ENTRIES: ReadonlySet<string> = new Set([
  "mod.ts",
  "deno.json",
  "machine/mod.ts",
  "machine/testing.ts",
  "flow/mod.ts",
  "telemetry/mod.ts",
  "telemetry/server.ts",
  "cli/mod.ts",
  "cli/diagram/mod.ts",
  "cli/main.ts",
  "cli/check/check_schema.ts",
]);

/**
 * Find what breaks the order of imports.
 *
 * @param graph The files and what they import.
 * @returns One sentence per finding, in the order of the graph; empty if all is well.
 */
export function checkLayers(graph: ImportGraph): string[] {
  const findings: string[] = [];
  for (const [file, targets] of graph) {
    findings.push(...checkFile(file));
    for (const target of targets) {
      const finding = checkImport(file, target, graph);
      if (finding !== undefined) findings.push(finding);
    }
  }
  if (graph.has("mod.ts")) findings.push(...checkRoot(graph.get("mod.ts")!));
  const cycle = findCycle(graph);
  if (cycle !== undefined) findings.push(`Imports run in a circle: ${cycle.join(" -> ")}`);
  return findings;
}

function checkFile(file: string): string[] {
  const folder = folderOf(file);
  if (folder === "compat") return [];
  if (rankOf(folder, FOLDER_ORDER) < 0) {
    return [`${file} is in no folder of the order: give "${folder}" a place in FOLDER_ORDER of tests/layers.ts`];
  }
  if (folder === "machine" && machineRank(file) < 0) {
    return [`${file} is in no row: give it a place in MACHINE_ORDER of tests/layers.ts`];
  }
  return [];
}

function checkImport(file: string, target: string, graph: ImportGraph): string | undefined {
  const from = folderOf(file);
  if (!graph.has(target)) {
    if (!isSpecifier(target)) return `${file} imports ${target}, which is not there`;
    return WITHOUT_DEPENDENCY.has(from) ? `${file} imports ${target}: ${from}/ has no dependency` : undefined;
  }
  const to = folderOf(target);
  if (from === to) return from === "machine" ? checkRows(file, target) : undefined;
  if (from === "compat") return `${file} imports ${target}: what stands in for a package knows nothing of the project`;
  if (to === "compat") {
    return WITHOUT_DEPENDENCY.has(from) ? `${file} imports ${target}: ${from}/ has no dependency` : undefined;
  }
  const [low, high] = [rankOf(to, FOLDER_ORDER), rankOf(from, FOLDER_ORDER)];
  if (low >= high && low >= 0 && high >= 0) return `${file} imports ${target}: ${from}/ is not above ${to}/`;
  if (from !== "tests" && !ENTRIES.has(target)) {
    return `${file} imports ${target}: another folder enters ${to}/ by ${entriesOf(to)}`;
  }
  return undefined;
}

function checkRows(file: string, target: string): string | undefined {
  const [low, high] = [machineRank(target), machineRank(file)];
  if (low < 0 || high < 0 || low < high) return undefined; // files without a row have a finding of their own
  return `${file} imports ${target}, which is ${low === high ? "beside" : "below"} it in the order of machine/`;
}

function checkRoot(targets: readonly string[]): string[] {
  if (targets.length === 1 && targets[0] === "machine/mod.ts") return [];
  return [`mod.ts imports ${targets.join(", ") || "nothing"}: it re-exports machine/mod.ts and nothing else`];
}

/** Depth first; a file that is on the path when it is reached again closes a circle. */
function findCycle(graph: ImportGraph): string[] | undefined {
  const path: string[] = [];
  const done = new Set<string>();
  const visit = (file: string): string[] | undefined => {
    const start = path.indexOf(file);
    if (start >= 0) return [...path.slice(start), file];
    if (done.has(file)) return undefined;
    path.push(file);
    for (const target of graph.get(file) ?? []) {
      const cycle = visit(target);
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const cycle = visit(file);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

function folderOf(file: string): string {
  const end = file.indexOf("/");
  return end < 0 ? "." : file.slice(0, end);
}

function machineRank(file: string): number {
  return rankOf(file.slice("machine/".length).replace(/\.ts$/, ""), MACHINE_ORDER);
}

function rankOf(name: string, order: readonly (readonly string[])[]): number {
  return order.findIndex((names) => names.includes(name));
}

function entriesOf(folder: string): string {
  const entries = [...ENTRIES].filter((entry) => folderOf(entry) === folder);
  return entries.length > 0 ? entries.join(" or ") : "nothing: it has no entry";
}

/** `jsr:@std/assert`, `node:fs`, `https://…`: not a file of the project. */
function isSpecifier(target: string): boolean {
  return /^[a-z]+:/.test(target);
}
