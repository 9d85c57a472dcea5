/**
 * Which names the server answers to, and to whose pages: what stands between it and any page that a browser on the same
 * machine has open.
 *
 * A page of another site can send requests to a server on loopback, also under a name of its own that it lets point there
 * (DNS rebinding). So each authority that a request names has to be one of the server's, and a request that a page makes
 * has to come from the server's own pages or a listed origin.
 *
 * @module
 */
import { HttpError } from "./_http_error.ts";

/** What is allowed. */
export interface OriginRules {
  /** Exact hosts, lower case, with port if there is one: `debug.example.com`, `10.0.0.5:6841`. */
  readonly hosts: ReadonlySet<string>;
  /** Hosts that are allowed with any port. */
  readonly names: ReadonlySet<string>;
  /** Exact origins of pages: `https://debug.example.com`. */
  readonly origins: ReadonlySet<string>;
}

/** Names of the machine itself, as they stand in a URL. */
const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];

/** Tell whether a host name or address leads nowhere but to the machine itself. */
export function isLoopback(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/^\[(.*)\]$/, "$1").replace(/^::ffff:/, "");
  return name === "localhost" || name === "::1" || /^127(\.\d{1,3}){3}$/.test(name);
}

/**
 * Make the rules of a server.
 *
 * @param hostname Where it listens; `undefined` for an app that somebody else serves.
 * @param allowed What its user allows besides.
 *
 * @throws {TypeError} when a host or origin is none.
 */
export function originRules(
  hostname: string | undefined,
  allowed: { readonly hosts: readonly string[]; readonly origins: readonly string[] },
): OriginRules {
  const names = new Set(LOOPBACK_NAMES);
  if (hostname !== undefined && !isWildcard(hostname)) names.add(inUrl(hostname));
  return {
    names,
    hosts: new Set(allowed.hosts.map(readHost)),
    origins: new Set(allowed.origins.map(readOrigin)),
  };
}

/** A host name or address as it stands in a URL. */
export function inUrl(hostname: string): string {
  const name = hostname.toLowerCase();
  return name.includes(":") && !name.startsWith("[") ? `[${name}]` : name;
}

/** Where a server is reached that listens on a name or address: a wildcard is none, so it is that on loopback. */
export function addressInUrl(hostname: string): string {
  if (!isWildcard(hostname)) return inUrl(hostname);
  return hostname === "0.0.0.0" ? "127.0.0.1" : "[::1]";
}

/**
 * Check the hosts that a request names and the origin of the page that makes it.
 *
 * @throws {HttpError} 403 when one of them is not allowed.
 */
export function checkOrigin(request: Request, rules: OriginRules): void {
  const url = new URL(request.url);
  const named = request.headers.get("host");
  if (!isAllowedHost(url.host, rules) || (named !== null && !isAllowedHost(named.toLowerCase(), rules))) {
    throw new HttpError(403, "forbidden_host", "This server does not answer to that host: list it in allowedHosts");
  }
  const origin = request.headers.get("origin");
  if (origin !== null ? origin !== url.origin && !rules.origins.has(origin) : isFromOtherSite(request)) {
    throw new HttpError(
      403,
      "forbidden_origin",
      "This server does not answer to that page: list its origin in allowedOrigins",
    );
  }
}

/** Browsers leave `Origin` out of some requests, such as those for images, but say where they come from all the same. */
function isFromOtherSite(request: Request): boolean {
  const site = request.headers.get("sec-fetch-site");
  return site !== null && site !== "same-origin" && site !== "none";
}

/** No list of hosts is long, so a port is cut off by hand, not by making a URL of what a stranger sent. */
function isAllowedHost(host: string, { hosts, names }: OriginRules): boolean {
  return hosts.has(host) || names.has(host.replace(/:\d{1,5}$/, ""));
}

function isWildcard(hostname: string): boolean {
  return hostname === "0.0.0.0" || hostname.replace(/^\[(.*)\]$/, "$1") === "::";
}

function readHost(host: string): string {
  const url = `http://${host}`;
  if (/[/?#@\\]/.test(host) || !URL.canParse(url) || new URL(url).pathname !== "/") {
    throw new TypeError(`Cannot allow the host "${host}": it has to be a name or address, with a port if it has one`);
  }
  return host.toLowerCase();
}

function readOrigin(origin: string): string {
  if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
    throw new TypeError(`Cannot allow the origin "${origin}": it has to be scheme://host, with a port if it has one`);
  }
  return origin;
}
