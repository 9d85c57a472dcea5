/** The parts of Deno, Node and Bun that this file looks for. */
interface Runtime {
  Deno?: {
    permissions?: { querySync?(descriptor: { name: "env"; variable: string }): { state: string } };
    env?: { get(name: string): string | undefined };
  };
  process?: { env?: Record<string, string | undefined> };
}

/**
 * Read an environment variable, where there is an environment and reading it is permitted.
 *
 * Under Deno nobody is asked for a permission: without it the variable counts as not set.
 *
 * @param name Name of the variable.
 * @returns Its value, or `undefined`.
 *
 * @example Usage
 * ```ts
 * import { readEnv } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(readEnv("SURELY_NOT_SET"), undefined);
 * ```
 */
export function readEnv(name: string): string | undefined {
  const { Deno: deno, process } = globalThis as Runtime;
  try {
    if (deno !== undefined) {
      const permission = deno.permissions?.querySync?.({ name: "env", variable: name });
      return permission?.state === "granted" ? deno.env?.get(name) : undefined;
    }
    return process?.env?.[name];
  } catch {
    return undefined; // a sandbox that refuses the question has no environment for us
  }
}
