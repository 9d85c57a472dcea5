import { assertEquals } from "@std/assert";
import { drawDot } from "../../../cli/diagram/dot.ts";
import { labelOf, marksOf } from "../../../cli/diagram/label.ts";
import { loadLayout } from "../../../cli/diagram/layout.ts";
import { makePicture } from "../../../cli/diagram/picture.ts";
import { assertGolden } from "../_golden.ts";
import { ALL, FILE, makeHostile } from "./_schemas.ts";

Deno.test("drawDot() writes golden/diagram_all_dot.txt", async () => {
  const ticks = new Map([["Start", 1], ["Up", 3], ["Down", 2], ["Busy", 0]]);

  await assertGolden("diagram_all_dot", drawDot(makePicture(ALL, { ticks })));
});

Deno.test("drawDot() writes what Graphviz reads without a warning, each arrow once", async () => {
  const viz = await loadLayout();
  for (const model of [FILE, ALL, makeHostile()]) {
    const picture = makePicture(model);
    const { status, output, errors } = viz.render(drawDot(picture), { format: "json" });

    // It is built without fonts, and guesses how wide a letter is.
    const warnings = errors.filter(({ message }) => !message.includes("no value for width of"));
    assertEquals([status, warnings], ["success", []]);
    const graph = JSON.parse(output!) as { edges: unknown[]; objects: { name: string; label: string }[] };
    assertEquals(graph.edges.length, picture.arrows.length);
    const labels = graph.objects.filter(({ name }) => /^s\d+$/.test(name)).map(({ label }) => label);
    assertEquals(labels.sort(), picture.states.map(toLabel).sort());
  }
});

function toLabel(state: Parameters<typeof marksOf>[0]): string {
  const text = [labelOf(state.name), ...marksOf(state)].join(" - ");
  return text.replaceAll("&", "&amp;").replaceAll("\\", "\\\\");
}
