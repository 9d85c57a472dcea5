/**
 * The picture of a schema as SVG.
 *
 * @module
 */
import { formatCountOf } from "../_format.ts";
import type { Point, Rect, Size } from "./geometry.ts";
import { isActive, labelOf, marksOf, RELATION_TEXTS } from "./label.ts";
import { type Layout, layOut } from "./layout.ts";
import { layLegend } from "./legend.ts";
import { drawPage, HEAD, MARGIN, round, SMALL_SIZE, STATE_HEIGHT, TEXT_SIZE, textAt, TITLE_SIZE } from "./page.ts";
import type { Arrow, DrawnState, End, Picture } from "./picture.ts";
import { measureText } from "./text_width.ts";
import { escapeXml } from "./xml.ts";

/** Space at the left and the right of what stands in a state. */
const INSET = 12;

/** Space in front of a mark. */
const MARK_GAP = 7;

/** Space between the title and the picture, and between the picture and the legend. */
const LEAD = 22;

/**
 * Draw the picture of a schema as SVG.
 *
 * @param picture The picture.
 * @returns The SVG; equal pictures give equal bytes.
 */
export async function drawSvg(picture: Picture): Promise<string> {
  const layout = await layOut(picture, {
    states: picture.states.map(sizeOf),
    boxTitles: picture.boxes.map(({ title }) => measureText(labelOf(title), SMALL_SIZE)),
    frameTitles: picture.frames.map(({ title }) => measureText(labelOf(title), SMALL_SIZE)),
  });
  const subtitle = describe(picture);
  const legend = layLegend(picture, layout.width);
  const top = MARGIN + LEAD * 2;
  const width = Math.max(
    layout.width,
    legend.width,
    measureText(labelOf(picture.title), TITLE_SIZE),
    measureText(subtitle, SMALL_SIZE),
  );
  return drawPage({
    title: picture.title,
    description: describeAll(picture),
    width: width + 2 * MARGIN,
    height: top + layout.height + LEAD + legend.height + MARGIN,
    content: [
      textAt({ x: MARGIN, y: MARGIN + 14 }, labelOf(picture.title), "title"),
      textAt({ x: MARGIN, y: MARGIN + 32 }, subtitle, "small"),
      `<g transform="translate(${MARGIN} ${top})">`,
      ...drawLayout(picture, layout),
      `</g>`,
      `<g transform="translate(${MARGIN} ${round(top + layout.height + LEAD)})">`,
      ...legend.content,
      `</g>`,
    ],
  });
}

function sizeOf(state: DrawnState): Size {
  const marks = marksOf(state).reduce((sum, mark) => sum + MARK_GAP + measureText(mark, SMALL_SIZE), 0);
  return { width: 2 * INSET + measureText(labelOf(state.name), TEXT_SIZE) + marks, height: STATE_HEIGHT };
}

/** What the picture shows, in one line below the title. */
function describe({ states }: Picture): string {
  const known = states.filter(({ isMissing }) => !isMissing);
  const active = states.some(({ tick }) => tick !== undefined) ? `, ${known.filter(isActive).length} active` : "";
  return `${formatCountOf(known.length, "state")}${active}`;
}

/** What the picture shows, for those who do not see it. */
function describeAll(picture: Picture): string {
  const nameOf = ({ kind, index }: End) =>
    kind === "state"
      ? picture.states[index]!.name
      : picture.boxes[index]!.members.map((it) => picture.states[it]!.name).join(", ");
  return [
    describe(picture),
    ...picture.boxes.flatMap(({ kind }, index) =>
      kind === "one of" ? [`one of ${nameOf({ kind: "box", index })}`] : []
    ),
    ...picture.arrows.map(({ relation, from, to, isMutual }) =>
      `${nameOf(from)} ${RELATION_TEXTS[relation]} ${nameOf(to)}${isMutual ? " and the other way round" : ""}`
    ),
  ].join("; ");
}

/** Arrows lie over frames and boxes, and below states. */
function drawLayout(picture: Picture, layout: Layout): string[] {
  return [
    ...picture.frames.flatMap(({ title }, i) => drawBox(layout.frames[i]!, title, "frame")),
    ...picture.boxes.flatMap(({ title, kind }, i) =>
      drawBox(layout.boxes[i]!, title, kind === "one of" ? "one-of" : "alike")
    ),
    ...picture.arrows.map((arrow, i) => drawArrow(arrow, layout.arrows[i]!)),
    ...picture.states.flatMap((state, i) => drawState(state, layout.states[i]!)),
  ];
}

function drawBox(rect: Rect, title: string, style: string): string[] {
  return [
    `<rect class="box ${style}" ${toAttributes(rect)} rx="8"/>`,
    textAt({ x: rect.x + 10, y: rect.y + 15 }, labelOf(title), "small"),
  ];
}

function drawState(state: DrawnState, rect: Rect): string[] {
  const style = state.isMissing ? " missing" : isActive(state) ? " active" : "";
  const size = sizeOf(state);
  const y = rect.y + rect.height / 2;
  let x = rect.x + INSET + (rect.width - size.width) / 2;
  const name = labelOf(state.name);
  const texts = [textAt({ x, y: y + 4 }, name, "name")];
  x += measureText(name, TEXT_SIZE);
  for (const mark of marksOf(state)) {
    texts.push(textAt({ x: x + MARK_GAP, y: y + 4 }, mark, "mark"));
    x += MARK_GAP + measureText(mark, SMALL_SIZE);
  }
  return [
    `<g class="state${style}"><title>${escapeXml(state.name)}</title><rect ${toAttributes(rect)} rx="6"/>${
      texts.join("")
    }</g>`,
  ];
}

function toAttributes({ x, y, width, height }: Rect): string {
  return `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`;
}

/** The line ends where its head begins. */
function drawArrow({ relation, isMutual }: Arrow, points: readonly Point[]): string {
  const line = shortenEnd(isMutual ? shortenEnd(points.toReversed()).toReversed() : points);
  const [start, ...rest] = line.map(({ x, y }) => `${round(x)} ${round(y)}`);
  const head = `url(#am-${relation})`;
  return `<path class="arrow ${relation}" d="M${start}C${rest.join(" ")}" marker-end="${head}"${
    isMutual ? ` marker-start="${head}"` : ""
  }/>`;
}

/** Pull the last curve back by the length of a head, in the direction in which it ends. */
function shortenEnd(points: readonly Point[]): Point[] {
  const end = points.at(-1)!, control = points.at(-2)!;
  const before = points.findLast(({ x, y }) => Math.hypot(end.x - x, end.y - y) > 0.5) ?? control;
  const length = Math.hypot(end.x - before.x, end.y - before.y) || 1;
  const [dx, dy] = [(end.x - before.x) / length * HEAD, (end.y - before.y) / length * HEAD];
  return [...points.slice(0, -2), { x: control.x - dx, y: control.y - dy }, { x: end.x - dx, y: end.y - dy }];
}
