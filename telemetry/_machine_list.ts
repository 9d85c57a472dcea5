/**
 * The list of machines, in pages.
 *
 * @module
 */
import type { MachineEntry } from "./_machine_entry.ts";
import type { MachineQuery, Page } from "./_store.ts";

/** Machines of neighbouring slots. What no machine of a chunk has, is found out for all of them at once. */
interface Chunk {
  /** The machines by slot. */
  readonly entries: Map<number, MachineEntry>;
  /** Their ids in lower case, each between line breaks; made when asked for. */
  ids: string | undefined;
  /** Their tags; made when asked for. */
  tags: Set<string> | undefined;
}

const CHUNK_SIZE = 256;

/** Machines by slot, in chunks: a page costs what is on it, a search what an `includes()` over all ids costs. */
export class MachineList {
  /** By slot divided by the size; those without machines are not there. */
  readonly #chunks: (Chunk | undefined)[] = [];

  /** Put in a machine that has a version. */
  add(entry: MachineEntry): void {
    const number = Math.floor(entry.slot / CHUNK_SIZE);
    while (this.#chunks.length <= number) this.#chunks.push(undefined);
    const chunk = this.#chunks[number] ??= { entries: new Map(), ids: undefined, tags: undefined };
    chunk.entries.set(entry.slot, entry);
    chunk.ids = chunk.tags = undefined;
  }

  /** Take out a machine. */
  remove(entry: MachineEntry): void {
    const number = Math.floor(entry.slot / CHUNK_SIZE);
    const chunk = this.#chunks[number]!;
    chunk.entries.delete(entry.slot);
    chunk.ids = chunk.tags = undefined;
    if (chunk.entries.size === 0) this.#chunks[number] = undefined;
  }

  /** One page, the highest slot first. `instance` is what the query's instance is, if it names one. */
  page(query: MachineQuery, instance: MachineEntry | undefined): Page<MachineEntry> {
    const { limit = 100, cursor = Infinity } = query;
    const search = query.search?.toLowerCase();
    if (query.instance !== undefined) return pageOfOne(instance, query, search);
    const items: MachineEntry[] = [];
    const first = Math.min(Math.floor((cursor - 1) / CHUNK_SIZE), this.#chunks.length - 1);
    for (let number = first; number >= 0; number--) {
      const chunk = this.#chunks[number];
      if (chunk === undefined || !mayContain(chunk, query, search)) continue;
      for (let slot = Math.min((number + 1) * CHUNK_SIZE, cursor) - 1; slot >= number * CHUNK_SIZE; slot--) {
        const entry = chunk.entries.get(slot);
        if (entry === undefined || !isWanted(entry, query, search)) continue;
        if (items.length === limit) return { items, next: items.at(-1)!.slot };
        items.push(entry);
      }
    }
    return { items, next: undefined };
  }
}

function pageOfOne(
  entry: MachineEntry | undefined,
  query: MachineQuery,
  search: string | undefined,
): Page<MachineEntry> {
  const isThere = entry?.version !== undefined && entry.slot < (query.cursor ?? Infinity);
  return { items: isThere && isWanted(entry, query, search) ? [entry] : [], next: undefined };
}

function mayContain(chunk: Chunk, { id, tag }: MachineQuery, search: string | undefined): boolean {
  if (tag !== undefined && !tagsOf(chunk).has(tag)) return false;
  if (id !== undefined && !idsOf(chunk).includes(`\n${id.toLowerCase()}\n`)) return false;
  return search === undefined || idsOf(chunk).includes(search);
}

function isWanted({ machine, version }: MachineEntry, { id, tag }: MachineQuery, search: string | undefined): boolean {
  if (tag !== undefined && !version!.tags.includes(tag)) return false;
  if (id !== undefined && machine.id !== id) return false;
  return search === undefined || machine.id.toLowerCase().includes(search);
}

function idsOf(chunk: Chunk): string {
  return chunk.ids ??= `\n${
    Array.from(chunk.entries.values(), ({ machine }) => machine.id.toLowerCase()).join("\n")
  }\n`;
}

function tagsOf(chunk: Chunk): Set<string> {
  return chunk.tags ??= new Set(Array.from(chunk.entries.values(), ({ version }) => version!.tags).flat());
}
