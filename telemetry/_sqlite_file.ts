/**
 * The file of a {@linkcode FileStore}: opening it, holding it, and what its errors mean.
 *
 * @module
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { StoreError, type StoreErrorCode } from "./_store.ts";

/** What {@linkcode SqliteFile} can be told. */
export interface SqliteFileOptions {
  /** Statements that make the tables of a new file. */
  readonly schema: string;
  /** Number of the schema; a file with a higher one is refused. */
  readonly version: number;
  /** The size that the file may reach, in bytes. */
  readonly maxBytes: number;
  /** Whether a batch is safe from a loss of power, too. */
  readonly survivePowerLoss: boolean;
}

/** Tells files of this store from other SQLite files: "amts". */
const APPLICATION_ID = 0x616d7473;

/** SQLite's result codes as ours: extended ones, and those of one byte, which is the lowest of the extended. */
const CODES: Readonly<Record<number, StoreErrorCode>> = {
  5: "locked",
  6: "locked",
  8: "read-only",
  10: "disk",
  11: "corrupt",
  13: "full",
  14: "read-only", // of a file that is open: its log of writes cannot be made
  26: "foreign",
  3850: "read-only", // a lock for writing is refused, which a file opened for reading does
};

const REASONS: Readonly<Record<StoreErrorCode, string>> = {
  "locked": "another process has it open",
  "read-only": "it cannot be written",
  "corrupt": "it is damaged",
  "disk": "the disk reports an error",
  "full": "there is no room left",
  "unreadable": "it cannot be opened",
  "foreign": "it is no telemetry store",
  "newer": "a later version wrote it",
  "unsupported": "this runtime has no SQLite",
};

/** A file of SQLite that only this process uses. */
export class SqliteFile {
  /** Bytes of a page. */
  readonly pageBytes: number;
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #isReady = false;
  #isOpen = true;

  /** Open the file, or make it. */
  constructor(path: string, options: SqliteFileOptions) {
    this.#path = path;
    this.#database = this.#open(findSqlite(path));
    try {
      this.#prepare(options);
      this.pageBytes = this.number("PRAGMA page_size");
      this.all(`PRAGMA max_page_count = ${Math.floor(options.maxBytes / this.pageBytes)}`);
      this.#isReady = true;
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** Pages in use. */
  get usedPages(): number {
    return this.number("PRAGMA page_count") - this.number("PRAGMA freelist_count");
  }

  /** Run a statement that returns nothing. */
  run(sql: string, ...values: SQLInputValue[]): void {
    this.#try("write", () => this.#statement(sql).run(...values));
  }

  /** All rows of a query. */
  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#try("read", () => this.#statement(sql).all(...values)) as Row[];
  }

  /** The first row of a query. */
  first<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#try("read", () => this.#statement(sql).get(...values)) as Row | undefined;
  }

  /** The number that a query has for an answer; 0 if it has none. */
  number(sql: string, ...values: SQLInputValue[]): number {
    const row = this.first<Record<string, number | null>>(sql, ...values);
    return row === undefined ? 0 : Object.values(row)[0] ?? 0;
  }

  /** Read JSON that was written into the file. */
  parse<Value>(json: string): Value {
    try {
      return JSON.parse(json);
    } catch (error) {
      throw this.#error("read", "corrupt", error);
    }
  }

  /** Do all of something or nothing. What it did in memory is not undone. */
  transact<Value>(action: () => Value): Value {
    this.run("BEGIN IMMEDIATE");
    try {
      const value = action();
      this.run("COMMIT");
      return value;
    } catch (error) {
      if (this.#database.isTransaction) this.run("ROLLBACK"); // some errors have done it already
      throw error;
    }
  }

  /** Let go of the file. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#statements.clear();
    this.#database.close();
  }

  #open(Database: typeof DatabaseSync): DatabaseSync {
    try {
      return new Database(this.#path);
    } catch (error) {
      throw (error as { code?: unknown }).code === "ERR_SQLITE_ERROR"
        ? this.#error("open", "unreadable", error)
        : error;
    }
  }

  /**
   * Takes the file for this process until it is closed. With an exclusive lock, the log of writes needs no shared memory.
   * The lock goes with the process, whatever ends it.
   */
  #prepare({ schema, version, survivePowerLoss }: SqliteFileOptions): void {
    this.#execute("PRAGMA locking_mode = EXCLUSIVE");
    const isNew = this.number("PRAGMA page_count") === 0;
    if (!isNew && this.number("PRAGMA application_id") !== APPLICATION_ID) throw this.#error("open", "foreign");
    if (this.number("PRAGMA user_version") > version) throw this.#error("open", "newer");
    this.#execute("PRAGMA journal_mode = WAL");
    this.#execute(`PRAGMA synchronous = ${survivePowerLoss ? "FULL" : "NORMAL"}`);
    this.#execute(`PRAGMA journal_size_limit = ${16 << 20}`);
    const head = `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${version}`;
    this.#execute(isNew ? `BEGIN IMMEDIATE; ${schema}; ${head}; COMMIT` : "BEGIN IMMEDIATE; COMMIT");
  }

  #execute(sql: string): void {
    this.#try("write", () => this.#database.exec(sql));
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, statement = this.#database.prepare(sql));
    return statement;
  }

  #try<Value>(action: string, run: () => Value): Value {
    try {
      return run();
    } catch (error) {
      const { errcode } = error as { errcode?: unknown };
      const code = typeof errcode === "number" ? CODES[errcode] ?? CODES[errcode & 0xff] : undefined;
      throw code === undefined ? error : this.#error(action, code, error);
    }
  }

  #error(action: string, code: StoreErrorCode, cause?: unknown): StoreError {
    const verb = this.#isReady ? action : "open";
    return new StoreError(`Cannot ${verb} "${this.#path}": ${REASONS[code]}`, { code, path: this.#path, cause });
  }
}

/** SQLite of Deno or Node, loaded when the first file is opened; asked of the runtime, as `import` would not wait. */
function findSqlite(path: string): typeof DatabaseSync {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  const sqlite = process?.getBuiltinModule?.("node:sqlite") as { DatabaseSync: typeof DatabaseSync } | undefined;
  if (sqlite !== undefined) return sqlite.DatabaseSync;
  throw new StoreError(`Cannot open "${path}": ${REASONS.unsupported}`, { code: "unsupported", path });
}
