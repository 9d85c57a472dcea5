import { isEmptyArgs, type MutationCode, type MutationRecord } from "./mutation.ts";

/** A function that waits to run between two transitions. */
export interface EvalItem {
  /** Run it, or drop it. */
  readonly run: () => void;
  readonly drop: () => void;
}

export type QueueItem = MutationRecord | EvalItem;

/** Tell a function from a mutation. */
export function isEval(item: QueueItem): item is EvalItem {
  return "run" in item;
}

/** Whether two lists, which name none twice, have the same states. */
function isSameSet(some: readonly number[], others: readonly number[]): boolean {
  if (some === others) return true; // the list of a single state is one for all
  if (some.length !== others.length) return false;
  for (let i = 0; i < some.length; i++) if (!others.includes(some[i]!)) return false;
  return true;
}

/** One of 32 bits for a list of states: lists of the same ones, in whatever order, have the same bit. */
function bitOf(called: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < called.length; i++) sum += called[i]!;
  return 1 << sum;
}

/** A ring without room. Never written to: it is replaced before. */
const NO_ITEMS: (QueueItem | undefined)[] = [];

/** How many mutations of `Exception` may pass a full queue: enough for any program, and no way to fill the memory. */
const EXEMPT = 1000;

/**
 * What waits to run, in a ring: both ends are as cheap as each other, since checks, auto mutations and errors go in front.
 *
 *     items  [ c | d | - | - | a | b ]    head = 4, length = 4: a b c d
 */
export class MutationQueue {
  /** How many mutations may wait. */
  readonly limit: number;
  /** Goes up by one as each appended mutation is taken; 1 at first. */
  tick = 1;
  #items: (QueueItem | undefined)[] = NO_ITEMS;
  #head = 0;
  #length = 0;
  /** Appended mutations that wait: each has its tick. */
  #pending = 0;
  #token = 0;
  /** The bits of all mutations that wait, and of some that did: most that are no duplicates are told by that. */
  #bits = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get length(): number {
    return this.#length;
  }

  get isFull(): boolean {
    return this.#length >= this.limit;
  }

  /** Whether even what may pass a full queue has to stay out. */
  get isOverfull(): boolean {
    return this.#length >= this.limit + EXEMPT;
  }

  /** Append a mutation and give it its queue tick. */
  append(mutation: MutationRecord): void {
    this.#reserve();
    this.#items[(this.#head + this.#length++) & (this.#items.length - 1)] = mutation;
    mutation.queueTick = ++this.#pending + this.tick;
    this.#describe(mutation);
  }

  /** Put a mutation in front; it has no queue tick, but a token. */
  prepend(mutation: MutationRecord): void {
    this.prependEval(mutation);
    mutation.queueToken = ++this.#token;
    this.#describe(mutation);
  }

  /** Count a mutation that would be appended to an empty queue and taken at once. */
  passAppended(): void {
    this.tick++;
  }

  /** The same for one that there is a record of: it gets what it would have in the queue. */
  pass(mutation: MutationRecord): void {
    mutation.queueLength = 1;
    mutation.queueTickNow = this.tick;
    mutation.queueTick = ++this.tick;
  }

  /** Count a mutation that would be put in front and taken at once. */
  passPrepended(): void {
    this.#token++;
  }

  /** Put a function in front. */
  prependEval(item: QueueItem): void {
    this.#reserve();
    this.#head = (this.#head - 1) & (this.#items.length - 1);
    this.#items[this.#head] = item;
    this.#length++;
  }

  /** Take the next item; an appended mutation moves the tick. */
  shift(): QueueItem | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#items[this.#head]!;
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#items.length - 1);
    this.#length--;
    if (!isEval(item) && item.queueTick > 0) {
      this.#pending--;
      this.tick++;
    }
    return item;
  }

  /** Drop all that waits. The tick moves past the dropped mutations, so that nobody waits for them for ever. */
  clear(): void {
    for (let item = this.shift(); item !== undefined; item = this.shift()) {
      if (isEval(item)) item.drop();
    }
    this.#items = NO_ITEMS;
    this.#head = 0;
  }

  /** The item at a place, 0 for the next one. */
  at(place: number): QueueItem {
    return this.#items[(this.#head + place) & (this.#items.length - 1)]!;
  }

  /** Tell whether a mutation without arguments of this type and these states, in any order, waits already. */
  hasDuplicate(code: MutationCode, called: readonly number[]): boolean {
    if ((this.#bits & bitOf(called)) === 0) return false;
    for (let place = 0; place < this.#length; place++) {
      const item = this.at(place);
      if (isEval(item) || item.code !== code || !isSameSet(item.called, called)) continue;
      if (!item.isCheck && isEmptyArgs(item.args)) return true;
    }
    return false;
  }

  #describe(mutation: MutationRecord): void {
    if (this.#length === 1) this.#bits = 0; // nothing else waits
    this.#bits |= bitOf(mutation.called);
    mutation.queueLength = this.#length;
    mutation.queueTickNow = this.tick;
  }

  /** Make room for one more item; the ring's size is a power of two. */
  #reserve(): void {
    const size = this.#items.length;
    if (this.#length < size) return;
    const grown: (QueueItem | undefined)[] = new Array(Math.max(4, size * 2)).fill(undefined);
    for (let place = 0; place < this.#length; place++) grown[place] = this.at(place);
    this.#items = grown;
    this.#head = 0;
  }
}
