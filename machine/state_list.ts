/**
 * Join lists of states.
 *
 * @typeParam Name Names of the states.
 * @param lists Lists of state names.
 * @returns All names without repeats, in the order of their first occurrence.
 *
 * @example Usage
 * ```ts
 * import { concatStates } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(concatStates(["A", "B"], ["B", "C"]), ["A", "B", "C"]);
 * ```
 */
export function concatStates<Name extends string>(...lists: readonly (readonly Name[])[]): Name[] {
  return [...new Set(lists.flat())];
}

/**
 * Leave states out of a list.
 *
 * @typeParam Name Names of the states.
 * @param states State names.
 * @param lists Lists of the names to leave out, everywhere they occur.
 * @returns The names that are left, in their order.
 *
 * @example Usage
 * ```ts
 * import { subtractStates } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(subtractStates(["A", "B", "C"], ["B"], ["C", "D"]), ["A"]);
 * ```
 */
export function subtractStates<Name extends string>(
  states: readonly Name[],
  ...lists: readonly (readonly string[])[]
): Name[] {
  const left = new Set<string>(lists.flat());
  return states.filter((name) => !left.has(name));
}

/**
 * Keep the states of a list that another list has too.
 *
 * @typeParam Name Names of the states.
 * @param states State names.
 * @param others State names.
 * @returns The names of `states` that are in `others`, in the order of `states`.
 *
 * @example Usage
 * ```ts
 * import { sharedStates } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(sharedStates(["A", "B", "C"], ["C", "A"]), ["A", "C"]);
 * ```
 */
export function sharedStates<Name extends string>(states: readonly Name[], others: readonly string[]): Name[] {
  const known = new Set(others);
  return states.filter((name) => known.has(name));
}

/**
 * Tell whether two lists hold the same states, whatever their order and repeats.
 *
 * @param states State names.
 * @param others State names.
 * @returns `true` when each name of one list is in the other.
 *
 * @example Usage
 * ```ts
 * import { equalStates } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(equalStates(["A", "B"], ["B", "A", "B"]), true);
 * assertEquals(equalStates(["A", "B"], ["A"]), false);
 * ```
 */
export function equalStates(states: readonly string[], others: readonly string[]): boolean {
  const known = new Set(states);
  const otherKnown = new Set(others);
  return known.size === otherKnown.size && others.every((name) => known.has(name));
}

/**
 * Tell whether two lists hold the same states in the same order.
 *
 * @param states State names.
 * @param others State names.
 * @returns `true` when the lists are equal item by item.
 *
 * @example Usage
 * ```ts
 * import { equalStateOrder } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(equalStateOrder(["A", "B"], ["A", "B"]), true);
 * assertEquals(equalStateOrder(["A", "B"], ["B", "A"]), false);
 * ```
 */
export function equalStateOrder(states: readonly string[], others: readonly string[]): boolean {
  return states.length === others.length && states.every((name, index) => name === others[index]);
}

/**
 * Put a prefix in front of each name.
 *
 * @typeParam Name Names of the states.
 * @typeParam Prefix The prefix.
 * @param states State names.
 * @param prefix The prefix.
 * @returns The longer names, in the same order.
 *
 * @example Usage
 * ```ts
 * import { prefixStates } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(prefixStates(["Ready", "Busy"], "Worker"), ["WorkerReady", "WorkerBusy"]);
 * ```
 */
export function prefixStates<Name extends string, Prefix extends string>(
  states: readonly Name[],
  prefix: Prefix,
): `${Prefix}${Name}`[] {
  return states.map((name) => `${prefix}${name}` as const);
}

/**
 * Keep the states whose names start with a prefix.
 *
 * @typeParam Name Names of the states.
 * @param states State names.
 * @param prefixes The prefixes to look for.
 * @returns The names that start with the first prefix, then those with the second, and so on, without repeats.
 *
 * @example Usage
 * ```ts
 * import { filterPrefix } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(filterPrefix(["ErrIo", "Ready", "ErrNet"], "Err"), ["ErrIo", "ErrNet"]);
 * ```
 */
export function filterPrefix<Name extends string>(states: readonly Name[], ...prefixes: readonly string[]): Name[] {
  return concatStates(...prefixes.map((prefix) => states.filter((name) => name.startsWith(prefix))));
}

/**
 * Make a short fingerprint of a list of states, to tell versions of a schema apart. It is no protection of anything.
 *
 * @param states State names; their order counts.
 * @returns Four hexadecimal digits: the first of the MD5 sum of the names, joined by a comma, in UTF-8.
 *
 * @example Usage
 * ```ts
 * import { hashStates } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(hashStates(["A", "B"]), "6c30");
 * ```
 */
export function hashStates(states: readonly string[]): string {
  const sum = md5(new TextEncoder().encode(states.join(",")));
  return sum.slice(0, 4);
}

/** Bits by which each round of MD5 rotates its four kinds of steps. */
const SHIFTS = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]] as const;

/** MD5 (RFC 1321), here since Web Crypto has neither MD5 nor a synchronous digest. */
function md5(bytes: Uint8Array): string {
  // the bytes, one bit, zeros, and the count of bits as 64 bits at the end of the last block
  const padded = new DataView(new ArrayBuffer((((bytes.length + 8) >> 6) + 1) << 6));
  new Uint8Array(padded.buffer).set(bytes);
  padded.setUint8(bytes.length, 0x80);
  padded.setBigUint64(padded.byteLength - 8, BigInt(bytes.length) * 8n, true);

  const sum = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let block = 0; block < padded.byteLength; block += 64) addBlock(sum, padded, block);

  const hex = new DataView(new ArrayBuffer(16));
  sum.forEach((word, i) => hex.setUint32(i * 4, word, true));
  return [0, 4, 8, 12].map((offset) => hex.getUint32(offset).toString(16).padStart(8, "0")).join("");
}

function addBlock(sum: number[], padded: DataView, block: number): void {
  let [a, b, c, d] = sum as [number, number, number, number];
  for (let step = 0; step < 64; step++) {
    const round = step >> 4;
    const word = [step, 5 * step + 1, 3 * step + 5, 7 * step][round]! & 15;
    const mixed = [(b & c) | (~b & d), (d & b) | (~d & c), b ^ c ^ d, c ^ (b | ~d)][round]!;
    // engines may differ in the last of the 53 bits of a sine; 32 are used
    const constant = Math.floor(Math.abs(Math.sin(step + 1)) * 2 ** 32);
    const turn = (a + mixed + constant + padded.getUint32(block + word * 4, true)) | 0;
    const shift = SHIFTS[round]![step & 3]!;
    [a, d, c, b] = [d, c, b, (b + ((turn << shift) | (turn >>> (32 - shift)))) | 0];
  }
  [a, b, c, d].forEach((word, i) => sum[i] = (sum[i]! + word) | 0);
}
