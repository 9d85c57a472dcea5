import { assertEquals } from "@std/assert";
import { argsType, Machine } from "../../../mod.ts";
import { toModel, toSchema } from "../../../cli/schema/model.ts";

Deno.test("toSchema() gives back what toModel() was made of, without the types of arguments", () => {
  const schema = { B: { auto: true, args: argsType<{ path: string }>() }, A: { require: ["B"] } };
  const model = toModel("Two", schema, { all: ["A", "B"] });

  assertEquals([...model.states], [["B", { auto: true }], ["A", { require: ["B"] }]]);
  assertEquals([...model.groups], [["all", ["A", "B"]]]);
  assertEquals(Object.entries(toSchema(model)), [["B", { auto: true }], ["A", { require: ["B"] }]]);
});

Deno.test("toSchema() holds any name as data", () => {
  const states = new Map([["__proto__", { multi: true }], ["constructor", { add: ["__proto__"] }]]);
  const machine = new Machine(toSchema({ name: "Odd", states, groups: new Map() }));

  machine.add("constructor");
  assertEquals(machine.activeStates(), ["constructor", "__proto__"]);
});
