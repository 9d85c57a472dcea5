import { Machine, type Step } from "@asyncmachine/asyncmachine";
import {
  ANY_STATE,
  decodeLog,
  decodeStep,
  encodeRecord,
  encodeStep,
  LOG_LEVELS,
  parseRecord,
  ProtocolError,
  STEP_CODES,
  type StepTuple,
} from "@asyncmachine/asyncmachine/telemetry";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { isRecord } from "./_wire.ts";

type Json = Record<string, unknown>;

const BASE = { v: 1, instance: "k3", seq: 4, at: 1767225600000.25 };

/** One valid record of each kind, with every field that it can have. */
const RECORDS: Readonly<Record<string, Json>> = {
  machine: {
    ...BASE,
    kind: "machine",
    id: "file-1",
    stateNames: ["A", "B", "Exception"],
    schema: {
      A: {
        auto: true,
        multi: false,
        require: ["B"],
        add: ["B"],
        remove: [],
        after: ["B"],
        tags: ["t"],
        timeoutMs: 1.5,
      },
      B: {},
      Exception: { multi: true },
    },
    ticks: [1, 2, 0],
    queueTick: 3,
    machineTick: 0,
    groups: [["all", [0, 1]], ["none", []]],
    parent: { id: "files", instance: "k2" },
    tags: ["x"],
    pipes: [{ direction: "out", type: "add", state: "A", other: "files" }],
    receivedAt: 1767225600001,
  },
  tx: {
    ...BASE,
    kind: "tx",
    id: "3m6r3xgn-1f",
    type: "add",
    called: [0, 1],
    accepted: false,
    auto: true,
    check: true,
    queued: true,
    queueTick: 3,
    mutationTick: 3,
    queueToken: 1,
    queueLength: 0,
    ticks: [[0, 3], [1, 4]],
    sum: 7,
    duration: 0.25,
    canceledBy: "AEnter",
    steps: [[32, -1, 0, 0], [2, -2, -2, 5]],
    log: [[3, "[add] A"]],
    preLog: [[1, "[exter] hi"]],
    args: { path: "/a", list: [1, null, { deep: [true] }] },
    source: { machine: "files", tx: "3m6r3xgn-1e", sum: 9 },
  },
  log: { ...BASE, kind: "log", level: 1, text: "[exter] hi" },
  pipe: { ...BASE, kind: "pipe", change: "bound", direction: "in", type: "remove", state: "A", other: "files" },
  dispose: { ...BASE, kind: "dispose" },
  gap: { ...BASE, kind: "gap", from: 2, count: 3 },
};

for (const [kind, record] of Object.entries(RECORDS)) {
  Deno.test(`parseRecord() takes a ${kind} record, and returns the same object`, () => {
    assert(parseRecord(record) === record as unknown);
    assert(isRecord(record), JSON.stringify(isRecord.errors));
    assertEquals(parseRecord(JSON.parse(encodeRecord(parseRecord(record)))) as unknown, record);
  });

  Deno.test(`parseRecord() keeps fields of a ${kind} record that it does not know`, () => {
    const later = { ...record, later: { than: ["this"] } };
    assertEquals(parseRecord(later) as unknown, later);
    assert(isRecord(later));
  });
}

const WRONG: readonly [record: unknown, field: string][] = [
  [null, ""],
  [[], ""],
  ["text", ""],
  [{ ...RECORDS.log, v: 2 }, "v"],
  [{ ...RECORDS.log, kind: "logs" }, "kind"],
  [{ ...RECORDS.log, kind: "__proto__" }, "kind"],
  [{ ...RECORDS.log, instance: "" }, "instance"],
  [{ ...RECORDS.log, instance: "a/b" }, "instance"],
  [{ ...RECORDS.log, instance: "a\n" }, "instance"],
  [{ ...RECORDS.log, instance: "a".repeat(65) }, "instance"],
  [{ ...RECORDS.log, seq: 0 }, "seq"],
  [{ ...RECORDS.log, seq: 1.5 }, "seq"],
  [{ ...RECORDS.log, seq: 2 ** 53 }, "seq"],
  [{ ...RECORDS.log, at: -1 }, "at"],
  [{ ...RECORDS.log, at: Infinity }, "at"],
  [{ ...RECORDS.log, at: NaN }, "at"],
  [{ ...RECORDS.log, receivedAt: "now" }, "receivedAt"],
  [{ ...RECORDS.log, level: 0 }, "level"],
  [{ ...RECORDS.log, text: 1 }, "text"],
  [{ ...RECORDS.tx, called: [-1] }, "called"],
  [{ ...RECORDS.tx, called: [100_000] }, "called"],
  [{ ...RECORDS.tx, ticks: [[4_294_967_294, 1]] }, "ticks"],
  [{ ...RECORDS.tx, ticks: [[0, -1]] }, "ticks"],
  [{ ...RECORDS.tx, ticks: [[0, 2 ** 53]] }, "ticks"],
  [{ ...RECORDS.tx, sum: NaN }, "sum"],
  [{ ...RECORDS.tx, steps: [[1, 2 ** 31, 0, 0]] }, "steps"],
  [{ ...RECORDS.tx, accepted: 1 }, "accepted"],
  [{ ...RECORDS.tx, auto: false }, "auto"],
  [{ ...RECORDS.tx, ticks: [[0]] }, "ticks"],
  [{ ...RECORDS.tx, ticks: [[0, 1, 2]] }, "ticks"],
  [{ ...RECORDS.tx, steps: [[3, 0, 0, 0]] }, "steps"],
  [{ ...RECORDS.tx, steps: [[1, -3, 0, 0]] }, "steps"],
  [{ ...RECORDS.tx, log: [[6, "a"]] }, "log"],
  [{ ...RECORDS.tx, args: [] }, "args"],
  [{ ...RECORDS.tx, args: JSON.parse('{"a":'.repeat(10) + "1" + "}".repeat(10)) }, "args"],
  [{ ...RECORDS.tx, args: JSON.parse(`{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`) }, "args"],
  [{ ...RECORDS.tx, source: { machine: "a", tx: "b" } }, "source.sum"],
  [{ ...RECORDS.machine, ticks: [1, 2] }, "ticks"],
  [{ ...RECORDS.machine, stateNames: ["A", "A", "B"] }, "stateNames"],
  [{ ...RECORDS.machine, stateNames: Array.from({ length: 100_001 }, (_, i) => `${i}`) }, "stateNames"],
  [{ ...RECORDS.machine, groups: [["all", [2 ** 40]]] }, "groups"],
  [{ ...RECORDS.machine, schema: { A: [] } }, "schema"],
  [{ ...RECORDS.machine, schema: { A: { require: "B" } } }, "schema.require"],
  [{ ...RECORDS.machine, parent: { id: "a", instance: "" } }, "parent.instance"],
  [{ ...RECORDS.machine, pipes: [{}] }, "pipes.direction"],
  [{ ...RECORDS.pipe, change: "gone" }, "change"],
  [{ ...RECORDS.gap, from: 3 }, "seq"],
  [{ ...RECORDS.gap, count: 0 }, "count"],
];

Deno.test("parseRecord() names the field that is wrong", () => {
  for (const [record, field] of WRONG) {
    const error = assertThrows(() => parseRecord(record), ProtocolError, "Cannot read record");
    assertEquals(error.field, field, JSON.stringify(record)?.slice(0, 300));
  }
});

Deno.test("parseRecord() takes states named like parts of objects, and leaves Object.prototype alone", () => {
  const line =
    `{"v":1,"kind":"machine","instance":"a","seq":1,"at":0,"id":"m","stateNames":["__proto__","constructor"],` +
    `"schema":{"__proto__":{"multi":true},"constructor":{}},"ticks":[0,0],"queueTick":1,"machineTick":0,` +
    `"__proto__":{"polluted":1}}`;
  const record = parseRecord(JSON.parse(line));
  assertEquals(encodeRecord(record), line);
  assertEquals(({} as { polluted?: number }).polluted, undefined);
});

Deno.test("parseRecord() and schema.json agree on 20,000 mutated records", () => {
  const random = randomFrom(0x5eed);
  const counts = { valid: 0, invalid: 0, crossField: 0 };
  for (let i = 0; i < 20_000; i++) {
    const records = Object.values(RECORDS);
    const record: Json = structuredClone(records[random(records.length)]!);
    for (let edits = random(3) + (i % 2); edits > 0; edits--) mutate(record, random);
    const value = JSON.parse(JSON.stringify(record));
    const field = fieldOf(value);
    if (isRecord(value) === (field === null)) {
      counts[field === null ? "valid" : "invalid"]++;
      continue;
    }
    // The two rules that JSON Schema cannot say.
    const isCrossField = field === "ticks" && value.kind === "machine" || field === "seq" && value.kind === "gap";
    assert(
      isCrossField,
      `parseRecord() says "${field}", schema.json ${JSON.stringify(isRecord.errors)}: ${JSON.stringify(value)}`,
    );
    counts.crossField++;
  }
  assert(counts.valid > 1_000 && counts.invalid > 1_000 && counts.crossField > 10, JSON.stringify(counts));
});

Deno.test("parseRecord() costs no more than twice what JSON.parse does before it", () => {
  const { receivedAt: _, ...tx } = RECORDS.tx!;
  const line = JSON.stringify(tx);
  const count = 10_000;
  const ways = [(value: { seq: number }) => value.seq, (value: unknown) => parseRecord(value).seq];
  const fastest = [Infinity, Infinity];
  for (let round = 0; round < 20; round++) {
    for (const [place, readSeq] of ways.entries()) {
      const start = performance.now();
      let sum = 0;
      for (let i = 0; i < count; i++) sum += readSeq(JSON.parse(line));
      fastest[place] = Math.min(fastest[place]!, performance.now() - start);
      assertEquals(sum, 4 * count);
    }
  }
  const [alone, both] = fastest as [number, number];
  console.log(`JSON.parse and parseRecord(): ${Math.round(count / both)},000 records a second`);
  assert(both < 3 * alone, `${both} ms, JSON.parse alone ${alone} ms`);
});

Deno.test("decodeStep() reads what encodeStep() writes, for every step that a machine makes", () => {
  const machine = new Machine({
    A: { add: ["B"], require: ["D"] },
    B: { remove: ["C"], after: ["A"] },
    C: { auto: true },
    D: {},
    E: { after: ["F"] },
    F: {},
    Any: { multi: true },
  });
  machine.bindHandlers({
    AEnter() {},
    AState() {},
    CExit() {},
    CEnd() {},
    AnyEnter() {},
    AnyState() {},
    DD() {},
    CA() {},
    DAny() {},
  });
  const steps: Step[] = [];
  machine.bindTracer({ wants: { steps: true }, transitionEnd: (transition) => void steps.push(...transition.steps) });
  for (const states of [["C"], ["A"], ["D"], ["A", "D"], ["E", "F"], ["Any"]] as const) machine.add(states);
  machine.set(["Any"]);
  machine.remove("Any");

  for (const step of steps) {
    const tuple = encodeStep(step, (name) => machine.index(name));
    assertEquals(decodeStep(JSON.parse(JSON.stringify(tuple)), machine.stateNames), step);
  }
  assertEquals(new Set(steps.map(({ type }) => type)), new Set(Object.keys(STEP_CODES)) as Set<Step["type"]>);
  assertEquals(new Set(steps.map(({ relation }) => relation)), new Set([null, "after", "add", "require", "remove"]));
  const ofAny = steps.filter(({ from, to }) => from === "Any" && to === "Any").map((step) => encodeStep(step, () => 6));
  assert(ofAny.length > 0 && ofAny.every(([, from, to]) => from === ANY_STATE && to === ANY_STATE));
});

Deno.test("decodeStep() and decodeLog() refuse unknown codes", () => {
  for (const tuple of [[3, 0, 0, 0], [1, 0, 0, 4]] as unknown as StepTuple[]) {
    assertThrows(() => decodeStep(tuple, ["A"]), ProtocolError);
  }
  assertThrows(() => decodeLog([6, "a"]), ProtocolError);
});

Deno.test("LOG_LEVELS are those of the machine, quietest first", async () => {
  const { LOG_LEVELS: levels } = await import("../../machine/_log.ts");
  assertEquals(LOG_LEVELS, levels);
});

Deno.test("PROTOCOL.md has a valid example of every kind", async () => {
  const text = await Deno.readTextFile(new URL("../../telemetry/PROTOCOL.md", import.meta.url));
  const examples = [...text.matchAll(/^```json\n(.*?)^```$/gms)].map(([, json]) => JSON.parse(json!));
  for (const example of examples) {
    parseRecord(example);
    assert(isRecord(example), JSON.stringify(isRecord.errors));
  }
  const kinds = new Set(examples.map(({ kind }) => kind));
  assertEquals([...kinds].sort(), Object.keys(RECORDS).sort());
});

Deno.test("PROTOCOL.md names every field of every kind", async () => {
  const text = await Deno.readTextFile(new URL("../../telemetry/PROTOCOL.md", import.meta.url));
  const named = new Set([...text.matchAll(/`(\w+)`/g)].map(([, name]) => name));
  const fields = Object.values(RECORDS).flatMap((record) => Object.keys(record));
  assertEquals([...new Set(fields)].filter((field) => !named.has(field)), []);
});

Deno.test("PROTOCOL.md names every event of the stream, and every field and reason in one", async () => {
  const [text, frames, store] = await Promise.all(
    ["PROTOCOL.md", "_frames.ts", "_store.ts"].map((name) =>
      Deno.readTextFile(new URL(`../../telemetry/${name}`, import.meta.url))
    ),
  );
  const stream = text!.slice(text!.indexOf("\n## The stream\n"));
  const events = [...frames!.matchAll(/event: (\w+)/g)].map(([, name]) => name!);
  const [dropped = ""] = /interface Dropped \{[^}]*\}/.exec(store!) ?? [];
  const fields = [...dropped.matchAll(/readonly (\w+)/g)].map(([, name]) => name!);
  const reasons = [
    ...`${/type GapReason = .*;/.exec(frames!)} ${/type DropReason = .*;/.exec(store!)}`.matchAll(/"(\w+)"/g),
  ]
    .map(([, name]) => name!);
  const named = new Set([...stream.matchAll(/`(\w+)`/g)].map(([, name]) => name));

  assertEquals([events.length, fields.length, reasons.length], [4, 6, 6]);
  assertEquals([...events, ...fields, ...reasons].filter((name) => !named.has(name)), []);
});

function fieldOf(value: unknown): string | null {
  try {
    parseRecord(value);
    return null;
  } catch (error) {
    if (error instanceof ProtocolError) return error.field;
    throw error;
  }
}

/** Values that are wrong in most places, and right in some. */
const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  1,
  -1,
  -2,
  0.5,
  7,
  99_999,
  100_000,
  2 ** 53,
  1e300,
  "",
  "a",
  "add",
  "out",
  "bound",
  "😀".repeat(40),
  [],
  [0],
  [0, 1],
  [[0, 1]],
  [[1, "a"]],
  [[32, -1, 0, 0]],
  ["a"],
  ["a", "a"],
  {},
  { a: {} },
  { id: "a" },
  { a: [[[[[[[[1]]]]]]]] },
];

/** Replace, remove or double something, anywhere in it. */
function mutate(record: Json, random: (limit: number) => number): void {
  let target = record as Record<string, unknown>;
  for (let depth = random(4); depth > 0; depth--) {
    const inner = Object.values(target).filter((value) => typeof value === "object" && value !== null);
    if (inner.length === 0) break;
    target = inner[random(inner.length)] as Record<string, unknown>;
  }
  const keys = Object.keys(target);
  const key = keys.length === 0 ? "x" : keys[random(keys.length)]!;
  switch (random(4)) {
    case 0:
      if (Array.isArray(target)) target.pop();
      else delete target[key];
      break;
    case 1:
      if (Array.isArray(target) && target.length > 0) target.push(target[0]);
      break;
    default:
      target[key] = structuredClone(VALUES[random(VALUES.length)]);
  }
}

/** The same seed, the same numbers. */
function randomFrom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * limit);
  };
}
