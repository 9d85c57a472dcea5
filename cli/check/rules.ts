/** How bad a finding is: an error does what nobody can want, a warning most likely does, a note is for tidiness. */
export type Severity = "error" | "warning" | "note";

/** The name of a rule. */
export type RuleId =
  | "unknown-name"
  | "require-remove-conflict"
  | "never-active"
  | "require-cycle"
  | "never-leaves"
  | "dead-auto"
  | "auto-fight"
  | "deep-add"
  | "add-remove-conflict"
  | "handler-collision"
  | "after-cycle"
  | "self-relation"
  | "duplicate-entry";

/** A rule. */
export interface Rule {
  /** Its name. */
  readonly id: RuleId;
  /** How bad most of its findings are; some are less bad. */
  readonly severity: Severity;
  /** What it looks for, in one line. */
  readonly summary: string;
  /** Why that matters, and what to do. */
  readonly help: string;
}

/** All rules, the worst first. */
export const RULES: readonly Rule[] = [
  {
    id: "unknown-name",
    severity: "error",
    summary: "A relation lists a state that the schema lacks.",
    help: "A state that requires it can never activate; from add, remove and after it is dropped without a word. " +
      "Correct the name, or define the state. Exception has to be in the schema to be listed in add, remove or after.",
  },
  {
    id: "require-remove-conflict",
    severity: "error",
    summary: "A state needs states to be active of which one removes another.",
    help:
      "All that a state requires, and all that these require, have to be active with it, so none of them may remove " +
      "another. A state that both requires and removes the same one makes each new machine start in Exception.",
  },
  {
    id: "never-active",
    severity: "error",
    summary: "A state can never activate.",
    help: "Its relations do not let it in, whatever is called before. Handlers can only refuse more. Correct its " +
      "relations, or those of the states that keep it out.",
  },
  {
    id: "require-cycle",
    severity: "warning",
    summary: "States require each other.",
    help: "They can only activate in one mutation that calls them all, and a machine with such a schema sorts no " +
      "handlers by Require. Let one of them require the other, or call them by a third state that adds both.",
  },
  {
    id: "never-leaves",
    severity: "warning",
    summary: "A state stays once it is active.",
    help: "After each mutation it is active again, also when it is removed. For an auto state that nothing keeps out " +
      "this is a note: it may be what you want. Let a state remove it, or let it require one that can go.",
  },
  {
    id: "dead-auto",
    severity: "warning",
    summary: "An auto state never comes in by itself.",
    help:
      "Whenever auto states are tried, its relations keep it out, or it is active already. Take its auto away, or " +
      "correct its relations.",
  },
  {
    id: "auto-fight",
    severity: "warning",
    summary: "Auto states replace each other for ever.",
    help: "Each transition that changes the clock tries auto states; these change places each time. Let them remove " +
      "each other both ways, so that the active one keeps the others out.",
  },
  {
    id: "deep-add",
    severity: "warning",
    summary: "A chain of Add is longer than the two levels that are followed.",
    help:
      "A state brings what it adds, and what that adds, but nothing beyond. List the state at the chain's end in the " +
      "add of the first or the second state.",
  },
  {
    id: "add-remove-conflict",
    severity: "warning",
    summary: "A state both adds and removes another.",
    help: "Add wins: the state is not removed. Take it out of one of the lists.",
  },
  {
    id: "handler-collision",
    severity: "warning",
    summary: "One name of a handler stands for several events.",
    help:
      "Handlers are found by name, so one that is bound is called for all of these events. Rename a state. At most " +
      "100 names are reported.",
  },
  {
    id: "after-cycle",
    severity: "warning",
    summary: "States are after each other.",
    help:
      "No order of their handlers satisfies that; which one is taken hangs on the other active states. Take one of " +
      "the relations out.",
  },
  {
    id: "self-relation",
    severity: "note",
    summary: "A state lists itself in add, require or after.",
    help:
      "It has no effect, but for require: then the machine sorts no handlers by Require. In remove it is usual, as " +
      "lists of states that exclude each other hold the state itself, and is not reported.",
  },
  {
    id: "duplicate-entry",
    severity: "note",
    summary: "A relation lists a state twice.",
    help: "Once is enough.",
  },
];
