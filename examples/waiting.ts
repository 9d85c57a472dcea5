/**
 * The original README's second listing: six ways to wait for states, and what ends a wait that is not fulfilled.
 *
 * Shows waits for states, arguments and ticks, with a time-out and a signal. Each is started, then fulfilled by a mutation.
 *
 * Run it: `deno run examples/waiting.ts`
 */
import { argsType, defineSchema, Machine } from "@asyncmachine/asyncmachine";

const schema = defineSchema({
  DownloadingFile: { remove: ["FileDownloaded"] },
  FileDownloaded: { remove: ["DownloadingFile"] },
  EventConnected: { multi: true, args: argsType<{ id: number }>() },
  Foo: {},
  Bar: {},
});

const machine = new Machine(schema, { logLevel: "ops", logId: false });
const { signal } = machine;
const timeoutMs = 5_000;

console.log("# until FileDownloaded becomes active");
const downloaded = machine.when("FileDownloaded", { signal, timeoutMs });
machine.add("DownloadingFile");
machine.add("FileDownloaded");
await downloaded;

console.log("# until DownloadingFile becomes inactive");
machine.add("DownloadingFile");
const stopped = machine.whenNot("DownloadingFile", { signal, timeoutMs });
machine.remove("DownloadingFile");
await stopped;

console.log("# until EventConnected is activated with the argument id = 123");
const connected = machine.whenArgs("EventConnected", { id: 123 }, { signal, timeoutMs });
machine.add("EventConnected", { id: 122 });
machine.add("EventConnected", { id: 123 });
console.log(`connected with id ${(await connected).id}`);

console.log("# until Foo has a tick of 6 or more, and Bar one of 10 or more");
const ticked = machine.whenTime(["Foo", "Bar"], [6, 10], { signal, timeoutMs });
for (let i = 0; i < 6; i++) machine.toggle("Foo");
for (let i = 0; i < 10; i++) machine.toggle("Bar");
await ticked;

console.log("# until DownloadingFile has a tick of 6 or more");
const sixth = machine.whenTick("DownloadingFile", 6, { signal, timeoutMs });
machine.add("DownloadingFile");
machine.remove("DownloadingFile");
await sixth;

console.log("# until the tick of DownloadingFile has gone up by 2 from now");
const twoMore = machine.whenTicks("DownloadingFile", 2, { signal, timeoutMs });
machine.add("DownloadingFile");
machine.remove("DownloadingFile");
await twoMore;

console.log("# until it is too late, or nobody wants to know any more");
await machine.when("FileDownloaded", { timeoutMs: 10 }).catch((error) =>
  console.log(`${error.name}: ${error.message}`)
);
const caller = new AbortController();
const unwanted = machine.when("FileDownloaded", { signal: caller.signal });
caller.abort(new Error("the caller went away"));
await unwanted.catch((error) => console.log(`${error.name}: ${error.message}`));

console.log(
  `done: DownloadingFile, Foo and Bar ticked ${machine.time(["DownloadingFile", "Foo", "Bar"]).join(", ")} times`,
);
