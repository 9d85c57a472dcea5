/**
 * The original README's first program: process a file in the background, and wait for the end, an error, or a time-out.
 *
 * Shows relations, a mutation that a handler rejects, async work under a state's signal, and a race of waits.
 *
 * Run it: `deno run --allow-read examples/file_processing.ts [FILE]` (README.md by default)
 */
import { argsType, Canceled, defineSchema, type Event, type EventOf, Machine } from "@asyncmachine/asyncmachine";
import { exportFromEnv } from "@asyncmachine/asyncmachine/telemetry";

const schema = defineSchema({
  ProcessingFile: { add: ["InProgress"], remove: ["FileProcessed"], args: argsType<{ path: string }>() },
  FileProcessed: { remove: ["ProcessingFile", "InProgress"], args: argsType<{ words: number }>() },
  InProgress: {},
});

class Handlers {
  words = 0;

  /** Negotiation: decide, change nothing. */
  ProcessingFileEnter(event: Event<typeof schema, { path: string }>): boolean {
    return isFile(event.args.path);
  }

  /** Final: the work goes on in the background, for as long as the state is active. */
  async ProcessingFileState(event: EventOf<typeof schema, "ProcessingFile">): Promise<void> {
    const text = await Deno.readTextFile(event.args.path, { signal: event.signal });
    event.machine.add("FileProcessed", { words: text.split(/\s+/).filter(Boolean).length });
  }

  FileProcessedState(event: EventOf<typeof schema, "FileProcessed">): void {
    this.words = event.args.words;
  }
}

const path = Deno.args[0] ?? "README.md";
const handlers = new Handlers();
const machine = new Machine(schema, { id: "file-1", logLevel: "ops", logId: false });
machine.bindHandlers(handlers);
const exporter = exportFromEnv(machine); // nothing, unless AM_TELEMETRY_URL says where to

let failure: Error | null = null;
if (machine.add("ProcessingFile", { path }) === Canceled) {
  failure = machine.err ?? new Error(`Cannot process "${path}": it is not a file`);
} else {
  const done = machine.when("FileProcessed", { timeoutMs: 5_000 }).then(() => null);
  failure = await Promise.race([done, machine.whenErr()]).catch((timeout: Error) => timeout);
}
await machine.dispose();
await exporter?.flush({ timeoutMs: 5_000 });

if (failure === null) console.log(`done: ${handlers.words} words in ${path}`);
else console.error(`error: ${failure.message}`);
Deno.exitCode = failure === null ? 0 : 1;

/** A path without a file is a reason to reject; a file that may not be looked at is an error. */
function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}
