import type { Relation } from "../../mod.ts";
import type { Position, SchemaModel, StateModel } from "../schema/model.ts";
import type { Call, Finding } from "./finding.ts";
import type { Goal } from "./_search.ts";

/** An entry of a relation: where a finding points at. */
export interface Entry {
  readonly relation: Relation;
  /** Place in the list, from 0. */
  readonly index: number;
}

/** A finding whose script is still to be looked for. */
export interface Draft extends Omit<Finding, "position" | "script"> {
  /** The entry of the first state that it is about. */
  readonly entry?: Entry | undefined;
  /** The last mutation of its script. */
  readonly goal?: Goal | undefined;
  /** The mutations, where they are known already. */
  readonly calls?: readonly Call[] | undefined;
  /** What is said where no script is found. Without it and without evidence there is no finding then. */
  readonly fallback?: string | undefined;
}

/** Where the file names what a finding is about. */
export function positionOf({ states }: SchemaModel, { states: [first], entry }: Draft): Position | undefined {
  const state = states.get(first!);
  return (entry && state?.relationPositions?.[entry.relation]?.[entry.index]) ?? state?.position;
}

/** The entry of a relation that lists a state. */
export function entryOf(state: StateModel | undefined, relation: Relation, name: string): Entry | undefined {
  const index = state?.[relation]?.indexOf(name) ?? -1;
  return index < 0 ? undefined : { relation, index };
}

/** Write names for a sentence: `"A", "B" and "C"`. */
export function quoteNames(names: readonly string[]): string {
  const quoted = names.map((name) => `"${name}"`);
  return quoted.length < 2 ? quoted.join() : `${quoted.slice(0, -1).join(", ")} and ${quoted.at(-1)}`;
}
