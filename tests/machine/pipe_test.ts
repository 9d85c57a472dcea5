import {
  type Binding,
  Canceled,
  Executed,
  isQueued,
  Machine,
  type MachineApi,
  type MachineOptions,
  type Mutation,
  pipe,
  pipeAny,
  pipeConnected,
  pipeErr,
  PipeLoopError,
  pipeMany,
  pipeReady,
  pipeStart,
  syncStates,
  UnknownStateError,
} from "@asyncmachine/asyncmachine";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertNotStrictEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { test } from "../_harness.ts";

/** Wait until pipes have nothing more to do, be it through many machines. */
async function settle(): Promise<void> {
  for (let i = 0; i < 100; i++) await null;
}

/** Note the mutations that a machine gets. */
function recordMutations(machine: Pick<Machine, "bindTracer">): Mutation[] {
  const mutations: Mutation[] = [];
  machine.bindTracer({ mutationQueued: (_machine, mutation) => void mutations.push(mutation) });
  return mutations;
}

/** What a machine was asked for, `add A B`. */
function texts(mutations: readonly Mutation[]): string[] {
  return mutations.filter(({ isAuto }) => !isAuto).map(({ type, states }) => [type, ...states].join(" "));
}

function machineOf(id: string, options: MachineOptions = {}) {
  return new Machine({ A: {}, B: {}, C: {}, Multi: { multi: true }, ErrA: {} }, { id, ...options });
}

/** `a.A b.B a.A` */
function pathOf(error: PipeLoopError): string {
  return error.path.map(({ machineId, state }) => `${machineId}.${state}`).join(" ");
}

function loopOf(fn: () => unknown): string {
  return pathOf(assertThrows(fn, PipeLoopError));
}

// pipe()

test("pipe() adds the state when the source's is entered, and removes it when it is left", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  pipe(source, "A", target);

  source.add("A");
  await settle();
  assertEquals(target.toString(), "(A:1)");
  source.remove("A");
  await settle();
  assertEquals(target.stringAll(), "() [A:2 B:0 C:0 Multi:0 ErrA:0 Exception:0]");
});

test("pipe() does not look at other states, canceled transitions and checks", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  const mutations = recordMutations(target);
  pipe(source, "A", target);
  source.bindHandlers({ AEnter: () => false });

  source.add("A");
  source.canAdd("A");
  source.add("B");
  await settle();
  assertEquals(mutations, []);
});

test("pipe() does not copy what the source is when it is bound", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  source.add("A");
  pipe(source, "A", target);
  await settle();
  assertEquals(target.is("A"), false);
});

for (
  const [options, expected] of [
    [{ added: "B" }, "add B, remove B"],
    [{ removed: "B" }, "add A, remove B"],
    [{ added: "B", removed: "C" }, "add B, remove C"],
    [{ added: null }, "remove A"],
    [{ removed: null }, "add A"],
    [{ added: null, removed: "C" }, "remove C"],
    [{ added: "B", removed: null }, "add B"],
    [{ added: undefined, removed: undefined }, "add A, remove A"],
    [undefined, "add A, remove A"],
  ] as const
) {
  test(`pipe() with ${JSON.stringify(options)} makes the mutations ${expected}`, async () => {
    const [source, target] = [machineOf("s"), machineOf("t")];
    const mutations = recordMutations(target);
    pipe(source, "A", target, options);

    source.add("A");
    source.remove("A");
    await settle();
    assertEquals(texts(mutations).join(), expected.replaceAll(", ", ","));
  });
}

test("pipe() throws when it would neither add nor remove, and binds nothing", () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  assertThrows(
    () => pipe(source, "A", target, { added: null, removed: null }),
    TypeError,
    'Cannot pipe state "A": added and removed are both null',
  );
  assertEquals([source.pipes, target.pipes], [[], []]);
});

test("pipe() throws for a state that its machine lacks, and binds nothing", () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  const noState = assertThrows(() => pipe(source, "X" as "A", target, { added: "A" }), UnknownStateError);
  assertEquals([noState.states, noState.machineId, noState.message], [
    ["X"],
    "s",
    'Cannot pipe state "X": it is not in the schema',
  ]);
  const noTarget = assertThrows(
    () => pipe(source, "A", target, { added: "X" as "A", removed: "Y" as "A" }),
    UnknownStateError,
  );
  assertEquals([noTarget.states, noTarget.machineId], [["X", "Y"], "t"]);
  assertEquals([source.pipes, target.pipes], [[], []]);
});

test("pipe() passes the mutation's arguments on, of adds and of removes", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  const mutations = recordMutations(target);
  pipe(source, "A", target);

  source.add("A", { id: 1 });
  source.remove("A", { id: 2 });
  await settle();
  assertEquals(mutations.map(({ args }) => args), [{ id: 1 }, { id: 2 }]);
});

test("pipe() gives the mutation the source's machine and transition, though that is over", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  const mutations = recordMutations(target);
  const transitions: string[] = [];
  source.bindTracer({ transitionEnd: ({ id }) => void transitions.push(id) });
  pipe(source, "A", target);

  source.add(["B", "C"]);
  source.add("A");
  source.remove("A");
  await settle();
  assertEquals(mutations.map(({ source }) => source), [
    { machineId: "s", transitionId: transitions[1]!, machineTime: 2 },
    { machineId: "s", transitionId: transitions[2]!, machineTime: 3 },
  ]);
  assertEquals(mutations.map(({ queueTick }) => queueTick), [2, 3]);
  assertEquals(target.queueTick, 3);
});

test("pipe() runs after the source's drain, in the order of the source's transitions", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  const mutations = recordMutations(target);
  pipe(source, "A", target);
  pipe(source, "B", target);
  source.bindHandlers({
    AState() {
      source.add("B");
      source.remove("A");
    },
  });

  source.add("A");
  assertEquals(source.toString(), "(B:1)");
  assertEquals(mutations, []);
  await settle();
  assertEquals(texts(mutations), ["add A", "add B", "remove A"]);
});

test("pipe() runs in the microtask after the mutation", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  pipe(source, "A", target);
  source.add("A");
  assertEquals(target.is("A"), false);
  await null;
  assertEquals(target.is("A"), true);
});

test("pipe() makes its mutation also when the target is in the state: a multi state is entered again", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  pipe(source, "Multi", target);
  source.add("Multi");
  source.add("Multi");
  await settle();
  assertEquals([source.tick("Multi"), target.tick("Multi")], [3, 3]);
});

test("pipe() waits in the queue of a target that is busy", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  pipe(source, "A", target, { flat: true });
  let wasActive = true;
  target.bindHandlers({
    BState() {
      source.add("A");
      wasActive = target.is("A");
      assertEquals(target.willBe("A"), true);
    },
  });
  target.add("B");
  await settle();
  assertEquals([wasActive, target.is("A"), target.isErr()], [false, true, false]);
});

test("pipe() between states of one machine is no loop", async () => {
  const machine = machineOf("m");
  pipe(machine, "A", machine, { added: "B" });
  pipe(machine, "B", machine, { added: "C", flat: true });
  machine.add("A");
  await settle();
  assertEquals(machine.activeStates(), ["A", "B", "C"].toReversed());
  machine.remove("A");
  await settle();
  assertEquals(machine.activeStates(), []);
});

test("pipe() is bound under the state's and the target's name", () => {
  const [source, target] = [machineOf("s"), machineOf("the target")];
  const bindings: string[] = [];
  source.bindTracer({ handlerStart: (_transition, binding, name) => void bindings.push(`${binding} ${name}`) });
  const { id } = pipe(source, "A", target);
  source.add("A");
  assertEquals(id, "Bind-A-thetarget");
  assertEquals(bindings, [`${id} AState`]);
});

test("pipe() may be bound by a handler, and counts from the next event on", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  source.bindHandlers({ AEnter: () => void pipe(source, "A", target) });
  source.add("A");
  await settle();
  assertEquals(target.is("A"), true);
});

// flat pipes

test("pipe() when flat runs at once and sends no arguments", () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  const mutations = recordMutations(target);
  pipe(source, "A", target, { flat: true });
  let wasActive = false;
  let transition = "";
  source.bindHandlers({
    AState(event) {
      wasActive = target.is("A");
      transition = event.transition.id;
    },
  });

  source.add("A", { id: 1 });
  assertEquals(wasActive, true);
  source.remove("A", { id: 2 });
  assertEquals(target.is("A"), false);
  assertEquals(mutations.map(({ args }) => args), [{}, {}]);
  assertEquals(mutations[0]!.source, { machineId: "s", transitionId: transition, machineTime: 0 });
});

test("pipe() when flat makes no mutation that changes nothing", () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  const mutations = recordMutations(target);
  target.add("Multi");
  pipeMany(source, ["Multi", "A"], target, { flat: true });

  source.add(["Multi", "A"]);
  target.remove("A");
  source.remove("A");
  assertEquals(texts(mutations), ["add Multi", "add A", "remove A"]);
});

// error states

test("pipe() adds an error state together with Exception, and removes it alone", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  const mutations = recordMutations(target);
  pipe(source, "A", target, { added: "ErrA" });

  source.add("A");
  source.remove("A");
  await settle();
  assertEquals(texts(mutations), ["add Exception ErrA", "remove ErrA"]);
  assertEquals(target.activeStates(), ["Exception"]);
});

test("pipe() passes on the error of an error state, with the arguments beside it", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  const errors: unknown[] = [];
  target.bindHandlers({ ExceptionState: ({ args }) => void errors.push(args.error) });
  const mutations = recordMutations(target);
  pipe(source, "ErrA", target);
  const error = new Error("lost");

  source.addErr(error, { id: 1 }, { state: "ErrA" });
  await settle();
  assertEquals(mutations.map(({ args }) => args), [{ id: 1, error }]);
  assertStrictEquals(errors[0], error);
});

test("pipe() when flat passes on the error of an error state, and nothing else", () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  const mutations = recordMutations(target);
  pipe(source, "ErrA", target, { flat: true });
  const error = new Error("lost");

  source.addErr(error, { id: 1 }, { state: "ErrA" });
  source.remove("ErrA");
  source.addErr(error, null, { state: "ErrA" });
  assertEquals(mutations.map(({ args }) => args), [{ error }, {}, { error }]);
  assertEquals(texts(mutations), ["add Exception ErrA", "remove ErrA", "add Exception ErrA"]);
});

test("pipe() when flat adds an error state whose Exception is missing", () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  const mutations = recordMutations(target);
  target.add("ErrA");
  pipe(source, "ErrA", target, { flat: true });
  source.add("ErrA");
  source.remove("ErrA");
  assertEquals(texts(mutations), ["add ErrA", "add Exception ErrA", "remove ErrA"]);
});

test("pipe() makes up the error of an error state where there is none, from the source's last one or its state", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  const mutations = recordMutations(target);
  pipe(source, "A", target, { added: "ErrA" });
  pipe(source, "ErrA", target);
  const error = new Error("lost");

  source.add("ErrA", { error: "text" });
  source.remove("ErrA");
  source.add("ErrA");
  source.addErr(error);
  source.remove("ErrA");
  source.add("ErrA");
  source.add("A");
  await settle();
  const given = mutations.filter(({ type }) => type === "add").map(({ args }) => args.error);
  assert(given.every((value) => value instanceof Error));
  assertEquals(given.map((value) => value.message), [
    "text",
    'State "ErrA" of machine "s" is active',
    "lost",
    'State "A" of machine "s" is active',
  ]);
  assertStrictEquals(given[2], error);
});

test("pipe() of Exception carries the error too, flat or not", async () => {
  const [source, one, other] = [machineOf("s"), machineOf("one"), machineOf("other")];
  const mutations = [recordMutations(one), recordMutations(other)];
  pipe(source, "Exception", one, { flat: true });
  pipe(source, "Exception", other);
  const error = new Error("lost");
  source.addErr(error, { id: 1 });
  await settle();
  assertEquals(mutations.map(([mutation]) => mutation!.args), [{ error }, { id: 1, error }]);
  assertEquals([one, other].map((machine) => machine.isErr()), [true, true]);
});

// shared names of handlers

test("pipe() of a state Any follows it alone, though AnyState is called after each transition", async () => {
  const source = new Machine({ Any: {}, A: {} });
  const target = new Machine({ Any: {} });
  const mutations = recordMutations(target);
  pipe(source, "Any", target);
  source.add("A");
  await settle();
  assertEquals(mutations, []);
  source.add("Any");
  await settle();
  assertEquals(target.is("Any"), true);
});

test("pipe() does not take part in negotiations, though AState and AEnd are asked from A to State and End", async () => {
  const source = new Machine({ A: { multi: true }, State: {}, End: {} });
  const target = new Machine({ A: {} });
  const mutations = recordMutations(target);
  pipe(source, "A", target);
  source.bindHandlers({ AnyEnter: ({ mutation }) => mutation.states.length === 1 });

  source.add("A");
  source.add(["A", "State"]);
  source.set(["State", "End"]);
  await settle();
  assertEquals(texts(mutations), ["add A"]);
});

// taking off

test("pipe().detach() takes everything off, once and for all", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  const mutations = recordMutations(target);
  const binding = pipe(source, "A", target);
  source.add("A");
  await settle();

  binding.detach();
  binding.detach();
  source.remove("A");
  await settle();
  assertEquals(texts(mutations), ["add A"]);
  assertEquals([source.pipes, target.pipes], [[], []]);
});

test("pipe().detach() drops what is on its way", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  {
    using _binding = pipe(source, "A", target);
    source.add("A");
  }
  await settle();
  assertEquals(target.is("A"), false);
});

test("pipe() leaves other pipes on when it is taken off", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  const first = pipe(source, "A", target);
  pipe(source, "A", target);
  first.detach();
  source.add("A");
  await settle();
  assertEquals(target.is("A"), true);
  assertEquals([source.pipes.length, target.pipes.length], [2, 2]);
});

test("pipe() is noted by both machines", () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  pipe(source, "A", target, { added: "B", removed: "ErrA" });
  assertEquals(source.pipes, [
    { direction: "out", type: "add", state: "A", machineId: "t" },
    { direction: "out", type: "remove", state: "A", machineId: "t" },
  ]);
  assertEquals(target.pipes, [
    { direction: "in", type: "add", state: "B", machineId: "s" },
    { direction: "in", type: "remove", state: "ErrA", machineId: "s" },
  ]);
});

test("pipe() is taken off at the target when the source is disposed", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  pipe(source, "A", target);
  source.add("A");
  await source.dispose();
  assertEquals([source.pipes, target.pipes], [[], []]);
  assertEquals(target.is("A"), true);
});

test("pipe() is taken off at the source when the target is disposed", async () => {
  const [source, target, other] = [machineOf("s"), machineOf("t"), machineOf("o")];
  pipe(source, "A", target);
  pipe(source, "A", other);
  await target.dispose();
  assertEquals([source.pipes.length, target.pipes.length, other.pipes.length], [2, 0, 2]);

  const handlers: string[] = [];
  source.bindTracer({ handlerStart: (_transition, binding) => void handlers.push(binding) });
  assertEquals(source.add("A"), Executed);
  assertEquals(handlers, ["Bind-A-o"]);
});

test("pipe() passes on that Start was removed by the source's disposal", async () => {
  const source = new Machine({ Start: {} });
  const target = new Machine({ Start: {} });
  pipeStart(source, target);
  source.add("Start");
  await settle();
  await source.dispose();
  assertEquals([target.tick("Start"), target.pipes.length], [2, 0]);
});

test("pipe() onto itself is taken off by the disposal", async () => {
  const machine = machineOf("m");
  pipe(machine, "A", machine, { added: "B" });
  machine.add("A");
  await machine.dispose();
  assertEquals(machine.pipes, []);
});

for (const flat of [false, true]) {
  for (const when of ["disposing", "disposed"]) {
    test(`pipe() does nothing to a target that is ${when}${flat ? ", when flat" : ""}`, async () => {
      const [source, target] = [machineOf("s"), machineOf("t")];
      pipeMany(source, ["A", "ErrA"], target, { flat });
      pipeErr(source, target);
      const disposal = target.dispose();
      if (when === "disposed") await disposal;

      assertEquals(source.add("A"), Executed);
      assertEquals(source.remove("A"), Executed);
      source.addErr(new Error("lost"), null, { state: "ErrA" });
      await settle();
      assertEquals(source.err?.message, "lost");
      assertEquals(target.toString(), "");
    });

    test(`pipe() and its like bind nothing at a machine that is ${when}${flat ? ", when flat" : ""}`, async () => {
      const schema = {
        A: {},
        Ready: {},
        Start: {},
        Disconnected: {},
        Connecting: {},
        Connected: {},
        Disconnecting: {},
      };
      const [live, gone] = [new Machine(schema, { id: "live" }), new Machine(schema, { id: "gone" })];
      const disposal = gone.dispose();
      if (when === "disposed") await disposal;

      for (const [source, target] of [[live, gone], [gone, live], [gone, gone]] as const) {
        const bindings: Binding[] = [
          pipe(source, "A", target, { flat }),
          pipe(source, "X" as "A", target, { flat }),
          pipeMany(source, ["A", "Ready"], target, { flat }),
          pipeAny(source, target, { flat }),
          pipeReady(source, target, { flat }),
          pipeStart(source, target, { flat }),
          pipeConnected(source, target, { flat }),
          pipeErr(source, target),
        ];
        assertEquals(live.pipes, []);
        assertEquals(bindings.map(({ id }) => id.slice(0, id.lastIndexOf("-"))), [
          "Bind-A",
          "Bind-X",
          "BindMany",
          "BindAny",
          "Bind-Ready",
          "Bind-Start",
          "BindConnected",
          "BindErr",
        ]);
        for (const binding of bindings) {
          binding.detach();
          binding[Symbol.dispose]();
        }
        assertEquals(syncStates(source, target, "A"), Canceled);
      }
      assertEquals(live.add("A"), Executed);
      await disposal;
      assertEquals(gone.pipes, []);
    });
  }
}

test("pipe() is not bound when the error that it is told of disposes the target", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  source.addErr(new Error("lost"));
  source.onError(() => target.disposeForce());
  pipe(source, "A", target);

  const handlers: string[] = [];
  source.bindTracer({ handlerStart: (_transition, binding) => void handlers.push(binding) });
  source.add("A");
  await settle();
  assertEquals([handlers, source.pipes, target.pipes], [[], [], []]);
});

/** Counts the bindings that are on. */
class CountedMachine extends Machine<{ A: object; B: object }> {
  count = 0;

  constructor(id: string) {
    super({ A: {}, B: {} }, { id });
  }

  override onDispose(...args: Parameters<Machine["onDispose"]>): Binding {
    return this.#counted(super.onDispose(...args));
  }

  override addPipe(...args: Parameters<Machine["addPipe"]>): Binding {
    return this.#counted(super.addPipe(...args));
  }

  override bindHandlers(...args: Parameters<Machine["bindHandlers"]>): Binding {
    return this.#counted(super.bindHandlers(...args as [object]));
  }

  #counted(binding: Binding): Binding {
    let isOn = true;
    this.count++;
    const detach = () => {
      if (isOn) this.count--;
      isOn = false;
      binding.detach();
    };
    return { id: binding.id, detach, [Symbol.dispose]: detach };
  }
}

test("pipe() and its like leave nothing behind after 1,000 rounds", async () => {
  const [source, target] = [new CountedMachine("s"), new CountedMachine("t")];
  for (let i = 0; i < 1000; i++) {
    const bindings = [
      pipe(source, "A", target),
      pipeMany(source, ["A", "B"], target, { flat: i % 2 === 0 }),
      pipeAny(source, target),
      pipeErr(source, target),
    ];
    if (i % 100 === 0) source.toggle("A");
    assertEquals([source.count, target.count], [2 + 4 + 2 + 1 + 4 * 2, 2 + 4 + 2 + 1 + 4]);
    for (const binding of bindings) binding.detach();
    assertEquals([source.count, target.count], [0, 0]);
  }
  assertEquals([source.pipes, target.pipes], [[], []]);
  await settle();
  // nor in the search for loops: the other way round is free again
  pipe(target, "A", source);
  pipeErr(target, source);
  pipeAny(target, source);
});

test("pipe() leaves nothing behind at a target when 1,000 sources are disposed, and the other way round", async () => {
  const hub = new CountedMachine("hub");
  for (let i = 0; i < 1000; i++) {
    const [source, target] = [new Machine({ A: {} }), new Machine({ A: {} })];
    pipe(source, "A", hub);
    pipe(hub, "B", target, { added: "A" });
    await Promise.all([source.dispose(), target.dispose()]);
  }
  assertEquals([hub.count, hub.pipes], [0, []]);
});

// targets that throw

for (const flat of [false, true]) {
  test(`pipe() keeps what the target throws from the source${flat ? ", when flat" : ""}`, async () => {
    const lines: string[] = [];
    const source = machineOf("s", {
      throwErrors: true,
      logLevel: "external",
      logger: (_level, line) => lines.push(line),
    });
    const target = machineOf("t", { throwErrors: true });
    const error = new Error("broken");
    const fail = () => {
      throw error;
    };
    target.bindHandlers({ AState: fail, BEnd: fail });
    pipe(source, "A", target, { flat });
    pipe(source, "B", target, { flat });

    assertEquals(source.add(["A", "B"]), Executed);
    await settle();
    assertEquals(source.remove("B"), Executed);
    await settle();
    assertStrictEquals(target.err, error);
    assertEquals([source.toString(), source.err], ["(A:1)", null]);
    assertEquals(lines, ["[s] [exter] pipe Bind-A-t failed: broken", "[s] [exter] pipe Bind-B-t failed: broken"]);
  });
}

test("pipeErr() and pipeAny() keep what the target throws from the source", async () => {
  const lines: string[] = [];
  const source = machineOf("s", { logLevel: "external", logger: (_level, line) => lines.push(line) });
  const target = machineOf("t", { throwErrors: true });
  target.bindHandlers({
    ExceptionState() {
      throw new Error("broken");
    },
  });
  pipeErr(source, target);
  pipeAny(source, target);
  source.addErr(new Error("lost"));
  await settle();
  assertEquals(source.err?.message, "lost");
  assertEquals(lines, ["[s] [exter] pipe BindErr-t failed: broken", "[s] [exter] pipe BindAny-t failed: broken"]);
});

test("pipe() keeps arguments that throw when they are read from the source", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  pipe(source, "A", target, { added: "ErrA" });
  pipe(source, "A", target, { added: "ErrA", flat: true });
  const args = {
    get error(): Error {
      throw new Error("no");
    },
  };
  assertEquals(source.add("A", args), Executed);
  await settle();
  assertEquals([source.err, target.toString()], [null, "()"]);
});

// pipeMany()

test("pipeMany() pipes each state once, with one binding", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  const mutations = recordMutations(target);
  const binding = pipeMany(source, ["A", "B", "A"], target);
  source.add(["A", "B", "C"]);
  source.remove("B");
  await settle();
  assertEquals(texts(mutations), ["add A", "add B", "remove B"]);
  assertEquals([binding.id, source.pipes.length, target.pipes.length], ["BindMany-t", 4, 4]);

  binding.detach();
  source.remove("A");
  await settle();
  assertEquals([target.toString(), source.pipes, target.pipes], ["(A:1)", [], []]);
});

test("pipeMany() leads all states to the one that is named", () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  pipeMany(source, ["A", "B"], target, { added: "C", removed: null, flat: true });
  source.add("B");
  assertEquals(target.toString(), "(C:1)");
});

test("pipeMany() of no states does nothing", () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  pipeMany(source, [], target).detach();
  assertEquals(source.pipes, []);
});

// pipeAny()

test("pipeAny() keeps the target in the source's states, transition by transition", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  const mutations = recordMutations(target);
  pipeAny(source, target);
  target.add("C");
  source.add("A", { id: 1 });
  source.set("B", { id: 2 });
  source.remove("B");
  source.remove("B");
  await settle();
  assertEquals(texts(mutations), ["add C", "set A", "set B", "set"]);
  assertEquals(mutations.map(({ args }) => args), [{}, { id: 1 }, { id: 2 }, {}]);
  assertEquals(mutations[2]!.source?.machineId, "s");
  assertEquals(target.activeStates(), []);
});

test("pipeAny() when flat runs at once, without arguments, and not when nothing differs", () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  const mutations = recordMutations(target);
  pipeAny(source, target, { flat: true });
  target.add(["A", "B"]);
  source.add(["B", "A"], { id: 1 });
  assertEquals(texts(mutations), ["add A B"]);
  target.add("C");
  source.add("Multi", { id: 1 });
  assertEquals(target.is(["A", "B", "Multi"]) && target.not("C"), true);
  assertEquals(mutations.at(-1)!.args, {});
});

test("pipeAny() carries the error of an Exception", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  const mutations = recordMutations(target);
  pipeAny(source, target);
  source.addErr(new Error("lost"));
  source.add("A", { id: 1 });
  await settle();
  assertEquals(mutations.map(({ args }) => args), [{ error: source.err }, { id: 1, error: source.err }]);
});

test("pipeAny() does not take a source that is being disposed for one that is in no state", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  source.bindHandlers({ BState: () => void source.dispose() });
  pipeAny(source, target, { flat: true });
  source.add("A");
  source.add("B");
  await settle();
  assertEquals(target.activeStates(), ["A"]);
});

test("pipeAny() throws when the target lacks states of the source, and binds nothing", () => {
  const [source, target] = [machineOf("s"), new Machine({ A: {}, D: {} }, { id: "t" })];
  const error = assertThrows(() => pipeAny(source, target as unknown as MachineApi & typeof source), UnknownStateError);
  assertEquals([error.states, error.machineId], [["B", "C", "Multi", "ErrA"], "t"]);
  assertEquals([source.pipes, target.pipes], [[], []]);
});

test("pipeAny() is noted as a pipe of any state", () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  const binding = pipeAny(source, target);
  assertEquals(source.pipes.map(({ direction, type, state }) => `${direction} ${type} ${state}`), [
    "out add Any",
    "out remove Any",
  ]);
  assertEquals(target.pipes.map(({ direction, type, state }) => `${direction} ${type} ${state}`), [
    "in add Any",
    "in remove Any",
  ]);
  binding.detach();
  assertEquals([source.pipes, target.pipes], [[], []]);
});

// pipeReady(), pipeStart(), pipeConnected()

test("pipeReady() and pipeStart() pipe these states", async () => {
  const source = new Machine({ Start: {}, Ready: {} });
  const target = new Machine({ Start: {}, Ready: {}, Go: {} }, { id: "t" });
  const mutations = recordMutations(target);
  assertEquals(pipeStart(source, target).id, "Bind-Start-t");
  assertEquals(pipeReady(source, target, { added: "Go" }).id, "Bind-Ready-t");
  source.add(["Start", "Ready"]);
  source.remove("Ready");
  await settle();
  assertEquals(texts(mutations), ["add Start", "add Go", "remove Go"]);
});

const CONNECTION = { Disconnected: {}, Connecting: {}, Connected: {}, Disconnecting: {} };

test("pipeConnected() pipes the four states of a connection", async () => {
  const source = new Machine(CONNECTION);
  const target = new Machine(CONNECTION, { id: "t" });
  const { id } = pipeConnected(source, target);
  for (const state of ["Connecting", "Connected", "Disconnecting", "Disconnected"] as const) {
    source.set(state);
    await settle();
    assertEquals(target.activeStates(), [state]);
  }
  assertEquals(id, "BindConnected-t");
});

test("pipeConnected() pipes to other names, and leaves out what is null", () => {
  const source = new Machine(CONNECTION);
  const target = new Machine({ On: {}, Connecting: {} });
  const mutations = recordMutations(target);
  pipeConnected(source, target, { connected: "On", disconnected: null, disconnecting: null, flat: true });
  source.add(["Disconnected", "Connecting", "Connected", "Disconnecting"]);
  source.set([]);
  assertEquals(texts(mutations).toSorted(), ["add Connecting", "add On", "remove Connecting", "remove On"]);
});

// pipeErr()

test("pipeErr() adds the source's errors to the target, with the arguments", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  const mutations = recordMutations(target);
  const told: Error[] = [];
  target.onError((_machine, error) => void told.push(error));
  const { id } = pipeErr(source, target);
  const error = new Error("lost");

  source.addErr(error, { id: 1 });
  assertEquals(target.isErr(), false);
  await settle();
  assertStrictEquals(target.err, error);
  assertEquals([texts(mutations), mutations[0]!.args], [["add Exception"], { id: 1, error }]);
  assertEquals([told, id, mutations[0]!.source?.machineId], [[error], "BindErr-t", "s"]);
});

test("pipeErr() adds an error state, and removes neither", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  pipeErr(source, target, { state: "ErrA" });
  source.addErr(new Error("lost"));
  source.remove("Exception");
  await settle();
  assertEquals([source.isErr(), target.is(["ErrA", "Exception"])], [false, true]);
  assertEquals(target.pipes, [{ direction: "in", type: "add", state: "ErrA", machineId: "s" }]);
  assertEquals(source.pipes, [{ direction: "out", type: "add", state: "Exception", machineId: "t" }]);
});

test("pipeErr() passes on what a handler threw", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  const mutations = recordMutations(target);
  const error = new Error("broken");
  source.bindHandlers({
    AState() {
      throw error;
    },
  });
  pipeErr(source, target);
  source.add("A");
  await settle();
  assertStrictEquals(target.err, error);
  assertEquals((mutations[0]!.args.panic as { handler: string }).handler, "AState");
});

test("pipeErr() passes on each of several errors of one drain", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  const told: string[] = [];
  target.onError((_machine, { message }) => void told.push(message));
  pipeErr(source, target);
  source.bindHandlers({
    AState() {
      source.addErr(new Error("one"));
      source.addErr(new Error("two"));
    },
  });
  source.add("A");
  await settle();
  assertEquals([told, target.err === source.err], [["one", "two"], true]);
});

test("pipeErr() passes on the last error when Exception is added without one, and nothing if there was none", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  const told: string[] = [];
  target.onError((_machine, { message }) => void told.push(message));
  pipeErr(source, target);
  source.add("Exception");
  await settle();
  assertEquals([told, target.isErr()], [[], false]);
  source.addErr(new Error("one"));
  source.add("Exception");
  await settle();
  assertEquals(told, ["one", "one"]);
});

test("pipeErr() throws for a state that the target lacks", () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  assertThrows(() => pipeErr(source, target, { state: "ErrB" as "ErrA" }), UnknownStateError);
  assertEquals([source.pipes, target.pipes], [[], []]);
});

test("pipeErr() tells of an error that the source has already, as bindHandlers() does for first handlers", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  source.addErr(new Error("lost"));
  pipeErr(source, target);
  await settle();
  assertStrictEquals(target.err, source.err);
});

// syncStates()

test("syncStates() removes what is inactive and adds what is active, and nothing else", () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  source.add(["A", "Multi"]);
  target.add(["B", "C", "Multi"]);
  const mutations = recordMutations(target);
  assertEquals(syncStates(source, target, ["A", "B", "Multi"]), Executed);
  assertEquals(texts(mutations), ["remove B", "add A"]);
  assertEquals(target.is(["A", "C", "Multi"]), true);
  assertEquals(syncStates(source, target, ["A", "B", "Multi"]), Executed);
  assertEquals(mutations.length, 2);
});

test("syncStates() takes one name, and copies once only", () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  source.add("A");
  assertEquals(syncStates(source, target, "A"), Executed);
  source.remove("A");
  assertEquals(target.is("A"), true);
});

test("syncStates() adds an error state together with Exception, unless it is there", () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  const mutations = recordMutations(target);
  source.addErr(new Error("lost"), null, { state: "ErrA" });
  syncStates(source, target, "ErrA");
  target.remove("ErrA");
  syncStates(source, target, ["ErrA", "Exception"]);
  assertEquals(texts(mutations), ["add Exception ErrA", "remove ErrA", "add ErrA"]);
  assertEquals([0, 2].map((i) => mutations[i]!.args.error), [source.err, source.err]);
});

test("syncStates() adds Exception itself, with an error that is made up if there is none", () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  const mutations = recordMutations(target);
  source.add(["A", "ErrA", "Exception"]);
  syncStates(source, target, ["ErrA", "A", "Exception"]);
  assertEquals(texts(mutations), ["add ErrA A Exception"]);
  assertEquals((mutations[0]!.args.error as Error).message, 'State "ErrA" of machine "s" is active');
});

test("syncStates() is canceled when the target refuses", () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  target.bindHandlers({ AEnter: () => false, BExit: () => false });
  source.add("A");
  assertEquals(syncStates(source, target, "A"), Canceled);
  target.add("B");
  assertEquals(syncStates(source, target, "B"), Canceled);
});

test("syncStates() returns the later queue tick when the target is busy", async () => {
  const [source, target] = [machineOf("s"), machineOf("t")];
  source.add("A");
  let done = Promise.resolve();
  target.bindHandlers({
    BState() {
      const result = syncStates(source, target, ["A", "B"]);
      assert(isQueued(result));
      assertEquals(result, target.findQueued({ type: "add", states: "A" })!.queueTick);
      done = target.whenQueue(result);
    },
  });
  target.add("B");
  await done;
  assertEquals([target.activeStates(), target.isErr()], [["A"], false]);
});

test("syncStates() is canceled when the queue of a busy target has room for a part only", () => {
  const source = machineOf("s");
  const results: number[] = [];
  for (const states of [["A", "B"], ["B", "Exception"]] as const) {
    const target = machineOf("t", { queueLimit: 1 });
    target.bindHandlers({
      BState() {
        if (states[1] === "Exception") target.add("C");
        results.push(syncStates(source, target, states));
      },
    });
    source.set(states[0] === "A" ? "A" : "Exception");
    target.add("B");
  }
  assertEquals(results, [Canceled, Canceled]);
});

test("syncStates() throws for a state that one of the machines lacks", () => {
  const [source, target] = [machineOf("s"), new Machine({ A: {}, D: {} }, { id: "t" })];
  assertEquals(assertThrows(() => syncStates(source, target, "D" as "A"), UnknownStateError).machineId, "s");
  const error = assertThrows(() => syncStates(source, target, ["A", "B"] as "A"[]), UnknownStateError);
  assertEquals([error.machineId, error.message], ["t", 'Cannot sync state "B": it is not in the schema']);
});

// loops

test("PipeLoopError says which way the pipes lead back", () => {
  const [a, b] = [machineOf("a"), machineOf("b")];
  pipe(a, "A", b, { added: "B" });
  const error = assertThrows(() => pipe(b, "B", a, { added: "A" }), PipeLoopError);
  assertInstanceOf(error, Error);
  assertEquals(error.name, "PipeLoopError");
  assertEquals(error.path, [
    { machineId: "b", state: "B" },
    { machineId: "a", state: "A" },
    { machineId: "b", state: "B" },
  ]);
  assertEquals(error.message, 'Cannot pipe state "B" of "b": it leads back to itself by "A" of "a", "B" of "b"');
});

test("pipe() finds a loop of one machine", () => {
  const machine = machineOf("m");
  assertEquals(loopOf(() => pipe(machine, "A", machine)), "m.A m.A");
  pipe(machine, "A", machine, { added: "B" });
  pipe(machine, "B", machine, { added: "C" });
  assertEquals(loopOf(() => pipe(machine, "C", machine, { added: null, removed: "A" })), "m.C m.A m.B m.C");
});

test("pipe() binds nothing when it finds a loop", async () => {
  const [a, b] = [new CountedMachine("a"), new CountedMachine("b")];
  const binding = pipe(a, "A", b);
  const counts = [a.count, b.count];
  assertThrows(() => pipe(b, "A", a), PipeLoopError);
  assertThrows(() => pipeMany(b, ["B", "A"], a), PipeLoopError);
  assertEquals([a.count, b.count], counts);
  b.add(["A", "B"]);
  await settle();
  assertEquals(a.toString(), "()");

  pipe(a, "B", b); // no edge of B was left
  binding.detach();
  pipe(b, "A", a);
});

test("pipe() finds a loop of ten machines, whichever of its pipes is bound last", () => {
  for (let last = 0; last < 10; last++) {
    const machines = Array.from({ length: 10 }, (_, i) => machineOf(`m${i}`));
    const bind = (i: number) => pipe(machines[i]!, "A", machines[(i + 1) % 10]!);
    for (let i = 0; i < 10; i++) if (i !== last) bind(i);
    const path = loopOf(() => bind(last)).split(" ");
    assertEquals(path, Array.from({ length: 11 }, (_, i) => `m${(last + i) % 10}.A`));
  }
});

test("pipe() lets states of the same machines through that don't come back", () => {
  const [a, b] = [machineOf("a"), machineOf("b")];
  pipe(a, "A", b);
  pipe(b, "B", a);
  pipe(b, "A", a, { added: "C" });
  assertEquals(loopOf(() => pipe(a, "C", b, { added: "C", removed: "A" })), "a.C b.A a.C");
});

test("pipe() lets a diamond through", async () => {
  const [top, left, right, bottom] = ["top", "left", "right", "bottom"].map((id) => machineOf(id)) as [
    ReturnType<typeof machineOf>,
    ReturnType<typeof machineOf>,
    ReturnType<typeof machineOf>,
    ReturnType<typeof machineOf>,
  ];
  for (const side of [left, right]) {
    pipe(top, "A", side);
    pipe(side, "A", bottom);
  }
  top.add("A");
  await settle();
  assertEquals(bottom.toString(), "(A:1)");
  assertEquals(loopOf(() => pipe(bottom, "A", top)), "bottom.A top.A left.A bottom.A");
});

test("pipe() looks at each state once when it searches for loops", () => {
  // A ladder: 2 ** 40 ways lead from its top to its bottom.
  const rows = Array.from({ length: 41 }, () => [machineOf("left"), machineOf("right")]);
  for (let i = 39; i >= 0; i--) {
    for (const above of rows[i]!) for (const below of rows[i + 1]!) pipe(above, "A", below);
  }
  assertThrows(() => pipe(rows[40]![1]!, "A", rows[0]![1]!), PipeLoopError);
});

test("pipeMany() finds a loop that only one of its states is part of", () => {
  const [a, b] = [machineOf("a"), machineOf("b")];
  pipe(b, "A", a);
  pipe(b, "B", a, { added: "A" });
  assertEquals(loopOf(() => pipeMany(a, ["B", "A"], b)), "a.A b.A a.A");
});

test("pipe() counts what it removes as a way back", () => {
  const [a, b] = [machineOf("a"), machineOf("b")];
  pipe(a, "A", b, { removed: "B" });
  assertEquals(loopOf(() => pipe(b, "B", a, { added: "A" })), "b.B a.A b.B");
});

test("pipe() counts the Exception of an error state as a way back", () => {
  const [a, b] = [machineOf("a"), machineOf("b")];
  pipe(a, "A", b, { added: "ErrA" });
  assertEquals(loopOf(() => pipe(b, "Exception", a, { added: "A" })), "b.Exception a.A b.Exception");
  pipeErr(b, a);
  assertEquals(loopOf(() => pipeErr(a, b)), "a.Exception b.Exception a.Exception");
});

test("pipeErr() finds loops by its state and by Exception", () => {
  const [a, b] = [machineOf("a"), machineOf("b")];
  const binding = pipeErr(a, b, { state: "ErrA" });
  assertEquals(loopOf(() => pipe(b, "ErrA", a)), "b.ErrA a.Exception b.ErrA");
  assertEquals(loopOf(() => pipeErr(b, a, { state: "ErrA" })), "b.Exception a.Exception b.Exception");
  assertEquals(loopOf(() => pipeErr(a, a)), "a.Exception a.Exception");
  binding.detach();
  pipe(b, "ErrA", a);
});

test("pipeAny() leads from every state to every state", () => {
  const [a, b] = [machineOf("a"), machineOf("b")];
  const any = pipeAny(a, b);
  assertEquals(loopOf(() => pipe(b, "A", a, { added: "C" })), "b.A a.C b.A");
  assertEquals(loopOf(() => pipeAny(b, a)), "b.Any a.Any b.Any");
  assertEquals(loopOf(() => pipeErr(b, a)), "b.Exception a.Exception b.Exception");
  assertEquals(loopOf(() => pipeAny(a, a)), "a.Any a.Any");
  any.detach();

  const one = pipe(b, "A", a, { added: "C" });
  assertEquals(loopOf(() => pipeAny(a, b)), "a.Any b.Any a.Any");
  one.detach();
  pipeAny(a, b);
});

test("pipe() finds a loop through a pipeAny() in the middle", () => {
  const [a, b, c] = [machineOf("a"), machineOf("b"), machineOf("c")];
  pipe(a, "A", b, { added: "B" });
  pipeAny(b, c);
  assertEquals(loopOf(() => pipe(c, "C", a, { added: "A" })), "c.C a.A b.B c.C");
  pipe(c, "C", a, { added: "B" });
});

test("pipe() forgets the pipes of disposed machines when it looks for loops", async () => {
  const [a, b, c] = [machineOf("a"), machineOf("b"), machineOf("c")];
  pipe(a, "A", b);
  pipe(b, "A", c);
  await b.dispose();
  pipe(c, "A", a);
});

test("pipe() lets a loop through if one of its pipes allows it, whichever is bound last", () => {
  for (const order of [[0, 1, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]) {
    const machines = [machineOf("a"), machineOf("b"), machineOf("c")];
    for (const i of order) pipe(machines[i]!, "A", machines[(i + 1) % 3]!, { allowLoop: i === 1 });
    assertThrows(() => pipe(machines[1]!, "A", machines[2]!), PipeLoopError);
  }
  const machine = machineOf("m");
  pipe(machine, "A", machine, { allowLoop: true });
  pipeAny(machine, machine, { allowLoop: true });
  machine.add("A");
  assertEquals(machine.toString(), "(A:1)");
});

for (const flat of [false, true]) {
  test(`pipe() comes to rest in a ring of ten machines that is allowed${flat ? ", when flat" : ""}`, async () => {
    const machines = Array.from({ length: 10 }, (_, i) => machineOf(`m${i}`));
    let transitions = 0;
    for (const machine of machines) machine.bindTracer({ transitionEnd: () => void transitions++ });
    machines.forEach((machine, i) => pipe(machine, "A", machines[(i + 1) % 10]!, { flat, allowLoop: i === 9 }));

    // The first machine is asked again at the end of the round, unless pipes are flat.
    const round = flat ? 10 : 11;
    for (let i = 1; i <= 4; i++) {
      machines[0]!.toggle("A");
      await settle();
      assertEquals(transitions, i * round);
      assertEquals(machines.map((machine) => machine.tick("A")), Array(10).fill(i));
    }
  });
}

test("pipe() comes to rest in a flat ring whatever is asked of its machines", () => {
  const machines = Array.from({ length: 10 }, (_, i) => machineOf(`m${i}`));
  let transitions = 0;
  for (const machine of machines) machine.bindTracer({ transitionEnd: () => void transitions++ });
  machines.forEach((machine, i) => pipe(machine, "A", machines[(i + 1) % 10]!, { flat: true, allowLoop: true }));
  machines[5]!.bindHandlers({ AState: () => void machines[2]!.remove("A"), AEnd: () => void machines[7]!.toggle("A") });

  machines[0]!.add("A");
  machines[3]!.remove("A");
  assert(transitions < 1000, `${transitions}`);
  assertNotStrictEquals(transitions, 0);
});
