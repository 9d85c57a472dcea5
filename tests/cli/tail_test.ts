import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Machine } from "../../mod.ts";
import { TelemetryExporter } from "../../telemetry/mod.ts";
import { createServer, type TelemetryServer } from "../../telemetry/server.ts";
import { logRecord, machineRecord, txRecord } from "../telemetry/_store_support.ts";
import { assertGolden } from "./_golden.ts";
import { isInstalled } from "../_installed.ts";
import { LIVE_PERMISSIONS, serveEvents, startAm } from "./_live.ts";
import { HAS_NO_SIGNALS, runAm, spawnAm } from "./_run.ts";

const RECORDING = await Deno.readTextFile("tests/cli/testdata/files.ndjson");

for (
  const [name, args] of [
    ["tail", ["--checks"]],
    ["tail_steps", ["--checks", "--steps", "--level", "everything"]],
  ] as const
) {
  Deno.test(`am tail ${args.join(" ")} shows of a server what golden/${name}.txt shows of its recording`, async () => {
    await using server = createServer({ port: 0, onListen: () => {} });
    server.ingest(RECORDING);
    const { code, out, err } = await tailAll(server, ...args);

    assertEquals(code, 0);
    await assertGolden(name, out);
    assertMatch(err, /^am: 46 records of 2 machines, \d+\.\d s\n$/);
  });
}

const FILTERS: readonly (readonly [args: readonly string[], mutations: readonly string[]])[] = [
  [["--machine", "worker"], ["[machine]", "[queue:add] Ready", "[add] Ready", "[dispose]"]],
  [["--machine", "b2", "--type", "add"], ["[queue:add] Ready", "[add] Ready"]],
  [["--type", "remove"], ["[queue:remove] Exception", "[remove] Exception", "[queue:remove] Start", "[remove] Start"]],
  [["--state", "Tick"], ["[queue:add] Tick", "[add] Tick", "[set]"]],
  [["--state", "Idle", "--auto", "true", "--no-empty"], [
    "[queue:add] Idle 状態",
    "[add:auto] Idle 状態",
    "[queue:add] Idle 状態",
  ]],
  [["--state", "Processing", "--accepted", "false"], ["[add] Processing", "[add] Processing", "[add] Done"]],
  [["--state", "Processing", "--accepted", "false", "--checks", "--no-empty"], ["[add] Done"]],
  [["--state", "Idle", "--auto", "false", "--no-empty"], [
    "[queue:add] Idle",
    "[set]",
  ]],
];

for (const [args, mutations] of FILTERS) {
  Deno.test(`am tail ${args.join(" ")} shows these only`, async () => {
    await using server = createServer({ port: 0, onListen: () => {} });
    server.ingest(RECORDING);

    const { out } = await tailAll(server, ...args);

    assertEquals(mutationsOf(out), mutations);
  });
}

Deno.test("am tail --no-health leaves out what only tells that a machine is alive", async () => {
  await using server = createServer({ port: 0, onListen: () => {} });
  const machine = { ...machineRecord("one", 1), stateNames: ["A", "Heartbeat"], schema: {}, ticks: [0, 0] };
  server.ingest([machine, txRecord("one", 2, { called: [1], ticks: [[1, 1]], sum: 1 }), txRecord("one", 3)]);

  const all = await tailAll(server), some = await tailAll(server, "--no-health");

  assertEquals(mutationsOf(all.out), ["[machine]", "[add] Heartbeat", "[add] A"]);
  assertEquals(mutationsOf(some.out), ["[machine]", "[add] A"]);
});

Deno.test("am tail --level shows log lines up to it, between transitions too", async () => {
  await using server = createServer({ port: 0, onListen: () => {} });
  const log = [[2, "two"], [3, "three"]] as const;
  server.ingest([machineRecord("one", 1), txRecord("one", 2, { log }), logRecord("one", 3, 1, "one")]);

  const none = await tailAll(server), some = await tailAll(server, "--level", "changes");

  assertEquals(none.out.split("\n").length - 1, 2);
  assertStringIncludes(some.out, "changes: two");
  assertMatch(some.out, /\[log\] one/);
  assert(!some.out.includes("three"));
});

Deno.test("am tail --since begins there, and knows the machines from before", async () => {
  await using server = createServer({ port: 0, onListen: () => {} });
  server.ingest([machineRecord("one", 1), txRecord("one", 2)]);
  await new Promise((resolve) => setTimeout(resolve, 20));
  const since = new Date().toISOString();
  server.ingest([txRecord("one", 3)]);

  const { out } = await tailAll(server, "--since", since);
  const { out: minute } = await tailAll(server, "--since", "1m");

  assertEquals(mutationsOf(out), ["[add] A"]);
  assertStringIncludes(out, "id-one");
  assertEquals(mutationsOf(minute), ["[machine]", "[add] A", "[add] A"]);
});

Deno.test("am tail shows what happens as it happens, and asks who the machines are", async () => {
  await using server = createServer({ port: 0, onListen: () => {} });
  const url = await server.listen();
  await using exporter = new TelemetryExporter({ url, token: server.tokens.ingest });
  const machine = new Machine({ Start: {}, Ready: { require: ["Start"] } }, { id: "early", tracers: [exporter] });
  machine.add("Start");
  await exporter.flush();
  await using am = startAm(["tail", "--url", url]);
  await am.err.includes("following");

  machine.add("Ready");
  machine.remove("Start");
  await exporter.flush();
  await am.out.includes("[remove] Start");
  const { code, out, err } = await am.end();

  assertEquals(code, 0);
  const lines = out.trimEnd().split("\n").map((line) => line.slice(13).replace(/ +/g, " "));
  assertEquals(lines, ["early [add] Ready +Ready", "early [remove] Start -Start -Ready"]);
  assertMatch(err, /^am: following http:.*, Ctrl-C ends\nam: 2 records of 1 machine, \d+\.\d s\n$/);
});

Deno.test(
  "am tail loses and doubles no line when a server with a file is killed and comes back",
  { ignore: HAS_NO_SIGNALS },
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const tokens = await writeTokens(folder);
      const serve = (port: string) =>
        startAm(["serve", "--port", port, "--store", `${folder}/events.db`, ...tokens.args], ["-A"]);
      let server = serve("0");
      const url = await urlOf(server);
      const send = (from: number, to: number) => ingest(url, range(from, to).map((seq) => txRecord("one", seq)));
      await ingest(url, [machineRecord("one", 1)]);
      await using am = startAm(["tail", "--url", url, "--json"]);
      await am.err.includes("following");

      let seq = 2;
      for (let round = 0; round < 3; round++) {
        await send(seq, seq += 200);
        await am.out.includes(/\n/);
        await server[Symbol.asyncDispose]();
        server = serve(new URL(url).port);
        await urlOf(server);
        await send(seq + 1, seq += 100);
        await am.out.includes(`"seq":${seq++},`);
      }
      const { code, out, err } = await am.end();
      await server[Symbol.asyncDispose]();

      assertEquals(code, 0);
      assertEquals(seqsOf(out), range(2, seq - 1));
      assertMatch(err, /\n.*is lost, trying again\nam: connected again\n/);
      assertMatch(err, /, 3 reconnects\n$/);
      assert(!err.includes("gap"));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

Deno.test("am tail says with one gap line that a server came back with another memory, and doubles nothing", async () => {
  const first = createServer({ port: 0, onListen: () => {}, tokens: TOKENS });
  const url = await first.listen();
  first.ingest([machineRecord("one", 1), ...range(2, 50).map((seq) => txRecord("one", seq))]);
  await using am = startAm(["tail", "--url", url, "--since", "all"]);
  await am.out.includes("[machine]");
  await first.close();
  await am.err.includes("trying again");

  await using second = createServer({ port: Number(new URL(url).port), onListen: () => {}, tokens: TOKENS });
  // An exporter sends again what nobody acknowledged, then its machine.
  second.ingest([...range(40, 52).map((seq) => txRecord("one", seq)), machineRecord("one", 53), txRecord("one", 54)]);
  await second.listen();
  await am.out.includes(/\[gap\][^]*\[machine\][^]*\[add\] A/);
  const { code, out, err } = await am.end();

  assertEquals(code, 0);
  const lines = mutationsOf(out);
  assertEquals(lines.filter((line) => line === "[gap]").length, 1);
  assertEquals(lines.indexOf("[gap]"), 50);
  assertEquals(lines.slice(51), ["[add] A", "[add] A", "[machine]", "[add] A"]);
  assertMatch(out, /\[gap\] the server began anew: what it had not told is lost\n/);
  assertMatch(err, /, 1 gap, 1 reconnect\n$/);
});

Deno.test("am tail says how many events a server dropped that it should have shown", async () => {
  await using server = createServer({ port: 0, onListen: () => {}, maxMemoryMb: 0.3 });
  server.ingest([machineRecord("one", 1)]);
  for (const start of range(0, 19)) server.ingest(range(1, 100).map((i) => txRecord("one", start * 100 + i + 1)));

  const { out } = await tailAll(server);

  const [, lost] = /\[gap\] ([\d,]+) events lost: the server dropped them to make room\n/.exec(out) ?? [];
  assertEquals(Number(lost?.replace(",", "")) + out.trimEnd().split("\n").length - 1, 2_001);
});

const PHASES: readonly (readonly [name: string, prepare: () => Promise<Phase>, summary: RegExp])[] = [
  ["connects", async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const am = startAm(["tail", "--url", `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`]);
    const connection = await listener.accept(); // and never answers
    return { am, close: () => Promise.resolve([connection, listener].forEach((it) => it.close())) };
  }, /^am: 0 records of 0 machines, /],
  ["reads a history without end", async () => {
    const server = serveEvents((controller) => {
      let n = 0;
      const timer = setInterval(() => {
        try {
          const text = range(1, 100).map(() => `id: e-${++n}\ndata: ${JSON.stringify(txRecord("one", n))}\n\n`).join(
            "",
          );
          controller.enqueue(new TextEncoder().encode(text));
        } catch {
          clearInterval(timer); // the reader is gone
        }
      }, 1);
    });
    const am = startAm(["tail", "--url", server.url, "--since", "all"]);
    await am.out.includes("[add]");
    return { am, close: () => server[Symbol.asyncDispose]() };
  }, /\nam: [\d,]+ records of 1 machine, /],
  ["waits for what comes", async () => {
    const server = createServer({ port: 0, onListen: () => {} });
    const am = startAm(["tail", "--url", await server.listen()]);
    await am.err.includes("following");
    return { am, close: () => server.close() };
  }, /\nam: 0 records of 0 machines, /],
  ["waits for the server to come back", async () => {
    const server = createServer({ port: 0, onListen: () => {} });
    const am = startAm(["tail", "--url", await server.listen()]);
    await am.err.includes("following");
    await server.close();
    await am.err.includes("trying again");
    return { am, close: () => Promise.resolve() };
  }, /\nam: 0 records of 0 machines, /],
];

interface Phase {
  readonly am: ReturnType<typeof startAm>;
  close(): Promise<void>;
}

for (const [name, prepare, summary] of PHASES) {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.test(
      `am tail ends with 0 and a summary at ${signal} while it ${name}`,
      { ignore: HAS_NO_SIGNALS },
      async () => {
        const { am, close } = await prepare();
        await using _ = am;
        const { code, err, ms } = await am.end(signal);
        await close();

        assertEquals(code, 0);
        assertMatch(err, summary);
        assert(ms < 3_000, `it took ${ms} ms`);
      },
    );
  }
}

Deno.test("am tail ends without a word when nobody reads its output any more", async () => {
  await using server = createServer({ port: 0, onListen: () => {} });
  const url = await server.listen();
  server.ingest([machineRecord("one", 1)]);
  const child = spawnAm(["tail", "--url", url, "--since", "all"], LIVE_PERMISSIONS);
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  let seq = 2;
  const timer = setInterval(() => server.ingest([txRecord("one", seq++)]), 20);
  const [{ code }, err] = await Promise.all([child.status, new Response(child.stderr).text()]);
  clearInterval(timer);

  assertEquals(code, 0);
  assertMatch(err, /^am: following [^\n]+\n$/);
});

Deno.test(
  "am tail gives a program all lines, however slowly it takes them, and holds few",
  { ignore: HAS_NO_SIGNALS },
  async () => {
    await using server = createServer({ port: 0, onListen: () => {} });
    const url = await server.listen();
    server.ingest([machineRecord("one", 1)]);
    const child = spawnAm(["tail", "--url", url, "--since", "all"], LIVE_PERMISSIONS);
    const reader = child.stdout.getReader();
    await reader.read();
    for (const start of range(0, 39)) server.ingest(range(1, 1_000).map((i) => txRecord("one", start * 1_000 + i + 1)));

    await new Promise((resolve) => setTimeout(resolve, 500)); // nobody reads
    let lines = 0;
    while (lines < 40_000) {
      const { value, done } = await reader.read();
      if (done) break;
      lines += value.filter((byte) => byte === 10).length;
    }
    child.kill("SIGINT");
    const err = await new Response(child.stderr).text();

    assertEquals(lines, 40_000);
    assertEquals((await child.status).code, 0);
    assertMatch(err, /40,001 records of 1 machine, \d+\.\d s\n$/);
    await reader.cancel();
  },
);

Deno.test("am tail keeps up with 200 machines at 20,000 transitions a second, or says what is missing", async () => {
  await using server = createServer({ port: 0, onListen: () => {} });
  const url = await server.listen();
  const machines = range(0, 199).map((i) => `m${i}`);
  server.ingest(machines.map((it) => machineRecord(it, 1)));
  await using am = startAm(["tail", "--url", url]);
  await am.err.includes("following");

  const start = performance.now();
  for (let batch = 0; batch < 100; batch++) {
    server.ingest(machines.map((it) => txRecord(it, batch + 2)));
    const early = (batch + 1) * 10 - (performance.now() - start);
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
  }
  const sentMs = performance.now() - start;
  await am.out.until(() => am.out.lines === 20_000);
  const shownMs = performance.now() - start;
  const { out, err } = await am.end();

  console.log(`20,000 transitions sent in ${sentMs.toFixed(0)} ms, all shown after ${shownMs.toFixed(0)} ms`);
  assertEquals(out.split("\n").length - 1, 20_000);
  assertMatch(err, /\nam: 20,000 records of 200 machines, /);
  const counts = Map.groupBy(out.trimEnd().split("\n"), (line) => line.slice(13, 33).trim());
  assertEquals(new Set([...counts.values()].map((lines) => lines.length)), new Set([100]));
});

Deno.test("am tail shows bytes of a server that are no UTF-8 as replacement characters, and counts what is no record", async () => {
  const name = JSON.stringify({ ...machineRecord("one", 1), id: "wor?ker" });
  const bytes = Uint8Array.from(
    `id: e-1\ndata: ${name}\n\nid: e-2\ndata: {"no":1}\n\nevent: end\ndata: {}\n\n`,
    (it) => it === "?" ? 0xff : it.charCodeAt(0),
  );
  await using server = serveEvents((controller) => controller.enqueue(bytes));

  const { code, out, err } = await runAm(["tail", "--url", server.url, "--no-follow"], LIVE_PERMISSIONS);

  assertEquals(code, 0);
  assertStringIncludes(out, "wor\uFFFDker");
  assertMatch(err, /^am: 1 record of 1 machine, \d+\.\d s, 1 unreadable\n$/);
});

/** What a hostile name may try: the screen, colours, titles, links, the clipboard, other directions, other lines. */
const HOSTILE = [
  "\x1b[2J",
  "\x1b]0;t\x07",
  "\x1b]8;;http://evil.example\x1b\\",
  "\x1b]52;c;ZQ==\x07",
  "\x9b2J",
  "\r\nadd",
  "\u202E",
  "\u2028",
  "\x00\x7f",
];

const UNSAFE = /(?!\n)[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069\u200E\u200F\u061C]/u;

for (const args of [[], ["--steps", "--level", "everything"], ["--json"]]) {
  Deno.test(`am tail ${args.join(" ")} lets nothing of 200 hostile names reach the terminal`, async () => {
    await using server = createServer({ port: 0, onListen: () => {} });
    const names = range(0, 199).map((i) => `${HOSTILE[i % HOSTILE.length]}${i}`);
    server.ingest(names.flatMap((name, i) => [
      { ...machineRecord(`m${i}`, 1), id: name, stateNames: [name, "B"], schema: {}, ticks: [0, 0] },
      txRecord(`m${i}`, 2, {
        canceledBy: name,
        accepted: false,
        log: [[1, name]],
        args: { [name]: name },
        steps: [[4, -1, 0, 0]],
      }),
      logRecord(`m${i}`, 3, 1, name),
    ]));

    const { code, out, err } = await tailAll(server, ...args);

    assertEquals(code, 0);
    assert(!UNSAFE.test(out), JSON.stringify(UNSAFE.exec(out)));
    assert(!UNSAFE.test(err));
    const lines = out.trimEnd().split("\n");
    if (args[0] === "--json") assertEquals(JSON.parse(lines[1]!).machine, names[0]);
    else assertEquals(lines.length, args.length === 0 ? 400 : 1_000);
  });
}

Deno.test({
  name: "am tail --json goes into jq",
  ignore: !isInstalled("jq", "am tail --json with jq"),
  async fn() {
    await using server = createServer({ port: 0, onListen: () => {} });
    server.ingest(RECORDING);
    const { out } = await tailAll(server, "--json", "--auto", "true");
    const filter = 'select(.kind == "tx" and (.accepted | not)) | "\\(.machine) \\(.mutation)"';
    const jq = new Deno.Command("jq", { args: ["-r", filter], stdin: "piped", stdout: "piped" }).spawn();
    const writer = jq.stdin.getWriter();
    await writer.write(new TextEncoder().encode(out));
    await writer.close();
    const { code, stdout } = await jq.output();

    assertEquals(code, 0);
    const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
    assertEquals(lines.slice(0, 2), ["file-1 [add:auto] 状態", "file-1 [add:auto] 状態"]);
    assertEquals(lines.length, 5);
  },
});

const TOKENS = { ingest: "ingest-token-of-a-test", control: "control-token-of-a-test" };

/** Show all that a server has. */
async function tailAll(server: TelemetryServer, ...args: string[]) {
  return await runAm(["tail", "--url", await server.listen(), "--no-follow", ...args], LIVE_PERMISSIONS);
}

/** What stands in brackets, with the names behind it. */
function mutationsOf(out: string): string[] {
  return out.trimEnd().split("\n").filter((line) => line !== "").map((line) => {
    const text = line.slice(line.indexOf("["));
    return text.startsWith("[machine]") || text.startsWith("[gap]")
      ? text.slice(0, text.indexOf("]") + 1)
      : text.split("  ")[0]!.replace(/ (?:[-+±]|canceled).*/, "").trim();
  });
}

function seqsOf(out: string): number[] {
  return out.trimEnd().split("\n").map((line) => JSON.parse(line).seq);
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

async function writeTokens(folder: string): Promise<{ args: string[] }> {
  await Deno.writeTextFile(`${folder}/ingest`, TOKENS.ingest);
  await Deno.writeTextFile(`${folder}/control`, TOKENS.control);
  return { args: ["--ingest-token-file", `${folder}/ingest`, "--control-token-file", `${folder}/control`] };
}

async function urlOf({ out }: { out: { includes(what: RegExp): Promise<string> } }): Promise<string> {
  const pattern = /(http:\/\/127\.0\.0\.1:\d+)\/#token=/;
  return pattern.exec(await out.includes(pattern))![1]!;
}

async function ingest(url: string, records: readonly unknown[]): Promise<void> {
  const headers = { authorization: `Bearer ${TOKENS.ingest}`, "content-type": "application/x-ndjson" };
  const body = records.map((it) => JSON.stringify(it)).join("\n");
  const response = await fetch(`${url}/v1/ingest`, { method: "POST", headers, body });
  const { accepted } = await response.json();
  assertEquals(accepted, records.length);
}
