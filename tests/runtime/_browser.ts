/**
 * Runs a page of tests in a headless Chromium. The page posts its outcome itself, so that nothing has to drive the browser.
 *
 * @module
 */
import { ROOT, run, versionOf } from "./_command.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];
const LIMIT_MS = 300_000;
const HTML = '<!doctype html><meta charset="utf-8"><title>Tests</title><script type="module" src="/page.js"></script>';
const FLAGS = [
  "--headless",
  "--no-sandbox", // root has none
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Find the first browser that is installed. */
export async function findBrowser(): Promise<{ path: string; version: string } | undefined> {
  for (const path of NAMES) {
    const version = await versionOf(path, "--no-sandbox");
    if (version !== undefined) return { path, version };
  }
  return undefined;
}

/** Bundle test files to one script for a page. */
export async function bundlePage(files: readonly string[], folder: string): Promise<string> {
  const page = new URL("_page.ts", import.meta.url).href;
  const entry = [
    ...files.map((path) => `import "file://${path}";`),
    `import { runPage } from "${page}";`,
    "await runPage();",
  ];
  await Deno.writeTextFile(`${folder}/entry.ts`, entry.join("\n"));
  const output = `${folder}/page.js`;
  const args = ["bundle", "--platform=browser", "--config=deno.json", `--output=${output}`, `${folder}/entry.ts`];
  const { success, text } = await run(Deno.execPath(), args);
  if (!success) throw new Error(`Cannot bundle the page: ${text}`);
  return await Deno.readTextFile(output);
}

/**
 * Open the page in a browser, and wait for what it posts.
 *
 * @param makeScript Gives the page's script, once its origin is known.
 * @returns The JSON of the outcome; an empty string when the browser ended, or five minutes passed, before it came.
 */
export async function runInBrowser(
  browser: string,
  makeScript: (origin: string) => string | Promise<string>,
  folder: string,
): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let script = "";
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => answer(request, script, resolve),
  );
  script = await makeScript(`http://127.0.0.1:${server.addr.port}`);
  const args = [...FLAGS, `--user-data-dir=${folder}/profile`, `http://127.0.0.1:${server.addr.port}/`];
  const child = new Deno.Command(browser, { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
  const timer = setTimeout(() => resolve(""), LIMIT_MS);
  child.status.then(() => resolve(""));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    try {
      child.kill();
    } catch {
      // it has ended already
    }
    await child.status;
    await server.shutdown();
    await removeProfile(`${folder}/profile`);
  }
}

/** Helpers of the browser may outlive it for a moment, and write. */
async function removeProfile(path: string): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    try {
      return await Deno.remove(path, { recursive: true });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

async function answer(request: Request, script: string, resolve: (outcome: string) => void): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === "/outcome") {
    resolve(await request.text());
    return new Response();
  }
  if (pathname === "/") return new Response(HTML, { headers: { "content-type": "text/html" } });
  if (pathname === "/page.js") return new Response(script, { headers: { "content-type": "text/javascript" } });
  // The bundle stands where vectors.ts thinks it stands itself.
  const [vectors] = /^\/vectors\/\w+\.json\.gz$/.exec(pathname) ?? [];
  if (vectors === undefined) return new Response(null, { status: 404 });
  return new Response(await Deno.readFile(new URL(`tests/conformance${vectors}`, ROOT)));
}
