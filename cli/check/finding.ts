/**
 * What a check finds, and the mutations that show it.
 *
 * @module
 */
import type { Position } from "../schema/model.ts";
import type { RuleId, Severity } from "./rules.ts";

/** One mutation of a script. */
export interface Call {
  /** What is done with the states. */
  readonly type: "add" | "remove" | "set";
  /** The called states, in order. */
  readonly states: readonly string[];
}

/** Mutations from a fresh machine without handlers, and what is seen at their end. */
export interface Script {
  /** The mutations; no shorter list of them shows it. */
  readonly calls: readonly Call[];
  /** What the last one came to; `executed` when there is none. */
  readonly result: "executed" | "canceled";
  /** The active states after it, in the order of the schema, `Exception` last. */
  readonly active: readonly string[];
  /** The same with their ticks, as a machine shows itself: `(A:1 B:3)`. */
  readonly shown: string;
}

/** Something to know about a schema. */
export interface Finding {
  /** The rule that it breaks. */
  readonly rule: RuleId;
  /** How bad it is. */
  readonly severity: Severity;
  /** The states that it is about, the one to look at first. */
  readonly states: readonly string[];
  /** One sentence that names them. */
  readonly message: string;
  /** Where the file names the first state, if that is known. */
  readonly position?: Position | undefined;
  /** The mutations that show it, of what never happens one time that it does not; none when nothing can. */
  readonly script?: Script | undefined;
  /** Why no mutations show it, or how it is known that something never happens. */
  readonly evidence?: string | undefined;
}

/** How far the sets of active states were searched. */
export interface Searched {
  /** Sets that were visited. */
  readonly sets: number;
  /** Whether these are all that there are. */
  readonly isComplete: boolean;
  /** States that the sets are made of; those that have no relation and are not `auto` concern no other. */
  readonly states: number;
}

/** What a check came to. */
export interface Report {
  /** Findings in the order of their places. */
  readonly findings: readonly Finding[];
  /** How far it looked. */
  readonly searched: Searched;
}
