import { Canceled, Machine, MachineDisposedError } from "@asyncmachine/asyncmachine";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { catchRejection } from "../../machine/_rejection.ts";
import { test } from "../_harness.ts";

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await null;
}

test("catchRejection() tells the reason of a rejection, and nothing of other values", async () => {
  const reasons: unknown[] = [];
  for (const value of [undefined, null, 7, "text", {}, Promise.resolve(1), Promise.reject("no")]) {
    catchRejection(value, (reason) => reasons.push(reason));
  }
  await settle();
  assertEquals(reasons, ["no"]);
});

test("Machine counts a tracer's rejected promise like an error that it throws", async () => {
  const machine = new Machine({ A: {} });
  const errors: Error[] = [];
  machine.onInternalError((error) => void errors.push(error));
  let calls = 0;
  machine.bindTracer({
    transitionEnd() {
      calls++;
      return Promise.reject(new Error("tracer")) as unknown as undefined;
    },
  });
  for (let i = 0; i < 12; i++) {
    machine.toggle("A");
    await settle();
  }
  assertEquals(calls, 10);
  assertEquals(errors.map(({ cause }) => (cause as Error).message), ["tracer"]);
});

test("Machine reports promises of callbacks that reject to onInternalError", async () => {
  const machine = new Machine({ A: {} });
  const messages: string[] = [];
  machine.onInternalError((error) => void messages.push(error.message));
  machine.onChange((() => Promise.reject(new Error("change"))) as unknown as () => void);
  machine.onError((() => Promise.reject(new Error("error"))) as unknown as () => void);
  machine.onDispose((() => Promise.reject(new Error("dispose"))) as unknown as () => void);
  machine.add("A");
  machine.addErr(new Error("added"));
  await machine.dispose();
  await settle();
  assertEquals(messages.sort(), ["change", "change", "dispose", "error"]);
});

test("Machine.when() refuses a time-out that is no number, 0 or more, and leaves nothing behind", () => {
  const machine = new Machine({ A: {} });
  const { signal } = new AbortController();
  let listeners = 0;
  signal.addEventListener = () => void listeners++;
  for (const timeoutMs of [-1, NaN]) {
    assertThrows(() => machine.when("A", { signal, timeoutMs }), RangeError, "timeoutMs");
  }
  assertEquals(listeners, 0);
});

test("Machine.whenQueue() rejects when disposal drops the mutation", async () => {
  const machine = new Machine({ A: {}, B: {} });
  let dropped!: Promise<void>;
  machine.bindHandlers({
    AState() {
      dropped = machine.whenQueue(machine.add("B"));
      machine.dispose();
    },
  });
  machine.add("A");
  await assertRejects(() => dropped, MachineDisposedError);
});

test("Machine.add() of Exception passes a full queue a thousand times, and no more", () => {
  const machine = new Machine({ A: {} }, { queueLimit: 10 });
  let queued = 0, canceled = 0;
  machine.bindHandlers({
    AState() {
      for (let i = 0; i < 5_000; i++) machine.add("Exception") === Canceled ? canceled++ : queued++;
    },
  });
  machine.add("A");
  assertEquals([queued, canceled], [1_010, 3_990]);
});
