import type { Core } from "./_core.ts";
import type { HandlerKind } from "./_handler_table.ts";
import { ANY, type StepRecord, type TransitionRecord } from "./_record.ts";
import type { ResolveNote } from "./_resolver.ts";
import { ADD, REMOVE } from "./mutation.ts";
import type { Relation } from "./schema.ts";
import type { StepType } from "./transition.ts";

/** Note what the mutation calls, and what that alone would do. */
export function noteCalled(core: Core, { stepRecords: steps, mutation, before }: TransitionRecord): void {
  if (steps === null) return;
  const { called, code } = mutation;
  for (const state of called) note(steps, "called", NONE, state);
  for (const state of called) {
    if (code === REMOVE) note(steps, "deactivate", NONE, state);
    else if (!core.isActive(state)) note(steps, "activate", NONE, state);
  }
  if (code === ADD || code === REMOVE) return;
  for (const state of before) if (!called.includes(state)) note(steps, "deactivate", NONE, state);
}

/** Note how relations led to the target states. */
export function noteResolved(core: Core, record: TransitionRecord, notes: readonly ResolveNote[]): void {
  const steps = record.stepRecords!;
  for (const item of notes) {
    switch (item.kind) {
      case "added":
        for (const state of item.states) note(steps, "relation", item.by, state, "add");
        for (const state of item.states) note(steps, "activate", NONE, state);
        break;
      case "required":
        noteRequired(record, item.state, item.other, item.isMet);
        break;
      case "removed":
        for (const other of item.by) note(steps, "relation", other, item.state, "remove");
        note(steps, core.isActive(item.state) ? "deactivate" : "deactivate-passive", NONE, item.state);
        break;
      case "sorted":
        note(steps, "relation", item.earlier, item.later, "after");
        break;
    }
  }
}

/** Note called states that did not make it into the target. */
export function noteCancel(steps: StepRecord[], states: readonly number[]): void {
  for (const state of states) note(steps, "cancel", NONE, state);
}

/** Note that a handler is called. */
export function noteHandler(steps: StepRecord[], kind: HandlerKind, from: number, to: number): void {
  const isAny = kind === "AnyEnter" || kind === "AnyState";
  const isFinal = kind === "State" || kind === "End" || kind === "AnyState";
  steps.push({
    type: "handler",
    relation: null,
    from: isAny ? ANY : from,
    to: isAny ? ANY : to,
    isFinal,
    isSelf: kind === "Self",
    isEnter: kind === "Enter" || kind === "State" || isAny,
  });
}

/** Stands for no state. */
const NONE = -1;

/** A state that the schema lacks has no name to be shown: only its absence is. */
function noteRequired(record: TransitionRecord, state: number, other: number, isMet: boolean): void {
  const steps = record.stepRecords!;
  note(steps, "relation", state, other, "require");
  if (isMet) return;
  note(steps, "deactivate-passive", state, NONE);
  if (record.mutation.called.includes(state)) note(steps, "cancel", NONE, other);
}

function note(steps: StepRecord[], type: StepType, from: number, to: number, relation: Relation | null = null): void {
  steps.push({ type, relation, from, to, isFinal: false, isSelf: false, isEnter: false });
}
