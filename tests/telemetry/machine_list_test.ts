/**
 * Tests of `telemetry/_machine_list.ts`: what a page costs, counted in machines that are looked at. What is on a page is
 * in `store_test.ts`.
 *
 * @module
 */

import { assertEquals, assertLessOrEqual } from "@std/assert";
import { InstanceClock } from "../../telemetry/_instance_clock.ts";
import type { MachineEntry } from "../../telemetry/_machine_entry.ts";
import { MachineList } from "../../telemetry/_machine_list.ts";
import type { MachineQuery } from "../../telemetry/_store.ts";

/** What a page of many machines may cost, compared with one of 50. */
const MOST = 5;

Deno.test("MachineList.page() of 5,000 machines looks at no more than it shows, and one more", () => {
  const [few, many] = [listOf(50), listOf(5_000)];

  assertEquals([few.lookedAt({}), many.lookedAt({})], [50, 101]);
  assertLessOrEqual(many.lookedAt({ cursor: 2_500 }), MOST * few.lookedAt({}));
});

Deno.test("MachineList.page() finds a part of an id that most, few or no machines have without looking at all", () => {
  const [few, many] = [listOf(50), listOf(5_000)];

  for (const query of [{ search: "worker" }, { search: "er-49" }, { id: "worker-17" }, { search: "nothing" }]) {
    const [a, b] = [few.lookedAt(query), many.lookedAt(query)];
    assertLessOrEqual(b, Math.max(MOST * a, 2 * 256), JSON.stringify(query)); // two chunks for what few have
  }
  assertEquals([few.lookedAt({ search: "nothing" }), many.lookedAt({ search: "nothing" })], [0, 0]);
});

Deno.test("MachineList.page() finds a tag without looking at machines far from it", () => {
  const [few, many] = [listOf(50), listOf(5_000)];

  assertLessOrEqual(many.lookedAt({ tag: "all" }), MOST * few.lookedAt({ tag: "all" }));
  assertLessOrEqual(many.lookedAt({ tag: "rare" }), 256);
  assertEquals(many.lookedAt({ tag: "none" }), 0);
});

Deno.test("MachineList.page() reads the neighbours of a new machine again, and no others", () => {
  const many = listOf(5_000);
  many.lookedAt({ search: "nothing" });

  many.add(5_001);

  assertLessOrEqual(many.lookedAt({ search: "nothing" }, { isWarm: true }), 256);
});

interface CountedList {
  add(slot: number): void;
  /** How often a page asks machines for what they are. What is found out once, for later pages, does not count. */
  lookedAt(query: MachineQuery, options?: { isWarm: boolean }): number;
}

/** Machines that count how often they are asked. */
function listOf(size: number): CountedList {
  const list = new MachineList();
  let asked = new Set<number>();
  const add = (slot: number): void => list.add(entryOf(slot, () => asked.add(slot)));
  for (let slot = 1; slot <= size; slot++) add(slot);
  return {
    add,
    lookedAt(query, { isWarm } = { isWarm: false }) {
      if (!isWarm) list.page(query, undefined);
      asked = new Set();
      list.page(query, undefined);
      return asked.size;
    },
  };
}

function entryOf(slot: number, count: () => void): MachineEntry {
  const instance = `instance-${slot}`;
  const machine = { instance, id: `worker-${slot}`, stateNames: [] };
  const tags = slot === 1_234 ? ["all", "rare"] : ["all"];
  const version = { machine, line: new Uint8Array(), receivedAt: 0, bytes: 0, parent: undefined, tags };
  const times = { firstReceivedAt: 0, lastReceivedAt: 0, heardAt: 0 };
  const numbers = { queueTick: 0, lastSeq: 1, transitions: 0, events: 1, lost: 0, dropped: 0, droppedThrough: 0 };
  const clock = new InstanceClock();
  return {
    ...{ instance, clock, missing: [], disposed: false, ...times, ...numbers },
    get slot() {
      return slot;
    },
    get machine() {
      count();
      return machine;
    },
    get version() {
      count();
      return version;
    },
  };
}
