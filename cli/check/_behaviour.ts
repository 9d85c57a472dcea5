/**
 * The rules that look at what a machine can come to.
 *
 * @module
 */
import type { SchemaModel } from "../schema/model.ts";
import { type Draft, entryOf, quoteNames } from "./_draft.ts";
import { isConcerned, type Plan } from "./_plan.ts";
import { comes, conflictsOf, findImpossible } from "./_relations.ts";
import type { Call } from "./finding.ts";
import { type CallKind, chooseScope, chooseTick, type Edge, isHealth, type Search } from "./_search.ts";

/** A search that is done, and which states its mutations called. */
export interface Result {
  readonly search: Search;
  readonly calls: CallKind;
}

/** Which states a search has still to see come, leave, or come by themselves if they are auto: by index. */
export function listOpen(plan: Plan, search: Search): number[] {
  const impossible = findImpossible(plan);
  return [...plan.names.keys()].filter((state) =>
    !impossible.has(state) &&
    !(search.hasBeenActive(state) && search.hasLeft(state) && (!plan.isAuto[state] || search.hasComeBySelf(state)))
  );
}

/** Whether a state never activates, whatever is called: all of it was tried. */
export function isNever({ search, calls }: Result, state: number): boolean {
  return search.isComplete && calls === "any" && !search.hasBeenActive(state);
}

/** Look at what a search found. */
export function checkBehaviour(model: SchemaModel, plan: Plan, { search, calls }: Result): Draft[] {
  return [
    ...findNeverActive(model, plan, { search, calls }),
    ...(search.isComplete ? [...findNeverLeaving(plan, search), ...findDeadAutos(plan, { search, calls })] : []),
    ...findFights(plan, search),
    ...findDeepAdds(model, plan),
  ];
}

/** States whose own relations say so already are left out. */
function findNeverActive({ states }: SchemaModel, plan: Plan, { search, calls }: Result): Draft[] {
  const impossible = findImpossible(plan);
  const concerned = isConcerned(plan);
  return plan.names.flatMap((name, state): Draft[] => {
    const reason = impossible.get(state);
    if (!concerned[state] || search.hasBeenActive(state) || (reason === undefined && !search.isComplete)) return [];
    const never = plan.require[state]!.find((other) =>
      other >= 0 && other !== state && (impossible.has(other) || (search.isComplete && !search.hasBeenActive(other)))
    );
    if (never === undefined && (reason !== undefined || conflictsOf(plan, state).length > 0)) return [];
    const isCertain = reason !== undefined || calls === "any";
    return [{
      rule: "never-active",
      severity: isCertain ? "error" : "warning",
      states: never === undefined ? [name] : [name, plan.names[never]!],
      message: never === undefined
        ? `"${name}" can never activate: its relations and those of other states keep it out`
        : `"${name}" can never activate, as it requires "${plan.names[never]}", which cannot`,
      entry: never === undefined ? undefined : entryOf(states.get(name), "require", plan.names[never]!),
      calls: [{ type: "add", states: namesOf(plan, plan.needs[state]!) }],
      evidence: reason ?? `it is in no set that can be reached by calling ${CALLED[calls]}`,
    }];
  });
}

const CALLED: Readonly<Record<CallKind, string>> = {
  one: "one state at a time",
  needed: "one state at a time, or one with all that it requires",
  any: "any states together",
};

/** Those that the schema lacks cannot be called. */
function namesOf({ names }: Plan, states: readonly number[]): string[] {
  return states.filter((state) => state >= 0).map((state) => names[state]!);
}

function findNeverLeaving(plan: Plan, search: Search): Draft[] {
  return plan.names.flatMap((name, state): Draft[] => {
    if (!search.hasBeenActive(state) || search.hasLeft(state)) return [];
    const isAuto = plan.isAuto[state]!;
    return [{
      rule: "never-leaves",
      severity: isAuto ? "note" : "warning",
      states: [name],
      message: `"${name}" never leaves once it is active: ` +
        (isAuto ? "nothing keeps it from coming back by itself" : "others bring it back each time"),
      goal: { type: "remove", state, isShownBy: (edge) => edge.wasActive(state) },
    }];
  });
}

function findDeadAutos(plan: Plan, { search, calls }: Result): Draft[] {
  return plan.names.flatMap((name, state): Draft[] =>
    !plan.isAuto[state] || !search.hasBeenActive(state) || search.hasComeBySelf(state) ? [] : [{
      rule: "dead-auto",
      severity: "warning",
      states: [name],
      message: `"${name}" is auto, but never comes in by itself`,
      calls: findKeptOut(plan, search, state),
      evidence: `it did not in any set that can be reached by calling ${CALLED[calls]}`,
    }]
  );
}

/** Auto states are tried, and one stays out; if possible, while all is active that it requires. */
function findKeptOut(plan: Plan, search: Search, state: number): readonly Call[] | undefined {
  const tick = chooseTick(plan, chooseScope(plan))?.called[0];
  if (tick === undefined || isHealth(plan, tick)) return undefined;
  const others = plan.needs[state]!.filter((other) => other !== state);
  const isOut = (edge: Edge) => edge.isAccepted && !edge.becameActive(state) && !edge.isActive(state);
  const isReady = (edge: Edge) => others.every((other) => edge.becameActive(other));
  return search.find({ type: "add", state: tick, isShownBy: (edge) => isOut(edge) && isReady(edge) }) ??
    search.find({ type: "add", state: tick, isShownBy: isOut });
}

function findFights(plan: Plan, search: Search): Draft[] {
  return search.findFights().map(({ states, calls }): Draft => {
    const names = states.map((state) => plan.names[state]!);
    return {
      rule: "auto-fight",
      severity: "warning",
      states: names,
      message: names.length === 1
        ? `"${names[0]}" comes in by itself and is put out again, for ever`
        : `${quoteNames(names)} come in by themselves and put each other out, for ever`,
      calls,
    };
  });
}

/** What three steps of Add lead to and two do not, if nothing but that keeps it out; one finding a state. */
function findDeepAdds({ states }: SchemaModel, plan: Plan): Draft[] {
  return plan.names.flatMap((name, first): Draft[] => {
    const chain = findChain(plan, first);
    if (chain === undefined) return [];
    const [second, third, fourth] = chain;
    const [secondName, thirdName, fourthName] = chain.map((state) => plan.names[state]!);
    return [{
      rule: "deep-add",
      severity: "warning",
      states: [name, secondName!, thirdName!, fourthName!],
      message: `"${name}" adds "${secondName}", that adds "${thirdName}", and that adds "${fourthName}": ` +
        `"${fourthName}" does not come with "${name}", as Add is followed for two levels`,
      entry: entryOf(states.get(name), "add", secondName!),
      goal: comes(
        first,
        (edge) =>
          [second, third].every((state) => !edge.wasActive(state) && edge.becameActive(state)) &&
          isLeftOut(plan, fourth, edge),
      ),
    }];
  });
}

/** The first three steps of Add from a state whose end no two steps lead to. */
function findChain({ add }: Plan, first: number): readonly [second: number, third: number, fourth: number] | undefined {
  const reached = new Set([first, ...add[first]!, ...add[first]!.flatMap((second) => add[second]!)]);
  const pairs = add[first]!.flatMap((second) => add[second]!.map((third) => [second, third] as const));
  for (const [second, third] of pairs) {
    const fourth = add[third]!.find((state) => !reached.has(state));
    if (fourth !== undefined) return [second, third, fourth];
  }
  return undefined;
}

/** Whether a state could be active, too: what it requires is, and nothing that removes it. */
function isLeftOut({ require, remove, names }: Plan, state: number, edge: Edge): boolean {
  const isActive = (other: number) => edge.becameActive(other);
  return !isActive(state) && require[state]!.every(isActive) &&
    [...names.keys()].every((other) => !isActive(other) || !remove[other]!.includes(state));
}
