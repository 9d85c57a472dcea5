/**
 * Replays a vector on a machine, through the public API only, and says where it differs from the original.
 *
 * @module
 */

import {
  type Binding as MachineBinding,
  type Event,
  Machine,
  type MachineApi,
  type Mutation,
  type Schema,
  type Tracer,
  type Transition,
} from "@asyncmachine/asyncmachine";
import { ask } from "./_ask.ts";
import { compare, type Difference, type Observation, type ObservedTx } from "./_compare.ts";
import { type Binding, joinStates, splitStates, type Step, type Sub, type Vector } from "./vectors.ts";

export { type Difference, report } from "./_compare.ts";

/**
 * Replay a vector and compare everything that was recorded.
 *
 * @returns The differences, step by step; empty when the machine does what the original did.
 */
export async function replay(vector: Vector): Promise<Difference[]> {
  return compare(vector, await new Replay(vector).run());
}

/** A promise under watch. */
interface Wait {
  id: string;
  /** Settled, either way. */
  done: boolean;
  /** Settled already when the machine returned it. */
  atOnce: boolean;
}

/** A state signal under watch. */
interface StateWait {
  id: string;
  signal: AbortSignal;
  /** Reported, or aborted when the machine returned it. */
  listed: boolean;
}

/** A wait that a step made inside a handler gets its line once microtasks told whether it was done at once. */
type TraceLine = string | Wait;

class Replay {
  readonly #vector: Vector;
  readonly #machine: Machine<Schema>;
  readonly #bindings = new Map<string, MachineBinding>();
  readonly #contexts = new Map<string, AbortController>();
  #openWaits: Wait[] = [];
  #stateWaits: StateWait[] = [];
  #trace: TraceLine[] = [];
  #txs: ObservedTx[] = [];
  /** Transitions that began in this step. */
  #begun = 0;
  /** The last handler that the tracer heard of. */
  #started = "";

  constructor(vector: Vector) {
    this.#vector = vector;
    this.#machine = new Machine<Schema>(vector.schema, {
      queueLimit: vector.queueLimit,
      tracers: [this.#tracer()],
    });
    this.#machine.verifyStates(splitStates(vector.states));
    for (const binding of vector.handlers ?? []) {
      if (!binding.late) this.#bind(binding);
    }
  }

  async run(): Promise<Observation[]> {
    const observed: Observation[] = [];
    for (const step of this.#vector.steps) observed.push(await this.#observe(step));
    return observed;
  }

  async #observe(step: Step): Promise<Observation> {
    for (const id of step.cancel ?? []) this.#context(id).abort();
    const made: Wait[] = [];
    const expiredImm: string[] = [];
    const r = await attempt(() => {
      for (const sub of step.subs ?? []) made.push(this.#subscribe(sub));
      for (const { id, s } of step.ctxs ?? []) {
        if (this.#takeStateSignal(id, s).listed) expiredImm.push(id);
      }
      return this.#perform(step);
    });
    await settle();
    const imm = made.filter((wait) => wait.atOnce).map(({ id }) => id);
    const fired = this.#takeFired();
    const expired = this.#takeExpired();
    const checks = (step.checks ?? []).map((question) => ask(this.#machine, question));
    return {
      r,
      ...this.#readMachine(),
      imm: joinStates(imm),
      fired: joinStates(fired),
      expiredImm: joinStates(expiredImm),
      expired: joinStates(expired),
      checks,
      ...this.#takeTrace(),
    };
  }

  #readMachine() {
    const machine = this.#machine;
    const clock = machine.time();
    return {
      active: joinStates(machine.activeStates()),
      clock,
      sum: clock.reduce((sum, tick) => sum + tick, 0),
      qtick: machine.queueTick,
      err: machine.err?.message,
      disposed: machine.disposed,
    };
  }

  /** Do a step from outside of the machine. */
  async #perform(step: Step): Promise<number> {
    const machine = this.#machine;
    switch (step.op) {
      case "eval":
        return Number(await machine.eval("script", () => this.#performAll(step.do ?? [])));
      case "dispose":
        await machine.dispose();
        return 0;
      case "bind":
        return this.#succeeds(() => this.#bind(this.#vector.handlers?.find(({ id }) => id === step.bind)));
      case "detach":
        return this.#succeeds(() => this.#detach(step.bind));
      default:
        return this.#call(step);
    }
  }

  /** Do steps inside a handler, or inside an eval when there is no event. */
  #performAll(steps: readonly Step[], event?: Event): void {
    for (const step of steps) {
      const [sub] = step.subs ?? [];
      const [context] = step.ctxs ?? [];
      if (step.op === "sub" && sub) this.#trace.push(this.#subscribe(sub));
      else if (step.op === "ctx" && context) {
        this.#trace.push(`r:${Number(this.#takeStateSignal(context.id, context.s).listed)}`);
      } else this.#trace.push(`r:${this.#call(step, event)}`);
    }
  }

  /** Call one method of the machine and give its result as a number. */
  #call({ op, s, args, err }: Step, event?: Event): number {
    const machine = this.#machine;
    const states = oneOrMany(splitStates(s));
    switch (op) {
      case "add":
        return machine.add(states, args);
      case "evAdd":
        return machine.add(states, args, { from: event });
      case "remove":
        return machine.remove(states, args);
      case "evRemove":
        return machine.remove(states, args, { from: event });
      case "set":
        return machine.set(states, args);
      case "toggle":
        return machine.toggle(states, args);
      case "addErr":
        return machine.addErr(err === undefined ? undefined : new Error(err));
      case "addErrState":
        return machine.addErr(new Error(err), undefined, { state: s });
      case "canAdd":
        return machine.canAdd(states, args);
      case "canRemove":
        return machine.canRemove(states, args);
      case "is":
        return Number(machine.is(states));
      case "willBe":
        return Number(machine.willBe(states));
      case "willBeRemoved":
        return Number(machine.willBeRemoved(states));
      case "queueLen":
        return machine.queueLength;
      default:
        throw new TypeError(`Cannot do "${op}": there is no such step here`);
    }
  }

  #succeeds(act: () => void): number {
    try {
      act();
      return 0;
    } catch {
      return 1;
    }
  }

  #bind(binding: Binding | undefined): void {
    if (binding === undefined) throw new TypeError("Cannot bind handlers: the vector has no such binding");
    const handlers = Object.fromEntries(Object.keys(binding.fns).map((name) => [name, this.#handler(binding, name)]));
    this.#bindings.set(binding.id, this.#machine.bindHandlers(handlers, { id: binding.id }));
  }

  #detach(id = ""): void {
    const binding = this.#bindings.get(id);
    if (binding === undefined) throw new TypeError(`Cannot detach "${id}": it is not bound`);
    this.#bindings.delete(id);
    binding.detach();
  }

  #handler(binding: Binding, name: string): (event: Event) => boolean {
    const { calls = [], thenFalse = false } = binding.fns[name] ?? {};
    let count = 0;
    return (event) => {
      this.#trace.push(this.#handlerLine(`${binding.id}:${name}`, event));
      const behaviour = calls[count++];
      if (behaviour === undefined) return !thenFalse;
      this.#performAll(behaviour.do ?? [], event);
      if (behaviour.panic !== undefined) throw new Error(behaviour.panic);
      return !behaviour.false;
    };
  }

  #handlerLine(handler: string, { args }: Event): string {
    const line = handler === this.#started ? `h:${handler}` : `h:${handler}, traced as ${this.#started || "none"}`;
    const { error, panic } = args as { error?: Error; panic?: { calledStates: string[]; statesBefore: string[] } };
    if (error === undefined) return line;
    if (panic === undefined) return `${line}|${error.message}`;
    return `${line}|${error.message}|${joinStates(panic.calledStates)}|${joinStates(panic.statesBefore)}`;
  }

  #tracer(): Tracer {
    return {
      mutationQueued: (_machine: MachineApi, { type, states, queueTick, isAuto, isCheck }: Mutation) => {
        const suffix = isAuto ? ":auto" : isCheck ? ":check" : "";
        this.#trace.push(`q:${type}:${joinStates(states)}:${queueTick}${suffix}`);
      },
      transitionInit: () => {
        this.#trace.push(`t${this.#begun++}`);
      },
      handlerStart: (_transition: Transition, binding: string, name: string) => {
        this.#started = `${binding}:${name}`;
      },
      transitionEnd: (transition: Transition) => {
        this.#trace.push(`e${this.#begun - 1}`);
        this.#txs.push(describeTransition(transition));
      },
      queueEnd: () => {
        this.#trace.push("qe");
      },
    };
  }

  #takeTrace(): { trace: string[]; txs: ObservedTx[] } {
    const trace = this.#trace.map((line) => typeof line === "string" ? line : `r:${Number(line.atOnce)}`);
    const txs = this.#txs;
    this.#trace = [];
    this.#txs = [];
    this.#begun = 0;
    return { trace, txs };
  }

  #context(id: string): AbortController {
    let context = this.#contexts.get(id);
    if (context === undefined) {
      context = new AbortController();
      this.#contexts.set(id, context);
    }
    return context;
  }

  #subscribe(sub: Sub): Wait {
    const wait: Wait = { id: sub.id, done: false, atOnce: false };
    let returned = false;
    const settled = () => {
      wait.done = true;
      wait.atOnce = !returned;
    };
    // Microtasks run in order: a promise that was settled when it came back calls `settled` before this one sets `returned`.
    this.#waitFor(sub).then(settled, settled);
    Promise.resolve().then(() => returned = true);
    this.#openWaits.push(wait);
    return wait;
  }

  #waitFor({ kind, s, times = [], n = 0, args = {}, ctx }: Sub): Promise<unknown> {
    const machine = this.#machine;
    const list = splitStates(s);
    const states = oneOrMany(list);
    const options = { signal: ctx === undefined ? undefined : this.#context(ctx).signal };
    switch (kind) {
      case "when":
        return machine.when(states, options);
      case "whenNot":
        return machine.whenNot(states, options);
      case "whenTime":
        return machine.whenTime(list, times, options);
      case "whenTicks":
        return machine.whenTicks(s ?? "", n, options);
      case "whenNextActive":
        return machine.whenNextActive(s ?? "", options);
      case "whenArgs":
        return machine.whenArgs(s ?? "", args, options);
      case "whenErr":
        return machine.whenErr(options);
      case "whenQueue":
        return machine.whenQueue(machine.queueTick + n, options);
      case "whenQueueEnds":
        return machine.whenQueueEnds(options);
      case "whenQuery":
        return machine.whenQuery((clock) => list.every((name, i) => (clock[name] ?? 0) >= (times[i] ?? 0)), options);
      default:
        throw new TypeError(`Cannot wait for "${kind}": there is no such subscription`);
    }
  }

  /** The waits that are done and were not before, each once; those that were done at once are told elsewhere. */
  #takeFired(): string[] {
    const done = this.#openWaits.filter((wait) => wait.done);
    this.#openWaits = this.#openWaits.filter((wait) => !wait.done);
    return done.filter((wait) => !wait.atOnce).map(({ id }) => id).toSorted();
  }

  #takeStateSignal(id: string, state: string): StateWait {
    const signal = this.#machine.stateSignal(state);
    const wait: StateWait = { id, signal, listed: signal.aborted };
    this.#stateWaits.push(wait);
    return wait;
  }

  /** The state signals that are aborted and were not before, each once. */
  #takeExpired(): string[] {
    const expired = this.#stateWaits.filter(({ signal, listed }) => signal.aborted && !listed);
    for (const wait of expired) wait.listed = true;
    return expired.map(({ id }) => id).toSorted();
  }
}

function describeTransition(transition: Transition): ObservedTx {
  const { mutation, accepted, targetStates, enters, exits, timeBefore, timeAfter } = transition;
  return {
    m: mutation.type,
    called: joinStates(mutation.states),
    auto: mutation.isAuto,
    check: mutation.isCheck,
    ok: accepted,
    target: joinStates(targetStates),
    enters: joinStates(enters),
    exits: joinStates(exits),
    before: [...timeBefore],
    after: [...timeAfter],
  };
}

/** What a user writes: one name as it is. */
function oneOrMany(names: string[]): string | string[] {
  const [first] = names;
  return names.length === 1 && first !== undefined ? first : names;
}

async function attempt(act: () => Promise<number>): Promise<number | string> {
  try {
    return await act();
  } catch (error) {
    return `threw ${error}`;
  }
}

/** Let a few microtasks run, so that whatever hangs on a settled promise is seen. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await undefined;
}
