import type { Names } from "./api.ts";
import { SchemaError } from "./errors.ts";
import { NO_ARGS } from "./mutation.ts";
import { subtractStates } from "./state_list.ts";

/** Make a list of one name or a list. */
export function toList(states: Names<string>): readonly string[] {
  if (typeof states === "string") return [states];
  if (Array.isArray(states)) return states;
  throw new TypeError(`Cannot read states: expected a name or a list of names, got ${describeType(states)}`);
}

/** Check that a mutation's arguments are an object; none count as empty ones. */
export function checkArgs(args: object | null | undefined): Readonly<Record<string, unknown>> {
  if (args === null || args === undefined) return NO_ARGS;
  if (typeof args !== "object") {
    throw new TypeError(`Cannot use arguments: expected an object, got ${describeType(args)}`);
  }
  return args as Readonly<Record<string, unknown>>;
}

/** Check that names are all the names of a schema, each of them once or more. Returns them without repeats. */
export function checkOrder(names: readonly string[], expected: readonly string[]): string[] {
  const order = [...new Set(names)];
  const problems = subtractStates(order, expected).map((name) =>
    `Cannot verify state "${name}": it is not in the schema`
  );
  const missing = subtractStates(expected, order);
  if (missing.length > 0) {
    problems.push(`Cannot verify states: missing ${missing.map((name) => `"${name}"`).join(", ")}`);
  }
  if (problems.length > 0) throw new SchemaError(problems);
  return order;
}

/** Check that groups hold states of the schema, given with their places. Returns a frozen copy. */
export function checkGroups(
  groups: Readonly<Record<string, readonly string[]>>,
  states: ReadonlyMap<string, number>,
): Readonly<Record<string, readonly string[]>> {
  const entries = Object.entries(groups).map(([group, names]) => {
    const unknown = names.find((name) => !states.has(name));
    if (unknown !== undefined) {
      throw new SchemaError([`Cannot make group "${group}": the state "${unknown}" is not in the schema`]);
    }
    return [group, Object.freeze([...names])] as const;
  });
  return Object.freeze(Object.fromEntries(entries));
}

/** Check that an option is a number, 0 or more. */
export function checkCount(option: string, value: number): number {
  if (typeof value === "number" && value >= 0) return value;
  throw new RangeError(`Cannot make machine: option "${option}" is ${String(value)}, expected a number, 0 or more`);
}

/** Name something that should be a name. */
export function describeName(name: unknown): string {
  return typeof name === "string" ? name : describeType(name);
}

/** Name the type of something that has a wrong one. */
export function describeType(value: unknown): string {
  return value === null ? "null" : typeof value;
}
