// Types only: `deno check` is the test. Each `@ts-expect-error` is a mistake that the compiler has to find.
import { argsType, defineSchema, Machine, type MachineApi, type Schema } from "../../machine/mod.ts";

/** Compiles for equal types only: `any` is equal to nothing else. */
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;

function expectType<_T extends true>(): void {}

const schema = defineSchema({
  Loading: { args: argsType<{ path: string; retries?: number }>() },
  Counted: { args: argsType<{ words: number }>() },
  Named: { args: argsType<{ name?: string }>() },
  Idle: {},
  ErrDisk: { args: argsType<{ device: string; error: Error }>() },
});
const machine = new Machine(schema);
const loose = new Machine(JSON.parse("{}") as Schema);
interface Job {
  id: number;
}
declare const job: Job;

/** Never called: what it holds is only compiled. */
export async function check(): Promise<void> {
  // required arguments
  machine.add("Loading", { path: "a.txt" });
  machine.set("Loading", { path: "a.txt", retries: 1 }, { from: null });
  machine.toggle(["Loading"], { path: "a.txt" });
  // @ts-expect-error: they are missing
  machine.add("Loading");
  // @ts-expect-error: they are missing
  machine.set(["Idle", "Loading"]);
  // @ts-expect-error: they are missing
  machine.toggle("Loading");
  // @ts-expect-error: null is none
  machine.add("Loading", null);
  // @ts-expect-error: a required key is missing
  machine.add("Loading", {});
  // @ts-expect-error: a wrong type
  machine.add("Loading", { path: 1 });
  // @ts-expect-error: a key that Loading does not have
  machine.add("Loading", { path: "a.txt", pth: "" });

  // optional arguments
  machine.add("Named");
  machine.add("Named", null);
  machine.add("Named", undefined, {});
  machine.add("Named", { name: "foo" });
  // @ts-expect-error: a wrong type
  machine.add("Named", { name: 1 });

  // none declared: Record<string, unknown>
  machine.add("Idle");
  machine.add(["Idle", "Exception"], { anything: 1 });
  machine.add("Idle", { ...job });
  // @ts-expect-error: an interface has no index signature
  machine.add("Idle", job);
  // @ts-expect-error: no object
  machine.add("Idle", 1);

  // a list takes the intersection
  machine.add(["Loading", "Counted"], { path: "a.txt", words: 1 });
  machine.add(["Loading", "Idle"], { path: "a.txt", anything: 1 });
  machine.add([]);
  // @ts-expect-error: words are missing
  machine.add(["Loading", "Counted"], { path: "a.txt" });
  // one of several states: what each of them takes
  const either = "Loading" as "Loading" | "Counted";
  machine.add(either, { path: "a.txt", words: 1 });
  // @ts-expect-error: words are missing
  machine.add(either, { path: "a.txt" });
  // any state: nothing is required
  machine.add(machine.activeStates());

  // remove takes anything, as FooExit and FooEnd do
  machine.remove("Loading");
  machine.remove("Loading", { reason: "done" });

  // a check takes arguments, and does not need them
  machine.canAdd("Loading");
  machine.canAdd("Loading", { path: "a.txt" });
  // @ts-expect-error: a wrong type
  machine.canAdd("Loading", { path: 1 });

  // addErr: those of the error state beside the error
  machine.addErr(new Error("full"));
  machine.addErr(new Error("full"), { anything: 1 });
  machine.addErr(new Error("full"), { device: "sda" }, { state: "ErrDisk" });
  machine.addErr(new Error("full"), null, { from: null });
  // @ts-expect-error: a wrong type
  machine.addErr(new Error("full"), { device: 1 }, { state: "ErrDisk" });
  // @ts-expect-error: unknown state
  machine.addErr(new Error("full"), null, { state: "ErrDsk" });

  // whenArgs: some of the arguments, and all as the result
  const args = await machine.whenArgs("Loading", { path: "a.txt" });
  expectType<Equal<typeof args, Readonly<{ path: string; retries?: number }>>>();
  machine.whenArgs("Loading", {}, { timeoutMs: 1 });
  machine.whenArgs("Loading", { retries: undefined });
  const { error } = await machine.whenArgs("Exception");
  expectType<Equal<typeof error, Error>>();
  // @ts-expect-error: a wrong type
  machine.whenArgs("Loading", { path: 1 });
  // @ts-expect-error: a key that Loading does not have
  machine.whenArgs("Loading", { pth: "" });

  // clock: by the names given
  expectType<Equal<keyof ReturnType<typeof machine.clock<"Idle">>, "Idle">>();
  const clock = machine.clock(["Idle", "Named"]);
  expectType<Equal<keyof typeof clock, "Idle" | "Named">>();
  // @ts-expect-error: not asked for
  clock.Loading;
  machine.clock().Loading.toFixed();

  // names known at run time only: any object
  loose.add("Foo");
  loose.add(["Foo", "Bar"], job, { from: null });
  loose.whenArgs("Foo", job);
  loose.clock(["Foo"]).Foo?.toFixed();

  // a typed machine is a machine of any names
  const any: MachineApi = machine;
  const api: MachineApi<typeof schema> = machine;
  const again: MachineApi = api;
  any.add("Loading");
  again.add("Anything", job);
  // @ts-expect-error: they are missing
  api.add("Loading");
}
