import type { TransitionSink } from "./_core.ts";
import { rejectedPromise } from "./_rejection.ts";
import type { TransitionRecord } from "./_record.ts";
import type { MachineApi, TransitionItem } from "./api.ts";

/** What a {@linkcode TransitionStream} is made with. */
export interface StreamOptions {
  /** How many transitions are kept for a reader that is behind. */
  readonly limit: number;
  /** States of which a transition has to call, enter or leave one; null for all transitions. */
  readonly states: ReadonlySet<string> | null;
  readonly signal: AbortSignal | undefined;
  /** Called once, when the stream takes no more transitions. */
  readonly onClose: () => void;
}

type Item = TransitionItem<MachineApi>;

/** A reader that waits for the next transition. */
interface Reader {
  resolve(result: IteratorResult<Item, undefined>): void;
  reject(reason: unknown): void;
}

const DONE: IteratorResult<Item, undefined> = { done: true, value: undefined };

/**
 * The transitions of a machine, for one reader.
 *
 * Kept from the call on, in a bounded buffer: when it is full the oldest go, and the next item says how many.
 */
export class TransitionStream implements AsyncIterableIterator<Item, undefined>, TransitionSink {
  readonly #options: StreamOptions;
  readonly #onAbort: () => void;
  #buffer: TransitionRecord[] = [];
  #readers: Reader[] = [];
  #dropped = 0;
  #isClosed = false;
  /** What the next read gets, once; null when it does not fail. */
  #failure: Promise<never> | null = null;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#onAbort = () => this.#fail(options.signal!.reason);
    if (options.signal?.aborted) this.#fail(options.signal.reason);
    else options.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Take a transition in, if it is about the wanted states. */
  push(record: TransitionRecord): void {
    if (!this.#isWanted(record)) return;
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader.resolve({ done: false, value: this.#itemOf(record) });
      return;
    }
    this.#buffer.push(record);
    if (this.#buffer.length <= this.#options.limit) return;
    this.#buffer.shift();
    this.#dropped++;
  }

  next(): Promise<IteratorResult<Item, undefined>> {
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) return failure;
    const record = this.#buffer.shift();
    if (record !== undefined) return Promise.resolve({ done: false, value: this.#itemOf(record) });
    if (this.#isClosed) return Promise.resolve(DONE);
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  /** End the reading: what is kept is dropped. */
  return(): Promise<IteratorResult<Item, undefined>> {
    this.#buffer = [];
    this.#failure = null;
    this.close();
    return Promise.resolve(DONE);
  }

  /** Take no more transitions; what is kept can still be read. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    for (const reader of this.#readers.splice(0)) reader.resolve(DONE);
    this.#options.onClose();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #fail(reason: unknown): void {
    this.#buffer = [];
    const reader = this.#readers.shift();
    if (reader === undefined) this.#failure = rejectedPromise(reason);
    else reader.reject(reason);
    this.close();
  }

  #itemOf(transition: TransitionRecord): Item {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return { transition, dropped };
  }

  #isWanted({ plan, mutation, entering, exiting }: TransitionRecord): boolean {
    const { states } = this.#options;
    if (states === null) return true;
    const isWanted = (state: number) => states.has(plan.names[state]!);
    return mutation.called.some(isWanted) || entering.some(isWanted) || exiting.some(isWanted);
  }
}
