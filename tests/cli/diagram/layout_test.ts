import { assert, assertEquals } from "@std/assert";
import { layOut } from "../../../cli/diagram/layout.ts";
import { makePicture } from "../../../cli/diagram/picture.ts";
import { type SchemaModel, toModel } from "../../../cli/schema/model.ts";
import { ALL } from "./_schemas.ts";

/** Lay out a schema in which every state has the same size. */
async function lay(model: SchemaModel) {
  const picture = makePicture(model);
  const layout = await layOut(picture, {
    states: picture.states.map(() => ({ width: 80, height: 26 })),
    boxTitles: picture.boxes.map(() => 40),
    frameTitles: picture.frames.map(() => 40),
  });
  return { picture, layout };
}

Deno.test("layOut() puts what is required to the left of what requires it", async () => {
  const { layout: { states: [a, b, c] } } = await lay(
    toModel("Line", { A: {}, B: { require: ["A"] }, C: { require: ["B"] } }),
  );

  assert(a!.x + 80 < b!.x && b!.x + 80 < c!.x);
});

Deno.test("layOut() leads arrows to a state in a box as far as to its side", async () => {
  const schema = { A: { remove: ["B"] }, B: { remove: ["A"] }, C: { require: ["B"] } };
  const { layout } = await lay(toModel("Box", schema));
  const [, b] = layout.states, end = layout.arrows[0]!.at(-1)!;

  assertEquals([end.x, end.y], [b!.x + b!.width, b!.y + b!.height / 2]);
});

Deno.test("layOut() leads arrows from the right to the right side of a box", async () => {
  const schema = {
    A: { remove: ["B"] },
    B: { remove: ["A"] },
    C: { require: ["A"] },
    D: { require: ["C"], add: ["B"] },
  };
  const { picture, layout } = await lay(toModel("Back", schema));
  const [, b] = layout.states;
  const end = layout.arrows[picture.arrows.findIndex(({ relation }) => relation === "add")]!.at(-1)!;

  assertEquals(end.x, b!.x + b!.width);
});

Deno.test("layOut() keeps states in their boxes, and boxes and states in their frames", async () => {
  const { picture, layout } = await lay(ALL);
  const isIn = (inner: typeof layout.states[0], outer: typeof layout.states[0]) =>
    inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height;

  for (const [i, { members }] of picture.boxes.entries()) {
    for (const member of members) assert(isIn(layout.states[member]!, layout.boxes[i]!));
  }
  for (const [i, { members }] of picture.frames.entries()) {
    for (const { index } of members) assert(isIn(layout.states[index]!, layout.frames[i]!));
  }
  assertEquals([picture.boxes.length, picture.frames.length], [2, 1]);
});
