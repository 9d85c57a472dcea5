/**
 * Sends bodies to a server: as fast as it takes them, or at a pace.
 *
 * @module
 */

import type { Body, Load } from "./_ingest_bodies.ts";
import type { RunningServer } from "./_ingest_server.ts";

/** Send all bodies as fast as the server takes them; returns the milliseconds until it had answered all. */
export function sendAll(server: RunningServer, load: Load): Promise<number> {
  return send(server, load, async () => {});
}

/** Send all bodies at a pace; returns the milliseconds until the server had answered all. */
export function sendPaced(server: RunningServer, load: Load, perSecond: number): Promise<number> {
  const begin = performance.now();
  let due = begin;
  return send(server, load, async (body) => {
    const wait = due - performance.now();
    due += body.transitions / perSecond * 1_000;
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  });
}

async function send(
  server: RunningServer,
  { lanes, records }: Load,
  turn: (body: Body) => Promise<void>,
): Promise<number> {
  const begin = performance.now();
  let accepted = 0;
  await Promise.all(lanes.map(async (bodies) => {
    for (const body of bodies) {
      await turn(body);
      const count = await post(server, body);
      accepted += count;
    }
  }));
  const took = performance.now() - begin;
  if (accepted !== records) throw new Error(`Expected that ${records} records are accepted, got ${accepted}`);
  return took;
}

async function post({ url, token }: RunningServer, { bytes }: Body): Promise<number> {
  const headers = { "authorization": `Bearer ${token}`, "content-type": "application/x-ndjson" };
  const response = await fetch(`${url}/v1/ingest`, { method: "POST", headers, body: bytes });
  if (!response.ok) throw new Error(`Cannot send records: got ${response.status}`);
  return (await response.json()).accepted;
}
