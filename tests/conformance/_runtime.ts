// The only file of this folder that knows a runtime: everything else here is web APIs and the machine.

/** Register a test. */
export function test(name: string, run: () => void | Promise<void>): void {
  Deno.test(name, run);
}

/** Read a whole file. */
export async function readFile(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  return await Deno.readFile(url);
}
