import { assert, assertEquals, assertNotStrictEquals, assertThrows } from "@std/assert";
import {
  activations,
  activeIndexes,
  addTime,
  diffTime,
  filterTime,
  formatTime,
  incrementTime,
  isActiveAt,
  isActiveTick,
  isAnyActiveAt,
  isInactiveAt,
  isTimeAfter,
  isTimeBefore,
  isTimeEqual,
  nextActive,
  nextActiveIn,
  nextInactive,
  nextInactiveIn,
  nonZeroIndexes,
  sumTime,
  tickAt,
  type Time,
  TimeIndex,
} from "../../machine/clock.ts";
import { test } from "../_harness.ts";

/** Indexes that no time of three states has. */
const OUT_OF_RANGE = [-1, 3, 100, NaN, 0.5, Infinity];

// ticks

test("isActiveTick() is true for odd ticks", () => {
  assertEquals([0, 1, 2, 3].map(isActiveTick), [false, true, false, true]);
});

test("isActiveTick() is right beyond 32 bits, up to the greatest safe integer", () => {
  for (const even of [2 ** 31, 2 ** 32, 2 ** 33 + 2, 2 ** 52, Number.MAX_SAFE_INTEGER - 1]) {
    assertEquals(isActiveTick(even), false);
    assertEquals(isActiveTick(even + 1), true);
  }
});

test("nextActive() is the next odd tick, after an active one too", () => {
  assertEquals([0, 1, 2, 3].map(nextActive), [1, 3, 3, 5]);
});

test("nextInactive() is the next even tick, after an inactive one too", () => {
  assertEquals([0, 1, 2, 3].map(nextInactive), [2, 2, 4, 4]);
});

test("nextActiveIn() is 1 for inactive and 2 for active states", () => {
  assertEquals([0, 1, 2, 3].map(nextActiveIn), [1, 2, 1, 2]);
});

test("nextInactiveIn() is 2 for inactive and 1 for active states", () => {
  assertEquals([0, 1, 2, 3].map(nextInactiveIn), [2, 1, 2, 1]);
});

test("next ticks are right beyond 32 bits", () => {
  assertEquals(nextActive(2 ** 40), 2 ** 40 + 1);
  assertEquals(nextInactive(2 ** 40), 2 ** 40 + 2);
});

test("activations() counts the present activation", () => {
  assertEquals([0, 1, 2, 3, 4, 5].map(activations), [0, 1, 1, 2, 2, 3]);
  assertEquals(activations(2 ** 40 + 1), 2 ** 39 + 1);
});

// times: reading

test("tickAt() is 0 out of range", () => {
  assertEquals(tickAt([5, 6, 7], 1), 6);
  for (const index of OUT_OF_RANGE) assertEquals(tickAt([5, 6, 7], index), 0);
});

test("sumTime() adds up all ticks for null and undefined", () => {
  assertEquals(sumTime([1, 2, 3]), 6);
  assertEquals(sumTime([1, 2, 3], null), 6);
  assertEquals(sumTime([]), 0);
});

test("sumTime() adds up the ticks of a list, repeats counted, those out of range skipped", () => {
  assertEquals(sumTime([1, 2, 3], [0, 2]), 4);
  assertEquals(sumTime([1, 2, 3], [1, 1]), 4);
  assertEquals(sumTime([1, 2, 3], [0, ...OUT_OF_RANGE]), 1);
});

test("sumTime() is 0 for an empty list", () => {
  assertEquals(sumTime([1, 2, 3], []), 0);
});

test("sumTime() is right beyond 32 bits", () => {
  assertEquals(sumTime([2 ** 40, 2 ** 40]), 2 ** 41);
});

test("filterTime() keeps the order of the indexes, with 0 out of range", () => {
  assertEquals(filterTime([1, 2, 3], [2, -1, 0, 3, 2]), [3, 0, 1, 0, 3]);
  assertEquals(filterTime([1, 2, 3], []), []);
});

test("nonZeroIndexes() lists states with a tick, active or not", () => {
  assertEquals(nonZeroIndexes([0, 1, 2, 0]), [1, 2]);
  assertEquals(nonZeroIndexes([]), []);
});

test("activeIndexes() lists active states in ascending order", () => {
  assertEquals(activeIndexes([1, 2, 3, 0]), [0, 2]);
  assertEquals(activeIndexes([1, 2, 3], null), [0, 2]);
});

test("activeIndexes() narrows to a list, whatever its order", () => {
  assertEquals(activeIndexes([1, 2, 3], [2, 1, 0]), [0, 2]);
  assertEquals(activeIndexes([1, 2, 3], [2, ...OUT_OF_RANGE]), [2]);
  assertEquals(activeIndexes([1, 2, 3], []), []);
});

test("formatTime() joins the ticks by a space", () => {
  assertEquals(formatTime([1, 20, 0]), "1 20 0");
  assertEquals(formatTime([]), "");
});

// times: making new ones

test("addTime() adds state by state", () => {
  assertEquals(addTime([1, 2], [3, 4]), [4, 6]);
});

test("addTime() returns a copy of the first time when the lengths differ", () => {
  const time = [1, 2];
  const sum = addTime(time, [1, 2, 3]);
  assertEquals(sum, [1, 2]);
  assertNotStrictEquals(sum, time);
  assertEquals(addTime([1, 2], []), [1, 2]);
});

test("diffTime() subtracts state by state", () => {
  assertEquals(diffTime([3, 4], [1, 4]), [2, 0]);
});

test("diffTime() returns zeros when the lengths differ", () => {
  assertEquals(diffTime([3, 4], [1]), [0, 0]);
  assertEquals(diffTime([3, 4], [1, 1, 1]), [0, 0]);
});

test("incrementTime() returns a new list with one tick more", () => {
  const time: Time = Object.freeze([1, 2, 3]);
  assertEquals(incrementTime(time, 1), [1, 3, 3]);
  assertEquals(time, [1, 2, 3]);
});

test("incrementTime() returns an equal new list out of range", () => {
  const time = [1, 2, 3];
  for (const index of OUT_OF_RANGE) {
    const next = incrementTime(time, index);
    assertEquals(next, time);
    assertNotStrictEquals(next, time);
  }
});

// times: asking

test("isActiveAt() takes one index", () => {
  assertEquals([0, 1, 2].map((index) => isActiveAt([1, 2, 3], index)), [true, false, true]);
});

test("isActiveAt() asks for all of a list", () => {
  assertEquals(isActiveAt([1, 2, 3], [0, 2]), true);
  assertEquals(isActiveAt([1, 2, 3], [0, 1]), false);
});

test("isActiveAt() is false for an empty list", () => {
  assertEquals(isActiveAt([1, 2, 3], []), false);
});

test("isActiveAt() is false out of range, alone and in a list", () => {
  for (const index of OUT_OF_RANGE) {
    assertEquals(isActiveAt([1, 2, 3], index), false);
    assertEquals(isActiveAt([1, 2, 3], [0, index]), false);
  }
});

test("isInactiveAt() takes one index", () => {
  assertEquals([0, 1, 2].map((index) => isInactiveAt([1, 2, 0], index)), [false, true, true]);
});

test("isInactiveAt() asks for all of a list", () => {
  assertEquals(isInactiveAt([1, 2, 0], [1, 2]), true);
  assertEquals(isInactiveAt([1, 2, 0], [0, 1]), false);
});

test("isInactiveAt() is true for an empty list", () => {
  assertEquals(isInactiveAt([1, 2, 3], []), true);
});

test("isInactiveAt() is false out of range alone, and does not count it in a list", () => {
  for (const index of OUT_OF_RANGE) {
    assertEquals(isInactiveAt([1, 2, 3], index), false);
    assertEquals(isInactiveAt([1, 2, 3], [index]), true);
    assertEquals(isInactiveAt([1, 2, 3], [index, 1]), true);
    assertEquals(isInactiveAt([1, 2, 3], [index, 0]), false);
  }
});

test("isAnyActiveAt() asks for one of several indexes", () => {
  assertEquals(isAnyActiveAt([1, 2, 3], 1, 2), true);
  assertEquals(isAnyActiveAt([1, 2, 3], 1, ...OUT_OF_RANGE), false);
});

test("isAnyActiveAt() asks for all of one of several lists", () => {
  assertEquals(isAnyActiveAt([1, 2, 3], [0, 1], [0, 2]), true);
  assertEquals(isAnyActiveAt([1, 2, 3], [0, 1], [], [-1]), false);
  assertEquals(isAnyActiveAt([1, 2, 3], [0, 1], 2), true);
});

test("isAnyActiveAt() is false without states", () => {
  assertEquals(isAnyActiveAt([1, 2, 3]), false);
});

// times: comparing

test("isTimeAfter() asks for every tick to be greater", () => {
  assertEquals(isTimeAfter([2, 3], [1, 2]), true);
  assertEquals(isTimeAfter([2, 2], [1, 2]), false);
  assertEquals(isTimeAfter([2, 1], [1, 2]), false);
});

test("isTimeAfter() with orEqual lets equal ticks pass", () => {
  assertEquals(isTimeAfter([2, 2], [1, 2], { orEqual: true }), true);
  assertEquals(isTimeAfter([2, 1], [1, 2], { orEqual: true }), false);
  assertEquals(isTimeAfter([2, 2], [1, 2], { orEqual: undefined }), false);
});

test("isTimeAfter() compares the states that both have", () => {
  assertEquals(isTimeAfter([2], [1, 9]), true);
  assertEquals(isTimeAfter([2, 0], [1]), true);
  assertEquals(isTimeAfter([], [1]), true);
  assertEquals(isTimeAfter([1], []), true);
});

test("isTimeBefore() asks for every tick to be smaller", () => {
  assertEquals(isTimeBefore([1, 2], [2, 3]), true);
  assertEquals(isTimeBefore([1, 2], [2, 2]), false);
  assertEquals(isTimeBefore([1, 3], [2, 2]), false);
});

test("isTimeBefore() with orEqual lets equal ticks pass", () => {
  assertEquals(isTimeBefore([1, 2], [2, 2], { orEqual: true }), true);
  assertEquals(isTimeBefore([1, 3], [2, 2], { orEqual: true }), false);
});

test("isTimeBefore() compares the states that both have", () => {
  assertEquals(isTimeBefore([1, 9], [2]), true);
  assertEquals(isTimeBefore([1], [2, 0]), true);
});

test("isTimeEqual() compares the states that both have", () => {
  assertEquals(isTimeEqual([1, 2], [1, 2]), true);
  assertEquals(isTimeEqual([1, 2], [1, 3]), false);
  assertEquals(isTimeEqual([1, 2], [1]), true);
  assertEquals(isTimeEqual([1], [1, 2]), true);
  assertEquals(isTimeEqual([], [1]), true);
});

test("isTimeEqual() with strict compares the lengths too", () => {
  assertEquals(isTimeEqual([1, 2], [1], { strict: true }), false);
  assertEquals(isTimeEqual([1], [1, 2], { strict: true }), false);
  assertEquals(isTimeEqual([1, 2], [1, 2], { strict: true }), true);
  assertEquals(isTimeEqual([1, 2], [1, 3], { strict: true }), false);
});

// TimeIndex

/** A was active once and is not, B is active, C never was. */
const ABC = new TimeIndex([2, 3, 0], ["A", "B", "C"]);
/** A name that it does not have, as it comes in JSON. */
const UNKNOWN = "X" as "A";

test("TimeIndex.tick() reads a tick by name, 0 for an unknown one", () => {
  assertEquals(ABC.tick("B"), 3);
  assertEquals(ABC.tick(UNKNOWN), 0);
});

test("TimeIndex.sum() adds up all, some or no ticks", () => {
  assertEquals(ABC.sum(), 5);
  assertEquals(ABC.sum(null), 5);
  assertEquals(ABC.sum(["A", UNKNOWN]), 2);
  assertEquals(ABC.sum([]), 0);
});

test("TimeIndex.filter() keeps the order given, with 0 for an unknown name", () => {
  const filtered = ABC.filter(["B", UNKNOWN, "A"]);
  assertEquals(filtered.names, ["B", UNKNOWN, "A"]);
  assertEquals(filtered.time, [3, 0, 2]);
});

test("TimeIndex.nonZeroStates() lists states with a tick", () => {
  assertEquals(ABC.nonZeroStates(), ["A", "B"]);
});

test("TimeIndex.activeStates() lists active states in the order of the names, or some of them", () => {
  const time = new TimeIndex([1, 2, 3], ["B", "C", "A"]);
  assertEquals(time.activeStates(), ["B", "A"]);
  assertEquals(time.activeStates(null), ["B", "A"]);
  assertEquals(time.activeStates(["A", "B", "C"]), ["B", "A"]);
  assertEquals(time.activeStates(["A"]), ["A"]);
  assertEquals(time.activeStates([]), []);
});

test("TimeIndex.is() asks for one name or all of a list", () => {
  assertEquals(ABC.is("B"), true);
  assertEquals(ABC.is(["B", "A"]), false);
  assertEquals(ABC.is([]), false);
  assertEquals(ABC.is(["B", UNKNOWN]), false);
  assertEquals(ABC.is(UNKNOWN), false);
});

test("TimeIndex.not() asks for one name or all of a list, and does not count unknown ones", () => {
  assertEquals(ABC.not("A"), true);
  assertEquals(ABC.not(["A", "C"]), true);
  assertEquals(ABC.not(["A", "B"]), false);
  assertEquals(ABC.not([]), true);
  assertEquals(ABC.not(UNKNOWN), true);
});

test("TimeIndex.any() asks for one of several names or lists", () => {
  assertEquals(ABC.any("A", "B"), true);
  assertEquals(ABC.any(["A", "B"], "C"), false);
  assertEquals(ABC.any(), false);
});

test("TimeIndex.toClock() has the ticks by name, whatever the names", () => {
  assertEquals(ABC.toClock(), { A: 2, B: 3, C: 0 });
  const clock = new TimeIndex([1, 2], ["__proto__", "constructor"]).toClock();
  assertEquals(Object.entries(clock), [["__proto__", 1], ["constructor", 2]]);
});

test("TimeIndex.toString() joins the active states by a space", () => {
  assertEquals(`${new TimeIndex([1, 2, 3], ["A", "B", "C"])}`, "A C");
  assertEquals(`${new TimeIndex([], [])}`, "");
});

test("TimeIndex takes fewer ticks than names, and counts 0 for the rest", () => {
  const time = new TimeIndex([1], ["A", "B"]);
  assertEquals(time.tick("B"), 0);
  assertEquals(time.is("B"), false);
  assertEquals(time.not("B"), true);
  assertEquals(time.toClock(), { A: 1, B: 0 });
});

test("TimeIndex throws for more ticks than names", () => {
  const error = assertThrows(() => new TimeIndex([1, 2], ["A"]), RangeError);
  assertEquals(error.message, "Cannot name 2 ticks: the list of names has 1");
});

test("TimeIndex takes the first of repeated names", () => {
  assert(new TimeIndex([1, 2], ["A", "A"]).is("A"));
});
