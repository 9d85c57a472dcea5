import {
  Machine,
  type Schema,
  type Transition,
  type TransitionItem,
  UnknownStateError,
} from "@asyncmachine/asyncmachine";
import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { TransitionStream } from "../../machine/_transition_stream.ts";
import { test } from "../_harness.ts";
import { countedController, eventLoopTurn, microtasks, settlementOf } from "./_fakes.ts";

type Items = AsyncIterableIterator<TransitionItem<unknown>, undefined>;

/** `add A`, and how many were dropped before; `end` when there is no more. */
async function read(items: Items): Promise<string> {
  const { done, value } = await items.next();
  if (done) return "end";
  const { type, states } = value.transition.mutation;
  return [type, ...states, ...(value.dropped > 0 ? [`(${value.dropped} dropped)`] : [])].join(" ");
}

/** All that is kept now. The iteration has to have ended. */
async function readAll(items: Items): Promise<string[]> {
  const all: string[] = [];
  for (let item = await read(items); item !== "end"; item = await read(items)) all.push(item);
  return all;
}

test("Machine.transitions() gives transitions from the call on, in order, when they are over", async () => {
  const machine = new Machine({ A: {}, B: {} });
  machine.add("A");
  const items = machine.transitions();
  machine.add("B");
  machine.remove("A");

  const { value } = await items.next();
  assertEquals([value!.transition.mutation.type, value!.transition.completed, value!.dropped], ["add", true, 0]);
  assertEquals(await read(items), "remove A");
});

test("Machine.transitions() gives canceled and auto transitions, and those whose handlers threw, but no checks", async () => {
  const machine = new Machine({ A: {}, Auto: { auto: true, require: ["A"] }, Never: { require: ["Off"] }, Off: {} });
  machine.bindHandlers({
    OffState() {
      throw new Error("boom");
    },
  });
  const items = machine.transitions();
  machine.canAdd("A");
  machine.add("A");
  machine.add("Never");
  machine.add("Off");
  await machine.dispose();

  const accepted: string[] = [];
  for await (const { transition } of items) accepted.push(`${transition.accepted} ${transition.mutation.states}`);
  assertEquals(accepted, ["true A", "true Auto", "false Never", "false Off", "true Exception"]);
});

test("Machine.transitions() is an async iterable that ends with the machine", async () => {
  const machine = new Machine({ A: {}, B: {} });
  const seen: string[] = [];
  const reading = (async () => {
    for await (const { transition } of machine.transitions()) seen.push(...transition.enters);
  })();

  machine.add("A");
  await microtasks();
  machine.add("B");
  await machine.dispose();
  await reading;

  assertEquals(seen, ["A", "B"]);
});

test("Machine.transitions() with states gives those that call, enter or leave one of them", async () => {
  const schema: Schema = { A: { add: ["B"], remove: ["C"] }, B: {}, C: {}, D: {}, E: { require: ["D"] } };
  const machine = new Machine(schema);
  machine.add("C");
  const [called, entered, left, some] = [["E"], "B", "C", ["D", "E"]].map((states) => machine.transitions({ states }));
  machine.add("E"); // canceled: D is missing
  machine.add("A"); // enters B, leaves C
  machine.add("A"); // nothing changes
  machine.add("D");
  await machine.dispose();

  assertEquals(await readAll(called!), ["add E"]);
  assertEquals(await readAll(entered!), ["add A"]);
  assertEquals(await readAll(left!), ["add A"]);
  assertEquals(await readAll(some!), ["add E", "add D"]);
});

test("Machine.transitions() with no states at all in the list gives nothing", async () => {
  const machine = new Machine({ A: {} });
  const items = machine.transitions({ states: [] });
  machine.add("A");
  await machine.dispose();
  assertEquals(await readAll(items), []);
});

test("Machine.transitions() has its own copy of the states", async () => {
  const machine = new Machine({ A: {}, B: {} });
  const states: ("A" | "B")[] = ["A"];
  const items = machine.transitions({ states });
  states.push("B");
  machine.add("B");
  machine.add("A");
  await machine.dispose();
  assertEquals(await readAll(items), ["add A"]);
});

test("Machine.transitions() goes on by name when the schema grows and the states change places", async () => {
  const schema: Schema = { Exception: { multi: true }, A: {}, B: {} };
  const machine = new Machine(schema);
  const items = machine.transitions({ states: "B" });
  machine.setSchema({ ...schema, C: {} }, ["C", "B", "A", "Exception"]);
  machine.add("A");
  machine.add("B");
  machine.add("C");
  await machine.dispose();
  assertEquals(await readAll(items), ["add B"]);
});

test("Machine.transitions() wants known states", () => {
  const machine = new Machine({ A: {} });
  const { signal, ...counted } = countedController();
  assertThrows(() => machine.transitions({ states: ["A", "B" as "A"], signal }), UnknownStateError);
  assertEquals(counted.ever, 0);
});

for (const limit of [0, -1, 0.5, NaN]) {
  test(`Machine.transitions() refuses a limit of ${limit}`, () => {
    const counted = countedController();
    assertThrows(() => new Machine({ A: {} }).transitions({ limit, signal: counted.signal }), RangeError);
    assertEquals(counted.ever, 0);
  });
}

test("Machine.transitions() drops the oldest beyond its limit, and the next item tells how many", async () => {
  const machine = new Machine({ A: {}, B: {}, C: {}, D: {} });
  const items = machine.transitions({ limit: 2 });
  for (const state of ["A", "B", "C", "D"] as const) machine.add(state);

  assertEquals(await read(items), "add C (2 dropped)");
  assertEquals(await read(items), "add D");
});

test("Machine.transitions() counts what is dropped anew after each item", async () => {
  const machine = new Machine({ A: {}, B: {} });
  const items = machine.transitions({ limit: 1 });
  machine.add("A");
  machine.add("B");
  assertEquals(await read(items), "add B (1 dropped)");

  machine.remove("A");
  machine.remove("B");
  machine.add("A");
  assertEquals(await read(items), "add A (2 dropped)");
});

test("Machine.transitions() counts no transition as dropped that was not wanted", async () => {
  const machine = new Machine({ A: {}, B: { multi: true } });
  const items = machine.transitions({ states: "A", limit: 1 });
  for (let i = 0; i < 5; i++) machine.add("B");
  machine.add("A");
  assertEquals(await read(items), "add A");
});

test("Machine.transitions() keeps 1,000 by default", async () => {
  const machine = new Machine({ A: { multi: true } });
  const items = machine.transitions();
  for (let i = 0; i < 1_001; i++) machine.add("A");
  assertEquals(await read(items), "add A (1 dropped)");
  await machine.dispose();
  assertEquals((await readAll(items)).length, 999);
});

test("Machine.transitions() hands transitions to waiting readers in the order of their next()", async () => {
  const machine = new Machine({ A: {}, B: {}, C: {} });
  const items = machine.transitions({ limit: 1 });
  const reads = [read(items), read(items)];
  machine.add("A");
  machine.add("B");
  machine.add("C");

  assertEquals(await Promise.all(reads), ["add A", "add B"]);
  assertEquals(await read(items), "add C");
});

test("Machine.transitions() leaves a reader waiting until there is a transition", async () => {
  const machine = new Machine({ A: {} });
  const next = machine.transitions().next();
  assertEquals(await settlementOf(next), "pending");
  machine.add("A");
  assertEquals(await settlementOf(next), "resolved");
});

test("Machine.transitions() gives each iterator all of them, and one that ends leaves the other alone", async () => {
  const machine = new Machine({ A: {}, B: {} });
  const one = machine.transitions(), other = machine.transitions({ limit: 1 });
  machine.add("A");
  assertEquals(await read(one), "add A");
  await one.return!();
  machine.add("B");

  assertEquals(await read(one), "end");
  assertEquals(await read(other), "add B (1 dropped)");
});

test("Machine.transitions() in a handler gives that very transition", async () => {
  const machine = new Machine({ A: {} });
  let items: Items | undefined;
  machine.bindHandlers({ AEnter: () => void (items = machine.transitions()) });
  machine.add("A");
  assertEquals(await read(items!), "add A");
});

test("Machine.transitions() rejects with the signal's reason when it is aborted, drops what is kept, then is at its end", async () => {
  const machine = new Machine({ A: {} });
  const { controller, signal } = countedController();
  const items = machine.transitions({ signal });
  machine.add("A");

  const reason = new Error("enough");
  controller.abort(reason);
  machine.remove("A");

  assertStrictEquals(await assertRejects(() => items.next()), reason);
  assertEquals(await read(items), "end");
});

test("Machine.transitions() rejects the first waiting reader on abort, and the others are at the end", async () => {
  const machine = new Machine({ A: {} });
  const controller = new AbortController();
  const items = machine.transitions({ signal: controller.signal });
  const first = items.next(), second = items.next();

  const reason = new Error("enough");
  controller.abort(reason);

  assertStrictEquals(await assertRejects(() => first), reason);
  assertEquals(await second, { done: true, value: undefined });
  assertEquals(await read(items), "end");
});

test("Machine.transitions() rejects a loop on abort", async () => {
  const machine = new Machine({ A: {}, B: {} });
  const controller = new AbortController();
  const seen: string[] = [];
  const reading = (async () => {
    for await (const { transition } of machine.transitions({ signal: controller.signal })) {
      seen.push(...transition.enters);
    }
  })();
  machine.add("A");
  await microtasks();

  controller.abort(new RangeError("enough"));
  machine.add("B");

  await assertRejects(() => reading, RangeError, "enough");
  assertEquals(seen, ["A"]);
});

test("Machine.transitions() with an aborted signal rejects with its reason, even one that is no error", async () => {
  const machine = new Machine({ A: {} });
  const items = machine.transitions({ signal: AbortSignal.abort(0) });
  machine.add("A");
  assertEquals(await items.next().catch((reason) => ({ reason })) as unknown, { reason: 0 });
  assertEquals(await read(items), "end");
});

test("Machine.transitions() that nobody reads is no unhandled rejection when it is aborted", async () => {
  const machine = new Machine({ A: {} });
  const controller = new AbortController();
  machine.transitions({ signal: controller.signal });
  controller.abort(new Error("enough"));
  await eventLoopTurn();
});

test("Machine.transitions() is not failed by an abort after its end", async () => {
  const machine = new Machine({ A: {} });
  const controller = new AbortController();
  const items = machine.transitions({ signal: controller.signal });
  await items.return!();
  controller.abort(new Error("enough"));
  assertEquals(await read(items), "end");
});

test("Machine.transitions() delivers what is kept when the machine is disposed, then is at its end", async () => {
  const machine = new Machine({ Start: {}, A: {} });
  machine.add("Start");
  const items = machine.transitions();
  machine.add("A");
  await machine.dispose();

  assertEquals(await readAll(items), ["add A", "remove Start"]);
  assertEquals(await read(items), "end");
});

test("Machine.transitions() tells after disposal too how many were dropped", async () => {
  const machine = new Machine({ A: {} });
  const items = machine.transitions({ limit: 1 });
  machine.add("A");
  machine.remove("A");
  await machine.dispose();
  assertEquals(await readAll(items), ["remove A (1 dropped)"]);
});

test("Machine.transitions() delivers the transition in which the machine was disposed", async () => {
  const machine = new Machine({ A: {} });
  machine.bindHandlers({ AState: () => void machine.dispose() });
  const items = machine.transitions();
  machine.add("A");
  await machine.dispose();
  assertEquals(await readAll(items), ["add A"]);
});

test("Machine.transitions() ends all waiting readers when the machine is disposed", async () => {
  const machine = new Machine({ A: {} });
  const items = machine.transitions();
  const reads = [read(items), read(items)];
  machine.disposeForce();
  assertEquals(await Promise.all(reads), ["end", "end"]);
});

test("Machine.transitions() of a disposed machine is empty, whatever the states", async () => {
  const machine = new Machine({ A: {} });
  const counted = countedController();
  const disposal = machine.dispose();
  const early = machine.transitions({ states: "Unknown" as "A", signal: counted.signal });
  await disposal;

  assertEquals(await read(early), "end");
  assertEquals(await read(machine.transitions()), "end");
  assertEquals(counted.now, 0);
});

test("Machine.transitions() ends with return(): what is kept is gone, waiting readers are at the end", async () => {
  const machine = new Machine({ A: {}, B: {} });
  const kept = machine.transitions(), waiting = machine.transitions();
  const next = read(waiting);
  assertEquals(await waiting.return!(), { done: true, value: undefined });
  assertEquals(await next, "end");

  machine.add("A");
  assertEquals(await kept.return!(), { done: true, value: undefined });
  machine.add("B");
  assertEquals([await read(kept), await read(waiting)], ["end", "end"]);
  assertEquals(await kept.return!(), { done: true, value: undefined });
});

test("Machine.transitions() ends with return() also after an abort: nothing is rejected any more", async () => {
  const controller = new AbortController();
  const items = new Machine({ A: {} }).transitions({ signal: controller.signal });
  controller.abort();
  await items.return!();
  assertEquals(await read(items), "end");
});

test("Machine.transitions() ends with the loop that is left", async () => {
  const machine = new Machine({ A: {}, B: {} });
  const counted = countedController();
  const items = machine.transitions({ signal: counted.signal });
  machine.add("A");
  for await (const _item of items) break;
  machine.add("B");
  assertEquals(await read(items), "end");
  assertEquals(counted.now, 0);
});

test("TransitionStream ends with the block of an await using", async () => {
  const machine = new Machine({ A: {} });
  const counted = countedController();
  let left: Items;
  {
    await using items = machine.transitions({ signal: counted.signal }) as unknown as TransitionStream;
    left = items;
    assertEquals(counted.now, 1);
  }
  machine.add("A");
  assertEquals(counted.now, 0);
  assertEquals(await read(left), "end");
});

test("Machine.transitions() leaves no listener on its signal, however it ends", async () => {
  const ends: ((machine: Machine, items: Items, controller: AbortController) => unknown)[] = [
    (_machine, items) => items.return!(),
    (machine) => machine.dispose(),
    (machine) => machine.disposeForce(),
    (_machine, items, controller) => {
      controller.abort();
      return items.next().catch(() => {});
    },
  ];
  for (const end of ends) {
    const counted = countedController();
    const machine = new Machine<Schema>({ A: {} });
    const items = machine.transitions({ signal: counted.signal });
    assertEquals(counted.now, 1);
    await end(machine, items, counted.controller);
    assertEquals([counted.now, counted.ever], [0, 1]);
  }
});

test("Machine.transitions() with an aborted signal listens to nothing", () => {
  const counted = countedController();
  counted.controller.abort();
  const items = new Machine({ A: {} }).transitions({ signal: counted.signal });
  items.next().catch(() => {});
  assertEquals(counted.ever, 0);
});

for (const end of ["return", "close", "abort", "aborted before"] as const) {
  test(`TransitionStream tells once that it takes no more: ${end}`, async () => {
    const controller = new AbortController();
    if (end === "aborted before") controller.abort();
    let closed = 0;
    const stream = new TransitionStream({
      limit: 1,
      states: null,
      signal: controller.signal,
      onClose: () => closed++,
    });
    if (end === "return") await stream.return();
    if (end === "close") stream.close();
    controller.abort();
    await stream.return();
    stream.close();
    assertEquals(closed, 1);
  });
}

test("Transition from transitions() is right after 1,000 more mutations, an import, and another schema", async () => {
  const schema: Schema = { Exception: { multi: true }, A: { remove: ["B"] }, B: {}, M: { multi: true } };
  const machine = new Machine(schema, { id: "m" });
  machine.add(["B", "M"]);
  const items = machine.transitions();
  machine.add(["A", "M"], { id: 7 });
  const { value } = await items.next();
  await items.return!();
  const before = readTransition(value!.transition);
  assertEquals(before.before, [0, 0, 1, 1]);
  assertEquals(before.after, [0, 1, 2, 3]);

  for (let i = 0; i < 1_000; i++) machine.toggle("A");
  assertEquals(machine.tick("A"), 1_001);
  assertEquals(readTransition(value!.transition), before);
  machine.setSchema({ ...schema, C: {} }, ["C", "B", "A", "M", "Exception"]);
  machine.import({ ...machine.export(), time: [7, 7, 7, 7, 8] });

  assertEquals(readTransition(value!.transition), before);
});

/** Everything that a transition says. */
function readTransition(transition: Transition<unknown>): Record<string, unknown> {
  const { id, enters, exits, targetStates, timeBefore, timeAfter, accepted, queueLength, mutation } = transition;
  const { states, args, type, queueTick } = mutation;
  const times = { before: timeBefore, after: timeAfter };
  return { id, enters, exits, targetStates, ...times, accepted, queueLength, states, args, type, queueTick };
}

test("TransitionStream gives the very transition, not a copy", async () => {
  const machine = new Machine({ A: {} });
  let seen: unknown;
  machine.bindTracer({ transitionEnd: (transition) => seen = transition });
  const items = machine.transitions();
  machine.add("A");
  const { value } = await items.next();
  assertStrictEquals(value!.transition as unknown, seen);
});
