import { assertEquals, assertMatch } from "@std/assert";
import { drawMermaid } from "../../../cli/diagram/mermaid.ts";
import { makePicture } from "../../../cli/diagram/picture.ts";
import { assertGolden } from "../_golden.ts";
import { ALL, makeHostile } from "./_schemas.ts";

Deno.test("drawMermaid() writes golden/diagram_all_mermaid.txt", async () => {
  const ticks = new Map([["Start", 1], ["Up", 3], ["Down", 2], ["Busy", 0]]);

  await assertGolden("diagram_all_mermaid", drawMermaid(makePicture(ALL, { ticks })));
});

Deno.test("drawMermaid() writes nothing of a name that Mermaid could read as syntax", () => {
  const picture = makePicture(makeHostile());
  const lines = drawMermaid(picture).split("\n");
  const states = lines.filter((line) => /^ +s\d+\[/.test(line));

  assertEquals(states.length, picture.states.length);
  for (const line of states) assertMatch(line, /^ +s\d+\["(?:[\p{L}\p{N} _.,()+→·-]|#\d+;)+"\]$/u);
  for (const line of lines.filter((it) => it.includes("accTitle"))) {
    assertMatch(line, /^ {2}accTitle: [\p{L}\p{N} ]+$/u);
  }
  const otherGroups = [["}\n%%{<b", picture.states.map(({ name }) => name)]] as const;
  const described = drawMermaid({ ...picture, otherGroups }).split("\n").filter((line) => !lines.includes(line));
  assertEquals(described.length, 1);
  assertMatch(described[0]!, /^ {2}accDescr: group b: [\p{L}\p{N},: ]+$/u);
  assertEquals(
    lines.filter((line) => / s\d+ \S+\|/.test(line)).length + lines.filter((line) => / b\d+ \S+\|/.test(line)).length,
    picture.arrows.length,
  );
});
