import { Machine } from "../../mod.ts";
import { formatCode } from "../_format_code.ts";
import { type SchemaModel, toSchema } from "../schema/model.ts";
import { namePartsOf, quote, writeKey } from "../schema/write_typescript.ts";
import { hasArgs, type ImportedSchema } from "./_schema_import.ts";
import { failAt, readNames } from "./_word_reader.ts";

/** The handlers of one state, in the order in which a state lives. */
const SUFFIXES = { enter: "Enter", state: "State", exit: "Exit", end: "End" } as const;

/** Which methods a class of handlers has. */
export interface MethodOptions {
  /** Names of handlers: `FooEnter,FooBar,AnyState`. None by default. */
  readonly methods?: string | undefined;
  /** States that handlers are for: `Foo,Bar`. All by default, unless methods are named. */
  readonly states?: string | undefined;
  /** Which handlers: `enter`, `state`, `exit`, `end`. `state` by default. */
  readonly kinds?: string | undefined;
}

/**
 * List the names of the methods that a class of handlers should have, each once: those of states first.
 *
 * @throws {SyntaxError} when a name is none, which it says with its place, or when there is none at all.
 */
export function listMethods(model: SchemaModel, { methods, states, kinds }: MethodOptions): string[] {
  const names = new Set<string>();
  if (methods === undefined || states !== undefined || kinds !== undefined) {
    const suffixes = readKinds(kinds ?? "state");
    for (const state of states === undefined ? model.states.keys() : readStateNames(model, states)) {
      for (const suffix of suffixes) names.add(state + suffix);
    }
  }
  for (const word of methods === undefined ? [] : readNames("methods", methods)) {
    if (readMethod(model, word.name) === undefined) throw failAt(word, explainUnknown(model, word.name));
    if (word.name === "constructor") throw failAt(word, "a class has no handler of that name");
    names.add(word.name);
  }
  if (names.size === 0) throw new SyntaxError("Cannot generate handlers: the schema has no state");
  return [...names];
}

/**
 * Write a class of handlers, formatted as `deno fmt` does it: negotiation handlers let everything pass, final ones do
 * nothing yet.
 */
export async function writeHandlers(schema: ImportedSchema, methods: readonly string[]): Promise<string> {
  const { model, local, clause, specifier } = schema;
  const events = methods.map((name) => readMethod(model, name)!);
  const imports = new Set<string>(events.map(({ type }) => type));
  if (events.some(({ type, args }) => type === "Event" && args !== undefined)) imports.add("HandlerArgs");
  const lines = events.map((event, i) => {
    const end = event.type === "Event" ? "boolean { return true; }" : "void {}";
    return `  ${writeKey(methods[i]!)}(_event: ${writeEvent(event)}): ${end}`;
  });
  return await formatCode(
    `import type { ${[...imports].sort().join(", ")} } from "@asyncmachine/asyncmachine";
import type { ${clause} } from ${specifier};

type S = typeof ${local};

/**
 * Handlers, for \`machine.bindHandlers()\`. Those that return a boolean negotiate:
 * \`false\` cancels the transition. The others run once states changed, and may be
 * async.
 */
export class ${namePartsOf(model.name).handlers} {
${lines.join("\n\n")}
}
`,
  );
}

/** What a handler gets. Handlers that get an `Event` negotiate, the others are final. */
interface EventType {
  readonly type: "Event" | "EventOf" | "FinalEvent";
  /** The state whose arguments it has; those of any mutation by default. */
  readonly args?: string;
}

function writeEvent({ type, args }: EventType): string {
  if (args === undefined) return `${type}<S>`;
  return type === "Event" ? `Event<S, HandlerArgs<S, ${quote(args)}>>` : `${type}<S, ${quote(args)}>`;
}

/** Read the name of a handler as machines do; `undefined` if it is none. */
function readMethod(model: SchemaModel, name: string): EventType | undefined {
  const stateBefore = (suffix: string) => {
    const state = name.slice(0, -suffix.length);
    return name.endsWith(suffix) && isState(model, state) ? state : undefined;
  };
  if (name === "AnyEnter") return { type: "Event" };
  if (name === "AnyState") return { type: "FinalEvent" };
  const called = stateBefore("State");
  if (called !== undefined) return { type: "EventOf", args: called };
  const entered = stateBefore("Enter");
  if (entered !== undefined) {
    return entered === "Exception" || hasArgs(model, entered) ? { type: "Event", args: entered } : { type: "Event" };
  }
  if (stateBefore("End") !== undefined) return { type: "FinalEvent" };
  return stateBefore("Exit") !== undefined || isPair(model, name) ? { type: "Event" } : undefined;
}

/** Each machine has a state `Exception`. */
function isState({ states }: SchemaModel, name: string): boolean {
  return states.has(name) || name === "Exception";
}

function isPair(model: SchemaModel, name: string): boolean {
  for (let i = 1; i < name.length; i++) {
    if (isState(model, name.slice(0, i)) && isState(model, name.slice(i))) return true;
  }
  return false;
}

/** The machine itself knows which handlers are like a name. */
function explainUnknown(model: SchemaModel, name: string): string {
  try {
    new Machine(toSchema(model)).bindHandlers({ [name]: () => {} });
  } catch (error) {
    if (error instanceof TypeError) return error.message.slice(error.message.indexOf(": ") + 2);
    throw error;
  }
  return "the schema has no state or pair of states of that name";
}

function readKinds(text: string): string[] {
  const words = readNames("kinds", text);
  const unknown = words.find(({ name }) => !Object.hasOwn(SUFFIXES, name));
  if (unknown !== undefined) throw failAt(unknown, `"${unknown.name}" is none of ${Object.keys(SUFFIXES).join(", ")}`);
  return Object.entries(SUFFIXES).filter(([kind]) => words.some(({ name }) => name === kind)).map(([, it]) => it);
}

function readStateNames(model: SchemaModel, text: string): string[] {
  return readNames("states", text).map((word) => {
    if (!isState(model, word.name)) throw failAt(word, `there is no state "${word.name}"`);
    return word.name;
  });
}
