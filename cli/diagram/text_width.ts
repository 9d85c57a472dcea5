import { widthOf } from "../_width.ts";

/** The fonts of the drawings: the first three are equally wide, and wider than what takes their place elsewhere. */
export const FONTS = `Verdana,"DejaVu Sans",Geneva,sans-serif`;

/** Widths of the characters from U+0020 to U+007E in those fonts, in hundredths of the font's size. */
// deno-fmt-ignore
const WIDTHS: readonly number[] = [
  32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64,
  64, 64, 34, 34, 84, 84, 84, 53, 100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79,
  60, 79, 69, 63, 61, 73, 68, 99, 69, 61, 69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63, 62, 35, 63,
  63, 28, 28, 58, 28, 97, 63, 61, 63, 63, 41, 52, 39, 63, 59, 82, 59, 59, 52, 64, 34, 64, 84,
];

/** Widths of other characters, by the columns that they take in a terminal: marks none, Chinese and Japanese ones two. */
const COLUMN_WIDTHS: readonly number[] = [0, 72, 104];

/**
 * Measure a text, without a font.
 *
 * @param text The text.
 * @param size Size of the font, in pixels.
 * @returns Its width in pixels, rounded up.
 */
export function measureText(text: string, size: number): number {
  let width = 0;
  for (const character of text) {
    width += WIDTHS[character.charCodeAt(0) - 0x20] ?? COLUMN_WIDTHS[widthOf(character)] ?? 0;
  }
  return Math.ceil(width * size / 100);
}
