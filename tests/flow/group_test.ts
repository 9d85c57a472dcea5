import { assertEquals, assertInstanceOf, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { groupWhen, groupWhenFirst, whenAny } from "../../flow/group.ts";
import { MachineDisposedError, UnknownStateError } from "../../machine/errors.ts";
import { Machine } from "../../machine/machine.ts";
import { VirtualClock } from "../../machine/testing.ts";
import { test } from "../_harness.ts";
import { CountingController, outcomeOf, SCHEMA, settle } from "./_support.ts";

const NOBODY: Machine<typeof SCHEMA>[] = [];

function makeGroup(clock = new VirtualClock()): Machine<typeof SCHEMA>[] {
  return ["a", "b", "c"].map((id) => new Machine(SCHEMA, { id, clock }));
}

test("groupWhen() resolves once the states were active in each machine", async () => {
  const [a, b, c] = makeGroup() as [Machine<typeof SCHEMA>, Machine<typeof SCHEMA>, Machine<typeof SCHEMA>];
  a.add("A");
  const wait = groupWhen([a, b, c], ["A", "C"]);
  a.add("C");
  a.remove("C");
  b.add(["A", "C"]);
  assertEquals(await outcomeOf(wait), "pending");
  c.add(["A", "C"]);
  assertEquals(await outcomeOf(wait), { value: undefined });
});

test("groupWhen() resolves at once for an empty group", async () => {
  assertEquals(await groupWhen(NOBODY, "A"), undefined);
});

test("groupWhen() rejects when a machine is disposed", async () => {
  const group = makeGroup();
  const wait = groupWhen(group, "A");
  group[1]!.dispose();
  await assertRejects(() => wait, MachineDisposedError, '"b"');
});

test("groupWhenFirst() resolves with the first machine, also when some are disposed", async () => {
  const group = makeGroup();
  const wait = groupWhenFirst(group, "A");
  await group[0]!.dispose();
  assertEquals(await outcomeOf(wait), "pending");
  group[2]!.add("A");
  group[1]!.add("A");
  assertStrictEquals(await wait, group[2]);
  assertStrictEquals(await groupWhenFirst(group, "A"), group[1]);
});

test("groupWhenFirst() rejects when all machines are disposed", async () => {
  const group = makeGroup();
  const wait = groupWhenFirst(group, "A");
  for (const machine of group) machine.dispose();
  const error = await assertRejects(() => wait, AggregateError);
  assertInstanceOf(error.errors[2], MachineDisposedError);
});

test("groupWhenFirst() refuses an empty group, whenAny() no choice", () => {
  assertThrows(() => groupWhenFirst(NOBODY, "A"), RangeError, "the group is empty");
  assertThrows(() => whenAny(new Machine(SCHEMA), []), RangeError, "none to choose from");
});

test("whenAny() resolves with the name or the list that is active first", async () => {
  const machine = new Machine(SCHEMA);
  const list = ["A", "C"] as const;
  const wait = whenAny(machine, [list, "On"]);
  machine.add("A");
  assertEquals(await outcomeOf(wait), "pending");
  machine.add("C");
  machine.add("On");
  assertStrictEquals(await wait, list);
  assertEquals(await whenAny(machine, ["Off", "On", "C"]), "On");
});

test("whenAny() rejects when the machine is disposed", async () => {
  const machine = new Machine(SCHEMA);
  const wait = whenAny(machine, ["A", "C"]);
  machine.dispose();
  await assertRejects(() => wait, MachineDisposedError);
});

const STARTS = [
  ["groupWhen", (group: Machine<typeof SCHEMA>[], state: "A", options: object) => groupWhen(group, state, options)],
  [
    "groupWhenFirst",
    (group: Machine<typeof SCHEMA>[], state: "A", options: object) => groupWhenFirst(group, state, options),
  ],
  [
    "whenAny",
    ([machine]: Machine<typeof SCHEMA>[], state: "A", options: object) => whenAny(machine!, ["C", state], options),
  ],
] as const;

for (const [name, start] of STARTS) {
  test(`${name}() rejects on abort and on time-out, and leaves nothing behind`, async () => {
    const clock = new VirtualClock();
    const group = makeGroup(clock);
    const controller = new CountingController();
    const aborted = start(group, "A", { signal: controller.signal, timeoutMs: 10 });
    const timedOut = start(group, "A", { timeoutMs: 5 });

    await clock.advance(5);
    assertEquals(await outcomeOf(timedOut), { reason: "TimeoutError" });
    assertEquals([controller.count, clock.pending], [1, 1]);
    controller.abort("stop");
    assertEquals(await outcomeOf(aborted), { reason: "stop" });
    assertEquals([controller.count, clock.pending], [0, 0]);
  });

  test(`${name}() times out on the clock it is given`, async () => {
    const clock = new VirtualClock();
    const wait = start(makeGroup(), "A", { timeoutMs: 5, clock });
    await clock.advance(5);
    assertEquals(await outcomeOf(wait), { reason: "TimeoutError" });
  });

  test(`${name}() throws for unknown states, and leaves nothing behind`, async () => {
    const clock = new VirtualClock();
    const controller = new CountingController();
    const options = { signal: controller.signal, timeoutMs: 10 };
    assertThrows(() => start(makeGroup(clock), "X" as "A", options), UnknownStateError);
    assertEquals([controller.count, clock.pending], [0, 0]);
    await settle();
  });
}

test("groupWhen() times out on the platform's clock where there is no machine", async () => {
  await groupWhen(NOBODY, "A", { timeoutMs: 2 ** 40 });
});
