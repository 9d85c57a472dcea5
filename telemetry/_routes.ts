/**
 * The routes: what each needs, what it takes, and what it answers.
 *
 * @module
 */
import type { Context, Env, Hono, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { describeRoute, type DescribeRouteOptions, resolver, validator } from "hono-openapi";
import type { z } from "zod";
import type { Auth, Need } from "./_auth.ts";
import { type BodyLimits, NDJSON, readText } from "./_body.ts";
import type { Feed } from "./_feed.ts";
import { limitLog } from "./_filter.ts";
import { idOf } from "./_frames.ts";
import { HttpError } from "./_http_error.ts";
import { ingestLines } from "./_ingest.ts";
import {
  answers,
  eventsQuery,
  filterOf,
  machinesQuery,
  noQuery,
  recordingQuery,
  transitionsQuery,
} from "./_queries.ts";
import { exportRecording, importRecording } from "./_recording_body.ts";
import { EventStream, type StartPlace } from "./_sse.ts";
import type { MachineDetail, Store, StoredEvent } from "./_store.ts";
import type { EventAnswer, MachinesAnswer, TransitionsAnswer } from "./answers.ts";
import { PROTOCOL } from "./protocol.ts";

/** What the routes work with. */
export interface RouteParts {
  /** Keeps the events. */
  readonly store: Store;
  /** Brings them to readers. */
  readonly feed: Feed;
  /** Decides who may do what. */
  readonly auth: Auth;
  /** Limits of a batch. */
  readonly batchLimits: BodyLimits;
  /** Limits of a recording. */
  readonly recordingLimits: BodyLimits;
}

type Responses = NonNullable<DescribeRouteOptions["responses"]>;

/** Bodies that are read at the same time: together they have a limit, too. */
const MAX_BODIES = 16;

const RETRY_AFTER = { "retry-after": "1" };

/** Add all routes but that of `openapi.json`, which tells about them. */
export function addRoutes(app: Hono, parts: RouteParts): void {
  addLife(app, parts);
  addIngest(app, parts);
  addMachines(app, parts);
  addTransitions(app, parts);
  addEvents(app, parts);
  addRecording(app, parts);
}

/** Lets only those pass that may. It is the first of each route: nobody else makes the server read a query or body. */
export function guard(auth: Auth, need: Need): MiddlewareHandler {
  return async (c, next) => {
    await auth.check(c, need);
    await next();
  };
}

function addLife(app: Hono, { auth, feed }: RouteParts): void {
  app.get(
    "/v1/healthz",
    guard(auth, "open"),
    describe("Whether the server is there", jsonOf(answers.health)),
    checkQuery(noQuery),
    (c) => c.json({ status: feed.isEnding ? "closing" : "ok", protocol: PROTOCOL }, feed.isEnding ? 503 : 200),
  );
  app.post(
    "/v1/session",
    guard(auth, "token"),
    describe("Trade the token for a cookie that scripts cannot read", { 204: { description: "Set-Cookie" } }),
    checkQuery(noQuery),
    async (c) => {
      await auth.startSession(c);
      return c.body(null, 204);
    },
  );
}

function addIngest(app: Hono, parts: RouteParts): void {
  const { auth, feed, batchLimits } = parts;
  app.post(
    "/v1/ingest",
    guard(auth, "ingest"),
    describe("Take in records, one a line", jsonOf(answers.ingest), takesRecords()),
    checkQuery(noQuery),
    limitLength(batchLimits),
    limitBodies(),
    async (c) => {
      const text = await readText(c.req.raw, batchLimits);
      refuseWhenEnding(feed);
      return c.json(ingestLines(parts, text.split("\n")));
    },
  );
}

function addMachines(app: Hono, { auth, feed, store }: RouteParts): void {
  app.get(
    "/v1/machines",
    guard(auth, "read"),
    describe("List machines, the newest first", jsonOf(answers.machines)),
    checkQuery(machinesQuery),
    (c) => {
      const { items, next = null } = store.machines(c.req.valid("query"));
      const answer: MachinesAnswer = { machines: items, next, after: idOf(feed.epoch, feed.lastEvent) };
      return c.json(answer);
    },
  );
  app.get(
    "/v1/machines/:instance",
    guard(auth, "read"),
    describe("Tell all about a machine: its schema, and where its clock stands", jsonOf(answers.machine)),
    checkQuery(noQuery),
    (c) => c.json({ ...findMachine(store, c), after: idOf(feed.epoch, feed.lastEvent) }),
  );
}

function addTransitions(app: Hono, { auth, feed, store }: RouteParts): void {
  app.get(
    "/v1/machines/:instance/transitions",
    guard(auth, "read"),
    describe("List transitions of a machine", jsonOf(answers.transitions)),
    checkQuery(transitionsQuery),
    (c) => {
      const { kinds, limit, cursor, order, ...conditions } = c.req.valid("query");
      const { instance } = findMachine(store, c);
      const filter = filterOf(conditions);
      const { items, next = null } = store.transitions(instance, { filter, kinds, limit, cursor, order });
      const answer: TransitionsAnswer = {
        transitions: items.map((event) => toAnswer(feed.epoch, event, filter.level)),
        next,
      };
      return c.json(answer);
    },
  );
  app.get(
    "/v1/machines/:instance/transitions/:id",
    guard(auth, "read"),
    describe("Tell all about a transition", jsonOf(answers.transition)),
    checkQuery(noQuery),
    (c) => {
      const event = store.transition(findMachine(store, c).instance, c.req.param("id"));
      if (event === undefined) throw notFound("transition");
      return c.json(toAnswer(feed.epoch, event));
    },
  );
  app.get(
    "/v1/machines/:instance/transitions/:id/state",
    guard(auth, "read"),
    describe("Tell where a machine stood after a transition", jsonOf(answers.state)),
    checkQuery(noQuery),
    (c) => {
      const state = store.stateAt(findMachine(store, c).instance, c.req.param("id"));
      if (state === undefined) throw notFound("transition");
      return c.json(state);
    },
  );
}

function addEvents(app: Hono, { auth, feed }: RouteParts): void {
  app.get(
    "/v1/events",
    guard(auth, "read"),
    describe("Follow the stream of all machines", {
      200: { description: "Events with the id EPOCH-N", content: { "text/event-stream": {} } },
    }),
    checkQuery(eventsQuery),
    (c) => {
      refuseWhenEnding(feed);
      c.header("Content-Type", "text/event-stream; charset=utf-8");
      c.header("X-Accel-Buffering", "no");
      if (c.req.raw.method === "HEAD") return c.body(null);
      outlastHeartbeats(c, feed.options.heartbeatMs);
      const { after, follow, ...query } = c.req.valid("query");
      const stream = new EventStream(feed, {
        start: startOf(feed, c.req.header("last-event-id") ?? after),
        selection: feed.select(filterOf(query)),
        end: follow ? undefined : feed.lastEvent,
        disconnect: () => outgoingOf(c)?.destroy?.(),
        heldBytes: () => outgoingOf(c)?.writableLength ?? 0,
      });
      return c.body(stream.body);
    },
  );
}

function addRecording(app: Hono, parts: RouteParts): void {
  const { auth, feed, store, recordingLimits } = parts;
  let isImporting = false;
  app.get(
    "/v1/recording",
    guard(auth, "read"),
    describe("Export machines: one record a line, packed if the client takes gzip", {
      200: {
        description:
          "Records; X-Total-Records says how many there are to come, X-Last-Event behind which event to go on",
        headers: { "X-Total-Records": { schema: { type: "integer" } }, "X-Last-Event": { schema: { type: "string" } } },
        content: { [NDJSON]: {} },
      },
    }),
    checkQuery(recordingQuery),
    (c) => {
      const { total, lines } = store.recording(c.req.valid("query"));
      c.header("Content-Type", NDJSON);
      c.header("Content-Disposition", 'attachment; filename="recording.ndjson"');
      c.header("X-Total-Records", `${total}`);
      c.header("X-Last-Event", idOf(feed.epoch, feed.lastEvent));
      c.header("Vary", "Accept-Encoding", { append: true });
      const isPacked = acceptsGzip(c.req.header("accept-encoding"));
      if (isPacked) c.header("Content-Encoding", "gzip");
      if (c.req.raw.method === "HEAD") return c.body(null);
      return c.body(exportRecording(lines, { isPacked }));
    },
  );
  app.post(
    "/v1/recording",
    guard(auth, "control"),
    describe("Import machines; the answer is a line of progress now and then, the last with what came of it", {
      200: {
        description: "Progress: read, accepted, duplicates, refusedCount; at last done",
        content: { [NDJSON]: {} },
      },
    }, takesRecords()),
    checkQuery(noQuery),
    async (c) => {
      refuseWhenEnding(feed);
      if (isImporting) {
        throw new HttpError(429, "busy", "Another recording is being imported", { headers: RETRY_AFTER });
      }
      isImporting = true;
      const progress = importRecording(parts, c.req.raw, recordingLimits, () => isImporting = false);
      c.header("Content-Type", NDJSON);
      return c.body(await progress);
    },
  );
}

/** A machine by the name in the path: its instance, or an id that only one has. */
function findMachine(store: Store, c: Context): MachineDetail {
  const name = c.req.param("instance")!;
  const found = store.machine(name);
  if (found !== undefined) return found;
  const instances = store.instancesOf(name);
  if (instances.length > 1) {
    const details = { instances: instances.slice(0, 100) };
    throw new HttpError(409, "ambiguous", `${instances.length} machines have that id: name one by its instance`, {
      details,
    });
  }
  const only = instances[0] === undefined ? undefined : store.machine(instances[0]);
  if (only === undefined) throw notFound("machine");
  return only;
}

/**
 * Where a reader begins.
 *
 * @param place `EPOCH-N`, or N alone. One that the stream does not have is lost: the reader begins with what there is.
 */
function startOf(feed: Feed, place: string | undefined): StartPlace {
  if (place === undefined || place === "") return { after: feed.lastEvent, isLost: false };
  const [, epoch, number] = /^(?:(.+)-)?(\d{1,15})$/.exec(place) ?? [];
  const after = Number(number);
  const isLost = number === undefined || (epoch !== undefined && epoch !== feed.epoch) || after > feed.lastEvent;
  return isLost ? { after: 0, isLost } : { after, isLost };
}

/** The connection below an answer, where whoever serves the app shows it: Node's server does. */
function outgoingOf(c: Context): { destroy?: () => void; writableLength?: number } | undefined {
  return (c.env as { outgoing?: { destroy?: () => void; writableLength?: number } } | undefined)?.outgoing;
}

/** `Bun.serve()` closes a connection on which nothing came for 10 s, and waits for 255 s at most. */
function outlastHeartbeats(c: Context, heartbeatMs: number): void {
  const env = c.env as { requestIP?: unknown; timeout?: (request: Request, seconds: number) => void } | undefined;
  if (typeof env?.requestIP === "function") env.timeout?.(c.req.raw, Math.min(255, Math.ceil(heartbeatMs / 500)));
}

function toAnswer(epoch: string, { n, record }: StoredEvent, level?: number): EventAnswer {
  return { n, id: idOf(epoch, n), record: limitLog(record, level) };
}

function refuseWhenEnding({ isEnding }: Feed): void {
  if (isEnding) throw new HttpError(503, "closing", "The server is closing", { headers: RETRY_AFTER });
}

/**
 * Refuses a body by the length that it says. Hono's limit reads one that says none to its end, however long that takes:
 * `readText()` counts that as it comes.
 */
function limitLength({ maxBytes }: BodyLimits): MiddlewareHandler {
  const limit = bodyLimit({
    maxSize: maxBytes,
    onError: () => {
      throw new HttpError(413, "too_large", `The body has more than ${maxBytes} bytes`);
    },
  });
  return async (c, next) => {
    const saysLength = c.req.header("content-length") !== undefined && c.req.header("transfer-encoding") === undefined;
    return saysLength ? await limit(c, next) : await next();
  };
}

/** Keeps the number of bodies that are read at the same time. */
function limitBodies(): MiddlewareHandler {
  let bodies = 0;
  return async (_, next) => {
    if (bodies >= MAX_BODIES) {
      throw new HttpError(429, "busy", `${MAX_BODIES} others are sending`, { headers: RETRY_AFTER });
    }
    bodies++;
    try {
      await next();
    } finally {
      bodies--;
    }
  };
}

type QueryChecker<Schema extends z.ZodType> = MiddlewareHandler<
  Env,
  string,
  { in: { query: z.input<Schema> }; out: { query: z.output<Schema> } }
>;

/** Checks the query, and tells `openapi.json` what it may have. */
function checkQuery<Schema extends z.ZodType>(schema: Schema): QueryChecker<Schema> {
  const check: MiddlewareHandler = validator("query", schema, (result) => {
    if (result.success) return;
    const { path = [], message } = result.error[0]!;
    throw new HttpError(400, "bad_query", `Cannot read the query: ${[...path, message].join(": ")}`);
  });
  return check as QueryChecker<Schema>;
}

/** What `openapi.json` says of a route besides its query. */
function describe(
  description: string,
  responses: Responses,
  more: Partial<DescribeRouteOptions> = {},
): MiddlewareHandler {
  const refused = { description: "Refused", content: { "application/json": { schema: resolver(answers.error) } } };
  return describeRoute({ description, responses: { ...responses, default: refused }, ...more });
}

function jsonOf(schema: z.ZodType): Responses {
  return { 200: { description: "The answer", content: { "application/json": { schema: resolver(schema) } } } };
}

function takesRecords(): Partial<DescribeRouteOptions> {
  return {
    requestBody: { description: "Records, plain or packed with gzip", required: true, content: { [NDJSON]: {} } },
  };
}

function notFound(what: "machine" | "transition"): HttpError {
  return new HttpError(404, "not_found", `That ${what} is not here`);
}

function acceptsGzip(header = ""): boolean {
  return header.split(",").some((it) => /^\s*gzip\s*(;\s*q=(1(\.0*)?|0\.\d*[1-9]\d*))?\s*$/i.test(it));
}
