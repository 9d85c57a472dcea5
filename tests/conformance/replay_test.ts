import { assertEquals, assertStringIncludes } from "@std/assert";
import { test } from "../_harness.ts";
import { replay, report } from "./replay.ts";
import type { Expect, Vector } from "./vectors.ts";

const RECORDED: Expect = {
  r: 0,
  active: "A",
  clock: [1, 0],
  sum: 1,
  qtick: 2,
  txs: [{ m: "add", called: "A", ok: true, target: "A", enters: "A", after: [1, 0] }],
  trace: ["q:add:A:2", "t0", "h:h0:AEnter", "h:h0:AState", "e0", "qe"],
};

function vectorWith(change: Partial<Expect>): Vector {
  return {
    id: "X",
    seed: 0,
    family: "X",
    det: "full",
    states: "A Exception",
    schema: { A: {} },
    handlers: [{ id: "h0", fns: { AEnter: {}, AState: {} } }],
    steps: [{ op: "add", s: "A" }],
    expect: [{ ...RECORDED, ...change }],
  };
}

test("replay() finds no difference in what the machine does", async () => {
  assertEquals(await replay(vectorWith({})), []);
});

test("replay() tells at which levels a replay differs", async () => {
  const [tx] = RECORDED.txs ?? [];
  const trace = RECORDED.trace ?? [];
  const changes: [Partial<Expect>, number[]][] = [
    [{ r: 1 }, [1]],
    [{ active: "" }, [1]],
    [{ clock: [0, 0] }, [1]],
    [{ sum: 2 }, [1]],
    [{ qtick: 3 }, [1]],
    [{ err: "e" }, [1]],
    [{ imm: "s0" }, [1]],
    [{ fired: "s0" }, [1]],
    [{ expired: "x0" }, [1]],
    [{ checks: [true] }, [1]],
    [{ disposed: true }, [1]],
    [{ txs: [] }, [2]],
    [{ txs: [{ ...tx!, enters: "" }] }, [2]],
    [{ txs: [{ ...tx!, before: [2, 0] }] }, [2]],
    [{ trace: trace.toReversed() }, [3, 4]],
    [{ trace: trace.filter((line) => line !== "h:h0:AEnter") }, [3, 4]],
    [{ trace: trace.filter((line) => line !== "qe") }, [4]],
  ];
  for (const [change, levels] of changes) {
    const differences = await replay(vectorWith(change));
    assertEquals(differences.map(({ level }) => level), levels, JSON.stringify(change));
  }
});

test("report() names the vector, the lowest level, the step, and both sides", async () => {
  const vector = vectorWith({ active: "", trace: [] });
  const text = report(vector, await replay(vector));
  assertStringIncludes(text, 'X: differs at level 1, first at step 0: add "A"');
  assertStringIncludes(text, 'level 1, active\n    expected ""\n    actual   "A"');
});
