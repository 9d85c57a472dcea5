/**
 * What every store promises, in memory or in a file.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { MemoryStore } from "../../telemetry/_memory_store.ts";
import type { Store, StoredEvent } from "../../telemetry/_store.ts";
import { batchOf, disposeRecord, gapRecord, logRecord, machineRecord } from "./_store_support.ts";
import { nameOf, NOW, pipeRecord, txRecord } from "./_store_support.ts";
import { testStores } from "./_stores.ts";

testStores("append() numbers events over all machines and adds receivedAt to record and line", (store) => {
  const { events } = store.append(batchOf(machineRecord("a", 1), machineRecord("b", 1), txRecord("a", 2)), NOW);

  assertEquals(events.map(({ n }) => n), [1, 2, 3]);
  assertEquals(events.map(nameOf), ["a machine 1", "b machine 1", "a tx 2"]);
  assertEquals(events.map(({ record }) => record.receivedAt), [NOW, NOW, NOW]);
  for (const { record, line } of events) assertEquals(JSON.parse(line), record);
  assertEquals(store.lastEvent, 3);
});

testStores("append() replaces a receivedAt that a sender made up, and keeps that of an import", (store) => {
  const batch = (instance: string) => batchOf({ ...machineRecord(instance, 1), receivedAt: NOW - 1_000 });

  const [sent] = store.append(batch("a"), NOW).events;
  const [imported] = store.append(batch("b"), NOW, { keepReceivedAt: true }).events;

  assertEquals([sent!.record.receivedAt, imported!.record.receivedAt], [NOW, NOW - 1_000]);
  assertEquals(sent!.line.match(/receivedAt/g)?.length, 1);
  assertEquals(read(store).map(({ line }) => line), [sent!.line, imported!.line]);
});

testStores("append() makes a line anew that would break a line of a stream", (store) => {
  const record = logRecord("a", 1);
  const line = JSON.stringify(record).replace(",", ",\r");

  const [event] = store.append([{ record, line }], NOW).events.slice(-1);

  assert(!event!.line.includes("\r"));
  assertEquals(JSON.parse(read(store).at(-1)!.line), { ...logRecord("a", 1), receivedAt: NOW });
});

testStores("append() keeps text of any kind as it is", (store) => {
  const text = 'ä 漢字 😀 \u0000 "quoted" \\ \u2028 ' + "x".repeat(100_000);
  const records = [1, 2, 3].map((seq) => logRecord("a", seq, 1, seq === 2 ? "after a long one" : text + seq));

  store.append(batchOf(...records), NOW);

  assertEquals(read(store).map(({ record }) => record), records.map((record) => ({ ...record, receivedAt: NOW })));
});

testStores("append() returns the events of machines that are wanted, and stores all", (store) => {
  const batch = batchOf(machineRecord("a", 1), machineRecord("b", 1), txRecord("b", 3), txRecord("a", 2));

  const { events } = store.append(batch, NOW, { isWanted: ({ instance }) => instance === "b" });

  assertEquals(events.map(nameOf), ["b machine 1", "b gap 2", "b tx 3"]);
  assertEquals(events.map(({ n }) => n), [2, 3, 4]);
  assertEquals(read(store).map(({ n }) => n), [1, 2, 3, 4, 5]);
});

testStores("append() keeps lines that begin alike, far or near, as they are", (store) => {
  const kinds = [txRecord, logRecord] as const;
  const records = Array.from({ length: 400 }, (_, i) => kinds[i % 7 === 0 ? 1 : 0]("a", i + 1));

  for (const record of records) store.append(batchOf(record), NOW);

  assertEquals(read(store).map(({ record }) => record), records.map((record) => ({ ...record, receivedAt: NOW })));
});

testStores("append() drops an (instance, seq) that it has, and counts it", (store) => {
  store.append(batchOf(machineRecord("a", 1), txRecord("a", 2)), NOW);

  const again = store.append(batchOf(txRecord("a", 2), txRecord("a", 3), txRecord("a", 3), txRecord("b", 2)), NOW);

  assertEquals(again.duplicates, 2);
  assertEquals(again.events.map(nameOf), ["a tx 3", "b gap 1", "b tx 2"]);
  assertEquals(store.stats().duplicates, 2);
});

testStores("append() puts a gap event in front of a record that reveals a hole", (store) => {
  store.append(batchOf(machineRecord("a", 1)), NOW);

  const { events } = store.append(batchOf(txRecord("a", 5)), NOW);

  assertEquals(events.map(nameOf), ["a gap 4", "a tx 5"]);
  const { at } = events[1]!.record;
  const gap = { v: 1, kind: "gap", instance: "a", seq: 4, at, from: 2, count: 3, receivedAt: NOW };
  assertEquals<unknown>(events[0]!.record, gap);
  assertEquals(read(store).map(({ record }) => record)[1], events[0]!.record);
  assertEquals([store.machine("a")!.lost, store.stats().lost], [3, 3]);
});

testStores("append() takes a gap of the sender as what it is, and counts what is missing before it, too", (store) => {
  store.append(batchOf(machineRecord("a", 1)), NOW);

  const { events } = store.append(batchOf(gapRecord("a", 4, 3), txRecord("a", 7), gapRecord("a", 5, 2)), NOW);

  assertEquals(events.map(nameOf), ["a gap 3", "a gap 6", "a tx 7"]);
  assertEquals(store.machine("a")!.lost, 5);
});

testStores("append() lets a late record fill a hole once, without moving the clock back", (store) => {
  store.append(batchOf(machineRecord("a", 1), txRecord("a", 4, { ticks: [[0, 3]], sum: 3 })), NOW);

  const late = store.append(batchOf(txRecord("a", 2, { ticks: [[0, 1]], sum: 1 })), NOW);
  const again = store.append(batchOf(txRecord("a", 2)), NOW);

  assertEquals(late.events.map(nameOf), ["a tx 2"]);
  assertEquals([again.duplicates, again.events.length], [1, 0]);
  assertEquals(store.machine("a")!.ticks, [3, 0, 0, 0]);
  assertEquals(store.machine("a")!.lost, 1);
});

testStores("append() names the instances whose machine record it lacks", (store) => {
  const first = store.append(batchOf(txRecord("a", 1), machineRecord("b", 1)), NOW);
  const second = store.append(batchOf(machineRecord("a", 2)), NOW);

  assertEquals([first.unknown, second.unknown], [["a"], []]);
  assertEquals(store.machine("a")!.transitions, 1);
});

testStores("machine() never lets a clock go back within an instance, but after a snapshot was restored", (store) => {
  store.append(batchOf(machineRecord("a", 1, { ticks: [5, 4, 0, 0] }), txRecord("a", 2, { ticks: [[0, 3]] })), NOW);
  assertEquals(store.machine("a")!.ticks, [5, 4, 0, 0]);

  store.append(batchOf(machineRecord("a", 3, { ticks: [1, 7, 0, 0] })), NOW);
  assertEquals(store.machine("a")!.ticks, [5, 7, 0, 0]);

  store.append(batchOf(machineRecord("a", 4, { ticks: [1, 2, 0, 0], machineTick: 2 })), NOW);
  assertEquals(store.machine("a")!.ticks, [1, 2, 0, 0]);
});

testStores("machine() follows a change of the schema, state by state", (store) => {
  store.append(batchOf(machineRecord("a", 1, { ticks: [5, 4, 3, 2] })), NOW);

  store.append(batchOf(machineRecord("a", 2, { stateNames: ["D", "New", "A"], ticks: [1, 1, 6] })), NOW);

  const { ticks, activeStates, stateCount, sum } = store.machine("a")!;
  assertEquals({ ticks, activeStates, stateCount, sum }, {
    ticks: [2, 1, 6],
    activeStates: ["New"],
    stateCount: 3,
    sum: 9,
  });
});

testStores("machine() keeps the schema of a later record when one comes late", (store) => {
  const late = machineRecord("a", 2, { id: "old", stateNames: ["Old"], ticks: [9] });
  store.append(batchOf(machineRecord("a", 1), machineRecord("a", 3, { ticks: [1, 0, 0, 0] })), NOW);

  assertEquals(store.append(batchOf(late), NOW).events.map(nameOf), ["a machine 2"]);

  const { id, record, ticks } = store.machine("a")!;
  assertEquals([id, record.seq, ticks], ["id-a", 3, [1, 0, 0, 0]]);
  assertEquals(store.instancesOf("old"), []);
});

testStores("machine() ignores ticks of states that the machine does not have", (store) => {
  store.append(batchOf(machineRecord("a", 1), txRecord("a", 2, { ticks: [[9, 1], [4_000_000_000, 1], [1, 1]] })), NOW);

  assertEquals(store.machine("a")!.ticks, [0, 1, 0, 0]);
});

testStores("machine() tells all about a machine", (store) => {
  const parent = { id: "boss", instance: "p" };
  const record = machineRecord("a", 1, { id: "worker", tags: ["x", "y"], parent });
  store.append(batchOf(record, txRecord("a", 2, { ticks: [[1, 1]], sum: 1, queueTick: 7 })), NOW);
  store.append(batchOf(disposeRecord("a", 3)), NOW + 5);

  assertEquals<unknown>(store.machine("a"), {
    instance: "a",
    id: "worker",
    parent,
    tags: ["x", "y"],
    stateCount: 4,
    sum: 1,
    disposed: true,
    firstReceivedAt: NOW,
    lastReceivedAt: NOW + 5,
    transitions: 1,
    events: 3,
    lost: 0,
    dropped: 0,
    record: { ...record, receivedAt: NOW },
    ticks: [0, 1, 0, 0],
    activeStates: ["B"],
    queueTick: 7,
    lastSeq: 3,
  });
  assertEquals(store.machine("b"), undefined);
});

testStores("instancesOf() keeps machines of one id apart", (store) => {
  store.append(batchOf(machineRecord("a", 1, { id: "same" }), machineRecord("b", 1, { id: "same" })), NOW);
  store.append(batchOf(txRecord("b", 2, { ticks: [[2, 1]], sum: 1 })), NOW);

  assertEquals(store.instancesOf("same"), ["a", "b"]);
  assertEquals(store.instancesOf("a"), []);
  assertEquals([store.machine("a")!.sum, store.machine("b")!.sum], [0, 1]);
  assertEquals([store.transitions("a").items.length, store.transitions("b").items.length], [0, 1]);
});

testStores("machines() lists the newest first, in pages", (store) => {
  store.append(Array.from({ length: 600 }, (_, i) => batchOf(machineRecord(`i${i}`, 1))).flat(), NOW);

  const found: string[] = [];
  const sizes: number[] = [];
  for (let cursor: number | undefined = undefined;;) {
    const page = store.machines({ cursor, limit: 250 });
    sizes.push(page.items.length);
    found.push(...page.items.map(({ instance }) => instance));
    cursor = page.next;
    if (cursor === undefined) break;
  }

  assertEquals(sizes, [250, 250, 100]);
  assertEquals(found, Array.from({ length: 600 }, (_, i) => `i${599 - i}`));
  assertEquals(store.machines().items.length, 100);
});

testStores("machines() finds a part of an id, a whole id, an instance and a tag", (store) => {
  for (let i = 0; i < 600; i++) {
    const id = i === 3 ? "Needle/one" : `hay-${i}`;
    store.append(batchOf(machineRecord(`i${i}`, 1, { id, tags: i % 300 === 7 ? ["rare"] : ["hay"] })), NOW);
  }
  const find = (query: Parameters<Store["machines"]>[0]) => store.machines(query).items.map(({ id }) => id);

  assertEquals(find({ search: "nEEDle" }), ["Needle/one"]);
  assertEquals(find({ search: "hay-59", tag: "hay" }).length, 11);
  assertEquals(find({ id: "hay-59" }), ["hay-59"]);
  assertEquals(find({ id: "hay-5", search: "9" }), []);
  assertEquals(find({ instance: "i3" }), ["Needle/one"]);
  assertEquals(find({ instance: "i3", search: "hay" }), []);
  assertEquals(find({ tag: "rare" }), ["hay-307", "hay-7"]);
  assertEquals(find({ tag: "rare", search: "307" }), ["hay-307"]);
  assertEquals(find({ search: "nothing" }), []);
});

testStores("machines() leaves out a machine without a machine record until it comes", (store) => {
  store.append(batchOf(txRecord("a", 1)), NOW);
  assertEquals(store.machines().items, []);

  store.append(batchOf(machineRecord("a", 2)), NOW);
  assertEquals(store.machines().items.map(({ instance }) => instance), ["a"]);
});

testStores("transitions() reads pages in both directions, which stay right while events come", (store) => {
  store.append(batchOf(machineRecord("a", 1), machineRecord("b", 1)), NOW);
  for (let seq = 2; seq < 12; seq++) store.append(batchOf(txRecord("a", seq), txRecord("b", seq)), NOW);
  const seqs = (items: readonly StoredEvent[]) => items.map(({ record }) => record.seq);

  const first = store.transitions("a", { limit: 4 });
  const last = store.transitions("a", { limit: 4, order: "desc" });
  store.append(batchOf(txRecord("a", 12)), NOW);
  const second = store.transitions("a", { limit: 100, cursor: first.next });
  const rest = store.transitions("a", { limit: 100, cursor: last.next, order: "desc" });

  assertEquals(seqs(first.items), [2, 3, 4, 5]);
  assertEquals(seqs(second.items), [6, 7, 8, 9, 10, 11, 12]);
  assertEquals(seqs(last.items), [11, 10, 9, 8]);
  assertEquals(seqs(rest.items), [7, 6, 5, 4, 3, 2]);
  assertEquals([second.next, rest.next], [undefined, undefined]);
  assertEquals(store.transitions("nobody"), { items: [], next: undefined });
});

testStores("transitions() shows other kinds when asked, and filters", (store) => {
  const records = [
    machineRecord("a", 1),
    txRecord("a", 2, { called: [1], ticks: [[1, 1]] }),
    txRecord("a", 3, { called: [2], accepted: false }),
    txRecord("a", 4, { called: [1], check: true }),
    txRecord("a", 5, { called: [], auto: true, type: "set", ticks: [[3, 1]] }),
    logRecord("a", 6, 3),
    pipeRecord("a", 7, "B"),
  ];
  store.append(batchOf(...records), NOW);
  const seqs = (filter: Parameters<Store["transitions"]>[1]) =>
    store.transitions("a", filter).items.map(({ record }) => record.seq);

  assertEquals(seqs({}), [2, 3, 5]);
  assertEquals(seqs({ filter: { checks: true } }), [2, 3, 4, 5]);
  assertEquals(seqs({ filter: { accepted: false } }), [3]);
  assertEquals(seqs({ filter: { auto: true } }), [5]);
  assertEquals(seqs({ filter: { type: "set" } }), [5]);
  assertEquals(seqs({ filter: { empty: false } }), [2, 5]);
  assertEquals(seqs({ filter: { state: "B", machine: "ignored" } }), [2]);
  assertEquals(seqs({ filter: { state: "D" } }), [5]);
  assertEquals(seqs({ filter: { state: "Unknown" } }), []);
  assertEquals(seqs({ kinds: ["log", "pipe", "machine"] }), [1, 6, 7]);
  assertEquals(seqs({ kinds: ["log"], filter: { level: 2 } }), []);
  assertEquals(seqs({ kinds: ["pipe"], filter: { state: "B" } }), [7]);
});

testStores("transitions() reads indexes by the names that the machine had then", (store) => {
  store.append(batchOf(machineRecord("a", 1), txRecord("a", 2, { called: [0] })), NOW);
  store.append(batchOf(machineRecord("a", 3, { stateNames: ["New", "A"] }), txRecord("a", 4, { called: [0] })), NOW);
  const find = (state: string) => store.transitions("a", { filter: { state } }).items.map(nameOf);

  assertEquals(find("A"), ["a tx 2"]);
  assertEquals(find("New"), ["a tx 4"]);
  assertEquals(store.transitions("a").items.map(({ machine }) => machine.stateNames[0]), ["A", "New"]);
});

testStores("transition() finds a transition or a queued mutation by its id", (store) => {
  store.append(batchOf(machineRecord("a", 1), machineRecord("b", 1)), NOW);
  store.append(batchOf(txRecord("a", 2, { id: "t1" }), txRecord("b", 2, { id: "t1" })), NOW);
  store.append(batchOf(txRecord("a", 3, { id: "t1-1", queued: true })), NOW);

  assertEquals(nameOf(store.transition("a", "t1")!), "a tx 2");
  assertEquals(nameOf(store.transition("b", "t1")!), "b tx 2");
  assertEquals(nameOf(store.transition("a", "t1-1")!), "a tx 3");
  assertEquals(store.transition("b", "t1-1"), undefined);
  assertEquals(store.transition("c", "t1"), undefined);
});

testStores("stateAt() tells ticks and active states behind any transition", (store) => {
  const ticks = [0, 0, 0, 0];
  const expected: { id: string; ticks: number[] }[] = [];
  store.append(batchOf(machineRecord("a", 1)), NOW);
  for (let seq = 2; seq < 1_500; seq++) {
    const index = (seq * 7) % 4;
    ticks[index]! += 1 + seq % 3;
    const sum = ticks.reduce((a, b) => a + b);
    const record = txRecord("a", seq, { ticks: [[index, ticks[index]!]], sum });
    expected.push({ id: record.id, ticks: [...ticks] });
    store.append(batchOf(record), NOW);
  }

  for (let i = 0; i < expected.length; i += 37) {
    const { id, ticks } = expected[i]!;
    const state = store.stateAt("a", id)!;
    assertEquals(state.ticks, ticks);
    assertEquals(state.activeStates, ["A", "B", "C", "D"].filter((_, index) => ticks[index]! % 2 === 1));
    assertEquals([state.n, state.exact], [i + 2, true]);
  }
  assertEquals(store.stateAt("a", "unknown"), undefined);
});

testStores("stateAt() says when lost records make it inexact, until a machine record makes up for them", (store) => {
  const lost = txRecord("a", 3, { ticks: [[0, 3]], sum: 3 });
  const records = [
    machineRecord("a", 1),
    txRecord("a", 2, { ticks: [[0, 1]], sum: 1 }),
    txRecord("a", 4, { ticks: [[1, 1]], sum: lost.sum + 1 }),
    machineRecord("a", 5, { ticks: [3, 1, 0, 0] }),
    txRecord("a", 6, { ticks: [[1, 2]], sum: 5 }),
  ];
  store.append(batchOf(...records), NOW);

  assertEquals(store.stateAt("a", "a-tx4")!.exact, false);
  assertEquals(store.stateAt("a", "a-tx6")!.exact, true);
  assertEquals(store.stateAt("a", "a-tx6")!.ticks, [3, 2, 0, 0]);
});

testStores("stateAt() uses the names of the time, before and behind a change of the schema", (store) => {
  store.append(batchOf(machineRecord("a", 1), txRecord("a", 2, { ticks: [[0, 1], [3, 2]], sum: 3 })), NOW);
  const changed = machineRecord("a", 3, { stateNames: ["D", "A"], ticks: [2, 1] });
  store.append(batchOf(changed, txRecord("a", 4, { ticks: [[0, 3]], sum: 4 })), NOW);

  const [before, behind] = [store.stateAt("a", "a-tx2")!, store.stateAt("a", "a-tx4")!];

  assertEquals([before.stateNames, before.ticks, before.exact], [["A", "B", "C", "D"], [1, 0, 0, 2], true]);
  assertEquals([behind.stateNames, behind.ticks, behind.exact], [["D", "A"], [3, 1], true]);
  assertEquals(behind.activeStates, ["D", "A"]);
});

testStores("eventsAfter() and transitions() end a page early when lines are long, and go on behind it", (store) => {
  const text = "x".repeat(800_000);
  store.append(batchOf(machineRecord("one", 1)), NOW);
  for (let seq = 2; seq <= 20; seq++) store.append(batchOf(logRecord("one", seq, 1, text)), NOW);
  const all = Array.from({ length: 20 }, (_, i) => i + 1);

  const sizes: number[] = [], read: number[] = [];
  for (let through = 0; through < store.lastEvent;) {
    const page = store.eventsAfter(through, { size: 1_000_000 });
    sizes.push(page.events.length);
    read.push(...page.events.map(({ n }) => n));
    through = page.through;
  }
  assertEquals(read, all);
  assertEquals(sizes, [3, ...Array(8).fill(2), 1]);
  assertEquals(store.eventsAfter(0).events.length, 6); // 4,000,000 characters, and what is begun

  for (const order of ["asc", "desc"] as const) {
    const listed: number[] = [];
    let pages = 0, cursor: number | undefined;
    do {
      const page = store.transitions("one", { kinds: ["machine", "log"], order, cursor, limit: 1000 });
      listed.push(...page.items.map(({ n }) => n));
      cursor = page.next;
      pages++;
    } while (cursor !== undefined);
    assertEquals([listed, pages], [order === "asc" ? all : all.toReversed(), 4]);
  }
});

testStores("eventsAfter() resumes exactly behind any event", (store) => {
  for (let seq = 1; seq <= 5; seq++) store.append(batchOf(logRecord("a", seq), logRecord("b", seq)), NOW);

  for (let n = 0; n <= 10; n++) {
    const { events, through, gap } = store.eventsAfter(n);
    assertEquals(events.map((event) => event.n), Array.from({ length: 10 - n }, (_, i) => n + 1 + i));
    assertEquals([through, gap], [10, undefined]);
  }
  const page = store.eventsAfter(2, { limit: 3 });
  assertEquals([page.events.map(({ n }) => n), page.through], [[3, 4, 5], 5]);
  assertEquals(store.eventsAfter(99), { events: [], through: 10 });
});

testStores("eventsAfter() filters by machine, an id or an instance, and goes on behind what it leaves out", (store) => {
  store.append(batchOf(machineRecord("a", 1, { id: "x" }), machineRecord("b", 1, { id: "x" })), NOW);
  store.append(batchOf(machineRecord("c", 1), txRecord("a", 2), txRecord("b", 2), txRecord("c", 2)), NOW);
  const find = (machine: string) => store.eventsAfter(0, { filter: { machine } }).events.map(nameOf);

  assertEquals(find("x"), ["a machine 1", "b machine 1", "a tx 2", "b tx 2"]);
  assertEquals(find("c"), ["c machine 1", "c tx 2"]);
  assertEquals(find("nobody"), []);
  assertEquals(store.eventsAfter(0, { filter: { machine: "nobody" } }).through, 6);
});

testStores(
  "recording() holds all in the order of events; another store takes it in, twice with duplicates only",
  (store) => {
    store.append(batchOf(machineRecord("a", 1), machineRecord("b", 1), txRecord("a", 2, { ticks: [[0, 1]] })), NOW);
    store.append(batchOf(txRecord("b", 4), disposeRecord("a", 3), txRecord("b", 2)), NOW + 7);

    const { total, lines } = store.recording();
    const recorded = [...lines];
    const other = new MemoryStore();
    const take = () =>
      other.append(recorded.map((line) => ({ record: JSON.parse(line), line })), NOW + 9, {
        keepReceivedAt: true,
      });
    const first = take();
    const second = take();

    assertEquals([total, recorded.length], [7, 7]);
    assertEquals(read(other).map(({ line }) => line), recorded);
    assertEquals([first.events.length, first.duplicates], [7, 0]);
    assertEquals([second.events.length, second.duplicates], [0, 7]);
    assertEquals(other.machine("a"), store.machine("a"));
    assertEquals(other.machine("b"), store.machine("b"));
  },
);

testStores(
  "recording() can be of one machine, and ends with the event that was the last when it was asked",
  (store) => {
    store.append(batchOf(machineRecord("a", 1), machineRecord("b", 1), txRecord("a", 2)), NOW);

    const { total, lines } = store.recording({ machine: "id-a" });
    const iterator = lines[Symbol.iterator]();
    const first = iterator.next();
    store.append(batchOf(txRecord("a", 3)), NOW);
    const rest = [...{ [Symbol.iterator]: () => iterator }];

    assertEquals(total, 2);
    assertStringIncludes(first.value, '"kind":"machine"');
    assertEquals(rest.map((line) => JSON.parse(line).seq), [2]);
  },
);

testStores("clear() drops all, says so, and goes on with the numbers", (store) => {
  store.append(batchOf(machineRecord("a", 1), txRecord("a", 2), machineRecord("b", 1)), NOW);

  const dropped = store.clear();
  const { epoch } = store;
  store.append(batchOf(txRecord("a", 3)), NOW);

  assertEquals(dropped.map(({ instance, id, count, forgotten, reason }) => [instance, id, count, forgotten, reason]), [
    ["a", "id-a", 2, true, "clear"],
    ["b", "id-b", 1, true, "clear"],
  ]);
  assertEquals(store.eventsAfter(0).gap, { from: 1, count: 3 });
  assertEquals(store.eventsAfter(0).events.map(nameOf), ["a gap 2", "a tx 3"]);
  assertEquals([store.epoch, store.machines().items.length], [epoch, 0]);
  assertEquals(store.stats().dropped, 3);
});

testStores("stats() counts", (store) => {
  store.append(batchOf(machineRecord("a", 1), txRecord("a", 2), txRecord("a", 5), txRecord("a", 5)), NOW);

  const { bytes, maxBytes, ...counts } = store.stats();

  assertEquals(counts, { machines: 1, events: 4, transitions: 2, duplicates: 1, lost: 2, dropped: 0 });
  assert(bytes > 0 && bytes < maxBytes);
});

function read(store: Store): readonly StoredEvent[] {
  return store.eventsAfter(0).events;
}
