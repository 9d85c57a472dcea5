import {
  defineSchema,
  type Event,
  Machine,
  type MachineOptions,
  pipe,
  type Schema,
  type Transition,
} from "@asyncmachine/asyncmachine";
import { VirtualClock } from "@asyncmachine/asyncmachine/testing";
import {
  applyTicks,
  decodeLog,
  decodeStep,
  nameStates,
  TelemetryError,
  TelemetryExporter,
  type TelemetryExporterOptions,
  type TelemetryRecord,
  type TxRecord,
} from "@asyncmachine/asyncmachine/telemetry";
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { scripts } from "../model/arbitrary.ts";
import { runScript, type Subject } from "../model/script.ts";
import { assertContiguous, turn, Wire } from "./_wire.ts";

const SCHEMA = defineSchema({ Start: {}, Ready: { require: ["Start"] }, Busy: { multi: true } });

/** An exporter to a wire, which tells no console. */
function exporterTo(wire: Wire, options: TelemetryExporterOptions = {}): TelemetryExporter {
  return new TelemetryExporter({ fetch: wire.fetch, onError() {}, ...options });
}

function kinds(records: readonly TelemetryRecord[]): string[] {
  return records.map(({ kind }) => kind);
}

Deno.test("TelemetryExporter sends a machine and its transitions, in order", async () => {
  const wire = new Wire();
  await using exporter = exporterTo(wire);
  const machine = new Machine(SCHEMA, {
    id: "m",
    tracers: [exporter],
    tags: ["t"],
    groups: { up: ["Ready", "Start"] },
  });
  machine.bindHandlers({
    ReadyEnter: () => machine.is("Start"),
    StartState: (event) => void machine.add("Busy", null, { from: event }),
  });
  machine.add("Ready");
  machine.add("Start");
  await exporter.flush();

  const [first, ...rest] = wire.records;
  assert(first?.kind === "machine");
  assertEquals([first.id, first.tags, first.groups], ["m", ["t"], [["up", [1, 0]]]]);
  assertEquals(first.schema, {
    Start: {},
    Ready: { require: ["Start"] },
    Busy: { multi: true },
    Exception: { multi: true },
  });
  const [ready, start, busy] = rest as TxRecord[];
  assertEquals([ready!.accepted, ready!.called, ready!.ticks, ready!.sum, ready!.mutationTick], [false, [1], [], 0, 2]);
  assertEquals([start!.accepted, start!.called, start!.ticks, start!.sum], [true, [0], [[0, 1]], 1]);
  assertEquals(start!.queueLength, 1);
  assertEquals(busy!.source, { machine: "m", tx: start!.id, sum: 0 });
  assertEquals([busy!.ticks, busy!.sum, busy!.queueLength], [[[2, 1]], 2, 0]);
  assertEquals(wire.records.map(({ seq }) => seq), [1, 2, 3, 4]);
  assert(start!.duration! >= 0 && Math.abs(start!.at - Date.now()) < 60_000);
  assertEquals(wire.requests[0]!.url, "http://127.0.0.1:6841/v1/ingest");
  assertEquals(wire.requests[0]!.headers["content-type"], "application/x-ndjson");
});

Deno.test("TelemetryExporter names the handler that refused, and none when relations did or a final handler threw", async () => {
  const wire = new Wire();
  await using exporter = exporterTo(wire);
  const machine = new Machine(SCHEMA, { tracers: [exporter] });
  let isOpen = false;
  machine.bindHandlers({
    StartEnter: () => isOpen,
    AnyState: () => {},
    BusyState: () => {
      throw new Error("no");
    },
  });
  machine.add("Start");
  machine.add("Ready");
  isOpen = true;
  machine.add("Start");
  machine.add("Busy");
  await exporter.flush();
  assertEquals(wire.of("tx").map(({ accepted, canceledBy }) => [accepted, canceledBy]), [
    [false, "StartEnter"],
    [false, undefined],
    [true, undefined],
    [false, undefined],
    [true, undefined],
  ]);
});

Deno.test("TelemetryExporter exports submachines, and names their parents", async () => {
  const wire = new Wire();
  await using exporter = exporterTo(wire);
  const parent = new Machine(SCHEMA, { id: "parent", tracers: [exporter] });
  const child = new Machine(SCHEMA, { id: "child", parent: parent as never });
  const grandchild = new Machine(SCHEMA, { id: "grandchild", parent: child as never });
  grandchild.add("Start");
  await exporter.flush();
  const machines = wire.of("machine");
  assertEquals(machines.map(({ id, parent }) => [id, parent]), [
    ["parent", undefined],
    ["child", { id: "parent", instance: machines[0]!.instance }],
    ["grandchild", { id: "child", instance: machines[1]!.instance }],
  ]);
  assertEquals(new Set(machines.map(({ instance }) => instance)).size, 3);
  assertEquals(wire.of("tx").map(({ instance }) => instance), [machines[2]!.instance]);
});

Deno.test("TelemetryExporter.attach() exports a machine from now on, once, until it is detached", async () => {
  const wire = new Wire();
  await using exporter = exporterTo(wire);
  const machine = new Machine(SCHEMA, { id: "m" });
  machine.add("Start");
  const binding = exporter.attach(machine);
  assertEquals(exporter.attach(machine), binding);
  machine.add("Ready");
  binding.detach();
  machine.add("Busy");
  await exporter.flush();
  assertEquals(kinds(wire.records), ["machine", "tx"]);
  assertEquals(wire.of("machine")[0]!.ticks, [1, 0, 0, 0]);
  exporter.attach(machine);
  await exporter.flush();
  assertEquals(wire.of("machine")[1]!.ticks, [1, 1, 1, 0]);
  assert(wire.of("machine")[1]!.instance !== wire.of("machine")[0]!.instance);
  assertEquals(exporter.attach(new Machine(SCHEMA, { tracers: [exporter] })).detach(), undefined);
});

Deno.test("TelemetryExporter exports a machine that got it by bindTracer(), from the next thing that happens", async () => {
  const wire = new Wire();
  await using exporter = exporterTo(wire);
  const machine = new Machine(SCHEMA);
  machine.add("Start");
  machine.bindTracer(exporter);
  machine.add("Ready");
  await exporter.flush();
  assertEquals(kinds(wire.records), ["machine", "tx"]);
  assertEquals(wire.of("machine")[0]!.ticks, [1, 0, 0, 0]);
  assertEquals(wire.of("tx")[0]!.ticks, [[1, 1]]);
});

Deno.test("TelemetryExporter bound by a handler tells the running transition from the ticks before it", async () => {
  const wire = new Wire();
  await using exporter = exporterTo(wire);
  const machine = new Machine(SCHEMA);
  machine.bindHandlers({ StartState: () => void exporter.attach(machine) });
  machine.add("Start");
  await exporter.flush();
  assertEquals(wire.of("machine")[0]!.ticks, [0, 0, 0, 0]);
  assertEquals([wire.of("tx")[0]!.ticks, wire.of("tx")[0]!.duration], [[[0, 1]], undefined]);
});

Deno.test("TelemetryExporter sends checks and queued mutations when asked to", async () => {
  const wire = new Wire();
  await using exporter = exporterTo(wire, { checks: true, queued: true });
  const machine = new Machine(SCHEMA, { tracers: [exporter] });
  machine.add("Start");
  machine.canAdd("Ready");
  await exporter.flush();
  const [queued, tx, queuedCheck, check] = wire.of("tx");
  const { instance } = wire.records[0]!;
  assertEquals([queued!.queued, queued!.id, queued!.mutationTick, queued!.queueLength], [true, `${instance}-1`, 2, 1]);
  assertEquals([queued!.ticks, queued!.sum, tx!.ticks, tx!.sum], [[], 0, [[0, 1]], 1]);
  assertEquals([queuedCheck!.check, queuedCheck!.id, queuedCheck!.queueToken], [true, `${tx!.id}-1`, 1]);
  assertEquals([check!.check, check!.queued, check!.sum, check!.steps![0]], [true, undefined, 1, [32, -1, 1, 0]]);
});

Deno.test("TelemetryExporter leaves out steps when told to", async () => {
  const wire = new Wire();
  await using exporter = exporterTo(wire, { steps: false });
  new Machine(SCHEMA, { tracers: [exporter] }).add("Start");
  await exporter.flush();
  assertEquals(wire.of("tx")[0]!.steps, undefined);
});

Deno.test("TelemetryExporter sends a machine record again after verifyStates(), setSchema() and import()", async () => {
  const wire = new Wire();
  await using exporter = exporterTo(wire);
  const machine = new Machine<Schema>({ A: {}, B: {} }, { id: "m", tracers: [exporter] });
  machine.add("B");
  machine.verifyStates(["B", "Exception", "A"]);
  machine.add("A");
  machine.setSchema({ A: {}, B: {}, C: { require: ["A"] }, Exception: { multi: true } }, ["C", "B", "A", "Exception"]);
  machine.add("C");
  const snapshot = machine.export();
  machine.remove(["A", "B", "C"]);
  machine.import(snapshot);
  machine.add("B");
  await exporter.flush();
  assertEquals(
    wire.of("machine").map(({ stateNames, ticks, machineTick }) => [stateNames.join(), ticks.join(), machineTick]),
    [
      ["A,B,Exception", "0,0,0", 0],
      ["B,Exception,A", "1,0,0", 0],
      ["C,B,A,Exception", "0,1,1,0", 0],
      ["C,B,A,Exception", "1,1,1,0", 1],
    ],
  );
  assertEquals(kinds(wire.records).join(" "), "machine tx machine tx machine tx tx machine tx");
});

Deno.test("TelemetryExporter sends pipes: those that are there with the machine, and what changes", async () => {
  const wire = new Wire();
  await using exporter = exporterTo(wire);
  const [source, target] = [new Machine(SCHEMA, { id: "source" }), new Machine(SCHEMA, { id: "target" })];
  const early = pipe(source, "Start", target);
  exporter.attach(source);
  const late = pipe(source, "Busy", target);
  await exporter.flush();
  early.detach();
  source.add("Ready");
  await exporter.flush();
  const seen = wire.of("pipe").map(({ change, direction, type, state, other }) =>
    [change, direction, type, state, other].join(" ")
  );
  assertEquals(wire.of("machine")[0]!.pipes?.map(({ type, state }) => `${type} ${state}`), [
    "add Start",
    "remove Start",
  ]);
  assertEquals(seen.toSorted(), [
    "bound out add Busy target",
    "bound out remove Busy target",
    "detached out add Start target",
    "detached out remove Start target",
  ]);
  late.detach();
});

Deno.test("TelemetryExporter sends each log line once and in order: before, during and outside of transitions", async () => {
  const wire = new Wire();
  await using exporter = exporterTo(wire, { logLevel: "external" });
  const machine = new Machine(SCHEMA, { tracers: [exporter] });
  machine.bindHandlers({ StartState: () => machine.log("during") });
  machine.log("before 1");
  machine.log("before 2");
  machine.add("Start");
  machine.log("after 1");
  await exporter.flush();
  machine.log("after 2");
  machine.canAdd("Ready");
  machine.add("Ready");
  machine.log("last");
  machine.onDispose(() => machine.log("while disposing"));
  await machine.dispose();
  await exporter.flush();
  const lines = wire.records.flatMap((record) => {
    if (record.kind === "log") return [`outside ${record.text}`];
    if (record.kind !== "tx") return [record.kind];
    return [
      ...(record.preLog ?? []).map(([, text]) => `before ${text}`),
      ...(record.log ?? []).map(([, text]) => `in ${text}`),
      "tx",
    ];
  });
  assertEquals(lines.map((line) => line.replace("[exter] ", "")), [
    "machine",
    "before before 1",
    "before before 2",
    "in during",
    "tx",
    "outside after 1",
    "before after 2",
    "tx",
    "before last",
    "tx",
    "outside while disposing",
    "dispose",
  ]);
});

Deno.test("TelemetryExporter sends lines up to its own level, whatever the machine's logger reads", async () => {
  const wire = new Wire();
  await using exporter = exporterTo(wire, { logLevel: "changes" });
  await using silent = exporterTo(wire);
  const machine = new Machine(SCHEMA, { tracers: [exporter, silent], logLevel: "everything", logger() {} });
  machine.add("Start");
  await exporter.flush();
  assertEquals(wire.of("tx")[0]!.log, [[2, "[state] +Start"]]);
  await silent.flush();
  assertEquals([wire.of("tx")[1]!.log, wire.of("tx")[1]!.preLog], [undefined, undefined]);
});

Deno.test("TelemetryExporter cuts long lines", async () => {
  const wire = new Wire();
  await using exporter = exporterTo(wire, { logLevel: "external" });
  const machine = new Machine(SCHEMA, { tracers: [exporter] });
  machine.log("x".repeat(100_000));
  await exporter.flush();
  const { text } = wire.of("log")[0]!;
  assert(text.length < 4200 && text.endsWith("more]"), text.slice(-30));
});

const SECRET = "hunter2-xyzzy";

/** Arguments with the secret wherever a secret can be. */
function secretArgs(): Record<string, unknown> {
  const error = new Error(SECRET, { cause: { deep: new Error(SECRET) } });
  return {
    path: "shown",
    name: SECRET,
    id: SECRET,
    err: SECRET,
    url: new URL(`https://a.example/${SECRET}`),
    error,
    nested: { deep: [{ token: SECRET }], map: new Map([[SECRET, SECRET]]) },
    [SECRET]: SECRET,
    toString: () => SECRET,
  };
}

Deno.test("TelemetryExporter lets no argument out that logArgs does not name, at any log level, whatever the machine logs", async () => {
  for (const logLevel of ["nothing", "changes", "ops", "everything"] as const) {
    const wire = new Wire();
    const exporter = exporterTo(wire, { logLevel, logArgs: ["path"], queued: true, checks: true, token: "t" });
    const logArgs = ["path", "name", "id", "err", "url", "nested", SECRET];
    const machine = new Machine<Schema>(SCHEMA, { tracers: [exporter], logArgs });
    machine.bindHandlers({
      StartState: (event: Event) => {
        machine.add("Ready", secretArgs(), { from: event });
        machine.canAdd("Busy", secretArgs());
      },
      ReadyState: () => void machine.set(["Busy", "Start"], secretArgs()),
    });
    machine.addBreakpoint("Start", []);
    machine.add("Start", secretArgs());
    machine.remove("Busy", secretArgs());
    machine.canAdd("Ready", secretArgs());
    const late = new Machine<Schema>(SCHEMA, { logArgs });
    late.bindHandlers({
      StartState: () => {
        late.add("Busy", secretArgs());
        exporter.attach(late);
      },
    });
    late.add("Start", secretArgs());
    await exporter[Symbol.asyncDispose]();
    const sent = wire.requests.map((request) => JSON.stringify(request)).join();
    assert(wire.of("tx").length > 10, "something was sent");
    assertStringIncludes(sent, "shown");
    assert(!sent.includes(SECRET), `at level ${logLevel}: ${sent.slice(sent.indexOf(SECRET) - 300).slice(0, 340)}`);
    if (logLevel === "ops") assertStringIncludes(sent, "[add] Start (path=shown)");
    if (logLevel === "changes") assertStringIncludes(sent, "[state] +Start (path=shown)");
  }
});

Deno.test("TelemetryExporter lets no error out at its defaults", async () => {
  const wire = new Wire();
  await using exporter = exporterTo(wire);
  const machine = new Machine(SCHEMA, { tracers: [exporter] });
  machine.bindHandlers({
    StartEnter: () => {
      throw new Error(SECRET, { cause: SECRET });
    },
  });
  machine.add("Start", { password: SECRET });
  machine.addErr(new Error(SECRET), { password: SECRET });
  machine.log(SECRET);
  await exporter.flush();
  assert(wire.of("tx").length >= 3);
  assert(!JSON.stringify(wire.requests).includes(SECRET));
});

Deno.test("TelemetryExporter sends the arguments that logArgs names, as plain data", async () => {
  const wire = new Wire();
  await using exporter = exporterTo(wire, { logArgs: ["list", "err", "fn"] });
  const machine = new Machine(SCHEMA, { tracers: [exporter] });
  machine.add("Start", { list: [1, { a: 2n }], fn: () => {}, other: 1 });
  machine.addErr(new Error("boom"));
  await exporter.flush();
  assertEquals(wire.of("tx").map(({ args }) => args), [{ list: [1, { a: "2n" }], fn: "[function fn]" }, {
    err: "boom",
  }]);
});

Deno.test("TelemetryExporter shows every record to redact, which may change and drop it; what is dropped leaves no hole", async () => {
  const wire = new Wire();
  const errors: TelemetryError[] = [];
  await using exporter = exporterTo(wire, {
    logLevel: "external",
    onError: (error) => errors.push(error),
    redact(record) {
      if (record.kind === "log") return null;
      if (record.kind !== "tx") return { ...record, seq: 99, instance: "forged" };
      if (record.called[0] === 2) throw new Error("cannot");
      if (record.called[0] === 1) return { ...record, sum: -1 };
      (record as { preLog?: unknown }).preLog = [[1, "gone"]];
      return record;
    },
  });
  const machine = new Machine(SCHEMA, { tracers: [exporter] });
  machine.log(SECRET);
  machine.add("Start");
  machine.add("Busy"); // redact throws
  machine.add("Ready"); // redact makes no record of it
  machine.log(SECRET);
  machine.remove("Start");
  machine.log(SECRET);
  await exporter.flush();
  assertEquals(kinds(wire.records), ["machine", "tx", "tx"]);
  assertEquals(wire.of("tx").map(({ preLog }) => preLog), [[[1, "gone"]], [[1, "gone"]]]);
  assert(!JSON.stringify(wire.requests).includes(SECRET));
  assertContiguous(wire.records);
  assertEquals(errors.map(({ message, isFinal }) => [message, isFinal]), [
    ["Cannot redact record: it is dropped", false],
    ["Cannot redact record: it is dropped", false],
  ]);
});

Deno.test("TelemetryExporter sends a machine that was disposed before the flush, with its dispose as the last record", async () => {
  const wire = new Wire();
  await using exporter = exporterTo(wire);
  for (const end of ["dispose", "disposeForce"] as const) {
    const machine = new Machine(SCHEMA, { id: end, tracers: [exporter] });
    machine.add(["Start", "Ready"]);
    await machine[end]();
    machine.add("Busy");
  }
  new Machine(SCHEMA, { id: "silent", tracers: [exporter] }).disposeForce();
  await exporter.flush();
  for (const { instance } of wire.of("machine")) {
    const records = wire.records.filter((record) => record.instance === instance);
    assertEquals([records[0]!.kind, records.at(-1)!.kind], ["machine", "dispose"]);
  }
  assertEquals(wire.of("dispose").length, 3);
  assertContiguous(wire.records);
});

Deno.test("TelemetryExporter sends a transition that goes on after disposeForce()", async () => {
  const wire = new Wire();
  await using exporter = exporterTo(wire);
  const machine = new Machine(SCHEMA, { tracers: [exporter] });
  machine.bindHandlers({ StartState: () => machine.disposeForce() });
  machine.add("Start");
  await exporter.flush();
  assertEquals(kinds(wire.records), ["machine", "tx", "dispose"]);
});

Deno.test("TelemetryExporter waits for intervalMs, so that records leave together", async () => {
  const wire = new Wire();
  const clock = new VirtualClock();
  await using exporter = exporterTo(wire, { clock, intervalMs: 100 });
  const machine = new Machine(SCHEMA, { tracers: [exporter] });
  machine.add("Start");
  await clock.advance(99);
  assertEquals(wire.requests.length, 0);
  machine.add("Busy");
  await clock.advance(1);
  await turn();
  assertEquals([wire.requests.length, wire.records.length], [1, 3]);
  assertEquals(clock.pending, 0);
});

Deno.test("TelemetryExporter sends a full batch at once, in requests of batchRecords and batchBytes", async () => {
  const wire = new Wire();
  const clock = new VirtualClock();
  await using exporter = exporterTo(wire, { clock, intervalMs: 1_000, batchRecords: 10 });
  const machine = new Machine(SCHEMA, { tracers: [exporter] });
  for (let i = 0; i < 24; i++) machine.add("Busy");
  await clock.advance(0);
  await turn();
  assertEquals(wire.requests.map(({ body }) => body.trim().split("\n").length), [10, 10]);
  await clock.advance(1_000);
  await turn();
  assertEquals(wire.records.length, 25);

  await using small = exporterTo(wire, { batchBytes: 1_000 });
  const before = wire.requests.length;
  const other = new Machine(SCHEMA, { tracers: [small] });
  for (let i = 0; i < 20; i++) other.add("Busy");
  await small.flush();
  const bodies = wire.requests.slice(before).map(({ body }) => body);
  assert(bodies.length > 3 && bodies.every((body) => body.length <= 1_300), `${bodies.map(({ length }) => length)}`);
});

Deno.test("TelemetryExporter drops the oldest records while the server is away, and a gap takes their place", async () => {
  const wire = new Wire();
  const clock = new VirtualClock();
  await using exporter = exporterTo(wire, { clock, outboxRecords: 10, batchRecords: 4, intervalMs: 10, retryMs: 100 });
  const machine = new Machine(SCHEMA, { id: "m", tracers: [exporter] });
  wire.answers.push("refuse", 503);
  for (let i = 1; i <= 100; i++) {
    machine.add("Busy");
    if (i % 10 !== 0) continue;
    await clock.advance(12);
    await turn();
  }
  assertEquals(wire.requests.length, 2);
  await exporter.flush();
  assertContiguous(wire.records);
  const [gap, introduction, ...rest] = wire.records;
  assert(gap?.kind === "gap" && introduction?.kind === "machine");
  // Machine records that were to follow gaps before have numbers, too.
  assertEquals([gap.from, gap.seq], [1, gap.count]);
  // The ticks of the machine record are those of its place, so that those after it are right.
  const sums = rest.filter((record) => record.kind === "tx").map(({ sum }) => sum);
  assertEquals(introduction.ticks[2], sums[0]! - 2);
  assert(sums.length >= 9 && sums.length <= 10);
  assertEquals(sums, Array.from(sums, (_, i) => 201 - 2 * (sums.length - i)));
});

Deno.test("TelemetryExporter keeps what is under way, and drops the oldest of the rest", async () => {
  const wire = new Wire();
  const clock = new VirtualClock();
  const { promise, resolve } = Promise.withResolvers<void>();
  const fetch: Wire["fetch"] = async (url, init) => (await promise, await wire.fetch(url, init));
  await using exporter = exporterTo(wire, { clock, fetch, outboxRecords: 6, batchRecords: 3 });
  const machine = new Machine(SCHEMA, { tracers: [exporter] });
  machine.add("Busy");
  machine.add("Busy");
  await clock.advance(0);
  for (let i = 0; i < 20; i++) machine.add("Busy");
  resolve();
  await exporter.flush();
  assertContiguous(wire.records);
  assertEquals(kinds(wire.records).join(" "), "machine tx tx gap machine tx tx tx");
  assertEquals(wire.of("gap").map(({ from, count }) => [from, count]), [[4, 17]]);
  assertEquals(wire.of("machine")[1]!.ticks[2], wire.of("tx")[2]!.sum - 2);
});

Deno.test("TelemetryExporter bounds its outbox by bytes, too", async () => {
  const wire = new Wire();
  wire.answers.push("hang");
  const clock = new VirtualClock();
  await using exporter = exporterTo(wire, { clock, outboxBytes: 50_000, logLevel: "external" });
  const machine = new Machine(SCHEMA, { tracers: [exporter] });
  for (let i = 0; i < 1_000; i++) {
    machine.log(`${"x".repeat(1_000)}${i}`);
    machine.add("Busy");
  }
  const flushed = exporter.flush();
  await clock.advance(60_000);
  await turn();
  await clock.advance(60_000);
  await flushed;
  const texts = wire.of("tx").length;
  assert(texts > 20 && texts < 60, `${texts} were left`);
  assertContiguous(wire.records);
});

Deno.test("TelemetryExporter repeats a failed request with growing delays, and loses and doubles nothing", async () => {
  const wire = new Wire();
  const clock = new VirtualClock();
  const errors: TelemetryError[] = [];
  const times: number[] = [];
  const fetch: Wire["fetch"] = (url, init) => {
    times.push(clock.now());
    return wire.fetch(url, init);
  };
  const exporter = exporterTo(wire, {
    fetch,
    clock,
    intervalMs: 10,
    retryMs: 100,
    maxRetryMs: 1_000,
    onError: (error) => errors.push(error),
  });
  const machine = new Machine(SCHEMA, { tracers: [exporter] });
  wire.answers.push("refuse", 500, 502, "refuse", 408, 404, 503);
  machine.add("Start");
  for (let i = 0; i < 200; i++) {
    await clock.advance(50);
    await turn();
    if (i === 20) machine.add("Ready");
  }
  const delays = times.slice(1, 8).map((time, i) => time - times[i]!);
  for (const [i, limit] of [100, 200, 400, 800, 1_000, 1_000, 1_000].entries()) {
    assert(delays[i]! >= limit / 2 && delays[i]! <= limit + 50, `${delays}`);
  }
  assertEquals(new Set(wire.requests.slice(0, 8).map(({ body }) => body.split("\n")[0])).size, 1);
  assertContiguous(wire.records);
  // After an outage, the machine says again who it is.
  assertEquals(kinds(wire.records).join(" "), "machine tx machine tx");
  assertEquals(errors.map(({ message, isFinal }) => [message, isFinal]), [
    ['Cannot send telemetry to "http://127.0.0.1:6841/v1/ingest" yet: no answer', false],
  ]);
  await exporter[Symbol.asyncDispose]();
});

Deno.test("TelemetryExporter waits for as long as Retry-After says, flush or not", async () => {
  for (const value of ["7", new Date(Date.now() + 8_000).toUTCString()]) {
    const wire = new Wire();
    const clock = new VirtualClock();
    await using exporter = exporterTo(wire, { clock, retryMs: 1 });
    new Machine(SCHEMA, { tracers: [exporter] });
    wire.answers.push(new Response("", { status: 429, headers: { "retry-after": value } }));
    const flushed = exporter.flush();
    await clock.advance(0);
    await turn();
    const again = exporter.flush();
    await clock.advance(5_900);
    await turn();
    assertEquals(wire.requests.length, 1);
    await clock.advance(3_000);
    await Promise.all([flushed, again]);
    assertEquals(kinds(wire.records), ["machine", "machine"]); // the second one as it was away
  }
});

Deno.test("TelemetryExporter.flush() does not wait for the delay after a failed request", async () => {
  const wire = new Wire();
  const clock = new VirtualClock();
  await using exporter = exporterTo(wire, { clock, retryMs: 60_000, maxRetryMs: 60_000, intervalMs: 10 });
  new Machine(SCHEMA, { tracers: [exporter] });
  wire.answers.push(500);
  await clock.advance(10);
  await turn();
  const flushed = exporter.flush();
  await clock.advance(0);
  await flushed;
  assertEquals(kinds(wire.records), ["machine", "machine"]);
});

for (const status of [400, 401, 403, 415]) {
  Deno.test(`TelemetryExporter gives up on ${status}, with one error`, async () => {
    const wire = new Wire();
    const errors: TelemetryError[] = [];
    const exporter = exporterTo(wire, { onError: (error) => errors.push(error), token: SECRET });
    const machine = new Machine(SCHEMA, { tracers: [exporter] });
    wire.answers.push(status, status);
    const error = await assertRejects(() => exporter.flush(), TelemetryError, `the server answers ${status}, `);
    machine.add("Start");
    await assertRejects(() => exporter.flush(), TelemetryError);
    await exporter[Symbol.asyncDispose]();
    assertEquals(errors, [error]);
    assertEquals([error.status, error.isFinal, exporter.isClosed], [status, true, true]);
    assertEquals(wire.requests.length, 1);
    assert(!error.message.includes(SECRET));
  });
}

Deno.test("TelemetryExporter splits a batch that is too large, and drops a record that is too large by itself", async () => {
  const wire = new Wire();
  const errors: TelemetryError[] = [];
  const fetch: Wire["fetch"] = (url, init) => {
    if ((init.body as Uint8Array).length > 3_000) wire.answers.push(413);
    return wire.fetch(url, init);
  };
  await using exporter = exporterTo(wire, { fetch, logLevel: "external", onError: (error) => errors.push(error) });
  const machine = new Machine(SCHEMA, { tracers: [exporter] });
  for (let i = 0; i < 40; i++) {
    if (i === 20) machine.log("x".repeat(4_000));
    machine.add("Busy");
  }
  await exporter.flush();
  assertContiguous(wire.records);
  assertEquals(wire.of("tx").length, 39);
  assertEquals(wire.of("gap").map(({ count }) => count), [1]);
  assertEquals(errors.map(({ status, isFinal }) => [status, isFinal]), [[413, false]]);
});

Deno.test("TelemetryExporter does not run in circles when the server finds everything too large", async () => {
  const wire = new Wire();
  const clock = new VirtualClock();
  const controller = new AbortController();
  const fetch: Wire["fetch"] = (url, init) => (wire.answers.push(413), wire.fetch(url, init));
  const exporter = exporterTo(wire, { clock, fetch, signal: controller.signal });
  new Machine(SCHEMA, { tracers: [exporter] });
  await clock.advance(1_000);
  await turn();
  assert(wire.requests.length < 10, `${wire.requests.length} requests`);
  controller.abort();
});

Deno.test("TelemetryExporter says again who the machines are when the epoch changes, with the ticks of then", async () => {
  const wire = new Wire();
  await using exporter = exporterTo(wire);
  const machine = new Machine(SCHEMA, { id: "m", tracers: [exporter] });
  const idle = new Machine(SCHEMA, { id: "idle", tracers: [exporter] });
  await exporter.flush();
  wire.epoch = "second";
  machine.add("Start");
  await exporter.flush();
  assertEquals(wire.of("machine").map(({ id, ticks }) => [id, ticks.join()]), [
    ["m", "0,0,0,0"],
    ["idle", "0,0,0,0"],
    ["m", "1,0,0,0"],
    ["idle", "0,0,0,0"],
  ]);
  assertContiguous(wire.records);
  assert(idle.not("Start"));
});

Deno.test("TelemetryExporter says again who a machine is when the server does not know, also a disposed one", async () => {
  const wire = new Wire();
  await using exporter = exporterTo(wire);
  const machine = new Machine(SCHEMA, { id: "m", tracers: [exporter] });
  machine.add("Start");
  machine.disposeForce();
  await exporter.flush();
  const { instance } = wire.records[0]!;
  const other = new Machine(SCHEMA, { id: "other", tracers: [exporter] });
  await exporter.flush();
  wire.unknown = [wire.records.at(-1)!.instance, "never-heard-of", instance];
  other.add("Busy");
  await exporter.flush();
  assertEquals(wire.records.slice(-2).map((record) => [record.kind, record.kind === "machine" && record.ticks[2]]), [
    ["tx", false],
    ["machine", 1],
  ]);

  const last = new Machine(SCHEMA, { id: "last", tracers: [exporter] });
  last.add("Start");
  last.disposeForce();
  wire.answers.push(500); // so that the flush below repeats the batch
  const flushed = exporter.flush();
  await turn();
  wire.unknown = [instanceOf(wire, "last")];
  await flushed;
  const records = wire.records.filter((record) => record.instance === instanceOf(wire, "last"));
  assertEquals(kinds(records).join(" "), "machine tx dispose machine dispose");
  assertContiguous(wire.records);
});

/** The instance of an id, in what was sent or accepted. */
function instanceOf(wire: Wire, id: string): string {
  const lines = wire.requests.flatMap(({ body }) => body.trim().split("\n").map((line) => JSON.parse(line)));
  return lines.findLast((record) => record.kind === "machine" && record.id === id).instance;
}

Deno.test("TelemetryExporter tells of records that the server refuses, and goes on", async () => {
  const wire = new Wire();
  const errors: TelemetryError[] = [];
  await using exporter = exporterTo(wire, { onError: (error) => errors.push(error) });
  const machine = new Machine(SCHEMA, { tracers: [exporter] });
  wire.refused = [{ index: 0, error: "no" }];
  await exporter.flush();
  machine.add("Start");
  await exporter.flush();
  assertEquals(errors.map(({ message, isFinal }) => [message, isFinal]), [[
    "Cannot send telemetry: the server refuses 1 records, first: no",
    false,
  ]]);
  assertEquals(wire.of("tx").length, 1);
});

Deno.test("TelemetryExporter takes a 200 that is no answer for a failure", async () => {
  const wire = new Wire();
  await using exporter = exporterTo(wire, { retryMs: 1 });
  new Machine(SCHEMA, { tracers: [exporter] });
  wire.answers.push(new Response("<html>", { status: 200 }), Response.json({ epoch: 1 }), Response.json(null));
  await exporter.flush();
  assertEquals([wire.requests.length, kinds(wire.records)], [5, ["machine", "machine"]]);
});

Deno.test("TelemetryExporter.flush() resolves at once when there is nothing to send", async () => {
  const wire = new Wire();
  await using exporter = exporterTo(wire);
  await exporter.flush();
  assertEquals(wire.requests.length, 0);
});

Deno.test("TelemetryExporter.flush() ends with its time or its signal, and the exporter goes on", async () => {
  const wire = new Wire();
  const clock = new VirtualClock();
  await using exporter = exporterTo(wire, { clock, requestTimeoutMs: 1_000, retryMs: 1 });
  new Machine(SCHEMA, { tracers: [exporter] });
  wire.answers.push("hang");
  const inTime = exporter.flush({ timeoutMs: 500 });
  const controller = new AbortController();
  const signaled = exporter.flush({ signal: controller.signal });
  await clock.advance(0);
  controller.abort(new Error("stop"));
  await assertRejects(() => signaled, Error, "stop");
  await clock.advance(500);
  await assertRejects(() => inTime, DOMException, "500 ms");
  await assertRejects(() => exporter.flush({ signal: AbortSignal.abort(new Error("before")) }), Error, "before");
  const last = exporter.flush();
  await clock.advance(500);
  await turn();
  await clock.advance(10);
  await last;
  assertEquals(kinds(wire.records), ["machine", "machine"]);
});

Deno.test("TelemetryExporter flushes at the end of await using, and stops; within disposeTimeoutMs", async () => {
  const wire = new Wire();
  const machine = new Machine(SCHEMA);
  {
    await using exporter = exporterTo(wire);
    exporter.attach(machine);
    machine.add("Start");
  }
  machine.add("Ready");
  await turn();
  assertEquals(kinds(wire.records), ["machine", "tx"]);

  const errors: TelemetryError[] = [];
  const clock = new VirtualClock();
  const exporter = exporterTo(wire, { clock, disposeTimeoutMs: 100, onError: (error) => errors.push(error) });
  exporter.attach(machine);
  wire.answers.push("hang");
  const disposed = exporter[Symbol.asyncDispose]();
  await clock.advance(100);
  await disposed;
  assertEquals(errors.map(({ message }) => message), ["Cannot send telemetry: 1 records are left behind"]);
  assertEquals(clock.pending, 0);
});

Deno.test("TelemetryExporter stops with its signal", async () => {
  const wire = new Wire();
  const controller = new AbortController();
  const exporter = exporterTo(wire, { signal: controller.signal });
  const machine = new Machine(SCHEMA, { tracers: [exporter] });
  wire.answers.push("hang");
  const flushed = exporter.flush();
  await turn();
  controller.abort();
  await assertRejects(() => flushed, TelemetryError, "stopped");
  machine.add("Start");
  assertEquals([exporter.isClosed, wire.requests.length], [true, 1]);
  assert(exporterTo(wire, { signal: AbortSignal.abort() }).isClosed);
});

Deno.test("TelemetryExporter lets nothing of its surroundings reach the machine", async () => {
  const wire = new Wire();
  const fail = () => {
    throw new Error("surroundings");
  };
  const internal: Error[] = [];
  await using exporter = exporterTo(wire, {
    fetch: fail,
    onError: fail,
    redact: fail,
    logArgs: ["a"],
    intervalMs: 0,
    retryMs: 0,
  });
  const machine = new Machine(SCHEMA, { tracers: [exporter] });
  machine.onInternalError((error) => internal.push(error));
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  for (let i = 0; i < 50; i++) {
    machine.add("Busy", {
      get a() {
        throw new Error("getter");
      },
    });
    machine.add("Busy", { a: proxy });
    await turn();
  }
  assertEquals([machine.err, internal, machine.tick("Busy")], [null, [], 199]);
});

Deno.test("TelemetryExporter refuses options that make no sense", () => {
  for (const url of ["", "ftp://a.example", "127.0.0.1:6841"]) {
    assertThrows(() => new TelemetryExporter({ url }), TypeError, 'option "url" is no address');
  }
  assertThrows(() => new TelemetryExporter({ url: "http://a:b@c.example" }), TypeError, 'use "token"');
  assertThrows(() => new TelemetryExporter({ batchRecords: 0 }), RangeError, "batchRecords");
  assertThrows(() => new TelemetryExporter({ intervalMs: NaN }), RangeError, "intervalMs");
  assertThrows(() => new TelemetryExporter({ logLevel: "loud" as "ops" }), RangeError, "loud");
});

Deno.test("TelemetryExporter posts below the path of its address, with its token in a header alone", async () => {
  const wire = new Wire();
  await using exporter = exporterTo(wire, { url: "https://a.example/telemetry/?x=1#token=abc", token: SECRET });
  new Machine(SCHEMA, { tracers: [exporter] });
  await exporter.flush();
  assertEquals(wire.requests.map(({ url, headers }) => [url, headers.authorization]), [
    ["https://a.example/telemetry/v1/ingest", `Bearer ${SECRET}`],
  ]);
});

Deno.test("TelemetryExporter keeps no machine in memory that nobody else holds", async () => {
  const wire = new Wire();
  await using exporter = exporterTo(wire);
  const { gc } = globalThis as { gc?: () => void };
  assert(gc !== undefined, "run with --v8-flags=--expose-gc");
  const machines = Array.from({ length: 20 }, () => new WeakRef(new Machine(SCHEMA, { tracers: [exporter] })));
  await exporter.flush();
  for (let i = 0; i < 20 && machines.some((machine) => machine.deref() !== undefined); i++) {
    await turn();
    gc();
  }
  assertEquals(machines.filter((machine) => machine.deref() !== undefined).length, 0);
});

Deno.test("What TelemetryExporter sends of random machines tells all of every transition", async () => {
  const counts = { transitions: 0, changed: 0, canceled: 0, steps: 0, lines: 0 };
  const sample = fc.sample(scripts(), { numRuns: 300, seed: 8 });
  for (const script of sample) {
    const wire = new Wire();
    const exporter = exporterTo(wire, { logLevel: "everything", checks: true, outboxRecords: 1e6, outboxBytes: 1e9 });
    const seen: Seen[] = [];
    const recorder = {
      wants: { steps: true, checkSteps: true, logLevel: "everything" as const },
      transitionEnd: (transition: Transition) => void seen.push(seenOf(transition)),
    };
    const options: MachineOptions = { tracers: [recorder, exporter], logArgs: false };
    let machine: Machine | undefined;
    runScript(script, () => {
      machine = new Machine(script.schema as Schema, {
        ...options,
        ...(script.queueLimit !== undefined && { queueLimit: script.queueLimit }),
      });
      return machine as unknown as Subject;
    });
    await exporter[Symbol.asyncDispose]();
    assertContiguous(wire.records);
    assertEquals(rebuild(wire.records), seen);
    for (const { timeBefore, timeAfter, accepted, steps, lines } of seen) {
      counts.transitions++;
      if (timeBefore.join() !== timeAfter.join()) counts.changed++;
      if (!accepted) counts.canceled++;
      counts.steps += steps.length;
      counts.lines += lines.length;
    }
  }
  assert(
    counts.transitions > 2_000 && counts.changed > 500 && counts.canceled > 500 && counts.lines > 10_000,
    JSON.stringify(counts),
  );
});

/** What is compared of a transition. */
interface Seen {
  id: string;
  type: string;
  called: readonly string[];
  accepted: boolean;
  isAuto: boolean;
  isCheck: boolean;
  queueTick: number;
  queueToken: number;
  queueLength: number;
  timeBefore: readonly number[];
  timeAfter: readonly number[];
  active: readonly string[];
  sum: number;
  steps: readonly unknown[];
  lines: readonly unknown[];
  preLines: readonly unknown[];
  source: unknown;
}

function seenOf(transition: Transition): Seen {
  const { mutation, accepted } = transition;
  const machine = transition.machine as unknown as Machine;
  const { stateNames } = machine;
  // States that recovery took out again are in timeAfter, and no longer in the machine.
  const timeAfter = accepted ? transition.timeAfter : machine.time();
  return {
    id: transition.id,
    type: mutation.type,
    called: mutation.states,
    accepted: transition.accepted,
    isAuto: mutation.isAuto,
    isCheck: mutation.isCheck,
    queueTick: mutation.queueTick,
    queueToken: mutation.queueToken,
    queueLength: transition.queueLength,
    timeBefore: transition.timeBefore,
    timeAfter,
    active: stateNames.filter((_, index) => timeAfter[index]! % 2 === 1),
    sum: timeAfter.reduce((sum, tick) => sum + tick, 0),
    steps: transition.steps,
    lines: transition.logEntries,
    preLines: transition.preLogEntries.filter(({ text }) => !text.startsWith("[tracers]")),
    source: mutation.source,
  };
}

/** The same from the wire alone. */
function rebuild(records: readonly TelemetryRecord[]): Seen[] {
  let stateNames: readonly string[] = [];
  let time: readonly number[] = [];
  const seen: Seen[] = [];
  for (const record of records) {
    if (record.kind === "machine") ({ stateNames, ticks: time } = record);
    if (record.kind !== "tx") continue;
    const after = applyTicks(time, record);
    seen.push({
      id: record.id,
      type: record.type,
      called: nameStates(record.called, stateNames),
      accepted: record.accepted,
      isAuto: record.auto ?? false,
      isCheck: record.check ?? false,
      queueTick: record.mutationTick ?? 0,
      queueToken: record.queueToken ?? 0,
      queueLength: record.queueLength,
      timeBefore: time,
      timeAfter: after,
      active: stateNames.filter((_, index) => after[index]! % 2 === 1),
      sum: record.sum,
      steps: (record.steps ?? []).map((step) => decodeStep(step, stateNames)),
      lines: (record.log ?? []).map(decodeLog),
      preLines: (record.preLog ?? []).map(decodeLog),
      source: record.source === undefined
        ? null
        : { machineId: record.source.machine, transitionId: record.source.tx, machineTime: record.source.sum },
    });
    time = after;
  }
  return seen;
}

Deno.test("TelemetryExporter adds little to a transition", async () => {
  const wire = new Wire();
  const count = 10_000;
  const measure = (options: MachineOptions) => {
    const machine = new Machine(SCHEMA, options);
    const start = performance.now();
    for (let i = 0; i < count; i++) machine.add("Busy");
    return (performance.now() - start) / count * 1000;
  };
  const rows: Record<string, number[]> = { without: [], "no steps": [], steps: [], "steps, log and args": [] };
  const [plain, steps, all] = [{ steps: false }, {}, { logLevel: "ops", logArgs: ["a"] } as const].map((options) =>
    exporterTo(wire, { clock: new VirtualClock(), ...options })
  );
  for (let round = 0; round < 7; round++) {
    rows.without!.push(measure({}));
    rows["no steps"]!.push(measure({ tracers: [plain!] }));
    rows.steps!.push(measure({ tracers: [steps!] }));
    rows["steps, log and args"]!.push(measure({ tracers: [all!] }));
  }
  const best = Object.fromEntries(Object.entries(rows).map(([name, us]) => [name, Math.min(...us)]));
  for (const [name, us] of Object.entries(best)) {
    console.log(`${name}: ${us.toFixed(2)} µs a transition, ${(us - best.without!).toFixed(2)} added`);
  }
  // What it adds is counted: a machine that nobody watches may take shortcuts.
  assert(best.steps! - best.without! < 60, "a transition is not held up, on however busy a machine");
  await Promise.all(
    [plain, steps, all].map((exporter) => exporter!.flush({ signal: AbortSignal.abort() }).catch(() => {})),
  );
});
