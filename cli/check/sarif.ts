import { pathToFileURL } from "node:url";
import config from "../../deno.json" with { type: "json" };
import { cleanText } from "../_clean.ts";
import type { Finding, Report } from "./finding.ts";
import { formatProof } from "./format.ts";
import { type Rule, RULES } from "./rules.ts";

/** The schema of what is written, as its standard names it. */
const SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/**
 * Write reports as SARIF 2.1.0, which code hosts show beside the code.
 *
 * @param path The file, as the user named it; hosts want it from the root of the repository.
 * @param reports What was found, a report for each of its schemas. They are one run: hosts take one a tool.
 * @returns An object for `JSON.stringify()`.
 */
export async function toSarif(path: string, reports: readonly Report[]): Promise<object> {
  const driver = {
    name: "am check",
    organization: config.name,
    version: config.version,
    rules: RULES.map(toDescriptor),
  };
  return {
    $schema: SARIF_SCHEMA,
    version: "2.1.0",
    runs: [{
      tool: { driver },
      columnKind: "utf16CodeUnits",
      invocations: [{ executionSuccessful: true }],
      results: await Promise.all(reports.flatMap(({ findings }) => findings.map((it) => toResult(path, it)))),
      properties: { searched: reports.map(({ searched }) => searched) },
    }],
  };
}

function toDescriptor({ id, severity, summary, help }: Rule): object {
  return {
    id,
    shortDescription: { text: summary },
    fullDescription: { text: `${summary} ${help}` },
    help: { text: help },
    defaultConfiguration: { level: severity },
  };
}

async function toResult(path: string, finding: Finding): Promise<object> {
  const { rule, severity, states, message, position, script } = finding;
  return {
    ruleId: rule,
    ruleIndex: RULES.findIndex(({ id }) => id === rule),
    level: severity,
    message: { text: escapeText(`${message}; ${formatProof(finding)}`) },
    locations: [{
      physicalLocation: {
        artifactLocation: { uri: toUri(path) },
        // Hosts show nothing of a result without a line.
        region: position === undefined ? { startLine: 1 } : { startLine: position.line, startColumn: position.column },
      },
      logicalLocations: states.map((name) => ({ name, kind: "member" })),
    }],
    partialFingerprints: { "finding/v1": await hash(`${rule}\n${message}`) },
    properties: { states, ...(script && { script }) },
  };
}

/** In messages of SARIF brackets make links, and braces stand for arguments. */
function escapeText(text: string): string {
  return cleanText(text).replace(/[\\[\]]/g, "\\$&").replace(/[{}]/g, "$&$&");
}

/** The address of a file: one from the current folder stays so. */
function toUri(path: string): string {
  const url = pathToFileURL(path).href;
  const folder = pathToFileURL(`${Deno.cwd()}/`).href;
  return url.startsWith(folder) ? url.slice(folder.length) : url;
}

/** The same finding has the same hash wherever its lines move. */
async function hash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex().slice(0, 32);
}
