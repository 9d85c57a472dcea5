/**
 * What a telemetry server answers under `/v1`, for programs that ask it: `PROTOCOL.md` tells of records and of the stream.
 *
 * @module
 */
import type { MachineRecord, TelemetryRecord } from "./protocol.ts";

/**
 * A machine in a list.
 *
 * @example Usage
 * ```ts
 * import type { MachineSummary } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * function title({ id, instance, lost }: Pick<MachineSummary, "id" | "instance" | "lost">): string {
 *   return `${id} (${instance})${lost > 0 ? `, ${lost} records lost` : ""}`;
 * }
 *
 * assertEquals(title({ id: "file-1", instance: "k3", lost: 2 }), "file-1 (k3), 2 records lost");
 * ```
 */
export interface MachineSummary {
  /** Its instance. */
  readonly instance: string;
  /** Its id; machines of one id are told apart by their instances. */
  readonly id: string;
  /** The machine it was made under. */
  readonly parent?: { readonly id: string; readonly instance?: string };
  /** Its tags. */
  readonly tags: readonly string[];
  /** How many states it has. */
  readonly stateCount: number;
  /** Sum of all its ticks. */
  readonly sum: number;
  /** Names of the active states, in index order. */
  readonly activeStates: readonly string[];
  /** Whether it was disposed. */
  readonly disposed: boolean;
  /** When the server first heard of it, in milliseconds since 1970. */
  readonly firstReceivedAt: number;
  /** When the server last heard of it, in milliseconds since 1970. */
  readonly lastReceivedAt: number;
  /** How many transitions it sent, those since dropped included; checks and queued mutations count, too. */
  readonly transitions: number;
  /** How many of its events are there. */
  readonly events: number;
  /** How many of its records never came. */
  readonly lost: number;
  /** How many of its events were dropped. */
  readonly dropped: number;
}

/**
 * All about a machine, where it stands now: what `GET /v1/machines/:instance` answers, with `after` as in a list.
 *
 * @example Usage
 * ```ts
 * import { type MachineDetail, nameStates } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * function firstState({ record }: { record: Pick<MachineDetail["record"], "stateNames"> }): string[] {
 *   return nameStates([0], record.stateNames);
 * }
 *
 * assertEquals(firstState({ record: { stateNames: ["Ready", "Exception"] } }), ["Ready"]);
 * ```
 */
export interface MachineDetail extends MachineSummary {
  /** Its last machine record: schema, groups, state names. Its ticks are those of then. */
  readonly record: MachineRecord;
  /** Its ticks, one per state, in the order of `record.stateNames`. */
  readonly ticks: readonly number[];
  /** Its queue tick. */
  readonly queueTick: number;
  /** Number of its newest record. */
  readonly lastSeq: number;
}

/**
 * What `GET /v1/machines` answers: a page of machines, the newest first.
 *
 * @example Usage
 * ```ts
 * import type { MachinesAnswer } from "@asyncmachine/asyncmachine/telemetry";
 * import { createServer } from "@asyncmachine/asyncmachine/telemetry/server";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = createServer();
 * const headers = { authorization: `Bearer ${server.tokens.control}` };
 * const response = await server.fetch(new Request(`${server.url}/v1/machines`, { headers }));
 * const { machines, next }: MachinesAnswer = await response.json();
 * assertEquals([machines, next], [[], null]);
 * ```
 */
export interface MachinesAnswer {
  /** The machines on it, 100 at most. */
  readonly machines: readonly MachineSummary[];
  /** `cursor` of the page that follows; null at the end. */
  readonly next: number | null;
  /** Id of the newest event: begin to read the stream behind it. */
  readonly after: string;
}

/**
 * A record as the server keeps it: what `GET /v1/machines/:instance/transitions/:id` answers.
 *
 * @example Usage
 * ```ts
 * import type { EventAnswer } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * const record = { v: 1, kind: "dispose", instance: "k3", seq: 1, at: 1767225600000 } as const;
 * const event: EventAnswer = { n: 7, id: "73df8ada844a48b5-7", record };
 * assertEquals(event.id.endsWith(`-${event.n}`), true);
 * ```
 */
export interface EventAnswer {
  /** Number of the event. */
  readonly n: number;
  /** Its id in the stream, `EPOCH-N`. */
  readonly id: string;
  /** The record, with `receivedAt`. */
  readonly record: TelemetryRecord;
}

/**
 * What `GET /v1/machines/:instance/transitions` answers: a page of records of one machine.
 *
 * @example Usage
 * ```ts
 * import type { TransitionsAnswer } from "@asyncmachine/asyncmachine/telemetry";
 * import { createServer } from "@asyncmachine/asyncmachine/telemetry/server";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = createServer();
 * const states = { stateNames: ["Ready"], schema: { Ready: {} }, ticks: [0], queueTick: 1, machineTick: 0 };
 * server.ingest([{ v: 1, kind: "machine", instance: "k3", seq: 1, at: Date.now(), id: "file-1", ...states }]);
 * const headers = { authorization: `Bearer ${server.tokens.control}` };
 * const request = new Request(`${server.url}/v1/machines/file-1/transitions?kinds=machine`, { headers });
 * const { transitions }: TransitionsAnswer = await (await server.fetch(request)).json();
 * assertEquals(transitions.map(({ n, record }) => [n, record.kind]), [[1, "machine"]]);
 * ```
 */
export interface TransitionsAnswer {
  /** The records on it; as long as `next` is no null it may have fewer than were asked for, even none. */
  readonly transitions: readonly EventAnswer[];
  /** `cursor` of the page that follows; null at the end. */
  readonly next: number | null;
}

/**
 * Where a machine stood after a transition: what `GET /v1/machines/:instance/transitions/:id/state` answers.
 *
 * @example Usage
 * ```ts
 * import type { StateAt } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * const stateNames = ["Ready", "Exception"];
 * const state: StateAt = { n: 2, stateNames, ticks: [1, 0], sum: 1, activeStates: ["Ready"], exact: true };
 * assertEquals(state.ticks.length, state.stateNames.length);
 * ```
 */
export interface StateAt {
  /** Number of the transition's event. */
  readonly n: number;
  /** Names of its states then. */
  readonly stateNames: readonly string[];
  /** The ticks, one per state, in the order of `stateNames`. */
  readonly ticks: readonly number[];
  /** Sum of the ticks. */
  readonly sum: number;
  /** Names of the active states, in index order. */
  readonly activeStates: readonly string[];
  /** Whether `sum` is what the transition says; it is not when records that changed ticks are lost. */
  readonly exact: boolean;
}
