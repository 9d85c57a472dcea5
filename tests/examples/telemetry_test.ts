import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { readEvents } from "../telemetry/_server.ts";
import { machineRecord } from "../telemetry/_store_support.ts";
import { exampleCommand, runExample } from "./_run.ts";

const FILE = new URL("../../LICENSE", import.meta.url).pathname;

Deno.test("telemetry prints what the server received of the machine of file_processing", async () => {
  const permissions = ["--allow-net=127.0.0.1", "--allow-read", "--allow-env"];
  const { code, out, err } = await runExample("telemetry", { args: [FILE], permissions });

  assertEquals(code, 0);
  assertMatch(err, /^am: 4 records of 1 machine, \d+\.\d s\n$/);
  const lines = out.trimEnd().split("\n");
  assertMatch(lines.at(-5)!, /^the server at http:\/\/127\.0\.0\.1:\d+ received, as am tail shows it:$/);
  assertEquals(lines.slice(-4).map((line) => line.replace(/^[\d:.]{12} /, "")), [
    "file-1               [machine]                      4 states ()",
    "file-1               [add] ProcessingFile           +ProcessingFile +InProgress",
    "file-1               [add] FileProcessed            -ProcessingFile +FileProcessed -InProgress",
    "file-1               [dispose]",
  ]);
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`telemetry_server ends its streams with what there is and bye, and exits 0 within 5 s of ${signal}`, async () => {
    const child = exampleCommand("telemetry_server", { args: ["0"], permissions: ["--allow-net=127.0.0.1"] }).spawn();
    const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const [, url, token] = /(http:\/\/127\.0\.0\.1:\d+)\/#token=(\S+)/.exec((await output.read()).value!)!;
    const response = await fetch(`${url}/v1/events?after=0`);
    const reading = Array.fromAsync(readEvents(response.body!));
    const headers = { "authorization": `Bearer ${token}`, "content-type": "application/x-ndjson" };
    const body = JSON.stringify(machineRecord("one", 1));
    const answer = await fetch(`${url}/v1/ingest`, { method: "POST", headers, body });
    assertEquals((await answer.json()).accepted, 1);

    const start = performance.now();
    child.kill(signal);
    const events = await reading;
    const { code } = await child.status;

    assertEquals(code, 0);
    assertLess(performance.now() - start, 5_000);
    assertEquals(events.at(-1)!.type, "bye");
    assert(events.some(({ data }) => data.includes('"kind":"machine"')));
    await output.cancel();
    await child.stderr.cancel();
  });
}
