import { fail } from "@std/assert";
import { compare, type Observation, report } from "../conformance/_compare.ts";
import { joinStates, loadVectors, splitStates, type Step, type Vector } from "../conformance/vectors.ts";
import { Model } from "./model.ts";
import { runScript, type Script, type ScriptOp, type ScriptStep, type StepRecord } from "./script.ts";

// The model is what the engine is tested against, so it is itself held to what the original was seen to do.
for (const family of ["A", "B", "C", "D", "H", "L", "P"]) {
  Deno.test(`Model does what the original did, family ${family}`, async () => {
    const vectors = await loadVectors(family);
    const failures = vectors.flatMap((vector) => {
      const differences = compare(vector, replay(vector));
      return differences.length === 0 ? [] : [report(vector, differences)];
    });
    if (vectors.length === 0) fail(`Family ${family} is empty`);
    if (failures.length > 0) {
      fail(`${failures.length} of ${vectors.length} vectors differ:\n${failures.slice(0, 3).join("\n")}`);
    }
  });
}

function replay(vector: Vector): Observation[] {
  const records = runScript(toScript(vector), ({ schema, queueLimit }, recorder) =>
    new Model(schema, {
      queueLimit: queueLimit ?? 1000,
      tracers: [recorder],
    }));
  return records.slice(1).map(toObservation);
}

function toScript(vector: Vector): Script {
  const bindings = (vector.handlers ?? []).map(({ id, late, fns }) => ({
    id,
    late: late ?? false,
    handlers: Object.entries(fns).map(([name, { calls = [], thenFalse }]) => ({
      name,
      calls: calls.map((call) => ({
        steps: (call.do ?? []).map(toScriptStep),
        ...(call.panic === undefined ? {} : { throws: call.panic }),
        refuses: call.false ?? false,
      })),
      refusesThen: thenFalse ?? false,
    })),
  }));
  const limit = vector.queueLimit === undefined ? {} : { queueLimit: vector.queueLimit };
  return {
    schema: vector.schema,
    order: splitStates(vector.states),
    ...limit,
    bindings,
    steps: vector.steps.map(toScriptStep),
  };
}

function toScriptStep(step: Step): ScriptStep {
  return {
    op: step.op as ScriptOp,
    states: splitStates(step.s),
    ...(step.args === undefined ? {} : { args: step.args }),
    ...(step.err === undefined ? {} : { error: step.err }),
    ...(step.bind === undefined ? {} : { binding: step.bind }),
    steps: (step.do ?? []).map(toScriptStep),
  };
}

function toObservation(record: StepRecord): Observation {
  return {
    r: record.result,
    active: joinStates(record.active),
    clock: [...record.time],
    sum: record.time.reduce((sum, tick) => sum + tick, 0),
    qtick: record.queueTick,
    err: record.error ?? undefined,
    imm: "",
    fired: "",
    expiredImm: "",
    expired: "",
    checks: [],
    disposed: false,
    txs: record.transitions.map((transition) => ({
      m: transition.type,
      called: joinStates(transition.called),
      auto: transition.auto,
      check: transition.check,
      ok: transition.accepted,
      target: joinStates(transition.target),
      enters: joinStates(transition.enters),
      exits: joinStates(transition.exits),
      before: transition.before,
      after: transition.after,
    })),
    trace: record.trace,
  };
}
