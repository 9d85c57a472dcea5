import { type Machine, type Schema, UnknownStateError } from "@asyncmachine/asyncmachine";
import { joinStates, type Question, splitStates } from "./vectors.ts";

/** Answer a question as the vectors spell answers: state lists are strings, names that a question refuses an "error". */
export function ask(machine: Machine<Schema>, question: Question): unknown {
  try {
    return answer(machine, question);
  } catch (error) {
    return error instanceof UnknownStateError ? "error" : `threw ${error}`;
  }
}

function answer(machine: Machine<Schema>, [name, ...args]: Question): unknown {
  const [first = "", second] = args;
  switch (name) {
    case "is":
      return machine.is(states(first));
    case "is1":
      return machine.is(text(first));
    case "not":
      return machine.not(states(first));
    case "not1":
      return machine.not(text(first));
    case "any":
      return machine.any(...args.map(states));
    case "any1":
      return machine.any(...states(first));
    case "has":
      return machine.has(states(first));
    case "has1":
      return machine.has(text(first));
    case "switch":
      return machine.switch(...args.map(states));
    case "tick":
      return machine.tick(text(first));
    case "time":
      return machine.time(states(first));
    case "isTime":
      return second === undefined ? machine.isTime(ticks(first)) : machine.isTime(ticks(first), states(second));
    case "wasTime":
      return second === undefined ? machine.wasTime(ticks(first)) : machine.wasTime(ticks(first), states(second));
    case "isClock":
      return machine.isClock(clock(first, second));
    case "wasClock":
      return machine.wasClock(clock(first, second));
    case "activeStates":
      return joinStates(machine.activeStates(states(first)));
    case "index":
      return machine.index(states(first));
    case "index1":
      return machine.index(text(first));
    case "isErr":
      return machine.isErr();
    case "queueLen":
      return machine.queueLength;
    case "canAdd":
      return machine.canAdd(states(first));
    case "canRemove":
      return machine.canRemove(states(first));
    case "string":
      return machine.toString();
    case "stringAll":
      return machine.stringAll();
    case "inspect":
      return args.length === 0 ? machine.inspect() : machine.inspect(states(first));
    case "relationsOf":
      return joinStates(machine.relationsOf(text(first)));
    case "relationsBetween":
      return joinStates(machine.relationsBetween(text(first), text(second)));
    case "inbound":
      return joinStates(machine.inboundRelationsOf(text(first)).toSorted());
    default:
      throw new TypeError(`Cannot ask "${name}": there is no such question`);
  }
}

function text(argument: Question[1] | undefined): string {
  if (typeof argument !== "string") throw new TypeError("Cannot read a question's argument: it is no string");
  return argument;
}

function states(argument: Question[1] | undefined): string[] {
  return splitStates(text(argument));
}

function ticks(argument: Question[1] | undefined): number[] {
  if (!Array.isArray(argument)) throw new TypeError("Cannot read a question's argument: it is no list of ticks");
  return argument;
}

/** A clock of states and their ticks. */
function clock(times: Question[1] | undefined, names: Question[1] | undefined): Record<string, number> {
  const list = ticks(times);
  return Object.fromEntries(states(names).map((name, i) => [name, list[i] ?? 0]));
}
