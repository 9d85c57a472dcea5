import { assert, assertEquals } from "@std/assert";
import { labelOf } from "../../../cli/diagram/label.ts";
import { makePicture } from "../../../cli/diagram/picture.ts";
import { drawSvg } from "../../../cli/diagram/svg.ts";
import { makeServices } from "../../../bench/_services.ts";
import { toModel } from "../../../cli/schema/model.ts";
import { assertGolden } from "../_golden.ts";
import { ALL, FILE, HOSTILE_NAMES, makeHostile } from "./_schemas.ts";
import { readXml, type XmlElement } from "./_xml.ts";

const TICKS = new Map([["Start", 1], ["Up", 3], ["Down", 2], ["Busy", 0]]);

Deno.test("drawSvg() draws golden/diagram_file_svg.txt", async () => {
  await assertGolden("diagram_file_svg", await drawSvg(makePicture(FILE)));
});

Deno.test("drawSvg() draws golden/diagram_all_svg.txt", async () => {
  await assertGolden("diagram_all_svg", await drawSvg(makePicture(ALL, { ticks: TICKS })));
});

Deno.test("drawSvg() draws each state, box and arrow once, and fills the active states", async () => {
  const picture = makePicture(ALL, { ticks: TICKS });
  const elements = readXml(await drawSvg(picture));
  const inPicture = partOf(elements, 0);

  assertEquals(inPicture.filter((it) => hasClass(it, "state")).length, picture.states.length);
  assertEquals(inPicture.filter((it) => hasClass(it, "box")).length, picture.boxes.length + picture.frames.length);
  assertEquals(inPicture.filter((it) => hasClass(it, "arrow")).length, picture.arrows.length);
  assertEquals(inPicture.filter((it) => hasClass(it, "active")).map(({ text }) => text), [
    "StartStart#root#order:11",
    "UpUp3",
  ]);
});

Deno.test("drawSvg() is XML whatever names are, and holds each as text", async () => {
  const svg = await drawSvg(makePicture(makeHostile()));
  const elements = readXml(svg);
  const names = elements.filter((it) => hasClass(it, "name")).map(({ text }) => text);

  for (const name of HOSTILE_NAMES) assert(names.includes(labelOf(name).replace(/[\uFFFE\uFFFF]/g, "\uFFFD")), name);
  assertEquals(elements.filter(({ name }) => name === "script"), []);
  assertEquals(elements.filter(({ name }) => name === "title").length, names.length + 1);
  assert(!/[\p{Cc}\u202E]/u.test(svg.replaceAll("\n", "")));
});

Deno.test("drawSvg() says what it shows, for those who do not see it", async () => {
  const elements = readXml(await drawSvg(makePicture(FILE)));
  const [svg] = elements;
  const byId = (id: string) => elements.find(({ attributes }) => attributes.id === id)?.text;
  const texts = svg!.attributes["aria-labelledby"]!.split(" ").map(byId);

  assertEquals(svg!.attributes.role, "img");
  assertEquals(texts, [
    "File",
    "6 states; one of DownloadingFile, FileDownloaded; one of ProcessingFile, FileProcessed; " +
    "one of UploadingFile, FileUploaded; ProcessingFile requires FileDownloaded; UploadingFile requires FileProcessed",
  ]);
});

Deno.test("drawSvg() keeps states of a hundred apart, and within the drawing", async () => {
  const svg = await drawSvg(makePicture(toModel("Services", makeServices(100))));
  const elements = readXml(svg);
  const [, , , width, height] = ["", ...elements[0]!.attributes.viewBox!.split(" ")].map(Number);
  const rects = partOf(elements, 0).filter(({ name, path }) => name === "rect" && path.length === 3)
    .map(({ attributes: { x, y, width, height } }) => [x, y, width, height].map(Number) as Rect);

  assertEquals(rects.length, 100);
  for (const [i, [x, y, w, h]] of rects.entries()) {
    assert(x >= 0 && y >= 0 && x + w <= width! && y + h <= height!);
    for (const [x2, y2, w2, h2] of rects.slice(i + 1)) {
      assert(x + w <= x2 || x2 + w2 <= x || y + h <= y2 || y2 + h2 <= y);
    }
  }
});

Deno.test("drawSvg() draws 500 relations between 100 states without a search for the best layout, which takes minutes", async () => {
  const names = Array.from({ length: 100 }, (_, i) => `S${i}`);
  const schema = Object.fromEntries(names.map((name, i) => [name, {
    require: [names[(i * 7 + 1) % 100]!, names[(i * 13 + 5) % 100]!],
    add: [names[(i * 17 + 11) % 100]!],
    remove: [names[(i * 29 + 2) % 100]!, names[(i * 31 + 8) % 100]!],
  }]));
  const picture = makePicture(toModel("Crowded", schema));
  const elements = readXml(await drawSvg(picture));

  assert(picture.arrows.length > 450);
  assertEquals(partOf(elements, 0).filter((it) => hasClass(it, "arrow")).length, picture.arrows.length);
});

Deno.test("drawSvg() draws a schema without states", async () => {
  assertEquals(readXml(await drawSvg(makePicture(toModel("Nothing", {}))))[0]!.name, "svg");
});

type Rect = [x: number, y: number, width: number, height: number];

function hasClass({ attributes }: XmlElement, name: string): boolean {
  return attributes.class?.split(" ").includes(name) ?? false;
}

/** The elements of a part: the picture is the first, the legend the second. */
function partOf(elements: readonly XmlElement[], part: number): XmlElement[] {
  const starts = elements.flatMap(({ name, path, attributes }, index) =>
    name === "g" && path.length === 1 && attributes.transform !== undefined ? [index] : []
  );
  return elements.slice(starts[part], starts[part + 1]);
}
