import { eastAsianWidth } from "get-east-asian-width";

/** Characters that add nothing to a line: controls, marks on the one before, and what joins or selects. */
const WITHOUT_WIDTH = /(?!\u00AD)[\p{Cc}\p{Cf}\p{Mn}\p{Me}\u1160-\u11FF\uD7B0-\uD7FB]/u;

/**
 * Tell how many columns a text takes in a terminal. Control characters, escape sequences included, count as nothing.
 *
 * @param str The text, one line.
 * @returns Columns, 0 or more.
 *
 * @example Usage
 * ```ts
 * import { unicodeWidth } from "@std/cli";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(unicodeWidth("state 状態"), 10);
 * ```
 */
export function unicodeWidth(str: string): number {
  let width = 0;
  for (const character of str) {
    if (character >= " " && character <= "~") width++;
    else if (!WITHOUT_WIDTH.test(character)) width += eastAsianWidth(character.codePointAt(0)!);
  }
  return width;
}
