/** Tests of `telemetry/_ingest.ts`: single lines. What comes of batches is in `server_test.ts` and `fuzz_test.ts`. */
import { assertEquals } from "@std/assert";
import { Feed } from "../../telemetry/_feed.ts";
import { ingestLines, MAX_LINE_BYTES, MAX_LINE_DEPTH } from "../../telemetry/_ingest.ts";
import { MemoryStore } from "../../telemetry/_memory_store.ts";
import { disposeRecord } from "./_store_support.ts";

Deno.test("ingestLines() refuses a record that is nested too deep to be written again, known fields or not", () => {
  const deep = (depth: number) => lineWith(`"more":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)},"receivedAt":5`);

  assertEquals(refusedOf(deep(MAX_LINE_DEPTH)), []);
  assertEquals(refusedOf(deep(MAX_LINE_DEPTH + 1)), ["Cannot read record: it is nested more than 1000 deep"]);
  assertEquals(refusedOf(deep(100_000)), ["Cannot read record: it is nested more than 1000 deep"]);
});

Deno.test("ingestLines() refuses a line of more bytes than an event may have", () => {
  const { length } = lineWith('"more":""');
  const long = (bytes: number) => lineWith(`"more":"${"x".repeat(bytes - length)}"`);

  assertEquals(refusedOf(long(MAX_LINE_BYTES)), []);
  assertEquals(refusedOf(long(MAX_LINE_BYTES + 1)), ["Cannot read record: it has more than 900000 bytes"]);
});

function lineWith(fields: string): string {
  return JSON.stringify(disposeRecord("one", 1)).replace("{", `{${fields},`);
}

function refusedOf(line: string): string[] {
  const store = new MemoryStore();
  const feed = new Feed(store, { heartbeatMs: 1_000, writeTimeoutMs: 1_000 });
  return ingestLines({ store, feed }, [line]).refused.map(({ error }) => error);
}
