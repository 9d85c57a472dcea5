import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import * as fc from "fast-check";
import { Verifier } from "../../cli/_verify.ts";
import { Machine, type Schema } from "../../mod.ts";
import {
  type MachineRecord,
  STEP_CODES,
  STEP_FINAL,
  type TelemetryExporter,
  type TelemetryRecord,
  type TxRecord,
} from "../../telemetry/mod.ts";
import { scripts } from "../model/arbitrary.ts";
import { runScript, type Script, type Subject } from "../model/script.ts";
import { record, toLines, withFile } from "./_record.ts";
import { runAm } from "./_run.ts";

const schema = {
  Start: {},
  Wanted: { auto: true, require: ["Start"] },
  Other: { auto: true, require: ["Wanted"], add: ["Extra"] },
  Extra: {},
  Multi: { multi: true, require: ["Start"] },
  Busy: { require: ["Start"], remove: ["Wanted"] },
} satisfies Schema;

/** Has a state named `AB` whose handler throws where `AB` and a state named `State` have one of the same name, and one named `Any`. */
const SEED_OF_NAMESAKES = 258151770;

/** Has a state named `Any` that shares the handler `AnyState` with all states, which threw for these. */
const SEED_OF_ANY = 517786856;

/** Has an auto transition in which a handler of a state threw that was active already, and stays so. */
const SEED_OF_SELF = 517919840;

Deno.test("Verifier.add() finds no difference in random recordings", async () => {
  await verifyRandom(Date.now() % 2 ** 31);
});

Deno.test("Verifier.add() finds no difference in random recordings of which random pieces are lost", async () => {
  const seed = Date.now() % 2 ** 31;
  let transitions = 0, skipped = 0;
  for (const [script, from, length] of fc.sample(fc.tuple(scripts(), fc.nat(30), fc.nat(5)), { numRuns: 400, seed })) {
    const records = await record((exporter) => runRecorded(script, exporter));
    const rest = records.toSpliced(from, length);
    const again = introduce(records, from);
    for (const pieces of [rest, records.slice(0, from), again, again.slice(from)]) {
      const { difference, verified } = verifyAll(pieces);
      if (difference !== undefined && records.some(isUndecided)) continue;
      assertEquals(difference, undefined, `seed ${seed}: ${JSON.stringify([script, from, length])}`);
      transitions += verified.transitions;
      skipped += verified.gaps.reduce((sum, gap) => sum + gap.skipped, 0);
    }
  }
  console.log(`verified ${transitions} transitions, not ${skipped}`);
  assert(transitions > 5_000 && skipped > 100, "recordings without holes verify nothing");
});

Deno.test("Verifier.add() tells handlers of one name apart", async () => {
  for (const seed of [SEED_OF_NAMESAKES, SEED_OF_ANY, SEED_OF_SELF]) await verifyRandom(seed);
});

async function verifyRandom(seed: number): Promise<void> {
  let transitions = 0, canceled = 0, autos = 0;
  for (const script of fc.sample(scripts(), { numRuns: 400, seed })) {
    const records = await record((exporter) => runRecorded(script, exporter));
    const { difference, verified } = verifyAll(records);
    if (difference !== undefined && records.some(isUndecided)) continue;
    assertEquals(difference, undefined, `seed ${seed}: ${JSON.stringify(script)}`);
    const ran = records.filter(hasRun);
    assertEquals(verified.transitions, ran.length);
    transitions += ran.length;
    canceled += ran.filter(({ accepted }) => !accepted).length;
    autos += ran.filter(({ auto }) => auto).length;
  }
  console.log(`verified ${transitions} transitions, ${canceled} canceled, ${autos} auto`);
  assert(transitions > 5_000 && canceled > 500 && autos > 200, "scripts that get nowhere verify nothing");
}

const TAMPERED: readonly (readonly [name: string, tamper: (records: TxRecord[]) => void, reason: RegExp])[] = [
  ["a tick", (records) => setFirst(records, { ticks: [[0, 3]], sum: 3 }), /^left "Start" at tick 1, recorded is 3$/],
  ["the outcome", (records) => setFirst(records, { accepted: false }), /^was accepted, recorded as canceled$/],
  ["the called states", (records) => setFirst(records, { called: [5] }), /^was canceled, recorded as accepted$/],
  ["an auto transition that is gone", (records) => void records.splice(1, 1), /^follows "\w+-1" unrecorded$/],
  ["an auto transition too many", (records) => void records.splice(1, 0, records[1]!), /^did not arise$/],
  ["an auto transition of others", (records) => {
    records[1] = { ...records[1]!, called: [2] };
  }, /^did not come: \[add:auto\] Wanted Other did$/],
];

for (const [name, tamper, reason] of TAMPERED) {
  Deno.test(`Verifier.add() finds ${name}`, async () => {
    const [machine, ...rest] = await record((exporter) => {
      const it = new Machine(schema, { id: "m", tracers: [exporter] });
      it.add("Start");
      it.add("Busy");
      it.remove("Start");
    });
    const records = rest as TxRecord[];
    tamper(records);

    const { difference } = verifyAll(renumber([machine!, ...records]));

    assertEquals(difference?.machineId, "m");
    assertMatch(difference?.reason ?? "", reason);
  });
}

Deno.test("Verifier.add() begins where a recording begins, when it is in the middle", async () => {
  const records = await record((exporter) => {
    const machine = new Machine(schema, { id: "m" });
    machine.add(["Start", "Multi"]);
    machine.add("Multi");
    exporter.attach(machine);
    machine.add("Busy");
    machine.remove("Busy");
  });

  const { difference, verified } = verifyAll(records);

  assertEquals(difference, undefined);
  assertEquals(verified, { machines: 1, transitions: 4, gaps: [] });
});

Deno.test("Verifier.add() goes on behind a gap where the machine record says", async () => {
  let ticks: number[] = [];
  const [machine, ...rest] = await record((exporter) => {
    const it = new Machine(schema, { id: "m", tracers: [exporter] });
    it.add("Start");
    it.add("Busy");
    ticks = it.time();
    it.remove("Busy");
  });
  const last = rest.slice(-2);
  const from = rest[0]!.seq, count = last[0]!.seq - from;
  const { v, instance } = machine!;
  const gap: TelemetryRecord = { v, kind: "gap", instance, at: 0, seq: from + count - 1, from, count };

  const { difference, verified } = verifyAll([machine!, gap, { ...machine!, ticks } as TelemetryRecord, ...last]);

  assertEquals(difference, undefined);
  assertEquals(verified, { machines: 1, transitions: 2, gaps: [{ machineId: "m", lost: count, skipped: 0 }] });
});

Deno.test("Verifier.add() verifies nothing behind a hole, said or not, until a machine record says where the machine stands", async () => {
  const [machine, start, wanted, other, ...rest] = await record((exporter) => {
    const it = new Machine(schema, { id: "m", tracers: [exporter] });
    it.add("Start"); // brings two auto transitions
    it.remove("Start");
    it.add("Start");
  });
  const { v, instance } = machine!;
  const gap: TelemetryRecord = { v, kind: "gap", instance, at: 0, seq: wanted!.seq, from: wanted!.seq, count: 1 };
  const hidden = rest.filter(hasRun).length + 1;

  for (const hole of [[gap], []]) {
    const { difference, verified } = verifyAll([machine!, start!, ...hole, other!, ...rest]);
    assertEquals(difference, undefined);
    assertEquals(verified, { machines: 1, transitions: 0, gaps: [{ machineId: "m", lost: 1, skipped: hidden + 1 }] });
  }
});

Deno.test("Verifier.add() takes a recording that begins or ends between a transition and the auto transitions of it", async () => {
  const [machine, start, wanted, ...rest] = await record((exporter) => {
    const it = new Machine(schema, { id: "m", tracers: [exporter] });
    it.add("Start"); // brings two auto transitions
    it.remove("Start");
    it.add("Start");
  });
  const { ticks } = start as TxRecord;
  const again = { ...machine!, seq: start!.seq, ticks: setTicks(machine as MachineRecord, ticks) } as MachineRecord;

  const end = verifyAll([machine!, start!]);
  const begin = verifyAll([again, wanted!, ...rest]);
  const middle = verifyAll(renumber([machine!, start!, again, wanted!, ...rest]));

  const transitions = rest.filter(hasRun).length;
  assertEquals(end, { difference: undefined, verified: { machines: 1, transitions: 1, gaps: [] } });
  assertEquals(begin.difference, undefined);
  assertEquals(begin.verified.transitions + begin.verified.gaps[0]!.skipped, transitions + 1);
  assertEquals(middle, { difference: undefined, verified: { machines: 1, transitions: transitions + 2, gaps: [] } });
});

Deno.test("Verifier.add() follows a machine through a change of its schema and a snapshot", async () => {
  const records = await record((exporter) => {
    const machine = new Machine<Schema>({ A: {}, B: { auto: true } }, { id: "m", tracers: [exporter] });
    machine.add("A");
    const snapshot = machine.export();
    machine.remove(["A", "B"]);
    machine.import(snapshot);
    machine.add("A");
    machine.setSchema({ A: {}, B: { auto: true }, C: { auto: true, require: ["A"] }, Exception: { multi: true } }, [
      "C",
      "B",
      "A",
      "Exception",
    ]);
    machine.remove("B");
  });

  const { difference, verified } = verifyAll(records);

  assertEquals(difference, undefined);
  assertEquals(verified.transitions, records.filter(hasRun).length);
});

Deno.test("am replay --verify says that all is as recorded", async () => {
  assertEquals(await runAm(["replay", "tests/cli/testdata/files.ndjson", "--verify"]), {
    code: 0,
    out: "Verified 20 transitions of 2 machines\n",
    err: "",
  });
});

Deno.test("am replay --verify says of which machines records are lost", async () => {
  const lines = (await Deno.readTextFile("tests/cli/testdata/files.ndjson")).trimEnd().split("\n");
  const last = lines.findLastIndex((line) => line.includes('"kind":"tx"') && line.includes('"instance":"a1"'));

  const { code, out, err } = await withFile(
    lines.toSpliced(last - 1, 1).join("\n"),
    (path) => runAm(["replay", path, "--verify"]),
  );

  assertEquals([code, err], [0, ""]);
  assertMatch(
    out,
    /^Verified \d+ transitions of 2 machines, not all:\n {2}file-1: 1 record lost, \d+ transitions? not verified\n$/,
  );
});

Deno.test("am replay --verify names the first transition that differs, and ends with 1", async () => {
  const text = await Deno.readTextFile("tests/cli/testdata/files.ndjson");

  const { code, out, err } = await withFile(
    text.replace('"ticks":[[1,1]]', '"ticks":[[1,3]]'),
    (path) => runAm(["replay", path, "--verify"]),
  );

  assertEquals([code, out], [1, ""]);
  assertMatch(
    err,
    /^am: recording ".*" differs: transition "a1-6" of machine "file-1", \[add\] Processing, left "Processing" at tick 1, recorded is 3\n$/,
  );
});

Deno.test("am replay --verify refuses a recording without steps, and takes one with --handlers", async () => {
  const records = await record((exporter) => {
    const machine = new Machine(schema, { id: "m", tracers: [exporter] });
    machine.bindHandlers({
      BusyEnter: ({ args }) => args.name === "right",
      StartState: () => void machine.add("Multi"),
    });
    machine.add("Start");
    machine.add("Busy", { name: "wrong" });
    machine.add("Busy", { name: "right" });
  }, { steps: false, logArgs: ["name"] });
  const handlers = `export default {
    BusyEnter: ({ args }) => args.name === "right",
    StartState: (event) => void event.machine.add("Multi"),
  };`;

  await withFile(toLines(records), async (path) => {
    const refused = await runAm(["replay", path, "--verify"]);
    assertEquals([refused.code, refused.out], [2, ""]);
    assertStringIncludes(refused.err, "has no steps");
    assertStringIncludes(refused.err, "--handlers FILE");

    const right = await withFile(handlers, (file) => runAm(["replay", path, "--verify", "--handlers", file]), ".js");
    assertEquals(right, {
      code: 0,
      out: `Verified ${records.filter(hasRun).length} transitions of 1 machine\n`,
      err: "",
    });

    const wrong = await withFile(
      handlers.replace("Multi", "Extra"),
      (file) => runAm(["replay", path, "--verify", "--handlers", file]),
      ".js",
    );
    assertEquals(wrong.code, 1);
    assertStringIncludes(wrong.err, "[add] Multi, did not come: [add] Extra did");
  });
});

/** Say again who the machine is, in front of a record, as an exporter does to another server. */
function introduce(records: readonly TelemetryRecord[], at: number): TelemetryRecord[] {
  let machine = records[0] as MachineRecord;
  for (const it of records.slice(1, at)) {
    if (it.kind === "machine") machine = it;
    if (hasRun(it)) machine = { ...machine, queueTick: it.queueTick, ticks: setTicks(machine, it.ticks) };
  }
  return renumber(records.toSpliced(at, 0, machine));
}

/** Run a script on a machine that is recorded from its beginning. */
function runRecorded(script: Script, exporter: TelemetryExporter): void {
  runScript(script, ({ schema, queueLimit }, recorder) => {
    const machine = new Machine(schema as Schema, {
      id: "script",
      tracers: [recorder, exporter],
      logLevel: "nothing",
      ...(queueLimit === undefined ? {} : { queueLimit }),
    });
    machine.onInternalError(() => {});
    return machine as unknown as Subject;
  });
}

function verifyAll(records: readonly TelemetryRecord[]) {
  const verifier = new Verifier();
  for (const it of records) {
    const difference = verifier.add(it);
    if (difference !== undefined) return { difference, verified: verifier.verified };
  }
  return { difference: verifier.finish(), verified: verifier.verified };
}

function hasRun(it: TelemetryRecord): it is TxRecord {
  return it.kind === "tx" && it.queued !== true && it.check !== true;
}

/**
 * An auto state that a handler refused, and that another state brought back: steps do not tell it from one that was not
 * refused, and it stands in another place among the states that go out when a final handler throws.
 */
function isUndecided(it: TelemetryRecord): boolean {
  if (!hasRun(it) || it.auto !== true) return false;
  if (!it.accepted && it.ticks.length > 1) return true;
  const steps = it.steps ?? [];
  const end = steps.findLastIndex(([type, , , flags]) => type === STEP_CODES.handler && (flags & STEP_FINAL) === 0);
  const isBroughtBack = (state: number) =>
    steps.slice(end + 1).some(([type, , to]) => type === STEP_CODES.activate && to === state);
  return it.called.some((state) => it.ticks.every(([index]) => index !== state) && isBroughtBack(state));
}

/** Number records without a hole. */
function renumber(records: readonly TelemetryRecord[]): TelemetryRecord[] {
  return records.map((it, i) => ({ ...it, seq: i + 1 }));
}

function setTicks({ ticks }: MachineRecord, changes: TxRecord["ticks"]): number[] {
  const after = [...ticks];
  for (const [index, tick] of changes) after[index] = tick;
  return after;
}

function setFirst(records: TxRecord[], change: Partial<TxRecord>): void {
  records[0] = { ...records[0]!, ...change };
}
