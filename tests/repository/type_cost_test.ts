import { assertEquals } from "@std/assert";
import { checkProgram } from "./_compiler.ts";

/** Counted with TypeScript 6.0.3, and a tenth more. They don't depend on the machine that they are counted on. */
const LIMITS = { small: 31_700, large: 144_500 };

Deno.test("500 states with 200 handlers check in at most 4 times the time of 20 states with 8", () => {
  const [small, large] = [generate(20, 8), generate(500, 200)];
  const times: { small: number[]; large: number[] } = { small: [], large: [] };
  checkProgram(small); // until the compiler itself is compiled
  for (let i = 0; i < 3; i++) {
    times.small.push(checkProgram(small).ms);
    times.large.push(checkProgram(large).ms);
  }
  const ratio = median(times.large) / median(times.small);
  console.log(
    `check: ${median(times.small).toFixed()} ms and ${median(times.large).toFixed()} ms, ${ratio.toFixed(1)} times`,
  );

  assertEquals(ratio <= 4, true, `${ratio} times`);
});

for (const [size, states, handlers] of [["small", 20, 8], ["large", 500, 200]] as const) {
  Deno.test(`${states} states with ${handlers} handlers make at most ${LIMITS[size]} types of generic ones`, () => {
    const { instantiations, messages } = checkProgram(generate(states, handlers));
    console.log(`instantiations: ${instantiations}`);

    assertEquals(messages, []);
    assertEquals(instantiations <= LIMITS[size], true, `${instantiations} instantiations`);
  });
}

/** A program: relations of each state to four others, arguments of every second one, and handlers of all kinds. */
function generate(stateCount: number, handlerCount: number): string {
  const name = (i: number) => `State${["Alpha", "Beta", "Gamma", "Delta"][i % 4]}${i % stateCount}`;
  const states = Array.from({ length: stateCount }, (_, i) => {
    const args = i % 2 === 0 ? `args: argsType<{ id${i}: number; text?: string }>()` : "";
    return `${name(i)}: { add: ["${name(i + 1)}"], remove: ["${name(i + 2)}", "${name(i + 3)}"], ${args} },`;
  });
  const handlers = Array.from({ length: handlerCount - 2 }, (_, i) => {
    const value = i % 2 === 0 && i % 5 < 2 ? `e.args.id${i}.toFixed()` : "e.name";
    if (i % 5 === 0) return `async ${name(i)}State(e) { await fetch(${value}, { signal: e.signal }); },`;
    if (i % 5 === 1) return `${name(i)}Enter: (e) => ${value} !== "",`;
    if (i % 5 === 2) return `${name(i)}Exit: (e) => ${value} !== "",`;
    if (i % 5 === 3) return `${name(i)}End(e) { void e.signal; },`;
    return `${name(i)}${name(i + 1)}: (e) => ${value} !== "",`;
  });
  return `import { argsType, defineSchema, Machine } from "./mod.ts";
    const machine = new Machine(defineSchema({ ${states.join("\n")} }));
    machine.bindHandlers({ ${handlers.join("\n")} AnyEnter() {}, AnyState() {} });
    machine.add("${name(0)}", { id0: 1 });`;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}
