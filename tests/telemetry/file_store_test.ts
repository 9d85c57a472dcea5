/**
 * Tests of `telemetry/_file_store.ts` and `_sqlite_file.ts`: restarts, limits, and files that cannot be used. What all
 * stores promise is in `store_test.ts`.
 *
 * @module
 */

import { assert, assertEquals, assertInstanceOf, assertLessOrEqual, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { FileStore } from "../../telemetry/_file_store.ts";
import { type Incoming, StoreError, type StoreErrorCode } from "../../telemetry/_store.ts";
import { createServer } from "../../telemetry/server.ts";
import { batchOf, disposeRecord, logRecord, machineRecord, nameOf, NOW, txRecord } from "./_store_support.ts";
import { withFile, withFileAsync } from "./_stores.ts";

const HOUR = 3_600_000;

Deno.test("FileStore restores machines, numbers, epoch and counts when it is opened again", () =>
  withFile((path) => {
    const store = new FileStore(path);
    store.append(batchOf(machineRecord("a", 1, { tags: ["x"] }), txRecord("a", 2, { ticks: [[0, 1]], sum: 1 })), NOW);
    store.append(batchOf(txRecord("a", 5), txRecord("a", 5), txRecord("b", 1)), NOW + 1);
    const before = { a: store.machine("a"), b: store.machine("b"), stats: store.stats(), events: read(store) };
    const { epoch, lastEvent } = store;
    store.close();

    const again = new FileStore(path);
    const after = { a: again.machine("a"), b: again.machine("b"), stats: again.stats(), events: read(again) };
    const more = again.append(batchOf(txRecord("a", 5), txRecord("a", 4), txRecord("a", 6)), NOW + 2);
    again.close();

    assertEquals([again.epoch, lastEvent], [epoch, 5]);
    assertEquals(after, before);
    assertEquals(more.events.map(({ n, record }) => [n, record.seq]), [[6, 4], [7, 6]]);
    assertEquals([more.duplicates, more.unknown], [1, []]);
  }));

Deno.test("A server's file is written through to the disk with each batch when it has to survive a loss of power, and not else", () =>
  withFileAsync(async (path) => {
    const real = DatabaseSync.prototype.exec;
    const modes: string[] = [];
    DatabaseSync.prototype.exec = function (sql) {
      if (/synchronous/.test(sql)) modes.push(sql.replace(/.*= /, ""));
      real.call(this, sql);
    };
    try {
      for (const survivePowerLoss of [undefined, false, true]) {
        await createServer({ file: path, survivePowerLoss }).close();
      }
    } finally {
      DatabaseSync.prototype.exec = real;
    }

    assertEquals(modes, ["NORMAL", "NORMAL", "FULL"]);
  }));

Deno.test("FileStore works out states across restarts, and changes of the schema", () =>
  withFile((path) => {
    let sum = 0;
    for (let round = 0; round < 12; round++) {
      const store = new FileStore(path);
      const stateNames = round < 6 ? ["A", "B"] : ["B", "A", "C"];
      const seq = 1 + round * 101;
      const machine = store.machine("a");
      const ticks = stateNames.map((name) => machine?.ticks[machine.record.stateNames.indexOf(name)] ?? 0);
      store.append(batchOf(machineRecord("a", seq, { stateNames, ticks })), NOW);
      const txs = Array.from(
        { length: 100 },
        (_, i) => txRecord("a", seq + 1 + i, { ticks: [[i % 2, ++ticks[i % 2]!]], sum: ++sum }),
      );
      store.append(batchOf(...txs), NOW);
      store.close();
    }

    const store = new FileStore(path);
    for (let seq = 2; seq <= 1_212; seq += 7) {
      if (seq % 101 === 1) continue; // a machine record
      const state = store.stateAt("a", `a-tx${seq}`)!;
      assertEquals([state.exact, state.stateNames.length], [true, seq < 607 ? 2 : 3]);
    }
    assertEquals(store.transitions("a", { filter: { state: "C" } }).items, []);
    store.close();
  }));

Deno.test("FileStore drops its oldest events when the file is nearly full, says so, and keeps states exact", () =>
  withFile((path) => {
    const store = new FileStore(path, { maxFileMb: 1 });
    let [taken, dropped] = [0, 0];
    for (let round = 0; round < 300; round++) {
      const { events, dropped: drops } = store.append(fill("m", round), NOW + round);
      taken += events.length;
      for (const { count, reason } of drops) {
        dropped += count;
        assertEquals(reason, "file");
      }
      assertLessOrEqual(Deno.statSync(path).size, 1_000_000);
    }
    const first = store.eventsAfter(0);
    const last = store.stateAt("m", `m-tx${taken}`)!;

    assert(dropped > 1_000);
    assertEquals([store.stats().dropped, store.stats().events], [dropped, taken - dropped]);
    assertEquals(first.gap, { from: 1, count: dropped });
    assertEquals(first.events[0]!.n, dropped + 1);
    assert(store.stateAt("m", `m-tx${dropped + 1}`)!.exact && last.exact);
    assertEquals(first.events[0]!.machine.stateNames, ["A", "B", "C", "D"]);
    store.close();
    const again = new FileStore(path, { maxFileMb: 1 });
    assertEquals(again.stats().events, taken - dropped);
    assertEquals(again.stateAt("m", `m-tx${taken}`), last);
    again.close();
  }));

Deno.test("FileStore.recording() of a shortened machine keeps states exact elsewhere", () =>
  withFile((path) => {
    const store = new FileStore(path, { maxFileMb: 1 });
    for (let round = 0; round < 200; round++) store.append(fill("m", round), NOW + round);
    const lines = [...store.recording().lines];
    const other = new FileStore(":memory:");
    other.append(lines.map((line) => ({ record: JSON.parse(line), line })), NOW, { keepReceivedAt: true });

    const seq = store.transitions("m", { limit: 1 }).items[0]!.record.seq;
    assertEquals(other.eventsAfter(0).events.slice(0, 3).map(nameOf), [
      `m gap ${seq - 2}`,
      `m machine ${seq - 1}`,
      `m tx ${seq}`,
    ]);
    for (const at of [seq, seq + 1, seq + 500, 4_000]) {
      assertEquals(other.stateAt("m", `m-tx${at}`)!.ticks, store.stateAt("m", `m-tx${at}`)!.ticks);
      assert(other.stateAt("m", `m-tx${at}`)!.exact);
    }
    store.close();
    other.close();
  }));

Deno.test("FileStore drops events older than maxAgeHours, also what they were before a restart", () =>
  withFile((path) => {
    const store = new FileStore(path, { maxAgeHours: 10 });
    store.append(batchOf(machineRecord("a", 1), txRecord("a", 2)), NOW);
    store.append(batchOf(machineRecord("b", 1), disposeRecord("b", 2)), NOW + HOUR);
    store.append(batchOf(txRecord("a", 3)), NOW + 9 * HOUR);
    store.close();

    const again = new FileStore(path, { maxAgeHours: 10 });
    const none = again.append(batchOf(logRecord("a", 4)), NOW + 9.9 * HOUR).dropped;
    const first = again.append(batchOf(logRecord("a", 5)), NOW + 10.5 * HOUR).dropped;
    const second = again.append(batchOf(logRecord("a", 6)), NOW + 11.5 * HOUR).dropped;
    const last = again.append(batchOf(logRecord("a", 7)), NOW + 50 * HOUR).dropped;

    assertEquals(none, []);
    assertEquals(first, [{ instance: "a", id: "id-a", count: 2, through: 2, forgotten: false, reason: "age" }]);
    assertEquals(second, [{ instance: "b", id: "id-b", count: 2, through: 4, forgotten: true, reason: "age" }]);
    assertEquals([last[0]!.count, last[0]!.forgotten], [4, true]);
    assertEquals(read(again), ["a gap 6", "a log 7"]); // forgotten after 40 hours of silence, so its past is unknown
    again.close();
  }));

Deno.test("FileStore refuses a batch that has no room, with nothing of it stored and nothing else lost", () =>
  withFile((path) => {
    const store = new FileStore(path, { maxFileMb: 1 });
    store.append(batchOf(machineRecord("a", 1), txRecord("a", 2, { ticks: [[1, 1]], sum: 1 })), NOW);
    const before = [store.machine("a"), read(store), store.lastEvent];
    const tooBig = [3, 4].map((seq) => logRecord("a", seq, 1, "x".repeat(700_000)));

    // It makes room before it gives up; what goes for that is said by what remains
    const error = assertThrows(() => store.append(batchOf(machineRecord("new", 1), ...tooBig), NOW), StoreError);

    assertEquals([error.code, error.path], ["full", path]);
    assertEquals(error.message, `Cannot write "${path}": there is no room left`);
    assertEquals([store.machine("a"), read(store), store.lastEvent], before);
    assertEquals(store.machine("new"), undefined);
    assertEquals(store.append(batchOf(txRecord("a", 3)), NOW).events.map(({ n }) => n), [3]);
    store.close();
    const again = new FileStore(path);
    assertEquals(read(again), ["a machine 1", "a tx 2", "a tx 3"]);
    again.close();
  }));

Deno.test("FileStore refuses a file that another process has open, which loses nothing by it", () =>
  withFile((path) => {
    const store = new FileStore(path);
    store.append(batchOf(machineRecord("a", 1)), NOW);

    assertRefused(path, "locked", "another process has it open");

    store.append(batchOf(txRecord("a", 2)), NOW);
    assertEquals(read(store), ["a machine 1", "a tx 2"]);
    store.close();
  }));

Deno.test("FileStore refuses a file that is none of SQLite, and a database of somebody else, and leaves them alone", () =>
  withFile((path) => {
    Deno.writeTextFileSync(path, "Dear diary\n".repeat(1_000));
    assertRefused(path, "foreign", "it is no telemetry store");
    assertEquals(Deno.readTextFileSync(path), "Dear diary\n".repeat(1_000));

    Deno.removeSync(path);
    const database = new DatabaseSync(path);
    database.exec("CREATE TABLE diary (text TEXT); PRAGMA user_version = 1");
    database.close();
    const bytes = Deno.readFileSync(path);
    assertRefused(path, "foreign", "it is no telemetry store");
    assertEquals(Deno.readFileSync(path), bytes);
  }));

Deno.test("FileStore refuses the file of a later version", () =>
  withFile((path) => {
    new FileStore(path).close();
    const database = new DatabaseSync(path);
    database.exec("PRAGMA user_version = 2");
    database.close();

    assertRefused(path, "newer", "a later version wrote it");
  }));

Deno.test("FileStore refuses a path that cannot be opened", () =>
  withFile((path) => {
    assertRefused(`${path}/not/there.db`, "unreadable", "it cannot be opened");
    Deno.mkdirSync(path);
    assertRefused(path, "unreadable", "it cannot be opened");
  }));

Deno.test("FileStore says what is wrong with a damaged file, when it is opened or when the damage is met", () =>
  withFile((path) => {
    const store = new FileStore(path);
    for (let round = 0; round < 50; round++) store.append(fill("m", round), NOW);
    store.close();
    const bytes = Deno.readFileSync(path);

    for (let share = 0.1; share < 1; share += 0.2) {
      const damaged = bytes.slice();
      damaged.fill(0xa5, Math.floor(share * bytes.length), Math.floor((share + 0.1) * bytes.length));
      Deno.writeFileSync(path, damaged);
      const error = assertThrows(() => {
        const store = new FileStore(path);
        try {
          for (const _ of store.recording().lines);
          store.transitions("m", { limit: 1_000 });
        } finally {
          store.close();
        }
      }, StoreError);
      assertEquals([error.code, error.path], ["corrupt", path]);
    }
  }));

Deno.test("FileStore refuses a file that it may not write", async () => {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/events.db`;
  const store = new FileStore(path);
  store.append(batchOf(machineRecord("a", 1)), NOW);
  store.close();
  Deno.chmodSync(path, 0o444);
  Deno.chmodSync(folder, 0o777);

  const code = `import { FileStore } from "${new URL("../../telemetry/_file_store.ts", import.meta.url)}";
    try { new FileStore("${path}"); } catch (error) { console.log(error.name, error.code, error.message); }`;
  const output = await asNobody(["eval", "--no-lock", "--ext=ts", code], folder);

  assertEquals(output, `StoreError read-only Cannot open "${path}": it cannot be written\n`);
  Deno.chmodSync(path, 0o644);
  const again = new FileStore(path);
  assertEquals(read(again), ["a machine 1"]);
  again.close();
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("FileStore says when the runtime has no SQLite", () =>
  withFile((path) => {
    const property = Object.getOwnPropertyDescriptor(globalThis, "process")!;
    Object.defineProperty(globalThis, "process", { value: { getBuiltinModule: () => undefined }, configurable: true });
    try {
      assertRefused(path, "unsupported", "this runtime has no SQLite");
    } finally {
      Object.defineProperty(globalThis, "process", property);
    }
  }));

Deno.test("The memory store loads no SQLite", async () => {
  const code = `import "${new URL("../../telemetry/_memory_store.ts", import.meta.url)}"`;
  const folder = Deno.makeTempDirSync();
  Deno.writeTextFileSync(`${folder}/main.ts`, code);
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json", `${folder}/main.ts`] })
    .output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout));
  Deno.removeSync(folder, { recursive: true });

  const paths: string[] = modules.map(({ specifier }: { specifier: string }) => specifier);
  assert(paths.some((path) => path.endsWith("telemetry/_memory_store.ts")));
  assertEquals(paths.filter((path) => path.includes("sqlite") || path.includes("_file_store")), []);
});

function assertRefused(path: string, code: StoreErrorCode, reason: string): void {
  const error = assertThrows(() => new FileStore(path));
  assertInstanceOf(error, StoreError);
  assertEquals([error.code, error.path], [code, path]);
  assertEquals(error.message, `Cannot open "${path}": ${reason}`);
}

/** Runs Deno without the rights of root, which may write everything. */
async function asNobody(args: string[], folder: string): Promise<string> {
  const rights = Deno.uid() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const env = { DENO_DIR: `${folder}/deno`, HOME: folder, NO_COLOR: "1" };
  const options = { args, env, cwd: folder, stderr: "inherit" as const, ...rights };
  const { stdout } = await new Deno.Command(Deno.execPath(), options).output();
  return new TextDecoder().decode(stdout);
}

/** The records number `20 * round + 1` … of a machine, whose first is its machine record. */
function fill(instance: string, round: number): Incoming[] {
  const records = Array.from({ length: 20 }, (_, i) => {
    const seq = round * 20 + i + 1;
    if (seq === 1) return machineRecord(instance, 1);
    return txRecord(instance, seq, { ticks: [[0, seq - 1]], sum: seq - 1, args: { text: "x".repeat(60) } });
  });
  return batchOf(...records);
}

function read(store: FileStore): string[] {
  return store.eventsAfter(0).events.map(nameOf);
}
