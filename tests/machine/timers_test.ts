import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { PLATFORM_CLOCK } from "../../machine/_timers.ts";
import { VirtualClock } from "../../machine/testing.ts";
import { test } from "../_harness.ts";

const LONGEST = 2 ** 31 - 1;

/** Run a function on a platform whose timers are those of a virtual clock, and like the real ones of 31 bits. */
function onVirtualPlatform(fn: (clock: VirtualClock, lengths: number[]) => void): void {
  const platform = { setTimeout, clearTimeout, now: performance.now };
  const clock = new VirtualClock();
  const lengths: number[] = [];
  const fake = (fn: () => void, ms: number) => {
    lengths.push(ms);
    return clock.setTimeout(fn, ms > LONGEST ? 1 : ms);
  };
  try {
    Object.assign(globalThis, { setTimeout: fake, clearTimeout: (timer: unknown) => clock.clearTimeout(timer) });
    performance.now = () => clock.now();
    fn(clock, lengths);
  } finally {
    performance.now = platform.now;
    Object.assign(globalThis, { setTimeout: platform.setTimeout, clearTimeout: platform.clearTimeout });
  }
}

test("PLATFORM_CLOCK.setTimeout() passes short time-outs on", () => {
  onVirtualPlatform((clock, lengths) => {
    let count = 0;
    PLATFORM_CLOCK.setTimeout(() => count++, LONGEST);
    PLATFORM_CLOCK.clearTimeout(PLATFORM_CLOCK.setTimeout(() => count += 10, 5));
    PLATFORM_CLOCK.clearTimeout(undefined);

    clock.advanceSync(LONGEST - 1);
    assertEquals(count, 0);
    clock.advanceSync(1);
    assertEquals({ count, lengths }, { count: 1, lengths: [LONGEST, 5] });
  });
});

test("PLATFORM_CLOCK.setTimeout() waits for more than 2^31 - 1 ms in steps that a platform has", () => {
  onVirtualPlatform((clock, lengths) => {
    const times: number[] = [];
    PLATFORM_CLOCK.setTimeout(() => times.push(clock.now()), LONGEST + 1);
    PLATFORM_CLOCK.setTimeout(() => times.push(clock.now()), 3 * LONGEST);

    clock.advanceSync(10 * LONGEST);
    assertEquals(times, [LONGEST + 1, 3 * LONGEST]);
    assertEquals(lengths, [LONGEST, LONGEST, 1, LONGEST, LONGEST]);
  });
});

test("PLATFORM_CLOCK.clearTimeout() takes a long time-out off, in its first step and in a later one", () => {
  onVirtualPlatform((clock) => {
    let count = 0;
    const first = PLATFORM_CLOCK.setTimeout(() => count++, 3 * LONGEST);
    const second = PLATFORM_CLOCK.setTimeout(() => count++, 3 * LONGEST);
    PLATFORM_CLOCK.clearTimeout(first);
    clock.advanceSync(LONGEST + 5);
    PLATFORM_CLOCK.clearTimeout(second);

    assertEquals(clock.pending, 0);
    clock.advanceSync(10 * LONGEST);
    assertEquals(count, 0);
  });
});

test("PLATFORM_CLOCK.setTimeout() sets no timer for Infinity", () => {
  onVirtualPlatform((clock, lengths) => {
    const timer = PLATFORM_CLOCK.setTimeout(() => {}, Infinity);
    assertEquals({ lengths, pending: clock.pending }, { lengths: [], pending: 0 });
    PLATFORM_CLOCK.clearTimeout(timer);
  });
});

test("PLATFORM_CLOCK.now() never goes back", () => {
  const before = PLATFORM_CLOCK.now();
  assertGreaterOrEqual(PLATFORM_CLOCK.now(), before);
});
