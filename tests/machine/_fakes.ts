import type { MachineClock, TracerHook } from "@asyncmachine/asyncmachine";

/** The hooks of a tracer that a transition calls, in the order in which it does, and the one when nothing waits any more. */
export const TRANSITION_HOOKS = [
  "mutationQueued",
  "transitionInit",
  "transitionStart",
  "handlerStart",
  "handlerEnd",
  "transitionFinals",
  "transitionEnd",
  "queueEnd",
] as const satisfies readonly TracerHook[];

/** The other hooks of a tracer; the type is there so that none is forgotten. */
const OTHER_HOOKS: Readonly<Record<Exclude<TracerHook, typeof TRANSITION_HOOKS[number]>, true>> = {
  machineInit: true,
  verifyStates: true,
  schemaChange: true,
  newSubmachine: true,
  machineDispose: true,
  log: true,
};

/** All hooks of a tracer. */
export const TRACER_HOOKS: readonly TracerHook[] = [
  ...TRANSITION_HOOKS,
  ...Object.keys(OTHER_HOOKS) as (keyof typeof OTHER_HOOKS)[],
];

/** A clock that stands still until it is told to move on. */
export class FakeClock implements MachineClock {
  #now = 0;
  #nextId = 1;
  readonly #timers = new Map<number, { readonly at: number; readonly fn: () => void }>();

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  setTimeout(fn: () => void, ms: number): number {
    this.#timers.set(this.#nextId, { at: this.#now + ms, fn });
    return this.#nextId++;
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as number);
  }

  /** Move on, and call what is due. */
  advance(ms: number): void {
    this.#now += ms;
    for (const [id, { at, fn }] of [...this.#timers]) {
      if (at > this.#now || !this.#timers.delete(id)) continue;
      fn();
    }
  }
}

/** A controller whose signal counts the listeners that are on it, and all that ever were. */
export function countedController(): { controller: AbortController; signal: AbortSignal; now: number; ever: number } {
  const controller = new AbortController();
  const { signal } = controller;
  const counted = { controller, signal, now: 0, ever: 0 };
  const known = new Set<unknown>();
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    known.add(args[1]);
    counted.now = known.size;
    counted.ever++;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    known.delete(args[1]);
    counted.now = known.size;
    removeEventListener.apply(signal, args);
  };
  return counted;
}

/** A signal that notes the very moment at which the wait that it is given to is settled: listeners go then. */
export function signalNoting(log: string[], note: string): AbortSignal {
  const { signal } = new AbortController();
  signal.removeEventListener = () => void log.push(note);
  return signal;
}

/** Tell what became of a promise, once microtasks had their turn. */
export async function settlementOf(promise: Promise<unknown>): Promise<"pending" | "resolved" | "rejected"> {
  let settlement: "pending" | "resolved" | "rejected" = "pending";
  promise.then(() => settlement = "resolved", () => settlement = "rejected");
  await microtasks();
  return settlement;
}

/** Let microtasks have their turn. */
export async function microtasks(): Promise<void> {
  for (let i = 0; i < 20; i++) await null;
}

/** Let the event loop turn: an unhandled rejection would be reported now, and fail the test. */
export function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** An error whose message cannot be read. */
export function unreadableError(): Error {
  return Object.defineProperty(new Error(), "message", {
    get() {
      throw new TypeError("message refused");
    },
  });
}

/** A value that throws whatever it is asked. */
export function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
