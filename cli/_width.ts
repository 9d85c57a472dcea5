import { unicodeWidth } from "@std/cli";

const IS_PLAIN = /^[\x20-\x7e]*$/;

const segmenter = new Intl.Segmenter();

/** Count the columns of a clean text. */
export function widthOf(text: string): number {
  return IS_PLAIN.test(text) ? text.length : unicodeWidth(text);
}

/**
 * Cut a clean text to a number of columns, `…` in the place of what is gone. Characters are never cut in two.
 *
 * @param text The text.
 * @param columns How many columns it may take, 0 or more.
 * @returns The text itself if it fits.
 */
export function cutText(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  if (columns <= 0) return "";
  let kept = "", left = columns - 1;
  for (const { segment } of segmenter.segment(text)) {
    left -= widthOf(segment);
    if (left < 0) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** Bring a clean text to exactly a number of columns: cut, or followed by spaces. */
export function fitText(text: string, columns: number): string {
  const cut = cutText(text, columns);
  return cut + " ".repeat(columns - widthOf(cut));
}
