/**
 * Tests of `telemetry/_memory_store.ts`: the limit, and what it costs. What all stores promise is in `store_test.ts`.
 *
 * @module
 */

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { MemoryStore } from "../../telemetry/_memory_store.ts";
import type { Dropped, Incoming } from "../../telemetry/_store.ts";
import { batchOf, disposeRecord, machineRecord, nameOf, NOW, txRecord } from "./_store_support.ts";

const MINUTE = 60_000;

Deno.test("MemoryStore stays below its limit, and says exactly what it dropped", () => {
  const store = new MemoryStore({ maxMemoryMb: 1 });
  const dropped = new Map<string, number>();
  let taken = 0;
  for (let round = 0; round < 400; round++) {
    const { events, dropped: drops } = store.append(fill(`m${round % 7}`, Math.floor(round / 7), 20), NOW + round);
    taken += events.length;
    for (const { instance, count } of drops) dropped.set(instance, (dropped.get(instance) ?? 0) + count);
    assertLessOrEqual(store.stats().bytes, 1_000_000);
  }

  const { events, dropped: total } = store.stats();
  assert(total > 0);
  assertEquals([...dropped.values()].reduce((sum, count) => sum + count, 0), total);
  assertEquals(events + total, taken);
  for (const { instance, dropped: count } of store.machines().items) assertEquals(count, dropped.get(instance) ?? 0);
});

Deno.test("MemoryStore drops disconnected machines first, of these the oldest, then the oldest of all", () => {
  const store = new MemoryStore({ maxMemoryMb: 1 });
  store.append(fill("connected-old", 0, 300), NOW);
  store.append(fill("silent", 0, 300), NOW);
  store.append(fill("disposed", 0, 300), NOW + MINUTE);
  store.append(batchOf(disposeRecord("disposed", 301)), NOW + MINUTE);
  store.append(fill("connected-old", 1, 10), NOW + 2 * MINUTE);

  const order: string[] = [];
  for (let round = 0; round < 300; round++) {
    const { dropped } = store.append(fill("busy", round, 20), NOW + 2 * MINUTE + round);
    for (const { instance } of dropped) if (!order.includes(instance)) order.push(instance);
  }

  assertEquals(order, ["silent", "disposed", "connected-old", "busy"]);
  assertEquals(store.machine("silent"), undefined);
  assertEquals(store.machine("disposed"), undefined);
  assertEquals(store.machine("connected-old")!.id, "id-connected-old");
});

Deno.test("MemoryStore keeps what a machine that says little said last, when busy ones fill it", () => {
  const store = new MemoryStore({ maxMemoryMb: 1 });
  for (let round = 0; round < 400; round++) {
    if (round % 40 === 0) store.append(fill("quiet", round / 40, 1), NOW + round);
    store.append(fill("busy", round, 20), NOW + round);
  }

  const [oldest] = store.transitions("busy", { limit: 1 }).items;
  const [first] = store.transitions("quiet", { limit: 1 }).items;
  assert(first!.n < oldest!.n); // by their first events, those of the quiet machine would have gone
  assert(store.machine("busy")!.dropped > 0);
  assertEquals(store.machine("quiet")!.dropped, 0);
});

Deno.test("MemoryStore forgets machines when they alone fill it", () => {
  const store = new MemoryStore({ maxMemoryMb: 1 });
  for (let i = 0; i < 3_000; i++) store.append(batchOf(machineRecord(`m${i}`, 1)), NOW);

  assertLessOrEqual(store.stats().bytes, 1_000_000);
  assertEquals(store.machines({ limit: 1 }).items[0]!.instance, "m2999");
  assert(store.stats().machines < 1_000);
});

Deno.test("MemoryStore.eventsAfter() tells how many are gone and from where, between those that are left", () => {
  const store = new MemoryStore({ maxMemoryMb: 1 });
  for (let round = 0; round < 200; round++) {
    for (const instance of ["a", "b"]) store.append(fill(instance, round, 20), NOW + round);
    if (round % 20 === 0) store.append(fill("quiet", round / 20, 1), NOW + round);
  }

  let [n, seen, missing] = [0, 0, 0];
  while (n < store.lastEvent) {
    const { events, through, gap } = store.eventsAfter(n, { limit: 500 });
    if (gap !== undefined) assert(gap.from > n && gap.from + gap.count - 1 <= through);
    seen += events.length;
    missing += gap?.count ?? 0;
    assertEquals(events.length + (gap?.count ?? 0), through - n);
    n = through;
  }

  assertEquals([seen, missing], [store.stats().events, store.stats().dropped]);
});

Deno.test("MemoryStore.recording() begins a shortened machine with its clock, so that states stay exact elsewhere", () => {
  const store = new MemoryStore({ maxMemoryMb: 1 });
  for (let round = 0; round < 300; round++) store.append(fill("m", round, 20), NOW + round);
  assert(store.machine("m")!.dropped > 0);

  const other = new MemoryStore();
  const lines = [...store.recording().lines];
  const options = { keepReceivedAt: true };
  const { unknown } = other.append(lines.map((line) => ({ record: JSON.parse(line), line })), NOW, options);

  const first = store.transitions("m", { limit: 1 }).items[0]!.record.seq;
  assertEquals(unknown, []);
  assertEquals(other.eventsAfter(0).events.slice(0, 3).map(nameOf), [
    `m gap ${first - 2}`,
    `m machine ${first - 1}`,
    `m tx ${first}`,
  ]);
  for (const seq of [first, first + 1, first + 100, 6_000]) {
    const { n: _, ...state } = store.stateAt("m", `m-tx${seq}`)!;
    const { n: __, ...imported } = other.stateAt("m", `m-tx${seq}`)!;
    assert(state.exact);
    assertEquals(imported, state);
  }
  assertEquals(store.append(lines.map((line) => ({ record: JSON.parse(line), line })), NOW, options).events, []);
});

Deno.test("MemoryStore.transitions() pages stay right while events are dropped", () => {
  const store = new MemoryStore({ maxMemoryMb: 1 });
  for (let round = 0; round < 100; round++) store.append(fill("m", round, 20), NOW);
  const page = store.transitions("m", { limit: 10 });

  let dropped: readonly Dropped[] = [];
  for (let round = 100; dropped.length === 0; round++) ({ dropped } = store.append(fill("m", round, 20), NOW));
  const next = store.transitions("m", { limit: 10, cursor: page.next });
  const back = store.transitions("m", { limit: 10, cursor: next.items[0]!.n, order: "desc" });

  assertEquals(next.items[0]!.n, dropped.at(-1)!.through + 1);
  assertEquals(back, { items: [], next: undefined });
});

/** `count` records that follow on those of the rounds before of the same count; the first is a machine record. */
function fill(instance: string, round: number, count: number): Incoming[] {
  const records = Array.from({ length: count }, (_, i) => {
    const seq = round * count + i + 1;
    return seq === 1
      ? machineRecord(instance, 1)
      : txRecord(instance, seq, { ticks: [[seq % 4, Math.ceil(seq / 4)]], sum: sumAt(seq) });
  });
  return batchOf(...records);
}

/** Sum of the ticks behind transition `seq` of `fill()`: each state was ticked last at most four transitions ago. */
function sumAt(seq: number): number {
  return [0, 1, 2, 3].map((back) => seq - back).reduce((sum, seq) => sum + (seq > 1 ? Math.ceil(seq / 4) : 0), 0);
}
