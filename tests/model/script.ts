import type { ModelSchema } from "./resolver.ts";

/** A machine to be made, and what to do to it. Plain data: a failing one can be printed and pasted. */
export interface Script {
  schema: ModelSchema;
  /** Index order; the schema's own by default. */
  order?: readonly string[];
  queueLimit?: number;
  bindings: readonly ScriptBinding[];
  steps: readonly ScriptStep[];
}

/** An object of handlers. */
export interface ScriptBinding {
  id: string;
  /** Bound by a `bind` step, not before the first step. */
  late?: boolean;
  handlers: readonly ScriptHandler[];
}

/** What one handler does, call by call. */
export interface ScriptHandler {
  name: string;
  calls: readonly ScriptCall[];
  /** Whether it refuses from then on. */
  refusesThen?: boolean;
}

/** One call of a handler: its steps first, then it throws, refuses or agrees. */
export interface ScriptCall {
  steps?: readonly ScriptStep[];
  throws?: string;
  refuses?: boolean;
}

/** One thing to do to a machine. */
export interface ScriptStep {
  op: ScriptOp;
  states?: readonly string[];
  args?: Readonly<Record<string, unknown>>;
  /** Message of the error to add; without it, null is added. */
  error?: string;
  /** Id of the binding to bind or detach. */
  binding?: string;
  /** What to do inside of `eval`. */
  steps?: readonly ScriptStep[];
}

/** Names of the things to do. */
export type ScriptOp =
  | "add"
  | "remove"
  | "set"
  | "toggle"
  | "evAdd"
  | "evRemove"
  | "addErr"
  | "addErrState"
  | "canAdd"
  | "canRemove"
  | "eval"
  | "bind"
  | "detach"
  | "is"
  | "willBe"
  | "willBeRemoved"
  | "queueLen";

/** A machine as scripts see it: both the model and the engine are one. */
export interface Subject {
  readonly queueTick: number;
  readonly queueLength: number;
  readonly err: Error | null;
  add(states: readonly string[], args?: object, options?: { from?: unknown }): number;
  remove(states: readonly string[], args?: object, options?: { from?: unknown }): number;
  set(states: readonly string[], args?: object): number;
  toggle(states: readonly string[], args?: object): number;
  addErr(error: unknown, args?: object, options?: { state?: string }): number;
  canAdd(states: readonly string[], args?: object): number;
  canRemove(states: readonly string[], args?: object): number;
  eval(source: string, call: () => void): unknown;
  is(states: readonly string[]): boolean;
  willBe(states: readonly string[]): boolean;
  willBeRemoved(states: readonly string[]): boolean;
  activeStates(): string[];
  time(): number[];
  verifyStates(names: readonly string[]): void;
  bindHandlers(handlers: Record<string, SubjectHandler>, options: { id: string }): { detach(): void };
}

/** A handler of a subject. */
export type SubjectHandler = (event: { readonly args: Readonly<Record<string, unknown>> }) => boolean;

/** What is told of a mutation. */
export interface SeenMutation {
  readonly type: string;
  readonly states: readonly string[];
  readonly isAuto: boolean;
  readonly isCheck: boolean;
  readonly queueTick: number;
}

/** What is told of a transition. */
export interface SeenTransition {
  readonly mutation: SeenMutation;
  readonly accepted: boolean;
  readonly statesBefore: readonly string[];
  readonly targetStates: readonly string[];
  readonly enters: readonly string[];
  readonly exits: readonly string[];
  readonly timeBefore: readonly number[];
  readonly timeAfter: readonly number[];
}

/** A transition, as it stood when it ended. */
export interface TransitionRecord {
  type: string;
  called: readonly string[];
  auto: boolean;
  check: boolean;
  accepted: boolean;
  target: readonly string[];
  enters: readonly string[];
  exits: readonly string[];
  before: readonly number[];
  after: readonly number[];
}

/** What one step came to. */
export interface StepRecord {
  /** What the call returned. */
  result: number;
  /** The active states, in order. */
  active: readonly string[];
  /** Ticks, in index order. */
  time: readonly number[];
  queueTick: number;
  /** The last error. */
  error: string | null;
  /** The transitions, in the order in which they began. */
  transitions: TransitionRecord[];
  /** What happened, in order: mutations queued, transitions and handlers begun, results inside handlers. */
  trace: string[];
}

/** What goes into a trace. */
export interface RunOptions {
  /**
   * Whether the trace has more than the conformance vectors: what the machine looks like at each line, what a transition
   * looks like when it begins, and a line for each handler that tracers are told of, called or not. `false` by default.
   */
  isDetailed?: boolean;
}

/**
 * Run a script.
 *
 * @param script What to make and to do.
 * @param create Makes the machine, with the recorder as its tracer.
 * @param options What to record.
 * @returns What making the machine and binding its handlers came to, then one record a step.
 */
export function runScript(
  script: Script,
  create: (script: Script, recorder: Recorder) => Subject,
  options: RunOptions = {},
): StepRecord[] {
  const recorder = new Recorder(options);
  const subject = create(script, recorder);
  if (script.order !== undefined) subject.verifyStates(script.order);
  recorder.watch(subject);
  const runner = new Runner(script, subject, recorder);
  const records = [recorder.finish(0, subject)];
  for (const step of script.steps) records.push(recorder.finish(runner.run(step), subject));
  return records;
}

/** Collects what tracers and handlers tell of one step. */
export class Recorder {
  readonly #isDetailed: boolean;
  #subject: Subject | null = null;
  #transitions: TransitionRecord[] = [];
  #begun = 0;
  #trace: string[] = [];

  constructor(options: RunOptions) {
    this.#isDetailed = options.isDetailed ?? false;
  }

  /** Tell which machine it is that sends its traces here. */
  watch(subject: Subject): void {
    this.#subject = subject;
  }

  line(text: string): void {
    if (this.#isDetailed && this.#subject !== null) {
      this.#trace.push(`${text} (${this.#subject.activeStates()} ${this.#subject.time()})`);
    } else {
      this.#trace.push(text);
    }
  }

  mutationQueued(_machine: unknown, { type, states, isAuto, isCheck, queueTick }: SeenMutation): void {
    this.line(`q:${type}:${states.join(" ")}:${queueTick}${isAuto ? ":auto" : ""}${isCheck ? ":check" : ""}`);
  }

  transitionInit({ statesBefore, targetStates, enters, exits, timeAfter }: SeenTransition): void {
    const details = this.#isDetailed
      ? ` ${JSON.stringify({ statesBefore, targetStates, enters, exits, timeAfter })}`
      : "";
    this.line(`t${this.#begun++}${details}`);
  }

  transitionEnd(transition: SeenTransition): void {
    this.line(`e${this.#begun - 1}`);
    const { mutation, accepted, targetStates, enters, exits, timeBefore, timeAfter } = transition;
    this.#transitions.push({
      type: mutation.type,
      called: mutation.states,
      auto: mutation.isAuto,
      check: mutation.isCheck,
      accepted,
      target: [...targetStates],
      enters: [...enters],
      exits: [...exits],
      before: [...timeBefore],
      after: [...timeAfter],
    });
  }

  handlerStart(_transition: SeenTransition, binding: string, name: string): void {
    if (this.#isDetailed) this.line(`s:${binding}:${name}`);
  }

  queueEnd(_machine: unknown): void {
    this.line("qe");
  }

  /** Hand out what was collected since the last time. */
  finish(result: number, subject: Subject): StepRecord {
    const record = {
      result,
      active: subject.activeStates(),
      time: subject.time(),
      queueTick: subject.queueTick,
      error: subject.err && describe(subject.err),
      transitions: this.#transitions,
      trace: this.#trace,
    };
    this.#transitions = [];
    this.#begun = 0;
    this.#trace = [];
    return record;
  }
}

/** Does the steps of a script, from outside and inside of its handlers. */
class Runner {
  readonly #subject: Subject;
  readonly #recorder: Recorder;
  readonly #handlers = new Map<string, Record<string, SubjectHandler>>();
  readonly #bound = new Map<string, { detach(): void }>();

  constructor(script: Script, subject: Subject, recorder: Recorder) {
    this.#subject = subject;
    this.#recorder = recorder;
    for (const binding of script.bindings) {
      const entries = binding.handlers.map((handler) => [handler.name, this.#handler(binding.id, handler)] as const);
      this.#handlers.set(binding.id, Object.fromEntries(entries));
      if (!binding.late) this.#bind(binding.id);
    }
  }

  run(step: ScriptStep, event?: unknown): number {
    const subject = this.#subject;
    const states = step.states ?? [];
    const from = event === undefined ? {} : { from: event };
    const error = step.error === undefined ? null : new Error(step.error);
    switch (step.op) {
      case "add":
      case "remove":
      case "set":
      case "toggle":
      case "canAdd":
      case "canRemove":
        return subject[step.op](states, step.args);
      case "evAdd":
        return subject.add(states, step.args, from);
      case "evRemove":
        return subject.remove(states, step.args, from);
      case "addErr":
        return subject.addErr(error, step.args);
      case "addErrState":
        return subject.addErr(error, step.args, { state: states[0]! });
      case "eval":
        subject.eval("script", () => this.#runAll(step.steps ?? []));
        return 1;
      case "bind":
        return this.#bind(step.binding!);
      case "detach":
        return this.#detach(step.binding!);
      case "is":
      case "willBe":
      case "willBeRemoved":
        return subject[step.op](states) ? 1 : 0;
      case "queueLen":
        return subject.queueLength;
    }
  }

  #runAll(steps: readonly ScriptStep[], event?: unknown): void {
    for (const step of steps) this.#recorder.line(`r:${this.run(step, event)}`);
  }

  #bind(id: string): number {
    const handlers = this.#handlers.get(id);
    if (handlers === undefined || this.#bound.has(id)) return 1;
    this.#bound.set(id, this.#subject.bindHandlers(handlers, { id }));
    return 0;
  }

  #detach(id: string): number {
    const binding = this.#bound.get(id);
    if (binding === undefined) return 1;
    binding.detach();
    this.#bound.delete(id);
    return 0;
  }

  #handler(binding: string, { name, calls, refusesThen }: ScriptHandler): SubjectHandler {
    let count = 0;
    return (event) => {
      this.#recorder.line(`h:${binding}:${name}${describeError(event.args)}`);
      const call = calls[count++];
      if (call === undefined) return !refusesThen;
      this.#runAll(call.steps ?? [], event);
      if (call.throws !== undefined) throw new Error(call.throws);
      return !call.refuses;
    };
  }
}

/** The error that a mutation carries, and the transition in which it was thrown. */
function describeError(args: Readonly<Record<string, unknown>>): string {
  const { error, panic } = args as {
    error?: unknown;
    panic?: { calledStates: readonly string[]; statesBefore: readonly string[] };
  };
  if (!(error instanceof Error)) return "";
  if (panic === undefined) return `|${describe(error)}`;
  return `|${describe(error)}|${panic.calledStates.join(" ")}|${panic.statesBefore.join(" ")}`;
}

/** An error's message; a schema may be found faulty in other words. */
function describe(error: Error): string {
  return error.name === "SchemaError" ? error.name : error.message;
}
