/**
 * The size of a program that imports one thing, as a browser would load it.
 *
 * @module
 */

/** Bytes. */
export interface BundleSize {
  readonly minified: number;
  readonly gzip: number;
}

/**
 * What programs import to make a machine, by the name of the system. `deno bundle` does not know the condition `module`, by
 * which other bundlers find the build of XState that can be shaken.
 */
export const ENTRIES: Readonly<Record<string, string>> = {
  "this package": importing(["Machine"], "@asyncmachine/asyncmachine"),
  "XState": importing(["createActor", "createMachine"], new URL("xstate.esm.js", import.meta.resolve("xstate")).href),
  "robot3": importing(["createMachine", "interpret", "state", "transition"], "robot3"),
};

/** Bundle and minify a program, and compress what comes out. */
export async function measureBundle(source: string): Promise<BundleSize> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/entry.js`, source);
    const config = new URL("../deno.json", import.meta.url).pathname;
    const args = ["bundle", "--quiet", "--minify", "--platform=browser", `--config=${config}`];
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...args, `${folder}/entry.js`],
      env: { NO_COLOR: "1" },
    }).output();
    if (!success) throw new Error(`Cannot bundle: ${new TextDecoder().decode(stderr)}`);
    const zipped = await new Response(new Blob([stdout]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();
    return { minified: stdout.length, gzip: zipped.length };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function importing(names: readonly string[], from: string): string {
  return `import { ${names} } from "${from}"; globalThis.used = [${names}];`;
}
