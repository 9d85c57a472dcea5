/**
 * Helpers for programs around machines: to wait for several things at once, to change a machine and wait for the outcome, and
 * to run functions beside it whose errors are the machine's own.
 *
 * Whatever waits takes `{ signal, timeoutMs }`, runs on the machine's clock, and leaves nothing behind when it is over. A wait
 * that nobody awaits is no unhandled rejection.
 *
 * ```ts
 * import { defineSchema, Machine } from "@asyncmachine/asyncmachine";
 * import { addAndWaitFor, fork, waitForErrAll } from "@asyncmachine/asyncmachine/flow";
 * import { assertEquals } from "@std/assert";
 *
 * const schema = defineSchema({
 *   Connecting: { remove: ["Connected"] },
 *   Connected: { remove: ["Connecting"] },
 *   Named: { require: ["Connected"] },
 *   ErrNetwork: { require: ["Exception"] },
 * });
 * const machine = new Machine(schema);
 * machine.bindHandlers({
 *   ConnectingState: (event) =>
 *     void fork(event, async (signal) => {
 *       await Promise.resolve("a socket");
 *       if (!signal.aborted) machine.add("Connected");
 *     }, { state: "ErrNetwork", timeoutMs: 5_000 }),
 *   ConnectedState: () => void machine.add("Named"),
 * });
 *
 * const both = waitForErrAll(machine, [(signal) => machine.when(["Connected", "Named"], { signal })]);
 * assertEquals(await addAndWaitFor(machine, "Connecting", "Connected", null, { timeoutMs: 10_000 }), true);
 * await both;
 * ```
 *
 * @module
 */
export { type FlowOptions } from "./_limits.ts";
export {
  type Wait,
  waitForAll,
  waitForAny,
  waitForErrAll,
  waitForErrAny,
  type WaitValue,
  type WaitValues,
} from "./wait.ts";
export { groupWhen, groupWhenFirst, whenAny } from "./group.ts";
export { addAndWait, addAndWaitFor, askAdd, askRemove, type MutationWaitOptions, removeAndWait } from "./mutation.ts";
export { interval, type IntervalOptions } from "./interval.ts";
export { fork, type ForkOptions, ForkPool, type ForkPoolOptions, go } from "./fork.ts";
export { guard, type Guarded, type GuardOptions } from "./guard.ts";
