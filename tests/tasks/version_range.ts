/** A version's numbers: major, minor, patch. */
type Numbers = readonly [number, number, number];

/**
 * Tell whether a version is in a range, as package managers see it.
 *
 * @param version Three numbers: `1.0.19`.
 * @param range The first one, two or three numbers, behind `^`, `~` or nothing: `^1`, `~0.1.2`, `1.2.1`.
 * @returns `true` when it is.
 *
 * @throws {SyntaxError} when one of them is written in another way, such as with a pre-release.
 */
export function isInRange(version: string, range: string): boolean {
  const [, sign = "", text = ""] = /^([\^~]?)(.*)$/.exec(range)!;
  const least = readNumbers(text, range, 1);
  const actual = fill(readNumbers(version, version, 3));
  return compareNumbers(actual, fill(least)) >= 0 && compareNumbers(actual, endOf(sign, least)) < 0;
}

/** The first version behind the range. `^` keeps the first number that is not 0, `~` the minor one if it is given. */
function endOf(sign: string, least: readonly number[]): Numbers {
  const given = least.length - 1;
  const nonZero = least.findIndex((number) => number > 0);
  const kept = sign === "^" ? nonZero < 0 ? given : nonZero : sign === "~" ? Math.min(1, given) : given;
  return fill([...least.slice(0, kept), least[kept]! + 1]);
}

function readNumbers(text: string, whole: string, least: number): number[] {
  const parts = text.split(".");
  if (parts.length < least || parts.length > 3 || !parts.every((part) => /^\d+$/.test(part))) {
    throw new SyntaxError(`Cannot read version or range "${whole}": expected numbers, such as "1.0.19" or "^1"`);
  }
  return parts.map(Number);
}

function fill([major = 0, minor = 0, patch = 0]: readonly number[]): Numbers {
  return [major, minor, patch];
}

function compareNumbers(a: Numbers, b: Numbers): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
