/**
 * Watches directories for executables, as a shell watches those of `$PATH`, and reads each again once it is quiet.
 *
 * Shows a machine for each directory that is piped into one for all, and a debounce made of a state: each change enters
 * `DirDebounced` anew, whose signal stops the timer before. A burst of 1,000 files ends in one refresh of each directory.
 *
 * Run it: `deno run --allow-read --allow-write examples/path_watcher.ts` (a burst in two temporary directories), or
 * `deno run --allow-read examples/path_watcher.ts DIRECTORY...` (until Ctrl-C)
 */
import { argsType, defineSchema, type EventOf, Machine, pipe } from "@asyncmachine/asyncmachine";
import { waitForErrAll } from "@asyncmachine/asyncmachine/flow";

const REFRESH_GROUP = ["Refreshing", "Refreshed", "DirDebounced"] as const;

const rootSchema = defineSchema({
  Init: { add: ["Watching"] },
  Watching: { add: ["Init"], after: ["Init"] },
  ChangeEvent: { multi: true, require: ["Watching"], args: argsType<{ paths: string[] }>() },
  Refreshing: { multi: true, remove: ["AllRefreshed"] },
  Refreshed: { multi: true },
  AllRefreshed: {},
});

const directorySchema = defineSchema({
  Refreshing: { remove: REFRESH_GROUP },
  Refreshed: { remove: REFRESH_GROUP },
  DirDebounced: { remove: REFRESH_GROUP },
  DirCached: {},
});

const QUIET_MS = 500;
const BURST = 1_000;

class Directory {
  readonly path: string;
  readonly machine: Machine<typeof directorySchema>;
  executables = 0;

  constructor(path: string, root: Machine<typeof rootSchema>) {
    this.path = path;
    this.machine = new Machine(directorySchema, { parent: root });
    this.machine.bindHandlers(this);
    this.machine.onError((_, error) => void root.addErr(error));
    pipe(this.machine, "Refreshing", root, { removed: null });
    pipe(this.machine, "Refreshed", root, { removed: null });
  }

  /** A state ticks when it comes and when it goes. */
  get refreshes(): number {
    return Math.ceil(this.machine.tick("Refreshing") / 2);
  }

  changed(): void {
    this.machine.remove("DirDebounced");
    this.machine.add("DirDebounced");
  }

  DirDebouncedState({ signal, machine }: EventOf<typeof directorySchema, "DirDebounced">): void {
    const timer = setTimeout(() => machine.add("Refreshing"), QUIET_MS);
    signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  }

  async RefreshingState({ signal, machine }: EventOf<typeof directorySchema, "Refreshing">): Promise<void> {
    let executables = 0;
    for await (const entry of Deno.readDir(this.path)) {
      if (entry.isFile && await isExecutable(`${this.path}/${entry.name}`)) executables++;
      if (signal.aborted) return; // changed while it was read
    }
    this.executables = executables;
    machine.add(["Refreshed", "DirCached"]);
  }
}

class Root {
  readonly machine = new Machine(rootSchema, { id: "watcher" });
  readonly directories: readonly Directory[];

  constructor(paths: readonly string[]) {
    this.directories = paths.map((path) => new Directory(path, this.machine));
    this.machine.bindHandlers(this);
  }

  InitState(): void {
    for (const { machine } of this.directories) machine.add("Refreshing");
  }

  /**
   * Deno drops events when they come faster than they are read. With a watcher for each directory, one is still to be read
   * then that is of the same directory, and leads to its refresh.
   */
  async WatchingState({ signal, machine }: EventOf<typeof rootSchema, "Watching">): Promise<void> {
    await Promise.all(this.directories.map(async ({ path }) => {
      using watcher = Deno.watchFs(path, { recursive: false });
      signal.addEventListener("abort", () => watcher.close(), { once: true });
      for await (const { kind, paths } of watcher) {
        if (kind !== "access") machine.add("ChangeEvent", { paths }); // reading a directory is no change
      }
    }));
  }

  ChangeEventState({ args }: EventOf<typeof rootSchema, "ChangeEvent">): void {
    for (const directory of this.directories) {
      if (args.paths.some((path) => `${path}/`.startsWith(`${directory.path}/`))) directory.changed();
    }
  }

  RefreshedState({ machine }: EventOf<typeof rootSchema, "Refreshed">): void {
    if (!this.directories.every(({ machine }) => machine.is("Refreshed"))) return;
    machine.remove("Refreshing");
    machine.add("AllRefreshed");
  }

  AllRefreshedState(): void {
    for (const { path, executables, refreshes } of this.directories) {
      console.log(`${path}: ${executables} executables, refreshes: ${refreshes}`);
    }
  }
}

try {
  if (Deno.args.length > 0) await watch(Deno.args.map(realDirectory));
  else await showBurst();
} catch (error) {
  console.error(`error: ${(error as Error).message}`);
  Deno.exitCode = 1;
}

/** Watch until Ctrl-C, or an error. */
async function watch(paths: readonly string[]): Promise<void> {
  const root = new Root(paths);
  Deno.addSignalListener("SIGINT", stop);
  try {
    root.machine.add("Init");
    throw await root.machine.whenErr();
  } catch (error) {
    if (!root.machine.disposed) throw error;
  } finally {
    Deno.removeSignalListener("SIGINT", stop);
    await root.machine.dispose();
  }

  function stop(): void {
    void root.machine.dispose();
  }
}

/** Write many files at once into two directories, and wait until both were read again. */
async function showBurst(): Promise<void> {
  const paths = [realDirectory(await Deno.makeTempDir()), realDirectory(await Deno.makeTempDir())];
  const { machine, directories } = new Root(paths);
  try {
    machine.add("Init");
    await waitForErrAll(machine, [(signal) => machine.when("AllRefreshed", { signal })], { timeoutMs: 10_000 });
    const before = directories.map(({ refreshes }) => refreshes);
    const again = waitForErrAll(machine, [(signal) => machine.whenNextActive("AllRefreshed", { signal })], {
      timeoutMs: 30_000,
    });
    for (let i = 0; i < BURST; i++) {
      Deno.writeTextFileSync(`${paths[i % 2]}/program-${i}`, "#!/bin/sh\n", { mode: 0o755 });
    }
    await again;
    const more = directories.map(({ refreshes }, i) => refreshes - before[i]!);
    console.log(`done: ${BURST} files, refreshes: ${more.join(" and ")}`);
  } finally {
    await machine.dispose();
    for (const path of paths) await Deno.remove(path, { recursive: true });
  }
}

/** The path as the watcher will name it. */
function realDirectory(path: string): string {
  try {
    if (Deno.statSync(path).isDirectory) return Deno.realPathSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  throw new Error(`Cannot watch "${path}": it is not a directory`);
}

/** A file that is gone by now is none. */
async function isExecutable(path: string): Promise<boolean> {
  try {
    return (((await Deno.stat(path)).mode ?? 0) & 0o111) !== 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
