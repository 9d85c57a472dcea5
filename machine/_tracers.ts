import { catchRejection } from "./_rejection.ts";
import type { Binding } from "./api.ts";
import { NoOpTracer, type Tracer, type TracerHook } from "./tracer.ts";
import type { LogLevel } from "./transition.ts";

/** A tracer that throws this often is taken off. */
const MAX_ERRORS = 10;

interface BoundTracer {
  readonly id: string;
  readonly tracer: Tracer;
  readonly wants: Wants;
  /** Its methods, in the order of {@linkcode HOOKS}; null for those that do nothing. */
  readonly methods: readonly (Listener["method"] | null)[];
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

const NOBODY: readonly BoundTracer[] = [];

/** One method of the tracers that have it. */
interface Listener {
  readonly bound: BoundTracer;
  // deno-lint-ignore no-explicit-any -- what a method takes is checked where it is called
  readonly method: (...args: any[]) => unknown;
}

/** Who hears of one thing: the methods of those tracers that have one for it, in the order of the tracers. */
class Listeners<Hook extends TracerHook> {
  readonly #listeners: readonly Listener[];
  readonly #onError: (bound: BoundTracer, error: unknown) => void;

  constructor(listeners: readonly Listener[], onError: (bound: BoundTracer, error: unknown) => void) {
    this.#listeners = listeners;
    this.#onError = onError;
  }

  /** Call them all. What one throws, or rejects, is counted. */
  call(...args: Parameters<Required<Tracer>[Hook]>): void;
  call(first: unknown, second?: unknown, third?: unknown): void { // no list of them is made
    for (let i = 0; i < this.#listeners.length; i++) {
      const { bound, method } = this.#listeners[i]!;
      try {
        const returned = third !== undefined
          ? method.call(bound.tracer, first, second, third)
          : second !== undefined
          ? method.call(bound.tracer, first, second)
          : method.call(bound.tracer, first);
        if (returned !== undefined) catchRejection(returned, (reason) => this.#onError(bound, reason));
      } catch (error) {
        this.#onError(bound, error);
      }
    }
  }
}

/** Who hears of what; null where nobody does, so that nothing is made for nobody. */
export type Audience = { readonly [Hook in TracerHook]: Listeners<Hook> | null };

const HOOKS = Object.getOwnPropertyNames(NoOpTracer.prototype).filter((name) => name !== "constructor") as TracerHook[];

const NO_AUDIENCE = audienceOf(NOBODY, () => {});

/** What happens to a machine now and then; all other hooks are for each of its mutations. */
const RARE_HOOKS: ReadonlySet<TracerHook> = new Set<TracerHook>([
  "machineInit",
  "verifyStates",
  "schemaChange",
  "newSubmachine",
  "machineDispose",
  "log",
]);

/** The tracers of a machine, in the order in which they were bound. None of them can disturb the machine. */
export class TracerList {
  /** What the tracers want together. */
  wants: Wants = NOTHING_WANTED;
  /** Who hears of what. Read it anew each time: tracers come and go. */
  audience: Audience = NO_AUDIENCE;
  /** Whether one of them hears of mutations, of whatever in them. */
  hearsMutations = false;
  #tracers: readonly BoundTracer[] = NOBODY;
  #nextId = 0;
  readonly #owner: TracerOwner;

  constructor(owner: TracerOwner) {
    this.#owner = owner;
  }

  /** Whether there is nobody to tell. */
  get isEmpty(): boolean {
    return this.#tracers.length === 0;
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
    this.#update([...tracers.map((tracer) => this.#boundOf(tracer)), ...this.#tracers]);
  }

  #boundOf(tracer: Tracer): BoundTracer {
    return {
      id: `tracer-${this.#nextId++}`,
      tracer,
      wants: readWants(tracer),
      methods: HOOKS.map((hook) => readMethod(tracer, hook)),
      errors: 0,
    };
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
    this.audience = tracers.length === 0
      ? NO_AUDIENCE
      : audienceOf(tracers, (bound, error) => this.#count(bound, error));
    this.hearsMutations = HOOKS.some((hook) => !RARE_HOOKS.has(hook) && this.audience[hook] !== null);
    this.wants = {
      steps: tracers.some(({ wants }) => wants.steps),
      checkSteps: tracers.some(({ wants }) => wants.checkSteps),
      args: tracers.some(({ wants }) => wants.args),
      logLevels: tracers.flatMap(({ wants }) => wants.logLevels),
    };
    this.#owner.tracersWant(this.wants);
  }
}

/** The list of all machines that no tracer was bound to. Nothing is bound to it: it has no owner to tell. */
export const NO_TRACERS: TracerList = new TracerList({
  tracersWant() {},
  tracerDetached() {},
  reportInternalError() {},
});

function audienceOf(tracers: readonly BoundTracer[], onError: (bound: BoundTracer, error: unknown) => void): Audience {
  return Object.fromEntries(HOOKS.map((hook, place) => {
    const listeners = tracers.flatMap((bound) => {
      const method = bound.methods[place] ?? null;
      return method === null ? [] : [{ bound, method }];
    });
    return [hook, listeners.length === 0 ? null : new Listeners(listeners, onError)];
  })) as Audience;
}

/** A method of a tracer; null for one that it lacks, or has from {@linkcode NoOpTracer}, which does nothing. */
function readMethod(tracer: Tracer, hook: TracerHook): Listener["method"] | null {
  try {
    const method = tracer[hook];
    return method === undefined || method === NoOpTracer.prototype[hook] ? null : method;
  } catch {
    return null;
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
