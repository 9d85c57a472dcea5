/** Tells whether one item has to go before another. */
type IsBefore = (item: number, other: number) => boolean;

/**
 * Sort a list in place as the original's library does, step by step.
 *
 * "Goes before" need not be an order (A before B and B before C say nothing of A and C): then the result hangs on which pairs
 * the algorithm compares. It sorts blocks of 20 by insertion, then merges neighbouring blocks in place.
 */
export function stableSort(list: number[], isBefore: IsBefore): void {
  const length = list.length;
  let block = 20;
  for (let start = 0; start < length; start += block) {
    insertionSort(list, isBefore, start, Math.min(start + block, length));
  }
  for (; block < length; block *= 2) {
    for (let start = 0; start + block < length; start += 2 * block) {
      symMerge(list, isBefore, start, start + block, Math.min(start + 2 * block, length));
    }
  }
}

function insertionSort(list: number[], isBefore: IsBefore, start: number, end: number): void {
  for (let i = start + 1; i < end; i++) {
    let place = i;
    while (place > start && isBefore(list[i]!, list[place - 1]!)) place--;
    if (place < i) rotate(list, place, i, i + 1);
  }
}

/** Merge the sorted blocks [start, middle) and [middle, end) in place. */
function symMerge(list: number[], isBefore: IsBefore, start: number, middle: number, end: number): void {
  if (middle - start === 1) {
    const place = lowest(middle, end, (i) => !isBefore(list[i]!, list[start]!));
    rotate(list, start, middle, place);
    return;
  }
  if (end - middle === 1) {
    const place = lowest(start, middle, (i) => isBefore(list[middle]!, list[i]!));
    rotate(list, place, middle, end);
    return;
  }
  const half = (start + end) >> 1;
  const sum = half + middle;
  const last = sum - 1;
  const from = middle > half
    ? lowest(sum - end, half, (i) => isBefore(list[last - i]!, list[i]!))
    : lowest(start, middle, (i) => isBefore(list[last - i]!, list[i]!));
  const to = sum - from;
  if (from < middle && middle < to) rotate(list, from, middle, to);
  if (start < from && from < half) symMerge(list, isBefore, start, from, half);
  if (half < to && to < end) symMerge(list, isBefore, half, to, end);
}

/** The lowest place in [low, high) that is far enough, by bisection; `high` for none. */
function lowest(low: number, high: number, isFarEnough: (place: number) => boolean): number {
  while (low < high) {
    const place = (low + high) >> 1;
    if (isFarEnough(place)) high = place;
    else low = place + 1;
  }
  return low;
}

/** Swap the adjacent blocks [start, middle) and [middle, end). */
function rotate(list: number[], start: number, middle: number, end: number): void {
  const moved = list.slice(start, middle);
  list.copyWithin(start, middle, end);
  for (let i = 0; i < moved.length; i++) list[end - moved.length + i] = moved[i]!;
}
