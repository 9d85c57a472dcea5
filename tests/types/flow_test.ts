// Types only: `deno check` is the test. Each `@ts-expect-error` is a mistake that the compiler has to find.
import {
  addAndWait,
  addAndWaitFor,
  askAdd,
  askRemove,
  fork,
  go,
  groupWhen,
  groupWhenFirst,
  guard,
  interval,
  removeAndWait,
  waitForAll,
  waitForAny,
  waitForErrAll,
  whenAny,
} from "../../flow/mod.ts";
import {
  argsType,
  BASIC_SCHEMA,
  type CONNECTED_GROUP,
  CONNECTED_SCHEMA,
  defineSchema,
  Machine,
  type MachineClock,
  mergeSchemas,
  type Schema,
  type StateName,
} from "../../machine/mod.ts";
import { VirtualClock } from "../../machine/testing.ts";

/** Compiles for equal types only: `any` is equal to nothing else. */
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;

function expectType<_T extends true>(): void {}

/** Never called: what it holds is only compiled. */
export async function check(): Promise<void> {
  const schema = defineSchema({ A: { args: argsType<{ path: string }>() }, B: {}, ErrC: {} });
  const machine = new Machine(schema);
  const loose = new Machine({} as Schema);

  // names are those of the machine's states
  askAdd(machine, ["A", "Exception"], { path: "x" });
  askRemove(machine, "B");
  addAndWait(machine, "B", null, { timeoutMs: 1, from: null });
  removeAndWait(machine, ["A"]);
  addAndWaitFor(machine, "A", "B", { path: "x" }, { timeoutMs: 1 });
  askAdd(loose, "Anything");
  // @ts-expect-error: unknown state
  askAdd(machine, "X");
  // @ts-expect-error: unknown state in a list
  askRemove(machine, ["A", "X"]);
  // @ts-expect-error: unknown state
  addAndWait(machine, "X");
  // @ts-expect-error: unknown state
  removeAndWait(machine, "X");
  // @ts-expect-error: unknown state to wait for
  addAndWaitFor(machine, "A", "X");
  // @ts-expect-error: one state is waited for, no list
  addAndWaitFor(machine, "A", ["B"]);

  // arguments are those of the states
  machine.bindHandlers({ BState: (event) => void addAndWait(event.machine, ["A", "B"], { path: "x" }) });
  addAndWaitFor(machine, "B", "A");
  addAndWait(loose, ["Anything"], { path: 1 });
  addAndWaitFor(loose, "Anything", "Another", null, { timeoutMs: 1 });
  // @ts-expect-error: they are missing
  askAdd(machine, "A");
  // @ts-expect-error: they are missing
  addAndWait(machine, ["A", "B"]);
  // @ts-expect-error: they are missing
  addAndWaitFor(machine, "A", "B", null, { timeoutMs: 1 });
  // @ts-expect-error: a wrong type
  askAdd(machine, "A", { path: 1 });
  // @ts-expect-error: a wrong type
  addAndWait(machine, "A", { path: 1 });
  // @ts-expect-error: a key that A does not have
  addAndWaitFor(machine, "A", "B", { path: "x", pth: "" });

  // error states too
  interval(machine, 1, () => {}, { state: "ErrC" });
  go(machine, () => {}, { state: "ErrC", signal: undefined });
  guard(machine, () => {}, { state: "ErrC" });
  // @ts-expect-error: unknown error state
  interval(machine, 1, () => {}, { state: "ErrX" });
  // @ts-expect-error: unknown error state
  go(machine, () => {}, { state: "ErrX" });
  // @ts-expect-error: unknown error state
  guard(machine, () => {}, { state: "ErrX" });
  machine.bindHandlers({
    AState: (event) => void fork(event, (signal) => fetch(event.args.path, { signal }), { state: "ErrC" }),
    BEnter: (event) => void fork(event, () => {}),
    // @ts-expect-error: unknown error state
    BState: (event) => void fork(event, () => {}, { state: "ErrX" }),
  });

  // values come through, one for each wait
  const all = await waitForAll([Promise.resolve(1), (signal) => Promise.resolve(signal), machine.whenErr()]);
  expectType<Equal<typeof all, [number, AbortSignal, Error]>>();
  const list = await waitForErrAll(machine, ["a", "b"].map((text) => Promise.resolve(text)));
  expectType<Equal<typeof list, string[]>>();
  const any = await waitForAny([Promise.resolve(1), () => Promise.resolve("x")]);
  expectType<Equal<typeof any, string | number>>();
  // @ts-expect-error: nothing to wait for
  waitForAll([1]);

  // groups
  const other = new Machine({ A: {} });
  groupWhen([machine, machine], ["A", "B"]);
  const first = await groupWhenFirst([machine], "A");
  expectType<Equal<typeof first, typeof machine>>();
  groupWhen([other], "A");
  // @ts-expect-error: unknown state
  groupWhen([machine], "X");
  const choice = await whenAny(machine, ["A", "B"]);
  expectType<Equal<typeof choice, "A" | "B">>();
  // @ts-expect-error: unknown state
  whenAny(machine, ["A", "X"]);

  // guarded functions keep their arguments
  const guarded = guard(machine, (text: string, count?: number) => text.length + (count ?? 0));
  expectType<Equal<typeof guarded, (text: string, count?: number) => number | undefined>>();
  const guardedLater = guard(machine, () => Promise.resolve("x"));
  expectType<Equal<ReturnType<typeof guardedLater>, Promise<string | undefined>>>();

  // the reusable schemas keep their names when they are merged
  const merged = mergeSchemas(BASIC_SCHEMA, CONNECTED_SCHEMA);
  expectType<
    Equal<
      StateName<typeof merged>,
      | keyof typeof BASIC_SCHEMA
      | "ErrConnecting"
      | (typeof CONNECTED_GROUP)[number]
    >
  >();

  const clock: MachineClock = new VirtualClock();
  expectType<Equal<typeof machine.timers, typeof clock>>();
}
