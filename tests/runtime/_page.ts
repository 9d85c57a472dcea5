/**
 * Runs the listed tests in a page and posts what came of them to the page's server.
 *
 * @module
 */
import { runListed } from "./_list.ts";

/** Run the tests that the page has loaded. */
export async function runPage(): Promise<void> {
  const unhandled: unknown[] = [];
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    unhandled.push(event.reason);
  });
  const outcome = await runListed(() => unhandled.splice(0));
  await fetch("/outcome", { method: "POST", body: JSON.stringify(outcome) });
}
