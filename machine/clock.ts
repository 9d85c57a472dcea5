/**
 * Changes of one state since its machine was made: an integer, 0 or more. Odd means active, even means inactive.
 *
 * It only grows: an equal tick means that nothing happened in between.
 *
 * @example Usage
 * ```ts
 * import { isActiveTick, type Tick } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const tick: Tick = 3; // activated, deactivated, activated
 * assertEquals(isActiveTick(tick), true);
 * ```
 */
export type Tick = number;

/**
 * Ticks of all states of a machine, one per state, in the order of its `stateNames`.
 *
 * @example Usage
 * ```ts
 * import { Machine, type Time } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Off: { remove: ["On"] }, On: { remove: ["Off"] } });
 * machine.add("On");
 * machine.add("Off");
 * const time: Time = machine.time();
 * assertEquals(time, [1, 2, 0]); // Off, On, Exception
 * ```
 */
export type Time = readonly Tick[];

/**
 * Ticks by the name of the state.
 *
 * @typeParam Name Names of the states.
 *
 * @example Usage
 * ```ts
 * import { type Clock, Machine } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Off: { remove: ["On"] }, On: { remove: ["Off"] } });
 * machine.add("On");
 * const clock: Clock<"Off" | "On"> = machine.clock(["Off", "On"]);
 * assertEquals(clock, { Off: 0, On: 1 });
 * ```
 */
export type Clock<Name extends string = string> = Readonly<Record<Name, Tick>>;

/**
 * Tell whether a tick stands for an active state.
 *
 * @param tick Changes of one state since its machine was made; an integer, 0 or more.
 * @returns `true` when `tick` is odd.
 *
 * @example Usage
 * ```ts
 * import { isActiveTick } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isActiveTick(3), true);
 * assertEquals(isActiveTick(4), false);
 * ```
 */
export function isActiveTick(tick: Tick): boolean {
  // `&` cuts a number to 32 bits, but keeps the lowest one, and that one is exact up to 2^53
  return (tick & 1) === 1;
}

/**
 * Tell the tick of the state's next activation, after the one that may last now.
 *
 * @param tick The tick now.
 * @returns A later, odd tick.
 *
 * @example Usage
 * ```ts
 * import { nextActive } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(nextActive(0), 1);
 * assertEquals(nextActive(1), 3);
 * ```
 */
export function nextActive(tick: Tick): Tick {
  return tick + nextActiveIn(tick);
}

/**
 * Tell the tick of the state's next deactivation, after the one that may last now.
 *
 * @param tick The tick now.
 * @returns A later, even tick.
 *
 * @example Usage
 * ```ts
 * import { nextInactive } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(nextInactive(0), 2);
 * assertEquals(nextInactive(1), 2);
 * ```
 */
export function nextInactive(tick: Tick): Tick {
  return tick + nextInactiveIn(tick);
}

/**
 * Tell how many ticks are left to the state's next activation.
 *
 * @param tick The tick now.
 * @returns 1 for an inactive state, 2 for an active one.
 *
 * @example Usage
 * ```ts
 * import { nextActiveIn } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(nextActiveIn(0), 1);
 * assertEquals(nextActiveIn(1), 2);
 * ```
 */
export function nextActiveIn(tick: Tick): 1 | 2 {
  return isActiveTick(tick) ? 2 : 1;
}

/**
 * Tell how many ticks are left to the state's next deactivation.
 *
 * @param tick The tick now.
 * @returns 1 for an active state, 2 for an inactive one.
 *
 * @example Usage
 * ```ts
 * import { nextInactiveIn } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(nextInactiveIn(0), 2);
 * assertEquals(nextInactiveIn(1), 1);
 * ```
 */
export function nextInactiveIn(tick: Tick): 1 | 2 {
  return isActiveTick(tick) ? 1 : 2;
}

/**
 * Count the activations of a state, the present one included. A multi state that is called while active counts again.
 *
 * @param tick The tick now.
 * @returns An integer, 0 or more.
 *
 * @example Usage
 * ```ts
 * import { activations } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(activations(0), 0);
 * assertEquals(activations(3), 2);
 * assertEquals(activations(4), 2);
 * ```
 */
export function activations(tick: Tick): number {
  return Math.floor((tick + 1) / 2);
}

/**
 * Read the tick of one state.
 *
 * @param time One tick per state.
 * @param index Index of the state.
 * @returns Its tick; 0 for an index that `time` does not have.
 *
 * @example Usage
 * ```ts
 * import { tickAt } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(tickAt([1, 2], 1), 2);
 * assertEquals(tickAt([1, 2], -1), 0);
 * ```
 */
export function tickAt(time: Time, index: number): Tick {
  return time[index] ?? 0;
}

/**
 * Add up ticks: a number that grows with every change of the machine.
 *
 * @param time One tick per state.
 * @param indexes Indexes of the states that count, all by default. An index that `time` does not have counts as 0.
 * @returns The sum; 0 for no indexes.
 *
 * @example Usage
 * ```ts
 * import { sumTime } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(sumTime([1, 2, 3]), 6);
 * assertEquals(sumTime([1, 2, 3], [0, 2, 7]), 4);
 * assertEquals(sumTime([1, 2, 3], []), 0);
 * ```
 */
export function sumTime(time: Time, indexes?: readonly number[] | null): number {
  const ticks = indexes ? filterTime(time, indexes) : time;
  return ticks.reduce((sum, tick) => sum + tick, 0);
}

/**
 * Add two times, state by state.
 *
 * @param time One tick per state.
 * @param other As many ticks.
 * @returns A new list of sums; a copy of `time` when the lengths differ.
 *
 * @example Usage
 * ```ts
 * import { addTime } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(addTime([1, 2], [1, 0]), [2, 2]);
 * assertEquals(addTime([1, 2], [1]), [1, 2]);
 * ```
 */
export function addTime(time: Time, other: Time): Tick[] {
  if (time.length !== other.length) return [...time];
  return time.map((tick, index) => tick + other[index]!);
}

/**
 * Count the ticks since an earlier time, state by state.
 *
 * @param time One tick per state.
 * @param before As many ticks, from before.
 * @returns A new list of differences; zeros when the lengths differ.
 *
 * @example Usage
 * ```ts
 * import { diffTime } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(diffTime([3, 2], [1, 2]), [2, 0]);
 * assertEquals(diffTime([3, 2], [1]), [0, 0]);
 * ```
 */
export function diffTime(time: Time, before: Time): Tick[] {
  const comparable = time.length === before.length;
  return time.map((tick, index) => comparable ? tick - before[index]! : 0);
}

/**
 * Pick the ticks of some states.
 *
 * @param time One tick per state.
 * @param indexes Indexes of the states.
 * @returns One tick per index, in their order; 0 for an index that `time` does not have.
 *
 * @example Usage
 * ```ts
 * import { filterTime } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(filterTime([1, 2, 3], [2, 0, 7]), [3, 1, 0]);
 * ```
 */
export function filterTime(time: Time, indexes: readonly number[]): Tick[] {
  return indexes.map((index) => tickAt(time, index));
}

/**
 * Add one tick to one state.
 *
 * @param time One tick per state.
 * @param index Index of the state.
 * @returns A new list; an equal one for an index that `time` does not have.
 *
 * @example Usage
 * ```ts
 * import { incrementTime } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(incrementTime([1, 2], 0), [2, 2]);
 * assertEquals(incrementTime([1, 2], 7), [1, 2]);
 * ```
 */
export function incrementTime(time: Time, index: number): Tick[] {
  return time.map((tick, i) => i === index ? tick + 1 : tick);
}

/**
 * List the states that were active at least once.
 *
 * @param time One tick per state.
 * @returns Their indexes, in ascending order.
 *
 * @example Usage
 * ```ts
 * import { nonZeroIndexes } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(nonZeroIndexes([0, 2, 1]), [1, 2]);
 * ```
 */
export function nonZeroIndexes(time: Time): number[] {
  return [...time.keys()].filter((index) => tickAt(time, index) !== 0);
}

/**
 * List the active states.
 *
 * @param time One tick per state.
 * @param indexes Indexes of the states that count, all by default.
 * @returns Their indexes, in ascending order.
 *
 * @example Usage
 * ```ts
 * import { activeIndexes } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(activeIndexes([1, 2, 3]), [0, 2]);
 * assertEquals(activeIndexes([1, 2, 3], [2, 1]), [2]);
 * ```
 */
export function activeIndexes(time: Time, indexes?: readonly number[] | null): number[] {
  return [...time.keys()].filter((index) => isActiveTick(tickAt(time, index)) && (indexes?.includes(index) ?? true));
}

/**
 * Tell whether a state is active, or all states of a list are.
 *
 * @param time One tick per state.
 * @param indexes One index, or a list.
 * @returns `false` for an empty list, and with an index that `time` does not have.
 *
 * @example Usage
 * ```ts
 * import { isActiveAt } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isActiveAt([1, 2, 3], 0), true);
 * assertEquals(isActiveAt([1, 2, 3], [0, 2]), true);
 * assertEquals(isActiveAt([1, 2, 3], [0, 1]), false);
 * assertEquals(isActiveAt([1, 2, 3], []), false);
 * ```
 */
export function isActiveAt(time: Time, indexes: number | readonly number[]): boolean {
  if (typeof indexes === "number") return isActiveTick(tickAt(time, indexes));
  return indexes.length > 0 && indexes.every((index) => isActiveAt(time, index));
}

/**
 * Tell whether a state is inactive, or all states of a list are.
 *
 * @param time One tick per state.
 * @param indexes One index, or a list.
 * @returns For one index that `time` does not have `false`; in a list such an index does not count, and `[]` gives `true`.
 *
 * @example Usage
 * ```ts
 * import { isInactiveAt } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isInactiveAt([1, 2, 3], 1), true);
 * assertEquals(isInactiveAt([1, 2, 3], [0, 1]), false);
 * assertEquals(isInactiveAt([1, 2, 3], -1), false);
 * assertEquals(isInactiveAt([1, 2, 3], [-1]), true);
 * ```
 */
export function isInactiveAt(time: Time, indexes: number | readonly number[]): boolean {
  if (typeof indexes === "number") return time[indexes] !== undefined && !isActiveTick(time[indexes]);
  return indexes.every((index) => !isActiveAt(time, index));
}

/**
 * Tell whether at least one of several states, or lists of states, is active.
 *
 * @param time One tick per state.
 * @param lists Each of them one index, or a list whose states all have to be active.
 * @returns `false` without any.
 *
 * @example Usage
 * ```ts
 * import { isAnyActiveAt } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isAnyActiveAt([1, 2, 3], 1, 2), true);
 * assertEquals(isAnyActiveAt([1, 2, 3], [0, 1], [1]), false);
 * assertEquals(isAnyActiveAt([1, 2, 3]), false);
 * ```
 */
export function isAnyActiveAt(time: Time, ...lists: readonly (number | readonly number[])[]): boolean {
  return lists.some((indexes) => isActiveAt(time, indexes));
}

/**
 * Options of {@linkcode isTimeAfter} and {@linkcode isTimeBefore}.
 *
 * @example Usage
 * ```ts
 * import { isTimeAfter, type TimeOrderOptions } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const options: TimeOrderOptions = { orEqual: true };
 * assertEquals([isTimeAfter([1, 2], [1, 1]), isTimeAfter([1, 2], [1, 1], options)], [false, true]);
 * ```
 */
export interface TimeOrderOptions {
  /** Whether equal ticks pass. `false` by default. */
  readonly orEqual?: boolean | undefined;
}

/**
 * Tell whether a time is later than another: each tick that both have is greater.
 *
 * @param time One tick per state.
 * @param other One tick per state, in the same order.
 * @param options Whether equal ticks pass.
 * @returns `false` as soon as one tick is not; `true` when they have no states in common.
 *
 * @example Usage
 * ```ts
 * import { isTimeAfter } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isTimeAfter([2, 3], [1, 1]), true);
 * assertEquals(isTimeAfter([2, 1], [1, 1]), false);
 * assertEquals(isTimeAfter([2, 1], [1, 1], { orEqual: true }), true);
 * ```
 */
export function isTimeAfter(time: Time, other: Time, options: TimeOrderOptions = {}): boolean {
  const { orEqual = false } = options;
  return time.every((tick, index) => {
    const otherTick = other[index];
    return otherTick === undefined || tick > otherTick || (orEqual && tick === otherTick);
  });
}

/**
 * Tell whether a time is earlier than another: each tick that both have is smaller.
 *
 * @param time One tick per state.
 * @param other One tick per state, in the same order.
 * @param options Whether equal ticks pass.
 * @returns `false` as soon as one tick is not; `true` when they have no states in common.
 *
 * @example Usage
 * ```ts
 * import { isTimeBefore } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isTimeBefore([1, 1], [2, 3]), true);
 * assertEquals(isTimeBefore([1, 1], [2, 1]), false);
 * assertEquals(isTimeBefore([1, 1], [2, 1], { orEqual: true }), true);
 * ```
 */
export function isTimeBefore(time: Time, other: Time, options: TimeOrderOptions = {}): boolean {
  return isTimeAfter(other, time, options);
}

/**
 * Options of {@linkcode isTimeEqual}.
 *
 * @example Usage
 * ```ts
 * import { isTimeEqual, type TimeEqualOptions } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const options: TimeEqualOptions = { strict: true };
 * assertEquals([isTimeEqual([1, 2], [1]), isTimeEqual([1, 2], [1], options)], [true, false]);
 * ```
 */
export interface TimeEqualOptions {
  /** Whether times of different length differ; else only the states that both have count. `false` by default. */
  readonly strict?: boolean | undefined;
}

/**
 * Tell whether two times are equal.
 *
 * @param time One tick per state.
 * @param other One tick per state, in the same order.
 * @param options Whether the lengths count.
 * @returns `true` when all ticks that both have are equal.
 *
 * @example Usage
 * ```ts
 * import { isTimeEqual } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isTimeEqual([1, 2], [1, 2]), true);
 * assertEquals(isTimeEqual([1, 2], [1]), true);
 * assertEquals(isTimeEqual([1, 2], [1], { strict: true }), false);
 * ```
 */
export function isTimeEqual(time: Time, other: Time, options: TimeEqualOptions = {}): boolean {
  if (options.strict && time.length !== other.length) return false;
  return time.every((tick, index) => other[index] === undefined || tick === other[index]);
}

/**
 * Write a time as text.
 *
 * @param time One tick per state.
 * @returns The ticks, joined by a space.
 *
 * @example Usage
 * ```ts
 * import { formatTime } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatTime([1, 2, 0]), "1 2 0");
 * ```
 */
export function formatTime(time: Time): string {
  return time.join(" ");
}

// A class, though it has no state to hide: all its functions take the same two lists, and read better as methods.
/**
 * A time together with the names of its states, to ask it by name. Neither is copied.
 *
 * @typeParam Name Names of the states.
 *
 * @example Usage
 * ```ts
 * import { Machine, TimeIndex } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Off: { remove: ["On"] }, On: { remove: ["Off"] } });
 * machine.add("On");
 * const before = new TimeIndex(machine.time(), machine.stateNames);
 * machine.add("Off");
 * assertEquals(before.is("On"), true);
 * assertEquals(before.activeStates(), ["On"]);
 * ```
 */
export class TimeIndex<Name extends string = string> {
  /** One tick per state. */
  readonly time: Time;
  /** Names of the states, in the order of the ticks. */
  readonly names: readonly Name[];

  /**
   * Put a time and names together.
   *
   * @param time One tick per state; those that are missing at the end count as 0.
   * @param names Names of the states, in the order of the ticks.
   * @throws {RangeError} when there are more ticks than names.
   */
  constructor(time: Time, names: readonly Name[]) {
    if (time.length > names.length) {
      throw new RangeError(`Cannot name ${time.length} ticks: the list of names has ${names.length}`);
    }
    this.time = time;
    this.names = names;
  }

  /**
   * The tick of a state; 0 for an unknown one.
   *
   * @param state Name of the state.
   * @returns Its tick.
   *
   * @example Usage
   * ```ts
   * import { TimeIndex } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const index = new TimeIndex([3, 2], ["Foo", "Bar"]);
   * assertEquals(index.tick("Foo"), 3);
   * ```
   */
  tick(state: Name): Tick {
    return tickAt(this.time, this.#index(state));
  }

  /**
   * The sum of the ticks of some states, of all by default; see {@linkcode sumTime}.
   *
   * @param states Names of the states; all for null.
   * @returns The sum; unknown states add 0.
   *
   * @example Usage
   * ```ts
   * import { TimeIndex } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const index = new TimeIndex([3, 2], ["Foo", "Bar"]);
   * assertEquals([index.sum(), index.sum(["Bar"])], [5, 2]);
   * ```
   */
  sum(states?: readonly Name[] | null): number {
    return sumTime(this.time, states?.map((state) => this.#index(state)));
  }

  /**
   * The ticks of some states, in the order given; 0 for an unknown one.
   *
   * @typeParam Picked Names of the states, inferred.
   * @param states Names of the states.
   * @returns Their ticks and names.
   *
   * @example Usage
   * ```ts
   * import { TimeIndex } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const index = new TimeIndex([3, 2], ["Foo", "Bar"]).filter(["Bar"]);
   * assertEquals([index.time, index.names], [[2], ["Bar"]]);
   * ```
   */
  filter<Picked extends Name>(states: readonly Picked[]): TimeIndex<Picked> {
    return new TimeIndex(filterTime(this.time, states.map((state) => this.#index(state))), states);
  }

  /**
   * The states that were active at least once, in the order of `names`.
   *
   * @returns Their names.
   *
   * @example Usage
   * ```ts
   * import { TimeIndex } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const index = new TimeIndex([3, 0, 2], ["Foo", "Bar", "Baz"]);
   * assertEquals(index.nonZeroStates(), ["Foo", "Baz"]);
   * ```
   */
  nonZeroStates(): Name[] {
    return nonZeroIndexes(this.time).map((index) => this.names[index]!);
  }

  /**
   * The active ones of some states, of all by default, in the order of `names`.
   *
   * @param states Names of the states; all for null.
   * @returns Names of those that are active.
   *
   * @example Usage
   * ```ts
   * import { TimeIndex } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const index = new TimeIndex([3, 2, 1], ["Foo", "Bar", "Baz"]);
   * assertEquals([index.activeStates(), index.activeStates(["Bar", "Baz"])], [["Foo", "Baz"], ["Baz"]]);
   * ```
   */
  activeStates(states?: readonly Name[] | null): Name[] {
    return activeIndexes(this.time).map((index) => this.names[index]!)
      .filter((name) => states?.includes(name) ?? true);
  }

  /**
   * Tell whether a state is active, or all states of a list are.
   *
   * @param states One name or a list.
   * @returns `false` for an unknown state, and for `[]`.
   *
   * @example Usage
   * ```ts
   * import { TimeIndex } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const index = new TimeIndex([3, 2], ["Foo", "Bar"]);
   * assertEquals([index.is("Foo"), index.is(["Foo", "Bar"])], [true, false]);
   * ```
   */
  is(states: Name | readonly Name[]): boolean {
    return isActiveAt(this.time, this.#indexes(states));
  }

  /**
   * Tell whether no state of these is active.
   *
   * @param states One name or a list.
   * @returns `true` for `[]` too; unknown states do not count.
   *
   * @example Usage
   * ```ts
   * import { TimeIndex } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const index = new TimeIndex([3, 2], ["Foo", "Bar"]);
   * assertEquals([index.not("Bar"), index.not(["Foo", "Bar"])], [true, false]);
   * ```
   */
  not(states: Name | readonly Name[]): boolean {
    return isInactiveAt(this.time, this.#indexes(states));
  }

  /**
   * Tell whether at least one of several states, or lists of states, is active.
   *
   * @param lists Names, or lists of names that have to be active together.
   * @returns `false` for no list.
   *
   * @example Usage
   * ```ts
   * import { TimeIndex } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const index = new TimeIndex([3, 2, 1], ["Foo", "Bar", "Baz"]);
   * assertEquals([index.any("Bar", ["Foo", "Baz"]), index.any("Bar", ["Foo", "Bar"])], [true, false]);
   * ```
   */
  any(...lists: readonly (Name | readonly Name[])[]): boolean {
    return lists.some((states) => this.is(states));
  }

  /**
   * The ticks by name.
   *
   * @returns A tick for each of `names`.
   *
   * @example Usage
   * ```ts
   * import { TimeIndex } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const index = new TimeIndex([3, 2], ["Foo", "Bar"]);
   * assertEquals(index.toClock(), { Foo: 3, Bar: 2 });
   * ```
   */
  toClock(): Clock<Name> {
    return Object.fromEntries(this.names.map((name, index) => [name, tickAt(this.time, index)])) as Clock<Name>;
  }

  /**
   * The active states, joined by a space.
   *
   * @returns `"Foo Bar"`; `""` when none is active.
   *
   * @example Usage
   * ```ts
   * import { TimeIndex } from "@asyncmachine/asyncmachine";
   * import { assertEquals } from "@std/assert";
   *
   * const index = new TimeIndex([3, 2, 1], ["Foo", "Bar", "Baz"]);
   * assertEquals(`${index}`, "Foo Baz");
   * ```
   */
  toString(): string {
    return this.activeStates().join(" ");
  }

  #indexes(states: Name | readonly Name[]): number[] {
    return (typeof states === "string" ? [states] : states).map((state) => this.#index(state));
  }

  /** -1 for an unknown name. */
  #index(state: Name): number {
    return this.names.indexOf(state);
  }
}
