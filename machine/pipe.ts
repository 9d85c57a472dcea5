import { EXCEPTION } from "./_plan.ts";
import type { Binding, MachineApi, MutationOrigin, Names, PipeEntry } from "./api.ts";
import { messageOf, PipeLoopError, type PipeStep, toError, UnknownStateError } from "./errors.ts";
import type { FinalEvent } from "./event.ts";
import type { HandlerMachine } from "./handlers.ts";
import { Canceled, Executed, type Result } from "./mutation.ts";

/**
 * Names of a machine's states.
 *
 * @typeParam M The machine.
 *
 * @example Usage
 * ```ts
 * import { Machine, type StateNameOf } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Foo: {}, Bar: {} });
 * const names: StateNameOf<typeof machine>[] = ["Foo", "Exception"];
 * assertEquals(machine.has(names), true);
 * ```
 */
export type StateNameOf<M extends MachineApi> = M["stateNames"][number];

/**
 * What a machine has to be beside a machine so that it has certain states: anything, or something that no machine is.
 *
 * @typeParam Name The states that it has.
 * @typeParam Wanted The states that it has to have. Any string is not looked at: names known at run time are checked then.
 *
 * @example Usage
 * ```ts
 * import { type HasStates } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const all: HasStates<"Foo" | "Bar", "Foo"> = "anything";
 * const some: HasStates<"Foo", "Foo" | "Bar"> = { missingStates: "Bar" };
 * assertEquals([all, some.missingStates], ["anything", "Bar"]);
 * ```
 */
export type HasStates<Name extends string, Wanted extends string> = string extends Wanted ? unknown
  : [Exclude<Wanted, Name>] extends [never] ? unknown
  : { readonly missingStates: Exclude<Wanted, Name> };

/**
 * Options of every pipe.
 *
 * @example Usage
 * ```ts
 * import { Machine, pipeAny, type PipeAnyOptions } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const source = new Machine({ Foo: {}, Bar: {} });
 * const target = new Machine({ Foo: {}, Bar: {} });
 * const options: PipeAnyOptions = { flat: true };
 * pipeAny(source, target, options);
 * source.add("Foo");
 * assertEquals(target.is("Foo"), true); // at once, as the pipe is flat
 * ```
 */
export interface PipeAnyOptions {
  /**
   * Whether mutations of the target are made at once, without arguments, and only when they change something. `false` by
   * default: they are made in a microtask, with the arguments of the source's mutation.
   */
  readonly flat?: boolean | undefined;
  /**
   * Whether the pipe may be part of loops. One such pipe is enough for a loop, whichever is bound last. Loops of flat pipes
   * come to rest; in others, an add and a remove that are on their way at the same time may chase one another for ever.
   * `false` by default.
   */
  readonly allowLoop?: boolean | undefined;
}

/**
 * Options of `pipe`, `pipeMany`, `pipeReady` and `pipeStart`.
 *
 * @typeParam Name The target's states.
 *
 * @example Usage
 * ```ts
 * import { Machine, pipe, type PipeOptions } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const source = new Machine({ Connected: {} });
 * const target = new Machine({ Online: {} });
 * const options = { added: "Online", flat: true } satisfies PipeOptions<"Online">;
 * pipe(source, "Connected", target, options);
 * source.add("Connected");
 * assertEquals(target.is("Online"), true);
 * source.remove("Connected");
 * assertEquals(target.is("Online"), false);
 * ```
 */
export interface PipeOptions<Name extends string = string> extends PipeAnyOptions {
  /** The target's state to add when the source's state is entered; null for none. The source's state by default. */
  readonly added?: Name | null | undefined;
  /**
   * The target's state to remove when the source's state is left; null for none. That of `added` by default, and the
   * source's state where `added` is null.
   */
  readonly removed?: Name | null | undefined;
}

/**
 * The options as the last argument: they can be left out where the target has a state of the same name.
 *
 * @typeParam State The source's states.
 * @typeParam Name The target's states.
 *
 * @example Usage
 * ```ts
 * import { type PipeArguments } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const none: PipeArguments<"Ready", "Ready" | "Start"> = [];
 * const one: PipeArguments<"Ready", "Online"> = [{ added: "Online" }];
 * assertEquals([none.length, one.length], [0, 1]);
 * ```
 */
export type PipeArguments<State extends string, Name extends string> = HasStates<Name, State> extends
  { readonly missingStates: string }
  ? [options: PipeOptions<Name> & ({ readonly added: Name } | { readonly added: null; readonly removed: Name })]
  : [options?: PipeOptions<Name> | undefined];

/**
 * Options of `pipeErr`.
 *
 * @example Usage
 * ```ts
 * import { Machine, pipeErr, type PipeErrOptions } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const child = new Machine({ Foo: {} });
 * const parent = new Machine({ ErrChild: { require: ["Exception"] } });
 * const options: PipeErrOptions<"ErrChild"> = { state: "ErrChild" };
 * pipeErr(child, parent, options);
 * child.addErr(new Error("boom"));
 * assertEquals((await parent.whenErr()).message, "boom");
 * assertEquals(parent.is("ErrChild"), true);
 * ```
 */
export interface PipeErrOptions<Name extends string = string> extends Pick<PipeAnyOptions, "allowLoop"> {
  /** An error state of the target to add together with `Exception`. None by default. */
  readonly state?: Name | undefined;
}

/**
 * The states of a connection, as `pipeConnected` knows them.
 *
 * @example Usage
 * ```ts
 * import { CONNECTED_SCHEMA, type ConnectedState, Machine } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const names: ConnectedState[] = ["Disconnected", "Connecting", "Connected", "Disconnecting"];
 * assertEquals(new Machine(CONNECTED_SCHEMA).has(names), true);
 * ```
 */
export type ConnectedState = "Disconnected" | "Connecting" | "Connected" | "Disconnecting";

/**
 * Options of `pipeConnected`. Null leaves a state out.
 *
 * @typeParam Name The target's states.
 *
 * @example Usage
 * ```ts
 * import {
 *   BASIC_SCHEMA,
 *   CONNECTED_SCHEMA,
 *   Machine,
 *   mergeSchemas,
 *   pipeConnected,
 *   type PipeConnectedOptions,
 * } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const client = new Machine(mergeSchemas(BASIC_SCHEMA, CONNECTED_SCHEMA));
 * const program = new Machine({ Online: {}, Offline: {} });
 * const options = {
 *   connected: "Online",
 *   disconnected: "Offline",
 *   connecting: null,
 *   disconnecting: null,
 *   flat: true,
 * } satisfies PipeConnectedOptions<"Online" | "Offline">;
 * pipeConnected(client, program, options);
 * client.add(["Start", "Connected"]);
 * assertEquals(program.is("Online"), true);
 * ```
 */
export interface PipeConnectedOptions<Name extends string = string> extends PipeAnyOptions {
  /** The target's state for `Disconnected`, which is it by default. */
  readonly disconnected?: Name | null | undefined;
  /** The target's state for `Connecting`, which is it by default. */
  readonly connecting?: Name | null | undefined;
  /** The target's state for `Connected`, which is it by default. */
  readonly connected?: Name | null | undefined;
  /** The target's state for `Disconnecting`, which is it by default. */
  readonly disconnecting?: Name | null | undefined;
}

/**
 * The options as the last argument: those that name a state which the target does not have cannot be left out.
 *
 * @typeParam Name The target's states.
 *
 * @example Usage
 * ```ts
 * import { type ConnectedState, type PipeConnectedArguments } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const none: PipeConnectedArguments<ConnectedState> = [];
 * const one: PipeConnectedArguments<Exclude<ConnectedState, "Connected"> | "Online"> = [{ connected: "Online" }];
 * assertEquals([none.length, one.length], [0, 1]);
 * ```
 */
export type PipeConnectedArguments<Name extends string> = HasStates<Name, ConnectedState> extends
  { readonly missingStates: infer Missing extends string }
  ? [options: PipeConnectedOptions<Name> & { readonly [Key in Uncapitalize<Missing>]: Name | null }]
  : [options?: PipeConnectedOptions<Name> | undefined];

/**
 * Let a state of one machine drive a state of another: when it is entered, a state of the target is added; when it is left,
 * that one is removed.
 *
 * The mutations carry the arguments of the source's mutation, and its transition as their `source`; they are made in
 * microtasks, in the order of the source's transitions, unless the pipe is flat. What is on its way when the pipe is taken off
 * is dropped. The state that the source is in when the pipe is bound is not copied: see {@linkcode syncStates}.
 *
 * A state whose name starts with `Err` is added together with `Exception`, and handlers of either find an `error` in the
 * arguments, of flat pipes too: the one of the source's mutation, else the last error of the source, if the source's state is
 * an error state, else one that names the source's state. The target's `err` stays as it is: {@linkcode pipeErr} changes it.
 *
 * The pipe is taken off by the disposal of either machine. Bound to a disposed machine, it does nothing. An error that the
 * target throws, as it does with `throwErrors`, never reaches the source: the target has it as its `err`, and a line of the
 * source's log tells of it.
 *
 * @typeParam Source The machine whose state it is.
 * @typeParam State The source's state.
 * @typeParam Target The machine that follows.
 * @param source The machine whose state it is.
 * @param state The source's state.
 * @param target The machine that follows.
 * @param options Options. They have to name `added` when the target has no state of the same name.
 * @returns A binding to take the pipe off with.
 *
 * @throws {UnknownStateError} when a state is not in its machine's schema.
 * @throws {PipeLoopError} when pipes lead from the target's state back to the source's; then nothing is bound.
 * @throws {TypeError} when `added` and `removed` are both null.
 *
 * @example Usage
 * ```ts
 * import { Machine, pipe } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const worker = new Machine({ Busy: {} });
 * const app = new Machine({ Working: {} });
 * using binding = pipe(worker, "Busy", app, { added: "Working" });
 *
 * worker.add("Busy");
 * await app.when("Working");
 * worker.remove("Busy");
 * await app.whenNot("Working");
 * assertEquals(binding.id, `Bind-Busy-${app.id}`);
 * ```
 */
export function pipe<
  Source extends HandlerMachine,
  const State extends StateNameOf<Source>,
  Target extends MachineApi,
>(
  source: Source,
  state: State,
  target: Target,
  ...options: PipeArguments<State, StateNameOf<Target>>
): Binding {
  const [given] = options;
  return bindRoutes(`Bind-${state}-${target.id}`, source, target, [routeOf(state, given)], given);
}

/**
 * Let several states of one machine drive those of another, like {@linkcode pipe} each, with one binding for all.
 *
 * @typeParam Source The machine whose states they are.
 * @typeParam State The source's states.
 * @typeParam Target The machine that follows.
 * @param source The machine whose states they are.
 * @param states The source's states.
 * @param target The machine that follows.
 * @param options Options. With `added` or `removed`, all states drive the same one.
 * @returns A binding to take the pipes off with.
 *
 * @throws {UnknownStateError} when a state is not in its machine's schema.
 * @throws {PipeLoopError} when pipes lead from one of the target's states back to the source's; then nothing is bound.
 * @throws {TypeError} when `added` and `removed` are both null.
 *
 * @example Usage
 * ```ts
 * import { Machine, pipeMany } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const player = new Machine({ Playing: {}, Muted: {} });
 * const page = new Machine({ Playing: {}, Muted: {}, Open: {} });
 * pipeMany(player, ["Playing", "Muted"], page, { flat: true });
 *
 * player.add(["Playing", "Muted"]);
 * assertEquals(page.activeStates(), ["Muted", "Playing"]); // one mutation for each
 * ```
 */
export function pipeMany<
  Source extends HandlerMachine,
  const State extends StateNameOf<Source>,
  Target extends MachineApi,
>(
  source: Source,
  states: readonly State[],
  target: Target,
  ...options: PipeArguments<State, StateNameOf<Target>>
): Binding {
  const [given] = options;
  const routes = [...new Set(states)].map((state) => routeOf(state, given));
  return bindRoutes(`BindMany-${target.id}`, source, target, routes, given);
}

/**
 * Let a machine be in exactly the states that another one is in: after each accepted transition of the source, the target is
 * set to the source's active states, unless it is in these and no others.
 *
 * @typeParam Source The machine to follow.
 * @typeParam Target The machine that follows; it has all states of the source.
 * @param source The machine to follow.
 * @param target The machine that follows.
 * @param options Options.
 * @returns A binding to take the pipe off with.
 *
 * @throws {UnknownStateError} when the target lacks a state of the source.
 * @throws {PipeLoopError} when pipes lead from any state of the target back to the source; then nothing is bound.
 *
 * @example Usage
 * ```ts
 * import { Machine, pipeAny } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const schema = { Draft: {}, Sent: {} };
 * const letter = new Machine(schema);
 * const copy = new Machine(schema);
 * pipeAny(letter, copy, { flat: true });
 *
 * letter.add("Draft");
 * letter.set("Sent");
 * assertEquals(copy.activeStates(), ["Sent"]);
 * ```
 */
export function pipeAny<Source extends HandlerMachine, Target extends MachineApi>(
  source: Source,
  target: Target & HasStates<StateNameOf<Target>, StateNameOf<Source>>,
  options: PipeAnyOptions = {},
): Binding {
  const id = `BindAny-${target.id}`;
  if (isGone(source) || isGone(target)) return unbound(id);
  assertStates(target, source.stateNames, "pipe");
  const pipe = new Pipe(id, source, target, options);
  pipe.lead(null, null);
  pipe.note("add", "Any", "Any");
  pipe.note("remove", "Any", "Any");
  pipe.handle("AnyState", (event) => {
    if (isGone(source)) return null; // disposed by a handler before this one: it is in no state, but did not leave any
    const { err } = source;
    const names = source.activeStates(); // those of now: each transition is followed, not only the last one
    return (from, args) => {
      if (isExactly(target, names)) return;
      const error = () => errorOf(source, EXCEPTION, event.args.error ?? err);
      target.set(names, names.includes(EXCEPTION) ? { ...args, error: error() } : args, { from });
    };
  });
  return pipe.bind();
}

/**
 * Let the state `Ready` of one machine drive that of another, see {@linkcode pipe}.
 *
 * @typeParam Source The machine that gets ready.
 * @typeParam Target The machine that follows.
 * @param source The machine that gets ready.
 * @param target The machine that follows.
 * @param options Options. They have to name `added` when the target has no state `Ready`.
 * @returns A binding to take the pipe off with.
 *
 * @throws {UnknownStateError} when a state is not in its machine's schema.
 * @throws {PipeLoopError} when pipes lead from the target's state back to the source's; then nothing is bound.
 *
 * @example Usage
 * ```ts
 * import { Machine, pipeReady } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const database = new Machine({ Ready: {} });
 * const server = new Machine({ DatabaseReady: {} });
 * pipeReady(database, server, { added: "DatabaseReady" });
 *
 * database.add("Ready");
 * await server.when("DatabaseReady");
 * assertEquals(server.toString(), "(DatabaseReady:1)");
 * ```
 */
export function pipeReady<Source extends HandlerMachine, Target extends MachineApi>(
  source: Source & HasStates<StateNameOf<Source>, "Ready">,
  target: Target,
  ...options: PipeArguments<"Ready", StateNameOf<Target>>
): Binding {
  const [given] = options;
  return bindRoutes(`Bind-Ready-${target.id}`, source, target, [routeOf("Ready", given)], given);
}

/**
 * Let the state `Start` of one machine drive that of another, see {@linkcode pipe}.
 *
 * @typeParam Source The machine that is started.
 * @typeParam Target The machine that follows.
 * @param source The machine that is started.
 * @param target The machine that follows.
 * @param options Options. They have to name `added` when the target has no state `Start`.
 * @returns A binding to take the pipe off with.
 *
 * @throws {UnknownStateError} when a state is not in its machine's schema.
 * @throws {PipeLoopError} when pipes lead from the target's state back to the source's; then nothing is bound.
 *
 * @example Usage
 * ```ts
 * import { Machine, pipeStart } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const app = new Machine({ Start: {} });
 * const worker = new Machine({ Start: {} });
 * pipeStart(app, worker);
 *
 * app.add("Start", { port: 8000 });
 * assertEquals(await worker.whenArgs("Start"), { port: 8000 });
 * ```
 */
export function pipeStart<Source extends HandlerMachine, Target extends MachineApi>(
  source: Source & HasStates<StateNameOf<Source>, "Start">,
  target: Target,
  ...options: PipeArguments<"Start", StateNameOf<Target>>
): Binding {
  const [given] = options;
  return bindRoutes(`Bind-Start-${target.id}`, source, target, [routeOf("Start", given)], given);
}

/**
 * Let the states of a connection drive those of another machine: `Disconnected`, `Connecting`, `Connected` and
 * `Disconnecting`, like {@linkcode pipe} each, with one binding for all.
 *
 * @typeParam Source The machine that has the connection, and all four states.
 * @typeParam Target The machine that follows.
 * @param source The machine that has the connection.
 * @param target The machine that follows.
 * @param options Options. They have to name those of the four states that the target does not have.
 * @returns A binding to take the pipes off with.
 *
 * @throws {UnknownStateError} when a state is not in its machine's schema.
 * @throws {PipeLoopError} when pipes lead from one of the target's states back to the source's; then nothing is bound.
 *
 * @example Usage
 * ```ts
 * import { Machine, pipeConnected } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const socket = new Machine({ Disconnected: {}, Connecting: {}, Connected: {}, Disconnecting: {} });
 * const app = new Machine({ Online: {}, Offline: {} });
 * pipeConnected(socket, app, {
 *   connected: "Online",
 *   disconnected: "Offline",
 *   connecting: null,
 *   disconnecting: null,
 *   flat: true,
 * });
 *
 * socket.add("Connected");
 * assertEquals(app.activeStates(), ["Online"]);
 * ```
 */
export function pipeConnected<Source extends HandlerMachine, Target extends MachineApi>(
  source: Source & HasStates<StateNameOf<Source>, ConnectedState>,
  target: Target,
  ...options: PipeConnectedArguments<StateNameOf<Target>>
): Binding {
  const [given = {}] = options;
  const { disconnected, connecting, connected, disconnecting } = given as PipeConnectedOptions;
  const named: readonly [ConnectedState, string | null | undefined][] = [
    ["Disconnected", disconnected],
    ["Connecting", connecting],
    ["Connected", connected],
    ["Disconnecting", disconnecting],
  ];
  const routes = named.filter(([, added]) => added !== null).map(([state, added]) => routeOf(state, { added }));
  return bindRoutes(`BindConnected-${target.id}`, source, target, routes, given);
}

/**
 * Let the errors of one machine be errors of another: each one that activates the source's `Exception` is added to the target
 * with `addErr`, in a microtask, with the arguments of the source's mutation.
 *
 * An `Exception` that was activated without an error passes on the source's last one, and nothing if there was none. The
 * target's `Exception` is not removed with the source's.
 *
 * @typeParam Source The machine that has errors.
 * @typeParam Target The machine that gets them.
 * @param source The machine that has errors.
 * @param target The machine that gets them.
 * @param options Options.
 * @returns A binding to take the pipe off with.
 *
 * @throws {UnknownStateError} when `state` is not in the target's schema.
 * @throws {PipeLoopError} when pipes lead from the target's error states back to the source's `Exception`; then nothing is
 * bound.
 *
 * @example Usage
 * ```ts
 * import { Machine, pipeErr } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const worker = new Machine({ Busy: {} });
 * const app = new Machine({ ErrWorker: { require: ["Exception"] } });
 * pipeErr(worker, app, { state: "ErrWorker" });
 *
 * worker.addErr(new Error("disk full"));
 * assertEquals((await app.whenErr()).message, "disk full");
 * assertEquals(app.is("ErrWorker"), true);
 * ```
 */
export function pipeErr<Source extends HandlerMachine, Target extends MachineApi>(
  source: Source,
  target: Target,
  options: PipeErrOptions<StateNameOf<Target>> = {},
): Binding {
  const id = `BindErr-${target.id}`;
  if (isGone(source) || isGone(target)) return unbound(id);
  const { state = EXCEPTION, allowLoop } = options;
  assertStates(target, [state], "pipe");
  const pipe = new Pipe(id, source, target, { allowLoop });
  for (const led of new Set([state, EXCEPTION])) pipe.lead(EXCEPTION, led);
  pipe.note("add", EXCEPTION, state);
  pipe.handle("ExceptionState", (event) => {
    const { err } = source;
    return (from, args) => {
      // of two errors in one drain, the source's last one would be told twice, and the other one never
      target.addErr(event.args.error ?? err, args, { from, state });
    };
  });
  return pipe.bind();
}

/**
 * Copy states from one machine to another, once: those that are inactive in the source are removed, then those that are
 * active are added. States that are right already are left alone.
 *
 * @typeParam Source The machine to copy from.
 * @typeParam Target The machine to copy to.
 * @param source The machine to copy from.
 * @param target The machine to copy to.
 * @param states One name or a list of names that both machines have.
 * @returns Executed when the target is as the source is, canceled when it refused something or a machine is disposed, or the
 * queue tick after which it is done.
 *
 * @throws {UnknownStateError} when a state is not in the schemas of both.
 *
 * @example Usage
 * ```ts
 * import { Executed, Machine, syncStates } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new Machine({ Start: {}, Ready: {}, Busy: {} });
 * const client = new Machine({ Ready: {}, Busy: {} });
 * server.add(["Start", "Ready"]);
 * client.add("Busy");
 *
 * assertEquals(syncStates(server, client, ["Ready", "Busy"]), Executed);
 * assertEquals(client.activeStates(), ["Ready"]);
 * ```
 */
export function syncStates<Source extends MachineApi, Target extends MachineApi>(
  source: Source,
  target: Target,
  states: Names<StateNameOf<Source> & StateNameOf<Target>>,
): Result {
  if (isGone(source) || isGone(target)) return Canceled;
  const names: readonly string[] = typeof states === "string" ? [states] : states;
  assertStates(source, names, "sync");
  assertStates(target, names, "sync");
  const active = names.filter((name) => source.is(name));
  const excess = names.filter((name) => !active.includes(name) && target.is(name));
  // First, as one that is left may keep others out.
  const removed = excess.length === 0 ? Executed : target.remove(excess);
  const missing = active.filter((name) => !target.is(name));
  const added = missing.length === 0 ? Executed : addMissing(source, target, missing);
  return removed === Canceled || added === Canceled ? Canceled : Math.max(removed, added);
}

function addMissing(source: MachineApi, target: MachineApi, missing: readonly string[]): Result {
  const errorState = missing.find(isErrorState);
  if (errorState === undefined) return target.add(missing);
  const called = target.is(EXCEPTION) || missing.includes(EXCEPTION) ? missing : [EXCEPTION, ...missing];
  return target.add(called, { error: errorOf(source, errorState, source.err) });
}

/** A state of the source, and what it does to the target; null for nothing. */
interface Route {
  readonly state: string;
  readonly added: string | null;
  readonly removed: string | null;
}

function routeOf(state: string, { added = state, removed = added ?? state }: PipeOptions = {}): Route {
  if (added === null && removed === null) {
    throw new TypeError(`Cannot pipe state "${state}": added and removed are both null`);
  }
  return { state, added, removed };
}

function bindRoutes(
  id: string,
  source: HandlerMachine,
  target: MachineApi,
  routes: readonly Route[],
  options: PipeAnyOptions = {},
): Binding {
  if (isGone(source) || isGone(target)) return unbound(id);
  assertStates(source, routes.map(({ state }) => state), "pipe");
  assertStates(
    target,
    routes.flatMap(({ added, removed }) => [added, removed]).filter((name) => name !== null),
    "pipe",
  );
  const pipe = new Pipe(id, source, target, options);
  for (const { state, added, removed } of routes) {
    if (added !== null) addRoute(pipe, state, added);
    if (removed !== null) removeRoute(pipe, state, removed);
  }
  return pipe.bind();
}

function addRoute(pipe: Pipe, state: string, added: string): void {
  const { source, target, isFlat } = pipe;
  const called = added.startsWith("Err") ? [EXCEPTION, added] : [added];
  for (const led of called) pipe.lead(state, led);
  pipe.note("add", state, added);
  pipe.handle(`${state}State`, (event) => {
    if (!isFinal(event) || !event.transition.enters.includes(state)) return null;
    const lastError = isErrorState(state) ? source.err : null;
    return (from, args) => {
      if (isFlat && target.is(called)) return;
      const error = () => errorOf(source, state, event.args.error ?? lastError);
      target.add(called, isErrorState(added) ? { ...args, error: error() } : args, { from });
    };
  });
}

function removeRoute(pipe: Pipe, state: string, removed: string): void {
  const { target, isFlat } = pipe;
  pipe.lead(state, removed);
  pipe.note("remove", state, removed);
  pipe.handle(`${state}End`, (event) => {
    if (!isFinal(event)) return null;
    return (from, args) => {
      if (isFlat && !target.is(removed)) return;
      target.remove(removed, args, { from });
    };
  });
}

/**
 * Handlers of different kinds may share a name: with a state `Any`, its `AnyState` is called after every transition, and with
 * a state `State`, the `FooState` of Foo is asked in negotiations too.
 */
function isFinal(event: FinalEvent): boolean {
  return "signal" in event;
}

/** Every machine has `Exception`, until it begins to be disposed. */
function isGone(machine: MachineApi): boolean {
  return !machine.has(EXCEPTION);
}

function isExactly(machine: MachineApi, names: readonly string[]): boolean {
  return machine.is(names) && machine.activeStates().length === names.length;
}

function isErrorState(name: string): boolean {
  return name === EXCEPTION || name.startsWith("Err");
}

function assertStates(machine: MachineApi, names: readonly string[], action: string): void {
  const unknown = [...new Set(names)].filter((name) => !machine.has(name));
  if (unknown.length > 0) throw new UnknownStateError(unknown, { action, machineId: machine.id });
}

/** The error that handlers of `Exception` and of error states are promised: made up where there is none. */
function errorOf(source: MachineApi, state: string, error: unknown): Error {
  return toError(error ?? new Error(`State "${state}" of machine "${source.id}" is active`));
}

/** A mutation of the target: where it comes from, and its arguments. */
type Mutate = (from: MutationOrigin, args: object | null) => void;

/** All that one call bound: handlers at the source, notes at both machines, edges of the graph. */
class Pipe implements Binding {
  id: string;
  readonly source: HandlerMachine;
  readonly target: MachineApi;
  readonly isFlat: boolean;
  readonly #allowLoop: boolean;
  readonly #handlers: Record<string, (event: FinalEvent) => void>;
  readonly #notes: [PipeEntry, PipeEntry][];
  readonly #edges: PipeEdge[];
  #bindings: readonly Binding[];
  #isBound: boolean;

  constructor(id: string, source: HandlerMachine, target: MachineApi, options: PipeAnyOptions) {
    this.id = id;
    this.source = source;
    this.target = target;
    this.isFlat = options.flat ?? false;
    this.#allowLoop = options.allowLoop ?? false;
    this.#handlers = {};
    this.#notes = [];
    this.#edges = [];
    this.#bindings = [];
    this.#isBound = false;
  }

  /** Say that a state of the source changes a state of the target; null for all of them. */
  lead(from: string | null, to: string | null): void {
    this.#edges.push({ from: { machine: this.source, state: from }, to: { machine: this.target, state: to } });
  }

  /** Say what both machines are to note. */
  note(type: PipeEntry["type"], from: string, to: string): void {
    this.#notes.push([
      { direction: "out", type, state: from, machineId: this.target.id },
      { direction: "in", type, state: to, machineId: this.source.id },
    ]);
  }

  /** Say what a handler of the source does to the target. `start` is called by the source, what it returns in due time. */
  handle(name: string, start: (event: FinalEvent) => Mutate | null): void {
    this.#handlers[name] = (event) => {
      const mutate = start(event);
      if (mutate === null) return;
      if (this.isFlat) return this.#send(() => mutate(event, null));
      const from = originOf(event);
      Promise.resolve().then(() => this.#send(() => mutate(from, event.args)));
    };
  }

  bind(): Binding {
    const { source, target } = this;
    // A loop that may be is one that the others need not look for: so it does not matter which pipe is bound last.
    if (!this.#allowLoop) addEdges(this.#edges);
    this.#isBound = true;
    this.#bindings = [
      ...this.#notes.flatMap(([out, into]) => [source.addPipe(out), target.addPipe(into)]),
      source.onDispose(() => this.detach()),
      target.onDispose(detachLater(this)),
    ];
    // Last, as the first handlers of all are told of an error that is there already, which may even dispose a machine.
    const handlers = source.bindHandlers(this.#handlers, { id: this.id });
    this.id = handlers.id;
    this.#bindings = [...this.#bindings, handlers];
    if (!this.#isBound) handlers.detach();
    return this;
  }

  detach(): void {
    if (!this.#isBound) return;
    this.#isBound = false;
    for (const binding of this.#bindings) binding.detach();
    this.#bindings = [];
    deleteEdges(this.#edges);
  }

  [Symbol.dispose](): void {
    this.detach();
  }

  #send(mutate: () => void): void {
    if (!this.#isBound) return;
    try {
      mutate();
    } catch (error) {
      this.source.log(`pipe ${this.id} failed: ${messageOf(toError(error))}`);
    }
  }
}

/** What stands for a pipe that a disposed machine cannot have. */
function unbound(id: string): Binding {
  return { id, detach() {}, [Symbol.dispose]() {} };
}

/** The event as it is now: its transition is over when the mutation is made, and is where it comes from all the same. */
function originOf({ machine, transition: { id, timeBefore } }: FinalEvent): MutationOrigin {
  return { machine, transition: { id, completed: false, timeBefore } };
}

/** The source holds its pipes; a target that did so too would keep all machines alive that were ever piped into it. */
function detachLater(pipe: Pipe): () => void {
  const reference = new WeakRef(pipe);
  return () => reference.deref()?.detach();
}

/** A state of a machine in the graph of pipes; null stands for all of its states. */
interface PipeNode {
  readonly machine: MachineApi;
  readonly state: string | null;
}

interface PipeEdge {
  readonly from: PipeNode;
  readonly to: PipeNode;
}

/** The pipes that are bound and may not be part of a loop, by source and its state. */
const edgesBySource = new WeakMap<MachineApi, Map<string | null, Set<PipeEdge>>>();

/** Add edges to the graph, unless one of them closes a loop. */
function addEdges(edges: readonly PipeEdge[]): void {
  for (const edge of edges) {
    const { machine, state } = edge.from;
    let byState = edgesBySource.get(machine);
    if (byState === undefined) edgesBySource.set(machine, byState = new Map());
    const same = byState.get(state);
    if (same === undefined) byState.set(state, new Set([edge]));
    else same.add(edge);
  }
  for (const edge of edges) {
    const loop = findLoop(edge);
    if (loop === null) continue;
    deleteEdges(edges);
    throw new PipeLoopError(loop);
  }
}

function deleteEdges(edges: readonly PipeEdge[]): void {
  for (const edge of edges) {
    const { machine, state } = edge.from;
    const byState = edgesBySource.get(machine);
    byState?.get(state)?.delete(edge);
    if (byState?.get(state)?.size === 0) byState.delete(state);
    if (byState?.size === 0) edgesBySource.delete(machine);
  }
}

/** Search, breadth first, for the shortest path from the end of an edge back to its start. */
function findLoop({ from, to }: PipeEdge): PipeStep[] | null {
  const found = [{ node: to, previous: -1 }];
  const seen = new Map([[to.machine, new Set([to.state])]]);
  for (let i = 0; i < found.length; i++) {
    const { node } = found[i]!;
    if (meets(node, from)) {
      const path = [stepOf(from)];
      for (let at = found[i]!.previous; at >= 0; at = found[at]!.previous) path.unshift(stepOf(found[at]!.node));
      return [stepOf(from), ...path];
    }
    for (const next of successors(node)) {
      const states = seen.get(next.machine);
      if (states?.has(next.state)) continue;
      if (states === undefined) seen.set(next.machine, new Set([next.state]));
      else states.add(next.state);
      found.push({ node: next, previous: i });
    }
  }
  return null;
}

function meets(node: PipeNode, other: PipeNode): boolean {
  return node.machine === other.machine && (node.state === null || other.state === null || node.state === other.state);
}

function successors({ machine, state }: PipeNode): PipeNode[] {
  const byState = edgesBySource.get(machine);
  if (byState === undefined) return [];
  const sets = state === null ? [...byState.values()] : [byState.get(state), byState.get(null)];
  return sets.flatMap((edges) => [...edges ?? []].map(({ to }) => to));
}

function stepOf({ machine, state }: PipeNode): PipeStep {
  return { machineId: machine.id, state: state ?? "Any" };
}
