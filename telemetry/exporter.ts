import {
  type Binding,
  type LogLevel,
  type Machine,
  type MachineApi,
  type MachineClock,
  type Mutation,
  PLATFORM_CLOCK,
  readEnv,
  type Schema,
  type Tracer,
  type TracerWants,
  type Transition,
  type WaitOptions,
} from "../machine/mod.ts";
import { Instance, type InstanceHost } from "./_instance.ts";
import { type Batch, Outbox } from "./_outbox.ts";
import { type IngestAnswer, type Outcome, postBatch, type PostOptions } from "./_post.ts";
import { isPage, mayConnect, unrefTimer } from "./_runtime.ts";
import { LOG_LEVELS, type TelemetryRecord } from "./protocol.ts";

/**
 * The address of a telemetry server that was started without options.
 *
 * @example Usage
 * ```ts
 * import { DEFAULT_URL } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(DEFAULT_URL, "http://127.0.0.1:6841");
 * ```
 */
export const DEFAULT_URL = "http://127.0.0.1:6841";

/**
 * Options of a {@linkcode TelemetryExporter}.
 *
 * @example Usage
 * ```ts
 * import { Machine } from "@asyncmachine/asyncmachine";
 * import { TelemetryExporter, type TelemetryExporterOptions } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * const options: TelemetryExporterOptions = {
 *   logLevel: "ops",
 *   logArgs: ["path"],
 *   redact: (record) => record.kind === "log" ? null : record,
 *   fetch: () => Promise.resolve(Response.json({ epoch: "a" })), // in the place of a server
 * };
 * await using exporter = new TelemetryExporter(options);
 * const machine = new Machine({ Ready: {} }, { tracers: [exporter] });
 * machine.add("Ready", { path: "/shown", token: "not shown" });
 * await exporter.flush();
 * assertEquals(exporter.isClosed, false);
 * ```
 */
export interface TelemetryExporterOptions {
  /** Address of the server; below a path, when the server is mounted there. {@linkcode DEFAULT_URL} by default. */
  readonly url?: string | URL | undefined;
  /** The server's ingest token, which it asks for on loopback, too, unless its `auth` is off. None by default. */
  readonly token?: string | undefined;
  /** Sends requests. The platform's `fetch` by default. */
  readonly fetch?: ((input: string, init: RequestInit) => Promise<Response>) | undefined;
  /** Milliseconds that records wait for others, so that they leave together. 250 by default. */
  readonly intervalMs?: number | undefined;
  /** Records of a batch; so many leave without waiting. 1,000 by default. */
  readonly batchRecords?: number | undefined;
  /** Bytes of a batch, about. 1,000,000 by default. */
  readonly batchBytes?: number | undefined;
  /** Records that are held at most. Then the oldest are dropped, and a gap tells of them. 20,000 by default. */
  readonly outboxRecords?: number | undefined;
  /** Bytes that are held at most, about. 16,000,000 by default. */
  readonly outboxBytes?: number | undefined;
  /** Milliseconds after which a request without an answer has failed. 10,000 by default. */
  readonly requestTimeoutMs?: number | undefined;
  /** Milliseconds before the first repetition of a failed request; each further one waits twice as long. 500 by default. */
  readonly retryMs?: number | undefined;
  /** Milliseconds that it waits at most, unless the server says for how long. 30,000 by default. */
  readonly maxRetryMs?: number | undefined;
  /** Milliseconds that the end of an `await using` block may wait for the last records. 5,000 by default. */
  readonly disposeTimeoutMs?: number | undefined;
  /** Whether the steps of transitions are sent. `true` by default. */
  readonly steps?: boolean | undefined;
  /** Whether checks (`canAdd`, `canRemove`) are sent. `false` by default. */
  readonly checks?: boolean | undefined;
  /** Whether a mutation is sent when it goes into the queue, too, as well as when it ran. `false` by default. */
  readonly queued?: boolean | undefined;
  /**
   * Lines of the text log that are sent. `"nothing"` by default: lines have texts of errors, and what users log.
   * Arguments in them are cut to those in `logArgs`.
   */
  readonly logLevel?: LogLevel | undefined;
  /** Keys of the arguments that may leave the process; `err` stands for the message of an `error`, too. None by default. */
  readonly logArgs?: readonly string[] | undefined;
  /**
   * Changes a record before it leaves, or drops it by returning null. It gets a copy, which it may write to. Gaps are not
   * shown to it: they have nothing to hide. What it throws drops the record.
   */
  readonly redact?: ((record: TelemetryRecord) => TelemetryRecord | null) | undefined;
  /** Aborting it stops the exporter at once; what it holds is dropped. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Is told when the exporter gives up, and of what it goes on after: the first failure of an outage, refused records. By
   * default the console is told, of giving up alone.
   */
  readonly onError?: ((error: TelemetryError) => void) | undefined;
  /** What its timers run on. The platform's by default, whose timers let the program end. */
  readonly clock?: MachineClock | undefined;
}

/**
 * Options of {@linkcode TelemetryError}.
 *
 * @example Usage
 * ```ts
 * import { TelemetryError, type TelemetryErrorOptions } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * const options: TelemetryErrorOptions = { status: 401, isFinal: true };
 * assertEquals(new TelemetryError("Cannot send telemetry", options).isFinal, true);
 * ```
 */
export interface TelemetryErrorOptions extends ErrorOptions {
  /** Status of the server's answer; null when there was none. */
  readonly status?: number | null | undefined;
  /** Whether the exporter has given up. */
  readonly isFinal?: boolean | undefined;
}

/**
 * Records did not reach the server.
 *
 * @example Usage
 * ```ts
 * import { Machine } from "@asyncmachine/asyncmachine";
 * import { TelemetryError, TelemetryExporter } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const fetch = () => Promise.resolve(new Response("", { status: 401 })); // a server that wants another token
 * const exporter = new TelemetryExporter({ fetch, onError: () => {} });
 * new Machine({ Ready: {} }, { tracers: [exporter] });
 * const error = await assertRejects(() => exporter.flush(), TelemetryError, "the token is missing or wrong");
 * assertEquals([error.status, error.isFinal], [401, true]);
 * ```
 */
export class TelemetryError extends Error {
  /** Status of the server's answer; null when there was none. */
  readonly status: number | null;
  /** Whether the exporter has given up; else it goes on. */
  readonly isFinal: boolean;

  /**
   * Make the error.
   *
   * @param message What happened.
   * @param options Options.
   */
  constructor(message: string, options: TelemetryErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.name = "TelemetryError";
    this.status = options.status ?? null;
    this.isFinal = options.isFinal ?? false;
  }
}

/**
 * Sends what machines do to a telemetry server: a tracer that collects records, and posts them in batches.
 *
 * It never disturbs a machine: a transition only notes what happened; encoding and sending come later. While the server is
 * away, records are held up to a limit, the oldest are dropped first, and a gap takes their place. Failed requests are
 * repeated with growing delays. Its timers let the program end: `flush()`, or `await using`, waits for the last records.
 *
 * A machine gets it among its `tracers`, by `attach()`, or by `bindTracer()`, once; machines that are made under it later
 * come too. What leaves the process is what the schema and the clock say, and with options more: see `logLevel` and
 * `logArgs`. In a page, call `flush()` on `pagehide`: small batches are sent after the page is left.
 *
 * @example Usage
 * ```ts
 * import { Machine } from "@asyncmachine/asyncmachine";
 * import { parseRecord, TelemetryExporter } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * const kinds: string[] = [];
 * const fetch = async (input: string, init: RequestInit) => { // in the place of a server
 *   const lines = (await new Request(input, init).text()).trim().split("\n");
 *   kinds.push(...lines.map((line) => parseRecord(JSON.parse(line)).kind));
 *   return Response.json({ epoch: "a" });
 * };
 * {
 *   await using exporter = new TelemetryExporter({ fetch });
 *   const machine = new Machine({ Start: {}, Ready: { require: ["Start"] } }, { tracers: [exporter] });
 *   machine.add(["Start", "Ready"]);
 * }
 * assertEquals(kinds, ["machine", "tx"]);
 * ```
 */
export class TelemetryExporter implements Tracer, AsyncDisposable {
  /** What machines build for it. */
  readonly wants: TracerWants;
  /** Machines that are made under an exported one are exported, too. */
  readonly inheritable: boolean = true;
  readonly #post: PostOptions;
  readonly #limits: Limits;
  readonly #clock: MachineClock;
  readonly #onError: (error: TelemetryError) => void;
  readonly #host: InstanceHost;
  readonly #outbox: Outbox;
  readonly #byMachine: WeakMap<MachineApi, Instance>;
  readonly #bindings: WeakMap<MachineApi, Binding>;
  /** Instances whose machines may be alive. A machine that nobody holds is not held here, either. */
  readonly #alive: Set<WeakRef<Instance>>;
  /** Instances that have something to tell at the next flush. */
  readonly #touched: Set<Instance>;
  readonly #waiters: Set<Waiter>;
  readonly #controller: AbortController;
  #timer: unknown;
  #timerAt: number;
  #isTimerHeld: boolean;
  #isSending: boolean;
  #failures: number;
  /** When the next request may leave; and since when the server itself asked for that. */
  #notBefore: number;
  #isAsked: boolean;
  #epoch: string | null;
  #end: TelemetryError | null;
  #isClosed: boolean;

  /**
   * Make an exporter. Nothing is sent before a machine has it.
   *
   * @param options Options.
   *
   * @throws {TypeError} when `url` is no address of http or https.
   * @throws {RangeError} when a number is out of range, or there is no such `logLevel`.
   */
  constructor(options: TelemetryExporterOptions = {}) {
    const { steps = true, checks = false, queued = false, logLevel = "nothing", logArgs = [] } = options;
    const level = LOG_LEVELS.indexOf(logLevel);
    if (level < 0) {
      throw new RangeError(`Cannot export at level "${logLevel}": the levels are ${LOG_LEVELS.join(", ")}`);
    }
    this.wants = Object.freeze({ steps, checkSteps: steps && checks, logLevel, args: level > 0 });
    this.#limits = readLimits(options);
    this.#clock = options.clock ?? PLATFORM_CLOCK;
    this.#onError = options.onError ?? ((error) => {
      if (error.isFinal) console.error(error.message);
    });
    this.#post = {
      address: ingestAddress(options.url ?? DEFAULT_URL),
      token: options.token,
      fetch: options.fetch ?? ((input, init) => fetch(input, init)),
      keepalive: isPage(),
    };
    this.#outbox = new Outbox({
      ...this.#limits,
      redact: options.redact,
      onRedactError: (cause) => this.#report(new TelemetryError("Cannot redact record: it is dropped", { cause })),
    });
    this.#host = {
      steps,
      checks,
      queued,
      logLevel: level,
      logArgs: [...new Set(logArgs)],
      now: () => this.#clock.now(),
      push: (sequence, record, bytes) => {
        this.#outbox.push(sequence, record, bytes);
        this.#pushed();
      },
      touch: (instance) => {
        this.#touched.add(instance);
        this.#schedule(this.#limits.intervalMs);
      },
      instanceOf: (machine) => this.#byMachine.get(machine)?.sequence.instance,
    };
    this.#byMachine = new WeakMap();
    this.#bindings = new WeakMap();
    this.#alive = new Set();
    this.#touched = new Set();
    this.#waiters = new Set();
    this.#controller = new AbortController();
    this.#timer = undefined;
    this.#timerAt = Infinity;
    this.#isTimerHeld = false;
    this.#isSending = false;
    this.#failures = 0;
    this.#notBefore = -Infinity;
    this.#isAsked = false;
    this.#epoch = null;
    this.#end = null;
    this.#isClosed = false;
    const { signal } = options;
    const stop = () =>
      this.#close(new TelemetryError("Cannot send telemetry: the exporter is stopped", { isFinal: true }));
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true, signal: this.#controller.signal });
  }

  /**
   * Whether it has given up, was stopped, or is disposed.
   *
   * @example Usage
   * ```ts
   * import { TelemetryExporter } from "@asyncmachine/asyncmachine/telemetry";
   * import { assertEquals } from "@std/assert";
   *
   * const exporter = new TelemetryExporter();
   * await exporter[Symbol.asyncDispose]();
   * assertEquals(exporter.isClosed, true);
   * ```
   */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Export a machine that was made without the exporter, from now on.
   *
   * @param machine The machine. One that is exported already stays so, and is not exported twice.
   * @returns A binding to take the exporter off with.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { TelemetryExporter, type TelemetryRecord } from "@asyncmachine/asyncmachine/telemetry";
   * import { assertEquals } from "@std/assert";
   *
   * const records: TelemetryRecord[] = [];
   * await using exporter = new TelemetryExporter({ redact: (record) => (records.push(record), null) }); // none leaves
   * const machine = new Machine({ Ready: {} });
   * machine.add("Ready");
   * exporter.attach(machine);
   * await exporter.flush();
   * assertEquals(records.map((record) => record.kind === "machine" && record.ticks), [[1, 0]]);
   * ```
   */
  attach<S extends Schema>(machine: Machine<S>): Binding {
    const api = machine as unknown as MachineApi;
    const known = this.#bindings.get(api);
    if (known !== undefined) return known;
    if (this.#byMachine.has(api)) return { id: "exporter", detach() {}, [Symbol.dispose]() {} };
    const bound = machine.bindTracer(this);
    this.#of(api);
    const detach = () => {
      bound.detach();
      this.#bindings.delete(api);
      this.#byMachine.delete(api); // attached again it is another instance: in between, nobody knows
    };
    const binding = { id: bound.id, detach, [Symbol.dispose]: detach };
    this.#bindings.set(api, binding);
    return binding;
  }

  /**
   * Send what there is, and wait until the server has it.
   *
   * What is dropped on the way, as too much comes, counts as done. The wait keeps the program alive.
   *
   * @param options How long to wait. Without them, until the server is back.
   *
   * @throws {TelemetryError} when the exporter has given up.
   * @throws {DOMException} `TimeoutError` when the time is up; the exporter goes on.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { TelemetryExporter, type TelemetryRecord } from "@asyncmachine/asyncmachine/telemetry";
   * import { assertEquals } from "@std/assert";
   *
   * const records: TelemetryRecord[] = [];
   * await using exporter = new TelemetryExporter({ redact: (record) => (records.push(record), null) }); // none leaves
   * const machine = new Machine({ Ready: {} }, { tracers: [exporter] });
   * machine.add("Ready");
   * await exporter.flush({ timeoutMs: 5_000 });
   * assertEquals(records.length, 2);
   * ```
   */
  flush(options: WaitOptions = {}): Promise<void> {
    if (options.signal?.aborted) return Promise.reject(options.signal.reason);
    if (this.#end !== null) return Promise.reject(this.#end);
    this.#settle();
    if (this.#outbox.isEmpty) return Promise.resolve();
    return new Promise((resolve, reject) => this.#wait(options, resolve, reject));
  }

  /**
   * Flush, for {@linkcode TelemetryExporterOptions.disposeTimeoutMs} at most, and stop. Never rejects.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { TelemetryExporter } from "@asyncmachine/asyncmachine/telemetry";
   * import { assertEquals } from "@std/assert";
   *
   * let count = 0;
   * {
   *   await using exporter = new TelemetryExporter({ fetch: () => Promise.resolve(Response.json({ epoch: `${++count}` })) });
   *   new Machine({ Ready: {} }, { tracers: [exporter] });
   * }
   * assertEquals(count, 1);
   * ```
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    try {
      await this.flush({ timeoutMs: this.#limits.disposeTimeoutMs });
    } catch (cause) {
      const count = this.#outbox.length;
      if (count > 0) {
        this.#report(new TelemetryError(`Cannot send telemetry: ${count} records are left behind`, { cause }));
      }
    }
    this.#close(new TelemetryError("Cannot send telemetry: the exporter is disposed", { isFinal: true }));
  }

  /**
   * The machine was made with this tracer among its options.
   *
   * @param machine The machine.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { TelemetryExporter, type TelemetryRecord } from "@asyncmachine/asyncmachine/telemetry";
   * import { assertEquals } from "@std/assert";
   *
   * const records: TelemetryRecord[] = [];
   * await using exporter = new TelemetryExporter({ redact: (record) => (records.push(record), null) }); // none leaves
   * new Machine({ Ready: {} }, { tracers: [exporter] });
   * await exporter.flush();
   * assertEquals(records.map(({ kind }) => kind), ["machine"]);
   * ```
   */
  machineInit(machine: MachineApi): void {
    this.#of(machine);
  }

  /**
   * A machine was made with this one as its parent.
   *
   * @param parent The machine that it is a part of.
   * @param machine The new machine.
   *
   * @example Usage
   * ```ts
   * import { Machine, type MachineApi, type Schema } from "@asyncmachine/asyncmachine";
   * import { TelemetryExporter, type TelemetryRecord } from "@asyncmachine/asyncmachine/telemetry";
   * import { assertEquals } from "@std/assert";
   *
   * const records: TelemetryRecord[] = [];
   * await using exporter = new TelemetryExporter({ redact: (record) => (records.push(record), null) }); // none leaves
   * const parent: MachineApi = new Machine<Schema>({ Ready: {} }, { tracers: [exporter] });
   * new Machine({ Ready: {} }, { parent });
   * await exporter.flush();
   * assertEquals(records.map(({ kind }) => kind), ["machine", "machine"]);
   * ```
   */
  newSubmachine(parent: MachineApi, machine: MachineApi): void {
    this.#of(parent);
    this.#of(machine);
  }

  /**
   * The order of the machine's states was set, also because it has a new schema.
   *
   * @param machine The machine.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { TelemetryExporter, type TelemetryRecord } from "@asyncmachine/asyncmachine/telemetry";
   * import { assertEquals } from "@std/assert";
   *
   * const records: TelemetryRecord[] = [];
   * await using exporter = new TelemetryExporter({ redact: (record) => (records.push(record), null) }); // none leaves
   * const machine = new Machine({ Ready: {} }, { tracers: [exporter] });
   * machine.verifyStates(["Exception", "Ready"]);
   * await exporter.flush();
   * assertEquals(records.map(({ kind }) => kind), ["machine", "machine"]);
   * ```
   */
  verifyStates(machine: MachineApi): void {
    const isNew = !this.#byMachine.has(machine);
    const instance = this.#of(machine);
    if (!isNew) instance?.changed();
  }

  /**
   * A mutation went into the queue.
   *
   * @param machine The machine.
   * @param mutation The mutation.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { TelemetryExporter, type TelemetryRecord } from "@asyncmachine/asyncmachine/telemetry";
   * import { assertEquals } from "@std/assert";
   *
   * const records: TelemetryRecord[] = [];
   * await using exporter = new TelemetryExporter({ queued: true, redact: (record) => (records.push(record), null) }); // none leaves
   * const machine = new Machine({ Ready: {} }, { tracers: [exporter] });
   * machine.add("Ready");
   * await exporter.flush();
   * assertEquals(records.map(({ kind }) => kind), ["machine", "tx", "tx"]);
   * ```
   */
  mutationQueued(machine: MachineApi, mutation: Mutation): void {
    this.#of(machine)?.queued(mutation);
  }

  /**
   * Relations are resolved, no handler ran.
   *
   * @param transition The transition.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { TelemetryExporter, type TelemetryRecord } from "@asyncmachine/asyncmachine/telemetry";
   * import { assertEquals } from "@std/assert";
   *
   * const records: TelemetryRecord[] = [];
   * await using exporter = new TelemetryExporter({ redact: (record) => (records.push(record), null) }); // none leaves
   * const machine = new Machine({ Ready: {} }, { tracers: [exporter] });
   * machine.add("Ready");
   * await exporter.flush();
   * const [, tx] = records;
   * assertEquals(tx?.kind === "tx" && typeof tx.duration, "number");
   * ```
   */
  transitionInit(transition: Transition<MachineApi>): void {
    this.#of(transition.machine)?.began(transition);
  }

  /**
   * A handler is about to be called.
   *
   * @param transition The transition.
   * @param _binding Id of the binding.
   * @param name Name of the handler.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { TelemetryExporter, type TelemetryRecord } from "@asyncmachine/asyncmachine/telemetry";
   * import { assertEquals } from "@std/assert";
   *
   * const records: TelemetryRecord[] = [];
   * await using exporter = new TelemetryExporter({ redact: (record) => (records.push(record), null) }); // none leaves
   * const machine = new Machine({ Ready: {} }, { tracers: [exporter] });
   * machine.bindHandlers({ ReadyEnter: () => false });
   * machine.add("Ready");
   * await exporter.flush();
   * const [, tx] = records;
   * assertEquals(tx?.kind === "tx" && tx.canceledBy, "ReadyEnter");
   * ```
   */
  handlerStart(transition: Transition<MachineApi>, _binding: string, name: string): void {
    this.#of(transition.machine)?.handler(name);
  }

  /**
   * The transition was accepted and the clock moved; final handlers begin.
   *
   * @param transition The transition.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { TelemetryExporter, type TelemetryRecord } from "@asyncmachine/asyncmachine/telemetry";
   * import { assertEquals } from "@std/assert";
   *
   * const records: TelemetryRecord[] = [];
   * await using exporter = new TelemetryExporter({ redact: (record) => (records.push(record), null) }); // none leaves
   * const machine = new Machine({ Ready: {} }, { tracers: [exporter] });
   * machine.bindHandlers({ ReadyState: () => void JSON.parse("{") });
   * machine.add("Ready");
   * await exporter.flush();
   * const [, tx] = records;
   * assertEquals(tx?.kind === "tx" && [tx.accepted, tx.canceledBy], [false, undefined]); // a final handler does not cancel
   * ```
   */
  transitionFinals(transition: Transition<MachineApi>): void {
    this.#of(transition.machine)?.finals();
  }

  /**
   * The transition is over.
   *
   * @param transition The transition.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { TelemetryExporter, type TelemetryRecord } from "@asyncmachine/asyncmachine/telemetry";
   * import { assertEquals } from "@std/assert";
   *
   * const records: TelemetryRecord[] = [];
   * await using exporter = new TelemetryExporter({ redact: (record) => (records.push(record), null) }); // none leaves
   * const machine = new Machine({ Ready: {} }, { tracers: [exporter] });
   * machine.add("Ready");
   * await exporter.flush();
   * const [, tx] = records;
   * assertEquals(tx?.kind === "tx" && tx.ticks, [[0, 1]]);
   * ```
   */
  transitionEnd(transition: Transition<MachineApi>): void {
    this.#of(transition.machine)?.ended(transition);
  }

  /**
   * Nothing waits in the queue any more.
   *
   * @param machine The machine.
   *
   * @example Usage
   * ```ts
   * import { Machine, pipe } from "@asyncmachine/asyncmachine";
   * import { TelemetryExporter, type TelemetryRecord } from "@asyncmachine/asyncmachine/telemetry";
   * import { assertEquals } from "@std/assert";
   *
   * const records: TelemetryRecord[] = [];
   * await using exporter = new TelemetryExporter({ redact: (record) => (records.push(record), null) }); // none leaves
   * const [source, target] = [new Machine({ Ready: {} }, { tracers: [exporter] }), new Machine({ Ready: {} })];
   * pipe(source, "Ready", target);
   * source.add("Ready");
   * await exporter.flush();
   * assertEquals(records.map(({ kind }) => kind), ["machine", "tx", "pipe", "pipe"]);
   * ```
   */
  queueEnd(machine: MachineApi): void {
    this.#of(machine)?.queueEnded();
  }

  /**
   * A line of the text log, without the machine's id.
   *
   * @param machine The machine.
   * @param level Its level.
   * @param text The line.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { TelemetryExporter, type TelemetryRecord } from "@asyncmachine/asyncmachine/telemetry";
   * import { assertEquals } from "@std/assert";
   *
   * const records: TelemetryRecord[] = [];
   * await using exporter = new TelemetryExporter({ logLevel: "external", redact: (record) => (records.push(record), null) }); // none leaves
   * const machine = new Machine({ Ready: {} }, { tracers: [exporter] });
   * machine.log("looks good");
   * await exporter.flush();
   * const [, log] = records;
   * assertEquals(log?.kind === "log" && log.text, "[exter] looks good");
   * ```
   */
  log(machine: MachineApi, level: LogLevel, text: string): void {
    this.#of(machine)?.logged(level, text);
  }

  /**
   * The machine is disposed. Its ticks can no longer be read: one that nothing was heard of has nothing to tell.
   *
   * @param machine The machine.
   *
   * @example Usage
   * ```ts
   * import { Machine } from "@asyncmachine/asyncmachine";
   * import { TelemetryExporter, type TelemetryRecord } from "@asyncmachine/asyncmachine/telemetry";
   * import { assertEquals } from "@std/assert";
   *
   * const records: TelemetryRecord[] = [];
   * await using exporter = new TelemetryExporter({ redact: (record) => (records.push(record), null) }); // none leaves
   * const machine = new Machine({ Ready: {} }, { tracers: [exporter] });
   * await machine.dispose();
   * await exporter.flush();
   * assertEquals(records.map(({ kind }) => kind), ["machine", "dispose"]);
   * ```
   */
  machineDispose(machine: MachineApi): void {
    if (!this.#isClosed) this.#byMachine.get(machine)?.disposed();
  }

  /** The instance of a machine, made when it is heard of first; `undefined` when nothing is to be told of it. */
  #of(machine: MachineApi): Instance | undefined {
    if (this.#isClosed) return undefined;
    const known = this.#byMachine.get(machine);
    if (known !== undefined) return known.isDone ? undefined : known;
    const { transition } = machine;
    const isRunning = transition !== null && !transition.completed;
    const ticks = isRunning ? transition.timeBefore : machine.time();
    if (ticks.length !== machine.stateNames.length) return undefined; // it is being disposed
    const instance = new Instance(this.#host, machine, ticks);
    this.#byMachine.set(machine, instance);
    this.#alive.add(new WeakRef(instance));
    return instance;
  }

  /** Time is read only when it matters: this is called with every record. */
  #pushed(): void {
    if (this.#isSending) return;
    const isFull = this.#outbox.pending >= this.#limits.batchRecords;
    if (isFull || this.#timerAt === Infinity) this.#schedule(isFull ? 0 : this.#limits.intervalMs);
  }

  /** Send within so many milliseconds, but not before a failed request may be repeated. */
  #schedule(ms: number): void {
    if (this.#isClosed || this.#isSending) return;
    const now = this.#clock.now();
    const at = Math.max(now + ms, this.#notBefore);
    const isHeld = this.#waiters.size > 0;
    if (this.#timerAt <= at && (this.#isTimerHeld || !isHeld)) return;
    this.#clearTimer();
    this.#timerAt = at;
    this.#isTimerHeld = isHeld;
    this.#timer = this.#clock.setTimeout(() => void this.#send(), Math.max(0, at - now));
    if (!isHeld && this.#clock === PLATFORM_CLOCK) unrefTimer(this.#timer);
  }

  /** Nobody waits any more: the timer may let the program end again. */
  #letGo(): void {
    if (!this.#isTimerHeld) return;
    const ms = this.#timerAt - this.#clock.now();
    this.#clearTimer();
    this.#schedule(ms);
  }

  #clearTimer(): void {
    if (this.#timerAt < Infinity) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = Infinity;
    this.#isTimerHeld = false;
  }

  /** Send batches until there is no reason to go on. Never rejects. */
  async #send(): Promise<void> {
    if (this.#isSending || this.#isClosed) return;
    this.#isSending = true;
    this.#clearTimer();
    let delayMs: number | null = 0;
    while (delayMs === 0 && !this.#isClosed) {
      this.#settle();
      const batch = this.#outbox.take();
      if (batch === null) {
        delayMs = null;
        this.#wake(); // all was dropped
      } else delayMs = this.#handle(await this.#request(batch), batch);
    }
    this.#isSending = false;
    if (delayMs !== null) this.#schedule(delayMs);
  }

  async #request(batch: Batch): Promise<Outcome> {
    const controller = new AbortController();
    const abort = () => controller.abort(this.#controller.signal.reason);
    this.#controller.signal.addEventListener("abort", abort, { once: true });
    const { requestTimeoutMs } = this.#limits;
    const timer = this.#clock.setTimeout(
      () => controller.abort(new DOMException(`Request timed out after ${requestTimeoutMs} ms`, "TimeoutError")),
      requestTimeoutMs,
    );
    if (this.#clock === PLATFORM_CLOCK) unrefTimer(timer);
    const outcome = await postBatch(this.#post, batch.lines, controller.signal);
    this.#clock.clearTimeout(timer);
    this.#controller.signal.removeEventListener("abort", abort);
    return outcome;
  }

  /** Returns after how many milliseconds to go on, 0 for at once; null when there is nothing to go on with. */
  #handle(outcome: Outcome, batch: Batch): number | null {
    if (this.#isClosed) return null;
    switch (outcome.kind) {
      case "accepted":
        this.#outbox.acknowledge();
        this.#answered(outcome.answer, batch);
        break;
      case "too-large":
        return this.#narrowed();
      case "denied": {
        const { status, reason } = outcome;
        const message = `Cannot send telemetry to "${this.#post.address}": the server answers ${status}, ${reason}`;
        this.#close(new TelemetryError(message, { status, isFinal: true }), true);
        return null;
      }
      case "failed":
        this.#outbox.release();
        return this.#failed(outcome.status, outcome.cause, outcome.retryAfterMs);
    }
    this.#wake();
    if (this.#waiters.size > 0 || this.#outbox.pending >= this.#limits.batchRecords) return 0;
    return this.#outbox.isEmpty ? null : this.#limits.intervalMs;
  }

  /** A batch was too large: half of it may do, and a record that is too large by itself is left out. */
  #narrowed(): number {
    const before = this.#outbox.length;
    if (!this.#outbox.narrow()) return this.#failed(413, undefined, null);
    if (this.#outbox.length < before) {
      const message = `Cannot send telemetry to "${this.#post.address}": a record is too large for the server`;
      this.#report(new TelemetryError(message, { status: 413 }));
    }
    this.#wake();
    return 0;
  }

  #answered({ epoch, unknown, refused }: IngestAnswer, batch: Batch): void {
    if (this.#failures > 0 || (this.#epoch !== null && this.#epoch !== epoch)) this.#introduceAll();
    this.#failures = 0;
    this.#notBefore = -Infinity;
    this.#isAsked = false;
    this.#epoch = epoch;
    for (const instance of unknown) {
      const sequence = batch.find(instance);
      if (sequence !== undefined) this.#outbox.introduce(sequence);
    }
    if (refused.length === 0) return;
    const message = `Cannot send telemetry: the server refuses ${refused.length} records, first: ${refused[0]!.error}`;
    this.#report(new TelemetryError(message, { status: 200 }));
  }

  /**
   * Not `retry()` of `@std/async`: its delays keep a process of Node or Bun alive, take no clock but the platform's, and it
   * would be the one dependency of what pages load.
   */
  #failed(status: number | null, cause: unknown, retryAfterMs: number | null): number {
    const { retryMs, maxRetryMs } = this.#limits;
    const backoffMs = Math.min(maxRetryMs, retryMs * 2 ** this.#failures) * (1 - Math.random() / 2);
    const delayMs = Math.max(backoffMs, retryAfterMs ?? 0, 1);
    this.#failures++;
    this.#notBefore = this.#clock.now() + delayMs;
    this.#isAsked = retryAfterMs !== null;
    if (this.#failures === 1) {
      const why = status === null ? "no answer" : `the server answers ${status}`;
      const message = `Cannot send telemetry to "${this.#post.address}" yet: ${why}`;
      this.#report(new TelemetryError(message, { status, cause }));
    }
    return delayMs;
  }

  /** The server may have forgotten everything: say again who the machines are. */
  #introduceAll(): void {
    for (const instance of this.#instances()) this.#outbox.introduce(instance.sequence);
  }

  /** Take in what no transition took. */
  #settle(): void {
    const touched = [...this.#touched];
    this.#touched.clear();
    for (const instance of touched) instance.settle();
    for (const instance of this.#instances()) instance.settle();
  }

  /** The instances that are alive. */
  *#instances(): Generator<Instance, void> {
    for (const reference of this.#alive) {
      const instance = reference.deref();
      if (instance === undefined || instance.isDone) this.#alive.delete(reference);
      else yield instance;
    }
  }

  #wait({ signal, timeoutMs }: WaitOptions, resolve: () => void, reject: (reason: unknown) => void): void {
    const leave = () => {
      this.#waiters.delete(waiter);
      signal?.removeEventListener("abort", onAbort);
      if (timer !== undefined) this.#clock.clearTimeout(timer);
      if (this.#waiters.size === 0) this.#letGo();
    };
    const waiter: Waiter = {
      target: this.#outbox.pushed,
      resolve: () => (leave(), resolve()),
      reject: (reason) => (leave(), reject(reason)),
    };
    const onAbort = () => waiter.reject(signal!.reason);
    const onTimeout = () => waiter.reject(new DOMException(`Flush timed out after ${timeoutMs} ms`, "TimeoutError"));
    const timer = timeoutMs === undefined ? undefined : this.#clock.setTimeout(onTimeout, timeoutMs);
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#waiters.add(waiter);
    if (!this.#isAsked) this.#notBefore = -Infinity; // somebody waits, and the server did not ask for patience
    if (this.#notBefore <= this.#clock.now()) this.#send();
    else this.#schedule(0);
  }

  /** Settle the flushes whose records are done with. */
  #wake(): void {
    for (const waiter of [...this.#waiters]) {
      if (this.#outbox.settled >= waiter.target && !this.#outbox.hasDue) waiter.resolve();
    }
  }

  #close(error: TelemetryError, isTold = false): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#end = error;
    this.#clearTimer();
    this.#outbox.clear();
    this.#touched.clear();
    this.#alive.clear();
    this.#controller.abort(error);
    for (const waiter of [...this.#waiters]) waiter.reject(error);
    if (isTold) this.#report(error);
  }

  #report(error: TelemetryError): void {
    try {
      this.#onError(error);
    } catch {
      // whoever is told of errors and throws has nobody left to tell
    }
  }
}

/**
 * Export a machine if the environment says so: `AM_TELEMETRY_URL` has the server's address, `1` is {@linkcode DEFAULT_URL},
 * and `AM_TELEMETRY_TOKEN` the token, if it needs one.
 *
 * Nobody is asked for a permission: without those to read the variables and to connect, nothing happens. Machines of one
 * process share the exporter, with the options of the first.
 *
 * @param machine The machine.
 * @param options Options of the exporter, but for `url` and `token`.
 * @returns The exporter, to flush; null when there is none.
 *
 * @example Usage
 * ```ts
 * import { Machine } from "@asyncmachine/asyncmachine";
 * import { exportFromEnv } from "@asyncmachine/asyncmachine/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = new Machine({ Ready: {} });
 * await using exporter = exportFromEnv(machine); // `await using` takes null, too
 * assertEquals(exporter, null); // AM_TELEMETRY_URL is not set, or may not be read
 * ```
 */
export function exportFromEnv<S extends Schema>(
  machine: Machine<S>,
  options: Omit<TelemetryExporterOptions, "url" | "token"> = {},
): TelemetryExporter | null {
  const text = readEnv("AM_TELEMETRY_URL")?.trim();
  if (text === undefined || text === "" || text === "0") return null;
  const url = text === "1" ? DEFAULT_URL : text;
  const token = readEnv("AM_TELEMETRY_TOKEN")?.trim() || undefined;
  try {
    if (!mayConnect(new URL(ingestAddress(url)))) return null;
  } catch (cause) { // a typo in the environment is no reason for a program to fail
    const error = new TelemetryError(`Cannot export as AM_TELEMETRY_URL says: ${messageOf(cause)}`, {
      cause,
      isFinal: true,
    });
    if (options.onError !== undefined) options.onError(error);
    else console.error(error.message);
    return null;
  }
  if (sharedExporter === null || sharedExporter.isClosed) {
    sharedExporter = new TelemetryExporter({ ...options, url, token });
  }
  sharedExporter.attach(machine);
  return sharedExporter;
}

let sharedExporter: TelemetryExporter | null = null;

/** A flush that waits. */
interface Waiter {
  /** How many pushed records have to be done with. */
  readonly target: number;
  resolve(): void;
  reject(reason: unknown): void;
}

/** Numbers among the options. */
const DEFAULTS = {
  intervalMs: 250,
  batchRecords: 1_000,
  batchBytes: 1_000_000,
  outboxRecords: 20_000,
  outboxBytes: 16_000_000,
  requestTimeoutMs: 10_000,
  retryMs: 500,
  maxRetryMs: 30_000,
  disposeTimeoutMs: 5_000,
};

type Limits = Readonly<typeof DEFAULTS>;

function readLimits(options: TelemetryExporterOptions): Limits {
  const limits = { ...DEFAULTS };
  for (const key of Object.keys(DEFAULTS) as (keyof Limits)[]) {
    const value = options[key];
    if (value === undefined) continue;
    const min = key.endsWith("Ms") ? 0 : 1;
    if (typeof value !== "number" || !(value >= min)) {
      throw new RangeError(
        `Cannot make exporter: option "${key}" is ${String(value)}, expected a number of ${min} or more`,
      );
    }
    limits[key] = value;
  }
  return limits;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Messages show the address: it must not have credentials. */
function ingestAddress(text: string | URL): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new TypeError('Cannot make exporter: option "url" is no address of http or https');
  }
  if (url.username !== "" || url.password !== "") {
    throw new TypeError('Cannot make exporter: option "url" has credentials, use "token"');
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}/v1/ingest`;
}
