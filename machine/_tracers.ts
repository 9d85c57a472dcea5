import type { Binding } from "./api.ts";
import type { Tracer } from "./tracer.ts";

/** A tracer that throws this often is taken off. */
const MAX_ERRORS = 10;

interface BoundTracer {
  readonly id: string;
  readonly tracer: Tracer;
  errors: number;
}

/** The tracers of a machine, in the order in which they were bound. None of them can disturb the machine. */
export class TracerList {
  #tracers: readonly BoundTracer[];
  #nextId: number;
  readonly #report: (error: Error) => void;

  /** @param report Receives, once for each, that a tracer was taken off. */
  constructor(report: (error: Error) => void) {
    this.#tracers = [];
    this.#nextId = 0;
    this.#report = report;
  }

  /** Whether there is nobody to tell. */
  get isEmpty(): boolean {
    return this.#tracers.length === 0;
  }

  bind(tracer: Tracer): Binding {
    const bound: BoundTracer = { id: `tracer-${this.#nextId++}`, tracer, errors: 0 };
    this.#tracers = [...this.#tracers, bound];
    const detach = () => this.#detach(bound);
    return { id: bound.id, detach, [Symbol.dispose]: detach };
  }

  /** Call one method of every tracer that has it. */
  call<Hook extends keyof Tracer>(hook: Hook, ...args: Parameters<Required<Tracer>[Hook]>): void {
    for (const bound of this.#tracers) {
      try {
        const method = bound.tracer[hook] as ((...args: unknown[]) => void) | undefined;
        if (method !== undefined) method.apply(bound.tracer, args);
      } catch (error) {
        this.#count(bound, error);
      }
    }
  }

  #count(bound: BoundTracer, error: unknown): void {
    if (++bound.errors < MAX_ERRORS) return;
    if (!this.#detach(bound)) return;
    this.#report(new Error(`Cannot use tracer "${bound.id}": it threw ${MAX_ERRORS} times`, { cause: error }));
  }

  #detach(bound: BoundTracer): boolean {
    const left = this.#tracers.filter((other) => other !== bound);
    const isBound = left.length < this.#tracers.length;
    this.#tracers = left;
    return isBound;
  }
}
