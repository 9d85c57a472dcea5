import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Machine } from "../../mod.ts";
import { TelemetryExporter } from "../../telemetry/mod.ts";
import { createServer } from "../../telemetry/server.ts";
import { machineRecord, txRecord } from "../telemetry/_store_support.ts";
import { LIVE_PERMISSIONS, startAm } from "./_live.ts";
import { withFile } from "./_record.ts";
import { HAS_NO_SIGNALS, runAm } from "./_run.ts";

const FILE = "tests/cli/testdata/files.ndjson";

const PERMISSIONS = [...LIVE_PERMISSIONS, "--allow-write"];

const TOKENS = { ingest: "ingest-token-of-a-test", control: "control-token-of-a-test" };

for (const args of [[], ["--gzip"]]) {
  Deno.test(`am record ${args.join(" ")} and am replay carry all that a server has to another`, () =>
    withFolder(async (folder) => {
      await using first = createServer({ port: 0, onListen: () => {} });
      await using second = createServer({ port: 0, onListen: () => {}, tokens: TOKENS });
      first.ingest(await Deno.readTextFile(FILE));
      const [from, to] = [await first.listen(), await second.listen()];
      const out = `${folder}/a.rec`;

      const recorded = await runAm(["record", "-o", out, "--no-follow", "--url", from, ...args], PERMISSIONS);
      const replay = ["replay", out, "--url", to, "--token-file", `${folder}/control`];
      const replayed = await runAm(replay, PERMISSIONS), again = await runAm(replay, PERMISSIONS);

      assertEquals(recorded, { code: 0, out: `Recorded 46 records of 2 machines: ${out}\n`, err: "" });
      assertEquals(replayed, { code: 0, out: `Sent 46 records to ${to}/\n`, err: "" });
      assertEquals(again.out, `Sent 0 records to ${to}/; 46 were there already\n`);
      assertEquals((await Deno.readFile(out))[0], args.length === 0 ? 0x7b : 0x1f);
      assertEquals(await Array.fromAsync(Deno.readDir(folder), ({ name }) => name).then((it) => it.sort()), [
        "a.rec",
        "control",
        "ingest",
      ]);
      const all = await Promise.all([from, to].map(async (url) => await (await fetch(`${url}/v1/recording`)).text()));
      assertEquals(all[1], all[0]);
    }));
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`am record goes on with what comes until ${signal}, and leaves a file that verifies`, {
    ignore: HAS_NO_SIGNALS,
  }, () =>
    withFolder(async (folder) => {
      await using server = createServer({ port: 0, onListen: () => {} });
      const url = await server.listen();
      await using exporter = new TelemetryExporter({ url, token: server.tokens.ingest, checks: true });
      const machine = new Machine({ A: { add: ["B"] }, B: {}, C: { auto: true, require: ["A"] } }, {
        id: "m",
        tracers: [exporter],
      });
      const out = `${folder}/a.rec`;
      const run = async (times: number) => {
        for (let i = 0; i < times; i++) {
          machine.canAdd("A");
          if (machine.is("A")) machine.remove("A");
          else machine.add("A");
        }
        await exporter.flush();
      };
      await run(10);
      await using am = startAm(["record", "-o", out, "--url", url], PERMISSIONS);
      await until(async () => await readPart(out) !== "");
      await run(90);
      const { machines: [{ events }] } = await (await fetch(`${url}/v1/machines`)).json();
      await until(async () => (await readPart(out)).split("\n").length === events + 1);
      const { code, out: said } = await am.end(signal);
      const verified = await runAm(["replay", out, "--verify"], ["--allow-read"]);

      assertEquals(code, 0);
      assertEquals(said, `Recorded ${events} records of 1 machine: ${out}\n`);
      assertEquals(verified.code, 0, verified.err);
      assertMatch(verified.out, /^Verified 200 transitions of 1 machine\n$/);
    }));
}

Deno.test(
  "am record goes on when the server comes back with another memory, doubles nothing, and says that there is a gap",
  { ignore: HAS_NO_SIGNALS },
  () =>
    withFolder(async (folder) => {
      const first = createServer({ port: 0, onListen: () => {}, tokens: TOKENS });
      const url = await first.listen();
      first.ingest([machineRecord("one", 1), ...range(2, 50).map((seq) => txRecord("one", seq))]);
      const out = `${folder}/a.rec`;
      await using am = startAm(["record", "-o", out, "--url", url], PERMISSIONS);
      await until(async () => (await readPart(out)).includes('"one-tx50"'));
      await first.close();
      await using second = createServer({ port: Number(new URL(url).port), onListen: () => {}, tokens: TOKENS });
      second.ingest([
        machineRecord("one", 45),
        ...range(46, 52).map((seq) => txRecord("one", seq)),
        txRecord("one", 60),
      ]);
      await second.listen();
      await until(async () => (await readPart(out)).includes('"one-tx60"'));
      const { code, out: said } = await am.end();
      const records = (await Deno.readTextFile(out)).trimEnd().split("\n").map((line) => JSON.parse(line));

      assertEquals(code, 0);
      assertMatch(said, /, with 1 gap: /);
      assertEquals(records.map(({ seq }) => seq), [...range(1, 52), 59, 60]);
      assertEquals(records.at(-2), { ...records.at(-2), kind: "gap", from: 53, count: 7 });
    }),
);

Deno.test("am record says where machines stand behind what the server dropped, so that it can be verified from there", {
  ignore: HAS_NO_SIGNALS,
}, () =>
  withFolder(async (folder) => {
    const tx = (seq: number) =>
      txRecord("one", seq, {
        type: seq % 2 === 0 ? "add" : "remove",
        ticks: [[0, seq - 1]],
        sum: seq - 1,
        steps: [[32, -1, 0, 0]],
      });
    const machine = (seq: number, tick: number) =>
      machineRecord("one", seq, { stateNames: ["A", "Exception"], ticks: [tick, 0] });
    const stored = [[machine(1, 0), tx(2)], [machine(7, 6), tx(8)]];
    const streams = [
      'event: gap\ndata: {"reason":"dropped","from":3,"count":6}\n\n',
      `data: ${JSON.stringify(tx(9))}\n\n`,
    ];
    const places: (string | null)[] = [];
    await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
      if (new URL(request.url).pathname === "/v1/events") {
        places.push(request.headers.get("last-event-id"));
        const body = new ReadableStream({ start: (it) => it.enqueue(new TextEncoder().encode(streams.shift() ?? "")) });
        return new Response(body, { headers: { "content-type": "text/event-stream" } });
      }
      const records = stored.shift() ?? [];
      const headers = { "x-last-event": `e-${records.at(-1)?.seq}` };
      return new Response(records.map((it) => `${JSON.stringify(it)}\n`).join(""), { headers });
    });
    const out = `${folder}/a.rec`;
    await using am = startAm(["record", "-o", out, "--url", `http://127.0.0.1:${server.addr.port}`], PERMISSIONS);

    await until(async () => (await readPart(out)).includes('"one-tx9"'));
    const { code } = await am.end();
    const records = (await Deno.readTextFile(out)).trimEnd().split("\n").map((line) => JSON.parse(line));
    const verified = await runAm(["replay", out, "--verify"]);

    assertEquals(code, 0);
    assertEquals(places, ["e-2", "e-8"]);
    assertEquals(records.map(({ kind, seq }) => `${kind} ${seq}`), [
      "machine 1",
      "tx 2",
      "gap 6",
      "machine 7",
      "tx 8",
      "tx 9",
    ]);
    assertEquals(verified, {
      code: 0,
      out: "Verified 2 transitions of 1 machine, not all:\n  id-one: 4 records lost, 1 transition not verified\n",
      err: "",
    });
  }));

Deno.test("am record replaces no file but with --force, and leaves nothing behind when the server refuses", () =>
  withFolder(async (folder) => {
    await using server = createServer({ port: 0, onListen: () => {} });
    const url = await server.listen();
    await Deno.writeTextFile(`${folder}/a.rec`, "mine");

    const args = ["record", "--no-follow", "--url", url, "-o"];
    const refused = await runAm([...args, `${folder}/a.rec`], PERMISSIONS);
    const forced = await runAm([...args, `${folder}/a.rec`, "--force"], PERMISSIONS);
    const nowhere = await runAm([...args, `${folder}/lost/a.rec`], PERMISSIONS);
    const unknown = await runAm(["record", "--url", `${url}/lost`, "-o", `${folder}/b.rec`], PERMISSIONS);

    assertEquals([refused.code, forced.code, nowhere.code, unknown.code], [2, 0, 2, 4]);
    assertMatch(refused.err, /^am: Cannot record to ".*": it is there already, name another or add --force\n$/);
    assertEquals(await Deno.readTextFile(`${folder}/a.rec`), "");
    assertEquals(await Deno.stat(`${folder}/b.rec.part`).then(() => true, () => false), false);
  }));

Deno.test("am replay sends as the machines would with the ingest token", () =>
  withFolder(async (folder) => {
    await using server = createServer({ port: 0, onListen: () => {}, tokens: TOKENS });
    const url = await server.listen();

    const { code, out, err } = await runAm(
      ["replay", FILE, "--url", url, "--token-file", `${folder}/ingest`],
      PERMISSIONS,
    );

    assertEquals({ code, out, err }, { code: 0, out: `Sent 46 records to ${url}/\n`, err: "" });
  }));

Deno.test("am replay ends with 2 when the server refuses records, and says which, and with 4 without a token", () =>
  withFolder(async (folder) => {
    await using server = createServer({ port: 0, onListen: () => {}, tokens: TOKENS });
    const url = await server.listen();
    const lines = (await Deno.readTextFile(FILE)).split("\n");
    lines[2] = lines[2]!.replace('"seq":3', '"seq":-3');

    const refused = await withFile(
      lines.join("\n"),
      (path) => runAm(["replay", path, "--url", url, "--token-file", `${folder}/control`], PERMISSIONS),
    );
    const without = await runAm(["replay", FILE, "--url", url], PERMISSIONS);

    assertEquals([refused.code, without.code], [2, 4]);
    assertMatch(refused.err, /^am: Cannot replay all of ".*": the server refused 1 record, line 3: [^\n]+\n$/);
    assertStringIncludes(without.err, "--token-file");
  }));

async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, token] of Object.entries(TOKENS)) await Deno.writeTextFile(`${folder}/${name}`, token);
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What is recorded so far. */
async function readPart(out: string): Promise<string> {
  return await Deno.readTextFile(`${out}.part`).catch(() => "");
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!await isSo()) {
    assert(performance.now() < deadline, "it takes too long");
    await new Promise((done) => setTimeout(done, 10));
  }
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
