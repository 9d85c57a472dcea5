/**
 * Sets of states that all remove each other.
 *
 * @module
 */

/** The states that exclude each state, by index: it removes them, and they remove it. */
export type Exclusions = readonly ReadonlySet<number>[];

/**
 * Find for each state those that it removes, and that remove it.
 *
 * @param removals Which state removes which: `[from, to]`, by index.
 * @param count How many states there are.
 * @returns A set for each state.
 */
export function findExclusions(removals: Iterable<readonly [from: number, to: number]>, count: number): Exclusions {
  const removed = Array.from({ length: count }, () => new Set<number>());
  for (const [from, to] of removals) removed[from]!.add(to);
  return removed.map((targets, from) => new Set([...targets].filter((to) => removed[to]!.has(from))));
}

/**
 * Take sets of states that all remove each other, each grown as far as it goes: to find the largest ones takes too long.
 *
 * @param exclusions What {@linkcode findExclusions} found.
 * @param taken States that are not looked at.
 * @returns The sets, of 2 states or more; no state is in two of them.
 */
export function takeCliques(exclusions: Exclusions, taken: ReadonlySet<number>): number[][] {
  const cliques: number[][] = [];
  const free = new Set(exclusions.keys().filter((index) => !taken.has(index) && exclusions[index]!.size > 0));
  for (const seed of exclusions.keys()) {
    if (!free.has(seed)) continue;
    const clique = grow(seed, exclusions, free);
    if (clique.length < 2) continue;
    for (const member of clique) free.delete(member);
    cliques.push(clique.sort((a, b) => a - b));
  }
  return cliques;
}

/** Adds the state that leaves the most others to add, until there is none. */
function grow(seed: number, exclusions: Exclusions, free: ReadonlySet<number>): number[] {
  const clique = [seed];
  let candidates = free.intersection(exclusions[seed]!);
  while (candidates.size > 0) {
    let best = -1, most = -1;
    for (const candidate of candidates) {
      const left = candidates.intersection(exclusions[candidate]!).size;
      if (left > most || (left === most && candidate < best)) [best, most] = [candidate, left];
    }
    clique.push(best);
    candidates = candidates.intersection(exclusions[best]!);
  }
  return clique;
}
