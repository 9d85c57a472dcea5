import { assertEquals } from "@std/assert";
import { formatTail, type TailOptions } from "../../cli/_format.ts";
import { readRecording } from "../../cli/_recording.ts";
import { visitRecords } from "../../cli/_source.ts";
import type { Surface } from "../../cli/_style.ts";
import { assertGolden } from "./_golden.ts";
import { runAm } from "./_run.ts";

const RECORDING = "tests/cli/testdata/files.ndjson";

const COMMANDS: readonly (readonly [name: string, args: string[]])[] = [
  ["list", ["list"]],
  ["inspect", ["inspect", "file-1"]],
  ["inspect_child", ["inspect", "worker"]],
  ["show_last", ["show", "worker"]],
  ["show_canceled_by_relations", ["show", "file-1", "1"]],
  ["show_canceled_by_handler", ["show", "file-1", "5"]],
  ["show_source", ["show", "file-1", "8"]],
  ["show_thrown", ["show", "file-1", "a1-b"]],
  ["show_check", ["show", "file-1", "4"]],
  ["matrix", ["matrix", "file-1"]],
  ["matrix_limit", ["matrix", "a1", "--limit", "2"]],
  ["diff", ["diff", "file-1", "2", "b"]],
  ["diff_same", ["diff", "file-1", "1", "1"]],
  ["stats", ["stats"]],
];

for (const [name, args] of COMMANDS) {
  Deno.test(`am ${args.join(" ")} --file prints golden/${name}.txt`, async () => {
    const { code, out, err } = await runAm([...args, "--file", RECORDING]);

    assertEquals([code, err], [0, ""]);
    await assertGolden(name, out);
  });
}

const TAILS: readonly (readonly [name: string, surface: Surface, options: TailOptions])[] = [
  ["tail", { hasColor: false }, {}],
  ["tail_steps", { hasColor: false }, { steps: true, level: 5 }],
  ["tail_color_80", { columns: 80, hasColor: true }, { level: 2 }],
  ["tail_50", { columns: 50, hasColor: false }, {}],
  ["tail_20", { columns: 20, hasColor: false }, { level: 2 }],
];

for (const [name, surface, options] of TAILS) {
  Deno.test(`formatTail() shows golden/${name}.txt`, async () => {
    const lines: string[] = [];
    await visitRecords({ name: "", records: () => readRecording(RECORDING) }, (record, view) => {
      lines.push(...formatTail({ ...record, at: record.at + offset(record.at) }, view, surface, options));
    });

    await assertGolden(name, `${lines.join("\n")}\n`);
  });
}

/** The tests run where they are: this moves a time to where it shows as in UTC. */
function offset(at: number): number {
  return new Date(at).getTimezoneOffset() * 60_000;
}
