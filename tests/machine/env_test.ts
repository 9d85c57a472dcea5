import { Machine } from "@asyncmachine/asyncmachine";
import { assertEquals } from "@std/assert";
import { readEnv } from "../../machine/_env.ts";
import { test } from "../_harness.ts";

/** Stand in for the globals of a runtime while a function runs. */
function inRuntime<Value>(globals: { Deno?: unknown; process?: unknown }, fn: () => Value): Value {
  const names = ["Deno", "process"] as const;
  const descriptors = names.map((name) => Object.getOwnPropertyDescriptor(globalThis, name));
  for (const name of names) {
    Object.defineProperty(globalThis, name, { value: globals[name], configurable: true, writable: true });
  }
  try {
    return fn();
  } finally {
    names.forEach((name, i) => {
      const descriptor = descriptors[i];
      if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
      else Object.defineProperty(globalThis, name, descriptor);
    });
  }
}

/** The part of Deno that is looked for. */
function fakeDeno(state: string, variables: Record<string, string>): { readonly asked: unknown[] } {
  const asked: unknown[] = [];
  return {
    asked,
    permissions: {
      querySync(descriptor: unknown) {
        asked.push(descriptor);
        return { state };
      },
    },
    env: { get: (name: string) => variables[name] },
  } as { readonly asked: unknown[] };
}

test("readEnv() reads from Deno what may be read", () => {
  const deno = fakeDeno("granted", { AM_LOG: "ops" });

  assertEquals(inRuntime({ Deno: deno }, () => [readEnv("AM_LOG"), readEnv("OTHER")]), ["ops", undefined]);
  assertEquals(deno.asked[0], { name: "env", variable: "AM_LOG" });
});

for (const state of ["prompt", "denied"]) {
  test(`readEnv() reads nothing from Deno, and asks nobody, when the permission is "${state}"`, () => {
    const deno = fakeDeno(state, { AM_LOG: "ops" });

    assertEquals(inRuntime({ Deno: deno, process: { env: { AM_LOG: "ops" } } }, () => readEnv("AM_LOG")), undefined);
  });
}

test("readEnv() reads nothing from a Deno without permissions or environment", () => {
  const denos = [{}, { permissions: {} }, { permissions: { querySync: () => ({ state: "granted" }) } }];

  for (const deno of denos) assertEquals(inRuntime({ Deno: deno }, () => readEnv("AM_LOG")), undefined);
});

test("readEnv() reads from the process of Node and Bun", () => {
  const runtime = { process: { env: { AM_LOG: "changes" } } };

  assertEquals(inRuntime(runtime, () => [readEnv("AM_LOG"), readEnv("OTHER")]), ["changes", undefined]);
});

test("readEnv() reads nothing where there is no environment", () => {
  for (const runtime of [{}, { process: {} }]) assertEquals(inRuntime(runtime, () => readEnv("AM_LOG")), undefined);
});

test("readEnv() reads nothing where the question is refused", () => {
  const process = {
    get env() {
      throw new Error("sandbox");
    },
  };

  assertEquals(inRuntime({ process }, () => readEnv("AM_LOG")), undefined);
});

/** The lines that a machine logs when AM_LOG has this value. */
function linesOf(value: string, logLevel?: "external"): string[] {
  const lines: string[] = [];
  inRuntime({ process: { env: { AM_LOG: value } } }, () => {
    const machine = new Machine({ A: {} }, { logId: false, logLevel, logger: (_, line) => void lines.push(line) });
    machine.log("text");
    machine.add("A");
  });
  return lines;
}

test("Machine logs at the level that AM_LOG names, by name or number", () => {
  assertEquals(linesOf("changes"), ["[exter] text", "[state] +A"]);
  assertEquals(linesOf("2"), ["[exter] text", "[state] +A"]);
});

test("Machine logs nothing when AM_LOG names no level", () => {
  for (const value of ["", "loud", "6", "-1", "CHANGES", "0", "nothing"]) assertEquals(linesOf(value), []);
});

test("Machine prefers the option logLevel to AM_LOG", () => {
  assertEquals(linesOf("changes", "external"), ["[exter] text"]);
});
