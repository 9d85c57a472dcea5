import type { Core } from "./_core.ts";
import { OPS } from "./_log.ts";
import type { TransitionRecord } from "./_record.ts";
import { catchRejection } from "./_rejection.ts";
import type { MachineApi } from "./api.ts";
import { messageOf, toError } from "./errors.ts";
import type { Event, FinalEvent } from "./event.ts";
import type { Mutation } from "./mutation.ts";

/** What a negotiation handler receives. */
export class HandlerEvent implements Event {
  readonly name: string;
  readonly transition: TransitionRecord;
  readonly #core: Core;

  constructor(core: Core, transition: TransitionRecord, name: string) {
    this.name = name;
    this.transition = transition;
    this.#core = core;
  }

  get machine(): MachineApi {
    return this.#core.machine;
  }

  get args(): Readonly<Record<string, unknown>> {
    return this.transition.mutation.args;
  }

  get mutation(): Mutation {
    return this.transition.mutation;
  }

  get isCheck(): boolean {
    return this.transition.mutation.isCheck;
  }

  isValid(): boolean {
    return this.#core.transition === this.transition && !this.transition.completed && this.transition.accepted;
  }

  /** Look after what an async handler returned: a rejection is an error of the machine, for as long as it matters. */
  own(promise: PromiseLike<unknown>): void {
    catchRejection(promise, (reason) => this.#onRejected(toError(reason)));
  }

  /** Whether what the handler started still matters. */
  protected isLive(): boolean {
    return !this.#core.isDisposing;
  }

  #onRejected(error: Error): void {
    const core = this.#core;
    if (!this.isLive()) {
      core.log.write(OPS, `[handler:dropped] ${this.name} (${messageOf(error)})`);
      return;
    }
    core.addErrOfNobody(error);
  }
}

/** What a final handler receives. */
export class FinalHandlerEvent extends HandlerEvent implements FinalEvent {
  readonly #core: Core;
  /** The state whose activation it belongs to; null in `FooEnd` and `AnyState`. */
  readonly #state: string | null;
  /** That state's tick. */
  readonly #tick: number;

  /** @param owner The state that is entered, -1 in `FooEnd` and `AnyState`. */
  constructor(core: Core, transition: TransitionRecord, name: string, owner: number) {
    super(core, transition, name);
    this.#core = core;
    this.#state = owner < 0 ? null : core.plan.names[owner]!;
    this.#tick = owner < 0 ? 0 : core.clock[owner]!;
  }

  get signal(): AbortSignal {
    if (this.#state === null) return this.#core.signal;
    return this.#core.stateSignal(this.#index(this.#state), this.#tick);
  }

  protected override isLive(): boolean {
    if (!super.isLive()) return false;
    return this.#state === null || this.#core.clock[this.#index(this.#state)] === this.#tick;
  }

  /** The state's place now: another schema may have moved it. */
  #index(state: string): number {
    return this.#core.plan.indexByName.get(state)!;
  }
}
