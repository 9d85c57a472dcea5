import { Canceled, Executed, isQueued, resultName } from "@asyncmachine/asyncmachine";
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  ADD,
  isEmptyArgs,
  MutationRecord,
  mutationTypeName,
  NO_ARGS,
  QUEUED_CHECK,
  REMOVE,
  SET,
} from "../../machine/mutation.ts";
import { test } from "../_harness.ts";

test("isQueued() takes every number above Canceled for a queue tick", () => {
  assertEquals([Executed, Canceled, QUEUED_CHECK, 3, 2 ** 40].map(isQueued), [false, false, true, true, true]);
});

test("resultName() names the three kinds of results", () => {
  assertEquals([0, 1, 2, 3].map(resultName), ["executed", "canceled", "queued", "queued"]);
});

test("mutationTypeName() names the three types", () => {
  assertEquals(([ADD, REMOVE, SET] as const).map((code) => mutationTypeName(code)), ["add", "remove", "set"]);
});

test("MutationRecord tells its type and states by name", () => {
  const mutation = new MutationRecord(["A", "B", "C"], SET, [2, 0]);
  assertEquals([mutation.type, mutation.states], ["set", ["C", "A"]]);
});

test("MutationRecord is a plain one without arguments or source, in no queue, by default", () => {
  const mutation = new MutationRecord(["A"], ADD, [0]);
  assertEquals([mutation.isAuto, mutation.isCheck, mutation.source], [false, false, null]);
  assertEquals([mutation.queueTick, mutation.queueToken, mutation.queueTickNow, mutation.queueLength], [0, 0, 0, 0]);
  assertStrictEquals(mutation.args, NO_ARGS);
});

test("MutationRecord tells an auto mutation from a check", () => {
  const kinds = (["plain", "auto", "check"] as const).map((kind) =>
    new MutationRecord(["A"], ADD, [0], {}, null, kind)
  );
  assertEquals(kinds.map(({ isAuto }) => isAuto), [false, true, false]);
  assertEquals(kinds.map(({ isCheck }) => isCheck), [false, false, true]);
});

test("NO_ARGS cannot be written to", () => {
  assert(Object.isFrozen(NO_ARGS));
  assertThrows(() => Object.assign(NO_ARGS, { id: 1 }), TypeError);
});

test("isEmptyArgs() counts own keys only", () => {
  assertEquals(isEmptyArgs({}), true);
  assertEquals(isEmptyArgs(Object.create({ inherited: 1 })), true);
  assertEquals(isEmptyArgs({ id: undefined }), false);
  assertEquals(isEmptyArgs(JSON.parse('{ "__proto__": 1 }')), false);
});

test("isEmptyArgs() takes what does not let itself be looked at for something", () => {
  const proxy = new Proxy({}, {
    ownKeys() {
      throw new Error("trap");
    },
  });
  assertEquals(isEmptyArgs(proxy), false);
});
