import { assert, assertEquals, assertMatch } from "@std/assert";
import { unicodeWidth } from "@std/cli";
import * as fc from "fast-check";
import { cleanText } from "../../cli/_clean.ts";
import { formatTransition } from "../../cli/show.ts";
import { formatTail } from "../../cli/_format.ts";
import { formatMachine } from "../../cli/inspect.ts";
import { formatList } from "../../cli/list.ts";
import { MachineView } from "../../cli/_machine_view.ts";
import { formatMatrix, makeRow } from "../../cli/matrix.ts";
import { formatProgress } from "../../cli/_progress.ts";
import { Stats } from "../../cli/stats.ts";
import type { Surface } from "../../cli/_style.ts";
import { Summaries } from "../../cli/_summary.ts";
import { cutText, fitText, widthOf } from "../../cli/_width.ts";
import type { MachineRecord, TelemetryRecord, TxRecord } from "../../telemetry/mod.ts";

/** What a hostile name may try: clear the screen, a title, a link, answers of the terminal, other directions, other lines. */
const HOSTILE = [
  "\x1b[2J",
  "\x1b[31mred",
  "\x1b]0;title\x07",
  "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
  "\x1b]52;c;ZXZpbA==\x07",
  "\x1bP+q544e\x1b\\",
  "\x9b2J",
  "\x9d0;title\x9c",
  "\r\nadd Root",
  "a\tb\vc\fd",
  "\x00\x7f\x08\x08",
  "\u202Egnp.exe",
  "\u2066\u2069\u200F",
  "\u2028\u2029",
  "\ud83d",
  "\udc00",
  "\x0e\x0f",
  "\x05\x06",
];

/** 200 names, each hostile in its way. */
const NAMES = Array.from(
  { length: 200 },
  (_, i) => `${HOSTILE[i % HOSTILE.length]}${i}${HOSTILE[(i * 7 + 3) % HOSTILE.length]}`,
);

/** Control characters of both sets, marks of direction, and halves of characters. */
const UNSAFE = /[\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E\u2066-\u2069\u200E\u200F\u061C]/u;

const text = () =>
  fc.oneof(fc.constantFrom(...NAMES), fc.string({ unit: "binary", maxLength: 12 }), fc.string({ maxLength: 8 }));

Deno.test("cleanText() leaves nothing that steers a terminal, and plain text as it is", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (it) => !UNSAFE.test(cleanText(it))));
  fc.assert(fc.property(fc.string(), (it) => cleanText(it) === it));
  assertEquals(cleanText("\x1b[2Ja\nb\x7f\x9b\u202E\ud83d状態é🦕"), "␛[2Ja␊b␡���状態é🦕");
});

Deno.test("formatTail() and all other output holds no control character but its own colours, for any record", () => {
  fc.assert(
    fc.property(records(), surfaces(), ([machine, ...rest], surface) => {
      for (const line of showAll(machine!, rest, surface)) assertSafe(line, surface);
    }),
    { numRuns: 500 },
  );
});

Deno.test("formatTail() shows 200 hostile names on as many lines as there are records, at every width", () => {
  const machine = machineOf(NAMES);
  const view = new MachineView("a");
  view.apply(machine);
  for (const columns of [undefined, 20, 40, 61, 80, 200]) {
    for (const hasColor of [false, true]) {
      for (const index of NAMES.keys()) {
        const record = txOf({
          called: [index, 199 - index],
          ticks: [[index, 1]],
          canceledBy: NAMES[index]!,
          accepted: false,
        });
        view.apply(record);
        const lines = formatTail(record, view, { columns, hasColor });
        assertEquals(lines.length, 1);
        assertSafe(lines[0]!, { columns, hasColor });
      }
    }
  }
});

Deno.test("formatTail() starts the changes in one column, whatever the width of the names", () => {
  const names = ["Foo", "状態", "ステート", "e\u0301tat", "🦕", "한국어"];
  const starts = names.map((_, index) => {
    const view = new MachineView("a");
    view.apply(machineOf(names, names[index]!));
    const record = txOf({ called: [index], ticks: [[index, 1]] });
    view.apply(record);
    const [line] = formatTail(record, view, { hasColor: false });
    return widthOf(line!.slice(0, line!.lastIndexOf(" +")));
  });

  assertEquals(new Set(starts).size, 1, String(starts));
});

Deno.test("cutText() and fitText() keep to the columns and never cut a character in two", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.nat({ max: 30 }), (it, columns) => {
    const clean = cleanText(it);
    const cut = cutText(clean, columns);
    assert(widthOf(cut) <= columns);
    if (cut !== clean && columns > 0) {
      assert(cut.endsWith("…"));
      assert(clean.startsWith(cut.slice(0, -1)));
    }
    assertEquals(widthOf(fitText(clean, columns)), columns);
  }));
  assertEquals(cutText("状態です", 5), "状態…");
  assertEquals(cutText("状態です", 4), "状…");
  assertEquals(cutText("a👩‍👩‍👧b", 3), "a…");
});

Deno.test("formatProgress() fits its columns and goes from nothing to all", () => {
  for (const columns of [10, 20, 40, 80, 200]) {
    for (const done of [0, 1, 50, 99, 100]) {
      const line = formatProgress("Verifying", done, 100, 2_000, columns);
      assert(widthOf(line) <= columns, line);
    }
  }
  assertEquals(formatProgress("Verifying", 50, 100, 3_000, 40), "Verifying ████████░░░░░░░  50 % 3 s left");
  assertMatch(formatProgress("Verifying", 100, 100, 3_000, 80), /█ 100 % 0 s left$/);
});

/** Everything that there is to show of records. */
function showAll(machine: TelemetryRecord, rest: readonly TelemetryRecord[], surface: Surface): string[] {
  const view = new MachineView(machine.instance);
  const summaries = new Summaries(), stats = new Stats();
  const lines: string[] = [];
  for (const record of [machine, ...rest]) {
    view.apply(record);
    const summary = summaries.add(record, view);
    stats.add(record, view);
    lines.push(...formatTail(record, view, surface, { steps: true, level: 5 }), ...formatMachine(summary, surface));
    if (record.kind !== "tx") continue;
    const found = { record, machineId: view.id, stateNames: view.stateNames, before: view.ticks, after: view.ticks };
    lines.push(...formatTransition(found, surface), ...formatMatrix(view.stateNames, [makeRow(record, view)], surface));
  }
  return [...lines, ...formatList(summaries.list(), surface), ...stats.format(surface)];
}

function assertSafe(line: string, { columns, hasColor }: Surface): void {
  const close = "\x1b[0m";
  // deno-lint-ignore no-control-regex
  const open = /\x1b\[(?:[12]|3[1-6])m/g;
  if (hasColor) assertEquals(line.split(close).length, line.split(open).length);
  const plain = hasColor ? line.replace(open, "").replaceAll(close, "") : line;
  assert(!UNSAFE.test(plain), JSON.stringify(line));
  if (columns !== undefined) assert(unicodeWidth(plain) <= columns, `${unicodeWidth(plain)} columns: ${plain}`);
}

function surfaces(): fc.Arbitrary<Surface> {
  return fc.record({ columns: fc.constantFrom(undefined, 20, 33, 80, 120), hasColor: fc.boolean() });
}

/** A machine and what it does, with texts from anywhere in every place that has a text. */
function records(): fc.Arbitrary<TelemetryRecord[]> {
  const index = fc.nat({ max: 9 });
  const log = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), text()), { maxLength: 3 });
  const tx = fc.record({
    called: fc.array(index, { maxLength: 3 }),
    accepted: fc.boolean(),
    ticks: fc.array(fc.tuple(index, fc.nat({ max: 9 })), { maxLength: 3 }),
    canceledBy: text(),
    id: text(),
    log,
    preLog: log,
    args: fc.dictionary(text(), fc.oneof(text(), fc.object({ maxDepth: 2, key: text() })), { maxKeys: 3 }),
    source: fc.record({ machine: text(), tx: text(), sum: fc.nat() }),
    steps: fc.array(fc.tuple(fc.constantFrom(1, 2, 4, 8, 16, 32, 64), index, index, fc.constantFrom(0, 1, 2, 3)), {
      maxLength: 4,
    }),
  }).map((it) => txOf(it as Partial<TxRecord>));
  const other = fc.oneof(
    text().map((it): TelemetryRecord => ({ ...base(), kind: "log", level: 1, text: it })),
    fc.tuple(text(), text()).map(([state, machine]): TelemetryRecord => ({
      ...base(),
      kind: "pipe",
      change: "bound",
      direction: "out",
      type: "add",
      state,
      other: machine,
    })),
    fc.constant<TelemetryRecord>({ ...base(), kind: "gap", from: 1, count: 3 }),
    fc.constant<TelemetryRecord>({ ...base(), kind: "dispose" }),
  );
  const machine = fc.tuple(
    fc.uniqueArray(text(), { minLength: 1, maxLength: 8 }),
    text(),
    fc.array(text(), { maxLength: 2 }),
  )
    .map(([names, id, tags]) => machineOf(names, id, tags));
  return fc.tuple(machine, fc.array(fc.oneof(tx, other), { maxLength: 5 })).map(([first, rest]) => [first, ...rest]);
}

function base() {
  return { v: 1, instance: "a", seq: 1, at: 1_767_323_045_000 } as const;
}

function machineOf(names: readonly string[], id = "machine", tags: readonly string[] = []): MachineRecord {
  const schema = Object.fromEntries(names.map((name) => [name, { require: [names[0]!], add: [...names.slice(0, 2)] }]));
  const groups = [[names[0]!, [0]]] as const;
  return {
    ...base(),
    kind: "machine",
    id,
    stateNames: names,
    schema,
    ticks: names.map(() => 0),
    queueTick: 1,
    machineTick: 0,
    tags,
    groups: groups as unknown as NonNullable<MachineRecord["groups"]>,
    parent: { id: names[0]! },
  };
}

function txOf(record: Partial<TxRecord>): TxRecord {
  const fixed = { type: "add", accepted: true, called: [], ticks: [], sum: 0, queueTick: 2, queueLength: 0 } as const;
  return { ...base(), kind: "tx", id: "a-1", ...fixed, ...record };
}
