/**
 * A box with its states in it, one below the other: for Graphviz it is one node.
 *
 * @module
 */
import type { Relation } from "../../mod.ts";
import type { Rect, Size } from "./geometry.ts";
import type { Box } from "./picture.ts";

/** Space between the frame of a box and its states; an arrow to one of them ends in it. */
export const PADDING = 14;
/** Height of a title. */
export const TITLE = 22;
/** Space between states of a box. */
export const GAP = 6;
/** States of a box that stand below each other, if arrows need not reach them one by one. */
const MAX_ROWS = 8;

/** A box with the places of its states in it. */
export interface Card extends Size {
  readonly box: Box;
  /** In the order of the members, from the card's upper left corner. */
  readonly places: readonly Rect[];
  /** Whether arrows lead to single states. */
  readonly isOpen: boolean;
}

/**
 * Lay out the states of a box: in one column if arrows have to reach them, else in as many as it takes.
 *
 * @param box The box.
 * @param sizes Sizes of all states.
 * @param titleWidth Width of what stands above them.
 * @param isOpen Whether arrows lead to single states.
 */
export function makeCard(box: Box, sizes: readonly Size[], titleWidth: number, isOpen: boolean): Card {
  const { members } = box;
  const rows = isOpen ? members.length : Math.max(MAX_ROWS, Math.ceil(Math.sqrt(members.length * 2)));
  const isOneColumn = members.length <= rows;
  const minWidth = isOneColumn ? titleWidth - PADDING : 0;
  const places: Rect[] = [];
  let x = PADDING;
  for (let first = 0; first < members.length; first += rows) {
    const column = members.slice(first, first + rows).map((member) => sizes[member]!);
    const width = Math.max(minWidth, ...column.map((size) => size.width));
    let y = TITLE;
    for (const { height } of column) {
      places.push({ x, y, width, height });
      y += height + GAP;
    }
    x += width + GAP;
  }
  const width = Math.max(x - GAP, titleWidth + PADDING / 2) + PADDING;
  const height = Math.max(...places.map((place) => place.y + place.height)) + PADDING;
  return { box, places, width, height, isOpen };
}

/** Arrows of different kinds end at different heights of a state; half the gap is above and below the ports. */
const PORTS = ["over", "add", "between", "require", "below", "remove", "under"] as const;
const PORT_HEIGHTS = [6, 6, 1, 6, 1, 6, 6] as const;

/** Name the place at a state of a card where arrows of a relation begin and end. */
export function portOf(state: number, relation: Relation): string {
  return `${relation === "after" ? "remove" : relation}${state}`;
}

/** Write a card as a table: rows of nothing around those of the states, each of which has its ports. */
export function toTable({ box, places, width, height }: Card): string {
  const rows = box.members.flatMap((member) =>
    PORTS.map((name, i) => toRow(width, PORT_HEIGHTS[i]!, `${name}${member}`))
  );
  const last = places.at(-1)!;
  const rest = height - last.y - last.height - GAP / 2;
  return `${TABLE}${toRow(width, TITLE - GAP / 2)}${rows.join("")}${toRow(width, rest)}</TABLE>`;
}

/** Write nothing, of a size. */
export function toSpace({ width, height }: Size): string {
  return `${TABLE}${toRow(width, height)}</TABLE>`;
}

const TABLE = `<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">`;

function toRow(width: number, height: number, port?: string): string {
  const attribute = port === undefined ? "" : ` PORT="${port}"`;
  return `<TR><TD FIXEDSIZE="TRUE" WIDTH="${width}" HEIGHT="${height}"${attribute}></TD></TR>`;
}
