import type { Schema } from "./schema.ts";

/**
 * States that most machines have: errors, work, and signs of life.
 *
 * - `Exception`: an error is active.
 * - `ErrNetwork`, `ErrHandlerTimeout`: kinds of errors; each brings Exception, and goes with it.
 * - `Start`: the machine should work. Disposing the machine removes it.
 * - `Ready`: it can work.
 * - `Healthcheck`: somebody asks whether the machine is alive; each call counts, and brings no auto state.
 * - `Heartbeat`: the machine looks after itself; adding it brings no auto state either.
 *
 * @example Usage
 * ```ts
 * import { BASIC_SCHEMA, defineSchema, Machine, mergeSchemas } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const schema = defineSchema(mergeSchemas(BASIC_SCHEMA, { Working: { require: ["Ready"] } }));
 * const machine = new Machine(schema);
 * machine.add(["Start", "Ready", "Working"]);
 * machine.addErr(new Error("no route"), null, { state: "ErrNetwork" });
 * assertEquals(machine.toString(), "(Exception:1 ErrNetwork:1 Start:1 Ready:1 Working:1)");
 * ```
 */
export const BASIC_SCHEMA = {
  Exception: { multi: true },
  ErrNetwork: { multi: true, add: ["Exception"], require: ["Exception"] },
  ErrHandlerTimeout: { multi: true, add: ["Exception"], require: ["Exception"] },
  Start: {},
  Ready: { require: ["Start"] },
  Healthcheck: { multi: true },
  Heartbeat: {},
} as const satisfies Schema;

/**
 * The states of a connection, of which one is active: `Connecting`, `Connected`, `Disconnecting`, `Disconnected`.
 *
 * @example Usage
 * ```ts
 * import { BASIC_SCHEMA, CONNECTED_GROUP, CONNECTED_SCHEMA, Machine, mergeSchemas } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine(mergeSchemas(BASIC_SCHEMA, CONNECTED_SCHEMA), { groups: { connection: CONNECTED_GROUP } });
 * machine.add(["Start", "Connecting"]);
 * assertEquals(machine.switch(CONNECTED_GROUP), "Connecting");
 * ```
 */
export const CONNECTED_GROUP = ["Connecting", "Connected", "Disconnecting", "Disconnected"] as const;

/**
 * The states of a connection, to be merged with {@linkcode BASIC_SCHEMA} or another schema that has `Start`.
 *
 * Of {@linkcode CONNECTED_GROUP} one state is active at a time: `Disconnected` comes by itself when no other of them is, and
 * `Connecting` and `Connected` go when `Start` does. `ErrConnecting` is an error of connecting, and goes with `Exception`.
 *
 * @example Usage
 * ```ts
 * import { BASIC_SCHEMA, CONNECTED_SCHEMA, defineSchema, Machine, mergeSchemas } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine(defineSchema(mergeSchemas(BASIC_SCHEMA, CONNECTED_SCHEMA)));
 * machine.add("Start");
 * assertEquals(machine.is("Disconnected"), true);
 * machine.add("Connecting");
 * machine.add("Connected");
 * assertEquals(machine.is("Connecting"), false);
 * machine.remove("Start");
 * assertEquals(machine.activeStates(), ["Disconnected"]);
 * ```
 */
export const CONNECTED_SCHEMA = {
  ErrConnecting: { require: ["Exception"] },
  Connecting: { require: ["Start"], remove: ["Connected", "Disconnecting", "Disconnected"] },
  Connected: { require: ["Start"], remove: ["Connecting", "Disconnecting", "Disconnected"] },
  Disconnecting: { remove: ["Connecting", "Connected", "Disconnected"] },
  Disconnected: { auto: true, remove: ["Connecting", "Connected", "Disconnecting"] },
} as const satisfies Schema;

/**
 * States of a machine that takes leave step by step, to be merged with {@linkcode BASIC_SCHEMA} or another schema that has
 * `Start` and `Exception`.
 *
 * With `Disposing` in its schema, a machine whose signal is aborted is not disposed at once: it adds that state, whose
 * handlers give back what the machine holds, add `Disposed`, and dispose it. `RegisterDisposal` is called by those who
 * want something done then, with arguments of the program's choice.
 *
 * @example Usage
 * ```ts
 * import { BASIC_SCHEMA, defineSchema, DISPOSED_SCHEMA, Machine, mergeSchemas } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const controller = new AbortController();
 * const schema = defineSchema(mergeSchemas(BASIC_SCHEMA, DISPOSED_SCHEMA));
 * const machine = new Machine(schema, { signal: controller.signal });
 * machine.bindHandlers({
 *   DisposingState: () => void machine.add("Disposed"),
 *   DisposedState: () => void machine.dispose(),
 * });
 * machine.add("Start");
 * controller.abort();
 * await machine.whenDisposed();
 * assertEquals(machine.disposed, true);
 * ```
 */
export const DISPOSED_SCHEMA = {
  RegisterDisposal: { multi: true },
  Disposing: { remove: ["Start", "Exception"] },
  Disposed: { remove: ["Start", "Exception", "Disposing"] },
} as const satisfies Schema;

/**
 * The states of a machine's end, the earlier one first: `Disposing`, `Disposed`.
 *
 * @example Usage
 * ```ts
 * import { BASIC_SCHEMA, DISPOSED_GROUP, DISPOSED_SCHEMA, Machine, mergeSchemas } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine(mergeSchemas(BASIC_SCHEMA, DISPOSED_SCHEMA));
 * assertEquals(machine.not([...DISPOSED_GROUP]), true);
 * machine.add("Disposing");
 * assertEquals(machine.switch(DISPOSED_GROUP), "Disposing");
 * ```
 */
export const DISPOSED_GROUP = ["Disposing", "Disposed"] as const;
