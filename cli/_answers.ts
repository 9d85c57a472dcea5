/**
 * What handlers have to answer, so that a transition goes as its recorded steps say.
 *
 * @module
 */
import type { Step } from "../mod.ts";
import type { MachineRecord, TxRecord } from "../telemetry/mod.ts";
import { handlerName, isForAny, stepsOf } from "./_step_text.ts";

/** The handlers of one transition that did not just return. */
export interface Answers {
  /** Names of the negotiation handlers that refused. */
  readonly refusing: ReadonlySet<string>;
  /** The handler that threw, if that is more than a refusal. */
  readonly throwing: Thrower | undefined;
}

/** A handler that threw. `FooState` may be final, and stand between the states `Foo` and `State` as well. */
export interface Thrower {
  /** Its name. */
  readonly name: string;
  /** Whether it was called as a final handler. */
  readonly isFinal: boolean;
  /** How many times it was called as such before: a state named `Any` shares `AnyState` with all states. */
  readonly callsBefore: number;
}

/** Every handler returns. */
export const NO_ANSWERS: Answers = { refusing: new Set(), throwing: undefined };

/**
 * Tell what the handlers of a recorded transition answered.
 *
 * @param record The transition.
 * @param machine Its machine.
 * @param next The transition after it, if it came of it; see {@linkcode isThrown}.
 */
export function answersOf(record: TxRecord, machine: MachineRecord, next?: TxRecord): Answers {
  const steps = stepsOf(record, machine.stateNames);
  const refusing = new Set(record.auto ? findRefusedAutos(record, steps, machine) : []);
  if (canRefuse(record.canceledBy)) refusing.add(record.canceledBy);
  const isFollowed = next !== undefined && isThrown(record, next, machine);
  const throwing = findThrower(record, steps, refusing, isFollowed, machine);
  return refusing.size === 0 && throwing === undefined ? NO_ANSWERS : { refusing, throwing };
}

/** Tell whether a transition is the Exception of a handler that threw in the one before, where throwing is no refusal. */
export function isThrown(before: TxRecord, record: TxRecord, { stateNames }: MachineRecord): boolean {
  return !before.accepted && !canRefuse(before.canceledBy) && record.source?.tx === before.id &&
    record.called.some((index) => stateNames[index] === "Exception");
}

/**
 * The handler that threw: the last one that was called, if it is a final one. Or one of an auto state in an auto transition,
 * which goes on without the state: from there on every handler counted as refusing, so that it may have been any of these.
 * When a FooState threw, Foo went out again: if it did not, a negotiation handler threw.
 */
function findThrower(
  { accepted, canceledBy, ticks }: TxRecord,
  steps: readonly Step[],
  refusing: ReadonlySet<string>,
  isFollowed: boolean,
  { stateNames }: MachineRecord,
): Thrower | undefined {
  if (accepted || canRefuse(canceledBy)) return undefined;
  if (canceledBy !== undefined) return { name: canceledBy, isFinal: false, callsBefore: 0 };
  const handlers = steps.filter(({ type }) => type === "handler");
  const last = handlers.at(-1);
  if (last === undefined || (!last.isFinal && !isFollowed)) return undefined;
  const isUndone = !isFollowed || ticks.some(([index, tick]) => stateNames[index] === last.to && tick % 2 === 0);
  if (!last.isFinal || !last.isEnter || isForAny(last) || isUndone) return throwerOf(last, handlers);
  const negotiations = handlers.filter(({ isFinal }) => !isFinal);
  const refused = negotiations.findLast((step) => refusing.has(handlerName(step)));
  return throwerOf(refused ?? negotiations.at(-1) ?? last, handlers);
}

function throwerOf(step: Step, handlers: readonly Step[]): Thrower {
  const name = handlerName(step), { isFinal } = step;
  const before = handlers.slice(0, handlers.indexOf(step));
  const callsBefore = before.filter((it) => it.isFinal === isFinal && handlerName(it) === name).length;
  return { name, isFinal, callsBefore };
}

/** What a handler returns is not looked at when its name ends like that of a final one, whatever it is: it can only throw. */
function canRefuse(name: string | undefined): name is string {
  return name !== undefined && !/(?:State|End)$/.test(name);
}

/**
 * An auto transition goes on without the called states that a handler refused: for each, it is the last one called for it.
 * Then the target is worked out anew, from the others. A state that only got lost there was looked at again: its own
 * relations are among the steps behind the negotiation. A state that another one brings back there is taken for not refused.
 */
function findRefusedAutos(record: TxRecord, steps: readonly Step[], { stateNames, schema }: MachineRecord): string[] {
  const isNegotiation = ({ type, isFinal }: Step) => type === "handler" && !isFinal;
  const end = steps.findLastIndex(isNegotiation);
  const lastFor = new Map<string, string>();
  for (const step of steps) {
    if (isNegotiation(step) && step.to !== null && !isForAny(step)) lastFor.set(step.to, handlerName(step));
  }
  const last = steps[end]?.to ?? "";
  // When nothing is left the transition is canceled: then handlers refused active auto states, too.
  if (record.canceledBy !== undefined && schema[last]?.auto && lastFor.get(last) === record.canceledBy) {
    return [...lastFor.values()];
  }
  const entered = new Set(record.ticks.map(([index]) => stateNames[index]));
  return record.called.flatMap((index) => {
    const state = stateNames[index]!;
    const handler = lastFor.get(state);
    if (handler === undefined || entered.has(state)) return [];
    return steps.slice(end + 1).some((step) => isAbout(step, state)) ? [] : [handler];
  });
}

function isAbout({ type, relation, from, to }: Step, state: string): boolean {
  return type === "relation" && (relation === "require" ? from === state : relation === "remove" && to === state);
}
