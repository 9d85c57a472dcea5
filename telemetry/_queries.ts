/**
 * What the routes take in their queries, and what they answer: the checks at run time, and the texts of `openapi.json`.
 *
 * @module
 */
import { z } from "zod";
import type { Filter } from "./_filter.ts";

const flag = z.enum(["true", "false"]).transform((value) => value === "true");
const name = z.string().min(1).max(1000);
const cursor = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
  .describe("`next` of the page before");

function limit(max: number): z.ZodDefault<z.ZodCoercedNumber<unknown>> {
  return z.coerce.number().int().min(1).max(max).default(100);
}

const conditions = {
  state: name.optional().describe("A state that is called or changes"),
  type: z.enum(["add", "remove", "set"]).optional().describe("What the mutation does"),
  accepted: flag.optional().describe("Whether nothing refused it; both if absent"),
  auto: flag.optional().describe("Whether the machine made it itself; both if absent"),
  checks: flag.optional().describe("Whether checks are there, too; not by default"),
  empty: flag.optional().describe("Whether transitions that change nothing are there, too; they are by default"),
  health: flag.optional().describe(
    "Whether transitions of Healthcheck and Heartbeat alone are there, too; they are by default",
  ),
  level: z.coerce.number().int().min(0).max(5).optional().describe("The highest level of log lines, 0 for none"),
};

const kind = z.enum(["machine", "tx", "log", "pipe", "dispose", "gap"]);

/** `GET machines`. */
export const machinesQuery = z.strictObject({
  search: z.string().max(1000).optional().describe("A part of the id, in upper or lower case"),
  tag: name.optional().describe("One of its tags"),
  limit: limit(100),
  cursor: cursor.optional(),
});

/** `GET machines/:instance/transitions`. */
export const transitionsQuery = z.strictObject({
  ...conditions,
  kinds: z.string().transform((text) => text.split(",")).pipe(z.array(kind)).optional()
    .describe("Kinds of records, with commas between; tx by default"),
  order: z.enum(["asc", "desc"]).default("asc").describe("Oldest or newest first"),
  limit: limit(1000),
  cursor: cursor.optional(),
});

/** `GET events`. */
export const eventsQuery = z.strictObject({
  ...conditions,
  machine: name.optional().describe("Id or instance of a machine"),
  after: z.string().regex(/^([\w-]+-)?\d{1,15}$/).optional().describe(
    "The event behind which to begin, as its id or number: 0 for all there is. Last-Event-ID, which a browser sends when it " +
      "comes again, goes first. Only what is new if both are absent",
  ),
  follow: flag.default(true).describe("false to end, with an event of the name end, behind what there is now"),
});

/** `GET recording`. */
export const recordingQuery = z.strictObject({ machine: name.optional().describe("Id or instance of a machine") });

/** What takes no query at all, tokens least of all. */
export const noQuery = z.strictObject({});

/** The filter in a query. */
export function filterOf(
  query:
    | Omit<z.output<typeof eventsQuery>, "after" | "follow">
    | Omit<z.output<typeof transitionsQuery>, "limit" | "order">,
): Filter {
  const { state, type, accepted, auto, checks, empty, health, level } = query;
  return {
    state,
    type,
    accepted,
    auto,
    checks,
    empty,
    health,
    level,
    ...("machine" in query && { machine: query.machine }),
  };
}

const record = z.looseObject({ v: z.literal(1), kind, instance: z.string(), seq: z.int(), at: z.number() })
  .describe("A record of asyncmachine/1, see schema.json");

const summary = z.object({
  instance: z.string(),
  id: z.string(),
  parent: z.object({ id: z.string(), instance: z.string().optional() }).optional(),
  tags: z.array(z.string()),
  stateCount: z.int(),
  sum: z.int(),
  activeStates: z.array(z.string()),
  disposed: z.boolean(),
  firstReceivedAt: z.number(),
  lastReceivedAt: z.number(),
  transitions: z.int(),
  events: z.int(),
  lost: z.int(),
  dropped: z.int(),
});

const place = z.string().describe("The newest event: begin to read the stream behind it");
const next = z.int().nullable().describe("The cursor of the page that follows; null at the end");
const event = z.object({ n: z.int(), id: z.string().describe("EPOCH-N"), record });
const ticks = z.array(z.int()).describe("One per state, in the order of stateNames");

/** What the routes answer. */
export const answers = {
  error: z.object({ error: z.looseObject({ code: z.string(), message: z.string() }) }),
  health: z.object({ status: z.enum(["ok", "closing"]), protocol: z.string() }),
  ingest: z.object({
    epoch: z.string(),
    accepted: z.int(),
    duplicates: z.int(),
    refused: z.array(z.object({ index: z.int(), error: z.string() })).describe("The first 100"),
    refusedCount: z.int(),
    unknown: z.array(z.string()).describe("Instances whose machine record is missing"),
  }),
  machines: z.object({ machines: z.array(summary), next, after: place }),
  machine: summary.extend({
    record,
    ticks,
    queueTick: z.int(),
    lastSeq: z.int(),
    after: place,
  }),
  transitions: z.object({ transitions: z.array(event), next }),
  transition: event,
  state: z.object({
    n: z.int(),
    stateNames: z.array(z.string()),
    ticks,
    sum: z.int(),
    activeStates: z.array(z.string()),
    exact: z.boolean().describe("Whether no record that changed a tick is missing"),
  }),
} as const;
