/**
 * Random batches, compared with a model that is as simple as can be: an array of events.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { FileStore, type FileStoreOptions } from "../../telemetry/_file_store.ts";
import { type Filter, matches } from "../../telemetry/_filter.ts";
import { MemoryStore } from "../../telemetry/_memory_store.ts";
import type { Appended, Store, StoredEvent } from "../../telemetry/_store.ts";
import type { TelemetryRecord } from "../../telemetry/protocol.ts";
import { batchOf, disposeRecord, gapRecord, logRecord, machineRecord, nameOf } from "./_store_support.ts";
import { NOW, pipeRecord, txRecord } from "./_store_support.ts";
import { withFile } from "./_stores.ts";

/** One record of a batch to be: the numbers choose instance, number, kind and states. */
interface Draft {
  /** Which instance. */
  readonly who: number;
  /** How far from the number that is due: below 0 is had or late, above is a hole. */
  readonly offset: number;
  readonly kind: number;
  readonly state: number;
  readonly size: number;
}

const INSTANCES = ["i0", "i1", "i2", "i3"];

const draft: fc.Arbitrary<Draft> = fc.record({
  who: fc.nat(INSTANCES.length - 1),
  offset: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.integer({ min: -4, max: 3 })),
  kind: fc.nat(19),
  state: fc.nat(3),
  size: fc.nat(1_500),
});

const batches = fc.array(fc.array(draft, { maxLength: 30 }), { maxLength: 40 });

/** Enough to fill a small store. */
const manyBatches = fc.array(fc.array(draft, { minLength: 15, maxLength: 30 }), { minLength: 30, maxLength: 40 });

const filter: fc.Arbitrary<Filter> = fc.record({
  machine: fc.constantFrom(undefined, "i1", "even", "i3"),
  state: fc.constantFrom(undefined, "A", "D", "New"),
  accepted: fc.constantFrom(undefined, true, false),
  checks: fc.constantFrom(undefined, true),
  empty: fc.constantFrom(undefined, false),
});

Deno.test("MemoryStore does what the model does, whatever comes", () => {
  fc.assert(fc.property(batches, filter, (batches, filter) => void compare(new MemoryStore(), batches, filter)), {
    numRuns: 100,
  });
});

Deno.test("MemoryStore does what the model does when it has to drop", () => {
  let dropped = 0;
  fc.assert(
    fc.property(manyBatches, filter, (batches, filter) => {
      dropped += compare(new MemoryStore({ maxMemoryMb: 0.2, silentMs: 5 }), batches, filter);
    }),
    { numRuns: 25 },
  );
  assert(dropped > 1_000);
});

Deno.test("FileStore does what the model does, whatever comes", () => {
  assertEquals(compareFiles(batches, {}), 0);
});

Deno.test("FileStore does what the model does when it has to drop", () => {
  const dropped = compareFiles(manyBatches, { maxFileMb: 0.3, silentMs: 5 });
  assert(dropped > 1_000);
});

/** Runs a property on files, which are opened again now and then; returns what was dropped. */
function compareFiles(batches: fc.Arbitrary<Draft[][]>, options: FileStoreOptions): number {
  let dropped = 0;
  const run = (batches: Draft[][], filter: Filter): void =>
    withFile((path) => {
      let store = new FileStore(path, options);
      const reopen = () => {
        store.close();
        return store = new FileStore(path, options);
      };
      try {
        dropped += compare(store, batches, filter, reopen);
      } finally {
        store.close();
      }
    });
  fc.assert(fc.property(batches, filter, run), { numRuns: 12 });
  return dropped;
}

/** Appends the batches to a store and to the model, and compares all there is to read; returns what was dropped. */
function compare(store: Store, drafts: readonly (readonly Draft[])[], filter: Filter, reopen?: () => Store): number {
  const model = new Model();
  for (const [round, batch] of drafts.entries()) {
    const records = model.write(batch);
    const appended = store.append(batchOf(...records), NOW + round);
    model.append(records, NOW + round, appended);
    if (reopen !== undefined && round % 8 === 7) store = reopen();
  }
  model.check(store, filter);
  return model.dropped;
}

/** What is in the store, by the plainest means. */
class Model {
  dropped = 0;
  #events: StoredEvent[] = [];
  #lastEvent = 0;
  readonly #had = new Map<string, Set<number>>();
  readonly #last = new Map<string, number>();

  /** Makes records of drafts: their numbers depend on what is there. */
  write(batch: readonly Draft[]): TelemetryRecord[] {
    const last = new Map(this.#last);
    return batch.map((draft) => {
      const instance = INSTANCES[draft.who]!;
      const seq = Math.max(1, (last.get(instance) ?? 0) + 1 + draft.offset);
      const record = recordOf(draft, instance, seq);
      last.set(instance, Math.max(last.get(instance) ?? 0, record.seq));
      return record;
    });
  }

  /** Takes in a batch, and what the store says that it dropped. */
  append(records: readonly TelemetryRecord[], receivedAt: number, appended: Appended): void {
    const events: string[] = [];
    let duplicates = 0;
    const add = (record: TelemetryRecord) => {
      const { instance } = record;
      const machine = { instance, id: "", stateNames: [] };
      const stamped = { ...record, receivedAt };
      this.#events.push({ n: ++this.#lastEvent, record: stamped, line: JSON.stringify(stamped), machine });
      events.push(nameOf({ record }));
    };
    for (const record of records) {
      const { instance, seq } = record;
      const had = this.#had.get(instance) ?? new Set();
      this.#had.set(instance, had);
      const last = this.#last.get(instance) ?? 0;
      const isGap = record.kind === "gap";
      if (isGap ? seq <= last : had.has(seq)) {
        duplicates++;
        continue;
      }
      const from = isGap ? Math.max(record.from, last + 1) : seq;
      if (from > last + 1) {
        add({ v: 1, kind: "gap", instance, seq: from - 1, at: record.at, from: last + 1, count: from - last - 1 });
      }
      if (!isGap) had.add(seq);
      this.#last.set(instance, Math.max(last, seq));
      add(record);
    }
    assertEquals(appended.events.map(nameOf), events);
    assertEquals(appended.duplicates, duplicates);
    for (const { instance, count, through, forgotten } of appended.dropped) {
      this.#drop(instance, count, through, forgotten);
    }
  }

  /** Compares all that can be read. */
  check(store: Store, filter: Filter): void {
    assertEquals([store.lastEvent, store.stats().events], [this.#lastEvent, this.#events.length]);
    const stored = readAll(store, {});
    const kept = this.#events.filter(({ record }) => record.kind !== "tx" || record.check !== true);
    assertEquals(stored.map(({ n, record, line }) => ({ n, record, line })), kept.map(withoutMachine));
    assertEquals(readAll(store, filter), readAll(store, { checks: true }).filter((event) => matches(filter, event)));
    const recorded = new Set(store.recording().lines);
    for (const { line } of this.#events) assert(recorded.has(line));
    for (const instance of INSTANCES) this.#checkMachine(store, instance, filter);
  }

  #checkMachine(store: Store, instance: string, filter: Filter): void {
    const all = readAll(store, { checks: true }).filter(({ machine }) => machine.instance === instance);
    const { machine: _, ...rest } = filter;
    const wanted = all.filter((event) => event.record.kind === "tx" && matches(rest, event)).map(({ n }) => n);
    assertEquals(readPages(store, instance, filter, "asc"), wanted);
    assertEquals(readPages(store, instance, filter, "desc"), wanted.toReversed());
    for (const { record, n } of all) {
      if (record.kind !== "tx") continue;
      const state = store.stateAt(instance, record.id)!;
      assert(state.n >= n && state.ticks.length === state.stateNames.length);
    }
    const detail = store.machine(instance);
    const newest = all.findLast(({ record }) => record.kind === "tx" || record.kind === "machine");
    if (detail === undefined || newest?.record.kind !== "tx") return;
    assertEquals(store.stateAt(instance, newest.record.id)!.ticks, detail.ticks);
    assertEquals(detail.events, all.length);
  }

  /** The oldest of a machine go. What is forgotten may come again. */
  #drop(instance: string, count: number, through: number, forgotten: boolean): void {
    const gone = this.#events.filter(({ n, record }) => record.instance === instance && n <= through);
    assertEquals(gone.length, count);
    this.#events = this.#events.filter((event) => !gone.includes(event));
    this.dropped += count;
    if (!forgotten) return;
    this.#had.delete(instance);
    this.#last.delete(instance);
    assert(this.#events.every(({ record }) => record.instance !== instance));
  }
}

function withoutMachine({ n, record, line }: StoredEvent): Omit<StoredEvent, "machine"> {
  return { n, record, line };
}

function recordOf({ kind, state, size }: Draft, instance: string, seq: number): TelemetryRecord {
  const id = instance === "i0" || instance === "i2" ? "even" : "odd";
  if (kind === 0) return machineRecord(instance, seq, { id, ticks: [seq, 0, 0, size] });
  if (kind === 1) return machineRecord(instance, seq, { id, stateNames: ["New", "D", "A"] });
  if (kind === 2) return logRecord(instance, seq, 1 + state, "é".repeat(size));
  if (kind === 3) return pipeRecord(instance, seq, "A");
  if (kind === 4) return gapRecord(instance, seq, 1 + state);
  if (kind === 5) return disposeRecord(instance, seq);
  const text = "x".repeat(size * (kind === 6 ? 4 : 1));
  const flags = { accepted: kind % 2 === 0, ...(kind % 5 === 0 && { check: true as const }) };
  return txRecord(instance, seq, { called: [state], ticks: kind < 14 ? [[state, seq]] : [], ...flags, args: { text } });
}

function readAll(store: Store, filter: Filter): StoredEvent[] {
  const events: StoredEvent[] = [];
  for (let n = 0; n < store.lastEvent;) {
    const page = store.eventsAfter(n, { limit: 7, filter });
    assert(page.through > n);
    events.push(...page.events);
    n = page.through;
  }
  return events;
}

function readPages(store: Store, instance: string, filter: Filter, order: "asc" | "desc"): number[] {
  const numbers: number[] = [];
  for (let cursor: number | undefined = undefined;;) {
    const page = store.transitions(instance, { filter, limit: 5, order, cursor });
    numbers.push(...page.items.map(({ n }) => n));
    if (page.next === undefined) return numbers;
    cursor = page.next;
  }
}
