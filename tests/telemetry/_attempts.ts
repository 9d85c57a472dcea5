/**
 * The routes of a server, and requests to each, made by hand: what no HTTP client would send can be sent, too.
 *
 * @module
 */
import { type RawAnswer, sendRaw } from "./_server.ts";
import { machineRecord, txRecord } from "./_store_support.ts";

/** What each route needs. A new route is found by the test that compares this with the app, and gets all attacks. */
export const ROUTES: Readonly<Record<string, "open" | "read" | "token" | "ingest" | "control">> = {
  "GET /v1/healthz": "open",
  "POST /v1/session": "token",
  "POST /v1/ingest": "ingest",
  "GET /v1/machines": "read",
  "GET /v1/machines/:instance": "read",
  "GET /v1/machines/:instance/transitions": "read",
  "GET /v1/machines/:instance/transitions/:id": "read",
  "GET /v1/machines/:instance/transitions/:id/state": "read",
  "GET /v1/events": "read",
  "GET /v1/recording": "read",
  "POST /v1/recording": "control",
  "GET /v1/openapi.json": "read",
};

/** The tokens of the servers under attack. */
export const INGEST = "ingest-token-of-the-tests";
export const CONTROL = "control-token-of-the-tests";
export const TOKENS = { ingest: INGEST, control: CONTROL };

/** What the servers have, and are sent. */
export const RECORDS = [machineRecord("one", 1), txRecord("one", 2)].map((record) => JSON.stringify(record)).join("\n");

/** A request that an attack changes. */
export interface Attempt {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly version?: string;
}

/** Stands for the server's own host and port. */
export const OWN = "<own>";

/** The statuses of each route without a token, with the ingest token, and with the control token. */
export async function statusesByToken(
  server: { url: string },
  change = (attempt: Attempt): Attempt => attempt,
): Promise<Record<string, number[]>> {
  const actual: Record<string, number[]> = {};
  for (const route of Object.keys(ROUTES)) {
    actual[route] = [];
    for (const token of [undefined, INGEST, CONTROL]) {
      actual[route].push((await attempt(server, change(goodRequest(route, token)))).status);
    }
  }
  return actual;
}

/**
 * What each need gets with no token, with the ingest token and with the control token, where reads are not open. Where they
 * are, `read` gets 200 with each.
 */
export const CLOSED_READS = {
  open: [200, 200, 200],
  read: [401, 403, 200],
  token: [401, 204, 204],
  ingest: [401, 200, 200],
  control: [401, 403, 200],
};

/** The statuses of each route, from those of each need. */
export function expectAll(expected: Record<string, number[]>): Record<string, number[]> {
  const all = Object.entries(ROUTES).map(([route, need]): [string, number[]] => [route, expected[need]!]);
  return Object.fromEntries(
    all.map(([route, statuses]) => [route, route === "POST /v1/session" ? statuses.map(to204) : statuses]),
  );
}

function to204(status: number): number {
  return status === 200 ? 204 : status;
}

/** A request that a route answers, if the token is enough. */
export function goodRequest(route: string, token?: string): Attempt {
  const [method = "", path = ""] = route.split(" ");
  const headers: [string, string][] = [["Host", OWN], ["Connection", "close"]];
  if (token !== undefined) headers.push(["Authorization", `Bearer ${token}`]);
  if (method === "POST") headers.push(["Content-Type", "application/x-ndjson"]);
  return { method, target: path.replace(":instance", "one").replace(":id", "one-tx2"), headers };
}

/** Makes requests name a host. */
export function withHost(host: string): (attempt: Attempt) => Attempt {
  return (it) => ({ ...it, headers: it.headers.map(([name, value]) => [name, name === "Host" ? host : value]) });
}

/** A request without a header. */
export function without(attempt: Attempt, name: string): Attempt {
  return { ...attempt, headers: attempt.headers.filter(([it]) => it !== name) };
}

/** A request with one header more, also one that it has. */
export function plus(attempt: Attempt, name: string, value: string): Attempt {
  return { ...attempt, headers: [...attempt.headers, [name, value]] };
}

/** Send a request. */
export async function attempt(
  server: { url: string },
  { method, target, headers, version = "HTTP/1.1" }: Attempt,
): Promise<RawAnswer> {
  const own = new URL(server.url).host;
  const body = method === "POST" && target !== "/v1/session" ? RECORDS : "";
  const lines = headers.map(([name, value]) => `${name}: ${value.replaceAll(OWN, own)}`);
  if (method === "POST") lines.push(`Content-Length: ${body.length}`);
  return await sendRaw(server, [`${method} ${target.replaceAll(OWN, own)} ${version}`, ...lines], body);
}
