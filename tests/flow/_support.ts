import { defineSchema } from "../../machine/schema.ts";

/** A schema with an error state, a state that needs another, and two that exclude each other. */
export const SCHEMA = defineSchema({
  A: {},
  B: { require: ["A"] },
  C: { multi: true },
  Off: { remove: ["On"] },
  On: { remove: ["Off"] },
  ErrC: { require: ["Exception"] },
});

/** A controller whose signal counts the listeners that are on it. */
export class CountingController extends AbortController {
  /** How many listeners were added and neither removed nor called. */
  count = 0;

  constructor() {
    super();
    const { signal } = this;
    const listeners = new Set<unknown>();
    const { addEventListener, removeEventListener } = AbortSignal.prototype;
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners.add(args[1]);
      this.count = listeners.size;
      addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners.delete(args[1]);
      this.count = listeners.size;
      removeEventListener.apply(signal, args);
    };
  }
}

/** Let code that awaits go on. */
export async function settle(): Promise<void> {
  for (let step = 0; step < 20; step++) await null;
}

/** What a promise became: its value, its reason's name or the reason itself, or `"pending"`. */
export async function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  let outcome: unknown = "pending";
  promise.then(
    (value) => outcome = { value },
    (reason) => outcome = { reason: reason instanceof DOMException ? reason.name : reason },
  );
  await settle();
  return outcome;
}
