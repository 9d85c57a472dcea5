/**
 * The rules that look at relations only, and search nothing.
 *
 * @module
 */
import type { Relation } from "../../mod.ts";
import { RELATIONS, type SchemaModel, type StateModel } from "../schema/model.ts";
import { type Draft, entryOf, quoteNames } from "./_draft.ts";
import { findCycles, type Plan } from "./_plan.ts";
import type { Goal } from "./_search.ts";

const VERBS: Readonly<Record<Relation, string>> = {
  require: "requires",
  add: "adds",
  remove: "removes",
  after: "is after",
};

/**
 * Look at the relations of a schema.
 *
 * @param isNever Whether a search has shown that a state never activates, by index.
 */
export function checkRelations(model: SchemaModel, plan: Plan, isNever: (state: number) => boolean): Draft[] {
  const drafts: Draft[] = [];
  for (const [name, state] of model.states) {
    drafts.push(
      ...findUnknown(model, plan, name, state),
      ...findAddRemove(plan, name, state),
      ...findSelf(name, state),
      ...findDuplicates(name, state),
    );
  }
  return [
    ...drafts,
    ...findConflicts(model, plan, isNever),
    ...findRequireCycles(model, plan),
    ...findAfterCycles(model, plan),
  ];
}

/** Tell which states can never activate whatever is called, and why; by index. */
export function findImpossible(plan: Plan): Map<number, string> {
  const added = new Set(plan.add.flatMap((list, state) => list.filter((other) => other !== state)));
  const reasons = new Map<number, string>();
  plan.names.forEach((_, state) => {
    const lacking = plan.needs[state]!.find((other) => other >= 0 && plan.require[other]!.includes(-1));
    const conflict = conflictsOf(plan, state).find(({ remover }) => !added.has(remover));
    const { names } = plan;
    if (lacking !== undefined) {
      reasons.set(state, `it needs "${names[lacking]}", which requires a state that is not there`);
    } else if (conflict !== undefined) {
      const { remover, removed } = conflict;
      reasons.set(state, `it needs "${names[remover]}" and "${names[removed]}", of which the first removes the second`);
    }
  });
  return reasons;
}

/**
 * A state of what one needs that removes another of it.
 *
 * They are never active together, but for one exception: a state that is added by an added one comes in after the removals,
 * and has removed nothing yet. So the proof that a state can never activate takes a remover that nothing adds.
 */
interface Conflict {
  readonly remover: number;
  readonly removed: number;
}

/** All conflicts in what a state needs. */
export function conflictsOf({ needs, remove }: Plan, state: number): Conflict[] {
  const needed = needs[state]!;
  return needed.filter((other) => other >= 0).flatMap((remover) =>
    remove[remover]!.filter((other) => needed.includes(other)).map((removed) => ({ remover, removed }))
  );
}

function findUnknown({ states }: SchemaModel, plan: Plan, name: string, state: StateModel): Draft[] {
  return RELATIONS.flatMap((relation) =>
    [...new Set(state[relation])].filter((other) => !states.has(other)).flatMap((other): Draft[] => {
      const isException = other === "Exception";
      if (isException && relation === "require") return []; // each machine has it
      const shown = showUnknown(plan, relation, plan.names.indexOf(name));
      return [{
        rule: "unknown-name",
        severity: isException ? "warning" : "error",
        states: [name],
        message:
          `"${name}" ${VERBS[relation]} "${other}", which ${
            isException ? "this schema does not define" : "is no state"
          }: ` +
          (relation === "require" ? `"${name}" can never activate` : "that is ignored"),
        entry: entryOf(state, relation, other),
        ...shown,
      }];
    })
  );
}

function showUnknown(plan: Plan, relation: Relation, state: number): Partial<Draft> {
  if (relation === "require") return { goal: isRefused(state) };
  if (relation === "after") return { evidence: "what is not there has no handlers" };
  return { goal: comes(state), fallback: `"${plan.names[state]}" never activates` };
}

function findAddRemove(plan: Plan, name: string, state: StateModel): Draft[] {
  const both = [...new Set(state.add)].filter((other) => other !== name && state.remove?.includes(other));
  const from = plan.names.indexOf(name);
  return both.filter((other) => plan.names.includes(other)).map((other) => ({
    rule: "add-remove-conflict",
    severity: "warning",
    states: [name, other],
    message: `"${name}" both adds and removes "${other}": it adds it`,
    entry: entryOf(state, "remove", other),
    goal: comes(from, (edge) => edge.becameActive(plan.names.indexOf(other))),
    fallback: `"${name}" never brings "${other}" all the same`,
  }));
}

const ORDER_IS_HIDDEN = "the order of handlers shows in no set of active states";

function findSelf(name: string, state: StateModel): Draft[] {
  return (["require", "add", "after"] as const).filter((relation) => state[relation]?.includes(name)).map((
    relation,
  ) => ({
    rule: "self-relation",
    severity: relation === "require" ? "warning" : "note",
    states: [name],
    message: relation === "require"
      ? `"${name}" requires itself: no handlers of this schema are sorted by Require`
      : `"${name}" ${VERBS[relation]} itself: that has no effect`,
    entry: entryOf(state, relation, name),
    evidence: relation === "add" ? "what a state adds when it comes in is there already" : ORDER_IS_HIDDEN,
  }));
}

function findDuplicates(name: string, state: StateModel): Draft[] {
  return RELATIONS.flatMap((relation) => {
    const list = state[relation] ?? [];
    const again = new Set(list.filter((other, index) => list.indexOf(other) < index));
    return [...again].map((other): Draft => ({
      rule: "duplicate-entry",
      severity: "note",
      states: [name],
      message: `"${name}" lists "${other}" more than once in ${relation}`,
      entry: { relation, index: list.indexOf(other, list.indexOf(other) + 1) },
      evidence: "once more makes no difference",
    }));
  });
}

/** A conflict is told of the first states that need both; what requires these has it, too, but not of its own. */
function findConflicts({ states }: SchemaModel, plan: Plan, isNever: (state: number) => boolean): Draft[] {
  const impossible = findImpossible(plan);
  return plan.names.flatMap((name, state) => {
    const inherited = plan.require[state]!.filter((other) => other >= 0 && other !== state)
      .flatMap((other) => conflictsOf(plan, other).map(toKey));
    const own = conflictsOf(plan, state).filter((conflict) => !inherited.includes(toKey(conflict)));
    const seen = new Set<string>();
    return own.filter((conflict) => !seen.has(toPairKey(conflict)) && seen.add(toPairKey(conflict))).map(
      (conflict): Draft => {
        const isDirect = conflict.remover === state && plan.require[state]!.includes(conflict.removed);
        const [remover, removed] = [plan.names[conflict.remover]!, plan.names[conflict.removed]!];
        const isCertain = isDirect || impossible.has(state) || isNever(state);
        return {
          rule: "require-remove-conflict",
          severity: isCertain ? "error" : "warning",
          states: [...new Set([name, remover, removed])],
          message: describeConflict(name, remover, removed, isDirect) +
            (isCertain ? "" : `, unless Add brings "${remover}" in after the removals`),
          entry: entryOf(states.get(name), "require", isDirect ? removed : remover) ??
            entryOf(states.get(name), "require", removed),
          goal: isRefused(
            state,
            (edge) => plan.needs[state]!.every((other) => other === state || edge.wasActive(other)),
          ),
          calls: [{ type: "add", states: [name] }],
        };
      },
    );
  });
}

function describeConflict(name: string, remover: string, removed: string, isDirect: boolean): string {
  if (isDirect) return `"${name}" both requires and removes "${removed}"`;
  if (removed === name) return `"${name}" needs "${remover}" to be active, which removes it`;
  if (remover === name) return `"${name}" removes "${removed}", which it needs to be active`;
  return `"${name}" needs "${remover}" and "${removed}" to be active, of which the first removes the second`;
}

function toKey({ remover, removed }: Conflict): string {
  return `${remover}>${removed}`;
}

/** Two states that remove each other are one conflict. */
function toPairKey({ remover, removed }: Conflict): string {
  return [remover, removed].sort((a, b) => a - b).join();
}

function findRequireCycles({ states }: SchemaModel, plan: Plan): Draft[] {
  const known = plan.require.map((list) => list.filter((other) => other >= 0));
  return findCycles(known).map((cycle) => {
    const names = cycle.map((state) => plan.names[state]!);
    const next = plan.require[cycle[0]!]!.find((other) => cycle.includes(other) && other !== cycle[0])!;
    return {
      rule: "require-cycle",
      severity: "warning",
      states: names,
      message: `${quoteNames(names)} require each other: they only activate if one mutation calls or adds them all`,
      entry: entryOf(states.get(names[0]!), "require", plan.names[next]!),
      goal: isRefused(cycle[0]!),
      fallback: "each of them comes with the others, as states add them",
    };
  });
}

function findAfterCycles({ states }: SchemaModel, plan: Plan): Draft[] {
  return findCycles(plan.after).map((cycle) => {
    const names = cycle.map((state) => plan.names[state]!);
    const next = plan.after[cycle[0]!]!.find((other) => cycle.includes(other))!;
    return {
      rule: "after-cycle",
      severity: "warning",
      states: names,
      message: `${quoteNames(names)} are after each other: no order of their handlers can be right`,
      entry: entryOf(states.get(names[0]!), "after", plan.names[next]!),
      evidence: ORDER_IS_HIDDEN,
    };
  });
}

/** A state is called, and does not come in. */
function isRefused(state: number, isShownBy: Goal["isShownBy"] = () => true): Goal {
  return { type: "add", state, isShownBy: (edge) => !edge.isAccepted && isShownBy(edge) };
}

/** A state is called, and activates. */
export function comes(state: number, isShownBy: Goal["isShownBy"] = () => true): Goal {
  return {
    type: "add",
    state,
    isShownBy: (edge) => !edge.wasActive(state) && edge.becameActive(state) && isShownBy(edge),
  };
}
