import { assert, assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { cleanJson } from "../../cli/_clean.ts";
import type { Output } from "../../cli/_context.ts";
import { EventParser, type ServerEvent } from "../../cli/_events.ts";
import { LineWriter } from "../../cli/_line_writer.ts";
import { MachineView } from "../../cli/_machine_view.ts";
import { parseSince } from "../../cli/_since.ts";
import { machineRecord, txRecord } from "../telemetry/_store_support.ts";

Deno.test("EventParser.push() reads the same events wherever the text is cut", () => {
  const text =
    "retry: 1000\nid: e-1\n\n: heartbeat\n\nid: e-2\ndata: {}\n\nevent: gap\ndata: a\ndata:b\n\r\nid\nid: e-3\n\ndata\n\n";
  const events: ServerEvent[] = [{ type: "message", data: "{}" }, { type: "gap", data: "a\nb" }, {
    type: "message",
    data: "",
  }];
  fc.assert(fc.property(fc.array(fc.nat({ max: text.length }), { maxLength: 8 }), (cuts) => {
    const parser = new EventParser();
    const places = [0, ...cuts.sort((a, b) => a - b), text.length];
    const read = places.slice(1).flatMap((end, i) => parser.push(text.slice(places[i], end)));
    assertEquals(read, events);
    assertEquals(parser.lastId, "e-3");
  }));
});

Deno.test("EventParser.push() takes an id that stands alone, and none of an event that is cut off", () => {
  const parser = new EventParser();
  assertEquals(parser.push("id: e-7\n\nid: e-8\ndata: {"), []);
  assertEquals(parser.lastId, "e-7");
});

Deno.test("LineWriter.push() keeps the order of lines, and room() waits for who takes them slowly", async () => {
  const taken: string[] = [];
  let held = 0;
  const out: Output = {
    columns: undefined,
    hasColor: false,
    async write(text) {
      await new Promise((resolve) => setTimeout(resolve));
      taken.push(text);
    },
  };
  const writer = new LineWriter(out);
  for (let i = 0; i < 5_000; i++) {
    if (writer.isFull) {
      held++;
      await writer.room();
    }
    writer.push(`${i} ${"x".repeat(1_000)}`);
  }
  assert(await writer.flush(10_000));

  assert(held > 0);
  assertEquals(
    taken.join("").split("\n").slice(0, -1).map((line) => parseInt(line)),
    Array.from({ length: 5_000 }, (_, i) => i),
  );
  assert(taken.every((text) => text.length < 70_000));
});

Deno.test("LineWriter.flush() gives up in time when nobody takes anything", async () => {
  const writer = new LineWriter({ columns: 80, hasColor: false, write: () => new Promise(() => {}) });
  writer.push("line");
  assertEquals(await writer.flush(10), false);
});

Deno.test("LineWriter.signal is aborted with the error when nothing can be written any more", async () => {
  const error = new Error("gone");
  const writer = new LineWriter({ columns: 80, hasColor: false, write: () => Promise.reject(error) });
  writer.push("line");
  await writer.flush(1_000);
  assertEquals(writer.signal.reason, error);
  await writer.room(); // waits for nothing then
});

Deno.test("parseSince() reads durations, times of today and dates", () => {
  const now = new Date(2026, 0, 2, 12, 0, 0).getTime();
  assertEquals(parseSince("all", now), 0);
  assertEquals(parseSince("90s", now), now - 90_000);
  assertEquals(parseSince("1.5h", now), now - 5_400_000);
  assertEquals(parseSince("2d", now), now - 172_800_000);
  assertEquals(parseSince("10:30", now), new Date(2026, 0, 2, 10, 30, 0).getTime());
  assertEquals(parseSince("9:05:07", now), new Date(2026, 0, 2, 9, 5, 7).getTime());
  assertEquals(parseSince("2026-01-01T10:00:00Z", now), Date.UTC(2026, 0, 1, 10));
  for (const text of ["", "5", "m", "-5m", "25:00", "10:61", "2026-13-40", "5 m"]) {
    assertThrows(() => parseSince(text, now));
  }
});

Deno.test("cleanJson() keeps what JSON says, on one line that steers nothing", () => {
  fc.assert(fc.property(fc.json({ noUnicodeString: false }), fc.boolean(), (json, isSpread) => {
    const text = isSpread ? JSON.stringify(JSON.parse(json), null, "\t") : json;
    const clean = cleanJson(text);
    assert(!/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u.test(clean));
    assertEquals(JSON.parse(clean), JSON.parse(text));
  }));
  assertEquals(cleanJson('{"a":"\x9b2J\u202E状"}'), '{"a":"\\u009b2J\\u202e状"}');
});

Deno.test("MachineView.apply() tells what came and went where records are missing, or come from the future", () => {
  const signs = (view: MachineView) => view.changes.map(({ before, after }) => [before, after]);
  const view = new MachineView("one");
  view.meet(machineRecord("one", 9, { ticks: [2, 2, 0, 0] }));
  view.apply(txRecord("one", 5, { ticks: [[1, 1]], sum: 2 }));
  assertEquals(signs(view), [[0, 1]]);
  view.apply(txRecord("one", 6, { type: "remove", ticks: [[0, 2], [1, 2]], sum: 4 }));
  assertEquals(signs(view), [[1, 2], [1, 2]]);
  view.apply(txRecord("one", 7, { accepted: false, ticks: [[2, 2]], sum: 6 }));
  assertEquals(signs(view), [[0, 2]]);
  view.apply(txRecord("one", 20, { ticks: [[0, 8], [3, 1]], sum: 99 }));
  assertEquals(signs(view), [[7, 8], [0, 1]]);
  view.apply(txRecord("one", 21, { accepted: false, steps: [[4, -1, 1, 0]], ticks: [[1, 4], [0, 8]], sum: 99 }));
  assertEquals(signs(view), [[2, 4], [7, 8]]);
});
