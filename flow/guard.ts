import type { MachineApi, StateNameOf } from "../machine/mod.ts";
import { addErrOfNobody, checkErrorState, isPromiseLike } from "./_errors.ts";

/**
 * Options of {@linkcode guard}.
 *
 * @typeParam Name The machine's states.
 *
 * @example Usage
 * ```ts
 * import { Machine } from "@asyncmachine/asyncmachine";
 * import { guard, type GuardOptions } from "@asyncmachine/asyncmachine/flow";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ ErrParse: { require: ["Exception"] } });
 * const options: GuardOptions<"ErrParse"> = { state: "ErrParse" };
 * guard(machine, () => JSON.parse("{"), options)();
 * assertEquals(machine.is("ErrParse"), true);
 * ```
 */
export interface GuardOptions<Name extends string = string> {
  /** An error state to add together with `Exception` when the function throws. None by default. */
  readonly state?: Name | undefined;
}

/**
 * What a guarded function returns: what the function does, or undefined when it threw.
 *
 * @typeParam Returned What the function returns.
 *
 * @example Usage
 * ```ts
 * import { Machine } from "@asyncmachine/asyncmachine";
 * import { guard, type Guarded } from "@asyncmachine/asyncmachine/flow";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Foo: {} });
 * const parse = guard(machine, (text: string) => JSON.parse(text) as number);
 * const results: Guarded<number>[] = [parse("1"), parse("{")];
 * assertEquals(results, [1, undefined]);
 * ```
 */
export type Guarded<Returned> = Returned extends PromiseLike<infer Value> ? Promise<Value | undefined>
  : Returned | undefined;

/**
 * Make a function whose errors are those of a machine: what it throws, or what its promise is rejected with, goes to
 * `addErr`. For callbacks of timers, sockets and the like, where nobody is there to catch.
 *
 * @typeParam M The machine, inferred.
 * @typeParam Args Arguments of the function, inferred.
 * @typeParam Returned What the function returns, inferred.
 * @param machine The machine.
 * @param fn The function, synchronous or not. It sees the `this` that the new function is called with.
 * @param options Options.
 * @returns A function with the same arguments. It returns undefined, or resolves with it, when `fn` threw.
 *
 * @throws {UnknownStateError} when `options.state` is not in the machine's schema.
 *
 * @example Usage
 * ```ts
 * import { Machine } from "@asyncmachine/asyncmachine";
 * import { guard } from "@asyncmachine/asyncmachine/flow";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Ready: {}, ErrProtocol: { require: ["Exception"] } });
 * const onMessage = guard(machine, (text: string) => {
 *   if (JSON.parse(text).ready) machine.add("Ready");
 * }, { state: "ErrProtocol" });
 *
 * onMessage('{ "ready": true }');
 * onMessage("{");
 * assertEquals(machine.toString(), "(Ready:1 ErrProtocol:1 Exception:1)");
 * ```
 */
export function guard<M extends MachineApi, Args extends unknown[], Returned>(
  machine: M,
  fn: (...args: Args) => Returned,
  options: GuardOptions<StateNameOf<M>> = {},
): (...args: Args) => Guarded<Returned> {
  const { state } = options;
  checkErrorState(machine, state);
  return function (this: unknown, ...args: Args): Guarded<Returned> {
    let returned: Returned;
    try {
      returned = fn.apply(this, args);
    } catch (error) {
      return void machine.addErr(error, null, { state }) as Guarded<Returned>;
    }
    if (!isPromiseLike(returned)) return returned as Guarded<Returned>;
    const caught = Promise.resolve(returned).catch((error) => addErrOfNobody(machine, error, state));
    return caught as Guarded<Returned>;
  };
}
