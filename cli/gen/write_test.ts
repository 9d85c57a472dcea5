import { Canceled, Machine } from "../../mod.ts";
import { formatCode } from "../_format_code.ts";
import { type SchemaModel, toSchema } from "../schema/model.ts";
import { quote, writeList } from "../schema/write_typescript.ts";
import { hasArgs, type ImportedSchema } from "./_schema_import.ts";

/** What comes of adding a state to a new machine. */
interface Outcome {
  readonly name: string;
  readonly isCanceled: boolean;
  /** The states that are active then, in the machine's order. */
  readonly active: readonly string[];
}

/**
 * Write a test of a schema, formatted as `deno fmt` does it.
 *
 * For each state it holds what comes of adding it to a new machine. That is looked up in a machine, so that the test passes
 * for each schema, one that contradicts itself too. `Exception` is left out: it comes by errors.
 */
export async function writeTest(schema: ImportedSchema): Promise<string> {
  const { model, clause, specifier } = schema;
  const names = [...model.states.keys()].filter((name) => name !== "Exception");
  const outcomes = names.map((name) => tryState(model, name));
  const imports = ["Machine"];
  if (outcomes.some(({ isCanceled }) => isCanceled)) imports.push("Canceled");
  if (outcomes.some(({ isCanceled }) => !isCanceled)) imports.push("Executed");
  if (names.some((name) => hasArgs(model, name))) imports.push("type ArgsOf");
  return await formatCode(
    `import { assertEquals } from "@std/assert";
import { ${imports.join(", ")} } from "@asyncmachine/asyncmachine";
import { ${clause} } from ${specifier};

${[writeFirstTest(schema), ...outcomes.map((outcome) => writeStateTest(schema, outcome))].join("\n\n")}
`,
  );
}

function tryState(model: SchemaModel, name: string): Outcome {
  const machine = new Machine(toSchema(model));
  const isCanceled = machine.add(name) === Canceled;
  const active = machine.activeStates();
  void machine.dispose(); // its timers would hold the process
  return { name, isCanceled, active };
}

/** A machine whose schema contradicts itself begins with `Exception`. */
function writeFirstTest({ model, local }: ImportedSchema): string {
  const machine = new Machine(toSchema(model));
  return `Deno.test(${quote(`a machine of ${local} begins as its schema says`)}, async () => {
  await using machine = new Machine(${local});

  assertEquals(machine.stateNames, ${writeList(machine.stateNames)});
  assertEquals(machine.activeStates(), ${writeList(machine.activeStates())});
});`;
}

function writeStateTest({ model, local }: ImportedSchema, { name, isCanceled, active }: Outcome): string {
  const title = `${name} ${isCanceled ? "cannot" : "can"} be added to a new machine`;
  const args = hasArgs(model, name) ? `, {} as ArgsOf<typeof ${local}, ${quote(name)}>` : "";
  return `Deno.test(${quote(title)}, async () => {
  await using machine = new Machine(${local});

  assertEquals(machine.add(${quote(name)}${args}), ${isCanceled ? "Canceled" : "Executed"});
  assertEquals(machine.activeStates(), ${writeList(active)});
});`;
}
