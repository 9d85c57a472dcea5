import type { Output } from "./_context.ts";

/** Characters that wait at most; a record is a few hundred of them. */
const MAX_WAITING = 1_000_000;

/** Characters that are written at once: so much is lost to who ends the command, at most. */
const MAX_WRITE = 65_536;

/** Writes lines as fast as they are taken, and holds no more than a bounded number of them. */
export class LineWriter {
  readonly #output: Output;
  readonly #failure: AbortController;
  #waiting: string[];
  #size: number;
  #isFull: boolean;
  #pumping: Promise<void> | undefined;
  #onRoom: (() => void)[];

  /** Begin with nothing to write. */
  constructor(output: Output) {
    this.#output = output;
    this.#failure = new AbortController();
    this.#waiting = [];
    this.#size = 0;
    this.#isFull = false;
    this.#pumping = undefined;
    this.#onRoom = [];
  }

  /** Whether lines have to wait until there is room: until half of those that wait are written. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Aborted, with the error, when nothing can be written any more. */
  get signal(): AbortSignal {
    return this.#failure.signal;
  }

  /** Write a line, soon. */
  push(line: string): void {
    this.#waiting.push(line);
    this.#size += line.length + 1;
    if (this.#size >= MAX_WAITING) this.#isFull = true;
    this.#pumping ??= this.#pump();
  }

  /** Wait until there is room. */
  async room(): Promise<void> {
    while (this.isFull && !this.signal.aborted) await new Promise<void>((resolve) => this.#onRoom.push(resolve));
  }

  /**
   * Wait until all is written, for so long.
   *
   * @returns Whether it is.
   */
  async flush(timeoutMs: number): Promise<boolean> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<void>((resolve) => timer = setTimeout(resolve, timeoutMs));
    await Promise.race([this.#pumping, timeout]);
    clearTimeout(timer);
    return this.#size === 0;
  }

  async #pump(): Promise<void> {
    await Promise.resolve(); // lines that come in a row are written together
    try {
      while (this.#waiting.length > 0) {
        const lines = this.#take();
        await this.#output.write(`${lines.join("\n")}\n`);
        this.#size -= lines.reduce((sum, line) => sum + line.length + 1, 0);
        if (this.#size <= MAX_WAITING / 2) this.#makeRoom();
      }
    } catch (error) {
      this.#failure.abort(error);
      this.#makeRoom();
    } finally {
      this.#pumping = undefined;
    }
  }

  #makeRoom(): void {
    this.#isFull = false;
    for (const resolve of this.#onRoom.splice(0)) resolve();
  }

  #take(): string[] {
    let end = 0, size = 0;
    while (end < this.#waiting.length && size < MAX_WRITE) size += this.#waiting[end++]!.length + 1;
    return this.#waiting.splice(0, end);
  }
}
