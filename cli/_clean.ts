/**
 * Keeps what came from elsewhere from steering the terminal.
 *
 * @module
 */

/**
 * Controls of both sets, line and paragraph separators, marks that turn the direction of writing, halves of characters.
 * An escape sequence begins with one of these, so without them none is left.
 */
const UNSAFE = /[\p{Cc}\u2028\u2029\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\p{Cs}]/gu;

const IS_PLAIN = /^[\x20-\x7e]*$/;

/**
 * Make a text safe to show: one line that steers nothing. Controls become their pictures (`␛`), others `�`.
 *
 * @param text Any text: a name, an argument, a line of a log.
 * @returns The text itself if it is safe.
 */
export function cleanText(text: string): string {
  return IS_PLAIN.test(text) ? text : text.replace(UNSAFE, toPicture);
}

/**
 * Make a line of JSON safe to show, and keep what it says.
 *
 * @param json One JSON value, as it came.
 * @returns The same value on one line, with escapes in the place of what steers a terminal.
 */
export function cleanJson(json: string): string {
  if (IS_PLAIN.test(json)) return json;
  // Outside of its texts JSON has no unsafe characters but line ends and tabs, which go when it is written anew.
  const line = /\p{Cc}/u.test(json) ? JSON.stringify(JSON.parse(json)) : json;
  return line.replace(UNSAFE, (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Unicode has pictures of the controls below 0x20, and one of 0x7f. */
function toPicture(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "\u2421" : "\uFFFD";
}
