/**
 * Readers as they are: slow, gone, or rude. Through real sockets.
 *
 * @module
 */
import { assertEquals, assertGreater, assertLess } from "@std/assert";
import type { Feed, FeedReader } from "../../telemetry/_feed.ts";
import { feedOf } from "../../telemetry/_inspect.ts";
import type { TelemetryServer } from "../../telemetry/server.ts";
import { connect, readEvents, until, withServer } from "./_server.ts";
import { logRecord, machineRecord } from "./_store_support.ts";

const HEARTBEAT_MS = 500;

Deno.test("A reader that takes nothing is cut off after writeTimeoutMs, holds less than 1 MB, and costs another nothing", () =>
  withServer({ writeTimeoutMs: 1_000, heartbeatMs: HEARTBEAT_MS }, async (server) => {
    server.ingest([machineRecord("one", 1)]);
    using slow = await connect(server);
    await sendRequest(slow);
    const response = await fetch(`${server.url}/v1/events?after=0`);
    const seen: number[] = [];
    const reading = (async () => {
      for await (const { data } of readEvents(response.body!)) {
        if (data.startsWith("{")) seen.push(JSON.parse(data).seq);
        if (seen.at(-1) === 4_001) return;
      }
    })();
    let seq = 1, most = 0;
    const text = "x".repeat(5_000);
    for (let round = 0; round < 40; round++) {
      server.ingest(Array.from({ length: 100 }, () => logRecord("one", ++seq, 1, text)));
      await new Promise((resolve) => setTimeout(resolve, 10));
      most = Math.max(most, feedOf(server).stats.queuedBytes);
    }
    await reading; // all of it, though the other takes nothing

    assertEquals(seen.length, 4_001);
    assertGreater(most, 0);
    assertLess(most, 1_000_000);
    await until("the slow reader is gone", () => feedOf(server).stats.readers === 0, 5_000);
    assertEquals(await isClosedByServer(slow), true);
  }));

for (const how of ["closed", "reset"] as const) {
  Deno.test(`1,000 readers whose connections were ${how} are gone within 2 heartbeats`, () =>
    withServer({ heartbeatMs: HEARTBEAT_MS }, async (server) => {
      const readers = await connectMany(server, 1_000);
      await until("all are there", () => feedOf(server).stats.readers === 1_000);
      // Closing a connection with something unread resets it.
      if (how === "closed") { for (const reader of readers) await reader.read(new Uint8Array(65_536)); }
      for (const reader of readers) reader.close();

      assertLess(await heartbeatsUntilGone(server), 2);
    }));
}

Deno.test("1,000 readers that closed their half of the connection are served on or gone, but none is left behind", () =>
  withServer({ heartbeatMs: HEARTBEAT_MS }, async (server) => {
    const readers = await connectMany(server, 1_000);
    await until("all are there", () => feedOf(server).stats.readers === 1_000);
    const heart = addHeart(feedOf(server));
    for (const reader of readers) await reader.closeWrite();
    await until("two heartbeats have passed", () => heart.beats >= 2);
    heart.stop();
    for (const reader of readers) reader.close();

    assertLess(await heartbeatsUntilGone(server), 2);
  }));

Deno.test("Readers that are closed are gone from a fetch function that Deno.serve() serves, too", async () => {
  await withServer({ heartbeatMs: HEARTBEAT_MS }, async (server) => {
    const served = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request, info) => server.fetch(request, info),
    );
    const url = `http://127.0.0.1:${served.addr.port}`;
    const readers = await connectMany({ url }, 100);
    await until("all are there", () => feedOf(server).stats.readers === 100);
    for (const reader of readers) reader.close();

    assertLess(await heartbeatsUntilGone(server), 2);
    await served.shutdown();
  });
});

/** Heartbeats of the server until all its readers are gone: on a machine that is slow these are slow as well. */
async function heartbeatsUntilGone(server: TelemetryServer): Promise<number> {
  const heart = addHeart(feedOf(server));
  await until("all readers are gone, but for the one that counts", () => feedOf(server).stats.readers === 1);
  heart.stop();
  return heart.beats;
}

/** Counts the heartbeats of a feed as a reader of it: readers are looked at four times in the time of one. */
function addHeart(feed: Feed): { readonly beats: number; stop(): void } {
  let checks = 0;
  const reader: FeedReader = {
    selection: feed.select({ machine: "none" }),
    queuedBytes: 0,
    through: Infinity,
    wake: () => {},
    check: () => void checks++,
    end: () => {},
    cut: () => {},
  };
  feed.add(reader);
  return {
    get beats() {
      return checks / 4;
    },
    stop: () => feed.remove(reader),
  };
}

async function connectMany({ url }: { url: string }, count: number): Promise<Deno.TcpConn[]> {
  const readers: Deno.TcpConn[] = [];
  while (readers.length < count) {
    const some = await Promise.all(
      Array.from({ length: Math.min(100, count - readers.length) }, () => connect({ url })),
    );
    await Promise.all(some.map(sendRequest));
    readers.push(...some);
  }
  return readers;
}

async function sendRequest(connection: Deno.TcpConn): Promise<void> {
  await connection.write(new TextEncoder().encode("GET /v1/events?after=0 HTTP/1.1\r\nHost: localhost\r\n\r\n"));
}

/** Whether the connection is over, when all that was under way is read. */
async function isClosedByServer(connection: Deno.TcpConn): Promise<boolean> {
  const buffer = new Uint8Array(1_000_000);
  try {
    while (await connection.read(buffer) !== null);
  } catch {
    // it was reset
  }
  return true;
}
