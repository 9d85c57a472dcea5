/**
 * Help with promises, under the names of `@std/async` and with its signatures and behaviour: what the project uses of it.
 *
 * ```ts
 * import { abortable } from "@std/async";
 * import { assertRejects } from "@std/assert";
 *
 * const never = new Promise<void>(() => {});
 * await assertRejects(() => abortable(never, AbortSignal.abort(new Error("stop"))), Error, "stop");
 * ```
 *
 * @module
 */
export { abortable } from "./abortable.ts";
export { delay, type DelayOptions } from "./delay.ts";
