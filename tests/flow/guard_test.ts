import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { guard } from "../../flow/guard.ts";
import { UnknownStateError } from "../../machine/errors.ts";
import { Machine } from "../../machine/machine.ts";
import { test } from "../_harness.ts";
import { outcomeOf, SCHEMA, settle } from "./_support.ts";

test("guard() makes a function that does and returns what the function does", async () => {
  const machine = new Machine(SCHEMA);
  const sum = guard(machine, (a: number, b: number) => a + b);
  const later = guard(machine, (text: string) => Promise.resolve(text));
  assertEquals([sum(1, 2), await later("x"), machine.err], [3, "x", null]);
});

test("guard() passes `this` on", () => {
  const counter = {
    count: 1,
    read: guard(new Machine(SCHEMA), function (this: { count: number }) {
      return this.count;
    }),
  };
  assertEquals(counter.read(), 1);
});

test("guard() adds what a function throws to the machine, and returns undefined", () => {
  const machine = new Machine(SCHEMA);
  const error = new Error("boom");
  const fail = guard(machine, (): number => {
    throw error;
  });
  assertEquals(fail(), undefined);
  assertStrictEquals(machine.err, error);
  assertEquals(machine.activeStates(), ["Exception"]);
});

test("guard() adds what a promise is rejected with to the machine, and resolves with undefined", async () => {
  const machine = new Machine(SCHEMA);
  const fail = guard(machine, () => Promise.reject("boom"), { state: "ErrC" });
  assertEquals(await fail(), undefined);
  assertEquals([machine.err?.message, machine.is(["ErrC", "Exception"])], ["boom", true]);
});

test("guard() looks after anything that can be awaited", async () => {
  const machine = new Machine(SCHEMA);
  const fail = guard(machine, (): PromiseLike<number> => ({
    then: (_, reject) => Promise.resolve(reject!(new Error("boom"))) as never,
  }));
  await fail();
  assertEquals(machine.err?.message, "boom");
});

test("guard() adds the error state of the options", () => {
  const machine = new Machine(SCHEMA);
  guard(machine, () => {
    throw new Error("boom");
  }, { state: "ErrC" })();
  assertEquals(machine.is(["ErrC", "Exception"]), true);
});

test("guard() drops what stands for an abort", async () => {
  const machine = new Machine(SCHEMA);
  guard(machine, (signal: AbortSignal) => signal.throwIfAborted())(AbortSignal.abort());
  await guard(machine, () => Promise.reject(new DOMException("stop", "AbortError")))();
  assertEquals([machine.err, machine.isErr()], [null, false]);
});

test("guard() does nothing with errors of a machine that is disposed", async () => {
  const machine = new Machine(SCHEMA);
  await machine.dispose();
  const fail = guard(machine, () => {
    throw new Error("boom");
  }, { state: "ErrC" });
  assertEquals(fail(), undefined);
});

test("guard() throws for an unknown error state at once", () => {
  const machine = new Machine(SCHEMA);
  assertThrows(() => guard(machine, () => {}, { state: "ErrX" as "ErrC" }), UnknownStateError, '"ErrX"');
});

test("guard() leaves what handlers throw with throwErrors to a caller that is there, and to nobody else", async () => {
  const machine = new Machine(SCHEMA, { throwErrors: true });
  machine.bindHandlers({
    ExceptionState: () => {
      throw new Error("worse");
    },
  });
  assertThrows(
    guard(machine, () => {
      throw new Error("boom");
    }),
    Error,
    "worse",
  );
  const wait = guard(machine, () => Promise.reject(new Error("boom")))();
  assertEquals(await outcomeOf(wait), { value: undefined });
  await settle();
});
