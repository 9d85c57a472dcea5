/**
 * A schema as data: what the readers make of a file, the writers write, and diagrams and checks look at.
 *
 * @module
 */
import type { Relation, Schema, State } from "../../mod.ts";

/** The relations, in the order in which commands list them. */
export const RELATIONS = ["require", "add", "remove", "after"] as const satisfies readonly Relation[];

/** A place in a text. */
export interface Position {
  /** The line, from 1. */
  readonly line: number;
  /** The column, from 1, in UTF-16 units. */
  readonly column: number;
}

/** A state of a {@linkcode SchemaModel}. */
export interface StateModel extends Omit<State, "args"> {
  /** The type of its arguments as TypeScript text, such as `{ path: string }`; only files of TypeScript have any. */
  readonly argsType?: string;
  /**
   * What the file says about its arguments where it says more than that: the schema of a library, such as
   * `z.object({ path: z.string() })`, or a type that the file declares or imports. It means something in that file only.
   */
  readonly argsSource?: string;
  /** Where the file names it; what comes from another file, where it is used. Missing when there is no file. */
  readonly position?: Position;
  /** Where the file names the states of its relations: one place per name of the list, in the same order. */
  readonly relationPositions?: Readonly<Partial<Record<Relation, readonly Position[]>>>;
}

/** A schema with its groups. */
export interface SchemaModel {
  /** The word by which code names it, such as `File` for `fileSchema`; never empty. */
  readonly name: string;
  /** By what name the file exports it, `default` perhaps. Only files of TypeScript have any, and not of a machine's own schema. */
  readonly exportName?: string;
  /** The states by name, in the order of their indexes. `Exception` only if the schema itself defines it. */
  readonly states: ReadonlyMap<string, StateModel>;
  /** Lists of states by name, in order. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
}

/**
 * Make of a model what a machine takes.
 *
 * @param model The model.
 * @returns Its states without the type of their arguments. It has no prototype, so any name is safe. Their order is the
 * same, but for names that are whole numbers: those come first, as in each object.
 */
export function toSchema({ states }: SchemaModel): Schema {
  const schema: Record<string, State> = Object.create(null);
  for (const [name, { argsType: _, argsSource: __, position: ___, relationPositions: ____, ...state }] of states) {
    schema[name] = state;
  }
  return schema;
}

/**
 * Make a model of a schema that exists as an object.
 *
 * @param name The word by which code names it.
 * @param schema The schema; what it says about the types of arguments is left out.
 * @param groups Lists of states by name. None by default.
 * @returns The model.
 */
export function toModel(
  name: string,
  schema: Schema,
  groups: Readonly<Record<string, readonly string[]>> = {},
): SchemaModel {
  const states = Object.entries(schema).map(([state, { args: _, ...rest }]) => [state, rest] as const);
  return { name, states: new Map(states), groups: new Map(Object.entries(groups)) };
}
