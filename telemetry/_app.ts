/**
 * The Hono app: what holds for every route, before and around it.
 *
 * @module
 */
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { HTTPException } from "hono/http-exception";
import { secureHeaders } from "hono/secure-headers";
import { openAPIRouteHandler } from "hono-openapi";
import { asHttpError, errorBody, type ErrorCode, HttpError } from "./_http_error.ts";
import { checkOrigin, type OriginRules } from "./_origin.ts";
import { addRoutes, guard, type RouteParts } from "./_routes.ts";
import { PROTOCOL } from "./protocol.ts";

/** What the app is made of. */
export interface AppParts extends RouteParts {
  /** Decides which names and pages are answered. */
  readonly rules: OriginRules;
}

/**
 * A page of this server may load nothing from elsewhere, and no frame may hold it. There is none as yet; an answer that a
 * browser takes for one is held by it, too.
 */
const addHeaders: MiddlewareHandler = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  referrerPolicy: "no-referrer",
  xFrameOptions: "DENY",
  strictTransportSecurity: false, // it would hold for all ports of a name such as localhost
});

/** Make the app. All its paths begin with `/v1`, so that it can be mounted anywhere, and checks nothing of its neighbours. */
export function makeApp(parts: AppParts): Hono {
  const app = new Hono();
  app.use("/v1/*", addHeaders, forbidCaches, guardOrigin(parts.rules));
  addRoutes(app, parts);
  app.get(
    "/v1/openapi.json",
    guard(parts.auth, "read"),
    openAPIRouteHandler(app, {
      documentation: {
        info: {
          title: "asyncmachine telemetry",
          version: PROTOCOL,
          description: "Machines, transitions and the live stream",
        },
        servers: [{ url: ".." }], // as seen from this document, wherever the app is mounted
      },
      excludeStaticFile: false,
      defaultValidationErrorResponse: false,
    }),
  );
  app.all("/v1/*", notFound);
  app.notFound(notFound);
  app.onError(answerError);
  return app;
}

/** `no-transform`: a server or proxy that packs the stream would hold events back. */
async function forbidCaches(c: Context, next: () => Promise<void>): Promise<void> {
  await next();
  c.header("Cache-Control", "no-store, no-transform");
}

function guardOrigin(rules: OriginRules): MiddlewareHandler {
  const answerPages = cors({
    origin: [...rules.origins],
    credentials: true,
    allowMethods: ["GET", "POST"],
    allowHeaders: ["Authorization", "Content-Type", "Content-Encoding", "Last-Event-ID"],
    exposeHeaders: ["Retry-After", "X-Total-Records"],
    maxAge: 600,
  });
  return async (c, next) => {
    checkOrigin(c.req.raw, rules);
    const origin = c.req.header("origin");
    if (origin !== undefined && rules.origins.has(origin)) return await answerPages(c, next);
    await next();
  };
}

function notFound(c: Context): Response {
  return c.json(errorBody("not_found", "There is no such route"), 404);
}

function answerError(error: Error, c: Context): Response {
  const { status, body, headers } = error instanceof HTTPException
    ? new HttpError(error.status, codeOf(error.status), error.message)
    : asHttpError(error);
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  return c.json(body, status as 400);
}

function codeOf(status: number): ErrorCode {
  return status === 413 ? "too_large" : status === 404 ? "not_found" : "bad_query";
}
