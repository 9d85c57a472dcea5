/**
 * Looks at generated code as its user will: with Deno's own tools, in a folder of its own.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };

const ROOT = new URL("../../", import.meta.url);

/** A folder with generated files. */
export class GeneratedFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Make a folder whose code is checked as strictly as that of the project, and formatted with no option. */
  static async create(files: Iterable<readonly [name: string, text: string]>): Promise<GeneratedFolder> {
    const folder = new GeneratedFolder(await Deno.realPath(await Deno.makeTempDir()));
    const imports = {
      "@asyncmachine/asyncmachine": new URL("mod.ts", ROOT).href,
      "@std/assert": import.meta.resolve("@std/assert"),
    };
    // Where checkouts of the real packages are linked, they are linked here, too.
    const { compilerOptions, links } = config as typeof config & { links?: string[] };
    await folder.write("deno.json", JSON.stringify({ imports, compilerOptions, links }));
    for (const [name, text] of files) await folder.write(name, text);
    return folder;
  }

  /** Write a file more. */
  async write(name: string, text: string): Promise<void> {
    await Deno.writeTextFile(`${this.path}/${name}`, text);
  }

  /** See that `deno fmt` has nothing to do, that the types are right, and that `deno lint` finds nothing. */
  async check(): Promise<void> {
    const files = [...Deno.readDirSync(this.path)].map(({ name }) => name).filter((name) => name.endsWith(".ts"));
    await this.run("fmt", "--check", ...files);
    await this.run("lint", ...files);
    await this.run("check", ...files);
  }

  /** See that the folder could go to JSR with these files as its entries: their types are written out. */
  async checkForJsr(...entries: string[]): Promise<void> {
    const before = JSON.parse(await Deno.readTextFile(`${this.path}/deno.json`));
    const exports = Object.fromEntries(entries.map((name) => [`./${name}`, `./${name}`]));
    await this.write("deno.json", JSON.stringify({ ...before, name: "@test/test", version: "1.0.0", exports }));
    await this.run("lint", ...entries);
    await this.write("deno.json", JSON.stringify(before));
  }

  /** Run Deno in the folder, and see it succeed. */
  async run(...args: string[]): Promise<string> {
    const command = new Deno.Command("deno", { args, cwd: this.path, env: { NO_COLOR: "1" } });
    const { code, stdout, stderr } = await command.output();
    const [out, err] = [stdout, stderr].map((it) => new TextDecoder().decode(it)) as [string, string];
    assertEquals(code, 0, `deno ${args[0]} fails:\n${out}${err}`.slice(0, 10_000));
    return out;
  }

  /** Load a file of the folder, and what it exports. */
  async load(name: string): Promise<Record<string, unknown>> {
    return await import(`file://${this.path}/${name}`);
  }

  /** Remove it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}
