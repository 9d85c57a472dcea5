import { assertEquals, assertRejects } from "@std/assert";
import type { Cell } from "../../bench/_cells.ts";
import { measure, median, Samples } from "../../bench/_measure.ts";

const FAST = { sampleMs: 0.01, warmUpMs: 0 };

Deno.test("median() is the middle, and the mean of the two in the middle", () => {
  assertEquals(median([9, 1, 5]), 5);
  assertEquals(median([9, 1, 5, 4]), 4.5);
});

Deno.test("Samples.ratio() compares each round with itself, not medians with each other", () => {
  const samples = new Samples();
  // The whole machine is ten times slower in the second round, and the ratio stays.
  for (const [a, b] of [[200, 100], [2000, 1000], [330, 110]] as const) {
    samples.push("W1", "a", a);
    samples.push("W1", "b", b);
  }

  assertEquals(samples.ratio(["W1", "a"], ["W1", "b"]), { median: 2, min: 2, max: 3 });
  assertEquals(samples.median("W1", "a"), 330);
  assertEquals(samples.median("W1", "c"), undefined);
  assertEquals(samples.ratio(["W1", "a"], ["W1", "c"]), undefined);
});

Deno.test("measure() takes one sample of each cell a round, every second round backwards", async () => {
  const log: string[] = [];
  const cells = ["a", "b", "c"].map((column): Cell => ({
    row: "W1",
    column,
    perRun: 1,
    run: () => void log.push(column),
    check: () => void log.push(`check ${column}`),
  }));
  const rounds: number[] = [];
  const samples = await measure(cells, {
    ...FAST,
    rounds: 3,
    onRound: (round) => {
      rounds.push(round);
      log.push("|");
    },
  });

  const turns = log.filter((entry, i, all) => entry !== all[i - 1]).join(" ");
  assertEquals(turns, "a b c a b c | c b a | a b c | check a check b check c");
  assertEquals(rounds, [1, 2, 3]);
  assertEquals(samples.of("W1", "b").length, 3);
});

Deno.test("measure() waits for runs that are promises, and counts what one run makes", async () => {
  let ended = 0;
  const cell: Cell = {
    row: "W5",
    column: "a",
    perRun: 1e6,
    run: async () => {
      await Promise.resolve();
      ended++;
    },
    check: () => assertEquals(ended > 0, true),
  };
  const samples = await measure([cell], { ...FAST, rounds: 1 });

  // A millionth of a run: less than a nanosecond, unless a run takes a millisecond.
  assertEquals(samples.median("W5", "a")! < 1000, true);
});

Deno.test("measure() rejects when a cell did not do what it should", async () => {
  const check = () => {
    throw new Error("Cannot measure a: it did nothing");
  };
  const cell: Cell = { row: "W1", column: "a", perRun: 1, run: () => {}, check };

  await assertRejects(() => measure([cell], { ...FAST, rounds: 1 }), Error, "it did nothing");
});
