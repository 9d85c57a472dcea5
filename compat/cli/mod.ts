/**
 * Help with the command line, under the name of `@std/cli` and with its signatures and behaviour: reading of arguments, for
 * the options that the project uses, and columns of a text.
 *
 * ```ts
 * import { parseArgs } from "@std/cli";
 * import { assertEquals } from "@std/assert";
 *
 * const args = parseArgs(["--port", "80", "-v", "Foo"], { boolean: ["verbose"], alias: { verbose: "v" } });
 * assertEquals(args, { port: 80, verbose: true, v: true, _: ["Foo"] });
 * ```
 *
 * @module
 */
export { type Args, parseArgs, type ParseOptions } from "./parse_args.ts";
export { unicodeWidth } from "./unicode_width.ts";
