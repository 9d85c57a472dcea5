import { CommandFailure, USAGE } from "./_exit_codes.ts";

/** How a recording is written. */
export interface RecordingFileOptions {
  /** Whether it is packed with gzip. */
  readonly isPacked: boolean;
  /** Whether it takes the place of a file that is there. */
  readonly isForced: boolean;
}

/** A recording as it is written: beside its place, to which it goes as a whole. */
export class RecordingFile {
  readonly #path: string;
  readonly #part: string;
  readonly #file: Deno.FsFile;
  /** Packs what is written; `undefined` if it is not to be packed. */
  readonly #packer: WritableStreamDefaultWriter<BufferSource> | undefined;
  /** Settles when all that was packed is written. */
  readonly #packed: Promise<void>;
  readonly #encoder: TextEncoder;

  private constructor(path: string, part: string, file: Deno.FsFile, { isPacked }: RecordingFileOptions) {
    this.#path = path;
    this.#part = part;
    this.#file = file;
    const gzip = isPacked ? new CompressionStream("gzip") : undefined;
    this.#packer = gzip?.writable.getWriter();
    this.#packed = gzip === undefined ? Promise.resolve() : writeStream(file, gzip.readable);
    this.#packed.catch(() => {}); // told by close()
    this.#encoder = new TextEncoder();
  }

  /**
   * Begin a recording.
   *
   * @throws {CommandFailure} when there is a file already, or none can be made.
   */
  static async create(path: string, options: RecordingFileOptions): Promise<RecordingFile> {
    if (!options.isForced && await isThere(path)) {
      throw new CommandFailure(`Cannot record to "${path}": it is there already, name another or add --force`, USAGE);
    }
    const part = `${path}.part`;
    try {
      const file = await Deno.open(part, { write: true, create: true, truncate: true, mode: 0o600 });
      return new RecordingFile(path, part, file, options);
    } catch (cause) {
      throw new CommandFailure(`Cannot record to "${path}": the file cannot be made`, USAGE, { cause });
    }
  }

  /** Write text; unless it is packed, it is in the file then. */
  async write(text: string): Promise<void> {
    try {
      const bytes = this.#encoder.encode(text);
      if (this.#packer === undefined) await writeAll(this.#file, bytes);
      else await this.#packer.write(bytes);
    } catch (cause) {
      throw this.#failure(cause);
    }
  }

  /** Finish it: it stands in its place, whole. */
  async close(): Promise<void> {
    try {
      await this.#packer?.close();
      await this.#packed;
      await this.#file.sync();
      this.#file.close();
      await Deno.rename(this.#part, this.#path);
    } catch (cause) {
      throw this.#failure(cause);
    }
  }

  /** Leave nothing of it. */
  async discard(): Promise<void> {
    await this.#packer?.abort().catch(() => {}); // it may have failed already
    await this.#packed.catch(() => {});
    this.#file.close();
    await Deno.remove(this.#part).catch(() => {});
  }

  #failure(cause: unknown): CommandFailure {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new CommandFailure(`Cannot record to "${this.#path}": ${reason}`, USAGE, { cause });
  }
}

async function writeStream(file: Deno.FsFile, stream: ReadableStream<Uint8Array>): Promise<void> {
  for await (const bytes of stream) await writeAll(file, bytes);
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let i = 0; i < bytes.length;) i += await file.write(bytes.subarray(i));
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw new CommandFailure(`Cannot record to "${path}": its folder cannot be read`, USAGE, { cause: error });
  }
}
