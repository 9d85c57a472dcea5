/**
 * A program that appends batches to a file store until it is killed, and says of each that it was taken in: one line
 * `INSTANCE FIRST_SEQ LAST_SEQ`, written when `append()` has returned. It begins when its input is closed.
 *
 * @module
 */

import { FileStore } from "../../telemetry/_file_store.ts";
import { batchOf, machineRecord, txRecord } from "./_store_support.ts";

const [path] = Deno.args;
const encoder = new TextEncoder();
for await (const _ of Deno.stdin.readable);

const store = new FileStore(path!);
for (let round = 0;; round++) {
  const instance = `m${round % 3}`;
  const first = (store.machine(instance)?.lastSeq ?? 0) + 1;
  const last = first + round * 7 % 60;
  const records = Array.from({ length: last - first + 1 }, (_, i) => {
    const seq = first + i;
    if (seq === 1) return machineRecord(instance, 1);
    return txRecord(instance, seq, { ticks: [[seq % 4, seq]], args: { batch: `${first}-${last}` } });
  });
  store.append(batchOf(...records), Date.now());
  Deno.stdout.writeSync(encoder.encode(`${instance} ${first} ${last}\n`));
}
