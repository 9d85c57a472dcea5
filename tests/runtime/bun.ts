/**
 * Runs the tests of the files named, and prints what came of them as JSON in the last line: Bun's part of
 * `deno task test:runtimes`. Bun's own runner would find files by names of its own.
 *
 * @module
 */
import { argv, on } from "node:process";
import { pathToFileURL } from "node:url";
import { runListed } from "./_list.ts";

const unhandled: unknown[] = [];
on("unhandledRejection", (reason) => void unhandled.push(reason));

for (const path of argv.slice(2)) await import(pathToFileURL(path).href);
console.log(JSON.stringify(await runListed(() => unhandled.splice(0))));
