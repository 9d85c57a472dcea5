/**
 * Schemas for the tests of diagrams.
 *
 * @module
 */
import type { State } from "../../../mod.ts";
import { type SchemaModel, toModel } from "../../../cli/schema/model.ts";

const GROUPS = {
  Downloaded: ["DownloadingFile", "FileDownloaded"],
  Processed: ["ProcessingFile", "FileProcessed"],
  Uploaded: ["UploadingFile", "FileUploaded"],
};

/** A file that is downloaded, processed and uploaded: three pairs that exclude each other. */
export const FILE: SchemaModel = toModel("File", {
  DownloadingFile: { remove: GROUPS.Downloaded },
  FileDownloaded: { remove: GROUPS.Downloaded },
  ProcessingFile: { auto: true, require: ["FileDownloaded"], remove: GROUPS.Processed },
  FileProcessed: { remove: GROUPS.Processed },
  UploadingFile: { auto: true, require: ["FileProcessed"], remove: GROUPS.Uploaded },
  FileUploaded: { remove: GROUPS.Uploaded },
}, GROUPS);

/** Every kind of relation, mark, box and frame. */
export const ALL: SchemaModel = toModel("All", {
  Start: { tags: ["root", "order:1"] },
  Up: { require: ["Start"], remove: ["Down"] },
  Down: { auto: true, remove: ["Up"] },
  Reading: { multi: true, require: ["Up"], add: ["Busy"] },
  Writing: { multi: true, require: ["Up"], add: ["Busy"] },
  Syncing: { multi: true, require: ["Up"], add: ["Busy"] },
  Busy: { after: ["Start"], remove: ["Idle"] },
  Idle: { add: ["Rest"] },
  Rest: { add: ["Idle"], require: ["Lost"] },
}, { Power: ["Up", "Down"], Work: ["Busy", "Idle"], Mixed: ["Idle", "Start"] });

/** Names that mean something to a format, a terminal or JavaScript. */
export const HOSTILE_NAMES: readonly string[] = [
  '"quoted"',
  "two\nlines",
  "<script>alert(1)</script>",
  "`code`",
  "-->",
  ";",
  "end",
  "&amp; &lt; &#35;",
  "\0\x01\x1b[31mred",
  "half \ud800",
  "\u202Eright to left",
  "\uFFFE\uFFFF",
  "back\\slash\\N\\",
  "]]>",
  "</title></svg>",
  "%%{init: {}}%%",
  "style:#x;",
  "classDef",
  "subgraph",
  "__proto__",
  "constructor",
  "",
  " ",
  "狀態 👍🏽",
  "x".repeat(10_000),
];

/** A schema of hostile names in every role. */
export function makeHostile(): SchemaModel {
  const names = HOSTILE_NAMES;
  const states = names.map((name, i): [string, State] => [name, {
    require: [names[(i + 1) % names.length]!, `lost ${name}`],
    tags: [name],
    ...(i % 3 === 0 && { remove: [names[(i + 2) % names.length]!] }),
    ...(i % 3 === 2 && { remove: [names[(i + names.length - 2) % names.length]!] }),
  }]);
  return { name: names.join(""), states: new Map(states), groups: new Map([[names[2]!, names.slice(0, 5)]]) };
}
