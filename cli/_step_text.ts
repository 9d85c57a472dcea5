import type { Step } from "../mod.ts";
import { decodeStep, nameStates, type TxRecord } from "../telemetry/mod.ts";

/** Read the steps of a transition. */
export function stepsOf(record: TxRecord, stateNames: readonly string[]): Step[] {
  return (record.steps ?? []).map((step) => decodeStep(step, stateNames));
}

/** Say what a mutation does, with which states: `add Foo Bar (auto)`. */
export function describeMutation(record: TxRecord, stateNames: readonly string[]): string {
  const flags = [
    ...(record.auto ? ["auto"] : []),
    ...(record.check ? ["check"] : []),
    ...(record.queued ? ["queued"] : []),
  ];
  const names = nameStates(record.called, stateNames).join(" ");
  return `${record.type} ${names || "nothing"}${flags.length === 0 ? "" : ` (${flags.join(", ")})`}`;
}

/** Say in a few words what a step does, and why. */
export function describeStep(step: Step): string {
  const from = step.from ?? "?", to = step.to ?? "?";
  switch (step.type) {
    case "called":
      return `${to} is called`;
    case "activate":
      return `+${to}`;
    case "deactivate":
      return `-${to}`;
    case "deactivate-passive":
      return `${step.to ?? from} stays out`;
    case "cancel":
      return `${to} is missing: canceled`;
    case "handler":
      return `${handlerName(step)}()`;
    case "relation":
      return describeRelation(step.relation, step.from, step.to);
  }
}

/** Name the handler that a step calls. */
export function handlerName(step: Step): string {
  const { from, to, isFinal, isSelf, isEnter } = step;
  if (isForAny(step)) return isFinal ? "AnyState" : "AnyEnter";
  if (isFinal) return `${to ?? from}${isEnter ? "State" : "End"}`;
  if (isSelf) return `${to}${to}`;
  if (isEnter) return `${to}Enter`;
  return to === null ? `${from}Exit` : `${from}${to}`;
}

/** Tell whether it is `AnyEnter` or `AnyState`, and not a handler of a state that is named Any. */
export function isForAny({ from, to, isSelf }: Step): boolean {
  return from === "Any" && to === "Any" && !isSelf;
}

/**
 * Say who canceled a transition, and why.
 *
 * @param record The transition.
 * @param stateNames Names of the machine's states.
 * @returns `""` when it was accepted.
 */
export function describeCancel(record: TxRecord, stateNames: readonly string[]): string {
  if (record.accepted) return "";
  if (record.canceledBy !== undefined) return `canceled by ${record.canceledBy}`;
  const steps = stepsOf(record, stateNames);
  const thrower = steps.findLast(({ type }) => type === "handler");
  if (thrower?.isFinal) return `canceled by ${handlerName(thrower)}, which threw`;
  const reasons = findReasons(steps);
  return reasons.length === 0 ? "canceled by relations" : `canceled: ${reasons.join(", ")}`;
}

/** The relations that kept called states out: each is the step before the one in which the state stays out. */
function findReasons(steps: readonly Step[]): string[] {
  const called = new Set(steps.filter(({ type }) => type === "called").map(({ to }) => to));
  const reasons = new Set<string>();
  for (const [i, step] of steps.entries()) {
    const cause = steps[i - 1];
    if (step.type !== "deactivate-passive" || cause?.type !== "relation") continue;
    if (called.has(step.to ?? step.from)) reasons.add(describeRelation(cause.relation, cause.from, cause.to));
  }
  return [...reasons];
}

function describeRelation(relation: Step["relation"], from: string | null, to: string | null): string {
  const [first, second] = [from ?? "a state", to ?? "a state that is not there"];
  switch (relation) {
    case "add":
      return `${first} adds ${second}`;
    case "require":
      return `${first} requires ${second}`;
    case "remove":
      return `${first} removes ${second}`;
    default:
      return `${first} goes before ${second}`;
  }
}
