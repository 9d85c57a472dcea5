import type { MachineApi, MachineClock } from "./api.ts";
import type { Tracer } from "./tracer.ts";
import type { LogLevel } from "./transition.ts";

/**
 * Options of a `Machine`.
 *
 * @example Usage
 * ```ts
 * import { Machine, type MachineOptions } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const options: MachineOptions = { id: "main", tags: ["example"], queueLimit: 10, logLevel: "nothing" };
 * const machine = new Machine({ Foo: {} }, options);
 * assertEquals([machine.id, machine.tags], ["main", ["example"]]);
 * ```
 */
export interface MachineOptions {
  /** Id of the machine. 16 random hex digits by default. */
  readonly id?: string | undefined;
  /** Aborting it adds the state `Disposing` if the schema has it, else disposes the machine. */
  readonly signal?: AbortSignal | undefined;
  /** The machine that this one is a part of: its inheritable tracers are bound, and its `signal` is the default of `signal`. */
  readonly parent?: MachineApi | undefined;
  /** Named lists of states, for tools. None by default. */
  readonly groups?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Free text for tools. None by default. */
  readonly tags?: readonly string[] | undefined;
  /** How many mutations may wait in the queue. 1000 by default. */
  readonly queueLimit?: number | undefined;
  /** How many queue items may run before the queue is empty; 0 for no limit. 100,000 by default. */
  readonly maxDrain?: number | undefined;
  /** Milliseconds after which a synchronous handler is reported to `onInternalError`; 0 for never. 0 by default. */
  readonly handlerTimeoutMs?: number | undefined;
  /** Where the time comes from. The platform's timers by default. */
  readonly clock?: MachineClock | undefined;
  /** Tracers to bind from the start. None by default. */
  readonly tracers?: readonly Tracer[] | undefined;
  /** How much the text log says. The environment variable `AM_LOG` (a name or a number) by default, else `"nothing"`. */
  readonly logLevel?: LogLevel | undefined;
  /** Receives the lines of the text log. `console.log` by default. */
  readonly logger?: ((level: LogLevel, line: string) => void) | undefined;
  /** Whether log lines start with `[` and the first five characters of the machine's id. `true` by default. */
  readonly logId?: boolean | undefined;
  /** Keys of the arguments that log lines show, or `false` for none. name, id, port, addr, err, path, url, uri by default. */
  readonly logArgs?: readonly string[] | false | undefined;
  /** Whether the first error that a handler threw is thrown to the caller once the queue is empty. `false` by default. */
  readonly throwErrors?: boolean | undefined;
}
