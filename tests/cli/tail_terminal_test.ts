import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createServer } from "../../telemetry/server.ts";
import { machineRecord, txRecord } from "../telemetry/_store_support.ts";
import { isInstalled } from "../_installed.ts";
import { openTerminal } from "./_terminal.ts";

const isIgnored = !isInstalled("tmux", "am tail in a terminal");

Deno.test("am tail shows lines in a terminal, in colour and in columns, and ends with a summary at Ctrl-C", {
  ignore: isIgnored,
}, async () => {
  await using server = createServer({ port: 0, onListen: () => {} });
  const names = ["Foo", "状態", "🦕", "Bar"];
  server.ingest([{ ...machineRecord("one", 1), id: "機械-1", stateNames: names, schema: {} }]);
  await using terminal = await openTerminal(90, 20, ["tail", "--url", await server.listen()]);
  await terminal.shows("following");

  for (const index of names.keys()) {
    server.ingest([txRecord("one", index + 2, { called: [index], ticks: [[index, 1]], sum: index + 1 })]);
  }
  server.ingest([
    txRecord("one", 6, { called: [0], accepted: false, canceledBy: "FooEnter\x1b[2J\x1b]0;t\x07", sum: 4 }),
  ]);
  const screen = await terminal.shows("canceled by FooEnter");
  const colored = await terminal.read("-e");
  await terminal.press("C-c");
  const end = await terminal.shows("exit code");

  const lines = screen.split("\n").filter((line) => line.includes("[add]"));
  assertEquals(lines.map((line) => line.slice(13)), [
    "機械-1       [add] Foo            +Foo",
    "機械-1       [add] 状態           +状態",
    "機械-1       [add] 🦕             +🦕",
    "機械-1       [add] Bar            +Bar",
    "機械-1       [add] Foo            canceled by FooEnter␛[2J␛]0;t␇",
  ]);
  // deno-lint-ignore no-control-regex
  assertMatch(colored, /\x1b\[32m\[add\] Foo/);
  // deno-lint-ignore no-control-regex
  assertMatch(colored, /\x1b\[31m\[add\] Foo/);
  assertMatch(end, /am: 5 records of 1 machine, \d+\.\d s\n+exit code 0/);
});

Deno.test("am tail fits a terminal of 20 columns, however wide the names are, and shows no colour with --no-color", {
  ignore: isIgnored,
}, async () => {
  await using server = createServer({ port: 0, onListen: () => {} });
  const url = await server.listen();
  server.ingest([machineRecord("one", 1, { id: "a machine with a long name" })]);
  server.ingest([txRecord("one", 2, { ticks: [[0, 1]], sum: 1 })]);
  await using terminal = await openTerminal(20, 30, ["tail", "--no-color", "--since", "all", "--url", url]);

  await terminal.shows("[add] A");
  const colored = await terminal.read("-e");
  const lines = colored.split("\n").filter((line) => /^a mac/.test(line));

  assertEquals(lines, ["a mac… [machine]", "a mac… [add] A"]);
  assert(!colored.includes("\x1b[3"));
});

Deno.test("am tail keeps up at a terminal, or says how many records it left out", { ignore: isIgnored }, async () => {
  await using server = createServer({ port: 0, onListen: () => {} });
  const machines = Array.from({ length: 200 }, (_, i) => `m${i}`);
  server.ingest(machines.map((it) => machineRecord(it, 1)));
  await using terminal = await openTerminal(120, 30, ["tail", "--url", await server.listen()]);
  await terminal.shows("following");
  terminal.stop(); // as Ctrl-S does: nothing is taken
  for (let seq = 2; seq < 302; seq++) {
    server.ingest(machines.map((it) => txRecord(it, seq)));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  terminal.go();
  await terminal.shows("[left out]");
  server.ingest([txRecord("m0", 302, { type: "remove" })]);
  await terminal.shows("[remove] A");
  await terminal.press("C-c");
  const end = await terminal.shows("exit code");

  const [, shown, leftOut] =
    /am: ([\d,]+) records of 200 machines, [\d.]+ s, ([\d,]+) left out\n+exit code 0/.exec(end) ?? [];
  const count = (text = "") => Number(text.replaceAll(",", ""));
  console.log(`shown ${shown}, left out ${leftOut}`);
  assertEquals(count(shown) + count(leftOut), 60_001);
  assertStringIncludes(await terminal.read("-S", "-"), "[remove] A");
});
