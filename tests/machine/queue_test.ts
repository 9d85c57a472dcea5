import { assert, assertEquals } from "@std/assert";
import { type EvalItem, isEval, MutationQueue, type QueueItem } from "../../machine/_queue.ts";
import { ADD, MutationRecord, REMOVE } from "../../machine/mutation.ts";
import { test } from "../_harness.ts";

const NAMES = ["A", "B", "C", "D"];

function add(states: string, args?: Record<string, unknown>): MutationRecord {
  return new MutationRecord(NAMES, ADD, states.split("").map((name) => NAMES.indexOf(name)), args);
}

function check(states: string): MutationRecord {
  return new MutationRecord(NAMES, ADD, add(states).called, undefined, undefined, "check");
}

function evalItem(dropped: string[] = []): EvalItem {
  return { run() {}, drop: () => dropped.push("dropped") };
}

function describe(item: QueueItem | undefined): string {
  if (item === undefined) return "none";
  return isEval(item) ? "eval" : item.states.join("");
}

/** Take all that waits. */
function takeAll(queue: MutationQueue): string[] {
  const taken: string[] = [];
  while (queue.length > 0) taken.push(describe(queue.shift()));
  return taken;
}

test("MutationQueue is empty at first, at tick 1", () => {
  const queue = new MutationQueue(3);
  assertEquals([queue.length, queue.tick, queue.limit, queue.isFull], [0, 1, 3, false]);
  assertEquals(describe(queue.shift()), "none");
});

test("MutationQueue.append() gives out ticks from 2 on", () => {
  const queue = new MutationQueue(10);
  const mutations = ["A", "B", "C"].map((name) => add(name));
  for (const mutation of mutations) queue.append(mutation);
  assertEquals(mutations.map(({ queueTick }) => queueTick), [2, 3, 4]);
  assertEquals(queue.tick, 1);
});

test("MutationQueue.append() goes on from the tick that is reached", () => {
  const queue = new MutationQueue(10);
  queue.append(add("A"));
  queue.append(add("B"));
  queue.shift();
  const third = add("C");
  queue.append(third);
  assertEquals([queue.tick, third.queueTick], [2, 4]);
});

test("MutationQueue.append() does not count what was put in front", () => {
  const queue = new MutationQueue(10);
  queue.prepend(check("A"));
  queue.prependEval(evalItem());
  const mutation = add("B");
  queue.append(mutation);
  assertEquals([mutation.queueTick, mutation.queueLength], [2, 3]);
});

test("MutationQueue.append() notes the queue's length and tick of that moment", () => {
  const queue = new MutationQueue(10);
  queue.append(add("A"));
  queue.shift();
  queue.append(add("A"));
  const mutation = add("B");
  queue.append(mutation);
  assertEquals([mutation.queueLength, mutation.queueTickNow, mutation.queueToken], [2, 2, 0]);
});

test("MutationQueue.prepend() gives a token, and no tick", () => {
  const queue = new MutationQueue(10);
  queue.append(add("A"));
  const first = check("B"), second = check("C");
  queue.prepend(first);
  queue.prepend(second);
  assertEquals([first.queueTick, first.queueToken, first.queueLength, first.queueTickNow], [0, 1, 2, 1]);
  assertEquals([second.queueTick, second.queueToken], [0, 2]);
  assertEquals(takeAll(queue), ["C", "B", "A"]);
});

test("MutationQueue.shift() moves the tick by appended mutations only", () => {
  const queue = new MutationQueue(10);
  queue.append(add("A"));
  queue.prepend(check("B"));
  queue.prependEval(evalItem());
  const ticks: number[] = [];
  while (queue.length > 0) {
    queue.shift();
    ticks.push(queue.tick);
  }
  assertEquals(ticks, [1, 1, 2]);
});

test("MutationQueue.shift() gives back ticks of what is gone", () => {
  const queue = new MutationQueue(10);
  for (let i = 0; i < 5; i++) {
    const mutation = add("A");
    queue.append(mutation);
    assertEquals(mutation.queueTick, i + 2);
    queue.shift();
  }
});

test("MutationQueue keeps the order when it grows, wherever its ring begins", () => {
  for (let offset = 0; offset < 5; offset++) {
    const queue = new MutationQueue(100);
    for (let i = 0; i < offset; i++) {
      queue.append(add("A"));
      queue.shift();
    }
    for (const name of "ABCDABCDAB") queue.append(add(name));
    queue.prepend(check("D"));
    assertEquals(takeAll(queue).join(""), "DABCDABCDAB");
  }
});

test("MutationQueue takes items in front while its ring is full", () => {
  const queue = new MutationQueue(100);
  for (const name of "ABCD") queue.prepend(check(name));
  queue.prependEval(evalItem());
  queue.append(add("A"));
  assertEquals(takeAll(queue), ["eval", "D", "C", "B", "A", "A"]);
});

test("MutationQueue.at() counts from the next item", () => {
  const queue = new MutationQueue(100);
  queue.append(add("A"));
  queue.shift();
  for (const name of "BCD") queue.append(add(name));
  queue.prepend(check("A"));
  assertEquals([0, 1, 2, 3].map((place) => describe(queue.at(place))), ["A", "B", "C", "D"]);
});

test("MutationQueue.isFull holds from the limit on, and keeps nothing out by itself", () => {
  const queue = new MutationQueue(2);
  const isFull: boolean[] = [];
  for (const name of "ABC") {
    queue.append(add(name));
    isFull.push(queue.isFull);
  }
  assertEquals(isFull, [false, true, true]);
});

test("MutationQueue.isFull holds at once with a limit of 0", () => {
  assertEquals(new MutationQueue(0).isFull, true);
});

test("MutationQueue.clear() drops all, tells waiting functions, and moves the tick past the mutations", () => {
  const queue = new MutationQueue(10);
  const dropped: string[] = [];
  queue.append(add("A"));
  queue.append(add("B"));
  queue.prepend(check("C"));
  queue.prependEval(evalItem(dropped));
  queue.clear();
  assertEquals([queue.length, queue.tick, dropped], [0, 3, ["dropped"]]);
});

test("MutationQueue works on after clear()", () => {
  const queue = new MutationQueue(10);
  queue.clear();
  for (const name of "ABCDA") queue.append(add(name));
  queue.clear();
  const next = add("B");
  queue.append(next);
  assertEquals([next.queueTick, takeAll(queue)], [7, ["B"]]);
});

test("MutationQueue.hasDuplicate() finds the same states in any order, wherever it waits", () => {
  const queue = new MutationQueue(10);
  queue.append(add("AB"));
  queue.append(add("C"));
  assertEquals(queue.hasDuplicate(ADD, [1, 0]), true);
  assertEquals(queue.hasDuplicate(ADD, [2]), true);
});

test("MutationQueue.hasDuplicate() wants the same type, and neither fewer nor more states", () => {
  const queue = new MutationQueue(10);
  queue.append(add("AB"));
  assertEquals(queue.hasDuplicate(REMOVE, [0, 1]), false);
  assertEquals(queue.hasDuplicate(ADD, [0]), false);
  assertEquals(queue.hasDuplicate(ADD, [1]), false);
  assertEquals(queue.hasDuplicate(ADD, [0, 1, 2]), false);
  assertEquals(queue.hasDuplicate(ADD, [0, 2]), false);
  queue.append(add("BC"));
  assertEquals(queue.hasDuplicate(ADD, [0, 3]), false); // what is alike in their numbers is only their sum
  assertEquals(queue.hasDuplicate(ADD, [0, 1, 2]), false);
});

test("MutationQueue.hasDuplicate() passes over checks, functions, and mutations with arguments", () => {
  const queue = new MutationQueue(10);
  queue.prepend(check("A"));
  queue.prependEval(evalItem());
  queue.append(add("A", { id: 1 }));
  assertEquals(queue.hasDuplicate(ADD, [0]), false);
  queue.append(add("A", {}));
  assertEquals(queue.hasDuplicate(ADD, [0]), true);
});

test("MutationQueue.hasDuplicate() counts auto mutations", () => {
  const queue = new MutationQueue(10);
  queue.prepend(new MutationRecord(NAMES, ADD, [0], undefined, undefined, "auto"));
  assertEquals(queue.hasDuplicate(ADD, [0]), true);
});

test("MutationQueue.hasDuplicate() does not look at what was taken", () => {
  const queue = new MutationQueue(10);
  queue.append(add("A"));
  queue.shift();
  assertEquals(queue.hasDuplicate(ADD, [0]), false);
});

test("isEval() tells functions from mutations", () => {
  assert(isEval(evalItem()));
  assert(!isEval(add("A")));
});
