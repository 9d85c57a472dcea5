import { Machine } from "@asyncmachine/asyncmachine";
import { assertEquals } from "@std/assert";
import { formatActive, formatAll, inspectStates, RELATIONS } from "../../machine/_strings.ts";
import { planFor } from "../../machine/_plan.ts";
import { test } from "../_harness.ts";

test("Machine.toString() lists active states with their ticks in index order", () => {
  const machine = new Machine({ A: {}, B: {}, C: {} });
  machine.add("A");
  machine.add("B");
  machine.remove("B");
  machine.add("B");

  assertEquals(machine.activeStates(), ["B", "A"]);
  assertEquals([machine.toString(), `${machine}`], ["(A:1 B:3)", "(A:1 B:3)"]);
});

test("Machine.toString() of a machine without active states is a pair of parentheses", () => {
  assertEquals(new Machine({ A: {} }).toString(), "()");
});

test("Machine.stringAll() lists inactive states too", () => {
  const machine = new Machine({ A: {}, B: {} });
  machine.add("B");

  assertEquals(machine.stringAll(), "(B:1) [A:0 Exception:0]");
});

test("Machine.stringAll() has empty brackets when all or none are active", () => {
  const machine = new Machine({ A: {} });
  assertEquals(machine.stringAll(), "() [A:0 Exception:0]");

  machine.add(["A", "Exception"]);

  assertEquals(machine.stringAll(), "(A:1 Exception:1) []");
});

test("Machine.toString() follows the order of verifyStates()", () => {
  const machine = new Machine({ A: {}, B: {} });
  machine.add(["A", "B"]);

  machine.verifyStates(["B", "Exception", "A"]);

  assertEquals([machine.toString(), machine.stringAll()], ["(B:1 A:1)", "(B:1 A:1) [Exception:0]"]);
});

test("Machine.inspect() shows activity, tick, flags and relations in their order, those that there are", () => {
  const machine = new Machine({
    A: { auto: true, multi: true, add: ["B", "C"], require: ["B"], remove: ["D"], after: ["B", "C"], tags: ["t"] },
    B: {},
    C: {},
    D: {},
  });
  machine.add("B");

  assertEquals(
    machine.inspect(["A", "C", "B"]),
    `1 A
    |Tick     1
    |Auto     true
    |Multi    true
    |Add      B C
    |Require  B
    |Remove   D
    |After    B C
1 C
    |Tick     1
1 B
    |Tick     1
`,
  );
});

test("Machine.inspect() shows all states in index order by default", () => {
  const machine = new Machine({ A: {} });

  assertEquals(machine.inspect(), "0 A\n    |Tick     0\n0 Exception\n    |Tick     0\n    |Multi    true\n");
});

test("Machine.inspect() leaves out unknown names", () => {
  const machine = new Machine({ A: {} });

  assertEquals(machine.inspect(["Foo" as "A", "A"]), "0 A\n    |Tick     0\n");
  assertEquals(machine.inspect([]), "");
});

test("Machine's strings are empty on a machine that is being disposed", () => {
  const machine = new Machine({ A: {} });
  machine.add("A");

  machine.dispose();

  assertEquals([machine.toString(), machine.stringAll(), machine.inspect()], ["", "", ""]);
});

test("formatActive() and formatAll() tell activity by parity, beyond 32 bits too", () => {
  const plan = planFor({ A: {}, B: {}, C: {} });
  const clock = [2 ** 32 + 1, 2 ** 53 - 1, 2 ** 40, 0];

  assertEquals(formatActive(plan, clock), "(A:4294967297 B:9007199254740991)");
  assertEquals(formatAll(plan, clock), "(A:4294967297 B:9007199254740991) [C:1099511627776 Exception:0]");
  assertEquals(inspectStates(plan, clock, [1]), "1 B\n    |Tick     9007199254740991\n");
});

test("RELATIONS has each kind once", () => {
  assertEquals(RELATIONS, ["add", "require", "remove", "after"]);
});
