/**
 * Whatever comes in: the server goes on, refuses by its index what is no record, and takes all that is one.
 *
 * 50,000 records, or `FUZZ_RECORDS`; a failure says with which `FUZZ_SEED` it comes again, and which lines do it.
 */
import { parseRecord } from "@asyncmachine/asyncmachine/telemetry";
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { createServer, type TelemetryServer } from "../../telemetry/server.ts";
import { feedOf } from "../../telemetry/_inspect.ts";
import { type FuzzedLine, Fuzzer, Random } from "./_fuzz.ts";
import { ingestHeaders, readEvents, until, withServer } from "./_server.ts";
import { machineRecord, txRecord } from "./_store_support.ts";
import { isRecord } from "./_wire.ts";

const RECORDS = Number(Deno.env.get("FUZZ_RECORDS") ?? 50_000);
const SEED = Number(Deno.env.get("FUZZ_SEED") ?? Date.now() % 2 ** 31);

/** Lines of a batch at most; an answer names no more than 100 refused ones. */
const BATCH = 80;

/** The limit of the store, so low that it drops events all the time from the first tenth on. */
const MAX_MEMORY_MB = 1;

/** What the heap may have grown by between the first tenth and the end. */
const MAX_GROWTH = 1.05;

/** The one machine that does as it should, while all others do not. */
const WITNESS = "witness";

Deno.test(`A server stands ${RECORDS.toLocaleString("en")} fuzzed records, seed ${SEED}`, async () => {
  const prototypes = describePrototypes();
  const random = new Random(SEED);
  const fuzzer = new Fuzzer(random);
  await withServer({ maxMemoryMb: MAX_MEMORY_MB }, async (server) => {
    const everything = new EventReader(server, "?after=0");
    const witness = new EventReader(server, `?after=0&machine=${WITNESS}`);
    await until("both readers are there", () => feedOf(server).stats.readers === 2);
    const marks: number[] = [];
    const sums = { sent: 0, accepted: 0, refused: 0, duplicates: 0, batches: 0 };
    let seq = 0;
    while (sums.sent < RECORDS) {
      const lines: FuzzedLine[] = Array.from({ length: 1 + random.below(BATCH) }, () => fuzzer.next());
      const own = ++seq === 1 ? machineRecord(WITNESS, 1) : txRecord(WITNESS, seq, { ticks: [[0, seq]], sum: seq });
      lines.splice(random.below(lines.length + 1), 0, { text: JSON.stringify(own), verdict: "good" });
      const mode = { isSocket: random.chance(0.5), hasEnd: random.chance(0.5) };
      const { complaint, answer } = await send(server, lines, mode);
      if (complaint !== undefined) await failWith(complaint, lines, mode);
      sums.sent += lines.length;
      sums.batches++;
      sums.accepted += answer!.accepted;
      sums.refused += answer!.refusedCount;
      sums.duplicates += answer!.duplicates;
      if (random.chance(0.03)) await sendBroken(server, random);
      const tenth = Math.floor(10 * sums.sent / RECORDS);
      if (tenth > marks.length) marks.push(await usedBytes());
    }
    console.log(JSON.stringify(sums), `heap ${marks.map((bytes) => (bytes / 1e6).toFixed(1)).join(" ")} MB`);
    // Fuzz that is all refused, or all taken, would prove nothing.
    for (const kind of ["accepted", "refused"] as const) assert(sums[kind] > sums.sent / 10, kind);
    assertLessOrEqual(marks.at(-1)!, MAX_GROWTH * marks[0]!, "The heap grows");

    const { lastEvent } = feedOf(server);
    await until("both readers have all", () => everything.through === lastEvent && witness.last === seq, 30_000);
    assertEquals([everything.complaints, witness.complaints], [[], []]);
    assertEquals([witness.events, witness.gaps], [seq, 0]);
    const { sum, lost, transitions } = await (await fetch(`${server.url}/v1/machines/${WITNESS}`)).json();
    assertEquals({ sum, lost, transitions }, { sum: seq, lost: 0, transitions: seq - 1 });
    await checkRoutes(server);
    await server.close();
    await Promise.all([everything.done, witness.done]);
    assertEquals([everything.complaints, everything.isOver, witness.isOver], [[], true, true]);
  });
  assertEquals(describePrototypes(), prototypes);
});

Deno.test("A fuzzed line that fails is shrunk to what fails alone", async () => {
  const lines: FuzzedLine[] = ["1", "2", "bad", "3"].map((text) => ({ text, verdict: "open" }));
  const hasBad = (some: readonly FuzzedLine[]) => Promise.resolve(some.some(({ text }) => text === "bad"));

  assertEquals(await shrink(lines, hasBad), [lines[2]!]);
});

interface Mode {
  /** Whether it goes through a socket, or to `fetch()` at once. */
  readonly isSocket: boolean;
  /** Whether the last line ends with a line break. */
  readonly hasEnd: boolean;
}

interface Answer {
  readonly accepted: number;
  readonly duplicates: number;
  readonly refused: readonly { readonly index: number; readonly error: string }[];
  readonly refusedCount: number;
}

/** Sends a batch, and compares what the server says of each line with what is known of it. */
async function send(
  server: TelemetryServer,
  lines: readonly FuzzedLine[],
  { isSocket, hasEnd }: Mode,
): Promise<{ complaint?: string; answer?: Answer }> {
  const text = lines.map((line) => line.text).join("\n") + (hasEnd ? "\n" : "");
  const response = await post(server, encoder.encode(text), isSocket);
  const body = await response.text();
  if (response.status !== 200) return { complaint: `The answer is ${response.status}: ${body}` };
  const answer: Answer = JSON.parse(body);
  const sent = text.replace(/^\ufeff/, "").split("\n"); // a fault may have made two lines of one
  const expected = sent.flatMap((line, index) => line.trim() === "" || isGood(line) ? [] : [index]);
  const refused = answer.refused.map(({ index }) => index);
  if (String(refused) !== String(expected)) return { complaint: `Refused are ${refused}, and should be ${expected}` };
  const records = sent.filter((line) => line.trim() !== "").length;
  const { accepted, duplicates, refusedCount } = answer;
  if (accepted + duplicates + refusedCount !== records) {
    return { complaint: `Of ${records} records, ${accepted}, ${duplicates} and ${refusedCount} make a sum` };
  }
  return { answer, ...complainOfVerdicts(lines) };
}

/** What is known of a line by how it was made is what it is found to be, so that the comparison is none with itself. */
function complainOfVerdicts(lines: readonly FuzzedLine[]): { complaint?: string } {
  for (const { text, verdict } of lines) {
    if (verdict === "good" && !isGood(text) && text.length < 300_000) return { complaint: "A record is refused" };
    if (verdict === "bad" && isGood(text)) return { complaint: "What is no record is taken" };
  }
  return {};
}

/** Whether a line is a record: by our own parser, and if so, by the JSON Schema, too. */
function isGood(line: string): boolean {
  if (encoder.encode(line).byteLength > 900_000 || depthOf(line) > 1_000) return false;
  let value: unknown;
  try {
    value = JSON.parse(line.trim());
    parseRecord(value);
  } catch {
    return false;
  }
  assert(isRecord(value), `Not a record by schema.json: ${line}\n${JSON.stringify(isRecord.errors)}`);
  return true;
}

/** How deep JSON is nested, counted in its text. */
function depthOf(line: string): number {
  let depth = 0, most = 0;
  for (const [bracket] of line.replace(/"(?:[^"\\]|\\.)*"/g, "").matchAll(/[[\]{}]/g)) {
    depth += bracket === "[" || bracket === "{" ? 1 : -1;
    most = Math.max(most, depth);
  }
  return most;
}

/** Bodies that cannot be read are refused as a whole. */
async function sendBroken(server: TelemetryServer, random: Random): Promise<void> {
  const good = encoder.encode(`${JSON.stringify(txRecord("broken", 1))}\n`);
  const { lastEvent } = feedOf(server);
  const invalid = good.with(random.below(good.length), random.pick([0x80, 0xc0, 0xff, 0xed]));
  const response = await post(server, invalid, random.chance(0.5));
  assertEquals(response.status, 400, await response.text());
  const packed = new Uint8Array(
    await new Response(new Blob([good]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer(),
  );
  const cut = packed.slice(0, 5 + random.below(packed.length - 10));
  const cutAnswer = await post(server, cut, random.chance(0.5), { "content-encoding": "gzip" });
  assertEquals(cutAnswer.status, 400, await cutAnswer.text());
  assertEquals(feedOf(server).lastEvent, lastEvent);
}

async function post(
  server: TelemetryServer,
  body: Uint8Array<ArrayBuffer>,
  isSocket: boolean,
  more: Record<string, string> = {},
): Promise<Response> {
  const init = { method: "POST", headers: { ...ingestHeaders(server), ...more }, body };
  return await (isSocket ? fetch(`${server.url}/v1/ingest`, init) : server.fetch(new Request(LOCAL_INGEST, init)));
}

/** Finds the lines that do it, prints them, and fails. */
async function failWith(complaint: string, lines: readonly FuzzedLine[], mode: Mode): Promise<never> {
  const failsAlone = async (some: readonly FuzzedLine[]): Promise<boolean> => {
    await using server = createServer({ maxMemoryMb: MAX_MEMORY_MB, port: 0, onListen: () => {} });
    return (await send(server, some, { ...mode, isSocket: false })).complaint !== undefined;
  };
  const failing = await failsAlone(lines) ? await shrink(lines, failsAlone) : lines;
  const shown = failing.map(({ text }) => text.length > 2_000 ? `${text.slice(0, 2_000)}… ${text.length}` : text);
  throw new Error(
    `${complaint}\nFUZZ_SEED=${SEED}, and these lines:\n${shown.map((text) => JSON.stringify(text)).join("\n")}`,
  );
}

/** Leaves out as many lines as it can while the rest still fails. */
async function shrink(
  lines: readonly FuzzedLine[],
  fails: (lines: readonly FuzzedLine[]) => Promise<boolean>,
): Promise<readonly FuzzedLine[]> {
  let rest = lines;
  for (let size = Math.ceil(lines.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < rest.length;) {
      const without = [...rest.slice(0, start), ...rest.slice(start + size)];
      if (without.length > 0 && await fails(without)) rest = without;
      else start += size;
    }
  }
  return rest;
}

/** Reads a stream, and notes whatever should not be in it. */
class EventReader {
  events = 0;
  gaps = 0;
  /** The number up to which it has all. */
  through = 0;
  /** `seq` of the last record. */
  last = 0;
  /** Whether the server said that this is the end. */
  isOver = false;
  readonly complaints: string[] = [];
  /** Settles with the end of the stream. */
  readonly done: Promise<void>;

  constructor(server: TelemetryServer, query: string) {
    this.done = this.#read(server, query);
  }

  async #read({ url }: TelemetryServer, query: string): Promise<void> {
    try {
      const { body } = await fetch(`${url}/v1/events${query}`);
      for await (const { type, data, lastId } of readEvents(body!)) {
        const n = Number(lastId.slice(lastId.indexOf("-") + 1));
        if (n < this.through) this.complaints.push(`Event ${n} comes behind ${this.through}`);
        this.through = n;
        if (type === "gap") this.gaps++;
        if (data !== "") this.#take(type, JSON.parse(data));
      }
    } catch (error) {
      this.complaints.push(`The stream broke: ${error}`);
    }
  }

  #take(type: string, value: { seq: number }): void {
    if (type === "bye") this.isOver = true;
    if (type === "gap" || type === "dropped" || type === "bye") return;
    this.events++;
    this.last = value.seq;
    if (type !== "message" || !isRecord(value)) this.complaints.push(`${type}: ${JSON.stringify(value).slice(0, 500)}`);
  }
}

/** Asks all that can be asked, of each machine that is there, and what makes no sense. */
async function checkRoutes(server: TelemetryServer): Promise<void> {
  const seen = new Map<number, number>();
  const get = async (path: string): Promise<Record<string, unknown>> => {
    const response = await fetch(`${server.url}/v1/${path}`, { headers: ingestHeaders(server) });
    const text = await response.text();
    assert(response.status < 500, `${path}: ${response.status} ${text}`);
    seen.set(response.status, 1 + (seen.get(response.status) ?? 0));
    return path.startsWith("recording") && response.ok ? {} : JSON.parse(text);
  };
  type Machines = { machines: { instance: string; id: string }[]; next: number | null };
  const all: Machines["machines"] = [];
  for (let next: number | null = 0, query = "machines"; next !== null; query = `machines?cursor=${next}`) {
    const page = await get(query) as unknown as Machines;
    all.push(...page.machines);
    next = page.next;
  }
  assert(all.length > 10);
  for (const { instance, id } of all.slice(0, 50)) {
    const path = `machines/${encodeURIComponent(instance)}`;
    await get(path);
    await get(`machines/${encodeURIComponent(id.toWellFormed().slice(0, 500))}`);
    await get(`machines?search=${encodeURIComponent(id.toWellFormed().slice(0, 20))}`);
    for (const query of ["", "?order=desc&limit=7", "?kinds=tx,log,gap&level=2", "?checks=true&empty=false&state=S1"]) {
      const { transitions } = await get(`${path}/transitions${query}`) as {
        transitions: { record: { id?: string } }[];
      };
      const txId = transitions.at(-1)?.record.id;
      if (txId === undefined) continue;
      const name = encodeURIComponent(txId.toWellFormed().slice(0, 500));
      await get(`${path}/transitions/${name}`);
      await get(`${path}/transitions/${name}/state`);
    }
  }
  const odd = ["__proto__", "constructor", "%00", "%F0%9F%8E%89", "..%2F..", "x".repeat(2_000)];
  for (const name of odd) {
    for (const rest of ["", "/transitions", "/transitions/__proto__", "/transitions/a/state"]) {
      await get(`machines/${name}${rest}`);
    }
  }
  for (
    const path of ["healthz", "openapi.json", "recording", "recording?machine=nobody", "events?level=nine", "none"]
  ) {
    await get(path);
  }
  await get(`machines?cursor=-1`);
  await get(`machines?limit=99999999999999999999`);
  assert(seen.get(200)! > 100 && seen.get(404)! > 10 && seen.get(400)! > 0, JSON.stringify([...seen]));
}

/** All properties of the prototypes that a record could try to reach. */
function describePrototypes(): string[] {
  const owners = { Object, Array, Function, Map, Set, String, Number, Promise, Uint8Array };
  return Object.entries(owners).flatMap(([name, { prototype }]) =>
    Reflect.ownKeys(prototype).map((key) => {
      const { value, ...rest } = Object.getOwnPropertyDescriptor(prototype, key)!;
      return `${name}.${String(key)} ${typeof value} ${Object.keys(rest)}`;
    })
  );
}

/** Bytes of the heap and of buffers outside of it, after everything is freed that can be. */
async function usedBytes(): Promise<number> {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) throw new Error("Cannot measure the heap: run with --v8-flags=--expose-gc");
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10)); // what is under way ends
    gc();
  }
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

const encoder = new TextEncoder();
const LOCAL_INGEST = "http://localhost/v1/ingest";
