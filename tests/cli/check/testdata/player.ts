import { defineSchema } from "../../../../mod.ts";

const GROUP = ["Playing", "Paused"] as const;

/** A schema with something for most rules to find, its relations to unknown states left out: the compiler finds these. */
export const playerSchema = defineSchema({
  Idle: { auto: true, remove: ["Loading"] },
  Loading: { auto: true, remove: ["Playing"] },
  Playing: { auto: true, remove: ["Idle"] },
  Paused: { require: ["Track"], add: ["Dimmed"], remove: GROUP },
  Track: { remove: ["Paused"] },
  Dimmed: { add: ["Quiet"] },
  Quiet: { add: ["Saving"], remove: ["Saving", "Saving"] },
  Saving: { add: ["Slow"], after: ["Slow", "Saving"] },
  Slow: { after: ["Saving"] },
  Left: { require: ["Right"] },
  Right: { require: ["Left"] },
  TrackQuiet: {},
  QuietState: {},
  Lit: { auto: true },
});
