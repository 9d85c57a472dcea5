import { checkCount } from "./_checks.ts";
import { tableFor } from "./_handler_class.ts";
import type { HandlerBinding, HandlerTable } from "./_handler_table.ts";
import {
  CHANGES,
  DEFAULT_SETUP,
  Log,
  LOG_LEVELS,
  type LogOptions,
  type LogSetup,
  NOTHING,
  OPS,
  readLogOptions,
  SILENT,
} from "./_log.ts";
import type { Move } from "./_move.ts";
import { ActiveOrder } from "./_order.ts";
import type { Plan } from "./_plan.ts";
import { type EvalItem, MutationQueue } from "./_queue.ts";
import type { TransitionRecord } from "./_record.ts";
import { catchRejection } from "./_rejection.ts";
import { readSettings, type SettingOptions, type Settings } from "./_settings.ts";
import { StateSignals } from "./_state_signals.ts";
import { StateTimers } from "./_state_timers.ts";
import { isSettled } from "./_stepwise.ts";
import { NO_TRACERS, TracerList, type Wants } from "./_tracers.ts";
import type { AddErrOptions, MachineApi, MachineClock, PipeEntry } from "./api.ts";
import type { Time } from "./clock.ts";
import { isAbort, MachineDisposedError, messageOf, StateExpiredError, StateTimeoutError, toError } from "./errors.ts";
import { ADD, MutationRecord, SET } from "./mutation.ts";
import type { MachineOptions } from "./options.ts";
import { Subscriptions } from "./subscriptions.ts";
import type { LogLevel } from "./transition.ts";

/** Options of a machine that its core follows. */
export type CoreOptions = LogOptions & SettingOptions & Pick<MachineOptions, "queueLimit">;

/** Receives each transition, checks excepted, when it is over. */
export interface TransitionSink {
  push(record: TransitionRecord): void;
  close(): void;
}

/** A pair of states that a breakpoint watches for. */
export interface Breakpoint {
  added: readonly number[];
  removed: readonly number[];
  readonly isStrict: boolean;
}

/**
 * Who is called or told of what: each list in the order in which they came. One object for all machines that nobody listens to,
 * so it is never written to, but replaced.
 */
export interface Listeners {
  readonly onChange: readonly ((machine: MachineApi, timeBefore: Time, timeAfter: Time) => void)[];
  readonly onError: readonly ((machine: MachineApi, error: Error) => void)[];
  readonly onInternalError: readonly ((error: Error) => void)[];
  readonly onDispose: readonly ((machineId: string, signal: AbortSignal) => void)[];
  readonly breakpoints: readonly Breakpoint[];
  readonly pipes: readonly PipeEntry[];
  /** Whoever iterates over transitions. */
  readonly streams: readonly TransitionSink[];
}

/** The running state of one machine: what `machine.ts` and the engine share, and nobody else sees. */
export class Core {
  // Fields that hang on options are declared, so that only the constructor sets them (see `_event.ts`).

  declare readonly machine: MachineApi;
  declare readonly settings: Settings;
  declare log: Log;
  declare readonly queue: MutationQueue;
  tracers: TracerList = NO_TRACERS;
  listeners: Listeners = NO_LISTENERS;
  /** Who waits for something; null as long as nobody did. */
  waits: Subscriptions | null = null;
  /** Signals of states; null as long as nobody asked for one. */
  signals: StateSignals | null = null;
  /** Timers of states; null as long as none was started. */
  stateTimers: StateTimers | null = null;
  declare plan: Plan;
  /** Ticks by state; odd is active. Written to by transitions alone. */
  declare clock: number[];
  readonly order: ActiveOrder = new ActiveOrder();
  /** The last move, if nothing but moves changed clock and order since. */
  lastMove: Move | null = null;
  /** The running transition. */
  transition: TransitionRecord | null = null;
  transitionCount = 0;
  /** Whether the queue is being worked on; mutations are queued meanwhile. */
  isProcessing = false;
  isDisposing = false;
  isDisposed = false;
  err: Error | null = null;
  bindings: readonly HandlerBinding[] = NOBODY;
  table: HandlerTable | null = null;
  /** How often handlers were bound; taking them off does not change it. */
  bindingCount = 0;
  /** Whether somebody is told of single handlers, or how long they take: then calling one is more than the call. */
  declare watchesHandlers: boolean;
  /** The first error that a handler threw in this drain; null for none. */
  thrown: { readonly error: unknown } | null = null;
  /** Auto states left out until the next mutation from outside, as their handlers threw again and again. */
  excludedAutos: ReadonlySet<number> = NO_STATES;
  machineTick = 0;
  #controller: AbortController | null = null;

  constructor(machine: MachineApi, plan: Plan, options: CoreOptions) {
    const setup = readLogOptions(options);
    this.machine = machine;
    this.settings = readSettings(options, plan);
    this.log = setup === DEFAULT_SETUP ? SILENT : this.#makeLog(setup);
    this.queue = new MutationQueue(checkCount("queueLimit", options.queueLimit ?? 1000));
    this.plan = plan;
    this.clock = plan.zeros.slice();
    this.watchesHandlers = isWatchingHandlers(this);
  }

  isActive(state: number): boolean {
    return (this.clock[state]! & 1) === 1; // parity survives the cut to 32 bits
  }

  get timers(): MachineClock {
    return this.settings.timers;
  }

  get handlerTimeoutMs(): number {
    return this.settings.handlerTimeoutMs;
  }

  get breakpoints(): Listeners["breakpoints"] {
    return this.listeners.breakpoints;
  }

  /** Whether handlers were ever bound. */
  get hasHandlers(): boolean {
    return this.bindingCount > 0;
  }

  /** Everything that waits on the machine, made when somebody does. */
  get subscriptions(): Subscriptions {
    return this.waits ??= new Subscriptions(this);
  }

  /** Active states in the machine's order. Never written to: records hold on to it. */
  get active(): readonly number[] {
    return this.order.list(this.plan, this.clock);
  }

  /** Whether what an add or a remove leads to may be worked out stepwise; see `Plan.isStepwise`. */
  get isStepwise(): boolean {
    const { order, plan, clock } = this;
    return plan.isStepwise && (order.isSettled ||= isSettled(plan, clock, this.active));
  }

  /** Where lines about waits go; null when nobody reads them. */
  get waitLog(): ((text: string) => void) | null {
    return this.log.level < OPS ? null : (text) => this.log.write(OPS, text);
  }

  /** The machine's signal, made when it is first read. */
  get signal(): AbortSignal {
    return (this.#controller ??= new AbortController()).signal;
  }

  /** Abort the machine's signal, which was read before. */
  abortSignal(reason: Error): void {
    this.#controller?.abort(reason);
  }

  /** The signal of a state at a tick; an aborted one when the tick is past. */
  stateSignal(state: number, tick: number): AbortSignal {
    if (this.isDisposing) return AbortSignal.abort(new MachineDisposedError(this.machine.id));
    if (this.clock[state] !== tick) return AbortSignal.abort(this.#expired(state, tick));
    const signals = this.signals ??= new StateSignals();
    if (this.log.level >= OPS && !signals.has(state)) this.log.write(OPS, `[ctx:new] ${this.names([state])}`);
    return signals.get(state);
  }

  /**
   * Abort the signals of states whose ticks just moved, and start or stop their timers.
   *
   * @param tell Tells of the change, before listeners of the signals do. Whoever is told may ask for signals of the new ticks.
   */
  ticksMoved(
    states: readonly number[],
    tickBefore: (state: number) => number,
    tell: (() => void) | null = null,
  ): void {
    const expired = this.signals?.take(states) ?? [];
    tell?.();
    if (this.plan.timeouts !== null && !this.isDisposed) this.#restartTimers(states); // a handler may have disposed it by force
    for (const { state, controller } of expired) {
      if (this.log.level >= OPS) this.log.write(OPS, `[ctx:match] ${this.names([state])}`);
      controller.abort(this.#expired(state, tickBefore(state)));
    }
  }

  /** Take ticks over, one per state in index order, and settle what waits for them. No handler runs. */
  restore(time: readonly number[]): void {
    const { clock } = this;
    const before = clock.slice();
    const all = [...clock.keys()];
    const changed = all.filter((state) => time[state] !== before[state]);
    this.lastMove = null;
    for (const state of changed) clock[state] = time[state]!;
    this.order.replace(all.filter((state) => this.isActive(state)));
    this.isProcessing = true; // what listeners of signals and functions that wait do in answer is queued
    try {
      this.ticksMoved(changed, (state) => before[state]!);
      if (this.plan.timeouts !== null) this.#restartTimers(this.active);
      this.waits?.transitioned(
        changed.filter((state) => this.isActive(state)),
        changed.filter((state) => !this.isActive(state)),
      );
      this.waits?.askQueries();
    } finally {
      this.isProcessing = false;
    }
  }

  /** Follow the states to another order, or to a schema with more of them: ticks, waits, signals and handlers move along. */
  follow(plan: Plan): void {
    const old = this.plan;
    const moved = (state: number) => plan.indexByName.get(old.names[state]!)!;
    const { clock, active } = this;
    const all = [...plan.names.keys()];
    const oldPlace = (state: number) => old.indexByName.get(plan.names[state]!) ?? NEW_STATE;
    this.clock = all.map((state) => clock[oldPlace(state)] ?? 0);
    this.order.replace(active.map(moved));
    this.lastMove = null;
    for (const breakpoint of this.breakpoints) { // which stay those that their bindings know
      breakpoint.added = breakpoint.added.map(moved);
      breakpoint.removed = breakpoint.removed.map(moved);
    }
    this.waits?.reorder(moved);
    this.signals?.reorder(moved);
    this.plan = plan;
    const limited = all.filter((state) => plan.timeouts?.[state] !== old.timeouts?.[oldPlace(state)]);
    if (limited.length > 0) this.#restartTimers(limited);
    this.rebuildTable();
  }

  rebuildTable(): void {
    this.table = this.bindings.length === 0 ? null : tableFor(this.plan, this.bindings);
  }

  /** Append a mutation to the queue. */
  append(mutation: MutationRecord): void {
    this.queue.append(mutation);
    this.#announce(mutation, "queue");
  }

  /** Put a mutation in front of the queue. */
  prepend(mutation: MutationRecord): void {
    if (this.isDisposing) return;
    this.queue.prepend(mutation);
    this.#announce(mutation, "prepend");
  }

  /** Put a function in front of the queue. */
  prependEval(item: EvalItem): void {
    this.queue.prependEval(item);
    if (this.isProcessing) this.#logPostponed();
  }

  /** `add] Foo Bar (id=1)`: what is written behind an opening bracket and a prefix. */
  describe(mutation: MutationRecord): string {
    return `${mutation.type}] ${this.names(mutation.called)}${this.log.formatArgs(mutation.args)}`;
  }

  /** Names of states, with a space between. */
  names(states: readonly number[]): string {
    return states.map((state) => this.plan.names[state]!).join(" ");
  }

  /** Put somebody behind those who are called or told of something. Returns what takes them off again. */
  listen<Kind extends keyof Listeners>(kind: Kind, item: Listeners[Kind][number]): () => void {
    const update = (list: readonly unknown[]) => this.listeners = { ...this.listeners, [kind]: list };
    let isBound = true;
    update([...this.listeners[kind], item]);
    return () => {
      const list: readonly unknown[] = this.listeners[kind];
      if (isBound) update(list.toSpliced(list.indexOf(item), 1));
      isBound = false;
    };
  }

  /** The machine's own list of tracers, made when one is bound. */
  get ownTracers(): TracerList {
    if (this.tracers === NO_TRACERS) this.tracers = new TracerList(this);
    return this.tracers;
  }

  /** Make log lines up to the level that tracers want. */
  tracersWant({ logLevels }: Wants): void {
    const level = Math.max(NOTHING, ...logLevels.map((name) => LOG_LEVELS.indexOf(name)));
    if (this.log === SILENT && level > NOTHING) this.log = this.#makeLog(DEFAULT_SETUP);
    if (this.log !== SILENT) this.log.wantEntries(level);
    this.watchesHandlers = isWatchingHandlers(this);
  }

  tracerDetached(id: string): void {
    this.log.write(OPS, `[tracers] detach ${id}`);
  }

  /** Tell about a failure that is not an error of the machine's own work: a tracer, logger or callback that threw. */
  reportInternalError(error: Error): void {
    if (this.listeners.onInternalError.length === 0) {
      this.log.write(CHANGES, `[error] ${messageOf(error)}`);
      return;
    }
    for (const fn of this.listeners.onInternalError) {
      try {
        fn(error);
      } catch {
        // whoever is told of failures and fails has nobody left to tell
      }
    }
  }

  #makeLog({ level, logger, hasId, mapArgs }: LogSetup): Log {
    let isTelling = false;
    const sinks = {
      logger: (level: LogLevel, text: string) => {
        try {
          logger(level, hasId ? `[${this.machine.id.slice(0, 5)}] ${text}` : text);
        } catch (error) {
          // Told to those who listen, as there is no log to write it to; and whoever is told may log, too.
          if (this.listeners.onInternalError.length === 0 || isTelling) return;
          isTelling = true;
          this.reportInternalError(toError(error));
          isTelling = false;
        }
      },
      tracers: (level: LogLevel, text: string) => this.tracers.audience.log?.call(this.machine, level, text),
    };
    return new Log(level, sinks, mapArgs);
  }

  /** Take an error in: keep it as the machine's last one, and tell those who listen. */
  acceptError(error: Error): void {
    this.err = error;
    for (const fn of this.listeners.onError) this.tell(() => fn(this.machine, error));
  }

  /** Call somebody back. What goes wrong there, at once or in a promise, is no matter of the machine's work. */
  tell(fn: () => unknown): void {
    const report = (reason: unknown) => this.reportInternalError(toError(reason));
    try {
      const returned = fn();
      if (returned !== undefined) catchRejection(returned, report);
    } catch (error) {
      report(error);
    }
  }

  /**
   * Add an error that was made in no call of the user's. What stands in its way, a full queue or with `throwErrors` a handler
   * of Exception, has no caller to be told to.
   */
  addErrOfNobody(error: Error, options: AddErrOptions = {}): void {
    if (this.queue.isFull && !isAbort(error)) {
      this.reportInternalError(error);
      return;
    }
    this.tell(() => this.machine.addErr(error, null, options));
  }

  /** Add an error of the engine's own. It goes in front, where no full queue can keep it out. */
  raise(error: Error): void {
    this.acceptError(error);
    this.prepend(new MutationRecord(this.plan.names, ADD, [this.plan.exception], { error }));
  }

  #restartTimers(states: readonly number[]): void {
    this.stateTimers ??= new StateTimers(this.timers, (name, timeoutMs) => this.#timedOut(name, timeoutMs));
    this.stateTimers.restart(this.plan, states, (state) => this.isActive(state));
  }

  /** Tell that a mutation went into the queue. What loggers and tracers do in answer is queued behind it, idle or not. */
  #announce(mutation: MutationRecord, where: "queue" | "prepend"): void {
    if (!this.tracers.hearsMutations && this.log.level < OPS && this.breakpoints.length === 0) return; // there is nobody to tell
    if (this.tracers.wants.args) mutation.loggedArgs = this.log.mapArgs(mutation.args);
    const wasProcessing = this.isProcessing;
    this.isProcessing = true;
    try {
      if (this.log.level >= OPS) this.log.write(OPS, `[${where}:${this.describe(mutation)}`);
      if (this.breakpoints.length > 0) this.checkBreakpoints(mutation);
      this.tracers.audience.mutationQueued?.call(this.machine, mutation);
      if (wasProcessing) this.#logPostponed();
    } finally {
      this.isProcessing = wasProcessing; // a logger that logs may exhaust the stack anywhere
    }
  }

  #logPostponed(): void {
    if (this.log.level < OPS) return;
    const { length } = this.queue;
    this.log.write(OPS, `[postpone] queue running (${length} item${length === 1 ? "" : "s"})`);
  }

  /** Log a mutation that a breakpoint watches for: its called states are those of the breakpoint, order included. */
  checkBreakpoints(mutation: MutationRecord): void {
    const { code, called } = mutation;
    if (code === SET) return;
    for (const { added, removed, isStrict } of this.breakpoints) {
      const watched = code === ADD ? added : removed;
      if (watched.join() !== called.join()) continue;
      if (isStrict && watched.every((state) => this.isActive(state) === (code === ADD))) continue;
      this.log.write(CHANGES, "[breakpoint] Machine.breakpoint");
    }
  }

  /** An activation outlived its time: an error, of the state's own error state if there is one. */
  #timedOut(name: string, timeoutMs: number): void {
    const state = `Err${name}`;
    const options = this.plan.indexByName.has(state) ? { state } : {};
    this.addErrOfNobody(new StateTimeoutError(name, timeoutMs), options);
  }

  #expired(state: number, tick: number): StateExpiredError {
    return new StateExpiredError(this.machine.id, this.plan.names[state]!, tick);
  }
}

function isWatchingHandlers({ log, tracers, handlerTimeoutMs }: Core): boolean {
  const { wants, audience } = tracers;
  return log.level >= OPS || handlerTimeoutMs > 0 || wants.steps || audience.handlerStart !== null ||
    audience.handlerEnd !== null;
}

/** The index that a state had when it was not there yet. */
const NEW_STATE = -1;

/** Those that are called or told when there is nobody: one list for all machines. */
const NOBODY: readonly never[] = [];

const NO_LISTENERS: Listeners = {
  onChange: NOBODY,
  onError: NOBODY,
  onInternalError: NOBODY,
  onDispose: NOBODY,
  breakpoints: NOBODY,
  pipes: NOBODY,
  streams: NOBODY,
};

/** No states. */
export const NO_STATES: ReadonlySet<number> = new Set();
