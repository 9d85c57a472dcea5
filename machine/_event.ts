import type { Core } from "./_core.ts";
import { OPS } from "./_log.ts";
import { ownerOf, type TransitionRecord } from "./_record.ts";
import { catchRejection } from "./_rejection.ts";
import type { MachineApi } from "./api.ts";
import { messageOf, toError } from "./errors.ts";
import type { Event, FinalEvent } from "./event.ts";
import type { Mutation } from "./mutation.ts";

// Fields of what is made for each mutation, or for each call, are declared: as plain ones they would be set to undefined first,
// which took a tenth of the time that mutations with handlers take.

/** What a negotiation handler receives. */
export class HandlerEvent implements Event {
  declare readonly name: string;
  declare readonly transition: TransitionRecord;

  constructor(transition: TransitionRecord, name: string) {
    this.name = name;
    this.transition = transition;
  }

  get machine(): MachineApi {
    return this.transition.machine;
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
    return coreOf(this).transition === this.transition && !this.transition.completed && this.transition.accepted;
  }

  /** Look after what an async handler returned: a rejection is an error of the machine, for as long as it matters. */
  own(promise: PromiseLike<unknown>): void {
    catchRejection(promise, (reason) => onRejected(this, toError(reason)));
  }

  /** Whether what the handler started still matters. */
  isLive(): boolean {
    return !coreOf(this).isDisposing;
  }
}

/** What a final handler receives. */
export class FinalHandlerEvent extends HandlerEvent implements FinalEvent {
  /** The state whose activation it belongs to, by its place in the transition; -1 in `FooEnd` and `AnyState`. */
  readonly #owner: number;

  /** @param owner The state that is entered, -1 in `FooEnd` and `AnyState`. */
  constructor(transition: TransitionRecord, name: string, owner: number) {
    super(transition, name);
    this.#owner = owner;
  }

  get signal(): AbortSignal {
    const core = coreOf(this);
    return this.#owner < 0
      ? core.signal
      : core.stateSignal(ownerNow(core, this, this.#owner), tickOf(this, this.#owner));
  }

  override isLive(): boolean {
    if (!super.isLive()) return false;
    const core = coreOf(this);
    return this.#owner < 0 || core.clock[ownerNow(core, this, this.#owner)] === tickOf(this, this.#owner);
  }
}

// Private methods, and fields for what can be worked out, would add to the size of every event.

function coreOf({ transition }: HandlerEvent): Core {
  return ownerOf(transition) as Core;
}

function onRejected(event: HandlerEvent, error: Error): void {
  const core = coreOf(event);
  if (event.isLive()) core.addErrOfNobody(error);
  else core.log.write(OPS, `[handler:dropped] ${event.name} (${messageOf(error)})`);
}

/** The owner's place now: another schema may have moved it. */
function ownerNow({ plan }: Core, { transition }: HandlerEvent, owner: number): number {
  return plan.indexByName.get(transition.plan.names[owner]!)!;
}

/** The tick that began with the owner's activation. */
function tickOf({ transition }: HandlerEvent, owner: number): number {
  return transition.move.time()[owner]!;
}
