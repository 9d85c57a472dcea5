/**
 * What stands in a diagram, whatever its format.
 *
 * @module
 */
import type { Relation } from "../../mod.ts";
import { cleanText } from "../_clean.ts";
import { cutText } from "../_width.ts";
import type { DrawnState, Picture } from "./picture.ts";

/** Columns of the longest name that is shown whole. */
const MAX_COLUMNS = 48;

/** Columns of the longest line about a group. */
const MAX_NOTE_COLUMNS = 96;

/** What the arrow of a relation says. */
export const RELATION_TEXTS: Readonly<Record<Relation, string>> = {
  require: "requires",
  add: "adds",
  remove: "removes",
  after: "runs after",
};

/** Make a name fit: one line, clean, of limited length, and never nothing. */
export function labelOf(name: string): string {
  return cutText(cleanText(name), MAX_COLUMNS) || '""';
}

/** What is said of a group that has no frame. */
export function noteOf([name, states]: Picture["otherGroups"][number]): string {
  return cutText(cleanText(`group ${name}: ${states.join(", ")}`), MAX_NOTE_COLUMNS);
}

/** What is said beside the name of a state; its tick comes last. */
export function marksOf({ marks, tick }: DrawnState): string[] {
  return [...marks.map(labelOf), ...(tick === undefined ? [] : [`${tick}`])];
}

/** Whether a state is active; one of a schema without a machine is not. */
export function isActive({ tick }: DrawnState): boolean {
  return tick !== undefined && tick % 2 === 1;
}
