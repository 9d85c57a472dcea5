import { assert, assertEquals } from "@std/assert";
import { MUTANTS } from "./mutants.ts";

const ROOT = new URL("../../", import.meta.url);

Deno.test("MUTANTS stand exactly once in the engine as it is, and change it", async () => {
  const stale: string[] = [];
  for (const { file, find, replace } of MUTANTS) {
    const source = await Deno.readTextFile(new URL(file, ROOT));
    if (source.split(find).length !== 2 || find === replace) stale.push(`${file}: ${find}`);
  }
  assertEquals(stale, []);
});

Deno.test("MUTANTS hold ten faults and more of each part that decides what happens", () => {
  for (const file of ["machine/_resolver.ts", "machine/_queue.ts", "machine/_execute.ts", "machine/subscriptions.ts"]) {
    assert(MUTANTS.filter((mutant) => mutant.file === file).length >= 10, file);
  }
});
