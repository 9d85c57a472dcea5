/**
 * Lines of cells with colour, cut to the width of a terminal before they are coloured.
 *
 * @module
 */
import { cleanText } from "./_clean.ts";
import { cutText, fitText, widthOf } from "./_width.ts";

/** Numbers of the escape sequences that style a text; each ends in a reset. */
const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const;

/** How a cell looks. */
export type Style = keyof typeof CODES;

/** A piece of a line. */
export interface Cell {
  /** Any text: it is made safe here. */
  readonly text: string;
  /** How it looks. */
  readonly style?: Style | undefined;
  /** Columns that it takes, cut or filled; as many as the text has if it is left out. */
  readonly width?: number | undefined;
  /** Whether what fills it stands in front. */
  readonly isRight?: boolean | undefined;
}

/** A surface to lay out lines for. */
export interface Surface {
  /** Columns; unlimited if it is left out. */
  readonly columns?: number | undefined;
  /** Whether it shows colour. */
  readonly hasColor: boolean;
}

/**
 * Lay out a line: its cells with a space between them, no longer than the surface is wide.
 *
 * @param cells The cells.
 * @param surface Where it is shown.
 * @returns The line, without its end.
 */
export function layLine(cells: readonly Cell[], surface: Surface): string {
  let line = "", left = surface.columns ?? Infinity, gap = "";
  for (const [i, cell] of cells.entries()) {
    const text = place(cell, i === cells.length - 1, left);
    if (text === "" && cell.width === undefined) continue;
    line += gap + paint(text, cell.style, surface.hasColor);
    left -= widthOf(text) + 1;
    gap = " ";
    if (left <= 0) break;
  }
  return surface.hasColor ? line : line.trimEnd();
}

/** The last cell of a line needs nothing behind it. */
function place({ text, width, isRight }: Cell, isLast: boolean, left: number): string {
  const safe = cleanText(text);
  if (width === undefined) return cutText(safe, left);
  const room = Math.min(width, left);
  if (isRight) {
    const cut = cutText(safe, room);
    return " ".repeat(room - widthOf(cut)) + cut;
  }
  return isLast ? cutText(safe, room) : fitText(safe, room);
}

/** Colour a text that is clean already. */
export function paint(text: string, style: Style | undefined, hasColor: boolean): string {
  return style === undefined || !hasColor || text === "" ? text : `\x1b[${CODES[style]}m${text}\x1b[0m`;
}

/** A column of a table. */
export interface Column {
  /** What stands above it. */
  readonly title: string;
  /** Whether it holds numbers. */
  readonly isRight?: boolean;
  /** Columns that it takes at most; the last one takes what is left. */
  readonly maxWidth?: number;
}

/**
 * Lay out a table with a line of titles.
 *
 * @param columns The columns.
 * @param rows Texts or cells, one per column.
 * @param surface Where it is shown.
 * @returns Lines without their ends.
 */
export function layTable(
  columns: readonly Column[],
  rows: readonly (readonly (string | Cell)[])[],
  surface: Surface,
): string[] {
  const cells = rows.map((row) => row.map((cell) => typeof cell === "string" ? { text: cell } : cell));
  const widths = columns.map(({ title, maxWidth = Infinity }, i) =>
    Math.min(maxWidth, Math.max(widthOf(title), ...cells.map((row) => widthOf(cleanText(row[i]?.text ?? "")))))
  );
  const lay = (row: readonly Cell[]) =>
    layLine(row.map((cell, i) => ({ ...cell, width: widths[i], isRight: columns[i]?.isRight })), surface);
  return [lay(columns.map(({ title }) => ({ text: title, style: "bold" as const }))), ...cells.map(lay)];
}
