// Holds for the stand-in and for the real package alike: `deno task check:real` runs this file against the latter.
import { abortable } from "@std/async";
import { require } from "./_require.ts";

/** Counts the listeners that are on a signal. */
function countListeners(signal: AbortSignal): () => number {
  let count = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    count++;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    count--;
    removeEventListener.apply(signal, args);
  };
  return () => count;
}

async function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (reason) {
    return reason;
  }
  throw new Error("Expected that the promise is rejected");
}

Deno.test("abortable() resolves like its promise", async () => {
  const { signal } = new AbortController();
  require(await abortable(Promise.resolve("Foo"), signal) === "Foo", "the value comes through");
  const { promise, resolve } = Promise.withResolvers<number>();
  const wait = abortable(promise, signal);
  resolve(1);
  require(await wait === 1, "a later value comes through");
});

Deno.test("abortable() rejects like its promise", async () => {
  const error = new Error("boom");
  require(await reasonOf(abortable(Promise.reject(error), new AbortController().signal)) === error, "it is the reason");
});

Deno.test("abortable() rejects with the signal's reason, be the promise pending or settled later", async () => {
  for (const reason of [new Error("stop"), "text", 0]) {
    const controller = new AbortController();
    const { promise, reject } = Promise.withResolvers<void>();
    const wait = abortable(promise, controller.signal);
    controller.abort(reason);
    require(await reasonOf(wait) === reason, "it is the signal's reason");
    reject(new Error("late")); // and is no unhandled rejection
  }
});

Deno.test("abortable() rejects with an AbortError when there is no reason", async () => {
  const controller = new AbortController();
  const wait = abortable(new Promise<void>(() => {}), controller.signal);
  controller.abort();
  const reason = await reasonOf(wait);
  require(reason instanceof DOMException && reason.name === "AbortError", "it is an AbortError");
});

Deno.test("abortable() rejects when the signal is aborted already, whatever became of the promise", async () => {
  const signal = AbortSignal.abort("stop");
  for (const promise of [Promise.resolve(1), Promise.reject(new Error("boom")), new Promise(() => {})]) {
    require(await reasonOf(abortable(promise, signal)) === "stop", "it is the signal's reason");
  }
});

Deno.test("abortable() leaves no listener on the signal once the promise is settled", async () => {
  for (const promise of [Promise.resolve(1), Promise.reject(new Error("boom"))]) {
    const { signal } = new AbortController();
    const count = countListeners(signal);
    const wait = abortable(promise, signal);
    require(count() === 1, "there is one listener while it waits");
    await wait.catch(() => {});
    require(count() === 0, "there is none afterwards");
  }
});
