/**
 * Which machine each event of the stream is of.
 *
 * @module
 */

/** Events of which one chunk knows the machines. */
const CHUNK_EVENTS = 4096;

interface Chunk {
  readonly slots: Uint32Array;
  /** How many of its events are here. */
  live: number;
}

/** The order of the events of all machines: the slot of each machine by the number of the event. */
export class EventOrder {
  readonly #chunks = new Map<number, Chunk>();
  #size = 0;

  /** How many events there are. */
  get size(): number {
    return this.#size;
  }

  /** Bytes that it takes, about. */
  get bytes(): number {
    return this.#chunks.size * (4 * CHUNK_EVENTS + 300);
  }

  /** Append an event. */
  push(n: number, slot: number): void {
    const number = Math.floor(n / CHUNK_EVENTS);
    let chunk = this.#chunks.get(number);
    if (chunk === undefined) this.#chunks.set(number, chunk = { slots: new Uint32Array(CHUNK_EVENTS), live: 0 });
    chunk.slots[n % CHUNK_EVENTS] = slot;
    chunk.live++;
    this.#size++;
  }

  /** The slot of the machine of an event, which may be dropped; 0 if that is not known any more. */
  slotOf(n: number): number {
    return this.#chunks.get(Math.floor(n / CHUNK_EVENTS))?.slots[n % CHUNK_EVENTS] ?? 0;
  }

  /** Drop an event that is here. */
  drop(n: number): void {
    const number = Math.floor(n / CHUNK_EVENTS);
    const chunk = this.#chunks.get(number)!;
    this.#size--;
    if (--chunk.live === 0) this.#chunks.delete(number);
  }

  /** The last number that is dropped for sure, if `n` is: `n` itself, or that of the chunk's end if all of it is gone. */
  skip(n: number): number {
    const number = Math.floor(n / CHUNK_EVENTS);
    return this.#chunks.has(number) ? n : (number + 1) * CHUNK_EVENTS - 1;
  }
}
