/** Events that one call parses at most. */
const MAX_PARSED = 10_000;

/** Characters of their lines after which it parses no more. */
const MAX_SIZE = 4_000_000;

/**
 * What one call of a store may cost, so that neither a filter that finds nothing nor long lines hold up everything else. One
 * event is always within it.
 */
export class PageBudget {
  readonly #maxSize: number;
  #parsed = 0;
  #size = 0;

  /** Begin a page, of so many characters if it is to be smaller than others. */
  constructor(maxSize = MAX_SIZE) {
    this.#maxSize = maxSize;
  }

  /** Whether the page ends here. */
  get isSpent(): boolean {
    return this.#parsed >= MAX_PARSED || this.#size >= this.#maxSize;
  }

  /** Count an event that was parsed, on the page or not. */
  spend({ line }: { readonly line: string }): void {
    this.#parsed++;
    this.#size += line.length;
  }
}
