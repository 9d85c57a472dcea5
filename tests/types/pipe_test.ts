// Types only: `deno check` is the test. Each `@ts-expect-error` is a mistake that the compiler has to find.
import {
  type Binding,
  defineSchema,
  Machine,
  type MachineApi,
  pipe,
  pipeAny,
  pipeConnected,
  pipeErr,
  pipeMany,
  pipeReady,
  pipeStart,
  type Result,
  type Schema,
  type StateNameOf,
  syncStates,
} from "../../mod.ts";

/** Compiles for equal types only: `any` is equal to nothing else. */
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;

function expectType<_T extends true>(): void {}

const left = new Machine(defineSchema({ Start: {}, Ready: {}, Left: { require: ["Ready"] }, Both: {} }));
const right = new Machine({ Right: {}, Both: {}, ErrRight: {} });
const anyNames = new Machine(JSON.parse("{}") as Schema);
const narrowed: MachineApi = right;

expectType<Equal<StateNameOf<typeof right>, "Right" | "Both" | "ErrRight" | "Exception">>();

export function pipes(): void {
  // pipe(): both have the state
  const binding = pipe(left, "Both", right);
  expectType<Equal<typeof binding, Binding>>();
  pipe(left, "Both", right, {});
  pipe(left, "Both", right, undefined);
  pipe(left, "Both", right, { flat: true, allowLoop: true });
  pipe(left, "Both", right, { added: "Right" });
  pipe(left, "Both", right, { added: null });
  pipe(left, "Both", right, { removed: null });
  pipe(left, "Exception", right);
  // @ts-expect-error the source has no such state
  pipe(left, "Right", right);
  // @ts-expect-error the target has no such state
  pipe(left, "Both", right, { added: "Left" });
  // @ts-expect-error the target has no such state
  pipe(left, "Both", right, { removed: "Left" });
  // @ts-expect-error no such option
  pipe(left, "Both", right, { adds: "Right" });
  // @ts-expect-error one name
  pipe(left, ["Both"], right);

  // pipe(): the target has to be told which state
  pipe(left, "Left", right, { added: "Right" });
  pipe(left, "Left", right, { added: "ErrRight", removed: null, flat: true });
  pipe(left, "Left", right, { added: null, removed: "Right" });
  // @ts-expect-error the target has no Left
  pipe(left, "Left", right);
  // @ts-expect-error the target has no Left
  pipe(left, "Left", right, {});
  // @ts-expect-error the target has no Left to remove
  pipe(left, "Left", right, { added: null });
  // @ts-expect-error the target has no Left to add
  pipe(left, "Left", right, { removed: "Right" });
  // @ts-expect-error the target has no Left
  pipe(left, "Left", right, { added: "Left" });

  // names known at run time only
  pipe(anyNames, "Foo" as string, right);
  pipe(anyNames, "Foo", anyNames);
  pipe(left, "Left", anyNames);
  pipe(left, "Left", narrowed, { removed: "Foo" });
  // @ts-expect-error the target has no Foo
  pipe(anyNames, "Foo", right);
  // @ts-expect-error the target has no such state
  pipe(anyNames, "Foo" as string, right, { added: "Foo" });
  // @ts-expect-error handlers cannot be bound
  pipe(narrowed, "Foo", right);

  // pipeMany()
  pipeMany(left, ["Both", "Exception"], right);
  pipeMany(left, ["Both", "Left"], right, { added: "Right" });
  const states: readonly ("Both" | "Left")[] = ["Both"];
  pipeMany(left, states, right, { added: "Right" });
  // @ts-expect-error the target has no Left
  pipeMany(left, states, right);
  // @ts-expect-error the target has no Left
  pipeMany(left, ["Both", "Left"], right);
  // @ts-expect-error the source has no Right
  pipeMany(left, ["Both", "Right"], right, { added: "Right" });

  // pipeAny()
  pipeAny(left, new Machine(left.schema));
  pipeAny(new Machine({ Both: {} }), right, { flat: true });
  pipeAny(anyNames, right);
  pipeAny(left, anyNames);
  // @ts-expect-error the target lacks states of the source
  pipeAny(left, right);
  // @ts-expect-error no such option
  pipeAny(left, left, { added: "Left" });

  // pipeReady() and pipeStart()
  pipeReady(left, left);
  pipeStart(left, right, { added: "Right" });
  pipeReady(anyNames, anyNames);
  // @ts-expect-error the target has no Ready
  pipeReady(left, right);
  // @ts-expect-error the target has no Start
  pipeStart(left, right);
  // @ts-expect-error the source has no Ready
  pipeReady(right, left);
  // @ts-expect-error the source has no Start
  pipeStart(right, right, { added: "Right" });

  // pipeConnected()
  const connection = new Machine({ Disconnected: {}, Connecting: {}, Connected: {}, Disconnecting: {} });
  const half = new Machine({ Connecting: {}, Connected: {}, Off: {} });
  pipeConnected(connection, connection);
  pipeConnected(connection, connection, { connecting: null, disconnected: "Disconnecting" });
  pipeConnected(connection, half, { disconnected: "Off", disconnecting: null });
  pipeConnected(anyNames, anyNames);
  // @ts-expect-error the target lacks two of the states
  pipeConnected(connection, half);
  // @ts-expect-error the target lacks Disconnecting
  pipeConnected(connection, half, { disconnected: "Off" });
  // @ts-expect-error the target has no such state
  pipeConnected(connection, half, { disconnected: "Disconnected", disconnecting: null });
  // @ts-expect-error the source lacks two of the states
  pipeConnected(half, connection);

  // pipeErr()
  pipeErr(left, right);
  pipeErr(left, right, { state: "ErrRight", allowLoop: true });
  // @ts-expect-error the target has no such state
  pipeErr(left, right, { state: "ErrLeft" });
  // @ts-expect-error an error that is in the target already is another one
  pipeErr(left, right, { flat: true });

  // syncStates()
  const result = syncStates(left, right, ["Both", "Exception"]);
  expectType<Equal<typeof result, Result>>();
  syncStates(left, right, "Both");
  syncStates(anyNames, anyNames, ["Foo"]);
  syncStates(narrowed, right, "Both");
  // @ts-expect-error the target has no Left
  syncStates(left, right, ["Left"]);
  // @ts-expect-error the source has no Right
  syncStates(left, right, "Right");
}
