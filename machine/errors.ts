// Fields are declared, so that only the constructors set them (see `_event.ts`).

/**
 * What every error about states that a schema lacks is made of.
 *
 * @example Usage
 * ```ts
 * import { UnknownStateError, type UnknownStateOptions } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const options: UnknownStateOptions = { action: "add", machineId: "main" };
 * assertEquals(new UnknownStateError(["Foo"], options).message, 'Cannot add state "Foo": it is not in the schema');
 * ```
 */
export interface UnknownStateOptions {
  /** What was asked for, as a verb: `add`, `wait for`. */
  action: string;
  /** Id of the machine that was asked. */
  machineId: string;
}

/**
 * A state was named that the machine's schema does not have.
 *
 * @example Usage
 * ```ts
 * import { Machine, UnknownStateError } from "@asyncmachine/asyncmachine";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const machine = new Machine({ Ready: {} });
 * const error = assertThrows(() => machine.add("Reddy" as "Ready"), UnknownStateError);
 * assertEquals(error.states, ["Reddy"]);
 * ```
 */
export class UnknownStateError extends Error {
  /** The unknown names, without repeats, in the order given. */
  declare readonly states: readonly string[];
  /** Id of the machine that was asked. */
  declare readonly machineId: string;

  /**
   * Make the error.
   *
   * @param states The unknown names, at least one.
   * @param options What was asked, and of whom.
   */
  constructor(states: readonly string[], options: UnknownStateOptions) {
    super(
      states.length === 1
        ? `Cannot ${options.action} state ${quote(states[0]!)}: it is not in the schema`
        : `Cannot ${options.action} states ${states.map(quote).join(", ")}: ` +
          "they are not in the schema",
    );
    this.name = "UnknownStateError";
    this.states = states;
    this.machineId = options.machineId;
  }
}

/**
 * A schema, or a list of its names, contradicts itself.
 *
 * @example Usage
 * ```ts
 * import { Machine, SchemaError } from "@asyncmachine/asyncmachine";
 * import { assertInstanceOf } from "@std/assert";
 *
 * const machine = new Machine({ A: { require: ["B"], remove: ["B"] }, B: {} });
 * assertInstanceOf(machine.err, SchemaError);
 * ```
 */
export class SchemaError extends Error {
  /** One sentence a problem. */
  declare readonly problems: readonly string[];

  /**
   * Make the error.
   *
   * @param problems One sentence a problem, at least one.
   */
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.name = "SchemaError";
    this.problems = problems;
  }
}

/**
 * Something waited on a machine that is disposed.
 *
 * @example Usage
 * ```ts
 * import { Machine, MachineDisposedError } from "@asyncmachine/asyncmachine";
 * import { assertRejects } from "@std/assert";
 *
 * const machine = new Machine({ Ready: {} });
 * const ready = machine.when("Ready");
 * await machine.dispose();
 * await assertRejects(() => ready, MachineDisposedError);
 * ```
 */
export class MachineDisposedError extends Error {
  /** Id of the disposed machine. */
  declare readonly machineId: string;

  /**
   * Make the error.
   *
   * @param machineId Id of the disposed machine.
   */
  constructor(machineId: string) {
    super(`Cannot use machine ${quote(machineId)}: it is disposed`);
    this.name = "MachineDisposedError";
    this.machineId = machineId;
  }
}

/**
 * Reason of a state signal's abort: the state's tick moved on.
 *
 * @example Usage
 * ```ts
 * import { Machine, StateExpiredError } from "@asyncmachine/asyncmachine";
 * import { assertEquals, assertInstanceOf } from "@std/assert";
 *
 * const machine = new Machine({ Ready: {} });
 * machine.add("Ready");
 * const signal = machine.stateSignal("Ready");
 * machine.remove("Ready");
 * assertInstanceOf(signal.reason, StateExpiredError);
 * assertEquals(signal.reason.tick, 1);
 * ```
 */
export class StateExpiredError extends Error {
  /** Id of the machine. */
  declare readonly machineId: string;
  /** Name of the state. */
  declare readonly state: string;
  /** The tick that the signal was bound to. */
  declare readonly tick: number;

  /**
   * Make the error.
   *
   * @param machineId Id of the machine.
   * @param state Name of the state.
   * @param tick The tick that the signal was bound to.
   */
  constructor(machineId: string, state: string, tick: number) {
    super(`State ${quote(state)} is past tick ${tick}`);
    this.name = "StateExpiredError";
    this.machineId = machineId;
    this.state = state;
    this.tick = tick;
  }
}

/**
 * An activation of a state outlived the state's `timeoutMs`.
 *
 * @example Usage
 * ```ts
 * import { Machine, StateTimeoutError } from "@asyncmachine/asyncmachine";
 * import { assertInstanceOf } from "@std/assert";
 *
 * const machine = new Machine({ Connecting: { timeoutMs: 5 } });
 * machine.add("Connecting");
 * assertInstanceOf(await machine.whenErr(), StateTimeoutError);
 * ```
 */
export class StateTimeoutError extends Error {
  /** Name of the state. */
  declare readonly state: string;
  /** The state's limit, in milliseconds. */
  declare readonly timeoutMs: number;

  /**
   * Make the error.
   *
   * @param state Name of the state.
   * @param timeoutMs The state's limit, in milliseconds.
   */
  constructor(state: string, timeoutMs: number) {
    super(`State ${quote(state)} is active for more than ${timeoutMs} ms`);
    this.name = "StateTimeoutError";
    this.state = state;
    this.timeoutMs = timeoutMs;
  }
}

/**
 * A state of a machine, as a step on the path of a {@linkcode PipeLoopError}.
 *
 * @example Usage
 * ```ts
 * import { Machine, pipe, PipeLoopError, type PipeStep } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const loop: PipeStep[] = [];
 * const [one, two] = ["one", "two"].map((id) => new Machine({ Foo: {} }, { id })) as [Machine, Machine];
 * pipe(one, "Foo", two);
 * try {
 *   pipe(two, "Foo", one);
 * } catch (error) {
 *   if (error instanceof PipeLoopError) loop.push(...error.path);
 * }
 * assertEquals(loop.map(({ machineId, state }) => `${machineId}.${state}`), ["two.Foo", "one.Foo", "two.Foo"]);
 * ```
 */
export interface PipeStep {
  /** Id of the machine. */
  readonly machineId: string;
  /** The state; `"Any"` for all of them. */
  readonly state: string;
}

/**
 * Pipes lead from a state back to it.
 *
 * @example Usage
 * ```ts
 * import { Machine, pipe, PipeLoopError } from "@asyncmachine/asyncmachine";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const a = new Machine({ Ready: {} }, { id: "a" });
 * const b = new Machine({ Ready: {} }, { id: "b" });
 * pipe(a, "Ready", b);
 * const { path } = assertThrows(() => pipe(b, "Ready", a), PipeLoopError);
 * assertEquals(path.map((step) => step.machineId), ["b", "a", "b"]);
 * ```
 */
export class PipeLoopError extends Error {
  /** The states on the way, from the source of the pipe that was to be bound to that source again. */
  declare readonly path: readonly PipeStep[];

  /**
   * Make the error.
   *
   * @param path The states on the way; the first one is the last one too.
   */
  constructor(path: readonly PipeStep[]) {
    const [first, ...others] = path.map(({ machineId, state }) => `${quote(state)} of ${quote(machineId)}`);
    super(`Cannot pipe state ${first}: it leads back to itself by ${shorten(others.join(", "))}`);
    this.name = "PipeLoopError";
    this.path = path;
  }
}

/**
 * A snapshot does not fit the machine that is to import it.
 *
 * @example Usage
 * ```ts
 * import { Machine, SnapshotError } from "@asyncmachine/asyncmachine";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const snapshot = new Machine({ A: {} }, { id: "one" }).export();
 * const error = assertThrows(() => new Machine({ B: {} }, { id: "one" }).import(snapshot), SnapshotError);
 * assertEquals(error.field, "stateNames");
 * ```
 */
export class SnapshotError extends Error {
  /** The field that does not fit. */
  declare readonly field: string;

  /**
   * Make the error.
   *
   * @param field The field that does not fit.
   * @param problem What is wrong with it.
   */
  constructor(field: string, problem: string) {
    super(`Cannot import snapshot: ${field} ${problem}`);
    this.name = "SnapshotError";
    this.field = field;
  }
}

/**
 * Handlers queued one another for ever: more than `maxDrain` mutations ran in one drain, and the queue was emptied.
 *
 * @example Usage
 * ```ts
 * import { DrainLimitError, Machine } from "@asyncmachine/asyncmachine";
 * import { assertEquals, assertInstanceOf } from "@std/assert";
 *
 * const machine = new Machine({ Ping: { multi: true } }, { maxDrain: 10 });
 * machine.bindHandlers({ PingState: () => void machine.add("Ping") });
 * machine.add("Ping");
 * assertInstanceOf(machine.err, DrainLimitError);
 * assertEquals(machine.err.limit, 10);
 * ```
 */
export class DrainLimitError extends Error {
  /** The limit, in queue items. */
  declare readonly limit: number;
  /** The last mutations, at most ten, oldest first: `add Foo Bar`. */
  declare readonly mutations: readonly string[];

  /**
   * Make the error.
   *
   * @param limit The limit, in queue items.
   * @param mutations The last mutations, at most ten, oldest first.
   */
  constructor(limit: number, mutations: readonly string[]) {
    const last = mutations.length === 0 ? "" : `: the last mutations are ${mutations.map(shorten).join(", ")}`;
    super(`Cannot drain the queue as the limit is ${limit} items${last}`);
    this.name = "DrainLimitError";
    this.limit = limit;
    this.mutations = mutations;
  }
}

/**
 * Auto states whose handlers threw again and again are left out until the next mutation from outside.
 *
 * @example Usage
 * ```ts
 * import { AutoLoopError, Machine } from "@asyncmachine/asyncmachine";
 * import { assertEquals, assertInstanceOf } from "@std/assert";
 *
 * const machine = new Machine({ Start: {}, Connecting: { auto: true } });
 * machine.bindHandlers({
 *   ConnectingState() {
 *     throw new Error("no route");
 *   },
 * });
 * machine.add("Start");
 * assertInstanceOf(machine.err, AutoLoopError);
 * assertEquals(machine.err.states, ["Connecting"]);
 * ```
 */
export class AutoLoopError extends Error {
  /** The auto states left out. */
  declare readonly states: readonly string[];
  /** Auto transitions in a row in which a handler threw. */
  declare readonly rounds: number;

  /**
   * Make the error.
   *
   * @param states The auto states left out.
   * @param rounds Auto transitions in a row in which a handler threw.
   */
  constructor(states: readonly string[], rounds: number) {
    super(
      `Cannot retry auto states ${states.map(quote).join(", ")}: ` +
        `a handler threw in ${rounds} auto transitions in a row`,
    );
    this.name = "AutoLoopError";
    this.states = states;
    this.rounds = rounds;
  }
}

/**
 * A synchronous handler took longer than `handlerTimeoutMs`; its transition stands.
 *
 * @example Usage
 * ```ts
 * import { HandlerTimeoutError, Machine } from "@asyncmachine/asyncmachine";
 * import { VirtualClock } from "@asyncmachine/asyncmachine/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new VirtualClock();
 * const machine = new Machine({ Foo: {} }, { clock, handlerTimeoutMs: 100 });
 * const slow: string[] = [];
 * machine.onInternalError((error) => {
 *   if (error instanceof HandlerTimeoutError) slow.push(`${error.handler} ${error.elapsedMs}`);
 * });
 * machine.bindHandlers({ FooState: () => clock.advanceSync(120) });
 * machine.add("Foo");
 * assertEquals(slow, ["FooState 120"]);
 * ```
 */
export class HandlerTimeoutError extends Error {
  /** Name of the handler. */
  declare readonly handler: string;
  /** Id of its binding. */
  declare readonly binding: string;
  /** How long it took, in milliseconds. */
  declare readonly elapsedMs: number;

  /**
   * Make the error.
   *
   * @param handler Name of the handler.
   * @param binding Id of its binding.
   * @param elapsedMs How long it took, in milliseconds.
   */
  constructor(handler: string, binding: string, elapsedMs: number) {
    super(`Handler ${quote(handler)} of ${quote(binding)} took ${elapsedMs} ms`);
    this.name = "HandlerTimeoutError";
    this.handler = handler;
    this.binding = binding;
    this.elapsedMs = elapsedMs;
  }
}

/** Tell whether a value stands for an abort, which is no error of a machine. */
export function isAbort(error: unknown): boolean {
  try {
    return error instanceof StateExpiredError || error instanceof MachineDisposedError ||
      (error instanceof Error && error.name === "AbortError");
  } catch {
    return false; // a proxy or a getter that throws
  }
}

/** Make an Error of anything: an Error is kept as it is, other values become its `cause`. */
export function toError(value: unknown): Error {
  try {
    if (value instanceof Error) return value;
  } catch {
    // a proxy that does not let itself be looked at is no Error
  }
  return new Error(typeof value === "string" ? value : `Not an error: ${describe(value)}`, { cause: value });
}

/** The message of an error, whatever the error makes of being asked for it. */
export function messageOf(error: Error): string {
  try {
    return String(error.message);
  } catch {
    return "an error without a readable message";
  }
}

function describe(value: unknown): string {
  try {
    return typeof value === "symbol" ? value.toString() : String(value);
  } catch {
    return typeof value;
  }
}

/** Show a name in a message. */
export function quote(name: string): string {
  return `"${shorten(name)}"`;
}

/** Names of 10 KB are legal, but not readable in a message. */
function shorten(name: string): string {
  return name.length > 200 ? `${name.slice(0, 197)}...` : name;
}
