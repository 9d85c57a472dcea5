import { checkCount, checkGroups } from "./_checks.ts";
import type { Plan } from "./_plan.ts";
import { PLATFORM_CLOCK } from "./_timers.ts";
import type { MachineApi, MachineClock } from "./api.ts";
import type { MachineOptions } from "./options.ts";

/** Options of a machine that hold as long as it lives, and that few machines have. */
export type SettingOptions = Pick<
  MachineOptions,
  "parent" | "groups" | "tags" | "maxDrain" | "handlerTimeoutMs" | "clock" | "throwErrors"
>;

/** The same, made ready: one object for all machines that have none of these options. Never written to. */
export interface Settings {
  readonly parent: MachineApi | null;
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly tags: readonly string[];
  readonly maxDrain: number;
  /** Whether `maxDrain` is so low that its error may name mutations which else run without a record. */
  readonly hasLowDrain: boolean;
  readonly handlerTimeoutMs: number;
  readonly timers: MachineClock;
  readonly throwErrors: boolean;
}

/** Read options, and check them. */
export function readSettings(options: SettingOptions, { indexByName }: Plan): Settings {
  const given = options.parent ?? options.groups ?? options.tags ?? options.maxDrain ?? options.handlerTimeoutMs ??
    options.clock ?? options.throwErrors;
  return given === undefined ? DEFAULT_SETTINGS : makeSettings(options, indexByName);
}

/** Above it the last mutations that an error names are none of the first two. */
const LOW_DRAIN = 20;

const DEFAULT_SETTINGS: Settings = makeSettings({}, new Map());

function makeSettings(options: SettingOptions, states: ReadonlyMap<string, number>): Settings {
  const maxDrain = checkCount("maxDrain", options.maxDrain ?? 100_000);
  return {
    parent: options.parent ?? null,
    groups: checkGroups(options.groups ?? {}, states),
    tags: Object.freeze([...new Set(options.tags)]),
    maxDrain,
    hasLowDrain: maxDrain > 0 && maxDrain < LOW_DRAIN,
    handlerTimeoutMs: checkCount("handlerTimeoutMs", options.handlerTimeoutMs ?? 0),
    timers: options.clock ?? PLATFORM_CLOCK,
    throwErrors: options.throwErrors ?? false,
  };
}
