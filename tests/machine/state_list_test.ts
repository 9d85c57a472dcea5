import { assertEquals, assertMatch } from "@std/assert";
import {
  concatStates,
  equalStateOrder,
  equalStates,
  filterPrefix,
  hashStates,
  prefixStates,
  sharedStates,
  subtractStates,
} from "../../machine/state_list.ts";
import { test } from "../_harness.ts";

/** Names that objects have already, that are long, or that are no text. */
const EDGE_NAMES = ["__proto__", "constructor", "toString", "", "\ud800", "x".repeat(10_000), "1"];

test("concatStates() keeps the first occurrence of each name", () => {
  assertEquals(concatStates(["B", "A"], [], ["C", "B"], ["A"]), ["B", "A", "C"]);
});

test("concatStates() drops repeats within one list", () => {
  assertEquals(concatStates(["A", "B", "A"]), ["A", "B"]);
});

test("concatStates() returns an empty list without lists", () => {
  assertEquals(concatStates(), []);
});

test("concatStates() returns a new list", () => {
  const states = ["A"];
  concatStates(states).push("B");
  assertEquals(states, ["A"]);
});

test("concatStates() takes any name", () => {
  assertEquals(concatStates(EDGE_NAMES, EDGE_NAMES), EDGE_NAMES);
});

test("subtractStates() keeps order and repeats of what is left", () => {
  assertEquals(subtractStates(["C", "A", "B", "C"], ["A", "X"]), ["C", "B", "C"]);
});

test("subtractStates() leaves out every occurrence, from each list", () => {
  assertEquals(subtractStates(["A", "B", "A", "C"], ["A"], ["C"]), ["B"]);
});

test("subtractStates() returns a copy without lists", () => {
  const states = ["A", "A"];
  const left = subtractStates(states);
  assertEquals(left, ["A", "A"]);
  left.push("B");
  assertEquals(states, ["A", "A"]);
});

test("subtractStates() takes any name", () => {
  assertEquals(subtractStates(EDGE_NAMES, []), EDGE_NAMES);
  assertEquals(subtractStates(EDGE_NAMES, EDGE_NAMES), []);
});

test("sharedStates() keeps the order of its first list", () => {
  assertEquals(sharedStates(["C", "A", "B"], ["A", "C", "X"]), ["C", "A"]);
});

test("sharedStates() finds nothing in an empty list", () => {
  assertEquals(sharedStates(["A"], []), []);
  assertEquals(sharedStates([], ["A"]), []);
});

test("sharedStates() takes any name", () => {
  assertEquals(sharedStates(EDGE_NAMES, EDGE_NAMES), EDGE_NAMES);
  assertEquals(sharedStates(EDGE_NAMES, ["A"]), []);
});

test("equalStates() ignores order and repeats", () => {
  assertEquals(equalStates(["A", "B"], ["B", "A", "B"]), true);
  assertEquals(equalStates([], []), true);
});

test("equalStates() is false when either list has a name more", () => {
  assertEquals(equalStates(["A", "B"], ["A"]), false);
  assertEquals(equalStates(["A"], ["A", "B"]), false);
  assertEquals(equalStates(["A", "A"], ["A", "B"]), false);
});

test("equalStates() is false when the lists differ in one name", () => {
  assertEquals(equalStates(["A", "B"], ["A", "C"]), false);
});

test("equalStateOrder() asks for the same names at the same places", () => {
  assertEquals(equalStateOrder(["A", "B"], ["A", "B"]), true);
  assertEquals(equalStateOrder(["A", "B"], ["B", "A"]), false);
});

test("equalStateOrder() asks for the same length", () => {
  assertEquals(equalStateOrder(["A"], ["A", "A"]), false);
  assertEquals(equalStateOrder(["A", "A"], ["A"]), false);
});

test("prefixStates() keeps order and repeats", () => {
  const names: ("WorkerB" | "WorkerA")[] = prefixStates(["B", "A", "B"], "Worker");
  assertEquals(names, ["WorkerB", "WorkerA", "WorkerB"]);
});

test("filterPrefix() sorts by prefix first, without repeats", () => {
  assertEquals(filterPrefix(["AB", "B", "A", "C"], "B", "A", "AB"), ["B", "AB", "A"]);
});

test("filterPrefix() finds nothing without prefixes, and all with an empty one", () => {
  assertEquals(filterPrefix(["A", "B"]), []);
  assertEquals(filterPrefix(["A", "B"], ""), ["A", "B"]);
});

/** What Node's `createHash("md5")` gave for each list of the test below, in its order; a browser has no MD5. */
const MD5_BEGINNINGS = `
  d41d d41d 7fc5 6c30 1b5c eff1 92bb 1e81 996e ba4b 4ec2 b8f4 6c83 cfaf 1b6a 717e 136c 611d f022 4dae
  b0c4 3816 5127 2c72 2837 a68a 0e3d 3c07 4076 aabb 9bcf add5 50d2 762d 97d0 fe46 9413 0d70 ab6c 24e5
  7fd0 a549 2672 79eb 20e7 99ec 6d3f 9e42 ef2d dd12 744a 26fa 8fbc 362b 1d57 2e6a 4623 905b 12be 24ab
  c590 1733 188a 0cf1 52d6 bcab e1e6 99be b76f 825f 4e1d ecfb 6910 d98d 854f b2ea 7236 6da2 1dab 8245
  468e 41c2 0c19 a225 d5d6 9271 f297
`.trim().split(/\s+/);

test("hashStates() is the beginning of the MD5 sum of the names", () => {
  const lists = [[], [""], ["A"], ["A", "B"], ["Zażółć", "日本", "😀"], EDGE_NAMES]; // a lone surrogate counts as U+FFFD
  // each length around the block of 64 bytes
  for (let length = 50; length <= 130; length++) lists.push(["y".repeat(length)]);
  assertEquals(lists.map(hashStates), MD5_BEGINNINGS);
});

test("hashStates() depends on the order", () => {
  assertMatch(hashStates(["A", "B"]), /^[0-9a-f]{4}$/);
  assertEquals(hashStates(["A", "B"]) === hashStates(["B", "A"]), false);
});
