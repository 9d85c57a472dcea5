/**
 * Tests of `./telemetry` in a page: it exports to servers of other origins, of which one lists that of the page.
 *
 * @module
 */
import { Machine } from "@asyncmachine/asyncmachine";
import { parseRecord, TelemetryExporter } from "@asyncmachine/asyncmachine/telemetry";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { test } from "../_harness.ts";

/** What the page is told before it begins. */
export interface PageServers {
  /** A server that lists the page's origin, and whose reads need a token. */
  readonly listed: string;
  /** A server that does not. */
  readonly other: string;
  /** The control token of both. */
  readonly token: string;
}

const { listed, other, token } = (globalThis as unknown as { servers: PageServers }).servers;

test("A page exports a machine to a server that lists its origin", async () => {
  const errors: Error[] = [];
  const exporter = new TelemetryExporter({ url: listed, token, logArgs: ["proxy"], onError: (it) => errors.push(it) });
  const machine = new Machine({ Loading: { remove: ["Ready"] }, Ready: { remove: ["Loading"] } }, { id: "page" });
  exporter.attach(machine);
  machine.add("Loading");
  machine.add("Ready", {
    proxy: new Proxy({}, {
      ownKeys: () => {
        throw new Error("looked into");
      },
    }),
  });
  await exporter.flush({ timeoutMs: 10_000 });
  await exporter[Symbol.asyncDispose]();

  const headers = { authorization: `Bearer ${token}` };
  const { machines } = await (await fetch(`${listed}/v1/machines`, { headers })).json();
  assertEquals(errors, []);
  assertEquals(machines.map((it: Record<string, unknown>) => [it.id, it.transitions, it.activeStates]), [
    ["page", 2, ["Ready"]],
  ]);
});

test("A page exports nothing to a server that does not list its origin, and its machine goes on", async () => {
  const errors: Error[] = [];
  const exporter = new TelemetryExporter({ url: other, token, onError: (it) => errors.push(it) });
  const machine = new Machine({ Ready: {} }, { id: "refused" });
  exporter.attach(machine);
  machine.add("Ready");
  const flushed = await exporter.flush({ timeoutMs: 500 }).then(() => "sent", () => "not sent");
  await exporter[Symbol.asyncDispose]();

  assertEquals([machine.is("Ready"), flushed], [true, "not sent"]);
  assertStringIncludes(errors[0]!.message, `Cannot send telemetry to "${other}/v1/ingest" yet: no answer`);
});

test("A page trades the token for a cookie, with which its EventSource reads", async () => {
  const headers = { authorization: `Bearer ${token}` };
  const started = await fetch(`${listed}/v1/session`, { method: "POST", headers, credentials: "include" });
  const events = new EventSource(`${listed}/v1/events?after=0`, { withCredentials: true });
  const kinds = await new Promise<string[]>((resolve, reject) => {
    const seen: string[] = [];
    events.onerror = () => reject(new Error("the stream broke"));
    events.onmessage = ({ data }) => {
      const { kind } = parseRecord(JSON.parse(data));
      if (seen.push(kind) === 3) resolve(seen);
    };
  }).finally(() => events.close());

  assertEquals([started.status, document().cookie], [204, ""]);
  assertEquals(kinds, ["machine", "tx", "tx"]);
});

function document(): { readonly cookie: string } {
  return (globalThis as unknown as { document: { readonly cookie: string } }).document;
}
