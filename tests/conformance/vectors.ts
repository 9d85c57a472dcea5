/**
 * The recorded behaviour of the Go original: its types, and how to load it.
 *
 * Lists of states are one string with a space between names, and absent when empty; lists of ticks are in the order of
 * `Vector.states`.
 *
 * @module
 */

/** A script, and what was observed after each of its steps. */
export interface Vector {
  id: string;
  seed: number;
  family: string;
  /** The machine that the schema comes from. */
  source?: string;
  /** A defect of the original that the vector shows. */
  quirk?: "when-glitch" | "panic-ticks" | "auto-self";
  /** What the original gave in every run: all of it, all but some order, or less. The vector holds the order of `states`. */
  det: "full" | "set" | "pin";
  /** All names in the machine's order, `Exception` among them. */
  states: string;
  schema: Record<string, VectorState>;
  /** 1000 by default. */
  queueLimit?: number;
  /** Bound in this order before the first step, except the late ones. */
  handlers?: Binding[];
  steps: Step[];
  /** As many as `steps`. */
  expect: Expect[];
}

/** A state of a vector's schema. */
export interface VectorState {
  auto?: true;
  multi?: true;
  require?: string[];
  add?: string[];
  remove?: string[];
  after?: string[];
}

/** An object of handlers: what each of them does, by its name. */
export interface Binding {
  id: string;
  /** Bound by a `bind` step. */
  late?: true;
  fns: Record<string, { calls?: Behaviour[]; thenFalse?: true }>;
}

/** What a handler does in one call: its steps first, then it throws or answers `!false`. */
export interface Behaviour {
  do?: Step[];
  panic?: string;
  false?: true;
}

/** One thing to do to the machine, and what to set up before and to ask after it. */
export interface Step {
  op: string;
  s?: string;
  args?: Record<string, number | string>;
  /** The message of the error to add. */
  err?: string;
  bind?: string;
  do?: Step[];
  cancel?: string[];
  subs?: Sub[];
  ctxs?: { id: string; s: string }[];
  checks?: Question[];
}

/** A question's name, then its arguments: state lists and lists of ticks. */
export type Question = [name: string, ...args: (string | number[])[]];

/** A subscription. */
export interface Sub {
  id: string;
  kind: string;
  s?: string;
  times?: number[];
  n?: number;
  args?: Record<string, number | string>;
  /** The context that ends the wait: an abort signal here. */
  ctx?: string;
}

/** What was observed in one step. */
export interface Expect {
  r: number;
  active: string;
  clock: number[];
  sum: number;
  qtick: number;
  txs?: Tx[];
  trace?: string[];
  imm?: string;
  fired?: string;
  expiredImm?: string;
  expired?: string;
  checks?: unknown[];
  err?: string;
  disposed?: true;
}

/** One transition, read at its end. */
export interface Tx {
  m: "add" | "remove" | "set";
  called: string;
  auto?: true;
  check?: true;
  ok: boolean;
  target: string;
  enters?: string;
  exits?: string;
  /** Absent where it is the clock after the previous transition of the step, or after the previous step. */
  before?: number[];
  /** Absent where it equals `before`. */
  after?: number[];
}

/** Load the vectors of one family, in their recorded order. */
export async function loadVectors(family: string): Promise<Vector[]> {
  const bytes = await readFile(new URL(`./vectors/${family}.json.gz`, import.meta.url));
  const json = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return await new Response(json).json();
}

/** Split a state list: `"A B"` is `["A", "B"]`, `""` is `[]`. */
export function splitStates(states = ""): string[] {
  return states === "" ? [] : states.split(" ");
}

/** Join names to a state list. */
export function joinStates(names: readonly string[]): string {
  return names.join(" ");
}

/** Read a whole file: the only thing in this folder that asks the runtime. A page gets it from where it came itself. */
async function readFile(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): FileSystem } };
  if (process?.getBuiltinModule !== undefined) return await process.getBuiltinModule("node:fs/promises").readFile(url);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`Cannot read ${url.pathname}: the server answers ${response.status}`);
  return await response.bytes();
}

/** The part of `node:fs/promises` that is used: Deno, Node and Bun have it. */
interface FileSystem {
  readFile(url: URL): Promise<Uint8Array<ArrayBuffer>>;
}
