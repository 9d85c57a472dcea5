import { defineSchema, Machine, type Schema } from "../../mod.ts";

/** A schema as the machine cleans it up, with indexes for names. */
export interface Plan {
  /** The schema, `Exception` included. */
  readonly schema: Schema;
  /** All names, in the order of their indexes. */
  readonly names: readonly string[];
  readonly indexByName: ReadonlyMap<string, number>;
  readonly isAuto: readonly boolean[];
  readonly isMulti: readonly boolean[];
  readonly add: readonly (readonly number[])[];
  readonly remove: readonly (readonly number[])[];
  readonly after: readonly (readonly number[])[];
  /** A required state that the schema lacks is -1. */
  readonly require: readonly (readonly number[])[];
  /** Index of `Exception`. */
  readonly exception: number;
  /** Whether a fresh machine is in `Exception`, as the schema contradicts itself. */
  readonly isBroken: boolean;
  /** All that a state needs to be active with it, itself first; -1 for a state that the schema lacks. */
  readonly needs: readonly (readonly number[])[];
}

/** Let a machine clean a schema up, and number its states. */
export function compilePlan(schema: Schema): Plan {
  // Machines share what they make of a defined schema, and there are many to come. What its types ask for is checked here.
  const source: Schema = defineSchema(schema as never);
  const machine = new Machine(source);
  const { schema: cleaned, stateNames } = machine;
  const names = [...stateNames];
  const indexByName = new Map(names.map((name, index) => [name, index]));
  const list = (relation: "add" | "remove" | "after" | "require") =>
    names.map((name) => [...new Set((cleaned[name]![relation] ?? []).map((other) => indexByName.get(other) ?? -1))]);
  const require = list("require");
  return {
    schema: source,
    names,
    indexByName,
    isAuto: names.map((name) => cleaned[name]!.auto ?? false),
    isMulti: names.map((name) => cleaned[name]!.multi ?? false),
    add: list("add"),
    remove: list("remove"),
    after: list("after"),
    require,
    exception: indexByName.get("Exception")!,
    isBroken: machine.err !== null,
    needs: names.map((_, index) => reach(require, index)),
  };
}

/** All that can be reached from a state along a relation, itself first. */
export function reach(relation: readonly (readonly number[])[], from: number): number[] {
  const found = new Set([from]);
  for (const state of found) { // a set's walk comes to what is put into it on the way
    for (const other of relation[state] ?? []) found.add(other);
  }
  return [...found];
}

/** The groups of states that reach each other along a relation, of more than one state each. */
export function findCycles(relation: readonly (readonly number[])[]): number[][] {
  const reached = relation.map((_, index) => new Set(reach(relation, index)));
  const done = new Set<number>();
  const cycles: number[][] = [];
  relation.forEach((_, index) => {
    if (done.has(index)) return;
    const cycle = [...reached[index]!].filter((other) => other >= 0 && reached[other]!.has(index)).sort((a, b) =>
      a - b
    );
    for (const state of cycle) done.add(state);
    if (cycle.length > 1) cycles.push(cycle);
  });
  return cycles;
}

/** Whether a state has to do with any other: states without that can be left out where sets are searched. */
export function isConcerned({ names, isAuto, add, remove, require }: Plan): boolean[] {
  const concerned = names.map((_, index) => isAuto[index]!);
  for (const relation of [add, remove, require]) {
    relation.forEach((list, index) => {
      if (list.length === 0) return;
      concerned[index] = true;
      for (const other of list) if (other >= 0) concerned[other] = true;
    });
  }
  return concerned;
}
