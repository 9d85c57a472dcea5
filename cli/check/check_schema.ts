import { Canceled, Machine } from "../../mod.ts";
import { type SchemaModel, toSchema } from "../schema/model.ts";
import { checkBehaviour, isNever, listOpen, type Result } from "./_behaviour.ts";
import { BitSearch } from "./_bit_search.ts";
import { MAX_BITS } from "./_bit_machine.ts";
import { checkHandlerNames } from "./_handlers.ts";
import { type Draft, positionOf } from "./_draft.ts";
import type { Call, Finding, Report, Script } from "./finding.ts";
import { MachineSearch } from "./_machine_search.ts";
import { compilePlan, type Plan } from "./_plan.ts";
import { checkRelations } from "./_relations.ts";
import type { RuleId } from "./rules.ts";
import { type CallKind, chooseScope, type Search } from "./_search.ts";

/** Options of {@linkcode checkSchema}. */
export interface CheckOptions {
  /** How many sets of active states are visited at most. 2,000,000 by default. */
  readonly maxSets?: number | undefined;
  /** The rules whose findings are wanted. All by default. */
  readonly rules?: readonly RuleId[] | undefined;
}

/** Sets that are visited at most with real machines, which take some hundred times as long. */
const MAX_MACHINE_SETS = 5_000;

/** Mutations of one state that they make at most, in all sets together. */
const MAX_MACHINE_MUTATIONS = 1_000_000;

/** The most states that are called together in all ways: there are 2 to their power. */
const MAX_TOGETHER = 11;
const MAX_MACHINE_TOGETHER = 5;

/**
 * Find out what can be known about a schema without running the program that it is for.
 *
 * Sets of active states are visited from the empty one of a fresh machine, breadth first. Negotiation handlers are taken to
 * say yes: they can only refuse, so what the relations alone do not let in, never comes in.
 *
 * @param model The schema.
 * @param options How far to look.
 * @returns An iterator that yields how many sets were visited, now and then, and returns the report.
 */
export function* checkSchema(model: SchemaModel, options: CheckOptions = {}): Generator<number, Report> {
  const { maxSets = 2_000_000, rules } = options;
  const plan = compilePlan(toSchema(model));
  const result = yield* searchFar(plan, maxSets);
  const drafts = [
    ...checkRelations(model, plan, (state) => isNever(result, state)),
    ...checkHandlerNames(plan),
    ...checkBehaviour(model, plan, result),
  ].filter(({ rule }) => rules?.includes(rule) ?? true);
  const findings: Finding[] = [];
  for (const draft of drafts) {
    const finding = finish(model, plan, result.search, draft);
    if (finding !== undefined) findings.push(finding);
    yield result.search.sets;
  }
  const { sets, isComplete, states } = result.search;
  return { findings: sortFindings(model, findings), searched: { sets, isComplete, states } };
}

/** Search with mutations of more and more states, as long as there are states that might come or go by them. */
function* searchFar(plan: Plan, maxSets: number): Generator<number, Result> {
  let result: Result | undefined;
  for (const calls of ["one", "needed", "any"] as const) {
    if (result !== undefined && (listOpen(plan, result.search).length === 0 || !canGoOn(plan, result, calls))) break;
    result = { search: yield* searchSets(plan, calls, maxSets), calls };
  }
  return result!;
}

function canGoOn(plan: Plan, { search }: Result, calls: CallKind): boolean {
  const isFast = search instanceof BitSearch;
  const most = calls === "any" ? isFast ? MAX_TOGETHER : MAX_MACHINE_TOGETHER : plan.names.length;
  return search.isComplete && search.states <= most;
}

/** Search in the quickest way that is exact for the schema. */
function* searchSets(plan: Plan, calls: CallKind, maxSets: number): Generator<number, Search> {
  if (chooseScope(plan).states.length <= MAX_BITS) {
    const search = new BitSearch(plan, { calls, maxSets });
    yield* search.run();
    if (!search.isInexact) return search;
  }
  const affordable = Math.ceil(MAX_MACHINE_MUTATIONS / (2 * plan.names.length));
  const reach = { calls, maxSets: Math.min(maxSets, MAX_MACHINE_SETS, affordable) };
  const search = new MachineSearch(plan, reach, false);
  yield* search.run();
  if (!search.isInexact) return search;
  const ordered = new MachineSearch(plan, reach, true);
  yield* ordered.run();
  return ordered;
}

/** Look for the script of a finding. One that nothing shows or says is none: it never happens. */
function finish(model: SchemaModel, plan: Plan, search: Search, draft: Draft): Finding | undefined {
  const { rule, severity, states, message, goal } = draft;
  const calls = (goal && search.find(goal)) ?? draft.calls;
  const evidence = draft.evidence ?? (calls === undefined ? draft.fallback : undefined);
  if (calls === undefined && evidence === undefined) return undefined;
  const position = positionOf(model, draft);
  return {
    rule,
    severity,
    states,
    message,
    ...(position && { position }),
    ...(calls && { script: runScript(plan, calls) }),
    ...(evidence !== undefined && { evidence }),
  };
}

/** See on a real machine what mutations come to. */
function runScript({ schema }: Plan, calls: readonly Call[]): Script {
  const machine = new Machine(schema);
  const results = calls.map(({ type, states }) => machine[type](states));
  const active = machine.stateNames.filter((name) => machine.is(name));
  return {
    calls,
    result: results.at(-1) === Canceled ? "canceled" : "executed",
    active,
    shown: machine.toString(),
  };
}

/** Findings in the order of the states that they are about, the worst first for each. */
function sortFindings({ states }: SchemaModel, findings: readonly Finding[]): Finding[] {
  const places = new Map([...states.keys()].map((name, index) => [name, index]));
  const placeOf = ({ states: [first] }: Finding) => places.get(first!) ?? places.size;
  const rank = ({ severity }: Finding) => ["error", "warning", "note"].indexOf(severity);
  return findings.toSorted((a, b) => placeOf(a) - placeOf(b) || rank(a) - rank(b));
}
