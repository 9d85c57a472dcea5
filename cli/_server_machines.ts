/**
 * What a server tells of single machines and transitions, without a look at all of the rest.
 *
 * @module
 */
import {
  type EventAnswer,
  type MachineDetail,
  type MachinesAnswer,
  type MachineSummary,
  parseRecord,
  ProtocolError,
  type StateAt,
  type TelemetryRecord,
  type TransitionsAnswer,
  type TxRecord,
} from "../telemetry/mod.ts";
import type { Client } from "./_client.ts";
import { CommandFailure, UNREACHABLE, USAGE } from "./_exit_codes.ts";
import type { FoundTransition } from "./_found_transition.ts";
import { isTransition } from "./_machine_view.ts";

/** List machines, page by page, the newest first. */
export async function* listMachines(client: Client, search = ""): AsyncGenerator<readonly MachineSummary[]> {
  let cursor = "";
  for (;;) {
    const query = new URLSearchParams({ ...(search !== "" && { search }), ...(cursor !== "" && { cursor }) });
    const page = await client.getJson<MachinesAnswer>(`v1/machines?${query}`);
    if (!Array.isArray(page.machines)) throw isNoServer(client);
    yield page.machines;
    if (page.next === null) return;
    cursor = `${page.next}`;
  }
}

/**
 * Find the one machine that a text names: by its id, its instance, or the beginning of its instance.
 *
 * @throws {CommandFailure} when there is none, or more than one.
 */
export async function findMachine(client: Client, text: string): Promise<MachineDetail> {
  const instance = await findOnServer(client, text);
  const detail = await client.find<MachineDetail>(`v1/machines/${encodeURIComponent(instance)}`);
  if (detail === undefined) throw noMachine(client, text);
  return { ...detail, record: readRecord(client, detail.record, "machine") };
}

/**
 * Find a transition, the last that ran if none is named.
 *
 * @param client The server.
 * @param machine The machine.
 * @param text Its id, or what is behind the dash in it.
 *
 * @throws {CommandFailure} when it is not there.
 */
export async function findTransition(
  client: Client,
  { instance, id, ticks }: MachineDetail,
  text?: string,
): Promise<FoundTransition> {
  const base = `v1/machines/${encodeURIComponent(instance)}/transitions`;
  const last = await lastTransition(client, base);
  const whole = last === undefined || text === undefined || text.includes("-")
    ? text ?? last?.id
    : `${last.id.slice(0, last.id.indexOf("-"))}-${text}`;
  const path = `${base}/${encodeURIComponent(whole ?? "")}`;
  const event = whole === undefined ? undefined : await client.find<EventAnswer>(path);
  if (event === undefined) {
    const which = text === undefined ? "a transition" : `transition "${text}"`;
    throw new CommandFailure(`Cannot find ${which} of machine "${id}": am matrix shows those there are`, USAGE);
  }
  const record = readRecord(client, event.record, "tx");
  const state = await client.getJson<StateAt>(`${path}/state`);
  const before = await ticksBefore(client, base, event.n) ?? ticks.map(() => 0);
  return { record, machineId: id, stateNames: state.stateNames, before, after: state.ticks };
}

/** The last transition that ran. */
async function lastTransition(client: Client, base: string): Promise<TxRecord | undefined> {
  const record = await findLast(client, `${base}?`, isTransition);
  return record === undefined ? undefined : readRecord(client, record, "tx");
}

/** Where a machine stood in front of an event: behind its transition before, or as its machine record before says. */
async function ticksBefore(client: Client, base: string, n: number): Promise<readonly number[] | undefined> {
  const query = `${base}?kinds=tx,machine&cursor=${n}&`;
  const record = await findLast(client, query, (it) => it.kind === "machine" || isTransition(it));
  if (record?.kind === "machine") return record.ticks;
  if (record?.kind !== "tx") return undefined;
  return (await client.getJson<StateAt>(`${base}/${encodeURIComponent(record.id)}/state`)).ticks;
}

/** The first of a list, from its end, that is what is looked for. */
async function findLast(
  client: Client,
  path: string,
  isIt: (record: TelemetryRecord) => boolean,
): Promise<TelemetryRecord | undefined> {
  let cursor: number | undefined;
  for (;;) {
    const from = cursor === undefined ? path : path.replace(/cursor=\d+&/, "") + `cursor=${cursor}&`;
    const page = await client.getJson<TransitionsAnswer>(`${from}order=desc&limit=20`);
    const event = page.transitions.find(({ record }) => isIt(record));
    if (event !== undefined) return event.record;
    if (page.next === null) return undefined;
    cursor = page.next;
  }
}

async function findOnServer(client: Client, text: string): Promise<string> {
  const exact = await client.request(`v1/machines/${encodeURIComponent(text)}`);
  if (exact.ok) return (await exact.json()).instance;
  if (exact.status === 409) {
    const { error } = await exact.json();
    throw ambiguous(text, error.instances ?? []);
  }
  if (exact.status !== 404) throw await client.refusal(exact);
  await exact.body?.cancel();
  const found: string[] = [];
  for await (const page of listMachines(client)) {
    found.push(...page.flatMap(({ instance }) => instance.startsWith(text) ? [instance] : []));
  }
  if (found.length > 1) throw ambiguous(text, found);
  if (found[0] === undefined) throw noMachine(client, text);
  return found[0];
}

function noMachine({ url }: Client, text: string): CommandFailure {
  return new CommandFailure(
    `Cannot find machine "${text}" in what ${url.href} has: am list shows those there are`,
    USAGE,
  );
}

function ambiguous(text: string, instances: readonly string[]): CommandFailure {
  const names = instances.slice(0, 20).join(", ");
  return new CommandFailure(`Cannot tell which machine "${text}" is: name one of the instances ${names}`, USAGE);
}

function isNoServer({ url }: Client): CommandFailure {
  const advice = "it answers what no telemetry server does: see --url";
  return new CommandFailure(`Cannot read from ${url.href}: ${advice}`, UNREACHABLE);
}

/** What a server sends is checked like what a recording holds. */
function readRecord<Kind extends TelemetryRecord["kind"]>(
  client: Client,
  value: unknown,
  kind: Kind,
): Extract<TelemetryRecord, { kind: Kind }> {
  try {
    const record = parseRecord(value);
    if (record.kind === kind) return record as Extract<TelemetryRecord, { kind: Kind }>;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
  }
  throw isNoServer(client);
}
