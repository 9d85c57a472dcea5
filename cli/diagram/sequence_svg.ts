/**
 * The sequence of a transition as SVG.
 *
 * @module
 */
import { labelOf } from "./label.ts";
import type { Point } from "./geometry.ts";
import { drawPage, HEAD, MARGIN, round, SMALL_SIZE, STATE_HEIGHT, TEXT_SIZE, textAt, TITLE_SIZE } from "./page.ts";
import type { Sequence, SequenceLine } from "./sequence.ts";
import { measureText } from "./text_width.ts";
import { escapeXml } from "./xml.ts";

type Message = SequenceLine & { kind: "message" };

/** Space between neighbours at least, in pixels. */
const MIN_GAP = 110;
/** Height of a message. */
const MESSAGE_HEIGHT = 30;
/** Height of a message that one sends to itself. */
const LOOP_HEIGHT = 40;
/** How far that goes out. */
const LOOP_WIDTH = 34;
/** Height of a line of a note. */
const NOTE_LINE = 15;
/** Height of the name of a phase. */
const PHASE_HEIGHT = 34;
/** Space around texts. */
const INSET = 10;
/** Where the first line begins, below the title and the names. */
const TOP = 84;

/**
 * Draw a sequence as SVG.
 *
 * @param sequence The sequence.
 * @returns The SVG; equal sequences give equal bytes.
 */
export function drawSequenceSvg(sequence: Sequence): string {
  const { title, actors, lines } = sequence;
  const { xs, left, right } = placeActors(sequence);
  const content: string[] = [];
  let y = TOP;
  for (const line of lines) {
    content.push(...drawLine(line, y, xs, [left, right]));
    y += heightOf(line);
  }
  const bottom = y + 8;
  const shift = MARGIN - left;
  return drawPage({
    title,
    description: lines.map((line) => describeLine(line, actors)).join("; "),
    width: Math.max(right - left, measureText(labelOf(title), TITLE_SIZE)) + 2 * MARGIN,
    height: bottom + MARGIN,
    content: [
      textAt({ x: MARGIN, y: MARGIN + 14 }, labelOf(title), "title"),
      `<g transform="translate(${round(shift)} 0)">`,
      ...xs.map((x) => `<path class="life" d="M${round(x)} ${TOP - 6}V${bottom}"/>`),
      ...actors.flatMap((name, index) => drawActor(name, xs[index]!)),
      ...content,
      `</g>`,
    ],
  });
}

/** Places those that take part so that names, messages and notes have room. */
function placeActors({ actors, lines }: Sequence): { xs: number[]; left: number; right: number } {
  const halves = actors.map((name) => widthOfActor(name) / 2);
  const gaps = actors.slice(1).map((_, i) => Math.max(MIN_GAP, halves[i]! + halves[i + 1]! + 16));
  let left = halves[0]!, right = halves.at(-1)!;
  for (const line of lines) {
    if (line.kind === "phase") continue;
    const room = roomOf(line);
    if (line.kind === "message" && line.from !== line.to) {
      spread(gaps, Math.min(line.from, line.to), Math.max(line.from, line.to), room.right);
      continue;
    }
    const at = line.kind === "note" ? line.at : line.from;
    if (at === 0) left = Math.max(left, room.left);
    else gaps[at - 1] = Math.max(gaps[at - 1]!, room.left + 8);
    if (at === actors.length - 1) right = Math.max(right, room.right);
    else gaps[at] = Math.max(gaps[at]!, room.right + 8);
  }
  const xs = [0];
  for (const gap of gaps) xs.push(xs.at(-1)! + gap);
  return { xs, left: -left, right: xs.at(-1)! + right };
}

/** What a line takes at either side of where it is; of a message to another, all is at the right of the first. */
function roomOf(line: Exclude<SequenceLine, { kind: "phase" }>): { left: number; right: number } {
  if (line.kind === "note") {
    const half = widthOfNote(line.texts) / 2;
    return { left: half, right: half };
  }
  const width = measureText(labelOf(line.text), TEXT_SIZE) + 2 * INSET;
  return line.from === line.to ? { left: 0, right: LOOP_WIDTH + width } : { left: 0, right: width + HEAD };
}

/** Widen the gaps between two places until a text fits. */
function spread(gaps: number[], from: number, to: number, width: number): void {
  const now = gaps.slice(from, to).reduce((sum, gap) => sum + gap, 0);
  const more = Math.max(0, width - now) / (to - from);
  for (let i = from; i < to; i++) gaps[i] = gaps[i]! + more;
}

function widthOfActor(name: string): number {
  return measureText(labelOf(name), TEXT_SIZE) + 2 * INSET;
}

function widthOfNote(texts: readonly string[]): number {
  return Math.max(...texts.map((text) => measureText(labelOf(text), SMALL_SIZE))) + 2 * INSET;
}

function heightOf(line: SequenceLine): number {
  switch (line.kind) {
    case "phase":
      return PHASE_HEIGHT;
    case "note":
      return line.texts.length * NOTE_LINE + 24;
    case "message":
      return line.from === line.to ? LOOP_HEIGHT : MESSAGE_HEIGHT;
  }
}

function drawActor(name: string, x: number): string[] {
  const width = widthOfActor(name);
  const place = `x="${round(x - width / 2)}" y="${TOP - 6 - STATE_HEIGHT}" width="${width}" height="${STATE_HEIGHT}"`;
  const text = textAt({ x: x - width / 2 + INSET, y: TOP - 6 - STATE_HEIGHT / 2 + 4 }, labelOf(name), "name");
  return [`<g class="state"><title>${escapeXml(name)}</title><rect ${place} rx="6"/>${text}</g>`];
}

function drawLine(line: SequenceLine, y: number, xs: readonly number[], [left, right]: [number, number]): string[] {
  switch (line.kind) {
    case "phase": {
      const middle = y + PHASE_HEIGHT / 2 + 4;
      const width = measureText(line.text, SMALL_SIZE);
      return [
        `<path class="phase" d="M${round(left)} ${middle}H${round(right)}"/>`,
        `<rect class="page" x="${round(left)}" y="${middle - 8}" width="${width + 8}" height="16"/>`,
        textAt({ x: left, y: middle + 4 }, line.text, "small"),
      ];
    }
    case "note":
      return drawNote(line.texts, { x: xs[line.at]!, y: y + 8 });
    case "message":
      return line.from === line.to ? drawLoop(line, y, xs[line.from]!) : drawMessage(line, y, xs);
  }
}

function drawNote(texts: readonly string[], { x, y }: Point): string[] {
  const width = widthOfNote(texts);
  const start = x - width / 2;
  return [
    `<rect class="box alike" x="${round(start)}" y="${y}" width="${width}" height="${
      texts.length * NOTE_LINE + 10
    }" rx="4"/>`,
    ...texts.map((text, i) => textAt({ x: start + INSET, y: y + 16 + i * NOTE_LINE }, labelOf(text), "small")),
  ];
}

function styleOf({ isReply, isBad }: Message): string {
  return `${isBad ? "fail" : "call"}${isReply ? " reply" : ""}`;
}

function headOf({ isBad }: Message): string {
  return `marker-end="url(#am-${isBad ? "fail" : "call"})"`;
}

function drawMessage(line: Message, y: number, xs: readonly number[]): string[] {
  const [from, to] = [xs[line.from]!, xs[line.to]!];
  const text = labelOf(line.text);
  const start = (from + to) / 2 - measureText(text, TEXT_SIZE) / 2;
  const end = to > from ? to - HEAD : to + HEAD;
  return [
    textAt({ x: start, y: y + 14 }, text, "name"),
    `<path class="arrow ${styleOf(line)}" d="M${round(from)} ${y + 22}H${round(end)}" ${headOf(line)}/>`,
  ];
}

function drawLoop(line: Message, y: number, x: number): string[] {
  const path = `M${round(x)} ${y + 12}h${LOOP_WIDTH}v16H${round(x + HEAD)}`;
  return [
    `<path class="arrow ${styleOf(line)}" d="${path}" ${headOf(line)}/>`,
    textAt({ x: x + LOOP_WIDTH + INSET, y: y + 24 }, labelOf(line.text), "name"),
  ];
}

function describeLine(line: SequenceLine, actors: readonly string[]): string {
  switch (line.kind) {
    case "phase":
      return line.text;
    case "note":
      return line.texts.join(", ");
    case "message":
      return `${actors[line.from]} to ${actors[line.to]}: ${line.text}`;
  }
}
