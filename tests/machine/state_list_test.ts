import { createHash } from "node:crypto";
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

/** Names that objects have already, that are long, or that are no text. */
const EDGE_NAMES = ["__proto__", "constructor", "toString", "", "\ud800", "x".repeat(10_000), "1"];

Deno.test("concatStates() keeps the first occurrence of each name", () => {
  assertEquals(concatStates(["B", "A"], [], ["C", "B"], ["A"]), ["B", "A", "C"]);
});

Deno.test("concatStates() drops repeats within one list", () => {
  assertEquals(concatStates(["A", "B", "A"]), ["A", "B"]);
});

Deno.test("concatStates() returns an empty list without lists", () => {
  assertEquals(concatStates(), []);
});

Deno.test("concatStates() returns a new list", () => {
  const states = ["A"];
  concatStates(states).push("B");
  assertEquals(states, ["A"]);
});

Deno.test("concatStates() takes any name", () => {
  assertEquals(concatStates(EDGE_NAMES, EDGE_NAMES), EDGE_NAMES);
});

Deno.test("subtractStates() keeps order and repeats of what is left", () => {
  assertEquals(subtractStates(["C", "A", "B", "C"], ["A", "X"]), ["C", "B", "C"]);
});

Deno.test("subtractStates() leaves out every occurrence, from each list", () => {
  assertEquals(subtractStates(["A", "B", "A", "C"], ["A"], ["C"]), ["B"]);
});

Deno.test("subtractStates() returns a copy without lists", () => {
  const states = ["A", "A"];
  const left = subtractStates(states);
  assertEquals(left, ["A", "A"]);
  left.push("B");
  assertEquals(states, ["A", "A"]);
});

Deno.test("subtractStates() takes any name", () => {
  assertEquals(subtractStates(EDGE_NAMES, []), EDGE_NAMES);
  assertEquals(subtractStates(EDGE_NAMES, EDGE_NAMES), []);
});

Deno.test("sharedStates() keeps the order of its first list", () => {
  assertEquals(sharedStates(["C", "A", "B"], ["A", "C", "X"]), ["C", "A"]);
});

Deno.test("sharedStates() finds nothing in an empty list", () => {
  assertEquals(sharedStates(["A"], []), []);
  assertEquals(sharedStates([], ["A"]), []);
});

Deno.test("sharedStates() takes any name", () => {
  assertEquals(sharedStates(EDGE_NAMES, EDGE_NAMES), EDGE_NAMES);
  assertEquals(sharedStates(EDGE_NAMES, ["A"]), []);
});

Deno.test("equalStates() ignores order and repeats", () => {
  assertEquals(equalStates(["A", "B"], ["B", "A", "B"]), true);
  assertEquals(equalStates([], []), true);
});

Deno.test("equalStates() is false when either list has a name more", () => {
  assertEquals(equalStates(["A", "B"], ["A"]), false);
  assertEquals(equalStates(["A"], ["A", "B"]), false);
  assertEquals(equalStates(["A", "A"], ["A", "B"]), false);
});

Deno.test("equalStates() is false when the lists differ in one name", () => {
  assertEquals(equalStates(["A", "B"], ["A", "C"]), false);
});

Deno.test("equalStateOrder() asks for the same names at the same places", () => {
  assertEquals(equalStateOrder(["A", "B"], ["A", "B"]), true);
  assertEquals(equalStateOrder(["A", "B"], ["B", "A"]), false);
});

Deno.test("equalStateOrder() asks for the same length", () => {
  assertEquals(equalStateOrder(["A"], ["A", "A"]), false);
  assertEquals(equalStateOrder(["A", "A"], ["A"]), false);
});

Deno.test("prefixStates() keeps order and repeats", () => {
  const names: ("WorkerB" | "WorkerA")[] = prefixStates(["B", "A", "B"], "Worker");
  assertEquals(names, ["WorkerB", "WorkerA", "WorkerB"]);
});

Deno.test("filterPrefix() sorts by prefix first, without repeats", () => {
  assertEquals(filterPrefix(["AB", "B", "A", "C"], "B", "A", "AB"), ["B", "AB", "A"]);
});

Deno.test("filterPrefix() finds nothing without prefixes, and all with an empty one", () => {
  assertEquals(filterPrefix(["A", "B"]), []);
  assertEquals(filterPrefix(["A", "B"], ""), ["A", "B"]);
});

Deno.test("hashStates() is the beginning of the MD5 sum of the names", () => {
  const lists = [[], [""], ["A"], ["A", "B"], ["Zażółć", "日本", "😀"], EDGE_NAMES];
  // each length around the block of 64 bytes
  for (let length = 50; length <= 130; length++) lists.push(["y".repeat(length)]);
  for (const states of lists) {
    // node:crypto and TextEncoder both write a lone surrogate as U+FFFD
    const expected = createHash("md5").update(states.join(","), "utf8").digest("hex").slice(0, 4);
    assertEquals(hashStates(states), expected);
  }
});

Deno.test("hashStates() depends on the order", () => {
  assertMatch(hashStates(["A", "B"]), /^[0-9a-f]{4}$/);
  assertEquals(hashStates(["A", "B"]) === hashStates(["B", "A"]), false);
});
