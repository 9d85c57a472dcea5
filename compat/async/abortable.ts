/**
 * Let a signal end the wait for a promise.
 *
 * @typeParam T What the promise resolves with.
 * @param p The promise. Nothing becomes of a rejection that comes after the abort.
 * @param signal The signal; its listener is taken off as soon as either is settled.
 * @returns Settles like the promise, or rejects with the signal's reason, whichever comes first; the abort does when it came
 * before the call.
 */
export function abortable<T>(p: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    const stop = () => signal.removeEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    p.finally(stop).then(resolve, reject);
  });
}
