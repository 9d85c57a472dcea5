/**
 * Draws W6: the cost of a mutation against the number of states, on logarithmic axes.
 *
 * @module
 */

import { OTHERS, scaleRow, SIZES } from "./_cells.ts";
import type { Samples } from "./_measure.ts";
import { SYSTEMS } from "./_systems/mod.ts";

interface Line {
  readonly label: string;
  readonly color: string;
  readonly isDashed: boolean;
  readonly isBold: boolean;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Powers of ten, in nanoseconds. */
interface Decades {
  readonly lowest: number;
  readonly highest: number;
}

/** Colors that can be told apart on white and on black. */
const COLORS: Readonly<Record<string, string>> = {
  "this package": "#1f7ae0",
  "TS original": "#d9681d",
  "XState": "#9a5fd6",
  "robot3": "#2a9d55",
  "jssm": "#8a8f98",
};

const [WIDTH, HEIGHT] = [780, 470];
const PLOT = { left: 64, right: 552, top: 42, bottom: 420 } as const;
const LABEL_HEIGHT = 17;

/** Draw the medians of W6 as an SVG. */
export function drawScale(samples: Samples): string {
  const decades = findDecades(samples);
  const lines = toLines(samples, decades);
  const labels = spread(lines.map(({ points }) => points.at(-1)![1]));
  const grid: string[] = [];
  for (let power = decades.lowest; power <= decades.highest; power++) {
    const y = toY(10 ** power, decades);
    grid.push(
      `<path class="grid" d="M${PLOT.left} ${y}H${PLOT.right}"/>`,
      text(PLOT.left - 8, y + 4, nameOf(power), "end"),
    );
  }
  for (const size of SIZES) {
    const x = toX(size);
    grid.push(
      `<path class="grid" d="M${x} ${PLOT.top}V${PLOT.bottom}"/>`,
      text(x, PLOT.bottom + 18, `${size}`, "middle"),
    );
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img">
  <title>Cost of a mutation against the number of states</title>
  <style>
    text { font: 13px system-ui, sans-serif; fill: #3d444d; }
    .title { font-size: 15px; }
    .title, .bold { font-weight: 600; }
    .grid { stroke: #8a8f98; stroke-opacity: 0.3; }
    .line { fill: none; stroke-linejoin: round; }
    @media (prefers-color-scheme: dark) { text { fill: #d1d7e0; } }
  </style>
  ${text(PLOT.left, 22, "Time per mutation: a toggle of two states among others", "start", "title")}
  ${grid.join("\n  ")}
  ${text((PLOT.left + PLOT.right) / 2, PLOT.bottom + 40, "states of the machine", "middle")}
  ${lines.map((line, i) => drawLine(line, labels[i]!)).join("\n  ")}
</svg>
`;
}

function toLines(samples: Samples, decades: Decades): Line[] {
  return SYSTEMS.flatMap(({ name }) =>
    OTHERS.flatMap((others): Line[] => {
      const points = SIZES.flatMap((size) => {
        const cost = samples.median(scaleRow(size, others), name);
        return cost === undefined ? [] : [[toX(size), toY(cost, decades)] as const];
      });
      if (points.length === 0) return [];
      const color = COLORS[name]!;
      return [{
        label: `${name}, ${others}`,
        color,
        isDashed: others === "inactive",
        isBold: name === "this package",
        points,
      }];
    })
  );
}

function drawLine({ color, isDashed, isBold, points, label }: Line, labelY: number): string {
  const [x, y] = points.at(-1)!;
  const stroke = `stroke="${color}" stroke-width="${isBold ? 3.5 : 2}"${isDashed ? ' stroke-dasharray="6 4"' : ""}`;
  return [
    `<path class="line" d="M${points.map((point) => point.join(" ")).join("L")}" ${stroke}/>`,
    `<path class="line" d="M${x + 3} ${y}L${x + 16} ${labelY}" stroke="${color}" stroke-opacity="0.6"/>`,
    text(x + 20, labelY + 4, label, "start", isBold ? "bold" : undefined),
  ].join("\n  ");
}

/** Moves labels apart that would overlap, as little as is needed, and keeps them in the order of what they label. */
function spread(heights: readonly number[]): number[] {
  const order = heights.map((_, i) => i).sort((a, b) => heights[a]! - heights[b]!);
  const placed = [...heights];
  for (let round = 0; round < 100; round++) {
    for (let i = 1; i < order.length; i++) {
      const [above, below] = [order[i - 1]!, order[i]!];
      const overlap = LABEL_HEIGHT - (placed[below]! - placed[above]!);
      if (overlap <= 0) continue;
      placed[above]! -= overlap / 2;
      placed[below]! += overlap / 2;
    }
  }
  return placed.map(round);
}

function findDecades(samples: Samples): Decades {
  const rows = OTHERS.flatMap((others) => SIZES.map((size) => scaleRow(size, others)));
  const costs = rows.flatMap((row) => SYSTEMS.flatMap(({ name }) => samples.median(row, name) ?? []));
  return {
    lowest: Math.floor(Math.log10(Math.min(...costs))),
    highest: Math.ceil(Math.log10(Math.max(...costs))),
  };
}

function toX(size: number): number {
  const [low, high] = [Math.log(SIZES[0]!), Math.log(SIZES.at(-1)!)];
  return round(PLOT.left + (Math.log(size) - low) / (high - low) * (PLOT.right - PLOT.left));
}

function toY(nanoseconds: number, { lowest, highest }: Decades): number {
  const share = (Math.log10(nanoseconds) - lowest) / (highest - lowest);
  return round(PLOT.bottom - share * (PLOT.bottom - PLOT.top));
}

function nameOf(power: number): string {
  const unit = ["ns", "µs", "ms", "s"][Math.floor(power / 3)]!;
  return `${10 ** (power % 3)} ${unit}`;
}

function text(x: number, y: number, content: string, anchor: string, className?: string): string {
  return `<text x="${x}" y="${round(y)}" text-anchor="${anchor}"${
    className ? ` class="${className}"` : ""
  }>${content}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
