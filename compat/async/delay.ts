/** Options of {@linkcode delay}. */
export interface DelayOptions {
  /** Ends the wait. */
  signal?: AbortSignal;
  /** Whether the process goes on for as long as the wait lasts; `true` by default. `false` needs Deno. */
  persistent?: boolean;
}

/** The longest time that a timer takes. */
const MAX_MS = 2 ** 31 - 1;

/** The part of Deno that lets a process end in spite of a timer. */
interface Runtime {
  Deno?: { unrefTimer(id: number): void };
}

/**
 * Wait.
 *
 * @param ms How many milliseconds; any number, also one that no timer takes.
 * @param options What ends the wait.
 * @returns Resolves then, or rejects with the signal's reason when that comes first; its listener is taken off either way.
 */
export function delay(ms: number, options: DelayOptions = {}): Promise<void> {
  const { signal, persistent = true } = options;
  if (signal?.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    let timer: number | undefined;
    let left = Math.trunc(Math.max(ms, 0) || 0);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const wait = () => {
      const part = Math.min(left, MAX_MS);
      left -= part;
      timer = Number(setTimeout(left > 0 ? wait : done, part));
      if (!persistent) (globalThis as Runtime).Deno?.unrefTimer(timer);
    };
    const done = () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    wait();
  });
}
