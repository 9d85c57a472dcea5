import { type MachineApi, UnknownStateError } from "../machine/mod.ts";

/** Throw an UnknownStateError when an error state is not in a machine's schema: not only once there is an error. */
export function checkErrorState(machine: MachineApi, state: string | undefined): void {
  if (state === undefined || machine.stateNames.includes(state)) return;
  throw new UnknownStateError([state], { action: "add error", machineId: machine.id });
}

/** Add an error where no caller is that could be told of others. */
export function addErrOfNobody(machine: MachineApi, error: unknown, state: string | undefined): void {
  try {
    machine.addErr(error, null, { state });
  } catch {
    // What a handler of the error threw, with `throwErrors`. The machine dealt with it; its caller would be told too.
  }
}

/** Tell whether something can be awaited. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}
