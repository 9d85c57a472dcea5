/**
 * Outcome of a mutation: {@linkcode Executed}, {@linkcode Canceled}, or the queue tick (2 or more) at which a queued one
 * will run.
 *
 * @example Usage
 * ```ts
 * import { Executed, Machine, type Result, resultName } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Start: {}, Ready: { require: ["Start"] }, Late: {} });
 * const results: Result[] = [machine.add("Ready")];
 * machine.bindHandlers({ StartState: () => void results.push(machine.add("Late")) });
 * results.push(machine.add("Start"));
 * assertEquals(results.map(resultName), ["canceled", "queued", "executed"]);
 * assertEquals(results[2], Executed);
 * ```
 */
export type Result = number;

/**
 * The mutation's transition was accepted.
 *
 * @example Usage
 * ```ts
 * import { Executed, Machine } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Foo: {} });
 * assertEquals(machine.add("Foo"), Executed);
 * ```
 */
export const Executed = 0 as const;

/**
 * The mutation's transition was canceled, or the mutation was not taken into the queue.
 *
 * @example Usage
 * ```ts
 * import { Canceled, Machine } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Start: {}, Ready: { require: ["Start"] } });
 * assertEquals(machine.add("Ready"), Canceled);
 * ```
 */
export const Canceled = 1 as const;

/** A check that was made during a transition: it runs next, and has no queue tick to wait for. */
export const QUEUED_CHECK = 2;

/**
 * Tell whether a mutation waits in the queue.
 *
 * @param result What the mutation returned.
 * @returns `true` when `result` is a queue tick.
 *
 * @example Usage
 * ```ts
 * import { Executed, isQueued } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isQueued(Executed), false);
 * assertEquals(isQueued(7), true);
 * ```
 */
export function isQueued(result: Result): boolean {
  return result > Canceled;
}

/**
 * Name a result.
 *
 * @param result What the mutation returned.
 * @returns `"executed"`, `"canceled"` or `"queued"`.
 *
 * @example Usage
 * ```ts
 * import { Canceled, resultName } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(resultName(Canceled), "canceled");
 * assertEquals(resultName(3), "queued");
 * ```
 */
export function resultName(result: Result): "executed" | "canceled" | "queued" {
  if (isQueued(result)) return "queued";
  return result === Executed ? "executed" : "canceled";
}

/**
 * What a mutation does with its called states.
 *
 * @example Usage
 * ```ts
 * import { Machine, type MutationType } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const types: MutationType[] = [];
 * const machine = new Machine({ Foo: {} });
 * machine.bindTracer({ mutationQueued: (_machine, { type }) => void types.push(type) });
 * machine.add("Foo");
 * machine.toggle("Foo");
 * machine.set([]);
 * assertEquals(types, ["add", "remove", "set"]);
 * ```
 */
export type MutationType = "add" | "remove" | "set";

/**
 * Where a mutation made by a handler comes from.
 *
 * @example Usage
 * ```ts
 * import { Machine, type MutationSource, type Tracer } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const sources: (MutationSource | null)[] = [];
 * const tracer: Tracer = { mutationQueued: (_machine, { source }) => void sources.push(source) };
 * const machine = new Machine({ Foo: {}, Bar: {} }, { id: "main", tracers: [tracer] });
 * machine.bindHandlers({ FooState: (event) => void machine.add("Bar", null, { from: event }) });
 * machine.add("Foo");
 * assertEquals(sources.map((source) => source?.machineId), [undefined, "main"]);
 * assertEquals(sources[1]?.machineTime, 0);
 * ```
 */
export interface MutationSource {
  /** Id of the machine whose handler made it. */
  readonly machineId: string;
  /** Id of the transition in which it was made; `""` when that transition is over. */
  readonly transitionId: string;
  /** Sum of that machine's ticks before that transition; 0 when it is over. */
  readonly machineTime: number;
}

/**
 * A request to change states, as it stands in the queue.
 *
 * @example Usage
 * ```ts
 * import { Machine, type Mutation } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const queue: Mutation[] = [];
 * const machine = new Machine({ Foo: {}, Bar: {} });
 * machine.bindHandlers({
 *   FooState: () => {
 *     machine.add("Bar", { path: "a.txt" });
 *     queue.push(...machine.queue);
 *   },
 * });
 * machine.add("Foo");
 * const [{ type, states, args }] = queue as [Mutation];
 * assertEquals({ type, states, args }, { type: "add", states: ["Bar"], args: { path: "a.txt" } });
 * ```
 */
export interface Mutation {
  /** What it does with its called states. */
  readonly type: MutationType;
  /** The called states, without repeats, in the order given. */
  readonly states: readonly string[];
  /** The arguments, by key; never null. */
  readonly args: Readonly<Record<string, unknown>>;
  /** What may be shown of the arguments, as texts by key; null unless a tracer wants it. */
  readonly loggedArgs: Readonly<Record<string, string>> | null;
  /** Whether the machine made it itself, to try its auto states. */
  readonly isAuto: boolean;
  /** Whether it only asks if it would be accepted. */
  readonly isCheck: boolean;
  /** The handler's machine and transition it was made in, when `from` was given. */
  readonly source: MutationSource | null;
  /** The queue tick at which it runs; 0 when it was put in front of the queue. */
  readonly queueTick: number;
  /** Number of a mutation that was put in front of the queue, from 1; else 0. */
  readonly queueToken: number;
  /** The machine's queue tick when it was queued. */
  readonly queueTickNow: number;
  /** Length of the queue when it had just been queued. */
  readonly queueLength: number;
}

/** Mutation types as the engine has them. */
export const ADD = 0, REMOVE = 1, SET = 2;

/** One of {@linkcode ADD}, {@linkcode REMOVE} and {@linkcode SET}. */
export type MutationCode = 0 | 1 | 2;

const TYPE_NAMES = ["add", "remove", "set"] as const;

/** Name a mutation type. */
export function mutationTypeName(code: MutationCode): MutationType {
  return TYPE_NAMES[code];
}

/** The arguments of a mutation that has none: one object for all, so that it cannot be written to. */
export const NO_ARGS: Readonly<Record<string, unknown>> = Object.freeze({});

/**
 * A mutation as the engine has it: states are indexes, names are made when somebody reads them. Fields are declared, so that
 * only the constructor sets them.
 */
export class MutationRecord implements Mutation {
  declare readonly code: MutationCode;
  /** Called states by index, without repeats. */
  declare readonly called: readonly number[];
  declare readonly args: Readonly<Record<string, unknown>>;
  declare readonly source: MutationSource | null;
  declare loggedArgs: Readonly<Record<string, string>> | null;
  declare queueTick: number;
  declare queueToken: number;
  declare queueTickNow: number;
  declare queueLength: number;
  readonly #names: readonly string[];
  readonly #kind: "plain" | "auto" | "check";

  constructor(
    names: readonly string[],
    code: MutationCode,
    called: readonly number[],
    args: Readonly<Record<string, unknown>> = NO_ARGS,
    source: MutationSource | null = null,
    kind: "plain" | "auto" | "check" = "plain",
  ) {
    this.code = code;
    this.called = called;
    this.args = args;
    this.source = source;
    this.loggedArgs = null;
    this.queueTick = 0;
    this.queueToken = 0;
    this.queueTickNow = 0;
    this.queueLength = 0;
    this.#names = names;
    this.#kind = kind;
  }

  get isAuto(): boolean {
    return this.#kind === "auto";
  }

  get isCheck(): boolean {
    return this.#kind === "check";
  }

  get type(): MutationType {
    return TYPE_NAMES[this.code];
  }

  get states(): readonly string[] {
    return this.called.map((index) => this.#names[index]!);
  }
}

/** Tell whether arguments have no key; `{}` counts as none, and what does not let its keys be listed as some. */
export function isEmptyArgs(args: Readonly<Record<string, unknown>>): boolean {
  try {
    for (const key in args) {
      if (Object.hasOwn(args, key)) return false;
    }
    return true;
  } catch {
    return false; // a proxy: its owner's error must not reach whoever compares mutations
  }
}
