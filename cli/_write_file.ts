import { cleanText } from "./_clean.ts";
import type { CommandContext } from "./_context.ts";
import { CommandFailure, USAGE } from "./_exit_codes.ts";

/** Where a command puts the text that it makes. */
export interface OutputOptions {
  /** The file, by its path in the folder; printed if there is none. */
  readonly output?: string | undefined;
  /** The folder that the file has to be in. The current one by default. */
  readonly dir?: string | undefined;
  /** Whether it takes the place of a file that is there. `false` by default. */
  readonly force?: boolean | undefined;
}

/** Help of the options. */
export const OUTPUT_HELP = {
  output: "Write this file, in the folder.",
  dir: "The folder; the current one by default.",
  force: "Replace a file that is there.",
} as const;

/** Names that Windows keeps for devices, whatever stands behind a dot. */
const IS_DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])[ .]*(?:\.|$)/i;

/** What no name of a file has on every system: controls, and the characters that Windows reads in its own way. */
const IS_ODD = /[\p{Cc}<>:"|?*\\]|[ .]$/u;

/**
 * Print a text, or write it to the file that the options name, and say so.
 *
 * @throws {CommandFailure} when the file cannot be written, or the options say where and name none.
 */
export async function putOut({ out }: CommandContext, text: string, options: OutputOptions): Promise<void> {
  if (options.output === undefined) {
    const option = options.force ? "force" : options.dir === undefined ? undefined : "dir";
    if (option !== undefined) throw new CommandFailure(`Cannot write: --${option} is for --output only`, USAGE);
    return await out.write(text);
  }
  writeFile(options.output, text, options);
  await out.write(`Wrote ${cleanText(options.output)}\n`);
}

/**
 * Tell the format of a file by the ending of its name.
 *
 * @param output The file.
 * @param formats Formats by endings.
 * @param option The option that says it, too.
 *
 * @throws {CommandFailure} when no format has that ending.
 */
export function formatOf<Format>(output: string, formats: Readonly<Record<string, Format>>, option: string): Format {
  const ending = output.slice(output.lastIndexOf("."));
  if (Object.hasOwn(formats, ending)) return formats[ending]!;
  const endings = Object.keys(formats).join(", ");
  const message = `Cannot tell the format of "${output}": it should end in ${endings}, or add ${option}`;
  throw new CommandFailure(cleanText(message), USAGE);
}

/**
 * Write a file as a whole or not at all, in a folder that it cannot leave.
 *
 * It is made under another name beside its place. Without `force` it gets its own name only if no file has that, however
 * late one came. All of this is synchronous, so that Ctrl-C finds nothing half-done.
 *
 * @param path The file, by its path in the folder.
 * @param text What it holds.
 * @param options The folder, and whether to replace.
 *
 * @throws {CommandFailure} when the path leads out of the folder, is no name of a file on every system, when there is a
 * file already, or none can be made.
 */
export function writeFile(path: string, text: string, options: Omit<OutputOptions, "output"> = {}): void {
  const { dir, force = false } = options;
  const { folder, name } = findPlace(path, dir);
  const target = `${folder}/${name}`;
  checkTarget(path, target, force);
  const part = `${folder}/.am-${crypto.randomUUID()}.part`;
  try {
    writePart(part, text);
    if (force) Deno.renameSync(part, target);
    else Deno.linkSync(part, target); // unlike a rename, it fails when there is a file
  } catch (error) {
    throw error instanceof Deno.errors.AlreadyExists ? failForFile(path) : fail(path, describe(error), error);
  } finally {
    removeIfThere(part);
  }
}

/**
 * Find the real folder of a file that is to be written, which is the target folder or below it.
 *
 * @throws {CommandFailure} when the path leads out of the folder, or is no name of a file on every system.
 */
export function findPlace(path: string, dir = "."): { folder: string; name: string } {
  const isWindows = Deno.build.os === "windows";
  const root = realPath(path, dir, `the folder "${dir}" is not there`);
  const unified = isWindows ? path.replaceAll("\\", "/") : path;
  const parts = toRelative(unified, isWindows ? root.replaceAll("\\", "/") : root).split("/");
  for (const part of parts) checkName(path, part);
  const name = parts.pop()!;
  const folder = realPath(path, [root, ...parts].join("/"), "its folder is not there");
  if (!isWithin(folder, root)) throw fail(path, `a link leads out of the folder "${dir}"`);
  return { folder, name };
}

/** An absolute path is welcome if it lies in the folder; all others fail as names: the first part of it is empty. */
function toRelative(path: string, root: string): string {
  const start = root.endsWith("/") ? root : `${root}/`;
  return (path.startsWith(start) ? path.slice(start.length) : path).replace(/^(?:\.\/+)+/, "");
}

function checkName(path: string, name: string): void {
  if (name === "..") throw fail(path, 'it leads out of the folder by "..", --dir names another');
  if (name === "") throw fail(path, "it names no file in the folder, --dir names another");
  if (IS_DEVICE.test(name)) throw fail(path, `"${name}" is a device on Windows`);
  if (IS_ODD.test(name)) throw fail(path, `"${name}" is no name of a file on every system`);
}

function checkTarget(path: string, target: string, force: boolean): void {
  let info;
  try {
    info = Deno.lstatSync(target);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw fail(path, describe(error), error);
  }
  if (info.isSymlink) throw fail(path, "it is a link");
  if (info.isDirectory) throw fail(path, "it is a folder");
  if (!force) throw failForFile(path);
}

function writePart(part: string, text: string): void {
  using file = Deno.openSync(part, { write: true, createNew: true });
  const bytes = new TextEncoder().encode(text);
  for (let i = 0; i < bytes.length;) i += file.writeSync(bytes.subarray(i));
  file.syncSync();
}

function removeIfThere(part: string): void {
  try {
    Deno.removeSync(part);
  } catch {
    // renamed, or never made
  }
}

function realPath(path: string, folder: string, reason: string): string {
  let real;
  try {
    real = Deno.realPathSync(folder);
  } catch (error) {
    throw fail(path, error instanceof Deno.errors.NotFound ? reason : describe(error), error);
  }
  if (!Deno.statSync(real).isDirectory) throw fail(path, `"${folder}" is no folder`);
  return real;
}

function isWithin(folder: string, root: string): boolean {
  const separator = Deno.build.os === "windows" ? "\\" : "/";
  return folder === root || folder.startsWith(root.endsWith(separator) ? root : root + separator);
}

function failForFile(path: string): CommandFailure {
  return fail(path, "it is there already, name another or add --force");
}

function fail(path: string, reason: string, cause?: unknown): CommandFailure {
  return new CommandFailure(cleanText(`Cannot write "${path}": ${reason}`), USAGE, { cause });
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
