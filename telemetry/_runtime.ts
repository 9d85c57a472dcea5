/** The parts of Deno, Node, Bun and pages that this file looks for. */
interface Runtime {
  Deno?: {
    permissions?: { querySync?(descriptor: { name: "net"; host: string }): { state: string } };
    unrefTimer?(id: number): void;
  };
  process?: { getBuiltinModule?(id: string): { types?: { isProxy?(value: unknown): boolean } } | undefined };
  document?: unknown;
}

const runtime = globalThis as Runtime;

/** Let the program end although a timer of the platform is set. */
export function unrefTimer(timer: unknown): void {
  if (typeof timer === "number") runtime.Deno?.unrefTimer?.(timer);
  else (timer as { unref?(): void } | undefined)?.unref?.(); // of Node and Bun
}

/** Whether code runs in a page, which the user may leave at any time. */
export function isPage(): boolean {
  return runtime.document !== undefined;
}

/** Whether connecting asks nobody for a permission. Only Deno ever asks. */
export function mayConnect(url: URL): boolean {
  const permissions = runtime.Deno?.permissions;
  if (permissions?.querySync === undefined) return true;
  try {
    const port = url.port || (url.protocol === "https:" ? "443" : "80");
    return permissions.querySync({ name: "net", host: `${url.hostname}:${port}` }).state === "granted";
  } catch {
    return false;
  }
}

/**
 * Find how this runtime tells proxies from other objects, without running their traps: Deno, Node and Bun can.
 *
 * @returns `null` where nothing can, as in a page.
 */
export function findProxyTest(): ((value: unknown) => boolean) | null {
  try {
    return runtime.process?.getBuiltinModule?.("node:util")?.types?.isProxy ?? null;
  } catch {
    return null;
  }
}
