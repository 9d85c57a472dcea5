/**
 * Events as text of an event stream, made once for all readers who want the same.
 *
 * @module
 */
import { type Filter, limitLog, matches } from "./_filter.ts";
import type { Dropped, EventGap, StoredEvent } from "./_store.ts";

/** Why a reader does not get events: the store had dropped them, or the id it resumed from is of another numbering. */
export type GapReason = "dropped" | "epoch";

/** What some readers want. It is one object for all of them, so that what is made for one can be given to the others. */
export interface Selection {
  /** The filter. */
  readonly filter: Filter;
}

/** Text of a part of the stream is cut here, so that a reader who is slow holds little. */
export const FRAME_BYTES = 65_536;

const encoder = new TextEncoder();

/** Where a batch lies in the stream. */
export interface BatchRange {
  /** Number of its first event. */
  readonly first: number;
  /** Number of its last event. */
  readonly last: number;
}

/** What was published in a row. */
export class Batch implements BatchRange {
  readonly first: number;
  readonly last: number;
  /** How many characters its lines have. */
  readonly size: number;
  readonly #epoch: string;
  readonly #events: readonly StoredEvent[];
  readonly #dropped: readonly Dropped[];
  readonly #frames: Map<Selection, Uint8Array> = new Map();
  #byMachine: Map<string, StoredEvent[]> | undefined;

  /** Make it of the events in a range that some reader may want. */
  constructor(
    epoch: string,
    { first, last }: BatchRange,
    events: readonly StoredEvent[],
    dropped: readonly Dropped[],
  ) {
    this.first = first;
    this.last = last;
    this.size = events.reduce((sum, event) => sum + event.line.length, 0);
    this.#epoch = epoch;
    this.#events = events;
    this.#dropped = dropped;
  }

  /** How often text was made of it. */
  get encodings(): number {
    return this.#frames.size;
  }

  /** The text of what a selection wants; the same bytes for each reader of it. */
  framesFor(selection: Selection): Uint8Array {
    let frames = this.#frames.get(selection);
    if (frames === undefined) this.#frames.set(selection, frames = this.#encode(selection.filter, 0));
    return frames;
  }

  /** The text of what a selection wants, behind an event in its midst. */
  framesAfter(n: number, selection: Selection): Uint8Array {
    return this.#encode(selection.filter, n);
  }

  #encode(filter: Filter, after: number): Uint8Array {
    let text = "";
    for (const event of this.#candidates(filter)) {
      if (event.n > after && matches(filter, event)) text += frameOf(this.#epoch, event, filter);
    }
    for (const dropped of this.#dropped) {
      const { machine } = filter;
      if (machine === undefined || machine === dropped.id || machine === dropped.instance) {
        text += droppedFrame(dropped);
      }
    }
    return encoder.encode(text);
  }

  /** With many machines and a reader for each, looking at every event for every reader is what would cost most. */
  #candidates({ machine }: Filter): readonly StoredEvent[] {
    if (machine === undefined) return this.#events;
    if (this.#byMachine === undefined) {
      this.#byMachine = new Map();
      for (const event of this.#events) {
        const { instance, id } = event.machine;
        for (const name of instance === id ? [id] : [instance, id]) {
          const events = this.#byMachine.get(name);
          if (events === undefined) this.#byMachine.set(name, [event]);
          else events.push(event);
        }
      }
    }
    return this.#byMachine.get(machine) ?? [];
  }
}

/** The id of an event, by which a reader resumes. */
export function idOf(epoch: string, n: number): string {
  return `${epoch}-${n}`;
}

/** One event. */
export function frameOf(epoch: string, { n, line, record }: StoredEvent, { level }: Filter): string {
  const limited = limitLog(record, level);
  return `id: ${epoch}-${n}\ndata: ${limited === record ? line : JSON.stringify(limited)}\n\n`;
}

/**
 * What a reader does not get. It has no id: whoever breaks off after it asks for the same place, and is told again.
 *
 * @param gap Which events, as far as that is known.
 */
export function gapFrame(gap: EventGap | undefined, reason: GapReason): string {
  return `event: gap\ndata: ${JSON.stringify({ reason, ...gap })}\n\n`;
}

/** The beginning: how soon to come again, and from where if nothing else comes. */
export function openingFrame(epoch: string, n: number, retryMs: number): string {
  return `retry: ${retryMs}\nid: ${idOf(epoch, n)}\n\n`;
}

/** A comment, so that both ends see that the other is there; and where the reader stands, if it got nothing of late. */
export function heartbeatFrame(id: string | undefined): string {
  return id === undefined ? ": heartbeat\n\n" : `: heartbeat\nid: ${id}\n\n`;
}

/** The end, when the server stops. */
export function byeFrame(): string {
  return 'event: bye\ndata: {"reason":"shutdown"}\n\n';
}

/** The end, for a reader who wants what there is and no more. */
export function endFrame(): string {
  return "event: end\ndata: {}\n\n";
}

function droppedFrame(dropped: Dropped): string {
  return `event: dropped\ndata: ${JSON.stringify(dropped)}\n\n`;
}
