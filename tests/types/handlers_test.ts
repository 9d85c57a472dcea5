// Types only: `deno check` is the test. Each `@ts-expect-error` is a mistake that the compiler has to find.
import {
  argsType,
  type BindOptions,
  defineSchema,
  type Event,
  type EventOf,
  type ExceptionArgs,
  type Handlers as HandlersOf,
  Machine,
  type Schema,
} from "../../machine/mod.ts";

/** Compiles for equal types only: `any` is equal to nothing else. */
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;

function expectType<_T extends true>(): void {}

const schema = defineSchema({
  Foo: { args: argsType<{ path: string }>() },
  Bar: {},
  FooBar: { args: argsType<{ count: number }>() },
  lower: {},
});
type States = typeof schema;
const machine = new Machine(schema);

class Handlers {
  readonly paths: string[] = [];
  #count = 0;
  private Hidden = 1;
  FooState(event: EventOf<States, "Foo">): void {
    this.paths.push(event.args.path);
    this.#count += this.Hidden;
  }
  FooEnter(event: Event<States, { path: string }>): boolean {
    return this.helper(event.args.path);
  }
  BarEnd = async (): Promise<void> => {};
  helper(path: string): boolean {
    return path.length > this.#count;
  }
}

class NoKeys {}

class OnlyPrivate {
  #count = 0;
  private ready = false;
  static read(one: OnlyPrivate): unknown {
    return one.ready || one.#count;
  }
}

class Loader {
  count = 0;
  readonly seen: string[] = [];
  readonly #own = new Set<string>();
  BarState(): void {
    this.#own.add(this.seen.join());
    this.count++;
  }
  bind(): void {
    machine.bindHandlers(this);
  }
}

class Child extends Loader {
  override BarState(): void {}
  FooEnd(): void {}
}

/** Never called: what it holds is only compiled. */
export function check(): void {
  machine.bindHandlers(new Handlers());
  machine.bindHandlers(new NoKeys());
  machine.bindHandlers(new OnlyPrivate());
  machine.bindHandlers(new Loader(), { id: "loader" });
  machine.bindHandlers(new Child());
  machine.bindHandlers({});
  const some: HandlersOf<States, "FooEnter" | "helper"> = { FooEnter: ({ args }) => args.path !== "", helper: 1 };
  machine.bindHandlers(some);
  machine.bindHandlers({} as { FooState?: () => void });
  machine.bindHandlers({
    FooEnter: (event) => event.args.path !== "",
    async FooState(event) {
      expectType<Equal<typeof event.args, Readonly<{ path: string }>>>();
      await fetch(event.args.path, { signal: event.signal });
      event.machine.add("Foo", { path: "" });
      // @ts-expect-error: arguments are missing
      event.machine.add("Foo");
      // @ts-expect-error: unknown state
      event.machine.is("Fo");
    },
    FooExit: (event) => expectType<Equal<typeof event.args, Readonly<Record<string, unknown>>>>(),
    FooEnd: (event) => event.signal,
    FooFoo: () => true,
    BarFoo() {},
    ExceptionState: (event) => expectType<Equal<typeof event.args, Readonly<ExceptionArgs>>>(),
    AnyEnter: () => false,
    AnyState: (event) => event.signal,
    lowerState: (event) => void event.signal,
    helper: 1,
  });

  // FooBarState is that of FooBar; FooBarEnter too, though Foo is a state
  machine.bindHandlers({
    FooBarState: (event) => event.args.count,
    FooBarEnter: (event) => event.args.count > 0,
  });

  // keys that are no handler
  // @ts-expect-error: FooEnter
  machine.bindHandlers({ FooEntr: () => true });
  // @ts-expect-error: FooEnter, and the event is no second mistake
  machine.bindHandlers({ FoEnter: (event) => event.args.path });
  // @ts-expect-error: a pair with a state that is unknown
  machine.bindHandlers({ BarBaz() {} });
  // @ts-expect-error: the state alone
  machine.bindHandlers({ Foo: () => {} });
  // @ts-expect-error: AnyEnter
  machine.bindHandlers({ AnyExit: () => {} });
  // @ts-expect-error: among right ones
  machine.bindHandlers({ FooState() {}, Constant: 7 });
  class Misspelled {
    FooStat(): void {}
  }
  // @ts-expect-error: FooState, of a class
  machine.bindHandlers(new Misspelled());
  class Hidden {
    private FooState(): void {}
    static read(one: Hidden): unknown {
      return one.FooState;
    }
  }
  // @ts-expect-error: the machine would call what is private
  machine.bindHandlers(new Hidden());
  machine.bindHandlers({ BazState() {}, Constant: 7 }, { allowUnknown: true });
  // @ts-expect-error: not let through
  machine.bindHandlers({ BazState() {} }, { allowUnknown: false });
  // @ts-expect-error: what is a handler is checked all the same
  machine.bindHandlers({ FooEnter: () => "" }, { allowUnknown: true });

  // what they return
  // @ts-expect-error: a text is no answer
  machine.bindHandlers({ FooEnter: (event) => event.args.path });
  // @ts-expect-error: null is no answer
  machine.bindHandlers({ AnyEnter: () => null });
  // @ts-expect-error: a negotiation is not async
  machine.bindHandlers({ FooEnter: async (event) => await Promise.resolve(event.args.path === "") });
  // @ts-expect-error: a negotiation is not async
  machine.bindHandlers({ async BarExit() {} });
  // @ts-expect-error: a negotiation is not async
  machine.bindHandlers({ async BarFoo() {} });

  // what they receive
  // @ts-expect-error: no such argument
  machine.bindHandlers({ FooState: (event) => event.args.pth });
  // @ts-expect-error: arguments are unknown where no state promises them
  machine.bindHandlers({ FooEnd: (event) => void event.args.path.length });
  // @ts-expect-error: no signal in a negotiation
  machine.bindHandlers({ FooEnter: (event) => void event.signal });
  // @ts-expect-error: no signal in a negotiation
  machine.bindHandlers({ AnyEnter: (event) => void event.signal });
  // @ts-expect-error: no function
  machine.bindHandlers({ FooState: 1 });
  class OfOther {
    FooState(event: EventOf<States, "FooBar">): void {
      void event;
    }
  }
  // @ts-expect-error: the event of another state
  machine.bindHandlers(new OfOther());

  // a prefix
  machine.bindHandlers({ BarState: (event) => event.args.count }, { statePrefix: "Foo" });
  // @ts-expect-error: there is no FooBazState
  machine.bindHandlers({ BazState() {} }, { statePrefix: "Foo" });
  machine.bindHandlers({ Whatever: 1 }, {} as BindOptions);

  // names known at run time only
  new Machine({} as Schema).bindHandlers({ Anything: 1, FooEnter: () => "" });
}
