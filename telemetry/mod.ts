/**
 * Telemetry: what machines do, told to whoever wants to see it.
 *
 * A {@linkcode TelemetryExporter} is a tracer that sends records of machines to a telemetry server. The records are those of
 * the protocol `asyncmachine/1`, which `PROTOCOL.md` explains: `parseRecord()` reads one, and the functions beside it lead
 * from indexes back to names. It runs in Deno, Node, Bun and pages, and imports nothing but the machine.
 *
 * @example Usage
 * ```ts
 * import { Machine } from "@asyncmachine/asyncmachine";
 * import { applyTicks, nameStates, parseRecord, TelemetryExporter } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * // Where a server would be, this reads the lines itself.
 * const seen: string[] = [];
 * let stateNames: readonly string[] = [], time: readonly number[] = [];
 * const fetch = async (input: string, init: RequestInit) => {
 *   for (const line of (await new Request(input, init).text()).trim().split("\n")) {
 *     const record = parseRecord(JSON.parse(line));
 *     if (record.kind === "machine") ({ stateNames, ticks: time } = record);
 *     if (record.kind !== "tx") continue;
 *     time = applyTicks(time, record);
 *     seen.push(`${record.type} ${nameStates(record.called, stateNames)}: ${time}`);
 *   }
 *   return Response.json({ epoch: "example" });
 * };
 *
 * {
 *   await using exporter = new TelemetryExporter({ fetch });
 *   const machine = new Machine({ Start: {}, Ready: { require: ["Start"] } }, { tracers: [exporter] });
 *   machine.add("Ready");
 *   machine.add(["Start", "Ready"]);
 * }
 * assertEquals(seen, ["add Ready: 0,0,0", "add Start,Ready: 1,1,0"]);
 * ```
 *
 * @module
 */
export * from "./protocol.ts";
export type * from "./answers.ts";
export {
  DEFAULT_URL,
  exportFromEnv,
  TelemetryError,
  type TelemetryErrorOptions,
  TelemetryExporter,
  type TelemetryExporterOptions,
} from "./exporter.ts";
