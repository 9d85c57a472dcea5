import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { EventStream } from "../../telemetry/_sse.ts";
import { Feed } from "../../telemetry/_feed.ts";
import { ingestLines } from "../../telemetry/_ingest.ts";
import { feedOf } from "../../telemetry/_inspect.ts";
import { MemoryStore } from "../../telemetry/_memory_store.ts";
import { createServer, type TelemetryServer } from "../../telemetry/server.ts";
import { readEvents, type StreamEvent, until, withServer } from "./_server.ts";
import { logRecord, machineRecord, txRecord } from "./_store_support.ts";

Deno.test("GET /v1/events sends each new event with its id, after a retry and the id of where it begins", () =>
  withServer({}, async (server) => {
    server.ingest([machineRecord("one", 1)]);
    using reader = await follow(server, "");
    const opening = await reader.next();
    server.ingest([txRecord("one", 2)]);
    const event = await reader.next();

    assertEquals([opening.data, opening.lastId], ["", `${reader.epoch}-1`]);
    assertEquals([event.type, event.lastId], ["message", `${reader.epoch}-2`]);
    assertEquals(JSON.parse(event.data).id, "one-tx2");
  }));

Deno.test("GET /v1/events resumes behind Last-Event-ID, which goes before the query, exactly", () =>
  withServer({}, async (server) => {
    server.ingest([machineRecord("one", 1), ...range(2, 10).map((seq) => txRecord("one", seq))]);
    const { epoch } = feedOf(server);
    using byQuery = await follow(server, `?after=${epoch}-8`);
    using byHeader = await follow(server, "?after=1", { "last-event-id": `${epoch}-9` });

    assertEquals(numbersOf(await byQuery.take(3)), [8, 9, 10]);
    assertEquals(numbersOf(await byHeader.take(2)), [9, 10]);
  }));

for (
  const [what, id] of [
    ["of another numbering", "another0000-3"],
    ["that is still to come", "EPOCH-99"],
    ["that is none", "what?"],
  ] as const
) {
  Deno.test(`GET /v1/events says that there is a gap, and begins with what there is, after an id ${what}`, () =>
    withServer({}, async (server) => {
      server.ingest([machineRecord("one", 1), txRecord("one", 2)]);
      const { epoch } = feedOf(server);
      using reader = await follow(server, "", { "last-event-id": id.replace("EPOCH", epoch) });
      const [gap, ...events] = await reader.take(4);

      assertEquals([gap!.type, JSON.parse(gap!.data)], ["gap", { reason: "epoch" }]);
      assertEquals(numbersOf(events), [0, 1, 2]);
    }));
}

Deno.test("GET /v1/events tells of events that the store has dropped, and goes on behind them", () =>
  withServer({ maxMemoryMb: 0.3 }, async (server) => {
    server.ingest([machineRecord("one", 1)]);
    for (const start of range(0, 19)) server.ingest(range(1, 100).map((i) => txRecord("one", start * 100 + i + 1)));
    using reader = await follow(server, "?after=1");
    const [, gap, next] = await reader.take(3);
    const { reason, from, count } = JSON.parse(gap!.data);

    assertEquals([gap!.type, reason, from], ["gap", "dropped", 2]);
    assertGreater(count, 100);
    assertEquals(next!.lastId, `${reader.epoch}-${from + count}`);
    assertEquals(gap!.lastId, `${reader.epoch}-1`); // whoever breaks off here is told again
  }));

Deno.test("GET /v1/events tells live readers what is dropped while they read", () =>
  withServer({ maxMemoryMb: 0.3 }, async (server) => {
    using reader = await follow(server, "?machine=one");
    server.ingest([machineRecord("one", 1), machineRecord("two", 1)]);
    for (const start of range(0, 19)) server.ingest(range(1, 100).map((i) => txRecord("one", start * 100 + i + 1)));
    let event = await reader.next();
    while (event.type !== "dropped") event = await reader.next();

    const { instance, id, reason } = JSON.parse(event.data);
    assertEquals({ instance, id, reason }, { instance: "one", id: "id-one", reason: "memory" });
  }));

Deno.test("GET /v1/events?follow=false ends behind what there is, also when the filter leaves all of it out", () =>
  withServer({}, async (server) => {
    server.ingest([machineRecord("one", 1), txRecord("one", 2), txRecord("one", 3)]);
    for (const [query, numbers] of [["", [1, 2, 3]], ["&machine=other", []]] as const) {
      const response = await fetch(`${server.url}/v1/events?after=0&follow=false${query}`);
      const events = await Array.fromAsync(readEvents(response.body!));

      assertEquals(numbersOf(events.slice(1, -1)), [...numbers]);
      assertEquals(events.at(-1)!.type, "end");
    }
  }));

Deno.test("GET /v1/recording says behind which event the stream goes on", () =>
  withServer({}, async (server) => {
    server.ingest([machineRecord("one", 1), txRecord("one", 2)]);
    const response = await fetch(`${server.url}/v1/recording`);
    await response.body?.cancel();

    assertEquals(response.headers.get("x-last-event"), `${feedOf(server).epoch}-2`);
  }));

Deno.test("GET /v1/events has the filters of the lists", () =>
  withServer({}, async (server) => {
    server.ingest([
      machineRecord("one", 1),
      machineRecord("two", 1),
      txRecord("one", 2, { ticks: [[0, 1]], sum: 1 }),
      txRecord("one", 3, { type: "remove", called: [1], accepted: false }),
      txRecord("one", 4, { auto: true, called: [2], log: [[2, "kept"], [5, "cut"]] }),
      txRecord("one", 5, { check: true }),
      txRecord("two", 2),
      logRecord("one", 6, 4),
    ]);
    const numbersFor = async (query: string, count: number) => {
      using reader = await follow(server, `?after=0&${query}`);
      return numbersOf((await reader.take(count + 1)).slice(1));
    };
    assertEquals(await numbersFor("", 7), [1, 2, 3, 4, 5, 7, 8]);
    assertEquals(await numbersFor("checks=true", 8), [1, 2, 3, 4, 5, 6, 7, 8]);
    assertEquals(await numbersFor("machine=two", 2), [2, 7]);
    assertEquals(await numbersFor("machine=id-one&empty=false", 3), [1, 3, 8]);
    assertEquals(await numbersFor("type=remove", 3), [1, 2, 4]);
    assertEquals(await numbersFor("accepted=false", 3), [1, 2, 4]);
    assertEquals(await numbersFor("auto=true", 3), [1, 2, 5]);
    assertEquals(await numbersFor("state=C", 3), [1, 2, 5]);
    using leveled = await follow(server, "?after=4&level=2");
    const [, tx] = await leveled.take(2);
    assertEquals(JSON.parse(tx!.data).log, [[2, "kept"]]);
  }));

Deno.test("GET /v1/events sends comments while nothing happens, and to a reader whose filter lets nothing pass, where it stands", () =>
  withServer({ heartbeatMs: 40 }, async (server) => {
    using reader = await follow(server, "?machine=two");
    await reader.next();
    server.ingest([machineRecord("one", 1)]);
    const [first, second] = await reader.take(2);

    assertEquals([first!.comment, first!.data, second!.comment], ["heartbeat", "", "heartbeat"]);
    assertEquals(second!.lastId, `${reader.epoch}-1`);
  }));

Deno.test("GET /v1/events lets Bun's server, which closes what is silent, wait for two heartbeats", async () => {
  for (const [heartbeatMs, seconds] of [[undefined, 30], [400, 1], [200_000, 255]] as const) {
    await using server = createServer({ heartbeatMs });
    const waits: number[] = [];
    const bun = {
      requestIP: () => ({ address: "127.0.0.1" }),
      timeout(request: Request, seconds: number) {
        assertEquals([this, new URL(request.url).pathname], [bun, "/v1/events"]);
        waits.push(seconds);
      },
    };
    const response = await server.fetch(new Request("http://localhost/v1/events"), bun);
    await response.body?.cancel();

    assertEquals([response.status, waits], [200, [seconds]]);
  }
});

Deno.test("TelemetryServer.close() sends readers what there is, then bye, and ends their streams", () =>
  withServer({}, async (server) => {
    using reader = await follow(server, "?after=0");
    server.ingest([machineRecord("one", 1), ...range(2, 5000).map((seq) => txRecord("one", seq))]);
    const closing = server.close();
    const events = await reader.rest();
    await closing;

    assertEquals(numbersOf(events.slice(1, -1)), range(1, 5000));
    assertEquals([events.at(-1)!.type, events.at(-1)!.data], ["bye", '{"reason":"shutdown"}']);
  }));

Deno.test("TelemetryServer.close() is done in time with a reader that takes nothing", () =>
  withServer({}, async (server) => {
    server.ingest([machineRecord("one", 1)]);
    for (const start of range(0, 59)) server.ingest(range(1, 500).map((i) => txRecord("one", start * 500 + i + 1)));
    using _ = await follow(server, "?after=0"); // and does not read on
    await until("its connection is full", () => feedOf(server).stats.queuedBytes > 0);
    const start = performance.now();
    await server.close();

    assertLess(performance.now() - start, 4_000);
  }));

Deno.test("No event is lost or doubled between what is stored and what is live, for readers who come again at random", () =>
  withServer({ heartbeatMs: 20 }, async (server) => {
    const total = 15_000;
    const goal = { n: Infinity };
    server.ingest([machineRecord("a", 1), machineRecord("b", 1), machineRecord("c", 1)]);
    const random = randomOf(20_260_101);
    const readers = ["", "machine=a", "machine=id-b", "state=B"].flatMap((query) =>
      [0, 1].map((start) => readAtRandom(server, { query, goal, random, start }))
    );
    const sent: { n: number; machine: string; state: number }[] = [];
    const seqs = new Map([["a", 1], ["b", 1], ["c", 1]]);
    while (sent.length < total) {
      const batch = range(1, 1 + Math.floor(random() * 200)).map(() => {
        const machine = "abc"[Math.floor(random() * 3)]!;
        const seq = seqs.get(machine)! + 1;
        seqs.set(machine, seq);
        const state = Math.floor(random() * 4);
        sent.push({ n: sent.length + 4, machine, state });
        return txRecord(machine, seq, { called: [state] });
      });
      server.ingest(batch);
      if (random() < 0.7) await new Promise((resolve) => setTimeout(resolve, random() * 4));
    }
    goal.n = sent.length + 4; // behind the last transition, each reader gets one of these, or a heartbeat
    server.ingest([
      logRecord("a", seqs.get("a")! + 1),
      logRecord("b", seqs.get("b")! + 1),
      machineRecord("c", seqs.get("c")! + 1),
    ]);

    const wants: Record<string, (it: typeof sent[number]) => boolean> = {
      "": () => true,
      "machine=a": ({ machine }) => machine === "a",
      "machine=id-b": ({ machine }) => machine === "b",
      "state=B": ({ state }) => state === 1,
    };
    let sum = 0;
    for (const reader of readers) {
      const { query, numbers, connections } = await reader;
      assertEquals(numbers, sent.filter(wants[query]!).map(({ n }) => n), query);
      sum += connections;
    }
    assertGreater(sum, 2 * readers.length); // on a machine that is busy, few are broken off
  }));

Deno.test("Feed makes the text of an event once for all readers who want the same", async () => {
  const store = new MemoryStore();
  const feed = new Feed(store, { heartbeatMs: 1000, writeTimeoutMs: 1000 });
  const streams = range(1, 20).map(() => streamOf(feed, {}));
  const readers = streams.map(({ body }) => body.getReader());
  for (const reader of readers) await reader.read();
  ingestLines({ store, feed }, [machineRecord("one", 1), txRecord("one", 2)].map((record) => JSON.stringify(record)));
  const chunks = await Promise.all(readers.map(async (reader) => (await reader.read()).value!));

  assertEquals(feed.stats.encodings, 1);
  assertEquals(new Set(chunks.map(({ buffer }) => buffer)).size, 1);
  await Promise.all(readers.map((reader) => reader.cancel()));
  assertEquals(feed.stats, { readers: 0, queuedBytes: 0, batches: 0, size: 0, encodings: 0 });
});

Deno.test("Feed holds nothing that no reader wants, and gives a reader of something else what it missed from the store", async () => {
  const store = new MemoryStore();
  const feed = new Feed(store, { heartbeatMs: 60_000, writeTimeoutMs: 60_000 });
  const ingest = (...records: object[]) =>
    ingestLines({ store, feed }, records.map((record) => JSON.stringify(record)));
  const one = streamOf(feed, { machine: "one" }).body.getReader();
  await one.read();
  ingest(machineRecord("one", 1), machineRecord("two", 1), txRecord("two", 2));
  feed.flush();

  assertEquals(textOf(await one.read()).match(/"instance":"[^"]+"/g), ['"instance":"one"']);
  assertLess(feed.stats.size, 400);

  const two = streamOf(feed, { machine: "id-two" }, 0).body.getReader();
  await two.read();
  assertEquals(textOf(await two.read()).match(/"instance":"[^"]+"/g), ['"instance":"two"', '"instance":"two"']);
  ingest(txRecord("two", 3));
  assertEquals(textOf(await two.read()).match(/"seq":\d/g), ['"seq":3']);
  await Promise.all([one.cancel(), two.cancel()]);
});

Deno.test("Feed lets go of what all its readers have", async () => {
  const store = new MemoryStore();
  const feed = new Feed(store, { heartbeatMs: 60_000, writeTimeoutMs: 60_000 });
  const reader = streamOf(feed, {}).body.getReader();
  await reader.read();
  for (let seq = 1; seq <= 100; seq++) {
    ingestLines({ store, feed }, [JSON.stringify(logRecord("one", seq))]);
    feed.flush();
    assertEquals(textOf(await reader.read()).match(/"seq":\d+/g), [`"seq":${seq}`]);
  }

  assertEquals(feed.stats.batches, 1);
  await reader.cancel();
});

Deno.test("EventStream hands over nothing that is not read, and never has more than 1 MB in line", async () => {
  const store = new MemoryStore();
  const feed = new Feed(store, { heartbeatMs: 60_000, writeTimeoutMs: 60_000 });
  const long = "x".repeat(890_000);
  const ingest = (...records: object[]) =>
    ingestLines({ store, feed }, records.map((record) => JSON.stringify(record)));
  ingest(machineRecord("one", 1), ...range(2, 15).map((seq) => logRecord("one", seq, 1, long)));
  const stream = streamOf(feed, {}, 0);
  const reader = stream.body.getReader();
  let bytes = 0, most = 0;
  while (bytes < 14 * long.length) {
    bytes += (await reader.read()).value!.byteLength;
    most = Math.max(most, stream.queuedBytes);
    if (bytes < 6_000_000) await new Promise((resolve) => setTimeout(resolve, 1)); // others write meanwhile
  }

  assertGreater(most, 800_000);
  assertLess(most, 1_000_000);
  await reader.cancel();
});

Deno.test("EventStream is cut off when nothing is read of what waits for writeTimeoutMs, and not when nothing waits", async () => {
  const store = new MemoryStore();
  const feed = new Feed(store, { heartbeatMs: 1_000, writeTimeoutMs: 60 });
  let cuts = 0;
  const slow = streamOf(feed, {}, 0, () => cuts++);
  const idle = streamOf(feed, {}, 0);
  const slowReader = slow.body.getReader();
  const idleReader = idle.body.getReader();
  await slowReader.read(); // and then nothing more
  await idleReader.read();
  const pending = idleReader.read(); // waits for what does not come
  const waited = await until("the slow reader is gone", () => feed.stats.readers === 1);

  assertGreater(waited, 40);
  assertEquals(cuts, 1);
  await slowReader.closed.then(
    () => assert(false),
    (error: Error) => assertEquals(error.message, "The reader took nothing for too long"),
  );
  await new Promise((resolve) => setTimeout(resolve, 150));
  assertEquals(feed.stats.readers, 1);
  await idleReader.cancel();
  assertEquals((await pending).done, true);
});

/** A reader in this process. */
function streamOf(feed: Feed, filter: object, after = feed.lastEvent, disconnect: () => void = () => {}): EventStream {
  const start = { after, isLost: false };
  return new EventStream(feed, { start, selection: feed.select(filter), disconnect, heldBytes: () => 0 });
}

/** A reader through HTTP. */
class Follower implements Disposable {
  readonly epoch: string;
  readonly #events: AsyncGenerator<StreamEvent>;
  readonly #controller: AbortController;

  constructor(epoch: string, body: ReadableStream<Uint8Array>, controller: AbortController) {
    this.epoch = epoch;
    this.#events = readEvents(body);
    this.#controller = controller;
  }

  async next(): Promise<StreamEvent> {
    const { done, value } = await this.#events.next();
    assert(!done, "the stream ended");
    return value;
  }

  async take(count: number): Promise<StreamEvent[]> {
    const events: StreamEvent[] = [];
    while (events.length < count) events.push(await this.next());
    return events;
  }

  async rest(): Promise<StreamEvent[]> {
    return await Array.fromAsync(this.#events);
  }

  [Symbol.dispose](): void {
    this.#controller.abort();
  }
}

async function follow(server: TelemetryServer, query: string, headers: HeadersInit = {}): Promise<Follower> {
  const controller = new AbortController();
  const response = await fetch(`${server.url}/v1/events${query}`, { headers, signal: controller.signal });
  assertEquals(response.status, 200);
  return new Follower(feedOf(server).epoch, response.body!, controller);
}

/** Reads transitions until all have come, breaking off at random, even in the midst of an event, and coming again. */
async function readAtRandom(
  server: TelemetryServer,
  { query, goal, random, start }: { query: string; goal: { n: number }; random: () => number; start: number },
): Promise<{ query: string; numbers: number[]; connections: number }> {
  const numbers: number[] = [];
  let lastId = `${feedOf(server).epoch}-${start}`;
  let connections = 0, isOver = false;
  while (!isOver) {
    connections++;
    const controller = new AbortController();
    const headers = { "last-event-id": lastId };
    const response = await fetch(`${server.url}/v1/events?${query}`, { headers, signal: controller.signal });
    const timer = setTimeout(() => controller.abort(), 2 + random() * 40); // in the midst of an event, or of none
    let patience = 1 + random() * 400; // so that it breaks off often on a fast machine, too
    try {
      for await (const event of readEvents(response.body!)) {
        assert(event.type === "message", `${event.type}: ${event.data}`);
        lastId = event.lastId;
        if (event.data !== "" && JSON.parse(event.data).kind === "tx") numbers.push(numberOf(event));
        isOver = numberOf(event) >= goal.n;
        if (isOver || --patience < 0) break;
      }
    } catch (error) {
      if (!controller.signal.aborted) throw error;
    } finally {
      clearTimeout(timer);
      controller.abort();
    }
  }
  return { query, numbers, connections };
}

function numberOf({ lastId }: StreamEvent): number {
  return Number(lastId.slice(lastId.lastIndexOf("-") + 1));
}

function numbersOf(events: readonly StreamEvent[]): number[] {
  return events.map(numberOf);
}

function textOf({ value }: ReadableStreamReadResult<Uint8Array>): string {
  return new TextDecoder().decode(value);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
