import * as fc from "fast-check";
import type { ModelState } from "./resolver.ts";
import type { Script, ScriptBinding, ScriptCall, ScriptHandler, ScriptOp, ScriptStep } from "./script.ts";

/** Most states of a random schema, `Exception` not counted. */
export const MAX_STATES = 40;

/** Most steps of a random script. */
export const MAX_STEPS = 60;

/** Names that trip up code which keeps states in plain objects, joins them to strings, or cuts those up. */
const ODD_NAMES = [
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "",
  " ",
  "A B",
  "a",
  "AB",
  "😀",
  "\0",
  "\ud83d",
  "\ude00",
  "e\u0301",
  "0",
  "10",
  "-1",
  "Any",
  "State",
  "End",
  "Enter",
  "Exit",
  "AnyEnter",
  "AState",
  "BEnd",
  "Exception",
  "ExceptionState",
  "Healthcheck",
  "Heartbeat",
];

/** A state, as a number that stands for one of however many there are: so a schema can shrink under its script. */
type StateIndex = number;

interface Relation {
  kind: "require" | "add" | "remove" | "after";
  from: StateIndex;
  to: StateIndex;
}

interface RawStep {
  op: ScriptOp;
  states: StateIndex[];
  args: Record<string, number> | null;
}

/** What is no mutation itself. */
interface RawOtherStep {
  op: "eval" | "bind" | "detach";
  binding: number;
  steps: RawStep[];
}

interface RawCall {
  steps: (RawStep | RawOtherStep)[];
  outcome: "agrees" | "refuses" | "throws";
}

interface RawHandler {
  binding: number;
  kind: "Enter" | "Exit" | "State" | "End" | "self" | "pair" | "AnyEnter" | "AnyState";
  from: StateIndex;
  to: StateIndex;
  calls: RawCall[];
  refusesThen: boolean;
}

interface RawScript {
  size: number;
  oddNames: { at: StateIndex; name: string }[];
  relations: Relation[];
  /** Whether all relations are After: nothing is refused, so that long lists get sorted. */
  isSorting: boolean;
  auto: StateIndex[];
  multi: StateIndex[];
  order: number;
  queueLimit: number;
  handlers: RawHandler[];
  /** Numbers of the bindings that are not bound at once. */
  late: number[];
  steps: (RawStep | RawOtherStep)[];
}

/** Random machines of up to 40 states, with up to 60 things to do to each. */
export function scripts(): fc.Arbitrary<Script> {
  const raw: fc.Arbitrary<RawScript> = fc.record({
    size: fc.oneof(
      { weight: 5, arbitrary: fc.integer({ min: 1, max: 8 }) },
      { weight: 3, arbitrary: fc.integer({ min: 9, max: 20 }) },
      { weight: 2, arbitrary: fc.integer({ min: 21, max: MAX_STATES }) },
    ),
    oddNames: rarely(
      fc.array(fc.record({ at: stateIndex(), name: fc.constantFrom(...ODD_NAMES) }), { maxLength: 8 }),
      [],
    ),
    relations: fc.oneof(list(relation(), 12), list(relation(), 60)),
    isSorting: rarely(fc.constant(true), false, 12),
    auto: fc.oneof(list(stateIndex(), 2), list(stateIndex(), 8)),
    multi: list(stateIndex(), 6),
    order: rarely(fc.integer({ min: 1, max: 0x7fffffff }), 0),
    queueLimit: rarely(fc.integer({ min: 1, max: 4 }), 1000),
    handlers: fc.oneof({ weight: 1, arbitrary: fc.constant<RawHandler[]>([]) }, {
      weight: 4,
      arbitrary: list(handler(), 24),
    }),
    late: rarely(fc.array(bindingNumber(), { maxLength: 3 }), []),
    steps: list(anyStep(MUTATION_OPS), MAX_STEPS),
  });
  return raw.map(toScript);
}

const MUTATION_OPS = fc.oneof(
  { weight: 16, arbitrary: fc.constant<ScriptOp>("add") },
  { weight: 7, arbitrary: fc.constant<ScriptOp>("remove") },
  { weight: 4, arbitrary: fc.constantFrom<ScriptOp>("set", "toggle") },
  { weight: 2, arbitrary: fc.constantFrom<ScriptOp>("canAdd", "canRemove") },
  { weight: 2, arbitrary: fc.constantFrom<ScriptOp>("addErr", "addErrState") },
);

const HANDLER_OPS = fc.oneof(
  { weight: 4, arbitrary: MUTATION_OPS },
  { weight: 2, arbitrary: fc.constantFrom<ScriptOp>("evAdd", "evRemove") },
  { weight: 1, arbitrary: fc.constantFrom<ScriptOp>("is", "willBe", "willBeRemoved", "queueLen") },
);

function step(ops: fc.Arbitrary<ScriptOp>): fc.Arbitrary<RawStep> {
  return fc.record({
    op: ops,
    states: fc.oneof(
      { weight: 12, arbitrary: fc.array(stateIndex(), { minLength: 1, maxLength: 3 }) },
      { weight: 2, arbitrary: list(stateIndex(), 12) },
      { weight: 1, arbitrary: list(stateIndex(), MAX_STATES) },
    ),
    args: rarely(fc.constantFrom<Record<string, number>>({}, { x: 1 }, { x: 2 }), null),
  });
}

function anyStep(ops: fc.Arbitrary<ScriptOp>): fc.Arbitrary<RawStep | RawOtherStep> {
  return fc.oneof({ weight: 24, arbitrary: step(ops) }, { weight: 1, arbitrary: otherStep() });
}

function otherStep(): fc.Arbitrary<RawOtherStep> {
  return fc.record({
    op: fc.constantFrom("eval", "bind", "detach"),
    binding: bindingNumber(),
    steps: fc.array(step(HANDLER_OPS), { maxLength: 4 }),
  });
}

function handler(): fc.Arbitrary<RawHandler> {
  const call: fc.Arbitrary<RawCall> = fc.record({
    steps: rarely(fc.array(anyStep(HANDLER_OPS), { maxLength: 3 }), []),
    outcome: fc.oneof(
      { weight: 5, arbitrary: fc.constant<RawCall["outcome"]>("agrees") },
      { weight: 2, arbitrary: fc.constant<RawCall["outcome"]>("refuses") },
      { weight: 1, arbitrary: fc.constant<RawCall["outcome"]>("throws") },
    ),
  });
  return fc.record({
    binding: bindingNumber(),
    kind: fc.constantFrom("Enter", "Exit", "State", "End", "self", "pair", "pair", "AnyEnter", "AnyState"),
    from: stateIndex(),
    to: stateIndex(),
    calls: fc.array(call, { maxLength: 4 }),
    refusesThen: rarely(fc.constant(true), false, 12),
  });
}

function relation(): fc.Arbitrary<Relation> {
  return fc.record({
    kind: fc.constantFrom("add", "add", "require", "remove", "remove", "after"),
    from: stateIndex(),
    to: stateIndex(),
  });
}

function bindingNumber(): fc.Arbitrary<number> {
  return fc.nat({ max: 2 });
}

function stateIndex(): fc.Arbitrary<StateIndex> {
  return fc.nat({ max: 1000 });
}

/** Lists of any length up to the maximum, long ones no rarer than short ones. */
function list<Item>(item: fc.Arbitrary<Item>, maxLength: number): fc.Arbitrary<Item[]> {
  return fc.array(item, { maxLength, size: "max" });
}

function rarely<Value, Usual>(value: fc.Arbitrary<Value>, usual: Usual, weight = 4): fc.Arbitrary<Value | Usual> {
  return fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: value });
}

function toScript(raw: RawScript): Script {
  const names = nameStates(raw);
  const all = names.includes("Exception") ? names : [...names, "Exception"];
  return {
    schema: toSchema(raw, names),
    ...(raw.order === 0 ? {} : { order: shuffle(all, raw.order) }),
    ...(raw.queueLimit === 1000 ? {} : { queueLimit: raw.queueLimit }),
    bindings: toBindings(raw, names),
    steps: raw.steps.map((step) => toStep(step, names)),
  };
}

/** `A` to `Z`, then `Aa` and on, with odd names in some places. */
function nameStates({ size, oddNames }: RawScript): string[] {
  const names = Array.from({ length: size }, (_, index) => {
    const letter = String.fromCharCode(65 + index % 26);
    return index < 26 ? letter : `A${letter.toLowerCase()}`;
  });
  for (const { at, name } of oddNames) {
    if (!names.includes(name)) names[at % size] = name;
  }
  return names;
}

function toSchema(
  { relations, isSorting, auto, multi }: RawScript,
  names: readonly string[],
): Record<string, ModelState> {
  const pick = picker(names);
  // One index more than there are names: relations to states that the schema may not have.
  const pickAny = picker([...names, "Exception", "Nope"]);
  const autoNames = auto.map(pick);
  const multiNames = multi.map(pick);
  // Made from entries, as assigning would not make a property of `__proto__`.
  return Object.fromEntries(names.map((name) => {
    const state: Record<string, unknown> = {};
    if (autoNames.includes(name)) state.auto = true;
    if (multiNames.includes(name)) state.multi = true;
    for (const kind of ["require", "add", "remove", "after"] as const) {
      const targets = relations.filter((other) =>
        (isSorting ? "after" : other.kind) === kind && pick(other.from) === name
      );
      if (targets.length > 0) state[kind] = targets.map(({ to }) => pickAny(to));
    }
    return [name, state];
  }));
}

function toBindings({ handlers, late }: RawScript, names: readonly string[]): ScriptBinding[] {
  const pick = callPicker(names);
  const bindings = new Map<string, Map<string, ScriptHandler>>();
  const lateIds = late.map(bindingId);
  for (const { binding, kind, from, to, calls, refusesThen } of handlers) {
    const id = bindingId(binding);
    const name = handlerName(kind, pick(from), pick(to));
    const record = bindings.get(id) ?? new Map<string, ScriptHandler>();
    record.set(name, { name, calls: calls.map((call) => toCall(call, name, names)), refusesThen });
    bindings.set(id, record);
  }
  return [...bindings].map(([id, record]) => ({
    id,
    ...(lateIds.includes(id) ? { late: true } : {}),
    handlers: [...record.values()],
  }));
}

function handlerName(kind: RawHandler["kind"], from: string, to: string): string {
  if (kind === "AnyEnter" || kind === "AnyState") return kind;
  if (kind === "self") return from + from;
  return from + (kind === "pair" ? to : kind);
}

function toCall({ steps, outcome }: RawCall, handler: string, names: readonly string[]): ScriptCall {
  return {
    ...(steps.length === 0 ? {} : { steps: steps.map((step) => toStep(step, names)) }),
    ...(outcome === "throws" ? { throws: `thrown in ${handler}` } : {}),
    ...(outcome === "refuses" ? { refuses: true } : {}),
  };
}

function toStep(step: RawStep | RawOtherStep, names: readonly string[]): ScriptStep {
  if ("binding" in step) {
    return step.op === "eval"
      ? { op: step.op, steps: step.steps.map((inner) => toStep(inner, names)) }
      : { op: step.op, binding: bindingId(step.binding) };
  }
  const { op, states, args } = step;
  const pick = callPicker(names);
  const isError = op === "addErr" || op === "addErrState";
  return {
    op,
    ...(op === "addErr" ? {} : { states: states.length === 0 && isError ? [pick(0)] : states.map(pick) }),
    ...(args === null ? {} : { args }),
    ...(isError ? { error: "added" } : {}),
  };
}

function bindingId(number: number): string {
  return `h${number}`;
}

function picker(names: readonly string[]): (index: StateIndex) => string {
  return (index) => names[index % names.length]!;
}

/** As `picker`, but `Exception` is rare, however few other states there are. */
function callPicker(names: readonly string[]): (index: StateIndex) => string {
  return (index) => index > 960 ? "Exception" : names[index % names.length]!;
}

/** Shuffle a list by a number: the same number, the same order. */
function shuffle(names: readonly string[], seed: number): string[] {
  const shuffled = [...names];
  let random = seed;
  for (let i = shuffled.length - 1; i > 0; i--) {
    random = (Math.imul(random, 1103515245) + 12345) & 0x7fffffff;
    const other = (random >> 8) % (i + 1);
    [shuffled[i], shuffled[other]] = [shuffled[other]!, shuffled[i]!];
  }
  return shuffled;
}
