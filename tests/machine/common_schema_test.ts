import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import {
  BASIC_SCHEMA,
  CONNECTED_GROUP,
  CONNECTED_SCHEMA,
  DISPOSED_GROUP,
  DISPOSED_SCHEMA,
} from "../../machine/common_schema.ts";
import { Machine } from "../../machine/machine.ts";
import { Canceled, Executed } from "../../machine/mutation.ts";
import { adjacentStates, defineSchema, mergeSchemas, type Schema, schemaNames } from "../../machine/schema.ts";
import { VirtualClock } from "../../machine/testing.ts";
import { test } from "../_harness.ts";

const ALL_SCHEMA = defineSchema(mergeSchemas(BASIC_SCHEMA, CONNECTED_SCHEMA, DISPOSED_SCHEMA));

test("The reusable schemas merge into one in which every relation leads to a state", () => {
  const names: readonly string[] = schemaNames(ALL_SCHEMA);
  const pointed = Object.values(ALL_SCHEMA as Schema).flatMap((state) => adjacentStates(state));

  assertEquals(pointed.filter((name) => !names.includes(name)), []);
  assertEquals(names.length, 15);
  const machine = new Machine(ALL_SCHEMA);
  assertEquals([machine.stateNames, machine.err], [names, null]);
});

test("The reusable schemas work each by itself, and extended by other states", () => {
  for (const schema of [BASIC_SCHEMA, DISPOSED_SCHEMA]) assertEquals(new Machine<Schema>(schema).err, null);

  const schema = defineSchema(mergeSchemas(BASIC_SCHEMA, { Ready: { auto: true, require: ["Start"] }, Mine: {} }));
  const machine = new Machine(schema);
  machine.add(["Start", "Mine"]);
  assertEquals(machine.is(["Ready", "Mine"]), true);
});

test("The groups name states of their schemas", () => {
  const machine = new Machine(ALL_SCHEMA, { groups: { connection: CONNECTED_GROUP, end: DISPOSED_GROUP } });
  assert(machine.has([...CONNECTED_GROUP, ...DISPOSED_GROUP]));
});

test("CONNECTED_SCHEMA keeps one state of its group active, whichever follows which", () => {
  for (const first of CONNECTED_GROUP) {
    for (const second of CONNECTED_GROUP) {
      const machine = new Machine(ALL_SCHEMA);
      machine.add("Start");
      machine.add(first);
      assertEquals(machine.add(second), Executed);
      assertEquals(machine.activeStates([...CONNECTED_GROUP]), [second]);
    }
  }
});

test("CONNECTED_SCHEMA enters Disconnected by itself when no other state of the group is active", () => {
  const machine = new Machine(ALL_SCHEMA);
  assertEquals(machine.is("Disconnected"), false);
  machine.add("Start");
  assertEquals(machine.is("Disconnected"), true);
  machine.add("Connected");
  machine.remove("Connected");
  assertEquals(machine.tick("Disconnected"), 3);
});

test("CONNECTED_SCHEMA refuses Connecting and Connected without Start, and drops them with it", () => {
  const machine = new Machine(ALL_SCHEMA);
  for (const state of ["Connecting", "Connected"] as const) {
    assertEquals(machine.add(state), Canceled);
    machine.add(["Start", state]);
    machine.remove("Start");
    assertEquals(machine.activeStates(), ["Disconnected"]);
  }
  assertEquals(machine.add("Disconnecting"), Executed);
});

test("BASIC_SCHEMA's errors bring Exception and go with it", () => {
  for (const state of ["ErrNetwork", "ErrHandlerTimeout"] as const) {
    const machine = new Machine(BASIC_SCHEMA);
    assertEquals(machine.add(state), Executed);
    assertEquals(machine.is([state, "Exception"]), true);
    machine.remove("Exception");
    assertEquals(machine.not([state, "Exception"]), true);
  }
});

test("BASIC_SCHEMA's errors count each time", () => {
  const machine = new Machine(BASIC_SCHEMA);
  machine.addErr(new Error("first"), null, { state: "ErrNetwork" });
  machine.addErr(new Error("second"), null, { state: "ErrNetwork" });

  assertEquals(machine.time(["ErrNetwork", "Exception"]), [3, 3]);
  assertEquals(machine.err?.message, "second");
});

test("CONNECTED_SCHEMA's ErrConnecting is there with Exception only", () => {
  const machine = new Machine(ALL_SCHEMA);
  assertEquals(machine.add("ErrConnecting"), Canceled);
  machine.addErr(new Error("refused"), null, { state: "ErrConnecting" });
  assertEquals(machine.is(["ErrConnecting", "Exception"]), true);
  machine.remove("Exception");
  assertEquals(machine.is("ErrConnecting"), false);
});

test("BASIC_SCHEMA's Ready needs Start, and goes with it", () => {
  const machine = new Machine(BASIC_SCHEMA);
  assertEquals(machine.add("Ready"), Canceled);
  machine.add(["Start", "Ready"]);
  machine.remove("Start");
  assertEquals(machine.activeStates(), []);
});

test("BASIC_SCHEMA's Healthcheck and Heartbeat bring no auto state", () => {
  for (const state of ["Healthcheck", "Heartbeat"] as const) {
    const machine = new Machine(ALL_SCHEMA);
    assertEquals(machine.add(state), Executed);
    assertEquals(machine.is("Disconnected"), false);
  }
  const machine = new Machine(ALL_SCHEMA);
  machine.add(["Healthcheck", "Heartbeat"]);
  assertEquals(machine.is("Disconnected"), true); // only called alone they are signs of life
});

test("BASIC_SCHEMA's Healthcheck counts each call, Heartbeat while it is inactive", () => {
  const machine = new Machine(BASIC_SCHEMA);
  for (let i = 0; i < 3; i++) {
    machine.add("Healthcheck");
    machine.add("Heartbeat");
  }
  assertEquals(machine.time(["Healthcheck", "Heartbeat"]), [5, 1]);
});

test("DISPOSED_SCHEMA's states end work and errors, and follow one another", () => {
  const machine = new Machine(ALL_SCHEMA);
  machine.add(["Start", "Connected"]);
  machine.addErr(new Error("boom"));

  machine.add("Disposing");
  assertEquals(machine.toString(), "(Disconnected:1 Disposing:1)");
  machine.add("Disposed");
  assertEquals(machine.is("Disposed"), true);
  assertEquals(machine.not(["Disposing", "Start", "Exception"]), true);
});

test("DISPOSED_SCHEMA lets an aborted machine take leave before it is disposed", async () => {
  const clock = new VirtualClock();
  const controller = new AbortController();
  const machine = new Machine(ALL_SCHEMA, { signal: controller.signal, clock });
  const closed: string[] = [];
  machine.bindHandlers({
    RegisterDisposalState: (event) => void closed.push(`registered ${event.args.name}`),
    async DisposingState() {
      await new Promise<void>((resolve) => clock.setTimeout(resolve, 50));
      closed.push("closed");
      machine.add("Disposed");
    },
    DisposedState: () => void machine.dispose(),
  });
  machine.add("Start");
  machine.add("RegisterDisposal", { name: "file" });
  machine.add("RegisterDisposal", { name: "socket" });

  controller.abort();
  assertEquals(machine.disposed, false);
  await clock.advance(50);
  assertEquals(machine.disposed, true);
  assertEquals(closed, ["registered file", "registered socket", "closed"]);
  assertEquals(clock.pending, 0);
  assertInstanceOf(machine.signal.reason, Error);
});
