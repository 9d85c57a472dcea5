/**
 * A nondeterministic finite automaton: it accepts the strings over {0,1} whose third symbol from the end is 1.
 *
 * Shows a machine that forks by its snapshot. A branch that waits in StepX can't know which 1 is the third from the end, so
 * before each symbol it makes a copy that guesses "this one", and goes on itself. A wrong guess ends when a symbol is
 * rejected, or when the string ends too early.
 *
 * Run it: `deno run examples/nfa.ts [STRING...]` (without, it checks all strings up to length 12 against `/1[01][01]$/`)
 */
import { argsType, Canceled, defineSchema, type Event, type EventOf, Machine } from "@asyncmachine/asyncmachine";

const STEPS_GROUP = ["StepX", "Step0", "Step1", "Step2", "Step3"] as const;
type Step = typeof STEPS_GROUP[number];

const schema = defineSchema({
  Input: { multi: true, args: argsType<{ symbol: string }>() },
  Start: { add: ["StepX"] },
  StepX: { remove: STEPS_GROUP },
  Step0: { remove: STEPS_GROUP },
  Step1: { remove: STEPS_GROUP },
  Step2: { remove: STEPS_GROUP },
  Step3: { remove: STEPS_GROUP },
});

/** Where a symbol leads to. There is no way on from Step3: a string that is accepted ends there. */
const MOVES: Partial<Record<Step, Record<string, Step>>> = {
  StepX: { 0: "StepX", 1: "StepX" },
  Step0: { 1: "Step1" },
  Step1: { 0: "Step2", 1: "Step2" },
  Step2: { 0: "Step3", 1: "Step3" },
};

const HANDLERS = {
  InputEnter: (event: Event<typeof schema, { symbol: string }>) => nextStep(event) !== undefined,
  InputState: (event: EventOf<typeof schema, "Input">) => void event.machine.add(nextStep(event) ?? []),
};

const LONGEST = 12;
const strings = Deno.args.length > 0 ? Deno.args : [...stringsUpTo(LONGEST)];
const wrong = strings.find((text) => !/^[01]*$/.test(text));
if (wrong !== undefined) {
  console.error(`error: Cannot read string "${wrong}": it has other symbols than 0 and 1`);
  Deno.exitCode = 1;
} else if (Deno.args.length > 0) {
  for (const text of strings) console.log(`${text}: ${accepts(text, console.log) ? "accepted" : "rejected"}`);
} else {
  const accepted = strings.filter((text) => accepts(text));
  const expected = strings.filter((text) => /1[01][01]$/.test(text));
  const isSame = accepted.join() === expected.join();
  console.log(`${strings.length} strings, ${accepted.length} accepted, ${expected.length} match /1[01][01]$/`);
  console.log(isSame ? "done: the same ones" : "error: other ones");
  Deno.exitCode = isSame ? 0 : 1;
}

/** Whether some way through the automaton ends in Step3 with the string. */
function accepts(text: string, log: (line: string) => void = () => {}): boolean {
  const first = makeBranch();
  first.add("Start");
  let branches = [first];
  for (const symbol of text) {
    const guesses = branches.filter((branch) => branch.is("StepX")).map(fork);
    branches = [...branches, ...guesses].filter((branch) => branch.add("Input", { symbol }) !== Canceled);
    log(`  ${symbol} ${branches.map((branch) => branch.switch([...STEPS_GROUP])).join(" ")}`);
  }
  return branches.some((branch) => branch.is("Step3"));
}

function makeBranch(): Machine<typeof schema> {
  const branch = new Machine(schema, { id: "nfa" }); // a snapshot fits a machine of the same id
  branch.bindHandlers(HANDLERS, { id: "nfa" });
  return branch;
}

/** A copy that expects the third symbol from the end. */
function fork(branch: Machine<typeof schema>): Machine<typeof schema> {
  const copy = makeBranch();
  copy.import(branch.export());
  copy.add("Step0");
  return copy;
}

function nextStep({ machine, args }: Event<typeof schema, { symbol: string }>): Step | undefined {
  const step = STEPS_GROUP.find((name) => machine.is(name));
  return step && MOVES[step]?.[args.symbol];
}

/** All strings over {0,1}, shorter ones first. */
function* stringsUpTo(length: number): Generator<string> {
  for (let size = 0; size <= length; size++) {
    for (let bits = 0; bits < 2 ** size; bits++) yield size === 0 ? "" : bits.toString(2).padStart(size, "0");
  }
}
