/** What `machine/` may not do; `deno.dom.json` has to refuse it. */
// deno-lint-ignore no-process-global -- the global is the point
export const folder: string = process.cwd();
