import { assert, assertEquals, assertMatch } from "@std/assert";
import { Machine } from "../../../mod.ts";
import type { TelemetryRecord, TxRecord } from "../../../telemetry/mod.ts";
import { findTransitions } from "../../../cli/_find_transition.ts";
import type { FoundTransition } from "../../../cli/_found_transition.ts";
import type { Source } from "../../../cli/_source.ts";
import { labelOf } from "../../../cli/diagram/label.ts";
import { findConsequences, makeSequence, type Sequence } from "../../../cli/diagram/sequence.ts";
import { drawSequenceMermaid } from "../../../cli/diagram/sequence_mermaid.ts";
import { drawSequenceSvg } from "../../../cli/diagram/sequence_svg.ts";
import { record } from "../_record.ts";
import { HOSTILE_NAMES } from "./_schemas.ts";
import { readXml } from "./_xml.ts";

/** A boss that has a worker do something, and rests. */
function recordBoss(): Promise<TelemetryRecord[]> {
  return record((exporter) => {
    const worker = new Machine({ Ready: {} }, { id: "worker" });
    const boss = new Machine({
      Start: {},
      Work: { require: ["Start"] },
      Rest: { auto: true, require: ["Work"] },
      Error: {},
    }, { id: "boss" });
    exporter.attach(worker);
    exporter.attach(boss);
    boss.bindHandlers({
      WorkEnter: () => boss.is("Start"),
      WorkState: (event) => void worker.add("Ready", null, { from: event }),
      ErrorState: () => {
        throw new Error("no work");
      },
    });
    boss.add("Work"); // 1: relations
    boss.add("Start");
    boss.add("Work");
    boss.add("Error");
  }, { queued: true });
}

Deno.test("makeSequence() tells who called whom in order, other machines and auto states too", async () => {
  assertEquals(await tell("boss", (it) => it.called[0] === 1 && it.accepted), [
    "caller > boss: add Work",
    "boss: Work requires Start",
    "-- negotiation",
    "boss > handlers of boss: WorkEnter()",
    "boss: +Work 0→1",
    "-- final handlers",
    "boss > handlers of boss: WorkState()",
    "handlers of boss > worker: add Ready",
    "boss > boss: add Rest (auto)",
    "boss < caller: accepted",
  ]);
});

Deno.test("makeSequence() names the transition whose handler called", async () => {
  const lines = await tell("worker", () => true);

  assertEquals(lines.map((line) => line.replace(/boss in \w+-\w+/, "boss in TX")), [
    "boss in TX > worker: add Ready",
    "worker: +Ready 0→1",
    "worker < boss in TX: accepted",
  ]);
});

Deno.test("makeSequence() has a machine call itself for its auto states", async () => {
  assertEquals(await tell("boss", (it) => it.auto === true && it.ticks.length > 0), [
    "boss > boss: add Rest (auto)",
    "boss: put in front of the queue",
    "boss: Rest requires Work, Work requires Start",
    "boss: +Rest 0→1",
    "boss: accepted",
  ]);
});

Deno.test("makeSequence() says what relations canceled", async () => {
  assertEquals(await tell("boss", (it) => it.called[0] === 1 && !it.accepted), [
    "caller > boss: add Work",
    "boss: Work requires Start, Work stays out, Start is missing: canceled, Work is missing: canceled",
    "boss x caller: canceled: Work requires Start",
  ]);
});

Deno.test("makeSequence() says which final handler threw, and what follows from it", async () => {
  assertEquals((await tell("boss", (it) => it.called[0] === 3 && it.queued !== true)).slice(1), [
    "boss: Work requires Start, Rest requires Work",
    "boss: ±Error 0→2",
    "-- final handlers",
    "boss > handlers of boss: ErrorState()",
    "handlers of boss x boss: threw",
    "handlers of boss > boss: add Exception",
    "boss x caller: canceled by ErrorState, which threw",
  ]);
});

Deno.test("makeSequence() draws a mutation that waits, and nothing of what runs before it", async () => {
  const records = await record((exporter) => {
    const machine = new Machine({ A: {}, B: { auto: true, require: ["A"] }, C: {} }, { id: "machine" });
    exporter.attach(machine);
    machine.bindHandlers({ BState: (event) => void event.machine.add("C") });
    machine.add("A");
  }, { queued: true });
  const isWaiting = (it: TelemetryRecord): it is TxRecord =>
    it.kind === "tx" && it.queued === true && it.called[0] === 2;

  assertEquals(await tellOf(records, records.find(isWaiting)!), [
    "caller > machine: add C (queued)",
    "machine: waits for tick 3, 1 in the queue",
    "machine < caller: queued",
  ]);
});

Deno.test("makeSequence() says so when steps are not recorded", () => {
  const found = makeHostileTransition(["A", "B", "C", "D", "E"]);
  const { steps: _, ...record } = found.record;

  assertEquals(say(makeSequence({ ...found, record, after: found.before })), [
    'C in D > C: add A B C D E with A: "A", B: "B", C: "C", D: "D", E: "E"',
    "C: put in front of the queue",
    "C: its steps are not recorded",
    "C x C in D: canceled by E",
  ]);
});

Deno.test("makeSequence() lists no more than ten lines in a note", () => {
  const names = Array.from({ length: 20 }, (_, i) => `S${i}`);
  const { lines } = makeSequence(makeHostileTransition(names));

  assertEquals(lines.flatMap((line) => line.kind === "note" ? [line.texts.length, line.texts.at(-1)] : []), [
    1,
    "put in front of the queue",
    11,
    "and 10 more",
    11,
    "and 10 more",
  ]);
});

Deno.test("drawSequenceSvg() is XML whatever names are, and holds each line", () => {
  const sequence = makeSequence(makeHostileTransition(HOSTILE_NAMES));
  const svg = drawSequenceSvg(sequence);
  const elements = readXml(svg);
  const texts = elements.filter(({ name }) => name === "text").map(({ text }) => text);

  for (const text of wordsOf(sequence)) {
    assert(texts.includes(labelOf(text).replace(/[\uFFFE\uFFFF]/g, "\uFFFD")), text);
  }
  assertEquals(elements.filter(({ name }) => name === "script"), []);
  assertEquals(
    elements.filter(({ attributes }) => attributes.class?.startsWith("arrow")).length,
    sequence.lines.filter(({ kind }) => kind === "message").length,
  );
});

Deno.test("drawSequenceMermaid() writes nothing of a name that Mermaid could read as syntax", () => {
  const sequence = makeSequence(makeHostileTransition(HOSTILE_NAMES));
  const [head, title, ...lines] = drawSequenceMermaid(sequence).trimEnd().split("\n");

  assertEquals(head, "sequenceDiagram");
  assertMatch(title!, /^ {2}accTitle: [\p{L}\p{N} ]+$/u);
  assertEquals(lines.length, sequence.actors.length + sequence.lines.length);
  for (const line of lines) {
    assertMatch(
      line,
      /^ {2}(?:participant a\d as |Note over a\d(?:,a\d)?: |a\d(?:->>|-->>|--x)a\d: )(?:[\p{L}\p{N} _.,()+→·-]|#\d+;|<br\/>)+$/u,
    );
  }
});

/** The lines of a machine's first transition that is meant, in short. */
async function tell(id: string, isMeant: (record: TxRecord) => boolean): Promise<string[]> {
  const records = await recordBoss();
  const { instance } = records.find((it) => it.kind === "machine" && it.id === id)!;
  const isIt = (it: TelemetryRecord): it is TxRecord =>
    it.kind === "tx" && it.instance === instance && it.queued !== true && isMeant(it);
  return await tellOf(records, records.find(isIt)!);
}

async function tellOf(records: TelemetryRecord[], { instance, id }: TxRecord): Promise<string[]> {
  const source: Source = {
    name: "a test",
    async *records() {
      yield records;
    },
  };
  const [found] = await findTransitions(source, instance, [id]);
  return say(makeSequence(found!, await findConsequences(source, found!)));
}

function say({ actors, lines }: Sequence): string[] {
  return lines.map((line) => {
    if (line.kind === "phase") return `-- ${line.text}`;
    if (line.kind === "note") return `${actors[line.at]}: ${line.texts.join(", ")}`;
    const arrow = line.isBad ? "x" : line.isReply ? "<" : ">";
    return `${actors[line.from]} ${arrow} ${actors[line.to]}: ${line.text}`;
  });
}

function wordsOf({ actors, lines }: Sequence): string[] {
  return [...actors, ...lines.flatMap((line) => line.kind === "note" ? line.texts : [line.text])];
}

/** A transition that calls all states, with a name in each role, and runs two handlers. */
function makeHostileTransition(names: readonly string[]): FoundTransition {
  const record: TxRecord = {
    v: 1,
    kind: "tx",
    instance: "a1",
    seq: 1,
    at: 0,
    id: "a1-1",
    type: "add",
    called: names.map((_, index) => index),
    accepted: false,
    queueTick: 1,
    queueToken: 1,
    queueLength: 0,
    ticks: [],
    sum: 0,
    canceledBy: names[4]!,
    source: { machine: names[2]!, tx: names[3]!, sum: 1 },
    steps: [...names.map((_, index) => [1, index, (index + 1) % names.length, 2] as const), [2, -1, 2, 4], [
      2,
      -1,
      3,
      5,
    ]],
    args: Object.fromEntries(names.map((name) => [name, name])),
  };
  const ticks = names.map(() => 0);
  return { record, machineId: names[2]!, stateNames: names, before: ticks, after: ticks.map(() => 1) };
}
