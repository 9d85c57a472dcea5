// Types only: `deno check` is the test. Each `@ts-expect-error` is a mistake that the compiler has to find.
import * as v from "valibot";
import { z } from "zod";
import { type ArgsOf, type ArgsSchema, defineSchema, Machine } from "../../machine/mod.ts";

/** Compiles for equal types only: `any` is equal to nothing else. */
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;

function expectType<_T extends true>(): void {}

const schema = defineSchema({
  ByZod: { args: z.object({ count: z.string().transform(Number), tags: z.array(z.string()).optional() }) },
  ByValibot: { args: v.object({ path: v.string(), size: v.optional(v.pipe(v.string(), v.transform(Number))) }) },
  NotAnObject: { args: z.string() },
});
const machine = new Machine(schema);

/** Never called: what it holds is only compiled. */
export function check(): void {
  // the type of the arguments is what comes out of the schema
  expectType<Equal<ArgsOf<typeof schema, "ByZod">["count"], number>>();
  expectType<Equal<ArgsOf<typeof schema, "ByValibot">["path"], string>>();
  expectType<Equal<ArgsOf<typeof schema, "NotAnObject">, Record<string, unknown>>>();
  const plain: ArgsSchema<{ path: string }> = v.object({ path: v.string() });
  void plain;

  machine.add("ByZod", { count: 1, tags: ["a"] });
  machine.add("ByValibot", { path: "a.txt", size: 1 });
  machine.add(["ByZod", "ByValibot"], { count: 1, path: "a.txt" });
  machine.bindHandlers({
    ByZodState: (event) => event.args.count.toFixed(),
    ByValibotEnter: (event) => event.args.path.endsWith(".txt"),
  });
  // @ts-expect-error: what goes into the schema is a text, what comes out is a number
  machine.add("ByZod", { count: "1" });
  // @ts-expect-error: arguments are missing
  machine.add("ByValibot");
  // @ts-expect-error: an issue that Valibot would find
  machine.add("ByValibot", { path: 1 });
  // @ts-expect-error: no such argument
  machine.bindHandlers({ ByZodState: (event) => event.args.path });
}
