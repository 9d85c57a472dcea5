/**
 * A way for tests into a server: to count what its users have no reason to see.
 *
 * @module
 */
import type { Feed } from "./_feed.ts";

const feeds = new WeakMap<object, Feed>();

/** Note the feed of a server or an app. */
export function noteFeed(telemetry: object, feed: Feed): void {
  feeds.set(telemetry, feed);
}

/** The feed of a server or an app. */
export function feedOf(telemetry: object): Feed {
  return feeds.get(telemetry)!;
}
