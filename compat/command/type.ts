import { ValidationError } from "./validation_error.ts";

/** A value as it stands in the arguments, for a {@linkcode Type} to read. */
export interface ArgumentValue {
  /** What kind of thing has the value, for messages. */
  label: string;
  /** Name of the type. */
  type: string;
  /** Name of the option or argument. */
  name: string;
  /** The value. */
  value: string;
}

/** Reads the values of options and arguments that have it as their type. */
export abstract class Type<TValue> {
  /** Read a value; throws a ValidationError when it has none of this type. */
  abstract parse(type: ArgumentValue): TValue;

  /** The values to choose from, if they can be listed. */
  complete?(): Array<string | number | boolean>;
}

/** One of a list of values. */
export class EnumType<const TValue extends string | number | boolean> extends Type<TValue> {
  readonly #values: readonly TValue[];

  /** Allow these values and no others. */
  constructor(values: ReadonlyArray<TValue>) {
    super();
    this.#values = values;
  }

  /** Find the value. */
  override parse({ label, name, value }: ArgumentValue): TValue {
    const found = this.#values.find((it) => String(it) === value);
    if (found === undefined) {
      throw new ValidationError(`${label} "${name}" is one of ${this.#values.join(", ")}, not "${value}"`);
    }
    return found;
  }

  /** All values. */
  override complete(): TValue[] {
    return [...this.#values];
  }
}

/** The types that every command knows by name. */
export const BASE_TYPES: ReadonlyMap<string, (value: ArgumentValue) => unknown> = new Map<
  string,
  (value: ArgumentValue) => unknown
>([
  ["string", ({ value }) => value],
  ["file", ({ value }) => value],
  ["number", (value) => readNumber(value, Number.isFinite, "a number")],
  ["integer", (value) => readNumber(value, Number.isInteger, "a whole number")],
  ["boolean", readBoolean],
]);

function readNumber({ label, name, value }: ArgumentValue, isRight: (number: number) => boolean, what: string): number {
  const number = Number(value);
  if (value.trim() === "" || !isRight(number)) {
    throw new ValidationError(`${label} "${name}" is ${what}, not "${value}"`);
  }
  return number;
}

function readBoolean({ label, name, value }: ArgumentValue): boolean {
  if (value === "true" || value === "1") return true;
  if (value === "false" || value === "0") return false;
  throw new ValidationError(`${label} "${name}" is true or false, not "${value}"`);
}
