/**
 * Registers the tests of the files named, and `node:test` runs them: Node's part of `deno task test:runtimes`.
 *
 * @module
 */
import { argv } from "node:process";
import { pathToFileURL } from "node:url";

for (const path of argv.slice(2)) await import(pathToFileURL(path).href);
