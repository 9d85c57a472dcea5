import {
  buildTable,
  collectHandlers,
  type HandlerBinding,
  type HandlerFunction,
  type HandlerTable,
  isHandlerName,
  readHandlers,
} from "./_handler_table.ts";
import type { Plan } from "./_plan.ts";
import type { BindOptions } from "./handlers.ts";

/** The handlers of a class, read for one plan: all instances that are bound to machines of that plan share them. */
interface HandlerClass {
  /** All that the class had when they were read: a class may change. */
  readonly members: ReadonlyMap<string, unknown>;
  readonly functions: ReadonlyMap<string, HandlerFunction>;
}

const classes = new WeakMap<Plan, WeakMap<object, HandlerClass>>();

/** Tables of shared functions. */
const tables = new WeakMap<
  ReadonlyMap<string, HandlerFunction>,
  { readonly plan: Plan; readonly table: HandlerTable }
>();

/** Read handlers like {@linkcode readHandlers}, or take what was read from another instance of their class. */
export function readShared(plan: Plan, handlers: object, options: BindOptions): ReadonlyMap<string, HandlerFunction> {
  if (options.statePrefix || options.allowUnknown || !isMadeByClass(plan, handlers)) {
    return readHandlers(plan, handlers, options);
  }
  let byClass = classes.get(plan);
  if (byClass === undefined) classes.set(plan, byClass = new WeakMap());
  const prototype = Object.getPrototypeOf(handlers) as object;
  const members = collectHandlers(prototype);
  const known = byClass.get(prototype);
  if (known !== undefined && isSame(known.members, members)) return known.functions;
  const functions = readHandlers(plan, handlers, options);
  tables.set(functions, { plan, table: buildTable(plan, [{ functions }]) });
  byClass.set(prototype, { members, functions });
  return functions;
}

/** Build the table of some bindings, or take the one that there is. */
export function tableFor(plan: Plan, bindings: readonly HandlerBinding[]): HandlerTable {
  const shared = bindings.length === 1 ? tables.get(bindings[0]!.functions) : undefined;
  return shared?.plan === plan ? shared.table : buildTable(plan, bindings);
}

/** Whether all handlers of an object are its class's, so that it has none of its own. */
function isMadeByClass(plan: Plan, handlers: object): boolean {
  if (typeof handlers !== "object" || handlers === null) return false;
  const prototype = Object.getPrototypeOf(handlers);
  if (prototype === null || prototype === Object.prototype) return false;
  return !Object.getOwnPropertyNames(handlers).some((key) => /^\p{Lu}/u.test(key) || isHandlerName(plan, key));
}

function isSame(members: ReadonlyMap<string, unknown>, others: ReadonlyMap<string, unknown>): boolean {
  if (members.size !== others.size) return false;
  for (const [key, member] of members) if (others.get(key) !== member) return false;
  return true;
}
