/**
 * Look after a promise that a callback returned, though nobody waits for it: its rejection must not end the program.
 *
 * @param returned What the callback returned; anything.
 * @param report Receives the reason when it is a promise that rejects.
 */
export async function catchRejection(returned: unknown, report: (reason: unknown) => void): Promise<void> {
  if (typeof returned !== "object" || returned === null) return;
  try {
    await returned; // not its own then() and catch(), which may be anything
  } catch (reason) {
    report(reason);
  }
}

/** Make a promise that is rejected. That nobody awaits it is no error. */
export function rejectedPromise(reason: unknown): Promise<never> {
  const promise = Promise.reject(reason);
  promise.catch(() => {});
  return promise;
}
