/**
 * Records machines for the tests of the command line, by the exporter itself.
 *
 * @module
 */
import {
  parseRecord,
  TelemetryExporter,
  type TelemetryExporterOptions,
  type TelemetryRecord,
} from "../../telemetry/mod.ts";

/** Run machines with an exporter, and return the records that it sends. */
export async function record(
  run: (exporter: TelemetryExporter) => void | Promise<void>,
  options: TelemetryExporterOptions = {},
): Promise<TelemetryRecord[]> {
  const records: TelemetryRecord[] = [];
  const fetch = async (_input: string, init: RequestInit) => {
    for (const line of (await new Response(init.body).text()).split("\n")) {
      if (line !== "") records.push(parseRecord(JSON.parse(line)));
    }
    return Response.json({ epoch: "test", accepted: records.length, duplicates: 0, refused: [], unknown: [] });
  };
  await using exporter = new TelemetryExporter({ outboxRecords: 1_000_000, outboxBytes: 1e9, ...options, fetch });
  await run(exporter);
  await exporter.flush();
  return records;
}

/** Write records as lines. */
export function toLines(records: Iterable<TelemetryRecord>): string {
  return [...records].map((it) => `${JSON.stringify(it)}\n`).join("");
}

/** Give records the instances `a1`, `b2` …, and the time of 10 ms a record, so that they are the same each time. */
export function settle(records: readonly TelemetryRecord[]): TelemetryRecord[] {
  const names = new Map<string, string>();
  const start = Date.UTC(2026, 0, 2, 3, 4, 5);
  const nameOf = (instance: string) => {
    if (!names.has(instance)) names.set(instance, `${"abcdefgh"[names.size]}${names.size + 1}`);
    return names.get(instance)!;
  };
  return records.map((it, i) => {
    const instance = nameOf(it.instance);
    const settled = { ...it, instance, at: start + i * 10 };
    if (it.kind === "machine" && it.parent?.instance !== undefined) {
      return { ...settled, parent: { ...it.parent, instance: nameOf(it.parent.instance) } } as TelemetryRecord;
    }
    if (it.kind !== "tx") return settled as TelemetryRecord;
    const idOf = (id: string) => id.replace(/^[^-]*-/, `${instance}-`);
    const source = it.source === undefined ? {} : { source: { ...it.source, tx: idOf(it.source.tx) } };
    const duration = it.duration === undefined ? {} : { duration: 0.25 };
    return { ...settled, id: idOf(it.id), ...source, ...duration } as TelemetryRecord;
  });
}

/** Write a text to a temporary file, and run something with its path. */
export async function withFile<T>(
  content: string | Uint8Array,
  run: (path: string) => Promise<T>,
  suffix = ".ndjson",
): Promise<T> {
  const path = await Deno.makeTempFile({ suffix });
  try {
    if (typeof content === "string") await Deno.writeTextFile(path, content);
    else await Deno.writeFile(path, content);
    return await run(path);
  } finally {
    await Deno.remove(path);
  }
}
