import { format } from "./_format.ts";

/** Lines around a change that are written; longer stretches of equal lines are counted. */
const CONTEXT = 3;

/** Cells of the table of {@linkcode mergeLines}; above, the two texts are written one after the other. */
const TABLE_LIMIT = 4_000_000;

/**
 * Write how two values differ: lines of the actual value with "-", of the expected one with "+", common ones with none.
 * Two texts of several lines are compared by their own lines.
 */
export function writeDifference(actual: unknown, expected: unknown): string {
  const areTexts = typeof actual === "string" && typeof expected === "string" && /\n/.test(actual + expected);
  const left = areTexts ? splitText(actual) : format(actual).split("\n");
  const right = areTexts ? splitText(expected) : format(expected).split("\n");
  if (left.join("\n") === right.join("\n")) return `both are written alike:\n${indent(left).join("\n")}`;
  return `- actual, + expected:\n${foldLines(mergeLines(left, right)).join("\n")}`;
}

/** A line keeps its end, and all of it is escaped, so that blanks and missing ends are seen. */
function splitText(text: string): string[] {
  return text.split(/(?<=\n)/).map((line) => JSON.stringify(line));
}

function mergeLines(left: string[], right: string[]): string[] {
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) start++;
  let tail = 0;
  const most = Math.min(left.length, right.length) - start;
  while (tail < most && left[left.length - 1 - tail] === right[right.length - 1 - tail]) tail++;
  return [
    ...indent(left.slice(0, start)),
    ...mergeChanged(left.slice(start, left.length - tail), right.slice(start, right.length - tail)),
    ...indent(left.slice(left.length - tail)),
  ];
}

/** Keeps the longest run of lines both have, in order; `lengths[i][j]` is its length from line i and line j on. */
function mergeChanged(left: string[], right: string[]): string[] {
  if (left.length * right.length > TABLE_LIMIT) {
    return [...left.map((line) => `- ${line}`), ...right.map((line) => `+ ${line}`)];
  }
  const lengths = measureCommon(left, right);
  const lines: string[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) {
      lines.push(`  ${left[i]}`);
      i++;
      j++;
    } else if (i < left.length && (j === right.length || lengths[i + 1]![j]! >= lengths[i]![j + 1]!)) {
      lines.push(`- ${left[i++]}`);
    } else {
      lines.push(`+ ${right[j++]}`);
    }
  }
  return lines;
}

function measureCommon(left: string[], right: string[]): Uint32Array[] {
  const lengths = Array.from({ length: left.length + 1 }, () => new Uint32Array(right.length + 1));
  for (let i = left.length - 1; i >= 0; i--) {
    const row = lengths[i]!;
    const below = lengths[i + 1]!;
    for (let j = right.length - 1; j >= 0; j--) {
      row[j] = left[i] === right[j] ? below[j + 1]! + 1 : Math.max(below[j]!, row[j + 1]!);
    }
  }
  return lengths;
}

function foldLines(lines: string[]): string[] {
  const isNearChange = (i: number): boolean =>
    lines.slice(Math.max(0, i - CONTEXT), i + CONTEXT + 1).some((line) => !line.startsWith(" "));
  const folded: string[] = [];
  let skipped: string[] = [];
  const flush = (): void => {
    folded.push(...(skipped.length > 1 ? [`  … ${skipped.length} equal lines`] : skipped));
    skipped = [];
  };
  lines.forEach((line, i) => {
    if (!isNearChange(i)) return void skipped.push(line);
    flush();
    folded.push(line);
  });
  flush();
  return folded;
}

function indent(lines: string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
