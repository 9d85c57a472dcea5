/**
 * A finite automaton: a turnstile that a coin unlocks and a push locks again.
 *
 * Shows states that exclude each other, an auto state as the one to fall back to, inputs as states that come and go, and
 * an input that is rejected: a push while the turnstile is locked changes nothing.
 *
 * Run it: `deno run examples/fsm.ts [push|coin...]` (push coin coin push push by default)
 */
import { Canceled, defineSchema, type Event, type FinalEvent, Machine } from "@asyncmachine/asyncmachine";

const UNLOCKED_GROUP = ["Locked", "Unlocked"] as const;

const schema = defineSchema({
  InputPush: {},
  InputCoin: {},
  Locked: { auto: true, remove: UNLOCKED_GROUP },
  Unlocked: { remove: UNLOCKED_GROUP },
});

class Handlers {
  InputPushEnter(event: Event<typeof schema>): boolean {
    return event.machine.is("Unlocked");
  }

  InputPushState(event: FinalEvent<typeof schema>): void {
    event.machine.remove(["InputPush", "Unlocked"]); // Locked is auto: it is there whenever Unlocked is not
  }

  InputCoinState(event: FinalEvent<typeof schema>): void {
    event.machine.add("Unlocked");
    event.machine.remove("InputCoin");
  }
}

const INPUTS = { push: "InputPush", coin: "InputCoin" } as const;
type Input = keyof typeof INPUTS;

const words = Deno.args.length > 0 ? Deno.args : ["push", "coin", "coin", "push", "push"];
const unknown = words.find((word) => !isInput(word));
if (unknown === undefined) run(words.filter(isInput));
else {
  console.error(`error: Cannot feed input "${unknown}": it is neither "push" nor "coin"`);
  Deno.exitCode = 1;
}

function run(inputs: readonly Input[]): void {
  const machine = new Machine(schema, { logLevel: "changes", logId: false });
  machine.bindHandlers(new Handlers(), { id: "turnstile" });
  machine.add("Locked"); // auto states are tried after a change, and there was none yet
  for (const input of inputs) {
    const result = machine.add(INPUTS[input]);
    console.log(`${input}: ${result === Canceled ? "rejected" : "accepted"}, ${machine.switch([...UNLOCKED_GROUP])}`);
  }
}

function isInput(word: string): word is Input {
  return Object.hasOwn(INPUTS, word);
}
