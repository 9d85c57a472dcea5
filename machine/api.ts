import type { Clock, Tick, Time } from "./clock.ts";
import type { Mutation, MutationType, Result } from "./mutation.ts";
import type { Relation, Schema, StateName } from "./schema.ts";
import type { Transition } from "./transition.ts";

/** One name or a list of names. */
export type Names<Name extends string> = Name | readonly Name[];

/** Something that was bound to a machine, and can be taken off again. */
export interface Binding extends Disposable {
  /** Its id, unique among the bindings of its kind. */
  readonly id: string;
  /** Take it off; does nothing the second time. */
  detach(): void;
}

/** What `from` needs of an event to say where a mutation comes from. Every event is one. */
export interface MutationOrigin {
  /** The event's machine. */
  readonly machine: { readonly id: string };
  /** The event's transition. */
  readonly transition: { readonly id: string; readonly completed: boolean; readonly timeBefore: Time };
}

/** Options of a mutation. */
export interface MutationOptions {
  /** The event of the handler that makes the mutation; it becomes the mutation's `source`. */
  readonly from?: MutationOrigin | null | undefined;
}

/** Options of `addErr`. */
export interface AddErrOptions<Name extends string = string> extends MutationOptions {
  /** An error state to add together with `Exception`. */
  readonly state?: Name | undefined;
}

/** Options of whatever waits. */
export interface WaitOptions {
  /** Aborting it rejects the wait with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which the wait rejects with a `TimeoutError` DOMException. No limit by default. */
  readonly timeoutMs?: number | undefined;
}

/** Where a machine's time comes from. The platform's own by default; a `VirtualClock` in tests. */
export interface MachineClock {
  /** Milliseconds since some fixed point; never goes back. */
  now(): number;
  /** Call a function once, after this many milliseconds. */
  setTimeout(fn: () => void, ms: number): unknown;
  /** Don't call it after all. */
  clearTimeout(timer: unknown): void;
}

/** Options of `eval`. */
export interface EvalOptions {
  /** Aborting it before the function ran drops the function. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of `addBreakpoint`. */
export interface BreakpointOptions {
  /** Skip mutations that add active states, or remove inactive ones. */
  readonly strict?: boolean | undefined;
}

/** What to look for in the queue. */
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

/** Where a mutation stands in the queue. */
export interface QueuePosition {
  /** Its place, 0 for the next one. */
  readonly index: number;
  /** The queue tick at which it runs; 0 when it was put in front of the queue. */
  readonly queueTick: number;
}

/** A machine as its handlers, tracers and pipes see it. */
export interface MachineApi<S extends Schema = Schema> {
  readonly id: string;
  readonly err: Error | null;
  readonly stateNames: readonly StateName<S>[];
  readonly schema: Schema<StateName<S>>;
  readonly signal: AbortSignal;
  readonly queueTick: number;
  readonly queueLength: number;
  readonly queue: readonly Mutation[];
  readonly machineTick: number;
  readonly transition: Transition<MachineApi<S>> | null;
  readonly disposed: boolean;
  readonly tags: readonly string[];

  add(states: Names<StateName<S>>, args?: object | null, options?: MutationOptions): Result;
  remove(states: Names<StateName<S>>, args?: object | null, options?: MutationOptions): Result;
  set(states: Names<StateName<S>>, args?: object | null, options?: MutationOptions): Result;
  toggle(states: Names<StateName<S>>, args?: object | null, options?: MutationOptions): Result;
  addErr(error: unknown, args?: object | null, options?: AddErrOptions<StateName<S>>): Result;
  canAdd(states: Names<StateName<S>>, args?: object | null): Result;
  canRemove(states: Names<StateName<S>>, args?: object | null): Result;
  eval(source: string, fn: () => void, options?: EvalOptions): Promise<boolean>;

  is(states: Names<StateName<S>>): boolean;
  not(states: Names<StateName<S>>): boolean;
  any(...lists: Names<StateName<S>>[]): boolean;
  has(states: Names<string>): boolean;
  switch(...groups: (readonly StateName<S>[])[]): StateName<S> | "";
  index(state: string): number;
  index(states: readonly string[]): number[];
  isErr(): boolean;
  tick(state: StateName<S>): Tick;
  time(states?: readonly StateName<S>[]): Tick[];
  clock(states?: readonly StateName<S>[]): Clock<StateName<S>>;
  activeStates(states?: readonly StateName<S>[]): StateName<S>[];
  isTime(time: Time, states?: readonly StateName<S>[]): boolean;
  wasTime(time: Time, states?: readonly StateName<S>[]): boolean;
  isClock(clock: Partial<Clock<StateName<S>>>): boolean;
  wasClock(clock: Partial<Clock<StateName<S>>>): boolean;
  willBe(states: Names<StateName<S>>): boolean;
  willBeRemoved(states: Names<StateName<S>>): boolean;
  findQueued(query: QueueQuery<StateName<S>>): QueuePosition | null;
  relationsOf(state: StateName<S>): Relation[];
  relationsBetween(from: StateName<S>, to: StateName<S>): Relation[];
  inboundRelationsOf(state: StateName<S>): StateName<S>[];
  toString(): string;
  stringAll(): string;
  inspect(states?: readonly StateName<S>[]): string;

  when(states: Names<StateName<S>>, options?: WaitOptions): Promise<void>;
  whenNot(states: Names<StateName<S>>, options?: WaitOptions): Promise<void>;
  whenTime(states: Names<StateName<S>>, ticks: number | Time, options?: WaitOptions): Promise<void>;
  whenTick(state: StateName<S>, atLeast: Tick, options?: WaitOptions): Promise<void>;
  whenTicks(state: StateName<S>, more: number, options?: WaitOptions): Promise<void>;
  whenNextActive(state: StateName<S>, options?: WaitOptions): Promise<void>;
  whenArgs(
    state: StateName<S>,
    args?: object | null,
    options?: WaitOptions,
  ): Promise<Readonly<Record<string, unknown>>>;
  whenQuery(fn: (clock: Clock<StateName<S>>) => boolean, options?: WaitOptions): Promise<void>;
  whenQueue(result: Result, options?: WaitOptions): Promise<void>;
  whenErr(options?: WaitOptions): Promise<Error>;
  whenQueueEnds(options?: WaitOptions): Promise<void>;
  whenDisposed(options?: WaitOptions): Promise<void>;
  stateSignal(state: StateName<S>): AbortSignal;

  onChange(fn: (machine: MachineApi<S>, timeBefore: Time, timeAfter: Time) => void): Binding;
  onError(fn: (machine: MachineApi<S>, error: Error) => void): Binding;
  onInternalError(fn: (error: Error) => void): Binding;
  log(text: string): void;
  dispose(): Promise<void>;
}
