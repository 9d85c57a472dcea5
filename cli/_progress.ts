import type { Output } from "./_context.ts";
import { cutText } from "./_width.ts";

/** Shows how far something is, until it is disposed. */
export interface Progress extends Disposable {
  /** Tell how much of how much is done. */
  report(done: number, total: number): void;
  /** Tell how far something is that has no end. */
  tell(text: string): void;
}

/** The parts of a spinner that are used. */
interface Spinner {
  text: string;
  stop(): unknown;
}

/** How long something may take before it shows how far it is. */
const PATIENCE_MS = 1_000;

const REDRAW_MS = 100;

/**
 * Begin something that may last. When it takes longer than a second, and the output is a terminal, a bar shows how far it is.
 *
 * @param title What is done: `Verifying`.
 * @param output Where it is shown: standard error, as standard output is for what was asked for.
 */
export function startProgress(title: string, output: Output): Progress {
  const startedAt = performance.now();
  let spinner: Spinner | undefined, isAsked = false, isOver = false, drawnAt = 0;
  const show = async () => {
    isAsked = true;
    try { // loaded for those who wait: most commands are done before, or show it to nobody
      const { default: ora } = await import("ora");
      if (!isOver) spinner = ora({ text: title, discardStdin: false }).start();
    } catch {
      // Without the permission to look at the terminal's variables there is no bar, and no harm done.
    }
  };
  const draw = (format: (elapsedMs: number, columns: number) => string) => {
    const now = performance.now();
    const { columns } = output;
    if (columns === undefined || now - startedAt < PATIENCE_MS) return;
    if (!isAsked) void show();
    if (spinner === undefined || now - drawnAt < REDRAW_MS) return;
    drawnAt = now;
    spinner.text = format(now - startedAt, columns - 2);
  };
  return {
    report: (done, total) => draw((elapsedMs, columns) => formatProgress(title, done, total, elapsedMs, columns)),
    tell: (text) => draw((_, columns) => cutText(`${title} ${text}`, Math.max(0, columns))),
    [Symbol.dispose]() {
      isOver = true;
      spinner?.stop();
    },
  };
}

/** Show how far something is: `Verifying ████░░░░ 50 % 12 s left`. */
export function formatProgress(
  title: string,
  done: number,
  total: number,
  elapsedMs: number,
  columns: number,
): string {
  const part = total === 0 ? 1 : Math.min(1, done / total);
  const left = part === 0 ? "" : ` ${Math.ceil(elapsedMs * (1 - part) / part / 1_000)} s left`;
  const numbers = `${String(Math.floor(part * 100)).padStart(3)} %${left}`;
  const room = Math.min(40, columns - title.length - numbers.length - 2);
  if (room < 8) return cutText(`${title} ${numbers}`, Math.max(0, columns));
  const full = Math.round(room * part);
  return `${title} ${"█".repeat(full)}${"░".repeat(room - full)} ${numbers}`;
}
