import type { Core } from "./_core.ts";
import type { HandlerKind } from "./_handler_table.ts";
import { CHANGES, DECISIONS, EVERYTHING, OPS } from "./_log.ts";
import type { TransitionRecord } from "./_record.ts";
import type { ResolveNote } from "./_resolver.ts";
import { messageOf } from "./errors.ts";
import type { ExceptionArgs } from "./args.ts";
import { ADD, type MutationRecord, REMOVE } from "./mutation.ts";

/** `[add] Foo (id=1)`, and where it comes from. */
export function logCall(core: Core, mutation: MutationRecord): void {
  if (mutation.isAuto) {
    core.log.write(DECISIONS, `[${mutation.type}:auto] ${core.names(mutation.called)}`);
  } else core.log.write(OPS, `[${core.describe(mutation)}`);
  const { source } = mutation;
  if (source !== null) core.log.write(OPS, `[source] ${source.machineId}/${source.transitionId}/${source.machineTime}`);
}

/** `[implied] Foo Bar`: target states that nobody called and that were not active. */
export function logImplied(core: Core, { target, mutation }: TransitionRecord): void {
  const implied = target.filter((state) => {
    if (mutation.called.includes(state)) return mutation.code === REMOVE;
    return mutation.code > REMOVE || !core.isActive(state);
  });
  if (implied.length > 0) core.log.write(OPS, `[implied] ${core.names(implied)}`);
}

/** `[reject] Foo(-Bar)` for unmet requirements, `[rel:remove] Foo by Bar` for removed states. */
export function logNotes(core: Core, mutation: MutationRecord, notes: readonly ResolveNote[]): void {
  for (const note of notes) {
    if (note.kind === "removed") {
      const level = core.isActive(note.state) ? OPS : DECISIONS;
      core.log.write(level, `[rel:remove] ${core.names([note.state])} by ${core.names(note.by)}`);
    }
    if (note.kind !== "unmet") continue;
    const rejected = note.states.map(({ state, missing }) => {
      const { require = [] } = core.plan.schema[core.plan.names[state]!]!;
      const names = missing.map((index) => index < 0 ? unknownOf(core, require) : core.plan.names[index]!);
      return `${core.names([state])}(${names.map((name) => `-${name}`).join(" ")})`;
    });
    const [level, word] = mutation.isAuto ? [DECISIONS, "reject:auto"] : [OPS, "reject"];
    core.log.write(level, `[${word}] ${rejected.join(" ")}`);
  }
}

/** `[state] +Foo -Bar (id=1)`: what came, what went, and at the highest level what stayed. */
function logChange(core: Core, record: TransitionRecord): void {
  const { before, target, entering, exiting, mutation } = record;
  const wasActive = (state: number) => before.includes(state);
  const show = (sign: string, states: readonly number[]) => states.map((state) => sign + core.plan.names[state]);
  const words = [
    ...show("+", entering.filter((state) => !wasActive(state))),
    ...show("+", entering.filter(wasActive)),
    ...show("-", before.filter((state) => exiting.includes(state))),
    ...show("", core.log.level === EVERYTHING ? target.filter(wasActive) : []),
  ];
  if (words.length === 0) return;
  const prefix = mutation.isAuto && mutation.code === ADD ? "[auto_]" : "[state]";
  core.log.write(CHANGES, `${prefix} ${words.join(" ")}${core.log.formatArgs(mutation.args)}`);
}

/** What an accepted transition changed; and the error, when it led into `Exception`. */
export function logMove(core: Core, record: TransitionRecord): void {
  logChange(core, record);
  if (record.entering.includes(core.plan.exception)) logError(core, record.mutation);
}

/** `[error] message`, or `[error:add] Foo (message)` when a handler of a transition threw it. */
function logError(core: Core, mutation: MutationRecord): void {
  const { error, panic } = mutation.args as Partial<ExceptionArgs>;
  if (!(error instanceof Error)) return;
  const message = messageOf(error);
  if (panic === undefined) core.log.write(CHANGES, `[error] ${message}`);
  else core.log.write(CHANGES, `[error:${panic.type}] ${panic.calledStates.join(" ")} (${message})`);
}

/** `[handle:BINDING] FooState`, for each binding that an event is offered to, whether it has the handler or not. */
export function logAttempt(core: Core, kind: HandlerKind, from: number, to: number): void {
  const name = handlerName(core.plan.names, kind, from, to);
  for (const { id } of core.bindings) core.log.write(EVERYTHING, `[handle:${id}] ${name}`);
}

function handlerName(names: readonly string[], kind: HandlerKind, from: number, to: number): string {
  if (kind === "AnyEnter" || kind === "AnyState") return kind;
  const state = names[from] ?? names[to]!;
  return state + (kind === "Self" || kind === "Pair" ? names[to]! : kind);
}

function unknownOf(core: Core, require: readonly string[]): string {
  return require.filter((name) => !core.plan.indexByName.has(name)).join(" -");
}
