import * as fc from "fast-check";
import { assertEquals } from "@std/assert";
import type { Relation, State } from "../../../mod.ts";
import { type End, makePicture, type Picture } from "../../../cli/diagram/picture.ts";
import { RELATIONS, type SchemaModel, toModel } from "../../../cli/schema/model.ts";
import { ALL, FILE, makeHostile } from "./_schemas.ts";

Deno.test("makePicture() makes a box of states that remove each other, named by their group", () => {
  const { boxes, frames, arrows } = makePicture(FILE);

  assertEquals(boxes, [
    { kind: "one of", title: "one of Downloaded", members: [0, 1] },
    { kind: "one of", title: "one of Processed", members: [2, 3] },
    { kind: "one of", title: "one of Uploaded", members: [4, 5] },
  ]);
  assertEquals(frames, []);
  assertEquals(arrows.map(({ relation, from, to }) => `${from.index} ${relation} ${to.index}`), [
    "2 require 1",
    "4 require 3",
  ]);
});

Deno.test("makePicture() finds the sets that remove each other without groups", () => {
  const schema = {
    A: { remove: ["X", "B", "C"] },
    X: { remove: ["A"] },
    B: { remove: ["A", "C"] },
    C: { remove: ["A", "B"] },
    OneWay: { remove: ["A"] },
  };
  const { boxes, arrows } = makePicture(toModel("Cliques", schema));

  assertEquals(boxes, [{ kind: "one of", title: "one of", members: [0, 2, 3] }]);
  assertEquals(arrows.map(({ from, to, isMutual }) => [from.index, to.index, isMutual]), [[0, 1, true], [4, 0, false]]);
});

Deno.test("makePicture() makes one arrow of what three states have in common", () => {
  const { boxes, arrows } = makePicture(ALL);

  assertEquals(boxes[1], { kind: "alike", title: "each of", members: [3, 4, 5] });
  assertEquals(arrows.filter(({ from }) => from.kind === "box").map(({ relation, to }) => [relation, to.index]), [
    ["require", 1],
    ["add", 6],
  ]);
});

Deno.test("makePicture() makes no arrow of a box to a state that is in it", () => {
  const both = { require: ["A"], remove: ["A", "B"] };
  const { arrows } = makePicture(toModel("Inside", { A: both, B: both }));

  assertEquals(arrows.map(({ from, to }) => [from, to]), [
    [{ kind: "state", index: 0 }, { kind: "state", index: 0 }],
    [{ kind: "state", index: 1 }, { kind: "state", index: 0 }],
  ]);
});

Deno.test("makePicture() puts states together that are alike, but not those of a group with others", () => {
  const alike = { require: ["Start"] };
  const schema = { Start: {}, A: alike, B: alike, C: alike, D: alike, E: alike };
  const { boxes, frames } = makePicture(toModel("Alike", schema, { Pair: ["A", "B"] }));

  assertEquals(boxes.map(({ members }) => members), [[3, 4, 5]]);
  assertEquals(frames.map(({ members }) => members.map(({ index }) => index)), [[1, 2]]);
});

Deno.test("makePicture() frames whole groups, and names those that cut through others", () => {
  const { frames, otherGroups } = makePicture(ALL);

  assertEquals(frames, [{ title: "Work", members: [{ kind: "state", index: 6 }, { kind: "state", index: 7 }] }]);
  assertEquals(otherGroups, [["Mixed", ["Idle", "Start"]]]);
});

Deno.test("makePicture() draws what is required and is not there", () => {
  const { states } = makePicture(ALL);

  assertEquals(states.filter(({ isMissing }) => isMissing).map(({ name }) => name), ["Lost"]);
});

Deno.test("makePicture() reads relations as a machine does: none to the state itself, and add before remove", () => {
  const { arrows } = makePicture(toModel("Odd", { A: { add: ["B", "B"], remove: ["A", "B"] }, B: {} }));

  assertEquals(arrows.map(({ relation, to }) => [relation, to.index]), [["add", 1]]);
});

Deno.test("makePicture() shows the states that are named, and their neighbours", () => {
  const { states } = makePicture(ALL, { states: new Set(["Up"]) });

  assertEquals(states.map(({ name }) => name), ["Start", "Up", "Down", "Reading", "Writing", "Syncing"]);
});

Deno.test("makePicture() counts as neighbours those of the relations that are shown", () => {
  const { states, arrows } = makePicture(ALL, { states: new Set(["Busy"]), relations: new Set(["after"]) });

  assertEquals(states.map(({ name }) => name), ["Start", "Busy"]);
  assertEquals(arrows.length, 1);
});

Deno.test("makePicture() says each relation once, and no other", () => {
  for (const model of [FILE, ALL, makeHostile()]) assertEquals(spell(makePicture(model)), expected(model));
  fc.assert(
    fc.property(models(), (model) => {
      assertEquals(spell(makePicture(model)), expected(model));
    }),
    { numRuns: 500 },
  );
});

Deno.test("makePicture() puts no state into two boxes, and no box into two frames", () => {
  fc.assert(
    fc.property(models(), (model) => {
      const { boxes, frames, states } = makePicture(model);
      const members = boxes.flatMap((box) => box.members);
      const framed = frames.flatMap((frame) => frame.members.map(({ kind, index }) => `${kind} ${index}`));
      assertEquals(members.length, new Set(members).size);
      assertEquals(framed.length, new Set(framed).size);
      assertEquals(states.length, new Set(states.map(({ name }) => name)).size);
    }),
    { numRuns: 300 },
  );
});

/** Schemas in which many states are alike, or remove each other. */
function models(): fc.Arbitrary<SchemaModel> {
  const names = Array.from({ length: 8 }, (_, i) => `S${i}`);
  const list = fc.subarray([...names, "Lost"]);
  const state = fc.record({ require: list, add: list, remove: list, after: list }, { requiredKeys: [] });
  const group = fc.subarray(names);
  return fc.tuple(
    fc.array(state, { minLength: 1, maxLength: 3 }),
    fc.array(fc.nat(2)),
    fc.array(group, { maxLength: 3 }),
  )
    .map(([kinds, picks, groups]) =>
      toModel(
        "Any",
        Object.fromEntries(names.map((name, i) => [name, kinds[(picks[i] ?? i) % kinds.length] as State])),
        Object.fromEntries(groups.map((members, i) => [`G${i}`, members])),
      )
    );
}

/** All relations that a picture says, sorted. */
function spell(picture: Picture): string[] {
  const { states, boxes, arrows } = picture;
  const namesOf = ({ kind, index }: End) =>
    (kind === "state" ? [index] : boxes[index]!.members).map((member) => states[member]!.name);
  const say = (relation: Relation, from: readonly string[], to: readonly string[]) =>
    from.flatMap((one) => to.map((other) => JSON.stringify([relation, one, other])));
  return [
    ...boxes.filter(({ kind }) => kind === "one of").flatMap(({ members }) =>
      members.flatMap((from) =>
        say("remove", [states[from]!.name], members.filter((to) => to !== from).map((to) => states[to]!.name))
      )
    ),
    ...arrows.flatMap(({ relation, from, to, isMutual }) => [
      ...say(relation, namesOf(from), namesOf(to)),
      ...(isMutual ? say(relation, namesOf(to), namesOf(from)) : []),
    ]),
  ].sort();
}

/** All relations of a schema, sorted. */
function expected({ states }: SchemaModel): string[] {
  const relations = [...states].flatMap(([name, state]) =>
    RELATIONS.flatMap((relation) =>
      (state[relation] ?? [])
        .filter((to) => relation !== "remove" || (to !== name && !(state.add ?? []).includes(to)))
        .map((to) => JSON.stringify([relation, name, to]))
    )
  );
  return [...new Set(relations)].sort();
}
