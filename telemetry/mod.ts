/**
 * Telemetry: the protocol in which machines tell about themselves.
 *
 * @example Usage
 * ```ts
 * import { encodeRecord, parseRecord, type DisposeRecord } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * const record: DisposeRecord = { v: 1, kind: "dispose", instance: "k3", seq: 2, at: 1767225600000 };
 * assertEquals(parseRecord(JSON.parse(encodeRecord(record))), record);
 * ```
 *
 * @module
 */
export * from "./protocol.ts";
export {
  DEFAULT_URL,
  exportFromEnv,
  TelemetryError,
  type TelemetryErrorOptions,
  TelemetryExporter,
  type TelemetryExporterOptions,
} from "./exporter.ts";
