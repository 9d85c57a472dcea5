import { checkArgs, checkOrder, describeName, describeType, toList } from "./_checks.ts";
import { type Breakpoint, Core, type Listeners } from "./_core.ts";
import { DrainGuard, drainQueue } from "./_drain.ts";
import { readShared } from "./_handler_class.ts";
import type { HandlerBinding } from "./_handler_table.ts";
import { CHANGES, DECISIONS, EVERYTHING, EXTERNAL, OPS } from "./_log.ts";
import { EXCEPTION, namesOf, type Plan, planFor } from "./_plan.ts";
import { isEval } from "./_queue.ts";
import { HANDLED, isQuiet, runQuietly } from "./_quiet.ts";
import { rejectedPromise } from "./_rejection.ts";
import { formatActive, formatAll, inspectStates, RELATIONS } from "./_strings.ts";
import { TransitionStream } from "./_transition_stream.ts";
import type {
  AddErrOptions,
  Binding,
  BreakpointOptions,
  EvalOptions,
  MachineApi,
  MachineClock,
  MutationOptions,
  Names,
  PipeEntry,
  QueuePosition,
  QueueQuery,
  TransitionItem,
  TransitionsOptions,
  WaitOptions,
} from "./api.ts";
import type { ArgsAndOptions, CalledArgs, ErrorArgs, HandlerArgs, KnownName, SomeArgs } from "./args.ts";
import { type Clock, nextActive, sumTime, type Tick, type Time } from "./clock.ts";
import { isAbort, MachineDisposedError, SchemaError, SnapshotError, toError, UnknownStateError } from "./errors.ts";
import type { BindOptions, HandlerMachine, Handlers } from "./handlers.ts";
import {
  ADD,
  Canceled,
  Executed,
  isEmptyArgs,
  type Mutation,
  type MutationCode,
  MutationRecord,
  type MutationSource,
  mutationTypeName,
  QUEUED_CHECK,
  REMOVE,
  type Result,
  SET,
} from "./mutation.ts";
import { type Relation, type Schema, schemaNames, type StateName } from "./schema.ts";
import type { MachineOptions } from "./options.ts";
import { readSnapshot, type Snapshot } from "./snapshot.ts";
import type { Tracer } from "./tracer.ts";
import type { Transition } from "./transition.ts";

/**
 * A state machine in which many states are active at once.
 *
 * Any state can be added and removed at any time, unless relations of the schema or a handler refuse it. Mutations are
 * synchronous: made outside a transition, they return when everything that they led to is done.
 *
 * @typeParam S The schema.
 *
 * @example Usage
 * ```ts
 * import { defineSchema, Executed, Machine } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const schema = defineSchema({
 *   Connected: { remove: ["Disconnected"] },
 *   Disconnected: { auto: true, remove: ["Connected"] },
 *   Ready: { require: ["Connected"] },
 * });
 * const machine = new Machine(schema, { id: "client" });
 *
 * assertEquals(machine.add(["Connected", "Ready"]), Executed);
 * machine.remove("Connected");
 * assertEquals(machine.toString(), "(Disconnected:1)");
 * ```
 */
export class Machine<S extends Schema = Schema> implements HandlerMachine<S> {
  readonly #core: Core;
  /** Made when there is a queue to work on. */
  #guard: DrainGuard | null = null;
  /** The signal that ends the machine; null for none. */
  readonly #ending: Ending | null;
  #id: string | undefined;
  #isVerified = false;
  #disposal: Promise<void> | null = null;

  /**
   * Make a machine with no state active.
   *
   * @param schema The states and their relations.
   * @param options Options.
   *
   * @throws {TypeError} when the schema or an option has a wrong shape.
   * @throws {RangeError} when an option is out of range.
   * @throws {SchemaError} when a group names a state that is not in the schema.
   */
  constructor(schema: S, options: MachineOptions = {}) {
    const plan = planFor(schema);
    this.#id = options.id;
    this.#core = new Core(this as unknown as MachineApi, plan, options);
    const signal = options.signal ?? options.parent?.signal;
    this.#ending = signal === undefined ? null : { signal, onAbort: () => this.#aborted(), timer: undefined };
    const inherited = this.#joinParent();
    for (const tracer of options.tracers ?? []) this.#core.ownTracers.bind(tracer);
    this.#core.tracers.audience.machineInit?.call(this.#core.machine);
    if (inherited.length > 0) this.#core.ownTracers.inherit(inherited); // they know the machine from newSubmachine
    if (plan.requireCycle !== null) this.#core.log.write(CHANGES, `[resolver] relation error: ${plan.requireCycle}`);
    if (plan.conflicts.length > 0) this.addErr(new SchemaError(plan.conflicts));
    if (signal?.aborted) this.#aborted();
    else if (!this.#core.isDisposed) signal?.addEventListener("abort", this.#ending!.onAbort, { once: true });
  }

  /**
   * Id of the machine.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const [named, unnamed] = [new Machine({}, { id: "main" }), new Machine({})];
   * assertEquals([named.id, unnamed.id.length], ["main", 16]);
   * ```
   */
  get id(): string {
    return this.#id ??= randomHex(16);
  }

  /**
   * The last error, also when `Exception` is no longer active; null when there was none.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ Foo: {} });
   * machine.addErr(new Error("boom"));
   * machine.remove("Exception");
   * assertEquals(machine.err?.message, "boom");
   * ```
   */
  get err(): Error | null {
    return this.#core.err;
  }

  /**
   * Names of all states in index order. Lists of ticks are in this order.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ Foo: {}, Bar: {} });
   * assertEquals(machine.stateNames, ["Foo", "Bar", "Exception"]);
   * ```
   */
  get stateNames(): readonly StateName<S>[] {
    return this.#core.plan.names as readonly StateName<S>[];
  }

  /**
   * The schema as the machine follows it: cleaned, with `Exception`; frozen.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ Foo: { add: ["Bar", "Bar"] }, Bar: {} });
   * assertEquals(machine.schema.Foo.add, ["Bar"]);
   * assertEquals(Object.keys(machine.schema), ["Foo", "Bar", "Exception"]);
   * ```
   */
  get schema(): Schema<StateName<S>> {
    return this.#core.plan.schema as Schema<StateName<S>>;
  }

  /**
   * Aborted at the end of the machine's disposal, with a `MachineDisposedError`.
   *
   * @example Usage
   * ```ts
   * import { Machine, MachineDisposedError } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ Foo: {} });
   * assertEquals(machine.signal.aborted, false);
   * await machine.dispose();
   * assertEquals(machine.signal.reason instanceof MachineDisposedError, true);
   * ```
   */
  get signal(): AbortSignal {
    return this.#core.signal;
  }

  /**
   * Goes up by one as each queued mutation is taken from the queue; 1 at first.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ Foo: {} });
   * assertEquals(machine.queueTick, 1);
   * machine.add("Foo");
   * assertEquals(machine.queueTick, 2);
   * ```
   */
  get queueTick(): number {
    return this.#core.queue.tick;
  }

  /**
   * Number of mutations that wait in the queue.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ Foo: {}, Bar: {} });
   * const lengths: number[] = [];
   * machine.bindHandlers({
   *   FooState: () => {
   *     machine.add("Bar");
   *     lengths.push(machine.queueLength);
   *   },
   * });
   * machine.add("Foo");
   * assertEquals([...lengths, machine.queueLength], [1, 0]);
   * ```
   */
  get queueLength(): number {
    return this.#core.queue.length;
  }

  /**
   * The mutations that wait in the queue, the next one first.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ Foo: {}, Bar: {} });
   * const queued: string[] = [];
   * machine.bindHandlers({
   *   FooState: () => {
   *     machine.add("Bar");
   *     queued.push(...machine.queue.map(({ type, states }) => `${type} ${states.join(" ")}`));
   *   },
   * });
   * machine.add("Foo");
   * assertEquals(queued, ["add Bar"]);
   * ```
   */
  get queue(): readonly Mutation[] {
    return this.#queued().filter((item): item is MutationRecord => item !== null);
  }

  /**
   * How often the machine was restored from a snapshot.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ Foo: {} }, { id: "main" });
   * const before = machine.machineTick;
   * machine.import(machine.export());
   * assertEquals(machine.machineTick, before + 1);
   * ```
   */
  get machineTick(): number {
    return this.#core.machineTick;
  }

  /**
   * The running transition; null between transitions.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ Foo: {} });
   * const seen: unknown[] = [];
   * machine.bindHandlers({ FooState: () => void seen.push(machine.transition?.mutation.states) });
   * machine.add("Foo");
   * assertEquals([...seen, machine.transition], [["Foo"], null]);
   * ```
   */
  get transition(): Transition<MachineApi<S>> | null {
    return this.#core.transition as unknown as Transition<MachineApi<S>> | null;
  }

  /**
   * Whether the machine is disposed.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ Foo: {} });
   * assertEquals(machine.disposed, false);
   * await machine.dispose();
   * assertEquals(machine.disposed, true);
   * ```
   */
  get disposed(): boolean {
    return this.#core.isDisposed;
  }

  /**
   * What all time-outs of the machine run on: the option `clock`.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { VirtualClock } from "@asyncmachine/asyncmachine/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const clock = new VirtualClock();
   * const machine = new Machine({ Foo: {} }, { clock });
   * assertEquals(machine.timers === clock, true);
   * ```
   */
  get timers(): MachineClock {
    return this.#core.timers;
  }

  /**
   * Free text for tools.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * assertEquals(new Machine({}, { tags: ["worker", "region:eu"] }).tags, ["worker", "region:eu"]);
   * ```
   */
  get tags(): readonly string[] {
    return this.#core.settings.tags;
  }

  /**
   * The ends of pipes at this machine, in the order in which they were made.
   *
   * @example Usage
   * ```ts
   * import { Machine, pipe } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const [source, target] = [new Machine({ Foo: {} }, { id: "source" }), new Machine({ Foo: {} }, { id: "target" })];
   * pipe(source, "Foo", target);
   * assertEquals(source.pipes.map(({ type, machineId }) => `${type} ${machineId}`), ["add target", "remove target"]);
   * ```
   */
  get pipes(): readonly PipeEntry[] {
    return this.#core.listeners.pipes.slice(); // machines share the list of none
  }

  /**
   * Named lists of states, for tools.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ Off: {}, On: {} }, { groups: { power: ["Off", "On"] } });
   * assertEquals(machine.groups, { power: ["Off", "On"] });
   * ```
   */
  get groups(): Readonly<Record<string, readonly StateName<S>[]>> {
    return this.#core.settings.groups as Readonly<Record<string, readonly StateName<S>[]>>;
  }

  /**
   * The machine that this one is a part of; null for none.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const parent = new Machine({ Foo: {} }, { id: "parent" });
   * const child = new Machine({ Foo: {} }, { parent });
   * assertEquals([child.parent?.id, parent.parent], ["parent", null]);
   * ```
   */
  get parent(): MachineApi | null {
    return this.#core.settings.parent;
  }

  /**
   * Number of states: it tells one schema of this machine from the next, as a schema only grows.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * assertEquals(new Machine({ Foo: {}, Bar: {} }).schemaVersion, 3); // and Exception
   * ```
   */
  get schemaVersion(): number {
    return this.#core.plan.size;
  }

  /**
   * Whether the order of the states was set by `verifyStates`, or by `setSchema`.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ Foo: {} });
   * assertEquals(machine.statesVerified, false);
   * machine.verifyStates(["Exception", "Foo"]);
   * assertEquals(machine.statesVerified, true);
   * ```
   */
  get statesVerified(): boolean {
    return this.#isVerified;
  }

  /**
   * Activate states.
   *
   * @typeParam Name The called states, inferred.
   * @param states One name or a list.
   * @param argsAndOptions Arguments for the handlers, and options. Arguments that the schema requires cannot be left out.
   * @returns Executed when all states are active, canceled when they were refused, or the queue tick when it was queued.
   *
   * @throws {UnknownStateError} when a name is not in the schema.
   *
   * @example Arguments with types
   * ```ts
   * import { argsType, defineSchema, Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const paths: string[] = [];
   * const machine = new Machine(defineSchema({ Loading: { args: argsType<{ path: string }>() } }));
   * machine.bindHandlers({ LoadingState: ({ args }) => void paths.push(args.path) });
   * machine.add("Loading", { path: "a.txt" });
   * assertEquals(paths, ["a.txt"]);
   * ```
   */
  add<Name extends StateName<S>>(
    states: Names<KnownName<S, Name>>,
    ...argsAndOptions: ArgsAndOptions<S, Name, MutationOptions>
  ): Result;
  /**
   * Activate states.
   *
   * @param states One name or a list.
   * @param args Arguments for the handlers, {@linkcode CalledArgs}. Those that the schema requires cannot be left out.
   * @param options Options.
   * @returns Executed when all states are active, canceled when they were refused, or the queue tick when it was queued.
   *
   * @throws {UnknownStateError} when a name is not in the schema.
   *
   * @example Usage
   * ```ts
   * import { argsType, Canceled, defineSchema, Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const schema = defineSchema({ Start: {}, Loading: { require: ["Start"], args: argsType<{ path: string }>() } });
   * const machine = new Machine(schema);
   * assertEquals(machine.add("Loading", { path: "a.txt" }), Canceled);
   * machine.add(["Start", "Loading"], { path: "a.txt" });
   * assertEquals(machine.activeStates(), ["Start", "Loading"]);
   * ```
   */
  add(states: Names<StateName<S>>, args?: object | null, options: MutationOptions = NO_OPTIONS): Result {
    const core = this.#core;
    if (core.isDisposing) return Canceled;
    const called = this.#indexes(states, "add");
    if (core.queue.isFull && (options.from || core.queue.isOverfull || !this.#isNewException(called))) return Canceled;
    return this.#enqueue(ADD, called, args, options.from);
  }

  /**
   * Deactivate states.
   *
   * @param states One name or a list.
   * @param args Arguments for the handlers.
   * @param options Options.
   * @returns Executed when no state is active, canceled when a handler refused, or the queue tick when it was queued.
   *
   * @throws {UnknownStateError} when a name is not in the schema.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ Start: {}, Ready: { require: ["Start"] } });
   * machine.add(["Start", "Ready"]);
   * machine.remove("Start");
   * assertEquals(machine.activeStates(), []);
   * ```
   */
  remove(states: Names<StateName<S>>, args?: object | null, options: MutationOptions = NO_OPTIONS): Result {
    const core = this.#core;
    if (core.isDisposing) return Canceled;
    if (core.transition !== null && core.queue.length === 0 && this.#areInactive(states)) return Executed;
    const called = this.#indexes(states, "remove");
    const { exception } = core.plan;
    const isOldException = !options.from && called.includes(exception) && core.isActive(exception);
    if (core.queue.isFull && (core.queue.isOverfull || !isOldException)) return Canceled;
    return this.#enqueue(REMOVE, called, args, options.from);
  }

  /**
   * Activate states and deactivate all others.
   *
   * @typeParam Name The called states, inferred.
   * @param states One name or a list.
   * @param argsAndOptions Arguments for the handlers, and options. Arguments that the schema requires cannot be left out.
   * @returns Executed when all states are active, canceled when they were refused, or the queue tick when it was queued.
   *
   * @throws {UnknownStateError} when a name is not in the schema.
   *
   * @example Arguments with types
   * ```ts
   * import { argsType, defineSchema, Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine(defineSchema({ Idle: {}, Loading: { args: argsType<{ path: string }>() } }));
   * machine.set("Idle");
   * machine.set("Loading", { path: "a.txt" });
   * assertEquals(machine.activeStates(), ["Loading"]);
   * ```
   */
  set<Name extends StateName<S>>(
    states: Names<KnownName<S, Name>>,
    ...argsAndOptions: ArgsAndOptions<S, Name, MutationOptions>
  ): Result;
  /**
   * Activate states and deactivate all others.
   *
   * @param states One name or a list.
   * @param args Arguments for the handlers, {@linkcode CalledArgs}. Those that the schema requires cannot be left out.
   * @param options Options.
   * @returns Executed when all states are active, canceled when they were refused, or the queue tick when it was queued.
   *
   * @throws {UnknownStateError} when a name is not in the schema.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {}, B: {}, C: {} });
   * machine.add(["A", "B"]);
   * machine.set(["B", "C"]);
   * assertEquals(machine.activeStates(), ["B", "C"]);
   * ```
   */
  set(states: Names<StateName<S>>, args?: object | null, options: MutationOptions = NO_OPTIONS): Result {
    if (this.#core.isDisposing) return Canceled;
    const called = this.#indexes(states, "set");
    if (this.#core.queue.isFull) return Canceled;
    return this.#enqueue(SET, called, args, options.from);
  }

  /**
   * Remove states when they are all active, else add them.
   *
   * @typeParam Name The called states, inferred.
   * @param states One name or a list.
   * @param argsAndOptions Arguments for the handlers, and options. Arguments that the schema requires cannot be left out.
   * @returns What the add or remove returned.
   *
   * @throws {UnknownStateError} when a name is not in the schema.
   *
   * @example Arguments with types
   * ```ts
   * import { argsType, defineSchema, Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine(defineSchema({ Lamp: { args: argsType<{ watts: number }>() } }));
   * machine.toggle("Lamp", { watts: 5 });
   * machine.toggle("Lamp", { watts: 5 });
   * assertEquals(machine.tick("Lamp"), 2);
   * ```
   */
  toggle<Name extends StateName<S>>(
    states: Names<KnownName<S, Name>>,
    ...argsAndOptions: ArgsAndOptions<S, Name, MutationOptions>
  ): Result;
  /**
   * Remove states when they are all active, else add them.
   *
   * @param states One name or a list.
   * @param args Arguments for the handlers, {@linkcode CalledArgs}. Those that the schema requires cannot be left out.
   * @param options Options.
   * @returns What the add or remove returned.
   *
   * @throws {UnknownStateError} when a name is not in the schema.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ Lamp: {} });
   * machine.toggle("Lamp");
   * machine.toggle("Lamp");
   * assertEquals(machine.tick("Lamp"), 2);
   * ```
   */
  toggle(states: Names<StateName<S>>, args?: object | null, options: MutationOptions = {}): Result {
    if (this.#core.isDisposing) return Canceled;
    this.#indexes(states, "toggle");
    return this.is(states) ? this.remove(states, args, options) : this.#core.machine.add(states, args, options);
  }

  /**
   * Add an error: keep it as `err`, tell `onError`, and activate `Exception`.
   *
   * Null, undefined and errors that stand for an abort are canceled; other values that are no Error are wrapped.
   *
   * @param error The error.
   * @param args Arguments for the handlers, beside the error itself.
   * @param options Options; `state` is activated together with `Exception`.
   * @returns The result of the mutation.
   *
   * @throws {UnknownStateError} when `options.state` is not in the schema.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ ErrNetwork: { require: ["Exception"] } });
   * machine.addErr(new Error("connection lost"), null, { state: "ErrNetwork" });
   * assertEquals(machine.is(["ErrNetwork", "Exception"]), true);
   * assertEquals(machine.err?.message, "connection lost");
   * ```
   */
  addErr<Name extends StateName<S> | "Exception" = "Exception">(
    error: unknown,
    args?: ErrorArgs<S, Name> | null,
    options: AddErrOptions<KnownName<S, Name>> = {},
  ): Result {
    const core = this.#core;
    if (core.isDisposing) return Canceled;
    const { state = EXCEPTION } = options;
    this.#indexes([state], "add error");
    if (error === null || error === undefined || isAbort(error) || core.queue.isFull) return Canceled;
    const accepted = toError(error);
    const errorArgs = { ...checkArgs(args), error: accepted }; // first: a getter may throw
    core.acceptError(accepted);
    if (core.isDisposing) return Canceled; // by whoever was told
    const called = this.#indexes([state, EXCEPTION], "add error"); // now: they may have changed the order of states, too
    return this.#enqueue(ADD, called, errorArgs, options.from);
  }

  /**
   * Tell whether an add would be accepted, asking relations and negotiation handlers, but changing nothing.
   *
   * @param states One name or a list.
   * @param args Arguments for the handlers.
   * @returns Executed or canceled; 2 when it was asked in a transition: then it runs next, and nobody hears the answer.
   *
   * @throws {UnknownStateError} when a name is not in the schema.
   *
   * @example Usage
   * ```ts
   * import { Canceled, Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ Start: {}, Ready: { require: ["Start"] } });
   * assertEquals(machine.canAdd("Ready"), Canceled);
   * ```
   */
  canAdd<Name extends StateName<S>>(states: Names<KnownName<S, Name>>, args?: CalledArgs<S, Name> | null): Result {
    return this.#checkMutation(ADD, states as Names<StateName<S>>, args);
  }

  /**
   * Tell whether a remove would be accepted, asking the negotiation handlers, but changing nothing.
   *
   * @param states One name or a list.
   * @param args Arguments for the handlers.
   * @returns Executed or canceled; 2 when it was asked in a transition: then it runs next, and nobody hears the answer.
   *
   * @throws {UnknownStateError} when a name is not in the schema.
   *
   * @example Usage
   * ```ts
   * import { Executed, Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ Start: {} });
   * machine.add("Start");
   * assertEquals(machine.canRemove("Start"), Executed);
   * assertEquals(machine.is("Start"), true);
   * ```
   */
  canRemove(states: Names<StateName<S>>, args?: object | null): Result {
    return this.#checkMutation(REMOVE, states, args);
  }

  /**
   * Run a function between transitions: at once when the machine is idle, else right after the running transition.
   *
   * @param source Who asks, for the log.
   * @param fn The function. When it throws, the error is added to the machine.
   * @param options Options.
   * @returns `true` when the function ran; `false` when it threw, was aborted before it ran, or the machine is disposed.
   *
   * @throws {RangeError} when `source` is empty.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {} });
   * let ticks: number[] = [];
   * const hasRun = await machine.eval("example", () => ticks = machine.time());
   * assertEquals(hasRun, true);
   * assertEquals(ticks, [0, 0]);
   * ```
   */
  eval(source: string, fn: () => void, options: EvalOptions = {}): Promise<boolean> {
    if (source === "") throw new RangeError("Cannot eval: the source is empty");
    const core = this.#core;
    if (core.isDisposing) return Promise.resolve(false);
    const outcome = new Promise<boolean>((resolve) => {
      core.prependEval({
        run: () => resolve(this.#evaluate(source, fn, options.signal)),
        drop: () => resolve(false),
      });
    });
    if (!core.isProcessing) this.#drain(null);
    return outcome;
  }

  /**
   * Tell whether all states are active.
   *
   * @param states One name or a list; an empty list counts as active.
   * @returns `false` also for unknown names.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {}, B: {} });
   * machine.add("A");
   * assertEquals(machine.is(["A", "B"]), false);
   * ```
   */
  is(states: Names<StateName<S>>): boolean {
    if (this.#core.isDisposing) return false;
    if (typeof states === "string") return this.#isActive(states);
    return toList(states).every((name) => this.#isActive(name));
  }

  /**
   * Tell whether no state is active.
   *
   * @param states One name or a list; an empty list counts as inactive.
   * @returns `false` on a disposed machine.
   *
   * @throws {UnknownStateError} when a name is not in the schema.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {}, B: {} });
   * machine.add("A");
   * assertEquals(machine.not("B"), true);
   * assertEquals(machine.not(["A", "B"]), false);
   * ```
   */
  not(states: Names<StateName<S>>): boolean {
    if (this.#core.isDisposing) return false;
    return this.#indexes(states, "read").every((state) => !this.#core.isActive(state));
  }

  /**
   * Tell whether all states of one of the lists are active.
   *
   * @param lists Names or lists of names; no list is no match.
   * @returns `false` also for unknown names.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {}, B: {} });
   * machine.add("A");
   * assertEquals(machine.any("A", "B"), true);
   * assertEquals(machine.any(["A", "B"]), false);
   * ```
   */
  any(...lists: Names<StateName<S>>[]): boolean {
    return lists.some((list) => this.is(list));
  }

  /**
   * Tell whether the machine has all states, active or not.
   *
   * @param states One name or a list.
   * @returns `true` when all names are in the schema.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {}, B: {} });
   * assertEquals(machine.has(["A", "Exception"]), true);
   * assertEquals(machine.has("C"), false);
   * ```
   */
  has(states: Names<string>): boolean {
    if (this.#core.isDisposing) return false;
    return toList(states).every((name) => this.#core.plan.indexByName.has(name));
  }

  /**
   * Find the first active state.
   *
   * @param groups Lists of names, searched one after the other.
   * @returns The name, or `""` when none is active.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ Playing: {}, Paused: {} });
   * machine.add("Paused");
   * assertEquals(machine.switch(["Playing", "Paused"]), "Paused");
   * ```
   */
  switch(...groups: (readonly StateName<S>[])[]): StateName<S> | "" {
    if (this.#core.isDisposing) return "";
    for (const group of groups) {
      const active = (toList(group) as typeof group).find((name) => this.#isActive(name));
      if (active !== undefined) return active;
    }
    return "";
  }

  /**
   * Find the place of a state in the index order.
   *
   * @param state The name.
   * @returns The index, or -1 when the name is not in the schema.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {}, B: {} });
   * assertEquals(machine.index("B"), 1);
   * assertEquals(machine.index("C"), -1);
   * ```
   */
  index(state: string): number;
  /**
   * Find the places of states in the index order.
   *
   * @param states The names.
   * @returns One index for each name, -1 for names that are not in the schema.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {}, B: {} });
   * assertEquals(machine.index(["Exception", "A", "C"]), [2, 0, -1]);
   * ```
   */
  index(states: readonly string[]): number[];
  /**
   * Find the places of one state or several in the index order.
   *
   * @param states One name or a list.
   * @returns One index for a name, a list of them for a list; -1 for names that are not in the schema.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {}, B: {} });
   * assertEquals([machine.index("B"), machine.index(["A", "B"])], [1, [0, 1]]);
   * ```
   */
  index(states: Names<string>): number | number[] {
    const indexOf = (name: string) => this.#core.isDisposing ? -1 : this.#core.plan.indexByName.get(name) ?? -1;
    if (typeof states === "string") return indexOf(states);
    return this.#core.isDisposing ? [] : toList(states).map(indexOf);
  }

  /**
   * Tell whether `Exception` is active.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {} });
   * machine.addErr(new Error("no route"));
   * assertEquals(machine.isErr(), true);
   * machine.remove("Exception");
   * assertEquals(machine.isErr(), false);
   * ```
   */
  isErr(): boolean {
    return !this.#core.isDisposing && this.#core.isActive(this.#core.plan.exception);
  }

  /**
   * Read the tick of a state.
   *
   * @param state The name.
   * @returns An integer, odd when the state is active; 0 for unknown names.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {} });
   * machine.add("A");
   * machine.remove("A");
   * machine.add("A");
   * assertEquals(machine.tick("A"), 3);
   * ```
   */
  tick(state: StateName<S>): Tick {
    if (this.#core.isDisposing) return 0;
    const index = this.#core.plan.indexByName.get(state);
    return index === undefined ? 0 : this.#core.clock[index]!;
  }

  /**
   * Read ticks as a list.
   *
   * @param states The names; all in index order by default.
   * @returns One tick for each name, 0 for unknown names; empty on a disposed machine.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {}, B: {} });
   * machine.add("A");
   * assertEquals(machine.time(), [1, 0, 0]); // A, B, Exception
   * assertEquals(machine.time(["B", "A"]), [0, 1]);
   * ```
   */
  time(states?: readonly StateName<S>[]): Tick[] {
    if (this.#core.isDisposing) return [];
    return states === undefined
      ? this.#core.clock.slice()
      : toList(states).map((name) => this.tick(name as StateName<S>));
  }

  /**
   * Read ticks by name.
   *
   * @typeParam Name The names asked for, inferred.
   * @param states The names; all by default.
   * @returns One tick for each name, 0 for unknown names; empty on a disposed machine.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {}, B: {} });
   * machine.add("A");
   * assertEquals(machine.clock(), { A: 1, B: 0, Exception: 0 });
   * assertEquals(machine.clock(["A"]), { A: 1 });
   * ```
   */
  clock<Name extends StateName<S> = StateName<S>>(
    states: readonly KnownName<S, Name>[] = this.stateNames as readonly KnownName<S, Name>[],
  ): Clock<KnownName<S, Name>> {
    const names = this.#core.isDisposing ? [] : toList(states);
    return Object.fromEntries(names.map((name) => [name, this.tick(name as StateName<S>)])) as Clock<
      KnownName<S, Name>
    >;
  }

  /**
   * List active states.
   *
   * @param states The names to choose from; all by default.
   * @returns The active ones, in the order of `states`; by default in the machine's own order, called states first.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {}, B: {} });
   * machine.add("A");
   * machine.add("B");
   * assertEquals(machine.activeStates(), ["B", "A"]); // called states first
   * assertEquals(machine.activeStates(["A", "Exception"]), ["A"]);
   * ```
   */
  activeStates(states?: readonly StateName<S>[]): StateName<S>[] {
    if (this.#core.isDisposing) return [];
    if (states !== undefined) return (toList(states) as typeof states).filter((name) => this.#isActive(name));
    return this.#core.active.map((state) => this.#core.plan.names[state] as StateName<S>);
  }

  /**
   * Tell whether ticks are the current ones.
   *
   * @param time Ticks, one for each of the states; a shorter list is compared with the first ones.
   * @param states The names; all in index order by default.
   * @returns `true` when every given tick is equal to the current one.
   *
   * @throws {RangeError} when there are more ticks than states.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {}, B: {} });
   * machine.add("A");
   * const before = machine.time();
   * assertEquals(machine.isTime(before), true);
   * machine.add("B");
   * assertEquals(machine.isTime(before), false);
   * assertEquals(machine.isTime([1], ["A"]), true);
   * ```
   */
  isTime(time: Time, states?: readonly StateName<S>[]): boolean {
    const current = this.#currentFor(time, states);
    return time.every((tick, i) => current[i] === tick);
  }

  /**
   * Tell whether ticks have been reached.
   *
   * @param time Ticks, one for each of the states; a shorter list is compared with the first ones.
   * @param states The names; all in index order by default.
   * @returns `true` when no current tick is less than the given one.
   *
   * @throws {RangeError} when there are more ticks than states.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {}, B: {} });
   * machine.add("A");
   * const before = machine.time();
   * machine.add("B");
   * assertEquals(machine.wasTime(before), true);
   * assertEquals(machine.wasTime([3], ["A"]), false);
   * ```
   */
  wasTime(time: Time, states?: readonly StateName<S>[]): boolean {
    const current = this.#currentFor(time, states);
    return time.every((tick, i) => current[i]! >= tick);
  }

  /**
   * Tell whether ticks by name are the current ones.
   *
   * @param clock Ticks by name.
   * @returns `true` when every given tick is equal to the current one.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {}, B: {} });
   * machine.add("A");
   * assertEquals(machine.isClock({ A: 1, B: 0 }), true);
   * assertEquals(machine.isClock({ A: 3 }), false);
   * ```
   */
  isClock(clock: Partial<Clock<StateName<S>>>): boolean {
    const names = Object.keys(clock) as StateName<S>[];
    return this.isTime(names.map((name) => clock[name]!), names);
  }

  /**
   * Tell whether ticks by name have been reached.
   *
   * @param clock Ticks by name.
   * @returns `true` when no current tick is less than the given one.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {}, B: {} });
   * machine.add("A");
   * machine.remove("A");
   * assertEquals(machine.wasClock({ A: 1 }), true);
   * assertEquals(machine.wasClock({ A: 1, B: 1 }), false);
   * ```
   */
  wasClock(clock: Partial<Clock<StateName<S>>>): boolean {
    const names = Object.keys(clock) as StateName<S>[];
    return this.wasTime(names.map((name) => clock[name]!), names);
  }

  /**
   * Tell whether an add of all these states waits in the queue.
   *
   * @param states One name or a list.
   * @returns `true` when a waiting mutation adds them, perhaps among others.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {}, B: {}, C: {} });
   * const seen: boolean[] = [];
   * machine.bindHandlers({
   *   AState() {
   *     machine.add(["B", "C"]);
   *     seen.push(machine.willBe("B"), machine.is("B"));
   *   },
   * });
   * machine.add("A");
   * assertEquals(seen, [true, false]);
   * ```
   */
  willBe(states: Names<StateName<S>>): boolean {
    return this.findQueued({ type: "add", states }) !== null;
  }

  /**
   * Tell whether a remove of all these states waits in the queue.
   *
   * @param states One name or a list.
   * @returns `true` when a waiting mutation removes them, perhaps among others.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {} });
   * const seen: boolean[] = [];
   * machine.bindHandlers({
   *   AState() {
   *     machine.remove("A");
   *     seen.push(machine.willBeRemoved("A"));
   *   },
   * });
   * machine.add("A");
   * assertEquals(seen, [true]);
   * ```
   */
  willBeRemoved(states: Names<StateName<S>>): boolean {
    return this.findQueued({ type: "remove", states }) !== null;
  }

  /**
   * Find a mutation in the queue.
   *
   * @param query What to look for.
   * @returns Where the first one stands, or null.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {}, B: {} });
   * machine.bindHandlers({
   *   AState() {
   *     machine.add("B");
   *     assertEquals(machine.findQueued({ type: "add", states: "B" }), { index: 0, queueTick: 3 });
   *   },
   * });
   * machine.add("A");
   * ```
   */
  findQueued(query: QueueQuery<StateName<S>>): QueuePosition | null {
    const wanted = this.#knownIndexes(query.states);
    const items = this.#queued();
    const place = query.position === "first" ? 0 : query.position === "last" ? items.length - 1 : null;
    const index = items.findIndex((item, at) =>
      item !== null && (place === null || place === at) && matchesQuery(item, wanted, query)
    );
    return index < 0 ? null : { index, queueTick: items[index]!.queueTick };
  }

  /**
   * List the kinds of relations that a state has.
   *
   * @param state The name.
   * @returns The kinds, in the order add, require, remove, after.
   *
   * @throws {UnknownStateError} when the name is not in the schema.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: { require: ["B"], after: ["B"] }, B: {}, C: { remove: ["B"] } });
   * assertEquals(machine.relationsOf("A"), ["require", "after"]);
   * ```
   */
  relationsOf(state: StateName<S>): Relation[] {
    const definition = this.#definition(state);
    return RELATIONS.filter((relation) => (definition[relation] ?? []).length > 0);
  }

  /**
   * List the kinds of relations that one state has to another.
   *
   * @param from The state whose relations they are.
   * @param to The state that they name.
   * @returns The kinds, in the order add, require, remove, after.
   *
   * @throws {UnknownStateError} when a name is not in the schema.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: { require: ["B"], after: ["B"] }, B: {}, C: { remove: ["B"] } });
   * assertEquals(machine.relationsBetween("C", "B"), ["remove"]);
   * assertEquals(machine.relationsBetween("B", "C"), []);
   * ```
   */
  relationsBetween(from: StateName<S>, to: StateName<S>): Relation[] {
    this.#definition(to);
    const definition = this.#definition(from);
    return RELATIONS.filter((relation) => definition[relation]?.includes(to));
  }

  /**
   * List the states that have a relation to a state.
   *
   * @param state The name.
   * @returns Other states in index order.
   *
   * @throws {UnknownStateError} when the name is not in the schema.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: { require: ["B"], after: ["B"] }, B: {}, C: { remove: ["B"] } });
   * assertEquals(machine.inboundRelationsOf("B"), ["A", "C"]);
   * ```
   */
  inboundRelationsOf(state: StateName<S>): StateName<S>[] {
    this.#definition(state);
    return this.stateNames.filter((other) => other !== state && this.relationsBetween(other, state).length > 0);
  }

  /**
   * The active states with their ticks, `(Foo:1 Bar:3)`, in index order.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {}, B: {} });
   * machine.add("B");
   * assertEquals(machine.toString(), "(B:1)");
   * ```
   */
  toString(): string {
    return this.#core.isDisposing ? "" : formatActive(this.#core.plan, this.#core.clock);
  }

  /**
   * The active states with their ticks, then the inactive ones: `(Foo:1 Bar:3) [Baz:2]`.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {}, B: {} });
   * machine.add("B");
   * assertEquals(machine.stringAll(), "(B:1) [A:0 Exception:0]");
   * ```
   */
  stringAll(): string {
    return this.#core.isDisposing ? "" : formatAll(this.#core.plan, this.#core.clock);
  }

  /**
   * Describe states over several lines: whether they are active, ticks, flags, relations.
   *
   * @param states The names; all in index order by default.
   * @returns Lines for a person to read; unknown names are left out.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertStringIncludes } from "@std/assert";
   *
   * const machine = new Machine({ A: { require: ["B"] }, B: {} });
   * assertStringIncludes(machine.inspect(["A"]), "|Require  B");
   * ```
   */
  inspect(states: readonly StateName<S>[] = this.stateNames): string {
    if (this.#core.isDisposing) return "";
    return inspectStates(this.#core.plan, this.#core.clock, this.#knownIndexes(states).filter((state) => state >= 0));
  }

  /**
   * Wait until all states are active at the same time.
   *
   * @param states One name or a list.
   * @param options Options.
   * @returns Resolves at once when they are; else after the transition that makes it so, before the next one.
   * Rejects with the signal's reason, a `TimeoutError`, or a {@linkcode MachineDisposedError}.
   *
   * @throws {UnknownStateError} when a name is not in the schema.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ Ready: {} });
   * const ready = machine.when("Ready", { timeoutMs: 1000 });
   * setTimeout(() => machine.add("Ready"), 5);
   * await ready;
   * assertEquals(machine.is("Ready"), true);
   * ```
   */
  when(states: Names<StateName<S>>, options: WaitOptions = {}): Promise<void> {
    if (this.#core.isDisposing) return this.#rejectDisposed();
    return this.#core.subscriptions.whenStates(this.#indexes(states, "wait for"), true, options);
  }

  /**
   * Wait until all states are inactive at the same time.
   *
   * @param states One name or a list.
   * @param options Options.
   * @returns Resolves at once when they are; else after the transition that makes it so, before the next one.
   * Rejects with the signal's reason, a `TimeoutError`, or a {@linkcode MachineDisposedError}.
   *
   * @throws {UnknownStateError} when a name is not in the schema.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ Busy: {}, Locked: {} });
   * machine.add("Busy");
   * const idle = machine.whenNot(["Busy", "Locked"]);
   * machine.remove("Busy");
   * await idle;
   * assertEquals(machine.activeStates(), []);
   * ```
   */
  whenNot(states: Names<StateName<S>>, options: WaitOptions = {}): Promise<void> {
    if (this.#core.isDisposing) return this.#rejectDisposed();
    return this.#core.subscriptions.whenStates(this.#indexes(states, "wait for"), false, options);
  }

  /**
   * Wait until each state's tick has reached a number, not necessarily all at the same time.
   *
   * @param states One name or a list. The tick of an unknown name counts as 0.
   * @param ticks One tick for each state.
   * @param options Options.
   * @returns Resolves at once when all have; else after the transition that makes it so. Rejects like `when`.
   *
   * @throws {RangeError} when there are not as many ticks as states, or none.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ Foo: {}, Bar: {} });
   * const reached = machine.whenTime(["Foo", "Bar"], [2, 1]);
   * machine.add(["Foo", "Bar"]);
   * machine.remove("Foo");
   * await reached;
   * assertEquals(machine.time(["Foo", "Bar"]), [2, 1]);
   * ```
   */
  whenTime(states: Names<StateName<S>>, ticks: number | Time, options: WaitOptions = {}): Promise<void> {
    if (this.#core.isDisposing) return this.#rejectDisposed();
    const indexes = this.#knownIndexes(states);
    const wanted = typeof ticks === "number" ? [ticks] : ticks;
    if (indexes.length !== wanted.length || indexes.length === 0) {
      throw new RangeError(`Cannot wait for ticks: there are ${wanted.length} ticks for ${indexes.length} states`);
    }
    return this.#core.subscriptions.whenTime(indexes, wanted, options);
  }

  /**
   * Wait until a state's tick is at least a number.
   *
   * @param state The name. The tick of an unknown name counts as 0.
   * @param atLeast The tick.
   * @param options Options.
   * @returns Resolves at once when it is. Rejects like `when`.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: { multi: true } });
   * const reached = machine.whenTick("A", 4);
   * for (let i = 0; i < 3; i++) machine.add("A"); // ticks 1, 3, 5
   * await reached;
   * assertEquals(machine.tick("A"), 5);
   * ```
   */
  whenTick(state: StateName<S>, atLeast: Tick, options: WaitOptions = {}): Promise<void> {
    return this.whenTime(state, atLeast, options);
  }

  /**
   * Wait until a state's tick has grown.
   *
   * @param state The name. The tick of an unknown name counts as 0.
   * @param more By how much, from now on: 2 is in and out again.
   * @param options Options.
   * @returns Resolves at once when `more` is 0. Rejects like `when`.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {} });
   * machine.add("A");
   * const again = machine.whenTicks("A", 2); // out and in
   * machine.remove("A");
   * machine.add("A");
   * await again;
   * assertEquals(machine.tick("A"), 3);
   * ```
   */
  whenTicks(state: StateName<S>, more: number, options: WaitOptions = {}): Promise<void> {
    return this.whenTime(state, this.tick(state) + more, options);
  }

  /**
   * Wait until a state is entered the next time: an active state has to be left first, or called again when it is multi.
   *
   * @param state The name. The tick of an unknown name counts as 0.
   * @param options Options.
   * @returns Never resolves at once. Rejects like `when`.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {} });
   * machine.add("A");
   * const next = machine.whenNextActive("A");
   * machine.toggle("A");
   * machine.toggle("A");
   * await next;
   * assertEquals(machine.tick("A"), 3);
   * ```
   */
  whenNextActive(state: StateName<S>, options: WaitOptions = {}): Promise<void> {
    return this.whenTime(state, nextActive(this.tick(state)), options);
  }

  /**
   * Wait until a state is entered with certain arguments.
   *
   * @param state The name.
   * @param args What the mutation's arguments have to hold, compared with `===`; a missing one counts as undefined. Any
   * arguments by default.
   * @param options Options.
   * @returns Resolves with the mutation's arguments, when the state's final handlers have run. Never at once: a state that is
   * active does not count. Rejects like `when`.
   *
   * @throws {UnknownStateError} when the name is not in the schema.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ Connected: { multi: true } });
   * const connected = machine.whenArgs("Connected", { id: 123 });
   * machine.add("Connected", { id: 7 });
   * machine.add("Connected", { id: 123, name: "foo" });
   * assertEquals(await connected, { id: 123, name: "foo" });
   * ```
   */
  whenArgs<Name extends StateName<S>>(
    state: KnownName<S, Name>,
    args?: SomeArgs<S, Name> | null,
    options: WaitOptions = {},
  ): Promise<Readonly<HandlerArgs<S, Name>>> {
    if (this.#core.isDisposing) return this.#rejectDisposed();
    const [index] = this.#indexes([state], "wait for");
    const wait = this.#core.subscriptions.whenArgs(index!, checkArgs(args), options);
    return wait as Promise<Readonly<HandlerArgs<S, Name>>>;
  }

  /**
   * Wait until a function of the ticks says yes.
   *
   * @param fn Receives ticks by name. It is asked after each accepted transition; when it throws, the wait rejects with that.
   * @param options Options.
   * @returns Never resolves at once. Rejects like `when`.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ Foo: {}, Bar: {} });
   * const more = machine.whenQuery((clock) => clock.Foo > clock.Bar);
   * machine.add(["Foo", "Bar"]);
   * machine.remove("Foo");
   * await more;
   * assertEquals(machine.time(["Foo", "Bar"]), [2, 1]);
   * ```
   */
  whenQuery(fn: (clock: Clock<StateName<S>>) => boolean, options: WaitOptions = {}): Promise<void> {
    if (this.#core.isDisposing) return this.#rejectDisposed();
    return this.#core.subscriptions.whenQuery(() => fn(this.#core.machine.clock() as Clock<StateName<S>>), options);
  }

  /**
   * Wait until a queued mutation has been worked on, accepted or not.
   *
   * @param result What the mutation returned.
   * @param options Options.
   * @returns Resolves at once when the mutation was not queued, or is done. Rejects like `when`.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {}, B: {} });
   * let isB = false;
   * machine.bindHandlers({
   *   async AState() {
   *     await machine.whenQueue(machine.add("B"));
   *     isB = machine.is("B");
   *   },
   * });
   * machine.add("A");
   * await machine.whenTick("B", 1);
   * await null;
   * assertEquals(isB, true);
   * ```
   */
  whenQueue(result: Result, options: WaitOptions = {}): Promise<void> {
    if (this.#core.isDisposing) return this.#rejectDisposed();
    return this.#core.subscriptions.whenQueue(result, this.queueTick, options);
  }

  /**
   * Wait until `Exception` is active.
   *
   * @param options Options.
   * @returns Resolves with the error. Rejects like `when`.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {} });
   * const failed = machine.whenErr();
   * machine.addErr(new Error("no route"));
   * assertEquals((await failed).message, "no route");
   * ```
   */
  whenErr(options: WaitOptions = {}): Promise<Error> {
    const core = this.#core;
    if (core.isDisposing) return this.#rejectDisposed();
    const read = () => core.err ?? new Error("Exception was added without an error");
    return core.subscriptions.whenStates([core.plan.exception], true, options, read);
  }

  /**
   * Wait until the queue has run empty.
   *
   * @param options Options.
   * @returns Resolves at once when the machine is idle. Rejects like `when`.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {}, B: {}, C: {} });
   * let seen = "";
   * machine.bindHandlers({
   *   async AState() {
   *     machine.add("B");
   *     machine.add("C");
   *     await machine.whenQueueEnds();
   *     seen = machine.toString();
   *     machine.remove("A");
   *   },
   * });
   * machine.add("A");
   * await machine.whenNot("A");
   * assertEquals(seen, "(A:1 B:1 C:1)");
   * ```
   */
  whenQueueEnds(options: WaitOptions = {}): Promise<void> {
    if (this.#core.isDisposing) return this.#rejectDisposed();
    return this.#core.subscriptions.whenQueueEnds(options);
  }

  /**
   * Wait until the machine is disposed.
   *
   * @param options Options.
   * @returns Resolves at once when it is. Rejects with the signal's reason or a `TimeoutError`.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {} });
   * const end = machine.whenDisposed();
   * machine.dispose();
   * await end;
   * assertEquals(machine.disposed, true);
   * ```
   */
  whenDisposed(options: WaitOptions = {}): Promise<void> {
    return this.#core.isDisposed ? Promise.resolve() : this.#core.subscriptions.whenDisposed(options);
  }

  /**
   * Iterate over transitions as they happen: from this call on, canceled and auto ones too, checks excepted.
   *
   * @param options Options.
   * @returns An iterator for one reader. Disposal ends it once what is kept has been read; on a disposed machine it is empty.
   *
   * @throws {UnknownStateError} when a name is not in the schema.
   * @throws {RangeError} when `limit` is less than 1.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {}, B: {} });
   * const transitions = machine.transitions({ states: "B" });
   * machine.add("A");
   * machine.add("B");
   * for await (const { transition } of transitions) {
   *   assertEquals(transition.enters, ["B"]);
   *   break;
   * }
   * ```
   */
  transitions(
    options: TransitionsOptions<StateName<S>> = {},
  ): AsyncIterableIterator<TransitionItem<MachineApi<S>>, undefined> & AsyncDisposable {
    const core = this.#core;
    const { states, signal, limit = 1000 } = options;
    if (!(limit >= 1)) throw new RangeError(`Cannot iterate over transitions: limit is ${limit}, expected 1 or more`);
    if (states !== undefined && !core.isDisposing) this.#indexes(states, "iterate over transitions of");
    let detach = () => {}; // an aborted signal closes it before it is made
    const stream = new TransitionStream({
      limit,
      states: states === undefined ? null : new Set(toList(states)),
      signal,
      onClose: () => detach(),
    });
    if (core.isDisposing) stream.close();
    else if (!signal?.aborted) detach = core.listen("streams", stream);
    return stream as unknown as AsyncIterableIterator<TransitionItem<MachineApi<S>>, undefined> & AsyncDisposable;
  }

  /**
   * Get a signal that lasts as long as a state's tick.
   *
   * @param state The name. The state may be active or not.
   * @returns A signal that is aborted when the state is entered, left, or called again; its reason is a
   * {@linkcode StateExpiredError}. One signal for all who ask during the same tick.
   *
   * @throws {UnknownStateError} when the name is not in the schema.
   *
   * @example Usage
   * ```ts
   * import { Machine, StateExpiredError } from "@asyncmachine/asyncmachine";
   * import { assertEquals, assertInstanceOf } from "@std/assert";
   *
   * const machine = new Machine({ Online: {} });
   * machine.add("Online");
   * const signal = machine.stateSignal("Online");
   * assertEquals(signal.aborted, false);
   * machine.remove("Online");
   * assertInstanceOf(signal.reason, StateExpiredError);
   * ```
   */
  stateSignal(state: StateName<S>): AbortSignal {
    const core = this.#core;
    if (core.isDisposing) return core.stateSignal(0, 0);
    const index = this.#indexes([state], "make a signal of")[0]!;
    return core.stateSignal(index, core.clock[index]!);
  }

  /**
   * Bind handlers: methods and function-valued fields named `FooEnter`, `FooState`, `FooExit`, `FooEnd`, `FooFoo`, `FooBar`,
   * `AnyEnter` and `AnyState`.
   *
   * @param handlers An object, or an instance of a class. `this` in the handlers.
   * @param options Options.
   * @returns A binding to take them off with.
   *
   * @throws {TypeError} when a key starts with an upper-case letter and is no handler, or a handler is no function.
   *
   * @example Usage
   * ```ts
   * import { Canceled, Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ Open: {} });
   * machine.bindHandlers({ OpenEnter: () => false });
   * assertEquals(machine.add("Open"), Canceled);
   * ```
   */
  bindHandlers<Key extends string = never, Prefix extends string = "", AllowUnknown extends boolean = false>(
    handlers: Handlers<S, Key, Prefix, AllowUnknown>,
    options: BindOptions<Prefix, AllowUnknown> = {},
  ): Binding {
    const core = this.#core;
    const id = (options.id ?? `anon-${randomHex(4)}`).replaceAll(/[^a-zA-Z0-9\-_.]/g, "");
    const binding: HandlerBinding = { id, target: handlers, functions: readShared(core.plan, handlers, options) };
    const detach = () => {
      const left = core.bindings.filter((other) => other !== binding);
      if (left.length === core.bindings.length) return;
      core.log.write(OPS, `[handlers] detach ${id}`);
      core.bindings = left;
      core.rebuildTable();
    };
    const bound = { id, detach, [Symbol.dispose]: detach };
    if (core.isDisposing) return bound;
    const isFirst = !core.hasHandlers;
    core.log.write(OPS, `[handlers] bind ${core.bindingCount++}:${id}`);
    core.bindings = [...core.bindings, binding];
    core.rebuildTable();
    if (isFirst && this.isErr() && core.err !== null) core.addErrOfNobody(core.err); // so that handlers get to see it
    return bound;
  }

  /**
   * Bind a tracer.
   *
   * @param tracer An object with any of the methods of {@linkcode Tracer}.
   * @returns A binding to take it off with.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {}, B: { require: ["A"] } });
   * const results: boolean[] = [];
   * const binding = machine.bindTracer({ transitionEnd: ({ accepted }) => void results.push(accepted) });
   * machine.add("B");
   * machine.add("A");
   * binding.detach();
   * machine.add("B");
   * assertEquals(results, [false, true]);
   * ```
   */
  bindTracer(tracer: Tracer): Binding {
    if (typeof tracer !== "object" || tracer === null) throw new TypeError("Cannot bind tracer: it is no object");
    const binding = this.#core.ownTracers.bind(tracer);
    this.#core.log.write(OPS, `[tracers] bind ${binding.id}`);
    return binding;
  }

  /**
   * Be told after every transition, canceled ones too, checks excepted.
   *
   * @param fn Receives the machine, and the ticks before and after, in the order of `stateNames`.
   * @returns A binding to take it off with.
   *
   * @example Usage
   * ```ts
   * import { diffTime, Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {}, B: {} });
   * const changes: number[][] = [];
   * machine.onChange((_machine, before, after) => void changes.push(diffTime(after, before)));
   * machine.add("B");
   * assertEquals(changes, [[0, 1, 0]]);
   * ```
   */
  onChange(fn: (machine: MachineApi<S>, timeBefore: Time, timeAfter: Time) => void): Binding {
    return this.#listen("onChange", fn as unknown as Listeners["onChange"][number]);
  }

  /**
   * Be told of each error that is added with `addErr`, before it is queued.
   *
   * @param fn Receives the machine and the error.
   * @returns A binding to take it off with.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {} });
   * const messages: string[] = [];
   * machine.onError((_machine, error) => void messages.push(error.message));
   * machine.addErr(new Error("no route"));
   * assertEquals(messages, ["no route"]);
   * ```
   */
  onError(fn: (machine: MachineApi<S>, error: Error) => void): Binding {
    return this.#listen("onError", fn as unknown as Listeners["onError"][number]);
  }

  /**
   * Be told of failures around the machine that are no errors of its work: a tracer that was taken off, a callback or a
   * logger that threw, a handler that took too long.
   *
   * @param fn Receives the error.
   * @returns A binding to take it off with.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {} });
   * const messages: string[] = [];
   * machine.onInternalError((error) => void messages.push(error.message));
   * machine.onChange(() => {
   *   throw new Error("callback failed");
   * });
   * machine.add("A");
   * assertEquals(messages, ["callback failed"]);
   * assertEquals(machine.isErr(), false);
   * ```
   */
  onInternalError(fn: (error: Error) => void): Binding {
    return this.#listen("onInternalError", fn);
  }

  /**
   * Be told when the machine is disposed.
   *
   * @param fn Receives the machine's id, and its signal, which is aborted right after.
   * @returns A binding to take it off with.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {} }, { id: "worker" });
   * const calls: string[] = [];
   * machine.onDispose((id, signal) => void calls.push(`${id} ${signal.aborted}`));
   * await machine.dispose();
   * assertEquals(calls, ["worker false"]);
   * assertEquals(machine.signal.aborted, true);
   * ```
   */
  onDispose(fn: (machineId: string, signal: AbortSignal) => void): Binding {
    return this.#listen("onDispose", fn);
  }

  /**
   * Log when a mutation adds or removes exactly these states, order included.
   *
   * @param added States of an add; an empty list for none.
   * @param removed States of a remove; an empty list for none.
   * @param options Options.
   * @returns A binding to take it off with.
   *
   * @throws {UnknownStateError} when a name is not in the schema.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const lines: string[] = [];
   * const logger = (_level: string, line: string) => void lines.push(line);
   * const machine = new Machine({ A: {}, B: {} }, { logLevel: "changes", logId: false, logger });
   * machine.addBreakpoint("A", []);
   * machine.add("B");
   * assertEquals(lines.some((line) => line.startsWith("[breakpoint]")), false);
   * machine.add("A");
   * assertEquals(lines.some((line) => line.startsWith("[breakpoint]")), true);
   * ```
   */
  addBreakpoint(
    added: Names<StateName<S>>,
    removed: Names<StateName<S>>,
    options: BreakpointOptions = {},
  ): Binding {
    const breakpoint: Breakpoint = {
      added: this.#indexes(added, "watch"),
      removed: this.#indexes(removed, "watch"),
      isStrict: options.strict ?? false,
    };
    return this.#listen("breakpoints", breakpoint);
  }

  /**
   * Note the end of a pipe at this machine, for tools and the log. Pipes do it themselves.
   *
   * @param entry The end of the pipe.
   * @returns A binding to take the note off with; the machine's disposal does too.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ Foo: {} });
   * const binding = machine.addPipe({ direction: "out", type: "add", state: "Foo", machineId: "elsewhere" });
   * assertEquals(machine.pipes.map(({ machineId }) => machineId), ["elsewhere"]);
   * binding.detach();
   * assertEquals(machine.pipes, []);
   * ```
   */
  addPipe(entry: PipeEntry): Binding {
    const core = this.#core;
    const { direction, type, state, machineId } = entry;
    const way = direction === "out" ? "to" : "from";
    core.log.write(OPS, `[pipe-${direction}:${type}] ${state} ${way} ${machineId}`);
    const binding = this.#listen("pipes", entry);
    const detach = () => {
      if (!core.listeners.pipes.includes(entry)) return;
      binding.detach();
      core.log.write(OPS, `[pipe:gc] ${machineId}`);
    };
    return { id: binding.id, detach, [Symbol.dispose]: detach };
  }

  /**
   * Write a line of one's own into the text log, at the level `external`.
   *
   * @param text The text; line breaks become spaces.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const lines: string[] = [];
   * const logger = (_level: string, line: string) => void lines.push(line);
   * const machine = new Machine({ A: {} }, { id: "worker", logLevel: "external", logger });
   * machine.log("looks good");
   * assertEquals(lines, ["[worke] [exter] looks good"]);
   * ```
   */
  log(text: string): void {
    this.#core.log.write(EXTERNAL, `[exter] ${text.replaceAll("\n", " ")}`);
  }

  /**
   * Set the order of the states, which is the order of all lists of ticks.
   *
   * @param names All names, `Exception` included.
   *
   * @throws {SchemaError} when a name is missing or unknown; then nothing changes.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {}, B: {} });
   * machine.verifyStates(["B", "A", "Exception"]);
   * machine.add("B");
   * assertEquals(machine.time(), [1, 0, 0]);
   * ```
   */
  verifyStates(names: readonly StateName<S>[]): void {
    const core = this.#core;
    if (core.isDisposing) return;
    if (this.#isWorking) throw new SchemaError(["Cannot set the order of states: a transition is running"]);
    core.follow(planFor(core.plan.source, checkOrder(names, namesOf(core.plan.source))));
    this.#isVerified = true;
    core.tracers.audience.verifyStates?.call(core.machine);
  }

  /**
   * Replace the schema by one with more states. Ticks and active states stay as they are.
   *
   * @param schema The new schema; it has all states of the old one, and others, `Exception` among them.
   * @param names All names of the new schema, in the order that lists of ticks are to have.
   *
   * @throws {SchemaError} when a state is missing, when there is none to add, when relations contradict each other, or
   * during a transition; then nothing changes.
   *
   * @example Usage
   * ```ts
   * import { Machine, type Schema } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const schema: Schema = { Exception: { multi: true }, A: {} };
   * const machine = new Machine(schema);
   * machine.add("A");
   * machine.setSchema({ ...schema, B: { require: ["A"] } }, ["A", "B", "Exception"]);
   * machine.add("B");
   * assertEquals(machine.toString(), "(A:1 B:1)");
   * ```
   */
  setSchema(schema: Schema<StateName<S>>, names: readonly StateName<S>[]): void {
    const core = this.#core;
    if (core.isDisposing) return;
    if (this.#isWorking) throw new SchemaError(["Cannot set the schema: a transition is running"]);
    const plan = planFor(schema, checkOrder(names, schemaNames(schema)));
    const lost = this.stateNames.filter((name) => !plan.indexByName.has(name));
    const problems = lost.map((name) => `Cannot set the schema: it lacks the state "${name}"`);
    if (lost.length === 0 && plan.size <= core.plan.size) {
      problems.push(`Cannot set the schema: it has ${plan.size} states, and more than ${core.plan.size} are needed`);
    }
    if (names.length !== plan.size && lost.length === 0) {
      problems.push(`Cannot set the schema: there are ${names.length} names for ${plan.size} states`);
    }
    problems.push(...plan.conflicts);
    if (problems.length > 0) throw new SchemaError(problems);
    const old = core.plan.schema;
    core.follow(plan);
    this.#isVerified = true;
    if (plan.requireCycle !== null) core.log.write(CHANGES, `[resolver] relation error: ${plan.requireCycle}`);
    core.tracers.audience.verifyStates?.call(core.machine);
    core.tracers.audience.schemaChange?.call(core.machine, old);
  }

  /**
   * Take down the machine's states.
   *
   * @returns Plain data, for `import` into a machine of the same id and states.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {} }, { id: "worker" });
   * machine.add("A");
   * assertEquals(machine.export(), {
   *   version: 1,
   *   id: "worker",
   *   stateNames: ["A", "Exception"],
   *   time: [1, 0],
   *   machineTick: 0,
   *   queueTick: 2,
   * });
   * ```
   */
  export(): Snapshot {
    const { plan, clock, machineTick, queue } = this.#core;
    return {
      version: 1,
      id: this.id,
      stateNames: [...plan.names],
      time: clock.slice(),
      machineTick,
      queueTick: queue.tick,
    };
  }

  /**
   * Take over ticks from a snapshot: no handler runs. Then `MachineRestored` is added, if the schema has it.
   *
   * Active states are in index order then. Signals of states whose ticks differ are aborted, and waits are settled.
   *
   * @param snapshot What `export` returned, of a machine with the same id and states.
   *
   * @throws {SnapshotError} when it does not fit, or during a transition; then nothing changes.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const schema = { Draft: {}, Published: { remove: ["Draft"] } };
   * const before = new Machine(schema, { id: "post-1" });
   * before.add("Draft");
   *
   * const after = new Machine(schema, { id: "post-1" });
   * after.import(before.export());
   * assertEquals(after.is("Draft"), true);
   * assertEquals(after.machineTick, 1);
   * ```
   */
  import(snapshot: Snapshot): void {
    const core = this.#core;
    if (core.isDisposing) return;
    if (core.isProcessing) throw new SnapshotError("snapshot", "cannot be taken over in a transition");
    const time = readSnapshot(snapshot, this.id, core.plan.names);
    core.restore(time);
    core.machineTick = snapshot.machineTick + 1;
    core.log.write(CHANGES, `[import] ${this}`);
    this.#drain(null); // also with nothing queued: somebody may wait for the queue's end by now
    if (core.plan.indexByName.has("MachineRestored")) core.machine.add("MachineRestored");
  }

  /**
   * Dispose the machine: remove `Start` if the schema has it, drop what waits, then tell everybody who waits for or listens
   * to the machine.
   *
   * From this call on mutations are canceled and nothing is active. Made in a handler, the running transition ends first.
   *
   * @returns Resolves when everybody was told. The same promise each time.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ Start: {} });
   * machine.add("Start");
   * await machine.dispose();
   * assertEquals(machine.disposed, true);
   * assertEquals(machine.is("Start"), false);
   * ```
   */
  dispose(): Promise<void> {
    if (this.#disposal === null) {
      let finished!: () => void;
      this.#disposal = new Promise((resolve) => finished = resolve); // at once: a handler of Start may dispose too
      this.#beginDisposal();
      Promise.resolve().then(() => this.#finishDisposal()).then(finished); // a running transition ends before
    }
    return this.#disposal;
  }

  /**
   * Dispose the machine without removing `Start` first, and without waiting for a running transition.
   *
   * Everybody who waits for or listens to the machine has been told when it returns.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const machine = new Machine({ A: {} });
   * machine.disposeForce();
   * assertEquals(machine.disposed, true);
   * ```
   */
  disposeForce(): void {
    this.#core.isDisposing = true;
    this.#core.queue.clear();
    this.#finishDisposal();
    this.#disposal ??= Promise.resolve();
  }

  /**
   * Dispose the machine at the end of an `await using` block.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const ended: string[] = [];
   * {
   *   await using machine = new Machine({ A: {} }, { id: "worker" });
   *   machine.onDispose((id) => void ended.push(id));
   * }
   * assertEquals(ended, ["worker"]);
   * ```
   */
  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  /**
   * Dispose the machine at the end of a `using` block, which does not wait.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const { promise, resolve } = Promise.withResolvers<string>();
   * {
   *   using machine = new Machine({ A: {} }, { id: "worker" });
   *   machine.onDispose(resolve);
   * }
   * assertEquals(await promise, "worker");
   * ```
   */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Whether something runs, or waits to: that knows its states by their places. */
  get #isWorking(): boolean {
    return this.#core.isProcessing || this.#core.queue.length > 0;
  }

  #beginDisposal(): void {
    const core = this.#core;
    const hasStart = core.plan.indexByName.has("Start");
    if (hasStart && !core.isProcessing && !this.#ending?.signal.aborted) {
      core.tell(() => this.remove("Start" as StateName<S>)); // a handler's error is thrown, with `throwErrors`
    }
    core.isDisposing = true;
    core.queue.clear();
  }

  #finishDisposal(): void {
    const core = this.#core;
    if (core.isDisposed) return;
    core.isDisposed = true;
    this.#ending?.signal.removeEventListener("abort", this.#ending.onAbort);
    if (this.#ending?.timer !== undefined) core.timers.clearTimeout(this.#ending.timer);
    core.stateTimers?.disposed();
    core.tracers.audience.machineDispose?.call(core.machine);
    core.bindings = [];
    core.table = null;
    core.listeners = { ...core.listeners, pipes: [] };
    const reason = new MachineDisposedError(this.id);
    core.signals?.disposed(reason);
    core.waits?.rejectAll(reason);
    for (const stream of core.listeners.streams) stream.close();
    const { id, signal } = this; // read before it is aborted, so that they get to see it alive
    for (const fn of core.listeners.onDispose) core.tell(() => fn(id, signal));
    core.abortSignal(reason);
    core.waits?.disposed();
  }

  /** Take the parent's inheritable tracers over, after its tracers were told. */
  #joinParent(): readonly Tracer[] {
    const { parent } = this;
    if (parent === null || !(#core in parent)) return [];
    parent.#core.tracers.audience.newSubmachine?.call(parent.#core.machine, this.#core.machine);
    return parent.#core.tracers.inheritable;
  }

  #aborted(): void {
    if (this.#core.isDisposing) return;
    if (!this.#core.plan.indexByName.has("Disposing")) {
      this.dispose();
      return;
    }
    // Handlers of Disposing end with dispose(); those that never do are not waited for.
    this.#ending!.timer = this.#core.timers.setTimeout(() => this.dispose(), FORCED_END_MS);
    this.#core.tell(() => this.#core.machine.add("Disposing")); // a handler's error has no caller, with `throwErrors`
  }

  #enqueue(
    code: MutationCode,
    called: readonly number[],
    args: object | null | undefined,
    from: MutationOptions["from"],
  ): Result {
    const core = this.#core;
    const mutationArgs = checkArgs(args);
    if (!from && !core.settings.hasLowDrain && isQuiet(core, code)) {
      const before = core.transitionCount;
      const result = runQuietly(core, code, called);
      if (result === HANDLED) return this.#runHandled(new MutationRecord(core.plan.names, code, called, mutationArgs));
      // By what ended a wait, or auto states that handlers are for.
      if (core.queue.length > 0) this.#drain(null, false, core.transitionCount - before);
      return result;
    }
    const { names } = core.plan;
    if (core.queue.length > 0 && isEmptyArgs(mutationArgs) && !hasMulti(core.plan, called)) {
      if (core.queue.hasDuplicate(code, called)) {
        if (core.log.level >= OPS) {
          core.log.write(
            OPS,
            `[queue:skipped] Duplicate detected for [${mutationTypeName(code)}] ${core.names(called)}`,
          );
        }
        return Executed;
      }
    }
    const mutation = new MutationRecord(names, code, called, mutationArgs, sourceOf(from));
    core.append(mutation);
    return core.isProcessing ? mutation.queueTick : this.#drain(mutation);
  }

  #checkMutation(code: MutationCode, states: Names<StateName<S>>, args: object | null | undefined): Result {
    const core = this.#core;
    if (core.isDisposing) return Canceled;
    const called = this.#indexes(states, code === ADD ? "check adding" : "check removing");
    const mutation = new MutationRecord(core.plan.names, code, called, checkArgs(args), null, "check");
    core.prepend(mutation);
    return core.isProcessing ? QUEUED_CHECK : this.#drain(mutation);
  }

  #evaluate(source: string, fn: () => void, signal: AbortSignal | undefined): boolean {
    const core = this.#core;
    if (signal?.aborted) {
      core.log.write(DECISIONS, `[eval:ctxdone] ${source}`);
      return false;
    }
    core.log.write(EXTERNAL, `[exter] eval: ${source}`);
    core.log.write(OPS, `[eval] ${source}`);
    try {
      fn();
      core.log.write(EVERYTHING, `[eval:end] ${source}`);
      return true;
    } catch (error) {
      if (!isAbort(error)) core.raise(toError(error));
      return false;
    }
  }

  /** Run a mutation that `runQuietly` left to handlers. */
  #runHandled(mutation: MutationRecord): Result {
    this.#core.queue.pass(mutation);
    return this.#drain(mutation, true);
  }

  #drain(own: MutationRecord | null, isResolved = false, ran = 0): Result {
    const { settings } = this.#core;
    const guard = this.#guard ??= new DrainGuard(this.#core, settings.maxDrain);
    const result = drainQueue(this.#core, own, guard, isResolved, ran);
    const { thrown } = this.#core;
    if (settings.throwErrors && thrown !== null) throw thrown.error;
    return result;
  }

  /** Names to indexes, without repeats. */
  #indexes(states: Names<string>, action: string): readonly number[] {
    const { indexByName, alone } = this.#core.plan;
    if (typeof states === "string") {
      const index = indexByName.get(states);
      if (index === undefined) throw new UnknownStateError([states], { action, machineId: this.id });
      return alone[index]!;
    }
    if (!Array.isArray(states)) {
      throw new TypeError(`Cannot ${action} states: expected a name or a list of names, got ${describeType(states)}`);
    }
    if (states.length === 1) {
      const index = indexByName.get(states[0]);
      if (index !== undefined) return alone[index]!;
    }
    return this.#indexesOfMany(states, action);
  }

  #indexesOfMany(states: readonly string[], action: string): readonly number[] {
    const { indexByName } = this.#core.plan;
    const indexes: number[] = [];
    const known = states.length < 16 ? null : new Set<number>();
    let unknown: Set<string> | null = null;
    for (const name of states) {
      const index = indexByName.get(name);
      if (index !== undefined) {
        if (known === null ? indexes.includes(index) : known.has(index)) continue;
        indexes.push(index);
        known?.add(index);
      } else if (typeof name === "string") (unknown ??= new Set()).add(name);
      else throw new TypeError(`Cannot ${action} states: expected a list of names, it has ${describeType(name)}`);
    }
    if (unknown !== null) throw new UnknownStateError([...unknown], { action, machineId: this.id });
    return indexes;
  }

  /** Names to indexes, unknown ones to -1. */
  #knownIndexes(states: Names<string>): number[] {
    return toList(states).map((name) => this.#core.plan.indexByName.get(name) ?? -1);
  }

  #isActive(name: string): boolean {
    const index = this.#core.plan.indexByName.get(name);
    if (index !== undefined) return this.#core.isActive(index);
    if (this.#core.log.level >= DECISIONS) {
      this.#core.log.write(DECISIONS, `[is] state ${describeName(name)} not found`);
    }
    return false;
  }

  #areInactive(states: Names<string>): boolean {
    return this.#knownIndexes(states).every((state) => state < 0 || !this.#core.isActive(state));
  }

  /** Whether an add brings the machine into Exception: that may pass a full queue. */
  #isNewException(called: readonly number[]): boolean {
    const { exception } = this.#core.plan;
    return called.includes(exception) && !this.#core.isActive(exception);
  }

  #definition(state: string): Schema[string] {
    if (!this.#core.isDisposing) this.#indexes([state], "read relations of");
    const { schema } = this.#core.plan;
    return Object.hasOwn(schema, state) ? schema[state]! : {};
  }

  #currentFor(time: Time, states: readonly StateName<S>[] | undefined): Tick[] {
    const { length } = states ?? this.stateNames;
    if (time.length > length) {
      throw new RangeError(`Cannot compare times: there are ${time.length} ticks for ${length} states`);
    }
    return this.time(states);
  }

  /** What waits in the queue; null in the place of functions of `eval`. */
  #queued(): (MutationRecord | null)[] {
    const { queue } = this.#core;
    return Array.from({ length: queue.length }, (_, place) => {
      const item = queue.at(place);
      return isEval(item) ? null : item;
    });
  }

  /** Have somebody called or told, and make the binding that takes them off again. */
  #listen<Kind extends keyof Listeners>(kind: Kind, item: Listeners[Kind][number]): Binding {
    const detach = this.#core.listen(kind, item);
    return { id: `callback-${randomHex(8)}`, detach, [Symbol.dispose]: detach };
  }

  #rejectDisposed(): Promise<never> {
    return rejectedPromise(new MachineDisposedError(this.id));
  }
}

/** Made once: one a mutation took more memory than all else that a mutation makes which nobody watches. */
const NO_OPTIONS: MutationOptions = Object.freeze({});

/** A signal that ends a machine. */
interface Ending {
  readonly signal: AbortSignal;
  readonly onAbort: () => void;
  /** Runs while a state Disposing is waited for. */
  timer: unknown;
}

/** How long a state Disposing may take, once the signal is aborted. */
const FORCED_END_MS = 2000;

function hasMulti({ isMulti }: Plan, called: readonly number[]): boolean {
  for (let i = 0; i < called.length; i++) if (isMulti[called[i]!]) return true;
  return false;
}

function sourceOf(from: MutationOptions["from"]): MutationSource | null {
  if (!from) return null;
  const { machine, transition } = from;
  const { completed } = transition;
  return {
    machineId: machine.id,
    transitionId: completed ? "" : transition.id,
    machineTime: completed ? 0 : sumTime(transition.timeBefore),
  };
}

function matchesQuery(item: MutationRecord, wanted: readonly number[], query: QueueQuery): boolean {
  if (item.type !== query.type || item.isCheck !== (query.isCheck ?? false)) return false;
  if (query.withoutArgs && !isEmptyArgs(item.args)) return false;
  if (item.queueTick < (query.minTick ?? 0)) return false;
  if (query.exact && new Set(wanted).size !== item.called.length) return false;
  return wanted.every((state) => item.called.includes(state));
}

function randomHex(digits: number): string {
  return Array.from({ length: digits }, () => Math.floor(Math.random() * 16).toString(16)).join("");
}
