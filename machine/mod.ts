/**
 * A relational state machine for complex asynchronous workflows.
 *
 * Many states are active at once. All transitions are allowed unless relations (add, remove, require, after) constrain
 * them, every mutation can be rejected by a handler, and each state is a logical clock: an odd tick is active.
 *
 * @example Usage
 * ```ts
 * import { Canceled, defineSchema, Executed, Machine } from "@asyncmachine/asyncmachine";
 * import { assertEquals } from "@std/assert";
 *
 * const schema = defineSchema({
 *   Start: {},
 *   Connecting: { require: ["Start"], remove: ["Connected"] },
 *   Connected: { require: ["Start"], remove: ["Connecting"] },
 * });
 * const machine = new Machine(schema, { id: "client" });
 * machine.bindHandlers({
 *   ConnectingState: (event) => void event.machine.add("Connected"),
 * });
 *
 * assertEquals(machine.add("Connecting"), Canceled);
 * assertEquals(machine.add(["Start", "Connecting"]), Executed);
 * await machine.when("Connected");
 * assertEquals(machine.toString(), "(Start:1 Connected:1)");
 * ```
 *
 * @module
 */
export {
  adjacentStates,
  type ArgsIssue,
  type ArgsOf,
  type ArgsResult,
  type ArgsSchema,
  argsType,
  type CheckedSchema,
  cloneSchema,
  defineSchema,
  type ExtendedState,
  extendState,
  filterByTag,
  type MergedSchema,
  mergeSchemas,
  type OverriddenState,
  overrideState,
  type PrefixedSchema,
  type PrefixOptions,
  prefixSchema,
  type RelatedName,
  type Relation,
  type Schema,
  schemaNames,
  type State,
  type StateName,
  type TaggedSchema,
} from "./schema.ts";
export { BASIC_SCHEMA, CONNECTED_GROUP, CONNECTED_SCHEMA, DISPOSED_GROUP, DISPOSED_SCHEMA } from "./common_schema.ts";
export {
  concatStates,
  equalStateOrder,
  equalStates,
  filterPrefix,
  hashStates,
  prefixStates,
  sharedStates,
  subtractStates,
} from "./state_list.ts";
export {
  Canceled,
  Executed,
  isQueued,
  type Mutation,
  type MutationSource,
  type MutationType,
  type Result,
  resultName,
} from "./mutation.ts";
export * from "./clock.ts";
export type { LogEntry, LogLevel, Step, StepType, Transition } from "./transition.ts";
export type {
  AddErrOptions,
  Binding,
  BreakpointOptions,
  EvalOptions,
  MachineApi,
  MachineClock,
  MutationOptions,
  MutationOrigin,
  Names,
  PipeEntry,
  QueuePosition,
  QueueQuery,
  TransitionItem,
  TransitionsOptions,
  WaitOptions,
} from "./api.ts";
export type {
  ArgsAndOptions,
  CalledArgs,
  ErrorArgs,
  ExceptionArgs,
  HandlerArgs,
  KnownName,
  Panic,
  SomeArgs,
} from "./args.ts";
export type { Event, EventOf, FinalEvent } from "./event.ts";
export { readEnv } from "./_env.ts";
export { PLATFORM_CLOCK } from "./_timers.ts";
export { NoOpTracer, type Tracer, type TracerHook, type TracerWants } from "./tracer.ts";
export type {
  BindOptions,
  FinalHandler,
  HandlerFor,
  HandlerMachine,
  Handlers,
  NegotiationHandler,
} from "./handlers.ts";
export {
  type ConnectedState,
  type HasStates,
  pipe,
  pipeAny,
  type PipeAnyOptions,
  type PipeArguments,
  pipeConnected,
  type PipeConnectedArguments,
  type PipeConnectedOptions,
  pipeErr,
  type PipeErrOptions,
  pipeMany,
  type PipeOptions,
  pipeReady,
  pipeStart,
  type StateNameOf,
  syncStates,
} from "./pipe.ts";
export {
  AutoLoopError,
  DrainLimitError,
  HandlerTimeoutError,
  MachineDisposedError,
  PipeLoopError,
  type PipeStep,
  SchemaError,
  SnapshotError,
  StateExpiredError,
  StateTimeoutError,
  UnknownStateError,
  type UnknownStateOptions,
} from "./errors.ts";
export type { Snapshot } from "./snapshot.ts";
export type { MachineOptions } from "./options.ts";
export { Machine } from "./machine.ts";
