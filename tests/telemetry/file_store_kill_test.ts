/**
 * What a kill leaves of a file store: everything that was acknowledged, and no part of a batch.
 *
 * The store is the same for all kills, so that each begins with what the one before has left.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { FileStore } from "../../telemetry/_file_store.ts";
import { withFileAsync } from "./_stores.ts";

const KILLS = 100;

/** A kill comes this long after the first acknowledgement, at most. */
const MAX_DELAY_MS = 40;

Deno.test(`FileStore loses nothing that it acknowledged in ${KILLS} kills at random points`, () =>
  withFileAsync(async (path) => {
    const acknowledged = new Map<string, number>();
    let [through, batches] = [0, 0];
    let next = spawn(path);
    for (let kill = 0; kill < KILLS; kill++) {
      const child = next;
      next = spawn(path); // starts up meanwhile, and waits for its turn
      for (const [instance, first, last] of await killAfter(child, Math.random() * MAX_DELAY_MS)) {
        assertEquals(first, (acknowledged.get(instance) ?? 0) + 1);
        acknowledged.set(instance, last);
        batches++;
      }
      through = checkFile(path, through, acknowledged);
    }
    next.kill("SIGKILL");
    await next.output();
    assert(batches > KILLS, `Only ${batches} batches were acknowledged in ${KILLS} kills`);
  }));

/** Checks what came since event `through`, and sets the numbers to what is there; returns the number of the last event. */
function checkFile(path: string, through: number, acknowledged: Map<string, number>): number {
  const store = new FileStore(path);
  const found = new Map<string, number>();
  const open = new Map<string, string>();
  for (let n = through; n < store.lastEvent;) {
    const page = store.eventsAfter(n, { limit: 10_000 });
    assertEquals(page.gap, undefined);
    for (const { record } of page.events) {
      const { instance, seq } = record;
      assertEquals(seq, (found.get(instance) ?? seq - 1) + 1); // no hole, no repeat
      found.set(instance, seq);
      const last = record.kind === "tx" ? `${record.args!.batch}`.split("-")[1]! : `${seq}`;
      open.set(instance, last);
    }
    n = page.through;
  }
  for (const [instance, last] of open) assertEquals(`${found.get(instance)}`, last, "A part of a batch was stored");
  for (const [instance, seq] of acknowledged) {
    assert((store.machine(instance)?.lastSeq ?? 0) >= seq, `${instance} ${seq} was acknowledged and is missing`);
  }
  for (const [instance, seq] of found) {
    assertEquals(store.machine(instance)!.lastSeq, seq);
    acknowledged.set(instance, seq);
  }
  const { lastEvent } = store;
  store.close();
  return lastEvent;
}

function spawn(path: string): Deno.ChildProcess {
  const program = new URL("_append_until_killed.ts", import.meta.url).pathname;
  const args = ["run", "--no-check", "--allow-read", "--allow-write", program, path];
  return new Deno.Command(Deno.execPath(), { args, stdin: "piped", stdout: "piped" }).spawn();
}

/** Lets a child run, kills it, and returns what it acknowledged. */
async function killAfter(child: Deno.ChildProcess, delayMs: number): Promise<[string, number, number][]> {
  await child.stdin.close();
  const decoder = new TextDecoder();
  let text = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  for await (const chunk of child.stdout) {
    text += decoder.decode(chunk, { stream: true });
    timer ??= setTimeout(() => child.kill("SIGKILL"), delayMs);
  }
  assertEquals((await child.status).signal, "SIGKILL");
  clearTimeout(timer);
  return text.split("\n").slice(0, -1).map((line) => {
    const [instance, first, last] = line.split(" ");
    return [instance!, Number(first), Number(last)];
  });
}
