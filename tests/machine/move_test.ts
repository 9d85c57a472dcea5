import { assertEquals } from "@std/assert";
import { changeTo, Move } from "../../machine/_move.ts";
import { compilePlan } from "../../machine/_plan.ts";
import { test } from "../_harness.ts";

const plan = compilePlan({ A: {}, B: {} });

test("Move.target() is what was active before, as long as nothing is known, for each move on its own", () => {
  const moves = [[0], [1]].map((active) => new Move(null, { clock: [1, 1, 0], active }));
  assertEquals(moves.map((move) => move.target(plan)), [[0], [1]]);
  moves[0]!.change = changeTo([0, 1], [1], []);
  assertEquals(moves.map((move) => move.target(plan)), [[0, 1], [1]]);
});
