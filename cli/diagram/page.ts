/**
 * What all drawings share: the page, its colours for light and dark, its fonts and the heads of arrows.
 *
 * @module
 */
import { FONTS } from "./text_width.ts";
import type { Point, Size } from "./geometry.ts";
import { escapeXml } from "./xml.ts";

/** Space around a drawing, in pixels. */
export const MARGIN = 20;

/** Height of a state, in pixels. */
export const STATE_HEIGHT = 26;

/** Length of what an arrow ends in, in pixels. */
export const HEAD = 8;

/** Size of the font of the title, in pixels. */
export const TITLE_SIZE = 15;

/** Size of the font of names, in pixels. */
export const TEXT_SIZE = 12;

/** Size of the font of everything beside names, in pixels. */
export const SMALL_SIZE = 10;

/** A drawing. */
export interface Page extends Size {
  /** What it is. */
  readonly title: string;
  /** What it shows, for those who do not see it. */
  readonly description: string;
  /** Elements, one a line. */
  readonly content: readonly string[];
}

/** Colours that can be told apart by most eyes; the shapes of heads and lines say the same. */
export const LIGHT: Readonly<Record<string, string>> = {
  page: "#ffffff",
  ink: "#1f2937",
  dim: "#5b6472",
  state: "#ffffff",
  edge: "#8b95a5",
  box: "#f4f6f8",
  frame: "#c3cad3",
  active: "#6d28d9",
  "on-active": "#ffffff",
  require: "#2563eb",
  add: "#15803d",
  remove: "#dc2626",
  after: "#a16207",
};

const DARK: Readonly<Record<string, string>> = {
  page: "#0d1117",
  ink: "#e6edf3",
  dim: "#9aa4af",
  state: "#0d1117",
  edge: "#6e7681",
  box: "#161b22",
  frame: "#3d444d",
  active: "#8957e5",
  "on-active": "#ffffff",
  require: "#58a6ff",
  add: "#3fb950",
  remove: "#f85149",
  after: "#d29922",
};

/** Write a page as SVG. */
export function drawPage({ title, description, width, height, content }: Page): string {
  const [right, bottom] = [Math.ceil(width), Math.ceil(height)];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${right} ${bottom}" width="${right}" height="${bottom}" class="am" role="img" aria-labelledby="am-title am-description">`,
    `<title id="am-title">${escapeXml(title)}</title>`,
    `<desc id="am-description">${escapeXml(description)}</desc>`,
    `<style>${STYLE}</style>`,
    `<defs>`,
    ...drawHeads(content),
    `</defs>`,
    `<rect class="page" width="${right}" height="${bottom}" rx="8"/>`,
    ...content,
    `</svg>`,
    "",
  ].join("\n");
}

/** Write a text; what it says is escaped. */
export function textAt({ x, y }: Point, text: string, style: string): string {
  return `<text class="${style}" x="${round(x)}" y="${round(y)}">${escapeXml(text)}</text>`;
}

/** A tenth of a pixel is fine enough; `-0` is 0. */
export function round(value: number): number {
  return Math.round(value * 10) / 10 + 0;
}

function toVariables(colors: Readonly<Record<string, string>>): string {
  return Object.entries(colors).map(([name, color]) => `--${name}:${color}`).join(";");
}

/** In a page that takes the drawing in, it styles nothing else. */
const STYLE = `
.am{${toVariables(LIGHT)};font:${TEXT_SIZE}px ${FONTS}}
@media (prefers-color-scheme:dark){.am{${toVariables(DARK)}}}
.am .page{fill:var(--page)}
.am text{fill:var(--ink);white-space:pre}
.am .title{font-size:${TITLE_SIZE}px;font-weight:bold}
.am .small,.am .mark{font-size:${SMALL_SIZE}px;fill:var(--dim)}
.am .state rect{fill:var(--state);stroke:var(--edge)}
.am .active rect{fill:var(--active);stroke:var(--active)}
.am .active text{fill:var(--on-active)}
.am .missing rect{stroke:var(--remove);stroke-dasharray:4 3}
.am .box,.am .box rect{fill:var(--box);stroke:var(--frame)}
.am .one-of,.am .one-of rect{stroke:var(--remove);stroke-opacity:.55}
.am .frame{fill:none;stroke-dasharray:2 3;stroke:var(--edge)}
.am .arrow{fill:none;stroke-width:1.5}
.am .arrow.require{stroke:var(--require)}
.am .arrow.add{stroke:var(--add);stroke-dasharray:7 3}
.am .arrow.remove{stroke:var(--remove)}
.am .arrow.after{stroke:var(--after);stroke-dasharray:2 3}
.am .arrow.call{stroke:var(--ink)}
.am .arrow.fail{stroke:var(--remove)}
.am .arrow.reply{stroke-dasharray:5 3}
.am .life,.am .phase{fill:none;stroke:var(--frame)}
.am .life{stroke-dasharray:2 3}
.am marker path{stroke-width:1.5;stroke-linejoin:round}
#am-require path{fill:var(--require);stroke:none}
#am-add path{fill:none;stroke:var(--add)}
#am-remove path{fill:none;stroke:var(--remove)}
#am-after path{fill:var(--page);stroke:var(--after)}
#am-call path{fill:var(--ink);stroke:none}
#am-fail path{fill:none;stroke:var(--remove)}
`;

/** What arrows end in, from where the line ends. */
const HEADS: Readonly<Record<string, string>> = {
  require: "M0 1.5L8 5L0 8.5z",
  add: "M0 5H7M2.5 1.5L7.5 5L2.5 8.5",
  remove: "M0 5H7M6.5 0.5V9.5",
  after: "M1 5L4.5 2L7.5 5L4.5 8z",
  call: "M0 1.5L8 5L0 8.5z",
  fail: "M0 5H4M1 2L7 8M1 8L7 2",
};

/** The heads that a drawing uses. */
function drawHeads(content: readonly string[]): string[] {
  return Object.entries(HEADS).filter(([name]) => content.some((line) => line.includes(`url(#am-${name})`))).map((
    [name, path],
  ) =>
    `<marker id="am-${name}" viewBox="0 0 9 10" refX="0" refY="5" markerWidth="9" markerHeight="10" markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="${path}"/></marker>`
  );
}
