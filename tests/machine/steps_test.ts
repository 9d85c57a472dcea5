import { Machine, type Schema, type Step, type TracerWants, type Transition } from "@asyncmachine/asyncmachine";
import { assertEquals } from "@std/assert";
import { test } from "../_harness.ts";
import { recordHandlers, words } from "./_recorder.ts";

/** `add A>B`, `handler >A final enter`: type or relation, states, flags. */
function format({ type, relation, from, to, isFinal, isSelf, isEnter }: Step): string {
  const flags = [isFinal && "final", isSelf && "self", isEnter && "enter"].filter((flag) => flag !== false);
  return [relation ?? type, `${from ?? ""}>${to ?? ""}`, ...flags].join(" ");
}

/** A machine with active states, and a function that runs a mutation and tells the steps of all transitions it led to. */
function traced(
  schema: Schema,
  active = "",
  wants: TracerWants = { steps: true },
): { machine: Machine; stepsOf: (mutate: (machine: Machine) => unknown) => string[] } {
  const machine = new Machine(schema);
  if (active !== "") machine.add(words(active));
  const steps: string[] = [];
  machine.bindTracer({ wants, transitionEnd: (transition) => void steps.push(...transition.steps.map(format)) });
  const stepsOf = (mutate: (machine: Machine) => unknown) => {
    steps.length = 0;
    mutate(machine);
    return [...steps];
  };
  return { machine, stepsOf };
}

test("Transition.steps of an add tells what is called, then what of it is not active yet", () => {
  const { stepsOf } = traced({ A: {}, B: {}, C: {} }, "B C");
  assertEquals(stepsOf((machine) => machine.add(["A", "B"])), ["called >A", "called >B", "activate >A"]);
});

test("Transition.steps of a remove tells what is called, then all of it again as deactivated, active or not", () => {
  const { stepsOf } = traced({ A: {}, B: {}, C: {} }, "A C");
  assertEquals(stepsOf((machine) => machine.remove(["A", "B"])), [
    "called >A",
    "called >B",
    "deactivate >A",
    "deactivate >B",
  ]);
});

test("Transition.steps of a set tells what it activates, then what it deactivates", () => {
  const { stepsOf } = traced({ A: {}, B: {}, C: {} }, "A B");
  assertEquals(stepsOf((machine) => machine.set(["B", "C"])), [
    "called >B",
    "called >C",
    "activate >C",
    "deactivate >A",
  ]);
});

test("Transition.steps tells relations of Add, then what they activate, state by state in both passes", () => {
  const { stepsOf } = traced({ A: { add: ["B", "C"] }, B: { add: ["D"] }, C: {}, D: {} });
  assertEquals(stepsOf((machine) => machine.add("A")), [
    ...["called >A", "activate >A"],
    ...["add A>B", "add A>C", "activate >B", "activate >C"],
    ...["add B>D", "activate >D", "add A>B", "add A>C", "activate >B", "activate >C"], // from the end to the start
  ]);
});

test("Transition.steps tells relations of Add in the second pass too when another state removes what they add", () => {
  const { stepsOf } = traced({ A: { add: ["B"] }, B: {}, C: { remove: ["B"] } });
  assertEquals(stepsOf((machine) => machine.add(["A", "C"])).filter((step) => /A>B|>B/.test(step)), [
    ...["add A>B", "activate >B"],
    ...["remove C>B", "deactivate-passive >B"],
    ...["add A>B", "activate >B"],
  ]);
});

test("Transition.steps of a remove does not tell of an active multi state that would add what is removed", () => {
  const { stepsOf } = traced({ A: { multi: true, add: ["B", "C"] }, B: {}, C: {} }, "A");
  assertEquals(stepsOf((machine) => machine.remove("B")), [
    ...["called >B", "deactivate >B"],
    ...["add A>C", "activate >C"],
    ...["add A>C", "activate >C"],
  ]);
});

test("Transition.steps tells each requirement that is looked at, in both passes", () => {
  const { stepsOf } = traced({ A: { require: ["B", "C"] }, B: {}, C: {} }, "B C");
  assertEquals(stepsOf((machine) => machine.add("A")), [
    ...["called >A", "activate >A"],
    ...["require A>B", "require A>C"],
    ...["require A>B", "require A>C"],
  ]);
});

test("Transition.steps tells a missing requirement: the state kept out, the cancel of what it lacks, then its own", () => {
  const { stepsOf } = traced({ A: { require: ["B"] }, B: {} });
  assertEquals(stepsOf((machine) => machine.add("A")), [
    ...["called >A", "activate >A"],
    ...["require A>B", "deactivate-passive A>", "cancel >B"],
    "cancel >A",
  ]);
});

test("Transition.steps tells no cancel of what a state lacks that nobody called", () => {
  const { stepsOf } = traced({ A: {}, B: { require: ["A"] } }, "A B");
  assertEquals(stepsOf((machine) => machine.remove("A")), [
    ...["called >A", "deactivate >A"],
    ...["require B>A", "deactivate-passive B>"],
  ]);
});

test("Transition.steps tells requirements pass by pass over the whole list", () => {
  const { stepsOf } = traced({ A: { require: ["B"] }, B: {}, C: { require: ["A"] } });
  assertEquals(stepsOf((machine) => machine.add(["A", "C"])).slice(4), [
    ...["require A>B", "deactivate-passive A>", "cancel >B", "require C>A"], // A counts until the pass is over
    ...["require C>A", "deactivate-passive C>", "cancel >A"],
    ...["cancel >A", "cancel >C"],
  ]);
});

test("Transition.steps tells a requirement that the schema lacks without its name", () => {
  const { stepsOf } = traced({ A: { require: ["Missing"] } });
  assertEquals(stepsOf((machine) => machine.add("A")).slice(2), [
    ...["require A>", "deactivate-passive A>", "cancel >"],
    "cancel >A",
  ]);
});

test("Transition.steps tells who removes an active state, and that it is deactivated", () => {
  const { stepsOf } = traced({ A: { remove: ["C"] }, B: { remove: ["C"] }, C: {} }, "C");
  assertEquals(stepsOf((machine) => machine.add(["A", "B"])).slice(4), [
    ...["remove A>C", "remove B>C", "deactivate >C"],
  ]);
});

test("Transition.steps tells who keeps an inactive state out", () => {
  const { stepsOf } = traced({ A: { remove: ["B"] }, B: {} });
  assertEquals(stepsOf((machine) => machine.add(["A", "B"])).slice(4), [
    ...["remove A>B", "deactivate-passive >B"],
    "cancel >B",
  ]);
});

test("Transition.steps tells neighbours that After puts in order, from the earlier to the later", () => {
  const { stepsOf } = traced({ A: { after: ["B"] }, B: {} });
  assertEquals(stepsOf((machine) => machine.add(["A", "B"])).slice(4), ["after B>A"]);
});

test("Transition.steps tells neighbours that After puts in order among the states that are left", () => {
  const { stepsOf } = traced({ A: { after: ["B"] }, B: { require: ["C"] }, C: {} }, "A");
  assertEquals(stepsOf((machine) => machine.add(["B", "C"])).includes("after B>A"), false); // A C B: no neighbours
  assertEquals(stepsOf((machine) => machine.remove(["A", "B"])), [
    ...["called >A", "called >B"],
    ...["deactivate >A", "deactivate >B"],
    "after B>A",
  ]);
});

test("Transition.steps tells the handlers that exist, in the order of their calls, with states and flags", () => {
  const { machine, stepsOf } = traced({ A: { remove: ["B"] }, B: { remove: ["A"] }, C: {} }, "A C");
  const calls = recordHandlers(machine);

  assertEquals(stepsOf((machine) => machine.add("B")).filter((step) => step.startsWith("handler")), [
    "handler A>", // AExit
    "handler >B enter", // BEnter
    "handler >C self", // CC
    ...["handler A>B", "handler A>C", "handler C>B"],
    "handler Any>Any enter", // AnyEnter
    "handler >A final", // AEnd
    "handler >B final enter", // BState
    "handler Any>Any final enter", // AnyState
  ]);
  assertEquals(calls, words("AExit BEnter CC AB AC CB AnyEnter AEnd BState AnyState"));
});

test("Transition.steps tells nothing of handlers that nobody bound", () => {
  const { machine, stepsOf } = traced({ A: {}, B: {} }, "A");
  machine.bindHandlers({ BState: () => {} });
  assertEquals(stepsOf((machine) => machine.add("B")), ["called >B", "activate >B", "handler >B final enter"]);
});

test("Transition.steps ends with the handler that refused", () => {
  const { machine, stepsOf } = traced({ A: {} });
  machine.bindHandlers({ AEnter: () => false, AnyEnter: () => {}, AState: () => {} });
  assertEquals(stepsOf((machine) => machine.add("A")), ["called >A", "activate >A", "handler >A enter"]);
});

test("Transition.steps tells the relations of an auto transition anew once its states are settled", () => {
  const { stepsOf } = traced({ A: {}, B: { auto: true, require: ["A"] } });
  assertEquals(stepsOf((machine) => machine.add("A")), [
    ...["called >A", "activate >A"],
    ...["called >B", "activate >B"],
    ...["require B>A", "require B>A"],
    ...["require B>A", "require B>A"],
  ]);
});

test("Transition.steps of a check is empty without checkSteps", () => {
  const { stepsOf } = traced({ A: {} });
  assertEquals(stepsOf((machine) => machine.canAdd("A")), []);
});

test("Transition.steps of a check is there with checkSteps, for which steps need not be named", () => {
  const { stepsOf } = traced({ A: { require: ["B"] }, B: {} }, "", { checkSteps: true });
  assertEquals(stepsOf((machine) => machine.canAdd("A")), [
    ...["called >A", "activate >A"],
    ...["require A>B", "deactivate-passive A>", "cancel >B"],
    "cancel >A",
  ]);
  assertEquals(stepsOf((machine) => machine.canRemove("A")), ["called >A", "deactivate >A"]);
  assertEquals(stepsOf((machine) => machine.add("B")), ["called >B", "activate >B"]);
});

test("Transition.steps is empty when no tracer wants steps, whatever else it wants", () => {
  const { machine, stepsOf } = traced({ A: { add: ["B"] }, B: {} }, "", { logLevel: "everything", args: true });
  machine.bindHandlers({ AState: () => {} });
  assertEquals(stepsOf((machine) => machine.add("A")), []);
});

test("Transition.steps is empty for who reads a transition that no tracer sees", () => {
  const machine = new Machine({ A: {} });
  let steps: readonly Step[] | undefined;
  machine.bindHandlers({ AState: (e) => void (steps = e.transition.steps) });
  machine.add("A");
  assertEquals(steps, []);
});

test("Transition.steps grows while the transition runs: relations at its init, handlers as they are called", () => {
  const machine = new Machine({ A: {} });
  const counts: string[] = [];
  const note = (hook: string) => (transition: Transition) => void counts.push(`${hook} ${transition.steps.length}`);
  machine.bindTracer({
    wants: { steps: true },
    transitionInit: note("init"),
    transitionFinals: note("finals"),
    transitionEnd: note("end"),
  });
  machine.bindHandlers({ AEnter: () => {}, AState: () => {} });

  machine.add("A");

  assertEquals(counts, ["init 2", "finals 3", "end 4"]);
});

test("Transition.steps that a tracer keeps are right after 1,000 more mutations and another schema", () => {
  const schema: Schema = { Exception: { multi: true }, A: { add: ["B"] }, B: {} };
  const machine = new Machine(schema);
  const kept: Transition[] = [];
  machine.bindTracer({ wants: { steps: true }, transitionEnd: (transition) => void kept.push(transition) });
  machine.add("A");
  const before = kept[0]!.steps;

  for (let i = 0; i < 1_000; i++) machine.toggle("B");
  machine.setSchema({ ...schema, C: {} }, ["C", "B", "A", "Exception"]);

  assertEquals(kept[0]!.steps, before);
});
