import { assertEquals } from "@std/assert";
import { readFindings } from "./doc_lint.ts";

const HONO =
  "error[private-type-ref]: public type 'TelemetryApp' references private type 'Hono'\n  --> server.ts:1:1\n";
const OWN = "error[private-type-ref]: public type 'Telemetry' references private type 'Store'\n  --> server.ts:2:1\n";
const DOCS = "error[missing-jsdoc]: exported symbol is missing JSDoc documentation\n  --> server.ts:3:1\n";

Deno.test("readFindings() lets through that a public type names Hono's", () => {
  assertEquals(readFindings(`${HONO}\nerror: Found 1 documentation lint errors.\n`), []);
});

Deno.test("readFindings() keeps every other finding", () => {
  const findings = readFindings(HONO + OWN + DOCS);

  assertEquals(findings, [OWN, DOCS]);
});
