/**
 * A relational state machine: many states are active at once, relations between them say which may go together, every
 * change can be refused, and each state counts its changes.
 *
 * - {@linkcode defineSchema} and {@linkcode Machine} make a machine;
 *   {@linkcode Machine.prototype.bindHandlers Machine.bindHandlers} gives it something to do.
 * - {@linkcode Machine.prototype.add Machine.add}, `remove`, `set` and `toggle` change it,
 *   {@linkcode Machine.prototype.when Machine.when} and its like wait for it.
 * - {@linkcode pipe} ties machines together, a {@linkcode Tracer} sees all that they do.
 *
 * ```ts
 * import { Canceled, defineSchema, Executed, Machine } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine(defineSchema({
 *   Online: {},
 *   Downloading: { require: ["Online"], remove: ["Downloaded"] },
 *   Downloaded: { remove: ["Downloading"] },
 * }));
 * machine.bindHandlers({
 *   async DownloadingState(event) {
 *     await new Promise((resolve) => setTimeout(resolve, 1)); // fetch() would get event.signal
 *     if (!event.signal.aborted) machine.add("Downloaded");
 *   },
 * });
 *
 * assertEquals(machine.add("Downloading"), Canceled); // it requires Online
 * assertEquals(machine.add(["Online", "Downloading"]), Executed);
 * await machine.when("Downloaded", { timeoutMs: 1000 });
 * assertEquals(machine.toString(), "(Online:1 Downloaded:1)");
 * ```
 *
 * @module
 */
export * from "./machine/mod.ts";
