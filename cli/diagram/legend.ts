import type { Point, Size } from "./geometry.ts";
import { noteOf, RELATION_TEXTS } from "./label.ts";
import { HEAD, SMALL_SIZE, textAt } from "./page.ts";
import { RELATIONS } from "../schema/model.ts";
import type { Picture } from "./picture.ts";
import { measureText } from "./text_width.ts";

/** What the parts of a picture mean. */
export interface Legend extends Size {
  /** Elements, from the upper left corner. */
  readonly content: readonly string[];
}

/** A part with what is said of it. */
interface Sample {
  readonly text: string;
  /** Width of the part, and the space behind it. */
  readonly width: number;
  /** Draw the part, from the middle of its left side. */
  draw(at: Point): string[];
}

/** Width that a legend may have, however narrow the picture is. */
const MIN_WIDTH = 420;

/** Height of a line, and space between what stands on one. */
const LINE = 20, SPACE = 22;

/**
 * Lay out the legend of a picture: what it needs a word for, one after the other, on as many lines as it takes.
 *
 * @param picture The picture.
 * @param pictureWidth How wide it is, in pixels.
 */
export function layLegend(picture: Picture, pictureWidth: number): Legend {
  const samples = findSamples(picture);
  const room = Math.max(pictureWidth, MIN_WIDTH);
  const content: string[] = [];
  let x = 0, y = 7, width = 0;
  for (const { text, width: sampleWidth, draw } of samples) {
    const whole = sampleWidth + measureText(text, SMALL_SIZE);
    if (x > 0 && x + whole > room) [x, y] = [0, y + LINE];
    content.push(...draw({ x, y }), textAt({ x: x + sampleWidth, y: y + 4 }, text, "small"));
    width = Math.max(width, x + whole);
    x += whole + SPACE;
  }
  return { content, width, height: samples.length === 0 ? 0 : y + 7 };
}

function findSamples({ states, boxes, arrows, otherGroups }: Picture): Sample[] {
  return [
    ...RELATIONS.filter((relation) => arrows.some((arrow) => arrow.relation === relation)).map((relation) => ({
      text: RELATION_TEXTS[relation],
      width: 34,
      draw: ({ x, y }: Point) => [
        `<path class="arrow ${relation}" d="M${x} ${y}h${26 - HEAD}" marker-end="url(#am-${relation})"/>`,
      ],
    })),
    ...sampleIf(boxes.some(({ kind }) => kind === "one of"), "one of: each removes the others", "box one-of"),
    ...sampleIf(boxes.some(({ title }) => title === "each of"), "each of: arrows are for each", "box alike"),
    ...sampleIf(states.some(({ tick }) => tick !== undefined), "active; the number is the tick", "state active"),
    ...sampleIf(states.some(({ isMissing }) => isMissing), "not in the schema", "state missing"),
    ...otherGroups.map((group) => ({ text: noteOf(group), width: 0, draw: () => [] })),
  ];
}

function sampleIf(isThere: boolean, text: string, style: string): Sample[] {
  if (!isThere) return [];
  const draw = ({ x, y }: Point) => [
    `<g class="${style}"><rect x="${x}" y="${y - 7}" width="20" height="14" rx="4"/></g>`,
  ];
  return [{ text, width: 28, draw }];
}
