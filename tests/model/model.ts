import {
  compileRules,
  isAcceptable,
  type ModelMutationType,
  type ModelSchema,
  resolveTargets,
  type Rules,
  sortStates,
  uniq,
  without,
} from "./resolver.ts";

/** A mutation, in the queue or out of it. */
export interface ModelMutation {
  readonly type: ModelMutationType;
  readonly states: readonly string[];
  readonly args: Readonly<Record<string, unknown>>;
  readonly isAuto: boolean;
  readonly isCheck: boolean;
  /** The queue tick at which it runs; 0 when it was put in front of the queue. */
  readonly queueTick: number;
}

/** What handlers receive. */
export interface ModelEvent {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly transition: ModelTransition;
}

/** A handler; what it returns matters in negotiation only. */
export type ModelHandler = (event: ModelEvent) => unknown;

/** What the model tells while it works; the engine's tracers have the same methods. */
export interface ModelTracer {
  mutationQueued?(machine: Model, mutation: ModelMutation): void;
  transitionInit?(transition: ModelTransition): void;
  transitionEnd?(transition: ModelTransition): void;
  handlerStart?(transition: ModelTransition, binding: string, name: string): void;
  queueEnd?(machine: Model): void;
}

/** Options of the model. */
export interface ModelOptions {
  /** Length of the queue at which mutations are canceled. 1000 by default. */
  queueLimit?: number;
  /** What is told of its work. None by default. */
  tracers?: readonly ModelTracer[];
}

/** Options of a mutation. */
export interface ModelMutationOptions {
  /** The event of the handler that makes it. */
  from?: unknown;
}

/** One run of a mutation. */
export interface ModelTransition {
  readonly mutation: ModelMutation;
  readonly statesBefore: readonly string[];
  readonly timeBefore: readonly number[];
  timeAfter: readonly number[];
  accepted: boolean;
  completed: boolean;
  targetStates: string[];
  enters: string[];
  exits: string[];
}

interface ModelBinding {
  readonly id: string;
  readonly handlers: Readonly<Record<string, ModelHandler>>;
}

/** Something that waits in the queue: a mutation, or a function to call between two transitions. */
type QueueItem = ModelMutation | { readonly call: () => void };

const EXECUTED = 0;
const CANCELED = 1;
const QUEUED_CHECK = 2;

/**
 * The machine as a reader of its rules would write it: names, lists and sets, and no thought of speed.
 *
 * It shares no code with the engine, so that a mistake would have to be made twice to go unseen. Methods are named as
 * the engine's, and mean the same.
 */
export class Model {
  /** The last error. */
  err: Error | null = null;
  /** Counts mutations taken from the queue, from 1. */
  queueTick = 1;
  readonly #schema: ModelSchema;
  readonly #queueLimit: number;
  readonly #tracers: readonly ModelTracer[];
  #rules: Rules;
  #active: string[] = [];
  #ticks = new Map<string, number>();
  #bindings: ModelBinding[] = [];
  #hasHandlers = false;
  #queue: QueueItem[] = [];
  #isDraining = false;
  #transition: ModelTransition | null = null;

  constructor(schema: ModelSchema, options: ModelOptions = {}) {
    this.#schema = schema;
    this.#queueLimit = options.queueLimit ?? 1000;
    this.#tracers = options.tracers ?? [];
    this.#rules = compileRules(schema);
    if (this.#rules.problems.length > 0) this.addErr(new SchemaError(this.#rules.problems.join("\n")));
  }

  get stateNames(): readonly string[] {
    return this.#rules.names;
  }

  get queueLength(): number {
    return this.#queue.length;
  }

  /** Set the index order; all of `names` are states, and none is missing. */
  verifyStates(names: readonly string[]): void {
    this.#rules = compileRules(this.#schema, names);
  }

  is(states: readonly string[]): boolean {
    return states.every((name) => this.#active.includes(name));
  }

  activeStates(): string[] {
    return [...this.#active];
  }

  time(): number[] {
    return this.#rules.names.map((name) => this.#ticks.get(name) ?? 0);
  }

  willBe(states: readonly string[]): boolean {
    return this.#isWaiting("add", states);
  }

  willBeRemoved(states: readonly string[]): boolean {
    return this.#isWaiting("remove", states);
  }

  // Bindings

  bindHandlers(handlers: Readonly<Record<string, ModelHandler>>, options: { id: string }): { detach(): void } {
    const binding = { id: options.id, handlers };
    this.#bindings = [...this.#bindings, binding];
    const isFirst = !this.#hasHandlers;
    this.#hasHandlers = true;
    if (isFirst && this.is(["Exception"])) this.addErr(this.err);
    return { detach: () => this.#bindings = this.#bindings.filter((other) => other !== binding) };
  }

  // Mutations

  add(states: readonly string[], args?: object, options: ModelMutationOptions = {}): number {
    const mayPass = states.includes("Exception") && !this.is(["Exception"]) && !options.from;
    if (this.#isFull() && !mayPass) return CANCELED;
    return this.#enqueue("add", states, args);
  }

  remove(states: readonly string[], args?: object, options: ModelMutationOptions = {}): number {
    const isInTransition = this.#queue.length === 0 && this.#transition !== null;
    if (isInTransition && !states.some((name) => this.is([name]))) return EXECUTED;
    const mayPass = states.includes("Exception") && this.is(["Exception"]) && !options.from;
    if (this.#isFull() && !mayPass) return CANCELED;
    return this.#enqueue("remove", states, args);
  }

  set(states: readonly string[], args?: object): number {
    return this.#isFull() ? CANCELED : this.#enqueue("set", states, args);
  }

  toggle(states: readonly string[], args?: object, options: ModelMutationOptions = {}): number {
    return this.is(states) ? this.remove(states, args, options) : this.add(states, args, options);
  }

  addErr(error: unknown, args: object = {}, options: { state?: string } = {}): number {
    if (error === null || error === undefined || this.#isFull()) return CANCELED;
    this.err = error instanceof Error ? error : new Error("Not an error", { cause: error });
    return this.add([options.state ?? "Exception", "Exception"], { ...args, error: this.err });
  }

  canAdd(states: readonly string[], args?: object): number {
    return this.#check("add", states, args);
  }

  canRemove(states: readonly string[], args?: object): number {
    return this.#check("remove", states, args);
  }

  /** Call a function between two transitions; at once when none is running. */
  eval(_source: string, call: () => void): void {
    this.#queue.unshift({ call });
    if (!this.#isDraining) this.#drain();
  }

  // Queue

  #isFull(): boolean {
    return this.#queue.length >= this.#queueLimit;
  }

  #waiting(): ModelMutation[] {
    return this.#queue.filter((item): item is ModelMutation => !("call" in item));
  }

  #isWaiting(type: ModelMutationType, states: readonly string[]): boolean {
    return this.#waiting().some((other) =>
      !other.isCheck && other.type === type && states.every((name) => other.states.includes(name))
    );
  }

  #enqueue(type: ModelMutationType, states: readonly string[], args: object = {}): number {
    const called = this.#known(states);
    const isPlain = !called.some((name) => this.#rules.states.get(name)!.multi) && Object.keys(args).length === 0;
    if (isPlain && this.#isDuplicate(type, called)) return EXECUTED;
    const ticking = this.#waiting().filter((other) => other.queueTick > 0).length;
    const queueTick = this.queueTick + ticking + 1;
    const mutation = { type, states: called, args: { ...args }, isAuto: false, isCheck: false, queueTick };
    this.#queue.push(mutation);
    for (const tracer of this.#tracers) tracer.mutationQueued?.(this, mutation);
    return this.#isDraining ? queueTick : this.#drain();
  }

  #isDuplicate(type: ModelMutationType, called: readonly string[]): boolean {
    return this.#waiting().some((other) =>
      !other.isCheck && other.type === type && Object.keys(other.args).length === 0 &&
      other.states.length === called.length && called.every((name) => other.states.includes(name))
    );
  }

  #check(type: ModelMutationType, states: readonly string[], args: object = {}): number {
    this.#prepend({ type, states: this.#known(states), args: { ...args }, isAuto: false, isCheck: true, queueTick: 0 });
    return this.#isDraining ? QUEUED_CHECK : this.#drain();
  }

  #prepend(mutation: ModelMutation): void {
    this.#queue.unshift(mutation);
    for (const tracer of this.#tracers) tracer.mutationQueued?.(this, mutation);
  }

  #known(states: readonly string[]): string[] {
    const unknown = states.filter((name) => !this.#rules.names.includes(name));
    if (unknown.length > 0) throw new Error(`Not in the schema: ${unknown.join(", ")}`);
    return uniq(states);
  }

  #drain(): number {
    this.#isDraining = true;
    const results: number[] = [];
    while (this.#queue.length > 0) {
      const item = this.#queue.shift()!;
      if ("call" in item) {
        item.call();
        continue;
      }
      if (item.queueTick > 0) this.queueTick++;
      this.#transition = this.#begin(item);
      results.push(this.#execute(this.#transition));
      this.#transition = null;
    }
    this.#isDraining = false;
    for (const tracer of this.#tracers) tracer.queueEnd?.(this);
    return results[0] ?? CANCELED;
  }

  // Transition

  #begin(mutation: ModelMutation): ModelTransition {
    const before = this.activeStates();
    const transition: ModelTransition = {
      mutation,
      statesBefore: before,
      timeBefore: this.time(),
      timeAfter: this.time(),
      accepted: true,
      completed: false,
      targetStates: [],
      enters: [],
      exits: [],
    };
    const { type, states } = mutation;
    if (type === "add") this.#retarget(transition, [...states, ...before]);
    if (type === "remove") this.#retarget(transition, without(before, states));
    if (type === "set") this.#retarget(transition, states);
    if (!mutation.isCheck) {
      const ticks = this.#ticksWith(states, transition.targetStates);
      transition.timeAfter = this.#rules.names.map((name) => ticks.get(name) ?? 0);
    }
    transition.accepted = isAcceptable(this.#rules, mutation, transition.targetStates);
    if (!transition.accepted) transition.enters = transition.exits = [];
    for (const tracer of this.#tracers) tracer.transitionInit?.(transition);
    return transition;
  }

  /** Work out the target states, and from them what enters and what exits. */
  #retarget(transition: ModelTransition, wanted: readonly string[]): void {
    const { mutation: { type, states: called }, statesBefore: before } = transition;
    const target = resolveTargets(this.#rules, { type, called, before }, wanted);
    const isRecalled = (name: string) => this.#rules.states.get(name)!.multi && called.includes(name);
    transition.targetStates = target;
    transition.enters = target.filter((name) => !this.is([name]) || isRecalled(name));
    transition.exits = sortStates(this.#rules, without(this.#active, target));
  }

  #execute(transition: ModelTransition): number {
    const { mutation } = transition;
    let ok = transition.accepted;
    if (ok && this.#hasHandlers) ok = this.#negotiate(transition);
    if (!mutation.isCheck) ok = this.#apply(transition, ok);
    if (!ok) transition.accepted = false;
    if (ok && !mutation.isCheck && !mutation.isAuto && this.#hasChanged(transition) && !isHealth(mutation)) {
      this.#queueAuto();
    }
    transition.completed = true;
    for (const tracer of this.#tracers) tracer.transitionEnd?.(transition);
    return this.#resultOf(transition, ok);
  }

  /** Set the target states and call the final handlers; the answer is whether it went well. */
  #apply(transition: ModelTransition, accepted: boolean): boolean {
    const { mutation: { states: called, isAuto } } = transition;
    if (isAuto) {
      const survivors = called.filter((name) => transition.targetStates.includes(name));
      this.#retarget(transition, [...survivors, ...this.#active]);
    }
    if (!accepted) {
      transition.timeAfter = this.time();
      return false;
    }
    this.#setActive(called, transition.targetStates);
    transition.timeAfter = this.time();
    if (!this.#hasHandlers) return true;
    return this.#callFinals(transition) && this.#call(transition, "AnyState", []);
  }

  #hasChanged(transition: ModelTransition): boolean {
    return this.time().some((tick, index) => tick !== transition.timeBefore[index]);
  }

  #queueAuto(): void {
    const isRemoved = (name: string) =>
      this.#active.some((other) => this.#rules.states.get(other)!.remove.includes(name));
    const states = this.#rules.names.filter((name) =>
      this.#rules.states.get(name)!.auto && !this.is([name]) && !isRemoved(name)
    );
    if (states.length === 0) return;
    this.#prepend({ type: "add", states, args: {}, isAuto: true, isCheck: false, queueTick: 0 });
  }

  #resultOf(transition: ModelTransition, ok: boolean): number {
    const { mutation, targetStates, statesBefore } = transition;
    if (!ok) return CANCELED;
    if (mutation.isCheck) return EXECUTED;
    if (mutation.type === "remove") return mutation.states.some((name) => this.is([name])) ? CANCELED : EXECUTED;
    if (mutation.isAuto) return targetStates.length > statesBefore.length ? EXECUTED : CANCELED;
    return this.is(targetStates) ? EXECUTED : CANCELED;
  }

  #setActive(called: readonly string[], target: readonly string[]): void {
    this.#ticks = this.#ticksWith(called, target);
    this.#active = [...target];
  }

  /** The ticks that all states would have with other active states. */
  #ticksWith(called: readonly string[], target: readonly string[]): Map<string, number> {
    const ticks = new Map(this.#ticks);
    const move = (name: string, by: number) => ticks.set(name, (ticks.get(name) ?? 0) + by);
    for (const name of target) {
      if (!this.is([name])) move(name, 1);
      else if (called.includes(name) && this.#rules.states.get(name)!.multi) move(name, 2);
    }
    for (const name of without(this.#active, target)) move(name, 1);
    return ticks;
  }

  // Handlers

  /** Call all negotiation handlers; the answer is whether they let the transition pass. */
  #negotiate(transition: ModelTransition): boolean {
    const { mutation, exits, enters, statesBefore } = transition;
    // In an auto transition, an auto state that is refused is left out, and the others go on.
    const drop = (name: string) => {
      if (!mutation.isAuto || !this.#rules.states.get(name)!.auto) return false;
      transition.targetStates = without(transition.targetStates, [name]);
      return true;
    };
    for (const name of exits) {
      if (!this.#call(transition, `${name}Exit`)) return false;
    }
    for (const name of enters) {
      if (!this.#call(transition, `${name}Enter`) && !drop(name)) return false;
    }
    if (mutation.type !== "remove" && !this.#callSelves(transition, drop)) return false;
    for (const from of statesBefore) {
      for (const to of [...transition.targetStates]) {
        if (from !== to && !this.#call(transition, `${from}${to}`) && !drop(to)) return false;
      }
    }
    if (mutation.isAuto && transition.targetStates.length === 0) return false;
    return this.#call(transition, "AnyEnter");
  }

  #callSelves(transition: ModelTransition, drop: (name: string) => boolean): boolean {
    const list: (string | null)[] = [...transition.targetStates];
    for (let i = 0; i < list.length; i++) {
      const name = list[i];
      if (typeof name !== "string" || !this.is([name])) continue;
      if (this.#call(transition, `${name}${name}`)) continue;
      if (!drop(name)) return false;
      // The original closes the gap in the list it walks, and so passes over the next one.
      list.splice(i, 1);
      list.push(null);
    }
    return true;
  }

  /** Call the End and State handlers; the answer is whether none threw. */
  #callFinals(transition: ModelTransition): boolean {
    const { exits, enters } = transition;
    const finals = [
      ...exits.map((name) => ({ handler: `${name}End`, undo: [] })),
      ...enters.map((name, index) => ({ handler: `${name}State`, undo: enters.slice(index) })),
    ];
    for (const { handler, undo } of finals) {
      if (this.#call(transition, handler, undo)) continue;
      this.#undo(undo);
      return false;
    }
    return true;
  }

  /** Call one handler of each binding; a final handler comes with the states that go out again when it throws. */
  #call(transition: ModelTransition, name: string, undo: readonly string[] | null = null): boolean {
    let threw = false;
    for (const binding of this.#bindings) {
      if (!Object.hasOwn(binding.handlers, name)) continue;
      for (const tracer of this.#tracers) tracer.handlerStart?.(transition, binding.id, name);
      let answer: unknown = false;
      if (transition.accepted && !transition.completed) {
        try {
          answer = binding.handlers[name]!({ name, args: transition.mutation.args, transition }) ?? true;
        } catch (error) {
          threw = true;
          this.#recover(transition, name, error, undo ?? []);
        }
      }
      const isNegotiation = !name.endsWith("State") && !name.endsWith("End");
      if (isNegotiation && answer !== true) return false;
    }
    return !threw;
  }

  /** A handler threw: the transition is over, and Exception comes next. */
  #recover(transition: ModelTransition, handler: string, thrown: unknown, undo: readonly string[]): void {
    const { mutation, statesBefore } = transition;
    if (mutation.states.includes("Exception")) return;
    const error = thrown instanceof Error ? thrown : new Error("Not an error", { cause: thrown });
    this.err = error;
    this.#undo(undo);
    transition.accepted = false;
    transition.completed = true;
    const args = { error, panic: { calledStates: mutation.states, statesBefore, handler } };
    this.#prepend({ type: "add", states: ["Exception"], args, isAuto: false, isCheck: false, queueTick: 0 });
  }

  /** Take out what entered and was not handled yet; what exited stays out. */
  #undo(states: readonly string[]): void {
    this.#setActive([], without(this.#active, states));
  }
}

/** The engine has one of the same name. */
class SchemaError extends Error {
  override name = "SchemaError";
}

/** Pulse states don't wake auto states. */
function isHealth(mutation: ModelMutation): boolean {
  return mutation.type === "add" && mutation.states.length === 1 &&
    (mutation.states[0] === "Healthcheck" || mutation.states[0] === "Heartbeat");
}
