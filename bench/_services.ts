import type { Schema, State } from "@asyncmachine/asyncmachine";

/**
 * Make the schema of a program with several services, which hang on each other.
 *
 * @param count How many states it has, 4 or more: four for all, and twelve for each service, the last of which may have less.
 * @returns The schema; the same for the same count.
 */
export function makeServices(count: number): Schema {
  const services = Math.ceil((count - 4) / 12);
  const all: Record<string, State> = {
    Start: {},
    Stopping: { remove: ["Ready"] },
    Ready: { auto: true, require: Array.from({ length: services }, (_, i) => `Up${i}`) },
    Healthcheck: { multi: true, require: ["Start"] },
    ...Object.assign({}, ...Array.from({ length: services }, (_, i) => makeService(i))),
  };
  const names = new Set(Object.keys(all).slice(0, count));
  const keep = (states: readonly string[] | undefined) => states?.filter((name) => names.has(name)) ?? [];
  return Object.fromEntries([...names].map((name) => {
    const { require, add, remove, after, ...rest } = all[name]!;
    return [name, { ...rest, require: keep(require), add: keep(add), remove: keep(remove), after: keep(after) }];
  }));
}

/** A connection and a job, each in one of three states, and what happens on the connection. */
function makeService(i: number): Record<string, State> {
  const link = [`Down${i}`, `Dialing${i}`, `Up${i}`], job = [`Idle${i}`, `Working${i}`, `Done${i}`];
  const above = i === 0 ? [] : [`Up${(i - 1) >> 1}`];
  return {
    [`Down${i}`]: { auto: true, remove: link },
    [`Dialing${i}`]: { require: ["Start"], remove: link },
    [`Up${i}`]: { require: ["Start", ...above], remove: link },
    [`Idle${i}`]: { auto: true, require: [`Up${i}`], remove: job },
    [`Working${i}`]: { require: [`Up${i}`], remove: job },
    [`Done${i}`]: { remove: job },
    [`Message${i}`]: { multi: true, require: [`Up${i}`], add: [`Acked${i}`] },
    [`Retry${i}`]: { multi: true, require: [`Up${i}`], add: [`Dialing${i}`] },
    [`Acked${i}`]: { after: [`Message${i}`] },
    [`Failed${i}`]: { multi: true, remove: [`Up${i}`] },
    [`Stats${i}`]: { require: [`Working${i}`] },
    [`Flush${i}`]: { require: [`Up${i}`], remove: [`Stats${i}`] },
  };
}
