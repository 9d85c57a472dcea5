import type { FinalEvent, Machine } from "@asyncmachine/asyncmachine";

/** What some handlers do and answer, by their names; the rest answer nothing. */
export type Answers = Readonly<Record<string, (event: FinalEvent) => unknown>>;

/** Bind every handler that the machine's states can have. Returns the list in which their calls are noted. */
export function recordHandlers(machine: Machine, answers: Answers = {}): string[] {
  const calls: string[] = [];
  const names = ["AnyEnter", "AnyState"];
  for (const state of machine.stateNames) {
    for (const suffix of ["Exit", "Enter", "End", "State", ...machine.stateNames]) names.push(state + suffix);
  }
  machine.bindHandlers(Object.fromEntries(names.map((name) => [name, (event: FinalEvent) => {
    calls.push(event.name);
    return Object.hasOwn(answers, name) ? answers[name]!(event) : undefined;
  }])));
  return calls;
}

/** The words of a text. */
export function words(text: string): string[] {
  return text.split(" ").filter((word) => word !== "");
}
