/** What `machine/` may not do; `deno.dom.json` has to refuse it. */
export const folder: string = Deno.cwd();
