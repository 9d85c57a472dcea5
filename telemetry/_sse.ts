/**
 * The event stream of one reader: it is made as it is read, so that nothing queues up behind a connection that is slow.
 *
 * @module
 */
import type { Feed, FeedReader } from "./_feed.ts";
import {
  byeFrame,
  endFrame,
  FRAME_BYTES,
  gapFrame,
  heartbeatFrame,
  idOf,
  openingFrame,
  type Selection,
} from "./_frames.ts";

/** Where a reader begins. */
export interface StartPlace {
  /** Number of the last event that it has. */
  readonly after: number;
  /** Whether it asked for a place that is none of this numbering. */
  readonly isLost: boolean;
}

/** What a stream is made of. */
export interface EventStreamOptions {
  /** Where it begins. */
  readonly start: StartPlace;
  /** What the reader wants. */
  readonly selection: Selection;
  /** Number of the event behind which it ends; it goes on for ever by default. */
  readonly end?: number | undefined;
  /** Breaks the connection; a stream that nobody reads cannot do it. */
  readonly disconnect: () => void;
  /** How many bytes the connection holds that are not sent yet. */
  readonly heldBytes: () => number;
}

/** Milliseconds after which a reader that takes nothing has to read from the store what it missed. */
const PATIENCE_MS = 1000;

/** Milliseconds after which a browser comes again. */
const RETRY_MS = 1000;

const encoder = new TextEncoder();

/** A live reader. */
export class EventStream implements FeedReader {
  /** The body of the answer. */
  readonly body: ReadableStream<Uint8Array>;
  readonly selection: Selection;
  readonly #feed: Feed;
  readonly #end: number;
  readonly #disconnect: () => void;
  readonly #heldBytes: () => number;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  /** The number up to which the reader has all, when `#rest` is sent. */
  #through: number;
  /** The number that the last id said. */
  #told: number;
  /** What is next in line. */
  #rest: Uint8Array;
  #handed = 0;
  /** When something was handed over, by the steady clock. */
  #handedAt: number = performance.now();
  /** Lets a pull go on that has nothing to give. */
  #resume: (() => void) | undefined;
  #isPulling = false;
  #isLast = false;
  #state: "open" | "ending" | "closed" = "open";

  /** Begin; the feed keeps it until it is read to its end, canceled or cut off. */
  constructor(feed: Feed, { start, selection, end = Infinity, disconnect, heldBytes }: EventStreamOptions) {
    this.#feed = feed;
    this.selection = selection;
    this.#end = end;
    this.#disconnect = disconnect;
    this.#heldBytes = heldBytes;
    this.#through = this.#told = start.after;
    const opening = openingFrame(feed.epoch, start.after, RETRY_MS);
    this.#rest = encoder.encode(start.isLost ? gapFrame(undefined, "epoch") + opening : opening);
    // Without a queue of its own: what is not read is not made.
    this.body = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#controller = controller),
      pull: () => this.#pull(),
      cancel: () => this.#close(),
    }, { highWaterMark: 0 });
    feed.add(this);
  }

  get queuedBytes(): number {
    return this.#rest.byteLength + Math.max(this.#isPulling ? 0 : this.#handed, this.#heldBytes());
  }

  get through(): number {
    return !this.#isPulling && performance.now() - this.#handedAt > PATIENCE_MS ? Infinity : this.#through;
  }

  wake(): void {
    this.#resume?.();
  }

  check(now: number): void {
    const { heartbeatMs, writeTimeoutMs } = this.#feed.options;
    const silence = now - this.#handedAt;
    if (!this.#isPulling) {
      if (silence >= writeTimeoutMs) this.cut();
    } else if (silence >= heartbeatMs && this.#resume !== undefined) {
      this.#rest = encoder.encode(heartbeatFrame(this.#newPlace()));
      this.#resume();
    }
  }

  end(): void {
    if (this.#state === "open") this.#state = "ending";
    this.#resume?.();
  }

  cut(): void {
    if (this.#state === "closed") return;
    this.#close();
    this.#controller.error(new Error("The reader took nothing for too long"));
    this.#disconnect();
  }

  async #pull(): Promise<void> {
    this.#isPulling = true;
    while (this.#rest.byteLength === 0 && this.#state !== "closed") {
      const portion = this.#through < this.#end ? this.#feed.read(this.#through, this.selection) : undefined;
      if (portion !== undefined) {
        this.#through = portion.through;
        this.#rest = portion.bytes;
        if (portion.bytes.byteLength > 0) this.#told = portion.through;
        if (portion.isStored) await nextTurn(); // a long history leaves the others their turn
      } else if (this.#through >= this.#end) {
        this.#rest = encoder.encode(endFrame());
        this.#isLast = true;
      } else if (this.#state === "ending") {
        this.#rest = encoder.encode(byeFrame());
        this.#isLast = true;
      } else {
        await new Promise<void>((resolve) => this.#resume = resolve);
        this.#resume = undefined;
      }
    }
    if (this.#state === "closed") return;
    this.#hand();
  }

  #hand(): void {
    const bytes = this.#rest.subarray(0, FRAME_BYTES);
    this.#rest = this.#rest.subarray(bytes.byteLength);
    this.#handed = bytes.byteLength;
    this.#handedAt = performance.now();
    this.#isPulling = false;
    this.#controller.enqueue(bytes);
    if (!this.#isLast || this.#rest.byteLength > 0) return;
    this.#close();
    this.#controller.close();
  }

  /** The place to resume from, if no id of an event has said it: a reader with a filter may get nothing for long. */
  #newPlace(): string | undefined {
    if (this.#told === this.#through) return undefined;
    this.#told = this.#through;
    return idOf(this.#feed.epoch, this.#through);
  }

  #close(): void {
    this.#state = "closed";
    this.#feed.remove(this);
    this.#resume?.();
  }
}

/** Lets the event loop turn once. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
