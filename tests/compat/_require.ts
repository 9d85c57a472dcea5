/** Fail unless a condition holds. The assertions are what these tests are about, so they cannot be what checks them. */
export function require(condition: boolean, promise: string): void {
  if (!condition) throw new Error(`Expected that ${promise}`);
}

/** What a function throws, or `undefined`. */
export function catchFrom(fn: () => unknown): unknown {
  try {
    fn();
  } catch (error) {
    return error;
  }
  return undefined;
}
