// Holds for the stand-in and for the real package alike: `deno task check:real` runs this file against the latter.
import { abortable, delay } from "@std/async";
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

Deno.test("delay() resolves when the time has passed", async () => {
  for (const ms of [0, 20, -5, NaN]) {
    const start = performance.now();
    await delay(ms);
    require(performance.now() - start >= (ms > 0 ? ms - 2 : 0), "it waits that long");
  }
});

Deno.test("delay() rejects with the signal's reason, and leaves no timer", async () => {
  for (const reason of [new Error("stop"), "text"]) {
    const controller = new AbortController();
    const wait = delay(60_000, { signal: controller.signal });
    controller.abort(reason);
    require(await reasonOf(wait) === reason, "it is the signal's reason");
    require(await reasonOf(delay(0, { signal: controller.signal })) === reason, "also when it came before");
  }
});

Deno.test("delay() waits on when no timer takes so long", async () => {
  for (const ms of [2 ** 31, 1e15, Infinity]) {
    const controller = new AbortController();
    const wait = delay(ms, { signal: controller.signal }).then(() => "over");
    const first = await Promise.race([wait.catch(() => "aborted"), delay(20).then(() => "waits")]);
    controller.abort();
    await wait.catch(() => {});
    require(first === "waits", "it is not over at once");
  }
});

Deno.test("delay() leaves no listener on the signal once it is over", async () => {
  const { signal } = new AbortController();
  const count = countListeners(signal);
  const wait = delay(1, { signal });
  require(count() === 1, "there is one listener while it waits");
  await wait;
  require(count() === 0, "there is none afterwards");
});
