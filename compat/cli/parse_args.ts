type Aliases = Record<string, string | readonly string[]>;

/** The same type, written as one object where it is shown. */
type Flat<T> = { [Key in keyof T]: T[Key] };

/** Names of options with the type of their values, before aliases. */
type Named<Booleans extends string, Strings extends string, Defaults> =
  & { [Key in Booleans]: boolean | (Key extends keyof Defaults ? Defaults[Key] : never) }
  & { [Key in Extract<Strings, keyof Defaults>]: string | Defaults[Key] }
  & { [Key in Exclude<Strings, keyof Defaults>]?: string }
  & { [Key in Exclude<keyof Defaults, Booleans | Strings>]: unknown };

type AliasesOf<Key, Names> = Key extends keyof Names
  ? Names[Key] extends string ? Names[Key] : Names[Key] extends ReadonlyArray<infer Name extends string> ? Name : never
  : never;

type WithAliases<Values, Names> = { [Key in keyof Values as Key | AliasesOf<Key, Names>]: Values[Key] };

/** Types are known as soon as one option is named; until then any value may be there. */
type Values<Booleans extends string, Strings extends string, Defaults, Names> = [Booleans | Strings] extends [never]
  // deno-lint-ignore no-explicit-any
  ? Record<string, any>
  : Record<string, unknown> & WithAliases<Flat<Named<Booleans, Strings, Defaults>>, Names>;

/** What {@linkcode parseArgs} read: values by name of the option, and the rest. */
export type Args<
  // deno-lint-ignore no-explicit-any
  TArgs extends Record<string, unknown> = Record<string, any>,
  TDoubleDash extends boolean | undefined = undefined,
> = Flat<
  & TArgs
  & {
    /** Arguments that belong to no option, in their order; numbers if they read like one. */
    _: Array<string | number>;
  }
  & (true extends TDoubleDash ? { "--": string[] } : unknown)
>;

/** Options for {@linkcode parseArgs}. */
export interface ParseOptions<
  TBooleans extends string = string,
  TStrings extends string = string,
  TDefault extends Record<string, unknown> = Record<string, unknown>,
  TAliases extends Aliases = Aliases,
  TDoubleDash extends boolean | undefined = boolean | undefined,
> {
  /** Whether arguments after `--` go to the result's `--` instead of its `_`; `false` by default. */
  "--"?: TDoubleDash;

  /** Other names of options. */
  alias?: TAliases;

  /** Options that take no value, `false` unless given. */
  boolean?: TBooleans | ReadonlyArray<TBooleans>;

  /** Values of options that are not given. */
  default?: TDefault;

  /** Options whose value stays text, even when it reads like a number; `_` for the arguments without option. */
  string?: TStrings | ReadonlyArray<TStrings>;
}

/** Options as they are looked up while reading. */
interface Plan {
  readonly aliases: ReadonlyMap<string, readonly string[]>;
  readonly booleans: ReadonlySet<string>;
  readonly strings: ReadonlySet<string>;
}

type Tree = Record<string, unknown>;

/**
 * Read command line arguments into values by name.
 *
 * `--port 80`, `--port=80`, `-p 80`, `-p80` and `-p=80` give an option a value; letters can share a dash. Without a value
 * it is `true`, or "" if it is text. Numbers are read as such. A dot in a name makes an object. After `--` nothing is read.
 *
 * @param args The arguments, such as `Deno.args`.
 * @param options Which options there are.
 * @returns The values by name, and what belongs to no option as `_`.
 *
 * @throws {TypeError} when an alias is `undefined`.
 *
 * @example Usage
 * ```ts
 * import { parseArgs } from "@std/cli";
 * import { assertEquals } from "@std/assert";
 *
 * const args = parseArgs(["--out", "7", "a.ts"], { string: ["out"], boolean: ["check"], default: { out: "." } });
 * assertEquals(args, { out: "7", check: false, _: ["a.ts"] });
 * ```
 */
export function parseArgs<
  TBooleans extends string = never,
  TStrings extends string = never,
  // deno-lint-ignore ban-types
  TDefault extends Record<string, unknown> = {},
  // deno-lint-ignore ban-types
  const TAliases extends Aliases = {},
  TDoubleDash extends boolean | undefined = undefined,
>(
  args: readonly string[],
  options: ParseOptions<TBooleans, TStrings, TDefault, TAliases, TDoubleDash> = {},
): Args<Values<TBooleans, TStrings, TDefault, TAliases>, TDoubleDash> {
  const plan = makePlan(options);
  const end = args.indexOf("--");
  const unread = end === -1 ? [] : args.slice(end + 1);
  const result: Tree & { _: Array<string | number> } = { _: [] };
  readAll(end === -1 ? args : args.slice(0, end), plan, result);
  fillIn(result, options.default ?? {}, plan);
  if (options["--"]) result["--"] = unread;
  else result._.push(...unread);
  return result as Args<Values<TBooleans, TStrings, TDefault, TAliases>, TDoubleDash>;
}

function makePlan(options: ParseOptions): Plan {
  const aliases = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(options.alias ?? {})) {
    if (value === undefined) throw new TypeError(`Cannot read arguments: alias of option "${name}" is undefined`);
    const names = [name, ...toList(value)];
    for (const it of names) aliases.set(it, names.filter((other) => other !== it));
  }
  const withAliases = (names: string | readonly string[] | undefined): Set<string> =>
    new Set(toList(names).filter(Boolean).flatMap((name) => [name, ...aliases.get(name) ?? []]));
  return { aliases, booleans: withAliases(options.boolean), strings: withAliases(options.string) };
}

function toList(names: string | readonly string[] | undefined): readonly string[] {
  return typeof names === "string" ? [names] : names ?? [];
}

function readAll(args: readonly string[], plan: Plan, result: Tree & { _: Array<string | number> }): void {
  let i = 0;
  while (i < args.length) {
    const arg = args[i]!;
    const next = args[i + 1] ?? "";
    if (/^--./s.test(arg)) i += readLong(arg, next, plan, result);
    else if (/^-./s.test(arg)) i += readShort(arg, next, plan, result);
    else result._.push(plan.strings.has("_") ? arg : readNumber(arg));
    i++;
  }
}

/** Returns how many arguments it took after its own: 0 or 1. */
function readLong(arg: string, next: string, plan: Plan, result: Tree): number {
  const [, no = "", name = "", value] = /^--(no-)?(.+?)(?:=(.*))?$/s.exec(arg) ?? [];
  if (value !== undefined) {
    // As in the real package, "no-" gets lost here.
    assign(result, name, plan.booleans.has(name) ? value !== "false" : value, plan);
    return 0;
  }
  return readFollowing(no + name, next, next.startsWith("-"), plan, result);
}

/** Letters behind one dash; the first that has text behind it, which cannot be letters, takes it as its value. */
function readShort(arg: string, next: string, plan: Plan, result: Tree): number {
  const last = arg.length - 1;
  for (let i = 1; i < last; i++) {
    const letter = arg.charAt(i);
    const value = findAttached(letter, arg.slice(i + 1));
    assign(result, letter, value ?? whenAlone(letter, plan), plan);
    if (value !== undefined) return 0;
  }
  return readFollowing(arg.charAt(last), next, /^--?[^-]/.test(next), plan, result);
}

/** The value in the text behind a letter, or `undefined` if that text is letters as well. */
function findAttached(letter: string, text: string): string | undefined {
  if (text === "-") return text;
  if (text === "=") return "";
  if (/[A-Za-z]/.test(letter)) {
    const assigned = /=(.+)/.exec(text);
    if (assigned) return assigned[1];
    if (/\d\.?$/.test(text)) return text;
  }
  return text.length > 1 && /^\W/.test(text) ? text : undefined;
}

/** An option that takes no value still takes a "true" or "false" that follows. */
function readFollowing(name: string, next: string, isNextOption: boolean, plan: Plan, result: Tree): number {
  const isTaken = next !== "" && !isNextOption && !plan.booleans.has(name);
  if (isTaken) {
    assign(result, name, next, plan);
    return 1;
  }
  const isTruth = next === "true" || next === "false";
  assign(result, name, isTruth ? next === "true" : whenAlone(name, plan), plan);
  return isTruth ? 1 : 0;
}

function whenAlone(name: string, plan: Plan): string | boolean {
  return plan.strings.has(name) ? "" : true;
}

function assign(result: Tree, name: string, value: string | boolean, plan: Plan): void {
  const read = typeof value === "string" && !plan.strings.has(name) ? readNumber(value) : value;
  for (const it of [name, ...plan.aliases.get(name) ?? []]) setAt(result, it.split("."), read);
}

function readNumber(text: string): string | number {
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

function fillIn(result: Tree, defaults: Record<string, unknown>, plan: Plan): void {
  for (const [name, value] of Object.entries(defaults)) {
    if (hasAt(result, name.split("."))) continue;
    for (const it of [name, ...plan.aliases.get(name) ?? []]) setAt(result, it.split("."), value);
  }
  for (const name of plan.booleans) {
    if (!hasAt(result, name.split("."))) setAt(result, name.split("."), false);
  }
}

function setAt(tree: Tree, path: readonly string[], value: unknown): void {
  let owner = tree;
  for (const [i, key] of path.entries()) {
    if (isInherited(owner, key)) return;
    if (i === path.length - 1) owner[key] = value;
    else owner = (owner[key] ??= {}) as Tree;
  }
}

/** Names from the command line must not reach a prototype. */
function isInherited(owner: Tree, key: string): boolean {
  return key === "__proto__" || (key === "constructor" && typeof owner[key] === "function");
}

function hasAt(tree: Tree, path: readonly string[]): boolean {
  let owner: unknown = tree;
  for (const key of path) {
    if (!Object.hasOwn(owner as Tree, key)) return false;
    owner = (owner as Tree)[key];
  }
  return true;
}
