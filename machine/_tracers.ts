import { catchRejection } from "./_rejection.ts";
import type { Binding } from "./api.ts";
import type { Tracer, TracerHook } from "./tracer.ts";
import type { LogLevel } from "./transition.ts";

/** A tracer that throws this often is taken off. */
const MAX_ERRORS = 10;

interface BoundTracer {
  readonly id: string;
  readonly tracer: Tracer;
  readonly wants: Wants;
  errors: number;
}

/** What some tracer of a machine wants. */
export interface Wants {
  readonly steps: boolean;
  readonly checkSteps: boolean;
  readonly args: boolean;
  readonly logLevels: readonly LogLevel[];
}

const NOTHING_WANTED: Wants = { steps: false, checkSteps: false, args: false, logLevels: [] };

/** Whom a list of tracers belongs to. */
export interface TracerOwner {
  /** Receives what the tracers want together, as often as it changes. */
  tracersWant(wants: Wants): void;
  /** Receives the ids of tracers that were taken off. */
  tracerDetached(id: string): void;
  /** Receives, once for each, that a tracer was taken off because it threw. */
  reportInternalError(error: Error): void;
}

const NO_TRACERS: readonly BoundTracer[] = [];

/** The tracers of a machine, in the order in which they were bound. None of them can disturb the machine. */
export class TracerList {
  #tracers: readonly BoundTracer[];
  #wants: Wants;
  #nextId: number;
  readonly #owner: TracerOwner;

  constructor(owner: TracerOwner) {
    this.#tracers = NO_TRACERS;
    this.#wants = NOTHING_WANTED;
    this.#nextId = 0;
    this.#owner = owner;
  }

  /** Whether there is nobody to tell. */
  get isEmpty(): boolean {
    return this.#tracers.length === 0;
  }

  /** What the tracers want together. */
  get wants(): Wants {
    return this.#wants;
  }

  /** The tracers that submachines get too. */
  get inheritable(): Tracer[] {
    return this.#tracers.filter(({ tracer }) => isInheritable(tracer)).map(({ tracer }) => tracer);
  }

  bind(tracer: Tracer): Binding {
    const bound = this.#boundOf(tracer);
    this.#update([...this.#tracers, bound]);
    const detach = () => void this.#detach(bound);
    return { id: bound.id, detach, [Symbol.dispose]: detach };
  }

  /** Take the tracers of a parent machine over. They come before the machine's own. */
  inherit(tracers: readonly Tracer[]): void {
    if (tracers.length > 0) this.#update([...tracers.map((tracer) => this.#boundOf(tracer)), ...this.#tracers]);
  }

  /** Call one method of every tracer that has it. */
  call<Hook extends TracerHook>(hook: Hook, ...args: Parameters<Required<Tracer>[Hook]>): void;
  call(hook: TracerHook, first: unknown, second?: unknown, third?: unknown): void { // no list of them is made
    const tracers = this.#tracers;
    for (let i = 0; i < tracers.length; i++) {
      const bound = tracers[i]!;
      try {
        const method = bound.tracer[hook] as ((...args: unknown[]) => unknown) | undefined;
        if (method === undefined) continue;
        const returned = third !== undefined
          ? method.call(bound.tracer, first, second, third)
          : second !== undefined
          ? method.call(bound.tracer, first, second)
          : method.call(bound.tracer, first);
        if (returned !== undefined) this.#watch(bound, returned);
      } catch (error) {
        this.#count(bound, error);
      }
    }
  }

  #boundOf(tracer: Tracer): BoundTracer {
    return { id: `tracer-${this.#nextId++}`, tracer, wants: readWants(tracer), errors: 0 };
  }

  #watch(bound: BoundTracer, returned: unknown): void {
    catchRejection(returned, (reason) => this.#count(bound, reason));
  }

  #count(bound: BoundTracer, error: unknown): void {
    if (++bound.errors < MAX_ERRORS) return;
    if (!this.#detach(bound)) return;
    this.#owner.reportInternalError(
      new Error(`Cannot use tracer "${bound.id}": it threw ${MAX_ERRORS} times`, { cause: error }),
    );
  }

  #detach(bound: BoundTracer): boolean {
    const left = this.#tracers.filter((other) => other !== bound);
    if (left.length === this.#tracers.length) return false;
    this.#update(left);
    this.#owner.tracerDetached(bound.id);
    return true;
  }

  #update(tracers: readonly BoundTracer[]): void {
    this.#tracers = tracers;
    this.#wants = {
      steps: tracers.some(({ wants }) => wants.steps),
      checkSteps: tracers.some(({ wants }) => wants.checkSteps),
      args: tracers.some(({ wants }) => wants.args),
      logLevels: tracers.flatMap(({ wants }) => wants.logLevels),
    };
    this.#owner.tracersWant(this.#wants);
  }
}

/** A tracer that throws when it is asked wants nothing. */
function readWants(tracer: Tracer): Wants {
  try {
    const { steps = false, checkSteps = false, args = false, logLevel } = tracer.wants ?? {};
    return { steps: steps || checkSteps, checkSteps, args, logLevels: logLevel === undefined ? [] : [logLevel] };
  } catch {
    return NOTHING_WANTED;
  }
}

function isInheritable(tracer: Tracer): boolean {
  try {
    return tracer.inheritable === true;
  } catch {
    return false;
  }
}
