/**
 * Makes `testdata/files.ndjson` anew: `deno run -A tests/cli/_make_testdata.ts`. The golden files are read by eye again then.
 *
 * @module
 */
import { defineSchema, Machine } from "../../mod.ts";
import { record, settle, toLines } from "./_record.ts";

const schema = defineSchema({
  Start: {},
  Processing: { require: ["Start"], add: ["Busy"], remove: ["Done"] },
  Done: { remove: ["Processing", "Busy"] },
  Busy: {},
  Tick: { multi: true, require: ["Start"] },
  Idle: { auto: true, require: ["Start"], remove: ["Busy"] },
  状態: { auto: true, require: ["Done"] },
});

const records = await record(async (exporter) => {
  const machine = new Machine(schema, { id: "file-1", tags: ["files"], groups: { work: ["Processing", "Busy"] } });
  exporter.attach(machine);
  machine.bindHandlers({
    ProcessingEnter: ({ args }) => args.path !== "missing.md",
    ProcessingState: (event) => void event.machine.add("Tick", null, { from: event }),
    DoneState: ({ args }) => {
      if (args.words === 0) throw new Error("an empty file");
    },
  });
  machine.add("Processing");
  machine.add("Start");
  machine.canAdd("Processing", { path: "a.md" });
  machine.add("Processing", { path: "missing.md" });
  machine.add("Processing", { path: "README.md" });
  machine.add("Idle");
  machine.add("Done", { words: 0 });
  machine.remove("Exception");
  machine.log("nothing to do any more");
  machine.add("Done", { words: 12 });
  const other = new Machine({ Ready: {} }, { id: "worker", parent: machine });
  exporter.attach(other);
  other.add("Ready");
  machine.set([]);
  await machine.dispose();
}, { checks: true, queued: true, logLevel: "changes", logArgs: ["path"] });

await Deno.writeTextFile(new URL("testdata/files.ndjson", import.meta.url), toLines(settle(records)));
