/**
 * Lines that a server may be sent: records as they should be, records with something wrong, and what is no record at all.
 *
 * @module
 */

import type { TelemetryRecord } from "@asyncmachine/asyncmachine/telemetry";
import { disposeRecord, gapRecord, logRecord, machineRecord, pipeRecord, txRecord } from "./_store_support.ts";

/** Numbers from 0 to 1, always the same ones for a seed. Mulberry32. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** A number from 0 to 1. */
  next(): number {
    this.#state = this.#state + 0x6d2b79f5 | 0;
    let mixed = Math.imul(this.#state ^ this.#state >>> 15, 1 | this.#state);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  }

  /** An integer from 0, below a limit. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** Whether something happens that does so with a probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of some. */
  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }
}

/** What is known of a line by how it was made. */
export type Verdict =
  /** It is a record. */
  | "good"
  /** It is none. */
  | "bad"
  /** It may be one or not. */
  | "open";

/** A line, or what a fault made of one: it may be several. */
export interface FuzzedLine {
  readonly text: string;
  readonly verdict: Verdict;
}

/** Machines that send at the same time. */
const MACHINES = 40;

/** Makes lines. */
export class Fuzzer {
  readonly #random: Random;
  readonly #machines: { instance: string; seq: number; stateCount: number }[] = [];
  #made = 0;
  #last = "";

  constructor(random: Random) {
    this.#random = random;
  }

  /** Make a line. */
  next(): FuzzedLine {
    const random = this.#random;
    const dice = random.next();
    if (dice < 0.4) return { text: this.#last = JSON.stringify(this.#record()), verdict: "good" };
    if (dice < 0.43 && this.#last !== "") return { text: this.#last, verdict: "good" }; // once more
    if (dice < 0.78) return { text: JSON.stringify(this.#mutate(this.#record())), verdict: "open" };
    if (dice < 0.92) return { text: this.#spoil(JSON.stringify(this.#record())), verdict: "open" };
    return { text: this.#nonsense(), verdict: "bad" };
  }

  /** A record that follows the one before of its machine. */
  #record(): TelemetryRecord {
    const random = this.#random;
    const slot = random.below(MACHINES);
    let machine = this.#machines[slot];
    if (machine === undefined || random.chance(0.005)) {
      const stateCount = random.chance(0.02) ? 2_000 : 1 + random.below(12);
      this.#machines[slot] = machine = { instance: `fuzz-${++this.#made}`, seq: 0, stateCount };
      if (random.chance(0.9)) return this.#machine(machine); // of some, no machine record comes first
    }
    const seq = this.#seq(machine);
    const { instance } = machine;
    switch (random.pick(["tx", "tx", "tx", "tx", "tx", "log", "pipe", "gap", "machine", "dispose"] as const)) {
      case "tx":
        return this.#tx(instance, seq);
      case "log":
        return logRecord(instance, seq, 1 + random.below(5), this.#text());
      case "pipe":
        return pipeRecord(instance, seq, this.#text());
      case "gap": {
        const count = seq === Number.MAX_SAFE_INTEGER ? 1 : 1 + random.below(5);
        machine.seq += count - 1;
        return gapRecord(instance, seq, count);
      }
      case "machine":
        machine.seq--;
        return this.#machine(machine);
      case "dispose":
        return random.chance(0.1) ? disposeRecord(instance, seq) : logRecord(instance, seq, 1, "not yet");
    }
  }

  /** Mostly the next number; some come again, some are missing, few are as far away as can be. */
  #seq(machine: { seq: number }): number {
    const dice = this.#random.next();
    if (dice < 0.02) return 1 + this.#random.below(machine.seq + 1);
    if (dice < 0.05) machine.seq += this.#random.below(100);
    if (dice > 0.9995) return Number.MAX_SAFE_INTEGER;
    return ++machine.seq;
  }

  #machine(machine: { instance: string; seq: number; stateCount: number }): TelemetryRecord {
    const random = this.#random;
    const stateNames = Array.from(
      { length: machine.stateCount },
      (_, i) => random.chance(0.1) ? `${i}é\u2028` : `S${i}`,
    );
    if (random.chance(0.1)) stateNames[0] = random.pick(["__proto__", "constructor", "toString", "Healthcheck", ""]);
    return machineRecord(machine.instance, ++machine.seq, {
      id: random.chance(0.1) ? this.#text() : `id-${machine.instance}`,
      stateNames,
      schema: {}, // a schema with a state `__proto__` is among the mutated ones
      ticks: stateNames.map(() => random.below(9)),
      machineTick: random.below(3),
      tags: random.chance(0.3) ? [this.#text()] : [],
      groups: random.chance(0.2) ? [[this.#text(), [0, random.below(50)]]] : [],
    });
  }

  #tx(instance: string, seq: number): TelemetryRecord {
    const random = this.#random;
    const index = (): number => random.chance(0.02) ? random.pick([99, 2_000, 99_999]) : random.below(12);
    const lines = (): [number, string][] =>
      Array.from({ length: random.below(4) }, () => [1 + random.below(5), this.#text()]);
    return txRecord(instance, seq, {
      id: random.chance(0.02) ? this.#text() : `${instance}-tx${seq}`,
      type: random.pick(["add", "remove", "set"]),
      called: Array.from({ length: random.below(3) }, index),
      accepted: random.chance(0.8),
      ticks: Array.from({ length: random.below(4) }, () => [index(), random.below(100)]),
      sum: random.below(1_000),
      ...(random.chance(0.2) && { steps: [[32, -1, random.below(9), 0], [2, -2, -2, random.below(8)]] }),
      ...(random.chance(0.2) && { log: lines(), preLog: lines() }),
      ...(random.chance(0.1) && { auto: true }),
      ...(random.chance(0.1) && { check: true }),
      ...(random.chance(0.1) && { queued: true }),
      ...(random.chance(0.2) && { args: { path: this.#text(), list: [1, [2, { three: null }]] } }),
    });
  }

  #text(): string {
    return this.#random.pick(TEXTS)(this.#random);
  }

  /** Puts something else in one to three places. */
  #mutate(record: TelemetryRecord): unknown {
    const copy = JSON.parse(JSON.stringify(record));
    for (let i = this.#random.below(3); i >= 0; i--) {
      const place = this.#place(copy);
      const keys = Object.keys(place);
      const key = this.#random.chance(0.8) && keys.length > 0 ? this.#random.pick(keys) : this.#random.pick(KEYS);
      if (Array.isArray(place) && key === "length") continue;
      if (this.#random.chance(0.15)) delete place[key];
      // An assignment to `__proto__` would make no property.
      else Object.defineProperty(place, key, { ...OWN, value: this.#random.pick(VALUES)(this.#random) });
    }
    return copy;
  }

  /** The record itself, or some object or list in it. */
  #place(record: Record<string, unknown>): Record<string, unknown> {
    let place = record;
    while (this.#random.chance(0.4)) {
      const inner = Object.values(place).filter((value) => typeof value === "object" && value !== null);
      if (inner.length === 0) break;
      place = this.#random.pick(inner) as Record<string, unknown>;
    }
    return place;
  }

  /** Damages a line as a connection or a bad program would. */
  #spoil(line: string): string {
    const at = this.#random.below(line.length);
    const rest = line.slice(at);
    switch (this.#random.below(10)) {
      case 0:
        return line.slice(0, at);
      case 1:
        return rest;
      case 2:
        return line.slice(0, at) + rest.slice(1);
      case 3:
        return line.slice(0, at) + this.#random.pick(["\r", "\n", "\0", "\u2028", "\ufeff", '"', "\\", "}", "NaN"]) +
          rest;
      case 4:
        return `\ufeff${line}`;
      case 5:
        return `${line}\r`;
      case 6:
        return line.replace(/\d+/g, (digits) => this.#random.chance(0.1) ? this.#random.pick(NUMBERS) : digits);
      case 7:
        return line.replaceAll(",", ",\r ").replaceAll(":", "\t:"); // still JSON
      case 8: { // what a later version may add is kept, but there is an end to it
        const deep = this.#random.pick([3, 60, 998, 999, 1_000, 10_000, 100_000]);
        return line.replace("{", `{"more":${"[".repeat(deep)}${"]".repeat(deep)},"receivedAt":5,`);
      }
      default:
        return `${line.slice(0, at)}${line}${rest}`;
    }
  }

  #nonsense(): string {
    const random = this.#random;
    const deep = random.chance(0.05) ? 100_000 : 1 + random.below(500);
    return random.pick([
      "null",
      "[]",
      "0",
      '"text"',
      "{}",
      "NaN",
      "undefined",
      "{'v':1}",
      '{"v":1}',
      '{"__proto__":{"v":1,"kind":"dispose","instance":"a","seq":1,"at":1}}',
      '{"constructor":{"prototype":{"polluted":true}}}',
      "[".repeat(deep),
      "[".repeat(deep) + "]".repeat(deep),
      `{"v":1,"kind":"dispose","instance":"a","seq":1,"at":${'{"a":'.repeat(deep)}1${"}".repeat(deep)}}`,
      `{"v":2,"kind":"dispose","instance":"a","seq":1,"at":1}`,
      `{"v":1,"kind":"other","instance":"a","seq":1,"at":1}`,
      `{"v":1,"kind":"dispose","instance":"a","seq":-1,"at":1}`,
      `{"v":1,"kind":"dispose","instance":"a","seq":9007199254740992,"at":1}`,
      `{"v":1,"kind":"dispose","instance":"a","seq":1,"at":-1}`,
      `{"v":1,"kind":"dispose","instance":"../a","seq":1,"at":1}`,
    ]);
  }
}

const OWN = { enumerable: true, configurable: true, writable: true };

const KEYS = ["__proto__", "constructor", "prototype", "toString", "toJSON", "then", "length", "0", "", "kind", "seq"];

const NUMBERS = [
  "-0",
  "-1",
  "0.5",
  "1e999",
  "-1e999",
  "1e-400",
  "9007199254740991",
  "9007199254740992",
  "1e21",
  "00",
  "0x1",
];

const TEXTS: readonly ((random: Random) => string)[] = [
  () => "",
  () => "text",
  () => "a b/c?d#e%f&g=h",
  () => "é 漢 🎉 \u2028\u2029\u0000\u001f\u007f",
  () => "\ud800",
  () => "\udc00 and \ud83c",
  () => "data: x\n\nid: 1\r\rdata: y",
  () => "__proto__",
  () => "<script>alert(1)</script>",
  (random) => "x".repeat(random.chance(0.01) ? 950_000 : random.below(2_000)),
];

const VALUES: readonly ((random: Random) => unknown)[] = [
  () => null,
  () => true,
  () => false,
  () => 0,
  () => -0,
  () => -1,
  () => 0.5,
  () => 2 ** 53,
  () => 2 ** 53 - 1,
  () => 1e300,
  () => "",
  () => "NaN",
  () => [],
  () => ({}),
  () => [[], [[]]],
  () => ({ length: 3, 0: "a" }),
  () => JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  (random) => random.pick(TEXTS)(random),
  (random) => Array.from({ length: random.chance(0.02) ? 50_000 : random.below(50) }, () => random.below(100)),
  (random) => nest(random.below(20)),
];

function nest(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? { value } : [value];
  return value;
}
