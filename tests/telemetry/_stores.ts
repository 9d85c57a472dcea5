/**
 * The stores, for what is promised of all of them.
 *
 * @module
 */

import { FileStore } from "../../telemetry/_file_store.ts";
import { MemoryStore } from "../../telemetry/_memory_store.ts";
import type { Store } from "../../telemetry/_store.ts";

/** Register a test for each store. */
export function testStores(name: string, run: (store: Store) => void): void {
  Deno.test(`MemoryStore: ${name}`, () => {
    const store = new MemoryStore();
    run(store);
    store.close();
  });
  Deno.test(`FileStore: ${name}`, () =>
    withFile((path) => {
      const store = new FileStore(path);
      try {
        run(store);
      } finally {
        store.close();
      }
    }));
}

/** Run something with the path of a file that is not there yet, in a folder of its own that goes afterwards. */
export function withFile(run: (path: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    run(`${folder}/events.db`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Like {@linkcode withFile}, for what takes a while. */
export async function withFileAsync(run: (path: string) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    await run(`${folder}/events.db`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
