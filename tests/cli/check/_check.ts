/**
 * Checks schemas in tests, and runs what the check says on real machines.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { type CheckOptions, checkSchema } from "../../../cli/check/check_schema.ts";
import type { Call, Finding, Report } from "../../../cli/check/finding.ts";
import { toModel } from "../../../cli/schema/model.ts";
import { Canceled, Machine, type Schema } from "../../../mod.ts";

/** Check a schema. */
export function check(schema: Schema, options?: CheckOptions): Report {
  const steps = checkSchema(toModel("Test", schema), options);
  while (true) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Check a schema that has one finding, and get that. */
export function checkOne(schema: Schema): Finding {
  const { findings } = check(schema);
  assertEquals(findings.length, 1, findings.map(({ message }) => message).join("\n"));
  return findings[0]!;
}

/** What the last mutation of a script did. */
export interface Ran {
  /** The machine at the end. */
  readonly machine: Machine;
  /** The states active before the last mutation. */
  readonly before: readonly string[];
  /** The states active after it. */
  readonly after: readonly string[];
  readonly isCanceled: boolean;
}

/** Run mutations on a fresh machine. */
export function runCalls(schema: Schema, calls: readonly Call[], machine: Machine = new Machine(schema)): Ran {
  let before: readonly string[] = [], isCanceled = false;
  for (const { type, states } of calls) {
    before = machine.activeStates();
    isCanceled = machine[type](states) === Canceled;
  }
  return { machine, before, after: machine.activeStates(), isCanceled };
}

/** Run the script of a finding, and see that it ends as the finding says. */
export function runScript(schema: Schema, { script, rule }: Finding): Ran {
  assert(script !== undefined, `${rule} has no script`);
  const ran = runCalls(schema, script.calls);
  assertEquals(ran.machine.toString(), script.shown);
  assertEquals(new Set(ran.after), new Set(script.active));
  assertEquals(ran.isCanceled, script.result === "canceled");
  return ran;
}

/** A source of numbers that is the same each time. */
export function randomFrom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % limit;
  };
}

/** Which states and relations a random schema has. */
export interface RandomSchemaOptions {
  /** The most states. */
  readonly maxStates: number;
  /** The most entries of relations. */
  readonly maxEntries: number;
  /** Whether it may also name `Exception`, states with rules of their own, and states that are not there. */
  readonly isOdd: boolean;
  /** What states are named. Letters by default. */
  readonly names?: readonly string[];
}

/** Make a random schema. */
export function randomSchema(random: (limit: number) => number, options: RandomSchemaOptions): Schema {
  const { maxStates, maxEntries, isOdd, names: all = [..."ABCDEFGHIJKLMNOPQRST"] } = options;
  const names = all.slice(0, 2 + random(maxStates - 1));
  if (isOdd && random(6) === 0) names[random(names.length)] = "Exception";
  if (isOdd && random(6) === 0) names[random(names.length)] = random(2) === 0 ? "Heartbeat" : "Healthcheck";
  const states = names.map((name) =>
    [
      name,
      {
        auto: random(4) === 0,
        multi: random(5) === 0,
        require: [] as string[],
        add: [] as string[],
        remove: [] as string[],
        after: [] as string[],
      },
    ] as const
  );
  const others = isOdd ? [...names, "Exception", ...(random(5) === 0 ? ["Nope"] : [])] : names;
  for (let i = random(maxEntries + 1); i > 0; i--) {
    const relation = (["require", "add", "add", "remove", "remove", "after"] as const)[random(6)]!;
    states[random(states.length)]![1][relation].push(others[random(others.length)]!);
  }
  return Object.fromEntries(states);
}

/** Make a random schema with three auto states that put each other out, in a ring. */
export function randomFight(random: (limit: number) => number): Schema {
  const schema = randomSchema(random, { maxStates: 2, maxEntries: 2, isOdd: false });
  const names = ["F", "G", "H"];
  const others = [...names, ...Object.keys(schema)];
  const ring = names.map((name, i) => {
    const require = random(3) === 0 ? [others[random(others.length)]!] : [];
    return [name, { auto: true, require, remove: [names[(i + 1) % 3]!] }] as const;
  });
  return { ...schema, ...Object.fromEntries(ring) };
}
