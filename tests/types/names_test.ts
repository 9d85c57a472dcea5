// Types only: `deno check` is the test. Each `@ts-expect-error` is a mistake that the compiler has to find.
import { argsType, defineSchema, Machine } from "../../machine/mod.ts";

const machine = new Machine(defineSchema({ Foo: { args: argsType<{ path: string }>() }, Bar: {} }));

/** Never called: what it holds is only compiled. */
export function check(): void {
  machine.is("Foo");
  machine.is(["Foo", "Exception"]);
  machine.add("Bar");
  machine.remove(["Foo", "Bar"]);
  machine.any("Foo", ["Bar"]);
  machine.switch(["Foo", "Bar"]);
  machine.when("Foo", { timeoutMs: 1 });
  machine.whenTime(["Foo"], [1]);
  machine.has("Anything");
  // @ts-expect-error: unknown state
  machine.is("Fo");
  // @ts-expect-error: unknown state in a list
  machine.is(["Foo", "Fo"]);
  // @ts-expect-error: unknown state
  machine.not("Fo");
  // @ts-expect-error: unknown state
  machine.any("Foo", ["Br"]);
  // @ts-expect-error: unknown state
  machine.switch(["Fo"]);
  // @ts-expect-error: unknown state
  machine.add("Fo");
  // @ts-expect-error: unknown state, with arguments
  machine.add("Fo", { path: "" });
  // @ts-expect-error: unknown state in a list
  machine.set(["Bar", "Br"]);
  // @ts-expect-error: unknown state
  machine.toggle("Br");
  // @ts-expect-error: unknown state
  machine.remove("Fo");
  // @ts-expect-error: unknown state
  machine.canAdd("Fo");
  // @ts-expect-error: unknown state
  machine.canRemove("Fo");
  // @ts-expect-error: unknown state
  machine.tick("Fo");
  // @ts-expect-error: unknown state
  machine.clock(["Fo"]);
  // @ts-expect-error: unknown state
  machine.when("Fo");
  // @ts-expect-error: unknown state
  machine.whenNot(["Fo"]);
  // @ts-expect-error: unknown state
  machine.whenTime("Fo", 1);
  // @ts-expect-error: unknown state
  machine.whenTicks("Fo", 1);
  // @ts-expect-error: unknown state
  machine.whenArgs("Fo");
  // @ts-expect-error: unknown state
  machine.whenNextActive("Fo");
  // @ts-expect-error: unknown state
  machine.whenQuery((clock) => clock.Fo > 1);
  // @ts-expect-error: unknown state
  machine.stateSignal("Fo");
  // @ts-expect-error: unknown state
  machine.transitions({ states: "Fo" });
}
