import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import * as fc from "fast-check";
import { Verifier } from "../../cli/_verify.ts";
import { Machine, type Schema } from "../../mod.ts";
import type { TelemetryExporter, TelemetryRecord, TxRecord } from "../../telemetry/mod.ts";
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

Deno.test("Verifier.add() finds no difference in random recordings", async () => {
  await verifyRandom(Date.now() % 2 ** 31);
});

Deno.test("Verifier.add() tells handlers of one name apart", async () => {
  await verifyRandom(SEED_OF_NAMESAKES);
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

    const { difference } = verifyAll([machine!, ...records]);

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
  assertEquals(verified, { machines: 1, transitions: 4, lost: 0 });
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
  assertEquals(verified, { machines: 2, transitions: 2, lost: count });
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
  return hasRun(it) && it.auto === true && !it.accepted && it.ticks.length > 1;
}

function setFirst(records: TxRecord[], change: Partial<TxRecord>): void {
  records[0] = { ...records[0]!, ...change };
}
