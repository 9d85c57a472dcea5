// What tests/repository/public_docs_test.ts wants to be told of. No example is run: a test is no part of the package.
// deno-lint-ignore-file
export type Alias = { field: number };

export class Bare implements Disposable {
  property = 1;
  private hidden = 2;
  constructor(size: number) {}
  /** An overload, told of. */
  overloaded(): void;
  overloaded(key: string): void;
  overloaded(key?: string): void {}
  method(key: string, { value }: { value?: number } = {}): void {}
  get getter(): number {
    return this.hidden;
  }
  [Symbol.dispose](): void {}
}

/** A text, a {@linkcode Shape} and a {@linkcode Bare.method}, and no example: `assertEquals()` is only in this line. */
export const LIMIT = 1;

/**
 * An interface, whose own example is one.
 *
 * @example Usage
 * ```ts
 * import { assert } from "@std/assert";
 *
 * assert(true);
 * ```
 */
export interface Shape {
  field: string;
  method(key: string): void;
  (): void;
  [key: `x${string}`]: unknown;
}

/**
 * A function with one parameter told of.
 *
 * @param value A number.
 *
 * @example Usage
 * ```ts
 * half(1, 2); // assert
 * ```
 */
export function half(value: number, other = 2, ...rest: number[]): number {
  return value / other + rest.length;
}

/** An overload, told of. */
export function several(): void;
export function several(key: string): void;
export function several(_key?: string): void {}
