import type { Core } from "./_core.ts";
import { FinalHandlerEvent, HandlerEvent } from "./_event.ts";
import type { HandlerBinding, HandlerFunction, HandlerKind, HandlerSlot } from "./_handler_table.ts";
import { DECISIONS, EVERYTHING, OPS } from "./_log.ts";
import type { TransitionRecord } from "./_record.ts";
import { catchRejection } from "./_rejection.ts";
import { noteHandler } from "./_steps.ts";
import { logAttempt } from "./_transition_log.ts";
import { HandlerTimeoutError, toError } from "./errors.ts";
import type { ExceptionArgs } from "./args.ts";
import { ADD, MutationRecord } from "./mutation.ts";

/** Stands for no state. */
const NONE = -1;

/**
 * Call the negotiation handlers of one event.
 *
 * @param from The state that is left, or was active before; -1 for none.
 * @param to The state that is entered, or stays; -1 for none.
 * @returns `false` when one refused or threw.
 */
export function callNegotiation(
  core: Core,
  record: TransitionRecord,
  slot: HandlerSlot | undefined | null,
  kind: HandlerKind,
  from: number,
  to: number,
): boolean {
  if (core.log.level === EVERYTHING) logAttempt(core, kind, from, to);
  if (!slot) return true;
  if (record.stepRecords !== null) noteHandler(record.stepRecords, kind, from, to);
  const isOk = callHandlers(core, record, slot, new HandlerEvent(record, slot.name), false);
  if (!isOk) logRefusal(core, record, slot, kind === "Self" ? "cancel:self" : "cancel");
  return isOk;
}

function logRefusal(core: Core, record: TransitionRecord, slot: HandlerSlot, what = "cancel"): void {
  if (record.completed || core.log.level < OPS) return; // one that threw was told of
  core.log.write(OPS, `[${what}] (${core.names(record.target)}) by ${slot.name}`);
}

/**
 * Call the final handlers of one event. An async `FooState` belongs to the activation of its state.
 *
 * @param state The state that is entered or was left; -1 for none.
 * @returns `false` when one threw.
 */
export function callFinal(
  core: Core,
  record: TransitionRecord,
  slot: HandlerSlot | undefined | null,
  kind: HandlerKind,
  state: number,
): boolean {
  if (core.log.level === EVERYTHING) logAttempt(core, kind, NONE, state);
  if (!slot) return true;
  if (record.stepRecords !== null) noteHandler(record.stepRecords, kind, NONE, state);
  const owner = kind === "State" ? state : NONE;
  return callHandlers(core, record, slot, new FinalHandlerEvent(record, slot.name, owner), true);
}

/**
 * Call the handlers of states that exit, then of those that enter, for as long as there is nothing to it but the calls: nobody is
 * told of them, each event has a single handler, and none of them changes whom else to call or to tell. That is the most
 * common way by far, so it does in one loop what {@linkcode callNegotiation} and {@linkcode callFinal} do for one event.
 *
 * @param isFinal Whether to call End and State handlers, not Exit and Enter.
 * @returns How many of the states are done with; or the complement of the place of the one whose handler refused or threw.
 */
export function callPlainly(core: Core, record: TransitionRecord, isFinal: boolean): number {
  const { table, bindings } = core;
  if (table === null || isWatched(core) || record.stepRecords !== null || !record.accepted) return 0;
  const { exiting, entering } = record.move.change;
  const count = exiting.length + entering.length;
  const exitSlots = isFinal ? table.end : table.exit;
  const enterSlots = isFinal ? table.state : table.enter;
  for (let i = 0; i < count; i++) {
    const isExiting = i < exiting.length;
    const state = isExiting ? exiting[i]! : entering[i - exiting.length]!;
    const slots = isExiting ? exitSlots : enterSlots;
    const slot = slots?.[state];
    if (slot === undefined) continue;
    if (slot.handlers.length > 1) return i;
    const { place, fn } = slot.handlers[0]!;
    const binding = bindings[place]!;
    const event = isFinal
      ? new FinalHandlerEvent(record, slot.name, isExiting ? NONE : state)
      : new HandlerEvent(record, slot.name);
    if (isFinal) record.failedEnter = i - exiting.length; // as long as it runs
    const isOk = callHandler(core, record, slot, fn, binding, event, isFinal);
    if (isOk && core.bindings === bindings && !isWatched(core)) continue;
    if (core.watchesHandlers) tellOfEnd(core, record, slot, binding, false); // the handler bound who is told
    if (!isOk && !isFinal) logRefusal(core, record, slot);
    if (isFinal && !isExiting) tellOfEntered(core, record, state); // who waits for it since its own handler
    return isOk ? i + 1 : ~i;
  }
  return count;
}

/** Call one handler. Returns false when it refused or threw. */
function callHandler(
  core: Core,
  record: TransitionRecord,
  slot: HandlerSlot,
  fn: HandlerFunction,
  binding: HandlerBinding,
  event: HandlerEvent,
  isFinal: boolean,
): boolean {
  try {
    const returned = fn.call(binding.target, event);
    return returned === undefined || isAccepting(core, slot, event, returned);
  } catch (error) {
    onThrow(core, record, slot.name, error, isFinal);
    return false;
  }
}

/** Tell those who wait for a state to be entered with certain arguments. */
export function tellOfEntered(core: Core, record: TransitionRecord, state: number): void {
  if (core.waits?.hasArgs) core.waits.entered(state, record.mutation.args);
}

/** Whether calling a handler is more than the call: somebody is told of it, or of the state that it is for. */
function isWatched(core: Core): boolean {
  return core.watchesHandlers || (core.waits !== null && core.waits.hasArgs);
}

/** Call the handlers of one event, binding by binding. Returns false when one refused or threw. */
function callHandlers(
  core: Core,
  record: TransitionRecord,
  slot: HandlerSlot,
  event: HandlerEvent,
  isFinal: boolean,
): boolean {
  const isTraced = core.watchesHandlers && !core.tracers.isEmpty; // nobody is told of an end who missed the start
  let isOk = true;
  const { bindings } = core; // those that the table is of: a handler may bind others
  const { handlers } = slot;
  for (let i = 0; i < handlers.length; i++) {
    const { place, fn } = handlers[i]!;
    const binding = bindings[place]!;
    if (core.watchesHandlers) tellOfStart(core, record, slot, binding, isTraced);
    let hasAccepted = false;
    if (record.accepted && !record.completed) {
      const startedAt = core.handlerTimeoutMs > 0 ? core.timers.now() : 0;
      hasAccepted = callHandler(core, record, slot, fn, binding, event, isFinal);
      if (!hasAccepted) isOk = false;
      if (core.handlerTimeoutMs > 0) reportSlow(core, slot.name, binding.id, core.timers.now() - startedAt);
    } else if (core.log.level >= DECISIONS) {
      core.log.write(DECISIONS, `[handler:invalid] ${slot.name}`); // a handler threw before, in this transition
    }
    if (core.watchesHandlers) tellOfEnd(core, record, slot, binding, isTraced);
    if (!hasAccepted && !slot.ignoresResult) return false;
  }
  return isOk;
}

function tellOfStart(
  core: Core,
  record: TransitionRecord,
  slot: HandlerSlot,
  binding: HandlerBinding,
  isTraced: boolean,
): void {
  if (core.log.level >= OPS) core.log.write(OPS, `[handler:${core.bindings.indexOf(binding)}] ${slot.name}`);
  if (isTraced) core.tracers.audience.handlerStart?.call(record, binding.id, slot.name);
}

function tellOfEnd(
  core: Core,
  record: TransitionRecord,
  slot: HandlerSlot,
  binding: HandlerBinding,
  isTraced: boolean,
): void {
  if (core.log.level === EVERYTHING) core.log.write(EVERYTHING, `[handler:end] ${slot.name} from ${binding.id}`);
  if (isTraced) core.tracers.audience.handlerEnd?.call(record, binding.id, slot.name);
}

/** Tell what a handler's return value means; a promise is looked after in a final handler, and wrong in a negotiation. */
function isAccepting(core: Core, slot: HandlerSlot, event: HandlerEvent, returned: unknown): boolean {
  if (returned === null || returned === true) return true;
  const isAsync = typeof (returned as { then?: unknown }).then === "function";
  if (slot.ignoresResult) {
    if (isAsync) event.own(returned as PromiseLike<unknown>);
    return true;
  }
  if (isAsync) {
    catchRejection(returned, () => {}); // that there is a promise at all is the error
    refusePromise(core, event.transition, slot.name);
  }
  return false;
}

/** A promise is an error each time, so it counts like a throw for what guards against loops. */
function refusePromise(core: Core, record: TransitionRecord, handler: string): void {
  const error = new TypeError(
    `Cannot wait for handler "${handler}": negotiation is synchronous, it returned a promise`,
  );
  record.hasThrown = true;
  if (record.mutation.called.includes(core.plan.exception)) core.reportInternalError(error);
  else core.raise(error);
}

function onThrow(core: Core, record: TransitionRecord, handler: string, thrown: unknown, isFinal: boolean): void {
  core.thrown ??= { error: thrown };
  record.hasThrown = true;
  const error = toError(thrown);
  const { exception } = core.plan;
  if (record.mutation.called.includes(exception)) {
    core.reportInternalError(error); // an error on the way into Exception leads to no other Exception
    return;
  }
  if (core.log.level >= OPS) core.log.write(OPS, "[recover] handling panic...");
  core.err = error;
  if (isFinal) recoverFinal(core, record);
  record.accepted = false;
  record.completed = true;
  if (core.log.level >= OPS) core.log.write(OPS, `[cancel] (${core.names(record.target)}) by recover`);
  const args: ExceptionArgs = {
    error,
    panic: {
      type: record.mutation.type,
      calledStates: record.mutation.states,
      statesBefore: record.statesBefore,
      handler,
    },
  };
  const source = { machineId: core.machine.id, transitionId: record.id, machineTime: record.sumBefore };
  core.prepend(new MutationRecord(core.plan.names, ADD, [exception], { ...args }, source));
}

/** A synchronous handler cannot be stopped: that it took long is told, and its transition stands. */
function reportSlow(core: Core, handler: string, binding: string, elapsedMs: number): void {
  if (elapsedMs <= core.handlerTimeoutMs) return;
  core.log.write(DECISIONS, `[handler:timeout]: ${handler} from ${binding}`);
  core.reportInternalError(new HandlerTimeoutError(handler, binding, elapsedMs));
}

/** Take out again what had not been handled when a final handler threw: the state whose handler it was and those after it. */
export function recoverFinal(core: Core, record: TransitionRecord): void {
  if (record.failedEnter < 0) return; // there are none, or they are out already
  core.lastMove = null; // what follows is not of the move
  const gone = record.entering.slice(record.failedEnter).filter((state) => core.isActive(state));
  record.failedEnter = NONE;
  core.order.replace(core.active.filter((state) => !gone.includes(state)));
  for (const state of gone) core.clock[state]!++;
  const tell = () => {
    if (core.log.level >= OPS) core.log.write(OPS, `[recover] partial final states as (${core.names(core.active)})`);
  };
  core.ticksMoved(gone, (state) => core.clock[state]! - 1, tell);
}
