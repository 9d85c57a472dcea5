/**
 * Lets Node load the tests from source: maps the imports that `deno.json` names. Node takes it with `--import`.
 *
 * IMPORTS holds the map, whole specifiers to URLs, as JSON.
 *
 * @module
 */
import { registerHooks } from "node:module";
import { env } from "node:process";

const imports: Record<string, string> = JSON.parse(env.IMPORTS ?? "{}");

registerHooks({
  resolve(specifier, context, nextResolve) {
    return nextResolve(Object.hasOwn(imports, specifier) ? imports[specifier]! : specifier, context);
  },
});
