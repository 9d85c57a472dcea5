import fc from "fast-check";
import type { SchemaModel } from "../../../cli/schema/model.ts";
import type { GoStyle } from "../../../cli/schema/write_go.ts";

const FIELD = fc.oneof(
  fc.stringMatching(/^[A-Z][a-zA-Z0-9]{0,12}$/),
  fc.stringMatching(/^[A-Z][a-z]{35,120}$/),
  fc.constantFrom("A", "B", "Exception", "Start", "Über", "Δelta"),
).filter((name) => name !== "Names");

const ODD = [
  ...["__proto__", "constructor", "string", "type", "true", "S", "am", "_", "init", "GroupA", "a-b", "10", "9", ""],
  ...["*/", "`${x}`", '"', "\\", "\r\n", "\u2028", "\u202e", "\0", "状態", "𝔘"],
];

const ANY = fc.oneof(FIELD, fc.constantFrom(...ODD), fc.string({ unit: "grapheme", maxLength: 6 }));

/**
 * Random schemas that Go can have, with groups.
 *
 * @param style The style of Go: names of states are fields, or anything.
 */
export function models(style: GoStyle): fc.Arbitrary<SchemaModel> {
  const name = style === "schema" ? FIELD : ANY;
  const list = fc.array(name, { maxLength: 8 });
  const fields = {
    ...{ auto: fc.boolean(), multi: fc.boolean(), tags: fc.array(fc.string({ maxLength: 8 })) },
    ...{ require: list, add: list, remove: list, after: list },
  };
  const states = fc.array(fc.tuple(name, fc.record(fields, { requiredKeys: [] })), { maxLength: 12 });
  const groups = fc.array(fc.tuple(fc.stringMatching(/^[A-Z][a-z]{0,8}$/), fc.array(fc.nat(11), { maxLength: 14 })), {
    maxLength: 3,
  });
  return fc.tuple(states, groups).map(([states, groups]) => {
    // in JavaScript's order, in which numbers come first
    const names = Object.keys(Object.fromEntries(states));
    const byName = new Map(states);
    const listed = groups.map(([group, indexes]) => [group, indexes.flatMap((index) => names[index] ?? [])] as const);
    return { name: "File", states: new Map(names.map((it) => [it, byName.get(it)!])), groups: new Map(listed) };
  });
}
