/**
 * Small faults of the engine, each of which the tests of `tests/machine/` have to notice.
 *
 * @module
 */

/** A fault: some text of a file, which must be there exactly once, and what stands in its place. */
export interface Mutant {
  /** The file, from the root of the repository. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** All faults. None of them leaves behaviour as it is. */
export const MUTANTS: readonly Mutant[] = [
  ...inFile("machine/_resolver.ts", [
    ["if (plan.size > inList.length) growMarks(plan.size);", ""],
    ["  stamp++;\n", ""],
    ["if (isCalled[state] !== stamp) append(first, state);", "append(first, state);"],
    ["if (mutation.code === ADD) { for", "if (mutation.code !== REMOVE) { for"],
    ["if (plan.hasAdd) appendImplied(plan, clock, first, isRemove, notes);", ""],
    ["if (plan.hasRequire) dropUnmet(plan, first, notes);", ""],
    ["for (let i = first.length - 1; i >= 0; i--) {", "for (let i = 0; i < first.length; i++) {"],
    ["      isBlocked[state] = stamp;\n", ""],
    ["for (const state of first) if (isBlocked[state] === stamp) inList[state] = 0;", ""],
    ["for (const removed of plan.remove[state]!) isRemoved[removed] = stamp;", ""],
    ["    appendImplied(plan, clock, second, isRemove, notes);", ""],
    ["const target = second.slice().reverse();", "const target = second.slice();"],
    ["if (plan.hasRequire) dropUnmet(plan, target, notes);", ""],
    ["  sortStates(plan, target, notes);", ""],
    ["if (plan.requireRank !== null) sortByRank(plan.requireRank, list);", ""],
    ["if (plan.hasAfter) sortByAfter(plan, list, notes);", ""],
    ["if (inList[state] === stamp) return;", ""],
    ["for (let i = 0; i < length; i++) {", "for (let i = 0; i < list.length; i++) {"],
    [" && !plan.isMulti[state])) continue;", ")) continue;"],
    ["((clock[state]! & 1) === 1 && !plan.isMulti[state])", "false"],
    [
      "return isRemoved[state] === stamp || (isRemove && isCalled[state] === stamp);",
      "return isRemoved[state] === stamp;",
    ],
    [
      "return isRemoved[state] === stamp || (isRemove && isCalled[state] === stamp);",
      "return isRemove && isCalled[state] === stamp;",
    ],
    ["(isRemove && isCalled[state] === stamp)", "isCalled[state] === stamp"],
    ["hasDropped = kept < list.length;", "hasDropped = false;"],
    ["        inList[state] = 0;\n        if (notes", "        if (notes"],
    ["return state >= 0 && inList[state] === stamp;", "return state < 0 || inList[state] === stamp;"],
    ["inList[remover] === stamp && isBlocked[remover] !== stamp", "inList[remover] === stamp"],
    ["inList[remover] === stamp && isBlocked[remover] !== stamp", "isBlocked[remover] !== stamp"],
    ["return first.filter((other) => isBlocked[other] !== stamp && ", "return first.filter((other) => "],
    ["list.sort((a, b) => rank[a]! - rank[b]!);", "list.sort((a, b) => rank[b]! - rank[a]!);"],
    ["rank[list[place - 1]!]! > rank[state]!", "rank[list[place - 1]!]! >= rank[state]!"],
    ["!plan.after[earlier]!.includes(later) && ", ""],
  ]),
  ...inFile("machine/_stable_sort.ts", [
    ["let block = 20;", "let block = 21;"],
    ["start + 2 * block <= length", "start + 3 * block <= length"],
    ["if (start + block < length) symMerge(list, isBefore, start, start + block, length);", ""],
    ["(i) => !isBefore(list[i]!, list[start]!)", "(i) => isBefore(list[start]!, list[i]!)"],
    ["const from = middle > half", "const from = middle >= half + 2"],
    ["if (from < middle && middle < to) rotate(list, from, middle, to);", ""],
    ["if (start < from && from < half) symMerge(list, isBefore, start, from, half);", ""],
    ["if (half < to && to < end) symMerge(list, isBefore, half, to, end);", ""],
    ["list[end - moved.length + i] = moved[i]!", "list[end - 1 - i] = moved[i]!"],
  ]),
  ...inFile("machine/_plan.ts", [
    [
      "{ ...NO_RELATIONS, auto: false, multi: true, source: {} }",
      "{ ...NO_RELATIONS, auto: false, multi: false, source: {} }",
    ],
    ["other !== name && !added.has(other)", "other !== name"],
    ["(state.remove ?? []).filter((other) => other !== name && ", "(state.remove ?? []).filter((other) => "],
    ["(state.after ?? []).filter((other) => other !== name && ", "(state.after ?? []).filter((other) => "],
    [
      "const add = [...new Set(state.add)].filter((other) => known.has(other));",
      "const add = [...new Set(state.add)];",
    ],
    ["for (const other of new Set(require)) {", "for (const other of require) {"],
    ["if (require[start]!.length === 0 || rank[start] !== -1) continue;", "if (rank[start] !== -1) continue;"],
    ["        onPath[top.state] = false;\n", ""],
    ["return { rank: next > 0 ? rank : null, cycle: null };", "return { rank, cycle: null };"],
    ['indexes(["Healthcheck", "Heartbeat"])', 'indexes(["Healthcheck"])'],
    ["if (!isDefined(schema)) return compilePlan(schema, names);", ""],
    ['names === undefined ? "" : JSON.stringify(names)', 'names === undefined ? "" : names.join()'],
    ["if (!Object.hasOwn(schema, EXCEPTION)) names.push(EXCEPTION);", "names.push(EXCEPTION);"],
  ]),
  ...inFile("machine/_queue.ts", [
    ["return this.#length >= this.limit;", "return this.#length > this.limit;"],
    ["mutation.queueTick = ++this.#pending + this.tick;", "mutation.queueTick = this.#pending++ + this.tick;"],
    ["mutation.queueTick = ++this.#pending + this.tick;", "mutation.queueTick = this.#length + this.tick;"],
    ["if (!isEval(item) && item.queueTick > 0) {", "if (!isEval(item)) {"],
    ["      this.#pending--;\n", ""],
    ["mutation.queueToken = ++this.#token;", ""],
    ["if (isEval(item)) item.drop();", ""],
    ["item.isCheck || item.code !== code", "item.code !== code"],
    ["item.isCheck || item.code !== code", "item.isCheck"],
    [" || item.called.length !== called.length) continue;", ") continue;"],
    ["if (hasNoArgs(item) && called.every", "if (called.every"],
    ["hasNoArgs(item) && called.every((state) => item.called.includes(state))", "hasNoArgs(item)"],
    ["grown[place] = this.at(place);", "grown[place] = this.#items[place];"],
    ["mutation.queueTickNow = this.tick;", ""],
  ]),
  ...inFile("machine/_handler_table.ts", [
    ["if (found.has(key) || ", "if ("],
    [' || (key === "constructor" && holder !== handlers)', ""],
    ['kind: other === state ? "self" : "pairs"', 'kind: "pairs"'],
    ["/(?:State|End)$/", "/State$/"],
    ["/(?:State|End)$/", "/(?:State|End)/"],
    ["if (key.length > 100) return null;", ""],
    [
      "if (other < distance) [nearest, distance] = [name, other];",
      "if (other <= distance) [nearest, distance] = [name, other];",
    ],
  ]),
  ...inFile("machine/_execute.ts", [
    ["if (mutation.isAuto) settleAuto(core, record);", ""],
    ["    else record.moved([], []);", "    // else record.moved([], []);"],
    ["if (isOk && hasHandlers(core)) isOk = callFinal(", "if (hasHandlers(core)) isOk = callFinal("],
    ["if (!isOk) record.accepted = false;", "if (isOk === null) record.accepted = false;"],
    ["!mutation.isCheck && record.hasChanged && !mutation.isAuto &&", "!mutation.isCheck && !mutation.isAuto &&"],
    ["record.hasChanged && !mutation.isAuto && !isHealth", "record.hasChanged && !isHealth"],
    ["&& !isHealth(core, mutation)) scheduleAuto(core);", ") scheduleAuto(core);"],
    ["if (record.isSeen || isStreamed || !core.tracers.isEmpty) record.seal();", "if (record.isSeen) record.seal();"],
    [
      "if (record.isSeen || isStreamed || !core.tracers.isEmpty) record.seal();",
      "if (isStreamed || !core.tracers.isEmpty) record.seal();",
    ],
    ["record.queueLength = core.queue.length;", ""],
    ["missing < mutation.called.length", "missing === 0"],
    ["mutation.isCheck && hasMulti) return;", "hasMulti) return;"],
    ["mutation.isCheck && hasMulti) return;", "mutation.isCheck) return;"],
    [" || (core.plan.isMulti[state] && mutation.called.includes(state))", ""],
    ["(core.plan.isMulti[state] && mutation.called.includes(state))", "core.plan.isMulti[state]"],
    ["(core.plan.isMulti[state] && mutation.called.includes(state))", "mutation.called.includes(state)"],
    ["  sortStates(core.plan, record.exiting);", ""],
    [
      "if (record.mutation.code !== REMOVE && !negotiateSelves(core, record)) return false;",
      "if (!negotiateSelves(core, record)) return false;",
    ],
    ["if (!negotiatePairs(core, record)) return false;", ""],
    ["if (record.mutation.isAuto && record.target.length === 0) return false;", ""],
    ["    if (!core.isActive(state)) continue;\n    if (callNegotiation", "    if (callNegotiation"],
    ["    list.splice(i, 1);", "    // list.splice(i, 1);"],
    ["      if (from === to) continue;\n", ""],
    [
      "if (!record.mutation.isAuto || !core.plan.isAuto[state]) return false;",
      "if (!record.mutation.isAuto) return false;",
    ],
    [
      "if (!record.mutation.isAuto || !core.plan.isAuto[state]) return false;",
      "if (!core.plan.isAuto[state]) return false;",
    ],
    ["  record.target = record.target.filter((other) => other !== state);\n", ""],
    [
      "resolveInto(core, record, mutation.called.filter((state) => target.includes(state)));",
      "resolveInto(core, record, mutation.called);",
    ],
    ["    deltas.push(core.isActive(state) ? 2 : 1);", "    deltas.push(1);"],
    ["  if (!isOk) recoverFinal(core, record);", ""],
    ["      record.failedEnter = i;\n", ""],
    ["    record.failedEnter = -1;\n", ""],
    ["mutation.called.length === 1 &&\n    health", "health"],
    ["health.length > 0 && mutation.code === ADD &&", "health.length > 0 &&"],
    [
      "if (core.isActive(state) || core.excludedAutos.has(state)) continue;",
      "if (core.excludedAutos.has(state)) continue;",
    ],
    ["if (remover === undefined) called.push(state);", "called.push(state);"],
  ]),
  ...inFile("machine/_call.ts", [
    ["if (record.accepted && !record.completed) {", "if (core !== null) {"],
    ["        isOk = false;\n", ""],
    ["if (isRefused && !slot.ignoresResult) return false;", "if (isRefused) return false;"],
    ["if (isRefused && !slot.ignoresResult) return false;", ""],
    ["returned === undefined || returned === null || returned === true", "returned === undefined || returned === true"],
    [
      "returned === undefined || returned === null || returned === true",
      "returned === undefined || returned === null || Boolean(returned)",
    ],
    ["    refusePromise(core, event.transition, slot.name);\n", ""],
    [
      "if (record.mutation.called.includes(core.plan.exception)) core.reportInternalError(error);\n  else core.raise(error);",
      "core.raise(error);",
    ],
    ["  record.hasThrown = true;\n  if (record.mutation", "  if (record.mutation"],
    ["if (record.mutation.called.includes(exception)) {", "if (core === null) {"],
    ["  core.err = error;\n", ""],
    [
      "if (isFinal) recoverFinal(core, record);\n  record.accepted = false;\n  record.completed = true;",
      "record.accepted = false;",
    ],
    ["  record.accepted = false;\n  record.completed = true;", "  record.completed = true;"],
    ["machineTime: record.sumBefore", "machineTime: 0"],
    ["  if (record.failedEnter < 0) return;\n", ""],
    ["  record.seal();\n", ""],
    ["record.entering.slice(record.failedEnter)", "record.entering.slice(record.failedEnter + 1)"],
    ["record.entering.slice(record.failedEnter)", "record.entering.slice()"],
    ["for (const state of gone) core.clock[state]!++;", ""],
  ]),
];

function inFile(file: string, faults: readonly (readonly [find: string, replace: string])[]): Mutant[] {
  return faults.map(([find, replace]) => ({ file, find, replace }));
}
