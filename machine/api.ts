import type { ArgsAndOptions, CalledArgs, ErrorArgs, HandlerArgs, KnownName, SomeArgs } from "./args.ts";
import type { Clock, Tick, Time } from "./clock.ts";
import type { Mutation, MutationType, Result } from "./mutation.ts";
import type { Relation, Schema, StateName } from "./schema.ts";
import type { Transition } from "./transition.ts";

/**
 * One name or a list of names.
 *
 * @example Usage
 * ```ts
 * import { Machine, type Names } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const names: Names<"Foo" | "Bar">[] = ["Foo", ["Foo", "Bar"]];
 * const machine = new Machine({ Foo: {}, Bar: {} });
 * assertEquals(names.map((some) => machine.not(some)), [true, true]);
 * ```
 */
export type Names<Name extends string> = Name | readonly Name[];

/**
 * Something that was bound to a machine, and can be taken off again.
 *
 * @example Usage
 * ```ts
 * import { type Binding, Machine } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Foo: {} });
 * let changes = 0;
 * {
 *   using binding: Binding = machine.onChange(() => void changes++);
 *   machine.add("Foo");
 *   assertEquals(typeof binding.id, "string");
 * }
 * machine.remove("Foo");
 * assertEquals(changes, 1);
 * ```
 */
export interface Binding extends Disposable {
  /** Its id; a caller may give the same one to several bindings. */
  readonly id: string;
  /** Take it off; does nothing the second time. */
  detach(): void;
}

/**
 * What `from` needs of an event to say where a mutation comes from. Every event is one.
 *
 * @example Usage
 * ```ts
 * import { Machine, type MutationOrigin } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const origins: MutationOrigin[] = [];
 * const machine = new Machine({ Foo: {}, Bar: {} }, { id: "main" });
 * machine.bindHandlers({ FooState: (event) => void origins.push(event) });
 * machine.add("Foo");
 * machine.add("Bar", null, { from: origins[0] });
 * assertEquals(origins.map(({ machine }) => machine.id), ["main"]);
 * ```
 */
export interface MutationOrigin {
  /** The event's machine. */
  readonly machine: { readonly id: string };
  /** The event's transition. */
  readonly transition: { readonly id: string; readonly completed: boolean; readonly timeBefore: Time };
}

/**
 * Options of a mutation.
 *
 * @example Usage
 * ```ts
 * import { Machine, type MutationOptions } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Foo: {}, Bar: {} }, { id: "main" });
 * machine.bindHandlers({
 *   FooState: (event) => {
 *     const options: MutationOptions = { from: event };
 *     machine.add("Bar", null, options);
 *     assertEquals(machine.queue[0]?.source?.machineId, "main");
 *   },
 * });
 * machine.add("Foo");
 * assertEquals(machine.is("Bar"), true);
 * ```
 */
export interface MutationOptions {
  /** The event of the handler that makes the mutation; it becomes the mutation's `source`. */
  readonly from?: MutationOrigin | null | undefined;
}

/**
 * Options of `addErr`.
 *
 * @example Usage
 * ```ts
 * import { type AddErrOptions, Machine } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ ErrNetwork: { require: ["Exception"] } });
 * const options: AddErrOptions<"ErrNetwork"> = { state: "ErrNetwork" };
 * machine.addErr(new Error("no network"), null, options);
 * assertEquals(machine.is(["ErrNetwork", "Exception"]), true);
 * ```
 */
export interface AddErrOptions<Name extends string = string> extends MutationOptions {
  /** An error state to add together with `Exception`. */
  readonly state?: Name | undefined;
}

/**
 * Options of whatever waits.
 *
 * @example Usage
 * ```ts
 * import { Machine, type WaitOptions } from "@asyncmachine/asyncmachine";
 * import { assertRejects } from "@std/assert";
 *
 * const machine = new Machine({ Ready: {} });
 * const options: WaitOptions = { timeoutMs: 1, signal: new AbortController().signal };
 * await assertRejects(() => machine.when("Ready", options), DOMException, "1 ms");
 * ```
 */
export interface WaitOptions {
  /** Aborting it rejects the wait with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which the wait rejects with a `TimeoutError` DOMException. No limit by default. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Where a machine's time comes from. The platform's own by default; a `VirtualClock` in tests.
 *
 * @example Usage
 * ```ts
 * import { Machine, type MachineClock } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * let now = 0;
 * const clock: MachineClock = { now: () => now, setTimeout: (fn) => fn, clearTimeout() {} };
 * const machine = new Machine({ Foo: {} }, { clock });
 * now = 1_000;
 * assertEquals(machine.timers.now(), 1_000);
 * ```
 */
export interface MachineClock {
  /** Milliseconds since some fixed point; never goes back. */
  now(): number;
  /** Call a function once, after this many milliseconds. */
  setTimeout(fn: () => void, ms: number): unknown;
  /** Don't call it after all. */
  clearTimeout(timer: unknown): void;
}

/**
 * Options of `eval`.
 *
 * @example Usage
 * ```ts
 * import { type EvalOptions, Machine } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Foo: {} });
 * const options: EvalOptions = { signal: AbortSignal.abort() };
 * assertEquals(await machine.eval("example", () => void machine.add("Foo"), options), false);
 * ```
 */
export interface EvalOptions {
  /** Aborting it before the function ran drops the function. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Options of `addBreakpoint`.
 *
 * @example Usage
 * ```ts
 * import { type BreakpointOptions, Machine } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const lines: string[] = [];
 * const machine = new Machine({ Foo: {} }, { logLevel: "changes", logger: (_level, line) => void lines.push(line) });
 * const options: BreakpointOptions = { strict: true };
 * machine.addBreakpoint(["Foo"], [], options);
 * machine.add("Foo");
 * assertEquals(lines.splice(0).some((line) => line.includes("[breakpoint]")), true);
 * machine.add("Foo"); // is active already
 * assertEquals(lines.splice(0).some((line) => line.includes("[breakpoint]")), false);
 * ```
 */
export interface BreakpointOptions {
  /** Skip mutations that add active states, or remove inactive ones. */
  readonly strict?: boolean | undefined;
}

/**
 * Options of `transitions`.
 *
 * @example Usage
 * ```ts
 * import { Machine, type TransitionsOptions } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Foo: {}, Bar: {} });
 * const options: TransitionsOptions<"Foo"> = { states: "Foo" };
 * const transitions = machine.transitions(options);
 * machine.add("Bar");
 * machine.add("Foo");
 * const { value } = await transitions.next();
 * assertEquals(value?.transition.mutation.states, ["Foo"]);
 * await transitions.return?.();
 * ```
 */
export interface TransitionsOptions<Name extends string = string> {
  /** States of which a transition has to call, enter or leave one. All transitions by default. */
  readonly states?: Names<Name> | undefined;
  /** Aborting it ends the iteration with the signal's reason, and drops what is kept. */
  readonly signal?: AbortSignal | undefined;
  /** How many transitions are kept for a reader that is behind, 1 or more. 1000 by default. */
  readonly limit?: number | undefined;
}

/**
 * What an iteration over transitions gives.
 *
 * @example Usage
 * ```ts
 * import { Machine, type TransitionItem } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Foo: {} });
 * const transitions = machine.transitions({ limit: 1 });
 * for (let i = 0; i < 3; i++) machine.toggle("Foo");
 * const item: TransitionItem<unknown> | undefined = (await transitions.next()).value;
 * assertEquals([item?.transition.mutation.type, item?.dropped], ["add", 2]);
 * await transitions.return?.();
 * ```
 */
export interface TransitionItem<Machine> {
  /** The transition; it is over. */
  readonly transition: Transition<Machine>;
  /** How many transitions before it were dropped, as the reader was too far behind. */
  readonly dropped: number;
}

/**
 * What to look for in the queue.
 *
 * @example Usage
 * ```ts
 * import { Machine, type QueueQuery } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Foo: {}, Bar: {} });
 * const query: QueueQuery<"Bar"> = { type: "add", states: "Bar", exact: true };
 * const found: boolean[] = [];
 * machine.bindHandlers({
 *   FooState: () => {
 *     found.push(machine.findQueued(query) !== null);
 *     machine.add("Bar");
 *     found.push(machine.findQueued(query) !== null);
 *   },
 * });
 * machine.add("Foo");
 * assertEquals(found, [false, true]);
 * ```
 */
export interface QueueQuery<Name extends string = string> {
  /** Type of the mutation. */
  readonly type: MutationType;
  /** States that are all among the mutation's called states. */
  readonly states: Names<Name>;
  /** Look only at the first, or only at the last, of the queue. All of it by default. */
  readonly position?: "first" | "last" | undefined;
  /** Queue tick that the mutation has at least. */
  readonly minTick?: number | undefined;
  /** Whether mutations with arguments don't count. `false` by default. */
  readonly withoutArgs?: boolean | undefined;
  /** Whether the called states are these and no others. `false` by default. */
  readonly exact?: boolean | undefined;
  /** Whether to look for checks instead of mutations. `false` by default. */
  readonly isCheck?: boolean | undefined;
}

/**
 * Where a mutation stands in the queue.
 *
 * @example Usage
 * ```ts
 * import { Machine, type QueuePosition } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Foo: {}, Bar: {} });
 * const positions: (QueuePosition | null)[] = [];
 * machine.bindHandlers({
 *   FooState: () => {
 *     machine.add("Bar");
 *     positions.push(machine.findQueued({ type: "add", states: "Bar" }));
 *   },
 * });
 * machine.add("Foo");
 * assertEquals(positions, [{ index: 0, queueTick: machine.queueTick }]);
 * ```
 */
export interface QueuePosition {
  /** Its place, 0 for the next one. */
  readonly index: number;
  /** The queue tick at which it runs; 0 when it was put in front of the queue. */
  readonly queueTick: number;
}

/**
 * One end of a pipe, as the machine at that end knows it.
 *
 * @example Usage
 * ```ts
 * import { Machine, pipe, type PipeEntry } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const source = new Machine({ Foo: {} }, { id: "source" });
 * const target = new Machine({ Foo: {} }, { id: "target" });
 * pipe(source, "Foo", target, { removed: null });
 * const entries: readonly PipeEntry[] = target.pipes;
 * assertEquals(entries, [{ direction: "in", type: "add", state: "Foo", machineId: "source" }]);
 * ```
 */
export interface PipeEntry {
  /** Whether the pipe leads out of this machine, or into it. */
  readonly direction: "out" | "in";
  /** What the pipe does to the state at its other end. */
  readonly type: "add" | "remove";
  /** The state of this machine. */
  readonly state: string;
  /** Id of the machine at the other end. */
  readonly machineId: string;
}

/**
 * A machine as its handlers, tracers and pipes see it. Its members are those of {@linkcode Machine}, which says more of each.
 *
 * @typeParam S The machine's schema.
 *
 * @example Usage
 * ```ts
 * import { Machine, type MachineApi } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * function describe(machine: MachineApi): string {
 *   return `${machine.id} ${machine}`;
 * }
 *
 * const machine = new Machine({ Foo: {} }, { id: "main" });
 * machine.add("Foo");
 * assertEquals(describe(machine as MachineApi), "main (Foo:1)");
 * ```
 */
export interface MachineApi<S extends Schema = Schema> {
  /** Id of the machine. */
  readonly id: string;
  /** The last error, also when `Exception` is no longer active; null when there was none. */
  readonly err: Error | null;
  /** Names of all states in index order. */
  readonly stateNames: readonly StateName<S>[];
  /** The schema as the machine follows it: cleaned, with `Exception`; frozen. */
  readonly schema: Schema<StateName<S>>;
  /** Aborted at the end of the machine's disposal. */
  readonly signal: AbortSignal;
  /** Goes up by one as each queued mutation is taken from the queue; 1 at first. */
  readonly queueTick: number;
  /** Number of mutations that wait in the queue. */
  readonly queueLength: number;
  /** The mutations that wait in the queue, the next one first. */
  readonly queue: readonly Mutation[];
  /** How often the machine was restored from a snapshot. */
  readonly machineTick: number;
  /** The running transition; null between transitions. */
  readonly transition: Transition<MachineApi<S>> | null;
  /** Whether the machine is disposed. */
  readonly disposed: boolean;
  /** What all time-outs of the machine run on. */
  readonly timers: MachineClock;
  /** Free text for tools. */
  readonly tags: readonly string[];
  /** Named lists of states, for tools. */
  readonly groups: Readonly<Record<string, readonly StateName<S>[]>>;
  /** The machine that this one is a part of; null for none. */
  readonly parent: MachineApi | null;

  /** The ends of pipes at this machine, in the order in which they were made. */
  readonly pipes: readonly PipeEntry[];

  /** Activate states. */
  add<Name extends StateName<S>>(
    states: Names<KnownName<S, Name>>,
    ...argsAndOptions: ArgsAndOptions<S, Name, MutationOptions>
  ): Result;
  /** Deactivate states. */
  remove(states: Names<StateName<S>>, args?: object | null, options?: MutationOptions): Result;
  /** Activate states and deactivate all others. */
  set<Name extends StateName<S>>(
    states: Names<KnownName<S, Name>>,
    ...argsAndOptions: ArgsAndOptions<S, Name, MutationOptions>
  ): Result;
  /** Remove states when they are all active, else add them. */
  toggle<Name extends StateName<S>>(
    states: Names<KnownName<S, Name>>,
    ...argsAndOptions: ArgsAndOptions<S, Name, MutationOptions>
  ): Result;
  /** Add an error: keep it as `err`, tell `onError`, and activate `Exception`. */
  addErr<Name extends StateName<S> | "Exception" = "Exception">(
    error: unknown,
    args?: ErrorArgs<S, Name> | null,
    options?: AddErrOptions<KnownName<S, Name>>,
  ): Result;
  /** Tell whether an add would be accepted, but change nothing. */
  canAdd<Name extends StateName<S>>(states: Names<KnownName<S, Name>>, args?: CalledArgs<S, Name> | null): Result;
  /** Tell whether a remove would be accepted, but change nothing. */
  canRemove(states: Names<StateName<S>>, args?: object | null): Result;
  /** Run a function between transitions. */
  eval(source: string, fn: () => void, options?: EvalOptions): Promise<boolean>;

  /** Tell whether all states are active. */
  is(states: Names<StateName<S>>): boolean;
  /** Tell whether no state is active. */
  not(states: Names<StateName<S>>): boolean;
  /** Tell whether all states of one of the lists are active. */
  any(...lists: Names<StateName<S>>[]): boolean;
  /** Tell whether the machine has all states, active or not. */
  has(states: Names<string>): boolean;
  /** Find the first active state, searching lists one after the other. */
  switch(...groups: (readonly StateName<S>[])[]): StateName<S> | "";
  /** Find the place of a state in the index order, -1 for an unknown one. */
  index(state: string): number;
  /** Find the places of states in the index order, -1 for unknown ones. */
  index(states: readonly string[]): number[];
  /** Tell whether `Exception` is active. */
  isErr(): boolean;
  /** Read the tick of a state. */
  tick(state: StateName<S>): Tick;
  /** Read ticks as a list. */
  time(states?: readonly StateName<S>[]): Tick[];
  /** Read ticks by name. */
  clock<Name extends StateName<S> = StateName<S>>(states?: readonly KnownName<S, Name>[]): Clock<KnownName<S, Name>>;
  /** List active states, called ones first. */
  activeStates(states?: readonly StateName<S>[]): StateName<S>[];
  /** Tell whether ticks are the current ones. */
  isTime(time: Time, states?: readonly StateName<S>[]): boolean;
  /** Tell whether ticks have been reached. */
  wasTime(time: Time, states?: readonly StateName<S>[]): boolean;
  /** Tell whether ticks by name are the current ones. */
  isClock(clock: Partial<Clock<StateName<S>>>): boolean;
  /** Tell whether ticks by name have been reached. */
  wasClock(clock: Partial<Clock<StateName<S>>>): boolean;
  /** Tell whether an add of all these states waits in the queue. */
  willBe(states: Names<StateName<S>>): boolean;
  /** Tell whether a remove of all these states waits in the queue. */
  willBeRemoved(states: Names<StateName<S>>): boolean;
  /** Find a mutation in the queue. */
  findQueued(query: QueueQuery<StateName<S>>): QueuePosition | null;
  /** List the kinds of relations that a state has. */
  relationsOf(state: StateName<S>): Relation[];
  /** List the kinds of relations that one state has to another. */
  relationsBetween(from: StateName<S>, to: StateName<S>): Relation[];
  /** List the states that have a relation to a state. */
  inboundRelationsOf(state: StateName<S>): StateName<S>[];
  /** The active states with their ticks, `(Foo:1 Bar:3)`. */
  toString(): string;
  /** The active states with their ticks, then the inactive ones. */
  stringAll(): string;
  /** Describe states over several lines. */
  inspect(states?: readonly StateName<S>[]): string;

  /** Wait until all states are active at the same time. */
  when(states: Names<StateName<S>>, options?: WaitOptions): Promise<void>;
  /** Wait until all states are inactive at the same time. */
  whenNot(states: Names<StateName<S>>, options?: WaitOptions): Promise<void>;
  /** Wait until each state's tick has reached a number. */
  whenTime(states: Names<StateName<S>>, ticks: number | Time, options?: WaitOptions): Promise<void>;
  /** Wait until a state's tick is at least a number. */
  whenTick(state: StateName<S>, atLeast: Tick, options?: WaitOptions): Promise<void>;
  /** Wait until a state's tick has grown. */
  whenTicks(state: StateName<S>, more: number, options?: WaitOptions): Promise<void>;
  /** Wait until a state is entered the next time. */
  whenNextActive(state: StateName<S>, options?: WaitOptions): Promise<void>;
  /** Wait until a state is entered with certain arguments. */
  whenArgs<Name extends StateName<S>>(
    state: KnownName<S, Name>,
    args?: SomeArgs<S, Name> | null,
    options?: WaitOptions,
  ): Promise<Readonly<HandlerArgs<S, Name>>>;
  /** Wait until a function of the ticks says yes. */
  whenQuery(fn: (clock: Clock<StateName<S>>) => boolean, options?: WaitOptions): Promise<void>;
  /** Wait until a queued mutation has been worked on, accepted or not. */
  whenQueue(result: Result, options?: WaitOptions): Promise<void>;
  /** Wait until `Exception` is active. */
  whenErr(options?: WaitOptions): Promise<Error>;
  /** Wait until the queue has run empty. */
  whenQueueEnds(options?: WaitOptions): Promise<void>;
  /** Wait until the machine is disposed. */
  whenDisposed(options?: WaitOptions): Promise<void>;
  /** Iterate over transitions as they happen. */
  transitions(
    options?: TransitionsOptions<StateName<S>>,
  ): AsyncIterableIterator<TransitionItem<MachineApi<S>>, undefined> & AsyncDisposable;
  /** Get a signal that lasts as long as a state's tick. */
  stateSignal(state: StateName<S>): AbortSignal;

  /** Be told after every transition, checks excepted. */
  onChange(fn: (machine: MachineApi<S>, timeBefore: Time, timeAfter: Time) => void): Binding;
  /** Be told of each error that is added with `addErr`. */
  onError(fn: (machine: MachineApi<S>, error: Error) => void): Binding;
  /** Be told of failures around the machine that are no errors of its work. */
  onInternalError(fn: (error: Error) => void): Binding;
  /** Be told when the machine is disposed. */
  onDispose(fn: (machineId: string, signal: AbortSignal) => void): Binding;
  /** Note the end of a pipe at this machine, for tools and the log. */
  addPipe(entry: PipeEntry): Binding;
  /** Write a line of one's own into the text log. */
  log(text: string): void;
  /** Dispose the machine. */
  dispose(): Promise<void>;
}
