/**
 * Tests of `telemetry/_filter.ts`, and that the flags of stores turn nothing down that it lets pass.
 *
 * @module
 */

import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import * as fc from "fast-check";
import { flagsOf, kindOf, mayMatch, stateMaskOf } from "../../telemetry/_event_flags.ts";
import { type EventMachine, type Filter, limitLog, matches } from "../../telemetry/_filter.ts";
import type { TelemetryRecord, TxRecord } from "../../telemetry/protocol.ts";
import { disposeRecord, gapRecord, logRecord, machineRecord, pipeRecord, txRecord } from "./_store_support.ts";

const MACHINE: EventMachine = { instance: "i", id: "id", stateNames: ["A", "B", "Healthcheck", "Heartbeat"] };

Deno.test("matches() lets everything pass but checks if nothing is asked for", () => {
  assert(passes({}, txRecord("i", 1)));
  assert(passes({}, logRecord("i", 1, 5)));
  assert(!passes({}, txRecord("i", 1, { check: true })));
  assert(passes({ checks: true }, txRecord("i", 1, { check: true })));
});

Deno.test("matches() takes an id or an instance for a machine, and asks all kinds for it", () => {
  for (const record of [machineRecord("i", 1), txRecord("i", 1), gapRecord("i", 1, 1), disposeRecord("i", 1)]) {
    assert(passes({ machine: "i" }, record) && passes({ machine: "id" }, record));
    assert(!passes({ machine: "other" }, record));
  }
});

Deno.test("matches() finds a state that is called or changed", () => {
  const record = txRecord("i", 1, { called: [0], ticks: [[1, 1]] });

  assert(passes({ state: "A" }, record) && passes({ state: "B" }, record));
  assert(!passes({ state: "Heartbeat" }, record) && !passes({ state: "Unknown" }, record));
});

Deno.test("matches() selects by type, acceptance and auto", () => {
  const record = txRecord("i", 1, { type: "remove", accepted: false, auto: true });

  assert(passes({ type: "remove", accepted: false, auto: true }, record));
  assert(!passes({ type: "add" }, record) && !passes({ accepted: true }, record) && !passes({ auto: false }, record));
});

Deno.test("matches() leaves out transitions without a change, but no queued mutation", () => {
  assert(!passes({ empty: false }, txRecord("i", 1)));
  assert(passes({ empty: false }, txRecord("i", 1, { ticks: [[0, 1]] })));
  assert(passes({ empty: false }, txRecord("i", 1, { queued: true })));
});

Deno.test("matches() leaves out transitions of nothing but Healthcheck and Heartbeat", () => {
  assert(!passes({ health: false }, txRecord("i", 1, { called: [2], ticks: [[2, 1], [3, 1]] })));
  assert(passes({ health: false }, txRecord("i", 1, { called: [2], ticks: [[0, 1]] })));
  assert(passes({ health: false }, txRecord("i", 1, { called: [] })));
});

Deno.test("matches() shows log lines up to a level, and none beside a question for transitions", () => {
  assert(passes({ level: 2 }, logRecord("i", 1, 2)) && !passes({ level: 2 }, logRecord("i", 1, 3)));
  for (const filter of [{ state: "A" }, { type: "add" }, { accepted: true }, { auto: false }] as const) {
    assert(!passes(filter, logRecord("i", 1)));
  }
});

Deno.test("matches() shows pipes at a state, and none beside a question for transitions", () => {
  assert(passes({ state: "A" }, pipeRecord("i", 1, "A")) && !passes({ state: "B" }, pipeRecord("i", 1, "A")));
  assert(!passes({ accepted: true }, pipeRecord("i", 1)));
});

Deno.test("matches() always shows who a machine is and what is missing", () => {
  const filter: Filter = { state: "Unknown", type: "set", accepted: true, auto: true, empty: false, level: 0 };

  for (const record of [machineRecord("i", 1), gapRecord("i", 1, 1), disposeRecord("i", 1)]) {
    assert(passes(filter, record));
  }
});

Deno.test("limitLog() cuts the lines of a transition, and leaves others as they are", () => {
  const record = txRecord("i", 1, { log: [[1, "a"], [4, "b"]], preLog: [[3, "c"]] });

  assertEquals<unknown>(limitLog(record, 2), txRecord("i", 1, { log: [[1, "a"]] }));
  assertStrictEquals(limitLog(record, 4), record);
  assertStrictEquals(limitLog(record, undefined), record);
  const line = logRecord("i", 1, 5);
  assertStrictEquals(limitLog(line, 1), line);
});

Deno.test("mayMatch() turns nothing down that matches(), and what it turns down can be told by flags", () => {
  const index = fc.nat(3);
  const tx: fc.Arbitrary<TxRecord> = fc.record({
    type: fc.constantFrom("add", "remove", "set"),
    called: fc.uniqueArray(index),
    accepted: fc.boolean(),
    auto: fc.constantFrom(undefined, true),
    check: fc.constantFrom(undefined, true),
    queued: fc.constantFrom(undefined, true),
    ticks: fc.uniqueArray(index).map((indexes) => indexes.map((i) => [i, 1] as const)),
  }).map((rest) => txRecord("i", 1, rest as Partial<TxRecord>));
  const record: fc.Arbitrary<TelemetryRecord> = fc.oneof(
    { weight: 5, arbitrary: tx },
    fc.integer({ min: 1, max: 5 }).map((level) => logRecord("i", 1, level)),
    fc.constantFrom(...MACHINE.stateNames).map((state) => pipeRecord("i", 1, state)),
    fc.constantFrom(machineRecord("i", 1), gapRecord("i", 1, 1), disposeRecord("i", 1)),
  );
  const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });
  const filter: fc.Arbitrary<Filter> = fc.record({
    state: maybe(fc.constantFrom(...MACHINE.stateNames, "Unknown")),
    type: maybe(fc.constantFrom("add" as const, "remove" as const, "set" as const)),
    accepted: maybe(fc.boolean()),
    auto: maybe(fc.boolean()),
    checks: maybe(fc.boolean()),
    empty: maybe(fc.boolean()),
    health: maybe(fc.boolean()),
    level: maybe(fc.integer({ min: 0, max: 5 })),
  });

  fc.assert(
    fc.property(record, filter, (record, filter) => {
      const signs = { flags: flagsOf(record, MACHINE.stateNames), mask: stateMaskOf(record) };
      assertEquals(kindOf(signs.flags), record.kind);
      const may = mayMatch(filter, signs, MACHINE.stateNames);
      if (record.kind === "tx") assertEquals(may, matches(filter, { record, machine: MACHINE }));
      else assert(may || !matches(filter, { record, machine: MACHINE }));
    }),
    { numRuns: 2_000 },
  );
});

function passes(filter: Filter, record: TelemetryRecord): boolean {
  return matches(filter, { record, machine: MACHINE });
}
