import type { Plan } from "./_plan.ts";
import type { Relation } from "./schema.ts";

/** Kinds of relations, in the order in which they are told. */
export const RELATIONS: readonly Relation[] = ["add", "require", "remove", "after"];

/** `(Foo:1 Bar:3)`: the active states in index order. */
export function formatActive(plan: Plan, clock: readonly number[]): string {
  return `(${formatTicks(plan, clock, true)})`;
}

/** `(Foo:1 Bar:3) [Baz:2]`: the active states, then the inactive ones. */
export function formatAll(plan: Plan, clock: readonly number[]): string {
  return `${formatActive(plan, clock)} [${formatTicks(plan, clock, false)}]`;
}

/** A paragraph a state: whether it is active, its name, its tick, its flags, its relations. */
export function inspectStates(plan: Plan, clock: readonly number[], states: readonly number[]): string {
  return states.map((state) => inspectState(plan, clock[state]!, state)).join("");
}

function formatTicks(plan: Plan, clock: readonly number[], isActive: boolean): string {
  const shown = plan.names.map((name, state) => `${name}:${clock[state]}`);
  return shown.filter((_, state) => (clock[state]! % 2 === 1) === isActive).join(" ");
}

function inspectState(plan: Plan, tick: number, state: number): string {
  const name = plan.names[state]!;
  const definition = plan.schema[name]!;
  const fields: [label: string, words: readonly unknown[] | undefined][] = [
    ["Tick", [tick]],
    ["Auto", plan.isAuto[state] ? [true] : []],
    ["Multi", plan.isMulti[state] ? [true] : []],
    ["Add", definition.add],
    ["Require", definition.require],
    ["Remove", definition.remove],
    ["After", definition.after],
  ];
  const lines = fields.map(([label, words]) => words?.length ? `    |${label.padEnd(8)} ${words.join(" ")}\n` : "");
  return `${tick % 2} ${name}\n${lines.join("")}`;
}
